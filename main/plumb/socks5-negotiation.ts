import type { Socket } from 'node:net'
import { Failure } from '../../shared/model/failure.ts'
import type { Relay } from '../../shared/model/transfer.ts'
import { Arrivals } from '../bytestreams/arrivals.ts'
import { GuardedLookups } from '../bytestreams/guarded-lookup.ts'
import type { ProxyFinder, ServerProxy } from '../bytestreams/proxy.ts'
import { NobodyReached, raceStreamhosts } from '../bytestreams/race-streamhosts.ts'
import {
  type DialTarget,
  Socks5Connections,
  Socks5Error,
  type Standing,
  Turns,
} from '../bytestreams/socks5-connections.ts'
import { formatHost, type Host, networkOf, type OwnAddress } from '../dtcp/host.ts'
import { Listener } from '../sockets/listener.ts'
import { unlessAborted } from '../transfer/patience.ts'
import type { Route } from '../transfer/route.ts'
import { type IqAnswer, IqError, type IqRequest, type IqRouter } from '../xmpp/iq.ts'
import { bareJid, normalizeJid, stanzaError } from '../xmpp/stanza.ts'
import {
  destinationAddress,
  NS_BYTESTREAMS,
  readStreamhostUsed,
  readStreamRequest,
  type Streamhost,
  type StreamRequest,
  writeActivation,
  writeStreamhostUsed,
  writeStreamRequest,
} from '../xmpp/xep-0065.ts'
import { type Candidate, chooseStreamhosts, ownProxyTargets } from './choose-streamhosts.ts'
import type { RouteMaker, RouteReport } from './route-maker.ts'
import {
  addressesKept,
  connectionLost,
  nobodyReached,
  notActivated,
  nowhereToMeet,
  proxyFailure,
  refusal,
  unknownHost,
} from './socks5-failures.ts'

/** As target: from the request to its answer. */
const ATTEMPT_TIMEOUT_MS = 15_000
/** How long a proxy may take to join two connections that it has. */
const ACTIVATION_TIMEOUT_MS = 10_000
/** How long the router is waited for before a stream is asked for without it. */
const MAPPING_TIMEOUT_MS = 1_000
/** Requests of one account that are being served at once. */
const MAX_ATTEMPTS_PER_PEER = 16
/** Requests for one stream that are served in a minute: each of them names hosts to be dialed. */
const MAX_REQUESTS_PER_MINUTE = 30
const MINUTE_MS = 60_000
/** Lookups of names that peers chose, at once. */
const MAX_PEER_LOOKUPS = 2

export interface Socks5Options {
  readonly iq: IqRouter
  /** Our full JID in this session. */
  readonly address: () => string
  readonly proxies: ProxyFinder
  /** Asked by full JID anew for every request. */
  readonly policyOf: (peer: string) => { readonly mayKnowAddresses: boolean }
  /** Whether others may connect to this computer. */
  readonly listen: boolean
  /** Whether hosts that others name are dialed. Proxies are in any case. */
  readonly dial: boolean
  /** Loopback and private hosts may be dialed. */
  readonly allowLoopback: boolean
  readonly ownAddresses: () => readonly OwnAddress[]
  /** What is told of a port of ours, best first. */
  readonly hosts: (port: number) => readonly Host[]
  /** Where the router lets others reach this port; the port is closed when `signal` is aborted. */
  readonly mappedHost?: (port: number, signal: AbortSignal) => Promise<Host | undefined>
}

/** A stream that was agreed on, for which the peer may ask for connections. */
interface Expectation {
  /** Full JID. */
  readonly peer: string
  readonly streamId: string
  readonly report: RouteReport
  readonly signal: AbortSignal
  /** When the latest requests came. Milliseconds of a clock that only goes forward. */
  readonly requests: number[]
  /** Ends the attempt that serves the latest request. */
  attempt: AbortController | undefined
}

/** SOCKS5 bytestreams over XMPP (XEP-0065): joins iqs to connections. It knows streams by their ids, and no files. */
export class Socks5Negotiation implements RouteMaker {
  readonly method = 'socks5'
  readonly namespace = NS_BYTESTREAMS
  readonly #options: Socks5Options
  readonly #connections = new Socks5Connections()
  readonly #ownLookups = new GuardedLookups(Number.POSITIVE_INFINITY)
  readonly #peerLookups = new GuardedLookups(MAX_PEER_LOOKUPS)
  readonly #expected = new Set<Expectation>()
  readonly #attempts = new Set<Expectation>()
  #requests = 0

  constructor(options: Socks5Options) {
    this.#options = options
    options.iq.handle('set', NS_BYTESTREAMS, request => this.#onRequest(request))
  }

  /** What is under way: our requests, those that are served, and sockets that were not given away; all zero at rest. */
  get inUse(): { readonly requests: number; readonly attempts: number; readonly connections: number } {
    return { requests: this.#requests, attempts: this.#attempts.size, connections: this.#connections.size }
  }

  /**
   * As requester: offers ourselves and our server's proxy as hosts, and waits for what the target does. Throws a Failure:
   * `unreachable`, `refused`, `protocol-error`, `timed-out`, `not-allowed`, the stream's own codes; or `signal`'s reason.
   */
  async request(peer: string, streamId: string, signal: AbortSignal): Promise<Route> {
    signal.throwIfAborted()
    const over = new AbortController()
    this.#requests += 1
    try {
      return await this.#request(peer, streamId, AbortSignal.any([signal, over.signal]))
    } finally {
      this.#requests -= 1
      // Whatever was not given away closes with it.
      over.abort()
    }
  }

  /** As target: answers the requests of `peer` for this stream until `signal` is aborted; the latest one counts. */
  serve(peer: string, streamId: string, report: RouteReport, signal: AbortSignal): void {
    if (signal.aborted) return
    const expectation: Expectation = {
      peer: normalizeJid(peer) ?? peer,
      streamId,
      report,
      signal,
      requests: [],
      attempt: undefined,
    }
    this.#expected.add(expectation)
    signal.addEventListener('abort', () => this.#expected.delete(expectation), { once: true })
    // Known by the time that the request comes: our own server's proxy is trusted further than one that a peer names.
    void this.#options.proxies.find()
  }

  // ------------------------------------------------------------------------------------------ requester

  async #request(peer: string, streamId: string, signal: AbortSignal): Promise<Route> {
    const { iq, policyOf, listen, proxies } = this.#options
    const { mayKnowAddresses } = policyOf(peer)
    const own = this.#ownJid()
    const target = normalizeJid(peer) ?? peer
    const address = destinationAddress(streamId, own, target)
    const finding = proxies.find()
    const door = listen && mayKnowAddresses ? await this.#openDoor(address, signal) : undefined
    try {
      const found = await unlessAborted(finding, signal)
      // One that we would not dial ourselves helps nobody.
      const proxy = this.#ownProxyTargets(found).length > 0 ? found : undefined
      const hosts = [
        ...streamhosts(own, door?.hosts ?? []),
        ...(proxy === undefined ? [] : proxyHosts(proxy)),
      ]
      if (hosts.length === 0) throw mayKnowAddresses ? nowhereToMeet() : addressesKept()
      const query = writeStreamRequest({ streamId, mode: 'tcp', hosts })
      const result = await iq.request('set', target, query, { signal }).catch(error => {
        throw error instanceof IqError ? refusal(error, proxy !== undefined) : error
      })
      const answer = result.getChild('query', NS_BYTESTREAMS)
      const used = normalizeJid((answer && readStreamhostUsed(answer)) ?? '')
      if (door !== undefined && used === own) return this.#takeArrival(door.arrivals, door.hosts)
      if (proxy === undefined || used !== proxy.jid) throw unknownHost()
      return await this.#overProxy(proxy, { target, streamId, address }, signal)
    } finally {
      door?.release()
    }
  }

  /** A listener of its own, on which nobody gets through who cannot name the stream. */
  async #openDoor(
    address: string,
    signal: AbortSignal,
  ): Promise<{ arrivals: Arrivals; hosts: readonly Host[]; release: () => void }> {
    const { hosts, mappedHost } = this.#options
    const arrivals = new Arrivals(this.#connections, address, signal)
    const { port, release } = await new Listener(0, socket => arrivals.enter(socket)).hold()
    try {
      const mapped = await this.#mapped(mappedHost?.(port, signal), signal)
      return { arrivals, hosts: [...hosts(port), ...(mapped === undefined ? [] : [mapped])], release }
    } catch (error) {
      release()
      throw error
    }
  }

  async #mapped(
    asking: Promise<Host | undefined> | undefined,
    signal: AbortSignal,
  ): Promise<Host | undefined> {
    if (asking === undefined) return undefined
    const late = Promise.withResolvers<undefined>()
    const timer = setTimeout(() => late.resolve(undefined), MAPPING_TIMEOUT_MS)
    // Without the router there are other ways.
    const asked = asking.catch(() => undefined)
    try {
      return await unlessAborted(Promise.race([asked, late.promise]), signal)
    } finally {
      clearTimeout(timer)
    }
  }

  #takeArrival(arrivals: Arrivals, hosts: readonly Host[]): Route {
    const taken = arrivals.take(hosts)
    if (taken === undefined) throw connectionLost()
    const { socket, standing } = taken
    return this.#route(socket, standing.remote, 'acceptor', 'none')
  }

  async #overProxy(
    proxy: ServerProxy,
    { target, streamId, address }: { target: string; streamId: string; address: string },
    signal: AbortSignal,
  ): Promise<Route> {
    const standing = await this.#dialProxy(proxy, address, signal)
    try {
      const options = { signal, timeoutMs: ACTIVATION_TIMEOUT_MS }
      await this.#options.iq.request('set', proxy.jid, writeActivation(streamId, target), options)
    } catch (error) {
      throw error instanceof IqError ? notActivated(error) : error
    }
    const socket = standing.take()
    if (socket === undefined) throw connectionLost()
    return this.#route(socket, standing.remote, 'dialer', 'proxy')
  }

  async #dialProxy(proxy: ServerProxy, address: string, signal: AbortSignal): Promise<Standing> {
    const errors: unknown[] = []
    for (const target of this.#ownProxyTargets(proxy)) {
      try {
        return await this.#connections.dial(target, address, signal)
      } catch (error) {
        signal.throwIfAborted()
        errors.push(error)
      }
    }
    throw proxyFailure(errors)
  }

  // --------------------------------------------------------------------------------------------- target

  async #onRequest({ from, payload }: IqRequest): Promise<IqAnswer> {
    const request = payload.is('query', NS_BYTESTREAMS) ? readStreamRequest(payload) : undefined
    if (request === undefined) return { payload: stanzaError('bad-request') }
    const expectation = [...this.#expected].findLast(
      ({ peer, streamId }) => peer === from && streamId === request.streamId,
    )
    // Vague on purpose: strangers and contacts without an accepted offer read the same.
    if (expectation === undefined || request.mode !== 'tcp') return { payload: stanzaError('not-acceptable') }
    if (this.#isTooMuch(expectation)) return { payload: stanzaError('resource-constraint') }

    // The peer asks anew: what it asked for before is over for both.
    expectation.attempt?.abort()
    const attempt = new AbortController()
    expectation.attempt = attempt
    this.#attempts.add(expectation)
    try {
      return await this.#serve(expectation, request, AbortSignal.any([expectation.signal, attempt.signal]))
    } finally {
      if (expectation.attempt === attempt) {
        expectation.attempt = undefined
        this.#attempts.delete(expectation)
      }
    }
  }

  async #serve(expectation: Expectation, request: StreamRequest, signal: AbortSignal): Promise<IqAnswer> {
    const { peer, streamId, report } = expectation
    const timeUp = new AbortController()
    const timer = setTimeout(() => timeUp.abort(), ATTEMPT_TIMEOUT_MS)
    try {
      const ended = AbortSignal.any([signal, timeUp.signal])
      const { host, connection } = await this.#reach(peer, request, report.isDirectUnlikely, ended)
      const { socket, remote } = connection
      const discard = (): void => void socket.destroy()
      signal.addEventListener('abort', discard)
      return {
        payload: writeStreamhostUsed(streamId, host.jid),
        afterwards: () => {
          signal.removeEventListener('abort', discard)
          if (!signal.aborted) report.established(this.#route(socket, remote, 'dialer', host.relay))
        },
      }
    } catch (error) {
      if (!signal.aborted) report.failed(timeUp.signal.aborted ? nobodyReached() : Failure.from(error))
      return { payload: stanzaError('item-not-found') }
    } finally {
      clearTimeout(timer)
    }
  }

  /** Throws a Failure, or `signal`'s reason. */
  async #reach(peer: string, request: StreamRequest, isDirectUnlikely: boolean, signal: AbortSignal) {
    const { policyOf, proxies, dial, allowLoopback, ownAddresses } = this.#options
    const { mayKnowAddresses } = policyOf(peer)
    // Where addresses are kept, a proxy that only the peer vouches for may be the peer's own.
    const ownProxy = mayKnowAddresses ? proxies.known : await unlessAborted(proxies.find(), signal)
    const hosts = chooseStreamhosts(request.hosts, {
      peer,
      mayKnowAddresses,
      dial,
      policy: { own: ownAddresses(), allowLoopback, trusted: false },
      lookups: this.#peerLookups,
      ownProxy: ownProxy && { jid: ownProxy.jid, targets: this.#ownProxyTargets(ownProxy) },
    })
    const address = destinationAddress(request.streamId, peer, this.#ownJid())
    // To some requesters, QXmpp among them, the last connection that names the stream is the one that counts.
    const turns = new Turns()
    const connect = async ({ target, relay }: Candidate, ended: AbortSignal) => {
      const turn = relay === 'none' ? turns : undefined
      const standing = await this.#connections.dial(target, address, ended, turn)
      // At once: the peer may send as soon as it has our answer, and close its direction behind that.
      const socket = standing.take()
      if (socket === undefined) throw new Socks5Error('unreachable')
      return { socket, remote: standing.remote, destroy: () => socket.destroy() }
    }
    try {
      return await raceStreamhosts(hosts, connect, signal, isDirectUnlikely)
    } catch (error) {
      if (!(error instanceof NobodyReached)) throw error
      const isNothing = hosts.direct.length === 0 && hosts.proxies.length === 0
      if (isNothing && !mayKnowAddresses) throw addressesKept()
      throw nobodyReached(error)
    }
  }

  #isTooMuch(expectation: Expectation): boolean {
    const { requests } = expectation
    const now = performance.now()
    while (requests.length > 0 && now - (requests[0] ?? now) > MINUTE_MS) requests.shift()
    if (requests.length >= MAX_REQUESTS_PER_MINUTE) return true
    requests.push(now)
    // This one's own attempt makes room.
    const others = [...this.#attempts].filter(other => other !== expectation)
    const ofPeer = others.filter(other => bareJid(other.peer) === bareJid(expectation.peer))
    return ofPeer.length >= MAX_ATTEMPTS_PER_PEER
  }

  // --------------------------------------------------------------------------------------------- common

  #ownJid(): string {
    const address = this.#options.address()
    return normalizeJid(address) ?? address
  }

  #ownProxyTargets(proxy: ServerProxy | undefined): DialTarget[] {
    const { ownAddresses, allowLoopback } = this.#options
    if (proxy === undefined) return []
    return ownProxyTargets(proxy, { own: ownAddresses(), allowLoopback }, this.#ownLookups)
  }

  #route(socket: Socket, remote: Host, by: 'dialer' | 'acceptor', relay: Relay): Route {
    return {
      method: this.method,
      stream: socket,
      by,
      remote: formatHost(remote),
      relay,
      encrypted: false,
      verified: false,
      network: relay === 'proxy' ? 'internet' : networkOf(remote.address, this.#options.ownAddresses()),
      code: undefined,
    }
  }
}

/** Hosts at ourselves, each once. */
function streamhosts(jid: string, hosts: readonly Host[]): Streamhost[] {
  const distinct = new Map(hosts.map(host => [formatHost(host), host]))
  return [...distinct.values()].map(({ address, port }) => ({ jid, host: address, port }))
}

function proxyHosts({ jid, addresses }: ServerProxy): Streamhost[] {
  return addresses.map(({ host, port }) => ({ jid, host, port }))
}
