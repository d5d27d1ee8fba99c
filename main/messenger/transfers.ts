import { lstat } from 'node:fs/promises'
import { basename } from 'node:path'
import { Failure } from '../../shared/model/failure.ts'
import { type PersonId, splitPersonId } from '../../shared/model/person-id.ts'
import type { ShownTransfer } from '../../shared/model/shown-transfer.ts'
import type { TransferEvent } from '../../shared/model/transfer.ts'
import { say } from '../../shared/words/say.ts'
import type { HistoryCalls } from '../store/history/history.ts'
import type { OwnedSummary } from '../store/history/shapes.ts'
import type { KeptTransfer } from '../store/transfer-list.ts'
import { Gatherer } from './gatherer.ts'
import { withoutDetails } from './shown-failure.ts'
import { bytesOf, isOver, isRunning, step, type TransferRecord } from './transfer-record.ts'

export interface TransfersOptions {
  readonly history: Pick<HistoryCalls, 'saveTransfers' | 'transfer'>
  /** As they were left, oldest first. */
  readonly kept: readonly KeptTransfer[]
  /** What the list of people shows of their conversations is another. */
  readonly summarize: (summaries: readonly OwnedSummary[]) => void
  /** At most ten times a second. */
  readonly push: (changed: readonly ShownTransfer[], removed: readonly string[]) => void
  /** What is under way now would not be in the list after a restart. Told once, until it can be saved again. */
  readonly notSaved: (failure: Failure) => void
  /** One came to its end, or was begun: the last line of its conversation is another. */
  readonly changedState: (record: TransferRecord) => void
}

/** How long a change may wait until it is on the disk. */
const SAVE_INTERVAL_MS = 100
/** Of those that are over, the newest are shown in the list of transfers; the others in their conversation. */
export const MAX_LISTED = 500
/** How old may be what the disk has of bytes that move: it says where a transfer was when the program was killed. */
const SAVE_PROGRESS_INTERVAL_MS = 10_000

/** The transfers of all contacts, running and over. */
export class Transfers {
  readonly #options: TransfersOptions
  readonly #records = new Map<string, TransferRecord>()
  readonly #news = new Gatherer<string>(ids => this.#push(ids))
  readonly #saving: Gatherer<string>
  readonly #savingProgress: Gatherer<string>
  /** Not on the disk as they are now. */
  readonly #unsaved = new Set<string>()
  #underWay: Promise<void> | undefined
  #saveFailed = false

  constructor(options: TransfersOptions) {
    this.#options = options
    this.#saving = new Gatherer(() => void this.#save(), SAVE_INTERVAL_MS)
    this.#savingProgress = new Gatherer(ids => this.#saveSoon(ids), SAVE_PROGRESS_INTERVAL_MS)
    for (const { shown, path } of options.kept) {
      const now = isOver(shown) ? shown : afterRestart(shown, path)
      this.#records.set(shown.id, { shown: now, path, samples: [] })
    }
  }

  get shown(): readonly ShownTransfer[] {
    return [...this.#records.values()].map(({ shown }) => shown)
  }

  /** How many a person would lose by quitting. */
  get running(): number {
    return this.shown.filter(isRunning).length
  }

  /** How far those that run are together; undefined where none does. */
  get fraction(): number | undefined {
    const running = this.shown.filter(isRunning)
    if (running.length === 0) return undefined
    // Of what nobody knows the size, what has come is all there is to say.
    const size = running.reduce((sum, transfer) => sum + (transfer.size ?? bytesOf(transfer)), 0)
    const bytes = running.reduce((sum, transfer) => sum + bytesOf(transfer), 0)
    return size === 0 ? 1 : bytes / size
  }

  has(id: string): boolean {
    return this.#records.has(id)
  }

  /** Whether it may go on: somebody may have taken it off the list. */
  wants(id: string): boolean {
    return this.#records.get(id)?.shown.listed ?? false
  }

  /** Throws `not-allowed` for one that is not in the list. */
  get(id: string): TransferRecord {
    const record = this.#records.get(id)
    if (record === undefined) throw new Failure('not-allowed', say('transfer.gone'))
    return record
  }

  begin(shown: ShownTransfer, path: string | null): void {
    // Begun again, it is the newest.
    this.#records.delete(shown.id)
    const oldest = this.shown.find(isOver)
    if (this.#records.size >= MAX_LISTED && oldest !== undefined) this.#letGo(oldest.id)
    this.#set({ shown, path, samples: [] })
  }

  /** Does nothing for a transfer that is over, or not in the list: a stranger's offer is none yet. */
  apply(event: TransferEvent): void {
    const record = this.#records.get(event.transfer)
    if (record === undefined || isOver(record.shown)) return
    if (event.event === 'offer' && record.shown.direction === 'in') return
    const shownEvent =
      event.event === 'failed' || event.event === 'interrupted'
        ? { ...event, ...withoutDetails(event) }
        : event
    const next = step(record, shownEvent, Date.now(), performance.now())
    const saved = event.event === 'done' && next.shown.direction === 'in'
    this.#set(saved ? { ...next, shown: { ...next.shown, name: basename(event.path) } } : next)
  }

  /** Those of an account that an earlier run left, and that this one does not go on with, are over. */
  endLeft(account: string, goesOn: (id: string) => boolean): void {
    for (const record of this.#records.values()) {
      if (isOver(record.shown) || accountOf(record) !== account || goesOn(record.shown.id)) continue
      this.#set({ ...record, shown: cutOff(record.shown, record.path) })
    }
  }

  /** Of an account, neither over nor in this run: what is still to be sent. Oldest first. */
  left(account: string): readonly TransferRecord[] {
    return [...this.#records.values()].filter(
      record => accountOf(record) === account && record.shown.direction === 'out' && !isOver(record.shown),
    )
  }

  setState(id: string, state: ShownTransfer['state']): void {
    const record = this.get(id)
    this.#set({ ...record, shown: { ...record.shown, state } })
  }

  /** What is known of one, also of one that is further back than the list goes. */
  async find(id: string): Promise<KeptTransfer | undefined> {
    return this.#records.get(id) ?? (await this.#options.history.transfer(id)) ?? undefined
  }

  /** The file of one that is done turned out to be a picture. */
  setPicture(id: string, picture: ShownTransfer['picture']): void {
    const record = this.#records.get(id)
    if (record?.shown.state.kind === 'done') this.#set({ ...record, shown: { ...record.shown, picture } })
  }

  /** Whether a file is still to be sent, or may be once more. */
  needs(path: string): boolean {
    return [...this.#records.values()].some(
      record =>
        record.path === path &&
        record.shown.direction === 'out' &&
        (!isOver(record.shown) || (record.shown.canRetry && record.shown.listed)),
    )
  }

  /** Files of these paths were removed. */
  filesGone(paths: readonly string[]): void {
    for (const record of this.#records.values()) {
      if (record.path === null || !paths.includes(record.path)) continue
      this.#set({ ...record, shown: { ...record.shown, hasFile: false, canRetry: false } })
    }
  }

  /** The path of a file that is there. Throws `file-not-found`; the list shows that, too. */
  async fileOf(id: string): Promise<string> {
    const record = this.get(id)
    const { path } = record
    const there =
      path !== null &&
      (await lstat(path).then(
        entry => entry.isFile() || entry.isDirectory(),
        () => false,
      ))
    if (there) return path
    this.#set({ ...record, shown: { ...record.shown, hasFile: false } })
    throw new Failure('file-not-found', say('file.gone', { name: record.shown.name }))
  }

  /** One that is further back than the list goes is in it again. */
  async recall(id: string): Promise<void> {
    if (this.#records.has(id)) return
    const kept = await this.#options.history.transfer(id)
    if (kept !== null && !this.#records.has(id)) this.#records.set(id, { ...kept, samples: [] })
  }

  /** Takes one off the list; one that runs stays. In its conversation it stays, too. */
  forget(id: string): void {
    const record = this.get(id)
    if (!isOver(record.shown)) {
      throw new Failure('not-allowed', say('transfer.under-way'))
    }
    this.#set({ ...record, shown: { ...record.shown, listed: false } })
  }

  clearFinished(): void {
    for (const { id, listed } of this.shown.filter(isOver)) if (listed) this.forget(id)
  }

  /** What was said with somebody is deleted, with what was sent and is over. */
  drop(person: PersonId): void {
    for (const shown of this.shown.filter(isOver)) if (shown.person === person) this.#letGo(shown.id)
  }

  /** The account is no longer ours. */
  dropAccount(account: string): void {
    for (const record of this.#records.values())
      if (accountOf(record) === account) this.#letGo(record.shown.id)
  }

  /** The history begins anew: what is listed is in it again. */
  saveAgain(): void {
    this.#saveSoon(this.#records.keys())
  }

  /** Resolves when what is waiting is on the disk, or cannot be. */
  async flush(): Promise<void> {
    this.#savingProgress.stop()
    this.#saving.stop()
    await this.#save()
  }

  #set(record: TransferRecord): void {
    const before = this.#records.get(record.shown.id)
    this.#records.set(record.shown.id, record)
    this.#news.add(record.shown.id)
    const sameState = before?.shown.state.kind === record.shown.state.kind
    if (
      sameState &&
      before.shown.hasFile === record.shown.hasFile &&
      before.shown.listed === record.shown.listed &&
      before.shown.picture === record.shown.picture
    ) {
      this.#savingProgress.add(record.shown.id)
      return
    }
    this.#saveSoon([record.shown.id])
    if (!sameState) this.#options.changedState(record)
  }

  /** What is further back than the list goes: it stays in its conversation. */
  #letGo(id: string): void {
    this.#records.delete(id)
    this.#news.add(id)
  }

  #push(ids: readonly string[]): void {
    const records = ids.map(id => this.#records.get(id))
    this.#options.push(
      records.flatMap(record => (record === undefined ? [] : [record.shown])),
      ids.filter(id => !this.#records.has(id)),
    )
  }

  #saveSoon(ids: Iterable<string>): void {
    for (const id of ids) {
      this.#unsaved.add(id)
      this.#saving.add(id)
    }
  }

  /** Never rejects: a full disk ends what is written to it, and not what else is under way. */
  async #save(): Promise<void> {
    // Not within: with nothing to do that is over before it is under way, and would stay so for ever.
    this.#underWay ??= this.#saveAll().finally(() => {
      this.#underWay = undefined
    })
    await this.#underWay
  }

  /** What changes while a slow disk writes is written together, afterwards. */
  async #saveAll(): Promise<void> {
    const { history, summarize, notSaved } = this.#options
    while (this.#unsaved.size > 0) {
      const ids = [...this.#unsaved]
      this.#unsaved.clear()
      const records = ids.flatMap(id => this.#records.get(id) ?? [])
      try {
        summarize(await history.saveTransfers(records.map(({ shown, path }) => ({ shown, path }))))
        this.#saveFailed = false
      } catch (error) {
        if (!this.#saveFailed) notSaved(Failure.from(error))
        this.#saveFailed = true
        // With the next change, or when Plumb ends.
        for (const id of ids) this.#unsaved.add(id)
        break
      }
    }
  }
}

/** Our own bare JID that it belongs to. */
function accountOf({ shown }: TransferRecord): string {
  return splitPersonId(shown.person).account
}

/** It ran when the program was ended: until somebody signs in, whether it goes on is not known. */
function afterRestart(shown: ShownTransfer, path: string | null): ShownTransfer {
  const { kind } = shown.state
  if (shown.direction === 'in' && kind === 'offered') return cutOff(shown, path)
  if (kind === 'paused' || kind === 'waiting') return { ...shown, canPause: false }
  if (shown.direction === 'out' && (kind === 'preparing' || kind === 'offered')) {
    return { ...shown, state: { kind: 'waiting' } }
  }
  const failure = {
    code: 'interrupted' as const,
    message: say('transfer.closed-goes-on'),
  }
  return {
    ...shown,
    state: { kind: 'interrupted', bytes: bytesOf(shown), failure },
    canPause: false,
  }
}

/** It ran when the program was ended, and nobody goes on with it. */
function cutOff(shown: ShownTransfer, path: string | null): ShownTransfer {
  const message =
    shown.direction === 'out' ? say('transfer.closed-send-again') : say('transfer.closed-ask-again')
  const failure = { code: 'interrupted' as const, message }
  return {
    ...shown,
    state: { kind: 'failed', at: Date.now(), bytes: bytesOf(shown), failure },
    canRetry: shown.direction === 'out' && path !== null,
    canPause: false,
  }
}
