import { chmodSync, closeSync, existsSync, openSync, renameSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite'
import { DamagedRowError } from './history-failure.ts'
import { migrate } from './schema.ts'

export type Row = Record<string, SQLOutputValue>

/** Nobody has said so much; a server that sends without end is stopped there. */
const MAX_BYTES = 16 * 1024 ** 3
const PAGE_BYTES = 4_096
/** How long another process may hold the file: a second start that is about to end. */
const BUSY_TIMEOUT_MS = 5_000
/** What is left of the log once it was taken over into the file. */
const MAX_LOG_BYTES = 8 * 1024 ** 2
const CACHE_KIBIBYTES = 16 * 1024

/** One open database file, with the statements that were prepared for it. Everything throws what SQLite throws. */
export class Connection {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  /** Opens the file, makes it where it is missing, and brings it up to date. */
  constructor(path: string, maxBytes = MAX_BYTES) {
    // SQLite gives its other files the mode of this one.
    closeSync(openSync(path, 'a', 0o600))
    chmodSync(path, 0o600)
    this.#database = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: BUSY_TIMEOUT_MS })
    try {
      // What was deleted is overwritten, and not only forgotten.
      this.#database.exec(`
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        PRAGMA secure_delete = ON;
        PRAGMA journal_size_limit = ${MAX_LOG_BYTES};
        PRAGMA cache_size = -${CACHE_KIBIBYTES};
        PRAGMA max_page_count = ${Math.floor(maxBytes / PAGE_BYTES)};
      `)
      migrate(this.#database)
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  /** What `work` did is on the disk when it returns, all or nothing. */
  write<T>(work: () => T): T {
    return this.#within('BEGIN IMMEDIATE', work)
  }

  /** `work` sees one state of everything. */
  read<T>(work: () => T): T {
    return this.#within('BEGIN', work)
  }

  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepared(sql).run(...values).changes)
  }

  /** Runs an INSERT, and gives the number of the new row. */
  insert(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepared(sql).run(...values).lastInsertRowid)
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#prepared(sql).get(...values)
  }

  all(sql: string, ...values: SQLInputValue[]): readonly Row[] {
    return this.#prepared(sql).all(...values)
  }

  iterate(sql: string, ...values: SQLInputValue[]): IterableIterator<Row> {
    return this.#prepared(sql).iterate(...values)
  }

  /** Takes the log over into the file: what was deleted would stay in it until something else is written over it. */
  emptyLog(): void {
    try {
      this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    } catch {
      // It is deleted all the same, and the next log that is taken over has this one in it.
    }
  }

  close(): void {
    this.#statements.clear()
    this.#database.close()
  }

  #within<T>(begin: string, work: () => T): T {
    this.#database.exec(begin)
    try {
      const result = work()
      this.#database.exec('COMMIT')
      return result
    } catch (error) {
      this.#rollBack()
      throw error
    }
  }

  #rollBack(): void {
    try {
      // After some errors SQLite has done that by itself.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
    } catch {
      // What cannot be rolled back now is when the file is opened again; why it came to this is told.
    }
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#database.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}

/** Gives the files of a database other names in their folder, and says which. Throws what the system throws. */
export function setAside(path: string): string {
  const time = new Date().toISOString().replaceAll(':', '-')
  const name = basename(path, '.db')
  let aside = `${name}.damaged-${time}.db`
  for (let number = 2; existsSync(join(dirname(path), aside)); number++) {
    aside = `${name}.damaged-${time}-${number}.db`
  }
  // The log first: beside a new file it would be taken for the log of that one.
  for (const suffix of ['-wal', '-shm', '']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, join(dirname(path), aside + suffix))
  }
  return aside
}

/** What a column holds. A file that was tampered with by a disk may hold anything. */
export function textOf(row: Row, column: string): string {
  const value = row[column]
  if (typeof value !== 'string') throw new DamagedRowError(`${column} is no text`)
  return value
}

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : textOf(row, column)
}

export function numberOf(row: Row, column: string): number {
  const value = row[column]
  if (typeof value !== 'number') throw new DamagedRowError(`${column} is no number`)
  return value
}

export function numberOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : numberOf(row, column)
}

/** One of a few words. */
export function wordOf<T extends string>(row: Row, column: string, words: readonly T[]): T {
  const value = row[column]
  const word = words.find(each => each === value)
  if (word === undefined) throw new DamagedRowError(`${column} is another word`)
  return word
}
