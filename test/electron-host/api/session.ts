import { EventEmitter } from 'node:events'
import type Electron from 'electron'
import { protocol } from './protocol.ts'

/** Kept for tests to look at: headless Chromium grants nothing by itself. */
export class Session extends EventEmitter {
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

const partitions = new Map<string, Session>()

/** The same one for the same name, as long as the app runs. Nothing is kept, so that `cache` changes nothing. */
function fromPartition(partition: string, _options?: Electron.FromPartitionOptions): Session {
  const known = partitions.get(partition) ?? new Session()
  partitions.set(partition, known)
  return known
}

export const session = { defaultSession, fromPartition }
