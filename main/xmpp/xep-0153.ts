import { type Element, xml } from './stanza.ts'

/** XEP-0153: the hash of the picture in somebody's vCard, in their presence. */
export const NS_VCARD_UPDATE = 'vcard-temp:x:update'

/** SHA-1 as lower-case hex; null: there is no picture; undefined: it is not said. */
export type PhotoHash = string | null | undefined

/** Undefined says that we do not know our own yet, so that nobody forgets it. */
export function writePhotoHash(hash: PhotoHash): Element {
  const photo = hash === undefined ? [] : [xml('photo', {}, hash ?? '')]
  return xml('x', { xmlns: NS_VCARD_UPDATE }, ...photo)
}

export function readPhotoHash(presence: Element): PhotoHash {
  const photo = presence.getChild('x', NS_VCARD_UPDATE)?.getChild('photo', NS_VCARD_UPDATE)
  if (photo === undefined) return undefined
  const text = photo.text().trim().toLowerCase()
  if (text === '') return photo.getChildElements().length === 0 ? null : undefined
  return /^[0-9a-f]{40}$/.test(text) ? text : undefined
}
