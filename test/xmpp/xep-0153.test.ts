import { expect, test } from 'vitest'
import { readPhotoHash, writePhotoHash } from '../../main/xmpp/xep-0153.ts'
import { parseXml, reparsed } from './xml.ts'

const HASH = '01b87fcd030b72895ff8e88db57ec525450f000d'
const presence = (inside: string, namespace = 'vcard-temp:x:update'): string =>
  `<presence><x xmlns='${namespace}'>${inside}</x></presence>`

test.each([
  ['a picture', `<photo>${HASH}</photo>`, HASH],
  ['a picture in capitals, with spaces', `<photo> ${HASH.toUpperCase()}\n</photo>`, HASH],
  ['no picture', '<photo/>', null],
  ['no picture, with spaces', '<photo> </photo>', null],
  ['that it is not known yet', '', undefined],
  ['a hash that is none', `<photo>${HASH.slice(1)}</photo>`, undefined],
  ['a hash of another kind', `<photo>${HASH}${HASH}</photo>`, undefined],
  ['something else inside', '<photo><x/></photo>', undefined],
  ['a picture in another namespace', `<photo xmlns='urn:other'>${HASH}</photo>`, undefined],
  ['a picture too deep', `<x><photo>${HASH}</photo></x>`, undefined],
])('presence tells of %s', (_, inside, expected) => {
  expect(readPhotoHash(parseXml(presence(inside)))).toBe(expected)
})

test('other presence says nothing of pictures', () => {
  expect(readPhotoHash(parseXml('<presence/>'))).toBeUndefined()
  expect(readPhotoHash(parseXml(presence(`<photo>${HASH}</photo>`, 'urn:other')))).toBeUndefined()
})

test.each([
  [HASH, `<x xmlns="vcard-temp:x:update"><photo>${HASH}</photo></x>`],
  [null, '<x xmlns="vcard-temp:x:update"><photo/></x>'],
  [undefined, '<x xmlns="vcard-temp:x:update"/>'],
])('our own %s is written, and read again', (hash, expected) => {
  expect(reparsed(writePhotoHash(hash)).toString()).toBe(expected)
  expect(readPhotoHash(parseXml(`<presence>${writePhotoHash(hash).toString()}</presence>`))).toBe(hash)
})
