import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { prosodyMissing } from './support/prosody-available.ts'

/**
 * `npm test`: brings what the tests need beyond npm's packages, then checks and tests everything. Arguments go
 * to Vitest. As root on Debian what is missing is installed; elsewhere it is named, and only the tests that
 * need it are skipped. With CI=true nothing is skipped: what is missing fails there.
 */

const root = fileURLToPath(new URL('..', import.meta.url))

function run(command: string, args: readonly string[], options: { env?: NodeJS.ProcessEnv } = {}): number {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell: true, ...options })
  return status ?? 1
}

/** Prosody is the real server that the end-to-end tests sign in to. */
function installOnDebian(): void {
  const apt = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
  process.stdout.write('Installing prosody for the tests…\n')
  // The server is only started by the tests, never by the system.
  if (run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'prosody'], apt) === 0) return
  run('apt-get', ['update', '-q'], apt)
  run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'prosody'], apt)
}

const isDebianRoot = existsSync('/etc/debian_version') && process.getuid?.() === 0
if (prosodyMissing() !== undefined && isDebianRoot) installOnDebian()
const missing = prosodyMissing()
if (missing !== undefined) process.stdout.write(`\nSome tests are skipped. ${missing}\n\n`)

const args = process.argv.slice(2)
const checked = args.length > 0 ? 0 : run('node', ['test/check.ts'])
const tested = run('vitest', ['run', ...args])
process.exitCode = checked === 0 && tested === 0 ? 0 : 1
