import xml from '@xmpp/xml'
import { describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { makeFile, replaceServer, type Someone, send, server, signIn, stateOf, twoPeople } from './rig.ts'

const ALICE = 'alice@plumb.test'
const BOB = 'bob@plumb.test'

const selfOf = async ({ messenger }: Someone) => (await messenger.calls.load()).selves[0]
/** The other side is shown as blocked, or no more. */
const isBlocked = (someone: Someone, address: string, blocked: boolean): Promise<unknown> =>
  someone.until(() => someone.person(address)?.blocked === blocked || undefined)

async function aliceBlocksBob(): Promise<readonly [Someone, Someone]> {
  await replaceServer({ chat: true })
  const [alice, bob] = await twoPeople()
  await alice.messenger.calls.blockPerson(alice.to(BOB))
  await isBlocked(alice, BOB, true)
  return [alice, bob]
}

describe('somebody who is blocked', () => {
  test('is marked so, and both see each other offline', async () => {
    const [alice, bob] = await aliceBlocksBob()
    expect(alice.person(BOB)).toMatchObject({ availability: 'offline', devices: [], inContacts: true })
    expect(await selfOf(alice)).toMatchObject({ account: ALICE, blocked: [BOB] })
    await bob.until(() => bob.person(ALICE)?.availability === 'offline' || undefined)
    // Nothing tells Bob why.
    expect(bob.person(ALICE)).toMatchObject({ blocked: false, subscription: 'both' })
  })

  test('can neither write nor be written to, nor be sent files', async () => {
    const [alice, bob] = await aliceBlocksBob()
    const file = await makeFile('notes.txt')
    const { calls } = alice.messenger
    const refused = { code: 'not-allowed', message: 'You have blocked bob: unblock them first.' }
    await expect(calls.sendMessage(alice.to(BOB), 'x')).rejects.toMatchObject(refused)
    await expect(send(alice, BOB, file)).rejects.toMatchObject(refused)
    await bob.messenger.calls.viewConversation(bob.to(ALICE))
    await bob.messenger.calls.sendMessage(bob.to(ALICE), 'Can you hear me?')
    await bob.until(() =>
      bob.events.find(
        ({ name, value }) => name === 'messagesChanged' && JSON.stringify(value).includes('"failed"'),
      ),
    )
    expect(alice.person(BOB)?.last).toBeNull()
  })

  test('gets no answer to what was offered, and nothing goes on', async () => {
    await replaceServer({ chat: true })
    const [alice, bob] = await twoPeople()
    await send(bob, ALICE, await makeFile('from-bob.txt'))
    await alice.until(() => alice.offers()[0])
    await send(alice, BOB, await makeFile('from-alice.txt'))
    await bob.until(() => bob.offers()[0])
    await alice.messenger.calls.blockPerson(alice.to(BOB))
    await Promise.all([stateOf(alice, 'from-alice.txt', 'failed'), stateOf(alice, 'from-bob.txt', 'failed')])
    expect(alice.offers()).toEqual([])
    await bob.until(() => bob.offers().length === 0 || undefined)
    await stateOf(bob, 'from-bob.txt', 'failed')
  })

  test('is there again once unblocked, as they are by then', async () => {
    const [alice, bob] = await aliceBlocksBob()
    await alice.messenger.calls.unblock(ALICE, BOB)
    await isBlocked(alice, BOB, false)
    await eventually(() => {
      expect([alice.person(BOB)?.availability, bob.person(ALICE)?.availability]).toEqual(['online', 'online'])
    })
    await alice.messenger.calls.sendMessage(alice.to(BOB), 'Sorry')
    await bob.until(() => bob.person(ALICE)?.last?.text === 'Sorry' || undefined)
  })

  test('is so on all of our devices, and at the next start', async () => {
    const [alice] = await aliceBlocksBob()
    await alice.quit()
    const again = await signIn('alice', { home: 'phone' })
    await isBlocked(again, BOB, true)
    await again.messenger.calls.unblock(ALICE, BOB)
    await isBlocked(again, BOB, false)
  })
})

describe('blocking', () => {
  test('is not offered where the server cannot', async () => {
    const [alice] = await twoPeople()
    expect(await selfOf(alice)).toMatchObject({ account: ALICE, blocked: null })
    await expect(alice.messenger.calls.blockPerson(alice.to(BOB))).rejects.toMatchObject({
      code: 'not-allowed',
      message: 'The server of this account cannot block anybody.',
    })
  })

  test('of ourselves is refused', async () => {
    await replaceServer({ chat: true })
    const [alice] = await twoPeople()
    await expect(alice.messenger.calls.blockPerson(alice.to(ALICE))).rejects.toMatchObject({ code: 'usage' })
  })

  test('of a whole server holds for everybody there but ourselves, and is undone only as such', async () => {
    await replaceServer({ chat: true })
    const [alice] = await twoPeople()
    const block = xml('block', { xmlns: 'urn:xmpp:blocking' }, xml('item', { jid: 'plumb.test' }))
    const device = server.sessions().find(({ jid }) => jid.startsWith(ALICE))?.jid ?? ''
    server.inject(device, xml('iq', { type: 'set', id: 'push', from: ALICE, to: device }, block))
    await isBlocked(alice, BOB, true)
    await expect(alice.messenger.calls.unblock(ALICE, BOB)).rejects.toMatchObject({
      message: 'All of plumb.test is blocked: unblock the server in the list of blocked people.',
    })
    await alice.messenger.calls.sendMessage(alice.to(ALICE), 'A note')
    await alice.messenger.calls.unblock(ALICE, 'plumb.test')
  })
})
