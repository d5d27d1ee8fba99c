import { attribute, type Element, normalizeJid, onlyChild, readId, xml } from './stanza.ts'

/** XEP-0359: ids of messages that stay what they are on their way. */
export const NS_STANZA_IDS = 'urn:xmpp:sid:0'

/** The sender's own. */
export function writeOriginId(id: string): Element {
  return xml('origin-id', { xmlns: NS_STANZA_IDS, id })
}

export function readOriginId(message: Element): string | undefined {
  return readId(onlyChild(message, 'origin-id', NS_STANZA_IDS))
}

/** The id that an archive, `by` this bare JID, has given. */
export function writeStanzaId(by: string, id: string): Element {
  return xml('stanza-id', { xmlns: NS_STANZA_IDS, by, id })
}

/**
 * Undefined where that archive has given none, or it seems to have given two. Anybody can write one: it counts only where
 * the server that `by` is on announces that it removes forged ones.
 */
export function readStanzaId(parent: Element, by: string): string | undefined {
  const [given, ...more] = parent
    .getChildren('stanza-id', NS_STANZA_IDS)
    .filter(each => normalizeJid(attribute(each, 'by') ?? '') === by)
  return more.length > 0 ? undefined : readId(given)
}
