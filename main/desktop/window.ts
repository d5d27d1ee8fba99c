import { join } from 'node:path'
import { BrowserWindow, Menu, nativeTheme, screen } from 'electron'
import { APP_ORIGIN } from './app-protocol.ts'
import { textMenu } from './text-menu.ts'
import { MIN_HEIGHT, MIN_WIDTH, openWindowPlace, placeOn } from './window-place.ts'

export interface WindowOptions {
  /** Where its size and place are kept. */
  readonly folder: string
  readonly preload: string
  readonly icon: string
  /** It is to be closed: whether it is, or is only hidden, or stays because something has to be asked first. */
  readonly closing: () => 'close' | 'hide' | 'keep'
  readonly focused: () => void
  /** Its page begins to load, or is gone. */
  readonly pageGone: () => void
  /** Its page crashes again and again: whether to try once more. */
  readonly crashing: () => Promise<boolean>
}

/** The colour behind the page until it has painted, in both themes; tokens.css has the same. */
const BACKGROUND = { light: '#fbfaf9', dark: '#1b181d' } as const
/** A page that crashes more often in a minute is loaded again only if somebody wants it: it could do so for ever. */
const MAX_CRASHES = 3
const MINUTE_MS = 60_000

/** The one window, hardened (security: renderer), at the place where it was left. */
export function openWindow(options: WindowOptions): BrowserWindow {
  const kept = openWindowPlace(options.folder)
  const window = new BrowserWindow({
    ...placeOn(
      screen.getAllDisplays().map(({ workArea }) => workArea),
      kept.place,
    ),
    minWidth: MIN_WIDTH,
    minHeight: MIN_HEIGHT,
    show: false,
    title: 'Plumb',
    icon: options.icon,
    backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
    webPreferences: {
      preload: options.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      // Its dictionaries would come from a server of Google's.
      spellcheck: false,
      // What moves in a picture is seen once: it neither keeps the processor busy nor moves beside what one reads.
      imageAnimationPolicy: 'animateOnce',
      // Progress and prompts are true also behind other windows.
      backgroundThrottling: false,
    },
  })
  const { webContents } = window
  let crashes: number[] = []
  const reload = async (unasked: boolean): Promise<void> => {
    if ((unasked || (await options.crashing())) && !window.isDestroyed()) webContents.reload()
  }
  webContents.on('render-process-gone', (_, { reason }) => {
    if (reason === 'clean-exit') return
    const now = Date.now()
    crashes = [...crashes.filter(at => now - at < MINUTE_MS), now]
    options.pageGone()
    // Nothing is lost with it: accounts and transfers live in this process.
    const unasked = crashes.length <= MAX_CRASHES
    // Not while Chromium is still taking the old page down.
    setImmediate(() => void reload(unasked))
  })
  webContents.on('did-start-loading', options.pageGone)
  webContents.on('context-menu', (_, params) => {
    const menu = textMenu(params)
    if (menu.length > 0) Menu.buildFromTemplate(menu).popup({ window })
  })
  window.once('ready-to-show', () => {
    if (kept.place.maximized) window.maximize()
    window.show()
  })
  window.on('focus', options.focused)
  window.on('close', event => {
    kept.save({ bounds: window.getNormalBounds(), maximized: window.isMaximized() })
    const what = options.closing()
    if (what !== 'close') event.preventDefault()
    if (what === 'hide') window.hide()
  })
  void window.loadURL(`${APP_ORIGIN}/index.html`)
  return window
}

/** Brings it in front of whoever asked for it. */
export function showWindow(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}

/** The files that were built beside the main process. */
export function builtFile(...parts: readonly string[]): string {
  return join(import.meta.dirname, '..', ...parts)
}
