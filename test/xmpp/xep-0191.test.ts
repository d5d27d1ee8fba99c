import { describe, expect, test } from 'vitest'
import {
  readBlockingPush,
  readBlocklist,
  writeBlocking,
  writeBlocklistQuestion,
} from '../../main/xmpp/xep-0191.ts'
import { parseXml, reparsed } from './xml.ts'

const NS = 'urn:xmpp:blocking'
const ROMEO = "<item jid='romeo@montague.net'/>"

test.each([
  [writeBlocklistQuestion(), `<blocklist xmlns="${NS}"/>`],
  [
    writeBlocking('block', ['romeo@montague.net', 'evil.test']),
    `<block xmlns="${NS}"><item jid="romeo@montague.net"/><item jid="evil.test"/></block>`,
  ],
  [
    writeBlocking('unblock', ['romeo@montague.net']),
    `<unblock xmlns="${NS}"><item jid="romeo@montague.net"/></unblock>`,
  ],
])('a request is written as the XEP has it: %s', (element, expected) => {
  expect(reparsed(element).toString()).toBe(expected)
})

describe('a list', () => {
  test.each([
    ['of two', `${ROMEO}<item jid='iago@shakespeare.lit'/>`, ['romeo@montague.net', 'iago@shakespeare.lit']],
    [
      'of a server and a device',
      "<item jid='Evil.test'/><item jid='a@b.test/X'/>",
      ['evil.test', 'a@b.test/X'],
    ],
    ['of nobody', '', []],
    ['of what is no address', "<item/><item jid=''/><item jid='@'/>", []],
    ['in another namespace', "<item xmlns='urn:other' jid='romeo@montague.net'/>", []],
    ['that is too deep', `<x>${ROMEO}</x>`, []],
  ])('%s is read', (_, inside, expected) => {
    expect(readBlocklist(parseXml(`<blocklist xmlns='${NS}'>${inside}</blocklist>`))).toEqual(expected)
  })

  test('has ten thousand entries at most', () => {
    const items = Array.from({ length: 20_000 }, (_, index) => `<item jid='p${index}@evil.test'/>`)
    expect(readBlocklist(parseXml(`<blocklist xmlns='${NS}'>${items.join('')}</blocklist>`))).toHaveLength(
      10_000,
    )
  })
})

describe('a push', () => {
  test.each([
    [`<block xmlns='${NS}'>${ROMEO}</block>`, { kind: 'block', addresses: ['romeo@montague.net'] }],
    [`<unblock xmlns='${NS}'>${ROMEO}</unblock>`, { kind: 'unblock', addresses: ['romeo@montague.net'] }],
    [`<unblock xmlns='${NS}'/>`, { kind: 'unblock-all' }],
    // Somebody is named there, and nobody knows who: that is not everybody.
    [`<unblock xmlns='${NS}'><item jid='@'/></unblock>`, { kind: 'unblock', addresses: [] }],
    [`<unblock xmlns='${NS}'><x/></unblock>`, { kind: 'unblock', addresses: [] }],
    [`<block xmlns='${NS}'/>`, { kind: 'block', addresses: [] }],
    [`<blocklist xmlns='${NS}'/>`, undefined],
    ["<unblock xmlns='urn:other'/>", undefined],
  ])('%s is read', (text, expected) => {
    expect(readBlockingPush(parseXml(text))).toEqual(expected)
  })
})
