/**
 * How the two programs write to each other over a file stream: frames of 4 bytes of length (big-endian) and JSON in
 * UTF-8. Only the bytes of files and their digests stand between the frames as they are.
 */
import { Failure } from '../../../shared/model/failure.ts'
import { say } from '../../../shared/words/say.ts'

/** Of the JSON of one frame. */
export const MAX_FRAME_BYTES = 64 * 1024
/** Of all frames of a manifest together. */
export const MAX_MANIFEST_BYTES = 32 * 1024 * 1024
/** About what a file takes in the stream beside its bytes. */
export const FRAME_BYTES = 64
/** SHA-256, as it follows a file. */
export const DIGEST_BYTES = 32
/** Of one file: what there is, and where it can go on if the end of that was lost. */
const MAX_POINTS = 16
/** In all, of files that are not whole: both sides keep the state of a hash for each. */
export const MAX_BEGINNINGS = 1024
const LENGTH_BYTES = 4

/** The first so many bytes of a file, by their SHA-256 in lower-case hex. */
export interface Point {
  readonly bytes: number
  readonly sha256: string
}

/** What the receiver has of one file; a point at its size says that it has all of it. */
export interface Claim {
  /** Its number in the order of the manifest. */
  readonly file: number
  readonly points: readonly Point[]
}

export type SenderFrame =
  | { readonly kind: 'entries'; readonly entries: readonly unknown[] }
  | { readonly kind: 'manifest-end' }
  /** Still reading what was claimed: a sign of life. */
  | { readonly kind: 'checking' }
  /** How many bytes need not be sent, of all files; and whether a beginning was claimed that is not that of its file. */
  | { readonly kind: 'begin'; readonly bytes: number; readonly restarted: boolean }
  /** Behind it follow the bytes from there to the end of the file, and the digest of the whole file. */
  | { readonly kind: 'file'; readonly file: number; readonly from: number }
  | { readonly kind: 'end' }

export type ReceiverFrame =
  | { readonly kind: 'have'; readonly claims: readonly Claim[] }
  | { readonly kind: 'have-end' }
  /** Bytes of files that are stored, in all; a sign of life. */
  | { readonly kind: 'at'; readonly bytes: number }
  | { readonly kind: 'done'; readonly sha256: string }
  | { readonly kind: 'failed'; readonly code: string }

/** The failure for a peer that does not keep to the rules; `what` it sent is for its makers, in the cause. */
export function nonsense(what: string): Failure {
  return new Failure('protocol-error', say('peer.not-understood'), { cause: new Error(what) })
}

export function encodeSenderFrame(frame: SenderFrame): Buffer {
  switch (frame.kind) {
    case 'entries':
      return encode({ entries: frame.entries })
    case 'manifest-end':
      return encode({ manifest: 'end' })
    case 'checking':
      return encode({ checking: true })
    case 'begin':
      return encode({ begin: frame.bytes, restarted: frame.restarted })
    case 'file':
      return encode({ file: frame.file, from: frame.from })
    case 'end':
      return encode({ end: true })
  }
}

export function encodeReceiverFrame(frame: ReceiverFrame): Buffer {
  switch (frame.kind) {
    case 'have':
      return encode({ have: frame.claims.map(writeClaim) })
    case 'have-end':
      return encode({ have: 'end' })
    case 'at':
      return encode({ at: frame.bytes })
    case 'done':
      return encode({ done: frame.sha256 })
    case 'failed':
      return encode({ failed: frame.code })
  }
}

/** Throws `protocol-error` for what is no frame of a sender. */
export function readSenderFrame(json: unknown): SenderFrame {
  const frame = record(json)
  const { entries, begin, restarted, file, from } = frame
  if (Array.isArray(entries)) return { kind: 'entries', entries }
  if (frame['manifest'] === 'end') return { kind: 'manifest-end' }
  if (frame['checking'] === true) return { kind: 'checking' }
  if (isCount(begin) && typeof restarted === 'boolean') return { kind: 'begin', bytes: begin, restarted }
  if (isCount(file) && isCount(from)) return { kind: 'file', file, from }
  if (frame['end'] === true) return { kind: 'end' }
  throw nonsense('a frame that is not understood')
}

/** Throws `protocol-error` for what is no frame of a receiver. */
export function readReceiverFrame(json: unknown): ReceiverFrame {
  const frame = record(json)
  const { have, at, done, failed } = frame
  if (Array.isArray(have)) return { kind: 'have', claims: have.map(readClaim) }
  if (have === 'end') return { kind: 'have-end' }
  if (isCount(at)) return { kind: 'at', bytes: at }
  if (isDigest(done)) return { kind: 'done', sha256: done }
  if (typeof failed === 'string' && /^[a-z-]{1,64}$/.test(failed)) return { kind: 'failed', code: failed }
  throw nonsense('a frame that is not understood')
}

/** What a peer's JSON may be read from: nothing that it inherits. */
function record(json: unknown): Record<string, unknown> {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) {
    return Object.assign(Object.create(null), json)
  }
  throw nonsense('a frame that is not understood')
}

function writeClaim({ file, points }: Claim): unknown {
  return [file, points.map(({ bytes, sha256 }) => [bytes, sha256])]
}

function readClaim(value: unknown): Claim {
  const [file, points, ...more] = list(value)
  if (!isCount(file) || more.length > 0) throw nonsense('a claim that is not understood')
  const read = list(points)
  if (read.length === 0 || read.length > MAX_POINTS) throw nonsense('a claim that is not understood')
  return { file, points: read.map(readPoint) }
}

function readPoint(value: unknown): Point {
  const [bytes, sha256, ...more] = list(value)
  if (!isCount(bytes) || !isDigest(sha256) || more.length > 0)
    throw nonsense('a claim that is not understood')
  return { bytes, sha256 }
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw nonsense('a claim that is not understood')
  return value
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isDigest(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
}

function encode(body: object): Buffer {
  return frameOf(JSON.stringify(body))
}

function frameOf(json: string): Buffer {
  const length = Buffer.byteLength(json)
  if (length > MAX_FRAME_BYTES) throw new Failure('bug', `bug: a frame of ${length} bytes`)
  const frame = Buffer.allocUnsafe(LENGTH_BYTES + length)
  frame.writeUInt32BE(length)
  frame.write(json, LENGTH_BYTES)
  return frame
}

/** Puts the many entries of a list into as few frames as hold them. */
export class FrameBatch {
  readonly #open: string
  #items: string[] = []
  #length = 0

  private constructor(name: 'entries' | 'have') {
    this.#open = `{"${name}":[`
  }

  static ofEntries(): FrameBatch {
    return new FrameBatch('entries')
  }

  static ofClaims(): FrameBatch {
    return new FrameBatch('have')
  }

  addEntry(entry: readonly unknown[]): Buffer | undefined {
    return this.#add(JSON.stringify(entry))
  }

  addClaim(claim: Claim): Buffer | undefined {
    return this.#add(JSON.stringify(writeClaim(claim)))
  }

  /** The frame of what was added since the last one; undefined if that is nothing. */
  flush(): Buffer | undefined {
    if (this.#items.length === 0) return undefined
    const frame = frameOf(`${this.#open}${this.#items.join()}]}`)
    this.#items = []
    this.#length = 0
    return frame
  }

  /** The frame that had no room for it any more. */
  #add(item: string): Buffer | undefined {
    const length = Buffer.byteLength(item) + 1
    const isFull = this.#open.length + this.#length + length + 1 > MAX_FRAME_BYTES
    const full = isFull ? this.flush() : undefined
    this.#items.push(item)
    this.#length += length
    return full
  }
}

/** Reads frames out of bytes, in whatever pieces these come. */
export class FrameReader {
  readonly #head = Buffer.alloc(LENGTH_BYTES)
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  #body: Buffer | undefined
  #filled = 0

  /** Takes bytes from `from` on until a frame is whole, and returns where it stopped. Throws `protocol-error`. */
  take(bytes: Uint8Array, from: number): number {
    let at = from
    if (this.#body === undefined) {
      at = this.#fill(this.#head, bytes, at)
      if (this.#filled < LENGTH_BYTES) return at
      const length = this.#head.readUInt32BE()
      if (length > MAX_FRAME_BYTES) throw nonsense('a frame that is too large')
      this.#body = Buffer.allocUnsafe(length)
      this.#filled = 0
    }
    return this.#fill(this.#body, bytes, at)
  }

  /** The frame's JSON and its size on the wire, once it is whole; then the next one begins. Throws `protocol-error`. */
  next(): { readonly json: unknown; readonly bytes: number } | undefined {
    const body = this.#body
    if (body === undefined || this.#filled < body.length) return undefined
    this.#body = undefined
    this.#filled = 0
    try {
      return { json: JSON.parse(this.#utf8.decode(body)), bytes: LENGTH_BYTES + body.length }
    } catch {
      throw nonsense('a frame that is not understood')
    }
  }

  #fill(target: Buffer, bytes: Uint8Array, from: number): number {
    const to = Math.min(bytes.length, from + target.length - this.#filled)
    target.set(bytes.subarray(from, to), this.#filled)
    this.#filled += to - from
    return to
  }
}
