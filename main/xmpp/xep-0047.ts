import { attribute, type Element, xml } from './stanza.ts'

/** In-band bytestreams as XML: bytes inside of stanzas. Which streams there are is for others to say. */

export const NS_IBB = 'http://jabber.org/protocol/ibb'
const NS_STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas'

/** Bytes of a block before base64, as the XEP has it. */
export const MAX_BLOCK_SIZE = 65_535
/** The numbers of blocks start at 0 and go on with 0 after this one. */
export const MAX_SEQUENCE = 65_535

/** The ids are those of stream initiation, which may be any text: whether one is known says more than its shape. */
const MAX_ID_LENGTH = 256
/** The largest block in base64 has 87,380 characters; line breaks and indentation come on top. */
const MAX_DATA_LENGTH = 128 * 1024

export interface IbbOpen {
  readonly sid: string
  /** Bytes, 1 or more; a peer may propose more than MAX_BLOCK_SIZE. */
  readonly blockSize: number
  /** What the blocks would travel in. */
  readonly stanza: 'iq' | 'message'
}

export interface IbbData {
  readonly sid: string
  /** 0 to MAX_SEQUENCE. */
  readonly sequence: number
  readonly bytes: Uint8Array
}

/** What may come in. */
export type IbbRequest =
  | ({ readonly kind: 'open' } & IbbOpen)
  | ({ readonly kind: 'data' } & IbbData)
  | { readonly kind: 'close'; readonly sid: string }
  | {
      /** To be answered with `bad-request`. */
      readonly kind: 'malformed'
      /** The stream that would have a hole where this block should be, if there is one of this id. */
      readonly blockOf: string | undefined
    }

export function writeOpen({ sid, blockSize, stanza }: IbbOpen): Element {
  return xml('open', { xmlns: NS_IBB, sid, 'block-size': String(blockSize), stanza })
}

export function writeData({ sid, sequence, bytes }: IbbData): Element {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
  return xml('data', { xmlns: NS_IBB, sid, seq: String(sequence) }, text)
}

export function writeClose(sid: string): Element {
  return xml('close', { xmlns: NS_IBB, sid })
}

/** Reads the one child of an iq of this namespace. */
export function readIbb(payload: Element): IbbRequest {
  const malformed = { kind: 'malformed', blockOf: undefined } as const
  const sid = attribute(payload, 'sid')
  if (sid === undefined || sid === '' || sid.length > MAX_ID_LENGTH) return malformed
  if (payload.is('open', NS_IBB)) {
    const blockSize = readNumber(attribute(payload, 'block-size'))
    const stanza = attribute(payload, 'stanza') ?? 'iq'
    if (blockSize === undefined || blockSize === 0 || (stanza !== 'iq' && stanza !== 'message')) {
      return malformed
    }
    return { kind: 'open', sid, blockSize, stanza }
  }
  if (payload.is('data', NS_IBB)) {
    const sequence = readNumber(attribute(payload, 'seq'))
    const bytes = payload.getChildElements().length > 0 ? undefined : readBase64(payload.text())
    if (sequence === undefined || sequence > MAX_SEQUENCE || bytes === undefined) {
      return { kind: 'malformed', blockOf: sid }
    }
    return { kind: 'data', sid, sequence, bytes }
  }
  return payload.is('close', NS_IBB) ? { kind: 'close', sid } : malformed
}

/** The conditions that the XEP names, with the types that it gives them, and legacy codes (XEP-0086). */
const CONDITIONS = {
  'bad-request': { type: 'cancel', code: '400' },
  'item-not-found': { type: 'cancel', code: '404' },
  'not-acceptable': { type: 'cancel', code: '406' },
  'resource-constraint': { type: 'modify', code: '500' },
  'unexpected-request': { type: 'cancel', code: '400' },
} as const

export type IbbCondition = keyof typeof CONDITIONS

export function ibbError(condition: IbbCondition): Element {
  const { type, code } = CONDITIONS[condition]
  return xml('error', { type, code }, xml(condition, { xmlns: NS_STANZAS }))
}

/** Decimal, small enough that it is exact. */
function readNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9]{1,10}$/.test(text) ? Number(text) : undefined
}

/**
 * RFC 4648 section 4, and nothing that it does not have: no other characters, no padding in the middle, no bits set
 * behind the last byte. Line breaks with indentation may stand where the XEP's own examples have them: around the
 * text and between whole groups of four.
 */
function readBase64(text: string): Uint8Array | undefined {
  if (text.length > MAX_DATA_LENGTH) return undefined
  const lines = text.split('\n').map(withoutIndentation)
  if (lines.length > 1 && lines.at(0) === '') lines.shift()
  if (lines.length > 1 && lines.at(-1) === '') lines.pop()
  const last = lines.pop() ?? ''
  if (lines.some(line => line === '' || line.length % 4 !== 0)) return undefined
  const whole = lines.join('') + last
  const bytes = Buffer.from(whole, 'base64')
  // Node skips what is no base64: only what comes out the same was nothing else.
  return bytes.toString('base64') === whole ? bytes : undefined
}

/** By hand: a pattern for the end would look at a long run of spaces once for each of them. */
function withoutIndentation(line: string): string {
  let from = 0
  let to = line.length
  while (from < to && isBlank(line.charCodeAt(from))) from += 1
  while (to > from && isBlank(line.charCodeAt(to - 1))) to -= 1
  return line.slice(from, to)
}

function isBlank(character: number): boolean {
  return character === 0x20 || character === 0x09 || character === 0x0d
}
