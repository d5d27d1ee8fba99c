import { randomBytes } from 'node:crypto'
import { createConnection, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { MAX_STRANGERS } from '../../main/dtcp/endpoint.ts'
import type { Host } from '../../main/dtcp/host.ts'
import type { Channel } from '../../main/sockets/connect-peer.ts'
import type { ForeignPeer, Wire } from './foreign-peer.ts'
import {
  checkThatNothingStaysOpen,
  connected,
  connector,
  hostOf,
  IPV4_LOOPBACK,
  IPV6_LOOPBACK,
  meet,
  OTHER_IDENTITY,
  open,
  openPair,
  readBytes,
  settle,
  shakeHands,
  THEIR_IDENTITY,
  until,
} from './rig.ts'

checkThatNothingStaysOpen()

describe('many sessions', () => {
  it.each([
    // Each connection of TLS costs some milliseconds, and a slow computer has five seconds for all of them.
    { encryption: 'required', families: [IPV4_LOOPBACK] },
    { encryption: 'off', families: [IPV4_LOOPBACK, IPV6_LOOPBACK] },
  ] as const)(
    '100 at once between two connectors (encryption $encryption)',
    async ({ encryption, families }) => {
      const own = { encryption, ownAddresses: () => families }
      const a = connector(own)
      const b = connector({ ...own, identity: THEIR_IDENTITY })
      const pairs = await Promise.all(Array.from({ length: 100 }, () => openPair(a, b)))
      expect(new Set(pairs.map(({ requestor }) => requestor.port)).size).toBe(1)
      const channels = await Promise.all(pairs.map(pair => connected(pair.connect())))
      expect(a.inUse).toEqual({ sessions: 0, connections: 0, timers: 0 })
      expect(b.inUse).toEqual({ sessions: 0, connections: 0, timers: 0 })
      // Each is connected to its own other end, and to no one else's.
      await Promise.all(
        channels.flatMap(([ours, theirs], index) => [
          expectToHear(ours, theirs, `a to b ${index}`),
          expectToHear(theirs, ours, `b to a ${index}`),
        ]),
      )
    },
  )
})

async function expectToHear(from: Channel, to: Channel, text: string): Promise<void> {
  const padded = text.padEnd(16)
  from.stream.write(padded)
  expect(String(await readBytes(to.stream, 16))).toBe(padded)
}

describe('strangers on the listener', () => {
  it(`are ${MAX_STRANGERS} at most: the oldest that says nothing makes room`, async () => {
    const { peer, ours, connector: own, wire } = await meet({ ourRole: 'requestor', weAre: 'acceptor' })
    const wires = [wire]
    while (wires.length < MAX_STRANGERS) wires.push(await peer.dial(hostOf(ours)))
    await until(() => own.inUse.connections === MAX_STRANGERS)
    expect(wires.some(({ isOver }) => isOver)).toBe(false)
    for (let more = 0; more < 10; more++) {
      wires.push(await peer.dial(hostOf(ours)))
      await wires[more]?.ended()
    }
    await settle()
    expect(own.inUse.connections).toBe(MAX_STRANGERS)
    expect(wires.slice(10).some(({ isOver }) => isOver)).toBe(false)
  })

  it('make room before one that has begun TLS, and before one that has it', async () => {
    const meeting = await meet({ ourRole: 'requestor', weAre: 'acceptor' })
    const { peer, ours, connector: own, wire: secured } = meeting
    await secured.secure({ identity: THEIR_IDENTITY })
    const begun = await peer.dial(hostOf(ours))
    begun.send('starttls\n')
    await begun.expectLine('ok')
    for (let count = 0; count < 2 * MAX_STRANGERS; count++) await peer.dial(hostOf(ours))
    await until(() => own.inUse.connections === MAX_STRANGERS)
    await settle()
    expect([begun.isOver, secured.isOver]).toEqual([false, false])
    await secured.authenticate(meeting.role, meeting.keys)
    await meeting.connecting
  })

  it('that guess keys make room before one that said nothing', async () => {
    const { peer, ours, connector: own, wire } = await meet({ ourRole: 'requestor', weAre: 'acceptor' })
    const guessers: Wire[] = []
    while (guessers.length < MAX_STRANGERS - 1) {
      const guesser = await peer.dial(hostOf(ours))
      guesser.send('key:guess\n')
      guessers.push(guesser)
    }
    await Promise.all(guessers.map(guesser => guesser.expectLine('error')))
    expect(own.inUse.connections).toBe(MAX_STRANGERS)
    await peer.dial(hostOf(ours))
    await guessers[0]?.ended()
    expect(wire.isOver).toBe(false)
  })

  it('do not take the places of a session’s own connections', async () => {
    const meeting = await meet({ ourRole: 'responder', weAre: 'acceptor', options: { encryption: 'off' } })
    const { peer, ours, wire, keys } = meeting
    wire.send(`key:${keys.theirs}\n`)
    await wire.expectLine(`ok:${keys.mine}`)
    for (let count = 0; count < 2 * MAX_STRANGERS; count++) await peer.dial(hostOf(ours))
    await settle()
    wire.send('ok\n')
    await meeting.connecting
  })
})

/** What junk connections say. Each stays until it is closed. */
const JUNK: Record<string, (socket: Socket) => void> = {
  idle: () => {},
  garbage: socket => socket.write(randomBytes(400)),
  'a flood': socket => socket.write(Buffer.alloc(64 * 1024, 'x')),
  'a request of the web': socket => socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  'wrong keys': socket => socket.write('key:wrong\n'.repeat(6)),
  'half a line': socket => socket.write('key:'),
  'TLS from the start': socket => socket.write(Buffer.from('16030102000100', 'hex')),
  'a reset': socket => socket.resetAndDestroy(),
}

/** These come as far as TLS, and count for more than those that never said a command. */
const JUNK_WITH_TLS: typeof JUNK = {
  'half-open TLS': socket => socket.write('starttls\n'),
  'TLS that stops': socket => socket.write(Buffer.from(`starttls\n\x16\x03\x01\x02\x00\x01\x00`, 'latin1')),
  'plaintext for TLS': socket => socket.write('starttls\nkey:injected\n'),
}

const JUNK_IN_ALL = 5_000
const JUNK_AT_ONCE = 300

/** Connections that mean nothing, a few hundred at any time, until there were enough of them. */
class Flood {
  readonly #host: Host
  readonly #kinds: readonly ((socket: Socket) => void)[]
  readonly #open = new Set<Socket>()
  made = 0

  constructor(host: Host, kinds: typeof JUNK) {
    this.#host = host
    this.#kinds = Object.values(kinds)
    this.#fill()
  }

  stop(): void {
    this.made = JUNK_IN_ALL
    for (const socket of this.#open) socket.destroy()
  }

  #fill(): void {
    while (this.made < JUNK_IN_ALL && this.#open.size < JUNK_AT_ONCE) {
      const say = this.#kinds[this.made % this.#kinds.length]
      this.made += 1
      const socket = createConnection({ host: this.#host.address, port: this.#host.port })
      this.#open.add(socket)
      // A reset is one of the ways to close.
      socket.on('error', () => {})
      socket.once('connect', () => say?.(socket))
      socket.once('close', () => {
        this.#open.delete(socket)
        setImmediate(() => this.#fill())
      })
      socket.resume()
    }
  }
}

describe('security: listener exhaustion', () => {
  it.each([
    { from: 'another address, TLS and all', address: '::1', kinds: { ...JUNK, ...JUNK_WITH_TLS } },
    { from: 'the very address of the peer', address: '127.0.0.1', kinds: { ...JUNK, ...JUNK_WITH_TLS } },
  ])(`serves every session under ${JUNK_IN_ALL} junk connections from $from`, async ({ address, kinds }) => {
    const own = connector()
    const { port } = await open(own, 'requestor')
    const flood = new Flood({ address, port }, kinds)
    let served = 0
    try {
      while (flood.made < JUNK_IN_ALL) {
        // It does not listen: the flooded listener is the only way.
        const pair = await openPair(own, connector({ listen: 'off', identity: THEIR_IDENTITY }))
        const [ours, theirs] = await connected(pair.connect())
        await expectToHear(ours, theirs, `session ${served}`)
        expect(own.inUse.connections).toBeLessThanOrEqual(MAX_STRANGERS)
        served += 1
      }
    } finally {
      flood.stop()
    }
    expect(served).toBeGreaterThan(10)
  })
})

describe('what one connection may cost', () => {
  it('a peer that sends and never reads is closed all the same', async () => {
    const meeting = await meet({ ourRole: 'requestor', weAre: 'acceptor', options: { encryption: 'off' } })
    const { wire } = meeting
    wire.stream.pause()
    await wire.sendAll(Buffer.from('key:wrong\n'.repeat(100_000)))
    await until(() => meeting.connector.inUse.connections === 0)
    wire.stream.resume()
    expect(String(await wire.rest())).toMatch(/^(error\n){0,5}$/)
  })

  it('a hundred wrong certificates do not wear a session out', async () => {
    const pinned = { 'sha-256': THEIR_IDENTITY.fingerprints['sha-256'] ?? '' }
    const meeting = await meet({ ourRole: 'responder', weAre: 'acceptor', terms: { pinned } })
    await Promise.all(Array.from({ length: 100 }, () => tryWrongCertificate(meeting.peer, meeting)))
    await shakeHands(meeting, 'tls')
    expect(await meeting.connecting).toMatchObject({ verified: true })
  })
})

async function tryWrongCertificate(
  peer: ForeignPeer,
  { ours, keys }: Awaited<ReturnType<typeof meet>>,
): Promise<void> {
  const wire = await peer.dial(hostOf(ours))
  await wire.secure({ identity: OTHER_IDENTITY })
  wire.send(`key:${keys.theirs}\n`)
  await wire.expectLine('error')
  await wire.ended()
}
