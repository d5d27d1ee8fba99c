import { describe, expect, test } from 'vitest'
import {
  bytesOf,
  isOver,
  isRunning,
  step,
  type TransferRecord,
} from '../../main/messenger/transfer-record.ts'
import { ShownTransfer } from '../../shared/model/shown-transfer.ts'
import type { MethodName, TransferEvent } from '../../shared/model/transfer.ts'
import { transfer } from '../renderer/factories.ts'

const SIZE = 1_000_000
const begin = (direction: 'in' | 'out'): TransferRecord => ({
  shown: transfer({ id: 't', name: 'a.bin', size: SIZE, direction, state: { kind: 'connecting' } }),
  path: direction === 'out' ? '/home/a.bin' : null,
  samples: [],
})
const CONNECTED: TransferEvent = {
  event: 'connected',
  transfer: 't',
  method: 'dtcp',
  by: 'dialer',
  remote: '[::1]:1',
  relay: 'none',
  encrypted: true,
  verified: true,
  network: 'local',
  code: '1 2 3 4 5 6',
  ms: 1,
  canPause: true,
}
const progress = (bytes: number): TransferEvent => ({ event: 'progress', transfer: 't', bytes, size: SIZE })

const INTERRUPTED: TransferEvent = {
  event: 'interrupted',
  transfer: 't',
  code: 'connection-lost',
  message: 'It broke.',
}
const OFFER: TransferEvent = {
  event: 'offer',
  transfer: 't',
  direction: 'out',
  peer: 'anna@example.org/desk',
  name: 'a.bin',
  size: SIZE,
  files: undefined,
}
const paused = (by: 'us' | 'them'): TransferEvent => ({ event: 'paused', transfer: 't', by })
const route = (method: MethodName, message?: string): TransferEvent => ({
  event: 'route',
  transfer: 't',
  method,
  ok: message === undefined,
  reason: message === undefined ? undefined : 'unreachable',
  message,
})

/** Each event with the seconds since the beginning at which it comes. */
function run(record: TransferRecord, events: readonly (readonly [number, TransferEvent])[]): TransferRecord {
  return events.reduce((before, [seconds, event]) => step(before, event, 5_000, seconds * 1000), record)
}

describe('a transfer that moves', () => {
  test('has a path receipt from its connection on', () => {
    const { shown } = run(begin('in'), [[0, CONNECTED]])
    expect(shown.receipt).toEqual({
      method: 'dtcp',
      network: 'local',
      relay: 'none',
      encrypted: true,
      verified: true,
      code: '1 2 3 4 5 6',
    })
    expect(shown.canPause).toBe(true)
    expect(isRunning(shown)).toBe(true)
  })

  test('has the speed of its last three seconds, and the time that is left at it', () => {
    const { shown, samples } = run(begin('in'), [
      [0, CONNECTED],
      [1, progress(10_000)],
      [2, progress(20_000)],
      [3, progress(30_000)],
      [4, progress(130_000)],
      [5, progress(230_000)],
      [6, progress(330_000)],
    ])
    expect(shown.state).toEqual({ kind: 'moving', bytes: 330_000, bytesPerSecond: 100_000, secondsLeft: 7 })
    expect(samples.length).toBeLessThan(6)
  })

  test('foresees nothing in its first second', () => {
    const { shown } = run(begin('in'), [
      [0, CONNECTED],
      [0.5, progress(10_000)],
    ])
    expect(shown.state).toMatchObject({ kind: 'moving', bytesPerSecond: 20_000, secondsLeft: null })
  })

  test('that is negotiated anew moves forward again, never back', () => {
    const { shown } = run(begin('out'), [
      [0, CONNECTED],
      [0.1, progress(250_000)],
      [3.2, progress(13_000)],
      [3.3, progress(14_000)],
    ])
    expect(ShownTransfer.safeParse(shown).success).toBe(true)
    expect(shown.state).toMatchObject({ kind: 'moving', bytes: 14_000, bytesPerSecond: 10_000 })
  })

  test('is verified once all is there', () => {
    const { shown } = run(begin('in'), [
      [0, CONNECTED],
      [1, progress(SIZE)],
    ])
    expect(shown.state.kind).toBe('verifying')
    expect(bytesOf(shown)).toBe(SIZE)
  })
})

describe('a transfer that goes on', () => {
  test.each([
    [
      'interrupted',
      [INTERRUPTED],
      { kind: 'interrupted', failure: { code: 'connection-lost', message: 'It broke.' } },
    ],
    ['paused by us', [paused('us')], { kind: 'paused', by: 'us' }],
    ['paused by them', [INTERRUPTED, paused('them')], { kind: 'paused', by: 'them' }],
    ['let go on', [paused('us'), INTERRUPTED], { kind: 'interrupted' }],
  ])('%s keeps how far it was', (_, events, state) => {
    const { shown } = run(begin('in'), [
      [0, CONNECTED],
      [1, progress(400_000)],
      ...events.map(event => [2, event] as const),
    ])
    expect(shown.state).toMatchObject({ ...state, bytes: 400_000 })
    expect(ShownTransfer.safeParse(shown).success).toBe(true)
    expect([isOver(shown), isRunning(shown), bytesOf(shown)]).toEqual([false, false, 400_000])
  })

  test.each([
    ['interrupted', INTERRUPTED],
    ['paused', paused('us')],
  ])('stays %s where the last word of its connection comes behind', (kind, event) => {
    const { shown } = run(begin('in'), [
      [0, CONNECTED],
      [1, progress(400_000)],
      [2, event],
      [2, progress(450_000)],
    ])
    expect(shown.state).toMatchObject({ kind, bytes: 450_000 })
  })

  test('takes nothing for fast that was there before, whatever was known of it', () => {
    for (const known of [0, 10_000, 500_000]) {
      const before = begin('in')
      const failure = { code: 'interrupted', message: 'Plumb was closed.' } as const
      const left = {
        ...before,
        shown: { ...before.shown, state: { kind: 'interrupted', bytes: known, failure } },
      }
      const events = [
        [0, CONNECTED],
        [0.1, progress(500_000)],
        [1.1, progress(600_000)],
      ] as const
      const { state } = run(left as TransferRecord, events).shown
      expect(state).toEqual({ kind: 'moving', bytes: 600_000, bytesPerSecond: 100_000, secondsLeft: 4 })
      expect(run(left as TransferRecord, events.slice(0, 2)).shown.state).toMatchObject({ bytesPerSecond: 0 })
    }
  })

  test('is not asked about again: its offer changes nothing', () => {
    for (const event of [INTERRUPTED, paused('us')]) {
      const before = run(begin('out'), [
        [0, CONNECTED],
        [1, progress(400_000)],
        [2, event],
      ])
      expect(run(before, [[3, OFFER]])).toEqual(before)
    }
    expect(run(begin('out'), [[0, OFFER]]).shown.state).toEqual({ kind: 'offered' })
  })

  test('is asked about like a new one where its file is another by now', () => {
    const { shown } = run(begin('out'), [
      [0, CONNECTED],
      [1, progress(400_000)],
      [2, INTERRUPTED],
      [3, OFFER],
      [3, { event: 'restarted', transfer: 't' }],
    ])
    expect(shown).toMatchObject({ state: { kind: 'offered' }, restarted: true })
  })

  test('moves from the beginning where the other side could use nothing of it', () => {
    const { shown } = run(begin('in'), [
      [0, CONNECTED],
      [1, progress(400_000)],
      [2, INTERRUPTED],
      [3, CONNECTED],
      [3, { event: 'restarted', transfer: 't' }],
      [4, progress(0)],
      [5, progress(100_000)],
    ])
    const state = { kind: 'moving', bytes: 100_000, bytesPerSecond: 100_000, secondsLeft: 9 }
    expect(shown).toMatchObject({ state, restarted: true })
  })

  test('waits with nothing moved', () => {
    const { shown } = run(begin('out'), [[0, { event: 'waiting', transfer: 't' }]])
    expect(shown.state).toEqual({ kind: 'waiting' })
    expect([isOver(shown), isRunning(shown), bytesOf(shown)]).toEqual([false, false, 0])
  })
})

describe('the ways that were tried', () => {
  test('are those that came to nothing, each with its last reason', () => {
    const { shown } = run(begin('out'), [
      [0, route('dtcp', 'Nobody answered.')],
      [1, route('socks5', 'There is no proxy.')],
      [2, route('dtcp', 'Still nobody.')],
      [3, route('ibb')],
    ])
    expect(shown.attempts).toEqual([
      { method: 'socks5', code: 'unreachable', message: 'There is no proxy.' },
      { method: 'dtcp', code: 'unreachable', message: 'Still nobody.' },
    ])
  })

  test('lose the one that works at last', () => {
    const { shown } = run(begin('out'), [
      [0, route('dtcp', 'Nobody answered.')],
      [1, route('dtcp')],
    ])
    expect(shown.attempts).toEqual([])
  })
})

describe('a transfer that is over', () => {
  test('is done with its file, its checksum and its time', () => {
    const record = run(begin('in'), [
      [0, CONNECTED],
      [
        2,
        {
          event: 'done',
          transfer: 't',
          path: '/d/a (2).bin',
          bytes: SIZE,
          sha256: 'aa',
          seconds: 2,
          method: 'dtcp',
          resumedFrom: 1000,
        },
      ],
    ])
    expect(record.shown).toMatchObject({
      state: { kind: 'done', at: 5_000, seconds: 2, sha256: 'aa' },
      hasFile: true,
      resumedFrom: 1000,
      canPause: false,
    })
    expect(record.path).toBe('/d/a (2).bin')
    expect(isOver(record.shown)).toBe(true)
  })

  test.each([
    ['out', true],
    ['in', false],
  ] as const)('going %s can be tried again: %s', (direction, canRetry) => {
    const { shown } = run(begin(direction), [
      [0, CONNECTED],
      [1, progress(400_000)],
      [2, { event: 'failed', transfer: 't', code: 'connection-lost', message: 'It broke.' }],
    ])
    expect(shown.canRetry).toBe(canRetry)
    expect(shown.state).toMatchObject({
      kind: 'failed',
      bytes: 400_000,
      failure: { code: 'connection-lost', message: 'It broke.' },
    })
  })
})
