/* The part of Electron that the app uses. */

export { app } from './api/app.ts'
export { BrowserWindow } from './api/browser-window.ts'
export { ipcMain } from './api/ipc-main.ts'
export { nativeTheme } from './api/native-theme.ts'
export { net } from './api/net.ts'
export { protocol } from './api/protocol.ts'
export { session } from './api/session.ts'
export {
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
export { WebContents as webContents } from './api/web-contents.ts'
