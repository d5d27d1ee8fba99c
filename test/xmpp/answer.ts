import { attribute, type Element } from '../../main/xmpp/stanza.ts'
import type { FakeTransport } from './fake-transport.ts'

/** Answers the stanza of that number, which is a request, and gives it back. */
export async function answer(
  transport: FakeTransport,
  number: number,
  content = '',
  type: 'result' | 'error' = 'result',
): Promise<Element> {
  const request = await transport.nth(number)
  const from = attribute(request, 'to')
  transport.receive(
    `<iq type='${type}' id='${request.attrs['id']}'${from === undefined ? '' : ` from='${from}'`}>${content}</iq>`,
  )
  return request
}

/** The content of an error with this condition. */
export function error(condition: string, detail = ''): string {
  return `<error type='cancel'><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>${detail}</error>`
}

/** The content of an answer to disco#info. */
export function features(...names: readonly string[]): string {
  return `<query xmlns='http://jabber.org/protocol/disco#info'>${names.map(name => `<feature var='${name}'/>`).join('')}</query>`
}
