/** How a computer can stand on the internet. */
export const KINDS = ['open', 'nat', 'nat+upnp', 'nat+pmp', 'firewall-in'] as const
/** `nat+ipv6`: behind NAT without mappings, with an IPv6 address that everybody reaches. */
export type Kind = (typeof KINDS)[number] | 'nat+ipv6'

export function isKind(text: string): text is Kind {
  return text === 'nat+ipv6' || KINDS.some(kind => kind === text)
}

export function isPrivate(kind: Kind): boolean {
  return kind.startsWith('nat')
}

/** Whether its router forwards ports to whoever asks. */
export function givesMappings(kind: Kind): kind is 'nat+upnp' | 'nat+pmp' {
  return kind === 'nat+upnp' || kind === 'nat+pmp'
}

/** Whether a direct connection can be made: one of the two can be reached by the other. */
export function canBeDirect(one: Kind, other: Kind, usesMappings: boolean): boolean {
  if (one === 'nat+ipv6' && other === 'nat+ipv6') return true
  return [one, other].some(kind => kind === 'open' || (usesMappings && givesMappings(kind)))
}
