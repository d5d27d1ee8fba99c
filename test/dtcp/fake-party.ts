import type { Endpoint, EndpointEffect, EndpointOptions, TimerId } from '../../main/dtcp/endpoint.ts'
import type { CandidateFailure } from '../../main/dtcp/errors.ts'
import type { Fingerprints } from '../../main/dtcp/fingerprint.ts'
import type { Role } from '../../main/dtcp/handshake.ts'
import type { Host, Rank } from '../../main/dtcp/host.ts'
import { assertNever } from '../../shared/assert-never.ts'
import type { Planned } from './fake-clock.ts'
import type { End, Holder, Listening, Parcel, Path, Wire, World } from './fake-network.ts'

/** A fake program with the real Endpoint in it: what main/sockets and main/xmpp are to it, over a fake network. */

/** How long an iq may go unanswered. */
const IQ_TIMEOUT_MS = 30_000

export type Encryption = 'required' | 'preferred' | 'off'

/** Where a host leads, and how near it is. */
export interface Place {
  readonly host: Host
  readonly rank: Rank
  /** How near the dialer seems to the acceptor. */
  readonly rankFromInside: Rank
  readonly leadsTo: Path
}

export interface PartyTraits {
  readonly name: string
  readonly encryption: Encryption
  /** It knows the XEP and nothing else: no fingerprints, none looked at. */
  readonly foreign: boolean
  /** It ends its lines with CRLF. */
  readonly crlf: boolean
  readonly asksForTls: boolean
  readonly servesTls: boolean
  readonly certificate: Fingerprints | undefined
}

/** What a query says (N1). */
export interface Query {
  readonly key: string
  readonly places: readonly Place[]
  readonly fingerprints: Fingerprints | undefined
}

export type Iq =
  | { readonly kind: 'set'; readonly session: string; readonly query: Query }
  | { readonly kind: 'result'; readonly session: string; readonly query: Query }
  | { readonly kind: 'refusal'; readonly session: string }
  /** N5, with the key of whoever it is sent to. */
  | { readonly kind: 'give-up'; readonly key: string }

/** One side of one session, as the program around the Endpoint sees it. */
export interface Side {
  readonly id: string
  readonly party: Party
  readonly role: Role
  readonly ourKey: string
  readonly ourQuery: Query
  readonly to: (iq: Iq) => void
  theirs: Query | undefined
  /** What the Endpoint was told of the peer's hosts. */
  dialed: readonly Place[]
  iqTimer: Planned | undefined
  gaveUp: number
  outcome:
    | undefined
    | {
        readonly kind: 'handed-over'
        readonly link: Link
        readonly encrypted: boolean
        readonly verified: boolean
      }
    | { readonly kind: 'lost'; readonly reason: string; readonly candidates: readonly CandidateFailure[] }
}

/** How the person's rules and chance fill in what the Endpoint is told when a session begins. */
export interface BeginChoices {
  readonly mayDial: (place: Place) => boolean
  readonly bestInbound: Rank | undefined
}

export type EndpointFactory = (options: EndpointOptions) => Endpoint

const encoder = new TextEncoder()
const NOTHING = new Uint8Array()

export class Party implements Listening {
  readonly traits: PartyTraits
  readonly world: World
  readonly endpoint: Endpoint
  readonly sides = new Map<string, Side>()
  readonly links = new Map<string, Link>()
  /** Every connection that there ever was here. */
  readonly everyLink: Link[] = []
  readonly #places = new Map<number, Place>()
  readonly #timers = new Map<TimerId, Planned>()
  readonly #openWire: (path: Path) => Wire
  #accepted = 0
  #open = 0
  /** Sessions in which a dialer was held, and answered as soon as the iq result was there. */
  earlyAnswers = 0
  /** Connections that were closed because another one won. */
  losers = 0

  constructor(
    traits: PartyTraits,
    world: World,
    openWire: (path: Path) => Wire,
    createEndpoint: EndpointFactory,
  ) {
    this.traits = traits
    this.world = world
    this.#openWire = openWire
    const options: EndpointOptions = {
      serveTls: traits.servesTls,
      rankOf: address => Number(address.at(-1)) as Rank,
    }
    this.endpoint = createEndpoint(options)
  }

  get openTimers(): readonly TimerId[] {
    return [...this.#timers.keys()]
  }

  // ------------------------------------------------------------------------------------------ over XMPP

  request(id: string, query: Query, to: (iq: Iq) => void): Side {
    const side = this.#enroll(id, 'requestor', query, to)
    side.iqTimer = this.world.clock.in(IQ_TIMEOUT_MS, () => this.abort(id))
    to({ kind: 'set', session: id, query })
    return side
  }

  /** A request came: the answer goes out before the race begins. */
  answer(id: string, theirs: Query, ours: Query, to: (iq: Iq) => void, choices: BeginChoices): Side {
    const side = this.#enroll(id, 'responder', ours, to)
    to({ kind: 'result', session: id, query: ours })
    this.#begin(side, theirs, choices)
    return side
  }

  /** The answer to our request came. */
  answered(id: string, theirs: Query | undefined, choices: BeginChoices): void {
    const side = this.sides.get(id)
    if (side === undefined) return
    this.world.clock.cancel(side.iqTimer)
    side.iqTimer = undefined
    if (theirs === undefined) this.abort(id)
    else this.#begin(side, theirs, choices)
  }

  gaveUpByPeer(key: string): void {
    for (const side of this.sides.values()) {
      if (side.ourKey === key) this.perform('peer gave up', this.endpoint.peerGaveUp(side.id))
    }
  }

  abort(id: string): void {
    const side = this.sides.get(id)
    if (side === undefined) return
    this.world.clock.cancel(side.iqTimer)
    side.iqTimer = undefined
    const isOver = side.outcome !== undefined
    const effects = this.endpoint.abort(id)
    if (isOver) this.#expectNothing(`abort of ${id}, which is over`, effects)
    this.perform(`abort ${id}`, effects)
    if (side.outcome === undefined) this.world.violate(`${this.traits.name}: ${id} lives on after its abort`)
  }

  #enroll(id: string, role: Role, ourQuery: Query, to: (iq: Iq) => void): Side {
    this.endpoint.expect(id, ourQuery.key)
    const side: Side = {
      id,
      party: this,
      role,
      ourKey: ourQuery.key,
      ourQuery,
      to,
      theirs: undefined,
      dialed: [],
      iqTimer: undefined,
      gaveUp: 0,
      outcome: undefined,
    }
    this.sides.set(id, side)
    return side
  }

  /** As main/sockets/connect-peer.ts does it. */
  #begin(side: Side, theirs: Query, choices: BeginChoices): void {
    const { encryption, foreign, asksForTls } = this.traits
    const { id, role, ourKey, ourQuery } = side
    const pinned = foreign || encryption === 'off' ? undefined : theirs.fingerprints
    const dialed = theirs.places.filter(choices.mayDial)
    for (const place of dialed) this.#places.set(place.host.port, place)
    side.theirs = theirs
    side.dialed = dialed
    const wasOver = side.outcome !== undefined
    const effects = this.endpoint.begin(id, {
      role,
      ourKey,
      theirKey: theirs.key,
      plaintextAllowed: encryption === 'off' || (encryption === 'preferred' && pinned === undefined),
      pinned,
      askForTls: asksForTls,
      dials: dialed.map(({ host, rank }) => ({ host, rank })),
      weWereGivenHosts: theirs.places.length > 0,
      theyWereGivenHosts: ourQuery.places.length > 0,
      bestInbound: choices.bestInbound,
    })
    if (wasOver) this.#expectNothing(`begin of ${id}, which is over`, effects)
    if (effects.some(({ kind }) => kind === 'send')) this.earlyAnswers += 1
    this.perform(`begin ${id}`, effects)
  }

  // --------------------------------------------------------------------------------------- over sockets

  accept(end: End): Holder {
    const id = `accepted-${++this.#accepted}`
    const link = this.#link(id, 'acceptor', end)
    const rank = end.wire.dialer.holder instanceof Link ? end.wire.dialer.holder.rankFromInside : 2
    // The holder has to be there before anything is sent.
    end.holder = link
    this.perform(`accepted ${id}`, this.endpoint.accepted(id, `seen-as-${rank}`))
    return link
  }

  #link(id: string, by: Link['by'], end: End): Link {
    const link = new Link(this, id, by, end)
    this.links.set(id, link)
    this.everyLink.push(link)
    this.#open += 1
    return link
  }

  /** A connection is not the Endpoint's any more. */
  release(link: Link): void {
    this.links.delete(link.id)
    this.#open -= 1
  }

  #dial(id: string, { port }: Host): void {
    const place = this.#places.get(port)
    if (place === undefined || this.links.has(id))
      this.world.violate(`${this.traits.name}: strange dial ${id}`)
    const wire = this.#openWire(place.leadsTo)
    const link = this.#link(id, 'dialer', wire.dialer)
    link.rankFromInside = place.rankFromInside
    wire.dialer.holder = link
  }

  // ------------------------------------------------------------------------------------------- effects

  #expectNothing(what: string, effects: readonly EndpointEffect[]): void {
    if (effects.length > 0) this.world.violate(`${this.traits.name}: ${what} had effects: ${show(effects)}`)
  }

  /** An event of a connection that the Endpoint has closed or handed over: sockets bring such. */
  stale(what: string, effects: readonly EndpointEffect[]): void {
    this.#expectNothing(`late ${what}`, effects)
  }

  perform(cause: string | (() => string), effects: readonly EndpointEffect[]): void {
    this.world.note(
      () =>
        `${this.traits.name}: ${typeof cause === 'string' ? cause : cause()}${effects.length > 0 ? ` => ${show(effects)}` : ''}`,
    )
    for (const effect of effects) this.#performOne(effect)
    if (effects.some(({ kind }) => kind === 'hand-over')) {
      this.losers += effects.filter(({ kind }) => kind === 'close').length
    }
    if (this.endpoint.liveConnections !== this.#open) {
      this.world.violate(
        `${this.traits.name}: the endpoint counts ${this.endpoint.liveConnections} connections, there are ${this.#open}`,
      )
    }
  }

  #performOne(effect: EndpointEffect): void {
    switch (effect.kind) {
      case 'dial':
        this.#dial(effect.connection, effect.host)
        break
      case 'send':
        this.#openLink(effect).sendLine(effect.line)
        break
      case 'start-tls':
        this.#openLink(effect).startTls(effect.as, effect.trailing)
        break
      case 'close':
        this.#openLink(effect).close()
        break
      case 'set-timer':
        this.#setTimer(effect.timer, effect.ms)
        break
      case 'clear-timer':
        this.world.clock.cancel(this.#timers.get(effect.timer))
        this.#timers.delete(effect.timer)
        break
      case 'give-up':
        this.#giveUp(this.#liveSide(effect))
        break
      case 'hand-over': {
        const { encrypted, verified, by, trailing } = effect
        const side = this.#liveSide(effect)
        const link = this.#openLink(effect)
        side.outcome = { kind: 'handed-over', link, encrypted, verified }
        link.handOver(side, by, trailing)
        break
      }
      case 'lost': {
        const { reason, candidates } = effect
        this.#liveSide(effect).outcome = { kind: 'lost', reason, candidates }
        break
      }
      default:
        assertNever(effect)
    }
  }

  #openLink(effect: { readonly kind: string; readonly connection: string }): Link {
    const link = this.links.get(effect.connection)
    if (link === undefined) {
      return this.world.violate(
        `${this.traits.name}: ${effect.kind} for ${effect.connection}, which is not open`,
      )
    }
    return link
  }

  #liveSide(effect: { readonly kind: string; readonly session: string }): Side {
    const side = this.sides.get(effect.session)
    if (side === undefined || side.outcome !== undefined) {
      return this.world.violate(
        `${this.traits.name}: ${effect.kind} for ${effect.session}, which is not live`,
      )
    }
    return side
  }

  #giveUp(side: Side): void {
    const { theirs } = side
    side.gaveUp += 1
    if (theirs === undefined || theirs.places.length === 0 || side.gaveUp > 1) {
      this.world.violate(
        `${this.traits.name}: ${side.id} gives up ${side.gaveUp} times, or without hosts (N5)`,
      )
    }
    side.to({ kind: 'give-up', key: theirs.key })
  }

  #setTimer(timer: TimerId, ms: number): void {
    const { world } = this
    if (this.#timers.has(timer)) world.violate(`${this.traits.name}: ${timer} set twice`)
    const separator = timer.indexOf(':')
    const subject = timer.slice(separator + 1)
    const planned = world.clock.in(ms, () => {
      this.#timers.delete(timer)
      const side = this.sides.get(subject)
      const lives = this.links.has(subject) || (side !== undefined && side.outcome === undefined)
      if (!lives) world.violate(`${this.traits.name}: ${timer} outlived what it was for`)
      this.perform(`time up ${timer}`, this.endpoint.timeUp(timer))
    })
    this.#timers.set(timer, planned)
  }
}

/** One TCP connection of a party: first the Endpoint's, then the application's or nobody's. */
export class Link implements Holder {
  readonly party: Party
  readonly id: string
  readonly by: 'dialer' | 'acceptor'
  readonly end: End
  rankFromInside: Rank = 2
  tls: 'none' | 'starting' | 'failed' | 'up' = 'none'
  fate: 'open' | 'handed-over' | 'closed' = 'open'
  /** The other side has ended it, or the network has, after it was handed over. */
  ended = false
  /** Application data. */
  sent: Uint8Array = NOTHING
  readonly #received: Uint8Array[] = []
  /** How much of it stood behind the last line. */
  trailingBytes = 0

  constructor(party: Party, id: string, by: Link['by'], end: End) {
    this.party = party
    this.id = id
    this.by = by
    this.end = end
  }

  /** All that the application has read. */
  get received(): Uint8Array {
    return Buffer.concat(this.#received)
  }

  get #world(): World {
    return this.party.world
  }

  get #name(): string {
    return `${this.party.traits.name}/${this.id} (wire ${this.end.wire.id})`
  }

  connected(): void {
    if (this.fate === 'open')
      this.party.perform(`connected ${this.id}`, this.party.endpoint.connected(this.id))
    else this.party.stale('connect', this.party.endpoint.connected(this.id))
  }

  arrived(parcel: Exclude<Parcel, { kind: 'end' }>): void {
    if (this.fate === 'closed') {
      if (parcel.kind === 'bytes')
        this.party.stale('bytes', this.party.endpoint.received(this.id, parcel.bytes))
      return
    }
    if (parcel.kind !== 'bytes') {
      this.#arrivedTls(parcel)
      return
    }
    const { bytes, layer } = parcel
    if (this.tls === 'failed') return
    if ((layer === 'tls') !== (this.tls === 'up')) {
      if (this.fate === 'handed-over') this.#world.violate(`${this.#name}: ${layer} data in the wrong layer`)
      this.#fail()
      return
    }
    if (this.fate === 'handed-over') {
      this.#received.push(bytes)
      return
    }
    this.party.perform(
      () => `${this.id} read ${showBytes(bytes)}`,
      this.party.endpoint.received(this.id, bytes),
    )
  }

  #arrivedTls(parcel: Exclude<Parcel, { kind: 'end' | 'bytes' }>): void {
    if (this.tls === 'failed') return
    if (this.tls !== 'starting') {
      this.#world.violate(`${this.#name}: ${parcel.kind} though no TLS was agreed on (S2)`)
    }
    const { certificate } = this.party.traits
    switch (parcel.kind) {
      case 'tls-hello':
        if (this.by !== 'acceptor') this.#world.violate(`${this.#name}: the acceptor is TLS client (S2)`)
        this.end.push({ kind: 'tls-answer', certificate })
        break
      case 'tls-answer':
        this.end.push({ kind: 'tls-finish', certificate })
        this.#secured(parcel.certificate)
        break
      case 'tls-finish':
        this.#secured(parcel.certificate)
        break
      default:
        assertNever(parcel)
    }
  }

  #secured(certificate: Fingerprints | undefined): void {
    this.tls = 'up'
    this.party.perform(`secured ${this.id}`, this.party.endpoint.secured(this.id, certificate))
  }

  #fail(): void {
    this.tls = 'failed'
    // Not at once: the Endpoint is not called back while its effects are carried out.
    this.#world.clock.in(0, () => {
      if (this.fate === 'open') this.#isGone('tls-failed')
    })
  }

  gone(how: 'refused' | 'ended' | 'reset'): void {
    if (this.fate === 'handed-over') {
      this.ended = true
      this.end.close()
      return
    }
    if (this.fate === 'closed') {
      this.party.stale('end', this.party.endpoint.closed(this.id, 'closed'))
      return
    }
    this.#isGone(how === 'refused' ? 'unreachable' : this.tls === 'starting' ? 'tls-failed' : 'closed')
  }

  #isGone(reason: 'unreachable' | 'closed' | 'tls-failed'): void {
    this.party.perform(`${this.id} is gone: ${reason}`, this.party.endpoint.closed(this.id, reason))
    const { fate } = this as { fate: Link['fate'] }
    if (fate !== 'closed')
      this.#world.violate(`${this.#name}: is gone, and the endpoint has not let go of it`)
  }

  sendLine(line: string): void {
    if (!/^(starttls|ok|error|(ok|key):[\x21-\x7e]{1,256})$/.test(line)) {
      this.#world.violate(`${this.#name}: sends ${JSON.stringify(line)} (S1)`)
    }
    if (this.tls === 'starting') this.#world.violate(`${this.#name}: sends a line while TLS starts (S5)`)
    this.#push(encoder.encode(line + (this.party.traits.crlf ? '\r\n' : '\n')))
  }

  startTls(as: 'dialer' | 'acceptor', trailing: Uint8Array): void {
    if (as !== this.by || this.tls !== 'none') this.#world.violate(`${this.#name}: strange start-tls`)
    this.tls = 'starting'
    // None of ours sends TLS before it has read `ok`, so this is somebody's injected plaintext.
    if (trailing.length > 0) this.#fail()
    else if (as === 'dialer') this.end.push({ kind: 'tls-hello' })
  }

  close(): void {
    this.fate = 'closed'
    this.party.release(this)
    this.end.close()
  }

  handOver(side: Side, by: 'dialer' | 'acceptor', trailing: Uint8Array): void {
    if (by !== this.by) this.#world.violate(`${this.#name}: handed over as ${by}`)
    this.fate = 'handed-over'
    this.party.release(this)
    this.#received.push(trailing)
    this.trailingBytes = trailing.length
    this.sent = this.#applicationData(side)
    if (this.sent.length > 0) this.#push(this.sent)
  }

  /** Starts like commands, so that whoever reads on behind the last line (S5) is found out. */
  #applicationData(side: Side): Uint8Array {
    const { random } = this.#world
    const text = random.pick([
      '',
      'data',
      'ok\n',
      `key:${side.theirs?.key}\n`,
      'starttls\nerror\n',
      `\r\n\0${this.party.traits.name} says ${random.int(0, 1e9)}`,
      'x'.repeat(random.int(1, 3000)),
    ])
    return encoder.encode(text)
  }

  #push(bytes: Uint8Array): void {
    this.end.push({ kind: 'bytes', layer: this.tls === 'up' ? 'tls' : 'plain', bytes })
  }
}

function showBytes(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1')
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…(${text.length})` : text)
}

function show(effects: readonly EndpointEffect[]): string {
  return effects
    .map(effect => {
      const { kind, ...rest } = effect
      const values = Object.values(rest).map(value =>
        value instanceof Uint8Array
          ? showBytes(value)
          : typeof value === 'string'
            ? value
            : JSON.stringify(value),
      )
      return [kind, ...values].join(' ')
    })
    .join('; ')
}
