import { randomBytes, randomUUID } from 'node:crypto'
import { basename } from 'node:path'
import { harmlessLine } from '../../shared/harmless-text.ts'
import { Failure } from '../../shared/model/failure.ts'
import { MAX_FILES_AT_ONCE } from '../../shared/model/limits.ts'
import { type PersonId, personId, splitPersonId } from '../../shared/model/person-id.ts'
import type { FailureValue, SendAnswer, Sendable, ShownTransfer } from '../../shared/model/shown-transfer.ts'
import { say } from '../../shared/words/say.ts'
import type { Plumb, Recipient } from '../plumb.ts'
import { openContent } from '../transfer/content.ts'
import type { OutgoingEntry } from '../transfer/journal.ts'
import { shownFailure } from './shown-failure.ts'
import type { Transfers } from './transfers.ts'

export interface SendingOptions {
  readonly transfers: Transfers
  readonly plumb: () => Pick<
    Plumb,
    'findRecipient' | 'send' | 'sendAgain' | 'devicesOf' | 'understandsFolders'
  >
  /** Our own bare JID. */
  readonly account: string
  /** Whether it will be seen when this person comes online, so that files can wait for it. */
  readonly mayWait: (person: string) => boolean
  /** Throws `not-allowed` where files may not go to this person. */
  readonly requireAllowed: (person: string) => void
}

interface Checked {
  readonly path: string
  readonly sendable: Sendable
}

interface Ticket {
  readonly person: string
  readonly files: readonly Checked[]
}

/** A file that waits for its turn, or is on its way. */
interface Job {
  readonly id: string
  readonly person: string
  readonly end: AbortController
  /** Ends it in this session only. */
  readonly suspended: AbortController
  /** What an earlier run had begun. */
  entry: OutgoingEntry | undefined
}

/** What goes to one person. */
interface Queue {
  readonly waiting: Job[]
  /** Offered or moving; paused ones keep no place from the others. */
  readonly running: Set<Job>
  /** Whether one is about to be offered. */
  starting: boolean
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
  readonly #jobs = new Map<string, Job>()
  readonly #queues = new Map<string, Queue>()

  constructor(options: SendingOptions) {
    this.#options = options
  }

  /** Looks at every file and folder before any is offered; asks where one cannot be sent as it is. */
  async offer(person: string, paths: readonly string[]): Promise<SendAnswer> {
    this.#options.plumb()
    this.#options.requireAllowed(person)
    if (paths.length === 0) return { kind: 'cancelled' }
    if (paths.length > MAX_FILES_AT_ONCE) {
      throw new Failure('not-allowed', say('sending.too-many', { most: MAX_FILES_AT_ONCE }))
    }
    const files: Checked[] = []
    const refused: { name: string; failure: FailureValue }[] = []
    for (const path of paths) {
      try {
        files.push(await this.#check(person, path))
      } catch (error) {
        const name = harmlessLine(basename(path), MAX_NAME_LENGTH) || say('file.unnamed')
        refused.push({ name, failure: shownFailure(error) })
      }
    }
    if (refused.length === 0 && !files.some(isChanged)) return this.#begin(person, files)
    const ticket = randomUUID()
    this.#tickets.set(ticket, { person, files })
    if (this.#tickets.size > MAX_TICKETS) this.#tickets.delete([...this.#tickets.keys()][0] ?? '')
    const sendable = files.map(file => file.sendable)
    return { kind: 'confirm', ticket, sendable, refused }
  }

  /** Whether this question waits for its answer. */
  asks(ticket: string): boolean {
    return this.#tickets.has(ticket)
  }

  confirm(ticket: string): SendAnswer {
    const asked = this.#tickets.get(ticket)
    if (asked === undefined) throw tookTooLong()
    this.#tickets.delete(ticket)
    return asked.files.length === 0 ? { kind: 'cancelled' } : this.#begin(asked.person, asked.files)
  }

  drop(ticket: string): void {
    this.#tickets.delete(ticket)
  }

  /** Sends a failed one again, from the file as it is now. */
  async retry(id: string): Promise<void> {
    const person = this.#personOf(this.#options.transfers.get(id).shown)
    const path = this.#pathToRetry(id)
    this.#options.plumb()
    this.#options.requireAllowed(person)
    const file = await this.#check(person, path)
    // Meanwhile somebody may have asked for the same.
    this.#enqueue(this.#fresh(id, person, file.sendable), this.#pathToRetry(id))
  }

  /** Signed in: goes on with what an earlier run left. */
  goOn(unsent: readonly OutgoingEntry[]): void {
    for (const { shown, path } of this.#options.transfers.left(this.#options.account)) {
      if (this.#jobs.has(shown.id) || path === null) continue
      const entry = unsent.find(({ id }) => id === shown.id)
      if (entry?.paused !== undefined) {
        this.#options.transfers.apply({ event: 'paused', transfer: shown.id, by: entry.paused })
      }
      this.#queue({
        id: shown.id,
        person: this.#personOf(shown),
        end: new AbortController(),
        suspended: new AbortController(),
        entry,
      })
    }
  }

  /** Whether this run sends it, or will. */
  has(id: string): boolean {
    return this.#jobs.has(id)
  }

  /** False where this is none of ours, or no longer under way. */
  cancel(id: string): boolean {
    const job = this.#jobs.get(id)
    if (job !== undefined) this.#stop(job, new Failure('cancelled', say('transfer.you-cancelled')))
    return job !== undefined
  }

  /** Somebody asks for it now. False where it does not wait here. */
  resume(id: string): boolean {
    const job = this.#jobs.get(id)
    if (job === undefined) return false
    if (job.entry?.paused !== undefined) {
      job.entry = { ...job.entry, paused: undefined }
      const { code, message } = new Failure('peer-offline', say('transfer.not-online'))
      this.#options.transfers.apply({ event: 'interrupted', transfer: id, code, message })
    }
    return true
  }

  /** It was paused, by whomever: the next one may go. */
  paused(id: string): void {
    const job = this.#jobs.get(id)
    if (job === undefined) return
    const queue = this.#queues.get(job.person)
    if (queue !== undefined) void this.#next(job.person, queue)
  }

  /** Signed out: what waits for its turn waits for the next time. What is under way, the core ends. */
  suspendAll(): void {
    this.#tickets.clear()
    for (const queue of this.#queues.values()) queue.waiting.length = 0
    for (const { id, suspended } of this.#jobs.values()) {
      suspended.abort(signedOut())
      this.#tellWaiting(id)
    }
    // Whether one is over is up to the core from here on; what it still closes nobody has to wait for.
    this.#jobs.clear()
  }

  #pathToRetry(id: string): string {
    const { shown, path } = this.#options.transfers.get(id)
    if (shown.canRetry && path !== null) return path
    throw new Failure('not-allowed', say('transfer.not-again'))
  }

  #begin(person: string, files: readonly Checked[]): SendAnswer {
    const transfers = files.map(file => {
      const shown = this.#fresh(randomBytes(6).toString('hex'), person, file.sendable)
      this.#enqueue(shown, file.path)
      return shown.id
    })
    return { kind: 'offered', transfers }
  }

  #enqueue(shown: ShownTransfer, path: string): void {
    this.#options.transfers.begin(shown, path)
    this.#queue({
      id: shown.id,
      person: this.#personOf(shown),
      end: new AbortController(),
      suspended: new AbortController(),
      entry: undefined,
    })
  }

  #queue(job: Job): void {
    const { person } = job
    const queue = this.#queues.get(person) ?? { waiting: [], running: new Set(), starting: false }
    this.#jobs.set(job.id, job)
    this.#queues.set(person, queue)
    queue.waiting.push(job)
    if (this.#mustWait(person)) this.#tellWaiting(job.id)
    void this.#next(person, queue)
  }

  #mustWait(person: string): boolean {
    return this.#options.mayWait(person) && this.#options.plumb().devicesOf(person).length === 0
  }

  #tellWaiting(transfer: string): void {
    const { kind } = this.#options.transfers.get(transfer).shown.state
    // What had begun stays as it is shown: interrupted, or paused.
    if (kind === 'preparing') this.#options.transfers.apply({ event: 'waiting', transfer })
  }

  #stop(job: Job, reason: Failure): void {
    job.end.abort(reason)
    const waiting = this.#queues.get(job.person)?.waiting ?? []
    const place = waiting.indexOf(job)
    if (place < 0) return
    // It has not begun: nobody else will tell its end.
    waiting.splice(place, 1)
    this.#jobs.delete(job.id)
    this.#failed(job.id, reason)
  }

  /** One after the other up to its offer, so that they are asked about in the order in which they were given. */
  async #next(person: string, queue: Queue): Promise<void> {
    if (queue.starting) return
    queue.starting = true
    while (this.#busy(queue) < AT_ONCE) {
      const job = queue.waiting.shift()
      if (job === undefined) break
      await this.#start(queue, job)
    }
    queue.starting = false
    if (queue.running.size === 0 && queue.waiting.length === 0) this.#queues.delete(person)
  }

  #busy({ running }: Queue): number {
    const { transfers } = this.#options
    const isBusy = (id: string): boolean =>
      transfers.has(id) && transfers.get(id).shown.state.kind !== 'paused'
    return [...running].filter(({ id }) => isBusy(id)).length
  }

  /** Resolves once it is offered, or over. */
  #start(queue: Queue, job: Job): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    queue.running.add(job)
    void this.#run(job, resolve).finally(() => {
      queue.running.delete(job)
      // Sent again meanwhile, it is another job's by now.
      if (this.#jobs.get(job.id) === job) this.#jobs.delete(job.id)
      resolve()
      void this.#next(job.person, queue)
    })
    return promise
  }

  async #run(job: Job, offered: () => void): Promise<void> {
    const { id, person, end, suspended } = job
    const { transfers } = this.#options
    const { signal } = end
    const before = AbortSignal.any([signal, suspended.signal])
    try {
      before.throwIfAborted()
      const { path } = transfers.get(id)
      const plumb = this.#options.plumb()
      const recipient = await this.#findRecipient(id, person, before)
      const content = await openContent(path ?? '', before)
      if (before.aborted) {
        await content.close()
        before.throwIfAborted()
      }
      const { entry } = job
      const options = { signal, transfer: id, patienceMs: Number.POSITIVE_INFINITY }
      // It tells its own end by an event.
      const sending =
        entry === undefined
          ? plumb.send(content, recipient, options)
          : plumb.sendAgain(entry, content, recipient, options)
      offered()
      await sending
    } catch (error) {
      // What was suspended is not over.
      if (signal.aborted || !suspended.signal.aborted)
        this.#failed(id, shownFailure(signal.aborted ? signal.reason : error))
    }
  }

  /** Nobody is there: the file waits here, and nowhere else, until somebody is. */
  async #findRecipient(id: string, person: string, signal: AbortSignal): Promise<Recipient> {
    const plumb = this.#options.plumb()
    try {
      return await plumb.findRecipient(person, 0, signal)
    } catch (error) {
      signal.throwIfAborted()
      if (Failure.from(error).code !== 'peer-offline' || !this.#options.mayWait(person)) throw error
      this.#tellWaiting(id)
      return await plumb.findRecipient(person, Number.POSITIVE_INFINITY, signal)
    }
  }

  /** Opens it once, so that whether it can be read is known and not guessed. */
  async #check(person: string, path: string): Promise<Checked> {
    if (path === '') {
      throw new Failure('file-unreadable', say('sending.no-file'))
    }
    const content = await openContent(path, new AbortController().signal)
    await content.close()
    const isFolder = content.files !== undefined
    const understood = !isFolder || (await this.#options.plumb().understandsFolders(person))
    const name = harmlessLine(content.name, MAX_NAME_LENGTH) || say('file.unnamed')
    const { size, files = null, leftOut } = content
    return { path: content.path, sendable: { name, size, files, zipped: !understood, leftOut } }
  }

  #personOf({ person }: ShownTransfer): string {
    return splitPersonId(person).address
  }

  #fresh(id: string, address: string, sendable: Sendable): ShownTransfer {
    return fresh(id, personId(this.#options.account, address), sendable)
  }

  #failed(transfer: string, { code, message }: FailureValue): void {
    this.#options.transfers.apply({ event: 'failed', transfer, code, message })
  }
}

/** Whether not all of it would come out as it is. */
function isChanged({ sendable: { zipped, leftOut } }: Checked): boolean {
  return zipped || leftOut > 0
}

export function tookTooLong(): Failure {
  return new Failure('not-allowed', say('sending.took-too-long'))
}

function signedOut(): Failure {
  return new Failure('interrupted', say('transfer.after-sign-in'))
}

function fresh(id: string, person: PersonId, { name, size, files }: Sendable): ShownTransfer {
  return {
    id,
    person,
    direction: 'out',
    name,
    size,
    files,
    at: Date.now(),
    state: { kind: 'preparing' },
    receipt: null,
    attempts: [],
    resumedFrom: null,
    restarted: false,
    canPause: false,
    canRetry: false,
    listed: true,
    hasFile: true,
    picture: null,
  }
}
