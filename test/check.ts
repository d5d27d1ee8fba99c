import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** `npm run check`: types, lint with the import table, format. Runs all, and fails if one does. */

const root = fileURLToPath(new URL('..', import.meta.url))

const CHECKS = [
  ['tsc'],
  ['oxlint', '--type-aware', '--deny-warnings'],
  ['biome', 'ci', '--error-on-warnings'],
] as const

const failed = CHECKS.filter(([tool, ...args]) => {
  process.stdout.write(`${[tool, ...args].join(' ')}\n`)
  // The tools are scripts on every system, and on Windows they can only be started through a shell.
  return spawnSync(tool, args, { cwd: root, stdio: 'inherit', shell: true }).status !== 0
})

process.exitCode = failed.length === 0 ? 0 : 1
