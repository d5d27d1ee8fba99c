import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { findChromium } from './electron-host/find-chromium.ts'
import { LAB_PACKAGES } from './lab/possible.ts'
import { PACKAGING_PACKAGES } from './release/packaging-available.ts'
import { ejabberdMissing } from './support/ejabberd-available.ts'
import { FOREIGN_PACKAGES } from './support/foreign-available.ts'
import { hasElectron } from './support/launch-app.ts'
import { prosodyMissing } from './support/prosody-available.ts'
import { runTool } from './support/tool.ts'

/**
 * `npm test`: brings what the tests need beyond npm's packages, then checks, tests and builds everything, and
 * tries the built app. Arguments go to Vitest, and leave the rest out. As root on Debian what is missing is
 * installed; elsewhere it is named, and only the tests that need it are skipped. With CI=true nothing is
 * skipped: what is missing fails there.
 */

/** What the tests use beyond npm's packages; the system itself never starts any of it. */
const NEEDED = [
  // The real servers that the end-to-end tests sign in to.
  { debianPackage: 'prosody', missing: prosodyMissing },
  { debianPackage: 'ejabberd', missing: ejabberdMissing },
  // What the programs of others are made of, with which files are exchanged.
  ...FOREIGN_PACKAGES,
  // What the app's window is drawn by where there is no Electron.
  { debianPackage: 'chromium', missing: chromiumMissing },
  // What packages for Linux are built with.
  ...PACKAGING_PACKAGES,
  // The network lab, where there can be one.
  ...LAB_PACKAGES,
] as const

function chromiumMissing(): string | undefined {
  if (findChromium() !== undefined) return undefined
  return 'Chromium is not installed: get it with "apt-get install chromium" (Debian, Ubuntu), or install Chrome.'
}

function install(names: readonly string[]): void {
  process.stdout.write(`Installing ${names.join(' and ')} for the tests…\n`)
  // A machine that was never updated knows no packages yet.
  if (!apt('install', '-y', '--no-install-recommends', ...names)) {
    apt('update')
    apt('install', '-y', '--no-install-recommends', ...names)
  }
}

function apt(...args: string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync('apt-get', ['-q', ...args], { stdio: 'inherit', env }).status === 0
}

const absent = NEEDED.filter(({ missing }) => missing() !== undefined)
const isDebianRoot = existsSync('/etc/debian_version') && process.getuid?.() === 0
if (absent.length > 0 && isDebianRoot) install(absent.map(({ debianPackage }) => debianPackage))
for (const { missing } of NEEDED) {
  const sentence = missing()
  if (sentence !== undefined) process.stdout.write(`\nSome tests are skipped. ${sentence}\n\n`)
}

/** What Vitest says of its last run, in JSON. */
const REPORT = 'out/vitest.json'

function vitest(...names: string[]): number {
  rmSync(REPORT, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`]
  return runTool('vitest', ['run', ...reporters, ...names])
}

/** Once more at the very end: what failed stands far above what Playwright prints afterwards. */
function repeatFailures(): void {
  if (!existsSync(REPORT)) return
  const report = JSON.parse(readFileSync(REPORT, 'utf8')) as {
    testResults: readonly {
      name: string
      message: string
      assertionResults: readonly { fullName: string; status: string; failureMessages: readonly string[] }[]
    }[]
  }
  for (const { name, message, assertionResults } of report.testResults) {
    if (message !== '') process.stdout.write(`\nFailed: ${name}\n${message}\n`)
    for (const { fullName, status, failureMessages } of assertionResults)
      if (status === 'failed')
        process.stdout.write(`\nFailed: ${name} > ${fullName}\n${failureMessages.join('\n')}\n`)
  }
}

// What starts over and over, the headless client and Vitest's workers, is compiled once.
process.env['NODE_COMPILE_CACHE'] ??= resolve('node_modules/.cache/node')

const args = process.argv.slice(2)
const steps: readonly (() => number)[] =
  args.length > 0
    ? [() => vitest(...args)]
    : [
        () => runTool('electron-vite', ['build']),
        () => vitest(),
        // Without a browser there is no window; on CI that is a failure.
        ...(chromiumMissing() === undefined || hasElectron() || process.env['CI'] !== undefined
          ? [() => runTool('@playwright/test', ['test'])]
          : []),
      ]
if (args.length === 0) await import('./check.ts')
for (const step of steps) {
  if (step() !== 0) process.exitCode = 1
}
if (process.exitCode === 1) repeatFailures()
