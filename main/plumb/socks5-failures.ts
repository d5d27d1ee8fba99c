import { Failure } from '../../shared/model/failure.ts'
import type { Relay } from '../../shared/model/transfer.ts'
import type { NobodyReached } from '../bytestreams/race-streamhosts.ts'
import { Socks5Error } from '../bytestreams/socks5-connections.ts'
import type { IqError } from '../xmpp/iq.ts'

/** Security: neither told hosts nor dialed ones; both would show where this computer is. */
export function addressesKept(): Failure {
  return new Failure(
    'not-allowed',
    'Only our server’s proxy could hide this computer’s address from them, and it cannot be used here: add them to your contacts first.',
  )
}

export function nowhereToMeet(): Failure {
  return new Failure(
    'unreachable',
    'Nobody can connect to this computer, and the server has no proxy for files: let Plumb listen, or ask whoever runs the server for a proxy.',
  )
}

/** What a target answered instead of the host that it used. */
export function refusal(cause: IqError, hadProxy: boolean): Failure {
  if (cause.error.condition !== 'item-not-found') {
    return new Failure(
      'refused',
      'The other program refused the SOCKS5 connection: ask the contact to update it, and try again.',
      { cause },
    )
  }
  return new Failure(
    'unreachable',
    hadProxy
      ? 'Their computer could reach neither this one nor the server’s proxy: check both firewalls, or open a port in the settings here.'
      : 'Their computer could not reach this one, and the server has no proxy for files: open a port in the settings here, or ask whoever runs the server for a proxy.',
    { cause },
  )
}

export function unknownHost(): Failure {
  return new Failure(
    'protocol-error',
    'The other program connected to something that it was not told: ask the contact to update it.',
  )
}

export function connectionLost(): Failure {
  return new Failure('connection-lost', 'The connection broke as soon as it was made: try again.')
}

export function notActivated(cause: IqError): Failure {
  return new Failure(
    'refused',
    'The server’s proxy refused to pass the file on: try again, and if that does not help tell whoever runs the server.',
    { cause },
  )
}

function speaksNoSocks5(cause: unknown): Failure {
  return new Failure(
    'protocol-error',
    'The server’s proxy for files answered with something that is no SOCKS5: tell whoever runs the server.',
    { cause },
  )
}

function turnedAway(cause: unknown): Failure {
  return new Failure(
    'refused',
    'The server’s proxy for files turned the connection away: tell whoever runs the server.',
    { cause },
  )
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
    new Failure(
      'unreachable',
      'This computer could not reach the server’s proxy for files: check the firewall here.',
      { cause: new AggregateError(errors) },
    )
  )
}

/** No host of the requester was of use. */
export function nobodyReached(cause?: NobodyReached<{ readonly relay: Relay }>): Failure {
  const attempts = cause?.attempts ?? []
  const ofProxies = attempts.filter(({ host }) => host.relay === 'proxy').map(({ error }) => error)
  return (
    misbehaviour(ofProxies) ??
    new Failure(
      'unreachable',
      'This computer could reach neither theirs nor a proxy of a server: check both firewalls, or let them open a port in their settings.',
      { cause },
    )
  )
}
