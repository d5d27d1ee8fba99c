import { createHash } from 'node:crypto'
import { mkdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { publishAvatar } from '../../main/xmpp/own-profile.ts'
import type { EventValue } from '../../shared/ipc/events.ts'
import { eventually } from '../support/eventually.ts'
import { ForeignClient } from '../support/foreign-client.ts'
import { JPEG, paintedPng, withChunk } from '../support/pictures.ts'
import { folder, replaceServer, type Someone, server, signIn, start, twoPeople } from './rig.ts'

const ALICE = 'alice@plumb.test'
const BOB = 'bob@plumb.test'

const OWN = paintedPng(256, 256)
const OTHER = paintedPng(256, 256, 200)
const SHOWN = paintedPng(96, 96)
const hashOf = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('hex')

type ToDraw = EventValue<'pictureToDraw'>

/** The window of somebody: it draws what it is asked to, as this picture. */
function window(someone: Someone, drawn: Uint8Array | null = SHOWN): ToDraw[] {
  const asked: ToDraw[] = []
  someone.messenger.on('event', (name, value) => {
    if (name !== 'pictureToDraw') return
    asked.push(value as ToDraw)
    void someone.messenger.calls.pictureDrawn((value as ToDraw).id, drawn)
  })
  void someone.messenger.calls.load()
  return asked
}

const looksLike = (someone: Someone, picture: string | null): Promise<void> =>
  eventually(() => expect(someone.person(BOB)?.picture).toBe(picture))
const isCalled = (someone: Someone, name: string): Promise<void> =>
  eventually(() => expect(someone.person(BOB)?.name).toBe(name))
const selfOf = async ({ messenger }: Someone) => (await messenger.calls.load()).selves[0]

async function aliceAndBob(chat: NonNullable<Parameters<typeof replaceServer>[0]['chat']> = true) {
  await replaceServer({ chat })
  return await twoPeople()
}

describe('the picture of a contact', () => {
  test('is drawn anew by the window, shown, and there at the next start before the server has answered', async () => {
    const [alice, bob] = await aliceAndBob()
    const asked = window(alice)
    await bob.messenger.calls.publishOwnPicture(BOB, OWN)
    await looksLike(alice, hashOf(OWN))
    expect(asked.map(({ picture }) => [picture.type, hashOf(picture.bytes)])).toEqual([
      ['image/png', hashOf(OWN)],
    ])
    expect(hashOf((await alice.messenger.faceOf(hashOf(OWN)))?.bytes ?? new Uint8Array())).toBe(hashOf(SHOWN))
    await alice.quit()
    const passwords = { available: true, load: () => 'secret', save: () => {}, forget: () => {} }
    const again = await start('alice', { passwords })
    const askedAgain = window(again)
    await server.close()
    void again.messenger.start()
    await looksLike(again, hashOf(OWN))
    expect(await again.messenger.faceOf(hashOf(OWN))).toBeDefined()
    expect(askedAgain).toEqual([])
  })

  test('is another once they show another, and none once they show none', async () => {
    const [alice, bob] = await aliceAndBob()
    window(alice)
    window(bob)
    await bob.messenger.calls.publishOwnPicture(BOB, OWN)
    await looksLike(alice, hashOf(OWN))
    await bob.messenger.calls.publishOwnPicture(BOB, OTHER)
    await looksLike(alice, hashOf(OTHER))
    await bob.messenger.calls.publishOwnPicture(BOB, null)
    await looksLike(alice, null)
  })

  test('is not fetched again at the next start', async () => {
    const [alice, bob] = await aliceAndBob()
    window(alice)
    await bob.messenger.calls.publishOwnPicture(BOB, OWN)
    await looksLike(alice, hashOf(OWN))
    await alice.quit()
    const again = await start('alice')
    const asked = window(again)
    const { calls } = again.messenger
    const place = { host: server.host, port: server.port }
    await calls.signIn({ address: ALICE, password: 'secret', server: place, remember: false })
    await bob.messenger.calls.changeOwnName(BOB, 'Robert')
    await isCalled(again, 'Robert')
    expect(again.person(BOB)?.picture).toBe(hashOf(OWN))
    expect(asked).toEqual([])
  })

  test('is not shown where the window cannot draw it', async () => {
    const [alice, bob] = await aliceAndBob()
    const asked = window(alice, null)
    await bob.messenger.calls.publishOwnPicture(BOB, OWN)
    await eventually(() => expect(asked).toHaveLength(1))
    // What they tell afterwards is read afterwards.
    await bob.messenger.calls.changeOwnName(BOB, 'Robert')
    await isCalled(alice, 'Robert')
    expect(alice.person(BOB)?.picture).toBeNull()
    expect(await alice.messenger.faceOf(hashOf(OWN))).toBeUndefined()
  })

  test('that brought the window down is not tried again in another session', async () => {
    await replaceServer({ chat: true, resumptionMs: 0 })
    const [alice, bob] = await twoPeople()
    const asked: ToDraw[] = []
    alice.messenger.on('event', (name, value) => {
      if (name !== 'pictureToDraw') return
      asked.push(value as ToDraw)
      setImmediate(() => {
        alice.messenger.windowGone()
        void alice.messenger.calls.load()
      })
    })
    void alice.messenger.calls.load()
    await bob.messenger.calls.publishOwnPicture(BOB, OWN)
    await eventually(() => expect(asked).toHaveLength(1))
    const session = server.sessions().find(({ jid }) => jid.startsWith(ALICE))
    await server.kick(session?.jid ?? '')
    await eventually(() => expect(server.sessions().some(({ jid }) => jid.startsWith(ALICE))).toBe(true))
    // What they tell afterwards is read afterwards.
    await bob.messenger.calls.changeOwnName(BOB, 'Robert')
    await isCalled(alice, 'Robert')
    await bob.messenger.calls.publishOwnPicture(BOB, OTHER)
    await eventually(() => expect(asked).toHaveLength(2))
    expect(asked.map(({ picture }) => hashOf(picture.bytes))).toEqual([hashOf(OWN), hashOf(OTHER)])
  })

  test('with more pixels than any is shown with does not reach the window', async () => {
    await replaceServer({ chat: true })
    const alice = await signIn('alice')
    const asked = window(alice)
    await using bob = await ForeignClient.signIn({
      jid: BOB,
      password: 'secret',
      host: server.host,
      port: server.port,
      ca: server.caPem,
    })
    await publishAvatar(bob.iq, paintedPng(1_025, 10), { converts: true })
    await publishAvatar(bob.iq, paintedPng(1_024, 10), { converts: true })
    await looksLike(alice, hashOf(paintedPng(1_024, 10)))
    expect(asked).toHaveLength(1)
  })

  test('is that of their visiting card with a server that keeps nothing else', async () => {
    const [alice, bob] = await aliceAndBob({ pep: false, vcards: 'separate' })
    window(alice)
    await bob.messenger.calls.publishOwnPicture(BOB, OWN)
    await looksLike(alice, hashOf(OWN))
    // Also for who comes later.
    const phone = await signIn('alice', { home: 'phone' })
    window(phone)
    await looksLike(phone, hashOf(OWN))
  })
})

describe('a contact', () => {
  test('is called as they wish, unless the contact list says otherwise', async () => {
    const [alice, bob] = await aliceAndBob()
    await bob.messenger.calls.changeOwnName(BOB, '  Robert\u202e  Roe ')
    await isCalled(alice, 'Robert Roe')
    expect(await selfOf(bob)).toMatchObject({ nick: 'Robert Roe' })
    await alice.messenger.calls.renamePerson(alice.to(BOB), 'Bobby')
    await isCalled(alice, 'Bobby')
    await bob.messenger.calls.changeOwnName(BOB, 'Rob')
    const phone = await signIn('alice', { home: 'phone' })
    await isCalled(phone, 'Bobby')
  })

  test('without a wish is called as before', async () => {
    const [alice, bob] = await aliceAndBob()
    await bob.messenger.calls.changeOwnName(BOB, 'Robert')
    await isCalled(alice, 'Robert')
    await bob.messenger.calls.changeOwnName(BOB, '')
    await isCalled(alice, 'bob')
    expect(await selfOf(bob)).toMatchObject({ nick: '' })
  })

  test('is called as in their visiting card with a server that keeps nothing else', async () => {
    const [alice, bob] = await aliceAndBob({ pep: false, vcards: 'separate' })
    await bob.messenger.calls.changeOwnName(BOB, 'Robert')
    await alice.quit()
    const again = await signIn('alice', { home: 'phone' })
    await isCalled(again, 'Robert')
  })

  test('who is blocked looks as before', async () => {
    const [alice, bob] = await aliceAndBob()
    await bob.messenger.calls.changeOwnName(BOB, 'Robert')
    await isCalled(alice, 'Robert')
    await alice.messenger.calls.blockPerson(alice.to(BOB))
    await eventually(() => expect(alice.person(BOB)).toMatchObject({ blocked: true, name: 'Robert' }))
  })
})

describe('our own picture', () => {
  test('is on all of our devices', async () => {
    const [alice] = await aliceAndBob()
    const phone = await signIn('alice', { home: 'phone' })
    window(alice)
    window(phone)
    await phone.messenger.calls.publishOwnPicture(ALICE, OWN)
    await eventually(async () => {
      expect([(await selfOf(alice))?.picture, (await selfOf(phone))?.picture]).toEqual([
        hashOf(OWN),
        hashOf(OWN),
      ])
    })
    await alice.messenger.calls.publishOwnPicture(ALICE, null)
    await eventually(async () => expect((await selfOf(phone))?.picture).toBeNull())
  })

  test.each([
    ['no picture', Buffer.from('text')],
    ['of another size', paintedPng(128, 128)],
    ['of another kind', JPEG],
    ['with more in it than is seen', withChunk(OWN, 'eXIf', Buffer.from('49.41 N 8.69 E'))],
    ['too large', Buffer.concat([OWN, Buffer.alloc(64 * 1024)])],
  ])('is not published where it is %s', async (_, bytes) => {
    await replaceServer({ chat: true })
    const alice = await signIn('alice')
    await expect((async () => alice.messenger.calls.publishOwnPicture(ALICE, bytes))()).rejects.toMatchObject(
      { code: 'not-allowed' },
    )
  })

  test('cannot be had where the server keeps none, which is said', async () => {
    const alice = await signIn('alice')
    await expect(alice.messenger.calls.publishOwnPicture(ALICE, OWN)).rejects.toMatchObject({
      code: 'not-allowed',
      message: 'The server does not keep this for you: try again later.',
    })
  })

  test('is chosen by the system, and read only where it is one', async () => {
    const alice = await start('alice')
    const { calls } = alice.messenger
    const path = join(folder, 'portrait')
    expect(await calls.chooseOwnPicture()).toBeNull()
    Object.assign(alice.ports.dialogs, { choosePicture: async () => path })
    await expect(calls.chooseOwnPicture()).rejects.toMatchObject({
      code: 'file-unreadable',
      message: expect.not.stringContaining(folder),
    })
    await writeFile(path, JPEG)
    expect(await calls.chooseOwnPicture()).toEqual({ type: 'image/jpeg', bytes: new Uint8Array(JPEG) })
    await writeFile(path, 'text')
    await expect(calls.chooseOwnPicture()).rejects.toMatchObject({ code: 'not-allowed' })
    await writeFile(path, JPEG)
    await truncate(path, 32 * 1024 * 1024 + 1)
    await expect(calls.chooseOwnPicture()).rejects.toMatchObject({ code: 'not-allowed' })
    await mkdir(join(folder, 'a folder'))
    Object.assign(alice.ports.dialogs, { choosePicture: async () => join(folder, 'a folder') })
    await expect(calls.chooseOwnPicture()).rejects.toMatchObject({ code: 'not-allowed' })
  })
})
