import { afterEach, describe, expect, test } from 'vitest'
import { Avatars } from '../../main/xmpp/avatars.ts'
import { Blocking } from '../../main/xmpp/blocking.ts'
import { IqRouter } from '../../main/xmpp/iq.ts'
import {
  NS_VCARD_CONVERSION,
  publishAvatar,
  publishOwnName,
  removeAvatar,
} from '../../main/xmpp/own-profile.ts'
import { Presences, writePresence } from '../../main/xmpp/presence.ts'
import { Roster } from '../../main/xmpp/roster.ts'
import { attribute, bareJid, xml } from '../../main/xmpp/stanza.ts'
import { XmppStream } from '../../main/xmpp/stream.ts'
import { Discovery } from '../../main/xmpp/xep-0030.ts'
import { fetchVCard, readVCard } from '../../main/xmpp/xep-0054.ts'
import { readEvent } from '../../main/xmpp/xep-0060.ts'
import { hashOf, NS_AVATAR_METADATA } from '../../main/xmpp/xep-0084.ts'
import { NS_NICK, readNickEvent } from '../../main/xmpp/xep-0172.ts'
import { startEjabberd } from '../support/ejabberd.ts'
import { ejabberdMissing } from '../support/ejabberd-available.ts'
import { eventually } from '../support/eventually.ts'
import { PNG } from '../support/pictures.ts'
import { startProsody } from '../support/prosody.ts'
import { prosodyMissing } from '../support/prosody-available.ts'
import type { RealServer } from '../support/real-server.ts'

const DOMAIN = 'plumb.test'
const ALICE = `alice@${DOMAIN}`
const BOB = `bob@${DOMAIN}`
const TIMEOUT_MS = 60_000
const { CI } = process.env

const SERVERS = [
  { name: 'Prosody', startServer: startProsody, missing: prosodyMissing() },
  { name: 'ejabberd', startServer: startEjabberd, missing: ejabberdMissing() },
]

const opened: XmppStream[] = []
afterEach(async () => {
  for (const stream of opened.splice(0)) await stream.stop()
})

/** A signed-in account with all that this is about, and what it heard. */
async function signIn({ host, port, caPem }: RealServer, jid: string) {
  const stream = await XmppStream.signIn({
    jid,
    password: 'secret',
    resource: 'one',
    server: { host, port },
    ca: caPem,
  })
  opened.push(stream)
  const iq = new IqRouter(stream, () => {})
  const own = (): string => bareJid(stream.address)
  const discovery = new Discovery(iq, [`${NS_AVATAR_METADATA}+notify`, `${NS_NICK}+notify`])
  const roster = new Roster(iq, own)
  const presences = new Presences()
  const avatars = new Avatars(iq, bare => roster.has(bare) || bare === own())
  const blocking = new Blocking(iq, own)
  const heard: string[] = []
  avatars.on('avatar', ({ person, hash }) => heard.push(`${person} looks like ${hash}`))
  stream.on('stanza', stanza => {
    if (stanza.getName() === 'iq') iq.receive(stanza)
    else if (stanza.getName() === 'presence') {
      presences.receive(stanza)
      avatars.receivePresence(stanza)
    } else {
      const event = readEvent(stanza, bare => roster.has(bare) || bare === own())
      if (event === undefined) return
      avatars.receiveEvent(event)
      const nick = readNickEvent(event)
      if (nick !== undefined) heard.push(`${nick.person} is ${nick.name}`)
    }
  })
  await roster.fetch(stream.versionsRoster ? { version: '', contacts: [] } : undefined)
  await blocking.fetch(await discovery.featuresOf(DOMAIN))
  const converts = (await discovery.featuresOf(own())).has(NS_VCARD_CONVERSION)
  await stream.send(
    writePresence({
      show: 'away',
      status: 'At lunch',
      idleSince: new Date('2024-02-03T04:05:06Z'),
      caps: discovery.caps(),
      avatarHash: undefined,
    }),
  )
  return { stream, iq, roster, presences, avatars, blocking, heard, converts }
}

for (const { name, startServer, missing } of SERVERS) {
  describe.skipIf(missing !== undefined && CI !== 'true')(`two people at ${name}`, () => {
    const accounts = { alice: 'secret', bob: 'secret' }
    const start = () => startServer({ domain: DOMAIN, accounts, contacts: [['alice', 'bob']], chat: true })

    test('see each other’s words, names and pictures, while there are any', {
      timeout: TIMEOUT_MS,
    }, async () => {
      await using server = await start()
      const [alice, bob] = [await signIn(server, ALICE), await signIn(server, BOB)]
      await eventually(() =>
        expect(bob.presences.resourcesOf(ALICE)).toMatchObject([
          { show: 'away', status: 'At lunch', idleSince: new Date('2024-02-03T04:05:06Z') },
        ]),
      )
      const { converts } = alice
      const hash = await publishAvatar(alice.iq, PNG, { converts })
      expect(hash).toBe(hashOf(PNG))
      await publishOwnName(alice.iq, 'Al')
      await eventually(() =>
        expect(bob.heard).toEqual(expect.arrayContaining([`${ALICE} looks like ${hash}`, `${ALICE} is Al`])),
      )
      expect(await bob.avatars.fetch(ALICE, hash)).toMatchObject({ type: 'image/png', width: 7, height: 5 })
      const card = await fetchVCard(bob.iq, ALICE)
      const picture = { type: 'image/png', bytes: PNG }
      expect(card && readVCard(card)).toMatchObject({ nickname: 'Al', photo: picture })
      await removeAvatar(alice.iq, hash, { converts })
      await eventually(() => expect(bob.heard.at(-1)).toBe(`${ALICE} looks like null`))
    })

    test('are sorted into groups, and the list is read anew where it changed only', {
      timeout: TIMEOUT_MS,
    }, async () => {
      await using server = await start()
      const { roster, stream } = await signIn(server, ALICE)
      await roster.set(BOB, { name: 'Bob & Co', groups: ['Work', 'Friends'] })
      await eventually(() => expect(roster.find(BOB)?.name).toBe('Bob & Co'))
      expect(roster.find(BOB)).toMatchObject({ subscription: 'both' })
      expect(roster.find(BOB)?.groups.toSorted()).toEqual(['Friends', 'Work'])
      const before = { version: roster.version ?? '', contacts: roster.contacts }
      await roster.fetch(stream.versionsRoster ? before : undefined)
      expect(roster.contacts).toEqual(before.contacts)
    })

    test('can block each other', { timeout: TIMEOUT_MS }, async () => {
      await using server = await start()
      const [alice, bob] = [await signIn(server, ALICE), await signIn(server, BOB)]
      await eventually(() => expect(bob.presences.newestOf(ALICE)).toHaveLength(1))
      expect(alice.blocking.isSupported).toBe(true)
      await alice.blocking.block(BOB)
      await eventually(() => expect(alice.blocking.has(`${BOB}/one`)).toBe(true))
      // What is said to her comes back, and she hears nothing of it.
      const refused = new Promise(resolve => {
        bob.stream.on('stanza', stanza => {
          if (attribute(stanza, 'id') === 'm1') resolve(attribute(stanza, 'type'))
        })
      })
      await bob.stream.send(xml('message', { to: ALICE, type: 'chat', id: 'm1' }, xml('body', {}, 'Hi')))
      expect(await refused).toBe('error')
      await alice.blocking.unblock(BOB)
      await eventually(() => expect(alice.blocking.addresses).toEqual([]))
    })
  })
}
