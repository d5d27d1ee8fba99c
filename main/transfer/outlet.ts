import type { Duplex } from 'node:stream'
import type { Interruption } from './interruption.ts'
import { lostConnection } from './stream-failure.ts'

/**
 * What one write hands to the stream. A TLS stream encrypts a whole write into memory of its own before the
 * kernel gets the first byte, so this is memory too; larger ones were measured to be no faster.
 */
const WRITE_BYTES = 128 * 1024

/**
 * Writes buffers to a stream in the order in which they are filled; while one is written, all others are being
 * filled. They are shared memory that is filled again once the write's callback was called. Sockets are done with
 * it then; a stream that keeps it longer, as one in memory does, has to copy.
 */
export class Outlet {
  readonly #out: Duplex
  readonly #buffers: readonly Uint8Array[]
  readonly #interruption: Interruption
  readonly #beingWritten = new Set<Uint8Array>()

  constructor(out: Duplex, buffers: readonly Uint8Array[], interruption: Interruption) {
    this.#out = out
    this.#buffers = buffers
    this.#interruption = interruption
  }

  /** The buffers that the operating system is done with. */
  get reusable(): readonly Uint8Array[] {
    return this.#buffers.filter(buffer => !this.#beingWritten.has(buffer))
  }

  /**
   * Until `fill` gives no promise: its number is how many bytes it put into the buffer. `written` is called with the
   * sum of all bytes that the kernel has taken. After a failure, what `fill` began may still be under way.
   */
  async pour(
    fill: (buffer: Uint8Array) => Promise<number> | undefined,
    written?: (bytes: number) => void,
  ): Promise<void> {
    const free = [...this.#buffers]
    const ahead: { readonly buffer: Uint8Array; readonly filling: Promise<number> }[] = []
    const fillAhead = (): void => {
      for (let buffer = free.pop(); buffer !== undefined; buffer = free.pop()) {
        const filling = fill(buffer)
        if (filling === undefined) return
        // Nobody may be waiting for it any more when it fails.
        filling.catch(() => {})
        ahead.push({ buffer, filling })
      }
    }
    let sum = 0
    fillAhead()
    for (let next = ahead.shift(); next !== undefined; next = ahead.shift()) {
      const { buffer, filling } = next
      const length = await this.#interruption.wait(filling)
      this.#beingWritten.add(buffer)
      for (let from = 0; from < length; from += WRITE_BYTES) {
        const piece = buffer.subarray(from, Math.min(from + WRITE_BYTES, length))
        await this.#interruption.wait(write(this.#out, piece))
        sum += piece.length
        written?.(sum)
      }
      this.#beingWritten.delete(buffer)
      free.push(buffer)
      fillAhead()
    }
  }
}

/** Resolves when the kernel has taken it. */
export function write(out: Duplex, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    out.write(bytes, error => {
      if (error === undefined || error === null) resolve()
      else reject(lostConnection(out.errored ?? error))
    })
  })
}
