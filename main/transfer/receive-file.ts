import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import { writeFailure } from './disk-failure.ts'
import { type DiskPool, sharedDisk } from './disk-pool.ts'
import type { Digests } from './disk-worker.ts'
import { Intake, type IntakeOwner } from './intake.ts'
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
  const arrival = new Arrival(input, buffers, options, fail, async (buffer, length, position) => {
    await job.write(held.fd, buffer, length, position)
    partial.wrote(length)
  })
  // What arrived whole is whole, however the connection ends afterwards.
  cleanUp.defer(whenStreamFails(input, failure => arrival.complete || fail(failure)))
  cleanUp.defer(() => arrival.abandon())
  try {
    await interruption.wait(arrival.run())
    const digests = await interruption.wait(job.digest())
    if (options.md5 !== undefined && options.md5.toLowerCase() !== digests.md5) {
      throw new Failure('checksum-mismatch', say('file.damaged', { name: partial.name }))
    }
    return { bytes: arrival.received, ...digests }
  } catch (error) {
    throw writeFailure(error, join(partial.directory, partial.name))
  }
}

/** Counts what arrives, and says when it is all. */
class Arrival implements IntakeOwner {
  received = 0
  complete = false
  readonly #input: Duplex
  readonly #size: number | undefined
  readonly #most: number
  readonly #onProgress: ((bytes: number) => void) | undefined
  readonly #fail: (failure: Failure) => void
  readonly #write: (buffer: Uint8Array, length: number, position: number) => Promise<void>
  readonly #intake: Intake
  #handedOn = 0
  readonly #done = Promise.withResolvers<void>()

  constructor(
    input: Duplex,
    buffers: readonly Uint8Array[],
    options: ReceiveOptions,
    fail: (failure: Failure) => void,
    write: (buffer: Uint8Array, length: number, position: number) => Promise<void>,
  ) {
    this.#input = input
    this.#size = options.size
    this.#most = options.size ?? options.limit ?? Number.MAX_SAFE_INTEGER
    this.#onProgress = options.onProgress
    this.#fail = fail
    this.#write = write
    this.#intake = new Intake(input, buffers, this)
    // A wait that was cut short leaves nobody to hear of it.
    this.#done.promise.catch(() => {})
  }

  /** Resolves when everything has arrived and is written. */
  run(): Promise<void> {
    const input = this.#input
    if (this.#size === 0) this.#arrived()
    else if (input.readableEnded) this.ended()
    else if (input.destroyed) this.#fail(lostConnection(input.errored))
    else this.#intake.start()
    return this.#done.promise
  }

  /** Nothing is asked of the disk any more: its file may be closed next. */
  abandon(): void {
    this.#intake.abandon()
  }

  accept(bytes: number): boolean {
    this.received += bytes
    if (this.received <= this.#most) return true
    this.#surplus()
    return false
  }

  took(): void {
    this.#onProgress?.(this.received)
    if (this.received === this.#size) this.#arrived()
  }

  ended(): void {
    if (this.#size === undefined) {
      this.#arrived()
      return
    }
    this.#fail(
      new Failure('incomplete', say('peer.ended-early', { received: this.received, size: this.#size })),
    )
    this.abandon()
  }

  consume(buffer: Uint8Array, length: number): Promise<void> {
    const position = this.#handedOn
    this.#handedOn += length
    return this.#write(buffer, length, position)
  }

  failed(error: unknown): void {
    this.#done.reject(error)
  }

  /** Everything is here, though perhaps not written. */
  #arrived(): void {
    this.#intake.stop()
    // Read but not yet delivered: not ours any more, and not anybody's.
    if (this.#size !== undefined && this.#input.readableLength > 0) {
      this.#surplus()
      return
    }
    this.complete = true
    this.#intake.flush().then(this.#done.resolve, this.#done.reject)
  }

  #surplus(): void {
    this.#fail(new Failure('too-many-bytes', say('peer.sent-more-than-agreed', { limit: this.#most })))
    this.abandon()
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
    const onData = (): void => settle(() => reject(new Failure('too-many-bytes', say('peer.sent-more'))))
    const timer = setTimeout(() => settle(() => resolve('silent')), graceMs)
    input.on('error', onEnd)
    if (signal.aborted) return onAbort()
    if (input.readableEnded || input.destroyed) return onEnd()
    signal.addEventListener('abort', onAbort)
    input.on('data', onData).on('end', onEnd).on('close', onEnd)
    input.resume()
  })
}
