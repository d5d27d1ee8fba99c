import {
  type OwnAcceptance,
  type OwnOffer,
  readOwnAcceptance,
  readOwnOffer,
  writeOwnAcceptance,
  writeOwnOffer,
} from './plumb.ts'
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
  /** Bytes; undefined where the sender leaves it out, as some programs do. */
  readonly size: number | undefined
  readonly modified: Date | undefined
  /** Lower-case hex, where the sender computed it before. */
  readonly md5: string | undefined
  /** Namespaces of the stream methods, best first. */
  readonly methods: readonly string[]
  /** Whether the sender can leave out the beginning. */
  readonly range: boolean
  /** Between our own programs. */
  readonly own: OwnOffer | undefined
}

/** What part of the file the receiver wants (XEP-0096). */
export interface FileRange {
  /** Where in the file to begin, in bytes. */
  readonly offset: number
  /** How many bytes; undefined: to the end. */
  readonly length: number | undefined
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
    xml(
      'file',
      {
        xmlns: NS_FILE_TRANSFER,
        name: xmlText(offer.name),
        ...(offer.size === undefined ? {} : { size: String(offer.size) }),
        ...(offer.md5 === undefined ? {} : { hash: offer.md5 }),
        ...(offer.modified === undefined
          ? {}
          : { date: offer.modified.toISOString().replace(/\.\d+Z$/, 'Z') }),
      },
      ...(offer.range ? [xml('range')] : []),
    ),
    methodForm(
      'form',
      offer.methods.map(method => xml('option', {}, xml('value', {}, method))),
    ),
    ...(offer.own === undefined ? [] : [writeOwnOffer(offer.own)]),
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
  const size = readBytes(file, 'size')
  if (
    file === undefined ||
    name === undefined ||
    size === 'malformed' ||
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
    range: file.getChild('range', NS_FILE_TRANSFER) !== undefined,
    own: readOwnOffer(si),
  }
}

/** XEP-0095: none of the offered methods will do. */
export function noValidStreams(): Element {
  return stanzaError('bad-request', xml('no-valid-streams', { xmlns: NS_SI }))
}

export interface FileAcceptance {
  /** The namespace of the chosen method; undefined where the answer names none, or more than one. */
  readonly method: string | undefined
  /** Undefined: all of it; `malformed`: something that is no range. */
  readonly range: FileRange | 'malformed' | undefined
  readonly own: OwnAcceptance | undefined
}

export function writeAcceptance(acceptance: {
  readonly method: string
  /** Bytes that are here already. */
  readonly offset: number
  readonly own: OwnAcceptance | undefined
}): Element {
  const { method, offset, own } = acceptance
  return xml(
    'si',
    { xmlns: NS_SI },
    ...(offset === 0
      ? []
      : [xml('file', { xmlns: NS_FILE_TRANSFER }, xml('range', { offset: String(offset) }))]),
    methodForm('submit', [xml('value', {}, method)]),
    ...(own === undefined ? [] : [writeOwnAcceptance(own)]),
  )
}

export function readAcceptance(result: Element): FileAcceptance {
  const si = result.getChild('si', NS_SI)
  const methods = si === undefined ? [] : readMethods(si, 'value')
  return {
    method: methods.length === 1 ? methods[0] : undefined,
    range: si && readRange(si),
    own: si && readOwnAcceptance(si),
  }
}

function readRange(si: Element): FileAcceptance['range'] {
  const range = si.getChild('file', NS_FILE_TRANSFER)?.getChild('range', NS_FILE_TRANSFER)
  if (range === undefined) return undefined
  const offset = readBytes(range, 'offset')
  const length = readBytes(range, 'length')
  if (offset === 'malformed' || length === 'malformed') return 'malformed'
  return { offset: offset ?? 0, length }
}

/** A number of bytes in an attribute; undefined where it is missing. */
function readBytes(element: Element | undefined, name: string): number | 'malformed' | undefined {
  const text = element && attribute(element, name)
  if (text === undefined) return undefined
  const bytes = Number(text)
  return /^[0-9]{1,16}$/.test(text) && Number.isSafeInteger(bytes) ? bytes : 'malformed'
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
