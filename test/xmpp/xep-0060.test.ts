import { describe, expect, test } from 'vitest'
import { attribute, type Element, xml } from '../../main/xmpp/stanza.ts'
import {
  type NodeOptions,
  type PubSubEvent,
  publishItem,
  readEvent,
  readItems,
  retractItem,
} from '../../main/xmpp/xep-0060.ts'
import { answer, error } from './answer.ts'
import { FakeTransport } from './fake-transport.ts'
import { parseXml } from './xml.ts'

const PUBSUB = 'http://jabber.org/protocol/pubsub'
const EVENT = `${PUBSUB}#event`
const ERRORS = `${PUBSUB}#errors`
const BOB = 'bob@plumb.test'
const PRIVATE: NodeOptions = { access: 'whitelist', maxItems: 'max', sendLast: 'never' }

const payload = (): Element => xml('tune', { xmlns: 'urn:tune' }, 'la')

/** The fields of a submitted form. */
function fieldsIn(form: Element | undefined): Record<string, string | null> {
  const fields = form?.getChildren('field') ?? []
  return Object.fromEntries(fields.map(field => [attribute(field, 'var'), field.getChildText('value')]))
}

describe('publishing', () => {
  test('says how the node is to be kept', async () => {
    const transport = new FakeTransport()
    const published = publishItem(transport.iq, {
      node: 'urn:tune',
      id: 'now',
      payload: payload(),
      options: PRIVATE,
    })
    const request = await answer(transport, 1)
    await published
    expect(request.attrs).toMatchObject({ type: 'set' })
    expect(request.attrs['to']).toBeUndefined()
    const pubsub = request.getChild('pubsub', PUBSUB)
    const publish = pubsub?.getChild('publish', PUBSUB)
    expect(publish?.attrs['node']).toBe('urn:tune')
    expect(publish?.getChild('item', PUBSUB)?.attrs['id']).toBe('now')
    expect(publish?.getChild('item', PUBSUB)?.getChildText('tune', 'urn:tune')).toBe('la')
    const form = pubsub?.getChild('publish-options', PUBSUB)?.getChild('x', 'jabber:x:data')
    expect(form?.attrs['type']).toBe('submit')
    expect(fieldsIn(form)).toEqual({
      FORM_TYPE: `${PUBSUB}#publish-options`,
      'pubsub#persist_items': 'true',
      'pubsub#max_items': 'max',
      'pubsub#send_last_published_item': 'never',
      'pubsub#access_model': 'whitelist',
    })
  })

  test('in a node that is kept in another way changes that first', async () => {
    const transport = new FakeTransport()
    const options: NodeOptions = { access: 'open', maxItems: 1 }
    const published = publishItem(transport.iq, { node: 'n', id: 'i', payload: payload(), options })
    await answer(transport, 1, error('conflict', `<precondition-not-met xmlns='${ERRORS}'/>`), 'error')
    const configuration = await answer(transport, 2)
    await answer(transport, 3)
    await published
    const configure = configuration.getChild('pubsub', `${PUBSUB}#owner`)?.getChild('configure')
    expect(configure?.attrs['node']).toBe('n')
    expect(fieldsIn(configure?.getChild('x', 'jabber:x:data'))).toEqual({
      FORM_TYPE: `${PUBSUB}#node_config`,
      'pubsub#persist_items': 'true',
      'pubsub#max_items': '1',
      'pubsub#access_model': 'open',
    })
    const [first, , third] = transport.sent.map(stanza => stanza.getChild('pubsub')?.toString())
    expect(third).toBe(first)
  })

  test.each([
    ['that cannot be changed', 2, 'forbidden'],
    ['that stays as it is', 3, 'conflict'],
  ])('in a node %s fails, and never without the options', async (_, failing, condition) => {
    const transport = new FakeTransport()
    const published = publishItem(transport.iq, {
      node: 'n',
      id: 'i',
      payload: payload(),
      options: PRIVATE,
    })
    const refused = expect(published).rejects.toMatchObject({ error: { condition } })
    const notMet = error('conflict', `<precondition-not-met xmlns='${ERRORS}'/>`)
    await answer(transport, 1, notMet, 'error')
    if (failing === 3) await answer(transport, 2)
    await answer(transport, failing, failing === 3 ? notMet : error(condition), 'error')
    await refused
    expect(transport.sent).toHaveLength(failing)
  })

  test.each([
    ['takes', ['', 'result']],
    ['refuses', [error('not-acceptable'), 'error']],
  ] as const)(
    'at a server that knows few options gives those, and the rest afterwards, which it %s',
    async (_, last) => {
      const transport = new FakeTransport()
      const item = { node: 'n', id: 'i', payload: payload(), options: PRIVATE }
      const published = publishItem(transport.iq, item)
      await answer(transport, 1, error('resource-constraint'), 'error')
      const publication = await answer(transport, 2)
      const configuration = await answer(transport, 3, ...last)
      await published
      const options = publication.getChild('pubsub', PUBSUB)?.getChild('publish-options', PUBSUB)
      expect(fieldsIn(options?.getChild('x', 'jabber:x:data'))).toEqual({
        FORM_TYPE: `${PUBSUB}#publish-options`,
        'pubsub#persist_items': 'true',
        'pubsub#access_model': 'whitelist',
      })
      const configure = configuration.getChild('pubsub', `${PUBSUB}#owner`)?.getChild('configure')
      expect(fieldsIn(configure?.getChild('x', 'jabber:x:data'))).toMatchObject({
        'pubsub#max_items': 'max',
        'pubsub#send_last_published_item': 'never',
      })
    },
  )

  test('that a server has no room for fails', async () => {
    const transport = new FakeTransport()
    const item = { node: 'n', id: 'i', payload: payload(), options: PRIVATE }
    const refused = expect(publishItem(transport.iq, item)).rejects.toMatchObject({
      error: { condition: 'resource-constraint' },
    })
    await answer(transport, 1, error('resource-constraint'), 'error')
    await answer(transport, 2, error('resource-constraint'), 'error')
    await refused
    expect(transport.sent).toHaveLength(2)
  })

  test('that is refused for another reason is not tried again', async () => {
    const transport = new FakeTransport()
    const published = publishItem(transport.iq, {
      node: 'n',
      id: 'i',
      payload: payload(),
      options: PRIVATE,
    })
    const refused = expect(published).rejects.toMatchObject({ error: { condition: 'not-acceptable' } })
    await answer(transport, 1, error('not-acceptable'), 'error')
    await refused
    expect(transport.sent).toHaveLength(1)
  })
})

describe('retracting', () => {
  test('names the item, and tells the others', async () => {
    const transport = new FakeTransport()
    const retracted = retractItem(transport.iq, 'n', 'i')
    const request = await answer(transport, 1)
    await retracted
    const retract = request.getChild('pubsub', PUBSUB)?.getChild('retract', PUBSUB)
    expect(retract?.attrs).toMatchObject({ node: 'n', notify: 'true' })
    expect(retract?.getChild('item', PUBSUB)?.attrs['id']).toBe('i')
  })

  test.each([
    ['item-not-found', true],
    ['forbidden', false],
  ])('answered with %s is done: %j', async (condition, isDone) => {
    const transport = new FakeTransport()
    const retracted = retractItem(transport.iq, 'n', 'i').then(
      () => true,
      () => false,
    )
    await answer(transport, 1, error(condition), 'error')
    expect(await retracted).toBe(isDone)
  })
})

describe('reading', () => {
  test('asks for what is wanted', async () => {
    const transport = new FakeTransport()
    const reading = readItems(transport.iq, { from: BOB, node: 'n', ids: ['a', 'b'] })
    const request = await answer(transport, 1)
    expect(await reading).toEqual([])
    expect(request.attrs).toMatchObject({ type: 'get', to: BOB })
    const items = request.getChild('pubsub', PUBSUB)?.getChild('items', PUBSUB)
    expect(items?.attrs).toEqual({ node: 'n' })
    expect(items?.getChildren('item').map(item => item.attrs['id'])).toEqual(['a', 'b'])
    const newest = readItems(transport.iq, { node: 'n', max: 1 })
    const second = await answer(transport, 2)
    await newest
    expect(second.attrs['to']).toBeUndefined()
    expect(second.getChild('pubsub')?.getChild('items')?.attrs).toEqual({ node: 'n', max_items: '1' })
  })

  const items = (content: string, node = 'n'): string =>
    `<pubsub xmlns='${PUBSUB}'><items node='${node}'>${content}</items></pubsub>`

  test.each([
    ['items', items("<item id='a'><x xmlns='u'/></item><item id='b'><y/></item>"), ['a x', 'b y']],
    ['an item without anything in it', items("<item id='a'/>"), ['a -']],
    ['an item with two things in it', items("<item id='a'><x/><y/></item>"), ['a -']],
    ['an item without an id', items("<item><x/></item><item id=''/><item id='b'/>"), ['b -']],
    ['an item with an endless id', items(`<item id='${'i'.repeat(4_000)}'/>`), []],
    ['an item of something else', items("<item xmlns='urn:other' id='a'/>"), []],
    ['another node', items("<item id='a'/>", 'other'), []],
    ['nothing', '', []],
    ['something else', "<query xmlns='jabber:iq:roster'/>", []],
  ])('an answer with %s', async (_, content, expected) => {
    const transport = new FakeTransport()
    const reading = readItems(transport.iq, { node: 'n' })
    await answer(transport, 1, content)
    expect((await reading).map(({ id, payload: found }) => `${id} ${found?.getName() ?? '-'}`)).toEqual(
      expected,
    )
  })

  test('too many items leaves some out', async () => {
    const transport = new FakeTransport()
    const reading = readItems(transport.iq, { node: 'n' })
    await answer(transport, 1, items("<item id='a'/>".repeat(10_001)))
    expect(await reading).toHaveLength(10_000)
  })

  test('a node that is not there finds nothing, and one that is closed throws', async () => {
    const transport = new FakeTransport()
    const missing = readItems(transport.iq, { node: 'n' })
    await answer(transport, 1, error('item-not-found'), 'error')
    expect(await missing).toEqual([])
    const closed = expect(readItems(transport.iq, { from: BOB, node: 'n' })).rejects.toMatchObject({
      error: { condition: 'forbidden' },
    })
    await answer(transport, 2, error('forbidden'), 'error')
    await closed
  })
})

describe('a notification', () => {
  const read = (text: string): PubSubEvent | undefined => readEvent(parseXml(text), bare => bare === BOB)
  const event = (content: string, from = BOB): string =>
    `<message from='${from}' type='headline'><event xmlns='${EVENT}'>${content}</event></message>`

  test('of a new item tells it', () => {
    const told = read(event("<items node='n'><item id='a'><tune xmlns='urn:tune'>la</tune></item></items>"))
    expect(told).toMatchObject({ from: BOB, node: 'n', retracted: [], emptied: false })
    expect(told?.items.map(({ id, payload: found }) => [id, found?.text()])).toEqual([['a', 'la']])
  })

  test.each([
    [
      'a removed item',
      "<items node='n'><retract id='a'/><retract/></items>",
      { retracted: ['a'], emptied: false },
    ],
    ['a node that was emptied', "<purge node='n'/>", { items: [], emptied: true }],
    ['a node that is gone', "<delete node='n'/>", { items: [], emptied: true }],
  ])('of %s tells that', (_, content, expected) => {
    expect(read(event(content))).toMatchObject({ from: BOB, node: 'n', ...expected })
  })

  const ITEM = "<items node='n'><item id='a'/></items>"

  test.each([
    ['from somebody else', event(ITEM, 'eve@plumb.test')],
    ['from one of their devices', event(ITEM, `${BOB}/desk`)],
    ['from their server', event(ITEM, 'plumb.test')],
    ['from what is no address', event(ITEM, '@')],
    ['from nobody', `<message><event xmlns='${EVENT}'>${ITEM}</event></message>`],
    [
      'that came back as an error',
      `<message from='${BOB}' type='error'><event xmlns='${EVENT}'>${ITEM}</event></message>`,
    ],
    ['of no node', event("<items><item id='a'/></items>")],
    ['of a node with an endless name', event(`<items node='${'n'.repeat(4_000)}'><item id='a'/></items>`)],
    ['of two things', event(ITEM + ITEM)],
    ['of nothing', event('')],
    ['of something else', event("<configuration node='n'/>")],
    [
      'that stands there twice',
      `<message from='${BOB}'>${`<event xmlns='${EVENT}'>${ITEM}</event>`.repeat(2)}</message>`,
    ],
    ['in another namespace', `<message from='${BOB}'><event xmlns='urn:other'>${ITEM}</event></message>`],
    [
      'inside of something else',
      `<message from='${BOB}'><x xmlns='urn:x'><event xmlns='${EVENT}'>${ITEM}</event></x></message>`,
    ],
  ])('%s is none', (_, text) => {
    expect(read(text)).toBeUndefined()
  })

  test('with too many items leaves some out', () => {
    const told = read(
      event(
        `<items node='n'>${"<item id='a'/>".repeat(10_001)}${"<retract id='b'/>".repeat(10_001)}</items>`,
      ),
    )
    expect([told?.items.length, told?.retracted.length]).toEqual([10_000, 10_000])
  })
})
