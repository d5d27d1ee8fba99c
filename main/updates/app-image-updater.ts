import {
  chmodSync,
  closeSync,
  copyFileSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { AppImageUpdater } from 'electron-updater'
import type { InstallOptions } from 'electron-updater/out/BaseUpdater.js'
import { Failure } from '../../shared/model/failure.ts'

/**
 * Installs an AppImage so that at every moment either the old or the new one is there, and under the same name, so that
 * every shortcut still leads to it. electron-updater's own removes the old one first, moves the new one there (a copy,
 * between two disks), under the name of its version, and waits for it to run.
 */
export class InPlaceAppImageUpdater extends AppImageUpdater {
  protected override doInstall({ isForceRunAfter }: InstallOptions): boolean {
    const installed = process.env['APPIMAGE'] ?? ''
    const downloaded = this.installerPath
    if (installed === '' || downloaded === null) throw new Failure('bug', 'bug: no AppImage to install')
    const beside = join(dirname(installed), `.${basename(installed)}.new`)
    try {
      copyFileSync(downloaded, beside)
      chmodSync(beside, statSync(installed).mode | 0o500)
      syncFile(beside)
      renameSync(beside, installed)
    } catch (error) {
      rmSync(beside, { force: true })
      throw error
    }
    rmSync(downloaded, { force: true })
    if (isForceRunAfter)
      this.spawnLog(installed, [], { ...process.env }).catch((error: unknown) =>
        this.dispatchError(error as Error),
      )
    return true
  }
}

/** Else a power cut could leave a name with nothing behind it. */
function syncFile(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
