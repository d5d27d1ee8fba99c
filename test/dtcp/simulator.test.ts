import { afterEach, describe, expect, it, vi } from 'vitest'
import { Endpoint, type EndpointEffect, type EndpointOptions } from '../../main/dtcp/endpoint.ts'
import type * as fingerprintModule from '../../main/dtcp/fingerprint.ts'
import type * as handshakeModule from '../../main/dtcp/handshake.ts'
import type * as raceModule from '../../main/dtcp/race.ts'
import {
  type Outcome,
  runSchedule,
  type ScheduleReport,
  type SimulatorOptions,
  Violation,
} from './simulator.ts'

/** Faults that the tests plant into the protocol; without one it is the real thing. */
const planted = vi.hoisted(() => ({
  acceptor: undefined as
    | ((
        step: AcceptorStep,
        input: handshakeModule.AcceptorInput,
        before: handshakeModule.AcceptorState,
      ) => AcceptorStep)
    | undefined,
  dialer: undefined as
    | ((
        step: DialerStep,
        input: handshakeModule.HandshakeInput,
        before: handshakeModule.DialerState,
      ) => DialerStep)
    | undefined,
  race: undefined as ((step: RaceStep, before: raceModule.RaceState) => RaceStep) | undefined,
  matchesPin: undefined as (() => boolean) | undefined,
}))

type AcceptorStep = ReturnType<typeof handshakeModule.stepAcceptor>
type DialerStep = ReturnType<typeof handshakeModule.stepDialer>
type RaceStep = ReturnType<typeof raceModule.stepRace>

vi.mock('../../main/dtcp/handshake.ts', async importOriginal => {
  const real = await importOriginal<typeof handshakeModule>()
  return {
    ...real,
    stepAcceptor: (...given: Parameters<typeof real.stepAcceptor>): AcceptorStep => {
      const step = real.stepAcceptor(...given)
      return planted.acceptor === undefined ? step : planted.acceptor(step, given[1], given[0])
    },
    stepDialer: (...given: Parameters<typeof real.stepDialer>): DialerStep => {
      const step = real.stepDialer(...given)
      return planted.dialer === undefined ? step : planted.dialer(step, given[1], given[0])
    },
  }
})

vi.mock('../../main/dtcp/race.ts', async importOriginal => {
  const real = await importOriginal<typeof raceModule>()
  const through = (step: RaceStep, before: raceModule.RaceState): RaceStep =>
    planted.race === undefined ? step : planted.race(step, before)
  return {
    ...real,
    stepRace: (...given: Parameters<typeof real.stepRace>): RaceStep =>
      through(real.stepRace(...given), given[0]),
  }
})

vi.mock('../../main/dtcp/fingerprint.ts', async importOriginal => {
  const real = await importOriginal<typeof fingerprintModule>()
  return {
    ...real,
    matchesPin: (...given: Parameters<typeof real.matchesPin>): boolean =>
      planted.matchesPin?.() ?? real.matchesPin(...given),
  }
})

afterEach(() => {
  planted.acceptor = undefined
  planted.dialer = undefined
  planted.race = undefined
  planted.matchesPin = undefined
})

const SCHEDULES = 20_000

describe('two endpoints over a network that does what networks do', () => {
  it(`break no rule in ${SCHEDULES} schedules, and do connect`, { timeout: 120_000 }, () => {
    const outcomes: Outcome[] = []
    const sums = { early: 0, losers: 0, trailing: 0, gaveUp: 0, calm: 0 }
    for (let seed = 1; seed <= SCHEDULES; seed++) {
      const report = runSchedule(seed)
      outcomes.push(...report.outcomes)
      for (const what of ['early', 'losers', 'trailing', 'gaveUp'] as const) sums[what] += report[what]
      sums.calm += Number(report.calm)
    }
    const share = (is: (outcome: Outcome) => boolean): number => outcomes.filter(is).length / outcomes.length
    const lost = (reason: string): number => share(one => one.kind === 'lost' && one.reason === reason)

    // If these shares were gone, the schedules above would have proved little.
    expect(share(({ kind }) => kind === 'connected')).toBeGreaterThan(0.4)
    for (const by of ['dialer', 'acceptor']) {
      expect(share(one => one.kind === 'connected' && one.by === by && one.verified)).toBeGreaterThan(0.04)
      expect(share(one => one.kind === 'connected' && one.by === by && !one.encrypted)).toBeGreaterThan(0.04)
      expect(
        share(one => one.kind === 'connected' && one.by === by && one.encrypted && !one.verified),
      ).toBeGreaterThan(0.02)
    }
    expect(lost('unreachable')).toBeGreaterThan(0.1)
    expect(lost('encryption-refused')).toBeGreaterThan(0.02)
    expect(lost('aborted')).toBeGreaterThan(0.01)
    for (const reason of ['certificate-mismatch', 'no-answer', 'refused', 'protocol-error', 'timed-out']) {
      expect(lost(reason)).toBeGreaterThan(0.001)
    }
    expect(share(({ kind }) => kind === 'half')).toBeGreaterThan(0.001)
    expect(sums.calm).toBeGreaterThan(SCHEDULES * 0.4)
    expect(sums.early).toBeGreaterThan(SCHEDULES * 0.1)
    expect(sums.losers).toBeGreaterThan(SCHEDULES * 0.5)
    expect(sums.trailing).toBeGreaterThan(SCHEDULES * 0.2)
    expect(sums.gaveUp).toBeGreaterThan(SCHEDULES * 0.5)
  })

  it('do the same again from the same seed, and something else from the next', () => {
    const run = (seed: number): ScheduleReport => runSchedule(seed, { trace: true })
    for (let seed = 1; seed <= 50; seed++) {
      const first = run(seed)
      expect(run(seed)).toEqual(first)
      expect(runSchedule(seed).outcomes).toEqual(first.outcomes)
      expect(run(seed + 1).trace).not.toEqual(first.trace)
    }
  })
})

describe('the simulator finds', () => {
  /** Within so many schedules each planted fault has to be found. */
  const FEW = 1_000

  function firstViolation(options: SimulatorOptions = {}): Violation {
    for (let seed = 1; seed <= FEW; seed++) {
      try {
        runSchedule(seed, options)
      } catch (error) {
        if (error instanceof Violation) return error
        throw error
      }
    }
    throw new Error(`nothing found in ${FEW} schedules`)
  }

  /** An Endpoint of which one kind of effect comes out wrong. */
  function changing(change: (effect: EndpointEffect) => readonly EndpointEffect[]): SimulatorOptions {
    const through = (effects: EndpointEffect[]): EndpointEffect[] => effects.flatMap(change)
    class Changed extends Endpoint {
      override begin(...given: Parameters<Endpoint['begin']>): EndpointEffect[] {
        return through(super.begin(...given))
      }
      override abort(...given: Parameters<Endpoint['abort']>): EndpointEffect[] {
        return through(super.abort(...given))
      }
      override peerGaveUp(...given: Parameters<Endpoint['peerGaveUp']>): EndpointEffect[] {
        return through(super.peerGaveUp(...given))
      }
      override connected(...given: Parameters<Endpoint['connected']>): EndpointEffect[] {
        return through(super.connected(...given))
      }
      override accepted(...given: Parameters<Endpoint['accepted']>): EndpointEffect[] {
        return through(super.accepted(...given))
      }
      override received(...given: Parameters<Endpoint['received']>): EndpointEffect[] {
        return through(super.received(...given))
      }
      override secured(...given: Parameters<Endpoint['secured']>): EndpointEffect[] {
        return through(super.secured(...given))
      }
      override closed(...given: Parameters<Endpoint['closed']>): EndpointEffect[] {
        return through(super.closed(...given))
      }
      override timeUp(...given: Parameters<Endpoint['timeUp']>): EndpointEffect[] {
        return through(super.timeUp(...given))
      }
    }
    return { createEndpoint: (options: EndpointOptions) => new Changed(options) }
  }

  describe('an endpoint that', () => {
    it('leaks a connection', () => {
      const { rule } = firstViolation(changing(effect => (effect.kind === 'close' ? [] : [effect])))
      expect(rule).toMatch(/has not let go of it|counts \d+ connections/)
    })

    it('leaks only the losers among the connections that it dialed', () => {
      const options = changing(effect =>
        effect.kind === 'close' && effect.connection.startsWith('dial') ? [] : [effect],
      )
      expect(firstViolation(options).rule).toMatch(/has not let go of it|counts \d+ connections/)
    })

    it('closes a connection twice', () => {
      const { rule } = firstViolation(
        changing(effect => (effect.kind === 'close' ? [effect, effect] : [effect])),
      )
      expect(rule).toMatch(/close for .*, which is not open/)
    })

    it('drops the bytes behind the last line (S5)', () => {
      const options = changing(effect =>
        effect.kind === 'hand-over' ? [{ ...effect, trailing: new Uint8Array() }] : [effect],
      )
      expect(firstViolation(options).rule).toMatch(/wrote .*, and .* arrived \(S5\)/)
    })

    it('says the bytes behind the last line twice (S5)', () => {
      const options = changing(effect =>
        effect.kind === 'hand-over'
          ? [{ ...effect, trailing: Buffer.concat([effect.trailing, effect.trailing]) }]
          : [effect],
      )
      expect(firstViolation(options).rule).toMatch(/wrote .*, and .* arrived \(S5\)/)
    })

    it('leaves a clock running', () => {
      const options = changing(effect =>
        effect.kind === 'clear-timer' && effect.timer.startsWith('handshake') ? [] : [effect],
      )
      expect(firstViolation(options).rule).toMatch(/outlived what it was for/)
    })

    it('leaves the clock of a race running', () => {
      const options = changing(effect =>
        effect.kind === 'clear-timer' && effect.timer.startsWith('race') ? [] : [effect],
      )
      expect(firstViolation(options).rule).toMatch(/outlived what it was for/)
    })

    it('sets no clock', () => {
      const { rule } = firstViolation(changing(effect => (effect.kind === 'set-timer' ? [] : [effect])))
      expect(rule).toMatch(/live on|timed-out|cannot be connected|can be connected|no end/)
    })

    it('calls a connection verified that is not', () => {
      const options = changing(effect =>
        effect.kind === 'hand-over' ? [{ ...effect, verified: true }] : [effect],
      )
      expect(firstViolation(options).rule).toMatch(/says encrypted .*, and it is not so/)
    })

    it('says twice that it gives up (N5)', () => {
      const { rule } = firstViolation(
        changing(effect => (effect.kind === 'give-up' ? [effect, effect] : [effect])),
      )
      expect(rule).toMatch(/N5/)
    })

    it('never says that it gives up (N5)', () => {
      const { rule } = firstViolation(changing(effect => (effect.kind === 'give-up' ? [] : [effect])))
      expect(rule).toMatch(/timed-out in calm weather|N5/)
    })

    it('is deaf to a peer that gives up', () => {
      class Deaf extends Endpoint {
        override peerGaveUp(): EndpointEffect[] {
          return []
        }
      }
      const { rule } = firstViolation({ createEndpoint: options => new Deaf(options) })
      expect(rule).toMatch(/timed-out in calm weather/)
    })

    it('takes no notice of a connection that is gone', () => {
      class Numb extends Endpoint {
        override closed(): EndpointEffect[] {
          return []
        }
      }
      const { rule } = firstViolation({ createEndpoint: options => new Numb(options) })
      expect(rule).toMatch(/has not let go of it/)
    })

    it('takes what was accepted for nothing', () => {
      class Unheard extends Endpoint {
        override received(connection: string, bytes: Uint8Array): EndpointEffect[] {
          return connection.startsWith('accepted') ? [] : super.received(connection, bytes)
        }
      }
      const { rule } = firstViolation({ createEndpoint: options => new Unheard(options) })
      expect(rule).toMatch(/can be connected/)
    })
  })

  describe('a handshake in which', () => {
    it('a requestor that accepted answers before it has asked its race (What decides)', () => {
      planted.acceptor = ({ state, effects }, input) => ({
        state,
        effects: effects.flatMap((effect): handshakeModule.AcceptorEffect[] => {
          if (effect.kind === 'ready' && state.kind === 'awaiting-verdict') {
            return [{ kind: 'send', line: `ok:${state.terms.theirKey}` }, effect]
          }
          return effect.kind === 'send' && input.kind === 'committed' ? [] : [effect]
        }),
      })
      expect(firstViolation().rule).toMatch(/the requestor none|different connections|hangs|\(S5\)/)
    })

    it('a requestor that dialed acknowledges before it has asked its race (What decides)', () => {
      planted.dialer = ({ state, effects }, input) => ({
        state,
        effects: effects.flatMap((effect): handshakeModule.HandshakeEffect[] => {
          if (effect.kind === 'ready') return [{ kind: 'send', line: 'ok' }, effect]
          return effect.kind === 'send' && input.kind === 'committed' ? [] : [effect]
        }),
      })
      expect(firstViolation().rule).toMatch(/the requestor none|different connections|hangs/)
    })

    it('a responder that accepted does not wait for the ack (S4)', () => {
      planted.acceptor = ({ state, effects }) =>
        state.kind === 'awaiting-ack'
          ? {
              state: { kind: 'over' },
              effects: [
                ...effects,
                {
                  kind: 'established',
                  trailing: state.buffer,
                  encrypted: state.encrypted,
                  verified: state.verified,
                },
              ],
            }
          : { state, effects }
      expect(firstViolation().rule).toMatch(/the requestor none|different connections|hangs|\(S5\)/)
    })

    it('a responder that dialed sends an ack (S4)', () => {
      planted.dialer = ({ state, effects }, input) => ({
        state,
        effects: effects.flatMap((effect): handshakeModule.HandshakeEffect[] =>
          effect.kind === 'established' && input.kind === 'received'
            ? [{ kind: 'send', line: 'ok' }, effect]
            : [effect],
        ),
      })
      expect(firstViolation().rule).toMatch(/\(S5\)/)
    })

    it('a requestor that dialed sends no ack (S4)', () => {
      planted.dialer = ({ state, effects }, input) => ({
        state,
        effects: effects.filter(effect => effect.kind !== 'send' || input.kind !== 'committed'),
      })
      expect(firstViolation().rule).toMatch(/can be connected|\(S5\)|hangs/)
    })

    it('what came before the verdict is lost (S5)', () => {
      planted.acceptor = ({ state, effects }, _, before) => ({
        state,
        effects: effects.map(effect =>
          effect.kind === 'established' && before.kind === 'awaiting-ack'
            ? { ...effect, trailing: new Uint8Array() }
            : effect,
        ),
      })
      expect(firstViolation().rule).toMatch(/\(S5\)/)
    })

    it('every certificate will do', () => {
      planted.matchesPin = () => true
      expect(firstViolation().rule).toMatch(/and it is not so|cannot be connected/)
    })

    it('no certificate will do', () => {
      planted.matchesPin = () => false
      expect(firstViolation().rule).toMatch(/can be connected/)
    })
  })

  describe('a race that', () => {
    it('never commits', () => {
      planted.race = (step, before) =>
        step.effects.some(({ kind }) => kind === 'commit') ? { state: before, effects: [] } : step
      expect(firstViolation().rule).toMatch(/can be connected/)
    })

    it('decides and forgets to say so', () => {
      planted.race = ({ state, effects }) => ({
        state,
        effects: effects.filter(({ kind }) => kind !== 'commit'),
      })
      expect(firstViolation().rule).toMatch(/live on|can be connected/)
    })

    it('gives up without a word (N5)', () => {
      planted.race = ({ state, effects }) => ({
        state,
        effects: effects.filter(({ kind }) => kind !== 'give-up'),
      })
      expect(firstViolation().rule).toMatch(/N5|timed-out in calm weather/)
    })

    it('is lost as soon as this side has given up (N6)', () => {
      planted.race = (step, before) =>
        before.kind === 'running' && step.effects.some(({ kind }) => kind === 'give-up')
          ? { state: { kind: 'lost' }, effects: [...step.effects, { kind: 'lost', reason: 'unreachable' }] }
          : step
      expect(firstViolation().rule).toMatch(/can be connected|which is not live/)
    })
  })

  it('and says with which seed it is seen again, and what happened', () => {
    const options = changing(effect => (effect.kind === 'close' ? [effect, effect] : [effect]))
    const found = firstViolation(options)
    expect(found.message).toContain(`--seed ${found.seed} --trace`)
    expect(found.trace.length).toBeGreaterThan(5)
    expect(() => runSchedule(found.seed, options)).toThrow(found.rule)
    expect(() => runSchedule(found.seed)).not.toThrow()
  })
})
