import { fold } from '../../../shared/fold.ts'
import { splitPersonId } from '../../../shared/model/person-id.ts'
import type { ShownTransfer } from '../../../shared/model/shown-transfer.ts'
import { isOver } from '../../messenger/transfer-record.ts'
import { KeptTransfer } from '../transfer-list.ts'
import { type Connection, type Row, textOf, textOrNull } from './connection.ts'
import type { Conversation, Conversations } from './conversations.ts'
import { boundedTime } from './messages.ts'
import type { OwnedSummary } from './shapes.ts'

/** Those that are over; the oldest go first. */
const MAX_OVER = 50_000
/** In the time of one page of messages. */
const MAX_IN_PAGE = 1_000

/** Files that were sent and received, as the window shows them, with their paths. */
export class StoredTransfers {
  readonly #connection: Connection
  readonly #conversations: Conversations

  constructor(connection: Connection, conversations: Conversations) {
    this.#connection = connection
    this.#conversations = conversations
  }

  save(kept: readonly KeptTransfer[]): readonly OwnedSummary[] {
    return this.#refreshed(kept.flatMap(each => this.#put(each, 'REPLACE')))
  }

  /** What is there already is newer. A second time, nothing happens: what was removed meanwhile stays so. */
  import(list: readonly KeptTransfer[]): void {
    if (this.#connection.run("INSERT OR IGNORE INTO done_once (what) VALUES ('transfers.json')") === 0) return
    this.#refreshed(list.flatMap(each => this.#put(each, 'IGNORE')))
  }

  /** Oldest first. */
  list(limit: number): readonly KeptTransfer[] {
    const over = this.#connection.all(
      'SELECT shown, path, at FROM transfer WHERE is_over = 1 ORDER BY at DESC, rowid DESC LIMIT ?',
      Math.max(Math.floor(limit), 0),
    )
    const running = this.#connection.all(
      'SELECT shown, path, at FROM transfer WHERE is_over = 0 ORDER BY at, rowid',
    )
    return [...over.toReversed(), ...running].flatMap(keptOf).toSorted((a, b) => a.shown.at - b.shown.at)
  }

  get(id: string): KeptTransfer | null {
    return (
      this.#connection.all('SELECT shown, path FROM transfer WHERE id = ?', id).flatMap(keptOf)[0] ?? null
    )
  }

  /** Those offered from one time on and before another; undefined: from the beginning, to the end. Oldest first. */
  between(
    { id }: Conversation,
    from: number | undefined,
    before: number | undefined,
  ): readonly ShownTransfer[] {
    return this.#connection
      .all(
        `SELECT shown, path FROM transfer WHERE conversation = ? AND at >= ? AND at < ?
         ORDER BY at DESC, rowid DESC LIMIT ${MAX_IN_PAGE}`,
        id,
        from ?? 0,
        before ?? Number.MAX_SAFE_INTEGER,
      )
      .flatMap(keptOf)
      .map(({ shown }) => shown)
      .toReversed()
  }

  /** `owners`: numbers of accounts, as JSON. Newest first. */
  search(owners: string, words: readonly string[], limit: number): readonly ShownTransfer[] {
    const all = words.map(() => 'instr(folded, ?) > 0').join(' AND ')
    return this.#connection
      .all(
        `SELECT shown, path FROM transfer WHERE account IN (SELECT value FROM json_each(?)) AND ${all}
         ORDER BY at DESC, rowid DESC LIMIT ?`,
        owners,
        ...words,
        limit,
      )
      .flatMap(keptOf)
      .map(({ shown }) => shown)
  }

  /** Gives the conversations that show something else now. */
  #put({ shown, path }: KeptTransfer, conflict: 'REPLACE' | 'IGNORE'): readonly Conversation[] {
    const { account, address } = splitPersonId(shown.person)
    const conversation = this.#conversations.open(account, address)
    if (conversation === undefined) return []
    const changed = [conversation, ...this.#ownerOf(shown.id)]
    const onConflict =
      conflict === 'IGNORE'
        ? 'DO NOTHING'
        : `DO UPDATE SET account = excluded.account, conversation = excluded.conversation, at = excluded.at,
             is_over = excluded.is_over, direction = excluded.direction, name = excluded.name,
             folded = excluded.folded, shown = excluded.shown, path = excluded.path`
    this.#connection.run(
      `INSERT INTO transfer (id, account, conversation, at, is_over, direction, name, folded, shown, path)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) ${onConflict}`,
      shown.id,
      conversation.account,
      conversation.id,
      boundedTime(shown.at),
      isOver(shown) ? 1 : 0,
      shown.direction,
      shown.name,
      fold(shown.name),
      JSON.stringify(shown),
      path,
    )
    return isOver(shown) ? [...changed, ...this.#trim()] : changed
  }

  /** Gives the conversations that lost something. */
  #trim(): readonly Conversation[] {
    const tooOld = this.#connection.all(
      'SELECT id FROM transfer WHERE is_over = 1 ORDER BY at DESC LIMIT -1 OFFSET ?',
      MAX_OVER,
    )
    return tooOld.flatMap(row => {
      const id = textOf(row, 'id')
      const owner = this.#ownerOf(id)
      this.#connection.run('DELETE FROM transfer WHERE id = ?', id)
      return owner
    })
  }

  /** None where there is no such transfer. */
  #ownerOf(id: string): Conversation[] {
    const row = this.#connection.get(
      `SELECT account.address AS account, conversation.address AS address FROM transfer
       JOIN conversation ON conversation.id = transfer.conversation
       JOIN account ON account.id = transfer.account WHERE transfer.id = ?`,
      id,
    )
    const owner = row && this.#conversations.find(textOf(row, 'account'), textOf(row, 'address'))
    return owner === undefined ? [] : [owner]
  }

  #refreshed(conversations: readonly Conversation[]): readonly OwnedSummary[] {
    const each = new Map(conversations.map(conversation => [conversation.id, conversation]))
    return [...each.values()].map(conversation => ({
      account: splitPersonId(conversation.person).account,
      summary: this.#conversations.refresh(conversation),
    }))
  }
}

/** None where a disk made something else of it. */
function keptOf(row: Row): KeptTransfer[] {
  try {
    return [KeptTransfer.parse({ shown: JSON.parse(textOf(row, 'shown')), path: textOrNull(row, 'path') })]
  } catch {
    return []
  }
}
