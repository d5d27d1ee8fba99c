import { describe, expect, test } from 'vitest'
import {
  hasChecksumSupport,
  NS_HASHES,
  NS_PLUMB,
  readNotice,
  type TransferNotice,
  writeChecksumSupport,
  writeNotice,
} from '../../main/xmpp/plumb.ts'
import { xml } from '../../main/xmpp/stanza.ts'
import { parseXml, reparsed } from './xml.ts'

/** Of the empty file. */
const HEX = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const BASE64 = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='

const hash = (inside: string, attributes = "algo='sha-256'"): string =>
  `<hash xmlns='${NS_HASHES}' ${attributes}>${inside}</hash>`
const checksum = (inside: string, attributes = "sid='s1'"): string =>
  `<checksum xmlns='${NS_PLUMB}' ${attributes}>${inside}</checksum>`

describe('a notice', () => {
  test.each<[TransferNotice, string]>([
    [
      { kind: 'checksum', streamId: 's1', sha256: HEX },
      `<checksum xmlns="${NS_PLUMB}" sid="s1"><hash xmlns="${NS_HASHES}" algo="sha-256">${BASE64}</hash></checksum>`,
    ],
    [
      { kind: 'cancel', streamId: `s'"<&>`, reason: 'cancelled' },
      `<cancel xmlns="${NS_PLUMB}" sid="s&apos;&quot;&lt;&amp;&gt;" reason="cancelled"/>`,
    ],
  ])('%j is written and read back', (notice, text) => {
    const written = writeNotice(notice)
    expect(written.toString()).toBe(text)
    expect(readNotice(reparsed(written))).toEqual(notice)
  })

  test.each([
    ['has no id', checksum(hash(BASE64), '')],
    ['has no hash', checksum('')],
    ['has an empty hash', checksum(hash(''))],
    ['has a hash of another kind', checksum(hash(BASE64, "algo='sha-512'"))],
    ['has a hash of no kind', checksum(hash(BASE64, ''))],
    ['has a hash in another namespace', checksum(`<hash xmlns='urn:x' algo='sha-256'>${BASE64}</hash>`)],
    ['has a hash that is too short', checksum(hash(BASE64.slice(0, 40)))],
    ['has a hash that is too long', checksum(hash(`${BASE64.slice(0, -1)}AAAA`))],
    ['has a hash in hexadecimal', checksum(hash(HEX))],
    ['has a hash without an end', checksum(hash('A'.repeat(1_000_000)))],
    ['has its hash too deep', checksum(`<x>${hash(BASE64)}</x>`)],
    ['is in another namespace', checksum(hash(BASE64)).replace(NS_PLUMB, 'urn:x')],
    ['is in another version of ours', checksum(hash(BASE64)).replace(NS_PLUMB, 'urn:plumb:transfer:1')],
    ['has another name', `<other xmlns='${NS_PLUMB}' sid='s1'/>`],
    ['cancels in another namespace', "<cancel xmlns='urn:x' sid='s1'/>"],
    ['cancels without an id', `<cancel xmlns='${NS_PLUMB}' reason='declined'/>`],
  ])('is none where it %s', (_, text) => {
    expect(readNotice(parseXml(text))).toBeUndefined()
  })

  test('takes the SHA-256 among other hashes', () => {
    const text = checksum(hash('AAAA', "algo='md5'") + hash(BASE64) + hash('AAAA', "algo='sha-1'"))
    expect(readNotice(parseXml(text))).toEqual({ kind: 'checksum', streamId: 's1', sha256: HEX })
  })

  test('may break the lines of its hash', () => {
    const broken = checksum(hash(`\n  ${BASE64.slice(0, 20)}\n  ${BASE64.slice(20)}\n`))
    expect(readNotice(parseXml(broken))).toMatchObject({ sha256: HEX })
  })

  test('that cancels without a reason was cancelled', () => {
    expect(readNotice(parseXml(`<cancel xmlns='${NS_PLUMB}' sid='s1'/>`))).toEqual({
      kind: 'cancel',
      streamId: 's1',
      reason: 'cancelled',
    })
  })
})

describe('the promise of a checksum', () => {
  test('is found where it was written', () => {
    expect(hasChecksumSupport(reparsed(xml('si', {}, writeChecksumSupport())))).toBe(true)
  })

  test.each([
    ['<si/>'],
    ["<si><checksum-follows xmlns='urn:x'/></si>"],
    ['<si><checksum-follows/></si>'],
    [`<si><x><checksum-follows xmlns='${NS_PLUMB}'/></x></si>`],
  ])('is not found in %s', text => {
    expect(hasChecksumSupport(parseXml(text))).toBe(false)
  })
})
