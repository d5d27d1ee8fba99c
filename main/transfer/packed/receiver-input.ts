import type { Duplex } from 'node:stream'
import { Failure } from '../../../shared/model/failure.ts'
import { say } from '../../../shared/words/say.ts'
import { peerFailure } from '../peer-failure.ts'
import { lostConnection, whenStreamFails } from '../stream-failure.ts'
import type { Claim, ReceiverFrame } from './frames.ts'
import { ReceiverStream, type Sending } from './receiver-stream.ts'
import { Silence } from './silence.ts'

export interface ReceiverInputOptions {
  readonly sending: Sending
  /** How long it may say nothing. */
  readonly silenceMs: number
  /** It has these beginnings. */
  claimed(claims: readonly Claim[]): Promise<unknown>
  /** Bytes that it has stored in all; never fewer than before. */
  stored(bytes: number): void
  /** It is over: the connection, or the receiver's or our own patience. */
  failed(failure: Failure): void
}

/** Listens to the receiver of a file stream. The stream is left paused, neither ended nor destroyed. */
export class ReceiverInput {
  readonly #input: Duplex
  readonly #options: ReceiverInputOptions
  readonly #stream: ReceiverStream
  readonly #silence: Silence
  readonly #forgetFailures: () => void
  readonly #hasClaimed = Promise.withResolvers<void>()
  readonly #done = Promise.withResolvers<string>()
  /** Undefined before the beginning, when the receiver does not know yet what it has. */
  #stored: number | undefined
  #isDone = false

  constructor(input: Duplex, options: ReceiverInputOptions) {
    this.#input = input
    this.#options = options
    this.#stream = new ReceiverStream(options.sending)
    this.#silence = new Silence(options.silenceMs, () =>
      this.#fail(new Failure('connection-lost', say('peer.silent'))),
    )
    this.#forgetFailures = whenStreamFails(input, this.#fail)
    input.on('data', this.#took)
    input.on('end', this.#ended)
    if (input.destroyed) this.#fail(lostConnection(input.errored))
    else if (input.readableEnded) this.#ended()
    else input.resume()
  }

  /** Resolves when the receiver has said what it has. */
  get hasClaimed(): Promise<void> {
    return this.#hasClaimed.promise
  }

  /** Resolves with the SHA-256 of everything that it got. */
  get done(): Promise<string> {
    return this.#done.promise
  }

  begins({ resumedFrom }: { readonly resumedFrom: number }): void {
    this.#stored = resumedFrom
  }

  /** Nothing more is sent. */
  sentAll(): void {
    this.#stream.sentAll()
  }

  stop(): void {
    this.#silence.stop()
    this.#forgetFailures()
    this.#input.off('data', this.#took)
    this.#input.off('end', this.#ended)
    this.#input.pause()
  }

  readonly #took = (chunk: Uint8Array): void => {
    this.#silence.heard()
    try {
      for (const frame of this.#stream.read(chunk)) this.#heard(frame)
    } catch (error) {
      this.#fail(Failure.from(error))
      this.stop()
    }
  }

  readonly #ended = (): void => this.#fail(lostConnection(undefined))

  readonly #fail = (failure: Failure): void => {
    // What the receiver confirmed is confirmed, however the connection ends.
    if (!this.#isDone) this.#options.failed(failure)
  }

  #heard(frame: ReceiverFrame): void {
    switch (frame.kind) {
      case 'have':
        this.#options.claimed(frame.claims).catch((error: unknown) => this.#fail(Failure.from(error)))
        return
      case 'have-end':
        this.#hasClaimed.resolve()
        return
      case 'at':
        if (this.#stored === undefined || frame.bytes <= this.#stored) return
        this.#stored = frame.bytes
        this.#options.stored(frame.bytes)
        return
      case 'done':
        this.#isDone = true
        this.#done.resolve(frame.sha256)
        return
      case 'failed':
        this.#fail(peerFailure(frame.code))
        return
    }
  }
}
