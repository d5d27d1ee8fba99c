import type { App } from 'electron'

/** How this program is started once more. */
export interface LaunchCommand {
  readonly executable: string
  readonly args: readonly string[]
}

/** `appImage`: $APPIMAGE, which the runtime of an AppImage sets. */
export function launchCommand(
  app: Pick<App, 'isPackaged' | 'getPath' | 'getAppPath'>,
  appImage: string | undefined,
): LaunchCommand {
  // Not packaged, the executable is Electron's own and has to be told where the app is.
  if (!app.isPackaged) return { executable: app.getPath('exe'), args: [app.getAppPath()] }
  // An AppImage is mounted somewhere else at each start: what stays is the file itself.
  return { executable: appImage ?? app.getPath('exe'), args: [] }
}
