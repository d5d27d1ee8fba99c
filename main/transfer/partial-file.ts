/**
 * A file that is being received: beside its destination, under a name that nothing else has, until it is whole.
 *
 * The final name is claimed only at the end, and never over anything that exists: a hard link fails when the
 * name is taken, by whatever (a file, a symlink, the same name in other letters on a disk that ignores case).
 */
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import * as fs from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { inUnits } from '../../shared/in-units.ts'
import { Failure } from '../../shared/model/failure.ts'
import { errnoOf, FAT, writeFailure } from './disk-failure.ts'
import { folderName } from './folder-name.ts'
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

/** Which file it is, whatever its name. */
interface Identity {
  readonly dev: bigint
  readonly ino: bigint
}

interface Folder {
  /** As it was named to us. */
  readonly named: string
  /** Where it really is. */
  readonly real: string
  readonly identity: Identity
}

interface Made {
  readonly files: FileOperations
  readonly folder: Folder
  readonly name: string
  readonly path: string
  readonly replace: boolean
}

const MAX_NUMBER = 9_999
/** How much may be written before the disk is told to keep it. */
const SYNC_BYTES = 64 * 1024 * 1024
/** Of the file's own name inside the partial name, so that people can tell whose part it is. */
const MAX_SHOWN_BYTES = 200
/** The largest file on FAT12, FAT16 and FAT32. */
const MAX_FAT_BYTES = 2 ** 32 - 1
/** Linux's number for all three of them; other systems give none, and tell only when it is too late. */
const MSDOS_SUPER_MAGIC = 0x4d44n
/** Virus scanners on Windows hold a new file open for a moment. */
const BUSY_RETRIES_MS = [20, 100, 400]

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
    const real = await files.realpath(directory)
    const folder = { named: directory, real, identity: await files.stat(real, { bigint: true }) }
    const path = join(
      real,
      `.${cutToBytes(name, MAX_SHOWN_BYTES)}.${randomBytes(8).toString('hex')}.plumb-part`,
    )
    requireInside(real, path)
    if (size !== undefined) await requireSpace(files, real, name, size)
    // Exclusive creation does not follow a symlink in the last place; the flag says it where it exists.
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
    const handle = await files.open(path, O_WRONLY | O_CREAT | O_EXCL | (O_NOFOLLOW ?? 0), 0o600)
    return new PartialFile({ files, folder, name, path, replace }, new HeldFile(handle))
  } catch (error) {
    throw writeFailure(error, join(directory, name))
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
  readonly #folder: Folder
  readonly #replace: boolean
  readonly #file: HeldFile
  #state: 'open' | 'committing' | 'committed' | 'failed' | 'discarded' = 'open'
  #committing: Promise<string> | undefined
  /** Bytes that nobody has told the disk to keep yet. */
  #unsynced = 0
  #syncing: Promise<void> | undefined

  constructor(made: Made, file: HeldFile) {
    this.#files = made.files
    this.#folder = made.folder
    this.#replace = made.replace
    this.#file = file
    this.name = made.name
    this.directory = made.folder.real
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

  /**
   * Gives the file its name, or the next free numbered one, and returns where it is now. Everything is on the
   * disk before the name appears. After a failure the partial file is still there, to be discarded.
   */
  async commit(): Promise<string> {
    if (this.#state !== 'open') throw new Failure('bug', `bug: the partial file is already ${this.#state}`)
    this.#state = 'committing'
    this.#committing = this.#commit()
    return this.#committing
  }

  async #commit(): Promise<string> {
    try {
      // Whole, it is a file like any other that this person makes; until then it was theirs alone.
      await this.#file.handle.chmod(0o666 & ~process.umask())
      await this.#syncing
      await this.#file.handle.sync()
      const own: Identity = await this.#file.handle.stat({ bigint: true })
      await this.#requireSameFolder()
      const final = await this.#claimName(own)
      this.#state = 'committed'
      await syncFolder(this.directory)
      return final
    } catch (error) {
      this.#state = 'failed'
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

  async #claimName(own: Identity): Promise<string> {
    if (this.#replace) {
      const final = join(this.directory, this.name)
      requireInside(this.directory, final)
      // Only a file: a folder, or a link to elsewhere, was never meant.
      const there = await this.#files.lstat(final).catch(() => undefined)
      if (there?.isFile()) {
        await this.#file.close()
        await patiently(() => this.#files.rename(this.path, final))
        return final
      }
    }
    for (let number = 1; number <= MAX_NUMBER; number += 1) {
      const final = join(this.directory, numberedName(this.name, number))
      requireInside(this.directory, final)
      if (await this.#claim(final, own)) return final
    }
    throw new Failure('cannot-write', `There are too many files called ${this.name}: choose another folder.`)
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
      throw new Failure('cannot-write', `${this.name} was replaced by something else: receive it again.`)
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

  async #requireSameFolder(): Promise<void> {
    const real = await this.#files.realpath(this.#folder.named)
    const now = await this.#files.stat(this.#folder.real, { bigint: true })
    if (real === this.#folder.real && isSame(now, this.#folder.identity)) return
    throw new Failure(
      'cannot-write',
      `${folderName(this.#folder.named)} is no longer the folder it was: receive it again.`,
    )
  }
}

/** Some network file systems number no files; there, the name has to do. */
function isSame(one: Identity, other: Identity): boolean {
  return one.ino === 0n || other.ino === 0n || (one.ino === other.ino && one.dev === other.dev)
}

/** The last line behind `safeFileName`: nothing is ever made anywhere but directly in the folder. */
function requireInside(folder: string, path: string): void {
  if (dirname(path) !== folder)
    throw new Failure('file-not-allowed', `${basename(path)} would not be in the folder that was chosen.`)
}

async function requireSpace(
  files: FileOperations,
  folder: string,
  name: string,
  size: number,
): Promise<void> {
  // A file system that cannot tell will say so when it is full.
  const disk = await files.statfs(folder, { bigint: true }).catch(() => undefined)
  if (disk === undefined || disk.blocks === 0n) return
  if (disk.type === MSDOS_SUPER_MAGIC && size > MAX_FAT_BYTES) {
    throw new Failure('cannot-write', `${name} (${inUnits(size)}) is too large: ${FAT}`)
  }
  const free = disk.bavail * disk.bsize
  if (BigInt(Math.ceil(size)) <= free) return
  throw new Failure(
    'disk-full',
    `${name} needs ${inUnits(size)}, but only ${inUnits(Number(free))} are free in ${folderName(folder)}: make room and try again.`,
  )
}

async function removeFile(files: FileOperations, path: string): Promise<void> {
  try {
    await patiently(() => files.unlink(path))
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
}

async function patiently(act: () => Promise<void>): Promise<void> {
  for (const waitMs of BUSY_RETRIES_MS) {
    try {
      return await act()
    } catch (error) {
      const busy = ['EBUSY', 'EPERM', 'EACCES'].includes(errnoOf(error) ?? '')
      if (!busy || process.platform !== 'win32') throw error
      await new Promise(resolve => setTimeout(resolve, waitMs))
    }
  }
  return act()
}

/** Makes the name itself survive a power failure, where folders can be opened; best effort. */
async function syncFolder(path: string): Promise<void> {
  const folder = await fs.open(path, 'r').catch(() => undefined)
  await folder?.sync().catch(() => {})
  await folder?.close().catch(() => {})
}
