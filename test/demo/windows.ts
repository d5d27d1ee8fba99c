import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect } from '@playwright/test'
import { inUnits } from '../../shared/in-units.ts'
import { AppDriver } from '../support/app-driver.ts'
import { dropFiles } from '../support/drop-files.ts'
import { makeFile, sha256Of } from '../support/files.ts'
import { startXmppServer } from '../support/xmpp-server.ts'

const FILE_BYTES = 300_000_000
const PICTURES = fileURLToPath(new URL('../../out/demo/', import.meta.url))
/** How long somebody who watches has for each step. */
const LOOK_MS = 1_500
const ARRIVAL_TIMEOUT_MS = 120_000

const say = (text: string): void => void process.stdout.write(`${text}\n`)

/**
 * The demo with two windows: Alice drops a file on Bob's name, he is asked and accepts, it arrives. `shown`: somebody
 * watches the windows; otherwise pictures of them are written. Resolves with whether the same file arrived.
 */
export async function runWindowDemo(shown: boolean): Promise<boolean> {
  await using server = await startXmppServer({
    domain: 'plumb.test',
    accounts: { alice: 'her password', bob: 'his password' },
    contacts: [['alice', 'bob']],
  })
  const folder = await mkdtemp(join(tmpdir(), 'plumb-demo-'))
  try {
    say(`An XMPP server runs on ${server.host}, port ${server.port}.`)
    const film = await makeFile(join(folder, 'Holiday film.mkv'), FILE_BYTES)
    await using alice = await AppDriver.start({ server })
    await using bob = await AppDriver.start({ server })
    const look = await makeLook(shown, { alice, bob })
    await placeSideBySide(alice, bob)
    await alice.signIn('alice@plumb.test', 'her password')
    await bob.signIn('bob@plumb.test', 'his password')
    await Promise.all([alice.seesDirect('bob'), bob.seesDirect('alice')])
    say('Alice and Bob are signed in, each in a window of their own.')
    await alice.say('The film is ready. Shall I send it?')
    await expect(bob.messages.getByText('The film is ready.')).toBeVisible()
    await bob.say('Yes, please')
    await expect(alice.messages.getByText('Yes, please')).toBeVisible()
    await look('1-signed-in')

    await dropFiles(alice.person('bob'), [film])
    await expect(bob.prompt).toContainText('alice wants to send you a file')
    say(`Alice drops a file of ${inUnits(FILE_BYTES)} on Bob’s name. Bob is asked.`)
    await look('2-asked')

    await bob.prompt.getByRole('button', { name: 'Accept' }).click()
    await expect(bob.messages.getByRole('article', { name: 'Holiday film.mkv' })).toContainText('Direct')
    say('Bob accepts. The two programs connect directly.')
    await look('3-under-way')

    const arrived = bob.messages
      .getByRole('article', { name: 'Holiday film.mkv' })
      .getByRole('button', { name: /^Open/ })
    await expect(arrived).toBeVisible({ timeout: ARRIVAL_TIMEOUT_MS })
    await look('4-arrived')
    const [sent, received] = await Promise.all([
      sha256Of(film),
      sha256Of(join(bob.downloads, 'Holiday film.mkv')),
    ])
    say(`\nSent         SHA-256 ${sent}\nReceived     SHA-256 ${received}`)
    say(`             ${sent === received ? 'The same file arrived.' : 'THE FILES DIFFER.'}`)
    if (!shown) say(`Pictures     ${PICTURES}`)
    return sent === received
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Gives whoever watches a moment, or takes pictures for whoever cannot. */
async function makeLook(
  shown: boolean,
  people: Readonly<Record<string, AppDriver>>,
): Promise<(moment: string) => Promise<void>> {
  if (shown) return () => delay(LOOK_MS)
  await rm(PICTURES, { recursive: true, force: true })
  await mkdir(PICTURES, { recursive: true })
  return async moment => {
    for (const [name, { page }] of Object.entries(people)) {
      await page.screenshot({ path: join(PICTURES, `${moment}-${name}.png`) })
    }
  }
}

async function placeSideBySide(left: AppDriver, right: AppDriver): Promise<void> {
  for (const [index, { app }] of [left, right].entries()) {
    await app.evaluate(({ BrowserWindow, screen }, half) => {
      const { x, y, width, height } = screen.getPrimaryDisplay().workArea
      const bounds = {
        x: x + (half * width) / 2,
        y,
        width: Math.round(width / 2),
        height: Math.min(height, 760),
      }
      BrowserWindow.getAllWindows()[0]?.setBounds(bounds)
    }, index)
  }
}
