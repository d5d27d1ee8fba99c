import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { OwnAddress } from '../../main/dtcp/host.ts'
import {
  type Mapping,
  type MappingRequest,
  type RouterAnswer,
  type RouterClient,
  routerThread,
} from '../../main/sockets/ask-router.ts'
import { PortMapping } from '../../main/sockets/port-mapping.ts'
import { FakeRouter, type FakeRouterOptions } from '../support/fake-router.ts'
import { settle } from './rig.ts'

const accidents: unknown[] = []
process.on('unhandledRejection', reason => accidents.push(reason))
process.on('uncaughtException', error => accidents.push(error))

afterEach(() => {
  expect(accidents.splice(0)).toEqual([])
})

const routers: FakeRouter[] = []

async function fakeRouter(options?: FakeRouterOptions): Promise<FakeRouter> {
  const router = await FakeRouter.start(options)
  routers.push(router)
  return router
}

afterAll(async () => {
  await Promise.all(routers.map(router => router.close()))
})

const never = new AbortController().signal

function requestTo(router: FakeRouter, more: Partial<MappingRequest> = {}): MappingRequest {
  const { address: gateway, computer: local } = router
  return { gateway, local, port: 25_000, externalPort: 25_000, leaseSeconds: 3_600, ...more }
}

function ask(router: FakeRouter, more: Partial<MappingRequest> = {}): Promise<RouterAnswer> {
  return routerThread(router.search).map(requestTo(router, more), never)
}

async function mapped(router: FakeRouter, more: Partial<MappingRequest> = {}): Promise<Mapping> {
  const answer = await ask(router, more)
  if (answer.kind !== 'mapped') throw new Error(`no mapping: ${JSON.stringify(answer)}`)
  return answer.mapping
}

describe('a router that speaks', () => {
  it('NAT-PMP maps the port, renews it and takes it back', async () => {
    const router = await fakeRouter({ upnp: false })
    const mapping = await mapped(router)
    expect(mapping).toMatchObject({
      via: { protocol: 'nat-pmp' },
      external: { address: '44.128.0.101', port: 25_000 },
      leaseSeconds: 3_600,
    })
    const entry = { host: router.computer, port: 25_000, leaseSeconds: 3_600, by: 'nat-pmp' }
    expect([...router.mappings]).toEqual([[25_000, entry]])
    router.external = '44.128.0.102'
    expect((await mapped(router, { via: mapping.via })).external.address).toBe('44.128.0.102')
    await routerThread(router.search).unmap(mapping, never)
    expect([...router.mappings]).toEqual([])
  })

  it('UPnP maps the port, renews it without another search and takes it back', async () => {
    const router = await fakeRouter({ natPmp: false })
    const mapping = await mapped(router)
    expect(mapping).toMatchObject({
      via: { protocol: 'upnp', location: router.url },
      external: { address: '44.128.0.101', port: 25_000 },
      leaseSeconds: 3_600,
    })
    const entry = { host: router.computer, port: 25_000, leaseSeconds: 3_600, by: 'upnp' }
    expect([...router.mappings]).toEqual([[25_000, entry]])
    router.asked.length = 0
    router.external = '44.128.0.102'
    expect((await mapped(router, { via: mapping.via })).external.address).toBe('44.128.0.102')
    expect(router.asked).not.toContain('search')
    await routerThread(router.search).unmap(mapping, never)
    expect([...router.mappings]).toEqual([])
  })

  it('both makes one mapping, not two', async () => {
    const router = await fakeRouter()
    await mapped(router)
    expect(router.mappings.size).toBe(1)
    // A router that takes its time is asked once more for the same.
    const ways = new Set(router.asked.filter(what => what === 'nat-pmp 2' || what === 'AddPortMapping'))
    expect(ways.size).toBe(1)
  })

  it.each([{ upnp: false }, { natPmp: false }])(
    'and whose datagrams get lost is asked again: %j',
    async options => {
      const router = await fakeRouter({ ...options, loses: 1 })
      expect((await mapped(router)).external.port).toBe(25_000)
    },
  )

  it('anew something else than before is searched anew', async () => {
    const router = await fakeRouter({ upnp: false })
    const via = {
      protocol: 'upnp',
      location: `http://${router.address}:1/gone.xml`,
      service: 'gone',
    } as const
    expect((await mapped(router, { via })).via).toEqual({ protocol: 'nat-pmp' })
  })

  it.each([{ upnp: false }, { natPmp: false }])(
    'gives another port where somebody has that one: %j',
    async options => {
      const router = await fakeRouter(options)
      const other = { host: '127.0.0.9', port: 25_000, leaseSeconds: 3_600, by: 'upnp' } as const
      router.mappings.set(25_000, other)
      const { external } = await mapped(router)
      expect(external.port).not.toBe(25_000)
      expect(router.mappings.get(25_000)).toEqual(other)
      expect(router.mappings.get(external.port)).toMatchObject({ host: router.computer, port: 25_000 })
    },
  )

  it('UPnP and knows no leases gets one that does not end', async () => {
    const router = await fakeRouter({
      natPmp: false,
      soap: (action, { NewLeaseDuration }) =>
        action === 'AddPortMapping' && NewLeaseDuration !== '0' ? 725 : undefined,
    })
    await mapped(router)
    expect(router.mappings.get(25_000)?.leaseSeconds).toBe(0)
  })

  it('UPnP over a telephone line is understood', async () => {
    const router = await fakeRouter({
      natPmp: false,
      services: ['urn:schemas-upnp-org:service:WANPPPConnection:1'],
    })
    expect((await mapped(router)).external.port).toBe(25_000)
  })
})

// At once: most of them take the seconds in which a router may still answer.
describe.concurrent('a router that does not help', () => {
  it('is silent', async () => {
    const router = await fakeRouter({ upnp: false, natPmp: false })
    expect(await ask(router)).toEqual({ kind: 'silent' })
  })

  it('refuses by UPnP, in words for people', async () => {
    const router = await fakeRouter({
      natPmp: false,
      soap: action => (action === 'AddPortMapping' ? 606 : undefined),
    })
    expect(await ask(router)).toEqual({ kind: 'refused', words: 'Action not authorized' })
  })

  it('refuses by NAT-PMP', async () => {
    const router = await fakeRouter({
      upnp: false,
      datagrams: answer => {
        answer.writeUInt16BE(2, 2)
        return [answer]
      },
    })
    expect(await ask(router)).toMatchObject({
      kind: 'refused',
      words: expect.stringContaining('Refused') as string,
    })
  })

  it('speaks and then does not answer the wish', async () => {
    const router = await fakeRouter({
      upnp: false,
      datagrams: answer => (answer[1] === 128 ? [answer] : []),
    })
    expect(await ask(router)).toEqual({ kind: 'refused', words: 'it does not answer' })
  })

  it('has no service that maps ports', async () => {
    const router = await fakeRouter({
      natPmp: false,
      services: ['urn:schemas-upnp-org:service:Layer3Forwarding:1'],
    })
    expect(await ask(router)).toMatchObject({ kind: 'refused' })
  })

  it.each(['192.168.3.4', '10.0.0.7', '100.64.3.4', '0.0.0.0'])(
    'has the address %s itself',
    async address => {
      const router = await fakeRouter({ external: address })
      expect(await ask(router)).toEqual({ kind: 'not-public', address })
      expect([...router.mappings]).toEqual([])
    },
  )

  it('maps by UPnP what it would not by NAT-PMP', async () => {
    const router = await fakeRouter({
      datagrams: answer => {
        answer.writeUInt16BE(2, 2)
        return [answer]
      },
    })
    expect((await mapped(router)).via.protocol).toBe('upnp')
  })
})

describe.concurrent('security: what a router or somebody beside it says', () => {
  it('cannot send us elsewhere', async () => {
    const elsewhere: unknown[] = []
    const server = createServer(request => elsewhere.push(request.url)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    const place = `http://127.0.0.1:${address.port}/`
    try {
      const redirecting = await fakeRouter({
        natPmp: false,
        http: (_, response) => response.writeHead(302, { location: place }).end(),
      })
      const naming = await fakeRouter({ natPmp: false, location: () => place })
      const answers = await Promise.all([ask(redirecting), ask(naming)])
      expect(answers).toMatchObject([{ kind: 'refused' }, { kind: 'silent' }])
      expect(naming.asked).not.toContain('GET /description.xml')
      expect(elsewhere).toEqual([])
    } finally {
      server.close()
    }
  })

  it('may name no place at all', async () => {
    const places = ['', 'nonsense', 'file:///etc/passwd', 'https://127.0.0.1/', 'http://[::1]/', 'http:///']
    const answers = places.map(async place => {
      const router = await fakeRouter({ natPmp: false, location: () => place })
      return [await ask(router), router.asked.filter(what => what !== 'search')]
    })
    for (const answer of await Promise.all(answers)) expect(answer).toEqual([{ kind: 'silent' }, []])
  })

  it('is read up to a limit', async () => {
    const endless = await fakeRouter({
      natPmp: false,
      http: (_, response) => {
        const write = (): void => {
          while (!response.destroyed && response.write('<a>'.repeat(10_000)));
        }
        response.on('drain', write)
        write()
      },
    })
    expect(await ask(endless)).toEqual({ kind: 'refused', words: 'the router says too much' })
  })

  it('may be any description', async () => {
    const texts = [
      'no XML at all',
      '<',
      '<a>'.repeat(50_000),
      '<root><device/></root>',
      '<root><device><serviceList/></device></root>',
      '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;&b;">]><root>&c;</root>',
    ]
    const answers = texts.map(async text => {
      const router = await fakeRouter({ natPmp: false, http: (_, response) => response.end(text) })
      return ask(router)
    })
    for (const answer of await Promise.all(answers)) expect(answer).toMatchObject({ kind: 'refused' })
  })

  it('is one line without control characters', async () => {
    const router = await fakeRouter({ natPmp: false, http: (_, response) => response.writeHead(403).end() })
    const answer = await ask(router)
    expect(answer).toMatchObject({
      kind: 'refused',
      words: expect.stringMatching(/^[\x20-\x7e]{1,120}$/) as string,
    })
  })

  it('may be a fault that the library takes for an answer', async () => {
    const fault =
      '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>' +
      '<faultstring>Something Else</faultstring></s:Fault></s:Body></s:Envelope>'
    const router = await fakeRouter({
      natPmp: false,
      soap: action => (action === 'AddPortMapping' ? fault : undefined),
    })
    expect(await ask(router)).toEqual({ kind: 'refused', words: 'it answered with a fault' })
  })

  it.each([0, 1, 2, 7, 8, 15])('may be a datagram of %i bytes', async length => {
    const router = await fakeRouter({
      upnp: false,
      // Only the third is whole.
      datagrams: answer => [
        answer.subarray(0, Math.min(length, answer.length - 1)),
        Buffer.from('?'),
        answer,
      ],
    })
    expect((await mapped(router)).external.port).toBe(25_000)
  })

  it('counts by NAT-PMP only if it comes from the router', async () => {
    const stranger = createSocket('udp4')
    stranger.bind(0, '127.0.0.1')
    await once(stranger, 'listening')
    try {
      const router = await fakeRouter({
        upnp: false,
        datagrams: (answer, from) => {
          const forged = Buffer.from(answer)
          forged.fill(9, 8, 12)
          stranger.send(forged, from.port, from.address)
          return [answer]
        },
      })
      expect((await mapped(router)).external).toEqual({ address: '44.128.0.101', port: 25_000 })
    } finally {
      stranger.close()
    }
  })

  it('is a port that peers would dial', async () => {
    const router = await fakeRouter({
      upnp: false,
      datagrams: answer => {
        if (answer[1] === 130) answer.writeUInt16BE(80, 10)
        return [answer]
      },
    })
    expect(await ask(router)).toMatchObject({ kind: 'refused' })
  })
})

/** A router that answers when the test says so. */
class ScriptedRouter implements RouterClient {
  readonly wishes: { readonly request: MappingRequest; readonly answer: (answer: RouterAnswer) => void }[] =
    []
  readonly givenBack: Mapping[] = []

  map(request: MappingRequest, signal: AbortSignal): Promise<RouterAnswer> {
    return new Promise(answer => {
      signal.addEventListener('abort', () => answer({ kind: 'silent' }))
      this.wishes.push({ request, answer })
    })
  }

  unmap(mapping: Mapping): Promise<void> {
    this.givenBack.push(mapping)
    return Promise.resolve()
  }

  /** Answers the wish that was made last. */
  async says(answer: RouterAnswer): Promise<void> {
    this.wishes.at(-1)?.answer(answer)
    await settle(3)
  }

  async maps(more: Partial<Mapping> = {}): Promise<Mapping> {
    const request = this.wishes.at(-1)?.request
    if (request === undefined) throw new Error('nothing was wished')
    const mapping: Mapping = {
      request,
      via: { protocol: 'nat-pmp' },
      external: { address: '44.128.0.101', port: 41_000 },
      leaseSeconds: 3_600,
      ...more,
    }
    await this.says({ kind: 'mapped', mapping })
    return mapping
  }
}

const MINUTE_MS = 60_000

describe('the mapping', () => {
  let own: OwnAddress[]
  let router: ScriptedRouter
  let mapping: PortMapping

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    own = [{ address: '192.168.1.10', prefixLength: 24, adapter: 'physical' }]
    router = new ScriptedRouter()
    mapping = new PortMapping({
      ownAddresses: () => own,
      findGateway: () => Promise.resolve('192.168.1.1'),
      router,
    })
  })

  afterEach(async () => {
    for (const { answer } of router.wishes) answer({ kind: 'silent' })
    await mapping.close()
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  async function held(port = 25_000): Promise<{ readonly release: () => void }> {
    const holding = mapping.hold(port)
    await settle(3)
    return holding
  }

  /** Turns the clock, and lets everything happen that follows from it. */
  async function pass(ms: number): Promise<void> {
    vi.advanceTimersByTime(ms)
    await settle(3)
  }

  it('is not asked for before somebody needs it', async () => {
    await settle(3)
    expect(router.wishes).toEqual([])
    expect(mapping.state).toMatchObject({
      kind: 'none',
      message: expect.stringContaining('not been asked') as string,
    })
    expect(mapping.problem).toEqual({ kind: 'not-asked' })
    expect(mapping.external(25_000)).toBeUndefined()
  })

  it('is there while somebody holds it', async () => {
    const first = await held()
    expect(mapping.state).toEqual({ kind: 'asking' })
    expect(router.wishes.map(({ request }) => request)).toEqual([
      {
        gateway: '192.168.1.1',
        local: '192.168.1.10',
        port: 25_000,
        externalPort: 25_000,
        leaseSeconds: 3_600,
      },
    ])
    const made = await router.maps()
    expect(mapping.state).toEqual({ kind: 'mapped', protocol: 'nat-pmp', external: '44.128.0.101:41000' })
    expect(mapping.problem).toBeUndefined()
    expect(mapping.external(25_000)).toEqual({ address: '44.128.0.101', port: 41_000 })
    expect(mapping.external(25_001)).toBeUndefined()
    const second = await held()
    first.release()
    first.release()
    expect(mapping.external(25_000)).toBeDefined()
    second.release()
    expect(mapping.external(25_000)).toBeUndefined()
    expect(router.givenBack).toEqual([made])
    expect(router.wishes).toHaveLength(1)
  })

  it('that comes when nobody needs it any more is given back', async () => {
    const holding = await held()
    holding.release()
    const made = await router.maps()
    expect(router.givenBack).toEqual([made])
    expect(mapping.problem).toEqual({ kind: 'not-asked' })
  })

  it('that is needed again before it came is not asked for twice', async () => {
    const holding = await held()
    holding.release()
    await held()
    await router.maps()
    expect(router.wishes).toHaveLength(1)
    expect(router.givenBack).toEqual([])
    expect(mapping.external(25_000)).toBeDefined()
  })

  it('that is needed again is asked for when the old one was given back', async () => {
    const holding = await held()
    await router.maps()
    const given = Promise.withResolvers<void>()
    router.unmap = () => given.promise
    holding.release()
    await held()
    expect(router.wishes).toHaveLength(1)
    given.resolve()
    await settle(3)
    expect(router.wishes).toHaveLength(2)
    await router.maps()
    expect(mapping.external(25_000)).toBeDefined()
  })

  it('of another port takes its place', async () => {
    await held()
    const made = await router.maps()
    await held(26_000)
    expect(router.givenBack).toEqual([made])
    expect(mapping.external(25_000)).toBeUndefined()
    await router.maps({ external: { address: '44.128.0.101', port: 42_000 } })
    expect(mapping.external(26_000)).toMatchObject({ port: 42_000 })
  })

  it('of a port that is not wanted any more is given back when it comes', async () => {
    await held()
    const answered = router.maps({ external: { address: '44.128.0.101', port: 25_000 } })
    await Promise.all([answered, held(26_000)])
    expect(router.givenBack.map(({ request }) => request.port)).toEqual([25_000])
    await router.maps()
    expect(mapping.external(26_000)).toBeDefined()
  })

  describe('and a session that needs it', () => {
    /** Whether the session still waits. */
    function session(ms = 300): { waits: boolean } {
      const one = { waits: true }
      void mapping.ready(25_000, ms).then(() => {
        one.waits = false
      })
      return one
    }

    it('wait for each other, until the answer', async () => {
      const one = session()
      await pass(299)
      expect(one.waits).toBe(true)
      await router.maps()
      expect(one.waits).toBe(false)
      expect(mapping.external(25_000)).toBeDefined()
    })

    it('wait for a router that is silent once, and so long', async () => {
      const one = session()
      await pass(200)
      const two = session()
      await pass(99)
      expect([one.waits, two.waits]).toEqual([true, true])
      await pass(1)
      expect([one.waits, two.waits]).toEqual([false, false])
      const three = session()
      await pass(0)
      expect(three.waits).toBe(false)
    })

    it('do not wait for what is known', async () => {
      session()
      await settle(3)
      await router.maps()
      const two = session()
      await settle(3)
      expect(two.waits).toBe(false)
      expect(router.wishes).toHaveLength(1)
    })

    it('keep it for those of the next minutes', async () => {
      session()
      await settle(3)
      const made = await router.maps()
      await pass(15 * MINUTE_MS)
      session()
      await pass(19 * MINUTE_MS)
      expect(router.givenBack).toEqual([])
      await pass(MINUTE_MS)
      expect(router.givenBack).toEqual([made])
    })

    it('do not wait for a failure again, for some minutes', async () => {
      session()
      await settle(3)
      await router.says({ kind: 'silent' })
      await pass(4 * MINUTE_MS)
      const two = session()
      await settle(3)
      expect(two.waits).toBe(false)
      expect(router.wishes).toHaveLength(1)
      await pass(MINUTE_MS)
      session()
      await settle(3)
      expect(router.wishes).toHaveLength(2)
    })
  })

  describe('is renewed', () => {
    it('at half of its time, by the way that it was made, with the port that it has', async () => {
      await held()
      await router.maps()
      await pass(30 * MINUTE_MS - 1)
      expect(router.wishes).toHaveLength(1)
      await pass(1)
      expect(router.wishes).toHaveLength(2)
      expect(router.wishes[1]?.request).toMatchObject({ externalPort: 41_000, via: { protocol: 'nat-pmp' } })
      expect(mapping.external(25_000)).toBeDefined()
      await router.maps({ external: { address: '44.128.0.102', port: 41_000 } })
      expect(mapping.external(25_000)?.address).toBe('44.128.0.102')
      await pass(30 * MINUTE_MS)
      expect(router.wishes).toHaveLength(3)
    })

    it('again where the router was silent, as long as its time lasts', async () => {
      await held()
      await router.maps()
      await pass(30 * MINUTE_MS)
      await router.says({ kind: 'silent' })
      expect(mapping.external(25_000)).toBeDefined()
      await pass(15 * MINUTE_MS)
      expect(router.wishes).toHaveLength(3)
      await router.says({ kind: 'silent' })
      for (let tries = 0; tries < 10; tries++) {
        await pass(8 * MINUTE_MS)
        await router.says({ kind: 'silent' })
      }
      expect(mapping.external(25_000)).toBeUndefined()
    })

    it('and gone where the router refuses now', async () => {
      await held()
      await router.maps()
      await pass(30 * MINUTE_MS)
      await router.says({ kind: 'refused', words: 'no' })
      expect(mapping.problem).toEqual({ kind: 'refused', words: 'no' })
      expect(mapping.external(25_000)).toBeUndefined()
    })

    it('not at all after a sleep that outlasted it', async () => {
      await held()
      await router.maps()
      vi.setSystemTime(Date.now() + 3 * 60 * MINUTE_MS)
      expect(mapping.external(25_000)).toBeUndefined()
      mapping.refresh()
      await settle(3)
      expect(router.wishes[1]?.request.via).toBeUndefined()
    })

    it('when asked to', async () => {
      await held()
      await router.maps()
      mapping.refresh()
      await settle(3)
      expect(router.wishes).toHaveLength(2)
      expect(mapping.external(25_000)).toBeDefined()
    })
  })

  it('is forgotten in another network, and asked for there', async () => {
    await held()
    await router.maps()
    own = [{ address: '10.0.0.7', prefixLength: 24, adapter: 'physical' }]
    expect(mapping.external(25_000)).toBeUndefined()
    await mapping.ready(25_000, 0)
    await settle(3)
    // No router there is ours.
    expect(mapping.problem).toEqual({ kind: 'no-router' })
    own = [{ address: '192.168.1.11', prefixLength: 24, adapter: 'physical' }]
    await mapping.ready(25_000, 0)
    await settle(3)
    expect(router.wishes.at(-1)?.request.local).toBe('192.168.1.11')
  })

  it('stays when containers and IPv6 addresses come and go', async () => {
    await held()
    await router.maps()
    own = [
      ...own,
      { address: '172.17.0.1', prefixLength: 16, adapter: 'virtual' },
      { address: '2a02:8109:1::10', prefixLength: 64, adapter: 'physical' },
    ]
    expect(mapping.external(25_000)).toBeDefined()
  })

  it('is asked for again on refresh, where it failed', async () => {
    await held()
    await router.says({ kind: 'silent' })
    mapping.refresh()
    await settle(3)
    expect(router.wishes).toHaveLength(2)
  })

  it('is not needed where this computer has a public address', async () => {
    own = [...own, { address: '44.128.11.10', prefixLength: 24, adapter: 'physical' }]
    await held()
    expect(router.wishes).toEqual([])
    expect(mapping.problem).toEqual({ kind: 'not-needed', address: '44.128.11.10' })
  })

  it('is off where the person does not want it', async () => {
    const holding = await held()
    const made = await router.maps()
    mapping.turn(false)
    expect(mapping.state).toEqual({ kind: 'off' })
    expect(mapping.problem).toBeUndefined()
    expect(mapping.external(25_000)).toBeUndefined()
    expect(router.givenBack).toEqual([made])
    await mapping.ready(25_000, 300)
    mapping.turn(true)
    await settle(3)
    expect(router.wishes).toHaveLength(2)
    holding.release()
    const unwanted = new PortMapping({ ownAddresses: () => own, on: false, router })
    unwanted.hold(25_000)
    await unwanted.ready(25_000, 300)
    expect(unwanted.state).toEqual({ kind: 'off' })
    expect(router.wishes).toHaveLength(2)
  })

  it.each<[RouterAnswer, object, RegExp]>([
    [{ kind: 'silent' }, { kind: 'silent' }, /does not answer: turn on UPnP or NAT-PMP/],
    [{ kind: 'refused', words: 'no' }, { kind: 'refused', words: 'no' }, /refuses \(no\): let this computer/],
    [
      { kind: 'not-public', address: '192.168.3.4' },
      { kind: 'second-router', address: '192.168.3.4' },
      /192\.168\.3\.4.*second.*bridge/,
    ],
    [
      { kind: 'not-public', address: '100.64.3.4' },
      { kind: 'shared-by-provider', address: '100.64.3.4' },
      /provider.*100\.64\.3\.4.*IPv6/,
    ],
    [{ kind: 'not-public', address: '0.0.0.0' }, { kind: 'router-offline' }, /whether it is online/],
  ])('that failed with %j says what to do', async (answer, problem, sentence) => {
    await held()
    await router.says(answer)
    expect(mapping.problem).toEqual(problem)
    const { state } = mapping
    if (state.kind !== 'none') throw new Error('bug: no failure')
    expect(state.message).toMatch(sentence)
    expect(state.message).toMatch(/^[A-Z][^.]*(\.\d[^.]*)*\.$/)
  })

  it.each([
    ['no gateway', { findGateway: () => Promise.resolve(undefined) }, 'no-router'],
    ['a gateway in no network of ours', { findGateway: () => Promise.resolve('10.9.9.1') }, 'no-router'],
    ['a gateway that cannot be found', { findGateway: () => Promise.reject(new Error('no')) }, 'silent'],
    [
      'a thread that cannot be started',
      {
        router: {
          map: () => {
            throw new Error('no')
          },
          unmap: () => Promise.resolve(),
        },
      },
      'silent',
    ],
  ])('is none with %s', async (_, options, kind) => {
    const other = new PortMapping({
      ownAddresses: () => own,
      findGateway: () => Promise.resolve('192.168.1.1'),
      router,
      ...options,
    })
    other.hold(25_000)
    await settle(3)
    expect(other.problem).toEqual({ kind })
    await other.close()
  })

  it('is given back when all ends, also one that comes late', async () => {
    await held()
    const closing = mapping.close()
    const made = await router.maps()
    await closing
    expect(router.givenBack).toEqual([made])
    expect(mapping.state).toEqual({ kind: 'off' })
    await mapping.close()
  })

  it.each([
    ['is silent', 300, () => held()],
    [
      'takes its time to take it back',
      2_000,
      async () => {
        await held()
        await router.maps()
        router.unmap = () => new Promise(() => {})
      },
    ],
  ])('holds nobody up when all ends and the router %s', async (_, ms, before) => {
    await before()
    let closed = false
    void mapping.close().then(() => {
      closed = true
    })
    await pass(ms - 1)
    expect(closed).toBe(false)
    await pass(1)
    expect(closed).toBe(true)
  })
})

describe('the mapping and a router, joined', () => {
  it('end at once when the answer is not wanted any more', async () => {
    const fake = await fakeRouter({ upnp: false, natPmp: false })
    const abort = new AbortController()
    const asked = routerThread(fake.search).map(requestTo(fake), abort.signal)
    abort.abort()
    expect(await asked).toEqual({ kind: 'silent' })
    expect(await routerThread(fake.search).map(requestTo(fake), abort.signal)).toEqual({ kind: 'silent' })
  })

  it.each([{ upnp: false }, { natPmp: false }])(
    'are there in time, and leave nothing behind: %j',
    async options => {
      const fake = await fakeRouter(options)
      const mapping = new PortMapping({
        ownAddresses: () => [{ address: fake.computer, prefixLength: 8, adapter: 'physical' }],
        findGateway: () => Promise.resolve(fake.address),
        router: routerThread(fake.search),
      })
      mapping.hold(25_000)
      await mapping.ready(25_000, 10_000)
      expect(mapping.external(25_000)).toEqual({ address: '44.128.0.101', port: 25_000 })
      expect(fake.mappings.size).toBe(1)
      await mapping.close()
      expect(fake.mappings.size).toBe(0)
    },
  )
})
