import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, type Locator, test } from '@playwright/test'
import { AppDriver } from '../../support/app-driver.ts'
import { paintedPng } from '../../support/pictures.ts'
import { DOMAIN, startServer, twoPeople } from './two-people.ts'

const BOB = `bob@${DOMAIN}`

async function choose({ page }: AppDriver, item: string): Promise<void> {
  await page.getByRole('button', { name: 'Menu' }).click()
  await page.getByRole('menuitem', { name: item, exact: true }).click()
}

/** Whether the picture beside somebody's name is there and was decoded. */
async function hasPicture(app: AppDriver, name: string): Promise<void> {
  const width = (): Promise<number> =>
    app
      .person(name)
      .locator('img')
      .evaluate(element => (element instanceof HTMLImageElement ? element.naturalWidth : 0))
  await expect.poll(width).toBe(96)
}

test('a picture and a name that are chosen are seen by others, and after their restart still', async () => {
  await using server = await startServer({ chat: true })
  const people = await twoPeople(server)
  await using alice = people.alice
  await using before = people.bob
  const path = join(alice.home, 'me.png')
  await writeFile(path, paintedPng(900, 600))
  await alice.app.evaluate(({ dialog }, chosen) => {
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [chosen] })
  }, path)
  await choose(alice, 'Profile…')
  const profile = alice.page.getByRole('dialog', { name: 'Profile' })
  await profile.getByRole('button', { name: 'Choose a picture…' }).click()
  await expect(profile.getByRole('button', { name: 'Remove' })).toBeVisible()
  await profile.getByLabel('Name').fill('Alice Liddell')
  await profile.getByRole('button', { name: 'Done' }).click()
  await expect(alice.page.getByRole('navigation', { name: 'People' })).toContainText('Alice Liddell')
  await hasPicture(before, 'Alice Liddell')
  await before.quit()
  // Nobody is there who could tell it anew.
  await server.close()
  await using bob = await AppDriver.start({ server, home: before.home })
  await hasPicture(bob, 'Alice Liddell')
})

test('who is blocked reaches nobody, until that is taken back', async () => {
  await using server = await startServer({ chat: true })
  const people = await twoPeople(server)
  await using alice = people.alice
  await using bob = people.bob
  await bob.conversation.getByRole('button', { name: 'Contact details' }).click()
  await bob.page.getByRole('dialog').getByRole('button', { name: 'Block…' }).click()
  const question = bob.page.getByRole('dialog', { name: 'Block alice?' })
  await question.getByRole('button', { name: 'Block', exact: true }).click()
  await expect(bob.conversation.getByText('You have blocked alice.')).toBeVisible()
  await expect(alice.conversation.getByText('Offline')).toBeVisible()
  await alice.say('Can you hear me?')
  await expect(alice.conversation.getByText('Not sent')).toBeVisible()
  await choose(bob, 'Blocked…')
  const blocked = bob.page.getByRole('dialog', { name: 'Blocked' })
  await blocked.getByRole('button', { name: `Unblock alice@${DOMAIN}` }).click()
  await expect(blocked.getByText('You have blocked nobody.')).toBeVisible()
  await blocked.getByRole('button', { name: 'Done' }).click()
  await expect(alice.conversation.getByText(/^Online on /)).toBeVisible()
  await alice.say('And now?')
  await expect(bob.messages.getByText('And now?')).toBeVisible()
  await expect(bob.messages.getByText('Can you hear me?')).toBeHidden()
})

test('a group is made, narrows the list, and is known to another device', async () => {
  await using server = await startServer({
    chat: true,
    contacts: [
      ['alice', 'bob'],
      ['bob', 'eve'],
    ],
  })
  await using bob = await AppDriver.start({ server })
  await bob.signIn(BOB, 'his password')
  await bob.open('alice')
  await bob.conversation.getByRole('button', { name: 'Contact details' }).click()
  const details = bob.page.getByRole('dialog', { name: 'alice' })
  await details.getByLabel('Add to a group').fill('Rowing')
  await details.getByLabel('Add to a group').press('Enter')
  await expect(details.getByRole('list', { name: 'Groups of alice' })).toContainText('Rowing')
  await details.getByRole('button', { name: 'Done' }).click()
  await using phone = await AppDriver.start({ server })
  await phone.signIn(BOB, 'his password')
  const filterOf = ({ page }: AppDriver): Locator =>
    page.getByRole('combobox', { name: 'Group', exact: true })
  for (const device of [bob, phone]) {
    await expect(device.person('eve')).toBeVisible()
    await filterOf(device).selectOption('Rowing')
    await expect(device.person('eve')).toBeHidden()
    await expect(device.person('alice')).toBeVisible()
  }
  // The last of it leaves: the group is gone, and everybody is there.
  await bob.conversation.getByRole('button', { name: 'Contact details' }).click()
  await details.getByRole('button', { name: 'Remove from Rowing' }).click()
  await details.getByRole('button', { name: 'Done' }).click()
  for (const device of [bob, phone]) {
    await expect(filterOf(device)).toBeHidden()
    await expect(device.person('eve')).toBeVisible()
  }
})

test('who is busy, and with what, is seen by others', async () => {
  await using server = await startServer({ chat: true })
  const people = await twoPeople(server)
  await using alice = people.alice
  await using bob = people.bob
  await alice.page.getByRole('button', { name: 'Menu' }).click()
  await alice.page.getByRole('menuitemradio', { name: 'Busy' }).click()
  await choose(alice, 'Status message…')
  const dialog = alice.page.getByRole('dialog', { name: 'Status message' })
  await dialog.getByLabel('Message').fill('In a meeting')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toBeHidden()
  await expect(bob.conversation.getByText(/^Busy on /)).toBeVisible()
  await expect(bob.conversation.getByText('In a meeting')).toBeVisible()
})
