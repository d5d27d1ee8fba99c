import { EventEmitter } from 'node:events'
import { attribute, bareJid, type Element, normalizeJid } from './stanza.ts'

/** One device that is online. */
export interface Resource {
  /** Full JID. */
  readonly address: string
  /** -128 to 127; a negative one wants no messages, and takes files all the same. */
  readonly priority: number
}

/** A server may not fill the memory with resources of one account. */
const MAX_RESOURCES_PER_ACCOUNT = 100

/** Anybody may send a presence to us: strangers may not fill the memory either. */
const MAX_ACCOUNTS = 20_000

interface PresenceEvents {
  available: [address: string]
  unavailable: [address: string]
}

/** Who is online, by presence stanzas. Newest last within one account. */
export class Presences extends EventEmitter<PresenceEvents> {
  readonly #online = new Map<string, Map<string, Resource>>()

  /** The devices of an account, the highest priority first, then the one that came last. */
  resourcesOf(bare: string): Resource[] {
    return [...(this.#online.get(bare)?.values() ?? [])].reverse().toSorted((a, b) => b.priority - a.priority)
  }

  isOnline(full: string): boolean {
    return this.#online.get(bareJid(full))?.has(full) ?? false
  }

  clear(): void {
    this.#online.clear()
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
      resources.set(from, { address: from, priority: readPriority(stanza.getChildText('priority')) })
      this.#online.set(bare, resources)
      this.emit('available', from)
    }
  }
}

/** RFC 6121 section 4.7.2.3; what is no such number counts as none. */
function readPriority(text: string | null): number {
  const priority = Number(text?.trim())
  return Number.isInteger(priority) && priority >= -128 && priority <= 127 ? priority : 0
}
