import { Failure } from '../../shared/model/failure.ts'
import type { IqError } from '../xmpp/iq.ts'

/** What an answer to an offer means (XEP-0095, and what programs send beside it). */
export function offerFailure(cause: IqError, peer: string): Failure {
  const { condition, details } = cause.error
  if (details.includes('no-valid-streams')) {
    return new Failure(
      'no-common-method',
      'The two programs know no common way of transfer: ask the contact to use Plumb.',
      { cause },
    )
  }
  switch (condition) {
    case 'forbidden':
    case 'not-allowed':
      return new Failure('declined', 'The contact declined the file.', { cause })
    case 'not-acceptable':
      return new Failure(
        'offer-refused',
        'The contact’s computer cannot take the file: ask them about their disk space and folder.',
        { cause },
      )
    case 'recipient-unavailable':
    case 'remote-server-not-found':
    case 'remote-server-timeout':
    case 'item-not-found':
      return new Failure('peer-offline', `${peer} is not online: try again later.`, { cause })
    case 'service-unavailable':
    case 'feature-not-implemented':
      return new Failure(
        'peer-unsupported',
        `${peer} is not online, or its program takes no files: check the address, or try again later.`,
        { cause },
      )
    default:
      return new Failure('offer-refused', `The other program refused the file (${condition}): try again.`, {
        cause,
      })
  }
}
