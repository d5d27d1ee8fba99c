import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import type { AppDriver } from '../../support/app-driver.ts'
import { DraggedFiles, dropFiles } from '../../support/drop-files.ts'
import { makeFile, makeSparseFile, sha256Of } from '../../support/files.ts'
import { startTwoPeopleOnce } from './two-people.ts'

const GIB = 1024 ** 3

let alice: AppDriver
let bob: AppDriver
let folder: string

startTwoPeopleOnce(two => {
  ;({ alice, bob, folder } = two)
})

test('a file of 3 GiB that is dropped on a person arrives', async () => {
  test.setTimeout(240_000)
  const file = await makeSparseFile(join(folder, 'holiday film.mkv'), 3 * GIB)
  await dropFiles(alice.person('bob'), [file])
  await expect(bob.prompt).toContainText('alice wants to send you a file')
  await expect(bob.prompt).toContainText('alice@plumb.test, in your contacts')
  await expect(bob.prompt).toContainText('3.2 GB')
  await expect(bob.prompt).toContainText(/Saves to Downloads, .* free/)
  await bob.prompt.getByRole('button', { name: 'Accept' }).click()
  await expect(bob.transfer('holiday film.mkv')).toContainText('Encrypted and verified')
  await expect(bob.transfer('holiday film.mkv').getByRole('button', { name: /^Open/ })).toBeVisible({
    timeout: 200_000,
  })
  const arrived = join(bob.downloads, 'holiday film.mkv')
  expect((await stat(arrived)).size).toBe(3 * GIB)
  expect(await sha256Of(arrived)).toBe(await sha256Of(file))
  await rm(arrived)
})

test('the overlay names the person, and what is dropped on a conversation is offered', async () => {
  const file = await makeSparseFile(join(folder, 'large.bin'), 3 * GIB)
  const dragged = await DraggedFiles.over(alice.conversation, [file])
  await expect(alice.conversation.getByText('Drop to send to bob')).toBeVisible()
  await dragged.moveTo(alice.transfers)
  await expect(alice.conversation.getByText('Drop to send to bob')).toBeHidden()
  await dragged.cancel()
  await dropFiles(alice.conversation, [file])
  await expect(bob.prompt).toContainText('large.bin')
  await bob.prompt.getByRole('button', { name: 'Decline' }).click()
  await expect(bob.prompt).toBeHidden()
  await expect(alice.transfer('large.bin')).toContainText('They declined this.')
  await expect(bob.transfer('large.bin')).toContainText('You declined this.')
})

test('what is saved as something else is saved there, and replaces what the dialog asked about', async () => {
  const file = await makeFile(join(folder, 'contract.pdf'), 100_000)
  const target = await makeFile(join(folder, 'signed contract.pdf'), 10)
  await bob.app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = async () => ({ canceled: false, filePath })
  }, target)
  await dropFiles(alice.conversation, [file])
  await bob.prompt.getByRole('button', { name: 'Save as…' }).click()
  await expect(bob.transfer('signed contract.pdf').getByRole('button', { name: /^Open/ })).toBeVisible()
  expect(await sha256Of(target)).toBe(await sha256Of(file))
})

test('a save dialog that is cancelled leaves the offer where it was', async () => {
  const file = await makeFile(join(folder, 'later.txt'), 1_000)
  await bob.app.evaluate(({ dialog }) => {
    dialog.showSaveDialog = async () => ({ canceled: true, filePath: '' })
  })
  await dropFiles(alice.conversation, [file])
  await bob.prompt.getByRole('button', { name: 'Save as…' }).click()
  await expect(bob.prompt).toContainText('later.txt')
  await bob.prompt.getByRole('button', { name: 'Accept' }).click()
  await expect(alice.transfer('later.txt').getByRole('button', { name: /^Open/ })).toBeVisible()
})

test('the sender can cancel while it runs', async () => {
  const file = await makeSparseFile(join(folder, 'first.bin'), 3 * GIB)
  await dropFiles(alice.conversation, [file])
  await bob.prompt.getByRole('button', { name: 'Accept' }).click()
  await expect(alice.transfer('first.bin')).toContainText('Encrypted and verified')
  await alice
    .transfer('first.bin')
    .getByRole('button', { name: /^Cancel/ })
    .click()
  await expect(alice.transfer('first.bin')).toContainText('You cancelled this.')
  await expect(bob.transfer('first.bin')).toContainText('They cancelled this.')
  expect(await readdir(bob.downloads)).toEqual(['later.txt'])
})

test('the receiver can cancel while it runs, and the sender can try again', async () => {
  const file = await makeSparseFile(join(folder, 'second.bin'), 3 * GIB)
  await dropFiles(alice.conversation, [file])
  await bob.prompt.getByRole('button', { name: 'Accept' }).click()
  await expect(bob.transfer('second.bin')).toContainText('Encrypted and verified')
  await bob
    .transfer('second.bin')
    .getByRole('button', { name: /^Cancel/ })
    .click()
  await expect(bob.transfer('second.bin')).toContainText('You cancelled this.')
  await expect(alice.transfer('second.bin')).toContainText('They cancelled this.')
  await alice.transfer('second.bin').getByRole('button', { name: /again/ }).click()
  await expect(bob.prompt).toContainText('second.bin')
  await bob.prompt.getByRole('button', { name: 'Decline' }).click()
  await expect(bob.prompt).toBeHidden()
})

test('two at once wait in one stack, the oldest first, and arrive', async () => {
  const files = await Promise.all(['one.bin', 'two.bin'].map(name => makeFile(join(folder, name), 5_000_000)))
  await dropFiles(alice.conversation, files)
  await expect(bob.prompt).toContainText('1 of 2')
  await expect(bob.prompt).toContainText('one.bin')
  await bob.prompt.getByRole('button', { name: 'Accept' }).click()
  await expect(bob.prompt).toContainText('two.bin')
  await bob.prompt.getByRole('button', { name: 'Accept' }).click()
  for (const file of files) {
    const name = file.slice(folder.length + 1)
    await expect(alice.transfer(name).getByRole('button', { name: /^Open/ })).toBeVisible()
    expect(await sha256Of(join(bob.downloads, name))).toBe(await sha256Of(file))
  }
})

test('both sides show the same verification code', async () => {
  const codeOf = async (person: AppDriver): Promise<string> => {
    const card = person.conversation.getByRole('article', { name: 'two.bin' })
    await card.getByRole('button', { name: 'Encrypted and verified' }).click()
    const dialog = person.page.getByRole('dialog', { name: 'Verification code' })
    const groups = dialog.getByText(/^\d{5}$/)
    await expect(groups).toHaveCount(6)
    const code = await groups.allTextContents()
    await person.page.keyboard.press('Escape')
    await expect(dialog).toBeHidden()
    return code.join(' ')
  }
  const codes = [await codeOf(alice), await codeOf(bob)]
  expect(codes[0]).toMatch(/^(\d{5} ){5}\d{5}$/)
  expect(codes[0]).toBe(codes[1])
})

test('what cannot be sent is said before anything is offered', async () => {
  const file = await makeFile(join(folder, 'notes.txt'), 1_000)
  const gone = await makeFile(join(folder, 'gone.txt'), 1_000)
  const dragged = await DraggedFiles.over(alice.conversation, [file, gone])
  await rm(gone)
  await dragged.drop()
  const question = alice.page.getByRole('dialog', { name: 'Not everything can be sent' })
  await expect(question.getByRole('list', { name: 'What can’t be sent' })).toContainText('gone.txt')
  await expect(bob.prompt).toBeHidden()
  await question.getByRole('button', { name: 'Send the other one' }).click()
  await expect(bob.prompt).toContainText('notes.txt')
  await bob.prompt.getByRole('button', { name: 'Decline' }).click()
  await expect(bob.prompt).toBeHidden()
})

test('a contact’s files can be accepted without asking, up to a size', async () => {
  await bob.page.getByRole('button', { name: 'Contact details' }).click()
  const details = bob.page.getByRole('dialog')
  await details.getByRole('switch', { name: 'Always accept files' }).click()
  await details.getByLabel('Up to').fill('2')
  await details.getByRole('button', { name: 'Done' }).click()
  const [small, large] = await Promise.all([
    makeFile(join(folder, 'small.bin'), 1_900_000),
    makeFile(join(folder, 'too large.bin'), 2_100_000),
  ])
  await dropFiles(alice.conversation, [small, large])
  await expect(alice.transfer('small.bin').getByRole('button', { name: /^Open/ })).toBeVisible()
  await expect(bob.prompt).toContainText('too large.bin')
  await bob.prompt.getByRole('button', { name: 'Decline' }).click()
})

test('what came from others is opened only after a question where it may be a program', async () => {
  const file = await makeFile(join(folder, 'setup.exe'), 1_000)
  await dropFiles(alice.conversation, [file])
  const told = (): Promise<{ asked: number; opened: string[] }> =>
    bob.app.evaluate(({ shell }) => (shell as unknown as { told: { asked: number; opened: string[] } }).told)
  await expect(bob.transfer('setup.exe').getByRole('button', { name: /^Open/ })).toBeVisible()
  await bob.app.evaluate(({ dialog, shell }) => {
    const told: { asked: number; opened: string[] } = { asked: 0, opened: [] }
    Object.assign(shell, { told })
    shell.openPath = async path => {
      told.opened.push(path)
      return ''
    }
    // No the first time, and yes from then on.
    dialog.showMessageBox = async () => ({ response: told.asked++ === 0 ? 0 : 1, checkboxChecked: false })
  })
  await bob.transfer('setup.exe').getByRole('button', { name: /^Open/ }).click()
  await expect.poll(told).toEqual({ asked: 1, opened: [] })
  await bob.transfer('setup.exe').getByRole('button', { name: /^Open/ }).click()
  await expect.poll(told).toEqual({ asked: 2, opened: [join(bob.downloads, 'setup.exe')] })
})
