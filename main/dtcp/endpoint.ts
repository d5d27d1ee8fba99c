import { assertNever } from '../../shared/assert-never.ts'
import { type CandidateFailure, type SessionFailure, sessionFailureFrom } from './errors.ts'
import type { Fingerprints } from './fingerprint.ts'
import {
  ACCEPTED,
  type AcceptorContext,
  type AcceptorEffect,
  type AcceptorInput,
  type AcceptorState,
  type DialerState,
  type HandshakeInput,
  type Protection,
  startDialer,
  stepAcceptor,
  stepDialer,
  type Terms,
} from './handshake.ts'
import type { Host, Rank } from './host.ts'
import { equalInConstantTime } from './key.ts'
import {
  type RaceEffect,
  type RaceInput,
  type RaceStart,
  type RaceState,
  startRace,
  stepRace,
} from './race.ts'

/*
 * Everything that one listener and its sessions do, without a socket, a clock or chance: what happens
 * outside comes in as method calls, what shall happen outside goes out as effects, in order. The simulator
 * drives this very class over a fake network; main/sockets drives it over a real one.
 */

/** How long a dial may take until it is connected. */
export const CONNECT_TIMEOUT_MS = 5_000
/** How long a handshake may take from the connection until its key is accepted. */
export const HANDSHAKE_TIMEOUT_MS = 5_000
/** How long the whole race may take. */
export const RACE_TIMEOUT_MS = 10_000
/** How long the requestor holds a usable candidate while a better one can still come. */
export const GRACE_MS = 50

/**
 * Connections that have not named a session yet. Past it one of the address that has most of them is closed, so
 * that junk makes room for what speaks (security: listener exhaustion).
 */
export const MAX_STRANGERS = 256
/** Accepted connections of one session that wait for a decision. */
export const MAX_ACCEPTED_PER_SESSION = 8

/** Which clock is meant: one a connection (`connect`, `handshake`) or one a session (`grace`, `race`). */
export type TimerId = `${'connect' | 'handshake' | 'grace' | 'race'}:${string}`

export type EndpointEffect =
  | { readonly kind: 'dial'; readonly connection: string; readonly host: Host }
  /** `line` is sent with the LF behind it. */
  | { readonly kind: 'send'; readonly connection: string; readonly line: string }
  | {
      readonly kind: 'start-tls'
      readonly connection: string
      readonly as: 'dialer' | 'acceptor'
      readonly trailing: Uint8Array
    }
  /** Send what is still to be sent, then close. */
  | { readonly kind: 'close'; readonly connection: string }
  | { readonly kind: 'set-timer'; readonly timer: TimerId; readonly ms: number }
  | { readonly kind: 'clear-timer'; readonly timer: TimerId }
  /** N5: the give-up iq, with the other's key. */
  | { readonly kind: 'give-up'; readonly session: string }
  /** The session's one connection: it is the caller's from here on, and the session is over. */
  | ({
      readonly kind: 'hand-over'
      readonly session: string
      readonly connection: string
      readonly by: 'dialer' | 'acceptor'
      readonly trailing: Uint8Array
    } & Protection)
  /** The session ended without a connection. `aborted`: because this side asked for it. */
  | {
      readonly kind: 'lost'
      readonly session: string
      readonly reason: SessionFailure | 'aborted'
      readonly candidates: readonly CandidateFailure[]
    }

/** A session of which the peer's key and hosts are known. */
export interface SessionStart extends Terms {
  /** The peer's hosts that may be dialed, with how near they are; empty with dialing switched off. */
  readonly dials: readonly { readonly host: Host; readonly rank: Rank }[]
  readonly askForTls: boolean
  readonly weWereGivenHosts: boolean
  readonly theyWereGivenHosts: boolean
  readonly bestInbound: Rank | undefined
}

interface Session {
  readonly ourKey: string
  start: SessionStart | undefined
  race: RaceState | undefined
  readonly failures: CandidateFailure[]
}

type Connection = { session: string | undefined; readonly rank: Rank } & (
  | { readonly kind: 'dialing' }
  | { readonly kind: 'dialer'; state: DialerState }
  | { readonly kind: 'acceptor'; readonly address: string; state: AcceptorState }
)

export interface EndpointOptions {
  readonly serveTls: boolean
  readonly rankOf: (address: string) => Rank
}

export class Endpoint {
  readonly #options: EndpointOptions
  readonly #sessions = new Map<string, Session>()
  readonly #connections = new Map<string, Connection>()
  readonly #context: AcceptorContext
  #dials = 0
  #effects: EndpointEffect[] = []

  constructor(options: EndpointOptions) {
    this.#options = options
    this.#context = { serveTls: options.serveTls, findSession: key => this.#findSession(key) }
  }

  /** Sessions that are not decided yet. */
  get liveSessions(): number {
    return this.#sessions.size
  }

  /** Connections that are neither handed over nor closed. */
  get liveConnections(): number {
    return this.#connections.size
  }

  /** Whether a session with this own key lives (N7: a key is used once). */
  hasKey(ourKey: string): boolean {
    return this.#findSession(ourKey) !== undefined
  }

  /** Our key is about to be told to a peer: from now on a dialer may come with it, and is held. */
  expect(session: string, ourKey: string): void {
    this.#sessions.set(session, { ourKey, start: undefined, race: undefined, failures: [] })
  }

  /** The peer's key and hosts are known (N4): the race begins, unless the session was aborted by now. */
  begin(id: string, start: SessionStart): EndpointEffect[] {
    const session = this.#sessions.get(id)
    if (session === undefined || session.start !== undefined) return []
    session.start = start
    this.#emit({ kind: 'set-timer', timer: `race:${id}`, ms: RACE_TIMEOUT_MS })
    const dials = new Map<string, Rank>()
    for (const { host, rank } of start.dials) {
      const connection = `dial-${++this.#dials}`
      this.#connections.set(connection, { kind: 'dialing', session: id, rank })
      this.#emit({ kind: 'dial', connection, host })
      this.#emit({ kind: 'set-timer', timer: `connect:${connection}`, ms: CONNECT_TIMEOUT_MS })
      dials.set(connection, rank)
    }
    const raceStart: RaceStart = { ...start, dials }
    this.#raced(id, session, startRace(raceStart))
    for (const [connection, entry] of [...this.#connections]) {
      if (entry.kind !== 'acceptor' || entry.session !== id || !this.#connections.has(connection)) continue
      // Held until now: it joins anew, or is a stranger again if it has to ask for TLS first.
      entry.session = undefined
      this.#feedAcceptor(connection, entry, { kind: 'terms-known', terms: start })
    }
    return this.#take()
  }

  /** This side wants no connection any more, or the request was refused: everything of it is closed. */
  abort(id: string): EndpointEffect[] {
    const session = this.#sessions.get(id)
    if (session === undefined) return []
    if (session.race === undefined) this.#lose(id, session, 'aborted')
    else this.#race(id, { kind: 'aborted' })
    return this.#take()
  }

  /** N5: the peer has stopped trying. */
  peerGaveUp(id: string): EndpointEffect[] {
    this.#race(id, { kind: 'peer-gave-up' })
    return this.#take()
  }

  /** A dial is connected. */
  connected(connection: string): EndpointEffect[] {
    const entry = this.#connections.get(connection)
    const terms = this.#sessions.get(entry?.session ?? '')?.start
    if (entry?.kind !== 'dialing' || terms === undefined) return []
    this.#emit({ kind: 'clear-timer', timer: `connect:${connection}` })
    this.#emit({ kind: 'set-timer', timer: `handshake:${connection}`, ms: HANDSHAKE_TIMEOUT_MS })
    const { state, effects } = startDialer(terms)
    const dialer: Connection = { kind: 'dialer', session: entry.session, rank: entry.rank, state }
    this.#connections.set(connection, dialer)
    this.#carryOut(connection, dialer, effects)
    return this.#take()
  }

  /** A connection came in from `address`. */
  accepted(connection: string, address: string): EndpointEffect[] {
    this.#makeRoom()
    const rank = this.#options.rankOf(address)
    this.#connections.set(connection, {
      kind: 'acceptor',
      session: undefined,
      rank,
      address,
      state: ACCEPTED,
    })
    this.#emit({ kind: 'set-timer', timer: `handshake:${connection}`, ms: HANDSHAKE_TIMEOUT_MS })
    return this.#take()
  }

  received(connection: string, bytes: Uint8Array): EndpointEffect[] {
    this.#feed(connection, { kind: 'received', bytes })
    return this.#take()
  }

  /** TLS is up on a connection; the digests of the certificate that the peer showed, if any. */
  secured(connection: string, certificate: Fingerprints | undefined): EndpointEffect[] {
    this.#feed(connection, { kind: 'secured', certificate })
    return this.#take()
  }

  /** A connection is gone: refused, reset, ended, or its TLS failed. */
  closed(connection: string, reason: 'unreachable' | 'closed' | 'tls-failed'): EndpointEffect[] {
    this.#drop(connection, reason)
    return this.#take()
  }

  timeUp(timer: TimerId): EndpointEffect[] {
    const separator = timer.indexOf(':')
    const clock = timer.slice(0, separator) as 'connect' | 'handshake' | 'grace' | 'race'
    const id = timer.slice(separator + 1)
    switch (clock) {
      case 'connect':
      case 'handshake':
        this.#drop(id, 'timed-out')
        break
      case 'grace':
        this.#race(id, { kind: 'grace-over' })
        break
      case 'race':
        this.#race(id, { kind: 'time-over' })
        break
      default:
        assertNever(clock)
    }
    return this.#take()
  }

  #emit(effect: EndpointEffect): void {
    this.#effects.push(effect)
  }

  #take(): EndpointEffect[] {
    const effects = this.#effects
    this.#effects = []
    return effects
  }

  #findSession(key: string): { id: string; terms: Terms | undefined } | undefined {
    let found: { id: string; terms: Terms | undefined } | undefined
    // No early way out: the time must not tell how many sessions there are, or which was meant.
    for (const [id, session] of this.#sessions) {
      if (equalInConstantTime(key, session.ourKey)) found = { id, terms: session.start }
    }
    return found
  }

  #feed(connection: string, input: HandshakeInput): void {
    const entry = this.#connections.get(connection)
    if (entry === undefined || entry.kind === 'dialing') return
    if (entry.kind === 'acceptor') {
      this.#feedAcceptor(connection, entry, input)
      return
    }
    const { state, effects } = stepDialer(entry.state, input)
    entry.state = state
    this.#carryOut(connection, entry, effects)
  }

  #feedAcceptor(connection: string, entry: Connection & { kind: 'acceptor' }, input: AcceptorInput): void {
    const { state, effects } = stepAcceptor(entry.state, input, this.#context)
    entry.state = state
    this.#carryOut(connection, entry, effects)
  }

  #carryOut(connection: string, entry: Connection, effects: readonly AcceptorEffect[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'send':
          this.#emit({ kind: 'send', connection, line: effect.line })
          break
        case 'start-tls':
          this.#emit({
            kind: 'start-tls',
            connection,
            as: entry.kind === 'acceptor' ? 'acceptor' : 'dialer',
            trailing: effect.trailing,
          })
          break
        case 'noted':
          this.#sessions.get(effect.session)?.failures.push(effect.reason)
          break
        case 'joined':
          // The rest of the effects belongs to a connection that was just refused a place.
          if (!this.#join(connection, entry, effect.session)) return
          break
        case 'ready':
          // Beyond this point only the requestor's decision is missing, and the race has its own clock.
          this.#emit({ kind: 'clear-timer', timer: `handshake:${connection}` })
          this.#race(entry.session ?? '', { kind: 'ready', candidate: connection })
          break
        case 'established':
          this.#established(connection, entry, effect)
          break
        case 'failed':
          this.#drop(connection, effect.reason)
          break
        default:
          assertNever(effect)
      }
    }
  }

  /** An accepted connection named a session of ours. False where it was turned away. */
  #join(connection: string, entry: Connection, id: string): boolean {
    const session = this.#sessions.get(id)
    const siblings = [...this.#connections.values()].filter(
      other => other.kind === 'acceptor' && other.session === id,
    )
    if (session === undefined || siblings.length >= MAX_ACCEPTED_PER_SESSION) {
      this.#emit({ kind: 'send', connection, line: 'error' })
      this.#drop(connection, 'evicted')
      return false
    }
    entry.session = id
    if (session.race !== undefined) {
      this.#emit({ kind: 'clear-timer', timer: `handshake:${connection}` })
      this.#race(id, { kind: 'entered', candidate: connection, rank: entry.rank })
    }
    return true
  }

  #established(
    connection: string,
    entry: Connection,
    { trailing, encrypted, verified }: Protection & { readonly trailing: Uint8Array },
  ): void {
    const id = entry.session ?? ''
    const session = this.#sessions.get(id)
    if (session === undefined) {
      this.#drop(connection, 'lost-race')
      return
    }
    this.#connections.delete(connection)
    this.#emit({ kind: 'clear-timer', timer: `handshake:${connection}` })
    if (session.start?.role === 'responder') this.#race(id, { kind: 'established', candidate: connection })
    this.#end(id)
    const by = entry.kind === 'acceptor' ? 'acceptor' : 'dialer'
    this.#emit({ kind: 'hand-over', session: id, connection, by, trailing, encrypted, verified })
  }

  #race(id: string, input: RaceInput): void {
    const session = this.#sessions.get(id)
    if (session?.race === undefined) return
    this.#raced(id, session, stepRace(session.race, input))
  }

  #raced(id: string, session: Session, step: { state: RaceState; effects: readonly RaceEffect[] }): void {
    session.race = step.state
    // The losers first: a connection that is committed in the same step is handed over with nothing beside it.
    const effects = step.effects.toSorted((a, b) => order(a) - order(b))
    for (const effect of effects) {
      switch (effect.kind) {
        case 'commit':
          this.#feed(effect.candidate, { kind: 'committed' })
          break
        case 'discard':
          this.#discard(effect.candidate)
          break
        case 'start-grace':
          this.#emit({ kind: 'set-timer', timer: `grace:${id}`, ms: GRACE_MS })
          break
        case 'give-up':
          this.#emit({ kind: 'give-up', session: id })
          break
        case 'lost':
          this.#lose(id, session, effect.reason)
          break
        default:
          assertNever(effect)
      }
    }
  }

  /** S6: an acceptor that was ready says `error` before it closes; everything else just closes. */
  #discard(connection: string): void {
    if (this.#connections.get(connection)?.kind === 'dialing') this.#drop(connection, 'lost-race')
    else this.#feed(connection, { kind: 'discarded' })
  }

  #lose(id: string, session: Session, reason: 'unreachable' | 'timed-out' | 'aborted'): void {
    const { failures } = session
    this.#end(id)
    const telling = sessionFailureFrom(new Set(failures))
    const said = reason === 'aborted' || telling === 'unreachable' ? reason : telling
    this.#emit({ kind: 'lost', session: id, reason: said, candidates: failures })
  }

  /** The one way in which a session ends: nothing of it stays. */
  #end(id: string): void {
    this.#sessions.delete(id)
    this.#emit({ kind: 'clear-timer', timer: `race:${id}` })
    this.#emit({ kind: 'clear-timer', timer: `grace:${id}` })
    for (const [connection, entry] of [...this.#connections]) {
      if (entry.session === id) this.#discard(connection)
    }
  }

  /** The one way in which a connection ends that is not handed over. */
  #drop(connection: string, reason: CandidateFailure): void {
    const entry = this.#connections.get(connection)
    if (entry === undefined) return
    this.#connections.delete(connection)
    this.#emit({ kind: 'clear-timer', timer: `connect:${connection}` })
    this.#emit({ kind: 'clear-timer', timer: `handshake:${connection}` })
    this.#emit({ kind: 'close', connection })
    if (entry.session === undefined) return
    this.#sessions.get(entry.session)?.failures.push(reason)
    this.#race(entry.session, { kind: 'gone', candidate: connection })
  }

  /** Security, listener exhaustion: no address can keep the others out, and junk not even its neighbours. */
  #makeRoom(): void {
    const strangers = [...this.#connections].flatMap(([id, entry]) =>
      entry.kind === 'acceptor' && entry.session === undefined ? [{ id, entry }] : [],
    )
    if (strangers.length < MAX_STRANGERS) return
    const perAddress = new Map<string, number>()
    for (const { entry } of strangers) {
      perAddress.set(entry.address, (perAddress.get(entry.address) ?? 0) + 1)
    }
    const most = Math.max(...perAddress.values())
    const crowd = strangers.filter(({ entry }) => perAddress.get(entry.address) === most)
    // Half-open TLS costs a few bytes: if it were kept before those who are about to speak, it could keep all
    // places. So the fullest stage makes room, and who moves on leaves the stage that a flood fills.
    const stages = Map.groupBy(crowd, ({ entry }) => stage(entry))
    const fullest = [...stages.values()].reduce((a, b) => (b.length > a.length ? b : a))
    // Insertion order is age, and the sort is stable: the most refused goes, and the oldest where none was.
    const refused = crowd
      .filter(({ entry }) => tries(entry) > 0)
      .toSorted((a, b) => tries(b.entry) - tries(a.entry))
    const victim = refused[0] ?? fullest[0]
    if (victim !== undefined) this.#drop(victim.id, 'evicted')
  }
}

function order({ kind }: RaceEffect): number {
  return kind === 'discard' ? 0 : 1
}

type Acceptor = Connection & { kind: 'acceptor' }

/** How far a stranger has come: nothing said, TLS begun, TLS up. */
function stage({ state }: Acceptor): 'new' | 'securing' | 'secured' {
  if (state.kind === 'awaiting-tls') return 'securing'
  return state.kind === 'awaiting-command' && state.encrypted ? 'secured' : 'new'
}

function tries({ state }: Acceptor): number {
  return state.kind === 'awaiting-command' || state.kind === 'awaiting-tls' ? state.tries : 0
}
