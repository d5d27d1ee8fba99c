import { EventEmitter } from 'node:events'
import type Electron from 'electron'
import { app } from './app.ts'
import { type Owner, WebContents } from './web-contents.ts'

const windows = new Set<BrowserWindow>()

/** A window: a page with a place, and with the states that a window manager would keep. */
export class BrowserWindow extends EventEmitter implements Owner {
  readonly webContents: WebContents
  readonly id: number
  /** 0 to 1, or -1 for none: kept for tests to look at. */
  progress = -1
  #title: string
  #bounds: Electron.Rectangle
  #visible: boolean
  #focused: boolean
  #minimized = false
  #maximized = false
  #closed = false
  #wasReady = false

  constructor(options: Electron.BrowserWindowConstructorOptions = {}) {
    super()
    const { x = 0, y = 0, width = 800, height = 600, title = app.name, show = true } = options
    this.#title = title
    this.#bounds = { x, y, width, height }
    this.#visible = show
    this.#focused = show
    this.webContents = new WebContents(this, { width, height, preload: options.webPreferences?.preload })
    this.id = this.webContents.id
    windows.add(this)
    setImmediate(() => app.emit('browser-window-created', {}, this))
  }

  loadURL = (url: string) => this.webContents.loadURL(url)
  isVisible = () => this.#visible
  isFocused = () => this.#focused && this.#visible && !this.#minimized
  isMinimized = () => this.#minimized
  isMaximized = () => this.#maximized
  isDestroyed = () => this.#closed
  getBounds = () => this.#bounds
  getNormalBounds = () => this.#bounds
  getTitle = () => this.#title
  setTitle = (title: string) => {
    this.#title = title
  }
  setProgressBar = (progress: number) => {
    this.progress = progress
  }
  flashFrame = () => {}

  setBounds(bounds: Partial<Electron.Rectangle>): void {
    this.#bounds = { ...this.#bounds, ...bounds }
    void this.webContents.setBounds(this.#bounds)
    this.emit('resize')
  }

  show(): void {
    this.#visible = true
    this.emit('show')
    this.focus()
  }

  hide(): void {
    this.#visible = false
    this.blur()
    this.emit('hide')
  }

  focus(): void {
    if (this.#focused) return
    this.#focused = true
    this.emit('focus')
    app.emit('browser-window-focus', {}, this)
  }

  blur(): void {
    if (!this.#focused) return
    this.#focused = false
    this.emit('blur')
    app.emit('browser-window-blur', {}, this)
  }

  minimize(): void {
    this.#minimized = true
    this.emit('minimize')
    this.blur()
  }

  restore(): void {
    this.#minimized = false
    this.emit('restore')
  }

  maximize(): void {
    this.#maximized = true
    this.emit('maximize')
  }

  unmaximize(): void {
    this.#maximized = false
    this.emit('unmaximize')
  }

  /** False where the app prevents it. */
  close(): boolean {
    let prevented = false
    this.emit('close', {
      preventDefault: () => {
        prevented = true
      },
    })
    if (!prevented) this.destroy()
    return !prevented
  }

  /** `closed` follows when Chromium says that the page is gone. */
  destroy(): void {
    this.webContents.close()
  }

  pageReady(): void {
    if (this.#wasReady) return
    this.#wasReady = true
    this.emit('ready-to-show')
  }

  pageGone(): void {
    if (this.#closed) return
    this.#closed = true
    windows.delete(this)
    this.webContents.markGone()
    this.emit('closed')
    app.windowGone()
  }

  static getAllWindows(): BrowserWindow[] {
    return [...windows]
  }

  static getFocusedWindow(): BrowserWindow | null {
    return [...windows].find(window => window.isFocused()) ?? null
  }

  static fromWebContents(contents: WebContents | undefined): BrowserWindow | null {
    return [...windows].find(({ webContents }) => webContents === contents) ?? null
  }

  static fromId(id: number): BrowserWindow | null {
    return [...windows].find(window => window.id === id) ?? null
  }
}

app.windows = { all: () => BrowserWindow.getAllWindows() }

type Used =
  | 'blur'
  | 'destroy'
  | 'flashFrame'
  | 'focus'
  | 'getBounds'
  | 'getNormalBounds'
  | 'getTitle'
  | 'hide'
  | 'id'
  | 'isDestroyed'
  | 'isFocused'
  | 'isMaximized'
  | 'isMinimized'
  | 'isVisible'
  | 'loadURL'
  | 'maximize'
  | 'minimize'
  | 'restore'
  | 'setBounds'
  | 'setProgressBar'
  | 'setTitle'
  | 'show'
  | 'unmaximize'
export type UsedBrowserWindow = BrowserWindow extends Pick<Electron.BrowserWindow, Used> ? true : never
true satisfies UsedBrowserWindow
