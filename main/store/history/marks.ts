import { type Connection, numberOf, type Row, textOrNull } from './connection.ts'
import type { Conversation } from './conversations.ts'
import { boundedId, type Content, type Kept, keptOf, type Messages } from './messages.ts'
import type { MessageState, ReadAnswer } from './shapes.ts'

/** What becomes of a message of ours. */
export type Outcome = 'sent' | 'delivered' | 'displayed' | 'failed'

/** From where to where: never backwards. What failed goes on only when the person says so. */
const BEFORE: Record<Outcome, readonly MessageState[]> = {
  sent: ['sending'],
  delivered: ['sending', 'sent'],
  displayed: ['sending', 'sent', 'delivered'],
  failed: ['sending', 'sent'],
}

/** Of one account, whose messages are not there (yet). */
const MAX_HELD = 1_000

/** How far each side has read, and what became of our messages. */
export class Marks {
  readonly #connection: Connection
  readonly #messages: Messages

  constructor(connection: Connection, messages: Messages) {
    this.#connection = connection
    this.#messages = messages
  }

  /** Gives the rows that changed. */
  settle(conversation: Conversation, message: Kept, to: Outcome, failure: string | null): readonly number[] {
    const changed = to === 'displayed' ? [...this.#displayBefore(conversation, message.position)] : []
    if (!BEFORE[to].includes(message.state)) return changed
    this.#messages.setState(message.id, to, to === 'failed' ? failure : null)
    return [...changed, message.id]
  }

  /** What is told of a message of ours; what is not there yet is told once it is. Gives the changed rows. */
  noteTheirs(
    conversation: Conversation,
    kind: 'delivered' | 'displayed',
    stanzaId: string,
  ): readonly number[] {
    const message = this.#messages.findByStanza(conversation, 'out', stanzaId)
    if (message !== undefined) return this.settle(conversation, message, kind, null)
    this.#hold(conversation, kind, stanzaId)
    return []
  }

  /** Another device of ours displayed a message of theirs. */
  noteOurs(conversation: Conversation, stanzaId: string): void {
    const message = this.#messages.findByStanza(conversation, 'in', stanzaId)
    if (message === undefined) this.#hold(conversation, 'read', stanzaId)
    else this.readUpTo(conversation, message.position)
  }

  /** A message is there now: what waited for it, or for any of its kind at its place, comes to pass. Gives the changed rows. */
  applyHeld(conversation: Conversation, message: Kept, content: Content): readonly number[] {
    const { id } = conversation
    const changed: number[] = []
    for (const stanzaId of new Set([content.stanzaId, content.originId])) {
      if (stanzaId === null) continue
      const ofKind = message.direction === 'in' ? "kind = 'read'" : "kind <> 'read'"
      const where = `conversation = ? AND stanza_id = ? AND ${ofKind}`
      const marks = this.#connection.all(`SELECT kind FROM mark WHERE ${where}`, id, stanzaId)
      if (marks.length === 0) continue
      if (message.direction === 'in') this.readUpTo(conversation, message.position)
      else {
        const isDisplayed = marks.some(mark => mark['kind'] === 'displayed')
        changed.push(...this.settle(conversation, message, isDisplayed ? 'displayed' : 'delivered', null))
      }
      this.#connection.run(`DELETE FROM mark WHERE ${where}`, id, stanzaId)
    }
    this.#connection.run(
      `UPDATE message SET state = 'displayed' WHERE id = ?1 AND direction = 'out'
         AND state IN ('sent', 'delivered')
         AND position < (SELECT displayed_position FROM conversation WHERE id = ?2)`,
      message.id,
      id,
    )
    // It may be the one up to which another device has read.
    const isAwaited = this.#connection.run(
      'UPDATE conversation SET read_awaited = NULL WHERE id = ? AND read_awaited = ?',
      id,
      content.archiveId,
    )
    if (isAwaited > 0) this.readUpTo(conversation, message.position)
    return changed
  }

  /** Never backwards. */
  readUpTo(conversation: Conversation, position: number): void {
    this.#connection.run(
      'UPDATE conversation SET read_position = max(read_position, ?) WHERE id = ?',
      position,
      conversation.id,
    )
  }

  /** By the archive id, also of one that is not there yet. Gives where that one is. */
  readUpToArchived(conversation: Conversation, archiveId: string): number | undefined {
    const id = boundedId(archiveId)
    if (id === null) return undefined
    const { account } = conversation
    const message =
      this.#messages.findArchived(account, id) ?? this.#messages.findByArchivedCorrection(account, id)
    if (message === undefined) {
      this.#connection.run('UPDATE conversation SET read_awaited = ? WHERE id = ?', id, conversation.id)
    } else if (message.conversation === conversation.id) {
      this.readUpTo(conversation, message.position)
      return message.position
    }
    return undefined
  }

  readPosition({ id }: Conversation): number {
    const row = this.#connection.get('SELECT read_position FROM conversation WHERE id = ?', id)
    return row === undefined ? 0 : numberOf(row, 'read_position')
  }

  /** Theirs, the newest up to the read mark and after where that was; by its stanza, the newest that asks for it. */
  markerAfter(conversation: Conversation, before: number): ReadAnswer['marker'] {
    const newest = (column: string, condition: string): Row | undefined =>
      this.#connection.get(
        `SELECT ${column} FROM message
         WHERE conversation = ? AND direction = 'in' AND position > ? AND position <= ? AND ${condition}
         ORDER BY position DESC LIMIT 1`,
        conversation.id,
        before,
        this.readPosition(conversation),
      )
    const read = newest('archive_id', 'TRUE')
    if (read === undefined) return null
    const asking = newest('stanza_id', 'markable AND stanza_id IS NOT NULL')
    return {
      stanzaId: asking === undefined ? null : textOrNull(asking, 'stanza_id'),
      archiveId: textOrNull(read, 'archive_id'),
    }
  }

  /** Who displayed one has displayed those before it. */
  *#displayBefore({ id }: Conversation, position: number): Generator<number> {
    this.#connection.run(
      'UPDATE conversation SET displayed_position = max(displayed_position, ?) WHERE id = ?',
      position,
      id,
    )
    const earlier = this.#connection.all(
      `SELECT id, conversation, position, direction, state FROM message
       WHERE conversation = ? AND state IN ('sent', 'delivered') AND position < ? ORDER BY position`,
      id,
      position,
    )
    for (const message of earlier.map(keptOf)) {
      this.#messages.setState(message.id, 'displayed', null)
      yield message.id
    }
  }

  #hold({ id, account }: Conversation, kind: 'delivered' | 'displayed' | 'read', stanzaId: string): void {
    const bounded = boundedId(stanzaId)
    if (bounded === null) return
    this.#connection.run(
      'INSERT OR IGNORE INTO mark (account, conversation, kind, stanza_id) VALUES (?, ?, ?, ?)',
      account,
      id,
      kind,
      bounded,
    )
    this.#connection.run(
      `DELETE FROM mark WHERE id IN (SELECT id FROM mark
         WHERE account = ? ORDER BY id DESC LIMIT -1 OFFSET ${MAX_HELD})`,
      account,
    )
  }
}
