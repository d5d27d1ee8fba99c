import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { History } from '../../main/store/history/history.ts'
import type { ArchiveEntry, KeptContact } from '../../main/store/history/shapes.ts'

/* How long what a person waits for takes in a history, beside the same in an empty one, in the same run. All in ms. */

const ME = 'me@a.org'
const PAGE = 250
const ROUNDS = 7

export interface HistoryTimes {
  /** From the start of the thread to the list of people. */
  readonly open: number
  /** The newest hundred messages of a conversation. */
  readonly page: number
  /** A word that all messages have, and one that none has, which looks at all. */
  readonly searchCommon: number
  readonly searchMissing: number
  /** 5,000 entries of the archive, and the longest that the event loop of this process was held up meanwhile. */
  readonly catchUp: number
  readonly longestHoldUp: number
}

export async function measureHistory(
  people: number,
  messages: number,
): Promise<{ readonly empty: HistoryTimes; readonly full: HistoryTimes }> {
  const folder = await mkdtemp(join(tmpdir(), 'plumb-bench-history-'))
  try {
    const [emptyFolder, fullFolder] = await Promise.all([
      mkdtemp(join(folder, 'empty-')),
      mkdtemp(join(folder, 'full-')),
    ])
    await fillHistory(fullFolder, ME, people, messages)
    // In turns, so that neither has the warmer caches.
    const opened = { empty: [] as number[], full: [] as number[] }
    for (let round = 0; round < ROUNDS; round++) {
      opened.empty.push(await timeToOpen(emptyFolder))
      opened.full.push(await timeToOpen(fullFolder))
    }
    return {
      empty: { open: median(opened.empty), ...(await measure(emptyFolder, people, messages)) },
      full: { open: median(opened.full), ...(await measure(fullFolder, people, messages)) },
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function openHistory(folder: string): History {
  return new History({
    folder,
    damaged: sentence => {
      throw new Error(sentence)
    },
  })
}

/** What an account has that knows these people, and whose newest message is the entry `a` and its number. */
export async function fillHistory(
  folder: string,
  account: string,
  people: number,
  messages: number,
): Promise<void> {
  const history = openHistory(folder)
  await history.calls.saveContacts(account, contactsOf(people), 'v1')
  await feed(history, account, 0, messages, people)
  await history.close()
}

async function timeToOpen(folder: string): Promise<number> {
  const history = openHistory(folder)
  const took = await timed(() => history.calls.openAccount(ME))
  await history.close()
  return took
}

async function measure(
  folder: string,
  people: number,
  messages: number,
): Promise<Omit<HistoryTimes, 'open'>> {
  const history = openHistory(folder)
  await history.calls.openAccount(ME)
  const often = async (work: (round: number) => Promise<unknown>): Promise<number> => {
    const times: number[] = []
    for (let round = 0; round < ROUNDS; round++) times.push(await timed(() => work(round)))
    return median(times)
  }
  const page = await often(round => history.calls.page(ME, addressOf(round * 13), { kind: 'newest' }, 100))
  const searchCommon = await often(() => history.calls.search([ME], 'message lorem', 100))
  const searchMissing = await often(() => history.calls.search([ME], 'nowhere', 100))
  const watch = watchLoop()
  const catchUp = await timed(() => feed(history, ME, messages, messages + 5_000, people))
  const longestHoldUp = watch()
  await history.close()
  return { page, searchCommon, searchMissing, catchUp, longestHoldUp }
}

/** Page by page, as a synchronisation asks for them. */
async function feed(
  history: History,
  account: string,
  from: number,
  to: number,
  people: number,
): Promise<void> {
  for (let start = from; start < to; start += PAGE) {
    const entries = Array.from({ length: PAGE }, (_, index) => entryOf(start + index, people))
    const [first, last] = [`a${start}`, `a${start + PAGE - 1}`]
    const page = { direction: 'forwards' as const, with: null, entries, first, last, complete: false }
    await history.calls.noteArchive(account, page)
  }
}

function entryOf(number: number, people: number): ArchiveEntry {
  return {
    archiveId: `a${number}`,
    address: addressOf(number % people),
    direction: number % 3 === 0 ? 'out' : 'in',
    at: Date.UTC(2024, 0) + number * 60_000,
    text: `Message ${number}: ${LOREM.slice((number * 7) % 100, ((number * 7) % 100) + 80)} lorem`,
    stanzaId: `s${number}`,
    originId: `s${number}`,
  }
}

const LOREM =
  'Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore magna aliqua. Ut enim ad minim veniam, quis nostrud.'

function addressOf(number: number): string {
  return `person${number}@b.org`
}

function contactsOf(count: number): readonly KeptContact[] {
  return Array.from({ length: count }, (_, index) => ({
    address: addressOf(index),
    name: `Person ${index}`,
    subscription: 'both',
    asked: false,
    groups: ['Friends'],
  }))
}

/** The longest that this event loop was held up from now until the answer is called. */
export function watchLoop(): () => number {
  let [last, longest] = [performance.now(), 0]
  const timer = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }, 1)
  return () => {
    clearInterval(timer)
    return longest
  }
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN
}
