import { randomUUID } from 'node:crypto'
import xml, { type Element } from '@xmpp/xml'
import type { Account } from './accounts.ts'
import type { Connection, StreamCondition } from './connection.ts'
import { attribute, NS } from './stanzas.ts'

/** XEP-0198 §4: counters wrap. */
const COUNTER_RANGE = 2 ** 32
/** A client that never acknowledges must not fill the memory. */
const MAX_UNACKNOWLEDGED = 10_000

type Link =
  | { readonly kind: 'connected'; readonly connection: Connection }
  | { readonly kind: 'awaiting-resumption'; readonly timer: NodeJS.Timeout }
  | { readonly kind: 'ended' }

/** Stream management (XEP-0198). */
interface Management {
  /** What the client says to come back; undefined when it did not ask for that. */
  readonly resumptionId: string | undefined
  /** Stanzas of the client that were handled. */
  received: number
  /** Stanzas of ours that the client has handled. */
  acknowledged: number
  readonly unacknowledged: Element[]
  awaitsAcknowledgement: boolean
  /** How many stanzas of ours the last request covered. */
  requestedFor: number
}

export interface SessionOptions {
  readonly account: Account
  readonly resource: string
  readonly connection: Connection
  /** How long a session waits to be resumed. */
  readonly resumptionMs: number
  /** The session is over: `undelivered` is what the client never acknowledged. */
  readonly ended: (session: Session, undelivered: readonly Element[]) => void
}

/** A bound resource. It outlives its connection when the client may resume it. */
export class Session {
  readonly account: Account
  readonly resource: string
  readonly jid: string
  /** The last available presence, undefined while unavailable. */
  presence: Element | undefined
  /** Whether it asked for the roster, and so gets its changes (RFC 6121 §2.1.6). */
  wantsRosterPushes = false
  /** Who was told of this session without being subscribed, and will be told of its end. */
  readonly directedPresence = new Set<string>()
  readonly #resumptionMs: number
  readonly #ended: SessionOptions['ended']
  #link: Link
  #management: Management | undefined

  constructor({ account, resource, connection, resumptionMs, ended }: SessionOptions) {
    this.account = account
    this.resource = resource
    this.jid = `${account.bareJid}/${resource}`
    this.#resumptionMs = resumptionMs
    this.#ended = ended
    this.#link = { kind: 'connected', connection }
  }

  get connection(): Connection | undefined {
    return this.#link.kind === 'connected' ? this.#link.connection : undefined
  }

  get resumptionId(): string | undefined {
    return this.#management?.resumptionId
  }

  /** From -128 to 127; 0 unless the presence says otherwise (RFC 6121 §4.7.2.3). */
  get priority(): number {
    const text = this.presence?.getChildText('priority')?.trim() ?? ''
    return /^[+-]?\d+$/.test(text) ? Math.min(127, Math.max(-128, Number(text))) : 0
  }

  deliver(stanza: Element): void {
    if (this.#link.kind === 'ended') return
    this.#management?.unacknowledged.push(stanza)
    if (this.#link.kind === 'connected') {
      this.#link.connection.send(stanza)
      this.#requestAcknowledgement()
    }
    if ((this.#management?.unacknowledged.length ?? 0) > MAX_UNACKNOWLEDGED) this.end('resource-constraint')
  }

  countReceived(): void {
    if (this.#management !== undefined) {
      this.#management.received = (this.#management.received + 1) % COUNTER_RANGE
    }
  }

  /** A nonza of stream management, from the session's own connection. */
  manage(nonza: Element): void {
    const management = this.#management
    if (nonza.is('enable') && management === undefined) {
      const resumable = ['true', '1'].includes(attribute(nonza, 'resume') ?? '')
      const resumptionId = resumable ? randomUUID() : undefined
      this.#management = {
        resumptionId,
        received: 0,
        acknowledged: 0,
        unacknowledged: [],
        awaitsAcknowledgement: false,
        requestedFor: 0,
      }
      const max = resumable ? String(Math.ceil(this.#resumptionMs / 1000)) : undefined
      const resume = resumable ? 'true' : undefined
      this.connection?.send(xml('enabled', { xmlns: NS.management, id: resumptionId, resume, max }))
    } else if (nonza.is('r') && management !== undefined) {
      this.connection?.send(xml('a', { xmlns: NS.management, h: String(management.received) }))
    } else if (nonza.is('a') && management !== undefined) {
      management.awaitsAcknowledgement = false
      if (this.#acknowledge(nonza, management)) this.#requestAcknowledgement()
      else this.connection?.fail('undefined-condition', 'More stanzas acknowledged than sent')
    } else {
      this.connection?.send(failed('unexpected-request'))
    }
  }

  /**
   * Goes on over another connection; false when the client claims to have more stanzas than were sent.
   * Whoever holds the session now is put off: the client knew sooner than we that its connection was gone.
   */
  resume(connection: Connection, request: Element): boolean {
    const management = this.#management
    if (management === undefined || !this.#acknowledge(request, management)) return false
    const former = this.#link
    this.#link = { kind: 'connected', connection }
    if (former.kind === 'connected') former.connection.fail('conflict', 'The session was resumed elsewhere')
    if (former.kind === 'awaiting-resumption') clearTimeout(former.timer)
    connection.send(
      xml('resumed', {
        xmlns: NS.management,
        previd: management.resumptionId,
        h: String(management.received),
      }),
    )
    for (const stanza of management.unacknowledged) connection.send(stanza)
    management.awaitsAcknowledgement = false
    this.#requestAcknowledgement()
    return true
  }

  /** The connection is gone without a word. */
  connectionLost(connection: Connection): void {
    if (this.connection !== connection) return
    if (this.#management?.resumptionId === undefined) {
      this.#finish()
      return
    }
    const timer = setTimeout(() => this.#finish(), this.#resumptionMs)
    timer.unref()
    this.#link = { kind: 'awaiting-resumption', timer }
  }

  /** The stream over that connection was closed, by the client or by an error: nothing is left to resume. */
  streamClosed(connection: Connection): void {
    if (this.connection === connection) this.#finish()
  }

  /** For good, by the server. */
  end(reason: StreamCondition): void {
    const { connection } = this
    this.#finish()
    connection?.fail(reason)
  }

  #finish(): void {
    if (this.#link.kind === 'ended') return
    if (this.#link.kind === 'awaiting-resumption') clearTimeout(this.#link.timer)
    this.#link = { kind: 'ended' }
    this.#ended(this, this.#management?.unacknowledged ?? [])
  }

  /**
   * One request at a time: its answer covers all that was sent before it. Nothing is asked twice, since a
   * client that counts too few would have to answer for ever.
   */
  #requestAcknowledgement(): void {
    const management = this.#management
    if (management === undefined || management.awaitsAcknowledgement) return
    const sent = (management.acknowledged + management.unacknowledged.length) % COUNTER_RANGE
    if (sent === management.requestedFor) return
    management.awaitsAcknowledgement = true
    management.requestedFor = sent
    this.connection?.send(xml('r', { xmlns: NS.management }))
  }

  #acknowledge(nonza: Element, management: Management): boolean {
    const handled = Number(attribute(nonza, 'h'))
    const count = (handled - management.acknowledged + COUNTER_RANGE) % COUNTER_RANGE
    if (!Number.isInteger(handled) || count > management.unacknowledged.length) return false
    management.unacknowledged.splice(0, count)
    management.acknowledged = handled
    return true
  }
}

export function failed(condition: 'unexpected-request' | 'item-not-found'): Element {
  return xml('failed', { xmlns: NS.management }, xml(condition, { xmlns: NS.stanzaErrors }))
}
