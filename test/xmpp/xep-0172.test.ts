import { describe, expect, test } from 'vitest'
import type { PubSubEvent } from '../../main/xmpp/xep-0060.ts'
import { NS_NICK, publishNick, readNick, readNickEvent, writeNick } from '../../main/xmpp/xep-0172.ts'
import { answer } from './answer.ts'
import { FakeTransport } from './fake-transport.ts'
import { parseXml, reparsed } from './xml.ts'

const nick = (inside: string, namespace = NS_NICK) => parseXml(`<nick xmlns='${namespace}'>${inside}</nick>`)

test.each([
  ['Ishmael', 'Ishmael'],
  [' Call me\n Ishmael ', 'Call me Ishmael'],
  ['safe\u202eexe', 'safeexe'],
  ['n'.repeat(100_000), `${'n'.repeat(199)}…`],
  ['', undefined],
  [' ', undefined],
])('a name is read, harmless (%#)', (text, expected) => {
  expect(readNick(nick(text))).toBe(expected)
})

test('what is no name is none', () => {
  expect(readNick(undefined)).toBeUndefined()
  expect(readNick(nick('Ishmael', 'urn:other'))).toBeUndefined()
  expect(readNick(parseXml(`<name xmlns='${NS_NICK}'>Ishmael</name>`))).toBeUndefined()
})

test('a name is written as XML can carry it', () => {
  expect(reparsed(writeNick('a & b\u0000')).toString()).toBe(
    `<nick xmlns="${NS_NICK}">a &amp; b\ufffd</nick>`,
  )
})

describe('somebody tells', () => {
  const event = (more: Partial<PubSubEvent>): PubSubEvent => ({
    from: 'bob@plumb.test',
    node: NS_NICK,
    items: [],
    retracted: [],
    emptied: false,
    ...more,
  })
  const item = (inside: string, namespace = NS_NICK) => ({ id: 'current', payload: nick(inside, namespace) })

  test.each([
    ['a name', { items: [item('old'), item('Bob')] }, 'Bob'],
    ['no name any more', { items: [item('')] }, null],
    ['that it was taken back', { retracted: ['current'] }, null],
    ['that all is gone', { emptied: true }, null],
  ])('%s', (_, more, name) => {
    expect(readNickEvent(event(more))).toEqual({ person: 'bob@plumb.test', name })
  })

  test.each([
    ['something else', { node: 'urn:other', items: [item('Bob')] }],
    ['nothing', {}],
    ['an item without a name', { items: [{ id: 'current', payload: undefined }] }],
    ['an item that is something else', { items: [item('Bob', 'urn:other')] }],
  ])('%s, which is no name', (_, more) => {
    expect(readNickEvent(event(more))).toBeUndefined()
  })
})

test('our own name is told to who sees us', async () => {
  const transport = new FakeTransport()
  const publishing = publishNick(transport.iq, 'Alice')
  const request = await answer(transport, 1)
  await publishing
  expect(request.toString()).toContain(
    `<publish node="${NS_NICK}"><item id="current"><nick xmlns="${NS_NICK}">Alice</nick></item></publish>`,
  )
  expect(request.toString()).toContain('<field var="pubsub#access_model"><value>presence</value></field>')
})
