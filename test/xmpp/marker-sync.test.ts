import { describe, expect, test } from 'vitest'
import { MarkerSync, NS_DISPLAYED_NOTIFY } from '../../main/xmpp/marker-sync.ts'
import { Discovery } from '../../main/xmpp/xep-0030.ts'
import { answer, error, features } from './answer.ts'
import { FakeTransport } from './fake-transport.ts'
import { parseXml } from './xml.ts'

const PUBSUB = 'http://jabber.org/protocol/pubsub'
const NODE = 'urn:xmpp:mds:displayed:0'
const ALICE = 'alice@plumb.test'
const BOB = 'bob@plumb.test'

function create() {
  const transport = new FakeTransport()
  const markers = new MarkerSync(transport.iq, new Discovery(transport.iq, []), transport)
  const displayed: string[] = []
  markers.on('displayed', ({ person, archiveId }) => displayed.push(`${person} ${archiveId}`))
  return { transport, markers, displayed }
}

const item = (person: string, id: string, by = ALICE): string =>
  `<item id='${person}'><displayed xmlns='${NODE}'><stanza-id xmlns='urn:xmpp:sid:0' by='${by}' id='${id}'/></displayed></item>`

test('the server is asked to tell of it by one of our features', () => {
  expect(NS_DISPLAYED_NOTIFY).toBe('urn:xmpp:mds:displayed:0+notify')
})

test.each([
  [[`${PUBSUB}#publish-options`], true],
  [[`${PUBSUB}#publish`, NODE], false],
  [[], false],
])('an account with %j keeps it private: %j', async (names, expected) => {
  const { transport, markers } = create()
  const supported = markers.isSupported()
  const question = await answer(transport, 1, features(...names))
  expect(question.attrs['to']).toBe(ALICE)
  expect(await supported).toBe(expected)
})

test('an account that says nothing does not, and a question that was given up throws', async () => {
  const { transport, markers } = create()
  const supported = markers.isSupported()
  await answer(transport, 1, error('service-unavailable'), 'error')
  expect(await supported).toBe(false)
  const reason = new Error('enough')
  await expect(markers.isSupported(AbortSignal.abort(reason))).rejects.toBe(reason)
})

test('a mark is published for nobody but us', async () => {
  const { transport, markers } = create()
  const published = markers.publish({ person: BOB, archiveId: 'a1' })
  const request = await answer(transport, 1)
  await published
  const pubsub = request.getChild('pubsub', PUBSUB)
  const publish = pubsub?.getChild('publish')
  expect(publish?.attrs['node']).toBe(NODE)
  expect(publish?.getChild('item')?.attrs['id']).toBe(BOB)
  expect(publish?.getChild('item')?.getChild('displayed', NODE)?.getChild('stanza-id')?.attrs).toMatchObject({
    by: ALICE,
    id: 'a1',
  })
  const options = pubsub?.getChild('publish-options')?.getChild('x')?.getChildren('field') ?? []
  expect(options.map(field => [field.attrs['var'], field.getChildText('value')])).toEqual([
    ['FORM_TYPE', `${PUBSUB}#publish-options`],
    ['pubsub#persist_items', 'true'],
    ['pubsub#max_items', 'max'],
    ['pubsub#send_last_published_item', 'never'],
    ['pubsub#access_model', 'whitelist'],
  ])
})

test('a mark is removed', async () => {
  const { transport, markers } = create()
  const forgotten = markers.forget(BOB)
  const request = await answer(transport, 1)
  await forgotten
  const retract = request.getChild('pubsub', PUBSUB)?.getChild('retract')
  expect([retract?.attrs['node'], retract?.getChild('item')?.attrs['id']]).toEqual([NODE, BOB])
})

test('all of them are read, but those of rooms and what is none', async () => {
  const { transport, markers } = create()
  const reading = markers.readAll()
  const room = 'room@conference.plumb.test'
  await answer(
    transport,
    1,
    `<pubsub xmlns='${PUBSUB}'><items node='${NODE}'>${item(BOB, 'a1')}${item(room, 'r1', room)}${item(ALICE, 'a2')}<item id='eve@plumb.test'/></items></pubsub>`,
  )
  expect(await reading).toEqual([
    { person: BOB, archiveId: 'a1' },
    { person: ALICE, archiveId: 'a2' },
  ])
})

test('where nothing was ever displayed there are none, and a refusal throws', async () => {
  const { transport, markers } = create()
  const none = markers.readAll()
  await answer(transport, 1, error('item-not-found'), 'error')
  expect(await none).toEqual([])
  const refused = expect(markers.readAll()).rejects.toMatchObject({ error: { condition: 'forbidden' } })
  await answer(transport, 2, error('forbidden'), 'error')
  await refused
})

describe('what another device has displayed', () => {
  const event = (from: string, node = NODE, content = item(BOB, 'a1') + item(ALICE, 'a2')): string =>
    `<message from='${from}' type='headline'><event xmlns='${PUBSUB}#event'><items node='${node}'>${content}</items></event></message>`

  test('is told', () => {
    const { markers, displayed } = create()
    markers.receive(parseXml(event(ALICE)))
    expect(displayed).toEqual([`${BOB} a1`, `${ALICE} a2`])
  })

  test.each([
    ['a contact says so', event(BOB)],
    ['our server says so', event('plumb.test')],
    ['a device says so', event(`${ALICE}/phone`)],
    ['nobody says so', event('')],
    ['it is of another node', event(ALICE, 'urn:other')],
    ['it is by another archive', event(ALICE, NODE, item(BOB, 'a1', BOB))],
    ['it is gone', event(ALICE, NODE, `<retract id='${BOB}'/>`)],
    ['it is a text', `<message from='${ALICE}'><body>x</body></message>`],
  ])('is not told where %s', (_, text) => {
    const { markers, displayed } = create()
    markers.receive(parseXml(text))
    expect(displayed).toEqual([])
  })
})
