import { Failure } from '../../shared/model/failure.ts'
import { chooseHost, type Host, WHAT_TO_INSTALL } from '../support/choose-host.ts'
import { runTool } from '../support/tool.ts'
import { runHeadlessDemo } from './headless.ts'

/*
 * `npm run demo`: two people on one computer. Always the same story, in the best windows that can be had here: a drop,
 * a prompt, an accept, a verified arrival. It ends by itself, with status 0 only if the file arrived.
 */

const WORDS: Readonly<Record<Host, string>> = {
  electron: 'Two windows of Electron open now.',
  'chromium-window': 'Electron is not here: two windows of Chromium open now.',
  'chromium-headless': 'There is no display here: the windows are drawn by Chromium and photographed.',
  none: `${WHAT_TO_INSTALL}\nWithout windows, then:`,
}

try {
  const host = chooseHost(true)
  process.stdout.write(`${WORDS[host]}\n\n`)
  process.exitCode = (await run(host)) ? 0 : 1
} catch (error) {
  process.stderr.write(`\nThe demo failed: ${Failure.from(error).message}\n`)
  process.exitCode = 1
}

async function run(host: Host): Promise<boolean> {
  if (host === 'none') return runHeadlessDemo()
  if (runTool('electron-vite', ['build', '--logLevel', 'warn']) !== 0) return false
  if (host === 'chromium-window') process.env['TESTHOST_HEADFUL'] = '940,740'
  const { runWindowDemo } = await import('./windows.ts')
  return runWindowDemo(host !== 'chromium-headless')
}
