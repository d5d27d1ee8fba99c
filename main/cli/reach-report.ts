import { assertNever } from '../../shared/assert-never.ts'
import type { Reach } from '../../shared/model/reach.ts'

const KINDS: Readonly<Record<Reach['addresses'][number]['kind'], string>> = {
  local: 'in this network',
  global: 'on the internet',
  mapped: 'of the router, for this computer',
  virtual: 'of a container, a virtual machine or a tunnel',
  loopback: 'this computer only',
}

const PROTOCOLS = { upnp: 'UPnP', 'nat-pmp': 'NAT-PMP', pcp: 'PCP' } as const

/** For people. */
export function reachLines({ addresses, mapping, proxy, advice }: Reach): string[] {
  const width = Math.max(0, ...addresses.map(({ address }) => address.length))
  const list = (told: boolean): string[] =>
    addresses
      .filter(one => one.told === told)
      .map(({ address, kind }) => `  ${address.padEnd(width)}  ${KINDS[kind]}`)
  const [told, untold] = [list(true), list(false)]
  return [
    told.length > 0 ? 'Contacts are told' : 'Contacts are told no address.',
    ...told,
    ...(untold.length > 0 ? ['Not told', ...untold] : []),
    `Router: ${mappingText(mapping)}`,
    `Proxy:  ${proxy ?? 'the server has none; what cannot go directly goes through the servers in small pieces.'}`,
    ...(advice.length > 0
      ? ['What would make direct transfers work', ...advice.map(sentence => `  ${sentence}`)]
      : ['Nothing is in the way of direct transfers.']),
  ]
}

function mappingText(mapping: Reach['mapping']): string {
  switch (mapping.kind) {
    case 'off':
      return 'not asked for a port (--port-mapping off).'
    case 'asking':
      return 'has not answered yet.'
    case 'mapped':
      return `hands ${mapping.external} on to this computer (${PROTOCOLS[mapping.protocol]}).`
    case 'none':
      return mapping.message
    default:
      return assertNever(mapping)
  }
}
