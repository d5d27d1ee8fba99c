import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import xml, { type Element } from '@xmpp/xml'
import { describe, expect, test } from 'vitest'
import type { HistoryCalls } from '../../main/store/history/history.ts'
import { Failure } from '../../shared/model/failure.ts'
import type { Message } from '../../shared/model/message.ts'
import { personId } from '../../shared/model/person-id.ts'
import { eventually } from '../support/eventually.ts'
import type { XmppServerOptions } from '../support/xmpp-server.ts'
import { replaceServer, type Someone, server, signIn, signInAs, start } from './rig.ts'
import {
  back,
  conversation,
  has,
  inStep,
  isConnected,
  numbered,
  reconnect,
  type StartOptions,
  say,
  scrollThrough,
  stateIs,
  texts,
  unreadIs,
} from './talking.ts'

/* Two devices of Alice and one of Bob: what is said is on all of them, in order, once. */

const ALICE = 'alice@plumb.test'
const BOB = 'bob@plumb.test'
const EVE = 'eve@plumb.test'
const NS_ARCHIVE = 'urn:xmpp:mam:2'

type Devices = { readonly desk: Someone; readonly laptop: Someone; readonly bob: Someone }

const withChat = (options: Partial<XmppServerOptions> = {}): Promise<void> =>
  replaceServer({ chat: { archive: { maxPage: 250 } }, ...options })

async function threeDevices(options: Partial<XmppServerOptions> = {}): Promise<Devices> {
  await withChat(options)
  const [desk, laptop, bob] = await Promise.all([signIn('alice'), signIn('alice', LAPTOP), signIn('bob')])
  await Promise.all([inStep(desk), inStep(laptop), inStep(bob)])
  return { desk, laptop, bob }
}

const LAPTOP = { home: 'laptop' }

/** What Bob wrote to Alice while nobody was there, a second apart and until now; every tenth is an answer of hers. */
function fill(count: number, options: { readonly from?: number; readonly person?: string } = {}): string[] {
  const { from = 1, person = BOB } = options
  const end = Date.now()
  server.fillArchive(
    'alice',
    numbered(count, from).map((text, index) => {
      const [sender, receiver] = index % 10 === 9 ? [`${ALICE}/phone`, person] : [`${person}/phone`, ALICE]
      return {
        at: new Date(end - (count - index) * 1_000),
        message: xml(
          'message',
          { from: sender, to: receiver, type: 'chat', id: `id-${from + index}` },
          xml('body', {}, text),
        ),
      }
    }),
  )
  return numbered(count, from)
}

const sessionOf = (device: Someone): string =>
  server.sessions().find(({ jid }) => jid === `${device.address}/${device.ports.settings.device}`)?.jid ?? ''

/** Cuts the connection; resolves when the device knows. */
async function cut(device: Someone): Promise<void> {
  const interrupted = isConnected(device, 'reconnecting')
  await server.kick(sessionOf(device))
  await interrupted
}

/** The server has no answer out of Alice's archive. */
function refuseArchive(): void {
  server.intercept((stanza, to) => {
    const isAnswer = stanza.getChild('fin', NS_ARCHIVE) !== undefined
    if (!isAnswer || !to.startsWith(ALICE)) return undefined
    const { id, from } = stanza.attrs
    const condition = xml('internal-server-error', 'urn:ietf:params:xml:ns:xmpp-stanzas')
    return xml('iq', { type: 'error', id, from, to }, xml('error', { type: 'wait' }, condition))
  })
}

/** A history whose disk is full while `full` says so. */
function fullDisk(state: { full: boolean }): NonNullable<StartOptions['history']> {
  const refuse = async (): Promise<never> => {
    throw new Failure('cannot-write', 'What was said could not be saved: make room on the disk.')
  }
  return (calls: HistoryCalls) => ({
    ...calls,
    noteLive: (...values) => (state.full ? refuse() : calls.noteLive(...values)),
    noteArchive: (...values) => (state.full ? refuse() : calls.noteArchive(...values)),
    settle: (...values) => (state.full ? refuse() : calls.settle(...values)),
  })
}

describe('what is said', () => {
  test('on one device is on all, in order, once', async () => {
    const { desk, laptop, bob } = await threeDevices()
    const said: string[] = []
    for (const [device, to, text] of [
      [desk, BOB, 'from the desk'],
      [bob, ALICE, 'from Bob'],
      [laptop, BOB, 'from the laptop'],
      [bob, ALICE, 'from Bob again'],
      [desk, BOB, 'from the desk again'],
    ] as const) {
      await say(device, to, text)
      said.push(text)
      await Promise.all([has(desk, BOB, said), has(laptop, BOB, said), has(bob, ALICE, said)])
    }
  })

  test('while a device was away is there when it is back, with what was said before and after', async () => {
    const { desk, laptop, bob } = await threeDevices()
    await say(bob, ALICE, '1')
    await has(laptop, BOB, ['1'])
    await laptop.quit()
    await say(desk, BOB, '2')
    await has(bob, ALICE, ['1', '2'])
    await say(bob, ALICE, '3')
    await has(desk, BOB, ['1', '2', '3'])
    const again = await back(laptop, { inFront: false })
    await has(again, BOB, ['1', '2', '3'])
    await unreadIs(again, BOB, 1)
    await eventually(() =>
      expect(again.attentions.map(({ body }) => body)).toEqual(['A message came while you were away.']),
    )
    await say(bob, ALICE, '4')
    await has(again, BOB, ['1', '2', '3', '4'])
  })

  test('many at once by both devices is the same on the third', async () => {
    const { desk, laptop, bob } = await threeDevices()
    const all = [desk, laptop].flatMap((device, which) =>
      numbered(20).map(text => ({ device, text: `${which}: ${text}` })),
    )
    await Promise.all(all.map(({ device, text }) => say(device, BOB, text)))
    await eventually(async () => expect(await texts(bob, ALICE)).toHaveLength(all.length))
    for (const device of [desk, laptop]) {
      await eventually(async () => {
        expect((await texts(device, BOB)).toSorted()).toEqual(all.map(({ text }) => text).toSorted())
      })
    }
    for (const which of [0, 1]) {
      const own = (await texts(bob, ALICE)).filter(text => text.startsWith(`${which}:`))
      expect(own).toEqual(numbered(20).map(text => `${which}: ${text}`))
    }
  })

  test('is corrected on all devices, also on one that was away', async () => {
    const { desk, laptop, bob } = await threeDevices()
    const { id } = await say(desk, BOB, 'helo')
    await Promise.all([has(laptop, BOB, ['helo']), has(bob, ALICE, ['helo'])])
    await stateIs(desk, BOB, id, ['sent', 'delivered'])
    await desk.messenger.calls.correctMessage(desk.to(BOB), id, 'hello')
    for (const [device, other] of [
      [desk, BOB],
      [laptop, BOB],
      [bob, ALICE],
    ] as const) {
      await has(device, other, ['hello'])
      expect(await conversation(device, other)).toMatchObject([{ edited: true }])
    }
    await laptop.quit()
    const last = await say(bob, ALICE, 'hi')
    await stateIs(bob, ALICE, last.id, ['delivered'])
    await bob.messenger.calls.correctMessage(bob.to(ALICE), last.id, 'Hi!')
    await has(desk, BOB, ['hello', 'Hi!'])
    const again = await back(laptop)
    await has(again, BOB, ['hello', 'Hi!'])
  })

  test.each([
    ['with an archive', true],
    ['without one', false],
  ])('in the place of what went to nobody here is shown for itself, %s', async (_, archive) => {
    await withChat({ chat: { archive } })
    const desk = await signIn('alice')
    await inStep(desk)
    const correction = (text: string, id: string): Element => {
      const replace = xml('replace', { xmlns: 'urn:xmpp:message-correct:0', id: 'only-the-phone-has-it' })
      return xml('message', { from: `${BOB}/x`, type: 'chat', id }, xml('body', {}, text), replace)
    }
    server.inject(sessionOf(desk), correction('helo', 'c1'))
    await has(desk, BOB, ['helo'])
    await unreadIs(desk, BOB, 1)
    server.inject(sessionOf(desk), correction('hello', 'c2'))
    await has(desk, BOB, ['hello'])
  })

  test('is sent once and in order when it was written without a connection that goes on then', async () => {
    const { desk, laptop, bob } = await threeDevices()
    await say(desk, BOB, '1')
    await has(bob, ALICE, ['1'])
    await cut(desk)
    for (const text of ['2', '3', '4']) await say(desk, BOB, text)
    await reconnect(desk)
    await say(desk, BOB, '5')
    const all = ['1', '2', '3', '4', '5']
    await Promise.all([has(bob, ALICE, all), has(laptop, BOB, all), has(desk, BOB, all)])
  })

  test('is sent once and in order when the session could not be resumed', async () => {
    const { desk, laptop, bob } = await threeDevices({ resumptionMs: 0 })
    await say(desk, BOB, '1')
    await has(bob, ALICE, ['1'])
    await cut(desk)
    for (const text of ['2', '3']) await say(desk, BOB, text)
    await say(bob, ALICE, 'meanwhile')
    await reconnect(desk)
    await say(desk, BOB, '4')
    const all = ['1', 'meanwhile', '2', '3', '4']
    await Promise.all([has(bob, ALICE, all), has(laptop, BOB, all), has(desk, BOB, all)])
  })

  test('is sent once where the server had it, and its word on that was lost with the session', async () => {
    const { desk, bob } = await threeDevices({ resumptionMs: 0 })
    // Before it is acknowledged.
    const gone = new Promise<void>(resolve => {
      const stop = server.intercept((stanza, to) => {
        if (to.startsWith(BOB) && stanza.getChildText('body') === '1') {
          stop()
          void server.kick(sessionOf(desk)).then(resolve)
        }
        return undefined
      })
    })
    const { id } = await say(desk, BOB, '1')
    await gone
    await reconnect(desk)
    await say(desk, BOB, '2')
    await Promise.all([has(bob, ALICE, ['1', '2']), has(desk, BOB, ['1', '2'])])
    await stateIs(desk, BOB, id, ['sent', 'delivered'])
    expect(server.archiveOf('bob').filter(({ with: person }) => person === ALICE)).toHaveLength(
      // With the receipts that Bob's device sent.
      4,
    )
  })

  test('waits for the next start where there is no connection at all', async () => {
    const { desk, laptop, bob } = await threeDevices()
    await laptop.quit()
    await cut(desk)
    await say(desk, BOB, 'for later')
    await desk.quit()
    const again = await back(desk)
    await has(bob, ALICE, ['for later'])
    await has(again, BOB, ['for later'])
  })

  test('goes out although the archive cannot be read', async () => {
    await withChat()
    refuseArchive()
    const [desk, bob] = await Promise.all([signIn('alice'), signIn('bob')])
    await say(desk, BOB, 'still')
    await has(bob, ALICE, ['still'])
  })

  test('is told of although the archive cannot be read', async () => {
    await withChat()
    refuseArchive()
    const [desk, bob] = await Promise.all([signIn('alice', { inFront: false }), signIn('bob')])
    await say(bob, ALICE, '1')
    await eventually(() => expect(desk.attentions).toHaveLength(1))
    await say(bob, ALICE, '2')
    await eventually(() => expect(desk.attentions.at(-1)?.body).toBe('2'))
  })
})

describe('what became of it', () => {
  test('is seen on all devices, also on one that was away', async () => {
    const { desk, laptop, bob } = await threeDevices()
    const { id } = await say(desk, BOB, '1')
    await stateIs(desk, BOB, id, ['delivered'])
    await has(laptop, BOB, ['1'])
    await eventually(async () =>
      expect(await conversation(laptop, BOB)).toMatchObject([{ state: 'delivered' }]),
    )
    await laptop.quit()
    await bob.messenger.calls.viewConversation(bob.to(ALICE))
    await stateIs(desk, BOB, id, ['displayed'])
    const again = await back(laptop)
    await eventually(async () =>
      expect(await conversation(again, BOB)).toMatchObject([{ state: 'displayed' }]),
    )
  })

  test.each([true, false])('unread is in step, with seen marks sent: %s', async sendDisplayed => {
    const { desk, laptop, bob } = await threeDevices()
    for (const device of [desk, laptop]) await device.messenger.calls.changeSettings({ sendDisplayed })
    const { id } = await say(bob, ALICE, '1')
    await Promise.all([unreadIs(desk, BOB, 1), unreadIs(laptop, BOB, 1)])
    await desk.messenger.calls.viewConversation(desk.to(BOB))
    await Promise.all([unreadIs(desk, BOB, 0), unreadIs(laptop, BOB, 0)])
    await stateIs(bob, ALICE, id, [sendDisplayed ? 'displayed' : 'delivered'])
    // Another one comes while the conversation is on the screen.
    await say(bob, ALICE, '2')
    await Promise.all([has(desk, BOB, ['1', '2']), has(laptop, BOB, ['1', '2'])])
    await Promise.all([unreadIs(desk, BOB, 0), unreadIs(laptop, BOB, 0)])
  })

  test('unread is in step with a device that was away, and nobody is told of what was read elsewhere', async () => {
    const { desk, laptop, bob } = await threeDevices()
    await laptop.quit()
    await say(bob, ALICE, '1')
    await unreadIs(desk, BOB, 1)
    await desk.messenger.calls.viewConversation(desk.to(BOB))
    await unreadIs(desk, BOB, 0)
    await desk.messenger.calls.viewConversation(null)
    await say(bob, ALICE, '2')
    await unreadIs(desk, BOB, 1)
    const again = await back(laptop, { inFront: false })
    await has(again, BOB, ['1', '2'])
    await unreadIs(again, BOB, 1)
    await eventually(() =>
      expect(again.attentions.map(({ body }) => body)).toEqual(['A message came while you were away.']),
    )
  })

  test.each([
    ['the connection goes on', 60_000],
    ['there is another session', 0],
  ])('what was read without a connection is read elsewhere once %s', async (_, resumptionMs) => {
    const { desk, laptop, bob } = await threeDevices({ resumptionMs })
    await say(bob, ALICE, '1')
    await Promise.all([unreadIs(desk, BOB, 1), unreadIs(laptop, BOB, 1)])
    await cut(desk)
    await desk.messenger.calls.viewConversation(desk.to(BOB))
    await unreadIs(desk, BOB, 0)
    await reconnect(desk)
    await unreadIs(laptop, BOB, 0)
  })

  test('what was read without a connection is read elsewhere after the next start', async () => {
    const { desk, laptop, bob } = await threeDevices()
    await say(bob, ALICE, '1')
    await Promise.all([unreadIs(desk, BOB, 1), unreadIs(laptop, BOB, 1)])
    await desk.messenger.calls.viewConversation(desk.to(BOB))
    await unreadIs(laptop, BOB, 0)
    await desk.messenger.calls.viewConversation(null)
    await say(bob, ALICE, '2')
    await Promise.all([unreadIs(desk, BOB, 1), unreadIs(laptop, BOB, 1)])
    await cut(desk)
    await desk.messenger.calls.viewConversation(desk.to(BOB))
    await unreadIs(desk, BOB, 0)
    await desk.quit()
    await back(desk)
    await unreadIs(laptop, BOB, 0)
  })

  test('a notification goes when the message was read on another device', async () => {
    const { desk, laptop, bob } = await threeDevices()
    const settled: unknown[] = []
    laptop.messenger.on('settled', about => settled.push(about))
    await say(bob, ALICE, '1')
    await Promise.all([unreadIs(desk, BOB, 1), unreadIs(laptop, BOB, 1)])
    await desk.messenger.calls.viewConversation(desk.to(BOB))
    await eventually(() => expect(settled).toContainEqual({ kind: 'message', person: laptop.to(BOB) }))
  })
})

describe('a device that was away', () => {
  test('for 5,000 messages has them all, in order, with few events', async () => {
    const { desk, laptop } = await threeDevices()
    await laptop.quit()
    const all = fill(5_000)
    const again = await back(laptop)
    await again.messenger.calls.viewConversation(again.to(BOB))
    await inStep(again)
    const messages = await scrollThrough(again, BOB, 500)
    expect(messages.map(({ text }) => text)).toEqual(all)
    expect(new Set(messages.map(({ id }) => id)).size).toBe(5_000)
    expect(again.events.length).toBeLessThan(150)
    // The desk never knew that somebody had missed anything.
    expect(desk.person(BOB)?.unread).toBe(0)
  })

  test('counts what came meanwhile, from many people', async () => {
    const { laptop } = await threeDevices()
    await laptop.quit()
    fill(15, { person: EVE })
    fill(8)
    const again = await back(laptop)
    await Promise.all([unreadIs(again, BOB, 8), unreadIs(again, EVE, 5)])
  })

  test.each([
    ['and goes on', 60_000],
    ['for good', 0],
  ])('and whose connection is lost in the middle, %s, has no gap', async (_, resumptionMs) => {
    const { laptop } = await threeDevices({ resumptionMs })
    await laptop.quit()
    const all = fill(1_500)
    let results = 0
    const stop = server.intercept((stanza, to) => {
      if (stanza.getChild('result', NS_ARCHIVE) !== undefined && to.startsWith(ALICE)) results += 1
      if (results === 700) {
        stop()
        void server.kick(to)
      }
      return undefined
    })
    const again = await back(laptop)
    await isConnected(again, 'reconnecting')
    await reconnect(again)
    await inStep(again)
    expect((await scrollThrough(again, BOB, 500)).map(({ text }) => text)).toEqual(all)
  })

  test('goes on where it was when it is ended in the middle', async () => {
    const { laptop } = await threeDevices()
    await laptop.quit()
    const all = fill(1_500)
    let results = 0
    const middle = new Promise<void>(resolve => {
      const stop = server.intercept(stanza => {
        if (stanza.getChild('result', NS_ARCHIVE) !== undefined) results += 1
        if (results === 700) {
          stop()
          resolve()
        }
        return undefined
      })
    })
    const first = await back(laptop)
    await middle
    await first.quit()
    const again = await back(laptop)
    await inStep(again)
    expect((await scrollThrough(again, BOB, 500)).map(({ text }) => text)).toEqual(all)
  })

  test('keeps what is said while it catches up in its place', async () => {
    const { laptop, bob } = await threeDevices()
    await laptop.quit()
    const all = fill(1_000)
    let said: Promise<Message> | undefined
    let results = 0
    server.intercept(stanza => {
      if (stanza.getChild('result', NS_ARCHIVE) !== undefined) results += 1
      if (results === 300) said ??= say(bob, ALICE, 'live')
      return undefined
    })
    const again = await back(laptop)
    await inStep(again)
    await said
    await eventually(async () => {
      expect((await scrollThrough(again, BOB, 500)).map(({ text }) => text)).toEqual([...all, 'live'])
    })
  })

  test('knows what it knew where the archive has forgotten its place', async () => {
    const { laptop, bob } = await threeDevices()
    for (const text of ['1', '2']) await say(bob, ALICE, text)
    await has(laptop, BOB, ['1', '2'])
    await laptop.quit()
    server.purgeArchive('alice')
    await say(bob, ALICE, '3')
    const again = await back(laptop)
    await has(again, BOB, ['1', '2', '3'])
    await unreadIs(again, BOB, 3)
    await say(bob, ALICE, '4')
    await has(again, BOB, ['1', '2', '3', '4'])
  })

  test('misses nothing where the archive finds nothing behind a place that it has forgotten', async () => {
    const { laptop, bob } = await threeDevices()
    await say(bob, ALICE, '1')
    await has(laptop, BOB, ['1'])
    await laptop.quit()
    server.purgeArchive('alice')
    await say(bob, ALICE, '2')
    // As ejabberd does, which compares ids like numbers.
    server.intercept((stanza, to) => {
      const isUnknown = stanza.getChild('error')?.getChild('item-not-found') !== undefined
      if (!isUnknown || !to.startsWith(ALICE)) return undefined
      const { id, from } = stanza.attrs
      const set = xml('set', 'http://jabber.org/protocol/rsm', xml('count', {}, '0'))
      return xml(
        'iq',
        { type: 'result', id, from, to },
        xml('fin', { xmlns: NS_ARCHIVE, complete: 'true' }, set),
      )
    })
    const again = await back(laptop)
    await has(again, BOB, ['1', '2'])
  })

  test('shows each once where the server kept it for later besides, and tells of all at once', async () => {
    await withChat({ chat: { offline: 'deliver' } })
    const alice = await signIn('alice', { inFront: false })
    const bob = await signIn('bob')
    await say(bob, ALICE, '0')
    await unreadIs(alice, BOB, 1)
    await alice.quit()
    for (const text of numbered(10)) await say(bob, ALICE, text)
    await stateIs(bob, ALICE, (await conversation(bob, ALICE)).at(-1)?.id ?? '', ['sent'])
    const again = await back(alice, { inFront: false })
    await has(again, BOB, ['0', ...numbered(10)])
    await unreadIs(again, BOB, 11)
    await eventually(() =>
      expect(again.attentions.map(({ body }) => body)).toEqual(['11 messages came while you were away.']),
    )
  })

  test('reads the archive of strangers no further than they may write', async () => {
    const { laptop } = await threeDevices()
    await laptop.quit()
    for (let number = 0; number < 120; number++) fill(1, { person: `stranger${number}@elsewhere.test` })
    fill(1)
    const again = await back(laptop)
    await unreadIs(again, BOB, 1)
    const { people } = await again.messenger.calls.load()
    // Her own conversation, with which this device knew that it was in step, is one of the hundred.
    expect(people.filter(({ address }) => address.startsWith('stranger'))).toHaveLength(99)
  })

  test('without copies of what the other device sends reads them out of the archive', async () => {
    await withChat({ chat: { carbons: false } })
    const [desk, laptop, bob] = await Promise.all([signIn('alice'), signIn('alice', LAPTOP), signIn('bob')])
    await Promise.all([inStep(desk), inStep(laptop), inStep(bob)])
    await say(desk, BOB, 'only from the desk')
    await has(bob, ALICE, ['only from the desk'])
    await say(bob, ALICE, 'to all of them')
    await eventually(async () => expect(await texts(laptop, BOB)).toContain('to all of them'))
    await laptop.quit()
    const again = await back(laptop)
    await eventually(async () => {
      expect((await texts(again, BOB)).toSorted()).toEqual(['only from the desk', 'to all of them'])
    })
  })
})

describe('a new device', () => {
  test('begins with the newest, counts nothing as unread, and finds the very first by scrolling', async () => {
    await withChat()
    fill(40, { person: EVE })
    const all = fill(1_700)
    const alice = await signIn('alice', { inFront: false })
    await inStep(alice)
    const { people } = await alice.messenger.calls.load()
    expect(people.map(({ unread }) => unread)).toEqual(people.map(() => 0))
    expect(alice.person(BOB)?.last?.text).toBe('message 1700')
    expect(alice.attentions).toEqual([])
    const messages = await scrollThrough(alice, BOB)
    expect(messages.map(({ text }) => text)).toEqual(all)
    expect((await scrollThrough(alice, EVE)).map(({ text }) => text)).toEqual(numbered(40))
  })

  test('tells of what comes from then on', async () => {
    await withChat()
    fill(3)
    const [alice, bob] = await Promise.all([signIn('alice', { inFront: false }), signIn('bob')])
    await inStep(alice)
    await say(bob, ALICE, 'new')
    await unreadIs(alice, BOB, 1)
    await alice.quit()
    await say(bob, ALICE, 'newer')
    const again = await back(alice)
    await has(again, BOB, [...numbered(3), 'new', 'newer'])
    await unreadIs(again, BOB, 2)
  })

  test('of an account in which nothing was ever said counts all that comes', async () => {
    await withChat()
    const alice = await signIn('alice', LAPTOP)
    const bob = await signIn('bob')
    await isConnected(alice, 'connected')
    await alice.until(() => alice.person(BOB)?.devices[0] !== undefined || undefined)
    // Whatever it asked of the archive was answered before this comes.
    await say(bob, ALICE, '1')
    await unreadIs(alice, BOB, 1)
    await alice.quit()
    await say(bob, ALICE, '2')
    await stateIs(bob, ALICE, (await conversation(bob, ALICE)).at(-1)?.id ?? '', ['sent'])
    const again = await back(alice)
    await has(again, BOB, ['1', '2'])
    await unreadIs(again, BOB, 2)
  })

  test('shows more where somebody looked for it while the archive was being read', async () => {
    await withChat()
    fill(10)
    const alice = await signIn('alice')
    const early = await alice.messenger.calls.readConversation(alice.to(BOB), { kind: 'newest' }, 100)
    await alice.messenger.calls.viewConversation(alice.to(BOB))
    // Either it is there already, or there is more to be looked for.
    expect(early.messages.length > 0 || early.older).toBe(true)
    await has(alice, BOB, numbered(10))
  })
})

describe('a history that is damaged', () => {
  const tamper = ({ home }: Someone): void => {
    const database = new DatabaseSync(join(home, 'history.db'), { timeout: 5_000 })
    database.exec("UPDATE message SET direction = 'sideways'")
    database.close()
  }

  test('at the start is set aside, and filled from the archive', async () => {
    const { laptop, bob } = await threeDevices()
    for (const text of ['1', '2']) await say(bob, ALICE, text)
    await has(laptop, BOB, ['1', '2'])
    await laptop.quit()
    tamper(laptop)
    const again = await back(laptop)
    await has(again, BOB, ['1', '2'])
    await say(bob, ALICE, '3')
    await has(again, BOB, ['1', '2', '3'])
    const { notices } = await again.messenger.calls.load()
    expect(notices.map(({ text }) => text)).toEqual([expect.stringContaining('history.damaged-')])
  })

  test('in the middle is set aside, and filled from the archive', async () => {
    const { desk, bob } = await threeDevices()
    const all = fill(600)
    await say(bob, ALICE, 'live')
    await eventually(async () => expect((await texts(desk, BOB)).at(-1)).toBe('live'))
    tamper(desk)
    await say(bob, ALICE, 'after')
    await eventually(async () => {
      const found = (await scrollThrough(desk, BOB, 500)).map(({ text }) => text)
      expect(found).toEqual([...all, 'live', 'after'])
    })
    await say(desk, BOB, 'and on')
    await has(bob, ALICE, ['live', 'after', 'and on'])
  })

  test('while it catches up has no gap', async () => {
    const { laptop } = await threeDevices()
    await laptop.quit()
    const all = fill(2_500)
    let results = 0
    const stop = server.intercept(stanza => {
      if (stanza.getChild('result', NS_ARCHIVE) !== undefined) results += 1
      if (results === 1_200) {
        stop()
        tamper(laptop)
      }
      return undefined
    })
    const again = await back(laptop)
    await eventually(async () => {
      expect((await scrollThrough(again, BOB, 500)).map(({ text }) => text)).toEqual(all)
    })
  })
})

describe('a conversation that was deleted', () => {
  test('does not come back out of the archive, and what is said then does', async () => {
    const { desk, laptop, bob } = await threeDevices()
    await say(bob, ALICE, '1')
    await has(desk, BOB, ['1'])
    await say(desk, BOB, '2')
    await Promise.all([has(laptop, BOB, ['1', '2']), has(desk, BOB, ['1', '2'])])
    await desk.messenger.calls.deleteConversation(desk.to(BOB))
    expect(await texts(desk, BOB)).toEqual([])
    await desk.quit()
    const again = await back(desk)
    await inStep(again)
    expect(await texts(again, BOB)).toEqual([])
    await say(bob, ALICE, '3')
    await has(again, BOB, ['3'])
    await has(laptop, BOB, ['1', '2', '3'])
    await again.quit()
    server.purgeArchive('alice')
    const third = await back(desk)
    await inStep(third)
    expect((await scrollThrough(third, BOB)).map(({ text }) => text)).toEqual(['3'])
  })

  test('does not come back where the server’s clock is ahead', async () => {
    const { desk, bob } = await threeDevices()
    server.intercept(stanza => {
      const forwarded = stanza.getChild('result', NS_ARCHIVE)?.getChild('forwarded')
      const delay = forwarded?.getChild('delay')
      if (delay !== undefined) delay.attrs['stamp'] = new Date(Date.now() + 3_600_000).toISOString()
      return undefined
    })
    await say(bob, ALICE, '1')
    await has(desk, BOB, ['1'])
    await say(desk, BOB, '2')
    await has(bob, ALICE, ['1', '2'])
    await desk.messenger.calls.deleteConversation(desk.to(BOB))
    await desk.quit()
    const again = await back(desk)
    await inStep(again)
    expect(await texts(again, BOB)).toEqual([])
  })
})

describe('what cannot be kept', () => {
  test('because the disk is full comes out of the archive when there is room', async () => {
    await withChat()
    const disk = { full: false }
    const alice = await signIn('alice', { history: fullDisk(disk) })
    const bob = await signIn('bob')
    await Promise.all([inStep(alice), inStep(bob)])
    await say(bob, ALICE, '1')
    await has(alice, BOB, ['1'])
    disk.full = true
    await say(bob, ALICE, '2')
    await alice.until(() => alice.events.some(({ name }) => name === 'noticesChanged') || undefined)
    disk.full = false
    // It would be passed over if this moved the place in the archive.
    await say(bob, ALICE, '3')
    await eventually(async () => expect(await texts(alice, BOB)).toContain('3'))
    await has(alice, BOB, ['1', '2', '3'])
    await alice.quit()
    const again = await back(alice)
    await inStep(again)
    expect(await texts(again, BOB)).toEqual(['1', '2', '3'])
  })

  test('does not make a message that was sent one that failed', async () => {
    await withChat()
    const disk = { full: false }
    const alice = await signIn('alice', { history: fullDisk(disk) })
    const bob = await signIn('bob')
    await Promise.all([inStep(alice), inStep(bob)])
    const stop = server.intercept((stanza, to) => {
      if (to.startsWith(BOB) && stanza.getChildText('body') === 'sent') disk.full = true
      return undefined
    })
    const { id } = await say(alice, BOB, 'sent')
    await has(bob, ALICE, ['sent'])
    await alice.until(() => alice.events.some(({ name }) => name === 'noticesChanged') || undefined)
    stop()
    disk.full = false
    await stateIs(alice, BOB, id, ['sent', 'delivered'])
    expect(await texts(bob, ALICE)).toEqual(['sent'])
  })

  test('or read at the sign-in locks nobody out', async () => {
    await withChat()
    const cannot = async (): Promise<never> => {
      throw new Failure('cannot-write', 'What was said could not be saved: check the disk.')
    }
    const alice = await signIn('alice', { history: calls => ({ ...calls, openAccount: cannot }) })
    const { notices, people } = await alice.messenger.calls.load()
    expect(notices).toHaveLength(1)
    expect(people).toMatchObject([{ address: BOB }])
  })
})

describe('several accounts in one window', () => {
  test('that write to each other have it once each', async () => {
    await withChat()
    const both = await signIn('alice')
    await inStep(both)
    await signInAs(both, 'bob')
    await both.messenger.calls.sendMessage(both.to(BOB), 'to myself')
    const read = async (account: string, person: string): Promise<unknown[]> => {
      const of = personId(account, person)
      const page = await both.messenger.calls.readConversation(of, { kind: 'newest' }, 10)
      return page.messages.map(({ text, direction }) => [direction, text])
    }
    await eventually(async () => {
      expect(await read(ALICE, BOB)).toEqual([['out', 'to myself']])
      expect(await read(BOB, ALICE)).toEqual([['in', 'to myself']])
    })
    await both.quit()
    const again = await start('alice')
    await signInAs(again, 'alice')
    await signInAs(again, 'bob')
    await inStep(again)
    expect(await texts(again, BOB)).toEqual(['to myself'])
  })
})

describe('signing out', () => {
  test('in the middle of catching up leaves nobody on the screen, and nothing is lost', async () => {
    const { laptop } = await threeDevices()
    await laptop.quit()
    const all = fill(1_500)
    let results = 0
    const middle = new Promise<void>(resolve => {
      const stop = server.intercept(stanza => {
        if (stanza.getChild('result', NS_ARCHIVE) !== undefined) results += 1
        if (results === 700) {
          stop()
          resolve()
        }
        return undefined
      })
    })
    const again = await back(laptop)
    await middle
    await again.messenger.calls.signOut(ALICE)
    expect((await again.messenger.calls.load()).people).toEqual([])
    // The history has done what was asked of it before when it answers this.
    await again.ports.history.transfers(1)
    expect((await again.messenger.calls.load()).people).toEqual([])
    await signInAs(again, 'alice')
    await inStep(again)
    expect((await scrollThrough(again, BOB, 500)).map(({ text }) => text)).toEqual(all)
  })
})

describe('forgeries', () => {
  const carbon = (from: string, kind: 'sent' | 'received', inner: Element): Element =>
    xml(
      'message',
      { from, type: 'chat' },
      xml(kind, 'urn:xmpp:carbons:2', xml('forwarded', 'urn:xmpp:forward:0', inner)),
    )
  const message = (from: string, to: string, text: string): Element =>
    xml('message', { xmlns: 'jabber:client', from, to, type: 'chat', id: text }, xml('body', {}, text))
  const result = (from: string | undefined, inner: Element): Element =>
    xml(
      'message',
      { from },
      xml(
        'result',
        { xmlns: NS_ARCHIVE, queryid: 'q', id: 'forged' },
        xml(
          'forwarded',
          'urn:xmpp:forward:0',
          xml('delay', { xmlns: 'urn:xmpp:delay', stamp: '2020-01-01T00:00:00Z' }),
          inner,
        ),
      ),
    )
  const displayedEvent = (from: string, archiveId: string): Element =>
    xml(
      'message',
      { from, type: 'headline' },
      xml(
        'event',
        'http://jabber.org/protocol/pubsub#event',
        xml(
          'items',
          { node: 'urn:xmpp:mds:displayed:0' },
          xml(
            'item',
            { id: BOB },
            xml(
              'displayed',
              'urn:xmpp:mds:displayed:0',
              xml('stanza-id', { xmlns: 'urn:xmpp:sid:0', by: ALICE, id: archiveId }),
            ),
          ),
        ),
      ),
    )

  test('of copies, of the archive, and of what was read change nothing', async () => {
    const { desk, laptop, bob } = await threeDevices()
    await laptop.quit()
    const { id } = await say(desk, BOB, 'mine')
    await say(bob, ALICE, 'unread')
    await has(desk, BOB, ['mine', 'unread'])
    await stateIs(desk, BOB, id, ['delivered'])
    const archived = server
      .archiveOf('alice')
      .findLast(({ message: kept }) => kept.getChildText('body') === 'unread')
    const before = await conversation(desk, BOB)
    const to = sessionOf(desk)
    const words = message(`${BOB}/x`, ALICE, 'forged')
    const forged = [
      ...[EVE, `${EVE}/x`, `${ALICE}/other`, 'plumb.test'].flatMap(from => [
        carbon(from, 'received', words),
        carbon(from, 'sent', message(`${ALICE}/other`, BOB, 'forged')),
        result(from, words),
        displayedEvent(from, archived?.id ?? ''),
      ]),
      // Nobody asked for these.
      result(ALICE, words),
      result(undefined, words),
      // A copy of a copy, and one in which somebody else speaks for us.
      carbon(ALICE, 'received', carbon(ALICE, 'received', words)),
      carbon(ALICE, 'received', message(`${ALICE}/other`, BOB, 'forged')),
      carbon(ALICE, 'sent', message(`${EVE}/x`, BOB, 'forged')),
      // What became of messages, and other words for them, by somebody whom they did not go to.
      xml('message', { from: `${EVE}/x` }, xml('displayed', { xmlns: 'urn:xmpp:chat-markers:0', id })),
      xml('message', { from: `${EVE}/x` }, xml('received', { xmlns: 'urn:xmpp:receipts', id })),
      xml(
        'message',
        { from: `${EVE}/x`, type: 'error', id },
        xml('error', { type: 'cancel' }, xml('service-unavailable', 'urn:ietf:params:xml:ns:xmpp-stanzas')),
      ),
    ]
    for (const stanza of forged) server.inject(to, stanza)
    const correction = message(`${EVE}/x`, ALICE, 'instead')
    correction.append(xml('replace', { xmlns: 'urn:xmpp:message-correct:0', id: before[1]?.id ?? '' }))
    server.inject(to, correction)
    server.inject(to, message(`${EVE}/x`, ALICE, 'the last'))
    // Her correction of what is not hers is said by her.
    await eventually(async () => expect(await texts(desk, EVE)).toEqual(['instead', 'the last']))
    expect(await conversation(desk, BOB)).toEqual(before)
    expect(desk.person(BOB)?.unread).toBe(1)
  })
})
