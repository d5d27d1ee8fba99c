/** Between the beginnings of two direct dials. */
const STAGGER_MS = 200
/** Direct dials have the field to themselves for so long, if they do not all fail before. */
const PROXY_HEAD_START_MS = 600
/** The same, where another method has just found that neither side is reached: one round trip of what is near. */
const UNLIKELY_HEAD_START_MS = 100
/** Between the beginnings of two proxies: each of them is a stranger's server, and one will do. */
const PROXY_STAGGER_MS = 1_000
/** Where no proxy will do, a direct dial that has not come through by now is waited for no longer. */
const DIRECT_PATIENCE_MS = 900

/** The hosts of one stream, best first. */
export interface Streamhosts<H> {
  readonly direct: readonly H[]
  /**
   * Each with all addresses of one proxy. They are tried one after the other: to a proxy, the second connection that names
   * a stream is the stream's other end.
   */
  readonly proxies: readonly (readonly H[])[]
}

interface Closable {
  destroy(): void
}

/** Nobody was reached. */
export class NobodyReached<H> extends Error {
  readonly attempts: readonly { readonly host: H; readonly error: unknown }[]

  constructor(attempts: readonly { readonly host: H; readonly error: unknown }[]) {
    super(`none of ${attempts.length} hosts was reached`, {
      cause: new AggregateError(attempts.map(one => one.error)),
    })
    this.name = 'NobodyReached'
    this.attempts = attempts
  }
}

/**
 * The first host to which `dial` leads; whatever else connects is destroyed. Throws NobodyReached, or `signal`'s reason.
 * `dial` gets a signal that is aborted as soon as the race is over. `isDirectUnlikely`: nobody was reached directly a moment
 * ago, by another method.
 */
export async function raceStreamhosts<H, C extends Closable>(
  { direct, proxies }: Streamhosts<H>,
  dial: (host: H, signal: AbortSignal) => Promise<C>,
  signal: AbortSignal,
  isDirectUnlikely = false,
): Promise<{ readonly host: H; readonly connection: C }> {
  signal.throwIfAborted()
  const over = new AbortController()
  const ended = AbortSignal.any([signal, over.signal])
  const attempts: { readonly host: H; readonly error: unknown }[] = []
  const { promise, resolve, reject } = Promise.withResolvers<{ host: H; connection: C }>()
  const abort = (): void => reject(signal.reason)
  signal.addEventListener('abort', abort)

  const enter = (host: H, connection: C): void => {
    // Aborting cannot recall a connection that was made in the same tick: closed here, or it leaks.
    if (ended.aborted) {
      connection.destroy()
      return
    }
    over.abort()
    resolve({ host, connection })
  }
  const tryLane = async (hosts: readonly H[]): Promise<void> => {
    for (const host of hosts) {
      if (ended.aborted) return
      try {
        enter(host, await dial(host, ended))
        return
      } catch (error) {
        attempts.push({ host, error })
      }
    }
  }

  /** Each lane begins at its moment of the race, or earlier: as soon as what was begun before it has failed. */
  const tryLanes = async (
    lanes: readonly (readonly H[])[],
    { firstMs, staggerMs, before }: { firstMs: number; staggerMs: number; before: Promise<void> },
  ): Promise<void> => {
    const moments = lanes.map((lane, index) => ({ lane, come: sleep(firstMs + index * staggerMs, ended) }))
    const begun: Promise<void>[] = []
    for (const { lane, come } of moments) {
      await Promise.race([come, begun.at(-1) ?? before])
      begun.push(tryLane(lane))
    }
    await Promise.all(begun)
  }

  const run = async (): Promise<void> => {
    const patience = sleep(DIRECT_PATIENCE_MS, ended)
    const directly = tryLanes(
      direct.map(host => [host]),
      { firstMs: 0, staggerMs: STAGGER_MS, before: Promise.resolve() },
    )
    const firstMs = isDirectUnlikely ? UNLIKELY_HEAD_START_MS : PROXY_HEAD_START_MS
    await tryLanes(proxies, { firstMs, staggerMs: PROXY_STAGGER_MS, before: directly })
    await (proxies.length > 0 ? Promise.race([directly, patience]) : directly)
    reject(new NobodyReached(attempts))
  }
  try {
    const running = run()
    running.catch(reject)
    return await promise
  } finally {
    signal.removeEventListener('abort', abort)
    over.abort()
  }
}

/** Resolves after `ms`, or as soon as `signal` is aborted. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}
