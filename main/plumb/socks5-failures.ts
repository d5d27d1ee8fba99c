import { Failure } from '../../shared/model/failure.ts'
import type { Relay } from '../../shared/model/transfer.ts'
import { say } from '../../shared/words/say.ts'
import type { NobodyReached } from '../bytestreams/race-streamhosts.ts'
import { Socks5Error } from '../bytestreams/socks5-connections.ts'
import type { IqError } from '../xmpp/iq.ts'

/** Security: neither told hosts nor dialed ones; both would show where this computer is. */
export function addressesKept(): Failure {
  return new Failure('not-allowed', say('proxy.cannot-hide'))
}

export function nowhereToMeet(): Failure {
  return new Failure('unreachable', say('proxy.none'))
}

/** What a target answered instead of the host that it used. */
export function refusal(cause: IqError, hadProxy: boolean): Failure {
  if (cause.error.condition !== 'item-not-found') {
    return new Failure('refused', say('proxy.refused-by-peer'), { cause })
  }
  return new Failure('unreachable', hadProxy ? say('proxy.neither-reached') : say('proxy.not-reached'), {
    cause,
  })
}

export function unknownHost(): Failure {
  return new Failure('protocol-error', say('proxy.not-told'))
}

export function connectionLost(): Failure {
  return new Failure('connection-lost', say('proxy.broke-at-once'))
}

export function notActivated(cause: IqError): Failure {
  return new Failure('refused', say('proxy.not-activated'), { cause })
}

function speaksNoSocks5(cause: unknown): Failure {
  return new Failure('protocol-error', say('proxy.no-socks5'), { cause })
}

function turnedAway(cause: unknown): Failure {
  return new Failure('refused', say('proxy.turned-away'), { cause })
}

/** Why a proxy is of no use, where it was there at all. */
function misbehaviour(errors: readonly unknown[]): Failure | undefined {
  const known = errors.filter(error => error instanceof Socks5Error)
  const malformed = known.find(({ reason }) => reason === 'malformed')
  if (malformed !== undefined) return speaksNoSocks5(malformed)
  const refused = known.find(({ reason }) => reason === 'refused')
  return refused === undefined ? undefined : turnedAway(refused)
}

/** The target reached our server's proxy, and we did not. */
export function proxyFailure(errors: readonly unknown[]): Failure {
  return (
    misbehaviour(errors) ??
    new Failure('unreachable', say('proxy.unreachable'), { cause: new AggregateError(errors) })
  )
}

/** No host of the requester was of use. */
export function nobodyReached(cause?: NobodyReached<{ readonly relay: Relay }>): Failure {
  const attempts = cause?.attempts ?? []
  const ofProxies = attempts.filter(({ host }) => host.relay === 'proxy').map(({ error }) => error)
  return misbehaviour(ofProxies) ?? new Failure('unreachable', say('proxy.nothing-reached'), { cause })
}
