import { hasChecksumSupport, writeChecksumSupport } from './plumb.ts'
import { attribute, type Element, stanzaError, xml, xmlText } from './stanza.ts'

/** File offers: stream initiation (XEP-0095) with the file transfer profile (XEP-0096). */

export const NS_SI = 'http://jabber.org/protocol/si'
export const NS_FILE_TRANSFER = 'http://jabber.org/protocol/si/profile/file-transfer'
const NS_FEATURE_NEG = 'http://jabber.org/protocol/feature-neg'
const NS_DATA_FORMS = 'jabber:x:data'

const MAX_ID_LENGTH = 256
const MAX_METHODS = 32

export interface FileOffer {
  /** The stream's id (XEP-0095): chosen by the sender. */
  readonly streamId: string
  /** As the sender wrote it: never a path to be used. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  readonly modified: Date | undefined
  /** Lower-case hex, where the sender computed it before. */
  readonly md5: string | undefined
  /** Namespaces of the stream methods, best first. */
  readonly methods: readonly string[]
  /** The other program sends a SHA-256 behind the last byte (docs/dtcp.md). */
  readonly checksumFollows: boolean
}

export function writeOffer(offer: FileOffer): Element {
  return xml(
    'si',
    {
      xmlns: NS_SI,
      id: offer.streamId,
      profile: NS_FILE_TRANSFER,
      'mime-type': 'application/octet-stream',
    },
    xml('file', {
      xmlns: NS_FILE_TRANSFER,
      name: xmlText(offer.name),
      size: String(offer.size),
      ...(offer.md5 === undefined ? {} : { hash: offer.md5 }),
      ...(offer.modified === undefined ? {} : { date: offer.modified.toISOString().replace(/\.\d+Z$/, 'Z') }),
    }),
    methodForm(
      'form',
      offer.methods.map(method => xml('option', {}, xml('value', {}, method))),
    ),
    ...(offer.checksumFollows ? [writeChecksumSupport()] : []),
  )
}

/** The offer, or the `<error/>` that XEP-0095 asks for. */
export function readOffer(si: Element): FileOffer | { readonly error: Element } {
  const streamId = attribute(si, 'id') ?? ''
  if (attribute(si, 'profile') !== NS_FILE_TRANSFER) {
    return { error: stanzaError('bad-request', xml('bad-profile', { xmlns: NS_SI })) }
  }
  const file = si.getChild('file', NS_FILE_TRANSFER)
  const name = file && attribute(file, 'name')
  const sizeText = (file && attribute(file, 'size')) ?? ''
  const size = Number(sizeText)
  const valid = /^[0-9]{1,16}$/.test(sizeText) && Number.isSafeInteger(size)
  if (
    file === undefined ||
    name === undefined ||
    !valid ||
    streamId === '' ||
    streamId.length > MAX_ID_LENGTH
  ) {
    return { error: stanzaError('bad-request', xml('bad-profile', { xmlns: NS_SI })) }
  }
  const md5 = attribute(file, 'hash')?.toLowerCase()
  const modified = new Date(attribute(file, 'date') ?? Number.NaN)
  return {
    streamId,
    name,
    size,
    modified: Number.isNaN(modified.getTime()) ? undefined : modified,
    md5: md5 !== undefined && /^[0-9a-f]{32}$/.test(md5) ? md5 : undefined,
    methods: readMethods(si, 'option'),
    checksumFollows: hasChecksumSupport(si),
  }
}

/** XEP-0095: none of the offered methods will do. */
export function noValidStreams(): Element {
  return stanzaError('bad-request', xml('no-valid-streams', { xmlns: NS_SI }))
}

export function writeAcceptance(method: string, checksumFollows: boolean): Element {
  return xml(
    'si',
    { xmlns: NS_SI },
    methodForm('submit', [xml('value', {}, method)]),
    ...(checksumFollows ? [writeChecksumSupport()] : []),
  )
}

export interface FileAcceptance {
  /** The namespace of the chosen method; undefined where the answer names none, or more than one. */
  readonly method: string | undefined
  readonly checksumFollows: boolean
}

export function readAcceptance(result: Element): FileAcceptance {
  const si = result.getChild('si', NS_SI)
  const methods = si === undefined ? [] : readMethods(si, 'value')
  return {
    method: methods.length === 1 ? methods[0] : undefined,
    checksumFollows: si !== undefined && hasChecksumSupport(si),
  }
}

function methodForm(type: 'form' | 'submit', content: readonly Element[]): Element {
  const field = xml(
    'field',
    { var: 'stream-method', ...(type === 'form' ? { type: 'list-single' } : {}) },
    ...content,
  )
  return xml('feature', { xmlns: NS_FEATURE_NEG }, xml('x', { xmlns: NS_DATA_FORMS, type }, field))
}

function readMethods(si: Element, within: 'option' | 'value'): string[] {
  const fields =
    si.getChild('feature', NS_FEATURE_NEG)?.getChild('x', NS_DATA_FORMS)?.getChildren('field') ?? []
  const field = fields.find(candidate => attribute(candidate, 'var') === 'stream-method')
  const texts =
    within === 'value'
      ? field?.getChildren('value').map(value => value.text())
      : field?.getChildren('option').map(option => option.getChildText('value') ?? '')
  return (texts ?? []).slice(0, MAX_METHODS).map(text => text.trim())
}
