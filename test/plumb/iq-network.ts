import { EventEmitter, once } from 'node:events'
import { IqRouter, type IqTransport } from '../../main/xmpp/iq.ts'
import { attribute, type Element, stanzaError, xml } from '../../main/xmpp/stanza.ts'
import { Failure } from '../../shared/model/failure.ts'
import { parseXml } from '../xmpp/xml.ts'

/** A stanza on its way, as the other end would read it. */
export interface OnItsWay {
  readonly from: string
  readonly to: string
  readonly stanza: Element
}

/**
 * Servers as two programs see them: what one sends the other reads a turn later, in its order, with the sender's address
 * put in by the server. Whoever is not there is answered for.
 */
export class IqNetwork {
  readonly #members = new Map<string, Member>()
  /** Everything that was sent, oldest first. */
  readonly log: OnItsWay[] = []
  readonly #news = new EventEmitter()
  /** Looks at what is sent: `false` takes it away, an element takes its place. */
  intercept: (passing: OnItsWay) => boolean | Element = () => true

  join(address: string): Member {
    const member = new Member(address, stanza => this.#send(address, stanza))
    this.#members.set(address, member)
    return member
  }

  /** Its server answers for it from now on. */
  leave(address: string): void {
    this.#members.delete(address)
  }

  /** Sends as if `from` had, whoever that is. */
  inject(from: string, to: string, text: string): void {
    this.#send(from, parseXml(text.replace('<iq ', `<iq to='${to}' `)))
  }

  /** The iqs of a kind that were sent: by the name of their child, or `result` or `error`. */
  sent(name: string, from?: string): OnItsWay[] {
    return this.log.filter(
      passing => kindOf(passing.stanza) === name && (from ?? passing.from) === passing.from,
    )
  }

  /** Resolves with the iq of this number of a kind once it was sent. */
  async nth(number: number, name: string, from?: string): Promise<OnItsWay> {
    for (;;) {
      const found = this.sent(name, from)[number - 1]
      if (found !== undefined) return found
      await once(this.#news, 'sent')
    }
  }

  #send(from: string, stanza: Element): void {
    const to = attribute(stanza, 'to') ?? ''
    const copy = parseXml(stanza.toString())
    copy.attrs['from'] = from
    const passing = { from, to, stanza: copy }
    this.log.push(passing)
    const verdict = this.intercept(passing)
    this.#news.emit('sent')
    if (verdict === false) return
    setImmediate(() => this.#deliver(verdict === true ? passing : { ...passing, stanza: verdict }))
  }

  #deliver({ from, to, stanza }: OnItsWay): void {
    const member = this.#members.get(to)
    if (member !== undefined) {
      member.iq.receive(stanza)
      return
    }
    const type = attribute(stanza, 'type')
    if (type !== 'get' && type !== 'set') return
    const id = attribute(stanza, 'id') ?? ''
    this.#members
      .get(from)
      ?.iq.receive(
        parseXml(
          xml('iq', { type: 'error', id, from: to, to: from }, stanzaError('service-unavailable')).toString(),
        ),
      )
  }
}

/** One program's connection to its server. */
export class Member implements IqTransport {
  readonly address: string
  readonly iq: IqRouter
  readonly #send: (stanza: Element) => void
  /** The connection is down: what is sent fails. */
  down = false

  constructor(address: string, send: (stanza: Element) => void) {
    this.address = address
    this.#send = send
    this.iq = new IqRouter(this, () => {})
  }

  async send(stanza: Element): Promise<void> {
    if (this.down) throw new Failure('server-connection-lost', 'down')
    this.#send(stanza)
  }
}

/** What an iq is: the name of what it asks for, or `result` or `error`. */
function kindOf(stanza: Element): string {
  const type = attribute(stanza, 'type') ?? ''
  return type === 'set' || type === 'get' ? (stanza.getChildElements()[0]?.getName() ?? '') : type
}
