import {
  type Claim,
  FrameReader,
  MAX_BEGINNINGS,
  nonsense,
  type ReceiverFrame,
  readReceiverFrame,
} from './frames.ts'

/** What is being sent: it decides what a receiver may say. */
export interface Sending {
  readonly files: number
  /** Bytes of all files. */
  readonly size: number
  sizeOf(file: number): number
}

/** While something is claimed: the first file that it may be of, and how many points were of files that are not whole. */
interface Claims {
  readonly next: number
  readonly beginnings: number
}

type State =
  | ({ readonly at: 'claims' } & Claims)
  | { readonly at: 'taking' }
  | { readonly at: 'finishing' }
  | { readonly at: 'end' }

/**
 * The stream from a receiver, read and held against the rules. Pure; throws `protocol-error`, after which nothing more
 * can be read.
 */
export class ReceiverStream {
  readonly #sending: Sending
  readonly #frames = new FrameReader()
  #state: State = { at: 'claims', next: 0, beginnings: 0 }

  constructor(sending: Sending) {
    this.#sending = sending
  }

  /** Everything has been sent: now the receiver may be done with it. */
  sentAll(): void {
    if (this.#state.at === 'taking') this.#state = { at: 'finishing' }
  }

  *read(bytes: Uint8Array): Generator<ReceiverFrame, void> {
    for (let from = 0; from < bytes.length; ) {
      from = this.#frames.take(bytes, from)
      const frame = this.#frames.next()
      if (frame !== undefined) yield this.#took(readReceiverFrame(frame.json))
    }
  }

  #took(frame: ReceiverFrame): ReceiverFrame {
    const state = this.#state
    // A push for what is in between, behind the last word.
    if (state.at === 'end' && frame.kind === 'at' && frame.bytes <= this.#sending.size) return frame
    if (state.at === 'end') throw nonsense('something behind the end')
    switch (frame.kind) {
      case 'have':
        if (state.at !== 'claims') break
        this.#state = { at: 'claims', ...frame.claims.reduce<Claims>(this.#claimed, state) }
        return frame
      case 'have-end':
        if (state.at !== 'claims') break
        this.#state = { at: 'taking' }
        return frame
      case 'at':
        if (frame.bytes > this.#sending.size) throw nonsense('that it has more than there is')
        return frame
      case 'done':
        if (state.at !== 'finishing') break
        this.#state = { at: 'end' }
        return frame
      case 'failed':
        this.#state = { at: 'end' }
        return frame
    }
    throw nonsense('something out of order')
  }

  readonly #claimed = (before: Claims, { file, points }: Claim): Claims => {
    if (file < before.next || file >= this.#sending.files) throw nonsense('a claim out of order')
    const size = this.#sending.sizeOf(file)
    if (points.some(({ bytes }) => bytes > size)) throw nonsense('a claim that is longer than its file')
    const wholes = points.filter(({ bytes }) => bytes === size).length
    const beginnings = before.beginnings + points.length - wholes
    if (wholes > 1 || beginnings > MAX_BEGINNINGS) throw nonsense('too many claims')
    return { next: file + 1, beginnings }
  }
}
