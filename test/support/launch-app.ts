import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { _electron, type ElectronApplication } from '@playwright/test'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const require = createRequire(import.meta.url)
const LAUNCHER = require.resolve('electron/index.js')
const ELECTRON = dirname(LAUNCHER)
const DIST_PATH = 'ELECTRON_OVERRIDE_DIST_PATH'
const distPath = process.env[DIST_PATH]
let launching = 0
let launchingOnTestHost = false

/** Whether Electron's binary is here; TESTHOST=1 asks for the test host all the same. */
export function hasElectron(): boolean {
  return existsSync(join(ELECTRON, 'path.txt')) && process.env['TESTHOST'] === undefined
}

/** Where Electron's launcher finds the test host in the place of the binary. */
export const TEST_HOST = join(ROOT, 'test', 'electron-host', 'launcher')

export interface LaunchOptions {
  /** The folder with its settings. */
  readonly profile: string
  /** The app's own folder; the one of this source otherwise. */
  readonly appFolder?: string | undefined
  /** On the test host even where Electron is. */
  readonly onTestHost?: boolean | undefined
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Starts the built app, on Electron where it is, else on the test host. */
export async function launchApp({
  profile,
  appFolder = ROOT,
  onTestHost = !hasElectron(),
  args = [],
  env = {},
}: LaunchOptions): Promise<ElectronApplication> {
  const inherited = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  // Playwright takes its usual way: with an executable of its own it would not wait until it is attached.
  const restore = chooseHost(onTestHost)
  try {
    return await _electron.launch({
      args: [`--user-data-dir=${profile}`, appFolder, ...args],
      cwd: ROOT,
      env: { ...Object.fromEntries(inherited), ...env },
    })
  } finally {
    restore()
  }
}

/** What electron/index.js says in this process of where Electron is, until the function that is returned is called. */
function chooseHost(onTestHost: boolean): () => void {
  if (launching > 0 && launchingOnTestHost !== onTestHost)
    throw new Error('bug: launches on different hosts at once')
  launching += 1
  launchingOnTestHost = onTestHost
  if (onTestHost) process.env[DIST_PATH] = TEST_HOST
  // It answers once and for all.
  delete require.cache[LAUNCHER]
  return () => {
    launching -= 1
    if (launching > 0) return
    if (distPath === undefined) delete process.env[DIST_PATH]
    else process.env[DIST_PATH] = distPath
    delete require.cache[LAUNCHER]
  }
}
