import { createHash } from 'node:crypto'
import { type Picture, readPicture } from '../pictures/picture-header.ts'
import { readBase64 } from './base64.ts'
import { attribute, type Element } from './stanza.ts'

/** Small pictures that travel in the stanza that speaks of them (bits of binary, XEP-0231). */
export const NS_BOB = 'urn:xmpp:bob'

/** Of one stanza. */
const MAX_PICTURES = 8
export const MAX_PICTURE_BYTES = 256 * 1024
/** What a form shows needs no more. */
const MAX_PIXELS = 2_048 * 2_048
const HASHES: ReadonlyMap<string | undefined, string> = new Map([
  ['sha1', 'sha1'],
  ['sha256', 'sha256'],
  ['sha-256', 'sha256'],
])

/**
 * The pictures in this element, by their content id (without `cid:`). Those that are not what they say are left out.
 */
export function readPicturesIn(parent: Element): ReadonlyMap<string, Picture> {
  const pictures = new Map<string, Picture>()
  for (const data of parent.getChildren('data', NS_BOB).slice(0, MAX_PICTURES)) {
    const cid = attribute(data, 'cid') ?? ''
    const bytes = readBase64(data.text(), MAX_PICTURE_BYTES)
    if (bytes === undefined || !isContentOf(cid, bytes)) continue
    const picture = readPicture(bytes, { type: attribute(data, 'type'), maxPixels: MAX_PIXELS })
    if (picture !== undefined) pictures.set(cid, picture)
  }
  return pictures
}

/** XEP-0231 section 2.1: the id is the hash of what it names. */
function isContentOf(cid: string, bytes: Uint8Array): boolean {
  const [, algorithm, hex] = /^([a-z0-9-]{1,10})\+([0-9a-f]{40,64})@bob\.xmpp\.org$/i.exec(cid) ?? []
  const hash = HASHES.get(algorithm?.toLowerCase())
  return hash !== undefined && createHash(hash).update(bytes).digest('hex') === hex?.toLowerCase()
}
