import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import xml from '@xmpp/xml'
import { describe, expect, test, vi } from 'vitest'
import type { EventValue } from '../../shared/ipc/events.ts'
import { Failure } from '../../shared/model/failure.ts'
import { eventually } from '../support/eventually.ts'
import { folder, makeFile, send, server, signIn, signInAs, start, stateOf, twoPeople } from './rig.ts'

const addressOf = (name: string): string =>
  server.sessions().find(({ jid }) => jid.startsWith(`${name}@`))?.jid ?? ''

describe('an account', () => {
  test('that cannot sign in says why, and can try again', async () => {
    const alice = await start('alice')
    const credentials = {
      address: 'alice@plumb.test',
      password: 'wrong',
      server: { host: server.host, port: server.port },
      remember: false,
    }
    await expect(alice.messenger.calls.signIn(credentials)).rejects.toMatchObject({ code: 'wrong-password' })
    // What was mistyped is none of our accounts.
    expect((await alice.messenger.calls.load()).accounts).toEqual([])
    await alice.messenger.calls.signIn({ ...credentials, password: 'secret' })
  })

  test('is asked for before anything that needs one', async () => {
    const alice = await start('alice')
    await expect(async () =>
      alice.messenger.calls.sendMessage(alice.to('bob@plumb.test'), 'x'),
    ).rejects.toMatchObject({
      code: 'not-allowed',
    })
    await expect((async () => send(alice, 'bob@plumb.test', '/a'))()).rejects.toMatchObject({
      code: 'not-allowed',
    })
  })

  test('that signs out leaves nobody on the screen', async () => {
    const [alice] = await twoPeople()
    await alice.messenger.calls.signOut(alice.address)
    const state = await alice.messenger.calls.load()
    expect(state).toMatchObject({
      accounts: [{ kind: 'signed-out', address: alice.address, failure: null }],
      people: [],
      requests: [],
    })
  })
})

describe('events', () => {
  test('are numbered, and what was loaded has the number of the last', async () => {
    const [alice] = await twoPeople()
    const state = await alice.messenger.calls.load()
    expect(state.sequence).toBe(alice.events.length)
  })

  test('about five thousand contacts are a few, not five thousand', async () => {
    const stop = server.intercept(stanza => {
      const query = stanza.getChild('query', 'jabber:iq:roster')
      if (query !== undefined && stanza.attrs['type'] === 'result') {
        for (let number = 0; number < 5_000; number++) {
          query.c('item', { jid: `friend${number}@plumb.test`, subscription: 'both' })
        }
      }
      return undefined
    })
    const alice = await signIn('alice')
    stop()
    await alice.until(() => alice.person('friend4999@plumb.test'))
    await alice.until(() => alice.events.some(({ name }) => name === 'peopleChanged') || undefined)
    const told = alice.events.filter(({ name }) => name === 'peopleChanged')
    expect(told.length).toBeLessThan(10)
    const count = told.reduce(
      (sum, { value }) => sum + (value as EventValue<'peopleChanged'>).changed.length,
      0,
    )
    expect(count).toBeGreaterThanOrEqual(5_000)
  })
})

describe('signing in', () => {
  test('goes on with any free port where the chosen one is taken, and says so', async () => {
    const alice = await start('alice')
    alice.ports.settings.change({ port: server.port })
    await signInAs(alice, 'alice')
    const { accounts, notices, settings } = await alice.messenger.calls.load()
    expect(accounts).toMatchObject([{ kind: 'signed-in' }])
    expect(notices).toMatchObject([{ text: expect.stringContaining(`Cannot listen on port ${server.port}`) }])
    expect(settings.port).toBe(server.port)
  })

  test('that is cancelled when the server has agreed already leaves nobody signed in', async () => {
    const alice = await start('alice')
    const asked = Promise.withResolvers<void>()
    server.intercept(stanza => {
      if (stanza.getChild('query', 'jabber:iq:roster') === undefined) return undefined
      asked.resolve()
      return 'drop'
    })
    const signingIn = signInAs(alice, 'alice')
    await asked.promise
    await alice.messenger.calls.cancelSignIn(alice.address)
    await expect(signingIn).rejects.toMatchObject({ code: 'cancelled' })
    expect((await alice.messenger.calls.load()).accounts).toEqual([])
    await eventually(() => expect(server.sessions()).toEqual([]))
  })
})

describe('messages', () => {
  test('are unread until they are seen', async () => {
    const [alice, bob] = await twoPeople()
    const sent = await alice.messenger.calls.sendMessage(alice.to('bob@plumb.test'), 'Hello\u202e')
    expect(sent).toMatchObject({ state: 'sending', text: 'Hello' })
    await bob.until(() => bob.person('alice@plumb.test')?.unread === 1 || undefined)
    await bob.messenger.calls.viewConversation(bob.to('alice@plumb.test'))
    await bob.until(() => bob.person('alice@plumb.test')?.unread === 0 || undefined)
    const page = await bob.messenger.calls.readConversation(
      bob.to('alice@plumb.test'),
      { kind: 'newest' },
      10,
    )
    expect(page.messages).toMatchObject([{ text: 'Hello', direction: 'in', state: 'received' }])
    const delivered = async (): Promise<string | undefined> =>
      (await alice.messenger.calls.readConversation(alice.to('bob@plumb.test'), { kind: 'newest' }, 10))
        .messages[0]?.state
    await eventually(async () => expect(await delivered()).toBe('displayed'))
  })

  test('are said to be seen only where the sender’s program asked for it', async () => {
    const [alice, bob] = await twoPeople()
    const namespace = 'urn:xmpp:chat-markers:0'
    const told: unknown[] = []
    server.intercept(stanza => {
      const displayed = stanza.getChild('displayed', namespace)
      if (displayed !== undefined) told.push(displayed.attrs['id'])
      if (stanza.getChildText('body') === 'unasked') stanza.remove('markable', namespace)
      return undefined
    })
    await bob.messenger.calls.viewConversation(bob.to('alice@plumb.test'))
    await alice.messenger.calls.sendMessage(alice.to('bob@plumb.test'), 'unasked')
    const { id } = await alice.messenger.calls.sendMessage(alice.to('bob@plumb.test'), 'asked')
    await eventually(() => expect(told).toContain(id))
    expect([...new Set(told)]).toEqual([id])
  })

  test('are notified while the window is not in front, those of strangers without their text', async () => {
    const [alice, bob] = await twoPeople({ inFront: false })
    const eve = await signIn('eve')
    await alice.messenger.calls.sendMessage(alice.to('bob@plumb.test'), 'Lunch?')
    await eve.messenger.calls.sendMessage(eve.to('bob@plumb.test'), 'buy this')
    await bob.until(() => bob.person('eve@plumb.test')?.unread === 1 || undefined)
    expect(bob.attentions.map(({ title, body }) => `${title}: ${body}`).toSorted()).toEqual([
      'alice: Lunch?',
      'eve: Somebody who is not in your contacts wrote to you.',
    ])
  })
})

describe('a window', () => {
  test('obeys once it has loaded, and a new one obeys what was asked while there was none', async () => {
    const alice = await signIn('alice')
    const commands = (): unknown[] =>
      alice.events.filter(({ name }) => name === 'command').map(({ value }) => value)
    alice.messenger.windowGone()
    alice.messenger.command({ kind: 'open-settings' })
    alice.messenger.followLink('xmpp:bob@plumb.test?message;body=Hello')
    expect(commands()).toEqual([])
    await alice.messenger.calls.load()
    await eventually(() =>
      expect(commands()).toEqual([
        { kind: 'open-settings' },
        { kind: 'show-conversation', person: alice.to('bob@plumb.test'), draft: 'Hello' },
      ]),
    )
    alice.messenger.command({ kind: 'find' })
    expect(commands()).toHaveLength(3)
  })

  test('that is gone reads nothing, wherever it was', async () => {
    const [alice, bob] = await twoPeople()
    await bob.messenger.calls.viewConversation(bob.to('alice@plumb.test'))
    bob.messenger.windowGone()
    await alice.messenger.calls.sendMessage(alice.to('bob@plumb.test'), 'Hello?')
    await bob.until(() => bob.person('alice@plumb.test')?.unread === 1 || undefined)
    bob.messenger.seen()
    expect(bob.person('alice@plumb.test')?.unread).toBe(1)
  })
})

describe('strangers', () => {
  test('are a hundred at most in the list, and each is notified once', async () => {
    const bob = await signIn('bob', { inFront: false })
    const to = server.sessions()[0]?.jid ?? ''
    const write = (from: string): void =>
      server.inject(to, xml('message', { from, to, type: 'chat' }, xml('body', {}, 'buy this')))
    for (let number = 0; number < 101; number++) {
      write(`stranger${number}@elsewhere.test/a`)
      write(`stranger${number}@elsewhere.test/a`)
    }
    write('alice@plumb.test/a')
    await bob.until(() => bob.person('alice@plumb.test')?.unread === 1 || undefined)
    expect(bob.person('stranger99@elsewhere.test')?.unread).toBe(2)
    expect(bob.person('stranger100@elsewhere.test')).toBeUndefined()
    expect(bob.attentions.filter(({ body }) => body.includes('not in your contacts'))).toHaveLength(100)
  })
})

describe('files', () => {
  test('arrive in the download folder, which is made for them, and are marked as foreign', async () => {
    const [alice, bob] = await twoPeople()
    await send(alice, 'bob@plumb.test', await makeFile('a.txt'))
    const offer = await bob.until(() => bob.offers().find(({ freeBytes }) => freeBytes !== null))
    expect(offer).toMatchObject({
      name: 'a.txt',
      fromContact: true,
      folder: 'Downloads',
      mustBecomeContact: false,
    })
    await bob.messenger.calls.acceptOffer(offer.transfer)
    const done = await stateOf(bob, 'a.txt', 'done')
    expect(done.receipt).toMatchObject({ verified: true, network: 'this-computer' })
    expect((await stateOf(alice, 'a.txt', 'done')).receipt?.code).toBe(done.receipt?.code)
    expect(bob.marked).toEqual([join(bob.downloads, 'a.txt')])
    expect(alice.marked).toEqual([])
    expect(bob.offers()).toEqual([])
  })

  test('of a stranger wait unseen, and cannot be accepted where strangers may not know our address', async () => {
    const bob = await signIn('bob', { inFront: false })
    const eve = await signIn('eve')
    eve.ports.settings.change({ whoSeesAddresses: 'accepted' })
    // She has him in her list, and sees him; he has nobody of that name in his.
    const stop = server.intercept((stanza, to) => {
      const query = stanza.getChild('query', 'jabber:iq:roster')
      return to.startsWith('bob@') && query?.getChild('item')?.attrs['jid'] === 'eve@plumb.test'
        ? 'drop'
        : undefined
    })
    await eve.messenger.calls.addPerson(eve.address, 'bob@plumb.test', null)
    const [session] = server.sessions().filter(({ jid }) => jid.startsWith('bob@'))
    await bob.until(() => bob.events.some(({ name }) => name === 'requestsChanged') || undefined)
    const eveAddress = server.sessions().find(({ jid }) => jid.startsWith('eve@'))?.jid ?? ''
    server.inject(eveAddress, xml('presence', { from: session?.jid ?? '', to: eveAddress }))
    await eve.until(() => eve.person('bob@plumb.test')?.devices.find(({ direct }) => direct === true))
    await send(eve, 'bob@plumb.test', await makeFile('b.txt'))
    const offer = await bob.until(() => bob.offers()[0])
    stop()
    expect(offer).toMatchObject({ fromContact: false, mustBecomeContact: true })
    expect(bob.attentions).toEqual([])
    expect((await bob.messenger.calls.load()).transfers).toEqual([])
    await expect(bob.messenger.calls.acceptOffer(offer.transfer)).rejects.toMatchObject({
      code: 'not-allowed',
    })
    await bob.messenger.calls.changeSettings({ whoSeesAddresses: 'accepted' })
    await bob.until(() => bob.offers()[0]?.mustBecomeContact === false || undefined)
    await bob.messenger.calls.acceptOffer(offer.transfer)
    await stateOf(bob, 'b.txt', 'done')
  })

  test('that cannot be sent are said before anything is offered', async () => {
    const [alice, bob] = await twoPeople()
    const good = await makeFile('good.txt')
    const answer = await send(alice, 'bob@plumb.test', good, join(folder, 'missing'), '')
    const sendable = [{ name: 'good.txt', size: 1_000, files: null, zipped: false, leftOut: 0 }]
    expect(answer).toMatchObject({ kind: 'confirm', sendable })
    if (answer.kind !== 'confirm') throw new Error('it did not ask')
    expect(answer.refused.map(({ failure }) => failure.code)).toEqual(['file-not-found', 'file-unreadable'])
    expect((await alice.messenger.calls.load()).transfers).toEqual([])
    await alice.messenger.calls.confirmSending(answer.ticket)
    await bob.until(() => bob.offers()[0])
    await expect(async () => alice.messenger.calls.confirmSending(answer.ticket)).rejects.toMatchObject({
      code: 'not-allowed',
    })
  })

  test('for somebody of whom nobody sees whether they are online fail with a sentence, and can be tried again', async () => {
    const alice = await signIn('alice')
    await alice.messenger.calls.changeSettings({ whoSeesAddresses: 'accepted' })
    await send(alice, 'eve@plumb.test', await makeFile('late.txt'))
    const failed = await stateOf(alice, 'late.txt', 'failed')
    expect(failed).toMatchObject({ canRetry: true, state: { failure: { code: 'peer-offline' } } })
    const eve = await signIn('eve')
    const [to = '', from = ''] = ['alice', 'eve'].map(addressOf)
    server.inject(to, xml('presence', { from, to }))
    await alice.until(() => alice.person('eve@plumb.test')?.devices[0])
    await alice.messenger.calls.retryTransfer(failed.id)
    expect(await eve.until(() => eve.offers()[0])).toMatchObject({ name: 'late.txt' })
  })

  test('that are cancelled before their turn are never offered', async () => {
    const [alice, bob] = await twoPeople()
    const names = Array.from({ length: 6 }, (_, index) => `f${index}.txt`)
    await send(alice, 'bob@plumb.test', ...(await Promise.all(names.map(name => makeFile(name)))))
    await bob.until(() => bob.offers().length === 4 || undefined)
    const waiting = alice.transfer('f5.txt')
    expect(waiting?.state.kind).toBe('preparing')
    await alice.messenger.calls.cancelTransfer(waiting?.id ?? '')
    expect(alice.transfer('f5.txt')?.state).toMatchObject({ kind: 'failed', failure: { code: 'cancelled' } })
    for (const { transfer } of bob.offers()) await bob.messenger.calls.declineOffer(transfer)
    await bob.until(() => bob.offers().some(({ name }) => name === 'f4.txt') || undefined)
    expect(bob.transfer('f5.txt')).toBeUndefined()
  })

  test('arrive although the list of transfers cannot be saved; that is said once', async () => {
    const [alice, bob] = await twoPeople()
    const failure = new Failure('cannot-write', 'It could not be saved: make room on the disk.')
    vi.spyOn(bob.ports.history, 'saveTransfers').mockRejectedValue(failure)
    await send(alice, 'bob@plumb.test', await makeFile('a.txt'))
    const offer = await bob.until(() => bob.offers()[0])
    await bob.messenger.answerOffer(offer.transfer, 'accept')
    await stateOf(bob, 'a.txt', 'done')
    await bob.messenger.stop()
    const notices = bob.events.filter(({ name }) => name === 'noticesChanged').at(-1)
    expect(notices?.value).toMatchObject([{ text: expect.stringContaining('could not be saved') }])
  })

  test('that are gone when a notification is answered end in a sentence', async () => {
    const bob = await signIn('bob')
    await bob.messenger.answerOffer('gone', 'accept')
    await bob.messenger.answerOffer('gone', 'decline')
    const notices = bob.events.filter(({ name }) => name === 'noticesChanged').at(-1)
    expect(notices?.value).toHaveLength(2)
  })

  test('go to another device of the own account, without being a stranger’s', async () => {
    const desk = await signIn('alice')
    const laptop = await signIn('alice', { home: 'laptop of alice' })
    await send(desk, 'alice@plumb.test', await makeFile('own.txt'))
    const offer = await laptop.until(() => laptop.offers()[0])
    expect(offer).toMatchObject({ fromContact: true, mustBecomeContact: false })
    await laptop.messenger.calls.acceptOffer(offer.transfer)
    await stateOf(desk, 'own.txt', 'done')
  })

  test('that somebody takes back vanish from the prompt', async () => {
    const [alice, bob] = await twoPeople()
    await send(alice, 'bob@plumb.test', await makeFile('oops.txt'))
    const { transfer } = await bob.until(() => bob.offers()[0])
    await alice.messenger.calls.cancelTransfer(alice.transfer('oops.txt')?.id ?? '')
    await bob.until(() => bob.offers().length === 0 || undefined)
    await expect(bob.messenger.calls.acceptOffer(transfer)).rejects.toMatchObject({ code: 'not-allowed' })
  })

  test('that may be programs are opened only after a question, and what is gone is said', async () => {
    const [alice, bob] = await twoPeople()
    await bob.messenger.calls.changePolicy(bob.to('alice@plumb.test'), {
      autoAcceptBytes: 10_000,
      allowUnencrypted: false,
    })
    await send(alice, 'bob@plumb.test', await makeFile('run.exe'))
    const { id } = await stateOf(bob, 'run.exe', 'done')
    await bob.messenger.calls.openTransfer(id)
    expect(bob.warned).toEqual(['run.exe from alice'])
    expect(bob.opened).toEqual([])
    await rm(join(bob.downloads, 'run.exe'))
    await expect(bob.messenger.calls.openTransfer(id)).rejects.toMatchObject({ code: 'file-not-found' })
    expect(bob.transfer('run.exe')?.hasFile).toBe(false)
  })

  test('replace what the dialog asked about, and nothing else', async () => {
    const [alice, bob] = await twoPeople()
    const target = join(folder, 'kept.txt')
    await writeFile(target, 'old')
    bob.ports.dialogs.chooseSavePath = async () => target
    await send(alice, 'bob@plumb.test', await makeFile('a.txt'))
    const { transfer } = await bob.until(() => bob.offers()[0])
    expect(await bob.messenger.calls.acceptOfferAs(transfer)).toBe(true)
    await stateOf(bob, 'kept.txt', 'done')
    expect((await readFile(target)).length).toBe(1_000)
  })
})

test('the list of transfers is there after a restart, and can be cleared', async () => {
  const [alice, bob] = await twoPeople()
  await bob.messenger.calls.changePolicy(bob.to('alice@plumb.test'), {
    autoAcceptBytes: 10_000,
    allowUnencrypted: false,
  })
  await send(alice, 'bob@plumb.test', await makeFile('a.txt'))
  await stateOf(alice, 'a.txt', 'done')
  await alice.quit()
  const again = await start('alice')
  expect(again.transfer('a.txt')).toMatchObject({ state: { kind: 'done' }, hasFile: true })
  await again.messenger.calls.clearFinished()
  expect(again.transfer('a.txt')).toMatchObject({ listed: false })
  // In its conversation it stays.
  const page = await again.ports.history.page(again.address, 'bob@plumb.test', { kind: 'newest' }, 10)
  expect(page.transfers).toMatchObject([{ name: 'a.txt' }])
})

test('a link shows somebody who is known, offers to add who is not, and sends nothing', async () => {
  const [alice, bob] = await twoPeople()
  alice.messenger.followLink('xmpp:bob@plumb.test?message;body=Hello')
  alice.messenger.followLink('xmpp:carol@plumb.test?subscribe')
  alice.messenger.followLink('xmpp:%%')
  expect(alice.events.filter(({ name }) => name === 'command').map(({ value }) => value)).toEqual([
    { kind: 'show-conversation', person: alice.to('bob@plumb.test'), draft: 'Hello' },
    { kind: 'add-person', address: 'carol@plumb.test' },
  ])
  expect(
    (await bob.messenger.calls.readConversation(bob.to('alice@plumb.test'), { kind: 'newest' }, 10)).messages,
  ).toEqual([])
})
