import { harmlessLine } from '../../shared/harmless-text.ts'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import { type Picture, readPicture } from '../pictures/picture-header.ts'
import { readBase64 } from './base64.ts'
import { IqError, type IqRouter } from './iq.ts'
import { type Element, xml, xmlText } from './stanza.ts'
import { MAX_AVATAR_BYTES, MAX_AVATAR_PIXELS } from './xep-0084.ts'

/** Visiting cards (XEP-0054), of which the name and the picture are read. */
export const NS_VCARD = 'vcard-temp'

const MAX_NAME_LENGTH = 200
/** Of the card as it is written: the usual servers end the stream at 262,144. */
const MAX_CARD_BYTES = 250_000

export interface VCard {
  /** Harmless, as the two names that follow; undefined where there is none. */
  readonly fullName: string | undefined
  readonly nickname: string | undefined
  readonly photo: Picture | undefined
}

type RequestOptions = Parameters<IqRouter['request']>[3]

export function readVCard(card: Element): VCard {
  const text = (name: string): string | undefined =>
    harmlessLine(card.getChild(name, NS_VCARD)?.text() ?? '', MAX_NAME_LENGTH) || undefined
  return { fullName: text('FN'), nickname: text('NICKNAME'), photo: readPhoto(card) }
}

/**
 * The same card with another picture (null: none) or nickname (empty: none); what is left out stays, with all else.
 */
export function changeVCard(
  card: Element | undefined,
  { photo, nickname }: { readonly photo?: Picture | null; readonly nickname?: string },
): Element {
  const changed = [...(photo === undefined ? [] : ['PHOTO']), ...(nickname === undefined ? [] : ['NICKNAME'])]
  const kept = card?.getChildElements().filter(child => !changed.includes(child.getName())) ?? []
  const hasFullName = kept.some(child => child.getName() === 'FN')
  return xml(
    'vCard',
    { xmlns: NS_VCARD },
    ...kept,
    // Some programs show nothing else; but a name that somebody wrote there stays.
    ...(nickname && !hasFullName ? [xml('FN', {}, xmlText(nickname))] : []),
    ...(nickname ? [xml('NICKNAME', {}, xmlText(nickname))] : []),
    ...(photo ? [writePhoto(photo)] : []),
  )
}

/**
 * The card of a bare JID, our own where it is left out. Undefined where there is none. Throws as `IqRouter.request`.
 */
export async function fetchVCard(
  iq: IqRouter,
  bare: string | undefined,
  options?: RequestOptions,
): Promise<Element | undefined> {
  try {
    const result = await iq.request('get', bare, xml('vCard', { xmlns: NS_VCARD }), options)
    return result.getChild('vCard', NS_VCARD)
  } catch (error) {
    // XEP-0054 section 3.1 has both for somebody without a card.
    const none = ['item-not-found', 'service-unavailable']
    if (error instanceof IqError && none.includes(error.error.condition)) return undefined
    throw error
  }
}

/** Changes our own card. Throws as `IqRouter.request`, and `not-allowed` where it is too long. */
export async function updateVCard(
  iq: IqRouter,
  change: Parameters<typeof changeVCard>[1],
  options?: RequestOptions,
): Promise<void> {
  const card = changeVCard(await fetchVCard(iq, undefined, options), change)
  if (Buffer.byteLength(card.toString()) > MAX_CARD_BYTES) {
    throw new Failure('not-allowed', say('profile.card-too-long'))
  }
  await iq.request('set', undefined, card, options)
}

function readPhoto(card: Element): Picture | undefined {
  const photo = card.getChild('PHOTO', NS_VCARD)
  const bytes = readBase64(photo?.getChildText('BINVAL') ?? '', MAX_AVATAR_BYTES)
  const type = photo?.getChildText('TYPE')?.trim() || undefined
  return bytes && readPicture(bytes, { type, maxPixels: MAX_AVATAR_PIXELS })
}

function writePhoto({ type, bytes }: Picture): Element {
  const base64 = Buffer.from(bytes).toString('base64')
  return xml('PHOTO', {}, xml('TYPE', {}, type), xml('BINVAL', {}, base64))
}
