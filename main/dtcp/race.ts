import { assertNever } from '../../shared/assert-never.ts'
import type { Role, Step } from './handshake.ts'
import type { Rank } from './host.ts'

/*
 * Who wins (XEP-0046, "Establishing the TCP connection"; rules N5, N6, S6). Pure. All candidates of a
 * session, dialed and accepted, enter this one race; it is the only place that chooses one of them, and the
 * only place that says when the session is lost.
 */

export interface Candidate {
  readonly rank: Rank
  readonly origin: 'dialed' | 'accepted'
  /** `ready`: nothing is missing but the requestor's word. */
  readonly progress: 'under-way' | 'ready'
}

export interface RunningRace {
  readonly kind: 'running'
  readonly role: Role
  readonly candidates: ReadonlyMap<string, Candidate>
  /** Whether the peer named hosts: if not, it takes us to have given up and is told nothing (N5). */
  readonly weWereGivenHosts: boolean
  readonly weGaveUp: boolean
  readonly theyGaveUp: boolean
  /** The best rank that a connection from the peer could have; undefined where its hosts tell nothing. */
  readonly bestInbound: Rank | undefined
  readonly grace: 'not-started' | 'running' | 'over'
}

export type RaceState =
  | RunningRace
  | { readonly kind: 'won'; readonly winner: string }
  | { readonly kind: 'lost' }

export type RaceInput =
  | { readonly kind: 'entered'; readonly candidate: string; readonly rank: Rank }
  /** Ready for the requestor's word: only a requestor's candidates get there. */
  | { readonly kind: 'ready'; readonly candidate: string }
  /** The requestor has spoken: only a responder learns it from a candidate. */
  | { readonly kind: 'established'; readonly candidate: string }
  | { readonly kind: 'gone'; readonly candidate: string }
  | { readonly kind: 'peer-gave-up' }
  | { readonly kind: 'grace-over' }
  | { readonly kind: 'time-over' }
  /** This side wants no connection any more. */
  | { readonly kind: 'aborted' }

export type RaceEffect =
  /** This one and no other, ever (What decides). */
  | { readonly kind: 'commit'; readonly candidate: string }
  | { readonly kind: 'discard'; readonly candidate: string }
  | { readonly kind: 'start-grace' }
  /** N5: tell the peer that we have stopped trying. */
  | { readonly kind: 'give-up' }
  | { readonly kind: 'lost'; readonly reason: 'unreachable' | 'timed-out' | 'aborted' }

type RaceStep = Step<RaceState, RaceEffect>

export interface RaceStart {
  readonly role: Role
  /** The dials that were begun, by candidate. */
  readonly dials: ReadonlyMap<string, Rank>
  readonly weWereGivenHosts: boolean
  readonly theyWereGivenHosts: boolean
  readonly bestInbound: Rank | undefined
}

/** Keys and hosts are known on both sides: the race begins, and may be over at once. */
export function startRace(start: RaceStart): RaceStep {
  const candidates = new Map(
    [...start.dials].map(([id, rank]): [string, Candidate] => [
      id,
      { rank, origin: 'dialed', progress: 'under-way' },
    ]),
  )
  return settle({
    kind: 'running',
    role: start.role,
    candidates,
    weWereGivenHosts: start.weWereGivenHosts,
    weGaveUp: false,
    theyGaveUp: !start.theyWereGivenHosts,
    bestInbound: start.bestInbound,
    grace: 'not-started',
  })
}

export function stepRace(state: RaceState, input: RaceInput): RaceStep {
  if (state.kind !== 'running') {
    // S6: whatever still arrives after the decision is discarded.
    return input.kind === 'entered' || input.kind === 'ready' || input.kind === 'established'
      ? { state, effects: [{ kind: 'discard', candidate: input.candidate }] }
      : { state, effects: [] }
  }
  switch (input.kind) {
    case 'entered': {
      const entry: Candidate = { rank: input.rank, origin: 'accepted', progress: 'under-way' }
      return settle(withCandidate(state, input.candidate, entry))
    }
    case 'ready': {
      const candidate = state.candidates.get(input.candidate)
      if (candidate === undefined) {
        return { state, effects: [{ kind: 'discard', candidate: input.candidate }] }
      }
      return settle(withCandidate(state, input.candidate, { ...candidate, progress: 'ready' }))
    }
    case 'established':
      return win(state, input.candidate, [])
    case 'gone': {
      const candidates = new Map(state.candidates)
      candidates.delete(input.candidate)
      return settle({ ...state, candidates })
    }
    case 'peer-gave-up':
      return settle({ ...state, theyGaveUp: true })
    case 'grace-over':
      return settle({ ...state, grace: 'over' })
    case 'time-over': {
      // A candidate that was held for a better one is still usable.
      const best = bestReady(state)
      return best === undefined ? lose(state, 'timed-out') : commit(state, best.id)
    }
    case 'aborted':
      return lose(state, 'aborted')
    default:
      return assertNever(input)
  }
}

function withCandidate(state: RunningRace, id: string, candidate: Candidate): RunningRace {
  return { ...state, candidates: new Map(state.candidates).set(id, candidate) }
}

/** What follows from the state as it is now: a winner, a grace, a give-up, the end, or nothing. */
function settle(state: RunningRace): RaceStep {
  const best = bestReady(state)
  if (best !== undefined) {
    if (state.grace === 'over' || !couldBeBeaten(state, best.rank)) {
      return commit(state, best.id)
    }
    if (state.grace === 'not-started') {
      return { state: { ...state, grace: 'running' }, effects: [{ kind: 'start-grace' }] }
    }
    return { state, effects: [] }
  }
  const dialing = [...state.candidates.values()].some(({ origin }) => origin === 'dialed')
  const next = dialing ? state : { ...state, weGaveUp: true }
  const effects = givingUp(state, next)
  // Both have given up, and no connection that the peer opened before it did is still in its handshake.
  if (next.weGaveUp && next.theyGaveUp && next.candidates.size === 0) {
    return { state: { kind: 'lost' }, effects: [...effects, { kind: 'lost', reason: 'unreachable' }] }
  }
  return { state: next, effects }
}

/** N5: said once, and only to a peer that gave us hosts to try. */
function givingUp(before: RunningRace, after: { readonly weGaveUp: boolean }): RaceEffect[] {
  return after.weGaveUp && !before.weGaveUp && before.weWereGivenHosts ? [{ kind: 'give-up' }] : []
}

function bestReady(state: RunningRace): { id: string; rank: Rank } | undefined {
  let best: { id: string; rank: Rank } | undefined
  for (const [id, { rank, progress }] of state.candidates) {
    if (progress === 'ready' && (best === undefined || rank < best.rank)) best = { id, rank }
  }
  return best
}

/** Whether a candidate of a better rank can still come: one under way, or one that the peer may dial. */
function couldBeBeaten(state: RunningRace, rank: Rank): boolean {
  const underWay = [...state.candidates.values()].some(
    candidate => candidate.progress === 'under-way' && candidate.rank < rank,
  )
  return underWay || (!state.theyGaveUp && state.bestInbound !== undefined && state.bestInbound < rank)
}

function commit(state: RunningRace, winner: string): RaceStep {
  return win(state, winner, [{ kind: 'commit', candidate: winner }])
}

function win(state: RunningRace, winner: string, effects: readonly RaceEffect[]): RaceStep {
  return {
    state: { kind: 'won', winner },
    effects: [...effects, ...discardAll(state, winner)],
  }
}

function lose(state: RunningRace, reason: 'timed-out' | 'aborted'): RaceStep {
  return {
    state: { kind: 'lost' },
    effects: [
      ...discardAll(state, undefined),
      ...givingUp(state, { weGaveUp: true }),
      { kind: 'lost', reason },
    ],
  }
}

function discardAll(state: RunningRace, except: string | undefined): RaceEffect[] {
  return [...state.candidates.keys()]
    .filter(candidate => candidate !== except)
    .map(candidate => ({ kind: 'discard', candidate }))
}
