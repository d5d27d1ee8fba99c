import { describe, expect, test } from 'vitest'
import { type OwnPresence, Presences, writePresence } from '../../main/xmpp/presence.ts'
import { xml } from '../../main/xmpp/stanza.ts'
import { parseXml, reparsed } from './xml.ts'

const BOB = 'bob@plumb.test'

function create() {
  const presences = new Presences()
  const events: string[] = []
  presences.on('available', address => events.push(`+${address}`))
  presences.on('unavailable', address => events.push(`-${address}`))
  const receive = (from: string | undefined, type?: string, priority?: string): void => {
    const attributes = [
      from === undefined ? '' : `from='${from}'`,
      type === undefined ? '' : `type='${type}'`,
    ]
    const inside = priority === undefined ? '' : `<priority>${priority}</priority>`
    presences.receive(parseXml(`<presence ${attributes.join(' ')}>${inside}</presence>`))
  }
  const order = (): string[] =>
    presences.resourcesOf(BOB).map(({ address, priority }) => `${address.slice(BOB.length + 1)} ${priority}`)
  return { presences, events, receive, order }
}

describe('the devices of an account', () => {
  test('are ordered by priority, then the one that came last', () => {
    const { receive, order } = create()
    receive(`${BOB}/a`, undefined, '1')
    receive(`${BOB}/b`)
    receive(`${BOB}/c`, undefined, '-5')
    receive(`${BOB}/d`, undefined, '1')
    receive(`${BOB}/e`, undefined, '127')
    expect(order()).toEqual(['e 127', 'd 1', 'a 1', 'b 0', 'c -5'])
    // Whoever says something new came last, and has the new priority.
    receive(`${BOB}/a`, undefined, '1')
    receive(`${BOB}/e`, undefined, '-1')
    expect(order()).toEqual(['a 1', 'd 1', 'b 0', 'e -1', 'c -5'])
  })

  test.each([
    [undefined, 0],
    ['0', 0],
    ['5', 5],
    ['+5', 5],
    [' 7 ', 7],
    ['-128', -128],
    ['127', 127],
    ['128', 0],
    ['-129', 0],
    ['99999999999999999999', 0],
    [`1${'0'.repeat(400)}`, 0],
    ['1e1000', 0],
    ['Infinity', 0],
    ['NaN', 0],
    ['5abc', 0],
    ['1.5', 0],
    ['', 0],
    ['high', 0],
  ])('with priority %s count as %i', (text, expected) => {
    const { presences, receive } = create()
    receive(`${BOB}/a`, undefined, text)
    expect(presences.resourcesOf(BOB)).toMatchObject([{ address: `${BOB}/a`, priority: expected }])
  })

  test('are found whatever the case of the address, but not of the resource', () => {
    const { presences, receive } = create()
    receive('BOB@Plumb.TEST/Desk')
    expect(presences.isOnline(`${BOB}/Desk`)).toBe(true)
    expect(presences.isOnline(`${BOB}/desk`)).toBe(false)
    expect(presences.isOnline(BOB)).toBe(false)
    expect(presences.resourcesOf('carol@plumb.test')).toEqual([])
  })

  test.each(['unavailable', 'error'])('go one by one (%s)', type => {
    const { events, receive, order } = create()
    receive(`${BOB}/a`)
    receive(`${BOB}/b`)
    receive(`${BOB}/a`, type)
    expect(order()).toEqual(['b 0'])
    receive(`${BOB}/a`, type)
    receive(`${BOB}/never`, type)
    expect(events).toEqual([`+${BOB}/a`, `+${BOB}/b`, `-${BOB}/a`])
  })

  test('go all together when the account goes', () => {
    const { presences, events, receive, order } = create()
    receive(`${BOB}/a`)
    receive(`${BOB}/b`)
    receive('carol@plumb.test/x')
    receive(BOB, 'unavailable')
    expect(order()).toEqual([])
    expect(events.slice(3)).toEqual([`-${BOB}/a`, `-${BOB}/b`])
    expect(presences.isOnline('carol@plumb.test/x')).toBe(true)
  })

  test.each([
    ['subscribe', `${BOB}/a`],
    ['subscribed', `${BOB}/a`],
    ['unsubscribe', `${BOB}/a`],
    ['unsubscribed', `${BOB}/a`],
    ['probe', `${BOB}/a`],
    ['invented', `${BOB}/a`],
    [undefined, BOB],
    [undefined, undefined],
    [undefined, '@'],
    [undefined, ''],
    ['unavailable', undefined],
    ['unavailable', '@'],
  ])('are not changed by presence of type %s from %s', (type, from) => {
    const { events, receive, order } = create()
    receive(`${BOB}/b`)
    receive(from, type)
    expect(order()).toEqual(['b 0'])
    expect(events).toEqual([`+${BOB}/b`])
  })

  test('are a hundred at most; those that are known may still change and go', () => {
    const { presences, events, receive } = create()
    for (let number = 0; number < 150; number++) receive(`${BOB}/${number}`)
    expect(presences.resourcesOf(BOB)).toHaveLength(100)
    expect(events).toHaveLength(100)
    receive(`${BOB}/7`, undefined, '9')
    expect(presences.resourcesOf(BOB)[0]).toMatchObject({ address: `${BOB}/7`, priority: 9 })
    receive(`${BOB}/8`, 'unavailable')
    receive(`${BOB}/new`)
    expect(presences.isOnline(`${BOB}/new`)).toBe(true)
    // Others are not crowded out.
    receive('carol@plumb.test/x')
    expect(presences.isOnline('carol@plumb.test/x')).toBe(true)
  })

  test('are all forgotten with the session', () => {
    const { presences, events, receive, order } = create()
    receive(`${BOB}/a`)
    presences.clear()
    expect(order()).toEqual([])
    expect(events).toEqual([`+${BOB}/a`])
  })
})

describe('requests to see us', () => {
  function createAsked() {
    const made = create()
    let changes = 0
    made.presences.on('requests', () => {
      changes += 1
    })
    return { ...made, changes: () => changes }
  }

  test('wait, each account once, until they are answered or withdrawn', () => {
    const { presences, receive, changes } = createAsked()
    receive('EVE@plumb.test/phone', 'subscribe')
    receive('eve@plumb.test', 'subscribe')
    receive('dave@plumb.test', 'subscribe')
    expect(presences.requests).toEqual(['eve@plumb.test', 'dave@plumb.test'])
    presences.forgetRequest('eve@plumb.test')
    presences.forgetRequest('nobody@plumb.test')
    receive('dave@plumb.test', 'unsubscribe')
    receive('dave@plumb.test', 'unsubscribe')
    expect(presences.requests).toEqual([])
    expect(changes()).toBe(4)
  })

  test.each(['subscribed', 'unsubscribed', 'unavailable', 'probe', undefined])(
    'are neither made nor withdrawn by presence of type %s',
    type => {
      const { presences, receive } = createAsked()
      receive('eve@plumb.test', 'subscribe')
      receive('eve@plumb.test', type)
      receive('dave@plumb.test', type)
      expect(presences.requests).toEqual(['eve@plumb.test'])
    },
  )

  test.each([undefined, '', '@', 'plumb.test', 'icq.plumb.test/x', `${'e'.repeat(4_000)}@plumb.test`])(
    'of %s, who is nobody, are not shown',
    from => {
      const { presences, receive } = createAsked()
      receive(from, 'subscribe')
      expect(presences.requests).toEqual([])
    },
  )

  test('are two hundred at most: a flood fills no memory, and makes no noise', () => {
    const { presences, receive, changes } = createAsked()
    for (let number = 0; number < 5_000; number++) receive(`bot${number}@evil.test`, 'subscribe')
    expect(presences.requests).toHaveLength(200)
    expect(changes()).toBe(200)
    // Whoever is answered makes room.
    presences.forgetRequest('bot7@evil.test')
    receive('eve@plumb.test', 'subscribe')
    expect(presences.requests.at(-1)).toBe('eve@plumb.test')
  })

  test('are told anew by the server in a new session', () => {
    const { presences, receive, changes } = createAsked()
    presences.clear()
    expect(changes()).toBe(0)
    receive('eve@plumb.test', 'subscribe')
    presences.clear()
    expect(presences.requests).toEqual([])
    expect(changes()).toBe(2)
  })
})

describe('what a device says of itself', () => {
  test.each([
    ['', 'online'],
    ['<show>chat</show>', 'online'],
    ['<show>away</show>', 'away'],
    ['<show>xa</show>', 'away'],
    ['<show>dnd</show>', 'busy'],
    ['<show>invented</show>', 'online'],
  ])('%s is read as %s', (inside, show) => {
    const { presences } = create()
    presences.receive(parseXml(`<presence from='${BOB}/a'>${inside}</presence>`))
    expect(presences.resourcesOf(BOB)).toMatchObject([{ show, status: '', caps: undefined }])
  })

  test('is cut where it is endless', () => {
    const { presences } = create()
    const status = 's'.repeat(100_000)
    presences.receive(parseXml(`<presence from='${BOB}/a'><status>${status}</status></presence>`))
    expect(presences.resourcesOf(BOB)[0]?.status).toHaveLength(1_000)
  })

  test('may be for how long nobody has touched it', () => {
    const { presences } = create()
    const idle = "<idle xmlns='urn:xmpp:idle:1' since='2024-02-03T04:05:06Z'/>"
    presences.receive(parseXml(`<presence from='${BOB}/a'><show>away</show>${idle}</presence>`))
    expect(presences.resourcesOf(BOB)[0]?.idleSince).toEqual(new Date('2024-02-03T04:05:06Z'))
    presences.receive(parseXml(`<presence from='${BOB}/a'/>`))
    expect(presences.resourcesOf(BOB)[0]?.idleSince).toBeUndefined()
  })
})

describe('our own presence', () => {
  const caps = xml('c', { xmlns: 'http://jabber.org/protocol/caps', hash: 'sha-1', node: 'n', ver: 'v' })
  const write = (more: Partial<OwnPresence>): string =>
    reparsed(
      writePresence({
        show: 'online',
        status: '',
        idleSince: undefined,
        caps,
        avatarHash: undefined,
        ...more,
      }),
    ).toString()
  const CAPS = caps.toString()
  const NO_HASH = '<x xmlns="vcard-temp:x:update"/>'

  test.each([
    ['nothing', {}, CAPS + NO_HASH],
    ['away', { show: 'away' }, `<show>away</show>${CAPS}${NO_HASH}`],
    ['busy', { show: 'busy' }, `<show>dnd</show>${CAPS}${NO_HASH}`],
    ['some words', { status: 'a < b\u0000' }, `<status>a &lt; b\ufffd</status>${CAPS}${NO_HASH}`],
    [
      'since when nobody is there',
      { idleSince: new Date('2024-02-03T04:05:06Z') },
      `<idle xmlns="urn:xmpp:idle:1" since="2024-02-03T04:05:06.000Z"/>${CAPS}${NO_HASH}`,
    ],
    [
      'a picture',
      { avatarHash: 'a'.repeat(40) },
      `${CAPS}<x xmlns="vcard-temp:x:update"><photo>${'a'.repeat(40)}</photo></x>`,
    ],
    ['no picture', { avatarHash: null }, `${CAPS}<x xmlns="vcard-temp:x:update"><photo/></x>`],
  ] as const)('says %s', (_, more, inside) => {
    expect(write(more)).toBe(`<presence>${inside}</presence>`)
  })

  test('is read as it was written', () => {
    const presences = new Presences()
    const idleSince = new Date('2024-02-03T04:05:06.789Z')
    const stanza = writePresence({ show: 'busy', status: 'At work', idleSince, caps, avatarHash: null })
    presences.receive(parseXml(stanza.toString().replace('<presence', `<presence from='${BOB}/a'`)))
    expect(presences.resourcesOf(BOB)).toMatchObject([{ show: 'busy', status: 'At work', idleSince }])
  })

  test('has words that a server takes', () => {
    const text = write({ status: `${'s'.repeat(999)}😀${'s'.repeat(100_000)}` })
    expect(text).toContain(`<status>${'s'.repeat(999)}</status>`)
  })
})
