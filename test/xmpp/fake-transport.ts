import { EventEmitter, once } from 'node:events'
import { IqRouter } from '../../main/xmpp/iq.ts'
import type { Element } from '../../main/xmpp/stanza.ts'
import { parseXml } from './xml.ts'

export const OWN = 'alice@plumb.test/sofa'

/** A stream that keeps what is sent, and an iq router on it. */
export class FakeTransport {
  readonly address = OWN
  readonly sent: Element[] = []
  readonly stray: { readonly stanza: Element; readonly from: string }[] = []
  readonly #news = new EventEmitter()
  /** Thrown by the next `send`. */
  failure: Error | undefined
  readonly iq = new IqRouter(this, (stanza, from) => this.stray.push({ stanza, from }))

  async send(stanza: Element): Promise<void> {
    if (this.failure !== undefined) throw this.failure
    // What the other end reads of it.
    this.sent.push(parseXml(stanza.toString()))
    this.#news.emit('sent')
  }

  /** The stanza of this number, waiting until it was sent. */
  async nth(number: number): Promise<Element> {
    for (;;) {
      const stanza = this.sent[number - 1]
      if (stanza !== undefined) return stanza
      await once(this.#news, 'sent')
    }
  }

  receive(text: string): void {
    this.iq.receive(parseXml(text))
  }
}
