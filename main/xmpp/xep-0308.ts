import { type Element, onlyChild, readId, xml } from './stanza.ts'

/** XEP-0308: a message takes the place of an earlier one by the same sender. */
export const NS_CORRECTION = 'urn:xmpp:message-correct:0'

/** `id`: of the message as it was sent first, however often it was corrected. */
export function writeReplacement(id: string): Element {
  return xml('replace', { xmlns: NS_CORRECTION, id })
}

/** The id of the message that is replaced; undefined where it is no correction. */
export function readReplacement(message: Element): string | undefined {
  return readId(onlyChild(message, 'replace', NS_CORRECTION))
}
