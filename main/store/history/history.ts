import type { Worker } from 'node:worker_threads'
import { Failure } from '../../../shared/model/failure.ts'
import { say } from '../../../shared/words/say.ts'
import type { Arguments, HistoryAnswer, HistoryRequest, OperationName, Result } from './requests.ts'
import { startHistoryThread } from './start-history-thread.ts'

/** Every method of `HistoryDatabase`, as a promise. Answers come in the order of the calls; all reject with a Failure. */
export type HistoryCalls = {
  readonly [N in OperationName]: (...values: Arguments<N>) => Promise<Result<N>>
}

export interface HistoryOptions {
  /** Absolute path of the profile's folder, which is there. */
  readonly folder: string
  /** The file could not be read and was begun anew: a sentence for the person. The archive may have what was in it. */
  readonly damaged: (sentence: string) => void
  readonly start?: (folder: string) => Worker
}

interface Pending {
  readonly request: HistoryRequest
  resolve(result: Result<OperationName>): void
  reject(failure: Failure): void
}

/** What was said, sent and known, on a thread of its own, which is started when it is first needed. */
export class History {
  readonly calls: HistoryCalls
  readonly #options: HistoryOptions
  /** Those without an answer, in the order of the calls: the thread works on the first. */
  readonly #pending = new Map<number, Pending>()
  #worker: Worker | undefined
  #isClosed = false
  #hasAnswered = false
  #lastId = 0

  constructor(options: HistoryOptions) {
    this.#options = options
    this.calls = {
      openAccount: this.#caller('openAccount'),
      noteLive: this.#caller('noteLive'),
      noteArchive: this.#caller('noteArchive'),
      archivePlace: this.#caller('archivePlace'),
      archiveEdge: this.#caller('archiveEdge'),
      archiveLearned: this.#caller('archiveLearned'),
      archiveLost: this.#caller('archiveLost'),
      settle: this.#caller('settle'),
      markRead: this.#caller('markRead'),
      page: this.#caller('page'),
      unsent: this.#caller('unsent'),
      resend: this.#caller('resend'),
      moveToEnd: this.#caller('moveToEnd'),
      find: this.#caller('find'),
      lastOwn: this.#caller('lastOwn'),
      search: this.#caller('search'),
      saveTransfers: this.#caller('saveTransfers'),
      transfers: this.#caller('transfers'),
      transfer: this.#caller('transfer'),
      importTransfers: this.#caller('importTransfers'),
      saveContacts: this.#caller('saveContacts'),
      deletePerson: this.#caller('deletePerson'),
      deleteAccount: this.#caller('deleteAccount'),
      exportPerson: this.#caller('exportPerson'),
      exportAccount: this.#caller('exportAccount'),
      saveBlob: this.#caller('saveBlob'),
      blob: this.#caller('blob'),
      saveProfile: this.#caller('saveProfile'),
      profiles: this.#caller('profiles'),
    }
  }

  /** Resolves when all that was asked for is done, and the file is closed. A later call fails with `interrupted`. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#worker === undefined) return
    await this.#ask(id => ({ id, kind: 'close' })).catch(() => {})
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
  }

  #caller<N extends OperationName>(name: N): (...values: Arguments<N>) => Promise<Result<N>> {
    return async (...values) => {
      if (this.#isClosed) throw new Failure('interrupted', say('transfer.closed'))
      const result = await this.#ask(id => ({ id, kind: 'operation', name, values }))
      return result as Result<N>
    }
  }

  #ask(make: (id: number) => HistoryRequest): Promise<Result<OperationName>> {
    return new Promise((resolve, reject) => {
      this.#lastId += 1
      const request = make(this.#lastId)
      this.#pending.set(this.#lastId, { request, resolve, reject })
      this.#worker ??= this.#start()
      // What is under way keeps the process alive, a thread at rest does not.
      this.#worker.ref()
      this.#worker.postMessage(request)
    })
  }

  #start(): Worker {
    const worker = (this.#options.start ?? startHistoryThread)(this.#options.folder)
    this.#hasAnswered = false
    let cause: unknown
    worker.on('message', (answer: HistoryAnswer) => this.#settle(answer))
    worker.on('error', error => {
      cause = error
    })
    worker.on('exit', code => {
      if (this.#worker === worker) this.#died(code, cause)
    })
    return worker
  }

  #settle(answer: HistoryAnswer): void {
    if (answer.kind === 'damaged') {
      this.#options.damaged(answer.sentence)
      return
    }
    this.#hasAnswered = true
    const pending = this.#pending.get(answer.id)
    this.#pending.delete(answer.id)
    if (this.#pending.size === 0) this.#worker?.unref()
    if (answer.kind === 'done') pending?.resolve(answer.result)
    else pending?.reject(new Failure(answer.code, answer.message, { cause: answer.cause }))
  }

  /** What the thread was doing has failed; whoever waited behind it is served by another thread. */
  #died(code: number, cause: unknown): void {
    this.#worker = undefined
    const failure = new Failure('bug', `bug: the history’s thread ended with code ${code}`, { cause })
    const waiting = [...this.#pending]
    // One that cannot even begin would be started for ever.
    const lost = this.#hasAnswered ? waiting.slice(0, 1) : waiting
    for (const [id, pending] of lost) {
      this.#pending.delete(id)
      pending.reject(failure)
    }
    if (this.#pending.size === 0) return
    this.#worker = this.#start()
    for (const { request } of this.#pending.values()) this.#worker.postMessage(request)
  }
}
