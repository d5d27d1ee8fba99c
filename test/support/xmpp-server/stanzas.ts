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
} as const

/** RFC 6120 §8.3.3, those that this server says. */
const ERROR_TYPES = {
  'bad-request': 'modify',
  'jid-malformed': 'modify',
  'feature-not-implemented': 'cancel',
  'item-not-found': 'cancel',
  'not-allowed': 'cancel',
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

export function isStanza(element: Element): boolean {
  return ['iq', 'message', 'presence'].some(name => element.is(name, NS.client))
}

/** An answer to an error would let two servers answer each other for ever (RFC 6120 §8.3.1). */
export function mayBeRefused(stanza: Element): boolean {
  const type = attribute(stanza, 'type')
  return type !== 'error' && !(stanza.is('iq') && type === 'result')
}

/** The error with the id of what it refuses, going back to where that came from. */
export function refusal(stanza: Element, condition: StanzaCondition, text?: string): Element {
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
