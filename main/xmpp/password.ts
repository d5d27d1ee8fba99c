import { Failure } from '../../shared/model/failure.ts'
import { MAX_PASSWORD_LENGTH } from '../../shared/model/limits.ts'
import { say } from '../../shared/words/say.ts'

/**
 * Throws `invalid-argument` for a new password that another program may not type in the same way: servers and programs
 * prepare passwords by SASLprep (RFC 4013), by PRECIS (RFC 8265) or not at all, and what all of them leave alone works
 * everywhere. Nothing is trimmed or changed.
 */
export function requireSoundPassword(password: string): void {
  if (password === '') throw new Failure('invalid-argument', say('password.needed'))
  if (password.length > MAX_PASSWORD_LENGTH) {
    throw new Failure('invalid-argument', say('password.too-long'))
  }
  const isChanged = password.normalize('NFKC') !== password
  // Controls, what is not seen, what has no meaning yet, and spaces that are not the common one.
  if (isChanged || /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(password)) {
    throw new Failure('invalid-argument', say('password.odd-sign'))
  }
}
