import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { IqRouter } from '../../main/xmpp/iq.ts'
import { xml } from '../../main/xmpp/stanza.ts'
import { XmppStream } from '../../main/xmpp/stream.ts'
import { startEjabberd } from '../support/ejabberd.ts'
import { ejabberdMissing } from '../support/ejabberd-available.ts'
import { startProsody } from '../support/prosody.ts'
import { prosodyMissing } from '../support/prosody-available.ts'
import type { RealServer } from '../support/real-server.ts'
import { goTo, type Someone, signIn } from './rig.ts'
import {
  back,
  conversation,
  has,
  inStep,
  numbered,
  reconnect,
  say,
  scrollThrough,
  stateIs,
  unreadIs,
} from './talking.ts'

/* The same as devices.test.ts in few words, with servers that people have. */

const ALICE = 'alice@plumb.test'
const BOB = 'bob@plumb.test'
const LAPTOP = { home: 'laptop' }
const TIMEOUT_MS = 240_000
const { CI } = process.env

const SERVERS = [
  // Its files are slow.
  { name: 'Prosody', startServer: startProsody, missing: prosodyMissing(), count: 400 },
  { name: 'ejabberd', startServer: startEjabberd, missing: ejabberdMissing(), count: 5_000 },
]

/** A program of Bob's that sends as fast as the server takes it. */
async function sendMany({ host, port, caPem }: RealServer, texts: readonly string[]): Promise<void> {
  const phone = await XmppStream.signIn({
    jid: BOB,
    password: 'secret',
    resource: 'phone',
    server: { host, port },
    ca: caPem,
  })
  const iq = new IqRouter(phone, () => {})
  phone.on('stanza', stanza => iq.receive(stanza))
  // Each message costs an archive as much as all before it, here: one of the two is enough.
  await iq.request('set', undefined, xml('prefs', { xmlns: 'urn:xmpp:mam:2', default: 'never' }))
  const send = (text: string, index: number): Promise<void> =>
    phone.deliver(xml('message', { to: ALICE, type: 'chat', id: `many-${index}` }, xml('body', {}, text)))
  await Promise.all(texts.map(send))
  await phone.stop()
}

/** As if the archive had been kept by another server once. */
function forgetPlace({ home }: Someone): void {
  const database = new DatabaseSync(join(home, 'history.db'))
  database.exec("UPDATE account SET in_step_up_to = 'an-id-of-another-server'")
  database.close()
}

async function scrolled(device: Someone): Promise<string[]> {
  return (await scrollThrough(device, BOB, 500)).map(({ text }) => text)
}

for (const { name, startServer, missing, count } of SERVERS) {
  describe.skipIf(missing !== undefined && CI !== 'true')(`with ${name}`, () => {
    test('what is said, corrected and read is on all devices, in order, once, and what was missed follows', {
      timeout: TIMEOUT_MS,
    }, async () => {
      await using server = await startServer({
        domain: 'plumb.test',
        accounts: { alice: 'secret', bob: 'secret' },
        contacts: [['alice', 'bob']],
        chat: true,
      })
      goTo(server)
      const [desk, laptop, bob] = await Promise.all([signIn('alice'), signIn('alice', LAPTOP), signIn('bob')])
      await Promise.all([inStep(desk), inStep(laptop), inStep(bob)])
      const everywhere = (all: readonly string[]): Promise<unknown> =>
        Promise.all([has(desk, BOB, all), has(laptop, BOB, all), has(bob, ALICE, all)])

      const first = await say(desk, BOB, 'helo')
      await everywhere(['helo'])
      await stateIs(desk, BOB, first.id, ['delivered'])
      await desk.messenger.calls.correctMessage(desk.to(BOB), first.id, 'hello')
      await everywhere(['hello'])
      const answer = await say(bob, ALICE, 'hi')
      await everywhere(['hello', 'hi'])
      await Promise.all([unreadIs(desk, BOB, 1), unreadIs(laptop, BOB, 1)])
      await laptop.messenger.calls.viewConversation(laptop.to(BOB))
      await Promise.all([unreadIs(desk, BOB, 0), unreadIs(laptop, BOB, 0)])
      await stateIs(bob, ALICE, answer.id, ['displayed'])

      // The connection is lost for a moment, while something is written.
      await laptop.messenger.calls.viewConversation(null)
      laptop.messenger.resume()
      await say(laptop, BOB, 'from the laptop')
      await everywhere(['hello', 'hi', 'from the laptop'])

      await laptop.quit()
      const many = numbered(count)
      await sendMany(server, many)
      const all = ['hello', 'hi', 'from the laptop', ...many]
      await desk.until(() => desk.person(BOB)?.last?.text === many.at(-1) || undefined)
      expect(await scrolled(desk)).toEqual(all)
      const again = await back(laptop)
      await again.messenger.calls.viewConversation(again.to(BOB))
      // Once in the middle of catching up.
      await again.until(() => again.person(BOB)?.last?.text.startsWith('message') || undefined)
      again.messenger.resume()
      await reconnect(again)
      await again.until(() => again.person(BOB)?.last?.text === many.at(-1) || undefined)
      expect(await scrolled(again)).toEqual(all)
      expect(again.events.length).toBeLessThan(200)
      await Promise.all([unreadIs(desk, BOB, 0), unreadIs(again, BOB, 0)])

      // A place in the archive that this server never knew.
      await again.quit()
      await say(bob, ALICE, 'the last')
      await has(desk, BOB, [...all.slice(-499), 'the last'])
      forgetPlace(again)
      const third = await back(laptop)
      await third.until(() => third.person(BOB)?.last?.text === 'the last' || undefined)
      expect(await scrolled(third)).toEqual([...all, 'the last'])

      const tablet = await signIn('alice', { home: 'tablet' })
      await inStep(tablet)
      expect(tablet.person(BOB)).toMatchObject({ unread: 0, last: { text: 'the last' } })
      expect(await scrolled(tablet)).toEqual([...all, 'the last'])
      expect(new Set((await conversation(tablet, BOB)).map(({ id }) => id)).size).toBe(
        Math.min(all.length + 1, 500),
      )
    })
  })
}
