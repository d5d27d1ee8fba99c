import { join, resolve } from 'node:path'
import { ROOT } from './build.ts'
import { inspect } from './inspect.ts'

/* `npm run dist:check [-- FOLDER]`: looks at what was built, in dist/ by default. Ends with 1 where something is wrong. */

const [folder = join(ROOT, 'dist')] = process.argv.slice(2)
try {
  const findings = await inspect(resolve(folder))
  for (const { ok, text } of findings) process.stdout.write(`${ok ? '✓' : '✗'} ${text}\n`)
  const wrong = findings.filter(({ ok }) => !ok).length
  process.stdout.write(wrong === 0 ? '\nAll is well.\n' : `\n${wrong} of ${findings.length} are wrong.\n`)
  process.exitCode = wrong === 0 ? 0 : 1
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
}
