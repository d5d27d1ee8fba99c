import type { MenuItemConstructorOptions } from 'electron'
import type { Command } from '../../shared/ipc/events.ts'

export interface MenuOptions {
  readonly platform: NodeJS.Platform
  /** Whether the tools for its makers are there. */
  readonly forDevelopers: boolean
  readonly command: (command: Command) => void
  readonly quit: () => void
}

/** The application menu, with the platform's own roles, names and shortcuts. */
export function menuTemplate({
  platform,
  forDevelopers,
  command,
  quit,
}: MenuOptions): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin'
  const separator: MenuItemConstructorOptions = { type: 'separator' }
  const settings: MenuItemConstructorOptions = {
    id: 'settings',
    label: isMac ? 'Settings…' : 'Settings',
    accelerator: 'CmdOrCtrl+,',
    click: () => command({ kind: 'open-settings' }),
  }
  const quitItem: MenuItemConstructorOptions = {
    id: 'quit',
    label: isMac ? 'Quit Plumb' : platform === 'win32' ? 'Exit' : 'Quit',
    accelerator: 'CmdOrCtrl+Q',
    click: quit,
  }
  const appMenu: MenuItemConstructorOptions = {
    label: 'Plumb',
    submenu: [
      { role: 'about' },
      separator,
      settings,
      separator,
      { role: 'services' },
      separator,
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      separator,
      quitItem,
    ],
  }
  const file: MenuItemConstructorOptions = {
    label: '&File',
    submenu: [
      {
        id: 'attach',
        label: 'Send files…',
        accelerator: 'CmdOrCtrl+O',
        click: () => command({ kind: 'attach' }),
      },
      {
        id: 'add-person',
        label: 'Add a person…',
        accelerator: 'CmdOrCtrl+N',
        click: () => command({ kind: 'add-person', address: null }),
      },
      separator,
      ...(isMac ? [] : [settings, separator]),
      { role: 'close' },
      ...(isMac ? [] : [quitItem]),
    ],
  }
  const view: MenuItemConstructorOptions = {
    label: '&View',
    submenu: [
      { id: 'find', label: 'Find', accelerator: 'CmdOrCtrl+F', click: () => command({ kind: 'find' }) },
      {
        id: 'transfers',
        label: 'Transfers',
        accelerator: 'CmdOrCtrl+J',
        click: () => command({ kind: 'toggle-transfers' }),
      },
      {
        id: 'offers',
        label: 'Go to the waiting offer',
        accelerator: 'CmdOrCtrl+Shift+O',
        click: () => command({ kind: 'show-offers' }),
      },
      separator,
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      separator,
      { role: 'togglefullscreen' },
      ...(forDevelopers ? ([separator, { role: 'reload' }, { role: 'toggleDevTools' }] as const) : []),
    ],
  }
  return [
    ...(isMac ? [appMenu] : []),
    file,
    { role: 'editMenu' },
    view,
    { role: 'windowMenu' },
    ...(isMac ? [] : [{ label: '&Help', submenu: [{ role: 'about' as const }] }]),
  ]
}
