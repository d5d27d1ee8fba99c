/**
 * The disk threads and the memory that all transfers share.
 *
 * A transfer opens a job on the least busy thread and borrows a few buffers of shared memory. Both are bounded:
 * the number of threads, and the sum of all buffers. When everything is at rest for a while, the threads end
 * and the memory is let go; they never keep the process alive by themselves.
 */
import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { Failure } from '../../shared/model/failure.ts'
import type { Digests, DiskAnswer, DiskRequest } from './disk-worker.ts'
import type { PackedAnswers, PackedRequest } from './packed/requests.ts'
import { startDiskThread } from './start-disk-thread.ts'

export interface DiskPoolOptions {
  /** Threads at most; every thread is started when a transfer first needs it. */
  readonly threads?: number
  /** Bytes of one buffer of a large transfer. */
  readonly chunkBytes?: number
  /** Bytes of one buffer of a small transfer, and of every transfer when memory is short. */
  readonly smallChunkBytes?: number
  /**
   * Large buffers that one transfer gets at most. Many, since a thread that has to wait for its turn on a busy
   * computer stands still for milliseconds, and the others have to go on meanwhile.
   */
  readonly buffersPerTransfer?: number
  /** What all large buffers together may take. */
  readonly memoryBytes?: number
  /** How long after the last job the threads end. */
  readonly idleMs?: number
  readonly start?: () => Worker
}

type RequestBody = DiskRequest extends infer R ? (R extends unknown ? Omit<R, 'id' | 'job'> : never) : never

interface Pending {
  resolve(answer: DiskAnswer): void
  reject(error: Error): void
}

/** Small buffers that one transfer gets at most. */
const SMALL_BUFFERS = 4

/** An error that the operating system reported on the disk thread; `code` is ENOSPC and the like. */
class DiskError extends Error {
  readonly code: string | undefined
  constructor(message: string, code: string | undefined) {
    super(message)
    this.name = 'DiskError'
    this.code = code
  }
}

class DiskThread {
  jobs = 0
  dead = false
  readonly #worker: Worker
  readonly #pending = new Map<number, Pending>()
  #lastId = 0

  constructor(worker: Worker, died: (thread: DiskThread) => void) {
    this.#worker = worker
    let cause: unknown
    worker.unref()
    worker.on('message', (answer: DiskAnswer) => this.#settle(answer))
    worker.on('error', error => {
      cause = error
    })
    worker.on('exit', code => {
      this.dead = true
      died(this)
      const failure = new Failure('bug', `bug: a disk thread ended with code ${code}`, { cause })
      for (const pending of this.#pending.values()) pending.reject(failure)
      this.#pending.clear()
    })
  }

  /** A job under way keeps the process alive, a thread at rest does not. */
  addJob(): void {
    this.jobs += 1
    if (this.jobs === 1) this.#worker.ref()
  }

  removeJob(): void {
    this.jobs -= 1
    if (this.jobs === 0) this.#worker.unref()
  }

  ask(job: number, body: RequestBody): Promise<DiskAnswer> {
    return new Promise((resolve, reject) => {
      if (this.dead) {
        reject(new Failure('bug', 'bug: the disk thread of this transfer has ended'))
        return
      }
      this.#lastId += 1
      this.#pending.set(this.#lastId, { resolve, reject })
      this.#worker.postMessage({ ...body, id: this.#lastId, job })
    })
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  #settle(answer: DiskAnswer): void {
    const pending = this.#pending.get(answer.id)
    this.#pending.delete(answer.id)
    if (answer.kind === 'failed') pending?.reject(thrown(answer))
    else pending?.resolve(answer)
  }
}

/** What the thread threw, on this side of it. */
function thrown({ message, code, failure }: DiskAnswer & { kind: 'failed' }): Error {
  if (failure === undefined) return new DiskError(message, code)
  return new Failure(failure, message, code === undefined ? {} : { cause: new DiskError(code, code) })
}

/** The reads or the writes of one transfer, in order, hashed as they pass. */
export class DiskJob {
  readonly #thread: DiskThread
  readonly #id: number
  readonly #md5: boolean
  readonly #closed: () => void
  #open = true

  constructor(thread: DiskThread, id: number, md5: boolean, closed: () => void) {
    this.#thread = thread
    this.#id = id
    this.#md5 = md5
    this.#closed = closed
  }

  /** Fills the buffer from the file, and returns how many bytes there were before the file's end. */
  async read(fd: number, buffer: Uint8Array, length: number, position: number): Promise<number> {
    const answer = await this.#ask({ kind: 'read', fd, buffer, length, position })
    return answer.kind === 'read' ? answer.length : 0
  }

  async write(fd: number, buffer: Uint8Array, length: number, position: number): Promise<void> {
    await this.#ask({ kind: 'write', md5: this.#md5, fd, buffer, length, position })
  }

  /** Of all bytes that this job has read or written. To be asked once, at the end. */
  async digest(): Promise<Digests> {
    const answer = await this.#ask({ kind: 'digest', md5: this.#md5 })
    if (answer.kind !== 'digest') throw new Failure('bug', 'bug: the disk thread gave no digest')
    return answer.digests
  }

  /** For file streams between our own programs. Rejects with a Failure. */
  async packed<K extends PackedRequest['kind']>(
    request: PackedRequest & { readonly kind: K },
  ): Promise<PackedAnswers[K]> {
    const answer = await this.#ask(request)
    if (answer.kind !== 'packed') throw new Failure('bug', 'bug: the disk thread answered something else')
    return answer.result as PackedAnswers[K]
  }

  /** The thread has ended, and with it everything that it knew of this job. */
  get isLost(): boolean {
    return this.#thread.dead
  }

  /** Resolves once the thread touches neither the file nor the buffers of this job any more. Never rejects. */
  async close(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    // A thread that died touches nothing either.
    await this.#thread.ask(this.#id, { kind: 'forget' }).catch(() => {})
    this.#closed()
  }

  #ask(body: RequestBody): Promise<DiskAnswer> {
    // Behind `close`, the descriptor may be another file's.
    if (!this.#open) throw new Failure('bug', 'bug: the transfer went on after its end')
    return this.#thread.ask(this.#id, body)
  }
}

export class DiskPool {
  readonly #threads = new Set<DiskThread>()
  readonly #maxThreads: number
  readonly #chunkBytes: number
  readonly #smallChunkBytes: number
  readonly #buffersPerTransfer: number
  readonly #memoryBytes: number
  readonly #idleMs: number
  readonly #start: () => Worker
  readonly #spare = new Map<number, Uint8Array[]>()
  /** Large buffers that are lent. Small ones are not counted: they are what one gets when memory is short. */
  #lentLargeBytes = 0
  #jobs = 0
  #lastJob = 0
  #idle: NodeJS.Timeout | undefined

  constructor(options: DiskPoolOptions = {}) {
    this.#maxThreads = options.threads ?? Math.min(availableParallelism(), 4)
    this.#chunkBytes = options.chunkBytes ?? 512 * 1024
    this.#smallChunkBytes = options.smallChunkBytes ?? 64 * 1024
    this.#buffersPerTransfer = options.buffersPerTransfer ?? 16
    this.#memoryBytes = options.memoryBytes ?? 32 * 1024 * 1024
    this.#idleMs = options.idleMs ?? 5_000
    this.#start = options.start ?? startDiskThread
  }

  /** Threads that run now. */
  get threads(): number {
    return this.#threads.size
  }

  /** Jobs that are open now. */
  get jobs(): number {
    return this.#jobs
  }

  /** A transfer is coming: starts a thread for it now, so that its first byte need not wait for that. */
  warm(): void {
    if (this.#threads.size > 0) return
    this.#leastBusy()
    if (this.#jobs === 0) this.#rest()
  }

  open(options: { readonly md5?: boolean } = {}): DiskJob {
    clearTimeout(this.#idle)
    const thread = this.#leastBusy()
    thread.addJob()
    this.#jobs += 1
    this.#lastJob += 1
    return new DiskJob(thread, this.#lastJob, options.md5 ?? false, () => {
      thread.removeJob()
      this.#jobs -= 1
      if (this.#jobs === 0) this.#rest()
    })
  }

  /**
   * Buffers for a transfer of `size` bytes; `undefined` is any size. At least one, of at least one byte.
   * To be given back, except those that the operating system may still be reading: they are left to the
   * garbage collector.
   */
  lend(size: number | undefined): Uint8Array[] {
    const wanted = size ?? Number.POSITIVE_INFINITY
    const count = (bytes: number, most: number): number =>
      Math.max(1, Math.min(most, Math.ceil(wanted / bytes)))
    const largeCount = count(this.#chunkBytes, this.#buffersPerTransfer)
    const large =
      this.#chunkBytes > this.#smallChunkBytes &&
      wanted > SMALL_BUFFERS * this.#smallChunkBytes &&
      this.#lentLargeBytes + largeCount * this.#chunkBytes <= this.#memoryBytes
    const bytes = large ? this.#chunkBytes : this.#smallChunkBytes
    const length = large ? largeCount : count(bytes, SMALL_BUFFERS)
    if (large) this.#lentLargeBytes += length * bytes
    const spare = this.#spare.get(bytes) ?? []
    // Shared memory is used again rather than left to two garbage collectors, of which the thread's may not
    // run for a long time.
    return Array.from({ length }, () => spare.pop() ?? Buffer.from(new SharedArrayBuffer(bytes)))
  }

  /** Takes back what `lend` lent; `reusable` leaves out what something may still be reading. */
  takeBack(lent: readonly Uint8Array[], reusable: readonly Uint8Array[] = lent): void {
    for (const buffer of lent)
      if (buffer.length > this.#smallChunkBytes) this.#lentLargeBytes -= buffer.length
    for (const buffer of reusable) {
      const spare = this.#spare.get(buffer.length)
      if (spare === undefined) this.#spare.set(buffer.length, [buffer])
      else if (spare.length * buffer.length < this.#memoryBytes) spare.push(buffer)
    }
  }

  /** Ends the threads; jobs that are still open fail. The pool starts afresh with the next job. */
  async close(): Promise<void> {
    clearTimeout(this.#idle)
    this.#spare.clear()
    const threads = [...this.#threads]
    this.#threads.clear()
    await Promise.all(threads.map(thread => thread.end()))
  }

  #leastBusy(): DiskThread {
    let best: DiskThread | undefined
    for (const thread of this.#threads) if (best === undefined || thread.jobs < best.jobs) best = thread
    if (best !== undefined && (best.jobs === 0 || this.#threads.size >= this.#maxThreads)) return best
    const thread = new DiskThread(this.#start(), died => this.#threads.delete(died))
    this.#threads.add(thread)
    return thread
  }

  #rest(): void {
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => void this.close(), this.#idleMs)
    this.#idle.unref()
  }
}

/** What every transfer of this process uses. */
export const sharedDisk = new DiskPool()
