import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** Who takes what an `Intake` gathers. */
export interface IntakeOwner {
  /** So many bytes have arrived; `false` if they are not to be taken. */
  accept(bytes: number): boolean
  /** What was accepted last is taken. */
  took(): void
  /** The peer has closed its direction. */
  ended(): void
  /** Uses up the first `length` bytes of a buffer, which is filled again once the promise resolves. */
  consume(buffer: Uint8Array, length: number): Promise<void>
  /** `consume` rejected; nothing is taken any more. */
  failed(error: unknown): void
}

/**
 * Gathers what arrives into large buffers and hands each on when it is full, or after `flushMs` if nothing else is
 * being used up. With no buffer left it pauses the stream, so that a slow disk slows the peer down instead of
 * filling the memory.
 */
export class Intake {
  readonly #input: Duplex
  readonly #owner: IntakeOwner
  readonly #flushMs: number | undefined
  readonly #free: Uint8Array[]
  #current: Uint8Array | undefined
  #filled = 0
  #consuming = 0
  /** What of the last arrival found no room. */
  #rest: Uint8Array | undefined
  #listening = false
  #abandoned = false
  #flushTimer: NodeJS.Timeout | undefined
  #flushDue = false
  #flushed: PromiseWithResolvers<void> | undefined

  constructor(input: Duplex, buffers: readonly Uint8Array[], owner: IntakeOwner, flushMs?: number) {
    this.#input = input
    this.#free = [...buffers]
    this.#owner = owner
    this.#flushMs = flushMs
  }

  /** Whether it waits for the peer, and not for the disk. */
  get isHungry(): boolean {
    return this.#listening && this.#rest === undefined
  }

  start(): void {
    this.#listening = true
    this.#input.on('data', this.#took)
    this.#input.on('end', this.#ended)
    this.#input.resume()
  }

  /** Takes nothing more, and leaves the stream paused. */
  stop(): void {
    this.#listening = false
    this.#input.off('data', this.#took)
    this.#input.off('end', this.#ended)
    this.#input.pause()
  }

  /** Nothing is asked of the owner any more. */
  abandon(): void {
    this.#abandoned = true
    clearTimeout(this.#flushTimer)
    this.stop()
  }

  /** Resolves when all that was taken is used up, or never will be; rejects with what `consume` rejects with. */
  flush(): Promise<void> {
    if (this.#abandoned) return Promise.resolve()
    this.#flushed ??= Promise.withResolvers()
    const { promise } = this.#flushed
    this.#drain()
    return promise
  }

  /** Stops, and takes once more what the stream holds but will not deliver: it may be destroyed. */
  takeLeftovers(): void {
    this.stop()
    if (this.#abandoned) return
    for (let chunk = this.#input.read(); chunk !== null; chunk = this.#input.read()) this.#take(chunk)
  }

  readonly #took = (chunk: Uint8Array): void => {
    if (!this.#take(chunk)) return
    if (this.#rest === undefined) this.#letGo(chunk)
    this.#owner.took()
  }

  readonly #ended = (): void => this.#owner.ended()

  #take(chunk: Uint8Array): boolean {
    if (!this.#owner.accept(chunk.length)) return false
    // A paused stream may still deliver what it had already begun to deliver; it stays in order.
    this.#put(this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]))
    return true
  }

  /**
   * Frees what was copied at once. A socket gives every arrival memory of its own, and left to the garbage
   * collector some 60 MB of it lie about at any time. Only where nobody else can be looking at it.
   */
  #letGo(chunk: Uint8Array): void {
    const { buffer } = chunk
    if (!(this.#input instanceof Socket) || this.#input.listenerCount('data') > 1) return
    if (buffer instanceof ArrayBuffer && buffer.byteLength === chunk.byteLength) buffer.transfer(0)
  }

  #put(bytes: Uint8Array): void {
    let from = 0
    while (from < bytes.length) {
      this.#current ??= this.#free.pop()
      const buffer = this.#current
      if (buffer === undefined) {
        this.#rest = bytes.subarray(from)
        this.#input.pause()
        return
      }
      const length = Math.min(bytes.length - from, buffer.length - this.#filled)
      buffer.set(bytes.subarray(from, from + length), this.#filled)
      this.#filled += length
      from += length
      if (this.#filled === buffer.length) this.#handOn()
    }
    this.#rest = undefined
    if (this.#filled > 0 && this.#flushMs !== undefined) {
      this.#flushTimer ??= setTimeout(this.#flushSoon, this.#flushMs)
    }
  }

  readonly #flushSoon = (): void => {
    this.#flushTimer = undefined
    this.#flushDue = true
    this.#drain()
  }

  #handOn(): void {
    const buffer = this.#current
    if (buffer === undefined || this.#filled === 0) return
    const length = this.#filled
    this.#current = undefined
    this.#filled = 0
    this.#flushDue = false
    this.#consuming += 1
    this.#owner.consume(buffer, length).then(
      () => {
        this.#consuming -= 1
        this.#free.push(buffer)
        this.#drain()
      },
      error => {
        this.abandon()
        this.#flushed?.reject(error)
        this.#owner.failed(error)
      },
    )
  }

  /** Room was made, or what is here is wanted. */
  #drain(): void {
    if (this.#abandoned) return
    if (this.#rest !== undefined) this.#put(this.#rest)
    if (this.#rest !== undefined) return
    if (this.#listening) this.#input.resume()
    if (this.#flushed !== undefined || (this.#flushDue && this.#consuming === 0)) this.#handOn()
    if (this.#consuming > 0) return
    this.#flushed?.resolve()
    this.#flushed = undefined
  }
}
