import { expect, test } from '@playwright/test'
import { AppDriver } from '../../support/app-driver.ts'
import { createCertificateAuthority } from '../../support/certificates.ts'
import { DOMAIN, startServer, twoPeople } from './two-people.ts'

/* What is said, on several devices and over restarts. */

const ALICE = `alice@${DOMAIN}`
const BOB = `bob@${DOMAIN}`

test('what was said is there after a restart, and what came meanwhile, once and in order', async () => {
  await using server = await startServer({ chat: true })
  const people = await twoPeople(server)
  await using alice = people.alice
  await using before = people.bob
  await alice.say('One')
  await expect(before.messages.getByText('One')).toBeVisible()
  await before.say('Two')
  await expect(alice.messages.getByText('Two')).toBeVisible()
  await expect(before.conversation.getByText(/· (Delivered|Seen)/)).toBeVisible()
  await before.quit()
  await alice.say('Three')
  await alice.say('Four')
  await expect(alice.conversation.getByText(/· Sent/)).toBeVisible()
  await using bob = await AppDriver.start({ server, home: before.home })
  await expect(bob.person('alice').getByRole('img', { name: '2 unread' })).toBeVisible()
  await bob.open('alice')
  const texts = bob.messages.locator('[dir="auto"]').filter({ hasText: /^(One|Two|Three|Four)$/ })
  await expect(texts).toHaveText(['One', 'Two', 'Three', 'Four'])
  await expect(bob.person('alice').getByRole('img', { name: /unread/ })).toBeHidden()
  await expect(alice.conversation.getByText(/· Seen/).last()).toBeVisible()
})

test('without a server what was said is there, and what is written waits for the connection', async () => {
  const ca = await createCertificateAuthority()
  const certificate = await ca.issue({ names: [DOMAIN] })
  const first = await startServer({ chat: true, ca, certificate })
  const people = await twoPeople(first)
  await using alice = people.alice
  // Its home goes with it at the end, and not before.
  await using before = people.bob
  await alice.say('Hello')
  await expect(before.messages.getByText('Hello')).toBeVisible()
  await before.quit()
  await first.close()
  await using bob = await AppDriver.start({ server: first, home: before.home })
  await expect(bob.page.getByText('Nothing answers at')).toBeVisible()
  await bob.open('alice')
  await expect(bob.messages.getByText('Hello')).toBeVisible()
  await bob.say('Are you there?')
  await expect(bob.conversation.getByText(/· Waits for the connection/)).toBeVisible()
  await using _second = await startServer({ chat: true, ca, certificate, port: first.port })
  await expect(alice.messages.getByText('Are you there?')).toBeVisible({ timeout: 60_000 })
  await expect(bob.conversation.getByText(/· (Sent|Delivered|Seen)/).last()).toBeVisible()
})

test('two devices of one account, and two accounts in one window, show the same conversation', async () => {
  await using server = await startServer({ chat: true })
  const people = await twoPeople(server)
  await using alice = people.alice
  await using bob = people.bob
  await using phone = await AppDriver.start({ server })
  await phone.signIn(BOB, 'his password')
  await alice.say('To both of your devices')
  for (const device of [bob, phone]) {
    await device.open('alice')
    await expect(device.messages.getByText('To both of your devices')).toBeVisible()
  }
  await bob.say('From the desk')
  await phone.say('From the phone')
  for (const device of [alice, bob, phone]) {
    await expect(device.messages.getByText(/^From the/)).toHaveText(['From the desk', 'From the phone'])
  }
  // The second account of the same person, beside the first.
  await phone.page.getByRole('button', { name: 'Menu' }).click()
  await phone.page.getByRole('menuitem', { name: 'Add an account…' }).click()
  await phone.fillSignIn(`eve@${DOMAIN}`, 'her secret')
  await phone.page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click()
  await expect(phone.page.getByRole('region', { name: 'Accounts' })).toContainText(`eve@${DOMAIN}`)
  await expect(phone.page.getByRole('region', { name: 'Accounts' })).toContainText(BOB)
  await expect(phone.person('alice')).toHaveCount(1)
  await expect(alice.person(ALICE)).toHaveCount(0)
})
