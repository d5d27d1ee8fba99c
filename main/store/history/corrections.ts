import { type Connection, numberOf, numberOrNull, textOf } from './connection.ts'
import type { Conversation } from './conversations.ts'
import { boundedId, type Content, type Kept, type Messages } from './messages.ts'

/** Of one account, whose originals are not there (yet). */
const MAX_HELD = 1_000
/** Ids of corrections of one message that are remembered, so that none is applied twice. */
const MAX_APPLIED = 100

export type Correcting =
  /** The message with the new text. */
  | { readonly kind: 'corrected'; readonly message: number }
  /** It was applied before, or a later one was. */
  | { readonly kind: 'known'; readonly message: number }
  /** Its original is not there. */
  | { readonly kind: 'held' }

/** Corrections of messages (XEP-0308), those that were applied and those that wait for their originals. */
export class Corrections {
  readonly #connection: Connection
  readonly #messages: Messages

  constructor(connection: Connection, messages: Messages) {
    this.#connection = connection
    this.#messages = messages
  }

  /** `order`: whether it is told after what followed it, as the pages of an archive that is read backwards are. */
  note(
    conversation: Conversation,
    content: Content,
    replaces: string,
    order: 'forwards' | 'backwards',
  ): Correcting {
    const known = this.#findKnown(conversation, content, replaces)
    if (known !== undefined) return known
    const original = this.#messages.findByStanza(conversation, content.direction, replaces)
    this.#remember(conversation, content, replaces, original?.id ?? null, order)
    if (original === undefined) return { kind: 'held' }
    const applied = this.#apply(original.id, content, content.at, order)
    return { kind: applied ? 'corrected' : 'known', message: original.id }
  }

  /** A message is there now: what waited for it is applied, the latest. Whether there was something. */
  applyHeld(conversation: Conversation, { id }: Kept, content: Content): boolean {
    if (content.stanzaId === null && content.originId === null) return false
    const held = this.#connection.all(
      `SELECT text, unstyled, at FROM correction
       WHERE conversation = ? AND replaces IN (?, ?) AND direction = ? AND message IS NULL
       ORDER BY at DESC, rank DESC LIMIT 1`,
      conversation.id,
      content.stanzaId,
      content.originId,
      content.direction,
    )[0]
    if (held === undefined) return false
    const latest = { text: textOf(held, 'text'), unstyled: numberOf(held, 'unstyled') === 1 }
    const applied = this.#apply(id, latest, numberOf(held, 'at'), 'forwards')
    this.#connection.run(
      `UPDATE correction SET message = ?, text = NULL
       WHERE conversation = ? AND replaces IN (?, ?) AND direction = ? AND message IS NULL`,
      id,
      conversation.id,
      content.stanzaId,
      content.originId,
      content.direction,
    )
    return applied
  }

  /** Whether the text of a message is that of this correction now: of two, the later one counts. */
  #apply(
    id: number,
    text: Pick<Content, 'text' | 'unstyled'>,
    at: number,
    order: 'forwards' | 'backwards',
  ): boolean {
    const row = this.#connection.get('SELECT edited_at FROM message WHERE id = ?', id)
    const before = row && numberOrNull(row, 'edited_at')
    const isLater = before === null || before === undefined || at > before
    if (!isLater && !(at === before && order === 'forwards')) return false
    this.#messages.rewrite(id, text, at)
    return true
  }

  #findKnown(
    conversation: Conversation,
    { archiveId, originId, stanzaId, direction }: Content,
    replaces: string,
  ): Correcting | undefined {
    const within = 'conversation = ? AND direction = ? AND replaces = ?'
    const row =
      this.#connection.get(
        'SELECT id, message FROM correction WHERE account = ? AND archive_id = ?',
        conversation.account,
        archiveId,
      ) ??
      this.#connection.get(
        `SELECT id, message FROM correction WHERE ${within} AND origin_id = ?
           AND (archive_id IS NULL OR ? IS NULL)`,
        conversation.id,
        direction,
        replaces,
        originId,
        archiveId,
      ) ??
      this.#connection.get(
        `SELECT id, message FROM correction WHERE ${within} AND stanza_id = ?
           AND (archive_id IS NULL OR ? IS NULL)`,
        conversation.id,
        direction,
        replaces,
        stanzaId,
        archiveId,
      )
    if (row === undefined) return undefined
    this.#connection.run(
      'UPDATE correction SET archive_id = coalesce(archive_id, ?) WHERE id = ?',
      archiveId,
      numberOf(row, 'id'),
    )
    const message = numberOrNull(row, 'message')
    return message === null ? { kind: 'held' } : { kind: 'known', message }
  }

  #remember(
    { id: conversation, account }: Conversation,
    content: Content,
    replaces: string,
    message: number | null,
    order: 'forwards' | 'backwards',
  ): void {
    const row = this.#connection.get('SELECT coalesce(max(id), 0) + 1 AS next FROM correction')
    const next = row === undefined ? 1 : numberOf(row, 'next')
    this.#connection.run(
      `INSERT INTO correction (id, account, conversation, direction, replaces, message, text, unstyled, at,
         rank, stanza_id, origin_id, archive_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      next,
      account,
      conversation,
      content.direction,
      replaces,
      message,
      message === null ? content.text : null,
      Number(content.unstyled),
      content.at,
      order === 'forwards' ? next : -next,
      content.stanzaId,
      content.originId,
      content.archiveId,
    )
    if (message === null) {
      this.#connection.run(
        `DELETE FROM correction WHERE id IN (SELECT id FROM correction
           WHERE account = ? AND message IS NULL ORDER BY id DESC LIMIT -1 OFFSET ${MAX_HELD})`,
        account,
      )
    } else {
      this.#connection.run(
        `DELETE FROM correction WHERE id IN (SELECT id FROM correction
           WHERE message = ? ORDER BY id DESC LIMIT -1 OFFSET ${MAX_APPLIED})`,
        message,
      )
    }
  }
}

/** What a note corrects; undefined where it corrects nothing. */
export function replacedId(replaces: string | undefined): string | undefined {
  return boundedId(replaces) ?? undefined
}
