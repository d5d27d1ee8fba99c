import { constants, type Dirent } from 'node:fs'
import * as fs from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import { PARTIAL_NAME } from './destination.ts'
import { errnoOf, readFailure } from './disk-failure.ts'
import { folderName } from './folder-name.ts'
import { abortFailure } from './interruption.ts'
import { MAX_ENTRIES, tooManyFiles } from './manifest.ts'

/** A file as it was when its folder was listed; with another size or time it is another one. */
export interface ListedFile {
  /** Absolute, without symlinks. */
  readonly path: string
  /** Relative to the folder, with "/" between components. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Nanoseconds since 1970. */
  readonly mtimeNs: bigint
}

/** What of a folder can be sent. */
export interface FolderListing {
  /** Its own name. */
  readonly name: string
  /** In an order that depends on their names only. */
  readonly files: readonly ListedFile[]
  /** Those that have nothing in them that is sent; relative, without "/" at the end. */
  readonly folders: readonly string[]
  /** Bytes of all files. */
  readonly size: number
  /** How many links, devices, pipes and sockets there were, which are not sent. */
  readonly leftOut: number
}

/** How many files are looked at side by side. */
const CONCURRENCY = 32

/**
 * Lists a folder with all that is in it. Links in it are never followed, and what is still being received into it is not
 * listed. Fails with `file-not-found`, `file-unreadable` (naming what may not be read), `too-many-files`, or the
 * signal's reason.
 */
export async function openFolder(path: string, signal: AbortSignal): Promise<FolderListing> {
  const absolute = resolve(path)
  let real: string
  try {
    real = await fs.realpath(absolute)
    if (!(await fs.stat(real)).isDirectory()) {
      throw new Failure('file-unreadable', say('file.no-folder', { name: basename(absolute) }))
    }
  } catch (error) {
    throw readFailure(error, absolute)
  }
  return new Lister(folderName(absolute), real, signal).list()
}

class Lister {
  readonly #name: string
  readonly #root: string
  readonly #signal: AbortSignal
  readonly #files: ListedFile[] = []
  readonly #empty: string[] = []
  #size = 0
  #leftOut = 0

  constructor(name: string, root: string, signal: AbortSignal) {
    this.#name = name
    this.#root = root
    this.#signal = signal
  }

  async list(): Promise<FolderListing> {
    const waiting = ['']
    let folders = 0
    for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
      const before = this.#files.length
      const inner = await this.#visit(folder)
      folders += inner.length
      // As many folders as files: a tree of nothing but folders would go on for as long.
      if (folders > MAX_ENTRIES) throw tooManyFiles(this.#name)
      if (folder !== '' && inner.length === 0 && this.#files.length === before) this.#empty.push(folder)
      for (const name of inner.reverse()) waiting.push(name)
    }
    this.#requireFew()
    return {
      name: this.#name,
      files: this.#files,
      folders: this.#empty,
      size: this.#size,
      leftOut: this.#leftOut,
    }
  }

  /** Adds the files that are directly in the folder, and returns the folders. */
  async #visit(folder: string): Promise<string[]> {
    const names = await this.#read(folder)
    const inner: string[] = []
    for (let index = 0; index < names.length; index += CONCURRENCY) {
      this.#requireWanted()
      const some = names.slice(index, index + CONCURRENCY).map(name => within(folder, name))
      for (const [at, found] of (await Promise.all(some.map(name => this.#look(name)))).entries()) {
        if (found === 'folder') inner.push(some[at] ?? '')
        else if (found === 'other') this.#leftOut += 1
        else if (found !== undefined) {
          this.#files.push(found)
          this.#size += found.size
        }
      }
      this.#requireFew()
    }
    return inner
  }

  async #read(folder: string): Promise<string[]> {
    const path = join(this.#root, folder)
    const names: string[] = []
    try {
      for await (const entry of await fs.opendir(path, { bufferSize: 256 })) {
        this.#requireWanted()
        if (isOther(entry)) this.#leftOut += 1
        else if (!PARTIAL_NAME.test(entry.name)) names.push(entry.name)
        if (names.length > MAX_ENTRIES) throw tooManyFiles(this.#name)
      }
    } catch (error) {
      throw readFailure(error, path)
    }
    return names.sort()
  }

  /** `undefined` if it went away meanwhile. */
  async #look(name: string): Promise<ListedFile | 'folder' | 'other' | undefined> {
    const path = join(this.#root, name)
    try {
      const stats = await fs.lstat(path, { bigint: true })
      if (stats.isDirectory()) return 'folder'
      if (!stats.isFile()) return 'other'
      await fs.access(path, constants.R_OK)
      return { path, name, size: Number(stats.size), mtimeNs: stats.mtimeNs }
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw readFailure(error, path)
      // Bytes that are no UTF-8 were read as this sign, and no longer lead to the file.
      if (!name.includes('\uFFFD')) return undefined
      throw new Failure('file-unreadable', say('file.no-unicode', { name: basename(path) }))
    }
  }

  #requireFew(): void {
    if (this.#files.length + this.#empty.length > MAX_ENTRIES) throw tooManyFiles(this.#name)
  }

  #requireWanted(): void {
    if (this.#signal.aborted) throw abortFailure(this.#signal)
  }
}

function within(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}

/** What is known to be neither file nor folder; some file systems tell nothing here. */
function isOther(entry: Dirent): boolean {
  return (
    entry.isSymbolicLink() ||
    entry.isFIFO() ||
    entry.isSocket() ||
    entry.isCharacterDevice() ||
    entry.isBlockDevice()
  )
}
