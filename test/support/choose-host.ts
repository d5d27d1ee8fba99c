import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { findChromium } from '../electron-host/find-chromium.ts'
import { hasElectron } from './launch-app.ts'

/** What the built app can run on here, the best first. */
export type Host = 'electron' | 'chromium-window' | 'chromium-headless' | 'none'

/** How long a download of Electron may take. */
const DOWNLOAD_TIMEOUT_MS = 300_000

/** What to say where there is neither Electron nor a Chromium. */
export const WHAT_TO_INSTALL =
  'There is neither Electron nor a Chromium on this computer. With a connection to the internet run ' +
  '“npx install-electron”; or install Chromium (Debian, Ubuntu: apt-get install chromium) or Chrome.'

/** Chooses by what is there. Electron is downloaded where that is possible and `mayDownload`. */
export function chooseHost(mayDownload: boolean): Host {
  if (hasElectron() || (mayDownload && download())) return 'electron'
  if (findChromium() === undefined) return 'none'
  const { DISPLAY, WAYLAND_DISPLAY } = process.env
  const hasDisplay = process.platform !== 'linux' || DISPLAY !== undefined || WAYLAND_DISPLAY !== undefined
  return hasDisplay ? 'chromium-window' : 'chromium-headless'
}

/** npm's package of Electron brings a script that gets the binary; it is tried once, and its own words are shown. */
function download(): boolean {
  if (process.env['TESTHOST'] !== undefined || process.env['CI'] !== undefined) return false
  process.stdout.write('Getting Electron…\n')
  const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'))
  const { status } = spawnSync(process.execPath, [join(folder, 'install.js')], {
    stdio: ['ignore', 'inherit', 'pipe'],
    timeout: DOWNLOAD_TIMEOUT_MS,
  })
  if (status !== 0) process.stdout.write('Electron could not be had.\n')
  return status === 0 && hasElectron()
}
