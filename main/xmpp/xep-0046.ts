import { NS_FINGERPRINT, NS_PLUMB, writeFingerprint } from './plumb.ts'
import { attribute, type Element, xml } from './stanza.ts'

/** DTCP's negotiation as XML. What keys and hosts may be is for main/dtcp to say: here they are text. */

export const NS_DTCP = 'http://jabber.org/protocol/dtcp'

/** Elements of one kind beyond this many are a stanza that was made to hurt. */
const MAX_ELEMENTS = 16

/** Request and success alike (N1). */
export interface DtcpQuery {
  readonly key: string
  readonly hosts: readonly string[]
  readonly fingerprints: readonly { readonly hash: string; readonly text: string }[]
  /** Which accepted stream (XEP-0095 id) this is for; absent with a program that knows only the XEP. */
  readonly streamId: string | undefined
}

export function writeDtcpQuery(query: DtcpQuery): Element {
  return xml(
    'query',
    { xmlns: NS_DTCP },
    xml('key', {}, query.key),
    ...query.hosts.map(host => xml('host', {}, host)),
    ...query.fingerprints.map(writeFingerprint),
    ...(query.streamId === undefined ? [] : [xml('stream', { xmlns: NS_PLUMB, sid: query.streamId })]),
  )
}

/** Undefined where the key is missing, stands there twice, or there is more than any program would send. */
export function readDtcpQuery(query: Element): DtcpQuery | undefined {
  const keys = query.getChildren('key', NS_DTCP)
  const hosts = query.getChildren('host', NS_DTCP)
  const fingerprints = query.getChildren('fingerprint', NS_FINGERPRINT)
  const [key] = keys
  if (key === undefined || keys.length > 1) return undefined
  if (hosts.length > MAX_ELEMENTS || fingerprints.length > MAX_ELEMENTS) return undefined
  const stream = query.getChild('stream', NS_PLUMB)
  return {
    key: key.text(),
    hosts: hosts.map(host => host.text()),
    fingerprints: fingerprints.map(fingerprint => ({
      hash: attribute(fingerprint, 'hash') ?? '',
      text: fingerprint.text(),
    })),
    streamId: stream === undefined ? undefined : attribute(stream, 'sid'),
  }
}

/** N5: the iq-error that tells the peer that we have stopped trying. `id`, because real servers want one. */
export function writeGiveUp(to: string, id: string, theirKey: string): Element {
  return xml(
    'iq',
    { type: 'error', to, id },
    xml('query', { xmlns: NS_DTCP }, xml('key', {}, theirKey)),
    xml(
      'error',
      { type: 'cancel', code: '503' },
      xml('service-unavailable', { xmlns: 'urn:ietf:params:xml:ns:xmpp-stanzas' }),
      xml('text', { xmlns: 'urn:ietf:params:xml:ns:xmpp-stanzas' }, 'Could not connect to any of the hosts.'),
    ),
  )
}

/** N5: the key of ours that a peer's give-up names; undefined for any other iq-error. */
export function readGiveUp(stanza: Element): string | undefined {
  return stanza.getChild('query', NS_DTCP)?.getChildText('key') ?? undefined
}
