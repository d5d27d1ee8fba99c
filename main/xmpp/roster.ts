import { IqError, type IqRouter } from './iq.ts'
import { attribute, bareJid, type Element, normalizeJid, xml } from './stanza.ts'

const NS_ROSTER = 'jabber:iq:roster'

/** One person of the contact list (RFC 6121 section 2.1.2). */
export interface Contact {
  /** Bare JID. */
  readonly address: string
  readonly name: string | undefined
  /** `from`: they see us; `to`: we see them; `both`; `none`. */
  readonly subscription: 'none' | 'to' | 'from' | 'both'
}

const SUBSCRIPTIONS = ['none', 'to', 'from', 'both'] as const

/** The contact list as the server keeps it, up to date by its pushes. */
export class Roster {
  readonly #iq: IqRouter
  readonly #contacts = new Map<string, Contact>()

  /** `ownBare`: a push counts only from there (RFC 6121 section 2.1.6). */
  constructor(iq: IqRouter, ownBare: () => string) {
    this.#iq = iq
    iq.handle('set', NS_ROSTER, ({ from, payload }) => {
      if (from === ownBare()) this.#apply(payload)
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
    const query = result?.getChild('query', NS_ROSTER)
    if (query !== undefined) this.#apply(query)
  }

  /** Whether somebody, by bare or full JID, is in the list. */
  has(address: string): boolean {
    return this.#contacts.has(bareJid(address))
  }

  #apply(query: Element): void {
    for (const item of query.getChildren('item', NS_ROSTER)) {
      const address = normalizeJid(attribute(item, 'jid') ?? '')
      if (address === undefined) continue
      const subscription = attribute(item, 'subscription')
      if (subscription === 'remove') {
        this.#contacts.delete(address)
        continue
      }
      this.#contacts.set(address, {
        address,
        name: attribute(item, 'name'),
        subscription: SUBSCRIPTIONS.find(known => known === subscription) ?? 'none',
      })
    }
  }
}
