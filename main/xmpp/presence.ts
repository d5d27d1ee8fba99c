import { EventEmitter } from 'node:events'
import { MAX_STATUS_LENGTH } from '../../shared/model/limits.ts'
import { attribute, bareJid, type Element, normalizeJid, personJid, xml, xmlText } from './stanza.ts'
import { NS_CAPS } from './xep-0030.ts'
import { type PhotoHash, writePhotoHash } from './xep-0153.ts'
import { readIdle, writeIdle } from './xep-0319.ts'

/** One device that is online. */
export interface Resource {
  /** Full JID. */
  readonly address: string
  /** -128 to 127; a negative one wants no messages, and takes files all the same. */
  readonly priority: number
  readonly show: 'online' | 'away' | 'busy'
  /** What its owner wrote there; empty where nothing. */
  readonly status: string
  /** Since when nobody has touched it, where it says so; never in the future. */
  readonly idleSince: Date | undefined
  /** The `ver` and `node` of its caps (XEP-0115), as they came. */
  readonly caps: { readonly hash: string; readonly node: string; readonly version: string } | undefined
}

/** What we say of ourselves to all who see us. */
export interface OwnPresence {
  readonly show: Resource['show']
  /** At most 1,000 characters of it are sent; empty for none. */
  readonly status: string
  readonly idleSince: Date | undefined
  /** The `<c/>` of our program. */
  readonly caps: Element
  /** Of the picture in our vCard, and undefined where the server says it for us (XEP-0398). */
  readonly avatarHash: PhotoHash
}

/** A server may not fill the memory with resources of one account. */
const MAX_RESOURCES_PER_ACCOUNT = 100

/** Anybody may send a presence to us: strangers may not fill the memory either. */
const MAX_ACCOUNTS = 20_000

/** Requests to be seen that wait; more are an attack. */
const MAX_REQUESTS = 200

interface PresenceEvents {
  /** Came, or said something new about itself. */
  available: [address: string]
  /** Was not online before. */
  arrived: [address: string]
  unavailable: [address: string]
  /** Somebody asks to see us, or does so no longer. */
  requests: []
}

export function writePresence({ show, status, idleSince, caps, avatarHash }: OwnPresence): Element {
  const cut = status.slice(0, MAX_STATUS_LENGTH).replace(/[\uD800-\uDBFF]$/, '')
  return xml(
    'presence',
    {},
    ...(show === 'online' ? [] : [xml('show', {}, show === 'busy' ? 'dnd' : 'away')]),
    ...(cut === '' ? [] : [xml('status', {}, xmlText(cut))]),
    ...(idleSince === undefined ? [] : [writeIdle(idleSince)]),
    caps,
    writePhotoHash(avatarHash),
  )
}

/** Who is online, by presence stanzas. Newest last within one account. */
export class Presences extends EventEmitter<PresenceEvents> {
  readonly #online = new Map<string, Map<string, Resource>>()
  readonly #requests = new Set<string>()

  /** The devices of an account, the highest priority first, then the one that came last. */
  resourcesOf(bare: string): Resource[] {
    return [...(this.#online.get(bare)?.values() ?? [])].reverse().toSorted((a, b) => b.priority - a.priority)
  }

  /** Full JIDs of an account that are online, the one that came or spoke last is first. */
  newestOf(bare: string): readonly string[] {
    return [...(this.#online.get(bare)?.keys() ?? [])].reverse()
  }

  isOnline(full: string): boolean {
    return this.#online.get(bareJid(full))?.has(full) ?? false
  }

  /** The accounts with a device whose caps have this version. */
  accountsWith(version: string): readonly string[] {
    return [...this.#online.entries()]
      .filter(([, resources]) => [...resources.values()].some(({ caps }) => caps?.version === version))
      .map(([bare]) => bare)
  }

  /** Bare JIDs that asked to see us and have no answer (RFC 6121 section 3.1). */
  get requests(): readonly string[] {
    return [...this.#requests]
  }

  /** The request was answered. */
  forgetRequest(bare: string): void {
    if (this.#requests.delete(bare)) this.emit('requests')
  }

  /** Nothing more comes of these accounts (XEP-0191): what was known of them holds no longer. */
  forget(isForgotten: (bare: string) => boolean): void {
    for (const [bare, resources] of this.#online) {
      if (!isForgotten(bare)) continue
      this.#online.delete(bare)
      for (const address of resources.keys()) this.emit('unavailable', address)
    }
    for (const bare of this.#requests) if (isForgotten(bare)) this.forgetRequest(bare)
  }

  /** A new session: the server tells everything anew, the requests that wait among it (RFC 6121 section 3.1.3). */
  clear(): void {
    this.#online.clear()
    if (this.#requests.size === 0) return
    this.#requests.clear()
    this.emit('requests')
  }

  receive(stanza: Element): void {
    const from = normalizeJid(attribute(stanza, 'from') ?? '')
    const type = attribute(stanza, 'type')
    if (from === undefined) return
    const bare = bareJid(from)
    const resources = this.#online.get(bare) ?? new Map<string, Resource>()
    if (type === 'unavailable' || type === 'error') {
      // From a bare JID it means all of them.
      const gone = from === bare ? [...resources.keys()] : [from]
      for (const address of gone) if (resources.delete(address)) this.emit('unavailable', address)
      if (resources.size === 0) this.#online.delete(bare)
    } else if (type === undefined && from !== bare) {
      const known = resources.delete(from)
      if (!known && resources.size >= MAX_RESOURCES_PER_ACCOUNT) return
      if (resources.size === 0 && !known && this.#online.size >= MAX_ACCOUNTS) return
      resources.set(from, {
        address: from,
        priority: readPriority(stanza.getChildText('priority')),
        show: readShow(stanza.getChildText('show')),
        status: (stanza.getChildText('status') ?? '').slice(0, MAX_STATUS_LENGTH),
        idleSince: readIdle(stanza),
        caps: readCaps(stanza),
      })
      this.#online.set(bare, resources)
      this.emit('available', from)
      if (!known) this.emit('arrived', from)
    } else if (type === 'subscribe') {
      if (this.#requests.has(bare) || this.#requests.size >= MAX_REQUESTS) return
      if (personJid(bare) === undefined) return
      this.#requests.add(bare)
      this.emit('requests')
    } else if (type === 'unsubscribe') this.forgetRequest(bare)
  }
}

function readShow(text: string | null): Resource['show'] {
  if (text === 'dnd') return 'busy'
  return text === 'away' || text === 'xa' ? 'away' : 'online'
}

function readCaps(stanza: Element): Resource['caps'] {
  const element = stanza.getChild('c', NS_CAPS)
  const hash = element && attribute(element, 'hash')
  const node = element && attribute(element, 'node')
  const version = element && attribute(element, 'ver')
  // Without a hash it is the format from before 1.4, which says nothing that can be checked.
  if (hash === undefined || node === undefined || version === undefined) return undefined
  return { hash, node, version }
}

/** RFC 6121 section 4.7.2.3; what is no such number counts as none. */
function readPriority(text: string | null): number {
  const priority = Number(text?.trim())
  return Number.isInteger(priority) && priority >= -128 && priority <= 127 ? priority : 0
}
