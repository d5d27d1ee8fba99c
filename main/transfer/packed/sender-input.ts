import type { Duplex } from 'node:stream'
import { Failure } from '../../../shared/model/failure.ts'
import { say } from '../../../shared/words/say.ts'
import { Intake, type IntakeOwner } from '../intake.ts'
import { lostConnection, whenStreamFails } from '../stream-failure.ts'
import { encodeReceiverFrame } from './frames.ts'
import type { Unpacked, Verdict } from './requests.ts'
import { Silence } from './silence.ts'
import { MAX_UNREAD_BYTES, type PackedTiming } from './timing.ts'

export interface SenderInputOptions {
  /** Whether a manifest comes first. */
  readonly kind: 'file' | 'folder'
  /** Bytes of all files. */
  readonly size: number
  readonly timing: PackedTiming
  /** Uses up the first `length` bytes of the buffer. */
  feed(buffer: Uint8Array, length: number): Promise<Unpacked>
  began(verdict: Verdict): void
  /** Bytes that are written in all; never fewer than before. */
  stored(bytes: number): void
  /** It is over: the connection, our patience, or what came was wrong or could not be written. */
  failed(failure: Failure): void
}

/** How long what arrives slowly is gathered. */
const FLUSH_MS = 5
/** How often the sender is told at most what is stored. */
const TELL_MS = 100

/**
 * Takes what comes from the sender of a file stream, and gives it signs of life. The stream is left paused, neither
 * ended nor destroyed.
 */
export class SenderInput implements IntakeOwner {
  verdict: Verdict | undefined
  /** Stands for the manifest, once it is here. */
  manifest: string | undefined
  readonly #input: Duplex
  readonly #options: SenderInputOptions
  readonly #intake: Intake
  readonly #silence: Silence
  readonly #hasManifest = Promise.withResolvers<void>()
  readonly #whole = Promise.withResolvers<void>()
  #forgetFailures = (): void => {}
  #heartbeat: NodeJS.Timeout | undefined
  #stage: Unpacked['stage']
  #stored = 0
  #toldAt = 0

  constructor(input: Duplex, buffers: readonly Uint8Array[], options: SenderInputOptions) {
    this.#input = input
    this.#options = options
    this.#stage = options.kind === 'folder' ? 'manifest' : 'claims'
    this.#intake = new Intake(input, buffers, this, FLUSH_MS)
    this.#silence = new Silence(
      options.timing.senderSilenceMs,
      () => options.failed(new Failure('connection-lost', say('peer.silent'))),
      () => this.#isOurTurn,
    )
  }

  /** Resolves when the manifest of a folder is here, and is one. */
  get hasManifest(): Promise<void> {
    return this.#hasManifest.promise
  }

  /** Resolves when everything is here and written. */
  get whole(): Promise<void> {
    return this.#whole.promise
  }

  get isWhole(): boolean {
    return this.#stage === 'end'
  }

  start(): void {
    const input = this.#input
    this.#heartbeat = setInterval(() => this.#tell(), this.#options.timing.heartbeatMs)
    // What arrived whole is whole, however the connection ends afterwards.
    this.#forgetFailures = whenStreamFails(input, failure => this.isWhole || this.#options.failed(failure))
    if (input.readableEnded) this.ended()
    else if (input.destroyed) this.#options.failed(lostConnection(input.errored))
    else this.#intake.start()
  }

  /** Everything that is here was claimed: it is the sender's turn. */
  claimed(): void {
    this.#stage = 'files'
    this.#silence.heard()
  }

  /**
   * Writes what had been delivered before the connection ended. Never rejects; gives what is wrong with it, or why it
   * could not be written.
   */
  async takeLeftovers(): Promise<Failure | undefined> {
    this.#intake.takeLeftovers()
    return this.#intake.flush().then(
      () => undefined,
      error => Failure.from(error),
    )
  }

  stop(): void {
    this.#silence.stop()
    clearInterval(this.#heartbeat)
    this.#forgetFailures()
    this.#intake.abandon()
  }

  accept(): boolean {
    this.#silence.heard()
    return true
  }

  took(): void {}

  ended(): void {
    this.#intake.stop()
    if (this.isWhole) return
    const [stored, size] = [this.#stored, this.#options.size]
    this.#options.failed(new Failure('incomplete', say('peer.ended-early', { received: stored, size })))
  }

  async consume(buffer: Uint8Array, length: number): Promise<void> {
    const { stored, stage, verdict, manifest } = await this.#options.feed(buffer, length)
    // The disk may have been what the sender had to wait for.
    this.#silence.heard()
    if (this.#stage === 'manifest' && stage === 'claims') {
      this.manifest = manifest
      this.#stage = stage
      this.#hasManifest.resolve()
    }
    if (verdict !== undefined && this.verdict === undefined) {
      this.verdict = verdict
      this.#options.began(verdict)
    }
    if (stored > this.#stored) {
      this.#stored = stored
      this.#options.stored(stored)
      if (performance.now() - this.#toldAt >= TELL_MS) this.#tell()
    }
    if (stage === 'end') {
      this.#stage = stage
      this.#whole.resolve()
    }
  }

  failed(error: unknown): void {
    this.#options.failed(Failure.from(error))
  }

  get #isOurTurn(): boolean {
    return this.#stage === 'claims' || this.#stage === 'end' || !this.#intake.isHungry
  }

  #tell(): void {
    if (!this.#input.writable || this.#input.writableLength >= MAX_UNREAD_BYTES) return
    this.#toldAt = performance.now()
    this.#input.write(encodeReceiverFrame({ kind: 'at', bytes: this.#stored }))
  }
}
