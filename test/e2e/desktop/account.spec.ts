import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from '@playwright/test'
import { AppDriver } from '../../support/app-driver.ts'
import { createCertificateAuthority } from '../../support/certificates.ts'
import { hasElectron } from '../../support/launch-app.ts'
import { startXmppServer } from '../../support/xmpp-server.ts'
import { DOMAIN, startServer } from './two-people.ts'

const ACCOUNTS = { alice: 'her password' }

test('a wrong password is said beside the password, and nothing typed is lost', async () => {
  await using server = await startServer()
  await using alice = await AppDriver.start({ server })
  await alice.fillSignIn(`alice@${DOMAIN}`, 'no password of hers')
  await alice.page.keyboard.press('Enter')
  await expect(alice.page.getByText('does not accept this address and password')).toBeVisible()
  await expect(alice.page.getByLabel('Password')).toHaveAttribute('aria-invalid', 'true')
  await expect(alice.page.getByLabel('Address')).toHaveValue(`alice@${DOMAIN}`)
  await alice.signIn(`alice@${DOMAIN}`, 'her password')
})

test('an address that is none, and no password, are said before anything is asked', async () => {
  await using server = await startServer()
  await using alice = await AppDriver.start({ server })
  await alice.page.getByLabel('Address').fill('alice')
  await alice.page.keyboard.press('Enter')
  await expect(alice.page.getByText('An address looks like name@example.org.')).toBeVisible()
  await expect(alice.page.getByText('Enter the password.')).toBeVisible()
})

test('a server that is not there is said', async () => {
  const server = await startServer()
  await server.close()
  await using alice = await AppDriver.start({ server })
  await alice.fillSignIn(`alice@${DOMAIN}`, 'her password')
  await alice.page.keyboard.press('Enter')
  await expect(
    alice.page
      .getByRole('alert')
      .filter({ hasText: `Nothing answers at ${server.host}, port ${server.port}` }),
  ).toBeVisible()
})

test('a server that never answers is said', async () => {
  const { caPem } = await createCertificateAuthority()
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  try {
    const { port } = silent.address() as AddressInfo
    await using alice = await AppDriver.start({ server: { host: '127.0.0.1', port, caPem } })
    await alice.fillSignIn(`alice@${DOMAIN}`, 'her password')
    await alice.page.keyboard.press('Enter')
    await expect(alice.page.getByRole('button', { name: 'Signing in…' })).toBeVisible()
    await expect(
      alice.page.getByRole('alert').filter({ hasText: /answer in time|finish the sign-in/ }),
    ).toBeVisible({
      timeout: 40_000,
    })
  } finally {
    silent.close()
  }
})

test('a certificate that is not trusted is said, and why', async () => {
  const ca = await createCertificateAuthority()
  const certificate = await ca.issue({ names: ['elsewhere.test'] })
  await using server = await startXmppServer({ domain: DOMAIN, accounts: ACCOUNTS, ca, certificate })
  await using alice = await AppDriver.start({ server })
  await alice.fillSignIn(`alice@${DOMAIN}`, 'her password')
  await alice.page.keyboard.press('Enter')
  await expect(alice.page.getByRole('alert').filter({ hasText: /certificate/ })).toContainText(
    /another|not for/,
  )
})

test('a server without encryption gets no password', async () => {
  await using server = await startXmppServer({ domain: DOMAIN, accounts: ACCOUNTS, tls: 'off' })
  await using alice = await AppDriver.start({ server })
  await alice.fillSignIn(`alice@${DOMAIN}`, 'her password')
  await alice.page.keyboard.press('Enter')
  await expect(alice.page.getByRole('alert').filter({ hasText: /encrypt/ })).toBeVisible()
})

test('who is remembered is signed in at the next start, and after signing out no more', async () => {
  await using server = await startServer()
  await using first = await AppDriver.start({ server })
  await first.signIn(`alice@${DOMAIN}`, 'her password')
  await first.quit()
  const { home } = first
  {
    await using second = await AppDriver.start({ server, home })
    await expect(second.page.getByRole('navigation', { name: 'People' })).toContainText('bob')
    await second.page.getByRole('button', { name: 'Menu' }).click()
    await second.page.getByRole('menuitem', { name: 'Sign out' }).click()
    await expect(second.page.getByRole('button', { name: 'Sign in' })).toBeVisible()
  }
  await using third = await AppDriver.start({ server, home })
  await expect(third.page.getByRole('button', { name: 'Sign in' })).toBeVisible()
  await expect(third.page.getByLabel('Address')).toHaveValue(`alice@${DOMAIN}`)
})

test('without a keyring the password is not kept, and that is said', async () => {
  test.skip(hasElectron(), 'Electron asks the system, which has one')
  await using server = await startServer()
  await using alice = await AppDriver.start({ server, env: { TESTHOST_KEYRING: 'off' } })
  await expect(alice.page.getByText('no keyring that could keep the password')).toBeVisible()
  await expect(alice.page.getByRole('switch', { name: 'Remember me' })).toBeDisabled()
  await alice.signIn(`alice@${DOMAIN}`, 'her password')
})

test('a server that goes and comes back is shown, and not in the way', async () => {
  const ca = await createCertificateAuthority()
  const certificate = await ca.issue({ names: [DOMAIN] })
  const first = await startXmppServer({ domain: DOMAIN, accounts: ACCOUNTS, ca, certificate })
  await using alice = await AppDriver.start({ server: first })
  await alice.signIn(`alice@${DOMAIN}`, 'her password')
  await first.close()
  await expect(alice.page.getByText('Reconnecting…')).toBeVisible()
  await using _second = await startXmppServer({
    domain: DOMAIN,
    accounts: ACCOUNTS,
    ca,
    certificate,
    port: first.port,
  })
  await expect(alice.page.getByText('Reconnecting…')).toBeHidden({ timeout: 30_000 })
})

test('a second start shows the window of the first, with the link it was given', async () => {
  await using server = await startServer()
  await using alice = await AppDriver.start({ server })
  await alice.signIn(`alice@${DOMAIN}`, 'her password')
  await alice.app.evaluate(({ app }) => {
    app.emit('second-instance', {}, ['plumb', 'xmpp:carol@plumb.test'], '/')
  })
  const dialog = alice.page.getByRole('dialog', { name: 'Add a person' })
  await expect(dialog.getByLabel('Address')).toHaveValue('carol@plumb.test')
  // Also where the window is just loading.
  await alice.app.evaluate(({ app, BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents
    return new Promise<void>(resolve => {
      contents?.once('did-start-loading', () => {
        app.emit('second-instance', {}, ['plumb', 'xmpp:dave@plumb.test'], '/')
        resolve()
      })
      contents?.reload()
    })
  })
  await expect(dialog.getByLabel('Address')).toHaveValue('dave@plumb.test')
})

test('the settings hold at once and after a restart', async () => {
  await using server = await startServer()
  await using first = await AppDriver.start({ server })
  await first.signIn(`alice@${DOMAIN}`, 'her password')
  await first.page.getByRole('button', { name: 'Menu' }).click()
  await first.page.getByRole('menuitem', { name: 'Settings' }).click()
  const settings = first.page.getByRole('dialog', { name: 'Settings' })
  await settings.getByRole('radio', { name: 'Dark' }).click()
  await expect
    .poll(() => first.page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches))
    .toBe(true)
  await settings.getByRole('radio', { name: /Always the same/ }).click()
  await settings.getByLabel('Port', { exact: true }).fill('99')
  await first.page.keyboard.press('Enter')
  await expect(settings.getByText('1024 to 65535')).toBeVisible()
  await settings.getByLabel('Port', { exact: true }).fill(String(server.port))
  await first.page.keyboard.press('Enter')
  await expect(settings.getByText(`Cannot listen on port ${server.port}`)).toBeVisible()
  await first.quit()
  await using second = await AppDriver.start({ server, home: first.home })
  await expect(second.page.getByRole('navigation', { name: 'People' })).toBeVisible()
  await expect
    .poll(() => second.page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches))
    .toBe(true)
})

test('the language is another at once, and after a restart', async () => {
  await using server = await startServer()
  await using first = await AppDriver.start({ server })
  await first.signIn(`alice@${DOMAIN}`, 'her password')
  const { page } = first
  await page.getByRole('button', { name: 'Menu' }).click()
  await page.getByRole('menuitem', { name: 'Settings' }).click()
  const direction = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).direction)
  await page.getByRole('radio', { name: 'العربية' }).click()
  await expect.poll(direction).toBe('rtl')
  await page.getByRole('radio', { name: 'Deutsch' }).click()
  await expect(page.getByRole('dialog', { name: 'Einstellungen' })).toBeVisible()
  await expect(page.getByRole('radio', { name: 'Deutsch' })).toBeFocused()
  expect(await direction()).toBe('ltr')
  await page.keyboard.press('Escape')
  // What had opened the settings is not there any more.
  await expect(page.getByRole('searchbox')).toBeFocused()
  await first.quit()
  await using second = await AppDriver.start({ server, home: first.home })
  await expect(second.page.getByRole('navigation', { name: 'Personen' })).toBeVisible()
})

test('closing the window to the tray keeps Plumb running', async () => {
  await using server = await startServer()
  await using alice = await AppDriver.start({ server })
  await alice.signIn(`alice@${DOMAIN}`, 'her password')
  await alice.page.getByRole('button', { name: 'Menu' }).click()
  await alice.page.getByRole('menuitem', { name: 'Settings' }).click()
  const toTray = alice.page.getByRole('switch', { name: 'Close to the tray' })
  await toTray.click()
  // On only once the main process has said so.
  await expect(toTray).toBeChecked()
  const visible = (): Promise<boolean> =>
    alice.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible() ?? false)
  await alice.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
  await expect.poll(visible).toBe(false)
  expect(server.sessions().length).toBe(1)
  await alice.app.evaluate(({ app }) => {
    app.emit('activate')
  })
  await expect.poll(visible).toBe(true)
})
