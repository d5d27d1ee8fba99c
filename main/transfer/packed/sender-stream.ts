import { Failure } from '../../../shared/model/failure.ts'
import { say } from '../../../shared/words/say.ts'
import {
  DIGEST_BYTES,
  encodeSenderFrame,
  FrameReader,
  MAX_MANIFEST_BYTES,
  nonsense,
  readSenderFrame,
} from './frames.ts'

/** What the receiver has claimed: it decides what a sender may send. */
export interface Claimed {
  readonly files: number
  /** Bytes of all files. */
  readonly size: number
  sizeOf(file: number): number
  /** Whether all of this file was claimed. */
  isWhole(file: number): boolean
  /** Whether the first `bytes` of this file, but not all of it, were claimed. */
  isPoint(file: number, bytes: number): boolean
}

/** What comes from a sender, as soon as it is whole; bytes of a file as they come, in memory that is the caller's. */
export type SenderItem =
  | { readonly kind: 'entries'; readonly entries: readonly unknown[] }
  | { readonly kind: 'manifest-end' }
  | { readonly kind: 'begin'; readonly bytes: number; readonly restarted: boolean }
  | { readonly kind: 'file'; readonly file: number; readonly from: number }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'digest'; readonly digest: Uint8Array }
  | { readonly kind: 'end' }

/** All that may come while it is the receiver's turn. */
const CHECKING = encodeSenderFrame({ kind: 'checking' })

/** Where the stream is. `next` is the first file that may still come, `unsent` what has to come of all further ones. */
type State =
  | { readonly at: 'manifest'; readonly bytes: number }
  | { readonly at: 'claims' }
  | { readonly at: 'verdict'; readonly claimed: Claimed }
  | { readonly at: 'between'; readonly claimed: Claimed; readonly next: number; readonly unsent: number }
  | {
      readonly at: 'inside'
      readonly left: number
      readonly claimed: Claimed
      readonly next: number
      readonly unsent: number
    }
  | {
      readonly at: 'digest'
      readonly digest: Uint8Array
      readonly claimed: Claimed
      readonly next: number
      readonly unsent: number
    }
  | { readonly at: 'end' }

/**
 * The stream from a sender, read and held against the rules: what may come when, and how much of it. Pure; throws
 * `protocol-error` or `too-many-bytes`, after which nothing more can be read.
 */
export class SenderStream {
  readonly #frames = new FrameReader()
  /** Of a sign of life that came in the receiver's turn: how many of its bytes. */
  #signs = 0
  #state: State

  constructor(kind: 'file' | 'folder') {
    this.#state = kind === 'folder' ? { at: 'manifest', bytes: 0 } : { at: 'claims' }
  }

  /** The receiver's claims have left: now the sender speaks. */
  claimed(claimed: Claimed): void {
    if (this.#state.at !== 'claims') throw new Failure('bug', `bug: claims in ${this.#state.at}`)
    this.#state = { at: 'verdict', claimed }
    // The rest of one that is half here.
    this.#frames.take(CHECKING.subarray(0, this.#signs), 0)
    this.#signs = 0
  }

  *read(bytes: Uint8Array): Generator<SenderItem, void> {
    for (let from = 0; from < bytes.length; ) {
      const state = this.#state
      switch (state.at) {
        case 'inside': {
          const to = Math.min(bytes.length, from + state.left)
          const left = state.left - (to - from)
          this.#state = left > 0 ? { ...state, left } : { ...state, at: 'digest', digest: new Uint8Array() }
          yield { kind: 'bytes', bytes: bytes.subarray(from, to) }
          from = to
          break
        }
        case 'digest': {
          const to = Math.min(bytes.length, from + DIGEST_BYTES - state.digest.length)
          const digest = Buffer.concat([state.digest, bytes.subarray(from, to)])
          from = to
          if (digest.length < DIGEST_BYTES) this.#state = { ...state, digest }
          else {
            this.#state = { ...state, at: 'between' }
            yield { kind: 'digest', digest }
          }
          break
        }
        case 'claims':
        case 'end': {
          if (bytes[from] !== CHECKING[this.#signs]) throw outOfTurn(state.at)
          this.#signs = (this.#signs + 1) % CHECKING.length
          from += 1
          break
        }
        case 'manifest':
        case 'verdict':
        case 'between': {
          from = this.#frames.take(bytes, from)
          const frame = this.#frames.next()
          if (frame === undefined) break
          const item = this.#took(frame.json, frame.bytes)
          if (item !== undefined) yield item
          break
        }
      }
    }
  }

  #took(json: unknown, bytes: number): SenderItem | undefined {
    const frame = readSenderFrame(json)
    const state = this.#state
    switch (state.at) {
      case 'manifest': {
        if (frame.kind !== 'entries' && frame.kind !== 'manifest-end') break
        const sum = state.bytes + bytes
        if (sum > MAX_MANIFEST_BYTES) throw nonsense('a list of files that is too long')
        this.#state = frame.kind === 'entries' ? { at: 'manifest', bytes: sum } : { at: 'claims' }
        return frame
      }
      case 'verdict': {
        if (frame.kind === 'checking') return undefined
        if (frame.kind !== 'begin') break
        const { claimed } = state
        if (frame.bytes > claimed.size) throw nonsense('a beginning that is longer than everything')
        this.#state = { at: 'between', claimed, next: 0, unsent: claimed.size - frame.bytes }
        return frame
      }
      case 'between': {
        const { claimed, next, unsent } = state
        if (frame.kind === 'end') {
          requireWhole(claimed, next, claimed.files)
          if (unsent !== 0) throw nonsense('less than it said at the beginning')
          this.#state = { at: 'end' }
          return frame
        }
        if (frame.kind !== 'file') break
        const { file, from } = frame
        if (file < next || file >= claimed.files) throw nonsense('a file out of order')
        requireWhole(claimed, next, file)
        if (from !== 0 && !claimed.isPoint(file, from))
          throw nonsense('the end of a file without its beginning')
        const left = claimed.sizeOf(file) - from
        if (left > unsent) throw nonsense('more than it said at the beginning')
        const after = { claimed, next: file + 1, unsent: unsent - left }
        this.#state =
          left > 0 ? { at: 'inside', left, ...after } : { at: 'digest', digest: new Uint8Array(), ...after }
        return frame
      }
      default:
    }
    throw nonsense('something out of order')
  }
}

function outOfTurn(at: 'claims' | 'end'): Failure {
  return at === 'claims'
    ? nonsense('something before it was told what is here already')
    : new Failure('too-many-bytes', say('peer.sent-more'))
}

/** What is not sent has to be here. */
function requireWhole(claimed: Claimed, from: number, to: number): void {
  for (let file = from; file < to; file += 1) {
    if (!claimed.isWhole(file)) throw nonsense('a list of files and not all of them')
  }
}
