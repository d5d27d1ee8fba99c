/**
 * A folder that is being received: beside its destination, under a name that nothing else has and closed to everybody
 * else, until all that is in it is whole.
 *
 * The final name is claimed only at the end, by making an empty folder, which fails when the name is taken by
 * whatever. Only that empty folder is ever replaced: a folder with anything in it cannot be, on no system.
 */
import { randomBytes } from 'node:crypto'
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
  syncFolder,
  takeBack,
} from './destination.ts'
import { errnoOf, writeFailure } from './disk-failure.ts'
import type { CommitOptions } from './partial-file.ts'
import { cutToBytes, safeFileName } from './safe-file-name.ts'

/** What a partial folder asks of the file system, for tests of file systems that this computer has not got. */
export type FolderOperations = Pick<
  typeof fs,
  'mkdir' | 'rmdir' | 'rm' | 'rename' | 'chmod' | 'lstat' | 'stat' | 'readdir' | 'realpath' | 'statfs'
>

export interface PartialFolderOptions {
  /** Bytes of all files, to see beforehand whether they fit. */
  readonly size?: number | undefined
  /** How many files. */
  readonly files?: number | undefined
  readonly operations?: FolderOperations
}

/** A partial folder that was kept, as a journal knows it. */
export interface KeptFolder extends PartialFolderOptions {
  /** As it was named when the partial folder was created. */
  readonly directory: string
  /** Of the partial folder. */
  readonly path: string
  /** What the folder will be called. */
  readonly name: string
}

interface Made {
  readonly operations: FolderOperations
  readonly destination: Destination
  readonly name: string
  readonly root: string
  readonly identity: Identity
}

const OWN_MODE = 0o700
/** How many files are asked after, or folders synced, side by side. */
const CONCURRENCY = 16

/**
 * Creates the partial folder in `directory`, which must exist. The name is made safe here once more.
 * Fails with `disk-full` when there is less room than needed, or with `cannot-write`.
 */
export async function createPartialFolder(
  directory: string,
  offeredName: string,
  options: PartialFolderOptions = {},
): Promise<PartialFolder> {
  const { size, files = 0, operations = fs } = options
  const name = safeFileName(offeredName)
  try {
    const destination = await Destination.open(directory, operations)
    const root = destination.inside(
      `.${cutToBytes(name, MAX_SHOWN_BYTES)}.${randomBytes(8).toString('hex')}.plumb-part`,
    )
    if (size !== undefined) await destination.requireSpace({ name, size, files })
    await operations.mkdir(root, OWN_MODE)
    const identity = await operations.lstat(root, { bigint: true })
    return new PartialFolder({ operations, destination, name, root, identity })
  } catch (error) {
    throw writeFailure(error, join(directory, name))
  }
}

/**
 * Finds a partial folder that was kept, also one whose program was killed; `undefined` if it is gone, which it is, too,
 * if the program was killed after it got its name. Fails with `disk-full` when there is no room for the rest, or with
 * `cannot-write`, also when something else is in its place or the folder around it is another one now.
 */
export async function reopenPartialFolder(kept: KeptFolder): Promise<PartialFolder | undefined> {
  const { directory, path: root, size, files = 0, operations = fs } = kept
  const name = safeFileName(kept.name)
  try {
    const destination = await Destination.open(directory, operations)
    if (!destination.owns(root)) throw replaced(name)
    const identity = await found(operations, root)
    if (identity === undefined) return undefined
    if (!identity.isDirectory()) throw replaced(name)
    const item = {
      stat: () => operations.lstat(root),
      chmod: (mode: number) => operations.chmod(root, mode),
    }
    await takeBack(item, name, { own: OWN_MODE, whole: wholeMode() })
    if (size !== undefined) {
      const here = await sizeOf(operations, root)
      const rest = { size: Math.max(0, size - here.size), files: Math.max(0, files - here.files) }
      await destination.requireSpace({ name, ...rest })
    }
    return new PartialFolder({ operations, destination, name, root, identity })
  } catch (error) {
    throw writeFailure(error, join(directory, name))
  }
}

/** The path of a folder of this name, made safe, if there is one in the directory. */
export async function findFolder(directory: string, name: string): Promise<string | undefined> {
  try {
    const path = (await Destination.open(directory, fs)).inside(safeFileName(name))
    return (await fs.lstat(path)).isDirectory() ? path : undefined
  } catch {
    return undefined
  }
}

export class PartialFolder {
  /** What the folder will be called, unless the name is taken. */
  readonly name: string
  /** The folder around it, without symlinks. */
  readonly directory: string
  /** Where the files are until then. Absolute. */
  readonly root: string
  readonly #operations: FolderOperations
  readonly #destination: Destination
  readonly #identity: Identity
  #state: 'open' | 'committing' | 'committed' | 'failed' | 'kept' | 'discarded' = 'open'
  #committing: Promise<string> | undefined

  constructor(made: Made) {
    this.#operations = made.operations
    this.#destination = made.destination
    this.#identity = made.identity
    this.name = made.name
    this.directory = made.destination.path
    this.root = made.root
  }

  /**
   * Gives the folder its name, or the next free numbered one, and returns where it is now. Its files have to be on the
   * disk and closed; that they are in their folders is on the disk before the name appears. After a failure the partial
   * folder is still there, to be kept or discarded.
   */
  async commit(options: CommitOptions = {}): Promise<string> {
    if (this.#state !== 'open') throw new Failure('bug', `bug: the partial folder is already ${this.#state}`)
    this.#state = 'committing'
    this.#committing = this.#commit(options)
    return this.#committing
  }

  async #commit({ beforeClaim }: CommitOptions): Promise<string> {
    try {
      await this.#destination.requireSame()
      const { mode } = await this.#requireOwn(this.root)
      // Whole, it is a folder like any other that this person makes, with the group of the folder around it where that
      // hands its group on; until then it was theirs alone.
      await this.#operations.chmod(this.root, (Number(mode) & 0o7000) | wholeMode())
      await syncFolders(this.#operations, this.root)
      const final = await this.#claimName(beforeClaim)
      this.#state = 'committed'
      await this.#destination.sync()
      return final
    } catch (error) {
      this.#state = 'failed'
      throw writeFailure(error, join(this.directory, this.name))
    }
  }

  /**
   * Leaves it where it is, to be opened again; waits for a commit under way. Does nothing after a commit, after it was
   * discarded, or a second time.
   */
  async keep(): Promise<void> {
    await this.#committing?.catch(() => {})
    if (this.#state === 'open' || this.#state === 'failed') this.#state = 'kept'
  }

  /**
   * Deletes it with all that is in it, of links only themselves; waits for a commit under way. Does nothing after a
   * commit, or a second time. All files have to be closed.
   */
  async discard(): Promise<void> {
    await this.#committing?.catch(() => {})
    if (this.#state === 'committed' || this.#state === 'discarded') return
    this.#state = 'discarded'
    try {
      if ((await found(this.#operations, this.root)) === undefined) return
      await this.#requireOwn(this.root)
      await this.#operations.rm(this.root, { recursive: true, force: true, maxRetries: 5 })
    } catch (error) {
      throw writeFailure(error, join(this.directory, this.name))
    }
  }

  async #claimName(beforeClaim: CommitOptions['beforeClaim']): Promise<string> {
    for (let number = 1; number <= MAX_NUMBER; number += 1) {
      // A folder has no extension, and room for a number is in every safe name.
      const final = this.#destination.inside(number === 1 ? this.name : `${this.name} (${number})`)
      // Only to spare a journal the names that are taken: the claim alone decides.
      if ((await found(this.#operations, final)) !== undefined) continue
      await beforeClaim?.(final)
      if (!(await this.#claim(final))) continue
      await this.#requireOwn(final)
      return final
    }
    throw new Failure('cannot-write', say('folder.too-many-names', { name: this.name }))
  }

  /** `false` if the name is taken. */
  async #claim(final: string): Promise<boolean> {
    try {
      await this.#operations.mkdir(final, OWN_MODE)
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') return false
      throw error
    }
    try {
      await this.#operations.rename(this.root, final)
      return true
    } catch {
      // Windows replaces no folder, not even an empty one. Where it was something else, such as a missing permission,
      // the second way fails too and says what.
      return this.#claimWithoutReplacing(final)
    }
  }

  /**
   * The name is free for a moment. Whoever takes it in that moment keeps it: no system lets a folder take the place of
   * a file, or of a folder with anything in it.
   */
  async #claimWithoutReplacing(final: string): Promise<boolean> {
    try {
      await patiently(() => this.#operations.rmdir(final))
    } catch (error) {
      // Somebody found the empty folder, and uses it.
      if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return false
      if (errnoOf(error) !== 'ENOENT') throw error
    }
    try {
      await patiently(() => this.#operations.rename(this.root, final))
      return true
    } catch (error) {
      if ((await found(this.#operations, final)) !== undefined) return false
      throw error
    }
  }

  async #requireOwn(path: string): Promise<{ readonly mode: bigint }> {
    const there = await this.#operations.lstat(path, { bigint: true })
    if (!there.isDirectory() || !isSame(there, this.#identity)) throw replaced(this.name)
    return there
  }
}

function wholeMode(): number {
  return 0o777 & ~process.umask()
}

async function found(operations: FolderOperations, path: string) {
  try {
    return await operations.lstat(path, { bigint: true })
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** The folder and all folders in it, each with the files that are directly in it. Follows no links. */
async function* foldersOf(
  operations: FolderOperations,
  root: string,
): AsyncGenerator<{ readonly path: string; readonly files: readonly string[] }> {
  const waiting = [root]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const files: string[] = []
    for (const entry of await operations.readdir(path, { withFileTypes: true })) {
      if (entry.isDirectory()) waiting.push(join(path, entry.name))
      else if (entry.isFile()) files.push(join(path, entry.name))
    }
    yield { path, files }
  }
}

async function sizeOf(operations: FolderOperations, root: string): Promise<{ size: number; files: number }> {
  const sum = { size: 0, files: 0 }
  for await (const { files } of foldersOf(operations, root)) {
    await sideBySide(files, async path => {
      sum.size += (await operations.lstat(path)).size
    })
    sum.files += files.length
  }
  return sum
}

async function syncFolders(operations: FolderOperations, root: string): Promise<void> {
  const paths: string[] = []
  for await (const { path } of foldersOf(operations, root)) paths.push(path)
  await sideBySide(paths, syncFolder)
}

async function sideBySide(paths: readonly string[], act: (path: string) => Promise<void>): Promise<void> {
  for (let index = 0; index < paths.length; index += CONCURRENCY) {
    await Promise.all(paths.slice(index, index + CONCURRENCY).map(act))
  }
}
