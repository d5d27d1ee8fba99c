import { constants, type Stats } from 'node:fs'
import * as fs from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { inUnits } from '../../shared/in-units.ts'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import { errnoOf } from './disk-failure.ts'
import { folderName } from './folder-name.ts'

/** What it asks of the file system, for tests of file systems that this computer has not got. */
export type DestinationOperations = Pick<typeof fs, 'stat' | 'realpath' | 'statfs'>

/** Which file or folder it is, whatever its name. */
export interface Identity {
  readonly dev: bigint
  readonly ino: bigint
}

/** What is to come, and how much room that needs. */
export interface Need {
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** How many files; each takes whole blocks. */
  readonly files: number
}

/** What a partial file or folder is called, beside its destination. */
export const PARTIAL_NAME = /^\..*\.[0-9a-f]{16}\.plumb-part$/s

/** Of the own name inside the partial one, so that people can tell whose part it is. */
export const MAX_SHOWN_BYTES = 200
/** "photo (9999).jpg" */
export const MAX_NUMBER = 9_999
/** The largest file on FAT12, FAT16 and FAT32. */
const MAX_FAT_BYTES = 2 ** 32 - 1
/** Linux's number for all three of them; other systems give none, and tell only when it is too late. */
const MSDOS_SUPER_MAGIC = 0x4d44n
/** Virus scanners on Windows hold what is new open for a moment. */
const BUSY_RETRIES_MS = [20, 100, 400]

/** The folder in which what is received gets its name: the very one that was chosen, for as long as it takes. */
export class Destination {
  /** Where it really is, without symlinks. */
  readonly path: string
  readonly #named: string
  readonly #identity: Identity
  readonly #files: DestinationOperations

  private constructor(named: string, path: string, identity: Identity, files: DestinationOperations) {
    this.#named = named
    this.path = path
    this.#identity = identity
    this.#files = files
  }

  /** Throws what the file system says. */
  static async open(directory: string, files: DestinationOperations): Promise<Destination> {
    const real = await files.realpath(directory)
    return new Destination(directory, real, await files.stat(real, { bigint: true }), files)
  }

  /** The path of a name directly in the folder: the last line behind safe names. */
  inside(name: string): string {
    const path = join(this.path, name)
    if (dirname(path) !== this.path || basename(path) !== name) {
      throw new Failure('file-not-allowed', say('folder.outside', { name }))
    }
    return path
  }

  /** `true` if the path, from a journal, is one of a partial file or folder directly in this folder. */
  owns(path: string): boolean {
    return dirname(path) === this.path && PARTIAL_NAME.test(basename(path))
  }

  /** Throws `cannot-write` if the name of the folder has come to lead to another one. */
  async requireSame(): Promise<void> {
    const real = await this.#files.realpath(this.#named)
    const now = await this.#files.stat(this.path, { bigint: true })
    if (real === this.path && isSame(now, this.#identity)) return
    throw new Failure('cannot-write', say('folder.replaced', { folder: folderName(this.#named) }))
  }

  /** Throws `disk-full` or `cannot-write` for what cannot fit. */
  async requireSpace({ name, size, files }: Need): Promise<void> {
    // A file system that cannot tell will say so when it is full.
    const disk = await this.#files.statfs(this.path, { bigint: true }).catch(() => undefined)
    if (disk === undefined || disk.blocks === 0n) return
    if (disk.type === MSDOS_SUPER_MAGIC && files === 1 && size > MAX_FAT_BYTES) {
      throw new Failure('cannot-write', say('disk.too-large-for-fat', { name, size: inUnits(size) }))
    }
    const free = disk.bavail * disk.bsize
    // Half a block is lost at the end of each file, on the average; that of a single one is no matter.
    const blocks = files > 1 ? (BigInt(files) * disk.bsize) / 2n : 0n
    const needed = BigInt(Math.ceil(size)) + blocks
    if (needed <= free) return
    throw new Failure(
      'disk-full',
      say('disk.no-room', {
        name,
        needed: inUnits(Number(needed)),
        free: inUnits(Number(free)),
        folder: folderName(this.path),
      }),
    )
  }

  sync(): Promise<void> {
    return syncFolder(this.path)
  }
}

/** Some network file systems number no files; there, the name has to do. */
export function isSame(one: Identity, other: Identity): boolean {
  return one.ino === 0n || other.ino === 0n || (one.ino === other.ino && one.dev === other.dev)
}

/**
 * Takes back what an earlier run left. Throws `cannot-write` if it is not this person's, or if somebody opened it to
 * others. `own` is the mode of what is not whole yet, `whole` that which a commit had set when it was cut short.
 */
export async function takeBack(
  item: { stat(): Promise<Pick<Stats, 'uid' | 'mode'>>; chmod(mode: number): Promise<void> },
  name: string,
  modes: { readonly own: number; readonly whole: number },
): Promise<void> {
  // Windows has no modes; there, what is in the folder is whose folder it is.
  const person = process.geteuid?.()
  if (person === undefined) return
  const before = await item.stat()
  if (before.uid !== person) throw replaced(name)
  const mode = before.mode & 0o777
  await item.chmod((before.mode & 0o7000) | modes.own)
  if (mode === modes.own || mode === modes.whole) return
  // A file system without permissions shows the same ones whatever was set.
  if (((await item.stat()).mode & 0o777) !== mode) throw replaced(name)
}

export function replaced(name: string): Failure {
  return new Failure('cannot-write', say('disk.partial-changed', { name }))
}

export async function patiently(act: () => Promise<void>): Promise<void> {
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

/** Makes names themselves survive a power failure, where folders can be opened; best effort. */
export async function syncFolder(path: string): Promise<void> {
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants
  const flags = O_RDONLY | (O_DIRECTORY ?? 0) | (O_NOFOLLOW ?? 0)
  const folder = await fs.open(path, flags).catch(() => undefined)
  await folder?.sync().catch(() => {})
  await folder?.close().catch(() => {})
}
