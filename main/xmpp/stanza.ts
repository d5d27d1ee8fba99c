import { jid, xml } from '@xmpp/client'
import type { Element } from '@xmpp/xml'
import { isHarmless } from '../../shared/harmless-text.ts'
import { BARE_JID, MAX_ADDRESS_LENGTH } from '../../shared/model/limits.ts'

export { type Element, xml }

const NS_STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas'

/** The conditions that we send, with their type (RFC 6120 section 8.3.3) and legacy code (XEP-0086). */
const CONDITIONS = {
  'bad-request': { type: 'modify', code: '400' },
  conflict: { type: 'cancel', code: '409' },
  'feature-not-implemented': { type: 'cancel', code: '501' },
  forbidden: { type: 'cancel', code: '403' },
  'internal-server-error': { type: 'cancel', code: '500' },
  'item-not-found': { type: 'cancel', code: '404' },
  'not-acceptable': { type: 'cancel', code: '406' },
  'resource-constraint': { type: 'wait', code: '500' },
  'service-unavailable': { type: 'cancel', code: '503' },
} as const

export type Condition = keyof typeof CONDITIONS

/** An `<error/>` with condition, legacy code, and what a XEP adds to it. */
export function stanzaError(condition: Condition, ...details: readonly Element[]): Element {
  const { type, code } = CONDITIONS[condition]
  return xml('error', { type, code }, xml(condition, { xmlns: NS_STANZAS }), ...details)
}

/** What an iq-error says: its RFC 6120 condition, or the one that its legacy code stands for. */
export interface PeerError {
  readonly condition: string
  /** Names of elements that stand beside the condition: those of a XEP. */
  readonly details: readonly string[]
  readonly text: string
}

const BY_LEGACY_CODE: ReadonlyMap<string | undefined, string> = new Map([
  ['400', 'bad-request'],
  ['403', 'forbidden'],
  ['404', 'item-not-found'],
  ['405', 'not-allowed'],
  ['406', 'not-acceptable'],
  ['409', 'conflict'],
  ['501', 'feature-not-implemented'],
  ['503', 'service-unavailable'],
  ['504', 'remote-server-timeout'],
])

export function readError(stanza: Element): PeerError {
  const error = stanza.getChild('error')
  const children = error?.getChildElements() ?? []
  const condition = children.find(child => child.getNS() === NS_STANZAS && child.getName() !== 'text')
  const code = error && attribute(error, 'code')
  return {
    condition: condition?.getName() ?? BY_LEGACY_CODE.get(code) ?? 'undefined-condition',
    details: children.filter(child => child.getNS() !== NS_STANZAS).map(child => child.getName()),
    text: error?.getChildText('text') ?? '',
  }
}

/** An attribute as text; undefined where it is missing. */
export function attribute(element: Element, name: string): string | undefined {
  const value: unknown = element.attrs[name]
  return typeof value === 'string' ? value : undefined
}

/** The child of that name and namespace; undefined where there is none, or more than one: nobody can tell which is meant. */
export function onlyChild(parent: Element, name: string, namespace: string): Element | undefined {
  const [child, ...more] = parent.getChildren(name, namespace)
  return more.length > 0 ? undefined : child
}

/** Characters. Ids are echoed, kept and compared: nobody needs longer ones. */
const MAX_ID_LENGTH = 1_024

/** The id of a message as somebody else chose it; undefined where there is none that can be echoed. */
export function readId(element: Element | undefined, name = 'id'): string | undefined {
  return sensibleId((element && attribute(element, name)) ?? '')
}

/** The same for an id that is no attribute. */
export function sensibleId(text: string): string | undefined {
  if (text === '' || text.length > MAX_ID_LENGTH || /\p{Cc}/u.test(text)) return undefined
  return text === xmlText(text) ? text : undefined
}

/** Text as XML can carry it: file names may hold characters at which a server ends the whole stream. */
export function xmlText(text: string): string {
  return text.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
}

/** RFC 7622 section 3.1: three parts of 1023 octets, and what separates them. */
const MAX_JID_LENGTH = 3_071

/** Nothing in it is to be lowered or escaped: the library would look for that at length, and most are so. */
const CANONICAL_JID = /^[a-z0-9._~+-]+@[a-z0-9.-]+(?:\/.+)?$/s

/** The canonical text of a JID, or undefined for what is none, or would be shown as another one. */
export function normalizeJid(text: string): string | undefined {
  if (text.length > MAX_JID_LENGTH || !isHarmless(text)) return undefined
  if (CANONICAL_JID.test(text)) return text
  try {
    const parsed = jid(text)
    return parsed.domain === '' ? undefined : parsed.toString()
  } catch {
    return undefined
  }
}

export function bareJid(address: string): string {
  const slash = address.indexOf('/')
  return slash < 0 ? address : address.slice(0, slash)
}

/** The bare JID of a person's account, from a bare or full one; undefined for servers, services, and what is no JID. */
export function personJid(text: string): string | undefined {
  const bare = bareJid(normalizeJid(text) ?? '')
  return BARE_JID.test(bare) && bare.length <= MAX_ADDRESS_LENGTH ? bare : undefined
}

export function isFullJid(address: string): boolean {
  return address.includes('/')
}
