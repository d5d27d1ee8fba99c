import type { IqRouter } from './iq.ts'
import { attribute, type Element, stanzaError, xml } from './stanza.ts'
import { capsVersion } from './xep-0115.ts'

export const NS_DISCO_INFO = 'http://jabber.org/protocol/disco#info'
export const NS_DISCO_ITEMS = 'http://jabber.org/protocol/disco#items'
export const NS_CAPS = 'http://jabber.org/protocol/caps'

/** Names the program in caps (XEP-0115); a URI that is never fetched. */
const CAPS_NODE = 'urn:plumb'

const IDENTITY = { category: 'client', type: 'pc', name: 'Plumb' } as const

/** A peer's answer is cut here; no program has more. */
const MAX_FEATURES = 1_000
/** A server's list is cut here. */
const MAX_ITEMS = 1_000

/** Answers service discovery (XEP-0030) and makes the caps of our presence (XEP-0115) from one list. */
export class Discovery {
  readonly #iq: IqRouter
  readonly #features: readonly string[]

  constructor(iq: IqRouter, features: readonly string[]) {
    this.#iq = iq
    this.#features = [...new Set([NS_DISCO_INFO, NS_DISCO_ITEMS, NS_CAPS, ...features])].toSorted()
    iq.handle('get', NS_DISCO_INFO, ({ payload }) => {
      const node = attribute(payload, 'node')
      if (node !== undefined && node !== `${CAPS_NODE}#${this.#verification()}`) {
        return { payload: stanzaError('item-not-found') }
      }
      return { payload: this.#info(node) }
    })
    iq.handle('get', NS_DISCO_ITEMS, () => ({ payload: xml('query', { xmlns: NS_DISCO_ITEMS }) }))
  }

  /** The `<c/>` for our presence. */
  caps(): Element {
    return xml('c', { xmlns: NS_CAPS, hash: 'sha-1', node: CAPS_NODE, ver: this.#verification() })
  }

  /** What another entity supports, asked of itself. Throws as `IqRouter.request`. */
  async featuresOf(
    address: string,
    options?: { timeoutMs?: number; signal?: AbortSignal },
  ): Promise<Set<string>> {
    return featuresIn(await this.infoOf(address, undefined, options))
  }

  /** The whole answer, of one `node` where given. Throws as `IqRouter.request`. */
  async infoOf(
    address: string,
    node: string | undefined,
    options?: { timeoutMs?: number; signal?: AbortSignal },
  ): Promise<Element> {
    const attributes = { xmlns: NS_DISCO_INFO, ...(node === undefined ? {} : { node }) }
    const result = await this.#iq.request('get', address, xml('query', attributes), options)
    return result.getChild('query', NS_DISCO_INFO) ?? xml('query', { xmlns: NS_DISCO_INFO })
  }

  /** JIDs of what an entity lists, as they are written there. Throws as `IqRouter.request`. */
  async itemsOf(address: string, options?: { timeoutMs?: number; signal?: AbortSignal }): Promise<string[]> {
    const result = await this.#iq.request('get', address, xml('query', { xmlns: NS_DISCO_ITEMS }), options)
    const items = result.getChild('query', NS_DISCO_ITEMS)?.getChildren('item', NS_DISCO_ITEMS) ?? []
    return items
      .slice(0, MAX_ITEMS)
      .map(item => attribute(item, 'jid') ?? '')
      .filter(jid => jid !== '')
  }

  #info(node: string | undefined): Element {
    return xml(
      'query',
      { xmlns: NS_DISCO_INFO, ...(node === undefined ? {} : { node }) },
      xml('identity', IDENTITY),
      ...this.#features.map(feature => xml('feature', { var: feature })),
    )
  }

  #verification(): string {
    return capsVersion(this.#info(undefined), 'sha-1') ?? ''
  }
}

/** The features that an answer names. */
export function featuresIn(query: Element): Set<string> {
  const features = query.getChildren('feature', NS_DISCO_INFO).slice(0, MAX_FEATURES)
  return new Set(features.map(feature => attribute(feature, 'var') ?? '').filter(name => name !== ''))
}

/** Whether an answer says that who gave it is, among other things, of this kind. */
export function hasIdentity(query: Element, category: string, type: string): boolean {
  const identities = query.getChildren('identity', NS_DISCO_INFO)
  return identities.some(
    identity => attribute(identity, 'category') === category && attribute(identity, 'type') === type,
  )
}
