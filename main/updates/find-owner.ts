import { existsSync, readFileSync, realpathSync } from 'node:fs'
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
  // Inherited from another program that is an AppImage, they would name that one: it must not be replaced.
  const { APPIMAGE, APPDIR } = env
  if (APPIMAGE !== undefined && APPDIR !== undefined && isInside(execPath, APPDIR)) return undefined
  // electron-builder leaves it in packages, and in the folder that the AppImage is made of, too.
  return packageType(resourcesPath) === undefined ? 'nobody' : 'package-manager'
}

function packageType(resourcesPath: string): string | undefined {
  try {
    return readFileSync(join(resourcesPath, 'package-type'), 'utf8').trim()
  } catch {
    return undefined
  }
}

/** `path` has no links in it: the system says so of what it runs. */
function isInside(path: string, folder: string): boolean {
  if (folder === '') return false
  try {
    const place = realpathSync(folder)
    return path.startsWith(place.endsWith(sep) ? place : `${place}${sep}`)
  } catch {
    return false
  }
}
