import { harmlessText } from '../../shared/harmless-text.ts'
import { Failure } from '../../shared/model/failure.ts'
import { reportBug } from '../plumb/report-bug.ts'
import type { HistoryCalls } from '../store/history/history.ts'
import type { ArchiveAnswer, ArchiveEntry as NotedEntry } from '../store/history/shapes.ts'
import { type Archive, type ArchiveEntry, type ArchivePage, isUnknownId } from '../xmpp/archive.ts'

export interface ArchiveSyncOptions {
  /** Our own bare JID. */
  readonly account: string
  readonly history: HistoryCalls
  /** Whether what somebody wrote is taken at all. */
  readonly mayWrite: (person: string) => boolean
}

/** Is told of each page that was noted. */
export type Noted = (answer: ArchiveAnswer) => void

/** The archive that a session has. */
export interface Archived {
  readonly archive: Archive
  /** Whether all that it gets while we are connected comes to us as well: the server copies it to all devices. */
  readonly isLive: boolean
}

/** Messages of one page: a quarter of a second of work at most, and few round trips for thousands. */
const PAGE = 250
/** Of one that is read because somebody scrolls. */
const SCROLL_PAGE = 100
/** What a new device fetches of all conversations; the rest comes as somebody scrolls. */
const FIRST_PAGES = 4
/**
 * How far back to look where the id of our place is lost: messages are not always in the archive in the order of their
 * stamps, and the time of our place is that of this computer, whose clock may be off.
 */
const OVERLAP_MS = 24 * 60 * 60_000

/**
 * Brings the history in step with the archive (XEP-0313): forwards from the last that is known, so that nothing is
 * missing and nothing twice; back from the newest for a device that knows nothing yet.
 */
export class ArchiveSync {
  readonly #options: ArchiveSyncOptions
  /** By bare JID: two that scroll ask once. */
  readonly #readingBack = new Map<string, Promise<boolean>>()
  /** `caught-up`: all that was there is known; `in-step`: and whatever comes now follows it without a gap. */
  #state: 'behind' | 'caught-up' | 'in-step' = 'behind'
  #isCutOff = false
  /** How many messages came that could not be kept. */
  #missed = 0

  constructor(options: ArchiveSyncOptions) {
    this.#options = options
  }

  /** Whether something in the archive may not be known. */
  get isBehind(): boolean {
    return this.#state === 'behind'
  }

  /** There is another session, or none. */
  lost(): void {
    this.#state = 'behind'
    this.#isCutOff = false
    this.#readingBack.clear()
  }

  /** The connection is lost: what comes next belongs to this session only if that can be resumed. */
  cutOff(): void {
    this.#isCutOff = true
  }

  /** The session goes on. */
  resumed(): void {
    this.#isCutOff = false
  }

  /** A message came and could not be kept: the archive has to be read again from before it. */
  missed(): void {
    this.#state = 'behind'
    this.#missed += 1
  }

  /** Throws what `Archive.query` throws; what was noted until then stays, and the next time goes on behind it. */
  async catchUp({ archive, isLive }: Archived, signal: AbortSignal, told: Noted): Promise<void> {
    this.#state = 'behind'
    let missed: number
    let isAtEnd: boolean
    do {
      missed = this.#missed
      isAtEnd = await this.#readToEnd(archive, signal, told)
      signal.throwIfAborted()
    } while (missed !== this.#missed)
    this.#state = isLive && isAtEnd ? 'in-step' : 'caught-up'
  }

  /** A live message, which the archive has too. */
  async learned(archiveId: string): Promise<void> {
    if (this.#state !== 'in-step' || this.#isCutOff) return
    await this.#options.history.archiveLearned(this.#options.account, archiveId)
  }

  /** All that the archive has now is known, or not wanted. Throws what `Archive.query` throws. */
  async pass(archive: Archive, signal: AbortSignal): Promise<void> {
    if (this.#state !== 'in-step') return
    const newest = await newestOf(archive, signal)
    if (newest !== undefined) await this.learned(newest)
  }

  /**
   * Reads what is older than all that is known of one conversation. Resolves whether there is anything new; false also where
   * the archive cannot be read right now.
   */
  async readBack(archive: Archive, address: string, signal: AbortSignal, told: Noted): Promise<boolean> {
    const running = this.#readingBack.get(address)
    if (running !== undefined) return await running
    const reading = this.#readBack(archive, address, signal, told).finally(() => {
      if (this.#readingBack.get(address) === reading) this.#readingBack.delete(address)
    })
    this.#readingBack.set(address, reading)
    return await reading
  }

  /**
   * Whatever the archive says of where it ends: as long as its newest entry is another one, and there is more. False where
   * that was not reached: then what comes live must not move the place beyond it.
   */
  async #readToEnd(archive: Archive, signal: AbortSignal, told: Noted): Promise<boolean> {
    const { account, history } = this.#options
    const places = new Set<string | null>()
    for (;;) {
      await this.#readOn(archive, signal, told)
      const { inStepUpTo, at } = await history.archivePlace(account)
      const newest = await newestOf(archive, signal)
      // That there is nothing any more may be true, or will be seen the next time.
      if (newest === undefined) return inStepUpTo === null && at === 0
      if (newest === inStepUpTo) return true
      if (places.has(inStepUpTo)) return false
      places.add(inStepUpTo)
    }
  }

  async #readOn(archive: Archive, signal: AbortSignal, told: Noted): Promise<void> {
    const { account, history } = this.#options
    const { inStepUpTo, at } = await history.archivePlace(account)
    if (inStepUpTo !== null) {
      if (await this.#after(archive, inStepUpTo, signal, told)) return
      await history.archiveLost(account)
    }
    if (inStepUpTo !== null || at !== null) await this.#since(archive, at, signal, told)
    else await this.#newest(archive, signal, told)
  }

  /** False where the archive does not know that place: a server keeps messages for a time only. */
  async #after(archive: Archive, place: string, signal: AbortSignal, told: Noted): Promise<boolean> {
    try {
      if (await this.#forwards(archive.forwards({ after: place, max: PAGE }, signal), told)) return true
      // Some find nothing behind an id that they do not know, instead of saying so.
      return (await newestOf(archive, signal)) === place
    } catch (error) {
      if (!isUnknownId(error)) throw error
      return false
    }
  }

  async #readBack(archive: Archive, address: string, signal: AbortSignal, told: Noted): Promise<boolean> {
    const { account, history } = this.#options
    const { oldest, complete } = await history.archiveEdge(account, address)
    if (complete) return false
    try {
      const pages = archive.backwards({ with: address, before: oldest ?? '', max: SCROLL_PAGE }, signal)
      for await (const page of pages) {
        const answer = await history.noteArchive(account, {
          ...noted(page),
          direction: 'backwards',
          with: address,
        })
        told(answer)
        // A page may hold nothing that is shown.
        if (answer.added.length > 0) return true
      }
      return false
    } catch (error) {
      // The server keeps them no longer: what is here is all there is.
      if (!isUnknownId(error)) {
        if (Failure.from(error).code === 'bug') reportBug(Failure.from(error))
        return false
      }
      const end = { entries: [], first: null, last: null, complete: true }
      await history.noteArchive(account, { ...end, direction: 'backwards', with: address })
      return false
    }
  }

  async #since(archive: Archive, at: number | null, signal: AbortSignal, told: Noted): Promise<void> {
    const start = new Date(Math.max((at ?? 0) - OVERLAP_MS, 0))
    await this.#forwards(archive.forwards({ start, max: PAGE }, signal), told)
  }

  /** Resolves whether anything was there. */
  async #forwards(pages: AsyncIterable<ArchivePage>, told: Noted): Promise<boolean> {
    let isEmpty = true
    for await (const page of pages) {
      await this.#note(page, 'forwards', told)
      isEmpty &&= page.last === undefined
    }
    return !isEmpty
  }

  async #newest(archive: Archive, signal: AbortSignal, told: Noted): Promise<void> {
    let pages = 0
    for await (const page of archive.backwards({ before: '', max: PAGE }, signal)) {
      await this.#note(page, 'backwards', told)
      pages += 1
      if (pages === FIRST_PAGES) return
    }
  }

  async #note(page: ArchivePage, direction: 'forwards' | 'backwards', told: Noted): Promise<void> {
    const { account, history, mayWrite } = this.#options
    const all = noted(page)
    // What is not taken while it comes does not come out of the archive, either.
    const entries = all.entries.filter(
      ({ direction: way, text, address }) => way === 'out' || text === undefined || mayWrite(address),
    )
    told(await history.noteArchive(account, { ...all, entries, direction, with: null }))
  }
}

/** The id of the newest entry. Throws what `Archive.query` throws. */
async function newestOf(archive: Archive, signal: AbortSignal): Promise<string | undefined> {
  return (await archive.query({ before: '', max: 1 }, signal)).last
}

function noted({ entries, first, last, complete, progressed }: ArchivePage) {
  return {
    entries: entries.map(notedEntry),
    first: first ?? null,
    last: last ?? null,
    // A server that repeats itself has nothing beyond.
    complete: complete || !progressed,
  }
}

function notedEntry({ archiveId, chat }: ArchiveEntry): NotedEntry {
  const { person, direction, at, id, originId, device, replaces, receipt, displayed } = chat
  const text = harmlessText(chat.text ?? '')
  return {
    archiveId,
    address: person,
    direction,
    at: at.getTime(),
    stanzaId: id,
    originId,
    device,
    replaces,
    text: text.trim() === '' ? undefined : text,
    receipt,
    displayed,
    unstyled: chat.unstyled,
    markable: chat.markable,
  }
}
