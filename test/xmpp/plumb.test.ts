import { describe, expect, test } from 'vitest'
import { NS_PLUMB, readNotice, type TransferNotice, writeNotice } from '../../main/xmpp/plumb.ts'
import { parseXml, reparsed } from './xml.ts'

const KEY = '00112233445566778899aabbccddeeff'

describe('a notice', () => {
  test.each<[TransferNotice, string]>([
    [
      { kind: 'cancel', key: KEY, reason: 'disk-full' },
      `<cancel xmlns="${NS_PLUMB}" key="${KEY}" reason="disk-full"/>`,
    ],
    [{ kind: 'pause', key: KEY }, `<pause xmlns="${NS_PLUMB}" key="${KEY}"/>`],
    [{ kind: 'resume', key: KEY }, `<resume xmlns="${NS_PLUMB}" key="${KEY}"/>`],
  ])('%j is written and read back', (notice, text) => {
    const written = writeNotice(notice)
    expect(written.toString()).toBe(text)
    expect(readNotice(reparsed(written))).toEqual(notice)
  })

  test.each([
    ['has no key', `<pause xmlns='${NS_PLUMB}'/>`],
    ['has an empty key', `<pause xmlns='${NS_PLUMB}' key=''/>`],
    ['has a key that is too long', `<pause xmlns='${NS_PLUMB}' key='${KEY}0'/>`],
    ['has a key that is none', `<cancel xmlns='${NS_PLUMB}' key='${'z'.repeat(32)}'/>`],
    ['is in another namespace', `<pause xmlns='urn:x' key='${KEY}'/>`],
    ['is in another version of ours', `<pause xmlns='urn:plumb:transfer:1' key='${KEY}'/>`],
    ['has another name', `<other xmlns='${NS_PLUMB}' key='${KEY}'/>`],
  ])('is none where it %s', (_, text) => {
    expect(readNotice(parseXml(text))).toBeUndefined()
  })

  test('that cancels without a reason was cancelled', () => {
    expect(readNotice(parseXml(`<cancel xmlns='${NS_PLUMB}' key='${KEY}'/>`))).toEqual({
      kind: 'cancel',
      key: KEY,
      reason: 'cancelled',
    })
  })
})
