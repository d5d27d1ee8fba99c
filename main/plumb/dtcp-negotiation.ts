import { randomUUID } from 'node:crypto'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import { type Fingerprints, parseFingerprint } from '../dtcp/fingerprint.ts'
import { formatHost, type Host, MAX_HOSTS, parseHost } from '../dtcp/host.ts'
import { isAcceptableKey } from '../dtcp/key.ts'
import type { Channel, Connector, Encryption, PeerSession, PeerTerms } from '../sockets/connect-peer.ts'
import type { Route } from '../transfer/route.ts'
import { type IqAnswer, IqError, type IqRequest, type IqRouter, type IqTransport } from '../xmpp/iq.ts'
import { type Element, stanzaError } from '../xmpp/stanza.ts'
import {
  type DtcpQuery,
  NS_DTCP,
  readDtcpQuery,
  readGiveUp,
  writeDtcpQuery,
  writeGiveUp,
} from '../xmpp/xep-0046.ts'
import type { RouteMaker, RouteReport } from './route-maker.ts'

/** A stream that was agreed on, for which the peer may ask for a connection. */
interface Expectation {
  /** Full JID. */
  readonly peer: string
  readonly streamId: string
  readonly report: RouteReport
  /** The negotiation that answers the peer's query, once that came. */
  live: Live | undefined
}

/** A negotiation under way, from its iq to its connection or its end. */
interface Live {
  /** Full JID. */
  readonly peer: string
  /** As requestor undefined until the answer; nobody else may then ask with it. */
  readonly theirKey: string | undefined
  /** Undefined for the moment in which the listener opens. */
  session: PeerSession | undefined
}

/** What was decided about direct connections with one contact. */
export interface PeerPolicy {
  readonly encryption: Encryption
  /** A direct connection shows both sides each other's addresses: without this there is none. */
  readonly mayKnowAddresses: boolean
}

/** DTCP over XMPP (rules N1 to N7): joins iqs to sessions. It knows streams by their ids, and no files. */
export class DtcpNegotiation implements RouteMaker {
  readonly method = 'dtcp'
  readonly namespace = NS_DTCP
  readonly #iq: IqRouter
  readonly #transport: IqTransport
  readonly #connector: Connector
  readonly #policyOf: (peer: string) => PeerPolicy
  readonly #expected = new Set<Expectation>()
  readonly #live = new Set<Live>()

  /** `policyOf`: asked by full JID anew for every connection. */
  constructor(
    iq: IqRouter,
    transport: IqTransport,
    connector: Connector,
    policyOf: (peer: string) => PeerPolicy,
  ) {
    this.#policyOf = policyOf
    this.#iq = iq
    this.#transport = transport
    this.#connector = connector
    iq.handle('set', NS_DTCP, request => this.#onQuery(request))
  }

  /**
   * As requestor: asks `peer`, a full JID, for a connection for a stream. Throws a Failure: `refused`,
   * `protocol-error`, a session's own codes, or `signal`'s reason.
   */
  async request(peer: string, streamId: string, signal: AbortSignal): Promise<Route> {
    signal.throwIfAborted()
    let theirKey: string | undefined
    const { encryption, mayKnowAddresses } = this.#policyOf(peer)
    if (!mayKnowAddresses) throw addressesKept()
    const session = await this.#connector.prepare('requestor', {
      encryption,
      onGiveUp: () => this.#giveUp(peer, theirKey),
    })
    const abort = (): void => session.abort(Failure.from(signal.reason))
    signal.addEventListener('abort', abort)
    const live: Live = { peer, theirKey: undefined, session }
    this.#live.add(live)
    try {
      const terms = await this.#ask(peer, streamId, session, signal)
      theirKey = terms.key
      return routeOf(await session.connect(terms))
    } catch (error) {
      session.abort(Failure.from(error))
      throw error
    } finally {
      this.#live.delete(live)
      signal.removeEventListener('abort', abort)
    }
  }

  /**
   * As responder: answers the queries of `peer` for a stream that was agreed on, until `signal` is aborted. A query that
   * comes while another is negotiated takes its place.
   */
  serve(peer: string, streamId: string, report: RouteReport, signal: AbortSignal): void {
    if (signal.aborted) return
    const expectation: Expectation = { peer, streamId, report, live: undefined }
    this.#expected.add(expectation)
    signal.addEventListener(
      'abort',
      () => {
        this.#expected.delete(expectation)
        expectation.live?.session?.abort(Failure.from(signal.reason))
      },
      { once: true },
    )
  }

  /** N5: an iq-error that answers nothing may be a peer's give-up. */
  receiveStrayError(stanza: Element, from: string): void {
    const key = readGiveUp(stanza)
    for (const { peer, session } of this.#live) {
      if (peer === from && session?.ourKey === key) session?.peerGaveUp()
    }
  }

  async #ask(peer: string, streamId: string, session: PeerSession, signal: AbortSignal): Promise<PeerTerms> {
    let result: Element
    try {
      result = await this.#iq.request('set', peer, ourQuery(session, streamId), { signal })
    } catch (error) {
      if (!(error instanceof IqError)) throw error
      throw new Failure('refused', say('direct.refused'), { cause: error })
    }
    const query = result.getChild('query', NS_DTCP)
    const terms = readTerms(query && readDtcpQuery(query))
    // A peer that repeats our key to us could send our own dialers to our own listener.
    if (terms === undefined || terms.key === session.ourKey) {
      throw new Failure('protocol-error', say('direct.no-dtcp'))
    }
    return terms
  }

  /** N7: whatever is wrong with a request ends in an error, and nothing is dialed or opened for it. */
  async #onQuery({ from, payload }: IqRequest): Promise<IqAnswer> {
    const query = payload.is('query', NS_DTCP) ? readDtcpQuery(payload) : undefined
    const terms = readTerms(query)
    if (query === undefined || terms === undefined) return { payload: stanzaError('bad-request') }
    const isLive = [...this.#live].some(live => live.peer === from && live.theirKey === terms.key)
    if (isLive) return { payload: stanzaError('conflict') }
    const expectation = this.#findExpectation(from, query.streamId)
    // Vague on purpose: strangers and contacts without an accepted offer read the same.
    if (expectation === undefined) return { payload: stanzaError('feature-not-implemented') }
    // Our own key as the peer's would send our dialers to our own listener.
    if (this.#connector.hasKey(terms.key)) return { payload: stanzaError('conflict') }

    const { encryption, mayKnowAddresses } = this.#policyOf(from)
    if (!mayKnowAddresses) {
      expectation.report.failed(addressesKept())
      return { payload: stanzaError('feature-not-implemented') }
    }

    // The peer negotiates anew: what it asked for before is over for both.
    expectation.live?.session?.abort(noQuery())
    const live: Live = { peer: from, theirKey: terms.key, session: undefined }
    expectation.live = live
    this.#live.add(live)
    try {
      live.session = await this.#connector.prepare('responder', {
        theirHosts: terms.hosts,
        encryption,
        onGiveUp: () => this.#giveUp(from, terms.key),
      })
    } catch (error) {
      this.#settle(expectation, live, Failure.from(error))
      return { payload: stanzaError('feature-not-implemented') }
    }
    const { session } = live
    if (expectation.live !== live || !this.#expected.has(expectation)) {
      this.#live.delete(live)
      session.abort(noQuery())
      return { payload: stanzaError('feature-not-implemented') }
    }
    return {
      payload: ourQuery(session, undefined),
      afterwards: () => {
        session.connect(terms).then(
          channel => this.#settle(expectation, live, channel),
          error => this.#settle(expectation, live, Failure.from(error)),
        )
      },
    }
  }

  #settle(expectation: Expectation, live: Live, outcome: Channel | Failure): void {
    this.#live.delete(live)
    const wanted = expectation.live === live && this.#expected.has(expectation)
    if (wanted) expectation.live = undefined
    if (outcome instanceof Failure) {
      if (wanted) expectation.report.failed(outcome)
    } else if (wanted) expectation.report.established(routeOf(outcome))
    else outcome.stream.destroy()
  }

  /** By the stream's id from our own clients; the one accepted first from a program that names none. */
  #findExpectation(peer: string, streamId: string | undefined): Expectation | undefined {
    return [...this.#expected].find(expectation =>
      expectation.peer === peer && streamId === undefined
        ? expectation.live === undefined
        : expectation.peer === peer && expectation.streamId === streamId,
    )
  }

  #giveUp(peer: string, theirKey: string | undefined): void {
    if (theirKey === undefined) return
    // Without a connection to the server the peer finds out by its own clock.
    this.#transport.send(writeGiveUp(peer, randomUUID(), theirKey)).catch(() => {})
  }
}

function routeOf(channel: Channel): Route {
  return { method: 'dtcp', relay: 'none', ...channel }
}

/** Security: neither told hosts nor dialed ones; both would show where this computer is. */
function addressesKept(): Failure {
  return new Failure('not-allowed', say('direct.shows-address'))
}

function noQuery(): Failure {
  return new Failure('timed-out', say('direct.other-instead'))
}

function ourQuery({ ourKey, ourHosts, ourFingerprints }: PeerSession, streamId: string | undefined): Element {
  const sha256 = ourFingerprints?.['sha-256']
  return writeDtcpQuery({
    key: ourKey,
    hosts: ourHosts.map(formatHost),
    fingerprints: sha256 === undefined ? [] : [{ hash: 'sha-256', text: sha256 }],
    streamId,
  })
}

/** What a query says, held against the rules; undefined where anything in it is malformed (N7). */
function readTerms(query: DtcpQuery | undefined): PeerTerms | undefined {
  if (query === undefined || !isAcceptableKey(query.key)) return undefined
  const hosts: Host[] = []
  for (const text of query.hosts.slice(0, MAX_HOSTS)) {
    const read = parseHost(text)
    if (read.kind === 'malformed') return undefined
    if (read.kind === 'literal') hosts.push(read.host)
  }
  const pins = query.fingerprints.map(({ hash, text }) => parseFingerprint(hash, text))
  // A fingerprint that we cannot use must not turn into no fingerprint: that would be a silent downgrade.
  if (pins.includes(undefined)) return undefined
  const pinned: Fingerprints | undefined = pins.length === 0 ? undefined : Object.assign({}, ...pins)
  return { key: query.key, hosts, hostsGiven: query.hosts.length, pinned }
}
