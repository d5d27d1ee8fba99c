import { Worker } from 'node:worker_threads'

/** What a disk can do to a transfer. */
export type Trouble =
  /** Takes so many bytes, then fails with an error of the operating system. */
  | { readonly kind: 'fails'; readonly code: string; readonly afterBytes: number }
  /** Writes, and reads, wait until the gate holds something else than zero. */
  | { readonly kind: 'waits'; readonly gate: Int32Array }
  /** The thread ends in the middle of a write. */
  | { readonly kind: 'exits' }
  /** The thread throws what nobody catches. */
  | { readonly kind: 'throws' }

export function startTroubledDisk(trouble: Trouble): Worker {
  return new Worker(new URL('./troubled-disk-worker.ts', import.meta.url), { workerData: trouble })
}

/** A gate for `waits`, closed. */
export function closedGate(): { readonly gate: Int32Array; open(): void } {
  const gate = new Int32Array(new SharedArrayBuffer(4))
  return {
    gate,
    open() {
      Atomics.store(gate, 0, 1)
      Atomics.notify(gate, 0)
    },
  }
}
