import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Redrawing } from '../../main/messenger/redrawing.ts'
import { GIF, JPEG, paintedPng } from '../support/pictures.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const PICTURE = { type: 'image/jpeg', bytes: JPEG } as const
const DRAWN = paintedPng(96, 96)

function create() {
  const asked: string[] = []
  const redrawing = new Redrawing({ push: id => asked.push(id) })
  /** The window's answer to the picture that it was asked for last. */
  const answer = (bytes: Uint8Array | null): void => redrawing.drawn(asked.at(-1) ?? '', bytes)
  return { redrawing, asked, answer }
}

describe('a picture', () => {
  test('is what the window makes of it', async () => {
    const { redrawing, answer } = create()
    redrawing.open()
    const drawing = redrawing.draw(PICTURE)
    answer(DRAWN)
    expect(await drawing).toBe(DRAWN)
  })

  test.each([
    ['nothing, since it cannot be decoded', null],
    ['the same picture', JPEG],
    ['a GIF', GIF],
    ['a smaller PNG', paintedPng(95, 95)],
    ['a wider PNG', paintedPng(97, 96)],
    ['half a header', DRAWN.subarray(0, 20)],
    ['more bytes than it can need', Buffer.concat([DRAWN, Buffer.alloc(64 * 1024)])],
  ])('of which the window makes %s is none', async (_, bytes) => {
    const { redrawing, answer } = create()
    redrawing.open()
    const drawing = redrawing.draw(PICTURE)
    answer(bytes)
    expect(await drawing).toBeUndefined()
  })

  test('waits for a window, and is asked for once', async () => {
    const { redrawing, asked, answer } = create()
    const drawing = redrawing.draw(PICTURE)
    vi.advanceTimersByTime(3_600_000)
    expect(asked).toEqual([])
    redrawing.open()
    redrawing.open()
    expect(asked).toHaveLength(1)
    answer(DRAWN)
    expect(await drawing).toBe(DRAWN)
  })

  test('that may have crashed the window is not tried again', async () => {
    const { redrawing, asked } = create()
    redrawing.open()
    const drawing = redrawing.draw(PICTURE)
    redrawing.close()
    const later = redrawing.draw(PICTURE)
    redrawing.open()
    expect(await drawing).toBeUndefined()
    expect(asked).toHaveLength(2)
    redrawing.drawn(asked[1] ?? '', DRAWN)
    expect(await later).toBe(DRAWN)
  })

  test('that the window says nothing of is given up, and a later answer is nobody’s', async () => {
    const { redrawing, answer } = create()
    redrawing.open()
    const drawing = redrawing.draw(PICTURE)
    vi.advanceTimersByTime(30_000)
    answer(DRAWN)
    redrawing.drawn('unknown', DRAWN)
    expect(await drawing).toBeUndefined()
  })
})
