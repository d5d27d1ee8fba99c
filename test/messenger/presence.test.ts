import { describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { type Someone, signIn, twoPeople } from './rig.ts'

const ALICE = 'alice@plumb.test'

/** What Bob is told of Alice. */
const seenBy = (bob: Someone, seen: object): Promise<void> =>
  eventually(() => expect(bob.person(ALICE)).toMatchObject(seen))
const selfOf = async ({ messenger }: Someone) => (await messenger.calls.load()).selves[0]

describe('our presence', () => {
  test('is what was chosen, with our own words, for all who see us', async () => {
    const [alice, bob] = await twoPeople()
    expect(await selfOf(alice)).toMatchObject({ status: { show: 'online', text: '' }, idle: false })
    await alice.messenger.calls.changeStatus(ALICE, { show: 'busy', text: 'On the roof\u202e' })
    await seenBy(bob, { availability: 'busy', status: 'On the roof', idleSince: null })
    expect(await selfOf(alice)).toMatchObject({ status: { show: 'busy' } })
    await alice.messenger.calls.changeStatus(ALICE, { show: 'online', text: '' })
    await seenBy(bob, { availability: 'online', status: '' })
  })

  test('is the same after a loss of the session and at the next start', async () => {
    const [alice, bob] = await twoPeople()
    await alice.messenger.calls.changeStatus(ALICE, { show: 'away', text: 'At lunch' })
    await seenBy(bob, { availability: 'away', status: 'At lunch' })
    await alice.quit()
    await seenBy(bob, { availability: 'offline', status: '' })
    await signIn('alice')
    await seenBy(bob, { availability: 'away', status: 'At lunch' })
  })

  test('is away while nobody is at this computer, and back at once with the window', async () => {
    const [alice, bob] = await twoPeople()
    const before = Date.now()
    alice.ports.idleSeconds = () => 600
    alice.messenger.seen()
    await seenBy(bob, { availability: 'away', idleSince: expect.any(Number) })
    expect(Math.abs((bob.person(ALICE)?.idleSince ?? 0) - (before - 600_000))).toBeLessThan(30_000)
    expect(await selfOf(alice)).toMatchObject({ status: { show: 'online' }, idle: true })
    alice.ports.idleSeconds = () => 0
    alice.messenger.seen()
    await seenBy(bob, { availability: 'online', idleSince: null })
  })

  test('stays busy where that was chosen', async () => {
    const [alice, bob] = await twoPeople()
    await alice.messenger.calls.changeStatus(ALICE, { show: 'busy', text: '' })
    alice.messenger.screenLocked(true)
    await seenBy(bob, { availability: 'busy', idleSince: expect.any(Number) })
  })

  test('says nothing of who is there where that is not wanted', async () => {
    const [alice, bob] = await twoPeople()
    alice.messenger.screenLocked(true)
    await seenBy(bob, { availability: 'away' })
    await alice.messenger.calls.changeSettings({ awayWhenIdle: false })
    await seenBy(bob, { availability: 'online', idleSince: null })
    await alice.messenger.calls.changeSettings({ awayWhenIdle: true })
    await seenBy(bob, { availability: 'away' })
  })

  test('of several devices is that of the most reachable one', async () => {
    const [alice, bob] = await twoPeople()
    await alice.messenger.calls.changeStatus(ALICE, { show: 'away', text: 'At lunch' })
    await seenBy(bob, { status: 'At lunch' })
    alice.messenger.screenLocked(true)
    await seenBy(bob, { idleSince: expect.any(Number) })
    const phone = await signIn('alice', { home: 'phone' })
    await phone.messenger.calls.changeStatus(ALICE, { show: 'online', text: 'On the train' })
    // One that does not say that nobody is there may be in use.
    await seenBy(bob, { availability: 'online', status: 'On the train', idleSince: null })
  })
})
