import type { Duplex } from 'node:stream'
import { Failure } from '../../../shared/model/failure.ts'
import { type DiskJob, type DiskPool, sharedDisk } from '../disk-pool.ts'
import { abortFailure, Interruption } from '../interruption.ts'
import type { Manifest } from '../manifest.ts'
import { write } from '../outlet.ts'
import { delay, howItEnded, unlessAborted } from '../patience.ts'
import { encodeReceiverFrame, FRAME_BYTES } from './frames.ts'
import { LastingJob } from './lasting-job.ts'
import type { PackedExpectation, PackedTarget } from './packed-target.ts'
import type { Place, Verdict } from './requests.ts'
import { SenderInput } from './sender-input.ts'
import { NUDGE_MS, PACKED_TIMING, type PackedTiming } from './timing.ts'

export interface PackedReceiveOptions {
  readonly signal: AbortSignal
  /** Bytes that are written, in all, those of earlier connections included. */
  readonly onProgress?: (bytes: number) => void
  /** Something in between hands on what it has only when more comes (see `PackedSendOptions`). */
  readonly nudge?: boolean
  /** Before anything is written: what the sender found to be here already. */
  readonly onBegin?: (verdict: Verdict) => void
  /**
   * Of a folder: its manifest, which was checked, before anything below its root is looked at, written or removed. Called
   * for the first connection, and again should the sender's folder be another one later.
   */
  readonly save?: (manifest: Manifest) => Promise<void>
}

export interface PackedReceived {
  /** Where it is now. */
  readonly path: string
  readonly bytes: number
  /** Lower-case hex; of a folder, of the list of its files' digests (`totalDigest`). */
  readonly sha256: string
  /** Bytes that were here when this connection began. */
  readonly resumedFrom: number
  /**
   * Resolves when the sender has heard of it, which it shows by closing the connection, or has had the time to. Whoever
   * closes it before, or ends the program, may take our last word along. What still comes is dropped. Never rejects.
   */
  readonly heard: () => Promise<void>
}

/** How long our last word, and the sender's reading it, may take. */
const FAREWELL_MS = 2_000
/** The same, where the file is here and the sender would ask for nothing but the word of it. */
const HEARD_MS = 5_000
/** Files, and folders, of the manifest in one answer of the disk thread. */
const ENTRIES_A_REQUEST = 2_000

/**
 * Receives one file or folder from one of our own programs, over one connection after the other until it is here. What
 * was written and hashed is known from one to the next; after the program was restarted it is read again.
 */
export class PackedReceiver {
  readonly #expected: PackedExpectation
  readonly #target: PackedTarget
  readonly #disk: DiskPool
  readonly #timing: PackedTiming
  readonly #job: LastingJob
  #receiving: Promise<unknown> | undefined
  /** Of the manifest that was saved. */
  #saved: string | undefined

  constructor(
    expected: PackedExpectation,
    target: PackedTarget,
    disk: DiskPool = sharedDisk,
    timing: PackedTiming = PACKED_TIMING,
  ) {
    this.#expected = expected
    this.#target = target
    this.#disk = disk
    this.#timing = timing
    this.#job = new LastingJob(disk, async job => {
      await job.packed({ kind: 'unpack-open', expected, place: placeOf(target) })
    })
  }

  /**
   * One attempt over one connection; resolves when everything has its final name and the sender was told. The stream is
   * neither ended nor destroyed: that is the caller's, as is an `error` listener for the time before and after. Bytes
   * that were unshifted into a socket become the receiver's.
   *
   * Fails with `connection-lost` or `incomplete` where the connection ended, after which another attempt goes on from
   * all that had been delivered; with `protocol-error`, `too-many-bytes`, `file-not-allowed`, `checksum-mismatch` (then
   * that file is removed), `disk-full` or `cannot-write`, of which the sender is told; or with the signal's reason.
   */
  async receive(stream: Duplex, options: PackedReceiveOptions): Promise<PackedReceived> {
    if (this.#receiving !== undefined) throw new Failure('bug', 'bug: it is being received already')
    const receiving = this.#receive(stream, options)
    this.#receiving = receiving.catch(() => {})
    try {
      const received = await receiving
      return { ...received, heard: () => untilHeard(stream, received.bytes, options.nudge ?? false) }
    } catch (error) {
      throw Failure.from(error)
    } finally {
      this.#receiving = undefined
    }
  }

  /** Lets go of what is known of the files. Waits for an attempt under way; whoever wants to stop it aborts its signal. */
  async close(): Promise<void> {
    await this.#receiving
    await this.#job.close()
  }

  async #receive(stream: Duplex, options: PackedReceiveOptions): Promise<Omit<PackedReceived, 'heard'>> {
    const { signal } = options
    const { kind, size } = this.#expected
    const files = this.#expected.kind === 'folder' ? this.#expected.files : 1
    const interruption = new Interruption(signal)
    await using cleanUp = new AsyncDisposableStack()
    cleanUp.defer(() => interruption.dispose())
    const buffers = this.#disk.lend(size + files * FRAME_BYTES)
    cleanUp.defer(() => this.#disk.takeBack(buffers))
    const job = await interruption.wait(this.#job.get())
    // Behind it, the thread is done with the buffers, too.
    cleanUp.defer(() => job.packed({ kind: 'unpack-pause' }).catch(() => {}))
    await interruption.wait(job.packed({ kind: 'unpack-begin' }))
    const sender = new SenderInput(stream, buffers, {
      kind,
      size,
      timing: options.nudge ? { ...this.#timing, heartbeatMs: NUDGE_MS } : this.#timing,
      feed: (buffer, length) => job.packed({ kind: 'unpack-feed', buffer, length }),
      began: verdict => options.onBegin?.(verdict),
      stored: bytes => options.onProgress?.(bytes),
      failed: failure => interruption.interrupt(failure),
    })
    cleanUp.defer(() => sender.stop())
    try {
      sender.start()
      await this.#untilWhole(stream, job, sender, interruption, options)
      const { sha256, isExisting } = await unlessAborted(job.packed({ kind: 'unpack-finish' }), signal)
      if (signal.aborted) throw abortFailure(signal)
      const { existing } = this.#target
      const path = isExisting && existing !== undefined ? existing : await this.#target.commit(sha256)
      await tellDone(stream, sha256)
      return { path, bytes: size, sha256, resumedFrom: sender.verdict?.resumedFrom ?? 0 }
    } catch (error) {
      const failure = Failure.from(error)
      sender.stop()
      if (!isBreak(failure) && !signal.aborted) await tellFailed(stream, failure, signal)
      throw failure
    }
  }

  /** Says what is here, and takes the rest. */
  async #untilWhole(
    stream: Duplex,
    job: DiskJob,
    sender: SenderInput,
    interruption: Interruption,
    { save, signal }: PackedReceiveOptions,
  ): Promise<void> {
    try {
      if (this.#expected.kind === 'folder') {
        await interruption.wait(sender.hasManifest)
        if (save !== undefined && sender.manifest !== this.#saved) {
          await interruption.wait(manifestOf(job).then(save))
          this.#saved = sender.manifest
        }
      }
      for (let over = false; !over; ) {
        const claim = await interruption.wait(job.packed({ kind: 'unpack-claim' }))
        if (claim.frame !== undefined) await interruption.wait(write(stream, claim.frame))
        over = claim.over
      }
      sender.claimed()
      await interruption.wait(write(stream, encodeReceiverFrame({ kind: 'have-end' })))
      await interruption.wait(sender.whole)
    } catch (error) {
      const failure = Failure.from(error)
      const worse = await sender.takeLeftovers()
      if (signal.aborted || !isBreak(failure)) throw failure
      // Another connection would mend nothing.
      if (worse !== undefined) throw worse
      if (!sender.isWhole) throw failure
    }
  }
}

function placeOf(target: PackedTarget): Place {
  if ('root' in target) return { root: target.root, existing: target.existing }
  return { name: target.name, path: target.path, existing: target.existing }
}

function isBreak({ code }: Failure): boolean {
  return code === 'connection-lost' || code === 'incomplete'
}

/** In parts, so that copying it holds nobody up. */
async function manifestOf(job: DiskJob): Promise<Manifest> {
  const files: Manifest['files'][number][] = []
  const folders: string[] = []
  for (let from = 0; ; from += ENTRIES_A_REQUEST) {
    const part = await job.packed({ kind: 'unpack-manifest', from, count: ENTRIES_A_REQUEST })
    if (part.files.length + part.folders.length === 0) return { files, folders }
    files.push(...part.files)
    folders.push(...part.folders)
  }
}

/** It is here in any case: whether the sender hears of it is up to the connection. */
async function tellDone(stream: Duplex, sha256: string): Promise<void> {
  const patience = new AbortController()
  const told = write(stream, encodeReceiverFrame({ kind: 'done', sha256 }))
  await Promise.race([told, delay(FAREWELL_MS, patience.signal)]).catch(() => {})
  patience.abort()
}

async function untilHeard(stream: Duplex, bytes: number, nudge: boolean): Promise<void> {
  const frame = encodeReceiverFrame({ kind: 'at', bytes })
  const push = (): void => {
    if (stream.writable && stream.writableLength === 0) stream.write(frame)
  }
  const timer = nudge ? setInterval(push, NUDGE_MS) : undefined
  await howItEnded(stream, HEARD_MS, new AbortController().signal)
  clearInterval(timer)
}

/** What the sender had sent before it hears of it is read and dropped: unread, it would turn our word into a reset. */
async function tellFailed(stream: Duplex, { code }: Failure, signal: AbortSignal): Promise<void> {
  if (!stream.writable) return
  stream.write(encodeReceiverFrame({ kind: 'failed', code }))
  await howItEnded(stream, FAREWELL_MS, signal).catch(() => {})
  stream.pause()
}
