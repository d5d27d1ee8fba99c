import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ProxyFinder } from '../../main/bytestreams/proxy.ts'
import type { Host } from '../../main/dtcp/host.ts'
import { proxyQuestions } from '../../main/plumb/proxy-questions.ts'
import { Socks5Negotiation, type Socks5Options } from '../../main/plumb/socks5-negotiation.ts'
import type { Route } from '../../main/transfer/route.ts'
import { attribute, type Element, stanzaError, xml } from '../../main/xmpp/stanza.ts'
import { Discovery, NS_DISCO_INFO, NS_DISCO_ITEMS } from '../../main/xmpp/xep-0030.ts'
import {
  destinationAddress,
  NS_BYTESTREAMS,
  readStreamRequest,
  type Streamhost,
  writeStreamhostUsed,
  writeStreamRequest,
} from '../../main/xmpp/xep-0065.ts'
import { Failure } from '../../shared/model/failure.ts'
import {
  checkThatNothingStaysOpen,
  expectFailure,
  freePort,
  IPV4_LOOPBACK,
  isRefused,
  readAll,
  readBytes,
  settle,
  until,
} from '../sockets/rig.ts'
import { eventually } from '../support/eventually.ts'
import { IqNetwork } from '../support/iq-network.ts'
import { Socks5Proxy } from '../support/socks5-proxy.ts'

checkThatNothingStaysOpen()

const ALICE = 'alice@plumb.test/sofa'
const BOB = 'bob@plumb.test/desk'
const SERVER = 'plumb.test'
const PROXY = 'proxy.plumb.test'
const SID = 's5b_1'
const CANCELLED = new Failure('cancelled', 'Never mind.')

let network: IqNetwork
let end: AbortController
const made: Socks5Negotiation[] = []
const streams: Duplex[] = []
const closers: (() => Promise<void>)[] = []

beforeEach(() => {
  network = new IqNetwork()
  end = new AbortController()
})

afterEach(async () => {
  vi.useRealTimers()
  end.abort(CANCELLED)
  for (const stream of streams.splice(0)) stream.destroy()
  for (const close of closers.splice(0)) await close()
  const nothing = { requests: 0, attempts: 0, connections: 0 }
  await eventually(() => expect(made.map(({ inUse }) => inUse)).toEqual(made.map(() => nothing)))
  made.length = 0
})

interface Report {
  readonly routes: Route[]
  readonly failures: Failure[]
  readonly isDirectUnlikely: boolean
  established(route: Route): void
  failed(failure: Failure): void
}

/** One of our programs. */
function program(address: string, options: Partial<Socks5Options> = {}) {
  const { iq } = network.join(address)
  const discovery = new Discovery(iq, [])
  const negotiation = new Socks5Negotiation({
    iq,
    address: () => address,
    proxies: new ProxyFinder(proxyQuestions(iq, discovery, () => SERVER)),
    policyOf: () => ({ mayKnowAddresses: true }),
    listen: true,
    dial: true,
    allowLoopback: true,
    ownAddresses: () => [IPV4_LOOPBACK],
    hosts: port => [{ address: '127.0.0.1', port }],
    ...options,
  })
  made.push(negotiation)
  const serve = (peer = ALICE, streamId = SID, signal = end.signal): Report => {
    const report: Report = {
      routes: [],
      failures: [],
      isDirectUnlikely: false,
      established: route => {
        streams.push(route.stream)
        report.routes.push(route)
      },
      failed: failure => report.failures.push(failure),
    }
    negotiation.serve(peer, streamId, report, signal)
    return report
  }
  const request = async (peer = BOB, streamId = SID, signal = end.signal): Promise<Route> => {
    const route = await negotiation.request(peer, streamId, signal)
    streams.push(route.stream)
    return route
  }
  return { negotiation, serve, request }
}

/** The server, with this proxy. */
async function serverWithProxy(bound?: Parameters<typeof Socks5Proxy.start>[0]): Promise<Socks5Proxy> {
  const proxy = await Socks5Proxy.start(bound)
  closers.push(() => proxy.close())
  listServices(PROXY)
  proxy.serve(network.join(PROXY).iq, PROXY)
  return proxy
}

/** The server, whose proxy is at this place and does not do what it should. */
function serverWithProxyAt({ address, port }: Host, activate: () => Promise<undefined> | undefined): void {
  listServices(PROXY)
  const { iq } = network.join(PROXY)
  iq.handle('get', NS_DISCO_INFO, () => ({
    payload: xml(
      'query',
      { xmlns: NS_DISCO_INFO },
      xml('identity', { category: 'proxy', type: 'bytestreams' }),
    ),
  }))
  iq.handle('get', NS_BYTESTREAMS, () => ({
    payload: xml(
      'query',
      { xmlns: NS_BYTESTREAMS },
      xml('streamhost', { jid: PROXY, host: address, port: String(port) }),
    ),
  }))
  iq.handle('set', NS_BYTESTREAMS, async () => ({ payload: await activate() }))
}

function listServices(...jids: readonly string[]): void {
  network.join(SERVER).iq.handle('get', NS_DISCO_ITEMS, () => ({
    payload: xml('query', { xmlns: NS_DISCO_ITEMS }, ...jids.map(jid => xml('item', { jid }))),
  }))
}

/** A listener on loopback that does this with each connection. */
async function place(onConnection: (socket: Socket) => void): Promise<Host & { connections: number }> {
  const sockets = new Set<Socket>()
  const server: Server = createServer({ allowHalfOpen: true }, socket => {
    here.connections += 1
    sockets.add(socket)
    socket.on('error', () => {})
    onConnection(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const here = { address: '127.0.0.1', port: (server.address() as AddressInfo).port, connections: 0 }
  closers.push(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  return here
}

/** Says the handshake of a streamhost, written by hand, and gives what comes to `then`. */
function streamhost(then: (socket: Socket) => void): (socket: Socket) => void {
  return socket => {
    void (async () => {
      await readBytes(socket, 3)
      socket.write(Buffer.of(5, 0))
      const request = await readBytes(socket, 47)
      socket.write(Buffer.concat([Buffer.of(5, 0, 0), request.subarray(3)]))
      then(socket)
    })().catch(() => {})
  }
}

/** Dials and says the handshake of a target, written by hand. */
async function comeTo({ host, port }: Streamhost, address: string, behind = ''): Promise<Socket> {
  const socket = connect({ host, port, allowHalfOpen: true })
  socket.on('error', () => {})
  streams.push(socket)
  socket.write(Buffer.of(5, 1, 0))
  await readBytes(socket, 2)
  socket.write(
    Buffer.concat([Buffer.of(5, 1, 0, 3, 40), Buffer.from(address), Buffer.of(0, 0), Buffer.from(behind)]),
  )
  await readBytes(socket, 47)
  return socket
}

/** A target that is none of our programs: what it does with a request is a test's to say. */
function foreignTarget(act: (hosts: readonly Streamhost[]) => Promise<Element> | Element): void {
  network.join(BOB).iq.handle('set', NS_BYTESTREAMS, async ({ payload }) => ({
    payload: await act(readStreamRequest(payload)?.hosts ?? []),
  }))
}

const used = (jid: string): Element => writeStreamhostUsed(SID, jid)
const addressOfStream = destinationAddress(SID, ALICE, BOB)

async function expectToCarry(from: Route, to: Route): Promise<void> {
  from.stream.end('the file')
  expect(String(await readAll(to.stream))).toBe('the file')
  to.stream.end('thanks')
  expect(String(await readAll(from.stream))).toBe('thanks')
}

function hostsIn(stanza: string): string[] {
  return Array.from(
    stanza.matchAll(/<streamhost jid="([^"]*)" host="([^"]*)"/g),
    ([, jid, host]) => `${jid} ${host}`,
  )
}

describe('a connection from the target to the requester', () => {
  it('is made, and belongs to both', async () => {
    const [alice, bob] = [program(ALICE), program(BOB)]
    const report = bob.serve()
    const ours = await alice.request()
    await until(() => report.routes.length > 0)
    const theirs = report.routes[0] as Route
    const common = {
      method: 'socks5',
      relay: 'none',
      encrypted: false,
      verified: false,
      network: 'this-computer',
      code: undefined,
    }
    expect(ours).toMatchObject({ ...common, by: 'acceptor', remote: expect.stringMatching(/^127\.0\.0\.1:/) })
    expect(theirs).toMatchObject({ ...common, by: 'dialer', remote: expect.stringMatching(/^127\.0\.0\.1:/) })
    expect([ours.stream.isPaused(), theirs.stream.isPaused()]).toEqual([true, true])
    expect(alice.negotiation.inUse).toEqual({ requests: 0, attempts: 0, connections: 0 })
    expect(bob.negotiation.inUse).toEqual({ requests: 0, attempts: 0, connections: 0 })
    await expectToCarry(ours, theirs)
  })

  it('leaves the port closed that it was made over', async () => {
    const [alice, bob] = [program(ALICE), program(BOB)]
    bob.serve()
    await alice.request()
    const port = Number(/port="(\d+)"/.exec(network.said(NS_BYTESTREAMS).join(''))?.[1])
    expect(await isRefused({ address: '127.0.0.1', port })).toBe(true)
  })

  it('is made over and over for one stream, as long as it is served', async () => {
    const [alice, bob] = [program(ALICE), program(BOB)]
    const served = new AbortController()
    const report = bob.serve(ALICE, SID, served.signal)
    for (let count = 1; count <= 3; count++) {
      const ours = await alice.request()
      await until(() => report.routes.length === count)
      await expectToCarry(ours, report.routes[count - 1] as Route)
    }
    served.abort()
    await expectFailure(alice.request(), 'refused')
    expect(report.failures).toEqual([])
  })

  it('is made for many streams at once, each with its own end', async () => {
    const [alice, bob] = [program(ALICE), program(BOB)]
    const ids = Array.from({ length: 12 }, (_, index) => `stream ${index}`)
    const reports = ids.map(id => bob.serve(ALICE, id))
    const ours = await Promise.all(ids.map(id => alice.request(BOB, id)))
    await until(() => reports.every(({ routes }) => routes.length === 1))
    for (const [index, route] of ours.entries()) {
      route.stream.end(ids[index])
      expect(String(await readAll(reports[index]?.routes[0]?.stream as Duplex))).toBe(ids[index])
    }
  })

  it('is told with all hosts of ours, the router’s, and the proxy behind them', async () => {
    await serverWithProxy()
    const told: string[] = []
    foreignTarget(hosts => {
      told.push(...hosts.map(({ jid, host }) => `${jid} ${host}`))
      return stanzaError('item-not-found')
    })
    const closed: AbortSignal[] = []
    const alice = program(ALICE, {
      hosts: port => [
        { address: '192.0.2.1', port },
        { address: '2001:db8::1', port },
      ],
      mappedHost: async (port, signal) => {
        closed.push(signal)
        return { address: '198.51.100.7', port: port === 0 ? 1 : 40_000 }
      },
    })
    await expectFailure(alice.request(), 'unreachable')
    expect(told).toEqual([
      `${ALICE} 192.0.2.1`,
      `${ALICE} 2001:db8::1`,
      `${ALICE} 198.51.100.7`,
      `${PROXY} 127.0.0.1`,
    ])
    expect(closed[0]?.aborted).toBe(true)
  })

  it.each([
    ['takes too long', () => new Promise<undefined>(() => {})],
    ['fails', () => Promise.reject(new Error('no router'))],
    ['has none', () => Promise.resolve(undefined)],
  ])('does not wait for a router that %s', async (_, mappedHost) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const [alice, bob] = [program(ALICE, { mappedHost }), program(BOB)]
    const report = bob.serve()
    const requesting = alice.request()
    await settle()
    vi.advanceTimersByTime(1_000)
    await requesting
    await until(() => report.routes.length === 1)
  })
})

describe('a connection over the server’s proxy', () => {
  const BY_PROXY_ONLY = { policyOf: () => ({ mayKnowAddresses: false }) }

  it.each(['name', 'ipv4', 'ipv6', 'empty-name'] as const)(
    'is made where addresses are kept, also with one that is bound to an %s',
    async bound => {
      const proxy = await serverWithProxy(bound)
      const [alice, bob] = [program(ALICE, BY_PROXY_ONLY), program(BOB, BY_PROXY_ONLY)]
      const report = bob.serve()
      const ours = await alice.request()
      await until(() => report.routes.length > 0)
      const theirs = report.routes[0] as Route
      const common = { relay: 'proxy', by: 'dialer', network: 'internet', encrypted: false }
      const remote = `127.0.0.1:${proxy.port}`
      expect([ours, theirs]).toMatchObject([
        { ...common, remote },
        { ...common, remote },
      ])
      expect(proxy.connections).toBe(2)
      await expectToCarry(ours, theirs)
      // Nobody was told an address of either.
      expect(network.said(NS_BYTESTREAMS).flatMap(hostsIn)).toEqual([
        `${PROXY} 127.0.0.1`,
        `${PROXY} 127.0.0.1`,
        `${PROXY} 127.0.0.1`,
      ])
    },
  )

  it('is made where the requester is not reached', async () => {
    await serverWithProxy()
    const port = await freePort()
    const [alice, bob] = [program(ALICE, { hosts: () => [{ address: '127.0.0.1', port }] }), program(BOB)]
    const report = bob.serve()
    const ours = await alice.request()
    await until(() => report.routes.length > 0)
    expect(ours.relay).toBe('proxy')
    await expectToCarry(ours, report.routes[0] as Route)
  })

  it('is made where the requester does not listen, and the target does not dial', async () => {
    await serverWithProxy()
    const [alice, bob] = [program(ALICE, { listen: false }), program(BOB, { dial: false })]
    const report = bob.serve()
    const ours = await alice.request()
    await until(() => report.routes.length > 0)
    await expectToCarry(ours, report.routes[0] as Route)
  })

  it('is not made where a direct one comes through', async () => {
    const proxy = await serverWithProxy()
    const [alice, bob] = [program(ALICE), program(BOB)]
    bob.serve()
    expect((await alice.request()).relay).toBe('none')
    expect(proxy.connections).toBe(0)
  })

  it('is begun by the target 0.6 s after the direct ones', async () => {
    const proxy = await serverWithProxy()
    const silent = await place(() => {})
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const [alice, bob] = [program(ALICE, { hosts: () => [silent] }), program(BOB)]
    bob.serve()
    const requesting = alice.request()
    await until(() => silent.connections === 1)
    vi.advanceTimersByTime(599)
    await settle()
    expect(proxy.connections).toBe(0)
    vi.advanceTimersByTime(1)
    expect((await requesting).relay).toBe('proxy')
  })

  it('is looked for once in a session', async () => {
    await serverWithProxy()
    const [alice, bob] = [program(ALICE), program(BOB)]
    bob.serve()
    for (let count = 0; count < 3; count++) await alice.request()
    const ofAlice = network.sent.filter(({ from, to }) => from === ALICE && to === PROXY)
    expect(ofAlice).toHaveLength(2)
  })

  it('ends in one failure where the proxy will not join the two', async () => {
    const proxy = await serverWithProxy()
    proxy.refusesToActivate = true
    const [alice, bob] = [program(ALICE, BY_PROXY_ONLY), program(BOB, BY_PROXY_ONLY)]
    bob.serve()
    await expectFailure(alice.request(), 'refused')
  })

  it.each([
    ['sends garbage', (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), 'protocol-error'],
    [
      'sends garbage without end',
      (socket: Socket) => socket.write(Buffer.alloc(1_000_000)),
      'protocol-error',
    ],
    [
      'sends garbage behind the method',
      (socket: Socket) => socket.write(Buffer.of(5, 0, 0, 0, 9)),
      'protocol-error',
    ],
    ['turns everybody away', (socket: Socket) => socket.end(Buffer.of(5, 255)), 'refused'],
    ['resets', (socket: Socket) => socket.resetAndDestroy(), 'unreachable'],
    ['closes', (socket: Socket) => socket.end(), 'unreachable'],
  ] as const)('ends in one failure at the target where the proxy %s', async (_, act, code) => {
    const bad = await place(socket => {
      socket.resume()
      act(socket)
    })
    serverWithProxyAt(bad, () => undefined)
    const [alice, bob] = [program(ALICE, BY_PROXY_ONLY), program(BOB, BY_PROXY_ONLY)]
    const report = bob.serve()
    await expectFailure(alice.request(), 'unreachable')
    expect(report.failures.map(failure => failure.code)).toEqual([code])
    expect(report.routes).toEqual([])
    expect(bad.connections).toBe(1)
  })

  it.each([
    ['sends garbage', (socket: Socket) => socket.end('SSH-2.0-OpenSSH\r\n'), 'protocol-error'],
    ['turns us away', (socket: Socket) => socket.end(Buffer.of(5, 0, 5, 2)), 'refused'],
    ['resets', (socket: Socket) => socket.resetAndDestroy(), 'unreachable'],
  ] as const)('ends in one failure at the requester where the proxy %s', async (_, act, code) => {
    const bad = await place(socket => {
      socket.resume()
      act(socket)
    })
    serverWithProxyAt(bad, () => undefined)
    foreignTarget(() => used(PROXY))
    await expectFailure(program(ALICE, BY_PROXY_ONLY).request(), code)
  })

  it('ends in one failure where the proxy goes while it joins the two', async () => {
    const proxies: Socket[] = []
    const at = await place(streamhost(socket => proxies.push(socket)))
    const alice = program(ALICE)
    serverWithProxyAt(at, async () => {
      proxies[0]?.resetAndDestroy()
      await until(() => alice.negotiation.inUse.connections === 0)
      return undefined
    })
    foreignTarget(() => used(PROXY))
    await expectFailure(alice.request(), 'connection-lost')
  })

  it('waits ten seconds for a proxy that does not say whether it has joined the two', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    serverWithProxyAt(await place(streamhost(() => {})), () => new Promise(() => {}))
    foreignTarget(() => used(PROXY))
    const alice = program(ALICE)
    const requesting = alice.request()
    requesting.catch(() => {})
    await until(() => network.said(NS_BYTESTREAMS).some(text => text.includes('<activate>')))
    vi.advanceTimersByTime(10_000)
    await expectFailure(requesting, 'timed-out')
    expect(alice.negotiation.inUse).toEqual({ requests: 0, attempts: 0, connections: 0 })
  })
})

describe('nobody is reached', () => {
  it('and both are told, the requester by an answer that says no more', async () => {
    const port = await freePort()
    const [alice, bob] = [program(ALICE, { hosts: () => [{ address: '127.0.0.1', port }] }), program(BOB)]
    const report = bob.serve()
    const failure = await expectFailure(alice.request(), 'unreachable')
    expect(failure.message).toContain('has no proxy')
    expect(report.failures.map(({ code }) => code)).toEqual(['unreachable'])
    expect(network.said('urn:ietf:params:xml:ns:xmpp-stanzas')).toEqual([])
    expect(network.sent.at(-1)?.stanza.getChild('error')?.toString()).toBe(
      '<error type="cancel" code="404"><item-not-found xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error>',
    )
  })

  it('where there is nothing to tell, and nothing is asked', async () => {
    const alice = program(ALICE, { listen: false })
    await expectFailure(alice.request(), 'unreachable')
    const kept = program(ALICE, { policyOf: () => ({ mayKnowAddresses: false }) })
    await expectFailure(kept.request(), 'not-allowed')
    expect(network.sent.filter(({ to }) => to === BOB)).toEqual([])
  })

  it('within fifteen seconds, however slowly a host answers', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const slow = await place(() => {})
    const others = await Promise.all([place(() => {}), place(() => {})])
    const bob = program(BOB)
    const report = bob.serve()
    const alice = network.join(ALICE)
    const hosts = [slow, ...others].map(({ address, port }) => ({
      jid: 'proxy.slow.test',
      host: address,
      port,
    }))
    const asking = alice.iq.request('set', BOB, writeStreamRequest({ streamId: SID, mode: 'tcp', hosts }))
    asking.catch(() => {})
    for (const here of [slow, ...others]) {
      await until(() => here.connections === 1)
      vi.advanceTimersByTime(5_000)
    }
    await expect(asking).rejects.toMatchObject({ error: { condition: 'item-not-found' } })
    expect(report.failures.map(({ code }) => code)).toEqual(['unreachable'])
    expect(bob.negotiation.inUse).toEqual({ requests: 0, attempts: 0, connections: 0 })
  })
})

describe('where addresses are kept', () => {
  it('a peer’s own hosts are not dialed, nor a proxy that only it knows', async () => {
    await serverWithProxy()
    const here = await place(() => {})
    const bob = program(BOB, { policyOf: () => ({ mayKnowAddresses: false }) })
    const report = bob.serve()
    const { iq } = network.join(ALICE)
    const hosts = [ALICE, 'proxy.alice.test'].map(jid => ({ jid, host: here.address, port: here.port }))
    await expect(
      iq.request('set', BOB, writeStreamRequest({ streamId: SID, mode: 'tcp', hosts })),
    ).rejects.toMatchObject({ error: { condition: 'item-not-found' } })
    expect(report.failures.map(({ code }) => code)).toEqual(['not-allowed'])
    expect(here.connections).toBe(0)
  })
})

describe('a request that belongs to nothing', () => {
  const ask = async (from: string, payload: Element): Promise<string | undefined> => {
    const { iq } = network.join(from)
    const answer = await iq.request('set', BOB, payload).then(
      () => undefined,
      error => error.error.condition as string,
    )
    return answer
  }
  const query = (here: Host, streamId = SID): Element =>
    writeStreamRequest({
      streamId,
      mode: 'tcp',
      hosts: [{ jid: ALICE, host: here.address, port: here.port }],
    })

  it.each([
    ['of a stranger', 'mallory@evil.test/x', SID],
    ['of another device', 'alice@plumb.test/phone', SID],
    ['of a bare JID', 'alice@plumb.test', SID],
    ['for another stream', ALICE, 'other'],
  ])('%s is refused, and nothing is dialed', async (_, from, streamId) => {
    const here = await place(() => {})
    const report = program(BOB).serve()
    expect(await ask(from, query(here, streamId))).toBe('not-acceptable')
    expect(here.connections).toBe(0)
    expect(report.failures).toEqual([])
  })

  it('for UDP is refused', async () => {
    const here = await place(() => {})
    program(BOB).serve()
    const payload = query(here)
    payload.attrs['mode'] = 'udp'
    expect(await ask(ALICE, payload)).toBe('not-acceptable')
    expect(here.connections).toBe(0)
  })

  it('is told from one that makes no sense', async () => {
    program(BOB).serve()
    expect(await ask(ALICE, xml('query', { xmlns: NS_BYTESTREAMS, sid: SID }))).toBe('bad-request')
    expect(await ask(ALICE, xml('other', { xmlns: NS_BYTESTREAMS, sid: SID }))).toBe('bad-request')
  })

  it('comes too often', async () => {
    const port = await freePort()
    const report = program(BOB).serve()
    const payload = query({ address: '127.0.0.1', port })
    for (let count = 0; count < 30; count++) expect(await ask(ALICE, payload)).toBe('item-not-found')
    expect(await ask(ALICE, payload)).toBe('resource-constraint')
    expect(report.failures).toHaveLength(30)
  })

  it('comes for too many streams at once', async () => {
    const silent = await place(() => {})
    const bob = program(BOB)
    const { iq } = network.join(ALICE)
    const ids = Array.from({ length: 17 }, (_, index) => `stream ${index}`)
    for (const id of ids) bob.serve(ALICE, id)
    const answers = ids.map(id => iq.request('set', BOB, query(silent, id)))
    for (const answer of answers) answer.catch(() => {})
    await expect(answers[16]).rejects.toMatchObject({ error: { condition: 'resource-constraint' } })
    await until(() => silent.connections === 16)
    expect(bob.negotiation.inUse).toEqual({ requests: 0, attempts: 16, connections: 16 })
  })
})

describe('a request that comes anew', () => {
  it('takes the place of the one before, whose connections are closed', async () => {
    const opened: Socket[] = []
    const silent = await place(socket => opened.push(socket))
    const bob = program(BOB)
    const report = bob.serve()
    const { iq } = network.join(ALICE)
    const ask = (host: Host) =>
      iq.request(
        'set',
        BOB,
        writeStreamRequest({
          streamId: SID,
          mode: 'tcp',
          hosts: [{ jid: ALICE, host: host.address, port: host.port }],
        }),
      )
    const first = ask(silent)
    first.catch(() => {})
    await until(() => opened.length === 1)
    const good = await place(streamhost(socket => socket.end('anew')))
    await ask(good)
    await expect(first).rejects.toMatchObject({ error: { condition: 'item-not-found' } })
    await until(() => report.routes.length === 1)
    expect(String(await readAll(report.routes[0]?.stream as Duplex))).toBe('anew')
    opened[0]?.resume()
    await until(() => opened[0]?.readableEnded === true || opened[0]?.destroyed === true)
    expect(report.failures).toEqual([])
  })
})

describe('a requester that is another program', () => {
  async function asked(hosts: readonly Streamhost[], report: Report) {
    const { iq } = network.join(ALICE)
    const result = await iq.request('set', BOB, writeStreamRequest({ streamId: SID, mode: 'tcp', hosts }))
    await until(() => report.routes.length > 0)
    const [route] = report.routes
    const name = result.getChild('query')?.getChild('streamhost-used')
    return { route: route as Route, used: name && attribute(name, 'jid') }
  }

  it('may send and close as soon as it has the answer', async () => {
    const content = Buffer.alloc(1_000_000, 'content')
    const here = await place(streamhost(socket => socket.end(content)))
    const report = program(BOB).serve()
    const { route } = await asked([{ jid: ALICE, host: here.address, port: here.port }], report)
    await settle()
    expect((await readAll(route.stream)).equals(content)).toBe(true)
  })

  it('is answered with the name that it wrote', async () => {
    const here = await place(streamhost(() => {}))
    const report = program(BOB).serve()
    const hosts = [{ jid: 'Alice@PLUMB.test/sofa', host: here.address, port: here.port }]
    expect((await asked(hosts, report)).used).toBe('Alice@PLUMB.test/sofa')
  })

  it('may name hosts that lead nowhere, hosts that are no hosts, and its proxy first', async () => {
    const here = await place(streamhost(() => {}))
    const gone = await freePort()
    const garbage = await place(socket => socket.end('garbage'))
    const proxy = await place(streamhost(() => {}))
    const report = program(BOB).serve()
    const { used: name } = await asked(
      [
        { jid: 'proxy.other.test', host: proxy.address, port: proxy.port },
        { jid: ALICE, host: 'alices-laptop.local', port: 40_000 },
        { jid: ALICE, host: '127.0.0.1', port: gone },
        { jid: ALICE, host: garbage.address, port: garbage.port },
        { jid: ALICE, host: here.address, port: here.port },
      ],
      report,
    )
    expect(name).toBe(ALICE)
    expect(proxy.connections).toBe(0)
  })

  it('that cancels leaves nothing open', async () => {
    const opened: Socket[] = []
    const here = await place(streamhost(socket => opened.push(socket)))
    const served = new AbortController()
    const bob = program(BOB)
    const report = bob.serve(ALICE, SID, served.signal)
    const { iq } = network.join(ALICE)
    const hosts = [{ jid: ALICE, host: here.address, port: here.port }]
    const asking = iq.request('set', BOB, writeStreamRequest({ streamId: SID, mode: 'tcp', hosts }))
    asking.catch(() => {})
    await until(() => here.connections === 1)
    served.abort(CANCELLED)
    await expect(asking).rejects.toMatchObject({ error: { condition: 'item-not-found' } })
    expect(report).toMatchObject({ routes: [], failures: [] })
    expect(bob.negotiation.inUse).toEqual({ requests: 0, attempts: 0, connections: 0 })
  })
})

describe('a target that is another program', () => {
  const own = (hosts: readonly Streamhost[]): Streamhost => {
    const host = hosts.find(({ jid }) => jid === ALICE)
    if (host === undefined) throw new Error('nothing is told')
    return host
  }

  it('may come several times: what it came with last counts', async () => {
    const came: Socket[] = []
    foreignTarget(async hosts => {
      for (let count = 0; count < 3; count++) came.push(await comeTo(own(hosts), addressOfStream))
      return used(ALICE)
    })
    const route = await program(ALICE).request()
    route.stream.end('the file')
    expect(String(await readAll(came[2] as Socket))).toBe('the file')
    expect(await readAll(came[0] as Socket)).toEqual(Buffer.alloc(0))
  })

  it('may speak before it has answered', async () => {
    foreignTarget(async hosts => {
      const socket = await comeTo(own(hosts), addressOfStream, 'early')
      socket.write(' bytes')
      await settle()
      return used('ALICE@plumb.test/sofa')
    })
    const { stream } = await program(ALICE).request()
    expect(String(await readBytes(stream, 11))).toBe('early bytes')
  })

  it('is not mixed up with somebody who cannot name the stream', async () => {
    const answers: Buffer[] = []
    foreignTarget(async hosts => {
      const target = await comeTo(own(hosts), addressOfStream)
      const { host, port } = own(hosts)
      const mallory = connect({ host, port })
      streams.push(mallory)
      mallory.write(
        Buffer.concat([Buffer.of(5, 1, 0, 5, 1, 0, 3, 40), Buffer.alloc(40, '0'), Buffer.of(0, 0)]),
      )
      answers.push(await readAll(mallory))
      target.write('it is me')
      return used(ALICE)
    })
    const { stream } = await program(ALICE).request()
    expect(answers).toEqual([Buffer.of(5, 0, 5, 2, 0, 1, 0, 0, 0, 0, 0, 0)])
    expect(String(await readBytes(stream, 8))).toBe('it is me')
  })

  it.each([
    ['says that it came, and did not', () => used(ALICE), 'connection-lost'],
    ['uses what it was not told', () => used('proxy.evil.test'), 'protocol-error'],
    ['uses a proxy where there is none', () => used(PROXY), 'protocol-error'],
    ['uses another device of ours', () => used('alice@plumb.test/phone'), 'protocol-error'],
    ['uses nothing', () => xml('query', { xmlns: NS_BYTESTREAMS }), 'protocol-error'],
    ['uses no JID', () => used('@'), 'protocol-error'],
    ['answers something else', () => xml('query', { xmlns: 'urn:x' }), 'protocol-error'],
    ['reaches nobody', () => stanzaError('item-not-found'), 'unreachable'],
    ['wants none', () => stanzaError('not-acceptable'), 'refused'],
    ['knows none', () => stanzaError('service-unavailable'), 'refused'],
  ] as const)('that %s is one failure', async (_, act, code) => {
    foreignTarget(act)
    const alice = program(ALICE)
    await expectFailure(alice.request(), code)
    expect(alice.negotiation.inUse).toEqual({ requests: 0, attempts: 0, connections: 0 })
  })

  it('that never answers is waited for half a minute', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    foreignTarget(() => new Promise(() => {}))
    const alice = program(ALICE)
    const requesting = alice.request()
    requesting.catch(() => {})
    await until(() => network.sent.some(({ to }) => to === BOB))
    vi.advanceTimersByTime(30_000)
    await expectFailure(requesting, 'timed-out')
  })

  it('may say that it used the proxy although it came to us as well', async () => {
    const proxy = await serverWithProxy()
    let direct: Socket | undefined
    foreignTarget(async hosts => {
      direct = await comeTo(own(hosts), addressOfStream)
      await comeTo({ jid: PROXY, host: proxy.host, port: proxy.port }, addressOfStream)
      return used(PROXY)
    })
    const route = await program(ALICE).request()
    expect(route.relay).toBe('proxy')
    expect(await readAll(direct as Socket)).toEqual(Buffer.alloc(0))
  })
})

describe('a request that is cancelled', () => {
  const moments: Readonly<Record<string, (cancel: () => void) => void>> = {
    'before it begins': cancel => cancel(),
    'while the target thinks': cancel => {
      foreignTarget(() => {
        cancel()
        return new Promise(() => {})
      })
    },
    'while the target is connected': cancel => {
      foreignTarget(async hosts => {
        const host = hosts.find(({ jid }) => jid === ALICE) as Streamhost
        const socket = await comeTo(host, addressOfStream)
        cancel()
        await readAll(socket)
        return used(ALICE)
      })
    },
  }

  it.each(Object.keys(moments))('%s leaves nothing open', async moment => {
    const cancel = new AbortController()
    const alice = program(ALICE)
    moments[moment]?.(() => cancel.abort(CANCELLED))
    await expect(alice.request(BOB, SID, cancel.signal)).rejects.toBe(CANCELLED)
    expect(alice.negotiation.inUse).toEqual({ requests: 0, attempts: 0, connections: 0 })
  })

  it('while the server is asked for its proxy leaves nothing open', async () => {
    const cancel = new AbortController()
    network.join(SERVER).iq.handle('get', NS_DISCO_ITEMS, () => {
      cancel.abort(CANCELLED)
      return new Promise(() => {})
    })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const alice = program(ALICE)
    await expect(alice.request(BOB, SID, cancel.signal)).rejects.toBe(CANCELLED)
    expect(alice.negotiation.inUse).toEqual({ requests: 0, attempts: 0, connections: 0 })
    vi.advanceTimersByTime(3_000)
  })

  it('while the proxy joins the two leaves nothing open', async () => {
    const cancel = new AbortController()
    serverWithProxyAt(await place(streamhost(() => {})), () => new Promise(() => {}))
    foreignTarget(() => used(PROXY))
    const alice = program(ALICE)
    const requesting = alice.request(BOB, SID, cancel.signal)
    requesting.catch(() => {})
    await until(() => alice.negotiation.inUse.connections === 1)
    cancel.abort(CANCELLED)
    await expect(requesting).rejects.toBe(CANCELLED)
    expect(alice.negotiation.inUse).toEqual({ requests: 0, attempts: 0, connections: 0 })
  })
})
