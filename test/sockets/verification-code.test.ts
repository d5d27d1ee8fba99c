import { expect, test } from 'vitest'
import { verificationCode } from '../../main/sockets/verification-code.ts'
import { OTHER_IDENTITY, OUR_IDENTITY, THEIR_IDENTITY } from './rig.ts'

const [ours, theirs, others] = [OUR_IDENTITY, THEIR_IDENTITY, OTHER_IDENTITY].map(
  ({ fingerprints }) => fingerprints,
)

test('both sides have the same six groups of five digits', () => {
  expect(ours && verificationCode(ours, theirs)).toMatch(/^(\d{5} ){5}\d{5}$/)
  expect(ours && verificationCode(ours, theirs)).toBe(theirs && verificationCode(theirs, ours))
})

test('another certificate in between makes other digits on both sides', () => {
  const direct = ours && verificationCode(ours, theirs)
  expect(ours && verificationCode(ours, others)).not.toBe(direct)
  expect(others && verificationCode(others, theirs)).not.toBe(direct)
})

test('it never changes for the same certificates, or old and new programs would differ', () => {
  const one = { 'sha-256': Array.from({ length: 32 }, () => 'AA').join(':') }
  const other = { 'sha-256': Array.from({ length: 32 }, () => 'BB').join(':') }
  expect(verificationCode(one, other)).toBe(verificationCode(other, one))
  expect(verificationCode(one, other)).toMatchInlineSnapshot(`"57236 85127 82046 00778 76349 33212"`)
})

test('without both certificates there is none', () => {
  expect(ours && verificationCode(ours, undefined)).toBeUndefined()
  expect(theirs && verificationCode({}, theirs)).toBeUndefined()
})
