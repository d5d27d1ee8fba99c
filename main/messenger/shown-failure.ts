import { Failure } from '../../shared/model/failure.ts'
import type { FailureValue } from '../../shared/model/shown-transfer.ts'
import { say } from '../../shared/words/say.ts'
import { reportBug } from '../plumb/report-bug.ts'

/**
 * A failure as the window may know it. What nobody foresaw could say anything, a path among it: the window learns only
 * that it happened, and the whole of it goes to stderr.
 */
export function shownFailure(thrown: unknown): FailureValue {
  const failure = Failure.from(thrown)
  reportBug(failure)
  return withoutDetails(failure)
}

/** The same for what was reported already. */
export function withoutDetails({ code, message }: FailureValue): FailureValue {
  if (code !== 'bug') return { code, message }
  return {
    code,
    message: say('bug.happened'),
  }
}
