import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import xml from '@xmpp/xml'
import { describe, expect, test, vi } from 'vitest'
import { NS_DTCP } from '../../main/xmpp/xep-0046.ts'
import { NS_SI } from '../../main/xmpp/xep-0096.ts'
import type { ShownTransfer } from '../../shared/model/shown-transfer.ts'
import { eventually } from '../support/eventually.ts'
import { ForeignClient } from '../support/foreign-client.ts'
import { type Gate, startGate } from '../support/gate.ts'
import {
  folder,
  makeFile,
  replaceServer,
  type Someone,
  send,
  server,
  signIn,
  signInAs,
  start,
  stateOf,
  twoPeople,
} from './rig.ts'

/* Transfers that outlast a connection, a session or a run of the program. */

const MIB = 1024 * 1024
const BOB = 'bob@plumb.test'
const ALICE = 'alice@plumb.test'

const sessionOf = (name: string): string =>
  server.sessions().find(({ jid }) => jid.startsWith(`${name}@`))?.jid ?? ''

/** Resolves when all of these transfers are in this state. */
const isIn = (
  someone: Someone,
  kind: ShownTransfer['state']['kind'],
  names: readonly string[],
): Promise<unknown> =>
  someone.until(() => names.every(name => someone.transfer(name)?.state.kind === kind) || undefined)

/** The same person in another run of the program, at the same home. */
async function restart(someone: Someone, name: string): Promise<Someone> {
  await someone.messenger.stop()
  return start(name)
}

/** Counts the offers that reach somebody's program from now on. */
function countOffers(name: string): { count: number } {
  const offers = { count: 0 }
  server.intercept((stanza, to) => {
    if (to.startsWith(`${name}@`) && stanza.attrs['type'] === 'set' && stanza.getChild('si', NS_SI))
      offers.count += 1
    return undefined
  })
  return offers
}

const journalOf = (name: string): Promise<string[]> => readdir(join(folder, name, 'under-way'))
const offersRaised = ({ attentions }: Someone): number =>
  attentions.filter(({ about }) => about.kind === 'offer').length

/** Lets what alice sends pass the gate, and nothing another way. */
async function twoPeopleThrough(gate: Gate): Promise<readonly [Someone, Someone]> {
  server.intercept((stanza, to) => {
    const query = stanza.getChild('query', NS_DTCP)
    if (query === undefined) return undefined
    for (const host of query.getChildren('host')) query.remove(host)
    if (to.startsWith('bob@')) query.c('host').t(`127.0.0.1:${gate.port}`)
    return undefined
  })
  const [alice, bob] = await twoPeople()
  await alice.messenger.calls.changeSettings({ port: gate.target })
  return [alice, bob]
}

async function makeFilm(bytes: number): Promise<{ path: string; content: Buffer }> {
  const path = join(folder, 'film.mkv')
  const content = randomBytes(bytes)
  await writeFile(path, content)
  return { path, content }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

async function expectArrived({ downloads }: Someone, content: Buffer): Promise<void> {
  expect(await readdir(downloads)).toEqual(['film.mkv'])
  expect(sha256(await readFile(join(downloads, 'film.mkv')))).toBe(sha256(content))
}

async function accept(someone: Someone, name: string): Promise<void> {
  const { transfer } = await someone.until(() => someone.offers().find(offer => offer.name === name))
  await someone.messenger.calls.acceptOffer(transfer)
}

/** A transfer of 12 MiB from alice to bob that stands still in its middle. */
async function inTheMiddle(gate: Gate): Promise<{ alice: Someone; bob: Someone; content: Buffer }> {
  const [alice, bob] = await twoPeopleThrough(gate)
  const { path, content } = await makeFilm(12 * MIB)
  const held = gate.hold(6 * MIB)
  await send(alice, BOB, path)
  await accept(bob, 'film.mkv')
  await held
  await bob.until(() => {
    const state = bob.transfer('film.mkv')?.state
    return (state?.kind === 'moving' && state.bytes > 5 * MIB) || undefined
  })
  return { alice, bob, content }
}

/** Nothing of what was held may still be on its way. */
function release(gate: Gate): void {
  gate.cut()
  gate.open()
}

describe('a file for somebody who is offline', () => {
  test('waits, and is offered when they come', async () => {
    const alice = await signIn('alice')
    await send(alice, BOB, await makeFile('late.txt'))
    expect(await stateOf(alice, 'late.txt', 'waiting')).toMatchObject({ canRetry: false, hasFile: true })
    const bob = await signIn('bob')
    await accept(bob, 'late.txt')
    await stateOf(alice, 'late.txt', 'done')
  })

  test('waits also for the next run of the program', async () => {
    const first = await signIn('alice')
    await send(first, BOB, await makeFile('late.txt'))
    await stateOf(first, 'late.txt', 'waiting')
    const alice = await restart(first, 'alice')
    expect(alice.transfer('late.txt')?.state.kind).toBe('waiting')
    const bob = await signIn('bob')
    expect(bob.offers()).toEqual([])
    await signInAs(alice, 'alice')
    await accept(bob, 'late.txt')
    await stateOf(alice, 'late.txt', 'done')
    expect(await journalOf('alice')).toEqual([])
  })

  test('is not sent once it was cancelled', async () => {
    const alice = await signIn('alice')
    await send(alice, BOB, await makeFile('late.txt'), await makeFile('later.txt'))
    await isIn(alice, 'waiting', ['late.txt', 'later.txt'])
    await alice.messenger.calls.cancelTransfer(alice.transfer('late.txt')?.id ?? '')
    expect((await stateOf(alice, 'late.txt', 'failed')).state).toMatchObject({
      failure: { code: 'cancelled' },
    })
    const bob = await signIn('bob')
    expect(await bob.until(() => bob.offers()[0])).toMatchObject({ name: 'later.txt' })
    expect(bob.offers()).toHaveLength(1)
  })
})

describe('an offer that waits for its answer', () => {
  test('stays while its sender is away for a moment, and needs one answer', async () => {
    await replaceServer({ streamManagement: false })
    const [alice, bob] = await twoPeople({ inFront: false })
    const offers = countOffers('bob')
    await send(alice, BOB, await makeFile('a.txt'))
    const { transfer } = await bob.until(() => bob.offers()[0])
    await server.kick(sessionOf('alice'))
    await bob.until(() => bob.person(ALICE)?.availability === 'offline' || undefined)
    expect(bob.offers()).toMatchObject([{ transfer }])
    await eventually(() => expect(offers.count).toBe(2))
    expect(bob.offers()).toMatchObject([{ transfer }])
    await accept(bob, 'a.txt')
    await stateOf(alice, 'a.txt', 'done')
    await stateOf(bob, 'a.txt', 'done')
    expect(offersRaised(bob)).toBe(1)
    expect(bob.offers()).toEqual([])
  })

  test('stays while we are away for a moment, and needs one answer', async () => {
    await replaceServer({ streamManagement: false })
    const [alice, bob] = await twoPeople({ inFront: false })
    const offers = countOffers('bob')
    await send(alice, BOB, await makeFile('a.txt'))
    const { transfer } = await bob.until(() => bob.offers()[0])
    await server.kick(sessionOf('bob'))
    await stateOf(alice, 'a.txt', 'waiting')
    expect(bob.offers()).toMatchObject([{ transfer }])
    await eventually(() => expect(offers.count).toBe(2))
    expect(bob.offers()).toMatchObject([{ transfer }])
    await accept(bob, 'a.txt')
    await stateOf(alice, 'a.txt', 'done')
    expect(offersRaised(bob)).toBe(1)
  })

  test('stays while its sender’s program is started again', async () => {
    const [first, bob] = await twoPeople({ inFront: false })
    await send(first, BOB, await makeFile('a.txt'))
    const { transfer } = await bob.until(() => bob.offers()[0])
    const alice = await restart(first, 'alice')
    await bob.until(() => bob.person(ALICE)?.availability === 'offline' || undefined)
    await signInAs(alice, 'alice')
    await stateOf(alice, 'a.txt', 'offered')
    expect(bob.offers()).toMatchObject([{ transfer }])
    await accept(bob, 'a.txt')
    await stateOf(alice, 'a.txt', 'done')
    expect(offersRaised(bob)).toBe(1)
  })

  test('vanishes when its sender stays away', async () => {
    const [alice, bob] = await twoPeople()
    await send(alice, BOB, await makeFile('gone.txt'))
    await bob.until(() => bob.offers()[0])
    const to = sessionOf('bob')
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      server.inject(to, xml('presence', { from: sessionOf('alice'), to, type: 'unavailable' }))
      await eventually(() => expect(bob.person(ALICE)?.availability).toBe('offline'))
      await vi.advanceTimersByTimeAsync(59_000)
      expect(bob.offers()).toHaveLength(1)
      await vi.advanceTimersByTimeAsync(2_000)
      expect(bob.offers()).toEqual([])
      expect(bob.transfer('gone.txt')?.state).toMatchObject({
        kind: 'failed',
        failure: { code: 'peer-offline' },
      })
      await vi.advanceTimersByTimeAsync(1_000)
    } finally {
      vi.useRealTimers()
    }
  })

  test('vanishes at once where its sender’s program does not come back with it', async () => {
    const bob = await signIn('bob')
    const foreign = await foreignAlice()
    void foreign.offer(sessionOf('bob'), { name: 'gone.txt', size: '1000' }).catch(() => {})
    expect(await bob.until(() => bob.offers()[0])).toMatchObject({ name: 'gone.txt', fromContact: true })
    await foreign[Symbol.asyncDispose]()
    await bob.until(() => bob.offers().length === 0 || undefined)
    expect(bob.transfer('gone.txt')?.state).toMatchObject({
      kind: 'failed',
      failure: { code: 'peer-offline' },
    })
  })
})

function foreignAlice(): Promise<ForeignClient> {
  const { host, port, caPem } = server
  return ForeignClient.signIn({ jid: ALICE, password: 'secret', host, port, ca: caPem })
}

describe('signing out', () => {
  test('lets files wait for the next time, those that were offered and those that wait for their turn', async () => {
    const [alice, bob] = await twoPeople()
    const names = Array.from({ length: 6 }, (_, index) => `f${index}.txt`)
    await send(alice, BOB, ...(await Promise.all(names.map(name => makeFile(name)))))
    await bob.until(() => bob.offers().length === 4 || undefined)
    await alice.messenger.calls.signOut(alice.address)
    await isIn(alice, 'waiting', names)
    await signInAs(alice, 'alice')
    for (const name of names) await accept(bob, name)
    await isIn(alice, 'done', names)
    await isIn(bob, 'done', names)
  })
})

describe('a transfer that runs', () => {
  test('goes on when the receiver’s program is started again, with no question asked', async () => {
    await using gate = await startGate()
    const { alice, bob: first, content } = await inTheMiddle(gate)
    const bob = await restart(first, 'bob')
    expect(bob.transfer('film.mkv')?.state).toMatchObject({
      kind: 'interrupted',
      failure: { code: 'interrupted' },
    })
    expect(bob.messenger.running).toBe(0)
    release(gate)
    expect(await stateOf(alice, 'film.mkv', 'interrupted')).toMatchObject({ canRetry: false })
    await signInAs(bob, 'bob')
    const done = await stateOf(bob, 'film.mkv', 'done')
    expect(done.resumedFrom).toBeGreaterThan(5 * MIB)
    expect((await stateOf(alice, 'film.mkv', 'done')).resumedFrom).toBe(done.resumedFrom)
    expect(done.id).toBe(first.transfer('film.mkv')?.id)
    expect(bob.events.some(({ name }) => name === 'offersChanged')).toBe(false)
    expect(bob.marked).toEqual([join(bob.downloads, 'film.mkv')])
    await expectArrived(bob, content)
  })

  test('goes on when the sender’s program is started again, with no question asked', async () => {
    await using gate = await startGate()
    const { alice: first, bob, content } = await inTheMiddle(gate)
    const alice = await restart(first, 'alice')
    const left = alice.transfer('film.mkv')?.state
    expect(left).toMatchObject({ kind: 'interrupted', failure: { code: 'interrupted' } })
    release(gate)
    await stateOf(bob, 'film.mkv', 'interrupted')
    await signInAs(alice, 'alice')
    const done = await stateOf(bob, 'film.mkv', 'done')
    expect(done.resumedFrom).toBeGreaterThan(5 * MIB)
    expect((await stateOf(alice, 'film.mkv', 'done')).resumedFrom).toBe(done.resumedFrom)
    // It never looked as if it had to be asked about again.
    const kinds = alice.events
      .filter(({ name }) => name === 'transfersChanged')
      .flatMap(({ value }) => (value as { changed: ShownTransfer[] }).changed.map(({ state }) => state.kind))
    expect(kinds).not.toContain('offered')
    expect(await journalOf('alice')).toEqual([])
    await expectArrived(bob, content)
  })

  test.each(['alice', 'bob'] as const)('is paused by %s until they let it go on', async who => {
    await using gate = await startGate()
    const { alice, bob, content } = await inTheMiddle(gate)
    const [mine, other] = who === 'alice' ? [alice, bob] : [bob, alice]
    const id = mine.transfer('film.mkv')?.id ?? ''
    expect(mine.transfer('film.mkv')?.canPause).toBe(true)
    await mine.messenger.calls.pauseTransfer(id)
    expect((await stateOf(mine, 'film.mkv', 'paused')).state).toMatchObject({ by: 'us' })
    expect((await stateOf(other, 'film.mkv', 'paused')).state).toMatchObject({ by: 'them' })
    gate.open()
    await mine.messenger.calls.resumeTransfer(id)
    for (const someone of [alice, bob]) {
      const { resumedFrom } = await stateOf(someone, 'film.mkv', 'done')
      expect(resumedFrom).toBeGreaterThan(5 * MIB)
    }
    await expectArrived(bob, content)
  })

  test('stays paused when the program is started again, until it is let go on, also before they are there', async () => {
    await using gate = await startGate()
    const { alice: first, bob, content } = await inTheMiddle(gate)
    await first.messenger.calls.pauseTransfer(first.transfer('film.mkv')?.id ?? '')
    await stateOf(bob, 'film.mkv', 'paused')
    const alice = await restart(first, 'alice')
    release(gate)
    await bob.messenger.calls.signOut(bob.address)
    await signInAs(alice, 'alice')
    const { id } = await stateOf(alice, 'film.mkv', 'paused')
    await alice.messenger.calls.resumeTransfer(id)
    expect(alice.transfer('film.mkv')?.state.kind).toBe('interrupted')
    await signInAs(bob, 'bob')
    await stateOf(alice, 'film.mkv', 'done')
    await stateOf(bob, 'film.mkv', 'done')
    await expectArrived(bob, content)
  })
})

describe('a transfer that was interrupted', () => {
  test('can be cancelled by its receiver while nobody is signed in: nothing of it stays', async () => {
    await using gate = await startGate()
    const { alice, bob } = await inTheMiddle(gate)
    await bob.messenger.calls.signOut(bob.address)
    const interrupted = await stateOf(bob, 'film.mkv', 'interrupted')
    expect(await readdir(bob.downloads)).toHaveLength(1)
    await bob.messenger.calls.cancelTransfer(interrupted.id)
    expect(bob.transfer('film.mkv')?.state).toMatchObject({ kind: 'failed', failure: { code: 'cancelled' } })
    await alice.messenger.stop()
    await signInAs(bob, 'bob')
    await eventually(async () => expect(await readdir(bob.downloads)).toEqual([]))
    await eventually(async () => expect(await journalOf('bob')).toEqual([]))
    expect(bob.transfer('film.mkv')?.state.kind).toBe('failed')
  })

  test('can be cancelled by its sender while nobody is signed in: it is not sent again', async () => {
    await using gate = await startGate()
    const { alice, bob } = await inTheMiddle(gate)
    await alice.messenger.calls.signOut(alice.address)
    const { id } = await stateOf(alice, 'film.mkv', 'interrupted')
    await alice.messenger.calls.cancelTransfer(id)
    expect(alice.transfer('film.mkv')).toMatchObject({
      state: { kind: 'failed', failure: { code: 'cancelled' } },
      canRetry: true,
    })
    release(gate)
    await stateOf(bob, 'film.mkv', 'interrupted')
    await signInAs(alice, 'alice')
    await eventually(async () => expect(await journalOf('alice')).toEqual([]))
    expect(alice.transfer('film.mkv')?.state.kind).toBe('failed')
  })

  test('can be cancelled while somebody else is signed in', async () => {
    await using gate = await startGate()
    const { alice } = await inTheMiddle(gate)
    await alice.messenger.calls.signOut(alice.address)
    const { id } = await stateOf(alice, 'film.mkv', 'interrupted')
    await signInAs(alice, 'eve')
    expect(alice.transfer('film.mkv')?.state.kind).toBe('interrupted')
    await alice.messenger.calls.cancelTransfer(id)
    expect(alice.transfer('film.mkv')?.state).toMatchObject({
      kind: 'failed',
      failure: { code: 'cancelled' },
    })
  })

  test('is not received by anybody once it is off the list', async () => {
    await using gate = await startGate()
    const { alice, bob } = await inTheMiddle(gate)
    await bob.messenger.calls.signOut(bob.address)
    const { id } = await stateOf(bob, 'film.mkv', 'interrupted')
    await bob.messenger.calls.cancelTransfer(id)
    await bob.messenger.calls.forgetTransfer(id)
    release(gate)
    await stateOf(alice, 'film.mkv', 'interrupted')
    await signInAs(bob, 'bob')
    expect((await stateOf(alice, 'film.mkv', 'failed')).state).toMatchObject({
      failure: { code: 'cancelled-by-peer' },
    })
    await eventually(async () => expect(await readdir(bob.downloads)).toEqual([]))
    expect(bob.transfer('film.mkv')).toMatchObject({ listed: false, state: { kind: 'failed' } })
  })
})

describe('a folder', () => {
  async function makeFolder(): Promise<string> {
    const path = join(folder, 'Holiday')
    await mkdir(join(path, 'photos'), { recursive: true })
    await writeFile(join(path, 'read me.txt'), 'hello')
    await writeFile(join(path, 'photos', 'one.jpg'), randomBytes(300_000))
    return path
  }

  test('is one offer and one transfer, and arrives as it was', async () => {
    const [alice, bob] = await twoPeople({ inFront: false })
    const path = await makeFolder()
    expect(await send(alice, BOB, path)).toMatchObject({ kind: 'offered' })
    const offer = await bob.until(() => bob.offers().find(({ freeBytes }) => freeBytes !== null))
    expect(offer).toMatchObject({ name: 'Holiday', size: 300_005, files: 2 })
    expect(bob.attentions).toMatchObject([
      { title: 'alice wants to send you a folder', body: 'Holiday, 300 kB' },
    ])
    await bob.messenger.calls.acceptOffer(offer.transfer)
    expect(await stateOf(bob, 'Holiday', 'done')).toMatchObject({ files: 2, size: 300_005, hasFile: true })
    expect(await stateOf(alice, 'Holiday', 'done')).toMatchObject({ files: 2 })
    for (const name of ['read me.txt', 'photos/one.jpg']) {
      expect(await readFile(join(bob.downloads, 'Holiday', name))).toEqual(await readFile(join(path, name)))
    }
    expect(bob.marked).toEqual([join(bob.downloads, 'Holiday')])
    await bob.messenger.calls.openTransfer(offer.transfer)
    expect(bob.opened).toEqual([join(bob.downloads, 'Holiday')])
  })

  test('comes from the dialog for folders, and goes where the person says', async () => {
    const [alice, bob] = await twoPeople()
    const path = await makeFolder()
    expect(await alice.messenger.calls.chooseFolder(alice.to(BOB))).toEqual({ kind: 'cancelled' })
    alice.ports.dialogs.chooseFolder = async purpose => (purpose === 'send' ? path : undefined)
    await alice.messenger.calls.chooseFolder(alice.to(BOB))
    const { transfer } = await bob.until(() => bob.offers()[0])
    expect(await bob.messenger.calls.acceptOfferAs(transfer)).toBe(false)
    expect(bob.offers()).toHaveLength(1)
    const elsewhere = join(folder, 'elsewhere')
    await mkdir(elsewhere)
    bob.ports.dialogs.chooseFolder = async purpose => (purpose === 'save' ? elsewhere : undefined)
    expect(await bob.messenger.calls.acceptOfferAs(transfer)).toBe(true)
    await stateOf(bob, 'Holiday', 'done')
    expect(await readdir(elsewhere)).toEqual(['Holiday'])
  })

  test.skipIf(process.platform === 'win32')('with links in it is asked about first', async () => {
    const [alice, bob] = await twoPeople()
    const path = await makeFolder()
    await symlink('elsewhere', join(path, 'link'))
    const answer = await send(alice, 'bob@plumb.test', path)
    expect(answer).toMatchObject({ kind: 'confirm', sendable: [{ zipped: false, leftOut: 1 }], refused: [] })
    if (answer.kind !== 'confirm') throw new Error('it did not ask')
    expect(bob.offers()).toEqual([])
    await alice.messenger.calls.confirmSending(answer.ticket)
    await bob.until(() => bob.offers()[0])
  })

  test('goes as a zip to a program that takes only files, which is asked about first', async () => {
    await using _alice = await foreignAlice()
    const bob = await signIn('bob')
    await bob.until(() => bob.person(ALICE)?.devices.find(({ direct }) => direct === true))
    const path = await makeFolder()
    const answer = await send(bob, ALICE, path)
    expect(answer).toMatchObject({
      kind: 'confirm',
      sendable: [{ name: 'Holiday', size: 300_005, files: 2, zipped: true, leftOut: 0 }],
      refused: [],
    })
    await rm(path, { recursive: true })
  })
})
