import { createConnection, createServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { MAX_ACCEPTED_PER_SESSION } from '../../main/dtcp/endpoint.ts'
import type { Fingerprints } from '../../main/dtcp/fingerprint.ts'
import type { Channel } from '../../main/sockets/connect-peer.ts'
import { Failure } from '../../shared/model/failure.ts'
import type { Door, ForeignPeer, Wire } from './foreign-peer.ts'
import {
  checkThatNothingStaysOpen,
  connector,
  expectFailure,
  foreignPeer,
  freePort,
  hostOf,
  IPV4_LOOPBACK,
  isRefused,
  meet,
  OTHER_IDENTITY,
  open,
  readBytes,
  settle,
  shakeHands,
  THEIR_IDENTITY,
  until,
} from './rig.ts'

checkThatNothingStaysOpen()

const PROTECTIONS = ['tls', 'plain'] as const
const ROLES = ['requestor', 'responder'] as const
const SIDES = ['dialer', 'acceptor'] as const
const WAYS = PROTECTIONS.flatMap(tls => ROLES.map(ourRole => ({ tls, ourRole })))

const PINNED: { pinned: Fingerprints } = {
  pinned: { 'sha-256': THEIR_IDENTITY.fingerprints['sha-256'] ?? '' },
}

const CANCELLED = new Failure('cancelled', 'Cancelled.')

function encryptionFor(tls: 'tls' | 'plain'): 'required' | 'off' {
  return tls === 'tls' ? 'required' : 'off'
}

async function isTheSame({ stream }: Channel, wire: Wire): Promise<boolean> {
  stream.write('probe')
  return String(await wire.bytes(5)) === 'probe'
}

async function expectClosed(wire: Wire): Promise<void> {
  expect(String(await wire.rest())).toBe('')
}

async function doors(peer: ForeignPeer, count: number): Promise<Door[]> {
  return Promise.all(Array.from({ length: count }, () => peer.listen()))
}

describe('N3 three hosts at most', () => {
  it('dials three hosts at once, and no fourth', async () => {
    const own = connector({ listen: 'off', encryption: 'off' })
    const peer = foreignPeer()
    const places = await doors(peer, 5)
    const ours = await open(own, 'requestor')
    const connecting = ours.connect(peer.terms({ hosts: places.map(({ host }) => host) }))
    expect(own.inUse.connections).toBe(3)
    const wires = await Promise.all(places.slice(0, 3).map(door => door.next()))
    await Promise.all(wires.map(wire => wire.expectLine(`key:${peer.key}`)))
    expect(places.slice(3).map(({ arrived }) => arrived)).toEqual([0, 0])
    for (const wire of wires) wire.close()
    await expectFailure(connecting, 'unreachable')
    expect(places.slice(3).map(({ arrived }) => arrived)).toEqual([0, 0])
  })

  it('tells three hosts at most', async () => {
    const advertise = [5001, 5002, 5003, 5004].map(port => ({ address: '203.0.113.7', port }))
    const ours = await open(connector({ advertise }), 'requestor')
    expect(ours.session.ourHosts).toEqual(advertise.slice(0, 3))
  })

  it('uses whichever host answers: one refuses, one says nonsense, one is good', async () => {
    const own = connector({ listen: 'off', encryption: 'off' })
    const peer = foreignPeer()
    const [nonsense, good] = await doors(peer, 2)
    const refused = { address: '127.0.0.1', port: await freePort() }
    if (nonsense === undefined || good === undefined) throw new Error('no doors')
    const ours = await open(own, 'responder')
    const connecting = ours.connect(peer.terms({ hosts: [refused, nonsense.host, good.host] }))
    const liar = await nonsense.next()
    liar.send('nonsense\n')
    await liar.ended()
    const wire = await good.next()
    await wire.authenticate('requestor', { mine: peer.key, theirs: ours.session.ourKey })
    expect(await isTheSame(await connecting, wire)).toBe(true)
    expect(ours.giveUps).toBe(0)
  })
})

describe('N5 giving up', () => {
  it('fails at once where neither side has a host, and sends nothing', async () => {
    const ours = await open(connector({ listen: 'off' }), 'requestor')
    await expectFailure(ours.connect(foreignPeer().terms()), 'unreachable')
    expect(ours.giveUps).toBe(0)
  })

  it.each(ROLES)(
    'waits for a dialer where the peer has no hosts, and sends nothing (we are %s)',
    async ourRole => {
      const meeting = await meet({ ourRole, weAre: 'acceptor' })
      expect(meeting.ours.giveUps).toBe(0)
      await shakeHands(meeting, 'tls')
      await meeting.connecting
      expect(meeting.ours.giveUps).toBe(0)
    },
  )

  it('gives up once where every host is refused, and goes on accepting', async () => {
    const own = connector({ encryption: 'off' })
    const peer = foreignPeer()
    const ours = await open(own, 'requestor')
    const hosts = [{ address: '127.0.0.1', port: await freePort() }]
    const connecting = ours.connect(peer.terms({ hosts }))
    expect(ours.giveUps).toBe(0)
    await until(() => ours.giveUps > 0)
    const wire = await peer.dial(hostOf(ours))
    await wire.authenticate('responder', { mine: peer.key, theirs: ours.session.ourKey })
    await connecting
    expect(ours.giveUps).toBe(1)
  })

  it('gives up at once where none of the hosts may be dialed', async () => {
    const ours = await open(connector({ allowLoopback: false, listen: 'off' }), 'requestor')
    const hosts = [{ address: '127.0.0.1', port: 5000 }]
    await expectFailure(ours.connect(foreignPeer().terms({ hosts })), 'unreachable')
    expect(ours.giveUps).toBe(1)
  })

  it('gives up at once where it does not dial', async () => {
    const peer = foreignPeer()
    const door = await peer.listen()
    const ours = await open(connector({ dial: false, listen: 'off' }), 'responder')
    await expectFailure(ours.connect(peer.terms({ hosts: [door.host] })), 'unreachable')
    expect(ours.giveUps).toBe(1)
    expect(door.arrived).toBe(0)
  })

  it.each(ROLES)('ends where the peer gives up too (we are %s)', async ourRole => {
    const ours = await open(connector(), ourRole)
    const connecting = ours.connect(foreignPeer().terms())
    ours.session.peerGaveUp()
    await expectFailure(connecting, 'unreachable')
  })

  it('hears a give-up that came in the same breath as the answer', async () => {
    const ours = await open(connector(), 'requestor')
    ours.session.peerGaveUp()
    await expectFailure(ours.connect(foreignPeer().terms()), 'unreachable')
  })

  it('goes on dialing where the peer gives up at once', async () => {
    const { wire, ours, role, keys, connecting } = await meet({
      ourRole: 'requestor',
      weAre: 'dialer',
      options: { encryption: 'off' },
    })
    ours.session.peerGaveUp()
    ours.session.peerGaveUp()
    await wire.authenticate(role, keys)
    await connecting
  })

  it('gives up where the peer gave up and the last dial fails', async () => {
    const { wire, ours, connecting } = await meet({
      ourRole: 'requestor',
      weAre: 'dialer',
      options: { listen: 0 },
    })
    ours.session.peerGaveUp()
    wire.close()
    await expectFailure(connecting, 'unreachable')
    expect(ours.giveUps).toBe(1)
  })

  it('finishes a handshake that was under way when the peer gave up', async () => {
    const meeting = await meet({ ourRole: 'responder', weAre: 'acceptor', options: { encryption: 'off' } })
    meeting.wire.send(`key:${meeting.keys.theirs}\n`)
    await meeting.wire.expectLine(`ok:${meeting.keys.mine}`)
    meeting.ours.session.peerGaveUp()
    meeting.wire.send('ok\n')
    await meeting.connecting
  })
})

describe('S6 one winner', () => {
  it.each(PROTECTIONS)('takes the first of two accepted connections as requestor (%s)', async tls => {
    const meeting = await meet({
      ourRole: 'requestor',
      weAre: 'acceptor',
      options: { encryption: encryptionFor(tls) },
    })
    const second = await meeting.peer.dial(hostOf(meeting.ours))
    if (tls === 'tls') await meeting.wire.secure({ identity: THEIR_IDENTITY })
    if (tls === 'tls') await second.secure({ identity: THEIR_IDENTITY })
    second.send(`key:${meeting.keys.theirs}\n`)
    await second.expectLine(`ok:${meeting.keys.mine}`)
    // The other one had not said its key: it belongs to nobody, and nobody is left to wait for it.
    await expectClosed(meeting.wire)
    expect(await isTheSame(await meeting.connecting, second)).toBe(true)
  })

  it('answers ok once, though two keys come at the same moment', async () => {
    const meeting = await meet({ ourRole: 'requestor', weAre: 'acceptor', options: { encryption: 'off' } })
    // Keeps the listener open, so that the loser is told and not only cut off.
    const other = await open(meeting.connector, 'requestor')
    const wires = [meeting.wire, await meeting.peer.dial(hostOf(other))]
    for (const wire of wires) wire.send(`key:${meeting.keys.theirs}\n`)
    const answers = await Promise.all(wires.map(wire => wire.line()))
    expect(answers.toSorted()).toEqual(['error', `ok:${meeting.keys.mine}`])
    const winner = wires[answers[0] === 'error' ? 1 : 0]
    if (winner === undefined) throw new Error('nobody won')
    expect(await isTheSame(await meeting.connecting, winner)).toBe(true)
  })

  it.each(PROTECTIONS)('lives with the one that the requestor acks, and closes the other (%s)', async tls => {
    const meeting = await meet({
      ourRole: 'responder',
      weAre: 'acceptor',
      options: { encryption: encryptionFor(tls) },
    })
    const wires = [meeting.wire, await meeting.peer.dial(hostOf(meeting.ours))]
    for (const wire of wires) {
      if (tls === 'tls') await wire.secure({ identity: THEIR_IDENTITY })
      wire.send(`key:${meeting.keys.theirs}\n`)
      await wire.expectLine(`ok:${meeting.keys.mine}`)
    }
    const [loser, winner] = wires
    if (loser === undefined || winner === undefined) throw new Error('no wires')
    winner.send('ok\n')
    expect(await isTheSame(await meeting.connecting, winner)).toBe(true)
    await expectClosed(loser)
  })

  it('acks one of two hosts as requestor, and closes the other without a word', async () => {
    const own = connector({ listen: 'off', encryption: 'off' })
    const peer = foreignPeer()
    const places = await doors(peer, 2)
    const ours = await open(own, 'requestor')
    const connecting = ours.connect(peer.terms({ hosts: places.map(({ host }) => host) }))
    const [first, second] = await Promise.all(places.map(door => door.next()))
    if (first === undefined || second === undefined) throw new Error('no wires')
    for (const wire of [first, second]) await wire.expectLine(`key:${peer.key}`)
    second.send(`ok:${ours.session.ourKey}\n`)
    await second.expectLine('ok')
    first.send(`ok:${ours.session.ourKey}\n`)
    expect(await isTheSame(await connecting, second)).toBe(true)
    await expectClosed(first)
  })

  it('closes the dialed one where the requestor commits the accepted one', async () => {
    const own = connector({ encryption: 'off' })
    const peer = foreignPeer()
    const door = await peer.listen()
    const ours = await open(own, 'responder')
    const connecting = ours.connect(peer.terms({ hosts: [door.host] }))
    const keys = { mine: peer.key, theirs: ours.session.ourKey }
    const dialedByUs = await door.next()
    await dialedByUs.expectLine(`key:${peer.key}`)
    const dialedByThem = await peer.dial(hostOf(ours))
    await dialedByThem.authenticate('requestor', keys)
    expect(await connecting).toMatchObject({ by: 'acceptor' })
    expect(await isTheSame(await connecting, dialedByThem)).toBe(true)
    await expectClosed(dialedByUs)
  })

  it('closes the accepted one where the requestor commits the dialed one', async () => {
    const own = connector({ encryption: 'off' })
    const peer = foreignPeer()
    const door = await peer.listen()
    const ours = await open(own, 'responder')
    const connecting = ours.connect(peer.terms({ hosts: [door.host] }))
    const keys = { mine: peer.key, theirs: ours.session.ourKey }
    const dialedByThem = await peer.dial(hostOf(ours))
    dialedByThem.send(`key:${keys.theirs}\n`)
    await dialedByThem.expectLine(`ok:${keys.mine}`)
    const dialedByUs = await door.next()
    await dialedByUs.authenticate('requestor', keys)
    expect(await connecting).toMatchObject({ by: 'dialer' })
    expect(await isTheSame(await connecting, dialedByUs)).toBe(true)
    await expectClosed(dialedByThem)
  })

  it('closes dials that are still connecting and strangers on the listener', async () => {
    const own = connector({ encryption: 'off' })
    const peer = foreignPeer()
    const silent = await peer.listen()
    const ours = await open(own, 'requestor')
    const connecting = ours.connect(peer.terms({ hosts: [silent.host] }))
    const stranger = await peer.dial(hostOf(ours))
    stranger.send('half a comm')
    await until(() => own.inUse.connections === 2)
    const wire = await peer.dial(hostOf(ours))
    await wire.authenticate('responder', { mine: peer.key, theirs: ours.session.ourKey })
    await connecting
    expect(own.inUse).toEqual({ sessions: 0, connections: 0, timers: 0 })
    await expectClosed(stranger)
    await (await silent.next()).ended()
  })

  it('answers a connection that comes late with error', async () => {
    const meeting = await meet({ ourRole: 'requestor', weAre: 'acceptor', options: { encryption: 'off' } })
    const other = await open(meeting.connector, 'requestor')
    await shakeHands(meeting, 'plain')
    const { stream } = await meeting.connecting
    const late = await meeting.peer.dial(hostOf(other))
    late.send(`key:${meeting.keys.theirs}\n`)
    await late.expectLine('error')
    stream.write('still here')
    expect(String(await meeting.wire.bytes(10))).toBe('still here')
  })

  it('listens no more once the last session is decided', async () => {
    const meeting = await meet({ ourRole: 'requestor', weAre: 'acceptor' })
    const other = await open(meeting.connector, 'requestor')
    await shakeHands(meeting, 'tls')
    const { stream } = await meeting.connecting
    expect(await isRefused(hostOf(other))).toBe(false)
    other.session.abort(CANCELLED)
    expect(await isRefused(hostOf(other))).toBe(true)
    // What was established lives on without the listener.
    stream.write('still here')
    expect(String(await meeting.wire.bytes(10))).toBe('still here')
  })

  it('lets the loser lose only once: a connection that dies after the commitment is the stream’s matter', async () => {
    const meeting = await meet({ ourRole: 'requestor', weAre: 'acceptor', options: { encryption: 'off' } })
    const second = await meeting.peer.dial(hostOf(meeting.ours))
    await shakeHands(meeting, 'plain')
    const { stream } = await meeting.connecting
    const gone = new Promise(resolve => stream.once('close', resolve))
    meeting.wire.reset()
    stream.resume()
    await gone
    await expectClosed(second)
    expect(meeting.connector.inUse.sessions).toBe(0)
  })

  it(`takes ${MAX_ACCEPTED_PER_SESSION} connections with one key, and turns the next away`, async () => {
    const meeting = await meet({ ourRole: 'responder', weAre: 'acceptor', options: { encryption: 'off' } })
    const wires = [meeting.wire]
    while (wires.length < MAX_ACCEPTED_PER_SESSION) wires.push(await meeting.peer.dial(hostOf(meeting.ours)))
    for (const wire of wires) {
      wire.send(`key:${meeting.keys.theirs}\n`)
      await wire.expectLine(`ok:${meeting.keys.mine}`)
    }
    const tooMany = await meeting.peer.dial(hostOf(meeting.ours))
    tooMany.send(`key:${meeting.keys.theirs}\n`)
    await tooMany.expectLine('error')
    await expectClosed(tooMany)
    wires.at(-1)?.send('ok\n')
    await meeting.connecting
    await Promise.all(wires.slice(0, -1).map(expectClosed))
  })
})

describe('a dialer that comes before the peer’s answer', () => {
  it.each(WAYS)(
    'is held, and served once the answer is known ($tls, we are $ourRole)',
    async ({ tls, ourRole }) => {
      const own = connector({ encryption: encryptionFor(tls) })
      const peer = foreignPeer()
      const ours = await open(own, ourRole)
      const keys = { mine: peer.key, theirs: ours.session.ourKey }
      const wire = await peer.dial(hostOf(ours))
      if (tls === 'tls') await wire.secure({ identity: THEIR_IDENTITY })
      wire.send(`key:${keys.theirs}\n`)
      await settle()
      expect({ unread: wire.unread, over: wire.isOver }).toEqual({ unread: '', over: false })
      const connecting = ours.connect(peer.terms(tls === 'tls' ? PINNED : {}))
      await wire.expectLine(`ok:${keys.mine}`)
      if (ourRole === 'responder') wire.send('ok\n')
      expect(await connecting).toMatchObject({ by: 'acceptor', verified: tls === 'tls' })
      expect(await isTheSame(await connecting, wire)).toBe(true)
    },
  )

  it('keeps what it sent behind its key', async () => {
    const ours = await open(connector({ encryption: 'off' }), 'requestor')
    const peer = foreignPeer()
    const wire = await peer.dial(hostOf(ours))
    wire.send(`key:${ours.session.ourKey}\nkey:x\nfirst data`)
    await settle()
    const { stream } = await ours.connect(peer.terms())
    expect(String(await readBytes(stream, 16))).toBe('key:x\nfirst data')
  })

  it('is closed where it sends more than anybody has to say', async () => {
    const ours = await open(connector({ encryption: 'off' }), 'requestor')
    const peer = foreignPeer()
    const wire = await peer.dial(hostOf(ours))
    await wire.sendAll(
      Buffer.concat([Buffer.from(`key:${ours.session.ourKey}\n`), Buffer.alloc(1024 * 1024)]),
    )
    await expectClosed(wire)
  })

  it.each(ROLES)('has to ask for TLS first where that is required (we are %s)', async ourRole => {
    const ours = await open(connector(), ourRole)
    const peer = foreignPeer()
    const wire = await peer.dial(hostOf(ours))
    wire.send(`key:${ours.session.ourKey}\n`)
    await settle()
    const connecting = ours.connect(peer.terms())
    await wire.expectLine('error')
    const keys = { mine: peer.key, theirs: ours.session.ourKey }
    await shakeHands({ wire, keys, role: ourRole === 'requestor' ? 'responder' : 'requestor' }, 'tls')
    expect(await connecting).toMatchObject({ encrypted: true })
  })

  it.each(ROLES)('is refused where its certificate turns out wrong (we are %s)', async ourRole => {
    const ours = await open(connector(), ourRole)
    const peer = foreignPeer()
    const wire = await peer.dial(hostOf(ours))
    await wire.secure({ identity: OTHER_IDENTITY })
    wire.send(`key:${ours.session.ourKey}\n`)
    await settle()
    const connecting = ours.connect(peer.terms(PINNED))
    await wire.expectLine('error')
    await expectClosed(wire)
    ours.session.peerGaveUp()
    await expectFailure(connecting, 'certificate-mismatch')
  })

  it('is told error where the session ends before', async () => {
    const ours = await open(connector({ encryption: 'off' }), 'requestor')
    const wire = await foreignPeer().dial(hostOf(ours))
    wire.send(`key:${ours.session.ourKey}\n`)
    await settle()
    ours.session.abort(CANCELLED)
    await wire.expectLine('error')
    await expectClosed(wire)
  })

  it('may leave before it is served', async () => {
    const own = connector({ encryption: 'off' })
    const ours = await open(own, 'requestor')
    const peer = foreignPeer()
    const early = await peer.dial(hostOf(ours))
    early.send(`key:${ours.session.ourKey}\n`)
    await settle()
    early.close()
    await until(() => own.inUse.connections === 0)
    const connecting = ours.connect(peer.terms())
    const wire = await peer.dial(hostOf(ours))
    await wire.authenticate('responder', { mine: peer.key, theirs: ours.session.ourKey })
    expect(await isTheSame(await connecting, wire)).toBe(true)
  })

  it('is one of several that wait, and one of them is chosen', async () => {
    const own = connector({ encryption: 'off' })
    const ours = await open(own, 'requestor')
    const peer = foreignPeer()
    const wires = [await peer.dial(hostOf(ours)), await peer.dial(hostOf(ours))]
    for (const wire of wires) wire.send(`key:${ours.session.ourKey}\n`)
    await settle()
    const connecting = ours.connect(peer.terms())
    const answers = await Promise.all(wires.map(wire => wire.line()))
    expect(answers.toSorted()).toEqual(['error', `ok:${peer.key}`])
    await connecting
  })
})

describe('no connection to oneself', () => {
  it.each(ROLES)('does not dial its own listener (we are %s)', async ourRole => {
    const own = connector({ ownAddresses: () => [IPV4_LOOPBACK, { ...IPV4_LOOPBACK, address: '192.0.2.1' }] })
    const ours = await open(own, ourRole)
    const { port } = ours
    const hosts = ['127.0.0.1', '::1', '192.0.2.1'].map(address => ({ address, port }))
    const connecting = ours.connect(foreignPeer().terms({ hosts }))
    expect(own.inUse.connections).toBe(0)
    expect(ours.giveUps).toBe(1)
    ours.session.peerGaveUp()
    await expectFailure(connecting, 'unreachable')
  })

  it.each(ROLES.flatMap(ourRole => PROTECTIONS.map(tls => ({ ourRole, tls }))))(
    'refuses a peer that answers with our own key, through a hairpin too ($tls, we are $ourRole)',
    async way => {
      const own = connector({ encryption: encryptionFor(way.tls) })
      const ours = await open(own, way.ourRole)
      await using hairpin = await startHairpin(ours.port)
      const terms = foreignPeer().terms({ key: ours.session.ourKey, hosts: [hairpin.host] })
      await expectFailure(ours.connect(terms), 'protocol-error')
    },
  )

  it.each(ROLES)(
    'refuses a peer that answers with the key of another session of ours (we are %s)',
    async ourRole => {
      const own = connector({ encryption: 'off' })
      const ours = await open(own, ourRole)
      const other = await open(own, ourRole)
      await using hairpin = await startHairpin(ours.port)
      const peer = foreignPeer()
      // Each is told the other's key: together they would be one connection from us to us.
      const waiting = other.connect(peer.terms({ key: ours.session.ourKey }))
      const dialing = ours.connect(peer.terms({ key: other.session.ourKey, hosts: [hairpin.host] }))
      await expectFailure(waiting, 'protocol-error')
      await until(() => ours.giveUps === 1)
      ours.session.peerGaveUp()
      await expectFailure(dialing, 'unreachable')
    },
  )

  it('does not recognize itself in a hairpin with a foreign key', async () => {
    const own = connector({ encryption: 'off' })
    const ours = await open(own, 'requestor')
    await using hairpin = await startHairpin(ours.port)
    const connecting = ours.connect(foreignPeer().terms({ hosts: [hairpin.host] }))
    await until(() => ours.giveUps === 1)
    ours.session.peerGaveUp()
    await expectFailure(connecting, 'unreachable')
  })
})

/** A router that sends what comes for its outer address back to our own listener. */
async function startHairpin(
  port: number,
): Promise<{ host: { address: string; port: number } } & AsyncDisposable> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    const inner = createConnection({ host: '127.0.0.1', port })
    for (const one of [socket, inner]) {
      sockets.add(one)
      one.on('error', () => {})
    }
    socket.pipe(inner).pipe(socket)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a hairpin without a port')
  return {
    host: { address: '127.0.0.1', port: address.port },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

describe('aborting', () => {
  it.each(ROLES)('before the answer: the later answer changes nothing (we are %s)', async ourRole => {
    const own = connector()
    const ours = await open(own, ourRole)
    const peer = foreignPeer()
    const door = await peer.listen()
    ours.session.abort(CANCELLED)
    expect(own.inUse).toEqual({ sessions: 0, connections: 0, timers: 0 })
    expect(await isRefused(hostOf(ours))).toBe(true)
    await expect(ours.connect(peer.terms({ hosts: [door.host] }))).rejects.toBe(CANCELLED)
    await settle()
    expect(door.arrived).toBe(0)
    expect(ours.giveUps).toBe(0)
  })

  it('while it dials: the peer is told, and the dial is gone', async () => {
    const own = connector({ listen: 'off' })
    const ours = await open(own, 'requestor')
    const peer = foreignPeer()
    const door = await peer.listen()
    const connecting = ours.connect(peer.terms({ hosts: [door.host] }))
    expect(own.inUse.connections).toBe(1)
    ours.session.abort(CANCELLED)
    expect(own.inUse).toEqual({ sessions: 0, connections: 0, timers: 0 })
    await expect(connecting).rejects.toBe(CANCELLED)
    expect(ours.giveUps).toBe(1)
  })

  it.each(
    ROLES.flatMap(ourRole =>
      SIDES.flatMap(weAre =>
        (['nothing was said', 'TLS is asked for', 'TLS begins', 'TLS is up'] as const).map(moment => ({
          ourRole,
          weAre,
          moment,
        })),
      ),
    ),
  )('while $moment (we are $ourRole and $weAre)', async ({ ourRole, weAre, moment }) => {
    const { wire, ours, connecting, connector } = await meet({ ourRole, weAre })
    if (weAre === 'dialer' && moment !== 'nothing was said') await wire.expectLine('starttls')
    if (moment === 'TLS is asked for') wire.send(weAre === 'dialer' ? 'o' : 'startt')
    if (moment === 'TLS begins') {
      wire.send(weAre === 'dialer' ? 'ok\n' : 'starttls\n')
      if (weAre === 'acceptor') await wire.expectLine('ok')
      else await wire.bytes(1)
      wire.send('\x16\x03')
    }
    if (moment === 'TLS is up') {
      if (weAre === 'dialer') {
        wire.send('ok\n')
        await wire.startTls({ identity: THEIR_IDENTITY })
      } else await wire.secure({ identity: THEIR_IDENTITY })
    }
    await settle()
    ours.session.abort(CANCELLED)
    expect(connector.inUse).toEqual({ sessions: 0, connections: 0, timers: 0 })
    await expect(connecting).rejects.toBe(CANCELLED)
    await wire.ended()
  })

  it('while the ack is waited for', async () => {
    const { wire, keys, ours, connecting } = await meet({
      ourRole: 'responder',
      weAre: 'acceptor',
      options: { encryption: 'off' },
    })
    wire.send(`key:${keys.theirs}\n`)
    await wire.expectLine(`ok:${keys.mine}`)
    ours.session.abort(CANCELLED)
    await expect(connecting).rejects.toBe(CANCELLED)
    await expectClosed(wire)
  })

  it.each(SIDES)('after the connection: no effect (we are %s)', async weAre => {
    const meeting = await meet({ ourRole: 'requestor', weAre })
    await shakeHands(meeting, 'tls')
    const channel = await meeting.connecting
    meeting.ours.session.abort(CANCELLED)
    meeting.ours.session.peerGaveUp()
    expect(await isTheSame(channel, meeting.wire)).toBe(true)
    expect(meeting.ours.giveUps).toBe(0)
  })

  it('twice: the first reason stays', async () => {
    const ours = await open(connector(), 'requestor')
    const connecting = ours.connect(foreignPeer().terms())
    ours.session.abort(CANCELLED)
    ours.session.abort(new Failure('declined', 'Too late.'))
    await expect(connecting).rejects.toBe(CANCELLED)
  })

  it('leaves other sessions of the connector alone', async () => {
    const meeting = await meet({ ourRole: 'requestor', weAre: 'acceptor' })
    const other = await open(meeting.connector, 'responder')
    const aborted = other.connect(meeting.peer.terms({ key: 'another-key' }))
    await meeting.wire.secure({ identity: THEIR_IDENTITY })
    other.session.abort(CANCELLED)
    await expect(aborted).rejects.toBe(CANCELLED)
    await meeting.wire.authenticate(meeting.role, meeting.keys)
    await meeting.connecting
  })
})

describe('N2 keys', () => {
  it('are new for each session, 128 bits of chance, and known while the session lives', async () => {
    const own = connector()
    const sessions = await Promise.all(Array.from({ length: 50 }, () => open(own, 'requestor')))
    const keys = sessions.map(({ session }) => session.ourKey)
    expect(new Set(keys).size).toBe(50)
    for (const key of keys) {
      expect(key).toMatch(/^[0-9a-f]{32}$/)
      expect(own.hasKey(key)).toBe(true)
    }
    sessions[0]?.session.abort(CANCELLED)
    expect(own.hasKey(keys[0] ?? '')).toBe(false)
    expect(own.hasKey(keys[1] ?? '')).toBe(true)
    expect(own.hasKey('')).toBe(false)
  })
})
