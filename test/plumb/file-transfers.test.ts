import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type IncomingOffer, Plumb, type PlumbOptions } from '../../main/plumb.ts'
import { openContent } from '../../main/transfer/content.ts'
import { Failure } from '../../shared/model/failure.ts'
import type { TransferEvent } from '../../shared/model/transfer.ts'
import { eventually } from '../support/eventually.ts'
import { startXmppServer, type XmppServer } from '../support/xmpp-server.ts'

let server: XmppServer
let folder: string
let inbox: string
const signedIn: Plumb[] = []
const never = new AbortController().signal

beforeEach(async () => {
  server = await startXmppServer({
    domain: 'plumb.test',
    accounts: { alice: 'secret', bob: 'secret' },
    contacts: [['alice', 'bob']],
  })
  folder = await mkdtemp(join(tmpdir(), 'plumb-transfers-'))
  inbox = join(folder, 'inbox')
  await mkdir(inbox)
})

afterEach(async () => {
  await Promise.all(
    signedIn.splice(0).map(plumb => plumb.stop(new Failure('cancelled', 'The test is over.'))),
  )
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

async function signIn(
  name: string,
  direct: Partial<PlumbOptions['direct']> = {},
  options: Partial<PlumbOptions> = {},
): Promise<Plumb> {
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
      ...direct,
    },
    ...options,
  })
  signedIn.push(plumb)
  return plumb
}

function next<K extends TransferEvent['event']>(
  plumb: Plumb,
  kind: K,
): Promise<TransferEvent & { event: K }> {
  return new Promise(resolve => {
    plumb.on('transfer', event => {
      if (event.event === kind) resolve(event as TransferEvent & { event: K })
    })
  })
}

function nextOffer(plumb: Plumb): Promise<IncomingOffer> {
  return new Promise(resolve => plumb.once('offered', resolve))
}

async function makeFile(bytes: number): Promise<{ path: string; content: Buffer }> {
  const path = join(folder, `file-${randomBytes(4).toString('hex')}.bin`)
  const content = randomBytes(bytes)
  await writeFile(path, content)
  return { path, content }
}

async function offer(
  alice: Plumb,
  path: string,
  signal = never,
): Promise<{ outcome: Promise<Failure | undefined> }> {
  const recipient = await alice.findRecipient('bob@plumb.test', 10_000, never)
  return { outcome: alice.send(await openContent(path, never), recipient, { signal }) }
}

/** Sooner or later: who receives stays until the sender has heard the last word, and closed. */
async function expectNothingHeld(...accounts: Plumb[]): Promise<void> {
  const nothing = { transfers: 0, sessions: 0, connections: 0, timers: 0 }
  await eventually(() => expect(accounts.map(({ inUse }) => inUse)).toEqual(accounts.map(() => nothing)))
}

describe('a transfer', () => {
  it('goes on when both sides lose the server in the middle, and is confirmed when they are back', async () => {
    const [alice, bob] = await Promise.all([signIn('alice'), signIn('bob')])
    const { path, content } = await makeFile(150_000_000)
    bob.on('offered', incoming => incoming.accept(inbox))
    const started = next(bob, 'progress')
    const { outcome } = await offer(alice, path)
    await started
    await Promise.all([server.kick(alice.address), server.kick(bob.address)])
    expect(await outcome).toBeUndefined()
    const [name = ''] = await readdir(inbox)
    expect((await readFile(join(inbox, name))).equals(content)).toBe(true)
    await expectNothingHeld(alice, bob)
  })

  it('is negotiated anew when the committed connection dies before it carried anything', async () => {
    const proxy = await startProxy(1)
    const alice = await signIn(
      'alice',
      {
        listen: proxy.target,
        advertise: [{ address: '127.0.0.1', port: proxy.port }],
        encryption: 'off',
      },
      { methods: ['dtcp'] },
    )
    const bob = await signIn('bob', { listen: 'off', encryption: 'off' })
    const { path, content } = await makeFile(100_000)
    bob.on('offered', incoming => incoming.accept(inbox))
    const { outcome } = await offer(alice, path)
    expect(await outcome).toBeUndefined()
    expect(proxy.connections).toBe(2)
    const [name = ''] = await readdir(inbox)
    expect((await readFile(join(inbox, name))).equals(content)).toBe(true)
    await proxy.close()
  })

  it('stops being negotiated anew when that keeps happening', async () => {
    const proxy = await startProxy(Number.POSITIVE_INFINITY)
    const alice = await signIn(
      'alice',
      {
        listen: proxy.target,
        advertise: [{ address: '127.0.0.1', port: proxy.port }],
        encryption: 'off',
      },
      { methods: ['dtcp'] },
    )
    const bob = await signIn('bob', { listen: 'off', encryption: 'off' })
    const { path } = await makeFile(100_000)
    bob.on('offered', incoming => incoming.accept(inbox))
    const failed = next(bob, 'failed')
    const { outcome } = await offer(alice, path)
    expect((await outcome)?.code).toBe('connection-lost')
    expect(['connection-lost', 'incomplete']).toContain((await failed).code)
    expect(proxy.connections).toBe(3)
    expect(await readdir(inbox)).toEqual([])
    await proxy.close()
  })

  it('may be declined, and nothing was written or dialed for it', async () => {
    const [alice, bob] = await Promise.all([signIn('alice'), signIn('bob')])
    const { path } = await makeFile(1000)
    const offered = nextOffer(bob)
    const { outcome } = await offer(alice, path)
    const incoming = await offered
    expect(bob.inUse).toMatchObject({ sessions: 0, connections: 0 })
    incoming.decline()
    incoming.accept(inbox)
    expect((await outcome)?.code).toBe('declined')
    expect(await readdir(inbox)).toEqual([])
    await expectNothingHeld(alice, bob)
  })

  it('may be cancelled while the offer waits, by the sender', async () => {
    const [alice, bob] = await Promise.all([signIn('alice'), signIn('bob')])
    const { path } = await makeFile(1000)
    const cancel = new AbortController()
    const offered = nextOffer(bob)
    const withdrawn = next(bob, 'failed')
    const { outcome } = await offer(alice, path, cancel.signal)
    const incoming = await offered
    cancel.abort(new Failure('cancelled', 'Never mind.'))
    expect((await outcome)?.code).toBe('cancelled')
    expect((await withdrawn).code).toBe('cancelled-by-peer')
    incoming.accept(inbox)
    expect(await readdir(inbox)).toEqual([])
    await expectNothingHeld(alice, bob)
  })

  it.each(['alice', 'bob'] as const)('may be cancelled at each step by %s', async who => {
    const [alice, bob] = await Promise.all([signIn('alice'), signIn('bob')])
    const accounts = { alice, bob }
    bob.on('offered', incoming => incoming.accept(inbox))
    const { path } = await makeFile(60_000_000)
    for (const step of ['offer', 'connected', 'progress'] as const) {
      const mine = accounts[who]
      const other = who === 'alice' ? bob : alice
      const failed = Promise.all([next(mine, 'failed'), next(other, 'failed')])
      const id = next(mine, 'offer')
      // Nobody hears of what is cancelled before it was offered.
      void next(step === 'offer' ? bob : mine, step).then(async () => mine.cancel((await id).transfer))
      const { outcome } = await offer(alice, path)
      await outcome
      const [ours, theirs] = await failed
      expect(ours.code, step).toBe('cancelled')
      // Who cancels before the other side has the offer, or accepted it, leaves it with an offer refused.
      expect(['cancelled-by-peer', 'declined'], step).toContain(theirs.code)
      expect(await readdir(inbox), step).toEqual([])
    }
    await expectNothingHeld(alice, bob)
  })

  it('that fails does not touch the others beside it', async () => {
    const [alice, bob] = await Promise.all([signIn('alice'), signIn('bob')])
    bob.on('offered', incoming =>
      incoming.accept(incoming.name.startsWith('bad') ? join(folder, 'gone') : inbox),
    )
    const good = await Promise.all([makeFile(3_000_000), makeFile(0), makeFile(1)])
    const bad = join(folder, 'bad.bin')
    await writeFile(bad, 'x')
    const recipient = await alice.findRecipient('bob@plumb.test', 10_000, never)
    const outcomes = await Promise.all(
      [...good.map(({ path }) => path), bad].map(async path =>
        alice.send(await openContent(path, never), recipient, { signal: never }),
      ),
    )
    expect(outcomes.map(failure => failure?.code)).toEqual([undefined, undefined, undefined, 'peer-failed'])
    expect(await readdir(inbox)).toHaveLength(3)
    await expectNothingHeld(alice, bob)
  })
})

/** Passes connections on to `target`, and breaks the first `breaks` of them right behind the line that commits. */
async function startProxy(breaks: number) {
  const reserved = createServer().listen(0, '127.0.0.1')
  await once(reserved, 'listening')
  const target = (reserved.address() as AddressInfo).port
  reserved.close()
  await once(reserved, 'close')
  const proxy = { target, port: 0, connections: 0, close: async () => {} }
  const sockets = new Set<Socket>()
  const server = createServer(incoming => {
    proxy.connections += 1
    const breaking = proxy.connections <= breaks
    const outgoing = connect(target, '127.0.0.1')
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket)
      socket.on('error', () => {})
    }
    incoming.pipe(outgoing)
    outgoing.on('data', bytes => {
      const end = bytes.indexOf('\n')
      const commits = bytes.subarray(0, 3).toString() === 'ok:'
      if (!breaking || !commits) {
        incoming.write(bytes)
        return
      }
      outgoing.removeAllListeners('data')
      incoming.end(bytes.subarray(0, end + 1))
      outgoing.resetAndDestroy()
    })
    outgoing.on('end', () => incoming.end())
    incoming.on('end', () => outgoing.end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  proxy.port = (server.address() as AddressInfo).port
  proxy.close = async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }
  return proxy
}
