import { describe, expect, test } from 'vitest'
import { Blocking } from '../../main/xmpp/blocking.ts'
import { Failure } from '../../shared/model/failure.ts'
import { answer, error } from './answer.ts'
import { FakeTransport } from './fake-transport.ts'

const NS = 'urn:xmpp:blocking'
const OWN_BARE = 'alice@plumb.test'
const ANNOUNCED = new Set([NS])

function create() {
  const transport = new FakeTransport()
  const blocking = new Blocking(transport.iq, () => OWN_BARE)
  let changes = 0
  blocking.on('changed', () => {
    changes += 1
  })
  return { transport, blocking, changes: () => changes }
}

const item = (jid: string): string => `<item jid='${jid}'/>`

async function fetched(...jids: readonly string[]) {
  const made = create()
  const fetching = made.blocking.fetch(ANNOUNCED)
  await answer(made.transport, 1, `<blocklist xmlns='${NS}'>${jids.map(item).join('')}</blocklist>`)
  await fetching
  return made
}

const push = (inside: string, from = ''): string => `<iq type='set' id='push' ${from}>${inside}</iq>`

describe('who is blocked', () => {
  test('is read where the server knows of it', async () => {
    const { transport, blocking, changes } = await fetched('romeo@montague.net', 'evil.test')
    expect(transport.sent[0]?.toString()).toMatch(/type="get".*<blocklist xmlns="urn:xmpp:blocking"\/>/)
    expect(blocking.isSupported).toBe(true)
    expect(blocking.addresses).toEqual(['romeo@montague.net', 'evil.test'])
    expect(changes()).toBe(1)
  })

  test('is not asked elsewhere, and what was there is forgotten', async () => {
    const { transport, blocking } = await fetched('romeo@montague.net')
    await blocking.fetch(new Set(['urn:xmpp:ping']))
    expect(transport.sent).toHaveLength(1)
    expect([blocking.isSupported, blocking.addresses]).toEqual([false, []])
  })

  test('is nobody where the server refuses to say', async () => {
    const { transport, blocking } = create()
    const fetching = blocking.fetch(ANNOUNCED)
    await answer(transport, 1, error('service-unavailable'), 'error')
    await fetching
    expect([blocking.isSupported, blocking.addresses]).toEqual([false, []])
  })

  test('is kept, and the failure told, when the connection is lost', async () => {
    const { transport, blocking } = await fetched('romeo@montague.net')
    const fetching = blocking.fetch(ANNOUNCED)
    await transport.nth(2)
    const lost = new Failure('server-connection-lost', 'gone')
    transport.iq.rejectAll(lost)
    await expect(fetching).rejects.toBe(lost)
    expect(blocking.has('romeo@montague.net')).toBe(true)
  })

  test.each([
    ['romeo@montague.net', true],
    ['romeo@montague.net/phone', true],
    ['juliet@capulet.com', false],
    ['juliet@capulet.com/balcony', true],
    ['juliet@capulet.com/bed', false],
    ['anybody@evil.test', true],
    ['anybody@evil.test/x', true],
    ['evil.test', true],
    ['evil.test.good.test', false],
    ['bot.test', false],
    ['user@bot.test/spam', true],
    ['user@bot.test/x', false],
    ['montague.net', false],
    ['alice@plumb.test', false],
  ])('has %s: %s', async (address, expected) => {
    const { blocking } = await fetched(
      'romeo@montague.net',
      'juliet@capulet.com/balcony',
      'evil.test',
      'bot.test/spam',
    )
    expect(blocking.has(address)).toBe(expected)
  })
})

describe('a push', () => {
  test.each([
    ['without an address', ''],
    ['from the own account', `from='${OWN_BARE}'`],
    ['from the server', "from='plumb.test'"],
  ])('%s blocks and unblocks, and is confirmed', async (_, from) => {
    const { transport, blocking, changes } = await fetched('one@evil.test')
    transport.receive(push(`<block xmlns='${NS}'>${item('two@evil.test')}</block>`, from))
    expect((await transport.nth(2)).attrs).toMatchObject({ type: 'result', id: 'push' })
    expect(blocking.addresses).toEqual(['one@evil.test', 'two@evil.test'])
    transport.receive(push(`<unblock xmlns='${NS}'>${item('ONE@evil.test')}</unblock>`, from))
    expect(blocking.addresses).toEqual(['two@evil.test'])
    transport.receive(push(`<unblock xmlns='${NS}'/>`, from))
    expect(blocking.addresses).toEqual([])
    expect(changes()).toBe(4)
  })

  test.each([
    `${OWN_BARE}/phone`,
    'bob@plumb.test',
    'mallory@evil.test/x',
    'alice@evil.test',
    'evil.test',
    '@',
  ])('from %s changes nothing', async from => {
    const { transport, blocking, changes } = await fetched('one@evil.test')
    for (const inside of [
      `<unblock xmlns='${NS}'/>`,
      `<block xmlns='${NS}'>${item('bob@plumb.test')}</block>`,
    ]) {
      transport.receive(push(inside, `from='${from}'`))
    }
    await new Promise(resolve => setImmediate(resolve))
    expect(blocking.addresses).toEqual(['one@evil.test'])
    expect(changes()).toBe(1)
  })

  test('with names that cannot be read frees nobody', async () => {
    const { transport, blocking } = await fetched('one@evil.test')
    transport.receive(push(`<unblock xmlns='${NS}'><item jid='@'/></unblock>`))
    await transport.nth(2)
    expect(blocking.addresses).toEqual(['one@evil.test'])
  })

  test('after push fills no memory', async () => {
    const { transport, blocking } = await fetched()
    for (let round = 0; round < 3; round++) {
      const items = Array.from({ length: 5_000 }, (_, index) => item(`p${round}.${index}@evil.test`))
      transport.receive(push(`<block xmlns='${NS}'>${items.join('')}</block>`))
      await transport.nth(round + 2)
    }
    expect(blocking.addresses).toHaveLength(10_000)
  })
})

describe('blocking', () => {
  test.each(['block', 'unblock'] as const)('(%s) holds when the server pushes it', async kind => {
    const { transport, blocking } = await fetched('one@evil.test')
    const acting = blocking[kind]('Romeo@Montague.net')
    const request = await answer(transport, 2)
    await acting
    expect(request.attrs['type']).toBe('set')
    expect(request.toString()).toContain(`<${kind} xmlns="${NS}"><item jid="romeo@montague.net"/></${kind}>`)
    expect(blocking.addresses).toEqual(['one@evil.test'])
  })

  test('tells when it is refused', async () => {
    const { transport, blocking } = await fetched()
    const acting = blocking.block('romeo@montague.net')
    acting.catch(() => {})
    await answer(transport, 2, error('not-acceptable'), 'error')
    await expect(acting).rejects.toMatchObject({ error: { condition: 'not-acceptable' } })
  })
})
