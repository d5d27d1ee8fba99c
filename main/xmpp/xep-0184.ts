import { type Element, onlyChild, readId, xml } from './stanza.ts'
import { writeHint } from './xep-0334.ts'

/** XEP-0184: the receiver's program says that a message reached it. */
export const NS_RECEIPTS = 'urn:xmpp:receipts'

export function writeReceiptRequest(): Element {
  return xml('request', { xmlns: NS_RECEIPTS })
}

/** The message that answers one with that id. It is kept for a sender that is away by now. */
export function writeReceipt(to: string, id: string, messageId: string): Element {
  const received = xml('received', { xmlns: NS_RECEIPTS, id: messageId })
  return xml('message', { to, id, type: 'chat' }, received, writeHint('store'))
}

/** The id of the message that a receipt is for; undefined where it is none. */
export function readReceipt(message: Element): string | undefined {
  return readId(onlyChild(message, 'received', NS_RECEIPTS))
}

export function wantsReceipt(message: Element): boolean {
  return message.getChild('request', NS_RECEIPTS) !== undefined
}
