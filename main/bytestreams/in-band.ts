import { Duplex } from 'node:stream'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'

/** How blocks get to the other end and back: iqs (XEP-0047), or something in their place. */
export interface InBandPort {
  /**
   * Resolves when the peer has taken the block, rejects when it has not, and gives up when `signal` is aborted. Called in
   * the blocks' order, for the next ones while the first are not answered yet. `bytes` are the caller's again once it has
   * returned.
   */
  sendBlock(sequence: number, bytes: Uint8Array, signal: AbortSignal): Promise<void>
  /** Settles, either way, when the peer has answered or had time enough for it, or `signal` is aborted. */
  sendClose(signal: AbortSignal | undefined): Promise<void>
}

export interface InBandOptions {
  /** Bytes of one block at most, in both directions. */
  readonly blockSize: number
  /** How many blocks may be on their way at once. */
  readonly mostInFlight: number
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number
}

/** What a block that came in is answered with: it was taken, or the condition of an error. */
export type BlockAnswer =
  | 'taken'
  | 'bad-request'
  | 'item-not-found'
  | 'resource-constraint'
  | 'unexpected-request'

/** Sequence numbers have 16 bits: after 65535 comes 0. */
const SEQUENCE_MASK = 0xffff
/** The window at the beginning: nothing is known about the way. */
const FIRST_IN_FLIGHT = 2
/**
 * An answer within this time lets one more block be on its way, a later one halves their number. Servers hold back
 * whoever sends more than they allow (10 kB a second is usual), and everything else that this account sends waits
 * behind the blocks: chats, calls for help, other transfers.
 */
const PROMPT_ANSWER_MS = 2_000
/** How many bytes wait in either direction before the other end is slowed down. */
const BUFFERED_BYTES = 64 * 1024
/**
 * What a peer may send without waiting for the answers, which XEP-0047 allows, while nobody reads it.
 * A block that does not fit ends the stream.
 */
const MAX_UNREAD_BYTES = 1024 * 1024
/** How long the owner may go on writing after the peer closed, who waits for the answer. */
const FAREWELL_MS = 1_000

/**
 * One in-band bytestream. What is written goes out in blocks, a few at once and in order, and a block that comes in is
 * answered only once there is room for more: a reader that is slow slows the peer down.
 *
 * XEP-0047 closes both directions at once: `end` sends the rest, waits until the peer has taken it, closes, and ends the
 * reading side with the answer, or without one. When the peer closes, the reading side ends and what is written within a
 * second still goes out. `destroy` closes at once. Errors are Failures: `connection-lost` where the peer, its
 * server or ours let a block down, `protocol-error` where the peer broke the rules.
 */
export class InBandStream extends Duplex {
  readonly #port: InBandPort
  readonly #options: InBandOptions
  readonly #now: () => number
  readonly #gone = new AbortController()
  /** `broken`: the peer has broken the rules and is about to be told that it is over. */
  #state: 'open' | 'broken' | 'closing' | 'closed-by-peer' | 'over' = 'open'

  /** Written, and not yet cut into blocks. */
  #outgoing: Buffer = Buffer.alloc(0)
  #written: ((error?: Error | null) => void) | undefined
  #nextSent = 0
  #inFlight = 0
  #window: number
  #ended: ((error?: Error | null) => void) | undefined

  #nextReceived = 0
  /** The answers to blocks that are buffered beyond what should be. */
  #held: ((answer: BlockAnswer) => void)[] = []
  /** The answer to the peer's close. */
  #closed: (() => void) | undefined
  #farewell: NodeJS.Timeout | undefined

  constructor(port: InBandPort, options: InBandOptions) {
    super({ readableHighWaterMark: BUFFERED_BYTES, writableHighWaterMark: BUFFERED_BYTES })
    this.#port = port
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
    this.#window = Math.min(FIRST_IN_FLIGHT, options.mostInFlight)
  }

  /** Aborted once the stream is destroyed. */
  get gone(): AbortSignal {
    return this.#gone.signal
  }

  /** A block came in. Resolves with its answer, which may take until somebody reads. */
  receiveBlock(sequence: number, bytes: Uint8Array): Promise<BlockAnswer> {
    if (!this.#isHeard) return Promise.resolve('item-not-found')
    // A repeated block, or one before which others were lost: nothing that follows can be trusted.
    if (sequence !== this.#nextReceived) return this.#refuse('unexpected-request', 'out of order')
    if (bytes.length > this.#options.blockSize) return this.#refuse('bad-request', 'too large')
    if (this.readableLength + bytes.length > MAX_UNREAD_BYTES) {
      return this.#refuse('resource-constraint', 'more than was waited for')
    }
    this.#nextReceived = (sequence + 1) & SEQUENCE_MASK
    if (bytes.length === 0 || this.push(bytes)) return Promise.resolve('taken')
    const { promise, resolve } = Promise.withResolvers<BlockAnswer>()
    this.#held.push(resolve)
    return promise
  }

  /** Something came in the place of a block that cannot be read: the stream has a hole. */
  receiveMalformed(): void {
    if (this.#isHeard) void this.#refuse('bad-request', 'malformed')
  }

  /** The peer closes. Resolves when that can be answered; false where there was nothing to close. */
  async receiveClose(): Promise<boolean> {
    if (!this.#isHeard) return false
    if (this.#state === 'closing') {
      // Both at once: the answer to ours is on its way, and changes nothing.
      this.#finish()
      return true
    }
    this.#state = 'closed-by-peer'
    this.push(null)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#closed = resolve
    this.#farewell = setTimeout(() => this.end(), FAREWELL_MS)
    await promise
    return true
  }

  /** Ends the stream without a word to the peer: it is gone, or knows. */
  abandon(failure: Failure): void {
    this.#state = 'over'
    this.destroy(failure)
  }

  override _read(): void {
    for (const answer of this.#held.splice(0)) answer('taken')
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#outgoing = chunk
    this.#written = done
    this.#sendBlocks()
  }

  override _writev(
    chunks: readonly { readonly chunk: Buffer }[],
    done: (error?: Error | null) => void,
  ): void {
    this.#outgoing = Buffer.concat(chunks.map(({ chunk }) => chunk))
    this.#written = done
    this.#sendBlocks()
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#ended = done
    this.#closeWhenTaken()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#farewell)
    const wasOpen = this.#state === 'open' || this.#state === 'broken'
    this.#state = 'over'
    const failure = error === null || error instanceof Failure ? error : lost(error)
    this.#gone.abort(failure ?? lost())
    // Whoever sent these must not believe that they arrived.
    for (const answer of this.#held.splice(0)) answer('item-not-found')
    this.#closed?.()
    // Nobody waits for the answer.
    if (wasOpen) this.#port.sendClose(undefined).catch(() => {})
    this.#written?.(failure ?? lost())
    this.#ended?.(failure ?? lost())
    done(failure)
  }

  /** Whether what the peer says is for this stream. */
  get #isHeard(): boolean {
    return !this.destroyed && (this.#state === 'open' || this.#state === 'closing')
  }

  #sendBlocks(): void {
    const { blockSize } = this.#options
    while (this.#outgoing.length > 0 && this.#inFlight < this.#window && !this.destroyed) {
      const block = this.#outgoing.subarray(0, blockSize)
      this.#outgoing = this.#outgoing.subarray(block.length)
      this.#sendBlock(block)
    }
    if (this.#outgoing.length > 0) return
    const written = this.#written
    this.#written = undefined
    written?.()
  }

  #sendBlock(block: Uint8Array): void {
    const sequence = this.#nextSent
    this.#nextSent = (sequence + 1) & SEQUENCE_MASK
    this.#inFlight += 1
    const sentAt = this.#now()
    this.#port.sendBlock(sequence, block, this.#gone.signal).then(
      () => {
        this.#inFlight -= 1
        if (this.destroyed) return
        const prompt = this.#now() - sentAt <= PROMPT_ANSWER_MS
        this.#window = prompt
          ? Math.min(this.#window + 1, this.#options.mostInFlight)
          : Math.max(Math.floor(this.#window / 2), 1)
        this.#sendBlocks()
        this.#closeWhenTaken()
      },
      cause => {
        if (!this.destroyed) this.destroy(lost(cause))
      },
    )
  }

  #closeWhenTaken(): void {
    if (this.#ended === undefined || this.#inFlight > 0 || this.#state === 'over') return
    if (this.#state === 'closed-by-peer') {
      this.#finish()
    } else if (this.#state === 'open') {
      this.#state = 'closing'
      // Refused is closed as well; and libpurple does not answer once it has all that it expected.
      const finish = (): void => this.#finish()
      this.#port.sendClose(this.#gone.signal).then(finish, finish)
    }
  }

  /** Both directions are closed, in order. */
  #finish(): void {
    if (this.#state === 'over') return
    if (this.#state === 'closing') this.push(null)
    this.#state = 'over'
    clearTimeout(this.#farewell)
    this.#closed?.()
    const ended = this.#ended
    this.#ended = undefined
    ended?.()
  }

  #refuse(answer: BlockAnswer, what: string): Promise<BlockAnswer> {
    this.#state = this.#state === 'open' ? 'broken' : 'over'
    const failure = new Failure('protocol-error', say('peer.not-understood'), {
      cause: new Error(`a block that was ${what}`),
    })
    // Behind the answer, which says why.
    setImmediate(() => this.destroy(failure))
    return Promise.resolve(answer)
  }
}

function lost(cause?: unknown): Failure {
  return new Failure('connection-lost', say('in-band.broke'), { cause })
}
