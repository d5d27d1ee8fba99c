import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Locator, test } from '@playwright/test'
import { AppDriver } from '../../support/app-driver.ts'
import { dropFiles } from '../../support/drop-files.ts'
import { makeFile, makeSparseFile, sha256Of } from '../../support/files.ts'
import { atServer, Headless } from '../../support/headless.ts'
import type { XmppServer } from '../../support/xmpp-server.ts'
import { DOMAIN, startServer, twoPeople } from './two-people.ts'

const GIB = 1024 ** 3
/** What is said of a transfer that has got beyond its first bytes. */
const HAS_BEGUN = /[1-9]\d*\u00a0%/

let server: XmppServer
let folder: string

test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumb-e2e-'))
  server = await startServer()
})

test.afterEach(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

test('a folder that is dropped on a person arrives whole, as one', async () => {
  const people = await twoPeople(server)
  await using alice = people.alice
  await using bob = people.bob
  const survey = join(folder, 'Survey 2026')
  await makeTree(survey)
  await dropFiles(alice.person('bob'), [survey])
  await expect(bob.prompt).toContainText('alice wants to send you a folder')
  await expect(bob.prompt).toContainText('303 files, 3.6 MB · encrypted, from alice’s computer')
  await bob.prompt.getByRole('button', { name: 'Accept' }).click()
  await expect(opener(alice, 'Survey 2026')).toBeVisible()
  await expect(opener(bob, 'Survey 2026')).toBeVisible()
  await expect(bob.prompt).toBeHidden()
  expect(await readdir(bob.downloads)).toEqual(['Survey 2026'])
  expect(await treeOf(join(bob.downloads, 'Survey 2026'))).toEqual(await treeOf(survey))
})

test('a folder that was chosen in the menu goes where the other one wants it', async () => {
  const people = await twoPeople(server)
  await using alice = people.alice
  await using bob = people.bob
  const survey = join(folder, 'Survey 2026')
  const target = join(folder, 'target')
  await makeTree(survey)
  await mkdir(target)
  await chooseInDialogs(alice, survey)
  await chooseInDialogs(bob, target)
  await alice.page.getByRole('button', { name: 'Attach' }).click()
  await alice.page.getByRole('menuitem', { name: 'Send a folder…' }).click()
  await bob.prompt.getByRole('button', { name: 'Save as…' }).click()
  await expect(opener(bob, 'Survey 2026')).toBeVisible()
  expect(await readdir(bob.downloads)).toEqual([])
  expect(await treeOf(join(target, 'Survey 2026'))).toEqual(await treeOf(survey))
})

test('a file for somebody who is offline waits, also over a restart, and goes when they are back', async () => {
  const early = await makeFile(join(folder, 'early.bin'), 2_000_000)
  const late = await makeFile(join(folder, 'late.bin'), 2_000_000)
  const first = await AppDriver.start({ server })
  await first.signIn(`alice@${DOMAIN}`, 'her password')
  await first.open('bob')
  await dropFiles(first.conversation, [early])
  await expect(first.transfer('early.bin')).toContainText(/Sends when .?bob.? is online/)
  await expect(first.person('bob')).toContainText(/1 file waits until .?bob.? is online/)
  // Nothing runs, so that nothing is asked.
  await first.quit()
  await using alice = await AppDriver.start({ server, home: first.home })
  await expect(alice.transfer('early.bin')).toContainText(/Sends when .?bob.? is online/)
  const bob = await AppDriver.start({ server })
  await bob.signIn(`bob@${DOMAIN}`, 'his password')
  await bob.prompt.getByRole('button', { name: 'Accept' }).click()
  await expect(opener(alice, 'early.bin')).toBeVisible()
  await expect(opener(bob, 'early.bin')).toBeVisible()
  // And without a restart.
  await bob.quit()
  await alice.open('bob')
  await expect(alice.conversation.getByText('Offline')).toBeVisible()
  await dropFiles(alice.conversation, [late])
  await expect(alice.transfer('late.bin')).toContainText(/Sends when .?bob.? is online/)
  await using again = await AppDriver.start({ server, home: bob.home })
  await again.prompt.getByRole('button', { name: 'Accept' }).click()
  await expect(opener(alice, 'late.bin')).toBeVisible()
  for (const file of [early, late]) {
    expect(await sha256Of(join(again.downloads, file.slice(folder.length + 1)))).toBe(await sha256Of(file))
  }
})

test('what one side pauses is paused on both, and goes on when that side wants it', async () => {
  const people = await twoPeople(server)
  await using alice = people.alice
  await using bob = people.bob
  const film = await makeSparseFile(join(folder, 'film.mkv'), 2 * GIB)
  const [sent, received] = [alice.transfer('film.mkv'), bob.transfer('film.mkv')]
  await dropFiles(alice.conversation, [film])
  await bob.prompt.getByRole('button', { name: 'Accept' }).click()
  for (const [here, there] of [
    [received, sent],
    [sent, received],
  ] as const) {
    await expect(here).toContainText(HAS_BEGUN)
    await here.getByRole('button', { name: 'Pause film.mkv' }).click()
    await expect(here).toContainText(/· Paused at/)
    await expect(there).toContainText(/, who paused it at/)
    // What they paused, they resume.
    await expect(there.getByRole('button', { name: /^(Pause|Resume)/ })).toBeHidden()
    await here.getByRole('button', { name: 'Resume film.mkv' }).click()
    await expect(here.getByRole('button', { name: 'Pause film.mkv' })).toBeVisible()
    await expect(there.getByRole('button', { name: 'Pause film.mkv' })).toBeVisible()
  }
  await expect(opener(alice, 'film.mkv')).toBeVisible({ timeout: 120_000 })
  await expect(opener(bob, 'film.mkv')).toBeVisible()
  expect(await sha256Of(join(bob.downloads, 'film.mkv'))).toBe(await sha256Of(film))
})

test('who is killed in the middle of receiving goes on from there when they are back', async () => {
  const people = await twoPeople(server)
  await using alice = people.alice
  const { bob } = people
  const film = await makeSparseFile(join(folder, 'film.mkv'), GIB)
  await dropFiles(alice.conversation, [film])
  await bob.prompt.getByRole('button', { name: 'Accept' }).click()
  // Looked for in each frame: a file is soon over.
  await bob.transfer('film.mkv').getByText(HAS_BEGUN).first().waitFor()
  await bob.kill()
  await using again = await AppDriver.start({ server, home: bob.home })
  await expect(again.transfer('film.mkv')).toContainText('Encrypted and verified')
  await expect(again.prompt).toBeHidden()
  await expect(opener(again, 'film.mkv')).toBeVisible({ timeout: 120_000 })
  await again.open('alice')
  await expect(again.messages.getByRole('article', { name: 'film.mkv' })).toContainText(/Went on from/)
  await expect(alice.messages.getByRole('article', { name: 'film.mkv' })).toContainText(/Went on from/)
  expect(await readdir(again.downloads)).toEqual(['film.mkv'])
  expect(await sha256Of(join(again.downloads, 'film.mkv'))).toBe(await sha256Of(film))
})

test('the settings say how others reach this computer, and name no path', async () => {
  await using alice = await AppDriver.start({ server })
  await alice.signIn(`alice@${DOMAIN}`, 'her password')
  await alice.page.getByRole('button', { name: 'Menu' }).click()
  await alice.page.getByRole('menuitem', { name: 'Settings' }).click()
  const settings = alice.page.getByRole('dialog', { name: 'Settings' })
  const reach = settings.getByRole('region', { name: 'How others reach this computer' })
  await reach.getByRole('button', { name: 'Check' }).click()
  await expect(reach.getByRole('button', { name: 'Check again' })).toBeVisible()
  await expect(reach.getByRole('definition').first()).toContainText('127.0.0.1 this computer only')
  await expect(reach).toContainText('Your server has none.')
  await expect(settings).not.toContainText(/[/\\]\w/)
})

test('a file that cannot go directly goes through the servers, and says why', async () => {
  await using alice = await AppDriver.start({ server })
  await alice.signIn(`alice@${DOMAIN}`, 'her password')
  await alice.open('bob')
  const letter = await makeFile(join(folder, 'letter.odt'), 300_000)
  const answer = await makeFile(join(folder, 'answer.odt'), 300_000)
  const inbox = join(folder, 'inbox')
  const caFile = join(folder, 'ca.pem')
  await mkdir(inbox)
  await writeFile(caFile, server.caPem)
  const at = atServer({ host: server.host, port: server.port, caFile })
  // Bob can be reached by nobody, and reaches nobody.
  const walled = ['--jid', `bob@${DOMAIN}`, ...at, '--listen', 'off', '--dial', 'off']
  {
    await using bob = new Headless(['receive', '--into', inbox, '--count', '1', ...walled], 'his password')
    await bob.line('online')
    await alice.seesDirect('bob')
    await dropFiles(alice.conversation, [letter])
    await expectDetour(alice.messages.getByRole('article', { name: 'letter.odt' }), ['Direct', 'SOCKS5'])
    await expect(opener(alice, 'letter.odt')).toBeVisible()
    expect(await bob.exited).toBe(0)
  }
  expect(await sha256Of(join(inbox, 'letter.odt'))).toBe(await sha256Of(letter))
  await using bob = new Headless(['send', '--to', `alice@${DOMAIN}`, ...walled, answer], 'his password')
  await alice.prompt.getByRole('button', { name: 'Accept' }).click()
  // What the sender does not even ask for, nobody else hears of.
  await expectDetour(alice.messages.getByRole('article', { name: 'answer.odt' }), ['Direct'])
  await expect(opener(alice, 'answer.odt')).toBeVisible()
  expect(await bob.exited).toBe(0)
  expect(await sha256Of(join(alice.downloads, 'answer.odt'))).toBe(await sha256Of(answer))
})

/** The receipt names the route, and each attempt before it with its reason; from there it leads to what would help. */
async function expectDetour(card: Locator, tried: readonly string[]): Promise<void> {
  await expect(card).toContainText('Through the servers, in small pieces: slow')
  await expect(card).toContainText('Encrypted between you')
  await card.getByText('Why not direct').click()
  // A sentence each: what is in the way, and what would mend it.
  await expect(card.getByRole('listitem')).toHaveText(
    tried.map(method => new RegExp(`^${method}: [A-Z].+: .+\\.$`)),
  )
  await card.getByRole('button', { name: 'How others reach this computer' }).click()
  const settings = card.page().getByRole('dialog', { name: 'Settings' })
  await expect(settings.getByRole('button', { name: 'Check again' })).toBeVisible()
  await settings.getByRole('button', { name: 'Done' }).click()
  await expect(settings).toBeHidden()
}

/** Whether a transfer has arrived: then it can be opened. */
function opener(person: AppDriver, name: string): Locator {
  return person.transfer(name).getByRole('button', { name: /^Open/ })
}

/** The answer that the system's dialogs give from now on. */
async function chooseInDialogs(person: AppDriver, path: string): Promise<void> {
  await person.app.evaluate(({ dialog }, chosen) => {
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [chosen] })
  }, path)
}

/** 303 files, folders in folders, and one with nothing in it. */
async function makeTree(root: string): Promise<void> {
  await mkdir(join(root, 'Fotos', 'März'), { recursive: true })
  await mkdir(join(root, 'nothing yet'))
  await makeFile(join(root, 'report.pdf'), 3_000_000)
  await makeFile(join(root, 'empty.txt'), 0)
  await makeFile(join(root, 'Fotos', 'März', 'Brücke 1.jpeg'), 12_345)
  for (let number = 1; number <= 300; number++) {
    await makeFile(join(root, 'Fotos', `point ${number}.json`), 2_000)
  }
}

/** Every file with its sum, and every folder; relative, in the order of their names. */
async function treeOf(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const lines = await Promise.all(
    entries.map(async entry => {
      const path = join(entry.parentPath, entry.name)
      const name = path.slice(root.length + 1)
      return entry.isFile() ? `${name} ${await sha256Of(path)}` : `${name}/`
    }),
  )
  return lines.sort()
}
