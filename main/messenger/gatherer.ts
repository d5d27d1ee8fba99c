/** Gathers what changed and hands it on together: at once when it was quiet, else at most ten times a second. */
export class Gatherer<K> {
  readonly #flush: (keys: readonly K[]) => void
  readonly #intervalMs: number
  readonly #dirty = new Set<K>()
  #timer: NodeJS.Timeout | undefined
  #last = Number.NEGATIVE_INFINITY

  constructor(flush: (keys: readonly K[]) => void, intervalMs = 100) {
    this.#flush = flush
    this.#intervalMs = intervalMs
  }

  add(key: K): void {
    this.#dirty.add(key)
    if (this.#timer !== undefined) return
    const wait = Math.max(0, this.#last + this.#intervalMs - performance.now())
    this.#timer = setTimeout(() => this.#now(), wait)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#dirty.clear()
  }

  #now(): void {
    this.#timer = undefined
    this.#last = performance.now()
    const keys = [...this.#dirty]
    this.#dirty.clear()
    this.#flush(keys)
  }
}
