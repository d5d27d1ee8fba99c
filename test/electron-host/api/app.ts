import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import type Electron from 'electron'
import { boot } from '../boot.ts'

/** What the app's windows do for it; they are set by browser-window.ts, which needs the app itself. */
export interface WindowList {
  all(): readonly { close(): boolean }[]
}

type PathName = Parameters<Electron.App['getPath']>[0]

class App extends EventEmitter {
  windows: WindowList = { all: () => [] }
  readonly isPackaged: boolean
  name: string
  readonly commandLine = {
    appendSwitch: (name: string, value = '') => void boot().switches.set(name, value),
    hasSwitch: (name: string) => boot().switches.has(name),
    getSwitchValue: (name: string) => boot().switches.get(name) ?? '',
  }
  readonly #paths = new Map<string, string>()
  readonly #ready: Promise<void>
  #isReady = false
  #quitting = false
  #badge = 0
  #login: { openAtLogin?: boolean | undefined } = {}
  #lock: { readonly server: Server; readonly path: string } | undefined

  constructor() {
    super()
    const { manifest, cdp, isPackaged } = boot()
    this.isPackaged = isPackaged
    this.name = manifest.productName ?? manifest.name
    this.#ready = cdp.then(() => {
      this.#isReady = true
      this.emit('ready', {}, {})
    })
  }

  getName = () => this.name
  setName = (name: string) => {
    this.name = name
  }
  getVersion = () => boot().manifest.version
  getAppPath = () => boot().appFolder
  getLocale = () => 'en-US'
  getPreferredSystemLanguages = () => ['en-US']
  isReady = () => this.#isReady
  whenReady = () => this.#ready
  setAppUserModelId = () => {}
  setAsDefaultProtocolClient = () => true
  focus = () => {}
  getBadgeCount = () => this.#badge
  setBadgeCount = (count = 0) => {
    this.#badge = count
    return true
  }
  setLoginItemSettings = (settings: Electron.Settings) => {
    this.#login = settings
  }
  getLoginItemSettings = () =>
    ({ openAtLogin: this.#login.openAtLogin ?? false }) as Electron.LoginItemSettings
  setPath = (name: string, path: string) => void this.#paths.set(name, path)

  getPath(name: PathName): string {
    const appData = process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config')
    const userData =
      this.#paths.get('userData') ?? boot().switches.get('user-data-dir') ?? join(appData, this.name)
    const known: Partial<Record<PathName, string>> = {
      home: homedir(),
      appData,
      userData,
      temp: tmpdir(),
      logs: join(userData, 'logs'),
      exe: process.execPath,
      downloads: join(homedir(), 'Downloads'),
    }
    const path = this.#paths.get(name) ?? known[name]
    if (path === undefined) throw new Error(`Failed to get '${name}' path`)
    if (name === 'userData') mkdirSync(path, { recursive: true })
    return path
  }

  /** The lock is a socket named after the folder of the settings; who finds it taken hands over its arguments. */
  requestSingleInstanceLock(): boolean {
    const name = createHash('sha256').update(this.getPath('userData')).digest('hex').slice(0, 24)
    const path =
      process.platform === 'win32' ? `\\\\.\\pipe\\plumb-${name}` : join(tmpdir(), `plumb-${name}.lock`)
    if (this.#lock !== undefined) return true
    if (handOver(path)) return false
    rmSync(path, { force: true })
    const server = createServer(socket => {
      let text = ''
      socket.setEncoding('utf8')
      socket.on('data', chunk => {
        text += chunk
      })
      socket.on('end', () => {
        const { argv, folder } = JSON.parse(text) as { argv: string[]; folder: string }
        this.emit('second-instance', {}, argv, folder, undefined)
      })
    })
    server.listen(path)
    server.unref()
    this.#lock = { server, path }
    process.on('exit', () => this.releaseSingleInstanceLock())
    return true
  }

  releaseSingleInstanceLock(): void {
    if (this.#lock === undefined) return
    const { server, path } = this.#lock
    this.#lock = undefined
    server.close()
    rmSync(path, { force: true })
  }

  /** With the arguments of this one where none are given. */
  relaunch({
    execPath = process.execPath,
    args = process.argv.slice(1),
  }: Electron.RelaunchOptions = {}): void {
    process.on('exit', () => spawn(execPath, args, { detached: true, stdio: 'ignore' }).unref())
  }

  quit(): void {
    if (this.#quitting || !this.#agreed('before-quit')) return
    this.#quitting = true
    for (const window of this.windows.all()) {
      if (!window.close()) {
        this.#quitting = false
        return
      }
    }
    this.windowGone()
  }

  exit(code = 0): void {
    boot().exit(code)
  }

  /** A window was closed. */
  windowGone(): void {
    if (this.windows.all().length > 0) return
    if (this.#quitting) {
      this.emit('will-quit', { preventDefault() {} })
      this.emit('quit', {}, 0)
      boot().exit(0)
    } else if (!this.emit('window-all-closed')) this.quit()
  }

  #agreed(event: string): boolean {
    let prevented = false
    this.emit(event, {
      preventDefault: () => {
        prevented = true
      },
    })
    return !prevented
  }
}

/** Gives our arguments to who holds the lock; false where nobody does. Synchronous, as Electron's is. */
function handOver(path: string): boolean {
  const text = JSON.stringify({ argv: process.argv, folder: process.cwd() })
  const script = `
    const socket = require('node:net').createConnection(${JSON.stringify(path)})
    socket.on('connect', () => socket.end(${JSON.stringify(text)}))
    socket.on('close', () => process.exit(0))
    socket.on('error', () => process.exit(1))
  `
  return spawnSync(boot().node, ['-e', script], { stdio: 'ignore' }).status === 0
}

/** What the app uses of Electron's, held against electron.d.ts. */
type Used =
  | 'commandLine'
  | 'exit'
  | 'focus'
  | 'getAppPath'
  | 'getBadgeCount'
  | 'getLocale'
  | 'getLoginItemSettings'
  | 'getName'
  | 'getPath'
  | 'getPreferredSystemLanguages'
  | 'getVersion'
  | 'isPackaged'
  | 'isReady'
  | 'name'
  | 'quit'
  | 'relaunch'
  | 'releaseSingleInstanceLock'
  | 'requestSingleInstanceLock'
  | 'setAppUserModelId'
  | 'setAsDefaultProtocolClient'
  | 'setBadgeCount'
  | 'setLoginItemSettings'
  | 'setName'
  | 'setPath'
  | 'whenReady'

export const app = new App()
app satisfies Omit<Pick<Electron.App, Used>, 'commandLine'>
