import { basename } from 'node:path'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'

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
      return new Failure('disk-full', say('disk.full', { name }), cause)
    case 'EDQUOT':
      return new Failure('disk-full', say('disk.quota', { name }), cause)
    case 'EFBIG':
      return new Failure('cannot-write', say('disk.fat', { name }), cause)
    case 'EACCES':
    case 'EPERM':
      return new Failure('cannot-write', say('disk.write-forbidden', { name }), cause)
    case 'EROFS':
      return new Failure('cannot-write', say('disk.read-only', { name }), cause)
    case 'ENOENT':
    case 'ENOTDIR':
      return new Failure('cannot-write', say('disk.no-folder', { name }), cause)
    case 'ENAMETOOLONG':
      return new Failure('cannot-write', say('disk.name-too-long', { name }), cause)
    default:
      return new Failure(
        'cannot-write',
        say('disk.not-written', { name, reason: errno ?? String(error) }),
        cause,
      )
  }
}

/** Says why a file could not be opened or read; names it without its place, too. */
export function readFailure(error: unknown, path: string): Failure {
  if (error instanceof Failure) return error
  const name = basename(path)
  const cause = { cause: error }
  const errno = errnoOf(error)
  switch (errno) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new Failure('file-not-found', say('disk.not-found', { name }), cause)
    case 'EACCES':
    case 'EPERM':
      return new Failure('file-unreadable', say('disk.read-forbidden', { name }), cause)
    default:
      return new Failure(
        'file-unreadable',
        say('disk.not-read', { name, reason: errno ?? String(error) }),
        cause,
      )
  }
}
