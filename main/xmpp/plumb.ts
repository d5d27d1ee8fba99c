import { attribute, type Element, xml } from './stanza.ts'

/**
 * Our own namespace. Programs without it ignore its elements inside others, and answer its iqs with an error
 * that changes nothing. docs/dtcp.md describes each element.
 */
export const NS_PLUMB = 'urn:plumb:transfer:0'
/** XEP-0300: hashes in XML. */
export const NS_HASHES = 'urn:xmpp:hashes:2'

/** What one of our programs tells the other about a transfer, beside the offer itself. */
export type TransferNotice =
  /** From the sender, behind the last byte: result = arrived and verified, error = it is not what was sent. */
  | { readonly kind: 'checksum'; readonly streamId: string; readonly sha256: string }
  /** From either side: it ends here. `reason` is a failure code. */
  | { readonly kind: 'cancel'; readonly streamId: string; readonly reason: string }

/** Stands in offer and answer: this program sends, or expects, a checksum at the end. */
export function writeChecksumSupport(): Element {
  return xml('checksum-follows', { xmlns: NS_PLUMB })
}

export function hasChecksumSupport(si: Element): boolean {
  return si.getChild('checksum-follows', NS_PLUMB) !== undefined
}

export function writeNotice(notice: TransferNotice): Element {
  return notice.kind === 'cancel'
    ? xml('cancel', { xmlns: NS_PLUMB, sid: notice.streamId, reason: notice.reason })
    : xml(
        'checksum',
        { xmlns: NS_PLUMB, sid: notice.streamId },
        xml(
          'hash',
          { xmlns: NS_HASHES, algo: 'sha-256' },
          Buffer.from(notice.sha256, 'hex').toString('base64'),
        ),
      )
}

/** Undefined for what is no notice, or is not complete. */
export function readNotice(element: Element): TransferNotice | undefined {
  const streamId = attribute(element, 'sid')
  if (streamId === undefined) return undefined
  if (element.is('cancel', NS_PLUMB)) {
    return { kind: 'cancel', streamId, reason: attribute(element, 'reason') ?? 'cancelled' }
  }
  if (!element.is('checksum', NS_PLUMB)) return undefined
  const hash = element.getChildren('hash', NS_HASHES).find(child => attribute(child, 'algo') === 'sha-256')
  const digest = Buffer.from(hash?.text() ?? '', 'base64')
  return digest.length === 32 ? { kind: 'checksum', streamId, sha256: digest.toString('hex') } : undefined
}
