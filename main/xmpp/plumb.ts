import { attribute, type Element, xml } from './stanza.ts'

/**
 * Our own namespace. Programs without it ignore its elements inside others, and answer its iqs with an error
 * that changes nothing. docs/file-transfer.md describes each element.
 */
export const NS_PLUMB = 'urn:plumb:transfer:0'
/** XEP-0320, whose element carries the certificate's fingerprint; programs without it skip it. */
export const NS_FINGERPRINT = 'urn:xmpp:jingle:apps:dtls:0'
/** Chosen by the sender, 128 random bits as hex: names a transfer for good, across sessions and addresses. */
const KEY = /^[0-9a-f]{32}$/
const SHA256 = /^[0-9a-f]{64}$/
const MAX_FINGERPRINTS = 8

/** What our programs add to an offer (XEP-0096) of theirs. */
export interface OwnOffer {
  readonly key: string
  /** It was accepted before: it goes on, and nobody is asked. */
  readonly resume: boolean
  /** How many files, where it is a folder. */
  readonly files: number | undefined
  /** Of the sender's certificate. */
  readonly fingerprints: readonly Fingerprint[]
}

/** What they add to the acceptance. */
export interface OwnAcceptance {
  /** Of the receiver's certificate. */
  readonly fingerprints: readonly Fingerprint[]
  /** The receiver has all of it, verified: nothing needs to be sent. Lower-case hex. */
  readonly done: string | undefined
}

export interface Fingerprint {
  readonly hash: string
  readonly text: string
}

/** What one of our programs tells the other about a transfer, beside the offer itself. */
export type TransferNotice =
  /** It ends here. `reason` is a failure code. */
  | { readonly kind: 'cancel'; readonly key: string; readonly reason: string }
  /** The person there paused it, or lets it go on. */
  | { readonly kind: 'pause'; readonly key: string }
  | { readonly kind: 'resume'; readonly key: string }

export function writeOwnOffer({ key, resume, files, fingerprints }: OwnOffer): Element {
  return xml(
    'transfer',
    {
      xmlns: NS_PLUMB,
      key,
      ...(resume ? { resume: 'true' } : {}),
      ...(files === undefined ? {} : { files: String(files) }),
    },
    ...fingerprints.map(writeFingerprint),
  )
}

/** Undefined where there is none, or what is there makes no sense: then it is another program's. */
export function readOwnOffer(si: Element): OwnOffer | undefined {
  const transfer = si.getChild('transfer', NS_PLUMB)
  const key = transfer && attribute(transfer, 'key')
  if (transfer === undefined || key === undefined || !KEY.test(key)) return undefined
  const filesText = attribute(transfer, 'files')
  if (filesText !== undefined && !/^[0-9]{1,9}$/.test(filesText)) return undefined
  return {
    key,
    resume: ['true', '1'].includes(attribute(transfer, 'resume') ?? ''),
    files: filesText === undefined ? undefined : Number(filesText),
    fingerprints: readFingerprints(transfer),
  }
}

export function writeOwnAcceptance({ fingerprints, done }: OwnAcceptance): Element {
  return xml(
    'transfer',
    { xmlns: NS_PLUMB, ...(done === undefined ? {} : { done }) },
    ...fingerprints.map(writeFingerprint),
  )
}

export function readOwnAcceptance(si: Element): OwnAcceptance | undefined {
  const transfer = si.getChild('transfer', NS_PLUMB)
  if (transfer === undefined) return undefined
  const done = attribute(transfer, 'done')
  return {
    fingerprints: readFingerprints(transfer),
    done: done !== undefined && SHA256.test(done) ? done : undefined,
  }
}

/** Stands beside the condition where the person over there has paused it. */
export function pausedElement(): Element {
  return xml('paused', { xmlns: NS_PLUMB })
}

export function writeNotice(notice: TransferNotice): Element {
  const { kind, key } = notice
  return xml(kind, { xmlns: NS_PLUMB, key, ...(kind === 'cancel' ? { reason: notice.reason } : {}) })
}

/** Undefined for what is no notice, or is not complete. */
export function readNotice(element: Element): TransferNotice | undefined {
  const key = attribute(element, 'key')
  if (key === undefined || !KEY.test(key) || element.getNS() !== NS_PLUMB) return undefined
  switch (element.getName()) {
    case 'cancel':
      return { kind: 'cancel', key, reason: attribute(element, 'reason') ?? 'cancelled' }
    case 'pause':
      return { kind: 'pause', key }
    case 'resume':
      return { kind: 'resume', key }
    default:
      return undefined
  }
}

export function writeFingerprint({ hash, text }: Fingerprint): Element {
  return xml('fingerprint', { xmlns: NS_FINGERPRINT, hash }, text)
}

function readFingerprints(parent: Element): Fingerprint[] {
  return parent
    .getChildren('fingerprint', NS_FINGERPRINT)
    .slice(0, MAX_FINGERPRINTS)
    .map(element => ({ hash: attribute(element, 'hash') ?? '', text: element.text() }))
}
