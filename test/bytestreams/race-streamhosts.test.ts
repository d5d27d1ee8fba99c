import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { NobodyReached, raceStreamhosts, type Streamhosts } from '../../main/bytestreams/race-streamhosts.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

class Connection {
  isDestroyed = false
  destroy(): void {
    this.isDestroyed = true
  }
}

/** A race whose dials end when a test says so. */
function race(hosts: Streamhosts<string>, signal = new AbortController().signal, isDirectUnlikely?: boolean) {
  let now = 0
  const begun: string[] = []
  const dials = new Map<string, PromiseWithResolvers<Connection> & { signal: AbortSignal }>()
  const outcome = raceStreamhosts(
    hosts,
    (host, ended) => {
      begun.push(`${host} ${now}`)
      const dial = { ...Promise.withResolvers<Connection>(), signal: ended }
      dials.set(host, dial)
      return dial.promise
    },
    signal,
    isDirectUnlikely,
  )
  outcome.catch(() => {})
  const pass = async (ms: number): Promise<void> => {
    await nextTurn()
    now += ms
    vi.advanceTimersByTime(ms)
    await nextTurn()
  }
  const dial = (host: string) => {
    const found = dials.get(host)
    if (found === undefined) throw new Error(`${host} was not dialed`)
    return found
  }
  const connect = async (host: string): Promise<Connection> => {
    const connection = new Connection()
    dial(host).resolve(connection)
    await nextTurn()
    return connection
  }
  const fail = async (host: string): Promise<void> => {
    dial(host).reject(new Error(`no ${host}`))
    await nextTurn()
  }
  return { outcome, begun, pass, connect, fail, dial }
}

const isSettled = async (outcome: Promise<unknown>): Promise<boolean> => {
  const open = Symbol('open')
  const first = await Promise.race([outcome.catch(() => undefined), nextTurn(open)])
  return first !== open
}

describe('the hosts of a stream', () => {
  it('are dialed one beside the other: direct ones first, then the proxy', async () => {
    const { begun, pass, connect, outcome } = race({ direct: ['a', 'b', 'c'], proxies: [['p'], ['q']] })
    await pass(200)
    await pass(200)
    await pass(199)
    expect(begun).toEqual(['a 0', 'b 200', 'c 400'])
    await pass(1)
    await pass(1_000)
    expect(begun.slice(3)).toEqual(['p 600', 'q 1600'])
    await connect('p')
    expect((await outcome).host).toBe('p')
  })

  it('are dialed without much ado for direct ones where these were not reached a moment ago', async () => {
    const hosts = { direct: ['a', 'b', 'c'], proxies: [['p'], ['q']] }
    const { begun, pass, connect, outcome } = race(hosts, undefined, true)
    await pass(99)
    expect(begun).toEqual(['a 0'])
    await pass(1)
    await pass(100)
    await pass(200)
    await pass(700)
    expect(begun.slice(1)).toEqual(['p 100', 'b 200', 'c 400', 'q 1100'])
    await connect('c')
    expect((await outcome).host).toBe('c')
  })

  it('are dialed at once where those before have failed', async () => {
    const { begun, pass, fail, connect, outcome } = race({ direct: ['a', 'b'], proxies: [['p'], ['q']] })
    await nextTurn()
    await fail('a')
    await pass(10)
    await fail('b')
    await pass(10)
    await fail('p')
    expect(begun).toEqual(['a 0', 'b 0', 'p 10', 'q 20'])
    await connect('q')
    expect((await outcome).host).toBe('q')
  })

  it('leave nobody waiting for a proxy where there is nothing else', async () => {
    const { begun, connect, outcome } = race({ direct: [], proxies: [['p']] })
    await nextTurn()
    expect(begun).toEqual(['p 0'])
    await connect('p')
    await outcome
  })

  it('of one proxy are tried one after the other', async () => {
    const { begun, pass, fail, connect, outcome } = race({ direct: [], proxies: [['p4', 'p6']] })
    await pass(4_000)
    expect(begun).toEqual(['p4 0'])
    await fail('p4')
    expect(begun).toEqual(['p4 0', 'p6 4000'])
    await connect('p6')
    expect((await outcome).host).toBe('p6')
  })
})

describe('the first connection', () => {
  it('wins, ends the other dials, and what still connects is closed', async () => {
    const { outcome, pass, connect, dial } = race({ direct: ['a', 'b'], proxies: [['p']] })
    await pass(200)
    await pass(800)
    const winner = await connect('b')
    expect(await outcome).toEqual({ host: 'b', connection: winner })
    expect(dial('a').signal.aborted).toBe(true)
    const late = [await connect('a'), await connect('p')]
    expect(late.map(({ isDestroyed }) => isDestroyed)).toEqual([true, true])
    expect(winner.isDestroyed).toBe(false)
  })

  it('wins also when two come in one moment', async () => {
    const { outcome, pass, dial } = race({ direct: ['a', 'b'], proxies: [] })
    await pass(200)
    const [a, b] = [new Connection(), new Connection()]
    dial('a').resolve(a)
    dial('b').resolve(b)
    expect((await outcome).connection).toBe(a)
    await nextTurn()
    expect([a.isDestroyed, b.isDestroyed]).toEqual([false, true])
  })

  it('may be a direct one although the proxy was begun', async () => {
    const { outcome, pass, connect } = race({ direct: ['a'], proxies: [['p']] })
    await pass(600)
    await connect('a')
    expect((await outcome).host).toBe('a')
  })
})

describe('nobody is reached', () => {
  const expectNobody = async (outcome: Promise<unknown>, hosts: readonly string[]): Promise<void> => {
    const error: unknown = await outcome.catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(NobodyReached)
    expect((error as NobodyReached<string>).attempts.map(({ host }) => host)).toEqual(hosts)
  }

  it('where there is nobody', async () => {
    await expectNobody(race({ direct: [], proxies: [] }).outcome, [])
  })

  it('as soon as the last dial has failed', async () => {
    const { outcome, fail, pass } = race({ direct: ['a', 'b'], proxies: [] })
    await pass(200)
    await fail('b')
    expect(await isSettled(outcome)).toBe(false)
    await fail('a')
    await expectNobody(outcome, ['b', 'a'])
  })

  it('where the proxy fails, and direct ones have had 0.9 s', async () => {
    const { outcome, fail, pass, dial } = race({ direct: ['a'], proxies: [['p']] })
    await pass(600)
    await fail('p')
    await pass(299)
    expect(await isSettled(outcome)).toBe(false)
    await pass(1)
    await expectNobody(outcome, ['p'])
    expect(dial('a').signal.aborted).toBe(true)
  })

  it('where the proxy fails long after the direct ones have had their time', async () => {
    const { outcome, fail, pass } = race({ direct: ['a'], proxies: [['p']] })
    await pass(1_000)
    await pass(3_000)
    await fail('p')
    await expectNobody(outcome, ['p'])
  })

  it('without a proxy only when each direct dial has ended', async () => {
    const { outcome, fail, pass } = race({ direct: ['a'], proxies: [] })
    await pass(4_999)
    expect(await isSettled(outcome)).toBe(false)
    await fail('a')
    await expectNobody(outcome, ['a'])
  })
})

describe('a race that is aborted', () => {
  it('throws why, dials nobody any more, and closes who still comes', async () => {
    const abort = new AbortController()
    const { outcome, begun, pass, connect } = race({ direct: ['a', 'b'], proxies: [['p']] }, abort.signal)
    await nextTurn()
    const reason = new Error('never mind')
    abort.abort(reason)
    await expect(outcome).rejects.toBe(reason)
    expect((await connect('a')).isDestroyed).toBe(true)
    await pass(5_000)
    expect(begun).toEqual(['a 0'])
  })

  it('is none where it was aborted before', async () => {
    const { outcome, begun } = race({ direct: ['a'], proxies: [] }, AbortSignal.abort(new Error('no')))
    await expect(outcome).rejects.toThrow('no')
    expect(begun).toEqual([])
  })
})
