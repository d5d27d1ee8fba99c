import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { promisify } from 'node:util'
import { writeFailure } from '../disk-failure.ts'
import { CAREFULLY } from './open-flags.ts'

/** So many syncs at once let a file system write one journal for all of them. */
const CONCURRENCY = 8
/** Below this many, asking for each is quicker than for the whole file system, with all that others wrote there. */
const FEW = 16

export interface SyncedFile {
  readonly name: string
  readonly path: string
}

/**
 * Resolves when the files are on the disk. Of many small ones in one folder, `root`, a sync for each would take longer
 * than to receive them; where the system can be asked for all at once, it is. Throws `disk-full` or `cannot-write`.
 */
export async function syncFiles(
  files: readonly SyncedFile[],
  root?: string,
  syncFileSystem: (root: string) => Promise<boolean> = withCoreutils,
): Promise<void> {
  if (files.length > FEW && root !== undefined && (await syncFileSystem(root))) return
  let next = 0
  const worker = async (): Promise<void> => {
    for (let file = files[next++]; file !== undefined; file = files[next++]) await syncFile(file)
  }
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, files.length) }, worker))
}

async function syncFile({ path, name }: SyncedFile): Promise<void> {
  try {
    await using file = await open(path, constants.O_RDWR | CAREFULLY)
    await file.sync()
  } catch (error) {
    throw writeFailure(error, name)
  }
}

/** Node has no call for it. False where there is no such program, or it cannot, or the disk could not. */
async function withCoreutils(root: string): Promise<boolean> {
  if (process.platform !== 'linux') return false
  return promisify(execFile)('sync', ['-f', root]).then(
    () => true,
    () => false,
  )
}
