import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../../shared/model/failure.ts'
import { say } from '../../../shared/words/say.ts'
import { writeFailure } from '../disk-failure.ts'
import type { Step } from './hash-file.ts'
import { CAREFULLY } from './open-flags.ts'
import { foldersFor, placeOf } from './places.ts'

const CHUNK_BYTES = 512 * 1024
const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL } = fs.constants

/** What a folder that was here before has of one that comes. */
export interface ExistingFolder {
  /** By place: where these files are. Absolute. */
  readonly files: ReadonlyMap<string, string>
  /** Whether every file and folder is there that comes, and nothing else. */
  readonly isAlike: boolean
}

/** Looks, on a disk thread, without following links. What cannot be read is as good as not there. */
export function* lookAtExisting(
  root: string,
  files: readonly string[],
  folders: readonly string[],
  step: Step,
): Generator<undefined, ExistingFolder> {
  const ours = { files: new Set(files), folders: foldersFor(files, folders) }
  const found = new Map<string, string>()
  let isMore = false
  let seenFolders = 0
  const waiting = [{ place: '', path: root }]
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const entries = entriesOf(folder.path)
    isMore ||= entries === undefined
    for (const entry of entries ?? []) {
      const place = placeOf(folder.place, entry.name)
      const path = join(folder.path, entry.name)
      if (entry.isFile() && ours.files.has(place)) found.set(place, path)
      else if (entry.isDirectory() && ours.folders.has(place)) {
        seenFolders += 1
        waiting.push({ place, path })
      } else isMore = true
    }
    if (step.opened()) yield
  }
  const isAlike = !isMore && found.size === files.length && seenFolders === ours.folders.size
  return { files: found, isAlike }
}

/**
 * Copies a file that was found to be the one that comes. Throws `incomplete` where it is another one by now, `disk-full`
 * or `cannot-write`, or `signal`'s reason; nothing is left of it then.
 */
export async function copyExisting(
  from: string,
  { path, name, sha256 }: { readonly path: string; readonly name: string; readonly sha256: string },
  signal: AbortSignal,
): Promise<void> {
  await using source = await open(from, O_RDONLY | CAREFULLY).catch(cause => {
    throw changed(name, cause)
  })
  try {
    await unlink(path).catch(() => {})
    await using copy = await open(path, O_WRONLY | O_CREAT | O_EXCL | CAREFULLY, 0o666)
    const hash = createHash('sha256')
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
    for (;;) {
      signal.throwIfAborted()
      const { bytesRead } = await source.read(chunk, 0, chunk.length, null).catch(cause => {
        throw changed(name, cause)
      })
      if (bytesRead === 0) break
      hash.update(chunk.subarray(0, bytesRead))
      await copy.writeFile(chunk.subarray(0, bytesRead))
    }
    if (hash.digest('hex') !== sha256) throw changed(name)
  } catch (error) {
    await unlink(path).catch(() => {})
    throw signal.aborted ? signal.reason : writeFailure(error, name)
  }
}

function changed(name: string, cause?: unknown): Failure {
  return new Failure('incomplete', say('file.existing-changed', { name }), { cause })
}

function entriesOf(path: string): readonly fs.Dirent[] | undefined {
  try {
    return fs.readdirSync(path, { withFileTypes: true })
  } catch {
    return undefined
  }
}
