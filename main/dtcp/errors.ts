import type { FailureCode } from '../../shared/model/failure.ts'

/** Why a DTCP session ended without a connection: a part of the codes that the whole program knows. */
export type SessionFailure = Extract<
  FailureCode,
  'unreachable' | 'timed-out' | 'encryption-refused' | 'certificate-mismatch' | 'refused' | 'protocol-error'
>

/**
 * Why one connection of a session did not become the channel. They stay inside this program: a peer
 * only ever reads `error` (security: errors to the peer stay vague).
 */
export type CandidateFailure =
  | 'unreachable'
  | 'closed'
  | 'timed-out'
  | 'line-too-long'
  | 'too-many-tries'
  | 'key-refused'
  | 'wrong-key'
  | 'encryption-refused'
  | 'tls-failed'
  | 'certificate-mismatch'
  | 'unexpected-line'
  | 'unexpected-data'
  | 'lost-race'
  | 'evicted'

/** What the session says when every candidate is gone: the most telling of the reasons it saw. */
export function sessionFailureFrom(reasons: ReadonlySet<CandidateFailure>): SessionFailure {
  if (reasons.has('certificate-mismatch')) return 'certificate-mismatch'
  if (reasons.has('encryption-refused')) return 'encryption-refused'
  if (reasons.has('wrong-key') || reasons.has('unexpected-line') || reasons.has('line-too-long')) {
    return 'protocol-error'
  }
  return 'unreachable'
}
