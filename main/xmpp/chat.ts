import { randomUUID } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { Failure } from '../../shared/model/failure.ts'
import {
  attribute,
  bareJid,
  type Element,
  normalizeJid,
  personJid,
  readError,
  xml,
  xmlText,
} from './stanza.ts'
import { readReceipt, wantsReceipt, writeReceipt, writeReceiptRequest } from './xep-0184.ts'

/** A message that came. */
export interface IncomingMessage {
  /** Bare JID. */
  readonly from: string
  /** Full JID. */
  readonly device: string
  /** As the sender's program numbered it; ids are no proof of anything. */
  readonly id: string | undefined
  readonly text: string
  /** When it was sent, as far as the server knows; never in the future. */
  readonly at: Date
}

interface ChatEvents {
  message: [message: IncomingMessage]
  /** A device of the receiver has the message. */
  receipt: [receipt: { readonly from: string; readonly id: string }]
  'message-failed': [refused: { readonly to: string; readonly id: string; readonly failure: Failure }]
}

/** What chat needs of the stream. */
export interface ChatTransport {
  /** Our own full JID. */
  readonly address: string
  send(stanza: Element): Promise<void>
  deliver(stanza: Element): Promise<void>
}

const NS_DELAY = 'urn:xmpp:delay'
/** Characters; what is beyond is cut off. */
const MAX_TEXT_LENGTH = 65_536
/** Ids are echoed in receipts: nobody needs longer ones. */
const MAX_ID_LENGTH = 1_024
/**
 * Of one stanza. The usual servers end the stream at 262,144, and would do so again with each resumption, in which
 * it is sent anew with a few words more.
 */
const MAX_STANZA_BYTES = 250_000
/** Messages whose receipt or error may still come. */
const MAX_AWAITED = 10_000
/** XMPP is not older than that. */
const EARLIEST_MS = Date.UTC(1999, 0)

/** One-to-one messages (RFC 6121 section 5) with receipts (XEP-0184). */
export class Chat extends EventEmitter<ChatEvents> {
  readonly #transport: ChatTransport
  readonly #mayKnowUs: (bare: string) => boolean
  /** To whom our messages went, by id: a receipt counts only from there. */
  readonly #awaited = new Map<string, string>()

  /** `mayKnowUs`: whether somebody sees that we are online; nobody else gets a receipt, which would tell it. */
  constructor(transport: ChatTransport, mayKnowUs: (bare: string) => boolean) {
    super()
    this.#transport = transport
    this.#mayKnowUs = mayKnowUs
  }

  /**
   * Resolves when the server has the message. Throws `server-connection-lost`, and `not-allowed` for one that no
   * server would take. `to` is bare.
   */
  async send(to: string, { id, text }: { readonly id: string; readonly text: string }): Promise<void> {
    const body = xml('body', {}, xmlText(text))
    const stanza = xml('message', { to, id, type: 'chat' }, body, writeReceiptRequest())
    if (Buffer.byteLength(stanza.toString()) > MAX_STANZA_BYTES) {
      throw new Failure('not-allowed', 'This message is too long to be sent: send it as a file.')
    }
    if (this.#awaited.size >= MAX_AWAITED) {
      const [oldest] = this.#awaited.keys()
      if (oldest !== undefined) this.#awaited.delete(oldest)
    }
    this.#awaited.set(id, to)
    await this.#transport.deliver(stanza)
  }

  receive(stanza: Element): void {
    const device = normalizeJid(attribute(stanza, 'from') ?? '')
    const from = personJid(device ?? '')
    // What our own devices say to themselves is no conversation.
    if (device === undefined || from === undefined || from === bareJid(this.#transport.address)) return
    const type = attribute(stanza, 'type') ?? 'normal'
    const id = readId(stanza)
    if (type === 'error') {
      this.#refused(from, id, stanza)
      return
    }
    if (type !== 'chat' && type !== 'normal') return
    const receipt = readReceipt(stanza)
    if (receipt !== undefined && this.#awaited.get(receipt) === from) {
      this.#awaited.delete(receipt)
      this.emit('receipt', { from, id: receipt })
    }
    const text = stanza.getChildText('body') ?? ''
    if (text === '') return
    this.emit('message', { from, device, id, text: cut(text), at: this.#readTime(stanza) })
    if (id !== undefined && wantsReceipt(stanza) && this.#mayKnowUs(from)) {
      // Lost with the connection, it is no loss: the sender's program shows one tick less.
      this.#transport.send(writeReceipt(device, randomUUID(), id)).catch(() => {})
    }
  }

  /**
   * XEP-0203: when our server got it, where that kept it for us; now for all else. Anybody can write a stamp, so it
   * has to be a time at which it may have been sent.
   */
  #readTime(stanza: Element): Date {
    const ownBare = bareJid(this.#transport.address)
    const ours = [undefined, ownBare, ownBare.slice(ownBare.indexOf('@') + 1)]
    // Programs of senders stamp what they had to send again; that is their clock.
    const delay = stanza.getChildren('delay', NS_DELAY).find(each => ours.includes(attribute(each, 'from')))
    const stamp = Date.parse((delay && attribute(delay, 'stamp')) ?? '')
    const now = Date.now()
    return new Date(stamp >= EARLIEST_MS && stamp < now ? stamp : now)
  }

  #refused(from: string, id: string | undefined, stanza: Element): void {
    if (id === undefined || this.#awaited.get(id) !== from) return
    this.#awaited.delete(id)
    const { condition } = readError(stanza)
    const gone = ['service-unavailable', 'recipient-unavailable', 'item-not-found', 'remote-server-not-found']
    const failure = gone.includes(condition)
      ? new Failure(
          'peer-offline',
          'It did not arrive: they are not online, and their server keeps nothing for later.',
        )
      : new Failure('message-refused', `It did not arrive: their server refused it (${condition}).`)
    this.emit('message-failed', { to: from, id, failure })
  }
}

function readId(stanza: Element): string | undefined {
  const id = attribute(stanza, 'id') ?? ''
  return id === '' || id.length > MAX_ID_LENGTH ? undefined : id
}

function cut(text: string): string {
  if (text.length <= MAX_TEXT_LENGTH) return text
  // Not through the middle of a character.
  return `${text.slice(0, MAX_TEXT_LENGTH - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}
