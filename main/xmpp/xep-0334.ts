import { type Element, xml } from './stanza.ts'

/** XEP-0334: what archives and servers that keep messages for later should do with one. */
const NS_HINTS = 'urn:xmpp:hints'

export function writeHint(hint: 'store' | 'no-store'): Element {
  return xml(hint, { xmlns: NS_HINTS })
}
