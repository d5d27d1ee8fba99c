import type { MenuItemConstructorOptions } from 'electron'
import type { Command } from '../../shared/ipc/events.ts'
import { say } from '../../shared/words/say.ts'

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
    label: isMac ? say('menu.settings-mac') : say('menu.settings'),
    accelerator: 'CmdOrCtrl+,',
    click: () => command({ kind: 'open-settings' }),
  }
  const quitItem: MenuItemConstructorOptions = {
    id: 'quit',
    label: isMac ? say('menu.quit-mac') : platform === 'win32' ? say('menu.exit') : say('quit.quit'),
    accelerator: 'CmdOrCtrl+Q',
    click: quit,
  }
  const appMenu: MenuItemConstructorOptions = {
    label: 'Plumb',
    submenu: [
      { role: 'about', label: say('menu.about') },
      separator,
      settings,
      separator,
      { role: 'services', label: say('menu.services') },
      separator,
      { role: 'hide', label: say('menu.hide') },
      { role: 'hideOthers', label: say('menu.hide-others') },
      { role: 'unhide', label: say('menu.show-all') },
      separator,
      quitItem,
    ],
  }
  const file: MenuItemConstructorOptions = {
    label: say('menu.file'),
    submenu: [
      {
        id: 'attach',
        label: say('menu.send-files'),
        accelerator: 'CmdOrCtrl+O',
        click: () => command({ kind: 'attach' }),
      },
      {
        id: 'add-person',
        label: say('menu.add-person'),
        accelerator: 'CmdOrCtrl+N',
        click: () => command({ kind: 'add-person', address: null }),
      },
      separator,
      ...(isMac ? [] : [settings, separator]),
      { role: 'close', label: say('menu.close') },
      ...(isMac ? [] : [quitItem]),
    ],
  }
  const view: MenuItemConstructorOptions = {
    label: say('menu.view'),
    submenu: [
      {
        id: 'find',
        label: say('menu.find'),
        accelerator: 'CmdOrCtrl+F',
        click: () => command({ kind: 'find' }),
      },
      {
        id: 'transfers',
        label: say('menu.transfers'),
        accelerator: 'CmdOrCtrl+J',
        click: () => command({ kind: 'toggle-transfers' }),
      },
      {
        id: 'offers',
        label: say('menu.waiting-offer'),
        accelerator: 'CmdOrCtrl+Shift+O',
        click: () => command({ kind: 'show-offers' }),
      },
      separator,
      { role: 'resetZoom', label: say('menu.actual-size') },
      { role: 'zoomIn', label: say('menu.zoom-in') },
      { role: 'zoomOut', label: say('menu.zoom-out') },
      separator,
      { role: 'togglefullscreen', label: say('menu.full-screen') },
      ...(forDevelopers ? ([separator, { role: 'reload' }, { role: 'toggleDevTools' }] as const) : []),
    ],
  }
  return [
    ...(isMac ? [appMenu] : []),
    file,
    editMenu(isMac),
    view,
    windowMenu(isMac),
    ...(isMac
      ? []
      : [{ label: say('menu.help'), submenu: [{ role: 'about' as const, label: say('menu.about') }] }]),
  ]
}

/** What Electron would put there, which it says in English only. */
function editMenu(isMac: boolean): MenuItemConstructorOptions {
  const separator: MenuItemConstructorOptions = { type: 'separator' }
  const speech: MenuItemConstructorOptions = {
    label: say('menu.speech'),
    submenu: [
      { role: 'startSpeaking', label: say('menu.start-speaking') },
      { role: 'stopSpeaking', label: say('menu.stop-speaking') },
    ],
  }
  return {
    role: 'editMenu',
    label: say('menu.edit'),
    submenu: [
      { role: 'undo', label: say('menu.undo') },
      { role: 'redo', label: say('menu.redo') },
      separator,
      { role: 'cut', label: say('menu.cut') },
      { role: 'copy', label: say('menu.copy') },
      { role: 'paste', label: say('menu.paste') },
      ...(isMac ? ([{ role: 'pasteAndMatchStyle', label: say('menu.paste-plain') }] as const) : []),
      { role: 'delete', label: say('menu.delete') },
      ...(isMac ? [] : [separator]),
      { role: 'selectAll', label: say('menu.select-all') },
      ...(isMac ? [separator, speech] : []),
    ],
  }
}

function windowMenu(isMac: boolean): MenuItemConstructorOptions {
  return {
    role: 'windowMenu',
    label: say('menu.window'),
    submenu: [
      { role: 'minimize', label: say('menu.minimize') },
      { role: 'zoom', label: say('menu.zoom') },
      ...(isMac
        ? ([{ type: 'separator' }, { role: 'front', label: say('menu.bring-to-front') }] as const)
        : ([{ role: 'close', label: say('menu.close') }] as const)),
    ],
  }
}
