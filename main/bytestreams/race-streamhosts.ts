/** Between the beginnings of two direct dials. */
const STAGGER_MS = 200
/** Direct dials have the field to themselves for so long, if they do not all fail before. */
const PROXY_HEAD_START_MS = 600
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

/** What is tried one after the other, beginning at some moment of the race, or earlier when those before have failed. */
interface Lane<H> {
  readonly hosts: readonly H[]
  readonly beginsAtMs: number
}

/**
 * The first host to which `dial` leads; whatever else connects is destroyed. Throws NobodyReached, or `signal`'s reason.
 * `dial` gets a signal that is aborted as soon as the race is over.
 */
export async function raceStreamhosts<H, C extends Closable>(
  { direct, proxies }: Streamhosts<H>,
  dial: (host: H, signal: AbortSignal) => Promise<C>,
  signal: AbortSignal,
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
  const tryLane = async ({ hosts }: Lane<H>): Promise<void> => {
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

  const run = async (): Promise<void> => {
    const directLanes = direct.map((host, index) => ({ hosts: [host], beginsAtMs: index * STAGGER_MS }))
    const proxyLanes = proxies.map((hosts, index) => ({
      hosts,
      beginsAtMs: PROXY_HEAD_START_MS + index * PROXY_STAGGER_MS,
    }))
    const patience = sleep(DIRECT_PATIENCE_MS, ended)
    const moments = [...directLanes, ...proxyLanes].map(lane => ({
      lane,
      come: sleep(lane.beginsAtMs, ended),
    }))
    const begun: Promise<void>[] = []
    for (const [index, { lane, come }] of moments.entries()) {
      const before = index === directLanes.length ? Promise.all(begun) : begun.at(-1)
      await Promise.race([come, before])
      begun.push(tryLane(lane))
    }
    const all = Promise.all(begun)
    await Promise.all(begun.slice(directLanes.length))
    await (proxies.length > 0 ? Promise.race([all, patience]) : all)
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
