import { expect, test } from 'vitest'
import { readDisplayedMark, writeDisplayedMark } from '../../main/xmpp/xep-0490.ts'
import { parseXml, reparsed } from './xml.ts'

const JULIET = 'juliet@capulet.lit'
const ROMEO = 'romeo@montegue.lit'
const stanzaId = (by = JULIET, id = '0f710f2b'): string =>
  `<stanza-id xmlns="urn:xmpp:sid:0" by="${by}" id="${id}"/>`
const mark = (content = stanzaId()): string =>
  `<displayed xmlns="urn:xmpp:mds:displayed:0">${content}</displayed>`

test('a mark is written as in the XEP, and read', () => {
  expect(writeDisplayedMark(JULIET, '0f710f2b').toString()).toBe(mark())
  const payload = reparsed(writeDisplayedMark(JULIET, '0f710f2b'))
  expect(readDisplayedMark({ id: ROMEO, payload }, JULIET)).toEqual({ person: ROMEO, archiveId: '0f710f2b' })
})

test.each([
  ['of a room', 'example@conference.shakespeare.lit', mark(stanzaId('example@conference.shakespeare.lit'))],
  ['of a server', 'capulet.lit', mark()],
  ['of what is no address', '@', mark()],
  ['of an endless address', `${'a'.repeat(4_000)}@b`, mark()],
  ['without an id', ROMEO, mark('')],
  ['with two', ROMEO, mark(stanzaId() + stanzaId())],
  ['with an endless id', ROMEO, mark(stanzaId(JULIET, 'i'.repeat(1_025)))],
  ['of another kind', ROMEO, '<displayed xmlns="urn:xmpp:chat-markers:0" id="a"/>'],
])('a mark %s is none', (_, id, content) => {
  expect(readDisplayedMark({ id, payload: parseXml(content) }, JULIET)).toBeUndefined()
})

test('an item without anything in it is no mark', () => {
  expect(readDisplayedMark({ id: ROMEO, payload: undefined }, JULIET)).toBeUndefined()
})
