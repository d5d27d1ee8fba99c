import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ProxyFinder, type ServerProxy } from '../../main/bytestreams/proxy.ts'
import { Failure } from '../../shared/model/failure.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

type Behaviour = 'proxy' | 'other' | 'silent' | 'refuses' | 'keeps its address' | 'lost'

const addresses = [{ host: '192.0.2.1', port: 5000 }]

/** A server with services that behave so, and what they were asked. */
function server(services: Readonly<Record<string, Behaviour>>) {
  const asked: string[] = []
  const silence = (signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason))
    })
  const state = { services, list: 'proxy' as Behaviour, asked }
  const finder = new ProxyFinder({
    services: async signal => {
      asked.push('list')
      if (state.list === 'silent') return silence(signal)
      if (state.list === 'refuses') throw new Error('service-unavailable')
      if (state.list === 'lost') throw new Failure('server-connection-lost', 'Gone.')
      return Object.keys(state.services)
    },
    isProxy: async (service, signal) => {
      asked.push(service)
      await nextTurn()
      const behaviour = state.services[service]
      if (behaviour === 'silent') return silence(signal)
      if (behaviour === 'refuses') throw new Error('service-unavailable')
      if (behaviour === 'lost') throw new Failure('server-connection-lost', 'Gone.')
      return behaviour !== 'other'
    },
    addressesOf: async (service): Promise<ServerProxy | undefined> => {
      asked.push(`address of ${service}`)
      return { jid: service, addresses: state.services[service] === 'proxy' ? addresses : [] }
    },
  })
  return { finder, state, asked }
}

describe('the proxy of a server', () => {
  it('is found among its services, and asked for once', async () => {
    const { finder, asked } = server({ 'rooms.test': 'other', 'proxy.test': 'proxy' })
    expect(finder.known).toBeUndefined()
    const found = await Promise.all([finder.find(), finder.find()])
    expect(found).toEqual(Array(2).fill({ jid: 'proxy.test', addresses }))
    expect(await finder.find()).toBe(found[0])
    expect(finder.known).toBe(found[0])
    expect(asked).toEqual(['list', 'rooms.test', 'proxy.test', 'address of proxy.test'])
  })

  it('is found although others refuse, or never answer', async () => {
    const { finder } = server({ 'a.test': 'silent', 'b.test': 'refuses', 'proxy.test': 'proxy' })
    expect((await finder.find())?.jid).toBe('proxy.test')
  })

  it.each([
    ['has no services', {}],
    ['has other services only', { 'rooms.test': 'other' }],
    ['has one that refuses', { 'proxy.test': 'refuses' }],
    ['has one that keeps its address', { 'proxy.test': 'keeps its address' }],
  ] as const)('is none where the server %s, which is known from then on', async (_, services) => {
    const { finder, asked } = server(services)
    expect(await finder.find()).toBeUndefined()
    const before = asked.length
    expect(await finder.find()).toBeUndefined()
    expect(asked).toHaveLength(before)
  })

  it.each(['the list', 'a service'])('is none where %s does not come within three seconds', async what => {
    const { finder, state, asked } = server({ 'proxy.test': 'silent' })
    if (what === 'the list') state.list = 'silent'
    const finding = finder.find()
    await nextTurn()
    await nextTurn()
    vi.advanceTimersByTime(3_000)
    expect(await finding).toBeUndefined()
    const before = asked.length
    expect(await finder.find()).toBeUndefined()
    expect(asked).toHaveLength(before)
  })

  it('is none where the server refuses to list anything', async () => {
    const { finder, state } = server({ 'proxy.test': 'proxy' })
    state.list = 'refuses'
    expect(await finder.find()).toBeUndefined()
  })

  it.each(['the list', 'a service'])('is asked for again where the connection broke at %s', async what => {
    const { finder, state } = server({ 'proxy.test': what === 'the list' ? 'proxy' : 'lost' })
    if (what === 'the list') state.list = 'lost'
    expect(await finder.find()).toBeUndefined()
    state.list = 'proxy'
    state.services = { 'proxy.test': 'proxy' }
    expect((await finder.find())?.jid).toBe('proxy.test')
  })

  it('is looked for anew in a new session, whatever the old one was waiting for', async () => {
    const { finder, state } = server({ 'old.test': 'silent' })
    const old = finder.find()
    await nextTurn()
    finder.forget()
    state.services = { 'new.test': 'proxy' }
    expect((await finder.find())?.jid).toBe('new.test')
    expect(await old).toBeUndefined()
    expect(finder.known?.jid).toBe('new.test')
    finder.forget()
    expect(finder.known).toBeUndefined()
  })

  it('is looked for among forty services at most', async () => {
    const names = Array.from({ length: 50 }, (_, index) => [`s${index}.test`, 'other'] as const)
    const { finder, asked } = server(Object.fromEntries(names))
    await finder.find()
    expect(asked).toHaveLength(1 + 40)
  })

  it('has two addresses at most', async () => {
    const many = Array.from({ length: 9 }, (_, index) => ({ host: `192.0.2.${index}`, port: 5000 }))
    const finder = new ProxyFinder({
      services: async () => ['proxy.test'],
      isProxy: async () => true,
      addressesOf: async jid => ({ jid, addresses: many }),
    })
    expect((await finder.find())?.addresses).toEqual(many.slice(0, 2))
  })
})
