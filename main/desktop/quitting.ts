export interface QuittingPorts {
  /** Transfers that would be lost. */
  readonly running: () => number
  readonly ask: (running: number) => Promise<boolean>
  /** Whether what stops may go on beside the end of the program: where a delay would be taken for a refusal. */
  readonly endsAtOnce: boolean
  /** Tells the others, signs out, and saves. */
  readonly stop: () => Promise<void>
  /** Ends the program; it may not be asked again. */
  readonly exit: () => void
}

/** How long signing out may hold up the end of the program. */
const STOP_TIMEOUT_MS = 3_000

/** Quits in order: asks once while transfers run, then stops them, then ends. */
export class Quitting {
  readonly #ports: QuittingPorts
  #state: 'running' | 'asking' | 'stopping' | 'stopped' = 'running'

  constructor(ports: QuittingPorts) {
    this.#ports = ports
  }

  /** Whether windows may close now, for good. */
  get isEnding(): boolean {
    return this.#state === 'stopping' || this.#state === 'stopped'
  }

  /** Somebody wants to quit. False while it cannot be done yet: it is done later, or not at all. */
  request(): boolean {
    if (this.#state === 'stopped') return true
    if (this.#state === 'running' && this.#ports.endsAtOnce && this.#ports.running() === 0) {
      this.#state = 'stopped'
      // Word to the server leaves before the program does; what changed in its last moment may not be saved.
      this.#ports.stop().catch(() => {})
      return true
    }
    if (this.#state === 'running') void this.#quit()
    return false
  }

  async #quit(): Promise<void> {
    const running = this.#ports.running()
    if (running > 0) {
      this.#state = 'asking'
      const sure = await this.#ports.ask(running).catch(() => false)
      if (!sure) {
        this.#state = 'running'
        return
      }
    }
    this.#state = 'stopping'
    const { promise: patience, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, STOP_TIMEOUT_MS)
    await Promise.race([this.#ports.stop().catch(() => {}), patience])
    clearTimeout(timer)
    this.#state = 'stopped'
    this.#ports.exit()
  }
}
