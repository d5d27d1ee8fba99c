import { type Element, onlyChild } from './stanza.ts'
import { readDelay } from './xep-0203.ts'

/** XEP-0297: a message inside of another one. Whether it is genuine is for whoever wrapped it. */
const NS_FORWARD = 'urn:xmpp:forward:0'

export interface Forwarded {
  readonly message: Element
  /** When the server that wrapped it got it, where that is told. */
  readonly at: Date | undefined
}

/** Undefined where there is not exactly one message. */
export function readForwarded(parent: Element): Forwarded | undefined {
  const forwarded = onlyChild(parent, 'forwarded', NS_FORWARD)
  const message = forwarded && onlyChild(forwarded, 'message', 'jabber:client')
  if (forwarded === undefined || message === undefined) return undefined
  return { message, at: readDelay(forwarded, () => true) }
}
