import { createHash } from 'node:crypto'
import { type Picture, type PictureType, readPicture } from '../pictures/picture-header.ts'
import { readBase64 } from './base64.ts'
import { attribute, type Element, xml } from './stanza.ts'
import type { PubSubItem } from './xep-0060.ts'

/** Pictures of people, kept with their account (XEP-0084). */
export const NS_AVATAR_DATA = 'urn:xmpp:avatar:data'
export const NS_AVATAR_METADATA = 'urn:xmpp:avatar:metadata'

export const MAX_AVATAR_BYTES = 256 * 1024
/** What a picture may say of its size at most; of several the largest one below is taken. */
const MAX_SIDE = 1_024
/** What may be decoded: a picture in a vCard says nothing before. */
export const MAX_AVATAR_PIXELS = 2_048 * 2_048
/** Variants of one picture that are looked at. */
const MAX_VARIANTS = 20

const TYPES: readonly (string | undefined)[] = [
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
] satisfies PictureType[]

/** What is published of a picture beside itself. */
export interface AvatarInfo {
  /** SHA-1 of the bytes, lower-case hex: its id. */
  readonly hash: string
  readonly type: string
  readonly byteLength: number
  /** Pixels, where it is said. */
  readonly width: number | undefined
  readonly height: number | undefined
}

/**
 * The best variant that the account itself keeps: the largest one that is not too large. Null where there is no
 * picture, or none that is shown; undefined for what is no metadata at all. Nothing is ever fetched from an address
 * that stands there.
 */
export function readAvatarMetadata(metadata: Element | undefined): AvatarInfo | null | undefined {
  if (metadata?.is('metadata', NS_AVATAR_METADATA) !== true) return undefined
  const variants = metadata
    .getChildren('info', NS_AVATAR_METADATA)
    .slice(0, MAX_VARIANTS)
    .flatMap(info => readInfo(info) ?? [])
  const [best] = variants.toSorted((a, b) => pixels(b) - pixels(a) || b.byteLength - a.byteLength)
  return best ?? null
}

/** Without a picture it says that there is none any more. */
export function writeAvatarMetadata(picture: Picture | undefined): Element {
  if (picture === undefined) return xml('metadata', { xmlns: NS_AVATAR_METADATA })
  const { bytes, type, width, height } = picture
  const info = {
    id: hashOf(bytes),
    type,
    bytes: String(bytes.length),
    width: String(width),
    height: String(height),
  }
  return xml('metadata', { xmlns: NS_AVATAR_METADATA }, xml('info', info))
}

/** The picture with this hash, if it is one of these and of the type that was announced; undefined for all else. */
export function readAvatarData(
  items: readonly PubSubItem[],
  hash: string,
  type: string | undefined,
): Picture | undefined {
  for (const { payload } of items) {
    if (payload?.is('data', NS_AVATAR_DATA) !== true) continue
    const bytes = readBase64(payload.text(), MAX_AVATAR_BYTES)
    if (bytes !== undefined && hashOf(bytes) === hash) {
      return readPicture(bytes, { type, maxPixels: MAX_AVATAR_PIXELS })
    }
  }
  return undefined
}

export function writeAvatarData(bytes: Uint8Array): Element {
  return xml('data', { xmlns: NS_AVATAR_DATA }, Buffer.from(bytes).toString('base64'))
}

/** What a picture is known by. */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex')
}

export function isHash(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text)
}

function readInfo(info: Element): AvatarInfo | undefined {
  const hash = (attribute(info, 'id') ?? '').toLowerCase()
  const type = attribute(info, 'type')?.toLowerCase()
  const byteLength = readNumber(info, 'bytes')
  const [width, height] = [readNumber(info, 'width'), readNumber(info, 'height')]
  // With an address the picture is there, and not in the node.
  if (!isHash(hash) || attribute(info, 'url') !== undefined) return undefined
  if (type === undefined || !TYPES.includes(type)) return undefined
  if (byteLength === undefined || byteLength === 0 || byteLength > MAX_AVATAR_BYTES) return undefined
  if ((width ?? 0) > MAX_SIDE || (height ?? 0) > MAX_SIDE) return undefined
  return { hash, type, byteLength, width, height }
}

function readNumber(element: Element, name: string): number | undefined {
  const text = attribute(element, name) ?? ''
  return /^[0-9]{1,9}$/.test(text) ? Number(text) : undefined
}

function pixels({ width = 0, height = 0 }: AvatarInfo): number {
  return width * height
}
