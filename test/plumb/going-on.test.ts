import { createHash, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type IncomingOffer, Plumb, type PlumbOptions } from '../../main/plumb.ts'
import { openContent } from '../../main/transfer/content.ts'
import { writeOffer } from '../../main/xmpp/xep-0096.ts'
import { Failure } from '../../shared/model/failure.ts'
import type { TransferEvent } from '../../shared/model/transfer.ts'
import { ForeignClient } from '../support/foreign-client.ts'
import { type Gate, startGate } from '../support/gate.ts'
import { startXmppServer, type XmppServer } from '../support/xmpp-server.ts'

/* One transfer over many connections, ways and runs of the program. */

let server: XmppServer
let folder: string
let inbox: string
const signedIn = new Set<Plumb>()
const never = new AbortController().signal
const PATIENT = { signal: never, patienceMs: 60_000 }
const MIB = 1024 * 1024

beforeEach(async () => {
  server = await startXmppServer({
    domain: 'plumb.test',
    accounts: { alice: 'secret', bob: 'secret', mallory: 'secret' },
    contacts: [
      ['alice', 'bob'],
      ['mallory', 'bob'],
    ],
  })
  folder = await mkdtemp(join(tmpdir(), 'plumb-going-on-'))
  inbox = join(folder, 'inbox')
  await mkdir(inbox)
})

afterEach(async () => {
  await Promise.all([...signedIn].map(plumb => plumb.stop(new Failure('cancelled', 'The test is over.'))))
  signedIn.clear()
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

interface Someone {
  readonly plumb: Plumb
  readonly events: TransferEvent[]
  /** The first event of this kind from now on, or among those that came, that fits. */
  event<K extends TransferEvent['event']>(
    kind: K,
    fits?: (event: TransferEvent & { event: K }) => boolean,
  ): Promise<TransferEvent & { event: K }>
  kinds(): string[]
}

async function signIn(
  name: string,
  options: Partial<PlumbOptions> = {},
  direct: Partial<PlumbOptions['direct']> = {},
): Promise<Someone> {
  const plumb = await Plumb.signIn({
    jid: `${name}@plumb.test`,
    password: 'secret',
    resource: `test-${randomBytes(3).toString('hex')}`,
    server: { host: server.host, port: server.port },
    tls: 'required',
    ca: server.caPem,
    accept: 'contacts',
    plainBytestreams: true,
    state: join(folder, `state of ${name}`),
    direct: {
      listen: 0,
      advertise: undefined,
      dial: true,
      allowLoopback: true,
      encryption: 'required',
      portMapping: false,
      ...direct,
    },
    ...options,
  })
  signedIn.add(plumb)
  const events: TransferEvent[] = []
  plumb.on('transfer', event => events.push(event))
  return {
    plumb,
    events,
    event: (kind, fits = () => true) =>
      new Promise(resolve => {
        const check = (event: TransferEvent): void => {
          if (event.event !== kind || !fits(event as never)) return
          plumb.off('transfer', check)
          resolve(event as never)
        }
        plumb.on('transfer', check)
        for (const event of events) check(event)
      }),
    kinds: () => events.map(({ event }) => event).filter(kind => kind !== 'progress'),
  }
}

/** Ends the program as a system does that shuts down. */
async function shutDown({ plumb }: Someone): Promise<void> {
  await plumb.stop(new Failure('interrupted', 'The program was ended.'), { keep: true })
  signedIn.delete(plumb)
}

function acceptAll({ plumb }: Someone, into = inbox): IncomingOffer[] {
  const offers: IncomingOffer[] = []
  plumb.on('offered', offer => {
    offers.push(offer)
    offer.accept(into)
  })
  return offers
}

async function makeFile(bytes: number, name = 'film.mkv'): Promise<{ path: string; content: Buffer }> {
  const path = join(folder, name)
  const content = randomBytes(bytes)
  await writeFile(path, content)
  return { path, content }
}

async function send({ plumb }: Someone, path: string, options = PATIENT): Promise<Failure | undefined> {
  const recipient = await plumb.findRecipient('bob@plumb.test', 10_000, never)
  return plumb.send(await openContent(path, never), recipient, options)
}

/** Whose connections all pass a gate. */
function through(gate: Gate): Partial<PlumbOptions['direct']> {
  return { listen: gate.target, advertise: [{ address: '127.0.0.1', port: gate.port }], dial: false }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

async function expectArrived(content: Buffer, name = 'film.mkv'): Promise<void> {
  expect(await readdir(inbox)).toEqual([name])
  expect(sha256(await readFile(join(inbox, name)))).toBe(sha256(content))
}

describe('a connection that breaks', () => {
  it('is followed by another, from the byte that the receiver has', async () => {
    await using gate = await startGate()
    const alice = await signIn('alice', {}, through(gate))
    const bob = await signIn('bob', {}, { listen: 'off' })
    acceptAll(bob)
    const { path, content } = await makeFile(20 * MIB)
    for (const turn of [1, 2]) {
      const held = gate.hold(7 * MIB)
      if (turn === 1) void send(alice, path)
      await held
      const stored = await bob.event('progress', ({ bytes }) => bytes > (turn * 7 - 2) * MIB)
      gate.open()
      gate.cut()
      expect(stored.bytes).toBeGreaterThan(5 * MIB)
    }
    const done = await Promise.all([alice.event('done'), bob.event('done')])
    for (const { resumedFrom, method, sha256: sum } of done) {
      expect(resumedFrom).toBeGreaterThan(10 * MIB)
      expect(method).toBe('dtcp')
      expect(sum).toBe(sha256(content))
    }
    expect(gate.connections).toBe(3)
    // One MiB twice at most, each time, and what the lines and TLS take.
    expect(gate.passed).toBeLessThan(20 * MIB + 2 * MIB + 0.5 * MIB)
    await expectArrived(content)
    expect(bob.events.filter(({ event }) => event === 'offer')).toHaveLength(1)
  })

  it('may be the last of its kind: the next way goes on at the same byte, with no question asked', async () => {
    await using gate = await startGate()
    const alice = await signIn('alice', {}, through(gate))
    const bob = await signIn('bob', {}, { listen: 'off' })
    const offers = acceptAll(bob)
    const { path, content } = await makeFile(3 * MIB)
    const held = gate.hold(2 * MIB)
    void send(alice, path)
    await held
    await bob.event('progress', ({ bytes }) => bytes > MIB)
    // Nobody is reached at that place any more.
    await gate[Symbol.asyncDispose]()
    const done = await bob.event('done')
    expect(done.method).toBe('ibb')
    expect(done.resumedFrom).toBeGreaterThan(MIB)
    expect((await alice.event('done')).method).toBe('ibb')
    expect(alice.events).toContainEqual(
      expect.objectContaining({ event: 'route', method: 'dtcp', ok: false }),
    )
    const last = alice.events.filter(({ event }) => event === 'connected').at(-1)
    expect(last).toMatchObject({ method: 'ibb', relay: 'server', encrypted: true, verified: true })
    expect(offers).toHaveLength(1)
    await expectArrived(content)
  })
})

describe('each way', () => {
  it.each(['dtcp', 'socks5', 'ibb'] as const)('%s carries a file, encrypted and verified', async method => {
    const alice = await signIn('alice', { methods: [method] })
    const bob = await signIn('bob', { methods: [method] })
    acceptAll(bob)
    const { path, content } = await makeFile(MIB)
    expect(await send(alice, path)).toBeUndefined()
    for (const side of [alice, bob]) {
      expect(await side.event('connected')).toMatchObject({ method, encrypted: true, verified: true })
      expect(await side.event('done')).toMatchObject({ method, sha256: sha256(content), resumedFrom: 0 })
    }
    const codes = [alice, bob].map(side => side.events.find(({ event }) => event === 'connected'))
    expect(codes[0]).toMatchObject({ code: (codes[1] as { code: string }).code })
    await expectArrived(content)
  })

  it('is tried in its turn, and told', async () => {
    const apart = { listen: 'off', dial: false } as const
    const [alice, bob] = await Promise.all([signIn('alice', {}, apart), signIn('bob', {}, apart)])
    acceptAll(bob)
    const { path, content } = await makeFile(1000)
    expect(await send(alice, path)).toBeUndefined()
    const routes = alice.events.filter(event => event.event === 'route')
    expect(routes.map(({ method, ok }) => [method, ok])).toEqual([
      ['dtcp', false],
      ['socks5', false],
      ['ibb', true],
    ])
    for (const { ok, message } of routes) expect(message === undefined).toBe(ok)
    await expectArrived(content)
  })

  it('that nobody has in common is said', async () => {
    const alice = await signIn('alice', { methods: ['dtcp'] })
    await signIn('bob', { methods: ['ibb'] })
    const { path } = await makeFile(1000)
    expect((await send(alice, path))?.code).toBe('no-common-method')
  })
})

describe('a program that ends', () => {
  it('as the receiver’s goes on by itself when it is back', async () => {
    await using gate = await startGate()
    const alice = await signIn('alice', {}, through(gate))
    const first = await signIn('bob', {}, { listen: 'off' })
    acceptAll(first)
    const { path, content } = await makeFile(12 * MIB)
    const held = gate.hold(6 * MIB)
    const outcome = send(alice, path)
    await held
    await first.event('progress', ({ bytes }) => bytes > 5 * MIB)
    await shutDown(first)
    expect((await first.event('interrupted')).code).toBe('interrupted')
    gate.open()
    await alice.event('interrupted')

    const second = await signIn('bob', {}, { listen: 'off' })
    const offers = acceptAll(second)
    second.plumb.restore()
    expect(await outcome).toBeUndefined()
    const done = await second.event('done')
    expect(done.resumedFrom).toBeGreaterThan(5 * MIB)
    expect(done.resumedFrom).toBeLessThanOrEqual(6 * MIB)
    expect(done.transfer).toBe(first.events[0]?.transfer)
    expect(offers).toEqual([])
    await expectArrived(content)
  })

  it('as the sender’s goes on by itself when it is back', async () => {
    await using gate = await startGate()
    const first = await signIn('alice', {}, through(gate))
    const bob = await signIn('bob', {}, { listen: 'off' })
    const offers = acceptAll(bob)
    const { path, content } = await makeFile(12 * MIB)
    const held = gate.hold(6 * MIB)
    void send(first, path)
    await held
    await bob.event('progress', ({ bytes }) => bytes > 5 * MIB)
    await shutDown(first)
    // What is in the buffers on the way could be all of the rest.
    gate.cut()
    gate.open()
    await bob.event('interrupted')

    const second = await signIn('alice', {}, through(gate))
    const [entry] = second.plumb.unsent
    expect(entry).toMatchObject({ path, peer: 'bob@plumb.test', accepted: true })
    if (entry === undefined) return
    const recipient = await second.plumb.findRecipient('bob@plumb.test', 10_000, never)
    const again = second.plumb.sendAgain(entry, await openContent(path, never), recipient, PATIENT)
    expect(await again).toBeUndefined()
    expect((await bob.event('done')).resumedFrom).toBeGreaterThan(5 * MIB)
    expect((await second.event('done')).resumedFrom).toBeGreaterThan(5 * MIB)
    expect(second.plumb.unsent).toEqual([])
    expect(offers).toHaveLength(1)
    await expectArrived(content)
  })

  it('sends anew what changed meanwhile, and says so', async () => {
    await using gate = await startGate()
    const first = await signIn('alice', {}, through(gate))
    const bob = await signIn('bob', {}, { listen: 'off' })
    acceptAll(bob)
    const { path } = await makeFile(6 * MIB)
    const held = gate.hold(3 * MIB)
    void send(first, path)
    await held
    await bob.event('progress', ({ bytes }) => bytes > 2 * MIB)
    await shutDown(first)
    // Nothing of it may still be on its way.
    gate.cut()
    gate.open()
    const { content } = await makeFile(6 * MIB)
    await utimes(path, new Date(), new Date(Date.now() + 5_000))

    const second = await signIn('alice', {}, through(gate))
    const [entry] = second.plumb.unsent
    if (entry === undefined) throw new Error('nothing was left')
    const recipient = await second.plumb.findRecipient('bob@plumb.test', 10_000, never)
    await second.plumb.sendAgain(entry, await openContent(path, never), recipient, PATIENT)
    await second.event('restarted')
    expect(await second.event('done')).toMatchObject({ resumedFrom: 0, sha256: sha256(content) })
    await expectArrived(content)
  })

  it('does not send again what had arrived, though nobody heard of it', async () => {
    await using gate = await startGate()
    const first = await signIn('alice', {}, through(gate))
    const bob = await signIn('bob', {}, { listen: 'off' })
    const offers = acceptAll(bob)
    const { path, content } = await makeFile(MIB)
    const state = join(folder, 'state of alice')
    const held = gate.hold(MIB / 2)
    const outcome = send(first, path)
    await held
    const [name = ''] = await readdir(state)
    const noted = await readFile(join(state, name), 'utf8')
    gate.open()
    expect(await outcome).toBeUndefined()
    await shutDown(first)
    // As it is where the program is killed in the very last moment.
    await writeFile(join(state, name), noted)

    const second = await signIn('alice')
    const [entry] = second.plumb.unsent
    if (entry === undefined) throw new Error('nothing was left')
    const recipient = await second.plumb.findRecipient('bob@plumb.test', 10_000, never)
    await second.plumb.sendAgain(entry, await openContent(path, never), recipient, PATIENT)
    const done = await second.event('done')
    expect(done).toMatchObject({ method: undefined, sha256: sha256(content) })
    expect(offers).toHaveLength(1)
    await expectArrived(content)
  })
})

describe('a pause', () => {
  it.each(['alice', 'bob'] as const)('by %s is shown on both sides, and ends', async who => {
    await using gate = await startGate()
    const alice = await signIn('alice', {}, through(gate))
    const bob = await signIn('bob', {}, { listen: 'off' })
    acceptAll(bob)
    const { path, content } = await makeFile(8 * MIB)
    const held = gate.hold(4 * MIB)
    const outcome = send(alice, path)
    await held
    await bob.event('progress', ({ bytes }) => bytes > 3 * MIB)
    const [mine, other] = who === 'alice' ? [alice, bob] : [bob, alice]
    const id = (await mine.event('offer')).transfer
    mine.plumb.pause(id)
    expect((await mine.event('paused')).by).toBe('us')
    expect((await other.event('paused')).by).toBe('them')
    gate.open()
    // The other side cannot end it.
    other.plumb.resume((await other.event('offer')).transfer)
    mine.plumb.resume(id)
    expect(await outcome).toBeUndefined()
    expect((await bob.event('done')).resumedFrom).toBeGreaterThan(3 * MIB)
    await expectArrived(content)
  })
})

describe('a file for somebody who is not there', () => {
  it('waits, and is offered when they come', async () => {
    const alice = await signIn('alice')
    const first = await signIn('bob')
    const { path, content } = await makeFile(1000)
    const recipient = await alice.plumb.findRecipient('bob@plumb.test', 10_000, never)
    await shutDown(first)
    const outcome = alice.plumb.send(await openContent(path, never), recipient, PATIENT)
    await alice.event('waiting')
    const second = await signIn('bob')
    acceptAll(second)
    expect(await outcome).toBeUndefined()
    await expectArrived(content)
  })

  it('fails where nobody is patient', async () => {
    const alice = await signIn('alice')
    const first = await signIn('bob')
    const { path } = await makeFile(1000)
    const recipient = await alice.plumb.findRecipient('bob@plumb.test', 10_000, never)
    await shutDown(first)
    const outcome = await alice.plumb.send(await openContent(path, never), recipient, { signal: never })
    expect(outcome?.code).toBe('peer-offline')
    expect(alice.plumb.unsent).toEqual([])
  })
})

describe('a folder', () => {
  const tree = {
    'read me.txt': Buffer.from('hello'),
    'empty.bin': Buffer.alloc(0),
    'photos/one.jpg': randomBytes(300_000),
    'photos/2024/two.jpg': randomBytes(5 * MIB),
    '.hidden/config': Buffer.from('x=1'),
  }

  async function makeFolder(): Promise<string> {
    const path = join(folder, 'Holiday')
    for (const [name, content] of Object.entries(tree)) {
      await mkdir(join(path, name, '..'), { recursive: true })
      await writeFile(join(path, name), content)
    }
    await mkdir(join(path, 'nothing in it'))
    return path
  }

  async function expectTree(): Promise<void> {
    expect(await readdir(inbox)).toEqual(['Holiday'])
    for (const [name, content] of Object.entries(tree)) {
      expect(await readFile(join(inbox, 'Holiday', name))).toEqual(content)
    }
    expect(await readdir(join(inbox, 'Holiday', 'nothing in it'))).toEqual([])
    expect((await readdir(join(inbox, 'Holiday'))).toSorted()).toEqual(
      ['.hidden', 'empty.bin', 'nothing in it', 'photos', 'read me.txt'].toSorted(),
    )
  }

  it('travels as one offer over one connection', async () => {
    const [alice, bob] = await Promise.all([signIn('alice'), signIn('bob')])
    const offers = acceptAll(bob)
    expect(await send(alice, await makeFolder())).toBeUndefined()
    const size = Object.values(tree).reduce((sum, { length }) => sum + length, 0)
    expect(offers).toMatchObject([{ name: 'Holiday', size, files: 5 }])
    expect(await bob.event('done')).toMatchObject({ path: join(inbox, 'Holiday'), bytes: size })
    expect((await alice.event('done')).sha256).toBe((await bob.event('done')).sha256)
    expect(bob.kinds()).toEqual(['offer', 'connected', 'route', 'done'])
    await expectTree()
  })

  it('goes on in the middle of it', async () => {
    await using gate = await startGate()
    const alice = await signIn('alice', {}, through(gate))
    const first = await signIn('bob', {}, { listen: 'off' })
    acceptAll(first)
    const path = await makeFolder()
    const held = gate.hold(3 * MIB)
    const outcome = send(alice, path)
    await held
    await first.event('progress', ({ bytes }) => bytes > 2 * MIB)
    await shutDown(first)
    expect(await readdir(inbox)).toEqual([expect.stringMatching(/^\.Holiday\..*\.plumb-part$/)])
    gate.open()
    const second = await signIn('bob', {}, { listen: 'off' })
    second.plumb.restore()
    expect(await outcome).toBeUndefined()
    expect((await second.event('done')).resumedFrom).toBeGreaterThan(2 * MIB)
    await expectTree()
  })
})

describe('what is there already', () => {
  it('is not sent again', async () => {
    await using gate = await startGate()
    const alice = await signIn('alice', {}, through(gate))
    const bob = await signIn('bob', {}, { listen: 'off' })
    acceptAll(bob)
    const { path, content } = await makeFile(4 * MIB)
    await writeFile(join(inbox, 'film.mkv'), content)
    expect(await send(alice, path)).toBeUndefined()
    expect(await bob.event('done')).toMatchObject({
      path: join(inbox, 'film.mkv'),
      resumedFrom: 4 * MIB,
      sha256: sha256(content),
    })
    expect(gate.passed).toBeLessThan(64 * 1024)
    await expectArrived(content)
  })

  it('is left alone where it only looks the same', async () => {
    const [alice, bob] = await Promise.all([signIn('alice'), signIn('bob')])
    acceptAll(bob)
    const { path, content } = await makeFile(MIB)
    const other = randomBytes(MIB)
    await writeFile(join(inbox, 'film.mkv'), other)
    expect(await send(alice, path)).toBeUndefined()
    expect((await readdir(inbox)).toSorted()).toEqual(['film (2).mkv', 'film.mkv'])
    expect(await readFile(join(inbox, 'film.mkv'))).toEqual(other)
    expect(await readFile(join(inbox, 'film (2).mkv'))).toEqual(content)
  })
})

describe('a folder that is there already', () => {
  it('is not sent again, and what was added to it is all that moves', async () => {
    await using gate = await startGate()
    const alice = await signIn('alice', {}, through(gate))
    const bob = await signIn('bob', {}, { listen: 'off' })
    acceptAll(bob)
    const path = join(folder, 'Holiday')
    await mkdir(join(path, 'sub'), { recursive: true })
    await writeFile(join(path, 'one.jpg'), randomBytes(MIB))
    await writeFile(join(path, 'sub', 'two.jpg'), randomBytes(MIB))
    expect(await send(alice, path)).toBeUndefined()
    const first = gate.passed
    expect(await send(alice, path)).toBeUndefined()
    expect(await readdir(inbox)).toEqual(['Holiday'])
    expect(gate.passed - first).toBeLessThan(64 * 1024)

    await writeFile(join(path, 'three.jpg'), randomBytes(MIB))
    const second = gate.passed
    expect(await send(alice, path)).toBeUndefined()
    expect((await readdir(inbox)).toSorted()).toEqual(['Holiday', 'Holiday (2)'])
    expect(gate.passed - second).toBeLessThan(MIB + 64 * 1024)
    for (const name of ['one.jpg', 'sub/two.jpg', 'three.jpg']) {
      expect(await readFile(join(inbox, 'Holiday (2)', name))).toEqual(await readFile(join(path, name)))
    }
  })
})

describe('a stranger to a transfer', () => {
  it('cannot go on with it, though they know its key', async () => {
    await using gate = await startGate()
    const alice = await signIn('alice', {}, through(gate))
    const bob = await signIn('bob', {}, { listen: 'off' })
    const offers = acceptAll(bob)
    const { path, content } = await makeFile(4 * MIB)
    const held = gate.hold(2 * MIB)
    const outcome = send(alice, path)
    await held
    const [name = ''] = await readdir(join(folder, 'state of alice'))
    const { key } = JSON.parse(await readFile(join(folder, 'state of alice', name), 'utf8'))
    await using mallory = await ForeignClient.signIn({
      jid: 'mallory@plumb.test',
      password: 'secret',
      host: server.host,
      port: server.port,
      ca: server.caPem,
    })
    const forged = writeOffer({
      streamId: 'mine',
      name: 'film.mkv',
      size: 4 * MIB,
      modified: undefined,
      md5: undefined,
      methods: ['http://jabber.org/protocol/dtcp'],
      range: true,
      own: { key, resume: true, files: undefined, fingerprints: [] },
    })
    await expect(mallory.iq.request('set', bob.plumb.address, forged)).rejects.toMatchObject({
      error: { condition: 'item-not-found' },
    })
    gate.open()
    expect(await outcome).toBeUndefined()
    expect(offers).toHaveLength(1)
    await expectArrived(content)
  })
})
