import { type Client, xml } from '@xmpp/client'
import type { Element } from '@xmpp/xml'
import { describe, expect, test } from 'vitest'
import { comeOnline, featuresOf, record, refusalOf, settle, signIn, startServer } from './server-rig.ts'
import { attribute } from './xmpp-server/stanzas.ts'
import type { XmppServer, XmppServerOptions } from './xmpp-server.ts'

const PUBSUB = 'http://jabber.org/protocol/pubsub'
const OWNER = `${PUBSUB}#owner`
const [ALICE, BOB] = ['alice@plumb.test', 'bob@plumb.test']
const NODE = 'urn:plumb:test'

function form(type: string, fields: Readonly<Record<string, string>>): Element {
  return xml(
    'x',
    { xmlns: 'jabber:x:data', type: 'submit' },
    ...Object.entries({ FORM_TYPE: type, ...fields }).map(([name, value]) =>
      xml('field', { var: name }, xml('value', {}, value)),
    ),
  )
}

function publish(
  publisher: Client,
  id: string,
  options?: Readonly<Record<string, string>>,
  to?: string,
): Promise<Element | undefined> {
  const request = xml(
    'pubsub',
    PUBSUB,
    xml('publish', { node: NODE }, xml('item', { id }, xml('thing', NODE, id))),
    ...(options === undefined
      ? []
      : [xml('publish-options', {}, form(`${PUBSUB}#publish-options`, options))]),
  )
  return publisher.iqCaller.set(request, to)
}

async function idsOf(reader: Client, of: string | undefined, question: Element): Promise<string[]> {
  const answer = await reader.iqCaller.get(xml('pubsub', PUBSUB, question), of)
  const items = answer?.getChild('items')?.getChildren('item') ?? []
  return items.map((item: Element) => `${attribute(item, 'id')}:${item.getChildText('thing', NODE)}`)
}

function items(attributes: Readonly<Record<string, string>> = {}, ...ids: readonly string[]): Element {
  return xml('items', { node: NODE, ...attributes }, ...ids.map(id => xml('item', { id })))
}

/** Comes online, and says when asked that it follows the node. */
async function follow(
  server: XmppServer,
  username: string,
  resource = 'one',
): Promise<{ readonly follower: Client; readonly told: () => string[] }> {
  const follower = await signIn(server, username, resource)
  const received = record(follower)
  await follower.iqCaller.get(xml('query', 'jabber:iq:roster'))
  const asked = new Promise<void>(resolve => {
    follower.iqCallee.get(
      'http://jabber.org/protocol/disco#info',
      'query',
      ({ element }: { readonly element: Element }) => {
        resolve()
        return xml(
          'query',
          { xmlns: 'http://jabber.org/protocol/disco#info', node: element.attrs['node'] },
          xml('feature', { var: `${NODE}+notify` }),
        )
      },
    )
  })
  const caps = { xmlns: 'http://jabber.org/protocol/caps', hash: 'sha-1', node: 'urn:client', ver: 'x' }
  await follower.send(xml('presence', {}, xml('c', caps)))
  await asked
  await settle(follower)
  const told = () =>
    received.flatMap(stanza => {
      const event = stanza.getChild('event', `${PUBSUB}#event`)
      if (event === undefined) return []
      expect(stanza.attrs).toMatchObject({ type: 'headline', to: `${username}@plumb.test/${resource}` })
      const changes = event.getChildElements()[0]?.getChildElements() ?? []
      const named = changes.map(change => `${change.getName()} ${attribute(change, 'id')}`)
      return `${attribute(stanza, 'from')} ${named.join() || event.getChildElements()[0]?.getName()}`
    })
  return { follower, told }
}

function start(options: Partial<XmppServerOptions> = {}): Promise<XmppServer> {
  const accounts = { alice: 'pässword, = "1"', bob: 'pässword, = "1"', carol: 'pässword, = "1"' }
  return startServer({ chat: true, accounts, contacts: [['alice', 'bob']], ...options })
}

describe('what an account publishes', () => {
  test('is announced of the account, to itself and to its contacts, where there is any', async () => {
    const server = await start()
    const [alice, bob, carol] = [
      await signIn(server, 'alice'),
      await signIn(server, 'bob'),
      await signIn(server, 'carol'),
    ]
    expect(await featuresOf(alice)).toContain(`${PUBSUB}#publish-options`)
    expect(await featuresOf(bob, ALICE)).toContain(`${PUBSUB}#publish-options`)
    expect(await refusalOf(featuresOf(carol, ALICE))).toBe('service-unavailable')
    const without = await signIn(await start({ chat: { pep: false } }), 'alice')
    expect(await featuresOf(without)).not.toContain(PUBSUB)
    expect(await refusalOf(publish(without, 'a'))).toBe('service-unavailable')
  })

  test('keeps the newest items, as many as its options say, the last published as the newest', async () => {
    const alice = await signIn(await start(), 'alice')
    for (const id of ['a', 'b', 'a', 'c']) await publish(alice, id, { 'pubsub#max_items': '2' })
    expect(await idsOf(alice, undefined, items())).toEqual(['a:a', 'c:c'])
    expect(await idsOf(alice, undefined, items({ max_items: '1' }))).toEqual(['c:c'])
    expect(await idsOf(alice, undefined, items({}, 'c', 'unknown', 'a'))).toEqual(['c:c', 'a:a'])
  })

  test('is refused where the node is kept in another way, until it is configured', async () => {
    const alice = await signIn(await start(), 'alice')
    await publish(alice, 'a')
    const options = {
      'pubsub#access_model': 'whitelist',
      'pubsub#max_items': 'max',
      'pubsub#persist_items': '1',
    }
    const refused = await publish(alice, 'b', options).catch((error: unknown) => error)
    expect(refused).toMatchObject({ condition: 'conflict' })
    expect(String(refused instanceof Error && 'element' in refused && refused.element)).toContain(
      'precondition-not-met',
    )
    expect(await idsOf(alice, undefined, items())).toEqual(['a:a'])
    const configure = xml('configure', { node: NODE }, form(`${PUBSUB}#node_config`, options))
    await alice.iqCaller.set(xml('pubsub', OWNER, configure))
    await publish(alice, 'b', options)
    expect(await idsOf(alice, undefined, items())).toEqual(['a:a', 'b:b'])
    const asked = await alice.iqCaller.get(xml('pubsub', OWNER, xml('configure', { node: NODE })))
    expect(asked?.toString()).toContain('<field var="pubsub#access_model"><value>whitelist</value></field>')
  })

  test.each([
    ['more items than there may be', { 'pubsub#max_items': '257' }, 'not-acceptable'],
    ['an access model that there is not', { 'pubsub#access_model': 'authorize' }, 'not-acceptable'],
  ])('is refused with %s', async (_, options, expected) => {
    const alice = await signIn(await start(), 'alice')
    expect(await refusalOf(publish(alice, 'a', options))).toBe(expected)
    expect(await refusalOf(idsOf(alice, undefined, items()))).toBe('item-not-found')
  })

  test('can be published with few options only where the server is told to be like that', async () => {
    const alice = await signIn(await start({ chat: { pep: 'few-options' } }), 'alice')
    expect(await refusalOf(publish(alice, 'a', { 'pubsub#max_items': 'max' }))).toBe('resource-constraint')
    const few = { 'pubsub#access_model': 'whitelist', 'pubsub#persist_items': 'true' }
    await publish(alice, 'a', few)
    const many = form(`${PUBSUB}#node_config`, { ...few, 'pubsub#max_items': 'max' })
    await alice.iqCaller.set(xml('pubsub', OWNER, xml('configure', { node: NODE }, many)))
    await publish(alice, 'b', few)
    expect(await idsOf(alice, undefined, items())).toEqual(['a:a', 'b:b'])
  })

  test.each([
    ['presence', [true, true, false]],
    ['open', [true, true, true]],
    ['whitelist', [true, false, false]],
  ])('can be read with the access model %s by whom it is for', async (access, expected) => {
    const server = await start()
    const names = ['alice', 'bob', 'carol']
    const clients = await Promise.all(names.map(name => signIn(server, name)))
    const [alice] = clients
    if (alice === undefined) throw new Error('bug: nobody')
    await publish(alice, 'a', { 'pubsub#access_model': access })
    const seen = clients.map(async client => {
      try {
        return (await idsOf(client, ALICE, items())).length === 1
      } catch {
        return false
      }
    })
    expect(await Promise.all(seen)).toEqual(expected)
  })

  test("is only the account's own to change", async () => {
    const server = await start()
    const alice = await signIn(server, 'alice')
    const bob = await signIn(server, 'bob')
    await publish(alice, 'a', { 'pubsub#access_model': 'open' })
    expect(await refusalOf(publish(bob, 'b', undefined, ALICE))).toBe('forbidden')
    const attempts = [
      xml('pubsub', PUBSUB, xml('retract', { node: NODE }, xml('item', { id: 'a' }))),
      xml('pubsub', OWNER, xml('purge', { node: NODE })),
      xml('pubsub', OWNER, xml('delete', { node: NODE })),
      xml('pubsub', OWNER, xml('configure', { node: NODE }, form('x', {}))),
    ]
    for (const attempt of attempts) {
      expect(await refusalOf(bob.iqCaller.set(attempt, ALICE))).toBe('forbidden')
    }
    expect(await idsOf(bob, ALICE, items())).toEqual(['a:a'])
  })
})

describe('who follows a node', () => {
  test("is told of what its contacts and its account's other devices publish, and nobody else is", async () => {
    const server = await start()
    const alice = await comeOnline(server, 'alice')
    const [own, contact, stranger] = [
      await follow(server, 'alice', 'two'),
      await follow(server, 'bob'),
      await follow(server, 'carol'),
    ]
    const deaf = await comeOnline(server, 'bob', 'deaf')
    const unheard = record(deaf)
    await publish(alice, 'a', { 'pubsub#max_items': '2' })
    const retract = xml('retract', { node: NODE, notify: 'true' }, xml('item', { id: 'a' }))
    await alice.iqCaller.set(xml('pubsub', PUBSUB, retract))
    await alice.iqCaller.set(xml('pubsub', OWNER, xml('purge', { node: NODE })))
    await alice.iqCaller.set(xml('pubsub', OWNER, xml('delete', { node: NODE })))
    await settle(alice, own.follower, contact.follower, stranger.follower, deaf)
    const expected = ['item a', 'retract a', 'purge', 'delete'].map(change => `${ALICE} ${change}`)
    expect(own.told()).toEqual(expected)
    expect(contact.told()).toEqual(expected)
    expect(stranger.told()).toEqual([])
    expect(unheard.filter(stanza => stanza.is('message'))).toEqual([])
    expect(server.archiveOf('bob')).toEqual([])
  })

  test('gets the last item on coming online, unless the node says never', async () => {
    const server = await start()
    const alice = await comeOnline(server, 'alice')
    await publish(alice, 'a', { 'pubsub#max_items': '2' })
    await publish(alice, 'b', { 'pubsub#max_items': '2' })
    expect((await follow(server, 'bob')).told()).toEqual([`${ALICE} item b`])
    expect((await follow(server, 'alice', 'two')).told()).toEqual([`${ALICE} item b`])
    expect((await follow(server, 'carol')).told()).toEqual([])

    const never = form(`${PUBSUB}#node_config`, { 'pubsub#send_last_published_item': 'never' })
    await alice.iqCaller.set(xml('pubsub', OWNER, xml('configure', { node: NODE }, never)))
    expect((await follow(server, 'bob', 'two')).told()).toEqual([])
  })

  test('is not asked again while its caps stay the same, nor told after it left', async () => {
    const server = await start()
    const alice = await comeOnline(server, 'alice')
    const { follower, told } = await follow(server, 'bob')
    const received = record(follower)
    const caps = { xmlns: 'http://jabber.org/protocol/caps', hash: 'sha-1', node: 'urn:client', ver: 'x' }
    await follower.send(xml('presence', {}, xml('show', {}, 'away'), xml('c', caps)))
    await settle(follower)
    expect(received.filter(stanza => attribute(stanza, 'type') === 'get')).toEqual([])
    await follower.send(xml('presence', { type: 'unavailable' }))
    await settle(follower)
    await publish(alice, 'a')
    await settle(alice, follower)
    expect(told()).toEqual([])
  })

  test('is told nothing for answers of somebody else, to somebody else, or to another question', async () => {
    const server = await start()
    const alice = await comeOnline(server, 'alice')
    const bob = await comeOnline(server, 'bob')
    let id = ''
    server.intercept((stanza, to) => {
      if (to === `${BOB}/one` && attribute(stanza, 'type') === 'get') id = attribute(stanza, 'id') ?? ''
      return undefined
    })
    const received = record(bob)
    const caps = { xmlns: 'http://jabber.org/protocol/caps', hash: 'sha-1', node: 'urn:client', ver: 'x' }
    await bob.send(xml('presence', {}, xml('c', caps)))
    await settle(bob)
    expect(id).not.toBe('')
    const query = xml(
      'query',
      'http://jabber.org/protocol/disco#info',
      xml('feature', { var: `${NODE}+notify` }),
    )
    await alice.send(xml('iq', { type: 'result', id, to: BOB }, query))
    await alice.send(xml('iq', { type: 'result', id, to: ALICE }, query))
    await bob.send(xml('iq', { type: 'result', id, to: ALICE }, query))
    await bob.send(xml('iq', { type: 'result', id: 'other', to: BOB }, query))
    await settle(alice, bob)
    await publish(alice, 'a')
    await settle(alice, bob)
    expect(received.filter(stanza => stanza.is('message'))).toEqual([])
    await bob.send(xml('iq', { type: 'result', id, to: BOB }, query))
    await settle(bob)
    expect(received.filter(stanza => stanza.is('message'))).toHaveLength(1)
  })
})
