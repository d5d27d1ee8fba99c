import { Endpoint } from '../../main/dtcp/endpoint.ts'
import type { Fingerprints } from '../../main/dtcp/fingerprint.ts'
import type { Rank } from '../../main/dtcp/host.ts'
import { assertNever } from '../../shared/assert-never.ts'
import { FakeClock } from './fake-clock.ts'
import { type Path, type Weather, Wire, type World } from './fake-network.ts'
import {
  type BeginChoices,
  type Encryption,
  type EndpointFactory,
  type Iq,
  Link,
  Party,
  type PartyTraits,
  type Place,
  type Query,
  type Side,
} from './fake-party.ts'
import { HostileDialer, HostileListener } from './hostile-peer.ts'
import { Random } from './random.ts'

/*
 * Whole DTCP sessions between real Endpoints over a fake network, with all that chance can do to them. One
 * number decides everything, so whatever goes wrong can be looked at again:
 *   node test/dtcp/simulate.ts --seed N --trace
 */

export interface SimulatorOptions {
  readonly trace?: boolean
  /** Instead of `new Endpoint`: how the tests plant a fault. */
  readonly createEndpoint?: EndpointFactory
}

/** How a session ended: `half` is a connection that died before the other side had it. */
export type Outcome =
  | {
      readonly kind: 'connected'
      readonly encrypted: boolean
      readonly verified: boolean
      readonly by: string
    }
  | { readonly kind: 'half' }
  /** What the requestor, and where it never came to a race, the iq said. */
  | { readonly kind: 'lost'; readonly reason: string }

export interface ScheduleReport {
  readonly seed: number
  /** Nothing was broken, lost or called off. */
  readonly calm: boolean
  readonly outcomes: readonly Outcome[]
  readonly events: number
  readonly endedAtMs: number
  /** Dialers that were early, and were held until the iq result came. */
  readonly early: number
  /** Connections that were closed because another one had won. */
  readonly losers: number
  /** Connections with data right behind the last line. */
  readonly trailing: number
  /** Sides that said they gave up. */
  readonly gaveUp: number
  readonly trace: readonly string[]
}

/** A rule was broken in this schedule. */
export class Violation extends Error {
  readonly seed: number
  readonly rule: string
  readonly trace: readonly string[]

  constructor(seed: number, rule: string, trace: readonly string[]) {
    const again = `node test/dtcp/simulate.ts --seed ${seed} --trace`
    super([`seed ${seed}: ${rule}`, `again: ${again}`, ...trace].join('\n'))
    this.name = 'Violation'
    this.seed = seed
    this.rule = rule
    this.trace = trace
  }
}

/** Runs one schedule to its end. Throws a Violation, with the trace, when a rule was broken. */
export function runSchedule(seed: number, options: SimulatorOptions = {}): ScheduleReport {
  try {
    return new Schedule(seed, options).run()
  } catch (error) {
    if (options.trace === true) throw error
    // Once more, with words. A fault that is gone then was not in the schedule but in the simulator.
    return new Schedule(seed, { ...options, trace: true }).run()
  }
}

/** No schedule is this long: whoever gets here runs in circles. */
const MOST_EVENTS = 200_000

/** One session, as the simulator planned it. */
interface Plan {
  readonly id: string
  readonly requestor: Party
  readonly responder: Party
  readonly queries: { readonly requestor: Query; readonly responder: Query }
  /** Places that a side does not dial, by its own rules. */
  readonly undialed: ReadonlySet<Place>
  readonly refused: boolean
}

class Schedule {
  readonly #seed: number
  readonly #random: Random
  readonly #clock = new FakeClock()
  readonly #world: World
  readonly #trace: string[] = []
  readonly #calm: boolean
  readonly #hostile: boolean
  readonly #parties: Party[]
  readonly #plans: Plan[] = []
  readonly #lines = new Map<Party, number>()
  #wires = 0
  #ports = 20_000

  constructor(seed: number, { trace = false, createEndpoint }: SimulatorOptions) {
    const random = new Random(seed)
    this.#seed = seed
    this.#random = random
    this.#calm = random.chance(0.5)
    this.#hostile = random.chance(0.3)
    const weather: Weather = {
      latencyMs: random.pick(this.#calm ? [2, 20, 60, 150] : [2, 20, 150, 400, 1_500]),
      cut: random.pick(['whole', 'whole', 'whole', 'anywhere', 'anywhere', 'anywhere', 'bytes']),
    }
    this.#world = {
      clock: this.#clock,
      random,
      weather,
      note: trace
        ? text => this.#trace.push(`${this.#clock.now.toFixed(3).padStart(10)} ${text()}`)
        : () => {},
      violate: rule => {
        throw new Violation(this.#seed, rule, this.#trace)
      },
    }
    const names = random.chance(0.1) ? ['alice', 'bob', 'carol'] : ['alice', 'bob']
    this.#parties = names.map(
      name =>
        new Party(
          traitsOf(name, random),
          this.#world,
          path => this.#openWire(path),
          createEndpoint ?? (given => new Endpoint(given)),
        ),
    )
    this.#world.note(() => `${this.#calm ? 'calm' : 'rough'} ${JSON.stringify(weather)}`)
    for (const { traits } of this.#parties) this.#world.note(() => JSON.stringify(traits))
  }

  run(): ScheduleReport {
    const sessions = this.#random.pick([1, 1, 1, 2, 3])
    for (let index = 0; index < sessions; index++) this.#planSession(`s${index}`)
    if (this.#hostile) this.#planHostility()
    const events = this.#clock.runToEnd(MOST_EVENTS)
    return this.#check(events)
  }

  // --------------------------------------------------------------------------------------- what happens

  #planSession(id: string): void {
    const random = this.#random
    const [first, second] = this.#pair()
    const plan: Plan = {
      id,
      requestor: first,
      responder: second,
      queries: { requestor: this.#query(first), responder: this.#query(second) },
      undialed: new Set(),
      refused: !this.#calm && random.chance(0.03),
    }
    for (const place of [...plan.queries.requestor.places, ...plan.queries.responder.places]) {
      if (random.chance(0.1)) (plan.undialed as Set<Place>).add(place)
    }
    this.#plans.push(plan)
    this.#world.note(() => `plan ${describePlan(plan)}`)
    this.#clock.in(random.unit() * 100, () => this.#request(plan))
    if (this.#calm) return
    for (const party of [first, second]) {
      if (random.chance(0.15)) {
        const atMs = random.unit() * random.pick([200, 2_000, 15_000])
        this.#clock.in(atMs, () => party.abort(id))
      }
    }
  }

  #pair(): [Party, Party] {
    const first = this.#random.pick(this.#parties as [Party, ...Party[]])
    const others = this.#parties.filter(party => party !== first)
    return [first, this.#random.pick(others as [Party, ...Party[]])]
  }

  #query(party: Party): Query {
    const { certificate, encryption, foreign } = party.traits
    const random = this.#random
    const announced = random.chance(0.05) ? fingerprintOf('somebody else') : certificate
    return {
      key: this.#key(),
      places: Array.from({ length: random.pick([0, 1, 1, 2, 3]) }, () => this.#place(party)),
      fingerprints: foreign || encryption === 'off' ? undefined : announced,
    }
  }

  #key(): string {
    const random = this.#random
    let key = ''
    const length = random.pick([22, 32, 64, 252])
    while (key.length < length) key += String.fromCharCode(random.int(0x21, 0x7e))
    return key
  }

  #place(listener: Party): Place {
    const random = this.#random
    const leadsTo = this.#path(listener)
    const rank = random.int(0, 2) as Rank
    const rankFromInside = random.chance(0.7) ? rank : (random.int(0, 2) as Rank)
    return { host: { address: '192.0.2.1', port: ++this.#ports }, rank, rankFromInside, leadsTo }
  }

  #path(listener: Party): Path {
    const kinds = ['reaches', 'reaches', 'reaches', 'refused', 'black-hole', 'hostile'] as const
    const kind = this.#random.pick(kinds)
    switch (kind) {
      case 'reaches':
        return { kind, listener }
      case 'hostile':
        return this.#hostile
          ? { kind: 'reaches', listener: new HostileListener(this.#world) }
          : { kind: 'refused' }
      default:
        return { kind }
    }
  }

  #request(plan: Plan): void {
    const { id, requestor, responder, queries } = plan
    requestor.request(id, queries.requestor, iq => this.#carry(requestor, responder, iq, plan))
  }

  /** The server's way: in order for each sender, sometimes not at all. */
  #carry(from: Party, to: Party, iq: Iq, plan: Plan): void {
    const random = this.#random
    this.#world.note(() => `${from.traits.name} -> ${to.traits.name}: iq ${iq.kind}`)
    if (!this.#calm && random.chance(0.05)) return
    const now = this.#clock.now
    const before = this.#lines.get(from) ?? 0
    const at = Math.max(before, now + random.unit() * random.pick([20, 200, this.#calm ? 300 : 3_000]))
    this.#lines.set(from, at)
    this.#clock.in(at - now, () => this.#arrive(to, iq, plan, from))
  }

  #arrive(to: Party, iq: Iq, plan: Plan, from: Party): void {
    const answer = (back: Iq): void => this.#carry(to, from, back, plan)
    switch (iq.kind) {
      case 'set':
        if (plan.refused) answer({ kind: 'refusal', session: iq.session })
        else to.answer(iq.session, iq.query, plan.queries.responder, answer, this.#choices(plan, to))
        break
      case 'result':
        to.answered(iq.session, iq.query, this.#choices(plan, to))
        break
      case 'refusal':
        to.answered(iq.session, undefined, this.#choices(plan, to))
        break
      case 'give-up':
        to.gaveUpByPeer(iq.key)
        break
      default:
        assertNever(iq)
    }
  }

  #choices(plan: Plan, party: Party): BeginChoices {
    const ours = party === plan.requestor ? plan.queries.requestor : plan.queries.responder
    const ranks = ours.places.map(({ rankFromInside }) => rankFromInside)
    const best = ranks.length === 0 ? undefined : (Math.min(...ranks) as Rank)
    return {
      mayDial: place => !plan.undialed.has(place),
      bestInbound: this.#random.chance(0.2) ? undefined : best,
    }
  }

  #openWire(path: Path): Wire {
    const random = this.#random
    const wire = new Wire(++this.#wires, this.#world, path)
    const chance = random.unit()
    if (this.#calm || chance > 0.2) return wire
    const atMs = random.unit() * random.pick([100, 1_000, 8_000])
    this.#clock.in(atMs, () => {
      this.#world.note(() => `wire ${wire.id} ${chance < 0.15 ? 'is reset' : 'falls silent'}`)
      if (chance < 0.15) wire.reset()
      else wire.fallSilent()
    })
    return wire
  }

  #planHostility(): void {
    const random = this.#random
    const flood = !this.#calm && random.chance(0.01)
    const count = flood ? 300 : random.int(1, 6)
    for (let index = 0; index < count; index++) {
      const target = random.pick(this.#parties as [Party, ...Party[]])
      this.#clock.in(flood ? 50 : random.unit() * 1_000, () => {
        const wire = this.#openWire({ kind: 'reaches', listener: target })
        wire.dialer.holder = new HostileDialer(
          this.#world,
          () => wire.dialer,
          () => this.#deadKeys(),
        )
      })
    }
  }

  #deadKeys(): string[] {
    const sides = this.#parties.flatMap(party => [...party.sides.values()])
    return sides.filter(({ outcome }) => outcome !== undefined).map(({ ourKey }) => ourKey)
  }

  // ---------------------------------------------------------------------------------- what must be true

  #check(events: number): ScheduleReport {
    for (const party of this.#parties) this.#checkNothingLeft(party)
    const outcomes = this.#plans.map(plan => this.#checkSession(plan))
    const sides = this.#parties.flatMap(party => [...party.sides.values()])
    const sum = (count: (party: Party) => number): number =>
      this.#parties.reduce((total, party) => total + count(party), 0)
    return {
      seed: this.#seed,
      calm: this.#calm,
      outcomes,
      events,
      endedAtMs: this.#clock.now,
      early: sum(({ earlyAnswers }) => earlyAnswers),
      losers: sum(({ losers }) => losers),
      trailing: sum(({ everyLink }) => everyLink.filter(({ trailingBytes }) => trailingBytes > 0).length),
      gaveUp: sides.filter(({ gaveUp }) => gaveUp > 0).length,
      trace: this.#trace,
    }
  }

  #checkNothingLeft({ traits: { name }, endpoint, openTimers, everyLink, sides }: Party): void {
    const { violate } = this.#world
    if (endpoint.liveSessions !== 0) violate(`${name}: ${endpoint.liveSessions} sessions live on`)
    if (endpoint.liveConnections !== 0) violate(`${name}: ${endpoint.liveConnections} connections live on`)
    if (openTimers.length > 0) violate(`${name}: timers are left: ${openTimers.join(', ')}`)
    for (const link of everyLink) {
      if (link.fate === 'open') violate(`${name}: ${link.id} was never closed nor handed over`)
    }
    for (const { id, outcome, iqTimer } of sides.values()) {
      if (outcome === undefined || iqTimer?.run !== undefined) violate(`${name}: ${id} has no end`)
    }
    const handedOver = everyLink.filter(({ fate }) => fate === 'handed-over').length
    const won = [...sides.values()].filter(({ outcome }) => outcome?.kind === 'handed-over').length
    if (handedOver !== won) violate(`${name}: ${handedOver} connections for ${won} sessions`)
  }

  #checkSession(plan: Plan): Outcome {
    const { violate } = this.#world
    const requestor = plan.requestor.sides.get(plan.id)
    const responder = plan.responder.sides.get(plan.id)
    if (requestor === undefined) return violate(`${plan.id} was never requested`)
    const committed = requestor.outcome?.kind === 'handed-over' ? requestor.outcome : undefined
    const followed = responder?.outcome?.kind === 'handed-over' ? responder.outcome : undefined
    for (const side of [requestor, responder]) if (side !== undefined) this.#checkProtection(side)
    if (this.#calm) this.#checkCalm(plan, requestor, responder)

    if (committed === undefined) {
      if (followed !== undefined) violate(`${plan.id}: the responder has a connection, the requestor none`)
      const lost = requestor.outcome?.kind === 'lost' ? requestor.outcome.reason : ''
      const unanswered = requestor.theirs === undefined
      return { kind: 'lost', reason: plan.refused ? 'refused' : unanswered ? 'no-answer' : lost }
    }
    const { wire } = committed.link.end
    const partner = wire.other(committed.link.end)?.holder
    if (!(partner instanceof Link) || partner.party !== plan.responder || partner.by === committed.link.by) {
      return violate(`${plan.id}: the requestor committed to somebody else's connection`)
    }
    if (followed === undefined) {
      if (!committed.link.ended && !wire.broken) violate(`${plan.id}: the requestor's connection hangs`)
      if (committed.link.received.length > 0) violate(`${plan.id}: data from nobody`)
      return { kind: 'half' }
    }
    if (followed.link !== partner) violate(`${plan.id}: the two sides have different connections`)
    this.#checkData(plan.id, committed.link, followed.link)
    this.#checkData(plan.id, followed.link, committed.link)
    const { encrypted, verified } = committed
    if (encrypted !== followed.encrypted || verified !== followed.verified) {
      violate(`${plan.id}: the two sides do not agree on what protects them`)
    }
    return { kind: 'connected', encrypted, verified, by: committed.link.by }
  }

  /** S5: what one side wrote is what the other reads, from the first byte; less only where the network broke. */
  #checkData(id: string, from: Link, to: Link): void {
    const sent = Buffer.from(from.sent)
    const { received } = to
    const isStart = sent.subarray(0, received.length).equals(received)
    if (isStart && (sent.length === received.length || from.end.wire.broken)) return
    this.#world.violate(
      `${id}: ${from.party.traits.name} wrote ${show(sent)}, and ${show(received)} arrived (S5)`,
    )
  }

  #checkProtection(side: Side): void {
    const { outcome } = side
    if (outcome?.kind !== 'handed-over') return
    const { link, encrypted, verified } = outcome
    const pin = pinOf(side)
    const partner = link.end.wire.other(link.end)?.holder
    const shown = partner instanceof Link ? partner.party.traits.certificate : undefined
    const wrong =
      encrypted !== (link.tls === 'up') ||
      verified !== (encrypted && pin !== undefined) ||
      (verified && pin?.['sha-256'] !== shown?.['sha-256']) ||
      (!encrypted && !takesPlaintext(side))
    if (wrong) {
      this.#world.violate(
        `${side.id}: ${side.party.traits.name} says encrypted ${encrypted}, verified ${verified}, and it is not so`,
      )
    }
  }

  /** Nothing was broken and nobody called anything off: what can be connected is connected, on both sides. */
  #checkCalm(plan: Plan, requestor: Side, responder: Side | undefined): void {
    const { violate } = this.#world
    if (responder === undefined) {
      violate(`${plan.id}: the request never arrived`)
      return
    }
    const possible = canReach(plan, requestor, responder) || canReach(plan, responder, requestor)
    for (const { party, outcome, gaveUp, theirs } of [requestor, responder]) {
      const { name } = party.traits
      if ((outcome?.kind === 'handed-over') !== possible) {
        violate(
          `${plan.id}: ${possible ? 'can' : 'cannot'} be connected; ${name} ${JSON.stringify(outcome?.kind)}`,
        )
      }
      if (outcome?.kind !== 'lost') continue
      if (outcome.reason === 'aborted' || outcome.reason === 'timed-out') {
        violate(`${plan.id}: ${name} ended with ${outcome.reason} in calm weather`)
      }
      const expected = theirs !== undefined && theirs.places.length > 0 ? 1 : 0
      if (gaveUp !== expected) violate(`${plan.id}: ${name} said ${gaveUp} times that it gave up (N5)`)
    }
  }
}

function traitsOf(name: string, random: Random): PartyTraits {
  const foreign = random.chance(0.2)
  const encryption = random.pick<Encryption>(['required', 'preferred', 'preferred', 'off'])
  const withTls = encryption !== 'off'
  return {
    name,
    encryption,
    foreign,
    crlf: foreign && random.chance(0.3),
    asksForTls: withTls && (!foreign || random.chance(0.5)),
    servesTls: withTls && (!foreign || random.chance(0.7)),
    certificate: foreign && random.chance(0.3) ? undefined : fingerprintOf(name),
  }
}

function fingerprintOf(name: string): Fingerprints {
  return { 'sha-256': `of ${name}` }
}

function pinOf({ party, theirs }: Side): Fingerprints | undefined {
  return party.traits.foreign || party.traits.encryption === 'off' ? undefined : theirs?.fingerprints
}

function takesPlaintext(side: Side): boolean {
  const { encryption } = side.party.traits
  return encryption === 'off' || (encryption === 'preferred' && pinOf(side) === undefined)
}

/** Whether a dial of `from` gets through to `to`, with an encryption that both take. */
function canReach(plan: Plan, from: Side, to: Side): boolean {
  const leads = to.ourQuery.places.some(
    place =>
      !plan.undialed.has(place) && place.leadsTo.kind === 'reaches' && place.leadsTo.listener === to.party,
  )
  if (!leads) return false
  const dialer = from.party.traits
  const acceptor = to.party.traits
  if (!dialer.asksForTls || !acceptor.servesTls) return takesPlaintext(from) && takesPlaintext(to)
  const matches = (pin: Fingerprints | undefined, shown: Fingerprints | undefined): boolean =>
    pin === undefined || pin['sha-256'] === shown?.['sha-256']
  return matches(pinOf(from), acceptor.certificate) && matches(pinOf(to), dialer.certificate)
}

function describePlan({ id, requestor, responder, queries, undialed, refused }: Plan): string {
  const places = (query: Query): string =>
    query.places
      .map(place => {
        const { host, rank, leadsTo } = place
        const kind =
          leadsTo.kind === 'reaches' && leadsTo.listener instanceof HostileListener ? 'hostile' : leadsTo.kind
        return `:${host.port} rank ${rank} ${kind}${undialed.has(place) ? ' not dialed' : ''}`
      })
      .join(', ')
  return `${id}: ${requestor.traits.name} [${places(queries.requestor)}] asks ${responder.traits.name} [${places(queries.responder)}]${refused ? ', refused' : ''}`
}

function show(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1')
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…(${text.length})` : text)
}
