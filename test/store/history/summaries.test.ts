import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { HistoryDatabase } from '../../../main/store/history/history-database.ts'
import type { ArchiveEntry, ReadMark, Summary } from '../../../main/store/history/shapes.ts'
import { personId } from '../../../shared/model/person-id.ts'
import { ANNA, BEN, type Bench, ME, NOW, open, page, SECOND, transfer } from './rig.ts'

/* What the row of a conversation says, after whatever happened, beside what counting everything gives. */

const PEOPLE = [ANNA, BEN]

interface Step {
  readonly what: string
  readonly go: (bench: Bench) => unknown
}

const address = fc.constantFrom(...PEOPLE)
const number = fc.integer({ min: 0, max: 15 })
const at = fc.integer({ min: -5, max: 5 }).map(seconds => NOW + seconds * SECOND)
const direction = fc.constantFrom('in' as const, 'out' as const)

function entryOf(n: number, who: string, way: 'in' | 'out', when: number): ArchiveEntry {
  return {
    archiveId: `a${n}`,
    stanzaId: `s${n}`,
    originId: `o${n}`,
    address: who,
    direction: way,
    at: when,
    text: `text ${n}`,
  }
}

const entries = fc.array(
  fc
    .tuple(number, address, direction, at, fc.constantFrom('text', 'displayed', 'replaces'), number)
    .map(([n, who, way, when, kind, other]): ArchiveEntry => {
      const made = entryOf(n, who, way, when)
      if (kind === 'displayed') return { ...made, text: undefined, displayed: `s${other}` }
      return kind === 'replaces' ? { ...made, replaces: `s${other}` } : made
    }),
  { maxLength: 8 },
)

const mark: fc.Arbitrary<ReadMark> = fc.oneof(
  fc.constant('all' as const),
  number.map(n => ({ archiveId: `a${n}` })),
  number.map(n => ({ stanzaId: `s${n}` })),
)

/** The id of one of the messages that are there. */
function someId({ history }: Bench, n: number): string {
  const ids = PEOPLE.flatMap(who =>
    history.page(ME, who, { kind: 'newest' }, 500).messages.map(({ id }) => id),
  )
  return ids[n % Math.max(ids.length, 1)] ?? 'none'
}

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(number, address, direction, at, fc.boolean()).map(([n, who, way, when, archived]) => ({
    what: `live ${n} ${who} ${way}`,
    go: ({ history }: Bench) => {
      const { archiveId, text = '', ...rest } = entryOf(n, who, way, when)
      const state = way === 'in' ? ('received' as const) : ('sending' as const)
      return history.noteLive(ME, { ...rest, text, state, ...(archived ? { archiveId } : {}) })
    },
  })),
  fc.tuple(number, number, address, direction, at).map(([n, m, who, way, when]) => ({
    what: `correct ${m} by ${n}`,
    go: ({ history }: Bench) =>
      history.noteLive(ME, {
        address: who,
        direction: way,
        at: when,
        text: `corrected ${n}`,
        stanzaId: `c${n}`,
        replaces: `s${m}`,
        state: 'sent',
      }),
  })),
  fc.tuple(entries, fc.constantFrom('forwards' as const, 'backwards' as const)).map(([all, way]) => ({
    what: `archive ${way} ${all.map(({ archiveId }) => archiveId).join()}`,
    go: ({ history }: Bench) => history.noteArchive(ME, page(way, all)),
  })),
  fc.tuple(address, mark).map(([who, upTo]) => ({
    what: `read ${who} ${JSON.stringify(upTo)}`,
    go: ({ history }: Bench) => history.markRead(ME, who, upTo),
  })),
  fc
    .tuple(address, number, fc.constantFrom('sent', 'delivered', 'displayed', 'failed'))
    .map(([who, n, to]) => ({
      what: `${to} ${n}`,
      go: ({ history }: Bench) => history.settle(ME, who, `s${n}`, to),
    })),
  number.map(n => ({ what: 'end', go: (bench: Bench) => bench.history.moveToEnd(someId(bench, n)) })),
  number.map(n => ({ what: 'resend', go: (bench: Bench) => bench.history.resend(someId(bench, n)) })),
  fc.tuple(number, address, at, direction).map(([n, who, when, way]) => ({
    what: `file ${n} ${who}`,
    go: ({ history }: Bench) =>
      history.saveTransfers([transfer(`t${n}`, { person: personId(ME, who), at: when, direction: way })]),
  })),
  address.map(who => ({ what: `delete ${who}`, go: ({ history }: Bench) => history.deletePerson(ME, who) })),
  at.map(when => ({
    what: 'clock',
    go: (bench: Bench) => {
      bench.now = when
    },
  })),
)

/** By looking at all that is there. */
function counted(raw: DatabaseSync): readonly Summary[] {
  return raw
    .prepare('SELECT id, address, read_position FROM conversation ORDER BY address')
    .all()
    .flatMap(conversation => {
      const { id = null } = conversation
      const messages = raw.prepare('SELECT * FROM message WHERE conversation = ? ORDER BY position').all(id)
      const files = raw.prepare('SELECT * FROM transfer WHERE conversation = ? ORDER BY at, rowid').all(id)
      const isRead = ({ position }: (typeof messages)[number]) =>
        Number(position) <= Number(conversation['read_position'])
      const [message, file] = [messages.at(-1), files.at(-1)]
      const line = (kind: 'message' | 'file', from: typeof message, text: string) => ({
        kind,
        direction: from?.['direction'] === 'in' ? ('in' as const) : ('out' as const),
        text: String(from?.[text]),
        at: Number(from?.['at']),
      })
      const isFile =
        file !== undefined && (message === undefined || Number(file['at']) > Number(message['at']))
      if (message === undefined && file === undefined) return []
      return [
        {
          address: String(conversation['address']),
          unread: messages.filter(each => each['direction'] === 'in' && !isRead(each)).length,
          last: isFile ? line('file', file, 'name') : line('message', message, 'text'),
          readUpTo: messages.findLast(isRead)?.['uuid']?.toString() ?? null,
        },
      ]
    })
}

test('summaries are what counting gives, after whatever happened', () => {
  const bench = open()
  bench.history.openAccount(ME)
  const raw = new DatabaseSync(join(bench.folder, 'history.db'))
  const positions = new Map<string, number>()
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), steps => {
      bench.now = NOW
      bench.history.deleteAccount(ME)
      positions.clear()
      for (const { what, go } of steps) {
        go(bench)
        expect(bench.history.openAccount(ME).conversations, what).toEqual(counted(raw))
        // A read mark goes back only with the conversation.
        for (const row of raw.prepare('SELECT address, read_position FROM conversation').all()) {
          const [who, position] = [String(row['address']), Number(row['read_position'])]
          if (!what.startsWith('delete')) {
            expect(position, what).toBeGreaterThanOrEqual(positions.get(who) ?? 0)
          }
          positions.set(who, position)
        }
      }
    }),
    { numRuns: 200 },
  )
  raw.close()
})

test('what an operation answers is what opening shows', () => {
  const bench = open()
  const opened = (history: HistoryDatabase) => history.openAccount(ME).conversations
  const { history } = bench
  const live = history.noteLive(ME, { address: ANNA, direction: 'in', text: 'a', at: NOW, state: 'received' })
  expect(live).toMatchObject({ summary: opened(history)[0] })
  const archived = history.noteArchive(ME, page('forwards', [entryOf(1, ANNA, 'in', NOW + SECOND)]))
  expect(archived.summaries).toEqual(opened(history))
  expect(history.markRead(ME, ANNA, 'all').summary).toEqual(opened(history)[0])
  const saved = history.saveTransfers([transfer('t1', { at: NOW + 2 * SECOND })])
  expect(saved).toEqual([{ account: ME, summary: opened(history)[0] }])
  expect(saved[0]?.summary.last).toMatchObject({ kind: 'file', text: 't1.txt' })
})
