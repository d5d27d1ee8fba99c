import { generateKeyPairSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Locator } from '@playwright/test'
import { extractApp } from '../../release/packaged-app.ts'
import { AppDriver, type AppOptions } from '../../support/app-driver.ts'
import { dropFiles } from '../../support/drop-files.ts'
import { makeSparseFile } from '../../support/files.ts'
import type { XmppServer } from '../../support/xmpp-server.ts'
import { appImage, Feed, PUBLIC_PEM } from '../../updates/feed.ts'
import { canRunPackaged, test } from './packaged.ts'
import { DOMAIN, startServer } from './two-people.ts'

/* The packaged app, as an AppImage that is mounted, with a feed on this computer. */

const GIB = 1024 ** 3
/** Larger than what is moved in one piece. */
const BYTES = 5_000_000
const OLD = appImage('0.1.0', BYTES)

let folder: string
let image: string
let options: AppOptions
let server: XmppServer
let feed: Feed
let alice: AppDriver

async function install(packed: string): Promise<void> {
  const mounted = join(folder, 'mounted')
  const appFolder = await extractApp(packed, mounted)
  await writeFile(
    join(mounted, 'resources', 'app-update.yml'),
    `provider: generic\nurl: ${feed.url.href}\nupdaterCacheDirName: plumb-updater\n`,
  )
  await writeFile(join(appFolder, 'resources', 'release-keys.json'), JSON.stringify({ keys: [PUBLIC_PEM] }))
  image = join(folder, 'Programs', 'Plumb.AppImage')
  await mkdir(join(folder, 'Programs'))
  await putOldImage()
  const home = join(folder, 'home')
  const env = { APPIMAGE: image, APPDIR: mounted, XDG_CACHE_HOME: join(home, 'cache') }
  options = { server, home, appFolder, onTestHost: true, env }
}

async function putOldImage(): Promise<void> {
  await writeFile(image, OLD)
  await chmod(image, 0o755)
}

async function isInstalled(content: Buffer): Promise<boolean> {
  return content.equals(await readFile(image))
}

/** How the versions that were installed have been started since. */
async function starts(): Promise<string> {
  return await readFile(`${image}.ran`, 'utf8').catch(() => '')
}

async function openSettings(): Promise<Locator> {
  await alice.page.getByRole('button', { name: 'Menu' }).click()
  await alice.page.getByRole('menuitem', { name: 'Settings' }).click()
  return alice.page.getByRole('dialog', { name: 'Settings' }).getByRole('region', { name: 'Updates' })
}

async function closeSettings(): Promise<void> {
  await alice.page.keyboard.press('Escape')
  await expect(alice.page.getByRole('dialog', { name: 'Settings' })).toBeHidden()
}

function notice(): Locator {
  return alice.page.getByRole('status').filter({ hasText: 'It will be installed when you quit Plumb.' })
}

if (canRunPackaged)
  test.describe('a packaged app', () => {
    test.describe.configure({ mode: 'serial' })

    test.beforeAll(async ({ packed }) => {
      folder = await mkdtemp(join(tmpdir(), 'plumb-e2e-'))
      server = await startServer()
      feed = await Feed.start()
      await install(packed)
      alice = await AppDriver.start(options)
      await alice.signIn(`alice@${DOMAIN}`, 'her password')
    })

    test.afterAll(async () => {
      await alice?.[Symbol.asyncDispose]()
      await server?.close()
      await feed?.[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    })

    test('refuses what somebody else signed, and says so', async () => {
      const { privateKey } = generateKeyPairSync('ed25519')
      const name = feed.publish({
        version: '6.6.6',
        content: appImage('6.6.6', BYTES),
        signedBy: privateKey,
      })
      const updates = await openSettings()
      // From here on it looks only when it is told to: the tests say when.
      await updates.getByRole('switch', { name: 'Keep Plumb up to date' }).click()
      await expect(updates.getByRole('switch', { name: 'Keep Plumb up to date' })).not.toBeChecked()
      await updates.getByRole('button', { name: 'Look now' }).click()
      await expect(updates.getByRole('status')).toHaveText(
        'The update was refused, because it was not signed by the makers of Plumb: this version stays, and is safe to use.',
      )
      await closeSettings()
      await expect(notice()).toBeHidden()
      expect(feed.requests).not.toContain(`/releases/${name}`)
      expect(await isInstalled(OLD)).toBe(true)
    })

    test('finds a newer version, downloads it, and says calmly that it is ready', async () => {
      const name = feed.publish({ version: '2.0.0', content: appImage('2.0.0', BYTES) })
      const updates = await openSettings()
      await updates.getByRole('button', { name: 'Look now' }).click()
      await expect(updates.getByRole('status')).toHaveText(
        'Version 2.0.0 is ready. It will be installed when you quit Plumb.',
      )
      await expect(updates.getByRole('button', { name: 'Restart now' })).toBeVisible()
      await closeSettings()
      await expect(notice()).toHaveText(/^Version 2\.0\.0 is ready\./)
      expect(feed.requests).toContain(`/releases/${name}`)
      // Whoever looks, the feed learns nothing about.
      for (const headers of feed.headers) expect(headers['user-agent']).toBe('electron-builder')
      expect(await isInstalled(OLD)).toBe(true)
    })

    test('does not restart into it during a transfer, but afterwards', async () => {
      // His copy is nobody's AppImage: it must not install anything in the place of hers.
      await using bob = await AppDriver.start({ ...options, home: join(folder, 'bob'), env: {} })
      await bob.signIn(`bob@${DOMAIN}`, 'his password')
      await alice.seesDirect('bob')
      const film = await makeSparseFile(join(folder, 'film.mkv'), 3 * GIB)
      await dropFiles(alice.conversation, [film])
      await bob.prompt.getByRole('button', { name: 'Accept' }).click()
      await expect(alice.transfer('film.mkv')).toContainText('Encrypted and verified')
      await notice().getByRole('button', { name: 'Restart now' }).click()
      await expect(alice.page.getByRole('alert')).toContainText(
        'A transfer is running: the update is installed when Plumb is closed afterwards.',
      )
      await expect(alice.transfer('film.mkv').getByRole('button', { name: /^Cancel/ })).toBeVisible()
      expect(await isInstalled(OLD)).toBe(true)
      await bob
        .transfer('film.mkv')
        .getByRole('button', { name: /^Cancel/ })
        .click()
      await expect(alice.transfer('film.mkv')).toContainText('They cancelled this.')
      await notice().getByRole('button', { name: 'Restart now' }).click()
      await alice.ended()
      expect(await isInstalled(appImage('2.0.0', BYTES))).toBe(true)
      // It is the new version that goes on.
      await expect.poll(starts).toBe('2.0.0\n')
    })

    test('installs at the end, and does not start again', async () => {
      await putOldImage()
      await rm(`${image}.ran`)
      const content = appImage('2.1.0', BYTES)
      const name = feed.publish({ version: '2.1.0', content })
      // As many servers of releases do.
      feed.files.set('elsewhere', content)
      feed.answer = (request, response) => {
        if (request.url?.endsWith(name) !== true) return false
        response.writeHead(302, { location: 'elsewhere' }).end()
        return true
      }
      alice = await AppDriver.start(options)
      const updates = await openSettings()
      await updates.getByRole('button', { name: 'Look now' }).click()
      await expect(updates.getByRole('status')).toHaveText(/^Version 2\.1\.0 is ready\./)
      expect(feed.requests).toContain('/releases/elsewhere')
      expect(existsSync(`${image}.ran`)).toBe(false)
      await alice.quit()
      expect(await isInstalled(content)).toBe(true)
      // Nothing of it has run, and nothing goes on.
      expect(await starts()).toBe('')
    })

    test('that was changed on the disk is not installed, and who wanted a restart gets one', async () => {
      await putOldImage()
      const name = feed.publish({ version: '2.2.0', content: appImage('2.2.0', BYTES) })
      alice = await AppDriver.start(options)
      const updates = await openSettings()
      await updates.getByRole('button', { name: 'Look now' }).click()
      await expect(updates.getByRole('status')).toHaveText(/^Version 2\.2\.0 is ready\./)
      await writeFile(
        join(folder, 'home', 'cache', 'plumb-updater', 'pending', name),
        appImage('6.6.6', BYTES),
      )
      await updates.getByRole('button', { name: 'Restart now' }).click()
      await alice.ended()
      expect(await isInstalled(OLD)).toBe(true)
      await expect.poll(starts).toBe('0.1.0\n')
    })

    test('starts also where what its updates need is damaged', async () => {
      await writeFile(join(folder, 'mounted', 'resources', 'app-update.yml'), 'provider: [generic\n')
      alice = await AppDriver.start(options)
      await expect((await openSettings()).getByRole('status')).toHaveText(/^This build has nowhere to look/)
    })
  })
