import type { Element } from './stanza.ts'

/** XEP-0393: what a message looks like, from plain text. */
export const NS_STYLING = 'urn:xmpp:styling:0'

/** Whether the sender means each of its characters as it stands (section 6.1). */
export function isUnstyled(message: Element): boolean {
  return message.getChild('unstyled', NS_STYLING) !== undefined
}
