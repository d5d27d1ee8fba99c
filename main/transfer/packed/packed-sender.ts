import type { Duplex } from 'node:stream'
import { Failure } from '../../../shared/model/failure.ts'
import { say } from '../../../shared/words/say.ts'
import { type DiskJob, type DiskPool, sharedDisk } from '../disk-pool.ts'
import { Interruption } from '../interruption.ts'
import { Outlet } from '../outlet.ts'
import { encodeSenderFrame, FRAME_BYTES } from './frames.ts'
import { LastingJob } from './lasting-job.ts'
import type { PackedContent, SourceFile } from './packed-content.ts'
import { ReceiverInput } from './receiver-input.ts'
import type { Verdict } from './requests.ts'
import { MAX_UNREAD_BYTES, NUDGE_MS, PACKED_TIMING, type PackedTiming } from './timing.ts'

export interface PackedSendOptions {
  readonly signal: AbortSignal
  /** Bytes that are stored at the receiver, in all, as it says. */
  readonly onProgress?: (bytes: number) => void
  /**
   * Something in between hands on what it has only when more comes, as Prosody's proxy does with the last 4 KiB: so more
   * comes, in signs of life.
   */
  readonly nudge?: boolean
  /** Before anything is sent: what the receiver has already. */
  readonly onBegin?: (verdict: Verdict) => void
}

export interface PackedSent extends Verdict {
  /** Of all files, those that the receiver had included. */
  readonly bytes: number
  /** Lower-case hex; of a folder, of the list of its files' digests (`totalDigest`). */
  readonly sha256: string
}

/** Files in one request to the disk thread: copying them holds up everything else. */
const FILES_A_REQUEST = 2_000

async function nudging<T>(stream: Duplex, isNeeded: boolean | undefined, wait: () => Promise<T>): Promise<T> {
  if (!isNeeded) return await wait()
  const frame = encodeSenderFrame({ kind: 'checking' })
  const timer = setInterval(() => {
    if (stream.writable && stream.writableLength === 0) stream.write(frame)
  }, NUDGE_MS)
  try {
    return await wait()
  } finally {
    clearInterval(timer)
  }
}

/**
 * Sends one file or folder to one of our own programs, over one connection after the other until it is there. What was
 * read and hashed is known from one to the next; after the program was restarted it is read again.
 */
export class PackedSender {
  readonly #kind: 'file' | 'folder'
  readonly #files: readonly SourceFile[]
  readonly #folders: readonly string[]
  readonly #size: number
  readonly #disk: DiskPool
  readonly #timing: PackedTiming
  readonly #job: LastingJob
  #sending: Promise<unknown> | undefined

  constructor(content: PackedContent, disk: DiskPool = sharedDisk, timing: PackedTiming = PACKED_TIMING) {
    this.#kind = content.kind
    this.#files = content.kind === 'file' ? [content.file] : content.files
    this.#folders = content.kind === 'file' ? [] : content.folders
    this.#size = this.#files.reduce((sum, file) => sum + file.size, 0)
    this.#disk = disk
    this.#timing = timing
    this.#job = new LastingJob(disk, job => this.#describe(job))
  }

  /**
   * One attempt over one connection; resolves when the receiver has given everything its final name. The stream is
   * neither ended nor destroyed: that is the caller's, as is an `error` listener for the time before and after. What is
   * written is shared memory, as `Outlet` says.
   *
   * Fails with `connection-lost`, after which another attempt goes on; `file-changed`, `file-not-found` or
   * `file-unreadable`, before the digest of that file has left; `protocol-error`, `checksum-mismatch`, the receiver's
   * failure in the words for this side (`peerFailure`), or the signal's reason.
   */
  async send(stream: Duplex, options: PackedSendOptions): Promise<PackedSent> {
    if (this.#sending !== undefined) throw new Failure('bug', 'bug: it is being sent already')
    const sending = this.#send(stream, options)
    this.#sending = sending.catch(() => {})
    try {
      return await sending
    } catch (error) {
      throw Failure.from(error)
    } finally {
      this.#sending = undefined
    }
  }

  /** Lets go of what is known of the files. Waits for an attempt under way; whoever wants to stop it aborts its signal. */
  async close(): Promise<void> {
    await this.#sending
    await this.#job.close()
  }

  async #send(stream: Duplex, options: PackedSendOptions): Promise<PackedSent> {
    const interruption = new Interruption(options.signal)
    await using cleanUp = new AsyncDisposableStack()
    cleanUp.defer(() => interruption.dispose())
    const buffers = this.#disk.lend(this.#size + this.#files.length * FRAME_BYTES)
    const outlet = new Outlet(stream, buffers, interruption)
    cleanUp.defer(() => this.#disk.takeBack(buffers, outlet.reusable))
    const job = await interruption.wait(this.#job.get())
    // Behind it, the thread is done with the buffers, too.
    cleanUp.defer(() => job.packed({ kind: 'pack-pause' }).catch(() => {}))
    await interruption.wait(job.packed({ kind: 'pack-begin' }))
    const receiver = new ReceiverInput(stream, {
      sending: { files: this.#files.length, size: this.#size, sizeOf: file => this.#files[file]?.size ?? 0 },
      silenceMs: this.#timing.receiverSilenceMs,
      claimed: claims => job.packed({ kind: 'pack-claims', claims }),
      stored: bytes => options.onProgress?.(bytes),
      failed: failure => interruption.interrupt(failure),
    })
    cleanUp.defer(() => receiver.stop())
    if (this.#kind === 'folder') await this.#pour(outlet, job)
    await nudging(stream, options.nudge, () => interruption.wait(receiver.hasClaimed))
    const verdict = await this.#check(job, stream, interruption)
    receiver.begins(verdict)
    options.onBegin?.(verdict)
    const sent = await this.#pour(outlet, job, () => receiver.sentAll())
    const sha256 = await nudging(stream, options.nudge, () => interruption.wait(receiver.done))
    if (sha256 !== sent) {
      throw new Failure('checksum-mismatch', say('transfer.not-what-was-sent'))
    }
    options.onProgress?.(this.#size)
    return { bytes: this.#size, sha256, ...verdict }
  }

  /** Sends what there is to send for now; gives the SHA-256 of everything where that was the end. */
  async #pour(outlet: Outlet, job: DiskJob, sentAll?: () => void): Promise<string | undefined> {
    let over = false
    let sha256: string | undefined
    await outlet.pour(buffer => {
      if (over) return undefined
      return job.packed({ kind: 'pack-fill', buffer }).then(filled => {
        over = filled.over
        sha256 = filled.sha256
        if (over) sentAll?.()
        return filled.length
      })
    })
    return sha256
  }

  /** Finds out what the claims are worth, with signs of life meanwhile. */
  async #check(job: DiskJob, stream: Duplex, interruption: Interruption): Promise<Verdict> {
    const frame = encodeSenderFrame({ kind: 'checking' })
    const heartbeat = setInterval(() => {
      if (stream.writable && stream.writableLength < MAX_UNREAD_BYTES) stream.write(frame)
    }, this.#timing.heartbeatMs)
    try {
      for (;;) {
        const verdict = await interruption.wait(job.packed({ kind: 'pack-check' }))
        if (verdict !== undefined) return verdict
      }
    } finally {
      clearInterval(heartbeat)
    }
  }

  async #describe(job: DiskJob): Promise<void> {
    await job.packed({ kind: 'pack-open', content: this.#kind, folders: this.#folders })
    for (let from = 0; from < this.#files.length; from += FILES_A_REQUEST) {
      await job.packed({ kind: 'pack-files', files: this.#files.slice(from, from + FILES_A_REQUEST) })
    }
  }
}
