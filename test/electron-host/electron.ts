import { app } from './api/app.ts'
import { BrowserWindow } from './api/browser-window.ts'
import { ipcMain } from './api/ipc-main.ts'
import { nativeTheme } from './api/native-theme.ts'
import { protocol } from './api/protocol.ts'
import { session } from './api/session.ts'
import {
  dialog,
  Menu,
  Notification,
  nativeImage,
  powerMonitor,
  safeStorage,
  screen,
  shell,
  Tray,
} from './api/system.ts'
import { WebContents as webContents } from './api/web-contents.ts'

/* In the place of the module `electron`: the part of it that the app uses, over one Chromium. */

export {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  Notification,
  nativeImage,
  nativeTheme,
  powerMonitor,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  Tray,
  webContents,
}

const modules = {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  Notification,
  nativeImage,
  nativeTheme,
  powerMonitor,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  Tray,
  webContents,
}

/** What is not there says so, instead of being undefined. */
const strict = new Proxy(modules, {
  get(target, name, receiver) {
    const harmless = typeof name === 'symbol' || ['then', 'toJSON', 'default', '__esModule'].includes(name)
    if (harmless || name in target) return Reflect.get(target, name, receiver)
    throw new Error(`test host: electron.${name} is not there`)
  },
})

export { strict as default, strict as 'module.exports' }
