/** Something that is to happen; `cancel` and it does not. */
export interface Planned {
  readonly at: number
  readonly order: number
  run: (() => void) | undefined
}

/** Time that passes only from one planned thing to the next; of two at the same time the first planned is first. */
export class FakeClock {
  #now = 0
  #planned = 0
  readonly #heap: Planned[] = []

  get now(): number {
    return this.#now
  }

  in(ms: number, run: () => void): Planned {
    const planned: Planned = { at: this.#now + ms, order: this.#planned++, run }
    const heap = this.#heap
    let index = heap.push(planned) - 1
    while (index > 0) {
      const above = (index - 1) >> 1
      const parent = heap[above] as Planned
      if (!isBefore(planned, parent)) break
      heap[index] = parent
      index = above
    }
    heap[index] = planned
    return planned
  }

  cancel(planned: Planned | undefined): void {
    if (planned !== undefined) planned.run = undefined
  }

  /** Runs everything, and what that plans, to the end. Returns how many things happened. */
  runToEnd(atMost: number): number {
    let happened = 0
    for (let next = this.#pop(); next !== undefined; next = this.#pop()) {
      if (next.run === undefined) continue
      if (happened++ >= atMost) throw new Error(`still busy after ${atMost} events`)
      this.#now = next.at
      next.run()
    }
    return happened
  }

  #pop(): Planned | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || first === last) return first
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Planned, heap[child] as Planned)) child += 1
      const smaller = heap[child] as Planned
      if (!isBefore(smaller, last)) break
      heap[index] = smaller
      index = child
    }
    heap[index] = last
    return first
  }
}

function isBefore(a: Planned, b: Planned): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
