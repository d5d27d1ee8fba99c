import { Failure } from '../../shared/model/failure.ts'
import type { FailureValue } from '../../shared/model/shown-transfer.ts'
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
      return new Failure(
        'update-not-verified',
        'The update was damaged on its way and was thrown away: Plumb tries again by itself.',
        options,
      )
    // Of Windows, which knows the makers by another one than ours.
    case 'ERR_UPDATER_INVALID_SIGNATURE':
      return notVerified('it was not signed by the makers of Plumb', thrown)
    case 'ENOSPC':
    case 'EDQUOT':
      return new Failure(
        'disk-full',
        'There is no room on the disk for the update: make some, and look again.',
        options,
      )
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new Failure(
        'cannot-write',
        'The update cannot be saved, because Plumb may not write to its folder: check its rights.',
        options,
      )
    case 'EBUSY':
    case 'EIO':
    case 'ENOENT':
    case 'ENOTDIR':
      return new Failure(
        'cannot-write',
        'The update could not be saved on this computer: Plumb tries again by itself.',
        options,
      )
    case 'ERR_UPDATER_CHANNEL_FILE_NOT_FOUND':
      return new Failure(
        'update-unavailable',
        'The update server has no releases of this kind: Plumb looks again by itself.',
        options,
      )
    case 'ERR_UPDATER_INVALID_UPDATE_INFO':
    case 'ERR_UPDATER_INVALID_VERSION':
    case 'ERR_UPDATER_NO_FILES_PROVIDED':
    case 'ERR_UPDATER_NO_CHECKSUM':
      return new Failure(
        'update-unavailable',
        'What the update server says cannot be understood: Plumb looks again by itself.',
        options,
      )
    default:
  }
  if (statusCode === 407)
    return new Failure(
      'update-unavailable',
      'The proxy of this network wants a name and a password: get the new version with your browser.',
      options,
    )
  return new Failure(
    'update-unavailable',
    typeof statusCode === 'number'
      ? `The update server is in trouble (${statusCode}): Plumb looks again by itself.`
      : 'The update server could not be reached: Plumb looks again by itself.',
    options,
  )
}
