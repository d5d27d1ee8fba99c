import { createHash } from 'node:crypto'
import { xml } from '@xmpp/client'
import type { Element } from '@xmpp/xml'
import { describe, expect, test } from 'vitest'
import {
  comeOnline,
  condition,
  DOMAIN,
  featuresOf,
  presenceFrom,
  record,
  refusalOf,
  rosterPush,
  settle,
  signIn,
  stanzaFor,
  startServer,
} from './server-rig.ts'
import { attribute } from './xmpp-server/stanzas.ts'

const [ALICE, BOB] = ['alice@plumb.test', 'bob@plumb.test']
const PUBSUB = 'http://jabber.org/protocol/pubsub'
const BLOCKING = 'urn:xmpp:blocking'
const PNG = Buffer.from('not really a picture')
const HASH = createHash('sha1').update(PNG).digest('hex')

function card(): Element {
  return xml(
    'vCard',
    'vcard-temp',
    xml('FN', {}, 'Alice'),
    xml('PHOTO', {}, xml('TYPE', {}, 'image/png'), xml('BINVAL', {}, PNG.toString('base64'))),
  )
}

describe('cards', () => {
  test('are kept for oneself and read by others, and nobody writes those of others', async () => {
    const server = await startServer({ chat: { vcards: 'separate' }, contacts: [['alice', 'bob']] })
    const alice = await signIn(server, 'alice')
    const bob = await comeOnline(server, 'bob')
    expect(await featuresOf(alice, DOMAIN)).toContain('vcard-temp')
    expect(await featuresOf(alice)).not.toContain('urn:xmpp:pep-vcard-conversion:0')
    expect(await refusalOf(bob.iqCaller.get(xml('vCard', 'vcard-temp'), ALICE))).toBe('item-not-found')
    await alice.iqCaller.set(card())
    for (const [client, to] of [
      [alice, undefined],
      [bob, ALICE],
    ] as const) {
      expect(String(await client.iqCaller.get(xml('vCard', 'vcard-temp'), to))).toBe(String(card()))
    }
    expect(await refusalOf(bob.iqCaller.set(xml('vCard', 'vcard-temp'), ALICE))).toBe('forbidden')
    const seen = presenceFrom(bob, `${ALICE}/one`)
    await alice.send(xml('presence'))
    expect((await seen).getChild('x', 'vcard-temp:x:update')).toBeUndefined()
  })

  test('and avatars are the same, and their hash comes into presence, as Prosody does it', async () => {
    const server = await startServer({ chat: true, contacts: [['alice', 'bob']] })
    const alice = await signIn(server, 'alice')
    const bob = await comeOnline(server, 'bob')
    const photoIn = (presence: Element) =>
      presence.getChild('x', 'vcard-temp:x:update')?.getChildText('photo')
    const before = presenceFrom(bob, `${ALICE}/one`)
    await alice.send(xml('presence'))
    expect(photoIn(await before)).toBe('')

    await alice.iqCaller.set(card())
    const items = (node: string) => xml('pubsub', PUBSUB, xml('items', { node }))
    const metadata = await bob.iqCaller.get(items('urn:xmpp:avatar:metadata'), ALICE)
    expect(String(metadata)).toContain(`<info bytes="${PNG.length}" id="${HASH}" type="image/png"/>`)
    const data = await bob.iqCaller.get(items('urn:xmpp:avatar:data'), ALICE)
    expect(String(data)).toContain(PNG.toString('base64'))
    expect(String(await bob.iqCaller.get(xml('vCard', 'vcard-temp'), ALICE))).toBe(String(card()))
    const after = presenceFrom(bob, `${ALICE}/one`)
    await alice.send(xml('presence'))
    expect(photoIn(await after)).toBe(HASH)

    // What a client says itself stays.
    const own = presenceFrom(bob, `${ALICE}/one`)
    await alice.send(xml('presence', {}, xml('x', 'vcard-temp:x:update', xml('photo', {}, 'own'))))
    expect(photoIn(await own)).toBe('own')
  })
})

describe('blocking', () => {
  function block(name: string, ...jids: readonly string[]): Element {
    return xml(name, BLOCKING, ...jids.map(jid => xml('item', { jid })))
  }

  test('is announced where there is any, and pushed to the devices that asked for the list', async () => {
    const server = await startServer({ chat: true })
    const alice = await comeOnline(server, 'alice')
    const other = await comeOnline(server, 'alice', 'two')
    const deaf = await comeOnline(server, 'alice', 'three')
    expect(await featuresOf(alice, DOMAIN)).toContain(BLOCKING)
    for (const each of [alice, other]) await each.iqCaller.get(xml('blocklist', BLOCKING))
    const [pushed, unheard] = [record(other), record(deaf)]
    await alice.iqCaller.set(block('block', 'Bob@plumb.test', 'evil.test'))
    await alice.iqCaller.set(block('unblock', 'evil.test'))
    await alice.iqCaller.set(block('unblock'))
    await settle(alice, other, deaf)
    const changes = (received: readonly Element[]) =>
      received
        .filter(stanza => attribute(stanza, 'type') === 'set')
        .map(stanza => stanza.getChildElements()[0]?.toString())
    const expected = [block('block', BOB, 'evil.test'), block('unblock', 'evil.test'), block('unblock')].map(
      String,
    )
    expect(changes(pushed)).toEqual(expected)
    expect(changes(unheard)).toEqual([])
    expect(await refusalOf(alice.iqCaller.set(block('block')))).toBe('bad-request')
    expect(await refusalOf(alice.iqCaller.set(block('block', '@')))).toBe('jid-malformed')

    const without = await signIn(await startServer(), 'alice')
    expect(await refusalOf(without.iqCaller.get(xml('blocklist', BLOCKING)))).toBe('service-unavailable')
  })

  test('hides each from the other until it ends', async () => {
    const server = await startServer({ chat: true, contacts: [['alice', 'bob']] })
    const alice = await comeOnline(server, 'alice')
    const bob = await comeOnline(server, 'bob')
    const gone = presenceFrom(bob, `${ALICE}/one`, 'unavailable')
    await alice.iqCaller.set(block('block', BOB))
    await gone
    const list = await alice.iqCaller.get(xml('blocklist', BLOCKING))
    expect(list?.toString()).toBe(block('blocklist', BOB).toString())

    const [atAlice, atBob] = [record(alice), record(bob)]
    await bob.send(xml('presence', {}, xml('show', {}, 'away')))
    await bob.send(xml('presence', { to: ALICE }))
    await bob.send(xml('message', { to: ALICE, type: 'chat', id: 'm' }, xml('body', {}, 'hello')))
    await bob.send(xml('message', { to: `${ALICE}/one`, type: 'chat' }, xml('body', {}, 'hello')))
    const ping = xml('ping', 'urn:xmpp:ping')
    expect(await refusalOf(bob.iqCaller.get(ping, `${ALICE}/one`))).toBe('service-unavailable')
    await settle(bob, alice)
    expect(atAlice.filter(stanza => attribute(stanza, 'from')?.startsWith(BOB))).toEqual([])
    const refused = atBob.filter(stanza => stanza.is('message'))
    expect(refused.map(stanza => [attribute(stanza, 'id'), condition(stanza)])).toEqual([
      ['m', 'service-unavailable'],
    ])
    expect(server.archiveOf('alice')).toEqual([])

    const error = stanzaFor(alice, stanza => attribute(stanza, 'type') === 'error')
    await alice.send(xml('message', { to: `${BOB}/one`, type: 'chat' }, xml('body', {}, 'hello')))
    expect(condition(await error)).toBe('not-acceptable')
    expect((await error).getChild('error')?.getChild('blocked', `${BLOCKING}:errors`)).toBeDefined()
    atBob.length = 0
    await alice.send(xml('presence', {}, xml('show', {}, 'dnd')))
    await settle(alice, bob)
    expect(atBob.filter(stanza => attribute(stanza, 'from')?.startsWith(ALICE))).toEqual([])

    const back = presenceFrom(bob, `${ALICE}/one`)
    await alice.iqCaller.set(block('unblock', BOB))
    expect((await back).getChildText('show')).toBe('dnd')
    const heard = stanzaFor(alice, stanza => stanza.is('message'))
    await bob.send(xml('message', { to: ALICE, type: 'chat' }, xml('body', {}, 'again')))
    expect((await heard).getChildText('body')).toBe('again')
  })

  test('of one device leaves the others alone', async () => {
    const server = await startServer({ chat: true, contacts: [['alice', 'bob']] })
    const alice = await comeOnline(server, 'alice')
    const bob = await comeOnline(server, 'bob')
    const other = await comeOnline(server, 'bob', 'two')
    await alice.iqCaller.set(block('block', `${BOB}/one`))
    const received = record(alice)
    for (const each of [bob, other]) {
      await each.send(xml('presence', {}, xml('show', {}, 'away')))
      await each.send(xml('message', { to: ALICE, type: 'chat' }, xml('body', {}, 'hello')))
    }
    await settle(bob, other, alice)
    const heard = received.filter(stanza => attribute(stanza, 'from')?.startsWith(BOB))
    expect(heard.map(stanza => [stanza.name, attribute(stanza, 'from')])).toEqual([
      ['presence', `${BOB}/two`],
      ['message', `${BOB}/two`],
    ])
  })

  test('lets nobody ask any more to see presence', async () => {
    const server = await startServer({ chat: true })
    const alice = await comeOnline(server, 'alice')
    await alice.iqCaller.set(block('block', BOB))
    const bob = await comeOnline(server, 'bob')
    const received = record(alice)
    await bob.send(xml('presence', { to: ALICE, type: 'subscribe' }))
    await settle(bob, alice)
    expect(received.filter(stanza => stanza.is('presence'))).toEqual([])
    await alice.iqCaller.set(block('unblock'))
    // Nor does it come later.
    const own = presenceFrom(alice, `${ALICE}/one`)
    await alice.send(xml('presence', { type: 'unavailable' }))
    await alice.send(xml('presence'))
    await own
    await settle(alice)
    expect(received.filter(stanza => attribute(stanza, 'type') === 'subscribe')).toEqual([])
  })
})

describe('a roster with versions', () => {
  test('is sent only to who has another one', async () => {
    const server = await startServer({ chat: true, contacts: [['alice', 'bob']] })
    const alice = await comeOnline(server, 'alice')
    const ask = async (ver: string) => {
      const query = xml('query', { xmlns: 'jabber:iq:roster', ver })
      return (await alice.iqCaller.request(xml('iq', { type: 'get' }, query))).getChild('query')
    }
    const first = await ask('')
    const version = attribute(first ?? xml('query'), 'ver') ?? ''
    expect(first?.getChildren('item')).toHaveLength(1)
    expect(await ask(version)).toBeUndefined()
    const push = rosterPush(alice)
    const item = xml('item', { jid: BOB, name: 'Bob' }, xml('group', {}, 'Friends'), xml('group', {}, 'Work'))
    await alice.iqCaller.set(xml('query', 'jabber:iq:roster', item))
    const pushed = (await push).getChild('query')
    expect(pushed?.attrs['ver']).not.toBe(version)
    expect(await ask(String(pushed?.attrs['ver']))).toBeUndefined()
    expect((await ask(version))?.getChild('item')?.getChildren('group').map(String)).toEqual([
      '<group>Friends</group>',
      '<group>Work</group>',
    ])
  })
})
