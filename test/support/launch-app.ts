import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { _electron, type ElectronApplication } from '@playwright/test'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const ELECTRON = dirname(createRequire(import.meta.url).resolve('electron/package.json'))

/** Whether Electron's binary is here; TESTHOST=1 asks for the test host all the same. */
export function hasElectron(): boolean {
  return existsSync(join(ELECTRON, 'path.txt')) && process.env['TESTHOST'] === undefined
}

/** Where Electron's launcher finds the test host in the place of the binary. */
export const TEST_HOST = join(ROOT, 'test', 'electron-host', 'launcher')

export interface LaunchOptions {
  /** The folder with its settings. */
  readonly profile: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Starts the built app, on Electron where it is, else on the test host. */
export async function launchApp({
  profile,
  args = [],
  env = {},
}: LaunchOptions): Promise<ElectronApplication> {
  // Read by electron/index.js in this process. Playwright then takes its usual way: with an executable of its
  // own it would not wait until it is attached.
  if (!hasElectron()) process.env['ELECTRON_OVERRIDE_DIST_PATH'] = TEST_HOST
  const inherited = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  return _electron.launch({
    args: [`--user-data-dir=${profile}`, ROOT, ...args],
    cwd: ROOT,
    env: { ...Object.fromEntries(inherited), ...env },
  })
}
