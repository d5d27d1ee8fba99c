import { createHash } from 'node:crypto'
import type { Duplex, Readable } from 'node:stream'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import { Interruption } from './interruption.ts'
import { write } from './outlet.ts'
import type { Sent } from './send-file.ts'
import { lostConnection, whenStreamFails } from './stream-failure.ts'

export interface SendStreamOptions {
  /** How many bytes of the source are left out at its beginning. */
  readonly offset?: number
  /** How many bytes are sent; all that follow, unless less is asked for. */
  readonly length?: number
  readonly signal: AbortSignal
  /** The bytes of this sending that the kernel has taken so far. */
  readonly onProgress?: (bytes: number) => void
}

/**
 * Sends what a source of exactly `size` bytes gives, as `sendFile` does with a file: the stream is neither ended nor
 * destroyed. The source, which is one of bytes and not of objects, is destroyed.
 *
 * Fails with the source's own Failure; with `file-changed`, before its last chunk has left, if it has another number of
 * bytes; with `connection-lost`, or the signal's reason.
 */
export async function sendStream(
  source: Readable,
  size: number,
  out: Duplex,
  options: SendStreamOptions,
): Promise<Sent> {
  const { offset = 0, length = size - offset, signal, onProgress } = options
  const end = offset + length
  // It may still fail when nobody reads it any more.
  source.on('error', () => {})
  const interruption = new Interruption(signal)
  using cleanUp = new DisposableStack()
  cleanUp.defer(() => source.destroy())
  cleanUp.defer(() => interruption.dispose())
  cleanUp.defer(whenStreamFails(out, failure => interruption.interrupt(failure)))
  if (![offset, length].every(Number.isSafeInteger) || offset < 0 || length < 0 || end > size) {
    throw new Failure('bug', `bug: ${length} bytes from ${offset} on are not within ${size} bytes`)
  }
  try {
    if (out.destroyed) throw lostConnection(out.errored)
    const chunks: AsyncIterator<Uint8Array> = source[Symbol.asyncIterator]()
    const next = async (): Promise<Uint8Array | undefined> => {
      const { value, done } = await interruption.wait(chunks.next())
      return done === true ? undefined : value
    }
    const hash = createHash('sha256')
    let read = 0
    let sent = 0
    let chunk = await next()
    while (chunk !== undefined) {
      const from = read
      read += chunk.length
      // The last one leaves only once it is known to be the last.
      if (read > size || (read === size && (await next()) !== undefined)) throw changed()
      const piece = chunk.subarray(Math.max(0, offset - from), Math.max(0, end - from))
      if (piece.length > 0) {
        await interruption.wait(write(out, piece))
        hash.update(piece)
        sent += piece.length
        onProgress?.(sent)
      }
      chunk = read < end ? await next() : undefined
    }
    if (sent < length) throw changed()
    return { bytes: sent, sha256: hash.digest('hex') }
  } catch (error) {
    throw Failure.from(error)
  }
}

function changed(): Failure {
  return new Failure('file-changed', say('file.files-changed'))
}
