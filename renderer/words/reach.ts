import { assertNever } from '../../shared/assert-never.ts'
import type { Reach } from '../../shared/model/reach.ts'

type Address = Reach['addresses'][number]
type Mapping = Reach['mapping']
type Protocol = (Mapping & { kind: 'mapped' })['protocol']

const KINDS: Readonly<Record<Address['kind'], string>> = {
  local: 'in this network',
  global: 'on the internet',
  mapped: 'the router’s, for this computer',
  virtual: 'of a tunnel or container',
  loopback: 'this computer only',
}

const PROTOCOLS: Readonly<Record<Protocol, string>> = { upnp: 'UPnP', 'nat-pmp': 'NAT-PMP', pcp: 'PCP' }

/** “in this network · told to contacts”. */
export function addressLine({ kind, told }: Address): string {
  return `${KINDS[kind]} · ${told ? 'told to contacts' : 'not told'}`
}

/** What became of asking the router for a port. */
export function mappingLine(mapping: Mapping): string {
  switch (mapping.kind) {
    case 'off':
      return 'Not asked: that is switched off.'
    case 'asking':
      return 'Still being asked. Check again in a moment.'
    case 'mapped':
      return `Forwards ${mapping.external} to this computer (${PROTOCOLS[mapping.protocol]}).`
    case 'none':
      return mapping.message
    default:
      return assertNever(mapping)
  }
}

/** What stands in where two computers cannot reach each other. */
export function proxyLine(proxy: Reach['proxy']): string {
  return proxy === null
    ? 'Your server has none. Files that cannot go directly take small pieces through the servers: slow.'
    : `${proxy} stands in where a file cannot go directly.`
}

/** The sum of it, in one sentence. */
export function verdictOf({ advice }: Pick<Reach, 'advice'>): string {
  return advice.length === 0
    ? 'Nothing is in the way of direct transfers.'
    : 'Files arrive, but not always directly.'
}
