export interface IdlenessOptions {
  /** How long nobody has touched this computer, as the system tells it. */
  readonly idleSeconds: () => number
  /** Somebody has gone, or is back. */
  readonly changed: () => void
}

/** How often the system is asked, and after which time without input a person counts as gone. */
const LOOK_EVERY_MS = 30_000
const GONE_AFTER_SECONDS = 10 * 60

/** Whether anybody is at this computer. */
export class Idleness {
  readonly #options: IdlenessOptions
  #since: Date | undefined
  #isLocked = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: IdlenessOptions) {
    this.#options = options
  }

  /** Since when nobody is; undefined while somebody is, as far as can be told. */
  get since(): Date | undefined {
    return this.#since
  }

  start(): void {
    this.#timer ??= setInterval(() => this.look(), LOOK_EVERY_MS).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** The screen was locked: nobody is there from now on, until it is unlocked. */
  lock(isLocked: boolean): void {
    this.#isLocked = isLocked
    this.look()
  }

  /** Asks the system now. */
  look(): void {
    const seconds = this.#options.idleSeconds()
    const isGone = this.#isLocked || seconds >= GONE_AFTER_SECONDS
    if (isGone === (this.#since !== undefined)) return
    this.#since = isGone ? new Date(Date.now() - seconds * 1_000) : undefined
    this.#options.changed()
  }
}
