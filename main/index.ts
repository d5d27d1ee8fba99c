import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  app,
  type BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  nativeImage,
  nativeTheme,
  powerMonitor,
  safeStorage,
  session,
  shell,
  type Tray,
} from 'electron'
import { Failure } from '../shared/model/failure.ts'
import { AppInfo } from '../shared/model/window-state.ts'
import { languageFor, languageOf, speak } from '../shared/words/language.ts'
import { say } from '../shared/words/say.ts'
import { APP_ORIGIN } from './desktop/app-protocol.ts'
import { readAppArguments } from './desktop/arguments.ts'
import { confirmQuit, confirmReload, makeDialogs } from './desktop/dialogs.ts'
import { declareScheme, harden } from './desktop/harden.ts'
import { launchCommand } from './desktop/launch-command.ts'
import { menuTemplate } from './desktop/menu.ts'
import { Notifications } from './desktop/notifications.ts'
import { openPasswordStore } from './desktop/password-store.ts'
import { Quitting } from './desktop/quitting.ts'
import { setStartAtLogin } from './desktop/start-at-login.ts'
import { makeShell } from './desktop/system-shell.ts'
import { Taskbar } from './desktop/taskbar.ts'
import { makeTray } from './desktop/tray.ts'
import { makeUpdates } from './desktop/updates.ts'
import { builtFile, openWindow, showWindow } from './desktop/window.ts'
import { pushEvent } from './ipc/push-events.ts'
import { serveCalls } from './ipc/serve-calls.ts'
import { isTrusted } from './ipc/trusted-sender.ts'
import { Messenger } from './messenger.ts'
import { History } from './store/history/history.ts'
import { openSettings } from './store/settings.ts'
import { openOldTransferList } from './store/transfer-list.ts'

/* The desktop app's composition root: it builds and wires, and decides nothing. */

const given = readAppArguments(process.argv)
if (given.userDataDir !== undefined) app.setPath('userData', given.userDataDir)
app.setAppUserModelId('org.plumb.Plumb')
declareScheme()

// macOS hands over the link that starts the program before it is ready.
let link = given.link
let followLink = (url: string): void => {
  link = url
}
app.on('open-url', (event, url) => {
  event.preventDefault()
  followLink(url)
})

// One Plumb for one folder of settings: a second one hands over what it was started for, and ends.
if (app.requestSingleInstanceLock()) app.whenReady().then(run).catch(cannotStart)
else app.quit()

async function run(): Promise<void> {
  const languages = app.getPreferredSystemLanguages()
  speak(languageFor(languages))
  const ca = given.caFile === undefined ? undefined : readAuthorities(given.caFile)
  if (given.caFile !== undefined && ca === undefined) {
    dialog.showErrorBox(say('start.failed'), say('start.no-certificate', { file: given.caFile }))
    app.exit(1)
    return
  }
  const folder = app.getPath('userData')
  const resources = join(app.getAppPath(), 'resources')
  const icon = join(resources, 'icon.png')
  const settings = openSettings(folder, app.getPath('downloads'))
  let spoken = settings.settings.language
  speak(languageOf(spoken, languages))
  const passwords = openPasswordStore(folder, safeStorage, process.platform)
  const { platform } = process
  const updates = makeUpdates(app, resources, () => messenger.running)
  let window: BrowserWindow | undefined
  let tray: Tray | undefined

  const lost: string[] = []
  let historyLost = (sentence: string): void => void lost.push(sentence)
  const history = new History({ folder, damaged: sentence => historyLost(sentence) })
  const messenger = await Messenger.open({
    app: AppInfo.parse({
      version: app.getVersion(),
      platform,
      hasKeyring: passwords.available,
      languages,
    }),
    settings,
    passwords,
    dialogs: makeDialogs(() => open()),
    shell: makeShell(shell, platform),
    history: history.calls,
    oldTransfers: openOldTransferList(folder, settings.accounts[0]?.address),
    updates,
    stateFolder: join(folder, 'under-way'),
    pastedFolder: join(folder, 'pasted'),
    ca,
    allowLoopback: given.allowLoopback,
    isInFront: () => window?.isFocused() ?? false,
    idleSeconds: () => powerMonitor.getSystemIdleTime(),
  })
  historyLost = sentence => messenger.historyLost(sentence)
  for (const sentence of lost) messenger.tell(sentence)
  const quitting = new Quitting({
    running: () => messenger.running,
    ask: running => confirmQuit(window, running),
    stop: async () => {
      await messenger.stop()
      await history.close()
    },
    // On macOS whoever holds up its end holds up the end of the session: “Plumb interrupted the restart.”
    endsAtOnce: platform === 'darwin',
    exit: () => void updates.quit(),
  })

  const taskbar = new Taskbar({
    app,
    platform,
    badge: nativeImage.createFromPath(join(resources, 'badge.png')),
  })

  const onClosing = (): 'close' | 'hide' | 'keep' => {
    if (quitting.isEnding || platform === 'darwin') return 'close'
    // Without a tray there would be no way back to a hidden window.
    if (settings.settings.closeToTray && tray !== undefined) return 'hide'
    if (messenger.running === 0) return 'close'
    app.quit()
    return 'keep'
  }
  const open = (): BrowserWindow => {
    if (window === undefined) {
      window = openWindow({
        folder,
        preload: builtFile('preload', 'index.cjs'),
        icon,
        closing: () => {
          const what = onClosing()
          if (what === 'close') taskbar.detach()
          return what
        },
        focused: () => messenger.seen(),
        pageGone: () => messenger.windowGone(),
        crashing: () => confirmReload(open()),
      })
      const opened = window
      opened.on('show', () => taskbar.attach(opened))
      opened.on('closed', () => {
        window = undefined
        messenger.windowGone()
      })
      // Only on Windows: the end of the session is not asked for by quitting.
      opened.on('query-session-end', event => {
        if (messenger.running > 0) event.preventDefault()
      })
      opened.on('session-end', () => void messenger.stop())
    }
    return window
  }
  const show = (): void => showWindow(open())
  const command: Messenger['command'] = asked => {
    show()
    messenger.command(asked)
  }

  harden(app, session.defaultSession, {
    root: builtFile('renderer'),
    pictureOf: transfer => messenger.pictureOf(transfer),
    faceOf: hash => messenger.faceOf(hash),
  })
  serveCalls(ipcMain, messenger.calls, event => isTrusted(event, () => window?.webContents, APP_ORIGIN))
  messenger.on('event', (name, value, sequence) => pushEvent(window?.webContents, name, value, sequence))

  const notifications = new Notifications(
    {
      open: about => {
        const shown = { kind: 'show-conversation', person: about.person, draft: null } as const
        command(shown)
        if (about.kind === 'offer') messenger.command({ kind: 'show-offers' })
        else if (about.kind === 'transfer') messenger.command({ kind: 'show-transfers' })
      },
      answer: (transfer, answer) => void messenger.answerOffer(transfer, answer),
    },
    platform,
  )
  messenger.on('attention', attention => notifications.show(attention))
  messenger.on('settled', about => notifications.settle(about))
  messenger.on('signedOut', account => notifications.closeOf(account))
  messenger.on('progress', fraction => taskbar.progress(fraction))
  messenger.on('waiting', count => taskbar.waiting(count))

  const makeMenu = (): void => {
    Menu.setApplicationMenu(
      Menu.buildFromTemplate(
        menuTemplate({ platform, forDevelopers: !app.isPackaged, command, quit: () => app.quit() }),
      ),
    )
  }
  updates.onState(() => messenger.updateChanged())
  const applySettings = (): void => {
    const { theme, language, closeToTray, automaticUpdates, betaUpdates } = settings.settings
    if (language !== spoken) {
      spoken = language
      speak(languageOf(language, languages))
      makeMenu()
      tray?.destroy()
      tray = undefined
    }
    updates.choose({ automatic: automaticUpdates, beta: betaUpdates })
    nativeTheme.themeSource = theme
    if (closeToTray && tray === undefined) {
      tray = makeTray(nativeImage.createFromPath(join(resources, trayIcon(platform))), {
        show,
        quit: () => app.quit(),
      })
    } else if (!closeToTray) {
      tray?.destroy()
      tray = undefined
    }
  }
  let startsAtLogin = settings.settings.startAtLogin
  messenger.on('settings', ({ startAtLogin }) => {
    applySettings()
    if (startAtLogin === startsAtLogin) return
    startsAtLogin = startAtLogin
    const configFolder = process.env['XDG_CONFIG_HOME'] ?? join(app.getPath('home'), '.config')
    const command = launchCommand(app, process.env['APPIMAGE'])
    setStartAtLogin(startAtLogin, { app, platform, command, configFolder }).catch(() => {
      messenger.tell(say('start.not-at-login'))
    })
  })
  applySettings()

  makeMenu()
  // Not packaged, the links would start Electron without the app.
  if (app.isPackaged) app.setAsDefaultProtocolClient('xmpp')
  app.on('second-instance', (_, argv) => {
    show()
    const { link: handedOver } = readAppArguments(argv)
    if (handedOver !== undefined) messenger.followLink(handedOver)
  })
  app.on('activate', show)
  // Closed to the tray it goes on; on macOS it is the custom. Elsewhere the last window is the end.
  app.on('window-all-closed', () => {
    if (platform !== 'darwin') app.quit()
  })
  app.on('before-quit', event => {
    if (!quitting.request()) event.preventDefault()
  })
  powerMonitor.on('lock-screen', () => messenger.screenLocked(true))
  powerMonitor.on('unlock-screen', () => messenger.screenLocked(false))
  powerMonitor.on('resume', () => {
    messenger.resume()
    updates.wake()
  })

  open()
  if (link !== undefined) messenger.followLink(link)
  followLink = url => {
    show()
    messenger.followLink(url)
  }
  await messenger.start()
}

/** Its folder cannot be read, or the like: a sentence instead of a window that never comes. */
function cannotStart(error: unknown): void {
  dialog.showErrorBox(say('start.failed'), Failure.from(error).message)
  app.exit(1)
}

/** PEM; undefined for what is none. */
function readAuthorities(file: string): string | undefined {
  try {
    const pem = readFileSync(file, 'utf8')
    return pem.includes('-----BEGIN CERTIFICATE-----') ? pem : undefined
  } catch {
    return undefined
  }
}

/** macOS colours a template itself. */
function trayIcon(platform: NodeJS.Platform): string {
  return platform === 'darwin' ? 'trayTemplate.png' : 'tray.png'
}
