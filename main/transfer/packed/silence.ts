/** Notices that nothing has been heard for a while. */
export class Silence {
  readonly #timer: NodeJS.Timeout
  #heard = 0

  /** `silent` is called at most once, and not while `isExpected` says that nobody has to speak. */
  constructor(ms: number, silent: () => void, isExpected: () => boolean = () => false) {
    this.#timer = setInterval(() => {
      const heard = this.#heard
      // What arrived while this computer slept or was busy is delivered first.
      setImmediate(() => {
        if (heard !== this.#heard || isExpected()) return
        this.stop()
        silent()
      })
    }, ms)
  }

  heard(): void {
    this.#heard += 1
    this.#timer.refresh()
  }

  stop(): void {
    this.#heard += 1
    clearInterval(this.#timer)
  }
}
