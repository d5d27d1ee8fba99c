import { join } from 'node:path'
import { type BrowserWindow, dialog } from 'electron'
import type { Dialogs } from '../messenger/ports.ts'
import { showWindow } from './window.ts'

const FOLDER_QUESTIONS = {
  downloads: { title: 'Download folder' },
  save: { title: 'Save in', buttonLabel: 'Save here' },
  send: { title: 'Send a folder', buttonLabel: 'Send' },
} as const

/** The system's own dialogs, in front of the window. */
export function makeDialogs(window: () => BrowserWindow): Dialogs {
  return {
    async chooseFiles() {
      const { canceled, filePaths } = await dialog.showOpenDialog(window(), {
        title: 'Send files',
        buttonLabel: 'Send',
        properties: ['openFile', 'multiSelections', 'dontAddToRecent'],
      })
      return canceled ? [] : filePaths
    },
    async chooseSavePath(folder, name) {
      const { canceled, filePath } = await dialog.showSaveDialog(window(), {
        title: 'Save as',
        defaultPath: join(folder, name),
        properties: ['createDirectory', 'showOverwriteConfirmation', 'dontAddToRecent'],
      })
      return canceled || filePath === '' ? undefined : filePath
    },
    async chooseFolder(purpose, current) {
      const { canceled, filePaths } = await dialog.showOpenDialog(window(), {
        ...FOLDER_QUESTIONS[purpose],
        ...(current === undefined ? {} : { defaultPath: current }),
        properties: ['openDirectory', ...(purpose === 'send' ? [] : (['createDirectory'] as const))],
      })
      return canceled ? undefined : filePaths[0]
    },
    async chooseExportPath(name) {
      const { canceled, filePath } = await dialog.showSaveDialog(window(), {
        title: 'Export',
        defaultPath: name,
        properties: ['createDirectory', 'showOverwriteConfirmation', 'dontAddToRecent'],
      })
      return canceled || filePath === '' ? undefined : filePath
    },
    async confirmOpeningProgram(name, from) {
      const { response } = await dialog.showMessageBox(window(), {
        type: 'warning',
        message: `Open “${name}”?`,
        detail: `It came from ${from} and may be a program. Open it only if you expected it: a program can do whatever you can do.`,
        buttons: ['Don’t open', 'Open'],
        defaultId: 0,
        cancelId: 0,
        noLink: true,
      })
      return response === 1
    },
  }
}

/** Asks whether to load a window again that crashes again and again. */
export async function confirmReload(window: BrowserWindow): Promise<boolean> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'error',
    message: 'The window crashed several times.',
    detail: 'Your transfers go on without it.',
    buttons: ['Leave it empty', 'Show it again'],
    defaultId: 1,
    cancelId: 0,
    noLink: true,
  })
  return response === 1
}

/** Asks once whether to stop what runs. */
export async function confirmQuit(window: BrowserWindow | undefined, running: number): Promise<boolean> {
  const options = {
    type: 'question' as const,
    message: running === 1 ? 'A transfer is running.' : `${running} transfers are running.`,
    detail:
      'Quitting interrupts them. They go on from where they are at the next start; only what other programs send or receive has to begin anew.',
    buttons: ['Keep running', 'Quit'],
    defaultId: 0,
    cancelId: 0,
    noLink: true,
  }
  // Of a hidden or minimized window the question would be hidden, too.
  if (window !== undefined) showWindow(window)
  const { response } = await (window === undefined
    ? dialog.showMessageBox(options)
    : dialog.showMessageBox(window, options))
  return response === 1
}
