import type { Relay } from '../../shared/model/transfer.ts'
import type { GuardedLookups } from '../bytestreams/guarded-lookup.ts'
import type { ServerProxy } from '../bytestreams/proxy.ts'
import type { Streamhosts } from '../bytestreams/race-streamhosts.ts'
import type { DialTarget } from '../bytestreams/socks5-connections.ts'
import { type DialPolicy, MAX_HOSTS, mayDial, normalizeAddress, parseHost } from '../dtcp/host.ts'
import { bareJid, normalizeJid } from '../xmpp/stanza.ts'
import type { Streamhost } from '../xmpp/xep-0065.ts'
import { serviceOf } from './proxy-questions.ts'

/** How many proxies of one request are tried. */
const MAX_PROXIES = 3

/** One of a peer's hosts that may be dialed. */
export interface Candidate {
  /** As the peer wrote it, which is how it is named in the answer. */
  readonly jid: string
  readonly target: DialTarget
  readonly relay: Relay
}

/** What a peer's hosts are held against. */
export interface HostRules {
  /** Full JID. */
  readonly peer: string
  /** Hosts at the peer itself may be dialed, and proxies that nobody vouches for but the peer. */
  readonly mayKnowAddresses: boolean
  /** Hosts at the peer itself are dialed at all. */
  readonly dial: boolean
  readonly policy: DialPolicy
  readonly lookups: GuardedLookups
  /** Our own server's, as far as it is known, and where it is by its own words. */
  readonly ownProxy: { readonly jid: string; readonly targets: readonly DialTarget[] } | undefined
}

/** Of the hosts that a peer named, those that may be dialed, in their order (security: port scans through offered hosts). */
export function chooseStreamhosts(named: readonly Streamhost[], rules: HostRules): Streamhosts<Candidate> {
  const { peer, mayKnowAddresses, dial, policy, lookups, ownProxy } = rules
  const direct = new Places()
  const proxies = new Map<string, Places>()
  for (const { jid, host, port } of named) {
    const canonical = normalizeJid(jid) ?? ''
    const service = serviceOf(canonical)
    if (bareJid(canonical) === bareJid(peer)) {
      // No name of a person's computer is looked up: IP literals only.
      const isLiteral = normalizeAddress(host) !== undefined
      if (dial && mayKnowAddresses && isLiteral) {
        direct.add(jid, 'none', dialTarget({ host, port }, policy, lookups))
      }
    } else if (service !== undefined) {
      const isOwn = service === ownProxy?.jid
      if (!isOwn && !mayKnowAddresses) continue
      const places = proxies.get(service) ?? new Places()
      // Where our own server's proxy is we know better than the peer.
      const targets = isOwn ? ownProxy.targets : [dialTarget({ host, port }, policy, lookups)]
      for (const target of targets) places.add(jid, 'proxy', target)
      if (places.list.length > 0) proxies.set(service, places)
    }
  }
  const lists = [...proxies.values()].map(({ list }) => list)
  return { direct: direct.list, proxies: lists.slice(0, MAX_PROXIES) }
}

/**
 * Where the own server's proxy is dialed. The server has our trust and may stand in any network, as far as anybody's
 * hosts may be dialed at all.
 */
export function ownProxyTargets(
  { addresses }: ServerProxy,
  policy: Omit<DialPolicy, 'trusted'>,
  lookups: GuardedLookups,
): DialTarget[] {
  const targets = addresses.map(place => dialTarget(place, { ...policy, trusted: true }, lookups))
  return targets.filter(target => target !== undefined)
}

/** Of one host: each of its addresses once, and not too many of them. */
class Places {
  readonly #places = new Map<string, Candidate>()

  get list(): readonly Candidate[] {
    return [...this.#places.values()]
  }

  /** Without a target it may not be dialed. */
  add(jid: string, relay: Relay, target: DialTarget | undefined): void {
    const key = `${target?.host} ${target?.port}`
    if (target === undefined || this.#places.has(key) || this.#places.size >= MAX_HOSTS) return
    this.#places.set(key, { jid, relay, target })
  }
}

function dialTarget(
  { host, port }: { readonly host: string; readonly port: number },
  policy: DialPolicy,
  lookups: GuardedLookups,
): DialTarget | undefined {
  const allowed = (address: string): boolean => mayDial({ address, port }, policy)
  const literal = normalizeAddress(host)
  if (literal !== undefined) {
    return allowed(literal) ? { host: literal, port, lookup: undefined } : undefined
  }
  const isName = parseHost(`${host}:${port}`).kind === 'name'
  return isName ? { host, port, lookup: lookups.where(allowed) } : undefined
}
