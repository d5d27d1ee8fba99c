import { once } from 'node:events'
import xml from '@xmpp/xml'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Plumb } from '../../main/plumb.ts'
import { Failure } from '../../shared/model/failure.ts'
import { ForeignClient } from '../support/foreign-client.ts'
import { startXmppServer, type XmppServer } from '../support/xmpp-server.ts'

const ALICE = 'alice@plumb.test'
const BOB = 'bob@plumb.test'
const EVE = 'eve@plumb.test'

let server: XmppServer
const signedIn: Plumb[] = []

beforeEach(async () => {
  server = await startXmppServer({
    domain: 'plumb.test',
    accounts: { alice: 'secret', bob: 'secret', eve: 'secret' },
    contacts: [['alice', 'bob']],
  })
})

afterEach(async () => {
  await Promise.all(
    signedIn.splice(0).map(plumb => plumb.stop(new Failure('cancelled', 'The test is over.'))),
  )
  await server.close()
})

async function signIn(jid: string, resource = 'desk'): Promise<Plumb> {
  const plumb = await Plumb.signIn({
    jid,
    password: 'secret',
    resource,
    server: { host: server.host, port: server.port },
    tls: 'required',
    ca: server.caPem,
    accept: 'anyone',
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

/** Waits until something is so, looked at after each of these events. */
function until(
  plumb: Plumb,
  event: 'contacts' | 'presence' | 'requests',
  isSo: () => boolean,
): Promise<void> {
  return new Promise(resolve => {
    const check = (): void => {
      if (!isSo()) return
      plumb.off(event, check)
      resolve()
    }
    plumb.on(event, check)
    check()
  })
}

/** Says something as the messenger does. */
const say = (plumb: Plumb, to: string, message: { readonly id: string; readonly text: string }) =>
  plumb.talk.chat.send(to, { ...message, wantsReceipt: true, markable: true })

const contact = (plumb: Plumb, address: string) => plumb.contacts.find(each => each.address === address)

/** All that was sent to this account before has been read when this resolves. */
async function everythingRead(plumb: Plumb): Promise<void> {
  const last = `last ${Math.random()}`
  const read = once(plumb.talk.chat, 'message')
  const seen = new Promise<void>(resolve => {
    plumb.talk.chat.on('message', ({ text }) => {
      if (text === last) resolve()
    })
  })
  server.inject(plumb.address, xml('message', { from: `${BOB}/x` }, xml('body', {}, last)))
  await Promise.all([read, seen])
}

describe('the contact list', () => {
  test('changes by what we do, on all our devices', async () => {
    const [desk, phone] = [await signIn(ALICE), await signIn(ALICE, 'phone')]
    await desk.addContact('EVE@plumb.test', 'Eve')
    await until(phone, 'contacts', () => contact(phone, EVE)?.asked === true)
    expect(contact(phone, EVE)).toMatchObject({
      address: EVE,
      name: 'Eve',
      subscription: 'none',
      asked: true,
    })
    await desk.renameContact(EVE, 'Eve & Co')
    await until(phone, 'contacts', () => contact(phone, EVE)?.name === 'Eve & Co')
    await phone.removeContact(EVE)
    await until(desk, 'contacts', () => contact(desk, EVE) === undefined)
    expect(contact(desk, BOB)?.subscription).toBe('both')
  })

  test('says with a sentence what the server refuses', async () => {
    const alice = await signIn(ALICE)
    await expect(alice.removeContact(EVE)).rejects.toMatchObject({ code: 'not-allowed' })
  })

  test('that somebody else pushes is none', async () => {
    const alice = await signIn(ALICE)
    let changes = 0
    alice.on('contacts', () => {
      changes += 1
    })
    const items = [
      xml('item', { jid: 'mallory@evil.test', subscription: 'both' }),
      xml('item', { jid: BOB, subscription: 'remove' }),
    ]
    for (const from of [`${BOB}/desk`, 'plumb.test', 'mallory@evil.test/x', `${ALICE}/phone`, '@@']) {
      const push = xml('query', { xmlns: 'jabber:iq:roster' }, ...items)
      server.inject(alice.address, xml('iq', { type: 'set', id: 'p', from }, push))
    }
    await everythingRead(alice)
    expect(changes).toBe(0)
    expect(alice.contacts.map(({ address }) => address)).toEqual([BOB])
  })

  test('may have thousands of people, who all come online at once and answer nothing', async () => {
    const alice = await signIn(ALICE)
    const items = Array.from({ length: 5_000 }, (_, number) =>
      xml('item', { jid: `friend${number}@plumb.test`, subscription: 'both' }),
    )
    server.inject(
      alice.address,
      xml('iq', { type: 'set', id: 'p', from: ALICE }, xml('query', { xmlns: 'jabber:iq:roster' }, ...items)),
    )
    for (let number = 0; number < 5_000; number++) {
      server.inject(alice.address, xml('presence', { from: `friend${number}@plumb.test/desk` }))
    }
    await everythingRead(alice)
    expect(alice.contacts).toHaveLength(5_001)
    expect(alice.devicesOf('friend4999@plumb.test')).toMatchObject([{ show: 'online', direct: undefined }])
  })
})

describe('the devices of somebody', () => {
  test('are there with what they can do, and our own are, too', async () => {
    const [alice, bob] = [await signIn(ALICE), await signIn(BOB)]
    const phone = await signIn(ALICE, 'phone')
    for (const address of [BOB, ALICE]) {
      await until(alice, 'presence', () => alice.devicesOf(address)[0]?.direct === true)
    }
    expect(alice.devicesOf(BOB)).toEqual([{ address: bob.address, show: 'online', status: '', direct: true }])
    expect(alice.devicesOf(ALICE)).toMatchObject([{ address: phone.address }])
    await bob.stop(new Failure('cancelled', 'x'))
    await until(alice, 'presence', () => alice.devicesOf(BOB).length === 0)
  })

  test('who is no contact are not asked anything', async () => {
    const alice = await signIn(ALICE)
    const asked: unknown[] = []
    server.intercept((stanza, to) => {
      if (to.startsWith(EVE) && stanza.getName() === 'iq') asked.push(stanza.toString())
      return undefined
    })
    const eve = await ForeignClient.signIn({
      jid: EVE,
      password: 'secret',
      host: server.host,
      port: server.port,
      ca: server.caPem,
    })
    await eve.stream.send(xml('presence', { to: alice.address }))
    await until(alice, 'presence', () => alice.devicesOf(EVE).length === 1)
    await everythingRead(alice)
    expect(asked).toEqual([])
    await eve[Symbol.asyncDispose]()
  })
})

describe('who asks to see us', () => {
  test('and is refused is not seen, and may ask again', async () => {
    const [alice, eve] = [await signIn(ALICE), await signIn(EVE)]
    await eve.addContact(ALICE, undefined)
    await until(alice, 'requests', () => alice.requests.length === 1)
    await alice.answerRequest(EVE, false)
    expect(alice.requests).toEqual([])
    await until(eve, 'contacts', () => contact(eve, ALICE)?.asked === false)
    expect(contact(alice, EVE)).toBeUndefined()
    expect(eve.devicesOf(ALICE)).toEqual([])
    await eve.addContact(ALICE, undefined)
    await until(alice, 'requests', () => alice.requests.length === 1)
  })

  test('and takes it back asks no longer', async () => {
    const [alice, eve] = [await signIn(ALICE), await signIn(EVE)]
    await eve.addContact(ALICE, undefined)
    await until(alice, 'requests', () => alice.requests.length === 1)
    server.inject(alice.address, xml('presence', { from: EVE, type: 'unsubscribe' }))
    await until(alice, 'requests', () => alice.requests.length === 0)
  })

  test('and is answered on another device asks this one no longer', async () => {
    const [desk, phone, eve] = [await signIn(ALICE), await signIn(ALICE, 'phone'), await signIn(EVE)]
    await eve.addContact(ALICE, undefined)
    await until(desk, 'requests', () => desk.requests.length === 1)
    await until(phone, 'requests', () => phone.requests.length === 1)
    await phone.answerRequest(EVE, true)
    await until(desk, 'requests', () => desk.requests.length === 0)
    expect(contact(desk, EVE)?.subscription).toBe('from')
  })

  test('and sees us already is no request', async () => {
    const alice = await signIn(ALICE)
    server.inject(alice.address, xml('presence', { from: BOB, type: 'subscribe' }))
    await everythingRead(alice)
    expect(alice.requests).toEqual([])
  })

  test('in a flood is a list that ends, and each of it can be answered', async () => {
    const alice = await signIn(ALICE)
    for (let number = 0; number < 3_000; number++) {
      server.inject(alice.address, xml('presence', { from: `bot${number}@evil.test`, type: 'subscribe' }))
    }
    await everythingRead(alice)
    expect(alice.requests).toHaveLength(200)
    for (const bot of alice.requests) await alice.answerRequest(bot, false)
    expect(alice.requests).toEqual([])
  })

  test('and is nobody cannot be answered', async () => {
    const alice = await signIn(ALICE)
    for (const address of ['plumb.test', '', ALICE, `${EVE}/phone`]) {
      await expect(alice.answerRequest(address, true)).rejects.toMatchObject({ code: 'usage' })
    }
  })
})

describe('strangers', () => {
  test('may write, and learn nothing by a receipt; contacts get one', async () => {
    const [alice, eve, bob] = [await signIn(ALICE), await signIn(EVE), await signIn(BOB)]
    const receipts: string[] = []
    eve.talk.chat.on('receipt', ({ id }) => receipts.push(id))
    const read = once(alice.talk.chat, 'message')
    await say(eve, ALICE, { id: 'e1', text: 'Hello' })
    expect(await read).toMatchObject([{ person: EVE, text: 'Hello' }])
    const receipt = once(bob.talk.chat, 'receipt')
    await say(bob, ALICE, { id: 'b1', text: 'Hello' })
    expect(await receipt).toEqual([{ from: ALICE, id: 'b1' }])
    // Alice answers in order: what she says to Eve now would have come behind a receipt.
    const answer = once(eve.talk.chat, 'message')
    await say(alice, EVE, { id: 'a1', text: 'Hello yourself' })
    await answer
    expect(receipts).toEqual([])
  })

  test('cannot say that somebody else’s message arrived, or did not', async () => {
    const alice = await signIn(ALICE)
    const told: unknown[] = []
    alice.talk.chat.on('receipt', receipt => told.push(receipt))
    alice.talk.chat.on('message-failed', failed => told.push(failed))
    const silent = server.intercept(stanza => (stanza.attrs['type'] === 'error' ? 'drop' : undefined))
    await say(alice, BOB, { id: 'm1', text: 'Hello' })
    const received = xml('received', { xmlns: 'urn:xmpp:receipts', id: 'm1' })
    const gone = xml('service-unavailable', { xmlns: 'urn:ietf:params:xml:ns:xmpp-stanzas' })
    for (const from of [EVE, `${EVE}/bob@plumb.test`, 'evil.test', 'plumb.test', '@@', `${BOB}.evil.test`]) {
      server.inject(alice.address, xml('message', { from, id: 'r' }, received))
      server.inject(alice.address, xml('message', { from, id: 'm1', type: 'error' }, xml('error', {}, gone)))
    }
    silent()
    await everythingRead(alice)
    expect(told).toEqual([])
  })

  test('without an address that is one do no harm', async () => {
    const alice = await signIn(ALICE)
    const texts: string[] = []
    alice.talk.chat.on('message', ({ text }) => texts.push(text))
    for (const from of ['@@', 'a@b@c', '', '/', '\u0000@x', `${'x'.repeat(5_000)}@evil.test`, 'evil.test']) {
      for (const name of ['message', 'presence', 'iq']) {
        server.inject(alice.address, xml(name, { from, id: 'x', type: 'get' }, xml('body', {}, 'bad')))
      }
      server.inject(alice.address, xml('message', { from, id: 'x' }, xml('body', {}, 'bad')))
    }
    server.inject(alice.address, xml('message', { from: `${BOB}/desk` }, xml('body', {}, 'good')))
    await everythingRead(alice)
    expect(texts.filter(text => !text.startsWith('last '))).toEqual(['good'])
    expect(alice.requests).toEqual([])
  })

  test('who are no person cannot offer a file', async () => {
    const alice = await signIn(ALICE)
    const offered: unknown[] = []
    const turnedAway: string[] = []
    alice.on('offered', offer => offered.push(offer))
    alice.on('turned-away', peer => turnedAway.push(peer))
    const si = 'http://jabber.org/protocol/si'
    const profile = `${si}/profile/file-transfer`
    for (const from of ['evil.test', 'evil.test/x', 'mallory@evil.test', 'plumb.test']) {
      const file = xml('file', { xmlns: profile, name: 'a.txt', size: '1' })
      const offer = xml('si', { xmlns: si, id: 'a', profile }, file)
      server.inject(alice.address, xml('iq', { type: 'set', id: 'x', from }, offer))
    }
    await everythingRead(alice)
    expect(offered).toEqual([])
    expect(turnedAway).toEqual(['evil.test', 'evil.test/x', 'mallory@evil.test', 'plumb.test'])
  })
})
