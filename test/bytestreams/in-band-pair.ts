import { EventEmitter, once } from 'node:events'
import { type InBandOptions, type InBandPort, InBandStream } from '../../main/bytestreams/in-band.ts'

/** A block or a close that a stream has sent, to be answered by the test. */
export interface Sent {
  readonly sequence: number
  readonly bytes: Buffer
  readonly signal: AbortSignal | undefined
  accept(): void
  refuse(why: Error): void
}

/** The other end of a stream, played by a test. */
export class ScriptedPort implements InBandPort {
  readonly blocks: Sent[] = []
  readonly closes: Sent[] = []
  readonly #news = new EventEmitter()
  /** Whether everything is accepted as soon as it was sent. */
  willing = false

  sendBlock(sequence: number, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    return this.#keep(this.blocks, sequence, bytes, signal)
  }

  sendClose(signal: AbortSignal | undefined): Promise<void> {
    return this.#keep(this.closes, 0, new Uint8Array(), signal)
  }

  /** Resolves once so many blocks were sent. */
  async untilSent(count: number): Promise<void> {
    while (this.blocks.length < count) await once(this.#news, 'sent')
  }

  async untilClosed(): Promise<Sent> {
    for (;;) {
      const [first] = this.closes
      if (first !== undefined) return first
      await once(this.#news, 'sent')
    }
  }

  #keep(list: Sent[], sequence: number, bytes: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    // The bytes are the stream's again afterwards.
    list.push({ sequence, bytes: Buffer.from(bytes), signal, accept: resolve, refuse: reject })
    this.#news.emit('sent')
    if (this.willing) resolve()
    return promise
  }
}

export interface PairOptions extends Partial<InBandOptions> {
  /** Takes the time that things need on their way; a turn of the event loop, if left out. */
  readonly pause?: () => Promise<void>
}

const nextTurn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** Two ends joined without stanzas: what one of them sends the other receives, and its answers come back. */
export function inBandPair(options: PairOptions = {}): [InBandStream, InBandStream] {
  const { pause = nextTurn } = options
  const portTo = (other: () => InBandStream): InBandPort => ({
    sendBlock: async (sequence, bytes) => {
      const copy = Buffer.from(bytes)
      await pause()
      const answer = await other().receiveBlock(sequence, copy)
      await pause()
      if (answer !== 'taken') throw new Error(answer)
    },
    sendClose: async () => {
      await pause()
      if (!(await other().receiveClose())) throw new Error('item-not-found')
      await pause()
    },
  })
  const make = (other: () => InBandStream): InBandStream => {
    const stream = new InBandStream(portTo(other), { blockSize: 4096, mostInFlight: 16, ...options })
    stream.on('error', () => {})
    return stream
  }
  const a: InBandStream = make(() => b)
  const b: InBandStream = make(() => a)
  return [a, b]
}
