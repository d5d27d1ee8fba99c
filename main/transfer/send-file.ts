import type { Duplex } from 'node:stream'
import { Failure } from '../../shared/model/failure.ts'
import { readFailure } from './disk-failure.ts'
import { type DiskPool, sharedDisk } from './disk-pool.ts'
import { Interruption } from './interruption.ts'
import { changedFailure, type OpenSource } from './open-source.ts'
import { Outlet } from './outlet.ts'
import { lostConnection, whenStreamFails } from './stream-failure.ts'

export { type OpenSource, openSource } from './open-source.ts'

export interface SendOptions {
  /** Where in the file to begin, in bytes. */
  readonly offset?: number
  /** How many bytes; to the end where it is left out. */
  readonly length?: number
  readonly signal: AbortSignal
  /** The bytes of this sending that the kernel has taken so far; called often, so it should be cheap. */
  readonly onProgress?: (bytes: number) => void
  readonly disk?: DiskPool
}

export interface Sent {
  /** How many were sent. */
  readonly bytes: number
  /** Of the file from its first byte to the last one that was sent, lower-case hex. */
  readonly sha256: string
}

/**
 * Sends exactly these bytes, and resolves when the kernel has taken the last one. The stream is neither
 * ended nor destroyed: that is the caller's, as is an `error` listener for the time before and after.
 *
 * What is written is shared memory, as `Outlet` says: a stream that keeps it has to copy.
 *
 * Fails with `file-changed` before the last chunk has left, so that the peer never gets a whole file of two
 * halves; with `file-unreadable`, `connection-lost`, or the signal's reason.
 */
export async function sendFile(source: OpenSource, out: Duplex, options: SendOptions): Promise<Sent> {
  const { offset = 0, signal, disk = sharedDisk } = options
  const length = options.length ?? source.size - offset
  const end = offset + length
  if (![offset, length].every(Number.isSafeInteger) || offset < 0 || length < 0 || end > source.size) {
    throw new Failure('bug', `bug: ${length} bytes from ${offset} on are not within ${source.size}`)
  }
  const interruption = new Interruption(signal)
  await using cleanUp = new AsyncDisposableStack()
  cleanUp.defer(() => interruption.dispose())
  cleanUp.defer(whenStreamFails(out, failure => interruption.interrupt(failure)))
  const held = source.hold()
  cleanUp.defer(() => held.release())
  const buffers = disk.lend(length)
  const outlet = new Outlet(out, buffers, interruption)
  cleanUp.defer(() => disk.takeBack(buffers, outlet.reusable))
  const job = disk.open()
  cleanUp.defer(() => job.close())
  try {
    if (out.destroyed) throw lostConnection(out.errored)
    let readTo = offset
    const fill = (buffer: Uint8Array): Promise<number> | undefined => {
      if (readTo === end) return undefined
      const bytes = Math.min(buffer.length, end - readTo)
      const position = readTo
      readTo += bytes
      return read(position, buffer, bytes)
    }
    const read = async (position: number, buffer: Uint8Array, bytes: number): Promise<number> => {
      if ((await job.read(held.fd, buffer, bytes, position)) < bytes) throw changedFailure(source.path)
      if (position + bytes === end) await source.checkUnchanged()
      return bytes
    }

    // Only to learn of an abort before the first byte, and to see a changed empty file.
    await interruption.wait(source.checkUnchanged())
    // What the other side has already belongs to the digest, too.
    const [first] = buffers
    for (let position = 0; first !== undefined && position < offset; position += first.length) {
      await interruption.wait(read(position, first, Math.min(first.length, offset - position)))
    }
    await outlet.pour(fill, options.onProgress)
    const { sha256 } = await interruption.wait(job.digest())
    return { bytes: length, sha256 }
  } catch (error) {
    throw readFailure(error, source.path)
  }
}
