import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CONNECT_TIMEOUT_MS, HANDSHAKE_TIMEOUT_MS, RACE_TIMEOUT_MS } from '../../main/dtcp/endpoint.ts'
import { startBlackHole } from './black-hole.ts'
import type { Wire } from './foreign-peer.ts'
import {
  checkThatNothingStaysOpen,
  connector,
  expectFailure,
  foreignPeer,
  hostOf,
  meet,
  open,
  settle,
  shakeHands,
  THEIR_IDENTITY,
  until,
} from './rig.ts'

// Real sockets under a clock that the tests turn: sockets and TLS ask the system for their events, and only
// the program's own timers go through these two.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  const left = vi.getTimerCount()
  vi.useRealTimers()
  expect(left).toBe(0)
})

// Behind the clock's own hooks: what is left is looked at before the clock is put back.
checkThatNothingStaysOpen()

const ROLES = ['requestor', 'responder'] as const

/** Turns the clock, and lets everything arrive that follows from it. */
async function pass(ms: number): Promise<void> {
  await settle()
  vi.advanceTimersByTime(ms)
  await settle()
}

/** The connection is open up to the last millisecond of its time, and closed with the next. */
async function expectClosedAfter(wire: Wire, ms: number): Promise<void> {
  await pass(ms - 1)
  expect(wire.isOver).toBe(false)
  await pass(1)
  await wire.ended()
}

describe('times: the handshake of an accepted connection', () => {
  const STEPS: Record<string, (wire: Wire) => Promise<void> | void> = {
    'says nothing': () => {},
    'says half a command': wire => wire.send('start'),
    'says a wrong key': wire => wire.send('key:wrong\n'),
    'asks for TLS and never begins it': wire => wire.send('starttls\n'),
    'begins TLS and stops in the middle': async wire => {
      wire.send('starttls\n')
      await wire.expectLine('ok')
      wire.send('\x16\x03\x01\x02\x00\x01')
    },
    'has TLS and says no key': wire => wire.secure({ identity: THEIR_IDENTITY }),
  }

  it.each(Object.keys(STEPS))('has five seconds: the dialer %s', async step => {
    const meeting = await meet({ ourRole: 'requestor', weAre: 'acceptor' })
    await until(() => meeting.connector.inUse.connections === 1)
    await STEPS[step]?.(meeting.wire)
    await expectClosedAfter(meeting.wire, HANDSHAKE_TIMEOUT_MS)
    // The session goes on without it.
    const wire = await meeting.peer.dial(hostOf(meeting.ours))
    await shakeHands({ ...meeting, wire }, 'tls')
    await meeting.connecting
  })

  it('has five seconds in all, however slowly bytes keep coming', async () => {
    const { wire, connector: own } = await meet({ ourRole: 'requestor', weAre: 'acceptor' })
    await until(() => own.inUse.connections === 1)
    for (const byte of 'star') {
      wire.send(byte)
      await pass(1_000)
      expect(wire.isOver).toBe(false)
    }
    wire.send('t')
    await expectClosedAfter(wire, HANDSHAKE_TIMEOUT_MS - 4_000)
  })

  it('may use its time: a dialer that is slow but in time is served', async () => {
    const {
      wire,
      keys,
      connecting,
      connector: own,
    } = await meet({
      ourRole: 'responder',
      weAre: 'acceptor',
      options: { encryption: 'off' },
    })
    await until(() => own.inUse.connections === 1)
    for (const byte of 'key:') {
      wire.send(byte)
      await pass(1_200)
    }
    wire.send(`${keys.theirs}\n`)
    await wire.expectLine(`ok:${keys.mine}`)
    await pass(4_000)
    wire.send('ok\n')
    await connecting
  })

  it('is held for five seconds where the answer that it waits for never comes', async () => {
    const own = connector({ encryption: 'off' })
    const ours = await open(own, 'requestor')
    const wire = await foreignPeer().dial(hostOf(ours))
    await until(() => own.inUse.connections === 1)
    wire.send(`key:${ours.session.ourKey}\n`)
    await expectClosedAfter(wire, HANDSHAKE_TIMEOUT_MS)
    expect(wire.unread).toBe('')
    expect(own.inUse).toEqual({ sessions: 1, connections: 0, timers: 0 })
  })
})

describe('times: a dial', () => {
  it('has five seconds to connect: a host swallows it', async () => {
    await using blackHole = await startBlackHole()
    const own = connector({ listen: 'off' })
    const ours = await open(own, 'requestor')
    const connecting = ours.connect(foreignPeer().terms({ hosts: [blackHole.host] }))
    await pass(CONNECT_TIMEOUT_MS - 1)
    expect({ ...own.inUse, giveUps: ours.giveUps }).toMatchObject({ connections: 1, giveUps: 0 })
    await pass(1)
    const failure = await expectFailure(connecting, 'unreachable')
    expect(failure.cause).toMatchObject({ message: 'connections: timed-out' })
    expect(ours.giveUps).toBe(1)
  })

  it('does not wait for a host that swallows, where another one answers', async () => {
    await using blackHole = await startBlackHole()
    const own = connector({ listen: 'off' })
    const peer = foreignPeer()
    const door = await peer.listen()
    const ours = await open(own, 'requestor')
    const connecting = ours.connect(peer.terms({ hosts: [blackHole.host, door.host] }))
    const wire = await door.next()
    await shakeHands(
      { wire, role: 'responder', keys: { mine: peer.key, theirs: ours.session.ourKey } },
      'tls',
    )
    await connecting
    expect(own.inUse).toEqual({ sessions: 0, connections: 0, timers: 0 })
  })

  const STEPS: Record<string, (wire: Wire) => Promise<void>> = {
    'says nothing': async () => {},
    'answers starttls by half': async wire => {
      await wire.expectLine('starttls')
      wire.send('o')
    },
    'never begins TLS': async wire => {
      await wire.expectLine('starttls')
      wire.send('ok\n')
    },
    'has TLS and never answers the key': async wire => {
      await wire.secure({ identity: THEIR_IDENTITY })
      await wire.line()
    },
  }

  it.each(ROLES.flatMap(ourRole => Object.keys(STEPS).map(step => ({ ourRole, step }))))(
    'has five seconds from its connection: the acceptor $step (we are $ourRole)',
    async ({ ourRole, step }) => {
      const meeting = await meet({ ourRole, weAre: 'dialer' })
      await STEPS[step]?.(meeting.wire)
      await expectClosedAfter(meeting.wire, HANDSHAKE_TIMEOUT_MS)
      await expectFailure(meeting.connecting, 'unreachable')
      expect(meeting.ours.giveUps).toBe(1)
    },
  )
})

describe('times: the race', () => {
  it.each(ROLES)('is over after ten seconds in which nobody came (we are %s)', async ourRole => {
    const own = connector()
    const ours = await open(own, ourRole)
    const connecting = ours.connect(foreignPeer().terms())
    await pass(RACE_TIMEOUT_MS - 1)
    expect(own.inUse.sessions).toBe(1)
    await pass(1)
    const failure = await expectFailure(connecting, 'timed-out')
    expect(failure.fault).toBe('unreachable')
  })

  it('ends a connection whose ack never comes', async () => {
    const meeting = await meet({ ourRole: 'responder', weAre: 'acceptor' })
    const { wire, keys } = meeting
    await wire.secure({ identity: THEIR_IDENTITY })
    wire.send(`key:${keys.theirs}\n`)
    await wire.expectLine(`ok:${keys.mine}`)
    await expectClosedAfter(wire, RACE_TIMEOUT_MS)
    await expectFailure(meeting.connecting, 'timed-out')
  })

  it('takes a connection in its last moment', async () => {
    const meeting = await meet({ ourRole: 'requestor', weAre: 'acceptor', options: { encryption: 'off' } })
    await pass(RACE_TIMEOUT_MS - 1)
    const wire = await meeting.peer.dial(hostOf(meeting.ours))
    await wire.authenticate(meeting.role, meeting.keys)
    await meeting.connecting
  })

  it('says that it is over to a peer whose hosts it was still trying', async () => {
    const own = connector({ encryption: 'off' })
    const peer = foreignPeer()
    const door = await peer.listen()
    const ours = await open(own, 'responder')
    await using blackHole = await startBlackHole()
    const connecting = ours.connect(peer.terms({ hosts: [blackHole.host, door.host] }))
    await pass(4_000)
    const wire = await door.next()
    await wire.expectLine(`key:${peer.key}`)
    await pass(6_000)
    await expectFailure(connecting, 'timed-out')
    expect(ours.giveUps).toBe(1)
    await wire.ended()
  })

  it('has no clock any more once it is decided', async () => {
    const meeting = await meet({ ourRole: 'requestor', weAre: 'acceptor' })
    await shakeHands(meeting, 'tls')
    const { stream } = await meeting.connecting
    expect(vi.getTimerCount()).toBe(0)
    await pass(24 * 60 * 60 * 1_000)
    stream.write('still here')
    expect(String(await meeting.wire.bytes(10))).toBe('still here')
  })

  it('has no clock before the peer’s answer: who waits for an iq has one of its own', async () => {
    const own = connector()
    const ours = await open(own, 'requestor')
    await pass(24 * 60 * 60 * 1_000)
    expect(own.inUse).toEqual({ sessions: 1, connections: 0, timers: 0 })
    const peer = foreignPeer()
    const connecting = ours.connect(peer.terms())
    const wire = await peer.dial(hostOf(ours))
    await shakeHands(
      { wire, role: 'responder', keys: { mine: peer.key, theirs: ours.session.ourKey } },
      'tls',
    )
    await connecting
  })
})
