import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import type { IqError } from '../xmpp/iq.ts'

/** What an answer to an offer means (XEP-0095, and what programs send beside it). */
export function offerFailure(cause: IqError, peer: string): Failure {
  const { condition, details } = cause.error
  if (details.includes('no-valid-streams')) {
    return new Failure('no-common-method', say('peer.no-common-way'), { cause })
  }
  switch (condition) {
    case 'forbidden':
    case 'not-allowed':
      return new Failure('declined', say('offer.declined'), { cause })
    case 'not-acceptable':
      return new Failure('offer-refused', say('offer.not-acceptable'), { cause })
    case 'recipient-unavailable':
    case 'remote-server-not-found':
    case 'remote-server-timeout':
    case 'item-not-found':
      return new Failure('peer-offline', say('peer.not-online', { address: peer }), { cause })
    case 'service-unavailable':
    case 'feature-not-implemented':
      return new Failure('peer-unsupported', say('peer.not-there', { address: peer }), { cause })
    default:
      return new Failure('offer-refused', say('offer.refused', { condition }), {
        cause,
      })
  }
}
