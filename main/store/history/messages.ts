import { randomUUID } from 'node:crypto'
import { fold } from '../../../shared/fold.ts'
import { harmlessText } from '../../../shared/harmless-text.ts'
import { MAX_MESSAGE_LENGTH } from '../../../shared/model/limits.ts'
import { isPersonId, type PersonId } from '../../../shared/model/person-id.ts'
import {
  type Connection,
  numberOf,
  numberOrNull,
  type Row,
  textOf,
  textOrNull,
  wordOf,
} from './connection.ts'
import type { Conversation } from './conversations.ts'
import { DamagedRowError } from './history-failure.ts'
import type { FoundMessage, Message, MessageState } from './shapes.ts'

export type Direction = Message['direction']

/** What is to be kept of one message, bounded and harmless. */
export interface Content {
  readonly direction: Direction
  readonly at: number
  readonly text: string
  readonly unstyled: boolean
  readonly markable: boolean
  readonly stanzaId: string | null
  readonly originId: string | null
  readonly archiveId: string | null
  readonly device: string
}

export const DIRECTIONS = ['in', 'out'] as const
const STATES = ['sending', 'sent', 'delivered', 'displayed', 'failed', 'received'] as const

const MAX_ID_LENGTH = 1_024
/** RFC 7622: three parts of 1,023 octets, and what separates them. */
const MAX_DEVICE_LENGTH = 3_071
/** In the year 2096: positions stay numbers that are exact. */
const LATEST_MS = 4_000_000_000_000
/** How long a program does not use an id again that it makes by counting. */
const SAME_ID_MS = 10 * 60_000
/** How far this computer's clock may be off: a zone that is wrong, and the day with it. */
export const CLOCK_MS = 24 * 60 * 60_000
/** A server that gave its archive other ids kept the stamps, perhaps without the milliseconds. */
const SAME_STAMP_MS = 1_000

export function boundedId(id: string | undefined): string | null {
  return id === undefined || id === '' || id.length > MAX_ID_LENGTH ? null : id
}

export function boundedTime(at: number): number {
  return Number.isFinite(at) ? Math.round(Math.min(Math.max(at, 0), LATEST_MS)) : 0
}

/** Bounded and harmless; undefined where there is nothing to show. */
export function contentOf(note: {
  readonly direction: Direction
  readonly at: number
  readonly text?: string | undefined
  readonly unstyled?: boolean | undefined
  readonly markable?: boolean | undefined
  readonly stanzaId?: string | undefined
  readonly originId?: string | undefined
  readonly archiveId?: string | undefined
  readonly device?: string | undefined
}): Content | undefined {
  const text = harmlessText((note.text ?? '').slice(0, MAX_MESSAGE_LENGTH))
  if (text.trim() === '') return undefined
  return {
    direction: note.direction,
    at: boundedTime(note.at),
    text,
    unstyled: note.unstyled ?? false,
    markable: note.markable ?? false,
    stanzaId: boundedId(note.stanzaId),
    originId: boundedId(note.originId),
    archiveId: boundedId(note.archiveId),
    device: (note.device ?? '').slice(0, MAX_DEVICE_LENGTH),
  }
}

/** The row of a message, as far as what is done with it depends on it. */
export interface Kept {
  readonly id: number
  readonly conversation: number
  readonly position: number
  readonly direction: Direction
  readonly state: MessageState
}

/** The plus: SQLite would prepare the statement anew for each value, as one of the indexes is for one of them. */
const WITHIN = 'conversation = ? AND +direction = ?'
const KEPT = 'id, conversation, position, direction, state'
const SHOWN = `message.id AS row, uuid, conversation, direction, text, unstyled, message.at AS at, state, failure,
  edited_at IS NOT NULL AS edited, stanza_id, archive_id`

/** The rows of messages: putting them in, finding them by any of their names, moving them. */
export class Messages {
  readonly #connection: Connection
  readonly #now: () => number

  constructor(connection: Connection, now: () => number) {
    this.#connection = connection
    this.#now = now
  }

  /** The end of a conversation: after all that is there, after what was read and displayed, and not before now. */
  endOf({ id }: Conversation): number {
    const row = this.#connection.get(
      'SELECT max(read_position, displayed_position) AS marked FROM conversation WHERE id = ?',
      id,
    )
    const marked = row === undefined ? 0 : numberOf(row, 'marked')
    return Math.max(this.#now() * 1000, (this.newest(id) ?? 0) + 1, marked + 1)
  }

  newest(conversation: number): number | undefined {
    const row = this.#connection.get(
      'SELECT position FROM message WHERE conversation = ? ORDER BY position DESC LIMIT 1',
      conversation,
    )
    return row && numberOf(row, 'position')
  }

  /** Where the last stands that waits to be sent; 0 where none does. */
  unsentUpTo({ id, account }: Conversation): number {
    const row = this.#connection.get(
      `SELECT max(position) AS position FROM message WHERE account = ? AND state = 'sending' AND conversation = ?`,
      account,
      id,
    )
    return (row && numberOrNull(row, 'position')) ?? 0
  }

  /** The free position nearest to one, from there on upwards or downwards. */
  free(conversation: number, position: number, towards: 'up' | 'down'): number {
    const step = towards === 'up' ? 1 : -1
    const taken = this.#connection.iterate(
      towards === 'up'
        ? 'SELECT position FROM message WHERE conversation = ? AND position >= ? ORDER BY position'
        : 'SELECT position FROM message WHERE conversation = ? AND position <= ? ORDER BY position DESC',
      conversation,
      position,
    )
    let free = position
    for (const row of taken) {
      if (numberOf(row, 'position') !== free) break
      free += step
    }
    return free
  }

  /** `id`: a UUID, or undefined for a new one. The position has to be free. */
  insert(
    conversation: Conversation,
    content: Content,
    where: { readonly position: number; readonly state: MessageState; readonly id?: string | undefined },
  ): Kept {
    const { direction, at, text, unstyled, markable, stanzaId, originId, archiveId, device } = content
    const { position, state } = where
    const id = this.#connection.insert(
      `INSERT INTO message (uuid, account, conversation, position, direction, state, at, text, unstyled,
         markable, stanza_id, origin_id, archive_id, device) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      where.id ?? randomUUID(),
      conversation.account,
      conversation.id,
      position,
      direction,
      state,
      at,
      text,
      Number(unstyled),
      Number(markable),
      stanzaId,
      originId,
      archiveId,
      device,
    )
    this.#connection.run(
      'INSERT INTO folded (message, account, at, text) VALUES (?, ?, ?, ?)',
      id,
      conversation.account,
      at,
      fold(text),
    )
    return { id, conversation: conversation.id, position, direction, state }
  }

  /**
   * The same message, if it is there: by its archive id, by our own id, by its origin id, or, since ids of some
   * programs repeat, by its stanza id together with its text and time. What the archive has at two times under one
   * stanza id alone are two messages.
   */
  findKnown(conversation: Conversation, content: Content, id?: string): Kept | undefined {
    const { archiveId, stanzaId, originId, direction, text, at } = content
    const byArchive = archiveId === null ? undefined : this.findArchived(conversation.account, archiveId)
    if (byArchive !== undefined) return byArchive
    const ownIds = direction === 'out' ? [id, stanzaId, originId] : []
    for (const ownId of ownIds) {
      const own = this.#keptBy(`uuid = ? AND ${WITHIN}`, ownId ?? null, conversation.id, direction)
      if (own !== undefined) return own
    }
    const sameText = 'coalesce(original, text) = ?'
    return (
      this.#keptBy(
        `origin_id = ? AND ${WITHIN} AND ${sameText}`,
        originId,
        conversation.id,
        direction,
        text,
      ) ??
      this.#keptBy(
        `stanza_id = ? AND ${WITHIN} AND ${sameText} AND at BETWEEN ? AND ?
           AND (archive_id IS NULL OR ? IS NULL OR at BETWEEN ? AND ?)`,
        stanzaId,
        conversation.id,
        direction,
        text,
        at - SAME_ID_MS,
        at + SAME_ID_MS,
        archiveId,
        at - SAME_STAMP_MS,
        at + SAME_STAMP_MS,
      )
    )
  }

  /**
   * The same for what the archive tells, or else what came live and was not found in the archive until now: by its stanza id
   * and text, however far our clock is off, or by the text alone where it has no id at all.
   */
  findArchivedOrLive(conversation: Conversation, content: Content): Kept | undefined {
    const { direction, text, stanzaId, originId, at } = content
    const known = this.findKnown(conversation, content)
    if (known !== undefined) return known
    const isLive = `${WITHIN} AND archive_id IS NULL AND coalesce(original, text) = ?`
    if (stanzaId !== null) {
      return this.#keptBy(
        `stanza_id = ? AND ${isLive} AND at BETWEEN ? AND ?`,
        stanzaId,
        conversation.id,
        direction,
        text,
        at - CLOCK_MS,
        at + CLOCK_MS,
      )
    }
    if (originId !== null) return undefined
    return this.#keptBy(
      `position >= ? AND ${isLive} AND position <= ? AND stanza_id IS NULL AND origin_id IS NULL`,
      (at - SAME_ID_MS) * 1000,
      conversation.id,
      direction,
      text,
      (at + SAME_ID_MS) * 1000,
    )
  }

  findArchived(account: number, archiveId: string): Kept | undefined {
    return this.#keptBy('archive_id = ? AND account = ?', archiveId, account)
  }

  /** Some programs name a message by the last correction of it. */
  findByArchivedCorrection(account: number, archiveId: string): Kept | undefined {
    return this.#keptBy(
      'id = (SELECT message FROM correction WHERE archive_id = ? AND account = ? LIMIT 1)',
      archiveId,
      account,
    )
  }

  /** The newest one that a stanza of this id said, or corrected. */
  findByStanza({ id }: Conversation, direction: Direction, stanzaId: string | undefined): Kept | undefined {
    const bounded = boundedId(stanzaId)
    return (
      this.#keptBy(`stanza_id = ? AND ${WITHIN}`, bounded, id, direction) ??
      this.#keptBy(`origin_id = ? AND ${WITHIN}`, bounded, id, direction) ??
      this.#keptBy(
        `id = (SELECT message FROM correction WHERE stanza_id = ? AND ${WITHIN} ORDER BY id DESC LIMIT 1)`,
        bounded,
        id,
        direction,
      )
    )
  }

  /** By our own id, with the conversation that it belongs to. */
  findOwn(uuid: string): { readonly kept: Kept; readonly conversation: Conversation } | undefined {
    const kept = this.#keptBy('uuid = ?', uuid)
    if (kept === undefined) return undefined
    const row = this.#connection.get(
      `SELECT conversation.account, conversation.address, account.address || ' ' || conversation.address AS person
       FROM conversation JOIN account ON account.id = conversation.account WHERE conversation.id = ?`,
      kept.conversation,
    )
    if (row === undefined) return undefined
    const person = personOf(row)
    const [account, address] = [numberOf(row, 'account'), textOf(row, 'address')]
    return { kept, conversation: { id: kept.conversation, account, address, person } }
  }

  /** What was said of a known one elsewhere: its ids where they were missing, and that the server has it. */
  learn({ id }: Kept, { stanzaId, originId, archiveId, device }: Content): void {
    this.#connection.run(
      `UPDATE message SET
         stanza_id = coalesce(stanza_id, ?), origin_id = coalesce(origin_id, ?),
         archive_id = coalesce(archive_id, ?), device = iif(device = '', ?, device),
         state = iif(state = 'sending' AND ? IS NOT NULL, 'sent', state)
       WHERE id = ?`,
      stanzaId,
      originId,
      archiveId,
      device,
      archiveId,
      id,
    )
  }

  setState(id: number, state: MessageState, failure: string | null): void {
    this.#connection.run('UPDATE message SET state = ?, failure = ? WHERE id = ?', state, failure, id)
  }

  /** Puts it elsewhere in its conversation, where nothing stands; `at`, where that is another, too. */
  move({ id }: Kept, position: number, at?: number): void {
    this.#connection.run(
      'UPDATE message SET position = ?, at = coalesce(?, at) WHERE id = ?',
      position,
      at ?? null,
      id,
    )
    if (at !== undefined) this.#connection.run('UPDATE folded SET at = ? WHERE message = ?', at, id)
  }

  rewrite(id: number, { text, unstyled }: Pick<Content, 'text' | 'unstyled'>, editedAt: number): void {
    this.#connection.run(
      `UPDATE message SET original = coalesce(original, text), text = ?, unstyled = ?, edited_at = ?
       WHERE id = ?`,
      text,
      Number(unstyled),
      editedAt,
      id,
    )
    this.#connection.run('UPDATE folded SET text = ? WHERE message = ?', fold(text), id)
  }

  shown(person: PersonId, id: number): Message {
    const row = this.#connection.get(`SELECT ${SHOWN} FROM message WHERE id = ?`, id)
    if (row === undefined) throw new Error('bug: a message without a row')
    return messageOf(person, row)
  }

  /** Of one conversation, as `rest` chooses and orders them. */
  list(person: PersonId, rest: string, ...values: (string | number)[]): readonly Message[] {
    return this.#connection
      .all(`SELECT ${SHOWN} FROM message WHERE ${rest}`, ...values)
      .map(row => messageOf(person, row))
  }

  /** Of all conversations. */
  listEverywhere(rest: string, ...values: (string | number)[]): readonly Message[] {
    return this.#connection
      .all(
        `SELECT message.id AS row, uuid, message.conversation, direction, message.text, unstyled,
           message.at AS at, state, failure, edited_at IS NOT NULL AS edited, account.address || ' ' || conversation.address AS person
         FROM message JOIN conversation ON conversation.id = message.conversation
         JOIN account ON account.id = message.account ${rest}`,
        ...values,
      )
      .map(row => messageOf(personOf(row), row))
  }

  found(person: PersonId, rest: string, ...values: (string | number)[]): FoundMessage | null {
    const row = this.#connection.get(`SELECT ${SHOWN} FROM message WHERE ${rest}`, ...values)
    if (row === undefined) return null
    return {
      message: messageOf(person, row),
      stanzaId: textOrNull(row, 'stanza_id'),
      archiveId: textOrNull(row, 'archive_id'),
    }
  }

  /** The newest that fits; a name that is missing fits nothing. */
  #keptBy(
    where: string,
    name: string | number | null,
    ...values: (string | number | null)[]
  ): Kept | undefined {
    if (name === null) return undefined
    const row = this.#connection.get(
      `SELECT ${KEPT} FROM message WHERE ${where} ORDER BY position DESC LIMIT 1`,
      name,
      ...values,
    )
    return row && keptOf(row)
  }
}

export function keptOf(row: Row): Kept {
  return {
    id: numberOf(row, 'id'),
    conversation: numberOf(row, 'conversation'),
    position: numberOf(row, 'position'),
    direction: wordOf(row, 'direction', DIRECTIONS),
    state: wordOf(row, 'state', STATES),
  }
}

function messageOf(person: PersonId, row: Row): Message {
  return {
    id: textOf(row, 'uuid'),
    person,
    direction: wordOf(row, 'direction', DIRECTIONS),
    text: textOf(row, 'text'),
    unstyled: numberOf(row, 'unstyled') === 1,
    at: numberOf(row, 'at'),
    state: wordOf(row, 'state', STATES),
    failure: textOrNull(row, 'failure'),
    edited: numberOf(row, 'edited') === 1,
  }
}

export function personOf(row: Row): PersonId {
  const person = textOf(row, 'person')
  if (!isPersonId(person)) throw new DamagedRowError('person is nobody')
  return person
}
