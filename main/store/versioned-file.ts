import { existsSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { writeFile, writeFileSync } from 'atomically'
import type * as z from 'zod'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'

/** What of the person's own survives a restart, in one JSON file. */
export interface VersionedFile<T> {
  readonly value: T
  /** Replaces the file as a whole, so that it is never half written. Throws `cannot-write`; then all stays. */
  save(value: T): void
  /** The same beside other work, for what is saved while a disk is busy. In order; rejects with `cannot-write`. */
  saveSoon(value: T): Promise<void>
  /** What was set aside because it could not be read, as a sentence. */
  readonly damage: string | undefined
}

export interface VersionedFileOptions<T extends object> {
  /** Absolute path of a folder. */
  readonly folder: string
  /** Of the file, without its extension. */
  readonly name: string
  /** What it holds, for the sentences about it. */
  readonly what: 'settings' | 'transfers' | 'window-place'
  /** Of the shape, not of the program. */
  readonly schema: z.ZodType<T>
  /** From version 1 on: the function at index 0 makes version 2 out of version 1. */
  readonly migrations: readonly ((old: Record<string, unknown>) => Record<string, unknown>)[]
  readonly initial: T
}

/**
 * Opens the file, brings an older version up to date, and sets aside what is damaged or of a later version: under
 * another name in the same folder, with a sentence about it. Nothing is ever overwritten unread.
 */
export function openVersioned<T extends object>(options: VersionedFileOptions<T>): VersionedFile<T> {
  const { folder, name, what, schema, migrations, initial } = options
  const current = migrations.length + 1
  const path = join(folder, `${name}.json`)
  let value = initial
  let damage: string | undefined
  if (existsSync(path)) {
    try {
      value = schema.parse(migrate(JSON.parse(readFileSync(path, 'utf8')), migrations))
    } catch {
      const aside = `${name}.damaged-${new Date().toISOString().replaceAll(':', '-')}.json`
      renameSync(path, join(folder, aside))
      damage = say(`damaged.${what}`, { file: aside })
    }
  }
  const textOf = (next: T): string => JSON.stringify({ version: current, ...next }, undefined, 2)
  const notSaved = (cause: unknown): Failure =>
    new Failure('cannot-write', say(`not-saved.${what}`), { cause })
  return {
    get value() {
      return value
    },
    save(next) {
      try {
        writeFileSync(path, textOf(next))
      } catch (cause) {
        throw notSaved(cause)
      }
      value = next
    },
    async saveSoon(next) {
      try {
        await writeFile(path, textOf(next))
      } catch (cause) {
        throw notSaved(cause)
      }
      value = next
    },
    damage,
  }
}

function migrate(
  stored: unknown,
  migrations: readonly ((old: Record<string, unknown>) => Record<string, unknown>)[],
): Record<string, unknown> {
  if (typeof stored !== 'object' || stored === null || !('version' in stored)) throw new Error('no version')
  const { version, ...rest } = stored as Record<string, unknown>
  if (!Number.isInteger(version) || Number(version) < 1 || Number(version) > migrations.length + 1) {
    throw new Error('a version that this program does not know')
  }
  return migrations.slice(Number(version) - 1).reduce((value, step) => step(value), rest)
}
