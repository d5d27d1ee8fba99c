import type { Duplex } from 'node:stream'
import { Failure } from '../../shared/model/failure.ts'
import { readFailure } from './disk-failure.ts'
import { type DiskPool, sharedDisk } from './disk-pool.ts'
import { Interruption } from './interruption.ts'
import { changedFailure, type OpenSource } from './open-source.ts'
import { lostConnection, whenStreamFails } from './stream-failure.ts'

export { type OpenSource, openSource } from './open-source.ts'

export interface SendOptions {
  /** Where in the file to begin, in bytes. */
  readonly offset?: number
  readonly signal: AbortSignal
  /** The bytes of this sending that the kernel has taken so far; called often, so it should be cheap. */
  readonly onProgress?: (bytes: number) => void
  readonly disk?: DiskPool
}

export interface Sent {
  /** How many were sent: the size less the offset. */
  readonly bytes: number
  /** Of the bytes that were sent, lower-case hex. */
  readonly sha256: string
}

/**
 * What one write hands to the stream. A TLS stream encrypts a whole write into memory of its own before the
 * kernel gets the first byte, so this is memory too; larger ones were measured to be no faster.
 */
const WRITE_BYTES = 128 * 1024

/**
 * Sends exactly `size - offset` bytes, and resolves when the kernel has taken the last one. The stream is neither
 * ended nor destroyed: that is the caller's, as is an `error` listener for the time before and after.
 *
 * What is written is shared memory that is filled again once the write's callback was called. Sockets are done
 * with it then; a stream that keeps it longer, as one in memory does, has to copy.
 *
 * Fails with `file-changed` before the last chunk has left, so that the peer never gets a whole file of two
 * halves; with `file-unreadable`, `connection-lost`, or the signal's reason.
 */
export async function sendFile(source: OpenSource, out: Duplex, options: SendOptions): Promise<Sent> {
  const { offset = 0, signal, disk = sharedDisk } = options
  if (!Number.isSafeInteger(offset) || offset < 0 || offset > source.size) {
    throw new Failure('bug', `bug: offset ${offset} is not within ${source.size} bytes`)
  }
  const interruption = new Interruption(signal)
  await using cleanUp = new AsyncDisposableStack()
  cleanUp.defer(() => interruption.dispose())
  cleanUp.defer(whenStreamFails(out, failure => interruption.interrupt(failure)))
  const held = source.hold()
  cleanUp.defer(() => held.release())
  const buffers = disk.lend(source.size - offset)
  const beingWritten = new Set<Uint8Array>()
  cleanUp.defer(() => {
    const reusable = buffers.filter(buffer => !beingWritten.has(buffer))
    disk.takeBack(buffers, reusable)
  })
  const job = disk.open()
  cleanUp.defer(() => job.close())
  try {
    if (out.destroyed) throw lostConnection(out.errored)
    const free = [...buffers]
    const ahead: { readonly buffer: Uint8Array; readonly length: number; readonly read: Promise<number> }[] =
      []
    let readTo = offset
    let sent = 0
    const readAhead = (): void => {
      while (readTo < source.size) {
        const buffer = free.pop()
        if (buffer === undefined) return
        const length = Math.min(buffer.length, source.size - readTo)
        const read = job.read(held.fd, buffer, length, readTo)
        // Nobody may be waiting for it any more when it fails.
        read.catch(() => {})
        ahead.push({ buffer, length, read })
        readTo += length
      }
    }

    // Only to learn of an abort before the first byte, and to see a changed empty file.
    await interruption.wait(source.checkUnchanged())
    readAhead()
    for (let next = ahead.shift(); next !== undefined; next = ahead.shift()) {
      const { buffer, length, read } = next
      if ((await interruption.wait(read)) < length) throw changedFailure(source.path)
      if (sent + length === source.size - offset) await interruption.wait(source.checkUnchanged())
      beingWritten.add(buffer)
      for (let from = 0; from < length; from += WRITE_BYTES) {
        const piece = buffer.subarray(from, Math.min(from + WRITE_BYTES, length))
        await interruption.wait(write(out, piece))
        sent += piece.length
        options.onProgress?.(sent)
      }
      beingWritten.delete(buffer)
      free.push(buffer)
      readAhead()
    }
    const { sha256 } = await interruption.wait(job.digest())
    return { bytes: sent, sha256 }
  } catch (error) {
    throw readFailure(error, source.path)
  }
}

function write(out: Duplex, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    out.write(bytes, error => {
      if (error === undefined || error === null) resolve()
      else reject(lostConnection(out.errored ?? error))
    })
  })
}
