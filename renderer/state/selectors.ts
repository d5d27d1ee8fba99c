import { fold } from '../../shared/fold.ts'
import type { Message } from '../../shared/model/message.ts'
import type { Person } from '../../shared/model/person.ts'
import { type PersonId, splitPersonId } from '../../shared/model/person-id.ts'
import type { Self } from '../../shared/model/self.ts'
import type { Offer, ShownTransfer } from '../../shared/model/shown-transfer.ts'
import { language } from '../../shared/words/language.ts'
import { say } from '../words/say.ts'
import { dayName, isSameDay } from '../words/time.ts'
import { groupOf } from '../words/transfer.ts'
import type { Conversation, Found, State, Target } from './state.ts'

/** The order of names in one language. Which, is known only when it is asked for. */
let names = { locale: '', collator: new Intl.Collator() }

function byName(one: string, other: string): number {
  const { locale } = language()
  if (names.locale !== locale) {
    names = { locale, collator: new Intl.Collator(locale, { sensitivity: 'base', numeric: true }) }
  }
  return names.collator.compare(one, other)
}

/** Who is listed: conversations first, the newest first, then who can be reached, then by name. */
export function peopleInOrder(people: Iterable<Person>, search: string, group?: string): readonly Person[] {
  const wanted = fold(search.trim())
  const listed = [...people].filter(
    ({ name, address, groups }) =>
      (group === undefined || groups.includes(group)) &&
      (wanted === '' || fold(name).includes(wanted) || fold(address).includes(wanted)),
  )
  return listed.sort(
    (a, b) =>
      (b.last?.at ?? 0) - (a.last?.at ?? 0) ||
      Number(a.availability === 'offline') - Number(b.availability === 'offline') ||
      byName(a.name, b.name),
  )
}

/** How much has to be typed before everything is looked through. */
const MIN_SEARCH_LENGTH = 2

/** Whether a search goes beyond names. */
export function looksEverywhere(search: string): boolean {
  return search.trim().length >= MIN_SEARCH_LENGTH
}

type Heading = 'people' | 'messages' | 'files'

/** One entry of the list of people, which shows what was found, too. */
export type ListEntry =
  | { readonly kind: 'heading'; readonly key: string; readonly name: string }
  | { readonly kind: 'person'; readonly key: string; readonly person: Person }
  | { readonly kind: 'message'; readonly key: string; readonly message: Message }
  | { readonly kind: 'file'; readonly key: string; readonly transfer: ShownTransfer }

/** People, and below them what was said and sent. Headings only where there is more than people. */
export function listEntries(people: readonly Person[], found: Found | undefined): readonly ListEntry[] {
  const { messages, transfers } = found?.result ?? { messages: [], transfers: [] }
  const heading = (of: Heading, entries: readonly ListEntry[]): readonly ListEntry[] =>
    entries.length === 0
      ? []
      : [{ kind: 'heading', key: `heading ${of}`, name: say(`found-heading.${of}`) }, ...entries]
  const known = people.map(person => ({ kind: 'person', key: person.id, person }) as const)
  if (messages.length + transfers.length === 0) return known
  return [
    ...heading('people', known),
    ...heading(
      'messages',
      messages.map(message => ({ kind: 'message', key: `message ${message.id}`, message })),
    ),
    ...heading(
      'files',
      transfers.map(transfer => ({ kind: 'file', key: `file ${transfer.id}`, transfer })),
    ),
  ]
}

/** Where in its conversation a message or a file stands. */
export function targetOf(entry: ListEntry & { readonly kind: 'message' | 'file' }): Target {
  return entry.kind === 'message'
    ? { key: entry.message.id, where: { kind: 'around', id: entry.message.id } }
    : { key: `file ${entry.transfer.id}`, where: { kind: 'at', at: entry.transfer.at } }
}

/** The message that may be corrected: the last that was sent, where the end of the conversation is known. */
export function correctable(conversation: Conversation | undefined): Message | undefined {
  if (conversation === undefined || conversation.newer) return undefined
  const last = conversation.messages.findLast(({ direction }) => direction === 'out')
  return last?.state === 'sending' || last?.state === 'failed' ? undefined : last
}

/** All groups that somebody is in, by name. */
export function groupsOf(people: Iterable<Person>): readonly string[] {
  return [...new Set([...people].flatMap(({ groups }) => groups))].sort(byName)
}

/** One entry of a conversation as it is drawn. */
export type FlowItem =
  | { readonly kind: 'day'; readonly key: string; readonly name: string }
  /** From here on it was unread. */
  | { readonly kind: 'new'; readonly key: string }
  | {
      readonly kind: 'message'
      readonly key: string
      readonly message: Message
      /** Whether it follows one of the same side within minutes. */
      readonly joined: boolean
      /** Whether its time is said below it: the last of such a group. */
      readonly timed: boolean
    }
  | {
      readonly kind: 'file'
      readonly key: string
      readonly transfer: string
      readonly direction: 'in' | 'out'
      readonly at: number
    }

/** What a flow has to know of a file. */
export type FlowFile = Pick<ShownTransfer, 'id' | 'direction' | 'at'>

const JOINED_MS = 5 * 60_000

interface FlowEdges {
  readonly older: boolean
  readonly newer: boolean
  /** The message before which it says that what follows is new. */
  readonly firstUnread?: string | undefined
}

interface Entry {
  readonly at: number
  readonly message: Message | undefined
  readonly file: FlowFile | undefined
}

type MessageItem = FlowItem & { readonly kind: 'message' }

/** The item that a message was drawn as: the same again while it looks the same, so that it is not drawn anew. */
const drawn = new WeakMap<Message, MessageItem>()

/**
 * Messages of one conversation in their order, with the files between them by time, and the days. Where there are older or
 * newer messages that were not read yet, the files among those wait, too.
 */
export function flowOf(
  messages: readonly Message[],
  files: readonly FlowFile[],
  { older, newer, firstUnread }: FlowEdges,
  now: number,
): readonly FlowItem[] {
  const from = older ? (messages[0]?.at ?? Number.POSITIVE_INFINITY) : Number.NEGATIVE_INFINITY
  const to = newer ? (messages.at(-1)?.at ?? Number.NEGATIVE_INFINITY) : Number.POSITIVE_INFINITY
  const waiting = files.filter(({ at }) => at >= from && at <= to).toSorted((a, b) => a.at - b.at)
  const entries: Entry[] = []
  for (const message of messages) {
    while (waiting[0] !== undefined && waiting[0].at < message.at) {
      const [file] = waiting.splice(0, 1)
      if (file !== undefined) entries.push({ at: file.at, message: undefined, file })
    }
    entries.push({ at: message.at, message, file: undefined })
  }
  entries.push(...waiting.map(file => ({ at: file.at, message: undefined, file })))
  const items: FlowItem[] = []
  entries.forEach((entry, index) => {
    const before = entries[index - 1]
    const after = entries[index + 1]
    if (before === undefined || !isSameDay(before.at, entry.at)) {
      items.push({ kind: 'day', key: `day ${entry.at}`, name: dayName(entry.at, now) })
    }
    if (entry.file !== undefined) {
      const { id, direction, at } = entry.file
      items.push({ kind: 'file', key: `file ${id}`, transfer: id, direction, at })
    } else if (entry.message !== undefined) {
      const { message } = entry
      const isFirstUnread = message.id === firstUnread
      if (isFirstUnread) items.push({ kind: 'new', key: 'new' })
      const joined = !isFirstUnread && belongTogether(before?.message, message)
      const timed =
        !belongTogether(message, after?.message) ||
        after?.message?.id === firstUnread ||
        message.state === 'failed' ||
        message.edited
      const last = drawn.get(message)
      const item: MessageItem =
        last?.joined === joined && last.timed === timed
          ? last
          : { kind: 'message', key: message.id, message, joined, timed }
      drawn.set(message, item)
      items.push(item)
    }
  })
  return items
}

function belongTogether(earlier: Message | undefined, later: Message | undefined): boolean {
  if (earlier === undefined || later === undefined) return false
  return (
    earlier.direction === later.direction &&
    later.at - earlier.at < JOINED_MS &&
    isSameDay(earlier.at, later.at)
  )
}

export interface TransferGroups {
  readonly now: readonly ShownTransfer[]
  readonly waiting: readonly ShownTransfer[]
  readonly finished: readonly ShownTransfer[]
}

/** The panel's groups: what runs in its order, what is over with the newest first. */
export function transferGroups(transfers: Iterable<ShownTransfer>): TransferGroups {
  const all = [...transfers].filter(({ listed }) => listed)
  const of = (group: 'now' | 'waiting' | 'finished'): ShownTransfer[] =>
    all.filter(transfer => groupOf(transfer) === group).sort((a, b) => a.at - b.at)
  return { now: of('now'), waiting: of('waiting'), finished: of('finished').reverse() }
}

/** How many files wait until somebody is online, by who that is; a folder counts with all that is in it. */
export function waitingFiles(transfers: ReadonlyMap<string, ShownTransfer>): ReadonlyMap<PersonId, number> {
  const known = counts.get(transfers)
  if (known !== undefined) return known
  const found = new Map<PersonId, number>()
  for (const { state, person, files } of transfers.values()) {
    if (state.kind === 'waiting') found.set(person, (found.get(person) ?? 0) + (files || 1))
  }
  counts.set(transfers, found)
  return found
}

/** Every row of the list of people asks: once counted is enough until something is another. */
const counts = new WeakMap<ReadonlyMap<string, ShownTransfer>, ReadonlyMap<PersonId, number>>()

/** Whether somebody is known to be offline: we see them, and no device of theirs is there. */
export function isSeenOffline(person: Person | undefined): boolean {
  const isSeen = person?.subscription === 'both' || person?.subscription === 'to'
  return isSeen && person.availability === 'offline'
}

/** The offer that the prompt shows, and how many there are in its queue. */
export function promptOf({ known, reviewing }: Pick<State, 'known' | 'reviewing'>): {
  readonly offer: Offer | undefined
  readonly count: number
} {
  const offers = known?.offers ?? []
  const reviewed = offers.find(({ transfer }) => transfer === reviewing)
  if (reviewed !== undefined) return { offer: reviewed, count: 1 }
  const ofContacts = offers.filter(({ fromContact }) => fromContact)
  return { offer: ofContacts[0], count: ofContacts.length }
}

/**
 * Whether the picture that a file is stands in the conversation. What comes from somebody who is no contact is not even
 * decoded before it is asked for.
 */
export function pictureRule(
  { known, askedPictures }: Pick<State, 'known' | 'askedPictures'>,
  { id, person, direction, state, hasFile, picture }: ShownTransfer,
): 'show' | 'ask' | 'hide' {
  const isWanted = known?.settings.showPictures === true
  if (!isWanted || picture === null || !hasFile || state.kind !== 'done') return 'hide'
  const isTrusted = direction === 'out' || isOwn(person) || known.people.get(person)?.inContacts === true
  return isTrusted || askedPictures.has(id) ? 'show' : 'ask'
}

/** What somebody is called, also where they are no longer in the list. */
export function nameOf({ known }: Pick<State, 'known'>, person: PersonId): string {
  return known?.people.get(person)?.name ?? splitPersonId(person).address
}

/** One of our accounts as others see it; undefined while it is signed out. */
export function selfOf({ known }: Pick<State, 'known'>, account: string): Self | undefined {
  return known?.selves.find(each => each.account === account)
}

/** What one of our accounts is called here: as it calls itself, or else without its server. */
export function ownName(account: string, nick = ''): string {
  return nick || (account.split('@')[0] ?? account)
}

/** How others see it: who is idle is away. */
export function shownOf({ status: { show }, idle }: Self): Self['status']['show'] {
  return idle && show === 'online' ? 'away' : show
}

/** Whether this is the own account itself: files go to its other devices, too. */
export function isOwn(person: PersonId): boolean {
  const { account, address } = splitPersonId(person)
  return account === address
}

/** Offers of people who are no contacts. */
export function strangersOffers(offers: readonly Offer[]): readonly Offer[] {
  return offers.filter(({ fromContact }) => !fromContact)
}
