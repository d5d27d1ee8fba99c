import { Failure } from '../../../shared/model/failure.ts'
import { say } from '../../../shared/words/say.ts'
import { ForeignDatabaseError } from './schema.ts'

/** A row that holds what no version of ours ever wrote into it. */
export class DamagedRowError extends Error {}

/** Primary result codes of SQLite. */
const READ_ONLY = 8
const IO_ERROR = 10
const CORRUPT = 11
const FULL = 13
const CANNOT_OPEN = 14
const NO_DATABASE = 26

/** The primary one, of what SQLite threw; undefined for anything else. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined
  // The upper bits say more than anybody needs.
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined
}

/** Whether the file has to be set aside. */
export function isDamage(error: unknown): boolean {
  const code = resultCode(error)
  return (
    code === CORRUPT ||
    code === NO_DATABASE ||
    error instanceof ForeignDatabaseError ||
    error instanceof DamagedRowError ||
    // A number that is none of ours: they all fit.
    (error instanceof Error && 'code' in error && error.code === 'ERR_OUT_OF_RANGE')
  )
}

/** Whatever went wrong, as the one Failure that the person is told. */
export function historyFailure(error: unknown): Failure {
  if (error instanceof Failure) return error
  const cause = { cause: error }
  if (isDamage(error)) {
    return new Failure('cannot-write', say('history.not-read'), cause)
  }
  switch (resultCode(error)) {
    case undefined:
      return errnoOf(error) === undefined ? Failure.from(error) : notSaved(cause)
    case FULL:
      return new Failure('cannot-write', say('history.full'), cause)
    case READ_ONLY:
    case IO_ERROR:
    case CANNOT_OPEN:
      return notSaved(cause)
    default:
      return Failure.from(error)
  }
}

function notSaved(cause: { readonly cause: unknown }): Failure {
  return new Failure('cannot-write', say('not-saved.history'), cause)
}

/** The operating system's name of what went wrong; SQLite's own errors have a code, too, which begins otherwise. */
function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  return /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined
}
