import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { inspect } from './inspect.ts'
import { ROOT } from './root.ts'

/* `npm run dist:check`: looks at what was built. Ends with 1 where something is wrong. */

const USAGE = `Usage: npm run dist:check -- [FOLDER] [--release]

  FOLDER      what was built, or fetched; by default dist/
  --release   it is to be given out: everything has to be signed, and every app to look for updates
`

try {
  const { values, positionals } = parseArgs({
    options: { release: { type: 'boolean' }, help: { type: 'boolean' } },
    allowPositionals: true,
  })
  if (values.help === true) process.stdout.write(USAGE)
  else await run(resolve(positionals[0] ?? join(ROOT, 'dist')), values.release ?? false)
} catch (error) {
  const isUsage = String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS')
  process.stderr.write(`${(error as Error).message}\n${isUsage ? `\n${USAGE}` : ''}`)
  process.exitCode = isUsage ? 2 : 1
}

async function run(folder: string, release: boolean): Promise<void> {
  const findings = await inspect(folder, { release })
  for (const { ok, text } of findings) process.stdout.write(`${ok ? '✓' : '✗'} ${text}\n`)
  const wrong = findings.filter(({ ok }) => !ok).length
  process.stdout.write(wrong === 0 ? '\nAll is well.\n' : `\n${wrong} of ${findings.length} are wrong.\n`)
  process.exitCode = wrong === 0 ? 0 : 1
}
