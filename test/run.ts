import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { prosodyMissing } from './support/prosody-available.ts'
import { runTool } from './support/tool.ts'

/**
 * `npm test`: brings what the tests need beyond npm's packages, then checks and tests everything. Arguments go
 * to Vitest, and leave the checks out. As root on Debian what is missing is installed; elsewhere it is named,
 * and only the tests that need it are skipped. With CI=true nothing is skipped: what is missing fails there.
 */

/** Prosody is the real server that the end-to-end tests sign in to; the system itself never starts it. */
function installProsody(): void {
  process.stdout.write('Installing prosody for the tests…\n')
  // A machine that was never updated knows no packages yet.
  if (!apt('install', '-y', '--no-install-recommends', 'prosody')) {
    apt('update')
    apt('install', '-y', '--no-install-recommends', 'prosody')
  }
}

function apt(...args: string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync('apt-get', ['-q', ...args], { stdio: 'inherit', env }).status === 0
}

const isDebianRoot = existsSync('/etc/debian_version') && process.getuid?.() === 0
if (prosodyMissing() !== undefined && isDebianRoot) installProsody()
const missing = prosodyMissing()
if (missing !== undefined) process.stdout.write(`\nSome tests are skipped. ${missing}\n\n`)

const args = process.argv.slice(2)
if (args.length === 0) await import('./check.ts')
if (runTool('vitest', ['run', ...args]) !== 0) process.exitCode = 1
