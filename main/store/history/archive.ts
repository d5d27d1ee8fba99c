import type { PersonId } from '../../../shared/model/person-id.ts'
import { type Connection, numberOf, numberOrNull, textOrNull } from './connection.ts'
import type { Conversation, Conversations } from './conversations.ts'
import { type Corrections, replacedId } from './corrections.ts'
import type { Marks } from './marks.ts'
import {
  boundedId,
  boundedTime,
  CLOCK_MS,
  type Content,
  contentOf,
  type Kept,
  type Messages,
} from './messages.ts'
import type { Noting } from './noting.ts'
import type {
  ArchiveAnswer,
  ArchiveEdge,
  ArchiveEntry,
  ArchivePage,
  ArchivePlace,
  Message,
} from './shapes.ts'

/** An entry that says something, in its conversation. */
interface Placed {
  readonly entry: ArchiveEntry
  readonly conversation: Conversation
  readonly content: Content
  /** The same message, where it is there already. */
  readonly known: Kept | undefined
}

/** What a page did. Rows of messages, each with whose it is. */
interface Work {
  readonly added: Map<number, PersonId>
  readonly changed: Map<number, PersonId>
  readonly reordered: Set<string>
  /** Whether it was asked for because somebody scrolled: new ones at the other end are what they look for. */
  readonly isAsked: boolean
  readonly touched: Map<string, Conversation>
}

/**
 * Pages of the server's archive (XEP-0313), as parts of the history. The archive's order counts: its stamps may be
 * whole seconds, and somebody's clock may have been off.
 */
export class Archive {
  readonly #connection: Connection
  readonly #conversations: Conversations
  readonly #messages: Messages
  readonly #corrections: Corrections
  readonly #marks: Marks
  readonly #noting: Noting

  constructor(
    connection: Connection,
    conversations: Conversations,
    messages: Messages,
    corrections: Corrections,
    marks: Marks,
    noting: Noting,
  ) {
    this.#connection = connection
    this.#conversations = conversations
    this.#messages = messages
    this.#corrections = corrections
    this.#marks = marks
    this.#noting = noting
  }

  note(account: string, page: ArchivePage): ArchiveAnswer {
    const work: Work = {
      added: new Map(),
      changed: new Map(),
      reordered: new Set(),
      isAsked: page.with !== null,
      touched: new Map(),
    }
    const entries = page.entries.filter(({ address }) => page.with === null || address === page.with)
    const talks = new Map<string, Conversation>()
    const told = entries.flatMap(entry => {
      const conversation = talks.get(entry.address) ?? this.#conversationOf(account, entry, page.direction)
      if (conversation === undefined || this.#isDeleted(conversation, entry)) return []
      talks.set(entry.address, conversation)
      work.touched.set(entry.address, conversation)
      return [{ entry, conversation }]
    })
    const said = told.flatMap(each => {
      const content = contentOf(each.entry)
      return content === undefined || replacedId(each.entry.replaces) !== undefined
        ? []
        : [{ ...each, content }]
    })
    if (page.direction === 'forwards') this.#placeForwards(said, work)
    else this.#placeBackwards(said, page, work)
    this.#correct(told, page.direction, work)
    this.#mark(told, work)
    this.#noteEdges(account, page, told)
    for (const row of work.added.keys()) work.changed.delete(row)
    const shown = (rows: ReadonlyMap<number, PersonId>): Message[] =>
      [...rows].map(([row, person]) => this.#messages.shown(person, row))
    const added = shown(work.added)
    return {
      added: page.direction === 'forwards' ? added : added.toReversed(),
      changed: shown(work.changed),
      summaries: [...work.touched.values()]
        .map(each => this.#conversations.refresh(each))
        // Where a mark is all that is known, there is nothing to show.
        .filter(({ last }) => last !== null),
      reordered: [...work.reordered],
    }
  }

  place(account: string): ArchivePlace {
    const row = this.#connection.get(
      'SELECT in_step_up_to, in_step_at FROM account WHERE address = ?',
      account,
    )
    if (row === undefined) return { inStepUpTo: null, at: null }
    return { inStepUpTo: textOrNull(row, 'in_step_up_to'), at: numberOrNull(row, 'in_step_at') }
  }

  edge(account: string, address: string): ArchiveEdge {
    const row = this.#connection.get(
      `SELECT oldest_archived, conversation.archive_complete OR account.archive_complete AS complete,
         (SELECT archive_id FROM message WHERE message.conversation = conversation.id
           AND archive_id IS NOT NULL ORDER BY position LIMIT 1) AS oldest_kept
       FROM conversation JOIN account ON account.id = account
       WHERE account.address = ? AND conversation.address = ?`,
      account,
      address,
    )
    if (row === undefined) return { oldest: null, complete: false }
    return {
      oldest: textOrNull(row, 'oldest_archived') ?? textOrNull(row, 'oldest_kept'),
      complete: numberOf(row, 'complete') === 1,
    }
  }

  /** A live message, told while the account was in step: it still is. */
  learned(account: string, archiveId: string, now: number): void {
    const id = boundedId(archiveId)
    if (id === null) return
    const owner = this.#conversations.findAccount(account)
    if (owner === undefined) return
    const moved = this.#connection.run(
      `UPDATE account SET in_step_up_to = ?, in_step_at = ?
       WHERE id = ? AND coalesce(in_step_up_to, in_step_at) IS NOT NULL`,
      id,
      boundedTime(now),
      owner,
    )
    if (moved === 0) return
    const message = this.#messages.findArchived(owner, id)
    if (message !== undefined) this.#passed(message.conversation, message.position)
  }

  /** The time stays: what came since is looked for from there, and compared with what is known. */
  lost(account: string): void {
    const owner = this.#conversations.findAccount(account)
    if (owner === undefined) return
    this.#connection.run('UPDATE account SET in_step_up_to = NULL WHERE id = ?', owner)
    this.#connection.run('UPDATE conversation SET in_step_position = NULL WHERE account = ?', owner)
  }

  /** What became of messages, in a conversation in which nothing was said before, is nobody's: anybody can send that. */
  #conversationOf(
    account: string,
    entry: ArchiveEntry,
    direction: ArchivePage['direction'],
  ): Conversation | undefined {
    if (direction === 'forwards' && contentOf(entry) === undefined) {
      return this.#conversations.find(account, entry.address)
    }
    return this.#conversations.open(account, entry.address)
  }

  /** What was deleted here stays deleted. */
  #isDeleted({ id }: Conversation, { at }: ArchiveEntry): boolean {
    const row = this.#connection.get('SELECT deleted_up_to FROM conversation WHERE id = ?', id)
    const upTo = row && numberOrNull(row, 'deleted_up_to')
    return upTo !== null && upTo !== undefined && boundedTime(at) <= upTo
  }

  /** Each after the one before it in its conversation; a known one stays where it is, if that is so there. */
  #placeForwards(said: readonly Omit<Placed, 'known'>[], work: Work): void {
    for (const each of said) {
      const { conversation, content } = each
      // Only now: the same message may be twice on one page.
      const known = this.#messages.findArchivedOrLive(conversation, content)
      if (known !== undefined && known.conversation !== conversation.id) continue
      const before = this.#passedUpTo(conversation)
      // Where nothing was passed, only the time says what it follows; many archives leave out the milliseconds.
      const earliest = Math.max(
        before === null ? endOfSecond(content.at) * 1000 : Math.max(content.at * 1000, before + 1),
        // Whoever wrote that did not see this, and it is yet to be sent.
        known === undefined && content.direction === 'in' ? this.#messages.unsentUpTo(conversation) + 1 : 0,
      )
      const isPlaced = known !== undefined && (before === null || known.position > before)
      const position = isPlaced ? known.position : this.#messages.free(conversation.id, earliest, 'up')
      this.#put({ ...each, known }, position, work)
      this.#passed(conversation.id, position)
      // What was written here told so when it was written, whatever came before it got to the server.
      if (content.direction === 'out' && known === undefined) this.#marks.readUpTo(conversation, position)
    }
  }

  /** From the end, each before the one that follows it: all of the page is older than all that is not on it. */
  #placeBackwards(said: readonly Omit<Placed, 'known'>[], page: ArchivePage, work: Work): void {
    const following = new Map<number, number | undefined>()
    const onPage = new Set(
      said.flatMap(
        ({ conversation, content }) => this.#messages.findArchivedOrLive(conversation, content)?.id ?? [],
      ),
    )
    for (const each of said.toReversed()) {
      const { conversation, content, entry } = each
      // Only now: the same message may be twice on one page.
      const kept = this.#messages.findArchivedOrLive(conversation, content)
      if (kept !== undefined && kept.conversation !== conversation.id) continue
      const { id } = conversation
      if (!following.has(id)) following.set(id, this.#oldestBut(id, onPage, content.at))
      const after = following.get(id)
      const latest = after === undefined ? content.at * 1000 : Math.min(content.at * 1000, after - 1)
      const isPlaced = kept !== undefined && (after === undefined || kept.position < after)
      const position = isPlaced ? kept.position : this.#messages.free(id, latest, 'down')
      this.#put({ ...each, known: kept }, position, work)
      following.set(id, position)
      this.#connection.run(
        'UPDATE conversation SET oldest_archived = ?, in_step_position = coalesce(in_step_position, ?) WHERE id = ?',
        boundedId(entry.archiveId),
        position,
        id,
      )
      // What was before this computer came into it counts as read; what came live stays as it is.
      if (kept === undefined) this.#marks.readUpTo(conversation, position)
    }
    if (page.with === null || page.first === null) return
    const conversation = work.touched.get(page.with)
    if (conversation === undefined) return
    this.#connection.run(
      'UPDATE conversation SET oldest_archived = ? WHERE id = ?',
      boundedId(page.first),
      conversation.id,
    )
  }

  #put({ conversation, content, known }: Placed, position: number, work: Work): void {
    const newest = this.#messages.newest(conversation.id)
    if (known === undefined) {
      const state = content.direction === 'in' ? 'received' : 'sent'
      const { added, alsoChanged } = this.#noting.add(conversation, content, { position, state })
      work.added.set(added.id, conversation.person)
      for (const row of alsoChanged) work.changed.set(row, conversation.person)
      const isElsewhere = newest !== undefined && position < newest && !work.isAsked
      if (isElsewhere) work.reordered.add(conversation.address)
      return
    }
    const before = this.#messages.shown(conversation.person, known.id)
    if (position !== known.position) {
      this.#noting.move(conversation, known, position)
      work.reordered.add(conversation.address)
    }
    for (const row of this.#noting.learn(conversation, { ...known, position }, content)) {
      work.changed.set(row, conversation.person)
    }
    const after = this.#messages.shown(conversation.person, known.id)
    if (after.state !== before.state || after.text !== before.text)
      work.changed.set(known.id, conversation.person)
  }

  #correct(
    told: readonly { readonly entry: ArchiveEntry; readonly conversation: Conversation }[],
    order: 'forwards' | 'backwards',
    work: Work,
  ): void {
    for (const { entry, conversation } of order === 'forwards' ? told : told.toReversed()) {
      const replaces = replacedId(entry.replaces)
      const content = contentOf(entry)
      if (replaces === undefined || content === undefined) continue
      const corrected = this.#corrections.note(conversation, content, replaces, order)
      if (corrected.kind === 'corrected') work.changed.set(corrected.message, conversation.person)
    }
  }

  #mark(
    told: readonly { readonly entry: ArchiveEntry; readonly conversation: Conversation }[],
    work: Work,
  ): void {
    for (const { entry, conversation } of told) {
      const { receipt, displayed, direction } = entry
      if (direction === 'out') {
        if (displayed !== undefined) this.#marks.noteOurs(conversation, displayed)
        continue
      }
      const changed = [
        ...(receipt === undefined ? [] : this.#marks.noteTheirs(conversation, 'delivered', receipt)),
        ...(displayed === undefined ? [] : this.#marks.noteTheirs(conversation, 'displayed', displayed)),
      ]
      for (const row of changed) work.changed.set(row, conversation.person)
    }
  }

  /** How far the archive is known now, in the account and in the conversation that was asked for. */
  #noteEdges(account: string, page: ArchivePage, told: readonly { readonly entry: ArchiveEntry }[]): void {
    const owner = this.#conversations.account(account)
    const last = boundedId(page.last ?? undefined)
    const isFirstPage = this.place(account).inStepUpTo === null
    if (page.with === null && last !== null && (page.direction === 'forwards' || isFirstPage)) {
      const at = told.at(-1)?.entry.at
      this.#connection.run(
        'UPDATE account SET in_step_up_to = ?, in_step_at = coalesce(?, in_step_at) WHERE id = ?',
        last,
        at === undefined ? null : boundedTime(at),
        owner,
      )
    }
    if (!page.complete || page.direction === 'forwards') return
    if (page.with === null) {
      // Of an archive with nothing in it the beginning of time is known, and all that comes is new.
      this.#connection.run(
        'UPDATE account SET archive_complete = 1, in_step_at = coalesce(in_step_at, 0) WHERE id = ?',
        owner,
      )
      return
    }
    const conversation = this.#conversations.open(account, page.with)
    if (conversation === undefined) return
    this.#connection.run('UPDATE conversation SET archive_complete = 1 WHERE id = ?', conversation.id)
  }

  /** All up to there is in the archive's order: what follows in the archive follows it here. */
  #passed(conversation: number, position: number): void {
    this.#connection.run('UPDATE conversation SET in_step_position = ? WHERE id = ?', position, conversation)
  }

  #passedUpTo({ id }: Conversation): number | null {
    const row = this.#connection.get('SELECT in_step_position FROM conversation WHERE id = ?', id)
    return (row && numberOrNull(row, 'in_step_position')) ?? null
  }

  /**
   * The oldest position of a conversation, without those rows, and without what was never archived and is older than `at` by
   * any clock: the server may keep an archive only since.
   */
  #oldestBut(conversation: number, rows: ReadonlySet<number>, at: number): number | undefined {
    const all = this.#connection.iterate(
      `SELECT id, position FROM message
       WHERE conversation = ? AND (archive_id IS NOT NULL OR position >= ?) ORDER BY position`,
      conversation,
      (at - CLOCK_MS) * 1000,
    )
    for (const row of all) if (!rows.has(numberOf(row, 'id'))) return numberOf(row, 'position')
    return undefined
  }
}

/** The last millisecond that a stamp may mean. */
function endOfSecond(at: number): number {
  return at % 1000 === 0 ? at + 999 : at
}
