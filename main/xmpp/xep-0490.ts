import { type Element, personJid, xml } from './stanza.ts'
import type { PubSubItem } from './xep-0060.ts'
import { readStanzaId, writeStanzaId } from './xep-0359.ts'

/** XEP-0490: up to where our devices have displayed each conversation, in a node of our own that only we can read. */
export const NS_DISPLAYED = 'urn:xmpp:mds:displayed:0'

export interface DisplayedMark {
  /** Bare JID of whom the conversation is with. */
  readonly person: string
  /** The message in our archive that is the newest which was displayed. */
  readonly archiveId: string
}

export function writeDisplayedMark(ownBare: string, archiveId: string): Element {
  return xml('displayed', { xmlns: NS_DISPLAYED }, writeStanzaId(ownBare, archiveId))
}

/** Undefined for the marks of rooms, whose ids are not those of our archive, and for what is none. */
export function readDisplayedMark(item: PubSubItem, ownBare: string): DisplayedMark | undefined {
  const person = personJid(item.id)
  if (person === undefined || item.payload?.is('displayed', NS_DISPLAYED) !== true) return undefined
  const archiveId = readStanzaId(item.payload, ownBare)
  return archiveId === undefined ? undefined : { person, archiveId }
}
