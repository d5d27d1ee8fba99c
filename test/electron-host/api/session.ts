import { EventEmitter } from 'node:events'
import type Electron from 'electron'
import { protocol } from './protocol.ts'

/** Kept for tests to look at: headless Chromium grants nothing by itself. */
class Session extends EventEmitter {
  readonly protocol = protocol
  permissionRequestHandler: Parameters<Electron.Session['setPermissionRequestHandler']>[0] = null
  permissionCheckHandler: Parameters<Electron.Session['setPermissionCheckHandler']>[0] = null

  setPermissionRequestHandler(handler: typeof this.permissionRequestHandler): void {
    this.permissionRequestHandler = handler
  }

  setPermissionCheckHandler(handler: typeof this.permissionCheckHandler): void {
    this.permissionCheckHandler = handler
  }
}

const defaultSession = new Session()
defaultSession satisfies Pick<Electron.Session, 'setPermissionRequestHandler' | 'setPermissionCheckHandler'>

export const session = { defaultSession }
