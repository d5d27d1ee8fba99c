import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { HistoryDatabase } from '../../../main/store/history/history-database.ts'
import type { ArchiveEntry, ArchivePage, LiveNote } from '../../../main/store/history/shapes.ts'
import type { KeptTransfer } from '../../../main/store/transfer-list.ts'
import { personId } from '../../../shared/model/person-id.ts'
import type { ShownTransfer } from '../../../shared/model/shown-transfer.ts'

export const ME = 'me@a.org'
export const ANNA = 'anna@b.org'
export const BEN = 'ben@c.org'

/** A Monday, 14:32 UTC. */
export const NOW = Date.UTC(2026, 5, 15, 14, 32)
export const SECOND = 1_000
export const MINUTE = 60 * SECOND

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'plumb-history-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface Bench {
  readonly folder: string
  readonly history: HistoryDatabase
  /** What was said of files that were set aside. */
  readonly damage: readonly string[]
  /** The clock: milliseconds since 1970. */
  now: number
}

export function open(options: { readonly folder?: string; readonly maxBytes?: number } = {}): Bench {
  const folder = options.folder ?? temporaryFolder()
  const damage: string[] = []
  const bench: Bench = {
    folder,
    damage,
    now: NOW,
    history: new HistoryDatabase({
      folder,
      damaged: sentence => damage.push(sentence),
      now: () => bench.now,
      ...(options.maxBytes === undefined ? {} : { maxBytes: options.maxBytes }),
    }),
  }
  onTestFinished(() => bench.history.close())
  return bench
}

export function incoming(text: string, more: Partial<LiveNote> = {}): LiveNote {
  return { address: ANNA, direction: 'in', text, at: NOW, state: 'received', ...more }
}

export function outgoing(text: string, more: Partial<LiveNote> = {}): LiveNote {
  return { address: ANNA, direction: 'out', text, at: NOW, state: 'sending', ...more }
}

export function entry(
  archiveId: string,
  more: Partial<ArchiveEntry> & Pick<ArchiveEntry, 'text'>,
): ArchiveEntry {
  return { archiveId, address: ANNA, direction: 'in', at: NOW, ...more }
}

/** A page as the archive gives it. */
export function page(
  direction: ArchivePage['direction'],
  entries: readonly ArchiveEntry[],
  more: Partial<ArchivePage> = {},
): ArchivePage {
  return {
    direction,
    with: null,
    entries,
    first: entries.at(0)?.archiveId ?? null,
    last: entries.at(-1)?.archiveId ?? null,
    complete: false,
    ...more,
  }
}

export function transfer(id: string, more: Partial<ShownTransfer> = {}): KeptTransfer {
  return {
    path: `/home/me/${id}.txt`,
    shown: {
      id,
      person: personId(ME, ANNA),
      direction: 'in',
      name: `${id}.txt`,
      size: 1000,
      files: null,
      at: NOW,
      state: { kind: 'done', at: NOW, seconds: 1, sha256: 'ab'.repeat(32) },
      receipt: null,
      attempts: [],
      resumedFrom: null,
      restarted: false,
      canPause: false,
      canRetry: false,
      listed: true,
      hasFile: true,
      picture: null,
      ...more,
    },
  }
}

/** The texts of a conversation, all of it, oldest first. */
export function texts({ history }: Pick<Bench, 'history'>, address = ANNA): readonly string[] {
  return history.page(ME, address, { kind: 'newest' }, 500).messages.map(({ text }) => text)
}

export function summary({ history }: Pick<Bench, 'history'>, address = ANNA) {
  return history.openAccount(ME).conversations.find(each => each.address === address)
}
