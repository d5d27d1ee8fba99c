/**
 * The manifest of a folder: its files with their sizes, and the folders that would otherwise be missing, as the
 * sender lists them. It is checked as a whole before a byte is written: afterwards nothing in it can lead out of
 * its folder, and no two of its names are one on any disk.
 */
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import { safeComponent } from './safe-file-name.ts'

/** A file with its size in bytes; or a folder, which ends with "/" and is listed only because nothing is in it. */
export type ManifestEntry = readonly [path: string, size: number] | readonly [folder: string]

export interface ManifestFile {
  /** As the sender wrote it, for people and for its sender; never for a disk. */
  readonly path: string
  /** Where it goes: relative, with "/" between components that are safe on every system. */
  readonly local: string
  /** Bytes. */
  readonly size: number
}

export interface Manifest {
  /** In the order of the entries: a file's index here is its number in the stream. */
  readonly files: readonly ManifestFile[]
  /** To be made even though no file asks for them; local as above, without "/" at the end. */
  readonly folders: readonly string[]
}

/** What `manifestOf` needs to know of a folder that is listed. */
export interface Listing {
  readonly name: string
  readonly files: readonly { readonly name: string; readonly size: number }[]
  readonly folders: readonly string[]
}

/** Of files and listed folders together; and of all folders, since a path of many components makes many. */
export const MAX_ENTRIES = 100_000
const MAX_DEPTH = 64
const MAX_LOCAL_BYTES = 1024
/** Of all paths together as they were sent, in UTF-16 units: bounds the memory and the time that a peer can take. */
export const MAX_PATHS_LENGTH = 32 * 1024 * 1024
/** Of one, and of one component: no system has longer ones. */
const MAX_PATH_LENGTH = 4096
const MAX_COMPONENT_LENGTH = 255
const MAX_SHOWN_LENGTH = 80

type Mend = 'send-again' | 'send-in-parts' | 'send-inner' | 'rename' | 'rename-one' | 'shorten'

/** What is wrong, and what whoever owns the folder has to do; together one sentence. */
type Refuse = (what: string, mend: Mend) => Failure

/**
 * Checks what a peer sent. `files` and `size` are those of its offer: how many, and bytes in all.
 * Throws `file-not-allowed`, which names what is wrong.
 */
export function readManifest(
  entries: unknown,
  offered: { readonly files: number; readonly size: number },
): Manifest {
  const manifest = checked(
    entries,
    (what, mend) =>
      new Failure('file-not-allowed', say('folder.refused', { what, mend: say(`mend-theirs.${mend}`) })),
  )
  const size = manifest.files.reduce((sum, file) => sum + file.size, 0)
  if (manifest.files.length !== offered.files || size !== offered.size) {
    throw new Failure('file-not-allowed', say('folder.other-than-offered'))
  }
  return manifest
}

/**
 * The entries that tell a receiver of a folder: first all files, in the order of the listing, then the folders.
 * Throws `file-not-allowed` for what a receiver would refuse, naming it, or `too-many-files`.
 */
export function manifestOf(listing: Listing): readonly ManifestEntry[] {
  if (listing.files.length + listing.folders.length > MAX_ENTRIES) throw tooManyFiles(listing.name)
  const entries: ManifestEntry[] = []
  for (const file of listing.files) entries.push([file.name, file.size])
  for (const folder of listing.folders) entries.push([`${folder}/`])
  checked(
    entries,
    (what, mend) =>
      new Failure(
        'file-not-allowed',
        say('folder.not-sendable', { name: shown(listing.name), what, mend: say(`mend-yours.${mend}`) }),
      ),
  )
  return entries
}

export function tooManyFiles(folder: string): Failure {
  return new Failure('too-many-files', say('folder.too-many', { name: shown(folder), most: MAX_ENTRIES }))
}

function checked(entries: unknown, refuse: Refuse): Manifest {
  if (!Array.isArray(entries)) throw senseless(refuse)
  if (entries.length > MAX_ENTRIES) throw tooMany(refuse)
  const tree = new Tree(refuse)
  const files: ManifestFile[] = []
  const folders: string[] = []
  let sum = 0
  let length = 0
  for (const entry of entries as readonly unknown[]) {
    if (!Array.isArray(entry)) throw senseless(refuse)
    const [path, size] = entry as readonly unknown[]
    if (typeof path !== 'string') throw senseless(refuse)
    length += path.length
    if (length > MAX_PATHS_LENGTH) throw tooMany(refuse)
    if (path.length > MAX_PATH_LENGTH) throw tooLong(path, refuse)
    if (entry.length === 1 && path.endsWith('/')) {
      folders.push(tree.listFolder(path.slice(0, -1)))
      continue
    }
    if (entry.length !== 2 || typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
      throw refuse(say('fault.no-size', { path: shown(path) }), 'send-again')
    }
    sum += size
    if (!Number.isSafeInteger(sum)) throw refuse(say('fault.too-large'), 'send-in-parts')
    files.push({ path, local: tree.addFile(path), size })
  }
  return { files, folders }
}

interface Folder {
  readonly path: string
  readonly local: string
  /** The same for all spellings that a disk could take for one. */
  readonly key: string
  /** How many components. */
  readonly depth: number
}

class Tree {
  readonly #refuse: Refuse
  readonly #root: Folder = { path: '', local: '', key: '', depth: 0 }
  readonly #folders = new Map<string, Folder>()
  readonly #listed = new Set<string>()
  /** From key to path; that of a folder ends with "/". */
  readonly #taken = new Map<string, string>()

  constructor(refuse: Refuse) {
    this.#refuse = refuse
  }

  addFile(path: string): string {
    const { local, key } = this.#place(path)
    this.#take(key, path)
    return local
  }

  listFolder(path: string): string {
    if (this.#listed.has(path)) throw this.#collision(`${path}/`, `${path}/`)
    this.#listed.add(path)
    return this.#folder(path).local
  }

  #folder(path: string): Folder {
    const known = this.#folders.get(path)
    if (known !== undefined) return known
    const folder = this.#place(path)
    this.#take(folder.key, `${path}/`)
    if (this.#folders.size === MAX_ENTRIES) throw tooMany(this.#refuse)
    this.#folders.set(path, folder)
    return folder
  }

  #place(path: string): Folder {
    const slash = path.lastIndexOf('/')
    if (slash === 0) throw this.#outside(path)
    const parent = slash === -1 ? this.#root : this.#folder(path.slice(0, slash))
    const name = path.slice(slash + 1)
    if (name === '' || name === '.' || name === '..' || name.includes('\\')) throw this.#outside(path)
    if (name.length > MAX_COMPONENT_LENGTH) throw tooLong(path, this.#refuse)
    // On Windows such a path belongs to another disk.
    if (parent === this.#root && /^[a-z]:/i.test(name)) throw this.#outside(path)
    const depth = parent.depth + 1
    if (depth > MAX_DEPTH) {
      throw this.#refuse(say('fault.too-deep', { path: shown(path), most: MAX_DEPTH }), 'send-inner')
    }
    const component = safeComponent(name)
    const local = depth === 1 ? component : `${parent.local}/${component}`
    if (Buffer.byteLength(local) > MAX_LOCAL_BYTES) throw tooLong(path, this.#refuse)
    return { path, local, key: `${parent.key}/${caseless(component)}`, depth }
  }

  #take(key: string, path: string): void {
    const other = this.#taken.get(key)
    if (other !== undefined) throw this.#collision(other, path)
    this.#taken.set(key, path)
  }

  #outside(path: string): Failure {
    return this.#refuse(say('fault.no-name', { path: shown(path) }), 'rename')
  }

  #collision(one: string, other: string): Failure {
    if (one === other) return this.#refuse(say('fault.twice', { path: shown(one) }), 'send-again')
    return this.#refuse(say('fault.same', { one: shown(one), other: shown(other) }), 'rename-one')
  }
}

/**
 * One text for all names that some disk takes for the same: whatever the case, composed or not, with or without
 * what has no shape. Lower case first, since "ẞ" has no other way to "ss"; "ı" stays, since no disk takes it for an "i".
 */
function caseless(name: string): string {
  if (/^[ -~]*$/.test(name)) return name.toUpperCase()
  return name
    .normalize('NFD')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .toLowerCase()
    .replace(/[^ı]+/g, letters => letters.toUpperCase())
    .normalize('NFD')
}

function senseless(refuse: Refuse): Failure {
  return refuse(say('fault.senseless'), 'send-again')
}

function tooMany(refuse: Refuse): Failure {
  return refuse(say('fault.too-many', { most: MAX_ENTRIES }), 'send-in-parts')
}

function tooLong(path: string, refuse: Refuse): Failure {
  return refuse(say('fault.too-long', { path: shown(path) }), 'shorten')
}

/** The end of it, without what a screen would obey or not show. */
function shown(path: string): string {
  const text = path.slice(-MAX_PATH_LENGTH).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
  return text.length > MAX_SHOWN_LENGTH ? `…${text.slice(-MAX_SHOWN_LENGTH).toWellFormed()}` : text
}
