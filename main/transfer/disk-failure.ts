import { basename } from 'node:path'
import { Failure } from '../../shared/model/failure.ts'

/** The operating system's name of what went wrong, such as ENOSPC. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/**
 * Says why a file could not be made, written or named; `path` is where. The sentence names the file and not its place:
 * it is shown in a window that is to know no paths.
 */
export function writeFailure(error: unknown, path: string): Failure {
  if (error instanceof Failure) return error
  const name = basename(path)
  const cause = { cause: error }
  const errno = errnoOf(error)
  switch (errno) {
    case 'ENOSPC':
      return new Failure('disk-full', `The disk is full: make room for ${name} and try again.`, cause)
    case 'EDQUOT':
      return new Failure(
        'disk-full',
        `Your disk quota is used up: make room for ${name} and try again.`,
        cause,
      )
    case 'EFBIG':
      return new Failure('cannot-write', `${name} is larger than its disk allows for one file: ${FAT}`, cause)
    case 'EACCES':
    case 'EPERM':
      return new Failure(
        'cannot-write',
        `You have no permission to write ${name}: choose another folder.`,
        cause,
      )
    case 'EROFS':
      return new Failure('cannot-write', `${name} is on a read-only disk: choose another folder.`, cause)
    case 'ENOENT':
    case 'ENOTDIR':
      return new Failure('cannot-write', `The folder of ${name} does not exist: choose another one.`, cause)
    case 'ENAMETOOLONG':
      return new Failure(
        'cannot-write',
        `The name of ${name} is too long for its disk: save it under a shorter one.`,
        cause,
      )
    default:
      return new Failure(
        'cannot-write',
        `${name} could not be written (${errno ?? String(error)}): check its disk, or choose another folder.`,
        cause,
      )
  }
}

export const FAT = 'disks formatted as FAT32 hold files up to 4 GiB. Choose a folder on another disk.'

/** Says why a file could not be opened or read; names it without its place, too. */
export function readFailure(error: unknown, path: string): Failure {
  if (error instanceof Failure) return error
  const name = basename(path)
  const cause = { cause: error }
  const errno = errnoOf(error)
  switch (errno) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new Failure(
        'file-not-found',
        `There is no ${name} there: check the path, or whether it was moved.`,
        cause,
      )
    case 'EACCES':
    case 'EPERM':
      return new Failure(
        'file-unreadable',
        `You have no permission to read ${name}: change that, or send a copy.`,
        cause,
      )
    default:
      return new Failure(
        'file-unreadable',
        `${name} could not be read (${errno ?? String(error)}): check its disk, then try again.`,
        cause,
      )
  }
}
