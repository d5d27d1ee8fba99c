import type { Duplex } from 'node:stream'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'

export function lostConnection(error: unknown): Failure {
  if (error instanceof Failure) return error
  return new Failure('connection-lost', say('transfer.connection-lost'), {
    cause: error,
  })
}

/** Calls back when the stream fails or closes; returns what undoes it. */
export function whenStreamFails(stream: Duplex, failed: (failure: Failure) => void): () => void {
  const onError = (error: unknown): void => failed(lostConnection(error))
  const onClose = (): void => failed(lostConnection(stream.errored))
  stream.on('error', onError)
  stream.on('close', onClose)
  return () => {
    stream.off('error', onError)
    stream.off('close', onClose)
  }
}
