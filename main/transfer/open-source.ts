import { constants } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import { readFailure } from './disk-failure.ts'
import { HeldFile } from './held-file.ts'

/**
 * A file to be sent, opened once: the size that is offered and the bytes that are sent belong to the same
 * file, whatever happens to its path in between.
 */
export interface OpenSource {
  /** Absolute. */
  readonly path: string
  /** As it is on this disk; the receiver makes it safe for its own. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  readonly modified: Date
  /** Nanoseconds since 1970, as exactly as the file system knows. */
  readonly mtimeNs: bigint
  /** For `sendFile`. */
  hold(): { readonly fd: number; release(): void }
  /** For `sendFile`: fails with `file-changed` if size or time of change are no longer those of the offer. */
  checkUnchanged(): Promise<void>
  /** Waits for a sending that is under way; whoever wants to stop it aborts its signal. */
  close(): Promise<void>
}

/** Fails with `file-not-found` or, for what is no regular file or may not be read, `file-unreadable`. */
export async function openSource(path: string): Promise<OpenSource> {
  const absolute = resolve(path)
  let handle: FileHandle | undefined
  try {
    // Asked before opening because opening alone does things to some devices; the answer that counts is below.
    requireRegular(await stat(absolute), absolute)
    // Non-blocking: a named pipe put there in between would hold this process until somebody writes to it.
    handle = await open(absolute, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    const offered = await handle.stat({ bigint: true })
    requireRegular(offered, absolute)
    return source(absolute, new HeldFile(handle), offered)
  } catch (error) {
    await handle?.close()
    throw readFailure(error, absolute)
  }
}

function source(
  path: string,
  file: HeldFile,
  offered: { size: bigint; mtimeNs: bigint; mtime: Date },
): OpenSource {
  return {
    path,
    name: basename(path),
    size: Number(offered.size),
    modified: offered.mtime,
    mtimeNs: offered.mtimeNs,
    hold: () => file.hold(),
    async checkUnchanged() {
      const now = await file.handle.stat({ bigint: true })
      if (now.size !== offered.size || now.mtimeNs !== offered.mtimeNs) throw changedFailure(path)
    },
    close: () => file.close(),
  }
}

export function changedFailure(path: string): Failure {
  return new Failure('file-changed', say('file.changed', { name: basename(path) }))
}

function requireRegular(stats: { isFile(): boolean; isDirectory(): boolean }, path: string): void {
  if (stats.isFile()) return
  const name = basename(path)
  const message = stats.isDirectory() ? say('file.is-folder', { name }) : say('file.is-device', { name })
  throw new Failure('file-unreadable', message)
}
