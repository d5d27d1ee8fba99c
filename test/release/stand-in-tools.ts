import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { whereIs } from '../support/where-is.ts'
import { ROOT } from './root.ts'

/**
 * The tools that electron-builder would download to make packages for Linux: Debian's own, a deb by dpkg-deb, and a runtime
 * that does not run, so that an AppImage is well formed but does not start. Returns the environment that names them.
 */
export function makeStandInTools(folder: string): Readonly<Record<string, string>> {
  const fpm = join(folder, 'fpm')
  const appImage = join(folder, 'appimage')
  mkdirSync(join(appImage, 'runtimes'), { recursive: true })
  mkdirSync(join(appImage, 'lib', 'x64'), { recursive: true })
  writeFileSync(fpm, `#!/bin/sh\nexec "${process.execPath}" "${join(ROOT, 'test/release/fpm.ts')}" "$@"\n`)
  chmodSync(fpm, 0o755)
  for (const tool of ['mksquashfs', 'desktop-file-validate']) {
    const place = whereIs(tool)
    if (place === undefined) throw new Error(`${tool} is not installed: npm test says how to get it.`)
    symlinkSync(place, join(appImage, tool))
  }
  const runtime = '#!/bin/sh\necho "The runtime of AppImages is not here." >&2\nexit 1\n'
  writeFileSync(join(appImage, 'runtimes', 'runtime-x64'), runtime.padEnd(STAND_IN_RUNTIME_BYTES, '\n'))
  return { CUSTOM_FPM_PATH: fpm, APPIMAGE_TOOLS_PATH: appImage }
}

/** Behind it an AppImage has its file system. */
export const STAND_IN_RUNTIME_BYTES = 4096
