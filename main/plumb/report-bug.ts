import type { Failure } from '../../shared/model/failure.ts'

/** Writes what nobody foresaw to stderr, with where it happened; a failure of any other kind is no bug. */
export function reportBug({ code, message, cause }: Failure): void {
  if (code !== 'bug') return
  const where = cause instanceof Error ? cause.stack : undefined
  process.stderr.write(`${where ?? message}\n`)
}
