import type { Hash } from 'node:crypto'
import fs from 'node:fs'

/** What one request may cost while a disk thread reads something again: others wait for it. */
const STEP_BYTES = 64 * 1024 * 1024
/** What opening a file costs, in the time of reading so many bytes. */
const OPEN_BYTES = 64 * 1024

/** The work of one request; whoever does it yields when the step is full, and goes on with the next request. */
export class Step {
  #bytes = 0

  /** True if the step is full: the next one begins. */
  add(bytes: number): boolean {
    this.#bytes += bytes
    if (this.#bytes < STEP_BYTES) return false
    this.#bytes = 0
    return true
  }

  opened(): boolean {
    return this.add(OPEN_BYTES)
  }
}

let memory: Buffer | undefined

/** Hashes a stretch of a file, in steps; returns how many bytes there were. */
export function* hashStretch(
  fd: number,
  hash: Hash,
  from: number,
  to: number,
  step: Step,
): Generator<undefined, number> {
  // One for the whole thread: nothing of it is needed behind a step.
  memory ??= Buffer.alloc(512 * 1024)
  let at = from
  while (at < to) {
    const read = fs.readSync(fd, memory, 0, Math.min(memory.length, to - at), at)
    if (read === 0) break
    hash.update(memory.subarray(0, read))
    at += read
    if (step.add(read)) yield
  }
  return at - from
}
