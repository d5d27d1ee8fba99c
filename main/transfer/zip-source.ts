/**
 * A folder as one file, for programs that take only files: a zip without compression, made while it is sent. So its
 * length is known before anything is read, as an offer has to say it.
 */
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { makeZip, predictLength } from 'client-zip'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import { errnoOf, readFailure } from './disk-failure.ts'
import { abortFailure } from './interruption.ts'
import { manifestOf, readManifest } from './manifest.ts'
import type { FolderListing, ListedFile } from './open-folder.ts'
import { changedFailure } from './open-source.ts'
import { safeFileName } from './safe-file-name.ts'

export interface ZipSource {
  /** “Photos.zip” */
  readonly name: string
  /** Bytes. */
  readonly size: number
  /**
   * The zip, always the same `size` bytes, or an error: `file-changed` before the last byte of a file that is no longer
   * the one that was listed, `file-not-found`, `file-unreadable`, or the signal's reason. May be called again.
   */
  stream(signal: AbortSignal): Readable
}

interface ZipEntry {
  readonly path: string
  /** `undefined` for a folder. */
  readonly file: ListedFile | undefined
}

/** More need a form of zip that the library does not write, and many programs do not read. */
const MAX_ZIP_ENTRIES = 65_534
const CHUNK_BYTES = 256 * 1024
const FILE_MODE = 0o644
const FOLDER_MODE = 0o755
/** What the format can say, in local time. */
const EARLIEST = new Date(1980, 0, 1)
const LATEST = new Date(2107, 11, 31)

/**
 * Everything is in a folder of the listing's name, under names that every system can unpack. Fails like `manifestOf`;
 * nothing is read yet.
 */
export function zipSource(listing: FolderListing): ZipSource {
  const entries = entriesOf(listing)
  if (entries.length > MAX_ZIP_ENTRIES) {
    throw new Failure(
      'too-many-files',
      say('folder.too-many-for-zip', { name: listing.name, most: MAX_ZIP_ENTRIES }),
    )
  }
  const size = predictLength(
    entries.map(({ path, file }) => (file === undefined ? { name: path } : { name: path, size: file.size })),
  )
  return {
    name: `${safeFileName(listing.name)}.zip`,
    size: Number(size),
    stream: signal => streamOf(entries, signal),
  }
}

function entriesOf(listing: FolderListing): readonly ZipEntry[] {
  const { files, folders } = readManifest(manifestOf(listing), {
    files: listing.files.length,
    size: listing.size,
  })
  const root = safeFileName(listing.name)
  const entries: ZipEntry[] = files.map(({ local }, index) => {
    return { path: `${root}/${local}`, file: listing.files[index] }
  })
  for (const folder of folders) entries.push({ path: `${root}/${folder}/`, file: undefined })
  return entries.length === 0 ? [{ path: `${root}/`, file: undefined }] : entries
}

function streamOf(entries: readonly ZipEntry[], signal: AbortSignal): Readable {
  // Bytes, not objects: what is small is gathered, and there is always something to send while a file is read.
  const stream = Readable.from(makeZip(opened(entries)), { objectMode: false, highWaterMark: CHUNK_BYTES })
  const abort = (): unknown => stream.destroy(abortFailure(signal))
  signal.addEventListener('abort', abort)
  stream.once('close', () => signal.removeEventListener('abort', abort))
  if (signal.aborted) abort()
  return stream
}

async function* opened(entries: readonly ZipEntry[]) {
  for (const { path, file } of entries) {
    if (file === undefined) {
      yield { name: path, mode: FOLDER_MODE, lastModified: EARLIEST }
      continue
    }
    const bytes = new FileBytes(file)
    try {
      yield { name: path, size: file.size, mode: FILE_MODE, lastModified: lastModified(file), input: bytes }
    } finally {
      // The library ends what it reads in the middle by throwing here, and lets go of the bytes themselves.
      await bytes.close()
    }
  }
}

function lastModified({ mtimeNs }: ListedFile): Date {
  const time = Number(mtimeNs / 1_000_000n)
  return new Date(Math.min(Math.max(time, EARLIEST.getTime()), LATEST.getTime()))
}

/** Exactly the bytes that were listed, or an error. */
class FileBytes implements AsyncIterable<Uint8Array> {
  readonly #file: ListedFile
  #handle: FileHandle | undefined
  #closed = false

  constructor(file: ListedFile) {
    this.#file = file
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const { path, size } = this.#file
    try {
      const handle = await this.#open()
      await this.#requireUnchanged(handle)
      for (let position = 0; position < size; ) {
        const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, size - position))
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, position)
        if (bytesRead === 0) throw changedFailure(path)
        position += bytesRead
        if (position === size) await this.#requireUnchanged(handle)
        yield buffer.subarray(0, bytesRead)
      }
    } catch (error) {
      throw readFailure(error, path)
    } finally {
      await this.close()
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    const handle = this.#handle
    this.#handle = undefined
    await handle?.close()
  }

  async #open(): Promise<FileHandle> {
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
    try {
      this.#handle = await open(this.#file.path, O_RDONLY | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0))
    } catch (error) {
      throw errnoOf(error) === 'ELOOP' ? changedFailure(this.#file.path) : error
    }
    const handle = this.#handle
    if (this.#closed) await this.close()
    return handle
  }

  async #requireUnchanged(handle: FileHandle): Promise<void> {
    const now = await handle.stat({ bigint: true })
    const { path, size, mtimeNs } = this.#file
    if (!now.isFile() || now.size !== BigInt(size) || now.mtimeNs !== mtimeNs) throw changedFailure(path)
  }
}
