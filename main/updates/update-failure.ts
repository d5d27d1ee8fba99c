import { Failure } from '../../shared/model/failure.ts'
import type { FailureValue } from '../../shared/model/shown-transfer.ts'
import { say } from '../../shared/words/say.ts'
import { notVerified } from './release-signature.ts'

/** What electron-updater or the disk threw, as the person can use it. */
export function updateFailure(thrown: unknown): FailureValue {
  const { code, message } = asFailure(thrown)
  return { code, message }
}

function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown
  const { code, statusCode } = (thrown ?? {}) as { readonly code?: unknown; readonly statusCode?: unknown }
  const options = { cause: thrown }
  switch (code) {
    case 'ERR_CHECKSUM_MISMATCH':
      return new Failure('update-not-verified', say('update.damaged'), options)
    // Of Windows, which knows the makers by another one than ours.
    case 'ERR_UPDATER_INVALID_SIGNATURE':
      return notVerified(say('refusal.not-ours'), thrown)
    case 'ENOSPC':
    case 'EDQUOT':
      return new Failure('disk-full', say('update.no-room'), options)
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new Failure('cannot-write', say('update.folder-forbidden'), options)
    case 'EBUSY':
    case 'EIO':
    case 'ENOENT':
    case 'ENOTDIR':
      return new Failure('cannot-write', say('update.not-saved'), options)
    case 'ERR_UPDATER_CHANNEL_FILE_NOT_FOUND':
      return new Failure('update-unavailable', say('update.no-releases'), options)
    case 'ERR_UPDATER_INVALID_UPDATE_INFO':
    case 'ERR_UPDATER_INVALID_VERSION':
    case 'ERR_UPDATER_NO_FILES_PROVIDED':
    case 'ERR_UPDATER_NO_CHECKSUM':
      return new Failure('update-unavailable', say('update.not-understood'), options)
    default:
  }
  if (statusCode === 407) return new Failure('update-unavailable', say('update.proxy-password'), options)
  return new Failure(
    'update-unavailable',
    typeof statusCode === 'number'
      ? say('update.server-trouble', { status: String(statusCode) })
      : say('update.not-reached'),
    options,
  )
}
