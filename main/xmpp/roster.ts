import { EventEmitter } from 'node:events'
import { MAX_GROUPS } from '../../shared/model/limits.ts'
import { IqError, type IqRouter } from './iq.ts'
import { attribute, bareJid, type Element, personJid, xml, xmlText } from './stanza.ts'

const NS_ROSTER = 'jabber:iq:roster'

/** One person of the contact list (RFC 6121 section 2.1.2). */
export interface Contact {
  /** Bare JID. */
  readonly address: string
  readonly name: string | undefined
  /** `from`: they see us; `to`: we see them; `both`; `none`. */
  readonly subscription: 'none' | 'to' | 'from' | 'both'
  /** We asked to see them, and have no answer yet. */
  readonly asked: boolean
  /** Names of groups, each once, trimmed; as our programs and others sorted them. */
  readonly groups: readonly string[]
}

/** A list as it was when this program had it last. */
export interface CachedRoster {
  /** As the server named it; empty where there was none yet. */
  readonly version: string
  readonly contacts: readonly Contact[]
}

const SUBSCRIPTIONS = ['none', 'to', 'from', 'both'] as const

/** A server may not fill the memory with contacts. */
const MAX_CONTACTS = 50_000
/** Characters. */
const MAX_GROUP_LENGTH = 200
const MAX_VERSION_LENGTH = 1_024

/** The contact list as the server keeps it, up to date by its pushes. */
export class Roster extends EventEmitter<{ changed: [] }> {
  readonly #iq: IqRouter
  readonly #contacts = new Map<string, Contact>()
  #version: string | undefined

  /** `ownBare`: a push counts only from there (RFC 6121 section 2.1.6). */
  constructor(iq: IqRouter, ownBare: () => string) {
    super()
    this.#iq = iq
    iq.handle('set', NS_ROSTER, ({ from, payload }) => {
      if (from === ownBare()) {
        this.#apply(payload)
        this.emit('changed')
      }
      return { payload: undefined }
    })
  }

  /**
   * Reads the list anew: the whole of it, or what changed since the `cached` one (RFC 6121 section 2.6), which only a
   * server gets that announces versions. A server that keeps no list leaves it empty.
   */
  async fetch(cached?: CachedRoster): Promise<void> {
    const version = cached === undefined ? {} : { ver: cached.version }
    const result = await this.#iq
      .request('get', undefined, xml('query', { xmlns: NS_ROSTER, ...version }))
      .catch(error => {
        if (error instanceof IqError) return undefined
        throw error
      })
    this.#contacts.clear()
    this.#version = undefined
    const query = result?.getChild('query', NS_ROSTER)
    if (query !== undefined) this.#apply(query)
    // Nothing in the answer: it is the same, or its changes come as pushes.
    else if (result !== undefined && cached !== undefined && cached.version !== '') this.#restore(cached)
    this.emit('changed')
  }

  /** What this list is to be cached as; undefined where the server knows no versions. */
  get version(): string | undefined {
    return this.#version
  }

  get contacts(): readonly Contact[] {
    return [...this.#contacts.values()]
  }

  find(bare: string): Contact | undefined {
    return this.#contacts.get(bare)
  }

  /**
   * Adds somebody, or gives another name and other groups: all of an item is set at once, so what is to stay has to be
   * said again. Throws as `IqRouter.request`.
   */
  async set(
    bare: string,
    wanted: { readonly name: string | undefined; readonly groups: readonly string[] },
  ): Promise<void> {
    const name = wanted.name === undefined ? undefined : xmlText(wanted.name)
    const groups = cleanGroups(wanted.groups).map(xmlText)
    const item = xml(
      'item',
      { jid: bare, ...(name === undefined ? {} : { name }) },
      ...groups.map(group => xml('group', {}, group)),
    )
    await this.#iq.request('set', undefined, xml('query', { xmlns: NS_ROSTER }, item))
    // The push may come behind the answer, and the next change says again what stays.
    const known = this.#contacts.get(bare)
    if (known === undefined) return
    this.#contacts.set(bare, { ...known, name, groups })
    this.emit('changed')
  }

  /** Removes somebody, with all subscriptions in both directions (RFC 6121 section 2.5). */
  async remove(bare: string): Promise<void> {
    const item = xml('item', { jid: bare, subscription: 'remove' })
    await this.#iq.request('set', undefined, xml('query', { xmlns: NS_ROSTER }, item))
  }

  /** Whether somebody, by bare or full JID, is in the list. */
  has(address: string): boolean {
    return this.#contacts.has(bareJid(address))
  }

  #restore({ version, contacts }: CachedRoster): void {
    for (const contact of contacts.slice(0, MAX_CONTACTS)) this.#contacts.set(contact.address, contact)
    this.#version = version
  }

  #apply(query: Element): void {
    const version = attribute(query, 'ver')
    if (version !== undefined) this.#version = version.length > MAX_VERSION_LENGTH ? undefined : version
    for (const item of query.getChildren('item', NS_ROSTER)) {
      // Gateways and other services may be in the list, too; they are nobody to talk to.
      const address = personJid(attribute(item, 'jid') ?? '')
      if (address === undefined) continue
      const subscription = attribute(item, 'subscription')
      if (subscription === 'remove') {
        this.#contacts.delete(address)
        continue
      }
      if (!this.#contacts.has(address) && this.#contacts.size >= MAX_CONTACTS) continue
      this.#contacts.set(address, {
        address,
        name: attribute(item, 'name'),
        subscription: SUBSCRIPTIONS.find(known => known === subscription) ?? 'none',
        asked: attribute(item, 'ask') === 'subscribe',
        groups: cleanGroups(item.getChildren('group', NS_ROSTER).map(group => group.text())),
      })
    }
  }
}

/** RFC 6121 section 2.1.2.6, with bounds. */
function cleanGroups(names: readonly string[]): string[] {
  const clean = new Set<string>()
  for (const name of names) {
    // Not through the middle of a character.
    const group = name
      .trim()
      .slice(0, MAX_GROUP_LENGTH)
      .replace(/[\uD800-\uDBFF]$/, '')
    if (group !== '') clean.add(group)
    if (clean.size === MAX_GROUPS) break
  }
  return [...clean]
}
