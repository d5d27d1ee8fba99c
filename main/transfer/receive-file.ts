import { Socket } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { Failure } from '../../shared/model/failure.ts'
import { writeFailure } from './disk-failure.ts'
import { type DiskPool, sharedDisk } from './disk-pool.ts'
import type { Digests } from './disk-worker.ts'
import { abortFailure, Interruption } from './interruption.ts'
import type { PartialFile } from './partial-file.ts'
import { lostConnection, whenStreamFails } from './stream-failure.ts'

export interface ReceiveOptions {
  /** How many bytes were offered; `undefined` takes what comes until the peer ends the stream. */
  readonly size: number | undefined
  /** With an unknown size: how many bytes are taken at most. */
  readonly limit?: number
  /** What the peer announced, in hex; fails with `checksum-mismatch` if the bytes give another one. */
  readonly md5?: string
  readonly signal: AbortSignal
  /** The bytes that have arrived so far; called for every arrival, so it should be cheap. */
  readonly onProgress?: (bytes: number) => void
  readonly disk?: DiskPool
}

export interface Received extends Digests {
  readonly bytes: number
}

/**
 * Takes exactly `size` bytes from the stream into the partial file, and resolves when all are written. The
 * stream may be paused and may have bytes waiting; it is left paused, neither ended nor destroyed: that is the
 * caller's, as is an `error` listener for the time before and after. Bytes that were unshifted into a socket
 * become the receiver's: a buffer that was given as a whole is detached once it was copied.
 *
 * Fails with `incomplete` if the peer ends early, `too-many-bytes` (and writes none of the surplus) if more
 * than `size` came along, `connection-lost`, `checksum-mismatch`, `disk-full`, `cannot-write`, or the signal's
 * reason. Surplus that comes later is `expectEnd`'s to notice.
 */
export async function receiveFile(
  input: Duplex,
  partial: PartialFile,
  options: ReceiveOptions,
): Promise<Received> {
  const { size, signal, disk = sharedDisk } = options
  const interruption = new Interruption(signal)
  const fail = (failure: Failure): void => interruption.interrupt(failure)
  await using cleanUp = new AsyncDisposableStack()
  cleanUp.defer(() => interruption.dispose())
  const held = partial.hold()
  cleanUp.defer(() => held.release())
  const buffers = disk.lend(size)
  cleanUp.defer(() => disk.takeBack(buffers))
  const job = disk.open({ md5: options.md5 !== undefined })
  cleanUp.defer(() => job.close())
  const intake = new Intake(input, buffers, options, fail, async (buffer, length, position) => {
    await job.write(held.fd, buffer, length, position)
    partial.wrote(length)
  })
  // What arrived whole is whole, however the connection ends afterwards.
  cleanUp.defer(whenStreamFails(input, failure => intake.complete || fail(failure)))
  cleanUp.defer(() => intake.abandon())
  try {
    await interruption.wait(intake.run())
    const digests = await interruption.wait(job.digest())
    if (options.md5 !== undefined && options.md5.toLowerCase() !== digests.md5) {
      throw new Failure('checksum-mismatch', `${partial.name} arrived damaged: ask for it again.`)
    }
    return { bytes: intake.received, ...digests }
  } catch (error) {
    throw writeFailure(error, join(partial.directory, partial.name))
  }
}

/**
 * Gathers what arrives into large buffers and hands each on when it is full. With no buffer left it pauses the
 * stream, so that a slow disk slows the peer down instead of filling the memory.
 */
class Intake {
  received = 0
  complete = false
  readonly #input: Duplex
  readonly #size: number | undefined
  readonly #most: number
  readonly #onProgress: ((bytes: number) => void) | undefined
  readonly #fail: (failure: Failure) => void
  readonly #write: (buffer: Uint8Array, length: number, position: number) => Promise<void>
  readonly #free: Uint8Array[]
  #current: Uint8Array | undefined
  #filled = 0
  #written = 0
  #writing = 0
  /** What of the last arrival found no room. */
  #rest: Uint8Array | undefined
  #listening = false
  #abandoned = false
  readonly #done = Promise.withResolvers<void>()

  constructor(
    input: Duplex,
    buffers: readonly Uint8Array[],
    options: ReceiveOptions,
    fail: (failure: Failure) => void,
    write: (buffer: Uint8Array, length: number, position: number) => Promise<void>,
  ) {
    this.#input = input
    this.#free = [...buffers]
    this.#size = options.size
    this.#most = options.size ?? options.limit ?? Number.MAX_SAFE_INTEGER
    this.#onProgress = options.onProgress
    this.#fail = fail
    this.#write = write
    // A wait that was cut short leaves nobody to hear of it.
    this.#done.promise.catch(() => {})
  }

  /** Resolves when everything has arrived and is written. */
  run(): Promise<void> {
    const input = this.#input
    if (this.#size === 0) this.#arrived()
    else if (input.readableEnded) this.#ended()
    else if (input.destroyed) this.#fail(lostConnection(input.errored))
    else {
      this.#listening = true
      input.on('data', this.#took)
      input.on('end', this.#ended)
      input.resume()
    }
    return this.#done.promise
  }

  /** Nothing is asked of the disk any more: its file may be closed next. */
  abandon(): void {
    this.#abandoned = true
    this.#stopListening()
  }

  readonly #took = (chunk: Uint8Array): void => {
    // A paused stream may still deliver what it had already begun to deliver; it stays in order.
    const waiting = this.#rest
    this.received += chunk.length
    if (this.received > this.#most) {
      this.#surplus()
      return
    }
    this.#put(waiting === undefined ? chunk : Buffer.concat([waiting, chunk]))
    if (this.#rest === undefined) this.#letGo(chunk)
    this.#onProgress?.(this.received)
    if (this.received === this.#size) this.#arrived()
  }

  readonly #ended = (): void => {
    if (this.#size === undefined) {
      this.#arrived()
      return
    }
    this.#fail(
      new Failure('incomplete', `The peer ended after ${this.received} of ${this.#size} bytes: try again.`),
    )
    this.abandon()
  }

  /** Everything is here, though perhaps not written. */
  #arrived(): void {
    this.#stopListening()
    // Read but not yet delivered: not ours any more, and not anybody's.
    if (this.#size !== undefined && this.#input.readableLength > 0) {
      this.#surplus()
      return
    }
    this.complete = true
    this.#drain()
  }

  #surplus(): void {
    this.#fail(
      new Failure('too-many-bytes', `The peer sent more than the ${this.#most} bytes that were agreed on.`),
    )
    this.abandon()
  }

  #stopListening(): void {
    this.#listening = false
    this.#input.off('data', this.#took)
    this.#input.off('end', this.#ended)
    this.#input.pause()
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
  }

  #handOn(): void {
    const buffer = this.#current
    if (buffer === undefined || this.#filled === 0) return
    const [length, position] = [this.#filled, this.#written]
    this.#current = undefined
    this.#filled = 0
    this.#written += length
    this.#writing += 1
    this.#write(buffer, length, position).then(
      () => {
        this.#writing -= 1
        this.#free.push(buffer)
        this.#drain()
      },
      error => this.#done.reject(error),
    )
  }

  /** Room was made, or the last byte is here. */
  #drain(): void {
    if (this.#abandoned) return
    if (this.#rest !== undefined) this.#put(this.#rest)
    if (this.#rest !== undefined) return
    if (!this.complete) {
      if (this.#listening) this.#input.resume()
      return
    }
    this.#handOn()
    if (this.#writing === 0) this.#done.resolve()
  }
}

/**
 * Watches a stream whose file has arrived whole: `ended` when the peer closed its direction, `silent` when it
 * did not within the grace, which is no fault of its own. Any further byte fails with `too-many-bytes`. The
 * stream is left paused, neither ended nor destroyed.
 */
export function expectEnd(
  input: Duplex,
  { graceMs, signal }: { readonly graceMs: number; readonly signal: AbortSignal },
): Promise<'ended' | 'silent'> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      input.off('data', onData).off('end', onEnd).off('close', onEnd)
      input.pause()
      // An error comes together with its `close`, and once more would be one too many.
      setImmediate(() => input.off('error', onEnd))
      act()
    }
    const onAbort = (): void => settle(() => reject(abortFailure(signal)))
    const onEnd = (): void => settle(() => resolve('ended'))
    const onData = (): void =>
      settle(() => reject(new Failure('too-many-bytes', 'The peer sent more bytes than it had offered.')))
    const timer = setTimeout(() => settle(() => resolve('silent')), graceMs)
    input.on('error', onEnd)
    if (signal.aborted) return onAbort()
    if (input.readableEnded || input.destroyed) return onEnd()
    signal.addEventListener('abort', onAbort)
    input.on('data', onData).on('end', onEnd).on('close', onEnd)
    input.resume()
  })
}
