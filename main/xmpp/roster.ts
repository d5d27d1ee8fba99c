import { EventEmitter } from 'node:events'
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
}

const SUBSCRIPTIONS = ['none', 'to', 'from', 'both'] as const

/** A server may not fill the memory with contacts. */
const MAX_CONTACTS = 50_000

/** The contact list as the server keeps it, up to date by its pushes. */
export class Roster extends EventEmitter<{ changed: [] }> {
  readonly #iq: IqRouter
  readonly #contacts = new Map<string, Contact>()
  readonly #groups = new Map<string, readonly string[]>()

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

  /** Reads the whole list anew. A server that keeps none leaves it empty. */
  async fetch(): Promise<void> {
    const result = await this.#iq
      .request('get', undefined, xml('query', { xmlns: NS_ROSTER }))
      .catch(error => {
        if (error instanceof IqError) return undefined
        throw error
      })
    this.#contacts.clear()
    this.#groups.clear()
    const query = result?.getChild('query', NS_ROSTER)
    if (query !== undefined) this.#apply(query)
    this.emit('changed')
  }

  get contacts(): readonly Contact[] {
    return [...this.#contacts.values()]
  }

  find(bare: string): Contact | undefined {
    return this.#contacts.get(bare)
  }

  /** Adds somebody, or gives another name; the groups stay as they are. Throws as `IqRouter.request`. */
  async set(bare: string, name: string | undefined): Promise<void> {
    const groups = this.#groups.get(bare) ?? []
    const item = xml(
      'item',
      { jid: bare, ...(name === undefined ? {} : { name: xmlText(name) }) },
      ...groups.map(group => xml('group', {}, group)),
    )
    await this.#iq.request('set', undefined, xml('query', { xmlns: NS_ROSTER }, item))
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

  #apply(query: Element): void {
    for (const item of query.getChildren('item', NS_ROSTER)) {
      // Gateways and other services may be in the list, too; they are nobody to talk to.
      const address = personJid(attribute(item, 'jid') ?? '')
      if (address === undefined) continue
      const subscription = attribute(item, 'subscription')
      if (subscription === 'remove') {
        this.#contacts.delete(address)
        this.#groups.delete(address)
        continue
      }
      if (!this.#contacts.has(address) && this.#contacts.size >= MAX_CONTACTS) continue
      // Whoever sets an item sets all of it: what other programs sorted into groups must not get lost.
      this.#groups.set(
        address,
        item.getChildren('group', NS_ROSTER).map(group => group.text()),
      )
      this.#contacts.set(address, {
        address,
        name: attribute(item, 'name'),
        subscription: SUBSCRIPTIONS.find(known => known === subscription) ?? 'none',
        asked: attribute(item, 'ask') === 'subscribe',
      })
    }
  }
}
