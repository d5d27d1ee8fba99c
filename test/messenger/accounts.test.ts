import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type PersonId, personId } from '../../shared/model/person-id.ts'
import { makeFile, type Someone, send, server, signIn, signInAs, start, stateOf } from './rig.ts'

const ALICE = 'alice@plumb.test'
const EVE = 'eve@plumb.test'
const BOB = 'bob@plumb.test'

/** One window with two accounts, and a person whom one of them knows. */
async function twoAccounts(): Promise<readonly [Someone, Someone]> {
  const [both, bob] = await Promise.all([signIn('alice'), signIn('bob')])
  await signInAs(both, 'eve')
  await both.until(() => both.person(BOB)?.devices.find(({ direct }) => direct === true))
  await bob.until(() => bob.person(ALICE)?.devices.find(({ direct }) => direct === true))
  return [both, bob]
}

async function allowRequest(someone: Someone, person: PersonId): Promise<void> {
  await someone.until(() => {
    const state = someone.messenger.calls.load()
    return ('requests' in state && state.requests.some(request => request.person === person)) || undefined
  })
  await someone.messenger.calls.answerRequest(person, true)
}

/** All that is in the files of somebody's program. */
async function left({ home }: Someone): Promise<string> {
  const entries = await readdir(home, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile() && !entry.parentPath.endsWith('Downloads'))
  const texts = await Promise.all(
    files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1')),
  )
  return texts.join('')
}

const accounts = async ({ messenger }: Someone) => (await messenger.calls.load()).accounts

describe('several accounts', () => {
  test('are signed in at once, each with its people', async () => {
    const [both] = await twoAccounts()
    expect(await accounts(both)).toMatchObject([
      { kind: 'signed-in', address: ALICE, connection: 'connected' },
      { kind: 'signed-in', address: EVE, connection: 'connected' },
    ])
    expect((await both.messenger.calls.load()).people.map(({ id }) => id)).toEqual([personId(ALICE, BOB)])
  })

  test('have a conversation each with the same person', async () => {
    const [both, bob] = await twoAccounts()
    await bob.messenger.calls.sendMessage(bob.to(ALICE), 'to Alice')
    await bob.messenger.calls.sendMessage(bob.to(EVE), 'to Eve')
    const texts = async (account: string): Promise<string[]> => {
      const page = await both.messenger.calls.readConversation(personId(account, BOB), { kind: 'newest' }, 10)
      return page.messages.map(({ text }) => text)
    }
    const { people } = await both.until(() => {
      const state = both.messenger.calls.load()
      return 'people' in state &&
        state.people.every(({ unread }) => unread === 1) &&
        state.people.length === 2
        ? state
        : undefined
    })
    expect(people.map(({ id }) => id).toSorted()).toEqual([personId(ALICE, BOB), personId(EVE, BOB)])
    expect([await texts(ALICE), await texts(EVE)]).toEqual([['to Alice'], ['to Eve']])
    await both.messenger.calls.sendMessage(personId(EVE, BOB), 'from Eve')
    await bob.until(() => bob.person(EVE)?.unread === 1 || undefined)
    expect(bob.person(ALICE)?.unread).toBe(0)
  })

  test('send and receive files by the one that the conversation is with', async () => {
    const [both, bob] = await twoAccounts()
    await both.messenger.calls.addPerson(EVE, BOB, null)
    await allowRequest(bob, bob.to(EVE))
    await allowRequest(both, personId(EVE, BOB))
    await bob.until(() => bob.person(EVE)?.devices.find(({ direct }) => direct === true))
    await both.until(() => {
      const state = both.messenger.calls.load()
      const known = 'people' in state ? state.people.find(({ id }) => id === personId(EVE, BOB)) : undefined
      return known?.devices.find(({ direct }) => direct === true)
    })
    await both.messenger.calls.sendDropped(personId(EVE, BOB), [await makeFile('from-eve.txt')])
    const offer = await bob.until(() => bob.offers()[0])
    expect(offer.person).toBe(bob.to(EVE))
    await bob.messenger.calls.acceptOffer(offer.transfer)
    await Promise.all([stateOf(both, 'from-eve.txt', 'done'), stateOf(bob, 'from-eve.txt', 'done')])
    await send(bob, ALICE, await makeFile('to-alice.txt'))
    const { transfer, person } = await both.until(() => both.offers()[0])
    expect(person).toBe(personId(ALICE, BOB))
    await both.messenger.calls.acceptOffer(transfer)
    await Promise.all([stateOf(both, 'to-alice.txt', 'done'), stateOf(bob, 'to-alice.txt', 'done')])
  })

  test('are signed out one by one, and what belongs to the other stays', async () => {
    const [both, bob] = await twoAccounts()
    await both.messenger.calls.signOut(EVE)
    expect(await accounts(both)).toMatchObject([
      { kind: 'signed-in', address: ALICE },
      { kind: 'signed-out', address: EVE, failure: null },
    ])
    await bob.messenger.calls.sendMessage(bob.to(ALICE), 'still there?')
    await both.until(() => both.person(BOB)?.unread === 1 || undefined)
    await both.messenger.calls.removeAccount(EVE)
    expect(await accounts(both)).toMatchObject([{ address: ALICE }])
    expect(both.ports.settings.accounts.map(({ address }) => address)).toEqual([ALICE])
    await expect(async () => both.messenger.calls.signOut(EVE)).rejects.toMatchObject({ code: 'not-allowed' })
  })

  test('one that is signed out tells nothing of its people, and says nothing to them', async () => {
    const [both, bob] = await twoAccounts()
    const person = personId(ALICE, BOB)
    await bob.messenger.calls.sendMessage(bob.to(ALICE), 'between us')
    await both.until(() => both.person(BOB)?.unread === 1 || undefined)
    await both.messenger.calls.signOut(ALICE)
    const { calls } = both.messenger
    const asked: (() => unknown)[] = [
      () => calls.readConversation(person, { kind: 'newest' }, 10),
      () => calls.sendMessage(person, 'later'),
      () => calls.exportPerson(person, 'text'),
      () => calls.exportAccount(ALICE),
      () => calls.changePolicy(person, { autoAcceptBytes: 1_000, allowUnencrypted: true }),
      () => calls.deleteConversation(person),
    ]
    for (const ask of asked) {
      await expect(async () => ask()).rejects.toMatchObject({ code: 'not-allowed' })
    }
    await signInAs(both, 'alice')
    const page = await calls.readConversation(person, { kind: 'newest' }, 10)
    expect(page.messages.map(({ text }) => text)).toEqual(['between us'])
    expect(both.person(BOB)?.policy).toEqual({ autoAcceptBytes: null, allowUnencrypted: false })
  })

  test('one of which is removed leaves nothing of it, whatever was still to be written down', async () => {
    let meanwhile = async (): Promise<void> => {}
    const alice = await signIn('alice', {
      history: calls => ({
        ...calls,
        deleteAccount: async account => {
          await calls.deleteAccount(account)
          await meanwhile()
        },
      }),
    })
    const bob = await signIn('bob')
    await bob.until(() => bob.person(ALICE)?.devices.find(({ direct }) => direct === true))
    await send(bob, ALICE, await makeFile('private-name.txt'))
    const offer = await alice.until(() => alice.offers()[0])
    await alice.messenger.calls.acceptOffer(offer.transfer)
    const { id } = await stateOf(alice, 'private-name.txt', 'done')
    expect(await left(alice)).toContain('private-name')
    meanwhile = async () => {
      // By then there may be nothing to forget any more.
      await Promise.allSettled([alice.messenger.calls.forgetTransfer(id)])
      await alice.messenger.stop()
    }
    await alice.messenger.calls.removeAccount(ALICE)
    await alice.quit()
    expect(await left(alice)).not.toContain('private-name')
    // What was received is theirs.
    expect(await readdir(alice.downloads)).toEqual(['private-name.txt'])
  })

  test('one of which cannot sign in leave the other alone', async () => {
    const [both] = await twoAccounts()
    const carol = { address: 'carol@plumb.test', password: 'x', server: null, remember: false }
    const wrong = { ...carol, server: { host: server.host, port: server.port } }
    await expect(both.messenger.calls.signIn(wrong)).rejects.toMatchObject({ code: 'wrong-password' })
    expect(await accounts(both)).toMatchObject([{ address: ALICE }, { address: EVE }])
    await expect(
      both.messenger.calls.signIn({ ...wrong, address: EVE, password: 'secret' }),
    ).rejects.toMatchObject({ code: 'not-allowed' })
    expect((await accounts(both))[1]).toMatchObject({ kind: 'signed-in' })
  })

  test('all come back with their passwords at the next start, and are shown before the server answers', async () => {
    const first = await start('alice')
    for (const name of ['alice', 'eve']) {
      await first.messenger.calls.signIn({
        address: `${name}@plumb.test`,
        password: 'secret',
        server: { host: server.host, port: server.port },
        remember: true,
      })
    }
    await first.quit()
    const second = await start('alice', { passwords: first.ports.passwords })
    await second.messenger.start()
    const told = second.events.filter(({ name }) => name === 'accountsChanged').map(({ value }) => value)
    for (const address of [ALICE, EVE]) {
      const connecting = { kind: 'signed-in', address, connection: 'connecting', trouble: null }
      expect(told).toContainEqual(expect.arrayContaining([expect.objectContaining(connecting)]))
    }
    expect(await accounts(second)).toMatchObject([{ connection: 'connected' }, { connection: 'connected' }])
  })
})
