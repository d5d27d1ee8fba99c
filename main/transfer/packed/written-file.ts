import type { Hash } from 'node:crypto'
import fs from 'node:fs'
import { promisify } from 'node:util'
import { Failure } from '../../../shared/model/failure.ts'
import { say } from '../../../shared/words/say.ts'
import { writeFailure } from '../disk-failure.ts'
import { CAREFULLY } from './open-flags.ts'

/** How much may be written before the disk is told to keep it. */
const SYNC_BYTES = 64 * 1024 * 1024

const { O_WRONLY, O_CREAT, O_EXCL } = fs.constants

export interface WrittenPlace {
  /** Its number in the stream. */
  readonly file: number
  /** For sentences. */
  readonly name: string
  readonly path: string
  /** Whether it is somebody's partial file, which stays the same file, or one of ours in a folder. */
  readonly isOne: boolean
}

/** A file that is being written, on a disk thread. Throws `disk-full` or `cannot-write`. */
export class WrittenFile {
  readonly file: number
  readonly name: string
  /** Of its first `position` bytes. */
  readonly hash: Hash
  position: number
  readonly #place: WrittenPlace
  readonly #fd: number
  #unsynced = 0
  #syncing: Promise<void> | undefined
  /** The system tells of a failed write once only. */
  #trouble: unknown

  /** What is behind the first `from` bytes is cut off; `hash` is that of these. */
  static open(place: WrittenPlace, from: number, hash: Hash): WrittenFile {
    return writing(place.name, () => {
      const fd = place.isOne || from > 0 ? openExisting(place, from) : create(place.path)
      return new WrittenFile(place, fd, from, hash)
    })
  }

  private constructor(place: WrittenPlace, fd: number, from: number, hash: Hash) {
    this.file = place.file
    this.name = place.name
    this.position = from
    this.hash = hash
    this.#place = place
    this.#fd = fd
  }

  /** Returns how many bytes that were. After a failure, `position` and `hash` tell what became of them. */
  write(bytes: Uint8Array): number {
    this.#requireKept()
    for (let done = 0; done < bytes.length; ) {
      const left = bytes.length - done
      const written = writing(this.name, () => fs.writeSync(this.#fd, bytes, done, left, this.position))
      this.hash.update(bytes.subarray(done, done + written))
      this.position += written
      done += written
    }
    this.#unsynced += bytes.length
    if (this.#unsynced >= SYNC_BYTES && this.#syncing === undefined) this.#sync()
    return bytes.length
  }

  mtimeNs(): bigint {
    this.#requireKept()
    return writing(this.name, () => fs.fstatSync(this.#fd, { bigint: true })).mtimeNs
  }

  /** Nothing of it may be claimed any more. */
  remove(): void {
    writing(this.name, () => {
      if (this.#place.isOne) fs.ftruncateSync(this.#fd, 0)
      else fs.unlinkSync(this.#place.path)
    })
  }

  /** At once, unless the disk is still being told to keep it. Then it rejects where the disk could not. */
  close(): Promise<void> | undefined {
    if (this.#syncing === undefined) {
      fs.closeSync(this.#fd)
      return undefined
    }
    return this.#syncing.then(() => {
      fs.closeSync(this.#fd)
      this.#requireKept()
    })
  }

  #sync(): void {
    this.#unsynced = 0
    this.#syncing = promisify(fs.fdatasync)(this.#fd).then(
      () => {
        this.#syncing = undefined
      },
      (error: unknown) => {
        this.#trouble = error
      },
    )
  }

  #requireKept(): void {
    if (this.#trouble !== undefined) throw writeFailure(this.#trouble, this.name)
  }
}

function create(path: string): number {
  const flags = O_WRONLY | O_CREAT | O_EXCL | CAREFULLY
  try {
    return fs.openSync(path, flags, 0o666)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    // Of an earlier connection; whatever it is, it is not what comes now.
    fs.unlinkSync(path)
    return fs.openSync(path, flags, 0o666)
  }
}

function openExisting({ path, name, isOne }: WrittenPlace, from: number): number {
  const fd = fs.openSync(path, O_WRONLY | (isOne ? O_CREAT : 0) | CAREFULLY, 0o600)
  try {
    const there = fs.fstatSync(fd)
    if (!there.isFile() || there.size < from) {
      throw new Failure('cannot-write', say('file.changed-here', { name }))
    }
    if (there.size > from) fs.ftruncateSync(fd, from)
    return fd
  } catch (error) {
    fs.closeSync(fd)
    throw error
  }
}

function writing<T>(name: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw writeFailure(error, name)
  }
}
