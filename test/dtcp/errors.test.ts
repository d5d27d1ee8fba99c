import { describe, expect, it } from 'vitest'
import { type CandidateFailure, sessionFailureFrom } from '../../main/dtcp/errors.ts'

describe('why a session was lost', () => {
  it.each<[CandidateFailure[], ReturnType<typeof sessionFailureFrom>]>([
    [[], 'unreachable'],
    [['unreachable', 'closed', 'timed-out'], 'unreachable'],
    [['key-refused', 'tls-failed', 'too-many-tries', 'unexpected-data'], 'unreachable'],
    [['lost-race', 'evicted'], 'unreachable'],
    [['unreachable', 'wrong-key'], 'protocol-error'],
    [['unexpected-line'], 'protocol-error'],
    [['line-too-long'], 'protocol-error'],
    [['wrong-key', 'encryption-refused', 'unreachable'], 'encryption-refused'],
    [['encryption-refused', 'certificate-mismatch', 'wrong-key'], 'certificate-mismatch'],
  ])('%j is told as %s', (reasons, told) => {
    expect(sessionFailureFrom(new Set(reasons))).toBe(told)
  })
})
