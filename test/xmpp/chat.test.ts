import { describe, expect, test } from 'vitest'
import { CHAT_FEATURES, Chat, type ChatMessage, type OutgoingMessage } from '../../main/xmpp/chat.ts'
import { readChat } from '../../main/xmpp/read-chat.ts'
import type { Element } from '../../main/xmpp/stanza.ts'
import { Failure } from '../../shared/model/failure.ts'
import { OWN } from './fake-transport.ts'
import { parseXml } from './xml.ts'

const ALICE = 'alice@plumb.test'
const BOB = 'bob@plumb.test'

function create({ seesUs = true, receipts: on = true, stanzaIds = true, isLost = false } = {}) {
  const sent: Element[] = []
  const delivered: Element[] = []
  const hand = async (to: Element[], stanza: Element): Promise<void> => {
    if (isLost) throw new Failure('server-connection-lost', 'lost')
    to.push(parseXml(stanza.toString()))
  }
  const chat = new Chat(
    { address: OWN, send: stanza => hand(sent, stanza), deliver: stanza => hand(delivered, stanza) },
    { mayKnowUs: () => seesUs, receipts: () => on, stanzaIds: () => stanzaIds },
  )
  const messages: ChatMessage[] = []
  const events: string[] = []
  const failures: { id: string; failure: Failure }[] = []
  chat.on('message', message => messages.push(message))
  chat.on('receipt', ({ from, id }) => events.push(`receipt ${from} ${id}`))
  chat.on('displayed', ({ person, id, direction }) => events.push(`displayed ${person} ${id} ${direction}`))
  chat.on('chat-state', ({ from, person, state }) => events.push(`${state} ${person} ${from}`))
  chat.on('message-failed', ({ id, failure }) => failures.push({ id, failure }))
  const receive = (text: string): void => chat.receive(parseXml(text))
  const say = (id: string, more: Partial<OutgoingMessage> = {}): Promise<void> =>
    chat.send(BOB, { id, text: 'Hello', wantsReceipt: true, markable: false, ...more })
  return { chat, sent, delivered, messages, events, failures, receive, say }
}

const REQUEST = "<request xmlns='urn:xmpp:receipts'/>"
const carbon = (kind: 'sent' | 'received', inner: string, from = ALICE): string =>
  `<message from='${from}'><${kind} xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>${inner}</forwarded></${kind}></message>`
const inner = (content: string, attributes = `from='${BOB}/desk' to='${ALICE}' id='x'`): string =>
  `<message xmlns='jabber:client' ${attributes} type='chat'>${content}</message>`
const OUT = `from='${ALICE}/phone' to='${BOB}' id='x'`

test('what others find out about it is what it does', () => {
  expect(CHAT_FEATURES).toEqual([
    'urn:xmpp:receipts',
    'http://jabber.org/protocol/chatstates',
    'urn:xmpp:message-correct:0',
    'urn:xmpp:chat-markers:0',
    'urn:xmpp:sid:0',
    'urn:xmpp:styling:0',
  ])
})

describe('sending', () => {
  test('says all that there is to say, whatever characters it has', async () => {
    const { say, delivered, sent } = create()
    await say('m1', { text: 'a < b\u0000 & \ud83d\ude00', markable: true })
    const [stanza] = delivered
    expect(stanza?.attrs).toMatchObject({ to: BOB, id: 'm1', type: 'chat' })
    expect(stanza?.getChildText('body')).toBe('a < b\ufffd & \ud83d\ude00')
    expect(stanza?.getChild('origin-id', 'urn:xmpp:sid:0')?.attrs['id']).toBe('m1')
    expect(stanza?.getChild('active', 'http://jabber.org/protocol/chatstates')).toBeDefined()
    expect(stanza?.getChild('request', 'urn:xmpp:receipts')).toBeDefined()
    expect(stanza?.getChild('markable', 'urn:xmpp:chat-markers:0')).toBeDefined()
    expect(stanza?.getChildElements()).toHaveLength(5)
    expect(sent).toEqual([])
  })

  test('asks for nothing that is not wanted', async () => {
    const { say, delivered } = create()
    await say('m1', { wantsReceipt: false })
    expect(delivered[0]?.getChildElements().map(child => child.getName())).toEqual([
      'body',
      'origin-id',
      'active',
    ])
  })

  test('a correction names what it replaces, and wants no receipt', async () => {
    const { say, delivered } = create()
    await say('m2', { replaces: 'm1', markable: true })
    expect(delivered[0]?.getChild('replace', 'urn:xmpp:message-correct:0')?.attrs['id']).toBe('m1')
    expect(delivered[0]?.getChild('request')).toBeUndefined()
  })

  test('is read by the other side for what it was', async () => {
    const { say, delivered } = create()
    await say('m2', { replaces: 'm1', markable: true })
    const [stanza] = delivered
    if (stanza === undefined) throw new Error('nothing was sent')
    stanza.attrs['from'] = OWN
    expect(readChat(stanza, { address: `${BOB}/desk`, stanzaIds: false })).toMatchObject({
      person: ALICE,
      direction: 'in',
      id: 'm2',
      originId: 'm2',
      text: 'Hello',
      replaces: 'm1',
      chatState: 'active',
      wantsReceipt: false,
      markable: true,
    })
  })

  test('throws where the connection is lost', async () => {
    const { say } = create({ isLost: true })
    await expect(say('m1')).rejects.toMatchObject({ code: 'server-connection-lost' })
  })

  test.each(['&', '<', '漢', '\u0000'])('the longest goes out if servers take it (%j)', async character => {
    const { say, delivered } = create()
    const refused = await say('m1', { text: character.repeat(65_536) }).then(
      () => undefined,
      (failure: Failure) => failure.code,
    )
    if (character === '&' || character === '<') expect([refused, delivered]).toEqual(['not-allowed', []])
    else expect([refused, delivered.length]).toEqual([undefined, 1])
  })
})

describe('what was said', () => {
  test('comes with all that is known of it', () => {
    const { messages, receive } = create()
    receive(
      `<message from='${BOB}/desk' id='x' type='chat'><body>Hello</body><stanza-id xmlns='urn:xmpp:sid:0' by='${ALICE}' id='s1'/></message>`,
    )
    expect(messages).toMatchObject([
      {
        person: BOB,
        direction: 'in',
        source: 'live',
        device: `${BOB}/desk`,
        id: 'x',
        archiveId: 's1',
        text: 'Hello',
      },
    ])
  })

  test('has no id of an archive that nobody vouches for', () => {
    const { messages, receive } = create({ stanzaIds: false })
    receive(
      `<message from='${BOB}/desk'><body>Hello</body><stanza-id xmlns='urn:xmpp:sid:0' by='${ALICE}' id='s1'/></message>`,
    )
    expect(messages).toMatchObject([{ archiveId: undefined }])
  })

  test('comes from other devices, too', () => {
    const { messages, receive } = create()
    receive(carbon('sent', inner('<body>one</body>', OUT)))
    receive(carbon('received', inner('<body>two</body>')))
    receive(`<message from='${ALICE}/phone' id='y'><body>three</body></message>`)
    expect(messages.map(({ person, direction, source, text }) => [person, direction, source, text])).toEqual([
      [BOB, 'out', 'carbon', 'one'],
      [BOB, 'in', 'carbon', 'two'],
      [ALICE, 'out', 'live', 'three'],
    ])
  })

  test.each([
    ['forged by a contact', carbon('sent', inner('<body>x</body>', OUT), `${BOB}/desk`)],
    ['forged by our server', carbon('sent', inner('<body>x</body>', OUT), 'plumb.test')],
    [
      'a piece of an archive',
      `<message from='${ALICE}'><body>x</body><result xmlns='urn:xmpp:mam:2' queryid='q' id='a'><forwarded xmlns='urn:xmpp:forward:0'>${inner('<body>x</body>')}</forwarded></result></message>`,
    ],
  ])('is nothing where it is %s', (_, text) => {
    const { messages, events, receive } = create()
    receive(text)
    expect([messages, events]).toEqual([[], []])
  })
})

describe('receipts', () => {
  const asked = `<message from='${BOB}/desk' id='x'><body>Hello</body>${REQUEST}</message>`

  test('answer a request of somebody who sees us', () => {
    const { sent, receive } = create()
    receive(asked)
    expect(sent[0]?.getChild('received', 'urn:xmpp:receipts')?.attrs['id']).toBe('x')
    expect(sent[0]?.attrs['to']).toBe(`${BOB}/desk`)
    expect(sent).toHaveLength(1)
  })

  test('are sent to nobody else, who would learn that we are here', () => {
    const { sent, messages, receive } = create({ seesUs: false })
    receive(asked)
    expect(messages).toHaveLength(1)
    expect(sent).toEqual([])
  })

  test('are not sent where they are switched off', () => {
    const { sent, messages, receive } = create({ receipts: false })
    receive(asked)
    expect(messages).toHaveLength(1)
    expect(sent).toEqual([])
  })

  test('are no loss where the connection is', async () => {
    const { messages, receive } = create({ isLost: true })
    receive(asked)
    expect(messages).toHaveLength(1)
  })

  test.each([
    [
      'a receipt',
      `<message from='${BOB}/desk' id='x'><received xmlns='urn:xmpp:receipts' id='y'/>${REQUEST}</message>`,
    ],
    [
      'a receipt with a text',
      `<message from='${BOB}/desk' id='x'><body>x</body><received xmlns='urn:xmpp:receipts' id='y'/>${REQUEST}</message>`,
    ],
    ['an error', `<message from='${BOB}/desk' type='error' id='x'><body>Hello</body>${REQUEST}</message>`],
    [
      'a correction',
      `<message from='${BOB}/desk' id='x'><body>x</body><replace xmlns='urn:xmpp:message-correct:0' id='w'/>${REQUEST}</message>`,
    ],
    ['a copy of what came', carbon('received', inner(`<body>x</body>${REQUEST}`))],
    ['a copy of what we sent', carbon('sent', inner(`<body>x</body>${REQUEST}`, OUT))],
    ['what we say to ourselves', `<message from='${ALICE}/phone' id='x'><body>x</body>${REQUEST}</message>`],
    ['what has no id', `<message from='${BOB}/desk'><body>x</body>${REQUEST}</message>`],
    [
      'what has an endless id',
      `<message from='${BOB}/desk' id='${'i'.repeat(2_000)}'><body>x</body>${REQUEST}</message>`,
    ],
    ['what does not ask', `<message from='${BOB}/desk' id='x'><body>x</body></message>`],
    ['what says nothing', `<message from='${BOB}/desk' id='x'>${REQUEST}</message>`],
  ])('do not answer %s', (_, text) => {
    const { sent, receive } = create()
    receive(text)
    expect(sent).toEqual([])
  })

  const receipt = (from: string, id: string): string =>
    `<message from='${from}'><received xmlns='urn:xmpp:receipts' id='${id}'/></message>`

  test('of others are told with who they are from', () => {
    const { events, receive } = create()
    receive(receipt(`${BOB}/desk`, 'm1'))
    receive(receipt('eve@plumb.test/x', 'm1'))
    // For what another device of ours sent.
    receive(carbon('received', inner("<received xmlns='urn:xmpp:receipts' id='m2'/>")))
    expect(events).toEqual([`receipt ${BOB} m1`, 'receipt eve@plumb.test m1', `receipt ${BOB} m2`])
  })

  test('of others do not count for what went to somebody else', async () => {
    const { say, events, receive } = create()
    await say('m1')
    receive(receipt('eve@plumb.test/x', 'm1'))
    receive("<message from='eve@plumb.test'><displayed xmlns='urn:xmpp:chat-markers:0' id='m1'/></message>")
    expect(events).toEqual([])
    receive(receipt(`${BOB}/desk`, 'm1'))
    receive(`<message from='${BOB}/desk'><displayed xmlns='urn:xmpp:chat-markers:0' id='m1'/></message>`)
    expect(events).toEqual([`receipt ${BOB} m1`, `displayed ${BOB} m1 in`])
  })

  test.each([
    ['from a server', receipt('plumb.test', 'm1')],
    ['from nobody', receipt('', 'm1')],
    ['from what is no address', receipt('@', 'm1')],
    ['from ourselves', receipt(OWN, 'm1')],
    [
      'from another device of ours',
      carbon('sent', inner("<received xmlns='urn:xmpp:receipts' id='m1'/>", OUT)),
    ],
    [
      'in a forged copy',
      carbon('received', inner("<received xmlns='urn:xmpp:receipts' id='m1'/>"), 'eve@plumb.test/x'),
    ],
  ])('%s do not count', (_, text) => {
    const { events, receive } = create()
    receive(text)
    expect(events).toEqual([])
  })
})

describe('markers', () => {
  const DISPLAYED = "<displayed xmlns='urn:xmpp:chat-markers:0' id='m1'/>"

  test('tell up to where somebody has seen it, or another device of ours', () => {
    const { events, messages, receive } = create()
    receive(`<message from='${BOB}/desk'>${DISPLAYED}</message>`)
    receive(carbon('received', inner(DISPLAYED)))
    receive(carbon('sent', inner(DISPLAYED, OUT)))
    expect(events).toEqual([`displayed ${BOB} m1 in`, `displayed ${BOB} m1 in`, `displayed ${BOB} m1 out`])
    expect(messages).toEqual([])
  })

  test('in a forged copy tell nothing', () => {
    const { events, receive } = create()
    receive(carbon('sent', inner(DISPLAYED, OUT), `${BOB}/desk`))
    expect(events).toEqual([])
  })

  test('are delivered, to whom sees us', async () => {
    const { chat, delivered } = create()
    await chat.sendDisplayed(BOB, 'x')
    expect(delivered[0]?.attrs).toMatchObject({ to: BOB, type: 'chat' })
    expect(delivered[0]?.getChild('displayed', 'urn:xmpp:chat-markers:0')?.attrs['id']).toBe('x')
    const stranger = create({ seesUs: false })
    await stranger.chat.sendDisplayed(BOB, 'x')
    expect([stranger.delivered, stranger.sent]).toEqual([[], []])
  })

  test('that are lost with the connection throw', async () => {
    const { chat } = create({ isLost: true })
    await expect(chat.sendDisplayed(BOB, 'x')).rejects.toMatchObject({ code: 'server-connection-lost' })
  })
})

describe('what somebody is doing', () => {
  const COMPOSING = "<composing xmlns='http://jabber.org/protocol/chatstates'/>"

  test('is told with the device', () => {
    const { events, messages, receive } = create()
    receive(`<message from='${BOB}/desk' type='chat'>${COMPOSING}</message>`)
    receive(carbon('received', inner(COMPOSING)))
    expect(events).toEqual([`composing ${BOB} ${BOB}/desk`, `composing ${BOB} ${BOB}/desk`])
    expect(messages).toEqual([])
  })

  test('is told before what they said', () => {
    const { chat, receive } = create()
    const order: string[] = []
    chat.on('chat-state', () => order.push('state'))
    chat.on('message', () => order.push('message'))
    receive(
      `<message from='${BOB}/desk'><body>x</body><active xmlns='http://jabber.org/protocol/chatstates'/></message>`,
    )
    expect(order).toEqual(['state', 'message'])
  })

  test.each([
    ['we do elsewhere', carbon('sent', inner(COMPOSING, OUT))],
    [
      'they did long ago',
      `<message from='${BOB}/desk'>${COMPOSING}<delay xmlns='urn:xmpp:delay' from='plumb.test' stamp='2020-01-01T00:00:00Z'/></message>`,
    ],
    ['an error returns', `<message from='${BOB}/desk' type='error'>${COMPOSING}</message>`],
  ])('is not told where it is what %s', (_, text) => {
    const { events, receive } = create()
    receive(text)
    expect(events).toEqual([])
  })

  test('is sent to whom sees us, and kept nowhere', async () => {
    const { chat, sent } = create()
    await chat.sendChatState(`${BOB}/desk`, 'paused')
    expect(sent[0]?.attrs).toEqual(expect.objectContaining({ to: `${BOB}/desk`, type: 'chat' }))
    expect(sent[0]?.getChildElements().map(child => [child.getName(), child.getNS()])).toEqual([
      ['paused', 'http://jabber.org/protocol/chatstates'],
      ['no-store', 'urn:xmpp:hints'],
    ])
    const stranger = create({ seesUs: false })
    await stranger.chat.sendChatState(BOB, 'composing')
    expect(stranger.sent).toEqual([])
  })

  test('that is lost with the connection is no loss', async () => {
    const { chat } = create({ isLost: true })
    await chat.sendChatState(BOB, 'composing')
  })
})

describe('an error', () => {
  const error = (from: string, id: string, condition: string): string =>
    `<message type='error' from='${from}' id='${id}'><error type='cancel'><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`

  test('fails the message that it is about, once', async () => {
    const { say, failures, receive } = create()
    await say('m1')
    await say('m2')
    receive(error(BOB, 'm1', 'service-unavailable'))
    receive(error(BOB, 'm1', 'service-unavailable'))
    receive(error(BOB, 'm2', 'policy-violation'))
    expect(failures.map(({ id, failure }) => [id, failure.code])).toEqual([
      ['m1', 'peer-offline'],
      ['m2', 'message-refused'],
    ])
  })

  test('of somebody else, or about nothing of ours, does nothing', async () => {
    const { say, failures, messages, receive } = create()
    await say('m1')
    receive(error('eve@plumb.test', 'm1', 'service-unavailable'))
    receive(error(BOB, 'other', 'service-unavailable'))
    receive(
      carbon(
        'received',
        error(BOB, 'm1', 'service-unavailable').replace('<message', "<message xmlns='jabber:client'"),
      ),
    )
    expect(failures).toEqual([])
    expect(messages).toEqual([])
  })

  test('does nothing to what has arrived', async () => {
    const { say, failures, receive } = create()
    await say('m1')
    receive(`<message from='${BOB}/desk'><received xmlns='urn:xmpp:receipts' id='m1'/></message>`)
    receive(error(BOB, 'm1', 'service-unavailable'))
    expect(failures).toEqual([])
  })

  test('is waited for by the newest ten thousand messages only', async () => {
    const { say, failures, receive } = create()
    for (let number = 0; number <= 10_000; number++) await say(`m${number}`)
    for (const id of ['m0', 'm1']) receive(error(BOB, id, 'service-unavailable'))
    expect(failures.map(({ id }) => id)).toEqual(['m1'])
  })
})
