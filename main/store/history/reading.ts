import { foldedWords } from '../../../shared/fold.ts'
import { type Connection, numberOf, type Row } from './connection.ts'
import type { Conversation, Conversations } from './conversations.ts'
import { boundedTime, type Messages } from './messages.ts'
import type { FoundEverywhere, FoundMessage, HistoryPage, Message, PageWhere } from './shapes.ts'
import type { StoredTransfers } from './stored-transfers.ts'

const MAX_PAGE = 500
const MAX_FOUND = 500

const EMPTY: HistoryPage = { messages: [], transfers: [], older: false, newer: false }

/** Pieces of conversations, and what is found in all of them. */
export class Reading {
  readonly #connection: Connection
  readonly #conversations: Conversations
  readonly #messages: Messages
  readonly #transfers: StoredTransfers

  constructor(
    connection: Connection,
    conversations: Conversations,
    messages: Messages,
    transfers: StoredTransfers,
  ) {
    this.#connection = connection
    this.#conversations = conversations
    this.#messages = messages
    this.#transfers = transfers
  }

  page(account: string, address: string, where: PageWhere, limit: number): HistoryPage {
    const conversation = this.#conversations.find(account, address)
    if (conversation === undefined) return EMPTY
    const most = within(limit, MAX_PAGE)
    const place = this.#placeOf(conversation, where)
    if (place === undefined) return EMPTY
    const messages = this.#messagesOf(conversation, where.kind, place, most)
    const [first, last] = [messages.at(0), messages.at(-1)]
    if (first === undefined || last === undefined) {
      if (where.kind === 'before') return { ...EMPTY, newer: true }
      if (where.kind === 'after') return { ...EMPTY, older: true }
      return { ...EMPTY, transfers: this.#transfers.between(conversation, undefined, undefined) }
    }
    const older = this.#beside(conversation, first, 'before')
    const next = this.#beside(conversation, last, 'after')
    return {
      messages,
      transfers: this.#transfers.between(conversation, older && first.at, next && numberOf(next, 'at')),
      older: older !== undefined,
      newer: next !== undefined,
    }
  }

  find(id: string): FoundMessage | null {
    const found = this.#messages.findOwn(id)
    return found === undefined
      ? null
      : this.#messages.found(found.conversation.person, 'message.id = ?', found.kept.id)
  }

  lastOwn(account: string, address: string): FoundMessage | null {
    const conversation = this.#conversations.find(account, address)
    if (conversation === undefined) return null
    const rest = "conversation = ? AND direction = 'out' ORDER BY position DESC LIMIT 1"
    return this.#messages.found(conversation.person, rest, conversation.id)
  }

  unsent(account: string): readonly Message[] {
    const owner = this.#conversations.findAccount(account)
    if (owner === undefined) return []
    return this.#messages.listEverywhere(
      "WHERE message.account = ? AND state = 'sending' ORDER BY position",
      owner,
    )
  }

  search(accounts: readonly string[], text: string, limit: number): FoundEverywhere {
    const words = foldedWords(text)
    if (words.length === 0) return { messages: [], transfers: [] }
    const owners = JSON.stringify(accounts.flatMap(account => this.#conversations.findAccount(account) ?? []))
    const most = within(limit, MAX_FOUND)
    const all = words.map(() => 'instr(folded.text, ?) > 0').join(' AND ')
    const messages = this.#messages.listEverywhere(
      `JOIN (SELECT message AS found, at AS found_at FROM folded
         WHERE account IN (SELECT value FROM json_each(?)) AND ${all} ORDER BY at DESC, message DESC LIMIT ?)
       ON found = message.id ORDER BY found_at DESC, found DESC`,
      owners,
      ...words,
      most,
    )
    return { messages, transfers: this.#transfers.search(owners, words, most) }
  }

  /** The position that a page begins at, ends at, or has in its middle; undefined where nothing is there. */
  #placeOf({ id }: Conversation, where: PageWhere): number | undefined {
    switch (where.kind) {
      case 'newest':
        return Number.MAX_SAFE_INTEGER
      case 'at':
        // Positions are times, as far as anybody knows.
        return boundedTime(where.at) * 1000
      default: {
        const anchor = this.#messages.findOwn(where.id)?.kept
        return anchor?.conversation === id ? anchor.position : undefined
      }
    }
  }

  #messagesOf(
    { id, person }: Conversation,
    kind: PageWhere['kind'],
    place: number,
    limit: number,
  ): readonly Message[] {
    const upTo = (position: number, most: number): readonly Message[] =>
      this.#messages
        .list(person, 'conversation = ? AND position <= ? ORDER BY position DESC LIMIT ?', id, position, most)
        .toReversed()
    const from = (position: number, most: number): readonly Message[] =>
      this.#messages.list(
        person,
        'conversation = ? AND position >= ? ORDER BY position LIMIT ?',
        id,
        position,
        most,
      )
    if (kind === 'newest') return upTo(place, limit)
    if (kind === 'before') return upTo(place - 1, limit)
    if (kind === 'after') return from(place + 1, limit)
    const half = Math.ceil(limit / 2)
    return [...upTo(place, half), ...from(place + 1, limit - half)]
  }

  /** The message next to one. */
  #beside({ id }: Conversation, message: Message, where: 'before' | 'after'): Row | undefined {
    return this.#connection.get(
      where === 'before'
        ? `SELECT at FROM message WHERE conversation = ? AND
             position < (SELECT position FROM message WHERE uuid = ?) ORDER BY position DESC LIMIT 1`
        : `SELECT at FROM message WHERE conversation = ? AND
             position > (SELECT position FROM message WHERE uuid = ?) ORDER BY position LIMIT 1`,
      id,
      message.id,
    )
  }
}

/** Of what is asked for, at least one and at most so many. */
export function within(limit: number, most: number): number {
  return Math.min(Math.max(Math.floor(limit), 1), most)
}
