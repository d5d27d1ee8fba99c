import { randomUUID } from 'node:crypto'
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { splitPersonId } from '../../../shared/model/person-id.ts'
import type { ShownTransfer } from '../../../shared/model/shown-transfer.ts'
import { writeFailure } from '../../transfer/disk-failure.ts'
import { type Connection, numberOf, textOf } from './connection.ts'
import type { Conversation, Conversations } from './conversations.ts'
import type { KnownPeople } from './known-people.ts'
import type { Messages } from './messages.ts'
import type { KeptContact, Message } from './shapes.ts'
import type { StoredTransfers } from './stored-transfers.ts'

/** Of the shape of the JSON, as `Export` describes it. */
const VERSION = 1
/** Messages that are in memory at once. */
const PAGE = 500

type Write = (text: string) => void

/**
 * Writes what was said into a file that the person chose: `text`, to be read, or `json`:
 *
 *     { "program": "Plumb", "what": "history", "version": 1, "account": "me@a.org", "exportedAt": TIME,
 *       "contacts": [{ "address", "name", "subscription", "groups" }],
 *       "conversations": [{ "address",
 *         "messages": [{ "direction", "at": TIME, "text", "state", "edited" }],
 *         "files": [{ "direction", "at": TIME, "name", "size", "state" }] }] }
 *
 * TIME is ISO 8601 in UTC; `direction` is "in" or "out". Messages are in their order, oldest first. Paths of files are
 * this computer's business and are not in it.
 */
export class Export {
  readonly #connection: Connection
  readonly #conversations: Conversations
  readonly #messages: Messages
  readonly #transfers: StoredTransfers
  readonly #people: KnownPeople

  constructor(
    connection: Connection,
    conversations: Conversations,
    messages: Messages,
    transfers: StoredTransfers,
    people: KnownPeople,
  ) {
    this.#connection = connection
    this.#conversations = conversations
    this.#messages = messages
    this.#transfers = transfers
    this.#people = people
  }

  /** Replaces what is at `path`, which is absolute. Throws as `writeFailure` says. */
  person(account: string, address: string, path: string, format: 'text' | 'json', now: number): void {
    const conversation = this.#conversations.find(account, address)
    writeWhole(path, write => {
      if (format === 'json') {
        const contacts = this.#people.contacts(account).contacts.filter(each => each.address === address)
        this.#json(account, contacts, conversation === undefined ? [] : [conversation], now, write)
      } else if (conversation !== undefined) this.#text(conversation, write)
    })
  }

  account(account: string, path: string, now: number): void {
    const owner = this.#conversations.findAccount(account)
    const rows =
      owner === undefined
        ? []
        : this.#connection.all('SELECT address FROM conversation WHERE account = ? ORDER BY address', owner)
    const all = rows.flatMap(row => this.#conversations.find(account, textOf(row, 'address')) ?? [])
    const { contacts } = this.#people.contacts(account)
    writeWhole(path, write => this.#json(account, contacts, all, now, write))
  }

  #json(
    account: string,
    contacts: readonly KeptContact[],
    conversations: readonly Conversation[],
    now: number,
    write: Write,
  ): void {
    const exportedAt = new Date(now).toISOString()
    const head = JSON.stringify({ program: 'Plumb', what: 'history', version: VERSION, account, exportedAt })
    write(`${head.slice(0, -1)},"contacts":[`)
    list(
      contacts.map(({ address, name, subscription, groups }) => ({
        address,
        name: name ?? null,
        subscription,
        groups,
      })),
      write,
    )
    write('],"conversations":[')
    conversations.forEach((conversation, index) => {
      write(`${index === 0 ? '' : ','}\n{"address":${JSON.stringify(conversation.address)},"messages":[`)
      list(this.#said(conversation), write)
      write('],"files":[')
      list(this.#files(conversation), write)
      write(']}')
    })
    write(']}\n')
  }

  *#said(conversation: Conversation): Generator<object> {
    for (const { direction, at, text, state, edited } of this.#allMessages(conversation)) {
      yield { direction, at: new Date(at).toISOString(), text, state, edited }
    }
  }

  *#files(conversation: Conversation): Generator<object> {
    for (const { direction, at, name, size, state } of this.#allTransfers(conversation)) {
      yield { direction, at: new Date(at).toISOString(), name, size, state: state.kind }
    }
  }

  /** Messages and files by their times, each with a line that says when and who. */
  #text(conversation: Conversation, write: Write): void {
    const { account, address } = splitPersonId(conversation.person)
    const files = this.#allTransfers(conversation)
    let file = files.next()
    const fileLine = ({ direction, at, name }: ShownTransfer): void =>
      write(`${localTime(at)}  ${direction === 'out' ? account : address}  [${name}]\n`)
    for (const message of this.#allMessages(conversation)) {
      for (; !file.done && file.value.at < message.at; file = files.next()) fileLine(file.value)
      const who = message.direction === 'out' ? account : address
      write(`${localTime(message.at)}  ${who}  ${message.text.replaceAll('\n', '\n    ')}\n`)
    }
    for (; !file.done; file = files.next()) fileLine(file.value)
  }

  *#allMessages({ id, person }: Conversation): Generator<Message> {
    let position = Number.MIN_SAFE_INTEGER
    for (;;) {
      const rest = 'conversation = ? AND position > ? ORDER BY position LIMIT ?'
      const page = this.#messages.list(person, rest, id, position, PAGE)
      yield* page
      const last = page.at(-1)
      if (last === undefined) return
      const row = this.#connection.get('SELECT position FROM message WHERE uuid = ?', last.id)
      position = row === undefined ? Number.MAX_SAFE_INTEGER : numberOf(row, 'position')
    }
  }

  *#allTransfers({ id }: Conversation): Generator<ShownTransfer> {
    const rows = this.#connection.all('SELECT id FROM transfer WHERE conversation = ? ORDER BY at, rowid', id)
    for (const row of rows) {
      const kept = this.#transfers.get(textOf(row, 'id'))
      if (kept !== null) yield kept.shown
    }
  }
}

function list(values: Iterable<object>, write: Write): void {
  let isFirst = true
  for (const value of values) {
    write(`${isFirst ? '' : ','}\n${JSON.stringify(value)}`)
    isFirst = false
  }
}

/** As the clock of this computer shows it: 2026-06-15 14:32. */
function localTime(at: number): string {
  const time = new Date(at)
  const two = (number: number): string => String(number).padStart(2, '0')
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}`
}

/** How much is put together before it is written. */
const CHUNK_CHARACTERS = 256 * 1024

/** The file has its name only once all of it is on the disk. */
function writeWhole(path: string, fill: (write: Write) => void): void {
  const draft = join(dirname(path), `.${basename(path).slice(0, 100)}.${randomUUID().slice(0, 8)}.part`)
  const onDisk = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw writeFailure(error, path)
    }
  }
  const file = onDisk(() => openSync(draft, 'wx', 0o600))
  let isOpen = true
  try {
    let chunk = ''
    const flush = (): void => {
      onDisk(() => writeFileSync(file, chunk))
      chunk = ''
    }
    fill(text => {
      chunk += text
      if (chunk.length >= CHUNK_CHARACTERS) flush()
    })
    flush()
    onDisk(() => {
      fsyncSync(file)
      isOpen = false
      closeSync(file)
      renameSync(draft, path)
    })
  } catch (error) {
    if (isOpen) closeSync(file)
    rmSync(draft, { force: true })
    throw error
  }
}
