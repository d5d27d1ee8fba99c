import { once } from 'node:events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Plumb } from '../../main/plumb.ts'
import { Failure } from '../../shared/model/failure.ts'
import { startXmppServer, type XmppServer, type XmppServerOptions } from '../support/xmpp-server.ts'

let server: XmppServer
const signedIn: Plumb[] = []

async function start(more: Partial<XmppServerOptions> = {}): Promise<void> {
  server = await startXmppServer({
    domain: 'plumb.test',
    accounts: { alice: 'secret', bob: 'secret', eve: 'secret' },
    contacts: [['alice', 'bob']],
    ...more,
  })
}

beforeEach(() => start())

afterEach(async () => {
  await Promise.all(
    signedIn.splice(0).map(plumb => plumb.stop(new Failure('cancelled', 'The test is over.'))),
  )
  await server.close()
})

async function signIn(name: string): Promise<Plumb> {
  const plumb = await Plumb.signIn({
    jid: `${name}@plumb.test`,
    password: 'secret',
    resource: 'test',
    server: { host: server.host, port: server.port },
    tls: 'required',
    ca: server.caPem,
    accept: 'contacts',
    plainBytestreams: false,
    direct: {
      listen: 0,
      advertise: undefined,
      dial: true,
      allowLoopback: true,
      encryption: 'required',
      portMapping: false,
    },
  })
  signedIn.push(plumb)
  return plumb
}

/** Both signed in, and seen by each other: before that a server without storage has nobody to give a message to. */
async function twoPeople(): Promise<readonly [Plumb, Plumb]> {
  const [alice, bob] = await Promise.all([signIn('alice'), signIn('bob')])
  await Promise.all([sees(alice, 'bob@plumb.test'), sees(bob, 'alice@plumb.test')])
  return [alice, bob]
}

function sees(plumb: Plumb, bare: string): Promise<void> {
  return new Promise(resolve => {
    const look = (): void => {
      if (plumb.devicesOf(bare).length > 0) resolve()
    }
    plumb.on('presence', look)
    look()
  })
}

/** Says something as the messenger does. */
const say = (plumb: Plumb, to: string, message: { readonly id: string; readonly text: string }) =>
  plumb.talk.chat.send(to, { ...message, wantsReceipt: true, markable: true })

/** Resolves with the texts once there are so many. */
function texts(plumb: Plumb, count: number): Promise<string[]> {
  const received: string[] = []
  return new Promise(resolve => {
    plumb.talk.chat.on('message', ({ text }) => {
      received.push(text)
      if (received.length === count) resolve(received)
    })
  })
}

test('messages that were on their way when the connection broke arrive once, and in order', async () => {
  const [alice, bob] = await twoPeople()
  const arrived = texts(bob, 4)
  await say(alice, 'bob@plumb.test', { id: 'a', text: 'one' })
  const stop = server.intercept(() => 'drop')
  const second = say(alice, 'bob@plumb.test', { id: 'b', text: 'two' })
  stop()
  const back = once(alice, 'reconnected')
  await server.kick(alice.address)
  await back
  await second
  await say(alice, 'bob@plumb.test', { id: 'c', text: 'three' })
  await say(alice, 'bob@plumb.test', { id: 'd', text: 'four' })
  expect(await arrived).toEqual(['one', 'two', 'three', 'four'])
})

test('a message of which nobody knows whether it arrived fails', async () => {
  await server.close()
  await start({ resumptionMs: 0 })
  const alice = await signIn('alice')
  // The server goes before it has acknowledged anything.
  const sending = say(alice, 'bob@plumb.test', { id: 'a', text: 'one' })
  await server.kick(alice.address)
  await expect(sending).rejects.toMatchObject({ code: 'server-connection-lost' })
})

test('with a server that acknowledges nothing a message is sent once it is written', async () => {
  await server.close()
  await start({ streamManagement: false })
  const [alice, bob] = await twoPeople()
  const arrived = texts(bob, 1)
  await say(alice, 'bob@plumb.test', { id: 'a', text: 'one' })
  expect(await arrived).toEqual(['one'])
})

test('a receipt says that a device has the message', async () => {
  const [alice] = await twoPeople()
  const receipt = once(alice.talk.chat, 'receipt')
  await say(alice, 'bob@plumb.test', { id: 'a', text: 'one' })
  expect(await receipt).toEqual([{ from: 'bob@plumb.test', id: 'a' }])
})

test('a message to nobody fails, and says why', async () => {
  const alice = await signIn('alice')
  const failed = once(alice.talk.chat, 'message-failed')
  await say(alice, 'bob@plumb.test', { id: 'a', text: 'one' })
  expect(await failed).toMatchObject([{ to: 'bob@plumb.test', id: 'a', failure: { code: 'peer-offline' } }])
})

test('after a sleep the connection is made anew at once, and the session goes on', async () => {
  const alice = await signIn('alice')
  const [interrupted, back] = [once(alice, 'interrupted'), once(alice, 'reconnected')]
  alice.reconnectNow()
  await interrupted
  // Again, while it waits for the next attempt already.
  alice.reconnectNow()
  await back
  expect(server.sessions().map(({ jid }) => jid)).toEqual([alice.address])
})

test('somebody asks to be seen, is allowed, and is in the list of both', async () => {
  const [alice, eve] = await Promise.all([signIn('alice'), signIn('eve')])
  const asked = once(alice, 'requests')
  await eve.addContact('alice@plumb.test', 'Alice')
  await asked
  expect(alice.requests).toEqual(['eve@plumb.test'])
  const answered = once(eve, 'requests')
  await alice.answerRequest('eve@plumb.test', true)
  expect(alice.requests).toEqual([])
  await answered
  await eve.answerRequest('alice@plumb.test', true)
  const seen = new Promise<void>(resolve => {
    alice.on('presence', bare => {
      if (bare === 'eve@plumb.test') resolve()
    })
  })
  await seen
  expect(alice.contacts.find(({ address }) => address === 'eve@plumb.test')?.subscription).toBe('both')
  expect(eve.contacts.find(({ address }) => address === 'alice@plumb.test')?.name).toBe('Alice')
})

test.each(['alice', 'alice@plumb.test', 'bob@plumb.test/desk', ''])('%j cannot be added', async address => {
  const alice = await signIn('alice')
  await expect(alice.addContact(address, undefined)).rejects.toMatchObject({ code: 'usage' })
})

test('a port that is taken is not moved to, and the old one stays', async () => {
  const alice = await signIn('alice')
  await expect(alice.listenOn(server.port)).rejects.toMatchObject({ code: 'port-in-use' })
})
