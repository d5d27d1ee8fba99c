/**
 * A file that is being received: beside its destination, under a name that nothing else has, until it is whole.
 *
 * The final name is claimed only at the end, and never over anything that exists: a hard link fails when the
 * name is taken, by whatever (a file, a symlink, the same name in other letters on a disk that ignores case).
 */
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import {
  Destination,
  type Identity,
  isSame,
  MAX_NUMBER,
  MAX_SHOWN_BYTES,
  patiently,
  replaced,
  takeBack,
} from './destination.ts'
import { errnoOf, writeFailure } from './disk-failure.ts'
import { HeldFile } from './held-file.ts'
import { cutToBytes, numberedName, safeFileName } from './safe-file-name.ts'

/** What a partial file asks of the file system, for tests of file systems that this computer has not got. */
export type FileOperations = Pick<
  typeof fs,
  'open' | 'link' | 'rename' | 'unlink' | 'lstat' | 'stat' | 'realpath' | 'statfs'
>

export interface PartialFileOptions {
  /** Bytes that will come, to see beforehand whether they fit; `undefined` if nobody knows. */
  readonly size?: number | undefined
  /** The person agreed that a file of this name is replaced. */
  readonly replace?: boolean
  readonly files?: FileOperations
}

/** A partial file that was kept, as a journal knows it. */
export interface KeptFile extends PartialFileOptions {
  /** As it was named when the partial file was created. */
  readonly directory: string
  /** Of the partial file. */
  readonly path: string
  /** What the file will be called. */
  readonly name: string
  /** What `beforeClaim` was called with last, if it was. */
  readonly claiming?: string | undefined
}

export interface CommitOptions {
  /** Called with each path just before it is claimed, for a journal to write ahead; a rejection stops the commit. */
  readonly beforeClaim?: ((finalPath: string) => Promise<void>) | undefined
}

interface Made {
  readonly files: FileOperations
  readonly destination: Destination
  readonly name: string
  readonly path: string
  readonly replace: boolean
}

/** How much may be written before the disk is told to keep it. */
const SYNC_BYTES = 64 * 1024 * 1024
const OWN_MODE = 0o600

/**
 * Creates the partial file in `directory`, which must exist. The name is made safe here once more.
 * Fails with `disk-full` when there is less room than `size`, or with `cannot-write`.
 */
export async function createPartialFile(
  directory: string,
  offeredName: string,
  options: PartialFileOptions = {},
): Promise<PartialFile> {
  const { size, replace = false, files = fs } = options
  const name = safeFileName(offeredName)
  try {
    const destination = await Destination.open(directory, files)
    const path = destination.inside(
      `.${cutToBytes(name, MAX_SHOWN_BYTES)}.${randomBytes(8).toString('hex')}.plumb-part`,
    )
    if (size !== undefined) await destination.requireSpace({ name, size, files: 1 })
    // Exclusive creation does not follow a symlink in the last place; the flag says it where it exists. Reading is for
    // the beginning of a file that goes on later.
    const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
    const handle = await files.open(path, O_RDWR | O_CREAT | O_EXCL | (O_NOFOLLOW ?? 0), OWN_MODE)
    return new PartialFile({ files, destination, name, path, replace }, new HeldFile(handle))
  } catch (error) {
    throw writeFailure(error, join(directory, name))
  }
}

/**
 * Opens a partial file that was kept, also one whose program was killed; `undefined` if it is gone. It is gone, too, if
 * the program was killed in a commit after the file got its name: what is at `claiming` is whole then, and must not be
 * written to under its other name. `size` is what the whole file will have. Fails with `disk-full` when there is no room for the rest, or with `cannot-write`, also when
 * something else is in its place or its folder is another one now.
 */
export async function reopenPartialFile(kept: KeptFile): Promise<PartialFile | undefined> {
  const { directory, path, size, replace = false, files = fs } = kept
  const name = safeFileName(kept.name)
  try {
    const destination = await Destination.open(directory, files)
    if (!destination.owns(path)) throw replaced(name)
    const there = await orUndefined(files.lstat(path, { bigint: true }))
    if (there === undefined) return undefined
    if (!there.isFile()) throw replaced(name)
    if (await isNamed(kept, there, files)) {
      await removeFile(files, path)
      return undefined
    }
    // Non-blocking: a named pipe put there in between would hold this process until somebody writes to it.
    const { O_RDWR, O_NOFOLLOW, O_NONBLOCK } = constants
    const handle = await files.open(path, O_RDWR | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0))
    try {
      const opened = await handle.stat({ bigint: true })
      if (!opened.isFile() || !isSame(opened, there)) throw replaced(name)
      await takeBack(handle, name, { own: OWN_MODE, whole: wholeMode() })
      const rest = size === undefined ? 0 : Math.max(0, size - Number(opened.size))
      await destination.requireSpace({ name, size: rest, files: 1 })
    } catch (error) {
      await handle.close()
      throw error
    }
    return new PartialFile({ files, destination, name, path, replace }, new HeldFile(handle))
  } catch (error) {
    throw writeFailure(error, join(directory, name))
  }
}

/** The path of a regular file of this name, made safe, and this size in bytes, if there is one in the folder. */
export async function findWhole(directory: string, name: string, size: number): Promise<string | undefined> {
  try {
    const path = (await Destination.open(directory, fs)).inside(safeFileName(name))
    const there = await fs.lstat(path)
    return there.isFile() && there.size === size ? path : undefined
  } catch {
    return undefined
  }
}

export class PartialFile {
  /** What the file will be called, unless the name is taken. */
  readonly name: string
  /** The folder, without symlinks. */
  readonly directory: string
  /** Where the bytes are until then. */
  readonly path: string
  readonly #files: FileOperations
  readonly #destination: Destination
  readonly #replace: boolean
  readonly #file: HeldFile
  #state: 'open' | 'committing' | 'committed' | 'failed' | 'kept' | 'discarded' = 'open'
  #committing: Promise<string> | undefined
  /** Bytes that nobody has told the disk to keep yet. */
  #unsynced = 0
  #syncing: Promise<void> | undefined

  constructor(made: Made, file: HeldFile) {
    this.#files = made.files
    this.#destination = made.destination
    this.#replace = made.replace
    this.#file = file
    this.name = made.name
    this.directory = made.destination.path
    this.path = made.path
  }

  /** For `receiveFile`. */
  hold(): { readonly fd: number; release(): void } {
    return this.#file.hold()
  }

  /**
   * For `receiveFile`: these many bytes more are written. They are sent on to the disk while others arrive, or
   * else the end of a large file would wait for all of it at once.
   */
  wrote(bytes: number): void {
    this.#unsynced += bytes
    if (this.#unsynced < SYNC_BYTES || this.#syncing !== undefined || this.#state !== 'open') return
    this.#unsynced = 0
    const syncing = this.#file.handle.datasync()
    this.#syncing = syncing
    syncing.then(
      () => {
        this.#syncing = undefined
      },
      // The system tells of a failed write once only: it stays, for the commit to find.
      () => {},
    )
  }

  /** Bytes that are in it now. */
  async length(): Promise<number> {
    try {
      return (await this.#file.handle.stat()).size
    } catch (error) {
      throw writeFailure(error, join(this.directory, this.name))
    }
  }

  /** Drops all but the first `bytes` bytes; nobody may be writing. There must be as many. */
  async truncate(bytes: number): Promise<void> {
    const length = await this.length()
    if (bytes > length) throw new Failure('bug', `bug: ${length} bytes cannot be cut to ${bytes}`)
    try {
      await this.#file.handle.truncate(bytes)
    } catch (error) {
      throw writeFailure(error, join(this.directory, this.name))
    }
  }

  /**
   * Gives the file its name, or the next free numbered one, and returns where it is now. Everything is on the
   * disk before the name appears. After a failure the partial file is still there, to be kept or discarded.
   */
  async commit(options: CommitOptions = {}): Promise<string> {
    if (this.#state !== 'open') throw new Failure('bug', `bug: the partial file is already ${this.#state}`)
    this.#state = 'committing'
    this.#committing = this.#commit(options)
    return this.#committing
  }

  async #commit({ beforeClaim }: CommitOptions): Promise<string> {
    try {
      // Whole, it is a file like any other that this person makes; until then it was theirs alone.
      await this.#file.handle.chmod(wholeMode())
      await this.#syncing
      await this.#file.handle.sync()
      const own: Identity = await this.#file.handle.stat({ bigint: true })
      await this.#destination.requireSame()
      const final = await this.#claimName(own, beforeClaim)
      this.#state = 'committed'
      await this.#destination.sync()
      return final
    } catch (error) {
      this.#state = 'failed'
      throw writeFailure(error, join(this.directory, this.name))
    }
  }

  /**
   * Closes it and leaves it where it is, to be opened again; waits for a commit under way. Does nothing after a commit,
   * after it was discarded, or a second time.
   */
  async keep(): Promise<void> {
    await this.#committing?.catch(() => {})
    if (this.#state !== 'open' && this.#state !== 'failed') return
    this.#state = 'kept'
    try {
      await this.#file.close()
    } catch (error) {
      throw writeFailure(error, join(this.directory, this.name))
    }
  }

  /** Closes and deletes it; waits for a commit under way. Does nothing after a commit, or a second time. */
  async discard(): Promise<void> {
    await this.#committing?.catch(() => {})
    if (this.#state === 'committed' || this.#state === 'discarded') return
    this.#state = 'discarded'
    try {
      await this.#file.close()
      await removeFile(this.#files, this.path)
    } catch (error) {
      throw writeFailure(error, join(this.directory, this.name))
    }
  }

  async #claimName(own: Identity, beforeClaim: CommitOptions['beforeClaim']): Promise<string> {
    if (this.#replace) {
      const final = this.#destination.inside(this.name)
      // Only a file: a folder, or a link to elsewhere, was never meant.
      const there = await this.#files.lstat(final).catch(() => undefined)
      if (there?.isFile()) {
        await beforeClaim?.(final)
        await this.#file.close()
        await patiently(() => this.#files.rename(this.path, final))
        return final
      }
    }
    for (let number = 1; number <= MAX_NUMBER; number += 1) {
      const final = this.#destination.inside(numberedName(this.name, number))
      // Only to spare a journal the names that are taken: the claim alone decides.
      if ((await orUndefined(this.#files.lstat(final))) !== undefined) continue
      await beforeClaim?.(final)
      if (await this.#claim(final, own)) return final
    }
    throw new Failure('cannot-write', say('file.too-many-names', { name: this.name }))
  }

  /** `false` if the name is taken. */
  async #claim(final: string, own: Identity): Promise<boolean> {
    try {
      await this.#files.link(this.path, final)
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') return false
      // Not every file system has hard links, and each says so with another error. Where it was something
      // else, such as a missing permission, the second way fails too and says what.
      await this.#file.close()
      return this.#claimWithoutLinks(final)
    }
    // Some systems follow a symlink here, should someone have put one in place of the partial file. The file
    // is still open, so that no other one can have its number.
    if (!isSame(await this.#files.lstat(final, { bigint: true }), own)) {
      await removeFile(this.#files, final)
      throw new Failure('cannot-write', say('file.replaced', { name: this.name }))
    }
    await this.#file.close()
    // It has its name; that it keeps the other one too is ugly, but no failure.
    await removeFile(this.#files, this.path).catch(() => {})
    return true
  }

  /** An empty file made exclusively is the claim; only that may be renamed over. */
  async #claimWithoutLinks(final: string): Promise<boolean> {
    try {
      const claim = await this.#files.open(final, 'wx', 0o600)
      await claim.close()
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') return false
      throw error
    }
    try {
      await patiently(() => this.#files.rename(this.path, final))
    } catch (error) {
      const claim = await this.#files.lstat(final).catch(() => undefined)
      if (claim?.isFile() && claim.size === 0) await removeFile(this.#files, final).catch(() => {})
      throw error
    }
    return true
  }
}

/** Whether a commit that was cut short has given the file its name. */
async function isNamed({ claiming }: KeptFile, partial: Identity, files: FileOperations): Promise<boolean> {
  if (claiming === undefined || partial.ino === 0n) return false
  const named = await orUndefined(files.lstat(claiming, { bigint: true }))
  return named !== undefined && isSame(named, partial)
}

function wholeMode(): number {
  return 0o666 & ~process.umask()
}

async function orUndefined<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

async function removeFile(files: FileOperations, path: string): Promise<void> {
  try {
    await patiently(() => files.unlink(path))
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
}
