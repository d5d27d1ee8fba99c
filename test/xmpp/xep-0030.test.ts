import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { attribute, type Element } from '../../main/xmpp/stanza.ts'
import { Discovery, hasIdentity } from '../../main/xmpp/xep-0030.ts'
import { FakeTransport } from './fake-transport.ts'
import { parseXml, reparsed } from './xml.ts'

const INFO = 'http://jabber.org/protocol/disco#info'
const ITEMS = 'http://jabber.org/protocol/disco#items'
const CAPS = 'http://jabber.org/protocol/caps'
const BOB = 'bob@plumb.test/desk'
const FEATURES = ['urn:b', 'http://jabber.org/protocol/si', 'urn:a', 'urn:a', 'Urn:Z']

function create(features: readonly string[] = FEATURES) {
  const transport = new FakeTransport()
  const discovery = new Discovery(transport.iq, features)
  const ask = async (query: string): Promise<Element> => {
    const number = transport.sent.length + 1
    transport.receive(`<iq type='get' id='1' from='${BOB}'>${query}</iq>`)
    return transport.nth(number)
  }
  return { transport, discovery, ask }
}

/** XEP-0115 section 5.1, for queries without forms, as somebody would write it who receives one. */
function verification(query: Element): string {
  const compareBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))
  const identities = query
    .getChildren('identity')
    .map(({ attrs }) => ['category', 'type', 'xml:lang', 'name'].map(name => attrs[name] ?? '').join('/'))
    .toSorted(compareBytes)
  const features = query
    .getChildren('feature')
    .map(feature => attribute(feature, 'var') ?? '')
    .toSorted(compareBytes)
  let text = ''
  for (const part of [...identities, ...features]) text += `${part}<`
  return createHash('sha1').update(text, 'utf8').digest('base64')
}

test('the algorithm of this test gives the hash of the XEP’s own example', () => {
  const example = parseXml(
    `<query xmlns='${INFO}' node='http://code.google.com/p/exodus#QgayPKawpkPSDYmwT/WM94uAlu0='>
      <identity category='client' name='Exodus 0.9.1' type='pc'/>
      <feature var='${CAPS}'/><feature var='${INFO}'/><feature var='${ITEMS}'/>
      <feature var='http://jabber.org/protocol/muc'/></query>`,
  )
  expect(verification(example)).toBe('QgayPKawpkPSDYmwT/WM94uAlu0=')
})

describe('our capabilities', () => {
  test('are those of the answer to whoever asks', async () => {
    const { ask } = create()
    const answer = await ask(`<query xmlns='${INFO}'/>`)
    expect(answer.attrs).toMatchObject({ type: 'result', id: '1', to: BOB })
    const query = answer.getChild('query', INFO)
    expect(query?.attrs['node']).toBeUndefined()
    expect(query?.getChildren('identity').map(identity => identity.attrs)).toEqual([
      { category: 'client', type: 'pc', name: 'Plumb' },
    ])
    const features = query?.getChildren('feature').map(feature => feature.attrs['var'])
    expect(features?.toSorted()).toEqual(
      ['Urn:Z', CAPS, INFO, ITEMS, 'http://jabber.org/protocol/si', 'urn:a', 'urn:b'].toSorted(),
    )
  })

  test.each([[FEATURES], [[]], [[INFO, ITEMS, CAPS]], [['ü', 'z', 'a', 'Z']]])(
    'have the hash that XEP-0115 asks for (%j)',
    async features => {
      const { discovery, ask } = create(features)
      const caps = reparsed(discovery.caps())
      expect(caps.is('c', CAPS)).toBe(true)
      expect(caps.attrs).toMatchObject({ hash: 'sha-1', node: 'urn:plumb' })
      const query = (await ask(`<query xmlns='${INFO}'/>`)).getChild('query', INFO)
      expect(query).toBeDefined()
      expect(caps.attrs['ver']).toBe(verification(query as Element))
    },
  )

  test('are told under the node of their hash, which is repeated', async () => {
    const { discovery, ask } = create()
    const node = `urn:plumb#${attribute(discovery.caps(), 'ver')}`
    const query = (await ask(`<query xmlns='${INFO}' node='${node}'/>`)).getChild('query', INFO)
    expect(query?.attrs['node']).toBe(node)
    expect(verification(query as Element)).toBe(attribute(discovery.caps(), 'ver'))
  })

  test.each(['urn:plumb', 'urn:plumb#', 'urn:plumb#AAAA', 'http://other.test#x', ''])(
    'are not told under the node “%s”',
    async node => {
      const { ask } = create()
      const answer = await ask(`<query xmlns='${INFO}' node='${node}'/>`)
      expect(answer.attrs['type']).toBe('error')
      expect(answer.toString()).toContain('<item-not-found ')
    },
  )

  test('hold no items', async () => {
    const { ask } = create()
    const answer = await ask(`<query xmlns='${ITEMS}'/>`)
    expect(answer.attrs['type']).toBe('result')
    expect(answer.getChild('query', ITEMS)?.children).toEqual([])
  })

  test('cannot be set', async () => {
    const { transport } = create()
    transport.receive(`<iq type='set' id='1' from='${BOB}'><query xmlns='${INFO}'/></iq>`)
    expect((await transport.nth(1)).toString()).toContain('<service-unavailable ')
  })
})

describe('the features of another', () => {
  async function featuresIn(query: string): Promise<Set<string>> {
    const { transport, discovery } = create()
    const asking = discovery.featuresOf(BOB)
    const request = await transport.nth(1)
    expect(request.attrs).toMatchObject({ type: 'get', to: BOB })
    expect(request.getChild('query', INFO)?.attrs).toEqual({ xmlns: INFO })
    transport.receive(`<iq type='result' id='${request.attrs['id']}' from='${BOB}'>${query}</iq>`)
    return asking
  }

  test('are read', async () => {
    // XEP-0095, example 2.
    expect(
      await featuresIn(
        `<query xmlns='${INFO}'>...<feature var='http://jabber.org/protocol/si'/>
         <feature var='http://jabber.org/protocol/si/profile/file-transfer'/>...</query>`,
      ),
    ).toEqual(
      new Set(['http://jabber.org/protocol/si', 'http://jabber.org/protocol/si/profile/file-transfer']),
    )
  })

  test.each([
    ['no query', ''],
    ['an empty query', `<query xmlns='${INFO}'/>`],
    ['a query of another kind', "<query xmlns='urn:x'><feature var='urn:a'/></query>"],
    ['features too deep', `<query xmlns='${INFO}'><x><feature var='urn:a'/></x></query>`],
    ['features of another kind', `<query xmlns='${INFO}'><feature xmlns='urn:x' var='urn:a'/></query>`],
    ['features without a name', `<query xmlns='${INFO}'><feature/><feature var=''/></query>`],
  ])('are none in %s', async (_, query) => {
    expect(await featuresIn(query)).toEqual(new Set())
  })

  test('are a thousand at most', async () => {
    const many = Array.from({ length: 5_000 }, (_, number) => `<feature var='urn:${number}'/>`)
    expect((await featuresIn(`<query xmlns='${INFO}'>${many.join('')}</query>`)).size).toBe(1_000)
  })

  test('are not taken from somebody else', async () => {
    const { transport, discovery } = create()
    const controller = new AbortController()
    const asking = discovery.featuresOf(BOB, { signal: controller.signal })
    asking.catch(() => {})
    const request = await transport.nth(1)
    transport.receive(
      `<iq type='result' id='${request.attrs['id']}' from='mallory@evil.test/x'><query xmlns='${INFO}'><feature var='urn:a'/></query></iq>`,
    )
    controller.abort(new Error('nobody else answered'))
    await expect(asking).rejects.toThrow('nobody else answered')
  })

  test('fail as the request does', async () => {
    const { transport, discovery } = create()
    const asking = discovery.featuresOf(BOB)
    const request = await transport.nth(1)
    transport.receive(`<iq type='error' id='${request.attrs['id']}' from='${BOB}'><error code='404'/></iq>`)
    await expect(asking).rejects.toMatchObject({ error: { condition: 'item-not-found' } })
  })
})

describe('what an entity lists', () => {
  async function itemsIn(inside: string): Promise<string[]> {
    const { transport, discovery } = create()
    const asking = discovery.itemsOf('plumb.test')
    const request = await transport.nth(1)
    expect(request.getChild('query', ITEMS)?.toString()).toBe(`<query xmlns="${ITEMS}"/>`)
    transport.receive(`<iq type='result' id='${request.attrs['id']}' from='plumb.test'>${inside}</iq>`)
    return asking
  }

  test('is read in its order', async () => {
    const items = "<item jid='rooms.plumb.test' name='Rooms'/><item jid='proxy.plumb.test'/>"
    expect(await itemsIn(`<query xmlns='${ITEMS}'>${items}</query>`)).toEqual([
      'rooms.plumb.test',
      'proxy.plumb.test',
    ])
  })

  test.each([
    ['no query', ''],
    ['a query of another kind', "<query xmlns='urn:x'><item jid='a'/></query>"],
    ['items of another kind', `<query xmlns='${ITEMS}'><item xmlns='urn:x' jid='a'/></query>`],
    ['items without an address', `<query xmlns='${ITEMS}'><item/><item jid=''/></query>`],
  ])('is nothing in %s', async (_, inside) => {
    expect(await itemsIn(inside)).toEqual([])
  })

  test('is cut after a thousand', async () => {
    expect(await itemsIn(`<query xmlns='${ITEMS}'>${"<item jid='a'/>".repeat(5_000)}</query>`)).toHaveLength(
      1_000,
    )
  })
})

describe('what an entity is', () => {
  test.each([
    ["<identity category='proxy' type='bytestreams' name='Files'/>", true],
    ["<identity category='client' type='pc'/><identity category='proxy' type='bytestreams'/>", true],
    ["<identity category='proxy'/>", false],
    ["<identity category='proxy' type='socks5'/>", false],
    ["<identity category='proxy' type='socks5'/><identity category='x' type='bytestreams'/>", false],
    ["<identity xmlns='urn:x' category='proxy' type='bytestreams'/>", false],
    ['', false],
  ])('is by %s a proxy: %s', (inside, expected) => {
    const query = parseXml(`<query xmlns='${INFO}'>${inside}</query>`)
    expect(hasIdentity(query, 'proxy', 'bytestreams')).toBe(expected)
  })
})
