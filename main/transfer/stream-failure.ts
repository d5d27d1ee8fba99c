import type { Duplex } from 'node:stream'
import { Failure } from '../../shared/model/failure.ts'

export function lostConnection(error: unknown): Failure {
  if (error instanceof Failure) return error
  return new Failure('connection-lost', 'The connection to the peer was lost during the transfer.', {
    cause: error,
  })
}

/** Calls back once if the stream has failed or fails; returns what undoes it. */
export function whenStreamFails(
  stream: Duplex,
  direction: 'reading' | 'writing',
  failed: (failure: Failure) => void,
): () => void {
  const onError = (error: unknown): void => failed(lostConnection(error))
  const onClose = (): void => failed(lostConnection(stream.errored))
  stream.on('error', onError)
  stream.on('close', onClose)
  const over = direction === 'writing' ? stream.writableEnded : false
  if (stream.destroyed || over) onClose()
  return () => {
    stream.off('error', onError)
    stream.off('close', onClose)
  }
}
