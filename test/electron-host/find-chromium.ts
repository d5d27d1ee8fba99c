import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome']
const USUAL_PLACES = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
]

/** A Chromium of this computer: TESTHOST_CHROMIUM, or one on the PATH, or in a usual place. */
export function findChromium(): string | undefined {
  const { TESTHOST_CHROMIUM: chosen, PATH = '' } = process.env
  const onPath = PATH.split(delimiter).flatMap(folder => NAMES.map(name => join(folder, name)))
  return [...(chosen === undefined ? [] : [chosen]), ...onPath, ...USUAL_PLACES].find(path =>
    existsSync(path),
  )
}
