import { attribute, type Element, normalizeJid, xml } from './stanza.ts'

/** The list of those from whom the server takes nothing (XEP-0191). */
export const NS_BLOCKING = 'urn:xmpp:blocking'

/** Of a list or a push; what is beyond is left out. */
export const MAX_BLOCKED = 10_000

/** What another device of ours did. */
export type BlockingPush =
  | { readonly kind: 'block' | 'unblock'; readonly addresses: readonly string[] }
  | { readonly kind: 'unblock-all' }

export function writeBlocklistQuestion(): Element {
  return xml('blocklist', { xmlns: NS_BLOCKING })
}

/** Without addresses `unblock` would mean everybody. */
export function writeBlocking(
  kind: 'block' | 'unblock',
  addresses: readonly [string, ...(readonly string[])],
): Element {
  return xml(kind, { xmlns: NS_BLOCKING }, ...addresses.map(address => xml('item', { jid: address })))
}

/** Bare and full JIDs and domains. */
export function readBlocklist(blocklist: Element): string[] {
  return blocklist
    .getChildren('item', NS_BLOCKING)
    .slice(0, MAX_BLOCKED)
    .flatMap(item => normalizeJid(attribute(item, 'jid') ?? '') ?? [])
}

export function readBlockingPush(payload: Element): BlockingPush | undefined {
  const kind = payload.getName()
  if (payload.getNS() !== NS_BLOCKING || (kind !== 'block' && kind !== 'unblock')) return undefined
  // Only the one that names nobody is about everybody, not the one whose names cannot be read.
  if (kind === 'unblock' && payload.getChildElements().length === 0) return { kind: 'unblock-all' }
  return { kind, addresses: readBlocklist(payload) }
}
