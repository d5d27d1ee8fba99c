import { mkdirSync, readdirSync, readFileSync, renameSync, unlinkSync } from 'node:fs'
import { open, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import { errnoOf } from './disk-failure.ts'
import type { ProcessMark } from './process-mark.ts'

/** What both directions note of a transfer that is to survive the end of this program. */
interface Common {
  /** Ours, as the events name it. */
  readonly id: string
  /** Chosen by the sender; names the transfer on both sides, across restarts and addresses. */
  readonly key: string
  /** Our own bare JID. */
  readonly account: string
  /** The other's bare JID. */
  readonly peer: string
  readonly name: string
  /** Bytes of all files. */
  readonly size: number
  /** How many files, where it is a folder. */
  readonly files: number | undefined
  /** When it was offered. Milliseconds since 1970. */
  readonly at: number
  /** Who paused it. */
  readonly paused: 'us' | 'them' | undefined
}

/** The sender's note: written before the offer leaves. */
export interface OutgoingEntry extends Common {
  readonly kind: 'out'
  /** Absolute. */
  readonly path: string
  /** Nanoseconds since 1970, of a file: another time is another file. */
  readonly mtimeNs: string | undefined
  readonly accepted: boolean
  /** The process that works on it. */
  readonly by: ProcessMark
}

/** The receiver's note: written before the acceptance leaves. What has arrived is not in it: the partial file tells. */
export interface IncomingEntry extends Common {
  readonly kind: 'in'
  /** Where it goes, and under which name, unless that is taken. Absolute. */
  readonly directory: string
  readonly replace: boolean
  /** Absolute. */
  readonly partial: string
  /** All is verified, and this name is about to be given: written ahead, so that a crash in between is told from a loss. */
  readonly claiming: Arrived | undefined
  /** Set once it is here; kept for a while, for a sender that did not hear of it. */
  readonly done: Arrived | undefined
}

export interface Arrived {
  /** Absolute. */
  readonly path: string
  /** Lower-case hex. */
  readonly sha256: string
}

export type JournalEntry = OutgoingEntry | IncomingEntry

/** Finished ones that are remembered, the newest. */
const MAX_DONE = 200
/** What was being sent so long ago, nobody is waiting for any more. */
const SENT_KEPT_MS = 60 * 24 * 60 * 60 * 1000
const VERSION = 1

/**
 * What is under way, one small file a transfer in one folder. An entry is on the disk when `put` resolves: a program
 * that is killed at any moment finds it again.
 */
export class Journal {
  readonly #folder: string
  readonly #entries = new Map<string, JournalEntry>()
  /** All writes follow each other: what is noted first is offered first. */
  #writing = Promise.resolve()

  private constructor(folder: string) {
    this.#folder = folder
  }

  /**
   * Opens the folder, and makes it where it is missing. What cannot be read is set aside in it. Throws `cannot-write`.
   */
  static open(folder: string): Journal {
    const journal = new Journal(folder)
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      for (const file of readdirSync(folder)) {
        if (file.endsWith('.json')) journal.#read(file)
      }
    } catch (cause) {
      throw notWritten(cause)
    }
    return journal
  }

  /** Oldest first. */
  get entries(): readonly JournalEntry[] {
    return [...this.#entries.values()].toSorted((a, b) => a.at - b.at)
  }

  get(id: string): JournalEntry | undefined {
    return this.#entries.get(id)
  }

  /** Resolves when it is on the disk. Rejects with `cannot-write`; then what was there before stays there. */
  async put(entry: JournalEntry): Promise<void> {
    this.#entries.set(entry.id, entry)
    await this.#inOrder(() => this.#write(entry))
    await this.#forgetOldest()
  }

  /** It is over, and nobody will ask for it again. Never rejects: what stays is found to be over at the next start. */
  async remove(id: string): Promise<void> {
    if (!this.#entries.delete(id)) return
    await this.#inOrder(() => unlink(this.#path(id))).catch(() => {})
  }

  async #forgetOldest(): Promise<void> {
    const done = this.entries.filter(entry => entry.kind === 'in' && entry.done !== undefined)
    for (const { id } of done.slice(0, Math.max(0, done.length - MAX_DONE))) await this.remove(id)
  }

  #inOrder(act: () => Promise<void>): Promise<void> {
    const now = this.#writing.then(act)
    this.#writing = now.catch(() => {})
    return now
  }

  async #write(entry: JournalEntry): Promise<void> {
    const path = this.#path(entry.id)
    const draft = `${path}.new`
    try {
      const file = await open(draft, 'w', 0o600)
      try {
        await file.writeFile(JSON.stringify({ version: VERSION, ...entry }))
        await file.datasync()
      } finally {
        await file.close()
      }
      await rename(draft, path)
      await syncFolder(this.#folder)
    } catch (cause) {
      await unlink(draft).catch(() => {})
      throw notWritten(cause)
    }
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.json`)
  }

  #read(file: string): void {
    const path = join(this.#folder, file)
    try {
      const { version, ...entry } = JSON.parse(readFileSync(path, 'utf8')) as { version: unknown }
      if (version !== VERSION || !isEntry(entry) || `${entry.id}.json` !== file) throw new Error('no entry')
      if (entry.kind === 'out' && entry.at < Date.now() - SENT_KEPT_MS) unlinkSync(path)
      else this.#entries.set(entry.id, entry)
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return
      renameSync(path, `${path}.damaged`)
    }
  }
}

/** Written by this program only; what is checked is that it is whole. */
function isEntry(value: object): value is JournalEntry {
  const entry = value as Record<string, unknown>
  const texts = ['id', 'key', 'account', 'peer', 'name']
  if (texts.some(name => typeof entry[name] !== 'string')) return false
  if (!/^[\w-]{1,64}$/.test(entry['id'] as string)) return false
  if (!Number.isSafeInteger(entry['size']) || typeof entry['at'] !== 'number') return false
  return entry['kind'] === 'out'
    ? typeof entry['path'] === 'string' && typeof entry['by'] === 'object' && entry['by'] !== null
    : entry['kind'] === 'in' && typeof entry['directory'] === 'string' && typeof entry['partial'] === 'string'
}

function notWritten(cause: unknown): Failure {
  return new Failure('cannot-write', say('store.journal-not-saved'), { cause })
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined)
  await folder?.sync().catch(() => {})
  await folder?.close().catch(() => {})
}
