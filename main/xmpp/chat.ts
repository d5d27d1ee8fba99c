import { randomUUID } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import { type ReadChat, readChat } from './read-chat.ts'
import { bareJid, type Element, type PeerError, xml, xmlText } from './stanza.ts'
import { type ChatState, NS_CHAT_STATES, writeChatState } from './xep-0085.ts'
import { NS_RECEIPTS, writeReceipt, writeReceiptRequest } from './xep-0184.ts'
import { NS_CORRECTION, writeReplacement } from './xep-0308.ts'
import { NS_MARKERS, writeDisplayed, writeMarkable } from './xep-0333.ts'
import { writeHint } from './xep-0334.ts'
import { NS_STANZA_IDS, writeOriginId } from './xep-0359.ts'
import { NS_STYLING } from './xep-0393.ts'

/** What others can find out about how we chat (XEP-0030). */
export const CHAT_FEATURES = [
  NS_RECEIPTS,
  NS_CHAT_STATES,
  NS_CORRECTION,
  NS_MARKERS,
  NS_STANZA_IDS,
  NS_STYLING,
] as const

/** Something that was said, by whomever. */
export type ChatMessage = ReadChat & { readonly text: string }

interface ChatEvents {
  /** To us or from one of our devices, corrections included; never out of the archive. */
  message: [message: ChatMessage]
  /**
   * A device of the person `from` has the message `id`. What this run sent to others is not told; whether an earlier one, or
   * another device, sent that to them is for the listener to know.
   */
  receipt: [receipt: { readonly from: string; readonly id: string }]
  /** The conversation was seen up to the message `id`: by the person (`in`; as with receipts), or elsewhere by us (`out`). */
  displayed: [
    displayed: { readonly person: string; readonly id: string; readonly direction: ReadChat['direction'] },
  ]
  /** `from`: full JID of the device on which somebody does so right now. */
  'chat-state': [state: { readonly from: string; readonly person: string; readonly state: ChatState }]
  'message-failed': [refused: { readonly to: string; readonly id: string; readonly failure: Failure }]
}

/** What chat needs of the stream. */
export interface ChatTransport {
  /** Our own full JID. */
  readonly address: string
  send(stanza: Element): Promise<void>
  deliver(stanza: Element): Promise<void>
}

export interface ChatRules {
  /** Whether somebody, by bare JID, sees that we are online; nobody else is told what would tell it. */
  mayKnowUs(bare: string): boolean
  /** Whether receipts are sent at all. */
  receipts(): boolean
  /** Whether our server announces that it removes forged stanza ids (XEP-0359). */
  stanzaIds(): boolean
}

export interface OutgoingMessage {
  readonly id: string
  readonly text: string
  /** Id of the message, as it was sent first, in whose place the text comes. */
  readonly replaces?: string | undefined
  readonly wantsReceipt: boolean
  /** Whether the receiver may tell when it was displayed. */
  readonly markable: boolean
}

/**
 * Of one stanza. The usual servers end the stream at 262,144, and would do so again with each resumption, in which
 * it is sent anew with a few words more.
 */
const MAX_STANZA_BYTES = 250_000
/** Messages whose error may still come. */
const MAX_AWAITED = 10_000

/** One-to-one messages (RFC 6121 section 5), on several devices of one account (XEP-0280). */
export class Chat extends EventEmitter<ChatEvents> {
  readonly #transport: ChatTransport
  readonly #rules: ChatRules
  /** To whom our messages went, by id: an error, or that it arrived, counts only from there. */
  readonly #awaited = new Map<string, string>()

  constructor(transport: ChatTransport, rules: ChatRules) {
    super()
    this.#transport = transport
    this.#rules = rules
  }

  /**
   * Resolves when the server has the message. Throws `server-connection-lost`, and `not-allowed` for one that no
   * server would take. `to` is bare.
   */
  async send(to: string, message: OutgoingMessage): Promise<void> {
    const { id, text, replaces, markable } = message
    // Of what came already nobody has to hear once more that it came.
    const wantsReceipt = message.wantsReceipt && replaces === undefined
    const stanza = xml(
      'message',
      { to, id, type: 'chat' },
      xml('body', {}, xmlText(text)),
      ...(replaces === undefined ? [] : [writeReplacement(replaces)]),
      writeOriginId(id),
      writeChatState('active'),
      ...(wantsReceipt ? [writeReceiptRequest()] : []),
      ...(markable ? [writeMarkable()] : []),
    )
    if (Buffer.byteLength(stanza.toString()) > MAX_STANZA_BYTES) {
      throw new Failure('not-allowed', say('message.too-long'))
    }
    if (this.#awaited.size >= MAX_AWAITED) {
      const [oldest] = this.#awaited.keys()
      if (oldest !== undefined) this.#awaited.delete(oldest)
    }
    this.#awaited.set(id, to)
    await this.#transport.deliver(stanza)
  }

  /**
   * Tells somebody, by bare JID, that the conversation was seen up to their message `id`; nothing is sent to who does not
   * see us. Resolves when the server has it. Throws `server-connection-lost`.
   */
  async sendDisplayed(to: string, id: string): Promise<void> {
    if (this.#rules.mayKnowUs(to)) await this.#transport.deliver(writeDisplayed(to, randomUUID(), id))
  }

  /** Tells who sees us what we are doing in the conversation. `to` is bare or full. Never throws: it is out of date soon. */
  async sendChatState(to: string, state: ChatState): Promise<void> {
    if (!this.#rules.mayKnowUs(bareJid(to))) return
    const stanza = xml('message', { to, type: 'chat' }, writeChatState(state), writeHint('no-store'))
    await this.#transport.send(stanza).catch(() => {})
  }

  receive(stanza: Element): void {
    const chat = readChat(stanza, {
      address: this.#transport.address,
      stanzaIds: this.#rules.stanzaIds(),
    })
    if (chat === undefined) return
    const { person, direction, device, text, receipt, displayed, chatState, error } = chat
    if (error !== undefined) {
      this.#refused(person, chat.id, error)
      return
    }
    if (direction === 'in' && receipt !== undefined && this.#mayHaveGot(person, receipt)) {
      this.#awaited.delete(receipt)
      this.emit('receipt', { from: person, id: receipt })
    }
    if (displayed !== undefined && (direction === 'out' || this.#mayHaveGot(person, displayed))) {
      this.emit('displayed', { person, id: displayed, direction })
    }
    if (direction === 'in' && chatState !== undefined) {
      this.emit('chat-state', { from: device, person, state: chatState })
    }
    if (text === undefined) return
    this.emit('message', { ...chat, text })
    if (chat.id !== undefined && this.#deservesReceipt(chat)) {
      // Lost with the connection, it is no loss: the sender's program shows one tick less.
      this.#transport.send(writeReceipt(device, randomUUID(), chat.id)).catch(() => {})
    }
  }

  /** Not what went to somebody else. Of what other devices sent, or this one in an earlier run, the history knows that. */
  #mayHaveGot(person: string, id: string): boolean {
    return (this.#awaited.get(id) ?? person) === person
  }

  /** XEP-0184 section 5: for what came to this very device, and neither for receipts nor for what was there before. */
  #deservesReceipt({ source, direction, person, wantsReceipt, receipt, replaces }: ReadChat): boolean {
    const isNew = source === 'live' && direction === 'in' && receipt === undefined && replaces === undefined
    return wantsReceipt && isNew && this.#rules.receipts() && this.#rules.mayKnowUs(person)
  }

  #refused(from: string, id: string | undefined, { condition }: PeerError): void {
    if (id === undefined || this.#awaited.get(id) !== from) return
    this.#awaited.delete(id)
    const gone = ['service-unavailable', 'recipient-unavailable', 'item-not-found', 'remote-server-not-found']
    const failure = gone.includes(condition)
      ? new Failure('peer-offline', say('message.not-online'))
      : new Failure('message-refused', say('message.refused', { condition }))
    this.emit('message-failed', { to: from, id, failure })
  }
}
