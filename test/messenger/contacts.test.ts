import type { Element } from '@xmpp/xml'
import { describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { replaceServer, type Someone, server, signIn, start, twoPeople } from './rig.ts'

const ALICE = 'alice@plumb.test'
const BOB = 'bob@plumb.test'

const inGroups = (someone: Someone, ...groups: string[]): Promise<unknown> =>
  eventually(() => expect(someone.person(BOB)?.groups).toEqual(groups))

/** The contact lists that the server sends to an account from now on: how many people are in each. */
function recordLists(account: string): number[] {
  const lists: number[] = []
  server.intercept((stanza: Element, to) => {
    const query = stanza.getChild('query', 'jabber:iq:roster')
    if (to.startsWith(`${account}/`) && query !== undefined) lists.push(query.getChildren('item').length)
    return undefined
  })
  return lists
}

describe('groups of the contact list', () => {
  test('are kept by the server, for all of our devices', async () => {
    await replaceServer({ chat: true })
    const [alice] = await twoPeople()
    const phone = await signIn('alice', { home: 'phone' })
    await alice.messenger.calls.renamePerson(alice.to(BOB), 'Robert')
    await alice.messenger.calls.regroupPerson(alice.to(BOB), ['Friends', 'Rowing'])
    await Promise.all([inGroups(alice, 'Friends', 'Rowing'), inGroups(phone, 'Friends', 'Rowing')])
    expect(phone.person(BOB)?.name).toBe('Robert')
    await phone.messenger.calls.regroupPerson(phone.to(BOB), [])
    await inGroups(alice)
    // Another name leaves them as they are.
    await phone.messenger.calls.regroupPerson(phone.to(BOB), ['Rowing'])
    await phone.messenger.calls.renamePerson(phone.to(BOB), 'Bobby')
    await alice.until(() => alice.person(BOB)?.name === 'Bobby' || undefined)
    expect(alice.person(BOB)?.groups).toEqual(['Rowing'])
  })

  test('are there at the next start, before the server has answered', async () => {
    await replaceServer({ chat: true })
    const [alice] = await twoPeople()
    await alice.messenger.calls.regroupPerson(alice.to(BOB), ['Friends'])
    await inGroups(alice, 'Friends')
    await alice.quit()
    const passwords = { available: true, load: () => 'secret', save: () => {}, forget: () => {} }
    const again = await start('alice', { passwords })
    // Nobody is there.
    await server.close()
    void again.messenger.start()
    await inGroups(again, 'Friends')
    expect(again.person(BOB)?.availability).toBe('offline')
  })

  test('are only for who is in the list', async () => {
    const [alice] = await twoPeople()
    await expect(
      alice.messenger.calls.regroupPerson(alice.to('eve@plumb.test'), ['Friends']),
    ).rejects.toMatchObject({ code: 'not-allowed' })
  })
})

describe('the contact list at the next start', () => {
  test('is not sent again where it is the same', async () => {
    await replaceServer({ chat: true })
    const [alice] = await twoPeople()
    await alice.quit()
    const lists = recordLists(ALICE)
    const again = await signIn('alice')
    await again.until(() => again.person(BOB)?.availability === 'online' || undefined)
    expect(lists).toEqual([])
    expect(again.person(BOB)).toMatchObject({ inContacts: true, subscription: 'both' })
  })

  test('has what another device changed meanwhile', async () => {
    await replaceServer({ chat: true })
    const [alice] = await twoPeople()
    await alice.quit()
    const phone = await signIn('alice', { home: 'phone' })
    await phone.messenger.calls.renamePerson(phone.to(BOB), 'Robert')
    await phone.until(() => phone.person(BOB)?.name === 'Robert' || undefined)
    const again = await signIn('alice')
    await again.until(() => again.person(BOB)?.name === 'Robert' || undefined)
  })

  test('is sent whole where the server knows no versions', async () => {
    const [alice] = await twoPeople()
    await alice.quit()
    const lists = recordLists(ALICE)
    await signIn('alice')
    expect(lists).toContain(1)
  })
})
