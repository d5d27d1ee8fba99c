import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import xml from '@xmpp/xml'
import type { AppDriver } from '../../support/app-driver.ts'
import { dropFiles } from '../../support/drop-files.ts'
import { makeFile, sha256Of } from '../../support/files.ts'
import { hasElectron } from '../../support/launch-app.ts'
import type { XmppServer } from '../../support/xmpp-server.ts'
import { DOMAIN, startTwoPeopleOnce } from './two-people.ts'

/* Two people who sit before their windows all the time. */

let server: XmppServer
let alice: AppDriver
let bob: AppDriver
let folder: string

startTwoPeopleOnce(two => {
  ;({ server, alice, bob, folder } = two)
})

test('a file is sent and received by the keyboard alone', async () => {
  const file = await makeFile(join(folder, 'keys.txt'), 1_000)
  await alice.app.evaluate(({ dialog }, path) => {
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [path] })
  }, file)
  // From the search to the list, to the person, to the button that sends.
  await alice.page.getByRole('searchbox').focus()
  await alice.page.keyboard.press('ArrowDown')
  await expect(alice.person('bob').getByRole('button')).toBeFocused()
  await alice.page.keyboard.press('Enter')
  await alice.page.keyboard.press('Tab')
  await expect(alice.page.getByRole('button', { name: 'Send files' })).toBeFocused()
  await alice.page.keyboard.press('Enter')
  // The prompt has the focus from the start, since nobody is writing.
  await expect(bob.prompt.getByRole('button', { name: 'Accept' })).toBeFocused()
  // In the first moment a key may still have been meant for the message.
  await expect(bob.prompt.getByRole('button', { name: 'Accept' })).toBeEnabled()
  await bob.page.keyboard.press('Enter')
  await expect(bob.prompt).toBeHidden()
  await expect(bob.page.getByRole('textbox', { name: 'Message alice' })).toBeFocused()
  await expect(alice.transfer('keys.txt').getByRole('button', { name: /^Open/ })).toBeVisible()
  expect(await sha256Of(join(bob.downloads, 'keys.txt'))).toBe(await sha256Of(file))
})

test('messages go both ways, with what became of them', async () => {
  await alice.say('The survey is done: https://example.org/a_(b). <b>40 GB</b>')
  const bubble = bob.messages.getByText('The survey is done')
  await expect(bubble).toContainText('<b>40 GB</b>')
  await expect(bubble.getByRole('link')).toHaveText('https://example.org/a_(b)')
  await expect(alice.conversation.getByText(/· Seen/)).toBeVisible()
  await bob.say('Send it over')
  await expect(alice.messages.getByText('Send it over')).toBeVisible()
  // A link opens in the system's browser, and nowhere else.
  await bob.app.evaluate(({ shell }) => {
    const seen = globalThis as unknown as { opened: string[] }
    seen.opened = []
    shell.openExternal = async url => {
      seen.opened.push(url)
    }
  })
  await bubble.getByRole('link').click()
  const opened = (): Promise<string[]> =>
    bob.app.evaluate(() => (globalThis as unknown as { opened: string[] }).opened)
  await expect.poll(opened).toEqual(['https://example.org/a_(b)'])
})

test('while the window is not in front a message and an offer are notified, and counted', async () => {
  test.skip(hasElectron(), 'Electron does not tell what the system shows: the stand-in does')
  await bob.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.blur())
  await alice.say('1 < 2 & <b>Hello</b>')
  const shown = (): Promise<string[]> =>
    bob.app.evaluate(({ Notification }) =>
      (Notification as unknown as { shown: { title: string; body: string }[] }).shown.map(
        ({ title, body }) => `${title}: ${body}`,
      ),
    )
  // Linux reads markup in it.
  const harmless =
    process.platform === 'linux'
      ? 'alice: 1 &lt; 2 &amp; &lt;b&gt;Hello&lt;/b&gt;'
      : 'alice: 1 < 2 & <b>Hello</b>'
  await expect.poll(shown).toEqual([harmless])
  await dropFiles(alice.conversation, [await makeFile(join(folder, 'notes.txt'), 1_000)])
  await expect.poll(shown).toContain('alice wants to send you a file: notes.txt, 1.0 kB')
  await expect.poll(() => bob.app.evaluate(({ app }) => app.getBadgeCount())).toBe(2)
  // A click leads to it, and takes it away.
  await bob.app.evaluate(({ Notification }) => {
    const { shown: all } = Notification as unknown as { shown: { emit(event: string): void }[] }
    all[1]?.emit('click')
  })
  await expect(bob.prompt.getByRole('button', { name: 'Accept' })).toBeFocused()
  await bob.prompt.getByRole('button', { name: 'Decline' }).click()
  await expect.poll(shown).toEqual([])
})

test('an Enter that was meant for a message accepts no file', async () => {
  await bob.page.getByRole('textbox', { name: 'Message alice' }).fill('I am writ')
  await dropFiles(alice.conversation, [await makeFile(join(folder, 'surprise.txt'), 1_000)])
  await expect(bob.prompt).toBeVisible()
  await expect(bob.page.getByRole('textbox', { name: 'Message alice' })).toBeFocused()
  await bob.page.keyboard.type('ing')
  await bob.page.keyboard.press('Enter')
  await expect(alice.messages.getByText('I am writing')).toBeVisible()
  await expect(bob.prompt).toBeVisible()
})
test('a flood of messages into the conversation on the screen is followed to its end', async () => {
  const to = server.sessions().find(({ jid }) => jid.startsWith('bob@'))?.jid ?? ''
  for (let number = 1; number <= 5_000; number++) {
    const attributes = { from: `alice@${DOMAIN}/desk`, to, type: 'chat' }
    const text = `Message ${number}: ${'so it goes '.repeat(number % 9)}`
    server.inject(to, xml('message', attributes, xml('body', {}, text)))
  }
  await expect(bob.messages.getByText('Message 5000:')).toBeVisible({ timeout: 30_000 })
  await expect(bob.page.getByRole('button', { name: 'Newest', exact: true })).toBeHidden()
})
