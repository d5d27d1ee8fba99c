import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'

/** Why a signal was aborted: its Failure, or `cancelled` that wraps anything else. */
export function abortFailure(signal: AbortSignal): Failure {
  const reason: unknown = signal.reason
  if (reason instanceof Failure) return reason
  return new Failure('cancelled', say('transfer.cancelled'), { cause: reason })
}

/**
 * Cuts a wait short when the signal aborts or something else goes wrong. The first failure stays.
 *
 * One wait at a time. Not `Promise.race` with one long promise for the trouble: every race would leave its
 * reaction on that promise until the end, one for each chunk of a large file.
 */
export class Interruption {
  readonly #signal: AbortSignal
  #failure: Failure | undefined
  #reject: ((failure: Failure) => void) | undefined

  constructor(signal: AbortSignal) {
    this.#signal = signal
    if (signal.aborted) this.#aborted()
    else signal.addEventListener('abort', this.#aborted)
  }

  interrupt(failure: Failure): void {
    if (this.#failure !== undefined) return
    this.#failure = failure
    this.#reject?.(failure)
  }

  wait<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      work.then(resolve, reject)
      this.#reject = reject
      if (this.#failure !== undefined) reject(this.#failure)
    })
  }

  dispose(): void {
    this.#signal.removeEventListener('abort', this.#aborted)
    this.#reject = undefined
  }

  readonly #aborted = (): void => this.interrupt(abortFailure(this.#signal))
}
