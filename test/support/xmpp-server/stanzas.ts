import xml, { Element } from '@xmpp/xml'

export const NS = {
  client: 'jabber:client',
  streams: 'http://etherx.jabber.org/streams',
  streamErrors: 'urn:ietf:params:xml:ns:xmpp-streams',
  stanzaErrors: 'urn:ietf:params:xml:ns:xmpp-stanzas',
  tls: 'urn:ietf:params:xml:ns:xmpp-tls',
  sasl: 'urn:ietf:params:xml:ns:xmpp-sasl',
  bind: 'urn:ietf:params:xml:ns:xmpp-bind',
  session: 'urn:ietf:params:xml:ns:xmpp-session',
  management: 'urn:xmpp:sm:3',
  roster: 'jabber:iq:roster',
  discoInfo: 'http://jabber.org/protocol/disco#info',
  discoItems: 'http://jabber.org/protocol/disco#items',
  ping: 'urn:xmpp:ping',
  dataForms: 'jabber:x:data',
  delay: 'urn:xmpp:delay',
  forward: 'urn:xmpp:forward:0',
  hints: 'urn:xmpp:hints',
  receipts: 'urn:xmpp:receipts',
  markers: 'urn:xmpp:chat-markers:0',
  chatStates: 'http://jabber.org/protocol/chatstates',
  stanzaIds: 'urn:xmpp:sid:0',
  register: 'jabber:iq:register',
} as const

/** RFC 6120 §8.3.3, those that this server says. */
const ERROR_TYPES = {
  'bad-request': 'modify',
  conflict: 'cancel',
  forbidden: 'auth',
  'jid-malformed': 'modify',
  'feature-not-implemented': 'cancel',
  'item-not-found': 'cancel',
  'not-acceptable': 'modify',
  'not-allowed': 'cancel',
  'registration-required': 'auth',
  'resource-constraint': 'wait',
  'remote-server-not-found': 'cancel',
  'service-unavailable': 'cancel',
} as const
export type StanzaCondition = keyof typeof ERROR_TYPES

export interface Jid {
  /** Undefined for a domain. */
  readonly local: string | undefined
  readonly domain: string
  readonly resource: string | undefined
  readonly bare: string
}

/** Lower case is what nodeprep and nameprep amount to for the names of tests. */
export function parseJid(text: string): Jid | undefined {
  const parts = /^(?:(?<local>[^@/\s"&'<>:]+)@)?(?<domain>[^@/\s]+)(?:\/(?<resource>.+))?$/s.exec(
    text,
  )?.groups
  if (parts === undefined) return undefined
  const { local: writtenLocal, domain: writtenDomain = '', resource } = parts
  const local = writtenLocal?.toLowerCase()
  const domain = writtenDomain.toLowerCase()
  return { local, domain, resource, bare: local === undefined ? domain : `${local}@${domain}` }
}

export function attribute(element: Element, name: string): string | undefined {
  const value: unknown = element.attrs[name]
  return typeof value === 'string' ? value : undefined
}

/** What every stanza inherits from the stream that it is in: without it, `getNS()` finds nothing. */
const CLIENT_STREAM = new Element('stream:stream', { xmlns: NS.client, 'xmlns:stream': NS.streams })

/** A copy that shares nothing, so that whoever gets it may change it. */
export function copyStanza(stanza: Element, attributes: Record<string, string | undefined> = {}): Element {
  const copy = copyElement(stanza)
  Object.assign(copy.attrs, attributes)
  copy.parent = CLIENT_STREAM
  return copy
}

function copyElement(element: Element): Element {
  const copy = new Element(element.name, element.attrs)
  for (const child of element.children) copy.append(typeof child === 'string' ? child : copyElement(child))
  return copy
}

/** A copy without the children that `isUnwanted` picks; the stanza itself where there are none. */
export function withoutChildren(stanza: Element, isUnwanted: (child: Element) => boolean): Element {
  const unwanted = new Set(
    stanza.getChildElements().flatMap((child, index) => (isUnwanted(child) ? index : [])),
  )
  if (unwanted.size === 0) return stanza
  const copy = copyStanza(stanza)
  for (const [index, child] of copy.getChildElements().entries()) if (unwanted.has(index)) copy.remove(child)
  return copy
}

export function isStanza(element: Element): boolean {
  return ['iq', 'message', 'presence'].some(name => element.is(name, NS.client))
}

/** An answer to an error would let two servers answer each other for ever (RFC 6120 §8.3.1). */
export function mayBeRefused(stanza: Element): boolean {
  const type = attribute(stanza, 'type')
  return type !== 'error' && !(stanza.is('iq') && type === 'result')
}

/** The error with the id of what it refuses, going back to where that came from. `details` is what a XEP adds. */
export function refusal(
  stanza: Element,
  condition: StanzaCondition,
  text?: string,
  details: readonly Element[] = [],
): Element {
  return xml(
    stanza.name,
    {
      type: 'error',
      id: attribute(stanza, 'id'),
      from: attribute(stanza, 'to'),
      to: attribute(stanza, 'from'),
    },
    xml(
      'error',
      { type: ERROR_TYPES[condition] },
      xml(condition, { xmlns: NS.stanzaErrors }),
      ...(text === undefined ? [] : [xml('text', { xmlns: NS.stanzaErrors }, text)]),
      ...details,
    ),
  )
}

/** Like Prosody's: what answers for the account itself has no `from`, unless the question had a `to`. */
export function result(iq: Element, ...children: readonly Element[]): Element {
  return xml(
    'iq',
    { type: 'result', id: attribute(iq, 'id'), from: attribute(iq, 'to'), to: attribute(iq, 'from') },
    ...children,
  )
}
