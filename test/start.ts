import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { chooseHost, WHAT_TO_INSTALL } from './support/choose-host.ts'
import { TEST_HOST } from './support/launch-app.ts'
import { runTool } from './support/tool.ts'

/* `npm start`: builds the app and runs it, on Electron, or in windows of Chromium where that cannot be had. */

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const host = chooseHost(true)

if (host === 'none' || host === 'chromium-headless') {
  const noDisplay = 'There is no display to show a window on. `npm run demo` takes pictures instead.'
  process.stderr.write(`${host === 'none' ? WHAT_TO_INSTALL : noDisplay}\n`)
  process.exitCode = 1
} else if (runTool('electron-vite', ['build', '--logLevel', 'warn']) !== 0) process.exitCode = 1
else {
  if (host === 'chromium-window') {
    process.stdout.write('Electron is not here: the window is drawn by Chromium.\n')
    Object.assign(process.env, { ELECTRON_OVERRIDE_DIST_PATH: TEST_HOST, TESTHOST_HEADFUL: '1180,760' })
  }
  const electron = createRequire(import.meta.url)('electron') as string
  const app = spawn(electron, [ROOT, ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => app.kill(signal))
  const [code] = await once(app, 'exit')
  process.exitCode = typeof code === 'number' ? code : 1
}
