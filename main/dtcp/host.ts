import ipaddr from 'ipaddr.js'
import type { Network } from '../../shared/model/transfer.ts'

/** At most this many hosts are sent, and of those received only the first ones are acted on (N3). */
export const MAX_HOSTS = 3

/** Ports below this one belong to services of the system: a peer that names one wants us to poke at it. */
const LOWEST_DIALED_PORT = 1024

/** Where a TCP connection goes: an IP literal (without brackets or zone) and a port. */
export interface Host {
  readonly address: string
  readonly port: number
}

/** One address of this computer, as its adapters tell it. */
export interface OwnAddress {
  readonly address: string
  readonly prefixLength: number
  /** `virtual`: adapters of containers, virtual machines and tunnels. */
  readonly adapter: 'physical' | 'virtual' | 'loopback'
}

export type HostRead =
  | { readonly kind: 'literal'; readonly host: Host }
  /** A DNS name: well-formed by the XEP, but only IP literals are dialed (no lookup at a peer's wish). */
  | { readonly kind: 'name' }
  | { readonly kind: 'malformed' }

const DNS_NAME =
  /^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?\.?$/i

/**
 * Reads the content of a `<host/>` (N1): `1.2.3.4:8000`, `[2001:db8::1]:8000`, and the unbracketed
 * `2001:db8::1:8000` that a peer writes which joins the two with a colon.
 */
export function parseHost(text: string): HostRead {
  const parts = /^(?:\[([^\]]*)\]|(.*)):([0-9]{1,5})$/.exec(text)
  const port = Number(parts?.[3])
  if (parts === null || port < 1 || port > 65535) return { kind: 'malformed' }
  const bracketed = parts[1]
  const address = bracketed ?? parts[2] ?? ''
  const literal = normalizeAddress(address)
  if (literal !== undefined && (bracketed === undefined || address.includes(':'))) {
    return { kind: 'literal', host: { address: literal, port } }
  }
  return bracketed === undefined && DNS_NAME.test(address) ? { kind: 'name' } : { kind: 'malformed' }
}

/** The text of a `<host/>`: IPv6 literals stand in brackets. */
export function formatHost({ address, port }: Host): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/**
 * The canonical text of an IP literal, or undefined for anything else. IPv4 in an IPv6 coat
 * (`::ffff:127.0.0.1`) comes out as the IPv4 that it is, so that no rule can be passed by in disguise.
 */
export function normalizeAddress(text: string): string | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return text
  // Zones name an adapter of one computer: they mean nothing, or harm, on another.
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return undefined
  return ipaddr.process(text).toString()
}

/** What a peer's hosts are held against before any of them is dialed. */
export interface DialPolicy {
  readonly own: readonly OwnAddress[]
  /** The person wants loopback and private hosts dialed: tests, and two accounts on one computer. */
  readonly allowLoopback: boolean
  /** The contact is trusted: private hosts may be dialed though no adapter of ours is in their range. */
  readonly trusted: boolean
}

/** Whether a host that a peer named may be dialed (security: port scans through offered hosts). */
export function mayDial({ address, port }: Host, policy: DialPolicy): boolean {
  if (port < LOWEST_DIALED_PORT || METADATA_ADDRESSES.has(address)) return false
  const parsed = ipaddr.parse(address)
  const reach = reachOf(parsed)
  switch (reach) {
    case 'public':
      return true
    case 'loopback':
      return policy.allowLoopback
    case 'private':
      return policy.allowLoopback || policy.trusted || policy.own.some(own => inSameRange(own, parsed))
    case 'nowhere':
      return false
  }
}

/** Services that answer any caller on a cloud machine with its secrets; the link-local one is refused anyway. */
const METADATA_ADDRESSES = new Set([
  '169.254.169.254',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd20:ce::254',
  'fd00:c1::a9fe:a9fe',
])

type Reach = 'public' | 'private' | 'loopback' | 'nowhere'

/** How far the ranges of ipaddr.js reach; tunnelled and translated ranges hide another address: nowhere. */
const REACH: Readonly<Record<string, Reach>> = {
  unicast: 'public',
  loopback: 'loopback',
  private: 'private',
  carrierGradeNat: 'private',
  uniqueLocal: 'private',
  // Reserved and documentation ranges: no one on the internet is there, but a lab or a house may use one.
  reserved: 'private',
  benchmarking: 'private',
  unspecified: 'nowhere',
  broadcast: 'nowhere',
  multicast: 'nowhere',
  linkLocal: 'nowhere',
}

/** All that is assigned to the internet in IPv6. Outside of it stand `::127.0.0.1` in hex and the unassigned. */
const GLOBAL_IPV6 = ipaddr.parseCIDR('2000::/3')

function reachOf(address: Address): Reach {
  const reach = REACH[address.range()] ?? 'nowhere'
  const isGlobal = address.kind() === 'ipv4' || within(address, GLOBAL_IPV6)
  return reach === 'public' && !isGlobal ? 'nowhere' : reach
}

/** Whether everybody on the internet can find this literal: a mapping to anything else leads nowhere. */
export function isPublicAddress(literal: string): boolean {
  return reachOf(ipaddr.parse(literal)) === 'public'
}

/** Whether a provider gave this literal to many of its customers at once, behind one address of its own. */
export function isCarrierAddress(literal: string): boolean {
  return ipaddr.parse(literal).range() === 'carrierGradeNat'
}

const PRIVATE_BLOCKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'].map(
  block => ipaddr.parseCIDR(block),
)

type Address = ipaddr.IPv4 | ipaddr.IPv6

function within(address: Address, [network, bits]: [Address, number]): boolean {
  return address.kind() === network.kind() && address.match(network, bits)
}

function inSameRange(own: OwnAddress, address: Address): boolean {
  return (
    inSameNetwork(own, address) ||
    PRIVATE_BLOCKS.some(block => within(address, block) && within(ipaddr.parse(own.address), block))
  )
}

/** The first of our addresses whose network has this literal in it. */
export function ownAddressTowards(literal: string, own: readonly OwnAddress[]): OwnAddress | undefined {
  const parsed = ipaddr.parse(literal)
  return own.find(mine => inSameNetwork(mine, parsed))
}

function inSameNetwork(own: OwnAddress, address: Address): boolean {
  return own.adapter !== 'loopback' && within(address, [ipaddr.parse(own.address), own.prefixLength])
}

/** How near a path is. Smaller is better: the requestor ranks by it when it commits (guide: what decides). */
export type Rank = 0 | 1 | 2

/** Same computer or network before global IPv6 before mapped or public IPv4. */
export function rankOf(address: string, own: readonly OwnAddress[]): Rank {
  const parsed = ipaddr.parse(normalizeAddress(address) ?? '0.0.0.0')
  if (parsed.range() === 'loopback' || own.some(mine => inSameNetwork(mine, parsed))) return 0
  return parsed.kind() === 'ipv6' ? 1 : 2
}

/** How far the bytes go, as people are told. */
export function networkOf(address: string, own: readonly OwnAddress[]): Network {
  const parsed = ipaddr.parse(normalizeAddress(address) ?? '0.0.0.0')
  const isOurs = own.some(mine => mine.address === parsed.toString())
  if (parsed.range() === 'loopback' || isOurs) return 'this-computer'
  return rankOf(address, own) === 0 ? 'local' : 'internet'
}

export interface HostChoice {
  readonly own: readonly OwnAddress[]
  readonly port: number
  /** The requestor's hosts, which a responder matches its own against; a requestor knows none yet. */
  readonly theirs: readonly Host[]
  readonly offerLoopback: boolean
  /** Where the router hands connections on to us; its port may be another one than ours. */
  readonly mapped?: Host | undefined
}

/**
 * The hosts that we tell a peer, three at most (guide: the three slots). Addresses in a network of the
 * peer's come first; adapters of containers and tunnels are named only if the peer shares them. IPv4 stands
 * before IPv6, because old parsers split at the first colon.
 */
export function chooseHosts({ own, port, theirs, offerLoopback, mapped }: HostChoice): Host[] {
  const shared = (mine: OwnAddress): boolean =>
    theirs.some(host => inSameNetwork(mine, ipaddr.parse(host.address)))
  const usable = own.filter(mine => {
    const range = ipaddr.parse(mine.address).range()
    if (mine.adapter === 'loopback' || range === 'loopback') return offerLoopback
    if (reachOf(ipaddr.parse(mine.address)) === 'nowhere') return false
    return mine.adapter === 'physical' || shared(mine)
  })
  const isIPv6 = (mine: OwnAddress): boolean => mine.address.includes(':')
  const isGlobal = (mine: OwnAddress): boolean => ipaddr.parse(mine.address).range() === 'unicast'
  const order = (wanted: (mine: OwnAddress) => boolean): Host[] =>
    usable.filter(wanted).map(({ address }) => ({ address, port }))
  const isLoopback = (mine: OwnAddress): boolean => mine.adapter === 'loopback'
  const first = <T>(list: readonly T[]): T[] => list.slice(0, 1)
  const slots = [
    // Only offered where the person said that both may be on one computer: nothing is nearer then.
    ...order(mine => !isIPv6(mine) && isLoopback(mine)),
    ...order(shared),
    ...first(order(mine => !isIPv6(mine) && !isLoopback(mine))),
    // Before global IPv6, into which most routers let nobody, and which not every peer has.
    ...(mapped === undefined ? [] : [mapped]),
    ...first(order(mine => isIPv6(mine) && isGlobal(mine))),
    ...order(mine => !isIPv6(mine)),
    ...order(mine => isIPv6(mine) && !isLoopback(mine)),
    ...order(isLoopback),
  ]
  return [...new Map(slots.map(host => [formatHost(host), host])).values()]
    .slice(0, MAX_HOSTS)
    .toSorted((a, b) => Number(a.address.includes(':')) - Number(b.address.includes(':')))
}
