import { randomBytes, randomUUID } from 'node:crypto'
import { basename } from 'node:path'
import { harmlessLine } from '../../shared/harmless-text.ts'
import { Failure } from '../../shared/model/failure.ts'
import type { FailureValue, SendAnswer, ShownTransfer } from '../../shared/model/shown-transfer.ts'
import type { Plumb } from '../plumb.ts'
import { openSource } from '../transfer/open-source.ts'
import type { Transfers } from './transfers.ts'

export interface SendingOptions {
  readonly transfers: Transfers
  readonly plumb: () => Plumb
  /** Throws `not-allowed` where files may not go to this person. */
  readonly requireAllowed: (person: string) => void
}

interface Checked {
  readonly path: string
  readonly name: string
  readonly size: number
}

interface Ticket {
  readonly person: string
  readonly files: readonly Checked[]
}

/** Files offered to one person at once; the others wait for their turn. */
const AT_ONCE = 4
/** Questions that the window has not answered; the oldest is dropped. */
const MAX_TICKETS = 10
const MAX_NAME_LENGTH = 255

/** Files on their way out: looked at first, then offered in their turn. */
export class Sending {
  readonly #options: SendingOptions
  readonly #tickets = new Map<string, Ticket>()
  readonly #ends = new Map<string, AbortController>()
  readonly #waiting = new Map<string, string[]>()
  readonly #busy = new Map<string, number>()

  constructor(options: SendingOptions) {
    this.#options = options
  }

  /** Looks at every file before any is offered; asks where one cannot be sent. */
  async offer(person: string, paths: readonly string[]): Promise<SendAnswer> {
    this.#options.plumb()
    this.#options.requireAllowed(person)
    if (paths.length === 0) return { kind: 'cancelled' }
    const files: Checked[] = []
    const refused: { name: string; failure: FailureValue }[] = []
    for (const path of paths) {
      try {
        files.push(await check(path))
      } catch (error) {
        const { code, message } = Failure.from(error)
        const name = harmlessLine(basename(path), MAX_NAME_LENGTH) || 'Unnamed'
        refused.push({ name, failure: { code, message } })
      }
    }
    if (refused.length === 0) return this.#begin(person, files)
    const ticket = randomUUID()
    this.#tickets.set(ticket, { person, files })
    if (this.#tickets.size > MAX_TICKETS) this.#tickets.delete([...this.#tickets.keys()][0] ?? '')
    return { kind: 'confirm', ticket, sendable: files.map(({ name, size }) => ({ name, size })), refused }
  }

  confirm(ticket: string): SendAnswer {
    const asked = this.#tickets.get(ticket)
    if (asked === undefined) throw new Failure('not-allowed', 'That took too long: drop the files once more.')
    this.#tickets.delete(ticket)
    return asked.files.length === 0 ? { kind: 'cancelled' } : this.#begin(asked.person, asked.files)
  }

  drop(ticket: string): void {
    this.#tickets.delete(ticket)
  }

  /** Sends a failed one again, from the file as it is now. */
  async retry(id: string): Promise<void> {
    const { shown, path } = this.#options.transfers.get(id)
    if (!shown.canRetry || path === null)
      throw new Failure('not-allowed', 'That cannot be sent again from here.')
    this.#options.plumb()
    this.#options.requireAllowed(shown.person)
    const file = await check(path)
    this.#enqueue(shown.person, fresh(id, shown.person, file), path)
  }

  /** False where this is none of ours, or no longer under way. */
  cancel(id: string): boolean {
    const end = this.#ends.get(id)
    end?.abort(new Failure('cancelled', 'You cancelled the transfer.'))
    return end !== undefined
  }

  /** Signed out: what waits for its turn will not get it. */
  cancelAll(reason: Failure): void {
    this.#tickets.clear()
    for (const end of this.#ends.values()) end.abort(reason)
  }

  #begin(person: string, files: readonly Checked[]): SendAnswer {
    const transfers = files.map(file => {
      const shown = fresh(randomBytes(6).toString('hex'), person, file)
      this.#enqueue(person, shown, file.path)
      return shown.id
    })
    return { kind: 'offered', transfers }
  }

  #enqueue(person: string, shown: ShownTransfer, path: string): void {
    this.#options.transfers.begin(shown, path)
    this.#ends.set(shown.id, new AbortController())
    this.#waiting.set(person, [...(this.#waiting.get(person) ?? []), shown.id])
    this.#next(person)
  }

  #next(person: string): void {
    const queue = this.#waiting.get(person) ?? []
    while ((this.#busy.get(person) ?? 0) < AT_ONCE) {
      const id = queue.shift()
      if (id === undefined) break
      this.#busy.set(person, (this.#busy.get(person) ?? 0) + 1)
      void this.#run(id, person).finally(() => {
        this.#ends.delete(id)
        this.#busy.set(person, (this.#busy.get(person) ?? 1) - 1)
        this.#next(person)
      })
    }
    if (queue.length === 0) this.#waiting.delete(person)
  }

  async #run(id: string, person: string): Promise<void> {
    const { transfers } = this.#options
    const signal = this.#ends.get(id)?.signal ?? AbortSignal.abort()
    try {
      signal.throwIfAborted()
      const { path } = transfers.get(id)
      const plumb = this.#options.plumb()
      const recipient = await plumb.findRecipient(person, 0, signal)
      const source = await openSource(path ?? '')
      // It tells its own end by an event.
      await plumb.send(source, recipient, signal, id)
    } catch (error) {
      if (!transfers.has(id)) return
      const { code, message } = Failure.from(signal.aborted ? signal.reason : error)
      transfers.apply({ event: 'failed', transfer: id, code, message })
    }
  }
}

/** Opens it once, so that whether it can be read is known and not guessed. */
async function check(path: string): Promise<Checked> {
  if (path === '') {
    throw new Failure('file-unreadable', 'This is no file on this computer: save it first, then send it.')
  }
  const source = await openSource(path)
  await source.close()
  return {
    path: source.path,
    name: harmlessLine(source.name, MAX_NAME_LENGTH) || 'Unnamed',
    size: source.size,
  }
}

function fresh(id: string, person: string, { name, size }: Checked): ShownTransfer {
  return {
    id,
    person,
    direction: 'out',
    name,
    size,
    at: Date.now(),
    state: { kind: 'preparing' },
    receipt: null,
    canRetry: false,
    hasFile: true,
  }
}
