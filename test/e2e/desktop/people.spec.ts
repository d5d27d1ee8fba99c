import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import xml from '@xmpp/xml'
import { AppDriver } from '../../support/app-driver.ts'
import { dropFiles } from '../../support/drop-files.ts'
import { makeFile, makeSparseFile, sha256Of } from '../../support/files.ts'
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

test('a message that cannot be sent says so, and can be sent again', async () => {
  const people = await twoPeople(server)
  await using alice = people.alice
  {
    await using bob = people.bob
    await bob.quit()
  }
  await expect(alice.conversation.getByText('Offline')).toBeVisible()
  await alice.say('Are you there?')
  await expect(alice.conversation.getByText('Not sent')).toBeVisible()
  await using bob = await AppDriver.start({ server })
  await bob.signIn(`bob@${DOMAIN}`, 'his password')
  await expect(alice.conversation.getByText(/^Online on /)).toBeVisible()
  await alice.conversation.getByRole('button', { name: 'Try again' }).click()
  await expect(bob.person('alice')).toContainText('Are you there?')
  await expect(bob.person('alice').getByRole('img', { name: '1 unread' })).toBeVisible()
})

test('somebody is added, asks to be seen, is renamed and removed', async () => {
  await using alice = await AppDriver.start({ server })
  await using eve = await AppDriver.start({ server })
  await alice.signIn(`alice@${DOMAIN}`, 'her password')
  await eve.signIn(`eve@${DOMAIN}`, 'her secret')
  await alice.page.getByRole('button', { name: 'Menu' }).click()
  await alice.page.getByRole('menuitem', { name: 'Add a person…' }).click()
  await alice.page.getByLabel('Address').fill(`Eve@${DOMAIN}`)
  await alice.page.getByLabel('Name').fill('Eve Arden')
  await alice.page.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(alice.person('Eve Arden')).toBeVisible()
  await eve.page.getByRole('button', { name: 'Allow' }).click()
  await expect(eve.person('alice')).toBeVisible()
  // She asks back, by herself.
  await alice.page.getByRole('button', { name: 'Allow' }).click()
  await alice.seesDirect('Eve Arden')
  await alice.page.getByRole('button', { name: 'Contact details' }).click()
  await alice.page.getByLabel('Name').fill('E. A.')
  await alice.page.keyboard.press('Enter')
  await expect(alice.page.getByRole('dialog', { name: 'E. A.' })).toBeVisible()
  await alice.page.getByRole('button', { name: 'Remove…' }).click()
  await alice.page.getByRole('button', { name: 'Remove', exact: true }).click()
  await expect(alice.person('E. A.')).toBeHidden()
})

test('a stranger’s offer raises nothing: it waits in a list, without its name', async () => {
  await using alice = await AppDriver.start({ server })
  await using eve = await AppDriver.start({ server })
  await alice.signIn(`alice@${DOMAIN}`, 'her password')
  await eve.signIn(`eve@${DOMAIN}`, 'her secret')
  // Eve has Alice in her list and sees her; Alice’s list never has Eve.
  await eve.app.evaluate(({ app }) => {
    app.emit('second-instance', {}, ['plumb', 'xmpp:alice@plumb.test'], '/')
  })
  await eve.page.getByRole('button', { name: 'Add', exact: true }).click()
  const addressOf = (name: string): string =>
    server.sessions().find(({ jid }) => jid.startsWith(`${name}@`))?.jid ?? ''
  server.inject(addressOf('eve'), xml('presence', { from: addressOf('alice'), to: addressOf('eve') }))
  await eve.seesDirect('alice')
  await dropFiles(eve.conversation, [await makeFile(join(folder, 'invoice.pdf.exe'), 1_000)])
  const waiting = alice.page.getByRole('button', { name: 'A file from somebody not in your contacts' })
  await expect(waiting).toBeVisible()
  await expect(alice.prompt).toBeHidden()
  await expect(alice.page.getByText('invoice')).toBeHidden()
  await waiting.click()
  const list = alice.page.getByRole('dialog', { name: 'From people not in your contacts' })
  await expect(list).toContainText(addressOf('eve'))
  await expect(list).not.toContainText('invoice')
  await list.getByRole('button', { name: 'Review' }).click()
  await expect(alice.prompt).toContainText('invoice.pdf')
  await expect(alice.prompt).toContainText('.exe')
  await expect(alice.prompt).toContainText('not in your contacts')
  await expect(alice.prompt.getByRole('button', { name: 'Accept' })).toBeHidden()
  await alice.prompt.getByRole('button', { name: 'Decline' }).click()
  await expect(eve.transfer('invoice.pdf.exe')).toContainText('They declined this.')
  expect(await readdir(alice.downloads)).toEqual([])
})

test('the list survives a restart; what ran when it was killed goes on', async () => {
  const people = await twoPeople(server)
  await using bob = people.bob
  const { alice } = people
  const small = await makeFile(join(folder, 'small.bin'), 100_000)
  const large = await makeSparseFile(join(folder, 'large.bin'), 8 * GIB)
  await dropFiles(alice.conversation, [small])
  await bob.prompt.getByRole('button', { name: 'Accept' }).click()
  await expect(alice.transfer('small.bin').getByRole('button', { name: /^Open/ })).toBeVisible()
  await dropFiles(alice.conversation, [large])
  await bob.prompt.getByRole('button', { name: 'Accept' }).click()
  await expect(bob.transfer('large.bin')).toContainText(HAS_BEGUN)
  await alice.kill()
  await expect(bob.transfer('large.bin')).toContainText(/Connection lost at/)
  await using again = await AppDriver.start({ server, home: alice.home })
  await expect(again.transfer('small.bin').getByRole('button', { name: /^Open/ })).toBeVisible()
  // Nobody is asked a second time.
  await expect(again.transfer('large.bin')).toContainText('Encrypted and verified')
  await expect(bob.transfer('large.bin')).toContainText('Encrypted and verified')
  await expect(bob.prompt).toBeHidden()
  await again
    .transfer('large.bin')
    .getByRole('button', { name: /^Cancel/ })
    .click()
  await expect(bob.transfer('large.bin')).toContainText('They cancelled this.')
  await expect.poll(() => readdir(bob.downloads)).toEqual(['small.bin'])
})

test('quitting while a transfer runs asks first; it goes on at the next start', async () => {
  const people = await twoPeople(server)
  await using bob = people.bob
  await using alice = people.alice
  await alice.app.evaluate(({ dialog }) => {
    const seen = globalThis as unknown as { questions: number }
    seen.questions = 0
    dialog.showMessageBox = async () => {
      seen.questions += 1
      return { response: 0, checkboxChecked: false }
    }
  })
  const large = await makeSparseFile(join(folder, 'large.bin'), 8 * GIB)
  await dropFiles(alice.conversation, [large])
  await bob.prompt.getByRole('button', { name: 'Accept' }).click()
  await expect(bob.transfer('large.bin')).toContainText(HAS_BEGUN)
  await alice.app.evaluate(({ app }) => app.quit())
  const questions = (): Promise<number> =>
    alice.app.evaluate(() => (globalThis as unknown as { questions: number }).questions)
  await expect.poll(questions).toBe(1)
  await expect(alice.transfer('large.bin')).toContainText('%')
  await alice.app.evaluate(({ dialog }) => {
    dialog.showMessageBox = async () => ({ response: 1, checkboxChecked: false })
  })
  await alice.quit()
  await expect(bob.transfer('large.bin')).toContainText(/Connection lost at/)
  await using again = await AppDriver.start({ server, home: alice.home })
  await expect(again.transfer('large.bin')).toContainText('Encrypted and verified')
  await expect(bob.prompt).toBeHidden()
  await bob
    .transfer('large.bin')
    .getByRole('button', { name: /^Cancel/ })
    .click()
  await expect(again.transfer('large.bin')).toContainText('They cancelled this.')
  await expect.poll(() => readdir(bob.downloads)).toEqual([])
})

test('a window that crashes loses nothing: it comes back and shows the truth', async () => {
  const people = await twoPeople(server)
  await using bob = people.bob
  await using alice = people.alice
  const file = await makeSparseFile(join(folder, 'film.mkv'), GIB)
  await dropFiles(alice.conversation, [file])
  await bob.prompt.getByRole('button', { name: 'Accept' }).click()
  await expect(bob.transfer('film.mkv')).toContainText('Encrypted and verified')
  await bob.app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents
    return new Promise<void>(resolve => {
      contents?.once('did-finish-load', () => resolve())
      contents?.forcefullyCrashRenderer()
    })
  })
  await expect(alice.transfer('film.mkv').getByRole('button', { name: /^Open/ })).toBeVisible({
    timeout: 120_000,
  })
  expect(await sha256Of(join(bob.downloads, 'film.mkv'))).toBe(await sha256Of(file))
  const shown = await bob.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript('document.body.innerText'),
  )
  expect(shown).toContain('film')
})

test('the oldest message can be reached, also where a file was there before it', async () => {
  const people = await twoPeople(server)
  await using alice = people.alice
  await using bob = people.bob
  await dropFiles(alice.conversation, [await makeFile(join(folder, 'first of all.txt'), 1_000)])
  await bob.prompt.getByRole('button', { name: 'Decline' }).click()
  await expect(bob.prompt).toBeHidden()
  const to = server.sessions().find(({ jid }) => jid.startsWith('bob@'))?.jid ?? ''
  for (let number = 1; number <= 250; number++) {
    const attributes = { from: `alice@${DOMAIN}/desk`, to, type: 'chat' }
    server.inject(to, xml('message', attributes, xml('body', {}, `Message ${number}.`)))
  }
  await expect(bob.messages.getByText('Message 250.')).toBeVisible()
  // A window that loads anew reads a conversation page by page.
  await bob.page.reload()
  await bob.open('alice')
  await expect(bob.messages.getByText('Message 250.')).toBeVisible()
  await bob.messages.focus()
  await expect(async () => {
    await bob.page.keyboard.press('PageUp')
    await expect(bob.messages.getByText('Message 1.', { exact: true })).toBeVisible({ timeout: 100 })
  }).toPass({ intervals: [0] })
  await expect(bob.messages.getByRole('article', { name: 'first of all.txt' })).toBeVisible()
})
