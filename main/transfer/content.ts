import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { readFailure } from './disk-failure.ts'
import { manifestOf } from './manifest.ts'
import { type FolderListing, openFolder } from './open-folder.ts'
import { type OpenSource, openSource } from './open-source.ts'
import type { PackedContent } from './packed/packed-content.ts'
import { sendFile } from './send-file.ts'
import type { PlainContent } from './send-plain.ts'
import { sendStream } from './send-stream.ts'
import { zipSource } from './zip-source.ts'

/** A file or a folder to be sent, looked at once: what is offered and what is sent are the same. */
export interface Content {
  /** Absolute. */
  readonly path: string
  readonly name: string
  /** Bytes of all files. */
  readonly size: number
  /** How many files, where it is a folder. */
  readonly files: number | undefined
  /** What a folder has that is no file: links and the like, which are not sent. */
  readonly leftOut: number
  readonly modified: Date | undefined
  /** Of a file, nanoseconds since 1970: with another time it is another file. */
  readonly mtimeNs: string | undefined
  /** For our own programs. */
  readonly packed: PackedContent
  /** For programs that know only the XEPs: a folder goes as a zip. */
  plain(): PlainContent
  close(): Promise<void>
}

/**
 * Opens a file, or lists a folder. Throws `file-not-found`, `file-unreadable`, `too-many-files`, `file-not-allowed` for
 * a folder that no receiver could write, or `signal`'s reason.
 */
export async function openContent(path: string, signal: AbortSignal): Promise<Content> {
  const absolute = resolve(path)
  let isFolder: boolean
  try {
    isFolder = (await stat(absolute)).isDirectory()
  } catch (error) {
    throw readFailure(error, absolute)
  }
  if (!isFolder) return fileContent(await openSource(absolute))
  const listing = await openFolder(absolute, signal)
  manifestOf(listing)
  return folderContent(absolute, listing)
}

export function fileContent(source: OpenSource): Content {
  const { path, name, size, modified, mtimeNs } = source
  return {
    path,
    name,
    size,
    files: undefined,
    leftOut: 0,
    modified,
    mtimeNs: String(mtimeNs),
    packed: { kind: 'file', file: { path, name, size, mtimeNs } },
    plain: () => ({
      name,
      size,
      send: (out, options) => sendFile(source, out, options),
    }),
    close: () => source.close(),
  }
}

function folderContent(path: string, listing: FolderListing): Content {
  const { name, size, files, folders, leftOut } = listing
  return {
    path,
    name,
    size,
    files: files.length,
    leftOut,
    modified: undefined,
    mtimeNs: undefined,
    packed: { kind: 'folder', files, folders },
    plain: () => zipContent(listing),
    close: async () => {},
  }
}

function zipContent(listing: FolderListing): PlainContent {
  const zip = zipSource(listing)
  return {
    name: zip.name,
    size: zip.size,
    send: (out, options) => sendStream(zip.stream(options.signal), zip.size, out, options),
  }
}
