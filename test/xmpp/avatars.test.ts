import { describe, expect, test } from 'vitest'
import { Avatars } from '../../main/xmpp/avatars.ts'
import { attribute, type Element } from '../../main/xmpp/stanza.ts'
import type { PubSubEvent } from '../../main/xmpp/xep-0060.ts'
import { hashOf, NS_AVATAR_DATA, NS_AVATAR_METADATA } from '../../main/xmpp/xep-0084.ts'
import { Failure } from '../../shared/model/failure.ts'
import { JPEG, PNG } from '../support/pictures.ts'
import { answer, error } from './answer.ts'
import { FakeTransport } from './fake-transport.ts'
import { parseXml } from './xml.ts'

const BOB = 'bob@plumb.test'
const HASH = hashOf(PNG)
const OTHER = hashOf(JPEG)

function create() {
  const transport = new FakeTransport()
  const avatars = new Avatars(transport.iq, bare => bare.endsWith('@plumb.test'))
  const told: string[] = []
  avatars.on('avatar', ({ person, hash }) => told.push(`${person} ${hash}`))
  const presence = (photo: string, from = `${BOB}/desk`, type = ''): void =>
    avatars.receivePresence(
      parseXml(`<presence from='${from}' ${type}><x xmlns='vcard-temp:x:update'>${photo}</x></presence>`),
    )
  return { transport, avatars, told, presence }
}

const metadata = (hash: string, type = 'image/png'): Element =>
  parseXml(
    `<metadata xmlns='${NS_AVATAR_METADATA}'><info id='${hash}' type='${type}' bytes='100'/></metadata>`,
  )

const event = (payload: Element | undefined, more: Partial<PubSubEvent> = {}): PubSubEvent => ({
  from: BOB,
  node: NS_AVATAR_METADATA,
  items: [{ id: 'x', payload }],
  retracted: [],
  emptied: false,
  ...more,
})

const data = (bytes: Uint8Array, id = HASH): string =>
  `<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='${NS_AVATAR_DATA}'><item id='${id}'>` +
  `<data xmlns='${NS_AVATAR_DATA}'>${Buffer.from(bytes).toString('base64')}</data></item></items></pubsub>`
const vcard = (bytes: Uint8Array): string =>
  `<vCard xmlns='vcard-temp'><PHOTO><BINVAL>${Buffer.from(bytes).toString('base64')}</BINVAL></PHOTO></vCard>`

describe('who has which picture', () => {
  test('is told when it is another one', () => {
    const { avatars, told } = create()
    avatars.receiveEvent(event(metadata(HASH)))
    avatars.receiveEvent(event(metadata(HASH)))
    avatars.receiveEvent(event(metadata(OTHER)))
    avatars.receiveEvent(event(parseXml(`<metadata xmlns='${NS_AVATAR_METADATA}'/>`)))
    avatars.receiveEvent(event(metadata(HASH)))
    avatars.receiveEvent(event(undefined, { items: [], retracted: ['x'] }))
    avatars.receiveEvent(event(metadata(HASH)))
    avatars.receiveEvent(event(undefined, { items: [], emptied: true }))
    expect(told).toEqual([HASH, OTHER, 'null', HASH, 'null', HASH, 'null'].map(hash => `${BOB} ${hash}`))
  })

  test('is told by presence, too', () => {
    const { told, presence } = create()
    presence(`<photo>${HASH}</photo>`)
    presence(`<photo>${HASH}</photo>`, `${BOB}/phone`)
    presence('')
    presence('<photo/>')
    expect(told).toEqual([`${BOB} ${HASH}`, `${BOB} null`])
  })

  test('is what people publish themselves, whatever presence says', () => {
    const { avatars, told, presence } = create()
    presence(`<photo>${OTHER}</photo>`)
    avatars.receiveEvent(event(metadata(HASH)))
    presence(`<photo>${OTHER}</photo>`)
    presence('<photo/>')
    expect(told).toEqual([`${BOB} ${OTHER}`, `${BOB} ${HASH}`])
  })

  test('is told anew in a new session', () => {
    const { avatars, told, presence } = create()
    avatars.receiveEvent(event(metadata(HASH)))
    avatars.clear()
    presence(`<photo>${HASH}</photo>`)
    expect(told).toEqual([`${BOB} ${HASH}`, `${BOB} ${HASH}`])
  })

  test.each([
    ['of strangers', (made: ReturnType<typeof create>) => made.presence('<photo/>', 'eve@evil.test/x')],
    ['of nobody', (made: ReturnType<typeof create>) => made.presence('<photo/>', '@')],
    [
      'of who leaves',
      (made: ReturnType<typeof create>) => made.presence('<photo/>', BOB, "type='unavailable'"),
    ],
    [
      'of strangers in an event',
      (made: ReturnType<typeof create>) =>
        made.avatars.receiveEvent(event(metadata(HASH), { from: 'eve@evil.test' })),
    ],
    [
      'in another node',
      (made: ReturnType<typeof create>) =>
        made.avatars.receiveEvent(event(metadata(HASH), { node: 'urn:other' })),
    ],
    ['in no item', (made: ReturnType<typeof create>) => made.avatars.receiveEvent(event(undefined))],
    [
      'in nothing',
      (made: ReturnType<typeof create>) => made.avatars.receiveEvent(event(undefined, { items: [] })),
    ],
  ])('is not told %s', (_, act) => {
    const made = create()
    act(made)
    expect(made.told).toEqual([])
  })
})

describe('a picture', () => {
  const picture = { type: 'image/png', width: 7, height: 5, bytes: PNG }

  test('is fetched from the account that published it', async () => {
    const { transport, avatars } = create()
    avatars.receiveEvent(event(metadata(HASH)))
    const fetching = avatars.fetch(BOB, HASH)
    const request = await answer(transport, 1, data(PNG))
    expect(request.attrs).toMatchObject({ type: 'get', to: BOB })
    expect(request.toString()).toContain(`<items node="${NS_AVATAR_DATA}"><item id="${HASH}"/></items>`)
    expect(await fetching).toEqual(picture)
    expect(transport.sent).toHaveLength(1)
  })

  test('is fetched from the vCard where presence told of it', async () => {
    const { transport, avatars, presence } = create()
    presence(`<photo>${HASH}</photo>`)
    const fetching = avatars.fetch(BOB, HASH)
    const request = await answer(transport, 1, vcard(PNG))
    expect(request.getChild('vCard', 'vcard-temp')).toBeDefined()
    expect(await fetching).toEqual(picture)
  })

  test.each([
    ['has it not', data(JPEG), 'result'],
    ['refuses', error('forbidden'), 'error'],
    ['knows no such nodes', error('feature-not-implemented'), 'error'],
  ] as const)('is fetched from the vCard where the account %s', async (_, content, type) => {
    const { transport, avatars } = create()
    const fetching = avatars.fetch(BOB, HASH)
    await answer(transport, 1, content, type)
    await answer(transport, 2, vcard(PNG))
    expect(await fetching).toEqual(picture)
  })

  test.each([
    ['is another one', vcard(JPEG), 'result'],
    ['is none', "<vCard xmlns='vcard-temp'/>", 'result'],
    ['is refused', error('forbidden'), 'error'],
    ['is not there', error('item-not-found'), 'error'],
  ] as const)('that %s is not had, without a noise', async (_, content, type) => {
    const { transport, avatars, presence } = create()
    presence(`<photo>${HASH}</photo>`)
    const fetching = avatars.fetch(BOB, HASH)
    await answer(transport, 1, content, type)
    expect(await fetching).toBeUndefined()
  })

  test('that is of another type than was announced is not had', async () => {
    const { transport, avatars } = create()
    avatars.receiveEvent(event(metadata(HASH, 'image/gif')))
    const fetching = avatars.fetch(BOB, HASH)
    await answer(transport, 1, data(PNG))
    await answer(transport, 2, error('item-not-found'), 'error')
    expect(await fetching).toBeUndefined()
  })

  test('is not had when the connection is lost', async () => {
    const { transport, avatars, presence } = create()
    presence(`<photo>${HASH}</photo>`)
    const fetching = avatars.fetch(BOB, HASH)
    await transport.nth(1)
    transport.iq.rejectAll(new Failure('server-connection-lost', 'gone'))
    expect(await fetching).toBeUndefined()
  })

  test('is asked for once in a session, however it ends', async () => {
    const { transport, avatars, presence } = create()
    presence(`<photo>${HASH}</photo>`)
    const [first, second] = [avatars.fetch(BOB, HASH), avatars.fetch(BOB, HASH)]
    await answer(transport, 1, vcard(PNG))
    expect(await Promise.all([first, second])).toEqual([picture, picture])
    expect(await avatars.fetch(BOB, HASH)).toBeUndefined()
    expect(transport.sent).toHaveLength(1)
    avatars.clear()
    presence(`<photo>${HASH}</photo>`)
    const again = avatars.fetch(BOB, HASH)
    await answer(transport, 2, vcard(PNG))
    expect(await again).toEqual(picture)
  })

  test('of somebody who only claims to have it keeps nobody from who has it', async () => {
    const { transport, avatars, presence } = create()
    presence(`<photo>${HASH}</photo>`, 'mallory@plumb.test/x')
    presence(`<photo>${HASH}</photo>`)
    const claimed = avatars.fetch('mallory@plumb.test', HASH)
    await answer(transport, 1, vcard(JPEG))
    expect(await claimed).toBeUndefined()
    const real = avatars.fetch(BOB, HASH)
    await answer(transport, 2, vcard(PNG))
    expect(await real).toEqual(picture)
  })

  test('of somebody who shows others without end are had no more, and those of all others are', async () => {
    const { transport, avatars, presence } = create()
    const hashes = Array.from({ length: 60 }, (_, index) => index.toString(16).padStart(40, '0'))
    for (const [index, hash] of hashes.slice(0, 50).entries()) {
      const fetching = avatars.fetch('mallory@plumb.test', hash)
      await answer(transport, 2 * index + 1, error('item-not-found'), 'error')
      await answer(transport, 2 * index + 2, error('item-not-found'), 'error')
      expect(await fetching).toBeUndefined()
    }
    for (const hash of hashes.slice(50)) await avatars.fetch('mallory@plumb.test', hash)
    expect(transport.sent).toHaveLength(100)
    presence(`<photo>${HASH}</photo>`)
    const real = avatars.fetch(BOB, HASH)
    await answer(transport, 101, vcard(PNG))
    expect(await real).toEqual(picture)
  })

  test.each(['', 'abc', HASH.toUpperCase(), `${HASH}0`, '../../etc/passwd'])(
    'with a hash that is none is not asked for (%j)',
    async hash => {
      const { transport, avatars } = create()
      expect(await avatars.fetch(BOB, hash)).toBeUndefined()
      expect(transport.sent).toEqual([])
    },
  )
})

test('four pictures at most are fetched at once, and all of them in the end', async () => {
  const { transport, avatars, presence } = create()
  const people = Array.from({ length: 10 }, (_, index) => `p${index}@plumb.test`)
  for (const person of people) presence(`<photo>${HASH}</photo>`, `${person}/x`)
  const fetching = people.map(person => avatars.fetch(person, HASH))
  await transport.nth(4)
  const asked: (string | undefined)[] = []
  for (let number = 1; number <= people.length; number++) {
    await new Promise(resolve => setImmediate(resolve))
    expect(transport.sent).toHaveLength(Math.min(number + 3, people.length))
    // One that fails makes room as one that comes.
    const request = await answer(
      transport,
      number,
      ...(number % 2 ? [vcard(PNG)] : ([error('forbidden'), 'error'] as const)),
    )
    asked.push(attribute(request, 'to'))
  }
  const fetched = await Promise.all(fetching)
  expect(fetched.map(picture => picture !== undefined)).toEqual(people.map((_, index) => index % 2 === 0))
  expect(asked).toEqual(people)
})
