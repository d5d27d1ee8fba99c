import { type Element, onlyChild, readId, xml } from './stanza.ts'
import { writeHint } from './xep-0334.ts'

/** XEP-0333: up to which message somebody has seen a conversation. */
export const NS_MARKERS = 'urn:xmpp:chat-markers:0'

/** The sender would like to know when the message was displayed. */
export function writeMarkable(): Element {
  return xml('markable', { xmlns: NS_MARKERS })
}

export function isMarkable(message: Element): boolean {
  return message.getChild('markable', NS_MARKERS) !== undefined
}

/** The message that says so of the message `messageId` and all before. Archives keep it (section 5). */
export function writeDisplayed(to: string, id: string, messageId: string): Element {
  const displayed = xml('displayed', { xmlns: NS_MARKERS, id: messageId })
  return xml('message', { to, id, type: 'chat' }, displayed, writeHint('store'))
}

/** The id of the newest message that was displayed; undefined where a message does not say so. */
export function readDisplayed(message: Element): string | undefined {
  return readId(onlyChild(message, 'displayed', NS_MARKERS))
}
