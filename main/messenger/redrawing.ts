import { randomUUID } from 'node:crypto'
import { MAX_DRAWN_BYTES, SHOWN_SIDE } from '../../shared/model/limits.ts'
import type { PictureFile } from '../../shared/model/picture.ts'
import { readPicture } from '../pictures/picture-header.ts'

export interface RedrawingOptions {
  readonly push: (id: string, picture: PictureFile) => void
}

interface Waiting {
  readonly picture: PictureFile
  readonly settle: (drawn: Uint8Array | undefined) => void
  /** The end of the window's time, once it was asked. */
  timer: NodeJS.Timeout | undefined
}

/** How long the window may take for one. */
const PATIENCE_MS = 30_000

/**
 * Has pictures of others drawn by the window, whose sandbox is the only place where one is decoded; what comes back is a small
 * PNG of its own, and the only thing that is kept and shown. While there is no window they wait.
 */
export class Redrawing {
  readonly #options: RedrawingOptions
  readonly #waiting = new Map<string, Waiting>()
  #isOpen = false

  constructor(options: RedrawingOptions) {
    this.#options = options
  }

  /** Resolves with a PNG of `SHOWN_SIDE`, or undefined for what cannot be drawn. Never rejects. */
  draw(picture: PictureFile): Promise<Uint8Array | undefined> {
    const { promise, resolve } = Promise.withResolvers<Uint8Array | undefined>()
    const id = randomUUID()
    this.#waiting.set(id, { picture, settle: resolve, timer: undefined })
    if (this.#isOpen) this.#ask(id)
    return promise
  }

  /** The window's answer. One that nobody waits for, or that is not what was asked for, counts as none. */
  drawn(id: string, bytes: Uint8Array | null): void {
    this.#settle(id, bytes === null || !isAsAsked(bytes) ? undefined : bytes)
  }

  /** The window has loaded. */
  open(): void {
    this.#isOpen = true
    for (const id of this.#waiting.keys()) this.#ask(id)
  }

  /** The window is gone, maybe because of a picture that it was asked to draw: those are not tried again. */
  close(): void {
    this.#isOpen = false
    for (const [id, { timer }] of this.#waiting) if (timer !== undefined) this.#settle(id, undefined)
  }

  #ask(id: string): void {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined || waiting.timer !== undefined) return
    waiting.timer = setTimeout(() => this.#settle(id, undefined), PATIENCE_MS).unref()
    this.#options.push(id, waiting.picture)
  }

  #settle(id: string, drawn: Uint8Array | undefined): void {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return
    this.#waiting.delete(id)
    clearTimeout(waiting.timer)
    waiting.settle(drawn)
  }
}

function isAsAsked(bytes: Uint8Array): boolean {
  const picture = readPicture(bytes, { type: 'image/png', maxPixels: SHOWN_SIDE ** 2 })
  return picture?.width === SHOWN_SIDE && picture.height === SHOWN_SIDE && bytes.length <= MAX_DRAWN_BYTES
}
