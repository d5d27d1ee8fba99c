import { assertNever } from '../../shared/assert-never.ts'
import type { Reach } from '../../shared/model/reach.ts'
import { say } from './say.ts'

type Address = Reach['addresses'][number]
type Mapping = Reach['mapping']
type Protocol = (Mapping & { kind: 'mapped' })['protocol']

const KINDS = {
  local: 'reach.local',
  global: 'reach.global',
  mapped: 'reach.mapped',
  virtual: 'reach.virtual',
  loopback: 'reach.loopback',
} as const satisfies Record<Address['kind'], string>

const PROTOCOLS: Readonly<Record<Protocol, string>> = { upnp: 'UPnP', 'nat-pmp': 'NAT-PMP', pcp: 'PCP' }

/** “in this network · told to contacts”. */
export function addressLine({ kind, told }: Address): string {
  return `${say(KINDS[kind])} · ${told ? say('reach.told') : say('reach.not-told')}`
}

/** What became of asking the router for a port. */
export function mappingLine(mapping: Mapping): string {
  switch (mapping.kind) {
    case 'off':
      return say('reach.router-not-asked')
    case 'asking':
      return say('reach.router-asked')
    case 'mapped':
      return say('reach.router-forwards', {
        address: mapping.external,
        protocol: PROTOCOLS[mapping.protocol],
      })
    case 'none':
      return mapping.message
    default:
      return assertNever(mapping)
  }
}

/** What stands in where two computers cannot reach each other. */
export function proxyLine(proxy: Reach['proxy']): string {
  return proxy === null ? say('reach.no-proxy') : say('reach.proxy-helps', { proxy })
}

/** The sum of it, in one sentence. */
export function verdictOf({ advice }: Pick<Reach, 'advice'>): string {
  return advice.length === 0 ? say('reach.free') : say('reach.not-free')
}
