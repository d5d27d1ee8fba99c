import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { serve, serveFile } from '../../main/desktop/app-protocol.ts'
import { readAppArguments } from '../../main/desktop/arguments.ts'
import { launchCommand } from '../../main/desktop/launch-command.ts'
import { menuTemplate } from '../../main/desktop/menu.ts'
import { openPasswordStore } from '../../main/desktop/password-store.ts'
import { Quitting } from '../../main/desktop/quitting.ts'
import { setStartAtLogin } from '../../main/desktop/start-at-login.ts'
import { makeShell } from '../../main/desktop/system-shell.ts'
import { Taskbar } from '../../main/desktop/taskbar.ts'
import { textMenu } from '../../main/desktop/text-menu.ts'
import { placeOn } from '../../main/desktop/window-place.ts'
import { speak } from '../../shared/words/language.ts'
import { eventually } from '../support/eventually.ts'
import { PNG } from '../support/pictures.ts'

let folder: string

const HASH = 'a'.repeat(40)
const nobody = async (): Promise<undefined> => undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumb-desktop-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

describe('the page’s own scheme', () => {
  test('serves our files under a strict policy', async () => {
    await writeFile(join(folder, 'index.html'), 'page')
    const response = await serveFile('app://plumb/index.html', folder)
    expect(await response.text()).toBe('page')
    expect(response.headers.get('content-type')).toContain('text/html')
    expect(response.headers.get('content-security-policy')).toContain("script-src 'self'")
    expect(response.headers.get('content-security-policy')).not.toContain('unsafe')
  })

  test('serves a picture of somebody by its hash, from here only', async () => {
    const faceOf = vi.fn(async (hash: string) =>
      hash === HASH ? { type: 'image/png' as const, width: 7, height: 5, bytes: PNG } : undefined,
    )
    const served = { root: folder, pictureOf: async () => undefined, faceOf }
    const response = await serve(`app://plumb/face/${HASH}`, served)
    expect(Buffer.from(await response.arrayBuffer()).equals(PNG)).toBe(true)
    expect(response.headers.get('content-type')).toBe('image/png')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect((await serve(`app://plumb/face/${'b'.repeat(40)}`, served)).status).toBe(404)
    expect(faceOf).toHaveBeenCalledTimes(2)
    for (const path of [HASH.toUpperCase(), `${HASH}/x`, `${HASH}a`, '..%2findex.html', '']) {
      expect((await serve(`app://plumb/face/${path}`, served)).status).toBe(404)
    }
    expect((await serve(`app://other/face/${HASH}`, served)).status).toBe(404)
    expect(faceOf).toHaveBeenCalledTimes(2)
  })

  test.each([
    '../secret.html',
    '..%2fsecret.html',
    '%2e%2e/secret.html',
    '..%5csecret.html',
    'a/../../secret.html',
    '/etc/passwd',
    'index.html%00.js',
    'missing.html',
    'index.txt',
    '',
    '%',
  ])('serves nothing for %s', async path => {
    const root = join(folder, 'root')
    await mkdir(root)
    await writeFile(join(folder, 'secret.html'), 'secret')
    await writeFile(join(root, 'index.txt'), 'secret')
    const response = await serveFile(`app://plumb/${path}`, root)
    expect(response.status).toBe(404)
    expect(await response.text()).not.toContain('secret')
  })

  test('serves a picture of a conversation by its transfer, as a picture and as nothing else', async () => {
    const pictureOf = vi.fn(async () => ({ type: 'image/png' as const, width: 7, height: 5, bytes: PNG }))
    const response = await serve('app://plumb/picture/0a1b2c3d4e5f', {
      root: folder,
      pictureOf,
      faceOf: nobody,
    })
    expect(pictureOf).toHaveBeenCalledExactlyOnceWith('0a1b2c3d4e5f')
    expect(Buffer.from(await response.arrayBuffer()).equals(PNG)).toBe(true)
    expect(Object.fromEntries(response.headers)).toEqual({
      'content-type': 'image/png',
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
  })

  test('serves no picture of a transfer that has none', async () => {
    const pictureOf = vi.fn(async () => undefined)
    const response = await serve('app://plumb/picture/0a1b2c3d4e5f', {
      root: folder,
      pictureOf,
      faceOf: nobody,
    })
    expect(response.status).toBe(404)
  })

  test.each([
    'picture/',
    'picture/..',
    'picture/../secret.png',
    'picture/..%2fsecret.png',
    'picture/%2e%2e%2fsecret.png',
    'picture/..%5csecret.png',
    'picture/a/secret.png',
    'picture/a?b',
    'picture/a%00',
    `picture/${'a'.repeat(65)}`,
    'secret/../picture/a',
    'picture//a',
  ])('asks nobody for a picture by %s', async path => {
    await writeFile(join(folder, 'secret.png'), 'secret')
    await mkdir(join(folder, 'root'))
    const pictureOf = vi.fn(async () => undefined)
    const response = await serve(`app://plumb/${path}`, {
      root: join(folder, 'root'),
      pictureOf,
      faceOf: nobody,
    })
    expect(response.status).toBe(404)
    expect(pictureOf).not.toHaveBeenCalled()
  })

  test('serves no picture to another host', async () => {
    const pictureOf = vi.fn(async () => undefined)
    expect((await serve('app://other/picture/a', { root: folder, pictureOf, faceOf: nobody })).status).toBe(
      404,
    )
    expect(pictureOf).not.toHaveBeenCalled()
  })

  test('serves nothing to another host', async () => {
    await writeFile(join(folder, 'index.html'), 'page')
    expect((await serveFile('app://other/index.html', folder)).status).toBe(404)
  })
})

test('what the app was started with is read', () => {
  const argv = ['plumb', '--user-data-dir=/a=b', '--ca=/c', '--allow-loopback', 'XMPP:a@b.c']
  expect(readAppArguments(argv)).toEqual({
    userDataDir: '/a=b',
    caFile: '/c',
    allowLoopback: true,
    link: 'XMPP:a@b.c',
  })
  expect(readAppArguments(['plumb', '--user-data-dir=here']).userDataDir).toBe(resolve('here'))
  expect(readAppArguments([])).toMatchObject({
    userDataDir: undefined,
    allowLoopback: false,
    link: undefined,
  })
})

describe('the window opens', () => {
  const display = { x: 0, y: 0, width: 1920, height: 1040 }
  const left = (x: number, y: number) => ({ bounds: { x, y, width: 1000, height: 700 }, maximized: false })

  test('where it was left', () => {
    expect(placeOn([display], left(100, 50))).toEqual({ x: 100, y: 50, width: 1000, height: 700 })
  })

  test.each([
    ['to the right', 1900, 50],
    ['to the left', -950, 50],
    ['above', 100, -40],
    ['below', 100, 1000],
    ['on a second display that was unplugged', 2500, 100],
  ])('centred, where it would be out of reach %s', (_, x, y) => {
    expect(placeOn([display], left(x, y))).toEqual({ width: 1000, height: 700 })
  })

  test('on a second display that is there', () => {
    expect(placeOn([display, { ...display, x: 1920 }], left(2500, 100))).toMatchObject({ x: 2500 })
  })

  test('large enough, whatever was kept', () => {
    expect(placeOn([display], { bounds: { x: 0, y: 0, width: 10, height: 10 }, maximized: false })).toEqual({
      x: 0,
      y: 0,
      width: 720,
      height: 480,
    })
  })
})

describe('the menu', () => {
  const build = (platform: NodeJS.Platform) => {
    const command = vi.fn()
    return { command, menu: menuTemplate({ platform, forDevelopers: false, command, quit: () => {} }) }
  }
  const labels = (platform: NodeJS.Platform): (string | undefined)[] =>
    build(platform).menu.map(({ label, role }) => label ?? role)

  test('is the platform’s own', () => {
    expect(labels('darwin')).toEqual(['Plumb', '&File', '&Edit', '&View', '&Window'])
    expect(labels('win32')).toEqual(['&File', '&Edit', '&View', '&Window', '&Help'])
  })

  test('asks the window', () => {
    const { menu, command } = build('linux')
    const items = menu.flatMap(({ submenu }) => (Array.isArray(submenu) ? submenu : []))
    for (const item of items) if (item.id !== 'quit') (item.click as (() => void) | undefined)?.()
    expect(command.mock.calls.map(([{ kind }]) => kind)).toEqual([
      'attach',
      'add-person',
      'open-settings',
      'find',
      'toggle-transfers',
      'show-offers',
    ])
  })

  test.each(['darwin', 'linux', 'win32'] as const)('on %s is said by Plumb and not by Electron', platform => {
    speak({ tag: 'de', locale: 'de' })
    try {
      const items = build(platform).menu.flatMap(item => [
        item,
        ...(Array.isArray(item.submenu) ? item.submenu : []),
      ])
      expect(items.filter(({ type, label }) => type !== 'separator' && label === undefined)).toEqual([])
      expect(items.map(({ label }) => label)).toEqual(
        expect.arrayContaining(['&Datei', 'Kopieren', 'Schließen']),
      )
    } finally {
      speak({ tag: 'en', locale: 'en' })
    }
  })

  test('shows its makers’ tools to nobody else', () => {
    expect(JSON.stringify(build('linux').menu)).not.toContain('toggleDevTools')
  })
})

describe('quitting', () => {
  const create = (running: number, sure: boolean, endsAtOnce = false) => {
    const exited = Promise.withResolvers<void>()
    const ports = {
      running: () => running,
      endsAtOnce,
      ask: vi.fn(async () => sure),
      stop: vi.fn(async () => {}),
      exit: vi.fn(() => exited.resolve()),
    }
    return { ports, exited: exited.promise, quitting: new Quitting(ports) }
  }

  test('without transfers is not asked about, and signs out first', async () => {
    const { ports, exited, quitting } = create(0, false)
    expect(quitting.request()).toBe(false)
    await exited
    expect(ports.ask).not.toHaveBeenCalled()
    expect(ports.stop).toHaveBeenCalledOnce()
    expect(quitting.request()).toBe(true)
  })

  test('while transfers run is asked about once, however often it is wanted', async () => {
    const { ports, exited, quitting } = create(2, true)
    quitting.request()
    quitting.request()
    await exited
    expect(ports.ask).toHaveBeenCalledExactlyOnceWith(2)
  })

  test('does not happen where the answer is no, and can be wanted again', async () => {
    const { ports, quitting } = create(1, false)
    quitting.request()
    await eventually(() => {
      quitting.request()
      expect(ports.ask).toHaveBeenCalledTimes(2)
    })
    expect(ports.stop).not.toHaveBeenCalled()
    expect(quitting.isEnding).toBe(false)
  })

  test('ends at once where a delay would hold up the whole session, but not while transfers run', async () => {
    const idle = create(0, false, true)
    expect(idle.quitting.request()).toBe(true)
    expect(idle.ports.stop).toHaveBeenCalledOnce()
    expect(idle.quitting.isEnding).toBe(true)
    const busy = create(1, false, true)
    expect(busy.quitting.request()).toBe(false)
    await eventually(() => expect(busy.ports.ask).toHaveBeenCalledOnce())
    expect(busy.ports.stop).not.toHaveBeenCalled()
  })

  test('happens also where signing out fails', async () => {
    const { ports, exited, quitting } = create(0, true)
    ports.stop.mockRejectedValue(new Error('x'))
    quitting.request()
    await exited
    expect(ports.exit).toHaveBeenCalledOnce()
  })
})

describe('the taskbar', () => {
  const create = (platform: NodeJS.Platform) => {
    const app = { setBadgeCount: vi.fn(() => true) }
    const badge = {} as Electron.NativeImage
    const window = {
      destroyed: false,
      isDestroyed: () => window.destroyed,
      setProgressBar: vi.fn(),
      setOverlayIcon: vi.fn(),
    }
    return { app, badge, window, taskbar: new Taskbar({ app, platform, badge }) }
  }

  test('counts what waits, with a mark on Windows', () => {
    const { app, badge, window, taskbar } = create('win32')
    taskbar.attach(window)
    taskbar.waiting(3)
    expect(app.setBadgeCount).toHaveBeenLastCalledWith(3)
    expect(window.setOverlayIcon).toHaveBeenLastCalledWith(badge, '3 waiting')
    taskbar.waiting(0)
    expect(window.setOverlayIcon).toHaveBeenLastCalledWith(null, '')
  })

  test('tells a window that comes later, and takes its progress away before it goes', () => {
    const { window, taskbar } = create('darwin')
    taskbar.progress(0.5)
    taskbar.attach(window)
    expect(window.setProgressBar).toHaveBeenLastCalledWith(0.5)
    taskbar.detach()
    expect(window.setProgressBar).toHaveBeenLastCalledWith(-1)
    expect(window.setOverlayIcon).not.toHaveBeenCalled()
  })

  test('touches no window that is gone', () => {
    const { window, taskbar } = create('linux')
    taskbar.attach(window)
    window.setProgressBar.mockClear()
    window.destroyed = true
    taskbar.progress(0.7)
    taskbar.waiting(1)
    taskbar.detach()
    expect(window.setProgressBar).not.toHaveBeenCalled()
  })
})

describe('the menu of a text', () => {
  const editFlags = { canCopy: true, canCut: true, canPaste: false, canSelectAll: true }
  const menu = (isEditable: boolean, selectionText: string) =>
    textMenu({ isEditable, selectionText, editFlags: editFlags as Electron.EditFlags })

  test('has what can be done with it, and is none where there is no text', () => {
    expect(menu(true, 'a').map(({ role, enabled }) => [role, enabled])).toEqual([
      ['cut', true],
      ['copy', true],
      ['paste', false],
      [undefined, undefined],
      ['selectAll', true],
    ])
    expect(menu(false, 'a').map(({ role }) => role)).toEqual(['copy'])
    expect(menu(false, ' ')).toEqual([])
  })
})

describe('the password', () => {
  const keyring = {
    isEncryptionAvailable: () => true,
    encryptString: (text: string) => Buffer.from(text).reverse(),
    decryptString: (bytes: Buffer) => Buffer.from(bytes).reverse().toString(),
    getSelectedStorageBackend: () => 'gnome_libsecret' as const,
  }

  test('is there again for its account, and for no other', async () => {
    openPasswordStore(folder, keyring, 'linux').save('a@b.c', 'secret')
    const store = openPasswordStore(folder, keyring, 'linux')
    expect(store.load('a@b.c')).toBe('secret')
    expect(store.load('other@b.c')).toBeUndefined()
    expect((await stat(join(folder, 'password.json'))).mode & 0o777).toBe(0o600)
    expect(await readFile(join(folder, 'password.json'), 'utf8')).not.toContain('secret')
    store.save('other@b.c', 'word')
    store.forget('a@b.c')
    expect([store.load('a@b.c'), store.load('other@b.c')]).toEqual([undefined, 'word'])
    store.forget('other@b.c')
    expect(await readdir(folder)).toEqual([])
  })

  test('of when there was one account is still known', async () => {
    const encrypted = keyring.encryptString('secret').toString('base64')
    await writeFile(join(folder, 'password.json'), JSON.stringify({ address: 'a@b.c', encrypted }))
    const store = openPasswordStore(folder, keyring, 'linux')
    store.save('other@b.c', 'word')
    expect([store.load('a@b.c'), store.load('other@b.c')]).toEqual(['secret', 'word'])
  })

  test.each([
    ['the system has no keyring', { ...keyring, isEncryptionAvailable: () => false }],
    [
      'Linux would use a key that everybody knows',
      { ...keyring, getSelectedStorageBackend: () => 'basic_text' as const },
    ],
  ])('is not kept where %s', async (_, poor) => {
    const store = openPasswordStore(folder, poor, 'linux')
    expect(store.available).toBe(false)
    expect(() => store.save('a@b.c', 'secret')).toThrow(expect.objectContaining({ code: 'no-keyring' }))
    expect(await readdir(folder)).toEqual([])
  })

  test('that cannot be read any more is as good as none', async () => {
    openPasswordStore(folder, keyring, 'linux').save('a@b.c', 'secret')
    const other = {
      ...keyring,
      decryptString: () => {
        throw new Error('another key')
      },
    }
    expect(openPasswordStore(folder, other, 'linux').load('a@b.c')).toBeUndefined()
    await writeFile(join(folder, 'password.json'), '{')
    expect(openPasswordStore(folder, keyring, 'linux').load('a@b.c')).toBeUndefined()
  })
})

describe('the system’s programs', () => {
  const create = (platform: NodeJS.Platform) => {
    const shell = {
      openPath: vi.fn(async () => ''),
      openExternal: vi.fn(async () => {}),
      showItemInFolder: vi.fn(),
    }
    const tools = { write: vi.fn(async () => {}), run: vi.fn(async () => {}) }
    return { shell, tools, made: makeShell(shell, platform, tools) }
  }

  test('open web pages and mail addresses, and nothing that runs', async () => {
    const { shell, made } = create('linux')
    await made.openLink('https://example.org/')
    await made.openLink('mailto:x@y.z?subject=Hi')
    for (const url of [
      'javascript:alert(1)',
      'file:///etc/passwd',
      'smb://evil/share',
      'ms-msdt:x',
      // Some mail programs would attach it.
      'mailto:x@y.z?attach=/home/me/.ssh/id_rsa',
    ]) {
      await expect(made.openLink(url)).rejects.toMatchObject({ code: 'not-allowed' })
    }
    expect(shell.openExternal.mock.calls).toEqual([['https://example.org/'], ['mailto:x@y.z?subject=Hi']])
  })

  test('that do not open a file say so', async () => {
    const { shell, made } = create('linux')
    shell.openPath.mockResolvedValue('no application')
    await expect(made.open('/a')).rejects.toMatchObject({ code: 'cannot-open' })
  })

  test('on Windows warn of what came from elsewhere', async () => {
    const { tools, made } = create('win32')
    await made.markAsForeign('C:\\a.exe')
    expect(tools.write).toHaveBeenCalledWith('C:\\a.exe:Zone.Identifier', expect.stringContaining('ZoneId=3'))
  })

  test('on macOS quarantine it, without a shell that could read its name', async () => {
    const { tools, made } = create('darwin')
    await made.markAsForeign('/a; rm -rf b.dmg')
    expect(tools.run).toHaveBeenCalledWith('/usr/bin/xattr', [
      '-w',
      'com.apple.quarantine',
      expect.stringMatching(/^0081;[0-9a-f]+;Plumb;/),
      '/a; rm -rf b.dmg',
    ])
  })

  test('that cannot mark it do not fail the transfer', async () => {
    const { tools, made } = create('win32')
    tools.write.mockRejectedValue(new Error('FAT'))
    await expect(made.markAsForeign('a')).resolves.toBeUndefined()
  })
})

describe('starting with the session', () => {
  test('is an entry in the right folder on Linux, whatever the program’s path', async () => {
    const app = { setLoginItemSettings: vi.fn() }
    const options = {
      app,
      platform: 'linux' as const,
      command: { executable: '/opt/A "B" $C %d/plumb', args: ['/home/a/plumb'] },
      configFolder: folder,
    }
    await setStartAtLogin(true, options)
    const entry = await readFile(join(folder, 'autostart', 'plumb.desktop'), 'utf8')
    expect(entry).toContain('Exec="/opt/A \\\\"B\\\\" \\\\$C %%d/plumb" "/home/a/plumb"')
    await setStartAtLogin(false, options)
    expect(await readdir(join(folder, 'autostart'))).toEqual([])
    expect(app.setLoginItemSettings).not.toHaveBeenCalled()
  })

  test('is what was wanted last, however quickly somebody thinks better of it', async () => {
    const app = { setLoginItemSettings: vi.fn() }
    const command = { executable: '/opt/plumb', args: [] }
    const options = { app, platform: 'linux' as const, command, configFolder: folder }
    await Promise.all([true, false, true, false].map(enabled => setStartAtLogin(enabled, options)))
    expect(await readdir(join(folder, 'autostart'))).toEqual([])
    const fails = { ...options, configFolder: join(folder, 'autostart', '\0') }
    await expect(setStartAtLogin(true, fails)).rejects.toThrow()
    await setStartAtLogin(true, options)
    expect(await readdir(join(folder, 'autostart'))).toEqual(['plumb.desktop'])
  })

  test('is the system’s own list elsewhere', async () => {
    const app = { setLoginItemSettings: vi.fn() }
    const command = { executable: 'C:\\Plumb.exe', args: ['C:\\a b'] }
    await setStartAtLogin(true, { app, platform: 'win32', command, configFolder: folder })
    expect(app.setLoginItemSettings).toHaveBeenCalledWith({
      openAtLogin: true,
      path: 'C:\\Plumb.exe',
      args: ['"C:\\a b"'],
    })
  })

  test('starts what stays: the file of an AppImage, and the app itself where it is not packaged', () => {
    const app = { isPackaged: true, getPath: () => '/tmp/.mount_x/plumb', getAppPath: () => '/src/plumb' }
    expect(launchCommand(app, undefined)).toEqual({ executable: '/tmp/.mount_x/plumb', args: [] })
    expect(launchCommand(app, '/home/a/Plumb.AppImage').executable).toBe('/home/a/Plumb.AppImage')
    expect(launchCommand({ ...app, isPackaged: false }, undefined).args).toEqual(['/src/plumb'])
  })
})
