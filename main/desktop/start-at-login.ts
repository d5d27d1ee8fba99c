import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { App } from 'electron'

export interface LoginOptions {
  readonly app: Pick<App, 'setLoginItemSettings'>
  readonly platform: NodeJS.Platform
  /** The program to start. */
  readonly executable: string
  /** $XDG_CONFIG_HOME, where Linux keeps what starts with a session. */
  readonly configFolder: string
}

/** Starts Plumb with the person's session, or no longer. Electron has no way for it on Linux. */
export async function setStartAtLogin(enabled: boolean, options: LoginOptions): Promise<void> {
  const { app, platform, executable, configFolder } = options
  if (platform !== 'linux') {
    app.setLoginItemSettings({ openAtLogin: enabled })
    return
  }
  const folder = join(configFolder, 'autostart')
  const file = join(folder, 'plumb.desktop')
  if (!enabled) {
    await rm(file, { force: true })
    return
  }
  await mkdir(folder, { recursive: true })
  await writeFile(file, desktopEntry(executable))
}

function desktopEntry(executable: string): string {
  // Desktop Entry Specification, the Exec key: quoted, with these characters escaped, and % doubled.
  const quoted = `"${executable.replace(/["`$\\]/g, '\\$&').replaceAll('%', '%%')}"`
  const exec = quoted.replaceAll('\\', '\\\\')
  return `[Desktop Entry]\nType=Application\nName=Plumb\nExec=${exec}\nX-GNOME-Autostart-enabled=true\n`
}
