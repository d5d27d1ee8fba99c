import { randomUUID } from 'node:crypto'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import { IqError, type IqRouter } from './iq.ts'
import { type ReadChat, readArchivedChat } from './read-chat.ts'
import { attribute, bareJid, type Element, normalizeJid } from './stanza.ts'
import type { Discovery } from './xep-0030.ts'
import {
  type ArchiveFilter,
  NS_ARCHIVE,
  readArchiveEnd,
  readArchiveResult,
  writeArchiveQuery,
} from './xep-0313.ts'
import { NS_STANZA_IDS } from './xep-0359.ts'

/** What the account's archive can be used for. */
export interface ArchiveSupport {
  /** There is one (XEP-0313). */
  readonly archive: boolean
  /** The ids that live messages have in it can be believed (XEP-0359). */
  readonly stanzaIds: boolean
}

/** A message of the archive that says something to us. */
export interface ArchiveEntry {
  readonly archiveId: string
  readonly chat: ReadChat
}

export interface ArchivePage {
  /** Oldest first. Fewer than the page has, or none, where others say nothing to us. */
  readonly entries: readonly ArchiveEntry[]
  /** The bounds of the page, those that say nothing included; undefined for a page without any. */
  readonly first: string | undefined
  readonly last: string | undefined
  /** There is nothing beyond it in the direction of the query. */
  readonly complete: boolean
  /** How many there are in all, where the server tells. */
  readonly count: number | undefined
  /** Whether the next page in that direction would be another one: a server may repeat itself for ever. */
  readonly progressed: boolean
}

export interface ArchiveQuery extends ArchiveFilter {
  /** Those after this one, oldest first; all from the beginning where neither `after` nor `before` is there. */
  readonly after?: string | undefined
  /** The last ones before this one; empty: the newest. */
  readonly before?: string | undefined
  /** How many at most. The server may give fewer, and so does a page whose messages are very long. */
  readonly max: number
}

/** What the archive needs of the stream. */
export interface ArchiveTransport {
  /** Our own full JID. */
  readonly address: string
}

/** How long the server may be silent in the middle of a page, and how long it may take for one in all. */
const SILENCE_TIMEOUT_MS = 30_000
const PAGE_TIMEOUT_MS = 300_000
/** Characters of one page, of what is kept of its messages: 30 of the longest. */
const MAX_PAGE_CHARACTERS = 2 * 1024 * 1024
/** One after the other; an archive without an end is none. */
const MAX_PAGES = 10_000

/** What a query has got so far. */
interface Collected {
  readonly query: ArchiveQuery
  /** Each with what it says to us, if anything. */
  readonly results: { readonly archiveId: string; readonly chat: ReadChat | undefined }[]
  /** There are more than was asked for. */
  isTooMuch: boolean
  /** There is more in them than is kept at once. */
  isTooLong: boolean
  characters: number
  /** Something came. */
  readonly heard: () => void
}

/** Reads our own archive page by page (XEP-0313). */
export class Archive {
  readonly #iq: IqRouter
  readonly #discovery: Discovery
  readonly #transport: ArchiveTransport
  /** By the id that each of their results has to name. */
  readonly #queries = new Map<string, Collected>()

  constructor(iq: IqRouter, discovery: Discovery, transport: ArchiveTransport) {
    this.#iq = iq
    this.#discovery = discovery
    this.#transport = transport
  }

  /** What the server says of our account; nothing where it refuses to. Throws as `IqRouter.request` where it does not answer. */
  async support(signal?: AbortSignal): Promise<ArchiveSupport> {
    const options = signal === undefined ? {} : { signal }
    const own = bareJid(this.#transport.address)
    const features = await this.#discovery.featuresOf(own, options).catch((error: unknown) => {
      if (error instanceof IqError) return new Set<string>()
      throw error
    })
    return { archive: features.has(NS_ARCHIVE), stanzaIds: features.has(NS_STANZA_IDS) }
  }

  /** Takes a message stanza; true where it is a result of a query of ours, and nobody else's business. */
  receive(stanza: Element): boolean {
    const result = readArchiveResult(stanza)
    const sender = attribute(stanza, 'from')
    // Only our own account has our archive; the server may leave that address out (RFC 6120 section 8.1.2.1).
    const isOwn = sender === undefined || normalizeJid(sender) === bareJid(this.#transport.address)
    const query = result && this.#queries.get(result.queryId)
    if (result === undefined || query === undefined || !isOwn) return false
    query.heard()
    const { archiveId, forwarded } = result
    if (archiveId === undefined) return true
    const context = { address: this.#transport.address, stanzaIds: false }
    const chat = forwarded && readArchivedChat(forwarded.message, archiveId, forwarded.at, context)
    collect(query, archiveId, chat)
    return true
  }

  /**
   * Asks for one page. Throws `IqError` where the server refuses (`isUnknownId` for an id that it does not know any more),
   * a Failure (`timed-out`, `server-connection-lost`, `protocol-error`) without a proper answer, and `signal`'s reason.
   */
  async query(query: ArchiveQuery, signal?: AbortSignal): Promise<ArchivePage> {
    // A shorter page instead of a part of one: what is left out of that would be a gap. One of 30 always fits.
    for (let max = query.max; ; max = Math.ceil(max / 2)) {
      const page = await this.#ask({ ...query, max }, signal)
      if (page !== undefined) return page
    }
  }

  /** Pages from behind `after`, or from the beginning, to the newest. Throws as `query`. */
  forwards(
    query: ArchiveFilter & { readonly after?: string | undefined; readonly max: number },
    signal?: AbortSignal,
  ): AsyncGenerator<ArchivePage, void> {
    return this.#pages(query, page => page.last, signal)
  }

  /** Pages from before `before`, or from the newest where it is empty, to the beginning. Throws as `query`. */
  backwards(
    query: ArchiveFilter & { readonly before: string; readonly max: number },
    signal?: AbortSignal,
  ): AsyncGenerator<ArchivePage, void> {
    return this.#pages(query, page => page.first, signal)
  }

  async *#pages(
    query: ArchiveQuery,
    edgeOf: (page: ArchivePage) => string | undefined,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<ArchivePage, void> {
    const edges = new Set<string>()
    let place = query
    while (edges.size < MAX_PAGES) {
      const page = await this.query(place, signal)
      yield page
      const edge = edgeOf(page)
      // Also one that leads around in a larger circle.
      if (page.complete || !page.progressed || edge === undefined || edges.has(edge)) return
      edges.add(edge)
      place = query.before === undefined ? { ...query, after: edge } : { ...query, before: edge }
    }
  }

  /** Undefined for a page that was too much. */
  async #ask(query: ArchiveQuery, signal: AbortSignal | undefined): Promise<ArchivePage | undefined> {
    const queryId = randomUUID()
    const late = new AbortController()
    const giveUp = (): void => late.abort(new Failure('timed-out', say('archive.no-answer')))
    const silence = setTimeout(giveUp, SILENCE_TIMEOUT_MS)
    const timer = setTimeout(giveUp, PAGE_TIMEOUT_MS)
    const collected: Collected = {
      query,
      results: [],
      isTooMuch: false,
      isTooLong: false,
      characters: 0,
      heard: () => silence.refresh(),
    }
    this.#queries.set(queryId, collected)
    try {
      const answer = await this.#iq.request('set', undefined, writeArchiveQuery(queryId, query, query), {
        timeoutMs: Number.POSITIVE_INFINITY,
        signal: signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]),
      })
      return collected.isTooLong ? undefined : endPage(collected, answer)
    } finally {
      this.#queries.delete(queryId)
      clearTimeout(silence)
      clearTimeout(timer)
    }
  }
}

/** Whether a query was refused because the server does not know the id in it: it keeps messages only for so long. */
export function isUnknownId(error: unknown): boolean {
  return error instanceof IqError && error.error.condition === 'item-not-found'
}

/** Of a page that is longer than was asked for, the part that is next to where it begins. */
function collect(collected: Collected, archiveId: string, chat: ReadChat | undefined): void {
  const { query, results } = collected
  const isFull = results.length >= query.max
  collected.isTooMuch ||= isFull
  // Forwards the others come with the next page; what is too long is asked for again.
  if ((isFull && query.before === undefined) || collected.isTooLong) return
  if (isFull) collected.characters -= sizeOf(results.shift()?.chat)
  results.push({ archiveId, chat })
  collected.characters += sizeOf(chat)
  collected.isTooLong = collected.characters > MAX_PAGE_CHARACTERS
}

function endPage({ query, results, isTooMuch }: Collected, answer: Element): ArchivePage {
  const end = readArchiveEnd(answer)
  if (end === undefined) {
    throw new Failure('protocol-error', say('archive.not-understood'))
  }
  const bounds = isTooMuch ? undefined : end
  const first = bounds?.first ?? results.at(0)?.archiveId
  const last = bounds?.last ?? results.at(-1)?.archiveId
  const edge = query.before === undefined ? last : first
  return {
    entries: results.flatMap(({ archiveId, chat }) => (chat === undefined ? [] : { archiveId, chat })),
    first,
    last,
    // Behind one that is full there may be more, whatever the server says.
    complete: end.complete && results.length < query.max,
    count: end.count,
    progressed: edge !== undefined && edge !== (query.before ?? query.after),
  }
}

function sizeOf(chat: ReadChat | undefined): number {
  return Object.values(chat ?? {}).reduce<number>(
    (sum, value) => sum + (typeof value === 'string' ? value.length : 0),
    0,
  )
}
