import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { AppDriver } from '../../support/app-driver.ts'
import { DOMAIN, startServer, twoPeople } from './two-people.ts'

/* What is done with what was said, in the window. */

test('a message is corrected, writing is seen, and what was said is found again', async () => {
  await using server = await startServer({ chat: true })
  const people = await twoPeople(server)
  await using alice = people.alice
  await using bob = people.bob
  await alice.say('See you tomorow')
  await expect(bob.messages.getByText('See you tomorow')).toBeVisible()
  await expect(alice.conversation.getByText(/· (Delivered|Seen)/)).toBeVisible()
  const field = alice.page.getByRole('textbox', { name: /^Message / })
  await field.press('ArrowUp')
  await expect(alice.conversation.getByText('Editing your last message', { exact: true })).toBeVisible()
  await field.fill(`See you tomorrow: xmpp:eve@${DOMAIN}`)
  await field.press('Enter')
  await expect(bob.messages.getByText('See you tomorrow')).toBeVisible()
  await expect(bob.messages.getByText(/· Edited/)).toBeVisible()
  await expect(bob.messages.getByText('tomorow')).toBeHidden()

  await bob.page.getByRole('textbox', { name: /^Message / }).pressSequentially('Fi')
  await expect(alice.conversation.getByText('Writing…')).toBeVisible()
  await expect(alice.person('bob')).toContainText('Writing…')
  await bob.say('Fine')
  await expect(alice.messages.getByText('Fine')).toBeVisible()
  await expect(alice.conversation.getByText('Writing…')).toBeHidden()

  await alice.page.getByRole('searchbox').fill('tomorrow')
  const found = alice.person('See you tomorrow')
  await expect(found.locator('mark')).toHaveText('tomorrow')
  await found.getByRole('button').click()
  await expect(alice.messages.locator('[aria-current]')).toContainText('See you tomorrow')

  // A link to somebody stays inside of Plumb.
  await bob.messages.getByRole('link').click()
  await expect(bob.page.getByRole('dialog').getByLabel('Address')).toHaveValue(`eve@${DOMAIN}`)
})

test('what came unread is below a line, and a conversation is exported and deleted', async () => {
  await using server = await startServer({ chat: true })
  const people = await twoPeople(server)
  await using alice = people.alice
  await using before = people.bob
  await alice.say('One')
  await expect(before.messages.getByText('One')).toBeVisible()
  await expect(alice.conversation.getByText(/· Seen/)).toBeVisible()
  await before.quit()
  await alice.say('Two')
  await alice.say('Three')
  await expect(alice.conversation.getByText(/· Sent/)).toBeVisible()
  await using bob = await AppDriver.start({ server, home: before.home })
  await expect(bob.person('alice').getByRole('img', { name: '2 unread' })).toBeVisible()
  await bob.open('alice')
  await expect(bob.messages).toHaveText(/One.*New.*Two.*Three/s)

  const path = join(bob.home, 'said.txt')
  await bob.app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = async () => ({ canceled: false, filePath })
  }, path)
  await bob.page.getByRole('button', { name: 'Contact details' }).click()
  await bob.page.getByRole('button', { name: 'Export what was said…' }).click()
  await bob.page.getByRole('menuitem', { name: /^As text/ }).click()
  await expect(bob.page.getByText('It was exported.')).toBeVisible()
  expect(await readFile(path, 'utf8')).toMatch(/alice@plumb\.test {2}One\n.*Two\n.*Three\n/)
  await bob.page.getByRole('button', { name: 'Delete what was said…' }).click()
  await bob.page.getByRole('button', { name: 'Delete', exact: true }).click()
  await expect(bob.page.getByText(/^Nothing between you and/)).toBeVisible()
  await expect(bob.person('alice')).not.toContainText('Three')
})
