import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Idleness } from '../../main/messenger/idleness.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000_000_000 }))
afterEach(() => void vi.useRealTimers())

/** A computer that nobody touches from now on, unless `touch` says so. */
function create() {
  let touched = Date.now()
  const changes: (number | undefined)[] = []
  const idleness: Idleness = new Idleness({
    idleSeconds: () => (Date.now() - touched) / 1_000,
    changed: () => changes.push(idleness.since?.getTime()),
  })
  idleness.start()
  return {
    idleness,
    changes,
    touch: () => {
      touched = Date.now()
    },
  }
}

const MINUTE = 60_000

describe('somebody', () => {
  test('is gone after ten minutes without input, and that is said once, with since when', () => {
    const { changes } = create()
    const start = Date.now()
    vi.advanceTimersByTime(10 * MINUTE - 1)
    expect(changes).toEqual([])
    vi.advanceTimersByTime(60 * MINUTE)
    expect(changes).toEqual([start])
  })

  test('is back half a minute after the first key', () => {
    const { changes, touch, idleness } = create()
    vi.advanceTimersByTime(15 * MINUTE)
    touch()
    vi.advanceTimersByTime(30_000)
    expect(changes).toEqual([expect.any(Number), undefined])
    expect(idleness.since).toBeUndefined()
  })

  test('is back at once where the window knows', () => {
    const { changes, touch, idleness } = create()
    vi.advanceTimersByTime(15 * MINUTE)
    touch()
    idleness.look()
    expect(changes).toHaveLength(2)
  })

  test('who locks the screen is gone until it is unlocked, whatever moves the mouse', () => {
    const { changes, touch, idleness } = create()
    vi.advanceTimersByTime(MINUTE)
    touch()
    const locked = Date.now()
    idleness.lock(true)
    touch()
    vi.advanceTimersByTime(5 * MINUTE)
    expect(changes).toEqual([locked])
    touch()
    idleness.lock(false)
    expect(changes).toEqual([locked, undefined])
  })

  test('is not looked for any more once it is over', () => {
    const { changes, idleness } = create()
    idleness.stop()
    vi.advanceTimersByTime(60 * MINUTE)
    expect(changes).toEqual([])
  })
})
