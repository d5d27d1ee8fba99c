import { join } from 'node:path'
import { Failure } from '../../../shared/model/failure.ts'
import { say } from '../../../shared/words/say.ts'
import type { KeptTransfer } from '../transfer-list.ts'
import { Archive } from './archive.ts'
import { Connection, setAside } from './connection.ts'
import { Conversations } from './conversations.ts'
import { Corrections } from './corrections.ts'
import { Export } from './export.ts'
import { historyFailure, isDamage } from './history-failure.ts'
import { KnownPeople } from './known-people.ts'
import { Marks, type Outcome } from './marks.ts'
import { Messages } from './messages.ts'
import { Noting } from './noting.ts'
import { Reading } from './reading.ts'
import type {
  ArchiveAnswer,
  ArchiveEdge,
  ArchivePage,
  ArchivePlace,
  FoundEverywhere,
  FoundMessage,
  HistoryPage,
  KeptContact,
  LiveAnswer,
  LiveNote,
  Message,
  OpenedAccount,
  OwnedSummary,
  PageWhere,
  Profile,
  ReadAnswer,
  ReadMark,
  Summary,
} from './shapes.ts'
import { StoredTransfers } from './stored-transfers.ts'

export interface HistoryDatabaseOptions {
  /** Absolute path of the profile's folder, which is there. */
  readonly folder: string
  /** The file could not be read and was set aside: a sentence for the person. */
  readonly damaged: (sentence: string) => void
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** What the file may grow to. */
  readonly maxBytes?: number
}

const NAME = 'history.db'

/** What is done with one open file. */
interface Parts {
  readonly connection: Connection
  readonly conversations: Conversations
  readonly messages: Messages
  readonly marks: Marks
  readonly noting: Noting
  readonly archive: Archive
  readonly reading: Reading
  readonly transfers: StoredTransfers
  readonly people: KnownPeople
  readonly export: Export
}

/**
 * What was said, sent and known, in history.db. Every method is one transaction: what it did is there after the program
 * was killed, and nothing of it where it threw.
 *
 * All throw a Failure: `cannot-write` where the disk does not take it (later ones may succeed), `bug` for our own
 * mistakes. A file that is damaged, or of a later version, is set aside, and what met that is done on a new one.
 */
export class HistoryDatabase {
  readonly #options: HistoryDatabaseOptions
  readonly #path: string
  readonly #now: () => number
  #parts: Parts | undefined

  constructor(options: HistoryDatabaseOptions) {
    this.#options = options
    this.#path = join(options.folder, NAME)
    this.#now = options.now ?? Date.now
  }

  /** All that the window needs of an account at once. An account that is new shows nothing. */
  openAccount(account: string): OpenedAccount {
    return this.#read(({ conversations, archive, people }) => {
      const owner = conversations.findAccount(account)
      const { contacts, version } = people.contacts(account)
      return {
        contacts,
        rosterVersion: version,
        conversations: owner === undefined ? [] : conversations.summaries(owner),
        inStep: archive.place(account).inStepUpTo !== null,
      }
    })
  }

  /** One message as it comes or is sent now. */
  noteLive(account: string, note: LiveNote): LiveAnswer {
    return this.#write(({ noting }) => noting.noteLive(account, note))
  }

  /**
   * One page of the archive. Forwards, incoming messages after the read mark are unread; backwards, what was not known
   * counts as read.
   */
  noteArchive(account: string, page: ArchivePage): ArchiveAnswer {
    return this.#write(
      ({ archive }) => archive.note(account, page),
      // In a new file there is nothing yet that it would follow, or come before.
      () => ({ added: [], changed: [], summaries: [], reordered: [] }),
    )
  }

  archivePlace(account: string): ArchivePlace {
    return this.#read(({ archive }) => archive.place(account))
  }

  /** From where to page back in one conversation. */
  archiveEdge(account: string, address: string): ArchiveEdge {
    return this.#read(({ archive }) => archive.edge(account, address))
  }

  /**
   * A live message moves the place in the archive. Only while the account is in step: catching up must not skip. One that
   * was never read has no place that could move.
   */
  archiveLearned(account: string, archiveId: string): void {
    this.#write(({ archive }) => archive.learned(account, archiveId, this.#now()))
  }

  /** The server knows the id of the place no more. Its time stays. */
  archiveLost(account: string): void {
    this.#write(({ archive }) => archive.lost(account))
  }

  /**
   * What became of the message of ours with that stanza id; where another device sent it and it is not there yet, that it
   * arrived is told once it is. `displayed` holds for all before it that were sent, too. `failure`: a sentence. Never
   * backwards; gives those that changed.
   */
  settle(
    account: string,
    address: string,
    stanzaId: string,
    to: Outcome,
    failure?: string,
  ): readonly Message[] {
    return this.#write(({ conversations, messages, marks }) => {
      const conversation = conversations.find(account, address)
      if (conversation === undefined) return []
      const shown = (row: number): Message => messages.shown(conversation.person, row)
      if (to === 'delivered' || to === 'displayed') {
        return marks.noteTheirs(conversation, to, stanzaId).map(shown)
      }
      const message = messages.findByStanza(conversation, 'out', stanzaId)
      if (message === undefined) return []
      return marks.settle(conversation, message, to, failure ?? null).map(shown)
    })
  }

  /**
   * Somebody read here, or (by its id) on another device. An id that is not there yet counts once it is. Never
   * backwards: where more was read here than the device knows that named that archive id, `marker` has what.
   */
  markRead(account: string, address: string, upTo: ReadMark): ReadAnswer {
    return this.#write(({ conversations, messages, marks }) => {
      const conversation =
        typeof upTo === 'object' && 'archiveId' in upTo
          ? conversations.open(account, address)
          : conversations.find(account, address)
      if (conversation === undefined) return { summary: null, marker: null }
      let before = marks.readPosition(conversation)
      if (upTo === 'all') marks.readUpTo(conversation, messages.newest(conversation.id) ?? 0)
      else if ('archiveId' in upTo) {
        before = marks.readUpToArchived(conversation, upTo.archiveId) ?? before
      } else marks.noteOurs(conversation, upTo.stanzaId)
      return {
        summary: conversations.refresh(conversation),
        marker: marks.markerAfter(conversation, before),
      }
    })
  }

  /** At most `limit` messages, 500 at most. A message that is not in this conversation gives none. */
  page(account: string, address: string, where: PageWhere, limit: number): HistoryPage {
    return this.#read(({ reading }) => reading.page(account, address, where, limit))
  }

  /** What is still to be sent, of all conversations, in order. */
  unsent(account: string): readonly Message[] {
    return this.#read(({ reading }) => reading.unsent(account))
  }

  /** Failed, it is being sent again by somebody who has read what is there. Null for any other. */
  resend(id: string): Message | null {
    return this.#write(({ conversations, messages, marks }) => {
      const found = messages.findOwn(id)
      if (found?.kept.state !== 'failed') return null
      messages.setState(found.kept.id, 'sending', null)
      marks.readUpTo(found.conversation, messages.newest(found.conversation.id) ?? 0)
      conversations.refresh(found.conversation)
      return messages.shown(found.conversation.person, found.kept.id)
    })
  }

  /**
   * It is sent only now: the newest of its conversation, with the time of now. What came since it was written is unread as
   * before. Null where it does not wait to be sent.
   */
  moveToEnd(id: string): { readonly message: Message; readonly summary: Summary } | null {
    return this.#write(({ conversations, messages, marks }) => {
      const found = messages.findOwn(id)
      if (found?.kept.state !== 'sending') return null
      const { kept, conversation } = found
      const position = messages.endOf(conversation)
      messages.move(kept, position, this.#now())
      const isAllRead = conversations.summary(conversation).unread === 0
      if (kept.direction === 'out' && isAllRead) marks.readUpTo(conversation, position)
      const summary = conversations.refresh(conversation)
      return { message: messages.shown(conversation.person, kept.id), summary }
    })
  }

  find(id: string): FoundMessage | null {
    return this.#read(({ reading }) => reading.find(id))
  }

  /** The newest of ours, to be corrected. */
  lastOwn(account: string, address: string): FoundMessage | null {
    return this.#read(({ reading }) => reading.lastOwn(account, address))
  }

  /** All words have to occur, whatever their case and accents. At most `limit` of each, 500 at most. */
  search(accounts: readonly string[], text: string, limit: number): FoundEverywhere {
    return this.#read(({ reading }) => reading.search(accounts, text, limit))
  }

  /** Puts them in, or over what was there of them. Gives what is shown otherwise now. */
  saveTransfers(kept: readonly KeptTransfer[]): readonly OwnedSummary[] {
    return this.#write(({ transfers }) => transfers.save(kept))
  }

  /** All that are not over, and the newest `limit` of those that are; oldest first. */
  transfers(limit: number): readonly KeptTransfer[] {
    return this.#read(({ transfers }) => transfers.list(limit))
  }

  transfer(id: string): KeptTransfer | null {
    return this.#read(({ transfers }) => transfers.get(id))
  }

  /** What transfers.json held before there was a history. Only the first time does something. */
  importTransfers(list: readonly KeptTransfer[]): void {
    this.#write(({ transfers }) => transfers.import(list))
  }

  /** The whole list, with the server's name of its state. */
  saveContacts(account: string, contacts: readonly KeptContact[], version: string | null): void {
    this.#write(({ people }) => people.saveContacts(account, contacts, version))
  }

  /** Its messages, and its files that are over. The archive does not bring them back. */
  deletePerson(account: string, address: string): void {
    this.#write(({ conversations }) => conversations.deletePerson(account, address, this.#now()))
    this.#parts?.connection.emptyLog()
  }

  /** All that is kept of one account. */
  deleteAccount(account: string): void {
    this.#write(({ conversations, people }) => {
      conversations.deleteAccount(account)
      people.forgetPictures()
    })
    this.#parts?.connection.emptyLog()
  }

  /** Writes a file, whose shape export.ts describes, in place of what is at `path`. Throws as `writeFailure`, too. */
  exportPerson(account: string, address: string, path: string, format: 'text' | 'json'): void {
    this.#export(parts => parts.export.person(account, address, path, format, this.#now()))
  }

  exportAccount(account: string, path: string): void {
    this.#export(parts => parts.export.account(account, path, this.#now()))
  }

  /** Whether it was kept: no more than 256 KiB, and 64 MiB of all, of which those used longest ago go. */
  saveBlob(kind: string, key: string, bytes: Uint8Array): boolean {
    return this.#write(({ people }) => people.saveBlob(kind, key, bytes))
  }

  blob(kind: string, key: string): Uint8Array | null {
    return this.#write(({ people }) => people.blob(kind, key))
  }

  saveProfile(account: string, profile: Profile): void {
    this.#write(({ people }) => people.saveProfile(account, profile))
  }

  profiles(account: string): readonly Profile[] {
    return this.#read(({ people }) => people.profiles(account))
  }

  /** What was in the log is in the file then. It is opened again by whatever comes next. */
  close(): void {
    this.#parts?.connection.close()
    this.#parts = undefined
  }

  /** `anew`: what is done instead where the file had to be begun anew. */
  #write<T>(work: (parts: Parts) => T, anew = work): T {
    const write = (what: (parts: Parts) => T) => (parts: Parts) => parts.connection.write(() => what(parts))
    return this.#run(write(work), write(anew))
  }

  #read<T>(work: (parts: Parts) => T): T {
    return this.#run(parts => parts.connection.read(() => work(parts)))
  }

  #run<T>(work: (parts: Parts) => T, anew = work): T {
    try {
      return work(this.#open())
    } catch (error) {
      if (!isDamage(error)) throw historyFailure(error)
      this.#beginAnew()
      try {
        return anew(this.#open())
      } catch (again) {
        throw historyFailure(again)
      }
    }
  }

  /** Of a file that is damaged, nobody is given an empty one for the whole. */
  #export(work: (parts: Parts) => void): void {
    try {
      const parts = this.#open()
      parts.connection.read(() => work(parts))
    } catch (error) {
      if (!isDamage(error)) throw historyFailure(error)
      this.#beginAnew()
      throw new Failure('file-unreadable', say('history.not-exported'), { cause: error })
    }
  }

  #open(): Parts {
    this.#parts ??= partsOf(new Connection(this.#path, this.#options.maxBytes), this.#now)
    return this.#parts
  }

  #beginAnew(): void {
    try {
      this.close()
    } catch {
      // It takes its leave with the damage that brought us here.
      this.#parts = undefined
    }
    let aside: string
    try {
      aside = setAside(this.#path)
    } catch (error) {
      throw historyFailure(error)
    }
    this.#options.damaged(say('damaged.history', { file: aside }))
  }
}

function partsOf(connection: Connection, now: () => number): Parts {
  const conversations = new Conversations(connection)
  const messages = new Messages(connection, now)
  const corrections = new Corrections(connection, messages)
  const marks = new Marks(connection, messages)
  const noting = new Noting(conversations, messages, corrections, marks)
  const archive = new Archive(connection, conversations, messages, corrections, marks, noting)
  const transfers = new StoredTransfers(connection, conversations)
  const reading = new Reading(connection, conversations, messages, transfers)
  const people = new KnownPeople(connection, conversations, now)
  return {
    connection,
    conversations,
    messages,
    marks,
    noting,
    archive,
    reading,
    transfers,
    people,
    export: new Export(connection, conversations, messages, transfers, people),
  }
}
