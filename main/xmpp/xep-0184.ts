import { attribute, type Element, xml } from './stanza.ts'

/** XEP-0184: the receiver's program says that a message reached it. */
export const NS_RECEIPTS = 'urn:xmpp:receipts'

export function writeReceiptRequest(): Element {
  return xml('request', { xmlns: NS_RECEIPTS })
}

/** The message that answers one with that id. */
export function writeReceipt(to: string, id: string, messageId: string): Element {
  return xml('message', { to, id, type: 'chat' }, xml('received', { xmlns: NS_RECEIPTS, id: messageId }))
}

/** The id of the message that a receipt is for; undefined where it is none. */
export function readReceipt(message: Element): string | undefined {
  const received = message.getChild('received', NS_RECEIPTS)
  return received && attribute(received, 'id')
}

export function wantsReceipt(message: Element): boolean {
  return message.getChild('request', NS_RECEIPTS) !== undefined
}
