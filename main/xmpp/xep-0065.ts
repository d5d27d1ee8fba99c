import { createHash } from 'node:crypto'
import { attribute, type Element, xml } from './stanza.ts'

/** SOCKS5 bytestreams as XML. Which hosts may be dialed is for others to say: here they are text. */

export const NS_BYTESTREAMS = 'http://jabber.org/protocol/bytestreams'

/** More hosts than any program has are a stanza that was made to hurt. */
const MAX_STREAMHOSTS = 32
const MAX_ID_LENGTH = 256
/** RFC 7622 section 3.1: three parts of 1023 octets, and what separates them. */
const MAX_JID_LENGTH = 3_071
/** A DNS name; addresses are shorter. */
const MAX_HOST_LENGTH = 255
/** XEP-0065, the `<streamhost/>` element: where none is named. */
const DEFAULT_PORT = 1080

/** Where a stream may be fetched: at the requester itself, or at a proxy. */
export interface Streamhost {
  readonly jid: string
  /** An IP literal or a DNS name, as it was written. */
  readonly host: string
  readonly port: number
}

/**
 * What a requester asks a target. Its `dstaddr` is left out: one that equals `destinationAddress` says nothing new, and
 * any other is the view of a chat room, over which no files are sent here.
 */
export interface StreamRequest {
  readonly streamId: string
  readonly mode: 'tcp' | 'udp'
  /** In the order of the requester; at least one. */
  readonly hosts: readonly Streamhost[]
}

export function writeStreamRequest({ streamId, mode, hosts }: StreamRequest): Element {
  return xml('query', { xmlns: NS_BYTESTREAMS, sid: streamId, mode }, ...hosts.map(writeStreamhost))
}

/** Undefined where the id or all hosts are missing, one of the hosts is none, or there is too much of anything. */
export function readStreamRequest(query: Element): StreamRequest | undefined {
  const streamId = attribute(query, 'sid') ?? ''
  const mode = attribute(query, 'mode') ?? 'tcp'
  const hosts = readStreamhosts(query)
  if (streamId === '' || streamId.length > MAX_ID_LENGTH) return undefined
  if (mode !== 'tcp' && mode !== 'udp') return undefined
  return hosts === undefined ? undefined : { streamId, mode, hosts }
}

/** The target's answer: it is connected to this one of the hosts. */
export function writeStreamhostUsed(streamId: string, jid: string): Element {
  return xml('query', { xmlns: NS_BYTESTREAMS, sid: streamId }, xml('streamhost-used', { jid }))
}

/** The JID of the host that the target is connected to; undefined where it names none, or more than one. */
export function readStreamhostUsed(query: Element): string | undefined {
  const [used, ...more] = query.getChildren('streamhost-used', NS_BYTESTREAMS)
  return used === undefined || more.length > 0 ? undefined : readJid(used)
}

/** To a proxy: joins the requester's connection to that of `target`, a full JID. */
export function writeActivation(streamId: string, target: string): Element {
  return xml('query', { xmlns: NS_BYTESTREAMS, sid: streamId }, xml('activate', {}, target))
}

/** To a proxy: where it takes connections. */
export function writeAddressQuery(): Element {
  return xml('query', { xmlns: NS_BYTESTREAMS })
}

/** The proxy's answer: at least one host. Undefined as in `readStreamRequest`. */
export function readStreamhosts(query: Element): readonly Streamhost[] | undefined {
  const elements = query.getChildren('streamhost', NS_BYTESTREAMS)
  if (elements.length === 0 || elements.length > MAX_STREAMHOSTS) return undefined
  const hosts = elements.map(readStreamhost)
  return hosts.every(host => host !== undefined) ? hosts : undefined
}

/**
 * What both ends call their stream towards a host (XEP-0065, DST.ADDR): 40 hex digits. `requester` and `target` are full
 * JIDs in their canonical text.
 */
export function destinationAddress(streamId: string, requester: string, target: string): string {
  return createHash('sha1').update(`${streamId}${requester}${target}`, 'utf8').digest('hex')
}

function writeStreamhost({ jid, host, port }: Streamhost): Element {
  return xml('streamhost', { jid, host, port: String(port) })
}

function readStreamhost(element: Element): Streamhost | undefined {
  const jid = readJid(element)
  const host = attribute(element, 'host') ?? ''
  const portText = attribute(element, 'port') ?? String(DEFAULT_PORT)
  const port = Number(portText)
  if (jid === undefined || host === '' || host.length > MAX_HOST_LENGTH) return undefined
  return /^[0-9]{1,5}$/.test(portText) && port <= 65_535 ? { jid, host, port } : undefined
}

function readJid(element: Element): string | undefined {
  const jid = attribute(element, 'jid') ?? ''
  return jid === '' || jid.length > MAX_JID_LENGTH ? undefined : jid
}
