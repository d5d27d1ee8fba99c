import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type Electron from 'electron'
import { app } from './app.ts'

/* What the app asks of the system. Tests replace the answers, or look at what was asked. */

/** Everything is cancelled until a test puts another function in its place. */
export const dialog = {
  showOpenDialog: async (): Promise<Electron.OpenDialogReturnValue> => ({ canceled: true, filePaths: [] }),
  showSaveDialog: async (): Promise<Electron.SaveDialogReturnValue> => ({ canceled: true, filePath: '' }),
  showMessageBox: async (): Promise<Electron.MessageBoxReturnValue> => ({
    response: 0,
    checkboxChecked: false,
  }),
  showErrorBox: (title: string, content: string) => void process.stderr.write(`${title}: ${content}\n`),
} satisfies Pick<Electron.Dialog, 'showOpenDialog' | 'showSaveDialog' | 'showMessageBox' | 'showErrorBox'>

/** Nothing is opened; what should have been, is in `asked`. */
export const shell = {
  asked: [] as string[],
  openExternal: async (url: string) => void shell.asked.push(url),
  openPath: async (path: string) => {
    shell.asked.push(path)
    return ''
  },
  showItemInFolder: (path: string) => void shell.asked.push(path),
}
shell satisfies Pick<Electron.Shell, 'openExternal' | 'openPath' | 'showItemInFolder'>

type MenuEntry = Electron.MenuItemConstructorOptions

export class Menu {
  static #application: Menu | null = null
  readonly items: readonly MenuEntry[]

  constructor(items: readonly MenuEntry[] = []) {
    this.items = items
  }

  getMenuItemById(id: string): MenuEntry | null {
    return flatten(this.items).find(item => item.id === id) ?? null
  }

  popup(): void {}

  static buildFromTemplate(items: readonly MenuEntry[]): Menu {
    return new Menu(items)
  }

  static setApplicationMenu(menu: Menu | null): void {
    Menu.#application = menu
  }

  static getApplicationMenu(): Menu | null {
    return Menu.#application
  }
}

function flatten(items: readonly MenuEntry[]): MenuEntry[] {
  return items.flatMap(item => [item, ...(Array.isArray(item.submenu) ? flatten(item.submenu) : [])])
}

export class Tray extends EventEmitter {
  static readonly shown = new Set<Tray>()
  menu: Menu | null = null

  constructor(_image: unknown) {
    super()
    Tray.shown.add(this)
  }

  setToolTip(_text: string): void {}

  setContextMenu(menu: Menu | null): void {
    this.menu = menu
  }

  destroy(): void {
    Tray.shown.delete(this)
  }
}

export class Notification extends EventEmitter {
  static readonly shown: Notification[] = []
  readonly title: string
  readonly body: string

  constructor({ title = '', body = '' }: Electron.NotificationConstructorOptions = {}) {
    super()
    this.title = title
    this.body = body
  }

  static isSupported(): boolean {
    return true
  }

  show(): void {
    Notification.shown.push(this)
    this.emit('show')
  }

  close(): void {
    const index = Notification.shown.indexOf(this)
    if (index < 0) return
    Notification.shown.splice(index, 1)
    this.emit('close', {})
  }
}

export const nativeImage = {
  createFromPath: (path: string) => ({ path, isEmpty: () => !existsSync(path) }),
  createEmpty: () => ({ path: '', isEmpty: () => true }),
}

export const powerMonitor = Object.assign(new EventEmitter(), { getSystemIdleTime: () => 0 })

const DISPLAY = { id: 1, workArea: { x: 0, y: 0, width: 1920, height: 1080 } }
export const screen = Object.assign(new EventEmitter(), {
  getAllDisplays: () => [DISPLAY],
  getPrimaryDisplay: () => DISPLAY,
})

/** A keyring whose key lies beside what it guards; TESTHOST_KEYRING=off is a system without one. */
export const safeStorage = {
  isEncryptionAvailable: () => process.env['TESTHOST_KEYRING'] !== 'off',
  getSelectedStorageBackend: () => 'gnome_libsecret' as const,
  encryptString(text: string): Buffer {
    const iv = randomBytes(16)
    const cipher = createCipheriv('aes-256-gcm', keyOfKeyring(), iv)
    const encrypted = Buffer.concat([cipher.update(text), cipher.final()])
    return Buffer.concat([iv, cipher.getAuthTag(), encrypted])
  },
  decryptString(encrypted: Buffer): string {
    const decipher = createDecipheriv('aes-256-gcm', keyOfKeyring(), encrypted.subarray(0, 16))
    decipher.setAuthTag(encrypted.subarray(16, 32))
    return Buffer.concat([decipher.update(encrypted.subarray(32)), decipher.final()]).toString()
  },
} satisfies Pick<
  Electron.SafeStorage,
  'isEncryptionAvailable' | 'getSelectedStorageBackend' | 'encryptString' | 'decryptString'
>

function keyOfKeyring(): Buffer {
  const path = join(app.getPath('userData'), 'test-keyring')
  if (!existsSync(path)) writeFileSync(path, randomBytes(32))
  return readFileSync(path)
}
