import { join } from 'node:path'
import { type BrowserWindow, dialog, type OpenDialogOptions } from 'electron'
import { say } from '../../shared/words/say.ts'
import type { Dialogs } from '../messenger/ports.ts'
import { showWindow } from './window.ts'

function folderQuestion(purpose: Parameters<Dialogs['chooseFolder']>[0]): OpenDialogOptions {
  switch (purpose) {
    case 'downloads':
      return { title: say('dialog.download-folder') }
    case 'save':
      return { title: say('dialog.save-in'), buttonLabel: say('dialog.save-here') }
    default:
      return { title: say('dialog.send-folder'), buttonLabel: say('dialog.send') }
  }
}

/** The system's own dialogs, in front of the window. */
export function makeDialogs(window: () => BrowserWindow): Dialogs {
  return {
    async chooseFiles() {
      const { canceled, filePaths } = await dialog.showOpenDialog(window(), {
        title: say('dialog.send-files'),
        buttonLabel: say('dialog.send'),
        properties: ['openFile', 'multiSelections', 'dontAddToRecent'],
      })
      return canceled ? [] : filePaths
    },
    async choosePicture() {
      const { canceled, filePaths } = await dialog.showOpenDialog(window(), {
        title: say('dialog.choose-picture'),
        filters: [{ name: say('dialog.pictures'), extensions: ['png', 'jpg', 'jpeg', 'gif', 'webp'] }],
        properties: ['openFile', 'dontAddToRecent'],
      })
      return canceled ? undefined : filePaths[0]
    },
    async chooseSavePath(folder, name) {
      const { canceled, filePath } = await dialog.showSaveDialog(window(), {
        title: say('dialog.save-as'),
        defaultPath: join(folder, name),
        properties: ['createDirectory', 'showOverwriteConfirmation', 'dontAddToRecent'],
      })
      return canceled || filePath === '' ? undefined : filePath
    },
    async chooseFolder(purpose, current) {
      const { canceled, filePaths } = await dialog.showOpenDialog(window(), {
        ...folderQuestion(purpose),
        ...(current === undefined ? {} : { defaultPath: current }),
        properties: ['openDirectory', ...(purpose === 'send' ? [] : (['createDirectory'] as const))],
      })
      return canceled ? undefined : filePaths[0]
    },
    async chooseExportPath(name) {
      const { canceled, filePath } = await dialog.showSaveDialog(window(), {
        title: say('dialog.export'),
        defaultPath: name,
        properties: ['createDirectory', 'showOverwriteConfirmation', 'dontAddToRecent'],
      })
      return canceled || filePath === '' ? undefined : filePath
    },
    async confirmOpeningProgram(name, from) {
      const { response } = await dialog.showMessageBox(window(), {
        type: 'warning',
        message: say('program.question', { name }),
        detail: say('program.warning', { sender: from }),
        buttons: [say('program.do-not-open'), say('program.open')],
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
    message: say('crash.happened'),
    detail: say('crash.consolation'),
    buttons: [say('crash.leave'), say('crash.show-again')],
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
    message: say('quit.transfers-run', { running }),
    detail: say('quit.consequence'),
    buttons: [say('quit.keep-running'), say('quit.quit')],
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
