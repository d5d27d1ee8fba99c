import { describe, expect, test } from 'vitest'
import { Chat, type IncomingMessage } from '../../main/xmpp/chat.ts'
import type { Element } from '../../main/xmpp/stanza.ts'
import type { Failure } from '../../shared/model/failure.ts'
import { parseXml } from './xml.ts'

const BOB = 'bob@plumb.test'

function create({ seesUs = true } = {}) {
  const sent: Element[] = []
  const send = async (stanza: Element): Promise<void> => void sent.push(parseXml(stanza.toString()))
  const chat = new Chat({ send, deliver: send }, () => seesUs)
  const messages: IncomingMessage[] = []
  const receipts: string[] = []
  const failures: { id: string; failure: Failure }[] = []
  chat.on('message', message => messages.push(message))
  chat.on('receipt', ({ from, id }) => receipts.push(`${from} ${id}`))
  chat.on('message-failed', ({ id, failure }) => failures.push({ id, failure }))
  const receive = (text: string): void => chat.receive(parseXml(text))
  return { chat, sent, messages, receipts, failures, receive }
}

const REQUEST = "<request xmlns='urn:xmpp:receipts'/>"

describe('messages', () => {
  test('are sent with a request for a receipt, whatever characters they have', async () => {
    const { chat, sent } = create()
    await chat.send(BOB, { id: 'm1', text: 'a < b\u0000 & \ud83d\ude00' })
    const [stanza] = sent
    expect(stanza?.attrs).toMatchObject({ to: BOB, id: 'm1', type: 'chat' })
    expect(stanza?.getChildText('body')).toBe('a < b\ufffd & \ud83d\ude00')
    expect(stanza?.getChild('request', 'urn:xmpp:receipts')).toBeDefined()
  })

  test('that come are told with their sender, device and text', () => {
    const { messages, receive } = create()
    receive(`<message from='${BOB}/desk' id='x' type='chat'><body>Hello</body></message>`)
    expect(messages).toMatchObject([{ from: BOB, device: `${BOB}/desk`, id: 'x', text: 'Hello' }])
  })

  test.each([
    [
      'no body',
      `<message from='${BOB}/desk'><active xmlns='http://jabber.org/protocol/chatstates'/></message>`,
    ],
    ['an empty body', `<message from='${BOB}/desk'><body/></message>`],
    ['a room', `<message from='room@plumb.test/bob' type='groupchat'><body>x</body></message>`],
    ['a headline', `<message from='${BOB}/desk' type='headline'><body>x</body></message>`],
    ['no sender', '<message><body>x</body></message>'],
    [
      'somebody else’s message inside of it',
      `<message from='${BOB}/desk'><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='boss@plumb.test'><body>x</body></message></forwarded></received></message>`,
    ],
  ])('with %s are none', (_, text) => {
    const { messages, receive } = create()
    receive(text)
    expect(messages).toEqual([])
  })

  test('that are endless are cut', () => {
    const { messages, receive } = create()
    receive(`<message from='${BOB}/desk'><body>${'x'.repeat(70_000)}</body></message>`)
    expect(messages[0]?.text).toHaveLength(65_536)
    expect(messages[0]?.text.endsWith('…')).toBe(true)
  })

  test('that waited at the server have its time, but never one in the future', () => {
    const { messages, receive } = create()
    const delayed = (stamp: string): string =>
      `<message from='${BOB}/desk'><body>x</body><delay xmlns='urn:xmpp:delay' stamp='${stamp}'/></message>`
    receive(delayed('2020-01-02T03:04:05Z'))
    receive(delayed('2999-01-01T00:00:00Z'))
    receive(delayed('yesterday'))
    expect(messages[0]?.at.toISOString()).toBe('2020-01-02T03:04:05.000Z')
    expect(messages.slice(1).every(({ at }) => at.getTime() <= Date.now())).toBe(true)
  })
})

describe('receipts', () => {
  test('answer a request of somebody who sees us', () => {
    const { sent, receive } = create()
    receive(`<message from='${BOB}/desk' id='x'><body>Hello</body>${REQUEST}</message>`)
    expect(sent[0]?.getChild('received', 'urn:xmpp:receipts')?.attrs['id']).toBe('x')
    expect(sent[0]?.attrs['to']).toBe(`${BOB}/desk`)
  })

  test('are sent to nobody else, who would learn that we are here', () => {
    const { sent, messages, receive } = create({ seesUs: false })
    receive(`<message from='${BOB}/desk' id='x'><body>Hello</body>${REQUEST}</message>`)
    expect(messages).toHaveLength(1)
    expect(sent).toEqual([])
  })

  test('count only from whom the message went to, and once', async () => {
    const { chat, receipts, receive } = create()
    await chat.send(BOB, { id: 'm1', text: 'Hello' })
    const receipt = (from: string, id: string): string =>
      `<message from='${from}'><received xmlns='urn:xmpp:receipts' id='${id}'/></message>`
    receive(receipt('eve@plumb.test/x', 'm1'))
    receive(receipt(`${BOB}/desk`, 'm2'))
    expect(receipts).toEqual([])
    receive(receipt(`${BOB}/desk`, 'm1'))
    receive(receipt(`${BOB}/desk`, 'm1'))
    expect(receipts).toEqual([`${BOB} m1`])
  })
})

describe('an error', () => {
  const error = (from: string, id: string, condition: string): string =>
    `<message type='error' from='${from}' id='${id}'><error type='cancel'><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`

  test('fails the message that it is about', async () => {
    const { chat, failures, receive } = create()
    await chat.send(BOB, { id: 'm1', text: 'Hello' })
    await chat.send(BOB, { id: 'm2', text: 'Hello' })
    receive(error(BOB, 'm1', 'service-unavailable'))
    receive(error(BOB, 'm2', 'policy-violation'))
    expect(failures.map(({ id, failure }) => [id, failure.code])).toEqual([
      ['m1', 'peer-offline'],
      ['m2', 'message-refused'],
    ])
  })

  test('of somebody else, or about nothing of ours, does nothing', async () => {
    const { chat, failures, messages, receive } = create()
    await chat.send(BOB, { id: 'm1', text: 'Hello' })
    receive(error('eve@plumb.test', 'm1', 'service-unavailable'))
    receive(error(BOB, 'other', 'service-unavailable'))
    expect(failures).toEqual([])
    expect(messages).toEqual([])
  })
})
