import { setImmediate as nextTurn } from 'node:timers/promises'
import { IqRouter, type IqTransport } from '../../main/xmpp/iq.ts'
import { type Element, stanzaError, xml } from '../../main/xmpp/stanza.ts'
import { parseXml } from '../xmpp/xml.ts'

/** What one entity says to another. */
interface Sent {
  readonly from: string
  readonly to: string
  readonly stanza: Element
}

/** Entities that send each other iqs, as if one server stood between all of them: nothing is lost, all in order. */
export class IqNetwork {
  readonly sent: Sent[] = []
  readonly #routers = new Map<string, IqRouter>()

  /** An entity with this address: a full JID, or a domain. */
  join(address: string): { readonly iq: IqRouter; readonly transport: IqTransport } {
    const transport: IqTransport = { address, send: stanza => this.#pass(address, stanza) }
    const iq = new IqRouter(transport, () => {})
    this.#routers.set(address, iq)
    return { iq, transport }
  }

  /** What was said about one thing, by its namespace, in order. */
  said(namespace: string): string[] {
    return this.sent
      .filter(({ stanza }) => stanza.getChildElements().some(child => child.getNS() === namespace))
      .map(({ stanza }) => stanza.toString())
  }

  async #pass(from: string, stanza: Element): Promise<void> {
    const to = String(stanza.attrs['to'])
    const copy = parseXml(stanza.toString())
    copy.attrs['from'] = from
    this.sent.push({ from, to, stanza: copy })
    await nextTurn()
    const router = this.#routers.get(to)
    if (router !== undefined) router.receive(copy)
    else if (['get', 'set'].includes(copy.attrs['type'])) {
      const { id } = copy.attrs
      const bounced = xml('iq', { type: 'error', id, from: to, to: from }, stanzaError('service-unavailable'))
      this.#routers.get(from)?.receive(parseXml(bounced.toString()))
    }
  }
}
