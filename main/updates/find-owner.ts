import { existsSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import type { UpdateOwner } from '../../shared/model/update.ts'

export interface Installation {
  readonly platform: NodeJS.Platform
  readonly isPackaged: boolean
  /** Electron's `process.resourcesPath`. */
  readonly resourcesPath: string
  readonly execPath: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Who replaces this copy of Plumb by a newer one; undefined where it does so itself. */
export function findOwner({
  platform,
  isPackaged,
  resourcesPath,
  execPath,
  env,
}: Installation): UpdateOwner | undefined {
  if (!isPackaged) return 'nobody'
  if (platform !== 'linux') return undefined
  if (env['FLATPAK_ID'] !== undefined || existsSync('/.flatpak-info')) return 'flatpak'
  if (env['SNAP'] !== undefined && isInside(execPath, env['SNAP'])) return 'snap'
  // electron-builder leaves it in packages.
  if (packageType(resourcesPath) !== undefined) return 'package-manager'
  // Inherited from another program that is an AppImage, they would name that one: it must not be replaced.
  const { APPIMAGE, APPDIR } = env
  const isAppImage = APPIMAGE !== undefined && APPDIR !== undefined && isInside(execPath, APPDIR)
  return isAppImage ? undefined : 'nobody'
}

function packageType(resourcesPath: string): string | undefined {
  try {
    return readFileSync(join(resourcesPath, 'package-type'), 'utf8').trim()
  } catch {
    return undefined
  }
}

function isInside(path: string, folder: string): boolean {
  return folder !== '' && path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`)
}
