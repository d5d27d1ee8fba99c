import { copyFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { historyFailure, isDamage } from '../../../main/store/history/history-failure.ts'
import { ForeignDatabaseError, migrate } from '../../../main/store/history/schema.ts'
import { personId } from '../../../shared/model/person-id.ts'
import {
  ANNA,
  type Bench,
  entry,
  incoming,
  ME,
  open,
  outgoing,
  page,
  summary,
  temporaryFolder,
  texts,
} from './rig.ts'
import { writeVersion1 } from './version-1.ts'

const SENTENCE =
  /^What was said could not be read and begins anew\. The old file was kept as history\.damaged-[\dTZ.-]+\.db\.$/

/** A file of some hundred pages, closed. */
function filled(): { readonly folder: string; readonly path: string } {
  const { history, folder } = open()
  const entries = Array.from({ length: 2_000 }, (_, index) =>
    entry(`a${index}`, { text: `message ${index} `.repeat(10), stanzaId: `s${index}` }),
  )
  history.noteArchive(ME, page('forwards', entries))
  history.close()
  return { folder, path: join(folder, 'history.db') }
}

function overwrite(path: string, from: number, to: number, byte: number): void {
  const bytes = readFileSync(path)
  bytes.fill(byte, Math.floor(bytes.length * from), Math.floor(bytes.length * to))
  writeFileSync(path, bytes)
}

/** Looks at everything, as a person would who opens, scrolls, searches and writes. */
function useAll({ history }: Bench): void {
  history.openAccount(ME)
  let shown = history.page(ME, ANNA, { kind: 'newest' }, 500)
  while (shown.older && shown.messages[0] !== undefined) {
    shown = history.page(ME, ANNA, { kind: 'before', id: shown.messages[0].id }, 500)
  }
  history.search([ME], 'nowhere', 10)
  for (let index = 0; index < 50; index++) {
    history.noteLive(ME, incoming('now', { stanzaId: `s${index * 40}`, originId: `o${index}` }))
  }
  history.deletePerson(ME, ANNA)
}

/** A file in which one value is another. */
function tampered(sql: string, value: string): Bench {
  const folder = temporaryFolder()
  writeVersion1(folder)
  const database = new DatabaseSync(join(folder, 'history.db'))
  database.prepare(sql).run(value)
  database.close()
  return open({ folder })
}

describe('a file that is damaged', () => {
  test.each<[string, (path: string) => void]>([
    ['because it is no database', path => writeFileSync(path, 'This is no database at all. '.repeat(100))],
    ['because its beginning is gone', path => overwrite(path, 0, 0.01, 0)],
    ['because all of its middle was overwritten with noise', path => overwrite(path, 0.02, 1, 0xa5)],
    ['because a part of its middle was overwritten with noise', path => overwrite(path, 0.3, 0.6, 0xa5)],
    ['because its middle was overwritten with nothing', path => overwrite(path, 0.02, 1, 0)],
    ['because its end was cut off', path => truncateSync(path, Math.floor(statSync(path).size / 2))],
    ['because its end was cut off in the middle of a page', path => truncateSync(path, 5_000)],
  ])('%s is set aside, and what met that goes on with a new one', (_, damageFile) => {
    const { folder, path } = filled()
    damageFile(path)
    const kept = readFileSync(path)
    const bench = open({ folder })
    useAll(bench)
    expect(bench.damage).toEqual([expect.stringMatching(SENTENCE)])
    const name = bench.damage[0]?.match(/history\.damaged-\S+\.db/)?.[0] ?? ''
    expect(readFileSync(join(folder, name)).subarray(0, 16)).toEqual(kept.subarray(0, 16))
    bench.history.noteLive(ME, incoming('hello again'))
    expect(texts(bench)).toEqual(['hello again'])
    bench.history.close()
    const again = open({ folder })
    expect(texts(again)).toEqual(['hello again'])
    expect(again.damage).toEqual([])
  })

  test('takes its log with it', () => {
    const { folder, path } = filled()
    // As a program that was killed leaves it.
    writeFileSync(`${path}-wal`, 'half a log')
    overwrite(path, 0, 0.01, 0)
    const bench = open({ folder })
    bench.history.noteLive(ME, incoming('hello'))
    expect(readdirSync(folder).filter(name => name.includes('damaged')).length).toBeGreaterThanOrEqual(1)
    expect(texts(bench)).toEqual(['hello'])
    bench.history.close()
    expect(texts(open({ folder }))).toEqual(['hello'])
  })

  test('takes no page of the archive into the new one, which would begin in the middle', () => {
    const { folder, path } = filled()
    overwrite(path, 0, 0.01, 0)
    const bench = open({ folder })
    const answer = bench.history.noteArchive(ME, page('forwards', [entry('b1', { text: 'the next' })]))
    expect(answer).toEqual({ added: [], changed: [], summaries: [], reordered: [] })
    expect(bench.damage).toEqual([expect.stringMatching(SENTENCE)])
    expect(bench.history.archivePlace(ME)).toEqual({ inStepUpTo: null, at: null })
    expect(texts(bench)).toEqual([])
  })

  test('is exported to nobody as if it were empty', () => {
    const { folder, path } = filled()
    overwrite(path, 0.02, 1, 0xa5)
    const bench = open({ folder })
    expect(() => bench.history.exportAccount(ME, join(folder, 'all.json'))).toThrow(
      expect.objectContaining({ code: 'file-unreadable' }),
    )
    expect(bench.damage).toHaveLength(1)
    expect(readdirSync(folder)).not.toContain('all.json')
  })

  test.each<[string, string]>([
    ['a later version of Plumb', 'PRAGMA user_version = 1000'],
    ['another program', 'CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)'],
  ])('or one of %s is set aside as it is', (_, sql) => {
    const folder = temporaryFolder()
    const database = new DatabaseSync(join(folder, 'history.db'))
    database.exec(sql)
    database.close()
    const before = readFileSync(join(folder, 'history.db'))
    const bench = open({ folder })
    bench.history.noteLive(ME, incoming('hello'))
    expect(bench.damage).toEqual([expect.stringMatching(SENTENCE)])
    const aside = readdirSync(folder).find(name => /damaged.*\.db$/.test(name)) ?? ''
    expect(readFileSync(join(folder, aside)).subarray(100)).toEqual(before.subarray(100))
  })

  test('in one value is a damaged file, too', () => {
    const { folder, path } = filled()
    const database = new DatabaseSync(path)
    database.exec("UPDATE message SET state = 'nonsense' WHERE id = 2000")
    database.close()
    const bench = open({ folder })
    expect(texts(bench)).toEqual([])
    expect(bench.damage).toHaveLength(1)
  })

  test.each([
    '[{"address":',
    'null',
    '{}',
    '[null]',
    '[{"address":"anna@b.org"}]',
    '[{"address":"nobody","name":null,"subscription":"both","asked":false,"groups":[]}]',
    '[{"address":"anna@b.org","name":7,"subscription":"both","asked":false,"groups":[]}]',
    '[{"address":"anna@b.org","name":null,"subscription":"all","asked":false,"groups":[]}]',
    '[{"address":"anna@b.org","name":null,"subscription":"both","asked":0,"groups":[]}]',
    '[{"address":"anna@b.org","name":null,"subscription":"both","asked":false,"groups":[null]}]',
  ])('in the contact list costs only that: %s', contacts => {
    const bench = tampered('UPDATE account SET contacts = ?', contacts)
    expect(bench.history.openAccount(ME)).toMatchObject({ contacts: [], rosterVersion: null })
    expect(texts(bench)).toHaveLength(2)
    expect(bench.damage).toEqual([])
  })

  test.each(['{"id":', 'null', '{"id":"t1"}'])('in a transfer costs only that: %s', shown => {
    const bench = tampered('UPDATE transfer SET shown = ?', shown)
    expect(bench.history.transfers(10)).toEqual([])
    expect(bench.history.transfer('t1')).toBeNull()
    expect(bench.history.page(ME, ANNA, { kind: 'newest' }, 10)).toMatchObject({ transfers: [] })
    expect(texts(bench)).toHaveLength(2)
    expect(bench.damage).toEqual([])
  })
})

test('the files are for nobody else', () => {
  const bench = open()
  bench.history.noteLive(ME, incoming('hello'))
  for (const name of readdirSync(bench.folder)) {
    expect([name, statSync(join(bench.folder, name)).mode & 0o777]).toEqual([name, 0o600])
  }
  expect(readdirSync(bench.folder).toSorted()).toEqual(['history.db', 'history.db-shm', 'history.db-wal'])
})

test('a log that was not taken over, as a program leaves it that is killed, is read', () => {
  const bench = open()
  bench.history.noteLive(ME, incoming('hello'))
  const folder = temporaryFolder()
  for (const name of ['history.db', 'history.db-wal']) {
    copyFileSync(join(bench.folder, name), join(folder, name))
  }
  expect(texts(open({ folder }))).toEqual(['hello'])
})

describe('a full disk', () => {
  test('is said, loses nothing, and is over when there is room', () => {
    const bench = open({ maxBytes: 600_000 })
    const { history } = bench
    const write = (index: number) => history.noteLive(ME, incoming(`${index} ${'x'.repeat(5_000)}`))
    let written = 0
    const full = expect.objectContaining({
      code: 'cannot-write',
      message: 'What was said could not be saved: make room on the disk.',
    })
    expect(() => {
      for (; written < 1_000; written++) write(written)
    }).toThrow(full)
    expect(written).toBeGreaterThan(10)
    expect(() => write(-1)).toThrow(full)
    expect(texts(bench).map(text => Number(text.split(' ')[0]))).toEqual([...Array(written).keys()])
    expect(summary(bench)).toMatchObject({ unread: written })
    history.deletePerson(ME, ANNA)
    expect(write(0)).toMatchObject({ kind: 'new' })
    expect(bench.damage).toEqual([])
  })

  test('or a folder that is gone is said, and over when it is back', () => {
    const folder = join(temporaryFolder(), 'gone')
    const bench = open({ folder })
    expect(() => bench.history.openAccount(ME)).toThrow(expect.objectContaining({ code: 'cannot-write' }))
    writeFileSync(folder, 'no folder')
    expect(() => bench.history.openAccount(ME)).toThrow(
      expect.objectContaining({ code: 'cannot-write', message: expect.not.stringContaining(folder) }),
    )
    expect(bench.damage).toEqual([])
  })
})

describe('what SQLite and the system say', () => {
  const sqlite = (errcode: number) =>
    Object.assign(new Error('sqlite'), { code: 'ERR_SQLITE_ERROR', errcode, errstr: 'sqlite' })

  test.each([
    ['SQLITE_CORRUPT', sqlite(11), true, 'cannot-write'],
    ['SQLITE_CORRUPT_INDEX', sqlite(779), true, 'cannot-write'],
    ['SQLITE_NOTADB', sqlite(26), true, 'cannot-write'],
    [
      'a number that is none',
      Object.assign(new Error(''), { code: 'ERR_OUT_OF_RANGE' }),
      true,
      'cannot-write',
    ],
    ['SQLITE_FULL', sqlite(13), false, 'cannot-write'],
    ['SQLITE_IOERR_WRITE', sqlite(778), false, 'cannot-write'],
    ['SQLITE_READONLY', sqlite(8), false, 'cannot-write'],
    ['SQLITE_CANTOPEN', sqlite(14), false, 'cannot-write'],
    ['EACCES', Object.assign(new Error(''), { code: 'EACCES' }), false, 'cannot-write'],
    ['SQLITE_CONSTRAINT', sqlite(19), false, 'bug'],
    ['SQLITE_ERROR', sqlite(1), false, 'bug'],
    ['anything else', new Error('oops'), false, 'bug'],
    ['no error at all', 'oops', false, 'bug'],
  ])('%s becomes one Failure', (_, error, damaged, code) => {
    expect(isDamage(error)).toBe(damaged)
    expect(historyFailure(error)).toMatchObject({ code })
  })
})

describe('a file of version 1', () => {
  test('goes on, and nothing of it is lost', () => {
    const folder = temporaryFolder()
    writeVersion1(folder)
    const bench = open({ folder })
    const { history } = bench
    expect(history.openAccount(ME)).toEqual({
      contacts: [{ address: ANNA, name: 'Anna', subscription: 'both', asked: false, groups: ['Friends'] }],
      rosterVersion: 'v1',
      conversations: [
        {
          address: ANNA,
          unread: 1,
          last: { kind: 'message', direction: 'in', text: 'second', at: 1781533920000 },
          readUpTo: 'uuid-1',
        },
      ],
      inStep: true,
    })
    expect(history.archivePlace(ME)).toEqual({ inStepUpTo: 'a2', at: 1781533920000 })
    expect(history.archiveEdge(ME, ANNA)).toEqual({ oldest: 'a1', complete: false })
    expect(history.page(ME, ANNA, { kind: 'newest' }, 10)).toMatchObject({
      messages: [
        { id: 'uuid-1', text: 'first', edited: true, state: 'displayed' },
        { id: 'uuid-2', text: 'second', edited: false, state: 'received', person: personId(ME, ANNA) },
      ],
      transfers: [{ id: 't1' }],
    })
    expect(history.transfer('t1')?.path).toBe('/home/me/t1.txt')
    expect(history.search([ME], 'second', 10).messages).toMatchObject([{ id: 'uuid-2' }])
    expect(history.blob('avatar', 'k')).toEqual(Uint8Array.of(1, 2))
    expect(history.profiles(ME)).toMatchObject([{ address: ANNA, nick: 'Änne' }])
    // What waited still waits.
    expect(history.noteLive(ME, incoming('third', { stanzaId: 's3' }))).toMatchObject({
      message: { text: 'third, corrected', edited: true },
    })
    expect(history.noteLive(ME, outgoing('fourth', { stanzaId: 's4' }))).toMatchObject({
      message: { state: 'displayed' },
    })
    history.importTransfers([])
    expect(bench.damage).toEqual([])
  })

  test('has the tables of a new one', () => {
    const folder = temporaryFolder()
    writeVersion1(folder)
    const tables = (database: DatabaseSync) => {
      migrate(database)
      const rows = database
        .prepare('SELECT type, name, tbl_name FROM sqlite_schema ORDER BY type, name')
        .all()
      const columns = rows.flatMap(({ name }) =>
        database.prepare('SELECT name, type, "notnull", pk FROM pragma_table_info(?)').all(name ?? null),
      )
      database.close()
      return { rows, columns }
    }
    expect(tables(new DatabaseSync(join(folder, 'history.db')))).toEqual(tables(new DatabaseSync(':memory:')))
  })
})

describe('migrating', () => {
  const version = (database: DatabaseSync) => database.prepare('PRAGMA user_version').get()?.['user_version']
  const FIRST = 'CREATE TABLE a (x)'
  const SECOND = 'ALTER TABLE a ADD COLUMN y DEFAULT 7'

  test('takes the steps that are missing, each once', () => {
    const database = new DatabaseSync(':memory:')
    migrate(database, [FIRST])
    database.exec('INSERT INTO a (x) VALUES (1)')
    migrate(database, [FIRST, SECOND])
    migrate(database, [FIRST, SECOND])
    expect(database.prepare('SELECT * FROM a').all()).toEqual([{ x: 1, y: 7 }])
    expect(version(database)).toBe(2)
  })

  test('that fails leaves everything as it was', () => {
    const database = new DatabaseSync(':memory:')
    migrate(database, [FIRST])
    expect(() => migrate(database, [FIRST, SECOND, 'NONSENSE'])).toThrow()
    expect(version(database)).toBe(1)
    expect(database.prepare('SELECT name FROM pragma_table_info(?)').all('a')).toEqual([{ name: 'x' }])
  })

  test('touches nothing of a later version', () => {
    const database = new DatabaseSync(':memory:')
    migrate(database, [FIRST, SECOND])
    expect(() => migrate(database, [FIRST])).toThrow(ForeignDatabaseError)
    expect(version(database)).toBe(2)
  })
})
