/**
 * The sender's side of a file stream, on a disk thread: makes what the stream carries out of files, and knows what it
 * read of them from one connection to the next.
 */
import { createHash, type Hash } from 'node:crypto'
import fs from 'node:fs'
import { Failure } from '../../../shared/model/failure.ts'
import { readFailure } from '../disk-failure.ts'
import { changedFailure } from '../open-source.ts'
import { type Claim, encodeSenderFrame, FrameBatch, type Point } from './frames.ts'
import { hashStretch, Step } from './hash-file.ts'
import type { SourceFile } from './packed-content.ts'
import type { Filled, Verdict } from './requests.ts'
import { totalDigest } from './total-digest.ts'

const MEBIBYTE = 1024 * 1024
/** How far the receiver may be behind without anything being read again: 64 MiB. */
const MAX_CHECKPOINTS = 64
/** Files begun in one buffer at most: thousands of tiny ones would hold up everybody else on this thread. */
const MAX_FILES_A_BUFFER = 512

/** The state of a file's hash behind its first `position` bytes. */
interface Checkpoint {
  readonly file: number
  readonly position: number
  readonly hash: Hash
}

interface OpenFile {
  readonly file: number
  readonly fd: number
  readonly hash: Hash
  position: number
}

/** Where the stream of this connection is. */
type State =
  | { readonly at: 'manifest'; readonly frames: Iterator<Buffer> }
  | { readonly at: 'claims'; readonly claims: Claim[] }
  | { readonly at: 'check'; readonly steps: Iterator<undefined, Verdict> }
  | { readonly at: 'between'; readonly next: number }
  | { readonly at: 'inside'; readonly open: OpenFile }
  | { readonly at: 'end' }

export class Packing {
  readonly #kind: 'file' | 'folder'
  readonly #folders: readonly string[]
  readonly #files: SourceFile[] = []
  /** Of each file that was read to its end. */
  readonly #digests: (string | undefined)[] = []
  #sha256: string | undefined
  /** The latest ones, the oldest first. */
  readonly #checkpoints: Checkpoint[] = []
  #state: State = { at: 'end' }
  /** What has no room in the buffer yet. */
  #pending: Uint8Array = new Uint8Array()
  /** Files that the receiver has. */
  readonly #there = new Set<number>()
  /** Where the others begin, unless at zero. */
  readonly #starts = new Map<number, Checkpoint>()

  constructor(kind: 'file' | 'folder', folders: readonly string[]) {
    this.#kind = kind
    this.#folders = folders
  }

  add(files: readonly SourceFile[]): void {
    for (const file of files) this.#files.push(file)
  }

  begin(): void {
    this.pause()
    this.#there.clear()
    this.#starts.clear()
    this.#pending = new Uint8Array()
    this.#state =
      this.#kind === 'folder' ? { at: 'manifest', frames: this.#manifest() } : { at: 'claims', claims: [] }
  }

  /** No file is open any more. */
  pause(): void {
    if (this.#state.at === 'inside') fs.closeSync(this.#state.open.fd)
    if (this.#state.at === 'check') this.#state.steps.return?.()
    this.#state = { at: 'end' }
  }

  claim(claims: readonly Claim[]): void {
    if (this.#state.at === 'claims') this.#state.claims.push(...claims)
  }

  /** Reads what was claimed a little further. */
  check(): Verdict | undefined {
    if (this.#state.at === 'claims') this.#state = { at: 'check', steps: this.#check(this.#state.claims) }
    if (this.#state.at !== 'check') throw new Failure('bug', `bug: a check in ${this.#state.at}`)
    const step = this.#state.steps.next()
    if (!step.done) return undefined
    const { resumedFrom, restarted } = step.value
    this.#pending = encodeSenderFrame({ kind: 'begin', bytes: resumedFrom, restarted })
    this.#state = { at: 'between', next: 0 }
    return step.value
  }

  fill(buffer: Uint8Array): Filled {
    let length = 0
    let begun = 0
    for (;;) {
      if (this.#pending.length > 0) {
        const part = this.#pending.subarray(0, buffer.length - length)
        buffer.set(part, length)
        length += part.length
        this.#pending = this.#pending.subarray(part.length)
      }
      if (length === buffer.length || begun === MAX_FILES_A_BUFFER) {
        return { length, over: false, sha256: undefined }
      }
      const state = this.#state
      switch (state.at) {
        case 'manifest': {
          const frame = state.frames.next()
          if (frame.done) this.#state = { at: 'claims', claims: [] }
          else this.#pending = frame.value
          break
        }
        case 'claims':
        case 'check':
          return { length, over: true, sha256: undefined }
        case 'between':
          this.#beginFile(state.next)
          begun += 1
          break
        case 'inside':
          length += this.#readInto(buffer.subarray(length), state.open)
          break
        case 'end':
          return { length, over: true, sha256: this.#total() }
      }
    }
  }

  *#manifest(): Generator<Buffer, void> {
    const batch = FrameBatch.ofEntries()
    for (const { name, size } of this.#files) {
      const full = batch.addEntry([name, size])
      if (full !== undefined) yield full
    }
    for (const folder of this.#folders) {
      const full = batch.addEntry([`${folder}/`])
      if (full !== undefined) yield full
    }
    const last = batch.flush()
    if (last !== undefined) yield last
    yield encodeSenderFrame({ kind: 'manifest-end' })
  }

  /** The next file that is not there yet, or the end. */
  #beginFile(next: number): void {
    let file = next
    while (this.#there.has(file)) file += 1
    const source = this.#files[file]
    if (source === undefined) {
      this.#pending = encodeSenderFrame({ kind: 'end' })
      this.#state = { at: 'end' }
      return
    }
    const start = this.#starts.get(file)
    const fd = openUnchanged(source)
    const position = start?.position ?? 0
    if (start !== undefined) this.#keep({ ...start, hash: start.hash.copy() })
    const hash = start?.hash.copy() ?? createHash('sha256')
    this.#state = { at: 'inside', open: { file, fd, hash, position } }
    this.#pending = encodeSenderFrame({ kind: 'file', file, from: position })
  }

  /** As much of the file as there is room for; behind its end, its digest is pending. */
  #readInto(room: Uint8Array, open: OpenFile): number {
    const source = this.#sourceOf(open.file)
    const left = source.size - open.position
    const toCheckpoint = MEBIBYTE - (open.position % MEBIBYTE)
    const wanted = Math.min(room.length, left, toCheckpoint)
    if (wanted > 0) {
      const read = reading(source, () => fs.readSync(open.fd, room, 0, wanted, open.position))
      if (read === 0) throw changedFailure(source.path)
      open.hash.update(room.subarray(0, read))
      open.position += read
      if (read === toCheckpoint && read < left) {
        this.#keep({ file: open.file, position: open.position, hash: open.hash.copy() })
      }
      if (read < left) return read
    }
    requireUnchanged(source, open.fd)
    const digest = open.hash.digest()
    this.#digests[open.file] = digest.toString('hex')
    this.#pending = digest
    this.#state = { at: 'between', next: open.file + 1 }
    fs.closeSync(open.fd)
    return wanted
  }

  #keep(checkpoint: Checkpoint): void {
    this.#checkpoints.push(checkpoint)
    if (this.#checkpoints.length > MAX_CHECKPOINTS) this.#checkpoints.shift()
  }

  *#check(claims: readonly Claim[]): Generator<undefined, Verdict> {
    const step = new Step()
    let resumedFrom = 0
    let restarted = false
    for (const { file, points } of claims) {
      const { size } = this.#sourceOf(file)
      const found = yield* this.#longest(file, points, step)
      if (found === undefined) restarted ||= points.some(({ bytes }) => bytes > 0 && bytes < size)
      else resumedFrom += found
    }
    return { resumedFrom, restarted }
  }

  /** The most of what was claimed of a file that is true; undefined if nothing is. */
  *#longest(file: number, points: readonly Point[], step: Step): Generator<undefined, number | undefined> {
    const source = this.#sourceOf(file)
    const open = points.toSorted((one, other) => one.bytes - other.bytes)
    const known = this.#digests[file]
    if (known !== undefined && open.at(-1)?.bytes === source.size && open.pop()?.sha256 === known) {
      this.#there.add(file)
      return source.size
    }
    if (open.length === 0) return undefined
    const fd = openUnchanged(source)
    try {
      // What was sent a moment ago, from memory: the longest first.
      for (let point = open.at(-1); point !== undefined; point = open.at(-1)) {
        const before = this.#checkpointBefore(file, point.bytes)
        if (before === undefined) break
        const hash = before.hash.copy()
        yield* this.#hash(source, fd, hash, before.position, point.bytes, step)
        if (isDigest(hash, point)) return this.#found(source, fd, { file, position: point.bytes, hash })
        open.pop()
      }
      // The rest from the beginning. They may be of several files, so that one may be true where a shorter is not.
      let longest: Checkpoint | undefined
      let position = 0
      const hash = createHash('sha256')
      for (const point of open) {
        yield* this.#hash(source, fd, hash, position, point.bytes, step)
        position = point.bytes
        if (isDigest(hash, point)) longest = { file, position, hash: hash.copy() }
      }
      return longest && this.#found(source, fd, longest)
    } finally {
      fs.closeSync(fd)
    }
  }

  #found(source: SourceFile, fd: number, { file, position, hash }: Checkpoint): number {
    if (position < source.size) this.#starts.set(file, { file, position, hash })
    else {
      requireUnchanged(source, fd)
      this.#digests[file] = hash.digest('hex')
      this.#there.add(file)
    }
    return position
  }

  *#hash(
    source: SourceFile,
    fd: number,
    hash: Hash,
    from: number,
    to: number,
    step: Step,
  ): Generator<undefined> {
    if (step.opened()) yield
    const stretch = hashStretch(fd, hash, from, to, step)
    for (;;) {
      const next = reading(source, () => stretch.next())
      if (!next.done) yield
      else if (next.value < to - from) throw changedFailure(source.path)
      else return
    }
  }

  #checkpointBefore(file: number, position: number): Checkpoint | undefined {
    return this.#checkpoints.findLast(
      checkpoint => checkpoint.file === file && checkpoint.position <= position,
    )
  }

  #total(): string {
    const files = this.#files.map(({ name }, file) => ({ name, sha256: this.#digests[file] ?? '' }))
    this.#sha256 ??= totalDigest(this.#kind, files)
    return this.#sha256
  }

  #sourceOf(file: number): SourceFile {
    const source = this.#files[file]
    if (source === undefined) throw new Failure('bug', `bug: there is no file ${file}`)
    return source
  }
}

function isDigest(hash: Hash, { sha256 }: Point): boolean {
  return hash.copy().digest('hex') === sha256
}

function openUnchanged(source: SourceFile): number {
  return reading(source, () => {
    // Asked before opening, because opening alone does things to some devices.
    requireSame(source, fs.statSync(source.path, { bigint: true }))
    return fs.openSync(source.path, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0))
  })
}

function requireUnchanged(source: SourceFile, fd: number): void {
  reading(source, () => requireSame(source, fs.fstatSync(fd, { bigint: true })))
}

function requireSame(source: SourceFile, now: fs.BigIntStats): void {
  if (now.isFile() && now.size === BigInt(source.size) && now.mtimeNs === source.mtimeNs) return
  throw changedFailure(source.path)
}

function reading<T>(source: SourceFile, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw readFailure(error, source.path)
  }
}
