import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { App } from 'electron'
import type { LaunchCommand } from './launch-command.ts'

export interface LoginOptions {
  readonly app: Pick<App, 'setLoginItemSettings'>
  readonly platform: NodeJS.Platform
  readonly command: LaunchCommand
  /** $XDG_CONFIG_HOME, where Linux keeps what starts with a session. */
  readonly configFolder: string
}

let last: Promise<void> = Promise.resolve()

/**
 * Starts Plumb with the person's session, or no longer. One change after the other: who thinks better of it at once has
 * the last word.
 */
export function setStartAtLogin(enabled: boolean, options: LoginOptions): Promise<void> {
  const change = last.then(() => apply(enabled, options))
  last = change.catch(() => {})
  return change
}

/** Electron has no way for it on Linux. */
async function apply(enabled: boolean, options: LoginOptions): Promise<void> {
  const { app, platform, command, configFolder } = options
  const { executable, args } = command
  if (platform !== 'linux') {
    // Windows reads the arguments as one line: electron.d.ts asks for quotes around paths.
    app.setLoginItemSettings({ openAtLogin: enabled, path: executable, args: args.map(word => `"${word}"`) })
    return
  }
  const folder = join(configFolder, 'autostart')
  const file = join(folder, 'plumb.desktop')
  if (!enabled) {
    await rm(file, { force: true })
    return
  }
  await mkdir(folder, { recursive: true })
  await writeFile(file, desktopEntry([executable, ...args]))
}

function desktopEntry(command: readonly string[]): string {
  // Desktop Entry Specification, the Exec key: quoted, with these characters escaped, and % doubled.
  const quoted = command.map(word => `"${word.replace(/["`$\\]/g, '\\$&').replaceAll('%', '%%')}"`)
  const exec = quoted.join(' ').replaceAll('\\', '\\\\')
  return `[Desktop Entry]\nType=Application\nName=Plumb\nExec=${exec}\nX-GNOME-Autostart-enabled=true\n`
}
