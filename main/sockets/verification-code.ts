import { hkdfSync } from 'node:crypto'
import type { Fingerprints } from '../dtcp/fingerprint.ts'

const GROUPS = 6
/** Of one group: 2^40 divided by 10^5 leaves a bias that nobody can use. */
const BYTES_PER_GROUP = 5

/**
 * Six groups of five digits (about 100 bits) made from both certificates, the same on both sides: two people who
 * compare them know that nobody is in between. Undefined without both SHA-256 fingerprints.
 */
export function verificationCode(ours: Fingerprints, theirs: Fingerprints | undefined): string | undefined {
  const [mine, yours] = [ours['sha-256'], theirs?.['sha-256']]
  if (mine === undefined || yours === undefined) return undefined
  const pair = mine < yours ? `${mine} ${yours}` : `${yours} ${mine}`
  const material = Buffer.from(
    hkdfSync('sha256', pair, '', 'plumb verification code 1', GROUPS * BYTES_PER_GROUP),
  )
  const groups = Array.from({ length: GROUPS }, (_, group) =>
    String(material.readUIntBE(group * BYTES_PER_GROUP, BYTES_PER_GROUP) % 100_000).padStart(5, '0'),
  )
  return groups.join(' ')
}
