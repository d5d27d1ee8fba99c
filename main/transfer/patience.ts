import { type Duplex, finished } from 'node:stream'

const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Waits for `ms`, which may be infinite, or until `signal` is aborted: then throws its reason. */
export async function delay(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  // Longer than a timer can be is as good as for ever.
  const timer = ms > LONGEST_TIMER_MS ? undefined : setTimeout(resolve, ms)
  try {
    await unlessAborted(promise, signal)
  } finally {
    clearTimeout(timer)
  }
}

/** `promise`, but not after `signal` is aborted: then throws its reason. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort)
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/**
 * How the other end closed its direction within `ms`: `ended` in order, `broken` by a reset or without a
 * farewell, `open` still. What arrives meanwhile is read and dropped.
 */
export async function howItEnded(
  stream: Duplex,
  ms: number,
  signal: AbortSignal,
): Promise<'ended' | 'broken' | 'open'> {
  const { promise, resolve } = Promise.withResolvers<'ended' | 'broken'>()
  const stop = finished(stream, { readable: true, writable: false }, error =>
    resolve(error == null ? 'ended' : 'broken'),
  )
  stream.resume()
  const patience = new AbortController()
  try {
    const expired = delay(ms, AbortSignal.any([signal, patience.signal])).then(() => 'open' as const)
    return await Promise.race([promise, expired])
  } finally {
    patience.abort()
    stop()
  }
}
