import { type Client, xml } from '@xmpp/client'
import type { Element } from '@xmpp/xml'
import { describe, expect, test } from 'vitest'
import {
  comeOnline,
  DOMAIN,
  featuresOf,
  record,
  refusalOf,
  settle,
  signIn,
  startServer,
} from './server-rig.ts'
import { attribute } from './xmpp-server/stanzas.ts'
import type { XmppServer } from './xmpp-server.ts'

const CARBONS = 'urn:xmpp:carbons:2'
const [ALICE, BOB] = ['alice@plumb.test', 'bob@plumb.test']

async function comeWithCarbons(
  server: XmppServer,
  username: string,
  resource: string,
  priority = 0,
): Promise<Client> {
  const created = await comeOnline(server, username, resource, priority)
  await created.iqCaller.set(xml('enable', CARBONS))
  return created
}

/** `sent` or `received`, and the message in each copy. */
function copiesIn(received: readonly Element[]): (readonly [string, Element | undefined])[] {
  return received.flatMap(stanza =>
    ['sent', 'received'].flatMap(name => {
      const copy = stanza.getChild(name, CARBONS)
      if (copy === undefined) return []
      const message = copy.getChild('forwarded', 'urn:xmpp:forward:0')?.getChild('message', 'jabber:client')
      return [[name, message] as const]
    }),
  )
}

function body(text: string): Element {
  return xml('body', {}, text)
}

describe('copies', () => {
  test('are announced of the server, where there are any', async () => {
    const alice = await signIn(await startServer({ chat: true }), 'alice')
    expect(await featuresOf(alice, DOMAIN)).toContain(CARBONS)
    const other = await signIn(await startServer({ chat: { carbons: false } }), 'alice')
    expect(await featuresOf(other, DOMAIN)).not.toContain(CARBONS)
    expect(await refusalOf(other.iqCaller.set(xml('enable', CARBONS)))).toBe('service-unavailable')
  })

  test('of what is sent and got go to the other devices that want them, and only there', async () => {
    const server = await startServer({ chat: true })
    const alice = await comeWithCarbons(server, 'alice', 'one', 5)
    const second = await comeWithCarbons(server, 'alice', 'two', 0)
    const hidden = await comeWithCarbons(server, 'alice', 'three', -1)
    const without = await comeOnline(server, 'alice', 'four')
    const bob = await comeWithCarbons(server, 'bob', 'one')
    const clients = [alice, second, hidden, without, bob]
    const [seen, seenBySecond = [], seenByHidden = [], seenWithout = [], seenByBob = []] = clients.map(record)

    await alice.send(xml('message', { to: BOB, type: 'chat', id: 'a' }, body('to bob')))
    await settle(...clients)
    await bob.send(xml('message', { to: ALICE, type: 'chat', id: 'b' }, body('to alice')))
    await settle(...clients)

    for (const received of [seenBySecond, seenByHidden]) {
      expect(copiesIn(received).map(([name, message]) => [name, message?.getChildText('body')])).toEqual([
        ['sent', 'to bob'],
        ['received', 'to alice'],
      ])
    }
    expect(seenBySecond.find(stanza => stanza.getChild('sent'))?.attrs).toMatchObject({
      from: ALICE,
      to: `${ALICE}/two`,
      type: 'chat',
    })
    // The id of one's own archive is on both.
    const ids = copiesIn(seenBySecond).map(
      ([, message]) => message?.getChild('stanza-id', 'urn:xmpp:sid:0')?.attrs,
    )
    expect(ids).toEqual(server.archiveOf('alice').map(({ id }) => expect.objectContaining({ by: ALICE, id })))
    for (const received of [seen ?? [], seenWithout, seenByBob]) expect(copiesIn(received)).toEqual([])
  })

  test.each([
    ['a chat state', { type: 'chat' }, xml('composing', 'http://jabber.org/protocol/chatstates'), true],
    ['a text of no type', {}, body('x'), true],
    ['a receipt', {}, xml('received', { xmlns: 'urn:xmpp:receipts', id: 'a' }), true],
    ['a marker', {}, xml('displayed', { xmlns: 'urn:xmpp:chat-markers:0', id: 'a' }), true],
    ['nothing unknown', {}, xml('x', 'urn:x'), false],
    ['no headline', { type: 'headline' }, body('x'), false],
  ])('are made of %s', async (_, attributes, child, isCopied) => {
    const server = await startServer({ chat: true })
    const alice = await comeOnline(server, 'alice')
    const second = await comeWithCarbons(server, 'alice', 'two')
    const received = record(second)
    await alice.send(xml('message', { to: `${BOB}/one`, ...attributes }, child))
    await settle(alice, second)
    expect(copiesIn(received)).toHaveLength(isCopied ? 1 : 0)
  })

  test.each([xml('private', CARBONS), xml('no-copy', 'urn:xmpp:hints')])(
    'are not made of what says %s',
    async mark => {
      const server = await startServer({ chat: true })
      const alice = await comeOnline(server, 'alice')
      const second = await comeWithCarbons(server, 'alice', 'two')
      const bob = await comeOnline(server, 'bob')
      const other = await comeWithCarbons(server, 'bob', 'two', -1)
      const [atSecond = [], atBob = [], atOther = []] = [second, bob, other].map(record)
      await alice.send(xml('message', { to: BOB, type: 'chat' }, body('secret'), mark))
      await settle(alice, second, bob, other)
      expect([...copiesIn(atSecond), ...copiesIn(atOther)]).toEqual([])
      const messages = atBob.filter(stanza => stanza.is('message'))
      expect(messages.map(stanza => stanza.getChildText('body'))).toEqual(['secret'])
      expect(messages[0]?.getChild('private', CARBONS)).toBeUndefined()
    },
  )

  test('stop when nobody wants them, and start again in a new session only when asked for', async () => {
    const server = await startServer({ chat: true })
    const alice = await comeOnline(server, 'alice')
    const second = await comeWithCarbons(server, 'alice', 'two')
    await second.iqCaller.set(xml('disable', CARBONS))
    const received = record(second)
    await alice.send(xml('message', { to: BOB, type: 'chat' }, body('x')))
    await settle(alice, second)
    expect(copiesIn(received)).toEqual([])
  })

  test('are enabled for oneself only', async () => {
    const server = await startServer({ chat: true, contacts: [['alice', 'bob']] })
    const bob = await comeOnline(server, 'bob')
    expect(await refusalOf(bob.iqCaller.set(xml('enable', CARBONS), ALICE))).toBe('service-unavailable')
  })

  test('survive a lost connection', async () => {
    const server = await startServer({ chat: true })
    const alice = await comeOnline(server, 'alice')
    const second = await comeWithCarbons(server, 'alice', 'two')
    const received = record(second)
    const disconnected = new Promise<void>(resolve => second.once('disconnect', () => resolve()))
    await server.kick(`${ALICE}/two`)
    await disconnected
    await alice.send(xml('message', { to: BOB, type: 'chat' }, body('meanwhile')))
    await settle(alice)
    const copied = new Promise<void>(resolve => {
      second.on('stanza', (stanza: Element) => {
        if (attribute(stanza, 'from') === ALICE && stanza.getChild('sent', CARBONS)) resolve()
      })
    })
    await second.reconnect.reconnect()
    await copied
    expect(copiesIn(received).map(([name]) => name)).toEqual(['sent'])
  })
})
