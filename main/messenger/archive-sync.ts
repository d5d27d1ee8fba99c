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
  /** A page was noted. */
  readonly noted: (answer: ArchiveAnswer) => void
}

/** Messages of one page: a quarter of a second of work at most, and few round trips for thousands. */
const PAGE = 250
/** Of one that is read because somebody scrolls. */
const SCROLL_PAGE = 100
/** What a new device fetches of all conversations; the rest comes as somebody scrolls. */
const FIRST_PAGES = 4
/** Messages are not always in the archive in the order of their stamps: how far back to look where its id is lost. */
const OVERLAP_MS = 10 * 60_000

/**
 * Brings the history in step with the archive (XEP-0313): forwards from the last that is known, so that nothing is
 * missing and nothing twice; back from the newest for a device that knows nothing yet.
 */
export class ArchiveSync {
  readonly #options: ArchiveSyncOptions
  /** By bare JID: two that scroll ask once. */
  readonly #readingBack = new Map<string, Promise<boolean>>()
  #isInStep = false

  constructor(options: ArchiveSyncOptions) {
    this.#options = options
  }

  /** Whether what comes now follows what is known without a gap. */
  get isInStep(): boolean {
    return this.#isInStep
  }

  /** There is no connection any more. */
  lost(): void {
    this.#isInStep = false
    this.#readingBack.clear()
  }

  /** Throws what `Archive.query` throws; what was noted until then stays, and the next time goes on behind it. */
  async catchUp(archive: Archive, signal: AbortSignal): Promise<void> {
    const { account, history } = this.#options
    this.#isInStep = false
    const { inStepUpTo, at } = await history.archivePlace(account)
    if (inStepUpTo !== null) {
      try {
        await this.#forwards(archive.forwards({ after: inStepUpTo, max: PAGE }, signal))
      } catch (error) {
        if (!isUnknownId(error)) throw error
        // The server keeps messages for a time only, and has forgotten that one.
        await history.archiveLost(account)
        await this.#since(archive, at, signal)
      }
    } else if (at !== null) await this.#since(archive, at, signal)
    else await this.#newest(archive, signal)
    signal.throwIfAborted()
    this.#isInStep = true
  }

  /** A live message, which the archive has too. */
  async learned(archiveId: string): Promise<void> {
    if (this.#isInStep) await this.#options.history.archiveLearned(this.#options.account, archiveId)
  }

  /**
   * Reads what is older than all that is known of one conversation. Resolves whether there is anything new; false also where
   * the archive cannot be read right now.
   */
  async readBack(archive: Archive, address: string, signal: AbortSignal): Promise<boolean> {
    const running = this.#readingBack.get(address)
    if (running !== undefined) return await running
    const reading = this.#readBack(archive, address, signal).finally(() => this.#readingBack.delete(address))
    this.#readingBack.set(address, reading)
    return await reading
  }

  async #readBack(archive: Archive, address: string, signal: AbortSignal): Promise<boolean> {
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
        this.#options.noted(answer)
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

  async #since(archive: Archive, at: number | null, signal: AbortSignal): Promise<void> {
    const start = new Date((at ?? 0) - OVERLAP_MS)
    await this.#forwards(archive.forwards({ start, max: PAGE }, signal))
  }

  async #forwards(pages: AsyncIterable<ArchivePage>): Promise<void> {
    for await (const page of pages) await this.#note(page, 'forwards')
  }

  async #newest(archive: Archive, signal: AbortSignal): Promise<void> {
    let pages = 0
    for await (const page of archive.backwards({ before: '', max: PAGE }, signal)) {
      await this.#note(page, 'backwards')
      pages += 1
      if (pages === FIRST_PAGES) return
    }
  }

  async #note(page: ArchivePage, direction: 'forwards' | 'backwards'): Promise<void> {
    const { account, history } = this.#options
    this.#options.noted(await history.noteArchive(account, { ...noted(page), direction, with: null }))
  }
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
  const { person, direction, at, id, originId, device, replaces, receipt, displayed, text } = chat
  return {
    archiveId,
    address: person,
    direction,
    at: at.getTime(),
    stanzaId: id,
    originId,
    device,
    replaces,
    text: text === undefined ? undefined : harmlessText(text),
    receipt,
    displayed,
  }
}
