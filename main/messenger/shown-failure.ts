import { Failure } from '../../shared/model/failure.ts'
import type { FailureValue } from '../../shared/model/shown-transfer.ts'

/**
 * A failure as the window may know it. What nobody foresaw could say anything, a path among it: the window learns only
 * that it happened, and the whole of it goes to stderr.
 */
export function shownFailure(thrown: unknown): FailureValue {
  const failure = Failure.from(thrown)
  const { code, message } = failure
  if (code !== 'bug') return { code, message }
  const cause = failure.cause ?? failure
  process.stderr.write(`${cause instanceof Error ? (cause.stack ?? cause.message) : message}\n`)
  return {
    code,
    message: 'Something went wrong inside of Plumb: try again, and tell its makers if it stays.',
  }
}
