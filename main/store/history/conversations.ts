import { harmlessLine } from '../../../shared/harmless-text.ts'
import type { LastLine } from '../../../shared/model/person.ts'
import { type PersonId, personId } from '../../../shared/model/person-id.ts'
import {
  type Connection,
  numberOf,
  numberOrNull,
  type Row,
  textOf,
  textOrNull,
  wordOf,
} from './connection.ts'
import type { Summary } from './shapes.ts'

/** Of one account: a server, or strangers, may not make more. */
const MAX_CONVERSATIONS = 50_000
/** Characters of the line in the list of people. */
const MAX_LINE_LENGTH = 200

/** The row of a conversation, and whose it is. */
export interface Conversation {
  readonly id: number
  readonly account: number
  readonly address: string
  readonly person: PersonId
}

/** The rows of accounts and of conversations, with what the list of people shows of each. */
export class Conversations {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** The number of an account; undefined for one of which nothing is kept. */
  findAccount(account: string): number | undefined {
    const row = this.#connection.get('SELECT id FROM account WHERE address = ?', account)
    return row && numberOf(row, 'id')
  }

  account(account: string): number {
    return (
      this.findAccount(account) ??
      this.#connection.insert('INSERT INTO account (address) VALUES (?)', account)
    )
  }

  find(account: string, address: string): Conversation | undefined {
    const row = this.#connection.get(
      `SELECT conversation.id, account FROM conversation JOIN account ON account.id = account
       WHERE account.address = ? AND conversation.address = ?`,
      account,
      address,
    )
    if (row === undefined) return undefined
    const person = personId(account, address)
    return { id: numberOf(row, 'id'), account: numberOf(row, 'account'), address, person }
  }

  /** The same, made where it is missing; undefined where that would be one too many. */
  open(account: string, address: string): Conversation | undefined {
    const found = this.find(account, address)
    if (found !== undefined) return found
    const person = personId(account, address)
    const owner = this.account(account)
    const row = this.#connection.get('SELECT COUNT(*) AS count FROM conversation WHERE account = ?', owner)
    if (row !== undefined && numberOf(row, 'count') >= MAX_CONVERSATIONS) return undefined
    const id = this.#connection.insert(
      'INSERT INTO conversation (account, address) VALUES (?, ?)',
      owner,
      address,
    )
    return { id, account: owner, address, person }
  }

  summary({ id }: Conversation): Summary {
    const row = this.#connection.get('SELECT * FROM conversation WHERE id = ?', id)
    if (row === undefined) throw new Error('bug: a conversation without a row')
    return summaryOf(row)
  }

  /** All of an account that show something, by address. */
  summaries(account: number): readonly Summary[] {
    return this.#connection
      .all('SELECT * FROM conversation WHERE account = ? AND last_kind IS NOT NULL ORDER BY address', account)
      .map(summaryOf)
  }

  /** Whoever changed messages, files or the read mark of a conversation says so here before the transaction ends. */
  refresh(conversation: Conversation): Summary {
    const { id } = conversation
    const last = this.#lastOf(id)
    this.#connection.run(
      `UPDATE conversation SET
         last_kind = ?2, last_direction = ?3, last_text = ?4, last_at = ?5,
         unread = (SELECT COUNT(*) FROM message
           WHERE conversation = ?1 AND direction = 'in' AND position > read_position),
         read_up_to = (SELECT uuid FROM message
           WHERE conversation = ?1 AND position <= read_position ORDER BY position DESC LIMIT 1)
       WHERE id = ?1`,
      id,
      last?.kind ?? null,
      last?.direction ?? null,
      last?.text ?? null,
      last?.at ?? null,
    )
    return this.summary(conversation)
  }

  /**
   * Forgets what was said, and the files that are over. What the archive has up to then does not come back. `now`: in
   * milliseconds since 1970.
   */
  deletePerson(account: string, address: string, now: number): void {
    const conversation = this.open(account, address)
    if (conversation === undefined) return
    const { id } = conversation
    this.#connection.run(
      `UPDATE conversation SET archive_complete = 1, oldest_archived = NULL, in_step_position = NULL,
         read_position = 0, read_awaited = NULL, displayed_position = 0,
         deleted_up_to = max(?, coalesce((SELECT max(at) FROM message WHERE conversation = ?), 0))
       WHERE id = ?`,
      now,
      id,
      id,
    )
    this.#connection.run('DELETE FROM message WHERE conversation = ?', id)
    this.#connection.run('DELETE FROM correction WHERE conversation = ?', id)
    this.#connection.run('DELETE FROM mark WHERE conversation = ?', id)
    this.#connection.run('DELETE FROM transfer WHERE conversation = ? AND is_over = 1', id)
    this.refresh(conversation)
  }

  deleteAccount(account: string): void {
    this.#connection.run('DELETE FROM account WHERE address = ?', account)
  }

  #lastOf(id: number): LastLine | undefined {
    const message = this.#connection.get(
      `SELECT direction, substr(text, 1, 1000) AS text, at FROM message
       WHERE conversation = ? ORDER BY position DESC LIMIT 1`,
      id,
    )
    const file = this.#connection.get(
      `SELECT direction, name AS text, at FROM transfer
       WHERE conversation = ? ORDER BY at DESC, rowid DESC LIMIT 1`,
      id,
    )
    if (file !== undefined && (message === undefined || numberOf(file, 'at') > numberOf(message, 'at'))) {
      return lineOf('file', file)
    }
    return message && lineOf('message', message)
  }
}

function lineOf(kind: LastLine['kind'], row: Row): LastLine {
  return {
    kind,
    direction: wordOf(row, 'direction', ['in', 'out']),
    text: harmlessLine(textOf(row, 'text'), MAX_LINE_LENGTH),
    at: numberOf(row, 'at'),
  }
}

function summaryOf(row: Row): Summary {
  const at = numberOrNull(row, 'last_at')
  return {
    address: textOf(row, 'address'),
    unread: numberOf(row, 'unread'),
    last:
      at === null
        ? null
        : {
            kind: wordOf(row, 'last_kind', ['message', 'file']),
            direction: wordOf(row, 'last_direction', ['in', 'out']),
            text: textOf(row, 'last_text'),
            at,
          },
    readUpTo: textOrNull(row, 'read_up_to'),
  }
}
