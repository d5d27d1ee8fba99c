import * as z from 'zod'
import { openVersioned } from '../store/versioned-file.ts'

interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const Place = z.strictObject({
  bounds: z
    .strictObject({ x: z.int(), y: z.int(), width: z.int().positive(), height: z.int().positive() })
    .nullable(),
  maximized: z.boolean(),
})
export type WindowPlace = z.infer<typeof Place>

export const MIN_WIDTH = 720
export const MIN_HEIGHT = 480
const DEFAULT_WIDTH = 1_180
const DEFAULT_HEIGHT = 760
/** So much of the title bar has to be on a display that the window can be moved. */
const MIN_VISIBLE = 80

/** Opens window.json in `folder`. */
export function openWindowPlace(folder: string): {
  readonly place: WindowPlace
  save(place: WindowPlace): void
} {
  const file = openVersioned<WindowPlace>({
    folder,
    name: 'window',
    what: 'window-place',
    schema: Place,
    migrations: [],
    initial: { bounds: null, maximized: false },
  })
  return {
    place: file.value,
    save(place) {
      try {
        file.save(place)
      } catch {
        // Where the disk takes nothing more, the window opens where it did last time.
      }
    },
  }
}

/** Where a window opens: as it was left, unless that is on no display any more. Without x and y: centred. */
export function placeOn(
  workAreas: readonly Rectangle[],
  { bounds }: WindowPlace,
): { readonly x?: number; readonly y?: number; readonly width: number; readonly height: number } {
  if (bounds === null) return { width: DEFAULT_WIDTH, height: DEFAULT_HEIGHT }
  const width = Math.max(bounds.width, MIN_WIDTH)
  const height = Math.max(bounds.height, MIN_HEIGHT)
  const reachable = workAreas.some(
    area =>
      bounds.x + width >= area.x + MIN_VISIBLE &&
      bounds.x <= area.x + area.width - MIN_VISIBLE &&
      bounds.y >= area.y &&
      bounds.y <= area.y + area.height - MIN_VISIBLE,
  )
  return reachable ? { x: bounds.x, y: bounds.y, width, height } : { width, height }
}
