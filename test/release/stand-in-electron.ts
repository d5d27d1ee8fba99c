import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './root.ts'

/** By which the fuses are found in Electron's binary; then come their version, their number, and one digit for each. */
const FUSE_SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'

/**
 * A folder like one of Electron's distributions for Linux, with nothing in it that runs: where the real one cannot be
 * had, everything around it can still be built and looked at.
 */
export function makeStandInElectron(folder: string): void {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules/electron/package.json'), 'utf8')) as {
    version: string
  }
  mkdirSync(join(folder, 'locales'), { recursive: true })
  mkdirSync(join(folder, 'resources'))
  writeFileSync(join(folder, 'version'), version)
  writeFileSync(join(folder, 'LICENSE'), 'The licence of Electron.\n')
  writeFileSync(join(folder, 'LICENSES.chromium.html'), '<p>The licences of Chromium.</p>\n')
  for (const language of ['en-US', 'en-GB', 'fr'])
    writeFileSync(join(folder, 'locales', `${language}.pak`), language)
  // With all fuses as Electron has them.
  const fuses = Buffer.concat([Buffer.from(FUSE_SENTINEL), Buffer.from([1, 9]), Buffer.from('101100110')])
  const binary = Buffer.concat([Buffer.from('#!/bin/sh\necho "Electron is not here." >&2\nexit 1\n'), fuses])
  for (const name of ['electron', 'chrome-sandbox', 'chrome_crashpad_handler']) {
    writeFileSync(join(folder, name), name === 'electron' ? binary : '#!/bin/sh\n')
    chmodSync(join(folder, name), 0o755)
  }
}
