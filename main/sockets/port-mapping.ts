import { assertNever } from '../../shared/assert-never.ts'
import type { Reach } from '../../shared/model/reach.ts'
import { say } from '../../shared/words/say.ts'
import {
  formatHost,
  type Host,
  isCarrierAddress,
  isPublicAddress,
  type OwnAddress,
  ownAddressTowards,
} from '../dtcp/host.ts'
import { type Mapping, type RouterAnswer, type RouterClient, routerThread } from './ask-router.ts'
import { defaultGateway } from './default-gateway.ts'

/** What is asked for; it is renewed at half of what the router gives. */
const LEASE_SECONDS = 60 * 60
/** A router that is renewed more often than this is not worth it. */
const SHORTEST_RENEWAL_MS = 30_000
/** A mapping that sessions needed stays for the next one. */
const KEPT_MS = 20 * 60_000
/** Most failures stay what they are: the next session does not wait for the same again. */
const FAILURE_KEPT_MS = 5 * 60_000
const CLOSE_TIMEOUT_MS = 2_000
/** Most routers that have not answered by then never will; what one maps after it ends with its lease. */
const LAST_ANSWER_MS = 300

/** Why there is no mapping. `address`: what was found instead of one that leads here. */
export type MappingProblem =
  | { readonly kind: 'not-asked' }
  | { readonly kind: 'not-needed'; readonly address: string }
  | { readonly kind: 'no-router' }
  | { readonly kind: 'silent' }
  | { readonly kind: 'refused'; readonly words: string }
  | { readonly kind: 'second-router'; readonly address: string }
  | { readonly kind: 'shared-by-provider'; readonly address: string }
  | { readonly kind: 'router-offline' }

export interface PortMappingOptions {
  readonly ownAddresses: () => readonly OwnAddress[]
  /** Whether the person wants it; `turn` changes it. */
  readonly on?: boolean
  /** The IPv4 literal of the router. */
  readonly findGateway?: () => Promise<string | undefined>
  readonly router?: RouterClient
}

type State =
  | { readonly kind: 'idle' }
  | {
      readonly kind: 'asking'
      readonly network: string
      readonly port: number
      readonly since: number
      readonly done: Promise<void>
      readonly abort: AbortController
    }
  | { readonly kind: 'mapped'; readonly network: string; readonly mapping: Mapping; readonly until: number }
  | {
      readonly kind: 'none'
      readonly network: string
      readonly problem: MappingProblem
      readonly until: number
    }

/**
 * One TCP port, the same for all sessions, which the router is asked to hand on to us while somebody needs it.
 * Nothing here throws or rejects, and nothing but a caller who waits keeps the process alive.
 */
export class PortMapping {
  readonly #ownAddresses: () => readonly OwnAddress[]
  readonly #findGateway: () => Promise<string | undefined>
  readonly #router: RouterClient
  readonly #closing = new AbortController()
  /** Questions under way. */
  readonly #open = new Set<Promise<unknown>>()
  #on: boolean
  #port = 0
  #holders = 0
  #keeping: NodeJS.Timeout | undefined
  #renewing: NodeJS.Timeout | undefined
  #state: State = { kind: 'idle' }

  constructor({
    ownAddresses,
    on = true,
    findGateway = defaultGateway,
    router = routerThread(),
  }: PortMappingOptions) {
    this.#ownAddresses = ownAddresses
    this.#findGateway = findGateway
    this.#router = router
    this.#on = on
  }

  get state(): Reach['mapping'] {
    if (!this.#isOn) return { kind: 'off' }
    const state = this.#current()
    switch (state.kind) {
      case 'asking':
        return { kind: 'asking' }
      case 'mapped': {
        const { via, external } = state.mapping
        return { kind: 'mapped', protocol: via.protocol, external: formatHost(external) }
      }
      case 'idle':
        return { kind: 'none', message: describeProblem({ kind: 'not-asked' }) }
      case 'none':
        return { kind: 'none', message: describeProblem(state.problem) }
      default:
        return assertNever(state)
    }
  }

  /** Why `state` is 'none'; undefined where it is not. */
  get problem(): MappingProblem | undefined {
    const state = this.#current()
    if (!this.#isOn) return undefined
    return state.kind === 'none' ? state.problem : state.kind === 'idle' ? { kind: 'not-asked' } : undefined
  }

  /** The port is mapped from now on until it is released; the last one that is named counts. */
  hold(port: number): { readonly release: () => void } {
    let released = false
    this.#holders += 1
    this.#need(port)
    return {
      release: () => {
        if (released) return
        released = true
        this.#holders -= 1
        this.#dropUnlessNeeded()
      },
    }
  }

  /**
   * A session needs the port: resolves when it is known whether it is mapped, or when the router has had `ms`
   * for its answer. The mapping stays for the sessions of the next minutes.
   */
  async ready(port: number, ms: number): Promise<void> {
    if (!this.#isOn) return
    clearTimeout(this.#keeping)
    this.#keeping = setTimeout(() => {
      this.#keeping = undefined
      this.#dropUnlessNeeded()
    }, KEPT_MS).unref()
    this.#need(port)
    const state = this.#state
    if (state.kind !== 'asking') return
    // Who comes later does not wait anew for a router that is silent.
    await within(state.done, state.since + ms - Date.now())
  }

  /** Where others reach this port, as far as that is known now. */
  external(port: number): Host | undefined {
    const state = this.#current()
    return this.#isOn && state.kind === 'mapped' && port === this.#port ? state.mapping.external : undefined
  }

  /** The network may be another one, or the router may have been mended: asks again, if somebody needs it. */
  refresh(): void {
    if (this.#state.kind === 'none') this.#state = { kind: 'idle' }
    else if (this.#state.kind === 'mapped') this.#renew()
    if (this.#isNeeded) this.#ask()
  }

  turn(on: boolean): void {
    if (on === this.#on) return
    this.#on = on
    if (on && this.#isNeeded) this.#ask()
    else this.#drop()
  }

  /** Gives the port back, in bounded time, and ends it all. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#on = false
    this.#drop()
    clearTimeout(this.#keeping)
    const until = Date.now() + CLOSE_TIMEOUT_MS
    if (this.#state.kind === 'asking') {
      const { done, abort } = this.#state
      await within(done, LAST_ANSWER_MS)
      abort.abort()
    }
    // What was answered just now is given back as well.
    while (this.#open.size > 0 && Date.now() < until) {
      await within(Promise.all(this.#open), until - Date.now())
    }
    this.#closing.abort()
  }

  get #isOn(): boolean {
    return this.#on && !this.#closing.signal.aborted
  }

  get #isNeeded(): boolean {
    return this.#isOn && (this.#holders > 0 || this.#keeping !== undefined)
  }

  /** What holds for the network that we are in, now. */
  #current(): State {
    const state = this.#state
    if (state.kind === 'idle' || state.kind === 'asking') return state
    return state.network === this.#network() && Date.now() < state.until ? state : { kind: 'idle' }
  }

  /** What tells one network from another at no cost. Only IPv4 is mapped, and containers come and go. */
  #network(): string {
    return this.#ownAddresses()
      .filter(({ adapter, address }) => adapter === 'physical' && !address.includes(':'))
      .map(({ address }) => address)
      .toSorted()
      .join(' ')
  }

  #need(port: number): void {
    if (port !== this.#port) this.#drop()
    this.#port = port
    if (this.#isOn) this.#ask()
  }

  #dropUnlessNeeded(): void {
    if (!this.#isNeeded) this.#drop()
  }

  #drop(): void {
    const state = this.#state
    // An answer that is under way is given back when it comes.
    if (state.kind === 'asking') return
    clearTimeout(this.#renewing)
    this.#state = { kind: 'idle' }
    if (state.kind === 'mapped') this.#giveBack(state.mapping)
  }

  #giveBack(mapping: Mapping): void {
    this.#follow(this.#router.unmap(mapping, this.#closing.signal))
  }

  #follow(work: Promise<unknown>): void {
    const followed = work
      .catch(() => {})
      .then(() => {
        this.#open.delete(followed)
      })
    this.#open.add(followed)
  }

  /** Asks, unless it is being asked or known. */
  #ask(): void {
    const network = this.#network()
    const port = this.#port
    const state = this.#state
    if (state.kind === 'asking') {
      if (state.network === network && state.port === port) return
      state.abort.abort()
    } else if (this.#current().kind !== 'idle') return
    clearTimeout(this.#renewing)
    const { promise: done, resolve } = Promise.withResolvers<void>()
    const asking: State = {
      kind: 'asking',
      network,
      port,
      since: Date.now(),
      done,
      abort: new AbortController(),
    }
    this.#state = asking
    const signal = AbortSignal.any([asking.abort.signal, this.#closing.signal])
    const work = this.#question(port, signal, [...this.#open]).then(answer => {
      if (this.#state === asking) {
        this.#state = { kind: 'idle' }
        if (this.#isNeeded) return this.#take(answer, network)
      }
      if (answer.kind === 'mapped') this.#giveBack(answer.mapping)
    })
    this.#follow(work.finally(resolve))
  }

  async #question(
    port: number,
    signal: AbortSignal,
    before: readonly Promise<unknown>[],
  ): Promise<{ kind: 'mapped'; mapping: Mapping } | MappingProblem> {
    try {
      const own = this.#ownAddresses()
      const ipv4 = own.filter(({ adapter, address }) => adapter === 'physical' && !address.includes(':'))
      const open = ipv4.find(({ address }) => isPublicAddress(address))
      if (open !== undefined) return { kind: 'not-needed', address: open.address }
      const gateway = await this.#findGateway()
      const local = gateway === undefined ? undefined : ownAddressTowards(gateway, own)?.address
      if (gateway === undefined || local === undefined) return { kind: 'no-router' }
      // What is still being given back must not take the new mapping with it.
      await Promise.all(before)
      const request = { gateway, local, port, externalPort: port, leaseSeconds: LEASE_SECONDS }
      return problemOf(await this.#router.map(request, signal))
    } catch {
      return { kind: 'silent' }
    }
  }

  #take(answer: { kind: 'mapped'; mapping: Mapping } | MappingProblem, network: string): void {
    if (answer.kind !== 'mapped') {
      this.#state = { kind: 'none', network, problem: answer, until: Date.now() + FAILURE_KEPT_MS }
      return
    }
    const { mapping } = answer
    const leaseMs = mapping.leaseSeconds * 1_000
    this.#state = { kind: 'mapped', network, mapping, until: Date.now() + leaseMs }
    this.#renewIn(leaseMs / 2)
  }

  #renewIn(ms: number): void {
    clearTimeout(this.#renewing)
    this.#renewing = setTimeout(() => this.#renew(), Math.max(ms, SHORTEST_RENEWAL_MS)).unref()
  }

  #renew(): void {
    const state = this.#state
    if (state.kind !== 'mapped') return
    clearTimeout(this.#renewing)
    const { mapping, network } = state
    if (this.#current() !== state) {
      // Another network, or a sleep that outlasted the lease: there is nothing to be renewed.
      this.#state = { kind: 'idle' }
      if (this.#isNeeded) this.#ask()
      return
    }
    const request = { ...mapping.request, externalPort: mapping.external.port, via: mapping.via }
    const work = this.#router.map(request, this.#closing.signal).then(answer => {
      const found = problemOf(answer)
      if (this.#state !== state) return found.kind === 'mapped' && this.#giveBack(found.mapping)
      // A router that starts anew is silent for a while, and the lease still runs.
      const left = state.until - Date.now()
      if (found.kind === 'silent' && left > 2 * SHORTEST_RENEWAL_MS) return this.#renewIn(left / 2)
      return this.#take(found, network)
    })
    this.#follow(work)
  }
}

function problemOf(answer: RouterAnswer): { kind: 'mapped'; mapping: Mapping } | MappingProblem {
  if (answer.kind !== 'not-public') return answer
  const { address } = answer
  if (isCarrierAddress(address)) return { kind: 'shared-by-provider', address }
  return address === '0.0.0.0' ? { kind: 'router-offline' } : { kind: 'second-router', address }
}

/** One sentence: what is in the way, and what to do about it. */
export function describeProblem(problem: MappingProblem): string {
  switch (problem.kind) {
    case 'not-asked':
      return say('router.not-asked')
    case 'not-needed':
      return say('router.not-needed', { address: problem.address })
    case 'no-router':
      return say('router.none')
    case 'silent':
      return say('router.silent')
    case 'refused':
      return say('router.refused', { reason: problem.words })
    case 'second-router':
      return say('router.second', { address: problem.address })
    case 'shared-by-provider':
      return say('router.shared-by-provider', { address: problem.address })
    case 'router-offline':
      return say('router.offline')
    default:
      return assertNever(problem)
  }
}

/** Resolves with the promise, or after so long. */
async function within(promise: Promise<unknown>, ms: number): Promise<void> {
  if (ms <= 0) return
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  await Promise.race([promise, late])
  clearTimeout(timer)
}
