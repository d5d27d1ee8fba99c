import { describe, expect, test, vi } from 'vitest'
import { type ReadChat, readArchivedChat, readChat } from '../../main/xmpp/read-chat.ts'
import { OWN } from './fake-transport.ts'
import { parseXml } from './xml.ts'

const ALICE = 'alice@plumb.test'
const BOB = 'bob@plumb.test'
const NOW = Date.UTC(2026, 0, 1)
const EARLIER = '2025-12-31T12:00:00Z'
const CONTEXT = { address: OWN, stanzaIds: true }

vi.useFakeTimers({ now: NOW, toFake: ['Date'] })

const read = (text: string, context = CONTEXT): ReadChat | undefined => readChat(parseXml(text), context)
const message = (
  content: string,
  attributes = `from='${BOB}/desk' to='${ALICE}' id='m1' type='chat'`,
): string => `<message xmlns='jabber:client' ${attributes}>${content}</message>`
const delay = (stamp = EARLIER, from = 'plumb.test'): string =>
  `<delay xmlns='urn:xmpp:delay' from='${from}' stamp='${stamp}'/>`
const forwarded = (inner: string, stamp = ''): string =>
  `<forwarded xmlns='urn:xmpp:forward:0'>${stamp}${inner}</forwarded>`
const carbon = (kind: 'sent' | 'received', inner: string, from = ALICE, stamp = ''): string =>
  `<message from='${from}' to='${OWN}' type='chat'><${kind} xmlns='urn:xmpp:carbons:2'>${forwarded(inner, stamp)}</${kind}></message>`
const archived = (inner: string, at: Date | undefined = new Date(EARLIER)): ReadChat | undefined =>
  readArchivedChat(parseXml(inner), 'a1', at, CONTEXT)

const OUT = `from='${ALICE}/phone' to='${BOB}' id='m1' type='chat'`
const BODY = '<body>Hello</body>'
const ROOM = "<x xmlns='http://jabber.org/protocol/muc#user'/>"
const STANZA_ID = `<stanza-id xmlns='urn:xmpp:sid:0' by='${ALICE}' id='s1'/>`

/** What all cases have that say nothing else. */
const PLAIN: ReadChat = {
  person: BOB,
  direction: 'in',
  source: 'live',
  device: `${BOB}/desk`,
  id: 'm1',
  originId: undefined,
  archiveId: undefined,
  at: new Date(NOW),
  text: undefined,
  replaces: undefined,
  receipt: undefined,
  displayed: undefined,
  chatState: undefined,
  wantsReceipt: false,
  markable: false,
  unstyled: false,
  error: undefined,
}

describe('a message that comes to this device', () => {
  test.each<[string, string, Partial<ReadChat>]>([
    ['a text', message(BODY), { text: 'Hello' }],
    ['a text of no type', message(BODY, `from='${BOB}/desk'`), { text: 'Hello', id: undefined }],
    [
      'a text of a type that nobody knows',
      message(BODY, `from='${BOB}/desk' type='shout'`),
      { text: 'Hello', id: undefined },
    ],
    ['a text by an account', message(BODY, `from='${BOB}'`), { text: 'Hello', id: undefined, device: BOB }],
    [
      'a text in two languages',
      message("<body>Hello</body><body xml:lang='de'>Hallo</body>"),
      { text: 'Hello' },
    ],
    [
      'a text in the second of two languages',
      message("<body xml:lang='en'/><body xml:lang='fr'> \n</body><body xml:lang='de'>Hallo</body>"),
      { text: 'Hallo' },
    ],
    [
      'a text with all that may go with it',
      message(
        `${BODY}<origin-id xmlns='urn:xmpp:sid:0' id='o1'/>${STANZA_ID}<active xmlns='http://jabber.org/protocol/chatstates'/>` +
          "<request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/>",
      ),
      {
        text: 'Hello',
        originId: 'o1',
        archiveId: 's1',
        chatState: 'active',
        wantsReceipt: true,
        markable: true,
      },
    ],
    [
      'a correction',
      message(`${BODY}<replace xmlns='urn:xmpp:message-correct:0' id='m0'/>`),
      { text: 'Hello', replaces: 'm0' },
    ],
    [
      'a text without styling',
      message(`${BODY}<unstyled xmlns='urn:xmpp:styling:0'/>`),
      { text: 'Hello', unstyled: true },
    ],
    ['a receipt', message("<received xmlns='urn:xmpp:receipts' id='m0'/>"), { receipt: 'm0' }],
    ['a marker', message("<displayed xmlns='urn:xmpp:chat-markers:0' id='m0'/>"), { displayed: 'm0' }],
    [
      'what somebody is doing',
      message("<composing xmlns='http://jabber.org/protocol/chatstates'/>"),
      { chatState: 'composing' },
    ],
    ['a text that waited', message(BODY + delay()), { text: 'Hello', at: new Date(EARLIER) }],
    [
      'what somebody was doing then',
      message(`${BODY}${delay()}<composing xmlns='http://jabber.org/protocol/chatstates'/>`),
      { text: 'Hello', at: new Date(EARLIER) },
    ],
    ['an invitation into a room', message(BODY + ROOM.replace('/>', '><invite/></x>')), { text: 'Hello' }],
    ['something forwarded', message(BODY + forwarded(message('<body>x</body>'))), { text: 'Hello' }],
    [
      'a text that nobody else gets',
      message(`${BODY}<private xmlns='urn:xmpp:carbons:2'/>`),
      { text: 'Hello' },
    ],
  ])('%s', (_, text, expected) => {
    expect(read(text)).toEqual({ ...PLAIN, ...expected })
  })

  test('by another device of ours is what we say to ourselves', () => {
    expect(read(message(BODY, `from='${ALICE}/phone' to='${ALICE}' id='m1'`))).toEqual({
      ...PLAIN,
      person: ALICE,
      direction: 'out',
      device: `${ALICE}/phone`,
      text: 'Hello',
    })
  })

  test.each([
    ['a room', `type='groupchat' from='room@plumb.test/bob'`],
    ['a headline', `type='headline' from='${BOB}/desk'`],
    ['nobody', ''],
    ['what is no address', `from='@'`],
    ['an endless address', `from='${'b'.repeat(4_000)}@plumb.test'`],
    ['a server', `from='plumb.test'`],
    ['a service', `from='icq.plumb.test/registered'`],
    ['an address with a control character', `from='b\u0001b@plumb.test'`],
  ])('from %s says nothing', (_, attributes) => {
    expect(read(message(BODY, attributes))).toBeUndefined()
  })

  test.each([
    ['nothing in it', ''],
    ['an empty text', '<body/>'],
    ['blanks', '<body> \n </body>'],
    ['a text of another protocol', "<body xmlns='http://www.w3.org/1999/xhtml'>x</body>"],
    ['only a request', "<request xmlns='urn:xmpp:receipts'/>"],
    ['a correction without a text', "<replace xmlns='urn:xmpp:message-correct:0' id='m0'/>"],
    [
      'what somebody was doing when it was sent',
      `${delay()}<paused xmlns='http://jabber.org/protocol/chatstates'/>`,
    ],
    ['a word from one occupant of a room to another', `${BODY}${ROOM}`],
    ['only what it forwards', forwarded(message(BODY))],
    ['a piece of an archive beside the text', `${BODY}<result xmlns='urn:xmpp:mam:2' queryid='q' id='a'/>`],
    ['far too much beside the text', BODY + '<a/>'.repeat(100_000)],
    ['a text far too deep', `${'<a>'.repeat(100_000)}${BODY}${'</a>'.repeat(100_000)}`],
  ])('with %s says nothing', (_, content) => {
    expect(read(message(content))).toBeUndefined()
  })

  test('with something deep beside the text is read', () => {
    const depth = 300_000
    expect(read(message(`${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}${BODY}`))?.text).toBe('Hello')
  })

  test('that is endless is cut, not through a character', () => {
    expect(read(message(`<body>${'x'.repeat(65_536)}</body>`))?.text).toBe('x'.repeat(65_536))
    const cut = read(message(`<body>${'x'.repeat(65_537)}</body>`))?.text
    expect([cut?.length, cut?.at(-1)]).toEqual([65_536, '…'])
    expect(read(message(`<body>${'😀'.repeat(40_000)}</body>`))?.text?.isWellFormed()).toBe(true)
    expect(read(message(`<body>x${'😀'.repeat(40_000)}</body>`))?.text?.isWellFormed()).toBe(true)
  })

  test.each(['', 'i'.repeat(1_025), 'a\u0002b', 'a\u009fb'])('with the id %j has none', id => {
    expect(read(message(BODY, `from='${BOB}/desk' id='${id}'`))?.id).toBeUndefined()
  })

  test.each([
    ['our server', 'plumb.test', true],
    ['our account', ALICE, true],
    ['the sender', `${BOB}/desk`, false],
    ['this device', OWN, false],
    ['another server', 'evil.test', false],
    ['a server whose name begins like ours', 'plumb.test.evil.test', false],
  ])('has the time that %s wrote: %j', (_, from, isTaken) => {
    const chat = read(message(BODY + delay('2011-01-01T00:00:00Z', 'eve@evil.test') + delay(EARLIER, from)))
    expect(chat?.at).toEqual(new Date(isTaken ? EARLIER : NOW))
  })

  test.each(['2999-01-01T00:00:00Z', '1969-07-20T20:17:40Z', 'yesterday', '', '0', '2025'])(
    'does not have the time %j',
    stamp => {
      expect(read(message(BODY + delay(stamp)))?.at).toEqual(new Date(NOW))
    },
  )

  test.each([
    ['of our archive', STANZA_ID, true, 's1'],
    ['of our archive, where the server does not vouch for it', STANZA_ID, false, undefined],
    ['of our archive, twice', STANZA_ID + STANZA_ID, true, undefined],
    ['of their archive', STANZA_ID.replace(ALICE, BOB), true, undefined],
  ])('with an id %s', (_, content, stanzaIds, expected) => {
    expect(read(message(BODY + content), { ...CONTEXT, stanzaIds })?.archiveId).toBe(expected)
  })
})

describe('an error', () => {
  const ERROR =
    "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
  const returned = message(
    `${BODY}<received xmlns='urn:xmpp:receipts' id='x'/><request xmlns='urn:xmpp:receipts'/>${ERROR}`,
    `from='${BOB}' type='error' id='m1'`,
  )

  test('is one, whatever came back with it', () => {
    expect(read(returned)).toEqual({
      ...PLAIN,
      device: BOB,
      error: { condition: 'service-unavailable', details: [], text: '' },
    })
  })

  test('is none in a copy or in the archive', () => {
    expect(read(carbon('received', returned.replace('<message', `<message to='${ALICE}'`)))).toBeUndefined()
    expect(archived(returned.replace('<message', `<message to='${ALICE}'`))).toBeUndefined()
  })
})

describe('a copy', () => {
  test.each<[string, string, Partial<ReadChat>]>([
    ['of what came for another device', carbon('received', message(BODY)), { direction: 'in' }],
    [
      'of what another device sent',
      carbon('sent', message(BODY, OUT)),
      { direction: 'out', device: `${ALICE}/phone` },
    ],
    [
      'of what another device sent to one of theirs',
      carbon('sent', message(BODY, `from='${ALICE}/phone' to='${BOB}/desk' id='m1'`)),
      { direction: 'out', device: `${ALICE}/phone` },
    ],
    [
      'of what another device wrote to ourselves',
      carbon('sent', message(BODY, `from='${ALICE}/phone' to='${ALICE}' id='m1'`)),
      { person: ALICE, direction: 'out', device: `${ALICE}/phone` },
    ],
    [
      'of the same without a receiver',
      carbon('sent', message(BODY, `from='${ALICE}/phone' id='m1'`)),
      { person: ALICE, direction: 'out', device: `${ALICE}/phone` },
    ],
    [
      'of what one device of ours wrote to another',
      carbon('received', message(BODY, `from='${ALICE}/phone' to='${ALICE}/car' id='m1'`)),
      { person: ALICE, direction: 'out', device: `${ALICE}/phone` },
    ],
    ['with an id of our archive', carbon('received', message(BODY + STANZA_ID)), { archiveId: 's1' }],
    ['with a time', carbon('received', message(BODY), ALICE, delay()), { at: new Date(EARLIER) }],
    [
      'with a time in the future',
      carbon('received', message(BODY), ALICE, delay('2999-01-01T00:00:00Z')),
      {},
    ],
    ['that was delayed before', carbon('received', message(BODY + delay())), { at: new Date(EARLIER) }],
    [
      'of what nobody else should get, and came all the same',
      carbon('received', message(`${BODY}<private xmlns='urn:xmpp:carbons:2'/>`)),
      {},
    ],
  ])('%s', (_, text, expected) => {
    expect(read(text)).toEqual({ ...PLAIN, source: 'carbon', text: 'Hello', ...expected })
  })

  test.each([
    ['receipt', "<received xmlns='urn:xmpp:receipts' id='x'/>", { receipt: 'x' }],
    ['marker', "<displayed xmlns='urn:xmpp:chat-markers:0' id='x'/>", { displayed: 'x' }],
    ['state', "<composing xmlns='http://jabber.org/protocol/chatstates'/>", { chatState: 'composing' }],
  ])('of a %s', (_, content, expected) => {
    expect(read(carbon('received', message(content), ALICE, delay()))).toMatchObject(expected)
    expect(read(carbon('sent', message(content, OUT)))).toMatchObject({ direction: 'out', ...expected })
  })

  test.each([
    ['from a contact', carbon('received', message(BODY), `${BOB}/desk`)],
    ['from a contact’s account', carbon('sent', message(BODY, OUT), BOB)],
    ['from our server', carbon('received', message(BODY), 'plumb.test')],
    ['from another device of ours', carbon('sent', message(BODY, OUT), `${ALICE}/phone`)],
    ['from this device', carbon('sent', message(BODY, OUT), OWN)],
    ['from nobody', carbon('sent', message(BODY, OUT)).replace(`from='${ALICE}'`, '')],
    [
      'with a text beside it, from a contact',
      carbon('received', message(BODY), `${BOB}/desk`).replace('</message>', `${BODY}</message>`),
    ],
    ['of something that we did not send', carbon('sent', message(BODY))],
    [
      'of something that others said to each other',
      carbon('received', message(BODY, `from='${BOB}' to='eve@plumb.test'`)),
    ],
    ['of something that we sent, as if it came', carbon('received', message(BODY, OUT))],
    [
      'of something that others sent to others',
      carbon('sent', message(BODY, `from='${BOB}' to='eve@plumb.test'`)),
    ],
    ['of something without a sender', carbon('received', message(BODY, `to='${ALICE}'`))],
    ['of something sent by nobody', carbon('sent', message(BODY, `to='${BOB}'`))],
    [
      'of something that we sent to a server',
      carbon('sent', message(BODY, `from='${ALICE}/phone' to='plumb.test'`)),
    ],
    ['of something to what is no address', carbon('sent', message(BODY, `from='${ALICE}/phone' to='@'`))],
    [
      'of a room',
      carbon('received', message(BODY, `from='room@plumb.test/bob' to='${ALICE}' type='groupchat'`)),
    ],
    [
      'of a copy',
      carbon(
        'received',
        carbon('received', message(BODY)).replace('<message ', "<message xmlns='jabber:client' "),
      ),
    ],
    [
      'of a copy, with a text beside it',
      carbon(
        'received',
        message(`${BODY}<received xmlns='urn:xmpp:carbons:2'>${forwarded(message(BODY))}</received>`),
      ),
    ],
    [
      'of a piece of an archive',
      carbon(
        'received',
        message(
          `${BODY}<result xmlns='urn:xmpp:mam:2' queryid='q' id='a'>${forwarded(message(BODY))}</result>`,
        ),
      ),
    ],
    ['of something wide', carbon('received', message(BODY + '<a/>'.repeat(100_000)))],
    ['of something that is wide', carbon('received', message(BODY).repeat(10_000))],
  ])('%s says nothing', (_, text) => {
    expect(read(text)).toBeUndefined()
  })

  test('in a deep place is none', () => {
    const depth = 100_000
    expect(
      read(
        message(
          `${'<a>'.repeat(depth)}${carbon('sent', message(BODY, OUT))}${'</a>'.repeat(depth)}`,
          `from='${ALICE}'`,
        ),
      ),
    ).toBeUndefined()
  })
})

describe('a message of the archive', () => {
  test.each<[string, string, Partial<ReadChat>]>([
    ['that came', message(BODY), { direction: 'in' }],
    ['that we sent', message(BODY, OUT), { direction: 'out', device: `${ALICE}/phone` }],
    ['that came to one device', message(BODY, `from='${BOB}/desk' to='${OWN}' id='m1'`), {}],
    ['that came without a receiver', message(BODY, `from='${BOB}/desk' id='m1'`), {}],
    [
      'to ourselves',
      message(BODY, `from='${ALICE}/phone' to='${ALICE}' id='m1'`),
      { person: ALICE, direction: 'out', device: `${ALICE}/phone` },
    ],
    ['with another id in it', message(BODY + STANZA_ID), {}],
    ['with another time in it', message(BODY + delay('2011-01-01T00:00:00Z')), {}],
    [
      'that says what somebody was doing',
      message(`${BODY}<composing xmlns='http://jabber.org/protocol/chatstates'/>`),
      {},
    ],
  ])('%s', (_, text, expected) => {
    expect(archived(text)).toEqual({
      ...PLAIN,
      source: 'archive',
      text: 'Hello',
      archiveId: 'a1',
      at: new Date(EARLIER),
      ...expected,
    })
  })

  test('to an occupant of a room is none of a person', () => {
    const to = `from='${ALICE}/phone' to='room@rooms.plumb.test/bob' id='m1' type='chat'`
    expect(archived(message(BODY + ROOM, to))).toBeUndefined()
    expect(read(carbon('sent', message(BODY + ROOM, to)))).toBeUndefined()
  })

  test('without a time is one of now', () => {
    expect(readArchivedChat(parseXml(message(BODY)), 'a1', undefined, CONTEXT)?.at).toEqual(new Date(NOW))
  })

  test.each([
    ['between others', message(BODY, `from='${BOB}' to='eve@plumb.test'`)],
    ['from us to a server', message(BODY, `from='${ALICE}' to='plumb.test'`)],
    ['from a server', message(BODY, `from='plumb.test' to='${ALICE}'`)],
    ['from nobody', message(BODY, `to='${ALICE}'`)],
    ['of a room', message(BODY, `from='room@plumb.test/bob' to='${ALICE}' type='groupchat'`)],
    ['of a headline', message(BODY, `from='${BOB}' to='${ALICE}' type='headline'`)],
    [
      'that says only what somebody was doing',
      message("<gone xmlns='http://jabber.org/protocol/chatstates'/>"),
    ],
    ['with a copy in it', carbon('received', message(BODY))],
    ['with a forged copy in it', carbon('received', message(BODY), `${BOB}/desk`)],
    ['with an archive in it', message(`${BODY}<result xmlns='urn:xmpp:mam:2' queryid='q' id='a'/>`)],
  ])('%s says nothing', (_, text) => {
    expect(archived(text)).toBeUndefined()
  })
})
