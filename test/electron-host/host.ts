import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import inspector from 'node:inspector'
import { createRequire, registerHooks } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { setBoot } from './boot.ts'
import { Cdp } from './cdp.ts'
import { findChromium } from './find-chromium.ts'

/*
 * Stands in for Electron's executable: electron [switches] <folder of the app, or main file> [arguments].
 * Starts Chromium, puts a stand-in in the place of the module `electron`, and runs the app's main file.
 */

const { switches, requires, appArgument, inspectPort } = readArguments(process.argv.slice(2))
const appPath = resolve(appArgument)
const appFolder = folderWithManifest(appPath)
const manifest = JSON.parse(readFileSync(join(appFolder, 'package.json'), 'utf8'))
// Where Electron itself finds the app that it was packaged with.
const isPackaged = /^app(\.asar)?$/.test(basename(appFolder)) && basename(dirname(appFolder)) === 'resources'
const mainFile = statSync(appPath).isDirectory() ? join(appPath, manifest.main) : appPath
const profile = mkdtempSync(join(tmpdir(), 'electron-host-'))

const require = createRequire(import.meta.url)
const { version } = require('electron/package.json') as { version: string }
Object.assign(process.versions, { electron: version, chrome: '0' })
const node = process.execPath
Object.assign(process, { type: 'browser', ...(isPackaged ? asPackaged() : asDefaultApp()) })

const chromium = startChromium()
let exiting = false
const cdp = connect(chromium)
setBoot({ cdp, appFolder, isPackaged, node, manifest, switches, exit })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => exit(0))
process.on('exit', () => {
  killChromium()
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
})

const standIn = new URL('./electron.ts', import.meta.url).href
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' || specifier === 'electron/main'
      ? { url: standIn, shortCircuit: true }
      : next(specifier, context),
})
await import(standIn)
// Prints "Debugger listening on …", which Playwright waits for.
if (inspectPort !== undefined) inspector.open(inspectPort, '127.0.0.1')
// Playwright's loader: it holds `ready` back until Playwright is attached.
for (const file of requires) createRequire(join(appFolder, 'package.json'))(file)
await import(pathToFileURL(mainFile).href)

function readArguments(args: readonly string[]) {
  const switches = new Map<string, string>()
  const requires: string[] = []
  let appArgument: string | undefined
  let inspectPort: number | undefined
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? ''
    if (argument === '-r') requires.push(args[++index] ?? '')
    else if (argument.startsWith('--inspect')) inspectPort = Number(argument.split('=')[1] ?? 9229)
    else if (argument.startsWith('--')) {
      const [name = '', value = ''] = argument.slice(2).split(/=(.*)/s)
      switches.set(name, value)
    } else appArgument ??= argument
  }
  if (appArgument === undefined) throw new Error('usage: electron [switches] <app> [arguments]')
  return { switches, requires, appArgument, inspectPort }
}

function asDefaultApp() {
  return {
    defaultApp: true,
    resourcesPath: join(appFolder, 'resources'),
    argv: [node, ...process.argv.slice(2)],
  }
}

/** Its executable lies beside the resources, and is not told where the app is. */
function asPackaged() {
  const resourcesPath = dirname(appFolder)
  const execPath = join(dirname(resourcesPath), manifest.name)
  const given = process.argv.slice(2)
  return {
    resourcesPath,
    execPath,
    argv: [execPath, ...given.filter((_, index) => index !== given.indexOf(appArgument))],
  }
}

function folderWithManifest(path: string): string {
  let folder = statSync(path).isDirectory() ? path : dirname(path)
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  return folder
}

function startChromium(): ChildProcess {
  const program = findChromium()
  if (program === undefined) throw new Error('test host: there is no Chromium on this computer')
  // Width and height, where its windows are to be seen.
  const size = process.env['TESTHOST_HEADFUL']
  const shown =
    size === undefined
      ? ['--headless=new', '--no-startup-window']
      : ['--app=data:text/html,electron-host', '--test-type', `--window-size=${size}`]
  return spawn(
    program,
    [
      ...shown,
      '--no-sandbox',
      '--no-first-run',
      '--no-default-browser-check',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-domain-reliability',
      '--disable-sync',
      '--disable-extensions',
      '--disable-background-timer-throttling',
      '--disable-renderer-backgrounding',
      '--disable-backgrounding-occluded-windows',
      '--disable-features=MediaRouter,DialMediaRouteProvider,OptimizationHints,Translate',
      // Nothing but this computer is ever looked up or reached.
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1',
      '--password-store=basic',
      `--user-data-dir=${profile}`,
      '--remote-debugging-port=0',
      // Nothing is said over the pipe: Chromium ends when it breaks, also because this process was killed.
      '--remote-debugging-pipe',
    ],
    {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, TMPDIR: profile },
    },
  )
}

function connect(browser: ChildProcess): Promise<Cdp> {
  const { promise, resolve: connected, reject } = Promise.withResolvers<Cdp>()
  browser.on('exit', code => reject(new Error(`test host: Chromium ended with ${code}`)))
  if (browser.stderr === null) throw new Error('bug: no stderr')
  createInterface({ input: browser.stderr }).on('line', line => {
    const url = /^DevTools listening on (ws:.*)$/.exec(line)?.[1]
    if (url === undefined) return
    Cdp.connect(url).then(async client => {
      const { product } = await client.send('Browser.getVersion')
      Object.assign(process.versions, { chrome: String(product).split('/')[1] })
      client.on('close', () => exit(0))
      // Playwright waits for this line, too.
      process.stderr.write(`${line}\n`)
      connected(client)
    }, reject)
  })
  return promise
}

/** Closes Chromium in order, or not in order after three seconds, and ends. */
function exit(code: number): void {
  if (exiting) return
  exiting = true
  chromium.on('exit', () => process.exit(code))
  cdp.then(client => client.send('Browser.close')).catch(() => process.exit(code))
  setTimeout(() => process.exit(code), 3_000)
}

function killChromium(): void {
  try {
    // Its whole process group: there are a dozen of them.
    process.kill(-(chromium.pid ?? Number.NaN), 'SIGKILL')
  } catch {
    // It is gone already.
  }
}
