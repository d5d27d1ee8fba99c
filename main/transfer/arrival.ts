import { lstat, statfs } from 'node:fs/promises'
import type { Arrived, IncomingEntry } from './journal.ts'
import type { PackedTarget } from './packed/packed-target.ts'
import { createPartialFile, findWhole, PartialFile, reopenPartialFile } from './partial-file.ts'
import { createPartialFolder, findFolder, type PartialFolder, reopenPartialFolder } from './partial-folder.ts'

/** Where what is received is kept until it is whole, a file or a folder. */
export interface Arrival {
  readonly name: string
  readonly directory: string
  /** Of the partial file or folder. */
  readonly path: string
  /** For the file stream between our own programs. */
  readonly target: PackedTarget
  /** For other programs, which send one file. */
  readonly file: PartialFile | undefined
  /** Bytes that its disk had room for; undefined where that was checked against the size. */
  readonly room: number | undefined
  /** Bytes of a file that are here. */
  length(): Promise<number>
  /** Leaves it for the next run. */
  keep(): Promise<void>
  /** Removes what was not given its name. */
  discard(): Promise<void>
}

/** Called with each name just before it is given, for the journal. */
type Claiming = (arrived: Arrived) => Promise<void>

export interface ArrivalOptions {
  /** Bytes; undefined where nobody knows. */
  readonly size: number | undefined
  /** How many files, where it is a folder. */
  readonly files: number | undefined
  readonly replace: boolean
  readonly claiming: Claiming
}

/** Makes the place, in a directory that must exist. Throws `disk-full`, `cannot-write`. */
export async function createArrival(
  directory: string,
  name: string,
  { size, files, replace, claiming }: ArrivalOptions,
): Promise<Arrival> {
  if (files !== undefined)
    return ofFolder(
      await createPartialFolder(directory, name, { size, files }),
      await findFolder(directory, name),
      claiming,
    )
  const partial = await createPartialFile(directory, name, { size, replace })
  const room = size === undefined ? await roomIn(directory) : undefined
  const existing = size === undefined ? undefined : await findWhole(directory, name, size)
  return ofFile(partial, existing, room, claiming)
}

/**
 * Finds the place again after the end of the program. Where it is gone, it had got its name, which is what is returned
 * then, or else it is made anew. Throws as `createArrival`.
 */
export async function reopenArrival(entry: IncomingEntry, claiming: Claiming): Promise<Arrival | Arrived> {
  const { directory, name, size, files, replace, partial: path, claiming: claimed } = entry
  const found =
    files === undefined
      ? await reopenPartialFile({ directory, path, name, size, replace, claiming: claimed?.path })
      : await reopenPartialFolder({ directory, path, name, size, files })
  if (found instanceof PartialFile) return ofFile(found, undefined, undefined, claiming)
  if (found !== undefined) return ofFolder(found, await findFolder(directory, name), claiming)
  if (claimed !== undefined && (await isThere(claimed.path))) return claimed
  return createArrival(directory, name, { size, files, replace, claiming })
}

export function hasArrived(found: Arrival | Arrived): found is Arrived {
  return 'sha256' in found
}

function ofFile(
  partial: PartialFile,
  existing: string | undefined,
  room: number | undefined,
  claiming: Claiming,
): Arrival {
  const { name, directory, path } = partial
  return {
    name,
    directory,
    path,
    target: {
      name,
      path,
      existing,
      commit: sha256 => partial.commit({ beforeClaim: final => claiming({ path: final, sha256 }) }),
    },
    file: partial,
    room,
    length: () => partial.length(),
    keep: () => partial.keep(),
    discard: () => partial.discard(),
  }
}

function ofFolder(partial: PartialFolder, existing: string | undefined, claiming: Claiming): Arrival {
  const { name, directory, root } = partial
  return {
    name,
    directory,
    path: root,
    target: {
      root,
      existing,
      commit: sha256 => partial.commit({ beforeClaim: final => claiming({ path: final, sha256 }) }),
    },
    file: undefined,
    room: undefined,
    length: async () => 0,
    keep: () => partial.keep(),
    discard: () => partial.discard(),
  }
}

async function isThere(path: string): Promise<boolean> {
  return await lstat(path).then(
    entry => entry.isFile() || entry.isDirectory(),
    () => false,
  )
}

async function roomIn(directory: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(directory)
    return bavail * bsize
  } catch {
    return undefined
  }
}
