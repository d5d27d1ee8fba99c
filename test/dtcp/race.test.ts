import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Rank } from '../../main/dtcp/host.ts'
import {
  type RaceEffect,
  type RaceInput,
  type RaceStart,
  type RaceState,
  startRace,
  stepRace,
} from '../../main/dtcp/race.ts'

/** A race and all that it has asked for, as words. */
class Course {
  state: RaceState
  readonly said: string[] = []

  constructor({
    dials = {},
    ...more
  }: Partial<Omit<RaceStart, 'dials'>> & { dials?: Record<string, Rank> } = {}) {
    const first = startRace({
      role: 'requestor',
      weWereGivenHosts: true,
      theyWereGivenHosts: true,
      bestInbound: undefined,
      ...more,
      dials: new Map(Object.entries(dials)),
    })
    this.state = first.state
    this.#take(first.effects)
  }

  /** What this input made it say. */
  step(input: RaceInput): string[] {
    const before = this.said.length
    const next = stepRace(this.state, input)
    this.state = next.state
    this.#take(next.effects)
    return this.said.slice(before)
  }

  enter(candidate: string, rank: Rank): string[] {
    return this.step({ kind: 'entered', candidate, rank })
  }

  ready(candidate: string): string[] {
    return this.step({ kind: 'ready', candidate })
  }

  gone(...candidates: string[]): string[] {
    return candidates.flatMap(candidate => this.step({ kind: 'gone', candidate }))
  }

  #take(effects: readonly RaceEffect[]): void {
    for (const effect of effects) {
      if ('candidate' in effect) this.said.push(`${effect.kind} ${effect.candidate}`)
      else this.said.push(effect.kind === 'lost' ? `lost ${effect.reason}` : effect.kind)
    }
  }
}

describe('S6 one winner', () => {
  it('commits the first candidate that is ready, and discards all others', () => {
    const race = new Course({ dials: { a: 0, b: 0, c: 1 } })
    race.enter('in', 0)
    expect(race.ready('b').toSorted()).toEqual(['commit b', 'discard a', 'discard c', 'discard in'])
    expect(race.state).toEqual({ kind: 'won', winner: 'b' })
  })

  it('commits once: a second that is ready is discarded', () => {
    const race = new Course({ dials: { a: 0, b: 0 } })
    race.ready('a')
    expect(race.ready('b')).toEqual(['discard b'])
    expect(race.ready('a')).toEqual(['discard a'])
  })

  it('discards what arrives after the decision', () => {
    const race = new Course({ dials: { a: 0 } })
    race.ready('a')
    expect(race.enter('late', 0)).toEqual(['discard late'])
    expect(race.step({ kind: 'established', candidate: 'late' })).toEqual(['discard late'])
    expect(race.state).toEqual({ kind: 'won', winner: 'a' })
  })

  it('discards what arrives after the race was lost', () => {
    const race = new Course({ dials: {}, weWereGivenHosts: false, theyWereGivenHosts: false })
    expect(race.said).toEqual(['lost unreachable'])
    expect(race.enter('late', 0)).toEqual(['discard late'])
    expect(race.ready('late')).toEqual(['discard late'])
  })

  it('makes no second choice when the committed connection is gone', () => {
    const race = new Course({ dials: { a: 0, b: 0 } })
    race.ready('a')
    expect(race.gone('a')).toEqual([])
    expect(race.step({ kind: 'time-over' })).toEqual([])
    expect(race.step({ kind: 'aborted' })).toEqual([])
    expect(race.step({ kind: 'peer-gave-up' })).toEqual([])
    expect(race.step({ kind: 'grace-over' })).toEqual([])
  })

  it('discards a candidate that is ready but was never in the race', () => {
    const race = new Course({ dials: { a: 0 } })
    expect(race.ready('stranger')).toEqual(['discard stranger'])
    expect(race.state.kind).toBe('running')
  })

  it('a responder lives with the connection that the requestor chose, and discards the others', () => {
    const race = new Course({ role: 'responder', dials: { a: 0, b: 0 } })
    race.enter('in', 2)
    expect(race.step({ kind: 'established', candidate: 'in' }).toSorted()).toEqual(['discard a', 'discard b'])
    expect(race.state).toEqual({ kind: 'won', winner: 'in' })
  })
})

describe('What decides: rank and grace', () => {
  it('commits a candidate of the best rank at once, whatever else is under way', () => {
    const race = new Course({ dials: { a: 0, b: 0, c: 2 }, bestInbound: 0 })
    expect(race.ready('a')).toContain('commit a')
  })

  it('holds a candidate while a better one is under way, and commits the better one', () => {
    const race = new Course({ dials: { near: 0, far: 2 } })
    expect(race.ready('far')).toEqual(['start-grace'])
    expect(race.ready('near')).toEqual(['commit near', 'discard far'])
  })

  it('commits the held one when the grace is over', () => {
    const race = new Course({ dials: { near: 0, far: 2 } })
    race.ready('far')
    expect(race.step({ kind: 'grace-over' })).toEqual(['commit far', 'discard near'])
  })

  it('commits the held one at once when no better one can come any more', () => {
    const race = new Course({ dials: { near: 0, far: 2 } })
    race.ready('far')
    expect(race.gone('near')).toEqual(['commit far'])
  })

  it('holds a candidate for what the peer may still dial', () => {
    const race = new Course({ dials: { far: 2 }, bestInbound: 0 })
    expect(race.ready('far')).toEqual(['start-grace'])
    race.enter('in', 0)
    expect(race.ready('in')).toEqual(['commit in', 'discard far'])
  })

  it('waits for nothing from a peer that has given up', () => {
    const race = new Course({ dials: { far: 2 }, bestInbound: 0 })
    race.ready('far')
    expect(race.step({ kind: 'peer-gave-up' })).toEqual(['commit far'])
  })

  it('waits for nothing from a peer that got no hosts', () => {
    const race = new Course({ dials: { far: 2 }, bestInbound: 0, theyWereGivenHosts: false })
    expect(race.ready('far')).toEqual(['commit far'])
  })

  it('waits for nothing from a peer whose hosts are no nearer', () => {
    const race = new Course({ dials: { middle: 1 }, bestInbound: 1 })
    expect(race.ready('middle')).toEqual(['commit middle'])
  })

  it('starts the grace once, however many are held', () => {
    const race = new Course({ dials: { near: 0, middle: 1, far: 2 } })
    expect(race.ready('far')).toEqual(['start-grace'])
    expect(race.ready('middle')).toEqual([])
    expect(race.step({ kind: 'grace-over' })).toEqual(['commit middle', 'discard near', 'discard far'])
  })

  it('commits the next best when the held one is gone before the grace is over', () => {
    const race = new Course({ dials: { near: 0, far: 2, farther: 2 } })
    race.ready('far')
    race.ready('farther')
    race.gone('far')
    expect(race.step({ kind: 'grace-over' })).toEqual(['commit farther', 'discard near'])
  })

  it('has one grace: behind it the first that is ready is committed', () => {
    const race = new Course({ dials: { near: 0, far: 2, farther: 2 } })
    race.ready('far')
    race.gone('far')
    expect(race.step({ kind: 'grace-over' })).toEqual([])
    expect(race.ready('farther')).toEqual(['commit farther', 'discard near'])
  })
})

describe('N5 giving up', () => {
  it('is said when the last dial is gone, once', () => {
    const race = new Course({ dials: { a: 0, b: 1 } })
    expect(race.gone('a')).toEqual([])
    expect(race.gone('b')).toEqual(['give-up'])
    race.enter('in', 0)
    expect(race.gone('in')).toEqual([])
    expect(race.step({ kind: 'time-over' })).toEqual(['lost timed-out'])
    expect(race.said.filter(word => word === 'give-up')).toHaveLength(1)
  })

  it('is said at once when none of the hosts may be dialed', () => {
    expect(new Course({ dials: {} }).said).toEqual(['give-up'])
  })

  it('is not said to a peer that gave no hosts, and takes it for granted', () => {
    const race = new Course({ dials: {}, weWereGivenHosts: false })
    expect(race.said).toEqual([])
    expect(race.step({ kind: 'time-over' })).toEqual(['lost timed-out'])
  })

  it('is not said while a candidate of ours is held for a better one', () => {
    const race = new Course({ dials: { far: 2 }, bestInbound: 0 })
    expect(race.ready('far')).toEqual(['start-grace'])
    expect(race.gone('far')).toEqual(['give-up'])
  })

  it('is not said by the winner', () => {
    const race = new Course({ dials: { a: 0 } })
    race.ready('a')
    race.gone('a')
    expect(race.said).toEqual(['commit a'])
  })

  it('counts a dial in its handshake as trying', () => {
    const race = new Course({ role: 'responder', dials: { a: 0, b: 0 } })
    expect(race.gone('a')).toEqual([])
    expect(race.said).toEqual([])
  })
})

describe('N6 the end', () => {
  it('comes when both have given up', () => {
    const race = new Course({ dials: { a: 0 } })
    expect(race.gone('a')).toEqual(['give-up'])
    expect(race.step({ kind: 'peer-gave-up' })).toEqual(['lost unreachable'])
  })

  it('comes in the other order too', () => {
    const race = new Course({ dials: { a: 0 } })
    expect(race.step({ kind: 'peer-gave-up' })).toEqual([])
    expect(race.gone('a')).toEqual(['give-up', 'lost unreachable'])
  })

  it('comes at once where nobody can dial', () => {
    const race = new Course({ dials: {}, weWereGivenHosts: false, theyWereGivenHosts: false })
    expect(race.said).toEqual(['lost unreachable'])
  })

  it('waits for a connection of the peer that is still in its handshake', () => {
    const race = new Course({ role: 'responder', dials: { a: 0 } })
    race.enter('in', 0)
    expect(race.gone('a')).toEqual(['give-up'])
    expect(race.step({ kind: 'peer-gave-up' })).toEqual([])
    expect(race.step({ kind: 'established', candidate: 'in' })).toEqual([])
    expect(race.state).toEqual({ kind: 'won', winner: 'in' })
  })

  it('comes when that connection is gone as well', () => {
    const race = new Course({ role: 'responder', dials: {} })
    race.enter('in', 0)
    race.step({ kind: 'peer-gave-up' })
    expect(race.gone('in')).toEqual(['lost unreachable'])
  })

  it('does not come while the peer may still dial', () => {
    const race = new Course({ dials: { a: 0 } })
    race.gone('a')
    expect(race.state.kind).toBe('running')
    race.enter('in', 1)
    expect(race.ready('in')).toEqual(['commit in'])
  })

  it('comes when the time is over, and discards and says what is left', () => {
    const race = new Course({ dials: { a: 0 } })
    race.enter('in', 0)
    expect(race.step({ kind: 'time-over' })).toEqual(['discard a', 'discard in', 'give-up', 'lost timed-out'])
  })

  it('when the time is over, still takes a candidate that was held for a better one', () => {
    const race = new Course({ dials: { near: 0, far: 2 } })
    race.ready('far')
    expect(race.step({ kind: 'time-over' })).toEqual(['commit far', 'discard near'])
  })

  it('comes when this side aborts, even with a candidate in hand', () => {
    const race = new Course({ dials: { near: 0, far: 2 } })
    race.ready('far')
    expect(race.step({ kind: 'aborted' })).toEqual(['discard near', 'discard far', 'give-up', 'lost aborted'])
  })
})

describe('whatever happens', () => {
  const rank = fc.constantFrom<Rank>(0, 1, 2)
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e')
  const input = fc.oneof(
    fc.record({ kind: fc.constant('entered' as const), candidate: name, rank }),
    fc.record({ kind: fc.constantFrom('ready' as const, 'gone' as const), candidate: name }),
    fc.record({
      kind: fc.constantFrom(
        'peer-gave-up' as const,
        'grace-over' as const,
        'time-over' as const,
        'aborted' as const,
      ),
    }),
  )

  it('commits at most one, gives up at most once, ends at most once, and never both commits and loses', () => {
    fc.assert(
      fc.property(
        fc.record({
          dials: fc.dictionary(name, rank, { maxKeys: 3, noNullPrototype: true }),
          weWereGivenHosts: fc.boolean(),
          theyWereGivenHosts: fc.boolean(),
          bestInbound: fc.option(rank, { nil: undefined }),
        }),
        fc.array(input, { maxLength: 20 }),
        (start, inputs) => {
          const race = new Course(start)
          for (const one of inputs) race.step(one)
          const count = (start: string): number => race.said.filter(word => word.startsWith(start)).length
          expect(count('commit') + count('lost')).toBe(race.state.kind === 'running' ? 0 : 1)
          expect(count('give-up')).toBeLessThanOrEqual(start.weWereGivenHosts ? 1 : 0)
          expect(count('start-grace')).toBeLessThanOrEqual(1)
        },
      ),
      { numRuns: 1_000 },
    )
  })
})
