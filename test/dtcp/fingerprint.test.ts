import { describe, expect, it } from 'vitest'
import { matchesPin, parseFingerprint } from '../../main/dtcp/fingerprint.ts'

const pairs = (count: number, pair = 'AB'): string => Array.from({ length: count }, () => pair).join(':')

describe('a fingerprint in a query (XEP-0320)', () => {
  it.each([
    ['sha-256', pairs(32), { 'sha-256': pairs(32) }],
    ['sha-384', pairs(48), { 'sha-384': pairs(48) }],
    ['sha-512', pairs(64), { 'sha-512': pairs(64) }],
    ['SHA-256', pairs(32), { 'sha-256': pairs(32) }],
    ['sha-256', pairs(32, 'ab'), { 'sha-256': pairs(32) }],
    ['sha-256', `\n  ${pairs(32)} `, { 'sha-256': pairs(32) }],
  ])('takes %s %j', (hash, text, parsed) => {
    expect(parseFingerprint(hash, text)).toEqual(parsed)
  })

  it.each([
    ['an old hash', 'sha-1', pairs(20)],
    ['no hash', '', pairs(32)],
    ['the name of something that every object has', 'constructor', pairs(32)],
    ['too few bytes', 'sha-256', pairs(31)],
    ['too many bytes', 'sha-256', pairs(33)],
    ['the length of another hash', 'sha-512', pairs(32)],
    ['no hex', 'sha-256', pairs(32, 'GG')],
    ['single digits', 'sha-256', pairs(32, 'A')],
    ['three digits', 'sha-256', pairs(32, 'AAA')],
    ['no colons', 'sha-256', 'AB'.repeat(32)],
    ['a space inside', 'sha-256', pairs(32).replace(':', ' :')],
    ['nothing', 'sha-256', ''],
  ])('refuses %s', (_, hash, text) => {
    expect(parseFingerprint(hash, text)).toBeUndefined()
  })
})

describe('a pin', () => {
  const certificate = { 'sha-256': 'A', 'sha-384': 'B', 'sha-512': 'C' }

  it.each([
    ['the same digest', { 'sha-256': 'A' }, certificate, true],
    ['another hash that matches', { 'sha-512': 'C' }, certificate, true],
    ['several that all match', { 'sha-256': 'A', 'sha-512': 'C' }, certificate, true],
    ['another digest', { 'sha-256': 'X' }, certificate, false],
    ['one of two that does not match', { 'sha-256': 'A', 'sha-512': 'X' }, certificate, false],
    ['a digest of the wrong hash', { 'sha-256': 'B' }, certificate, false],
    ['no certificate', { 'sha-256': 'A' }, undefined, false],
    ['a certificate without that digest', { 'sha-256': 'A' }, { 'sha-512': 'C' }, false],
    ['a pin that names nothing', {}, certificate, false],
    ['nothing on either side', {}, {}, false],
  ])('%s: %#', (_, pinned, shown, matches) => {
    expect(matchesPin(pinned, shown)).toBe(matches)
  })
})
