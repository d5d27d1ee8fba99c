import { describe, expect, test } from 'vitest'
import { Chat, type IncomingMessage } from '../../main/xmpp/chat.ts'
import type { Element } from '../../main/xmpp/stanza.ts'
import type { Failure } from '../../shared/model/failure.ts'
import { OWN } from './fake-transport.ts'
import { parseXml } from './xml.ts'

const BOB = 'bob@plumb.test'

function create({ seesUs = true } = {}) {
  const sent: Element[] = []
  const send = async (stanza: Element): Promise<void> => void sent.push(parseXml(stanza.toString()))
  const chat = new Chat({ address: OWN, send, deliver: send }, () => seesUs)
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
    ['a sender that is no address', "<message from='@@'><body>x</body></message>"],
    ['an endless sender', `<message from='${'b'.repeat(4_000)}@plumb.test'><body>x</body></message>`],
    ['a server for a sender', "<message from='plumb.test'><body>x</body></message>"],
    ['a service for a sender', "<message from='icq.plumb.test/registered'><body>x</body></message>"],
    [
      'another device of our own for a sender',
      "<message from='alice@plumb.test/phone'><body>x</body></message>",
    ],
    ['our own account for a sender', "<message from='ALICE@plumb.test'><body>x</body></message>"],
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
    receive(`<message from='${BOB}/desk'><body>x${'😀'.repeat(40_000)}</body></message>`)
    expect(messages[1]?.text.isWellFormed()).toBe(true)
  })

  test('whose id is endless have none, and get no receipt', () => {
    const { messages, sent, receive } = create()
    receive(`<message from='${BOB}/desk' id='${'i'.repeat(2_000)}'><body>x</body>${REQUEST}</message>`)
    expect(messages).toMatchObject([{ id: undefined, text: 'x' }])
    expect(sent).toEqual([])
  })

  test.each(['&', '<', '漢', '\u0000'])(
    'of the longest kind go out if servers take them (%j)',
    async character => {
      const { chat, sent } = create()
      const sending = chat.send(BOB, { id: 'm1', text: character.repeat(65_536) })
      const refused = await sending.then(
        () => undefined,
        (failure: Failure) => failure.code,
      )
      if (character === '&' || character === '<') expect([refused, sent]).toEqual(['not-allowed', []])
      else expect([refused, sent.length]).toEqual([undefined, 1])
    },
  )

  test('that waited at the server have its time, but never one in the future', () => {
    const { messages, receive } = create()
    const began = Date.now()
    const delayed = (stamp: string): string =>
      `<message from='${BOB}/desk'><body>x</body><delay xmlns='urn:xmpp:delay' stamp='${stamp}'/></message>`
    receive(delayed('2020-01-02T03:04:05Z'))
    receive(delayed('2999-01-01T00:00:00Z'))
    receive(delayed('yesterday'))
    receive(delayed('1969-07-20T20:17:40Z'))
    const [first, ...others] = messages.map(({ at }) => at)
    expect(first?.toISOString()).toBe('2020-01-02T03:04:05.000Z')
    for (const at of others) {
      expect(at.getTime()).toBeGreaterThanOrEqual(began)
      expect(at.getTime()).toBeLessThanOrEqual(Date.now())
    }
  })

  test.each([
    ['plumb.test', true],
    ['alice@plumb.test', true],
    [`${BOB}/desk`, false],
    ['evil.test', false],
    ['plumb.test.evil.test', false],
  ])('have the time that %s wrote: %j', (from, isTaken) => {
    const { messages, receive } = create()
    const stamp = (by: string, year: number): string =>
      `<delay xmlns='urn:xmpp:delay' from='${by}' stamp='${year}-01-01T00:00:00Z'/>`
    receive(
      `<message from='${BOB}/desk'><body>x</body>${stamp('eve@evil.test', 2011)}${stamp(from, 2012)}</message>`,
    )
    expect(messages[0]?.at.getUTCFullYear() === 2012).toBe(isTaken)
    expect(messages[0]?.at.getUTCFullYear()).not.toBe(2011)
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

  test.each([
    ['from a server', 'plumb.test'],
    ['from nobody', ''],
    ['from what is no address', '@'],
    ['from ourselves', OWN],
  ])('%s do not count', async (_, from) => {
    const { chat, receipts, receive } = create()
    await chat.send(BOB, { id: 'm1', text: 'Hello' })
    receive(`<message from='${from}'><received xmlns='urn:xmpp:receipts' id='m1'/></message>`)
    expect(receipts).toEqual([])
  })

  test('are not answered with receipts', () => {
    const { sent, receive } = create()
    receive(
      `<message from='${BOB}/desk' id='x'><received xmlns='urn:xmpp:receipts' id='y'/>${REQUEST}</message>`,
    )
    receive(`<message from='${BOB}/desk' type='error' id='x'><body>Hello</body>${REQUEST}</message>`)
    expect(sent).toEqual([])
  })

  test('are waited for by the newest ten thousand messages only', async () => {
    const { chat, receipts, receive } = create()
    for (let number = 0; number <= 10_000; number++) await chat.send(BOB, { id: `m${number}`, text: 'x' })
    for (const id of ['m0', 'm1']) {
      receive(`<message from='${BOB}/desk'><received xmlns='urn:xmpp:receipts' id='${id}'/></message>`)
    }
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
