import { attribute, type Element, normalizeJid, xml } from './stanza.ts'
import { type Forwarded, readForwarded } from './xep-0297.ts'

/** XEP-0280: copies of what our other devices send and receive. */
export const NS_CARBONS = 'urn:xmpp:carbons:2'

export interface Carbon extends Forwarded {
  /** Another device of ours wrote it; otherwise it came for one. */
  readonly sent: boolean
}

export function writeEnableCarbons(): Element {
  return xml('enable', { xmlns: NS_CARBONS })
}

/**
 * The message in a copy; undefined where it is no copy, and `forged` where it looks like one and our server did not make it:
 * only that writes from our own bare JID (section 11), and it wraps one message.
 */
export function readCarbon(stanza: Element, ownBare: string): Carbon | 'forged' | undefined {
  const copies = ['sent', 'received'].flatMap(name => stanza.getChildren(name, NS_CARBONS))
  const [copy] = copies
  if (copy === undefined) return undefined
  const forwarded = readForwarded(copy)
  const isOurs = normalizeJid(attribute(stanza, 'from') ?? '') === ownBare
  if (!isOurs || copies.length > 1 || forwarded === undefined) return 'forged'
  return { ...forwarded, sent: copy.getName() === 'sent' }
}
