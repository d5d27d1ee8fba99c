/**
 * The receiver's side of a file stream, on a disk thread: says what is here, writes what comes, and knows what it wrote
 * from one connection to the next.
 */
import { createHash, type Hash } from 'node:crypto'
import fs from 'node:fs'
import { basename, join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Failure } from '../../../shared/model/failure.ts'
import { say } from '../../../shared/words/say.ts'
import { writeFailure } from '../disk-failure.ts'
import { MAX_ENTRIES, MAX_PATHS_LENGTH, type Manifest, readManifest } from '../manifest.ts'
import { copyExisting, type ExistingFolder, lookAtExisting } from './existing-folder.ts'
import { type Claim, FrameBatch, MAX_BEGINNINGS, type Point } from './frames.ts'
import { hashStretch, Step } from './hash-file.ts'
import { CAREFULLY } from './open-flags.ts'
import type { PackedExpectation } from './packed-target.ts'
import type { FilePlace, Finished, Place, Unpacked, Verdict } from './requests.ts'
import { type SenderItem, SenderStream } from './sender-stream.ts'
import { StagingFolder } from './staging-folder.ts'
import { syncFiles } from './sync-files.ts'
import { totalDigest } from './total-digest.ts'
import { WrittenFile } from './written-file.ts'

const MEBIBYTE = 1024 * 1024
/** How much of a file's end a computer that lost its power may have lost: where to go on then, from the end. */
const LOST_BYTES = [64, 32, 16, 8, 4, 2, 1].map(mebibytes => mebibytes * MEBIBYTE)
const MAX_LOST_BYTES = 64 * MEBIBYTE
/**
 * Of what was here before, nothing smaller is claimed: whoever is told its hash could find out a password in it by trying.
 * It is soon sent, and compared here.
 */
const MIN_TOLD_BYTES = 4_096

interface ExpectedFile {
  /** As it was sent. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  readonly path: string
  /** Below the root of a folder; of a single file undefined. */
  readonly local: string | undefined
}

/** What a file was when it was last read or written here: while it still looks the same, it is not read again. */
interface Known {
  readonly bytes: number
  readonly mtimeNs: bigint
  readonly sha256: string
}

/** The beginning of a file that can be gone on from. */
interface Beginning {
  readonly bytes: number
  readonly hash: Hash
}

export class Unpacking {
  readonly #expected: PackedExpectation
  /** Where a single file goes. */
  readonly #one: FilePlace | undefined
  /** Where a folder goes. */
  readonly #root: string
  /** A folder of its name, which was here before. */
  readonly #oldRoot: string | undefined
  #files: readonly ExpectedFile[] = []
  #folders: readonly string[] = []
  #manifest: Manifest | undefined
  /** Of its text. */
  #manifestDigest: string | undefined
  /** Of each file that is whole. */
  readonly #whole = new Map<number, Known>()
  /** Of the file that was being written when the last connection ended. */
  #broken: (Beginning & { readonly file: number; readonly mtimeNs: bigint }) | undefined
  /** Of each file that was here before, when it was last read. */
  readonly #existing = new Map<number, Known>()

  // Of this connection:
  #stream: SenderStream
  #failure: unknown
  #stage: Unpacked['stage'] = 'end'
  #entries: unknown[] = []
  /** Of all their paths. */
  #pathsLength = 0
  #entriesHash = createHash('sha256')
  #claiming: Iterator<Buffer | undefined, void> | undefined
  readonly #claimedWhole = new Set<number>()
  readonly #claimedBeginnings = new Map<number, readonly Beginning[]>()
  #beginnings = 0
  /** Claimed to be what was here before. */
  readonly #claimedExisting = new Set<number>()
  #oldFolder: ExistingFolder | undefined
  #staging = new StagingFolder('')
  #current: WrittenFile | undefined
  #finishing: { readonly patience: AbortController; readonly over: Promise<unknown> } | undefined
  /** Files that are closed as soon as the disk has what it was told to keep. */
  readonly #closing = new Set<Promise<void>>()
  /** What the disk could not keep of a file that was closed: the system tells of it once only. */
  #unkept: unknown
  #stored = 0
  #verdict: Verdict | undefined

  constructor(expected: PackedExpectation, place: Place) {
    this.#expected = expected
    this.#one = 'path' in place ? place : undefined
    this.#root = 'root' in place ? place.root : ''
    this.#oldRoot = 'root' in place ? place.existing : undefined
    this.#stream = new SenderStream(expected.kind)
    if (this.#one !== undefined) {
      const { name, path } = this.#one
      this.#files = [{ name, size: expected.size, path, local: undefined }]
    }
  }

  async begin(): Promise<void> {
    await this.pause()
    if (this.#unkept !== undefined) this.#forget()
    const { kind } = this.#expected
    this.#stream = new SenderStream(kind)
    this.#failure = undefined
    this.#stage = kind === 'folder' ? 'manifest' : 'claims'
    this.#entries = []
    this.#pathsLength = 0
    this.#entriesHash = createHash('sha256')
    this.#claimedWhole.clear()
    this.#claimedBeginnings.clear()
    this.#beginnings = 0
    this.#claimedExisting.clear()
    this.#oldFolder = undefined
    this.#staging = new StagingFolder(this.#root)
    this.#stored = 0
    this.#verdict = undefined
  }

  /** No file is open any more. */
  async pause(): Promise<void> {
    this.#claiming?.return?.()
    this.#claiming = undefined
    this.#finishing?.patience.abort()
    await this.#finishing?.over
    this.#finishing = undefined
    const current = this.#current
    this.#current = undefined
    if (current !== undefined) {
      const { file, position: bytes, hash } = current
      try {
        this.#broken = { file, bytes, hash, mtimeNs: current.mtimeNs() }
      } catch {
        // Whoever asks for it next reads it again.
      }
      this.#close(current)
    }
    await Promise.allSettled(this.#closing)
  }

  /** Uses up what came. After a failure, nothing of this connection is taken any more. */
  feed(bytes: Uint8Array): Unpacked {
    if (this.#failure !== undefined) throw this.#failure
    try {
      for (const item of this.#stream.read(bytes)) this.#take(item)
    } catch (error) {
      this.#failure = error
      throw error
    }
    return {
      stored: this.#stored,
      stage: this.#stage,
      verdict: this.#verdict,
      manifest: this.#manifestDigest,
    }
  }

  /** A part of the manifest, once it is there. */
  manifest(from: number, count: number): Manifest {
    const { files = [], folders = [] } = this.#manifest ?? {}
    return { files: files.slice(from, from + count), folders: folders.slice(from, from + count) }
  }

  /** The next frame that says what is here, or as much as one step gives of it. */
  claim(): { readonly frame: Buffer | undefined; readonly over: boolean } {
    this.#claiming ??= this.#claims()
    const step = this.#claiming.next()
    if (!step.done) return { frame: step.value, over: false }
    const beginningsOf = (file: number): readonly Beginning[] => this.#claimedBeginnings.get(file) ?? []
    this.#stream.claimed({
      files: this.#files.length,
      size: this.#expected.size,
      sizeOf: file => this.#fileAt(file).size,
      isWhole: file => this.#claimedWhole.has(file),
      isPoint: (file, bytes) => beginningsOf(file).some(beginning => beginning.bytes === bytes),
    })
    this.#stage = 'files'
    return { frame: undefined, over: true }
  }

  /** Everything is on the disk then, except where folders say what is in them. `pause` cuts it short. */
  finish(): Promise<Finished> {
    const patience = new AbortController()
    const outcome = this.#finish(patience.signal)
    this.#finishing = { patience, over: outcome.catch(() => {}) }
    return outcome
  }

  async #finish(signal: AbortSignal): Promise<Finished> {
    if (this.#stage !== 'end') throw new Failure('bug', `bug: finished in ${this.#stage}`)
    await Promise.allSettled(this.#closing)
    const isExisting = await this.#isAllAsBefore()
    try {
      if (this.#unkept !== undefined) throw this.#unkept
      if (!isExisting) {
        for (const file of this.#files.keys()) if (this.#isHere(file)) await this.#copyExisting(file, signal)
        await syncFiles(this.#files, this.#one === undefined ? this.#root : undefined)
      }
    } catch (error) {
      if (!signal.aborted) this.#forget()
      throw error
    }
    const files = this.#files.map(({ name }, file) => {
      const known = this.#whole.get(file) ?? this.#existing.get(file)
      if (known === undefined) throw new Failure('bug', `bug: ${name} is missing`)
      return { name, sha256: known.sha256 }
    })
    return { sha256: totalDigest(this.#expected.kind, files), isExisting }
  }

  /** Whether what was here before stands for all that came, and nothing needs a name. */
  async #isAllAsBefore(): Promise<boolean> {
    const mayBe = this.#one === undefined ? this.#oldFolder?.isAlike : this.#one.existing !== undefined
    if (mayBe !== true) return false
    const step = new Step()
    for (const file of this.#files.keys()) {
      if (this.#isHere(file)) continue
      if (!this.#isAsBefore(file)) return false
      if (step.opened()) await nextTurn()
    }
    return true
  }

  /** It did not come, since the sender found it to be the same as what was here before. */
  #isHere(file: number): boolean {
    return this.#claimedExisting.has(file) && !this.#whole.has(file)
  }

  /** It came, and is what was here before, which was too small to be told. */
  #isAsBefore(file: number): boolean {
    const { size } = this.#fileAt(file)
    const existing = this.#existingOf(file)
    if (size >= MIN_TOLD_BYTES || existing === undefined) return false
    const reading = this.#readExisting(existing, size, undefined, new Step())
    for (let step = reading.next(); ; step = reading.next()) {
      if (step.done) return step.value?.sha256 === this.#whole.get(file)?.sha256
    }
  }

  async #copyExisting(file: number, signal: AbortSignal): Promise<void> {
    const { path, name, local } = this.#fileAt(file)
    const [from, known] = [this.#existingOf(file), this.#existing.get(file)]
    if (from === undefined || known === undefined) throw new Failure('bug', `bug: ${name} was never here`)
    if (local !== undefined) this.#staging.makeAbove(local)
    await copyExisting(from, { path, name: basename(name), sha256: known.sha256 }, signal)
    const { mtimeNs } = writing(name, () => fs.lstatSync(path, { bigint: true }))
    this.#whole.set(file, { ...known, mtimeNs })
  }

  /** Where a file is that was here before, and may be what comes. */
  #existingOf(file: number): string | undefined {
    const { local } = this.#fileAt(file)
    return local === undefined ? this.#one?.existing : this.#oldFolder?.files.get(local)
  }

  /** What was written is perhaps not what is there: it is read again. */
  #forget(): void {
    this.#unkept = undefined
    this.#broken = undefined
    this.#whole.clear()
  }

  // ------------------------------------------------------------------------------------------ what comes

  #take(item: SenderItem): void {
    switch (item.kind) {
      case 'entries':
        this.#entriesHash.update(JSON.stringify(item.entries))
        for (const entry of item.entries) {
          this.#entries.push(entry)
          this.#pathsLength += Array.isArray(entry) && typeof entry[0] === 'string' ? entry[0].length : 0
        }
        // Refused here already, before a peer's list fills the memory.
        if (this.#entries.length > MAX_ENTRIES || this.#pathsLength > MAX_PATHS_LENGTH) this.#readManifest()
        return
      case 'manifest-end':
        this.#readManifest()
        this.#stage = 'claims'
        return
      case 'begin':
        this.#stored = item.bytes
        this.#verdict = { resumedFrom: item.bytes, restarted: item.restarted }
        return
      case 'file':
        this.#beginFile(item.file, item.from)
        return
      case 'bytes':
        this.#stored += this.#open().write(item.bytes)
        return
      case 'digest':
        this.#endFile(item.digest)
        return
      case 'end':
        this.#stage = 'end'
        return
    }
  }

  #readManifest(): void {
    const entries = this.#entries
    this.#entries = []
    if (this.#expected.kind === 'file') throw new Failure('bug', 'bug: a manifest for a single file')
    const digest = this.#entriesHash.digest('hex')
    if (digest === this.#manifestDigest) return
    const manifest = readManifest(entries, this.#expected)
    this.#manifest = manifest
    this.#manifestDigest = digest
    this.#files = manifest.files.map(({ path, local, size }) => ({
      name: path,
      size,
      path: join(this.#root, local),
      local,
    }))
    this.#folders = manifest.folders
    // Numbers mean other files now.
    this.#whole.clear()
    this.#existing.clear()
    this.#broken = undefined
  }

  #beginFile(file: number, from: number): void {
    const { path, name, local } = this.#fileAt(file)
    this.#whole.delete(file)
    if (this.#broken?.file === file) this.#broken = undefined
    const beginning = this.#claimedBeginnings.get(file)?.find(({ bytes }) => bytes === from)
    const hash = from === 0 ? createHash('sha256') : beginning?.hash
    if (hash === undefined) throw new Failure('bug', `bug: file ${file} goes on from ${from}`)
    if (local !== undefined) this.#staging.makeAbove(local)
    const place = { file, name: basename(name), path, isOne: local === undefined }
    this.#current = WrittenFile.open(place, from, hash)
  }

  #endFile(digest: Uint8Array): void {
    const current = this.#open()
    const own = current.hash.digest()
    if (!own.equals(digest)) {
      this.#current = undefined
      current.remove()
      this.#close(current)
      throw new Failure('checksum-mismatch', say('file.damaged', { name: current.name }))
    }
    const known = { bytes: current.position, mtimeNs: current.mtimeNs(), sha256: own.toString('hex') }
    this.#whole.set(current.file, known)
    this.#current = undefined
    this.#close(current)
  }

  #close(file: WrittenFile): void {
    const closing = file.close()
    if (closing === undefined) return
    this.#closing.add(closing)
    closing
      .catch((error: unknown) => {
        this.#unkept ??= error
      })
      .finally(() => this.#closing.delete(closing))
  }

  // -------------------------------------------------------------------------------------- what is here

  /** Frames that can leave, and nothing where a step is full. */
  *#claims(): Generator<Buffer | undefined, void> {
    const batch = FrameBatch.ofClaims()
    const step = new Step()
    const places = this.#files.flatMap(({ local }) => local ?? [])
    // Leaves nothing there but what belongs there.
    const found =
      this.#one === undefined ? yield* this.#staging.tidy(places, this.#folders, step) : new Set<string>()
    if (this.#oldRoot !== undefined) {
      this.#oldFolder = yield* lookAtExisting(this.#oldRoot, places, this.#folders, step)
    }
    for (const [file, { local }] of this.#files.entries()) {
      if (local !== undefined && !found.has(local) && this.#existingOf(file) === undefined) continue
      const points = yield* this.#pointsOf(file, step)
      if (points.length === 0) continue
      const claim: Claim = { file, points }
      const full = batch.addClaim(claim)
      if (full !== undefined) yield full
    }
    for (const folder of this.#folders) {
      this.#staging.make(folder)
      if (step.opened()) yield
    }
    const last = batch.flush()
    if (last !== undefined) yield last
  }

  *#pointsOf(file: number, step: Step): Generator<undefined, readonly Point[]> {
    const { path, size } = this.#fileAt(file)
    const points = yield* this.#read(file, path, step)
    const existing = size < MIN_TOLD_BYTES ? undefined : this.#existingOf(file)
    if (existing === undefined || this.#claimedWhole.has(file)) return points
    this.#whole.delete(file)
    const whole = yield* this.#readExisting(existing, size, this.#existing.get(file), step)
    if (whole === undefined) return points
    this.#existing.set(file, whole)
    this.#claimedExisting.add(file)
    this.#claimedWhole.add(file)
    return [...points, { bytes: size, sha256: whole.sha256 }]
  }

  /** What lies where a file is to be. What is no file, or too long to be its beginning, is as good as nothing. */
  *#read(file: number, path: string, step: Step): Generator<undefined, readonly Point[]> {
    const { size, name } = this.#fileAt(file)
    const there = writing(name, () => fs.lstatSync(path, { bigint: true, throwIfNoEntry: false }))
    if (!there?.isFile() || there.size > BigInt(size)) return []
    const bytes = Number(there.size)
    if (bytes === 0 && size > 0) return []
    const known = this.#whole.get(file)
    if (known !== undefined && known.bytes === bytes && known.mtimeNs === there.mtimeNs) {
      this.#claimedWhole.add(file)
      return [{ bytes, sha256: known.sha256 }]
    }
    const broken = this.#broken
    if (broken?.file === file && broken.bytes === bytes && broken.mtimeNs === there.mtimeNs) {
      const hash = broken.hash.copy()
      return bytes < size ? this.#began(file, [{ bytes, hash }]) : [this.#have(file, there, hash)]
    }
    const positions = this.#positions(bytes, size)
    if (positions.length === 0) return []
    const beginnings: Beginning[] = []
    const hash = createHash('sha256')
    const fd = writing(name, () => fs.openSync(path, READ_FLAGS))
    try {
      if (step.opened()) yield
      let at = 0
      for (const position of positions) {
        const read = yield* hashStretch(fd, hash, at, position, step)
        if (read < position - at) break
        at = position
        beginnings.push({ bytes: position, hash: hash.copy() })
      }
    } catch (error) {
      throw writeFailure(error, name)
    } finally {
      fs.closeSync(fd)
    }
    const points = this.#began(
      file,
      beginnings.filter(beginning => beginning.bytes < size),
    )
    return beginnings.at(-1)?.bytes === size ? [...points, this.#have(file, there, hash)] : points
  }

  *#readExisting(
    path: string,
    size: number,
    before: Known | undefined,
    step: Step,
  ): Generator<undefined, Known | undefined> {
    let fd: number | undefined
    try {
      const there = fs.lstatSync(path, { bigint: true })
      if (!there.isFile() || there.size !== BigInt(size)) return undefined
      if (before?.mtimeNs === there.mtimeNs) return before
      const hash = createHash('sha256')
      if (step.opened()) yield
      fd = fs.openSync(path, READ_FLAGS)
      const read = yield* hashStretch(fd, hash, 0, size, step)
      return read < size ? undefined : { bytes: size, mtimeNs: there.mtimeNs, sha256: hash.digest('hex') }
    } catch {
      // Whatever is wrong with it: without it, the file comes over the stream.
      return undefined
    } finally {
      if (fd !== undefined) fs.closeSync(fd)
    }
  }

  /** Up to where a file is hashed to be claimed: ascending, as many as may be claimed. */
  #positions(bytes: number, size: number): readonly number[] {
    const isWhole = bytes === size
    // What was lost of a smaller one is soon sent again.
    const isWorthIt = !isWhole || bytes > MAX_LOST_BYTES
    const earlier = isWorthIt ? LOST_BYTES.map(lost => bytes - lost).filter(position => position > 0) : []
    const beginnings = isWhole ? earlier : [...earlier, bytes]
    const left = MAX_BEGINNINGS - this.#beginnings
    const allowed = left > 0 ? beginnings.slice(-left) : []
    return isWhole ? [...allowed, bytes] : allowed
  }

  #began(file: number, beginnings: readonly Beginning[]): readonly Point[] {
    this.#beginnings += beginnings.length
    if (beginnings.length > 0) this.#claimedBeginnings.set(file, beginnings)
    return beginnings.map(({ bytes, hash }) => ({ bytes, sha256: hash.copy().digest('hex') }))
  }

  /** All of it, as it is there, though nobody has confirmed it yet. */
  #have(file: number, { size, mtimeNs }: fs.BigIntStats, hash: Hash): Point {
    const known = { bytes: Number(size), mtimeNs, sha256: hash.digest('hex') }
    this.#whole.set(file, known)
    this.#claimedWhole.add(file)
    return { bytes: known.bytes, sha256: known.sha256 }
  }

  #fileAt(file: number): ExpectedFile {
    const expected = this.#files[file]
    if (expected === undefined) throw new Failure('bug', `bug: there is no file ${file}`)
    return expected
  }

  #open(): WrittenFile {
    if (this.#current === undefined) throw new Failure('bug', 'bug: no file is open')
    return this.#current
  }
}

const READ_FLAGS = fs.constants.O_RDONLY | CAREFULLY

function writing<T>(name: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw writeFailure(error, name)
  }
}
