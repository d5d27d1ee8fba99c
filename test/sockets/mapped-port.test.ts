import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { Host } from '../../main/dtcp/host.ts'
import type { MappedPort } from '../../main/sockets/connect-peer.ts'
import {
  checkThatNothingStaysOpen,
  connected,
  connector,
  expectFailure,
  foreignPeer,
  freePort,
  IPV4_LOOPBACK,
  open,
  openPair,
  settle,
} from './rig.ts'

checkThatNothingStaysOpen()

const EXTERNAL = { address: '44.128.0.101', port: 41_000 }

/** A router that maps every port to one place, and notes when it was asked. */
function router(external: Host | undefined = EXTERNAL): MappedPort & { readonly asked: [number, number][] } {
  const asked: [number, number][] = []
  return {
    asked,
    ready: (port, ms) => {
      asked.push([port, ms])
      return Promise.resolve()
    },
    external: () => external,
  }
}

describe('a port on the router', () => {
  it('is told to the peer', async () => {
    const { session, port } = await open(connector({ mapping: router() }), 'requestor')
    expect(session.ourHosts).toEqual([{ address: IPV4_LOOPBACK.address, port }, EXTERNAL])
  })

  it('is not told while the router has none', async () => {
    const { session, port } = await open(
      connector({ mapping: { ...router(), external: () => undefined } }),
      'responder',
    )
    expect(session.ourHosts).toEqual([{ address: IPV4_LOOPBACK.address, port }])
  })

  it('is waited for, but not long', async () => {
    const answered = Promise.withResolvers<void>()
    let external: Host | undefined
    const mapping = { ...router(), ready: () => answered.promise, external: () => external }
    const opening = open(connector({ mapping }), 'requestor')
    await settle()
    external = EXTERNAL
    answered.resolve()
    expect((await opening).session.ourHosts).toContainEqual(EXTERNAL)

    const asked = router()
    const { port } = await open(connector({ mapping: asked }), 'requestor')
    expect(asked.asked).toEqual([[port, 1500]])
  })

  it.each([
    ['nobody can connect', { listen: 'off' }],
    ['the hosts are given', { advertise: [{ address: '127.0.0.1', port: 9_000 }] }],
  ] as const)('is not asked for where %s', async (_, options) => {
    const mapping = router()
    await open(connector({ ...options, mapping }), 'requestor')
    expect(mapping.asked).toEqual([])
  })

  it('is the same for all sessions of a run, although each may have any', async () => {
    const one = connector({ mapping: router() })
    const ports: number[] = []
    for (let round = 0; round < 3; round++) {
      const opened = await open(one, 'requestor')
      ports.push(opened.port)
      const lost = expectFailure(opened.connect(foreignPeer().terms({ hosts: [] })), 'unreachable')
      opened.session.peerGaveUp()
      await lost
    }
    expect(new Set(ports)).toEqual(new Set([one.port]))
    expect(one.port).toBeGreaterThanOrEqual(20_000)
    expect(one.port).toBeLessThan(32_768)
    expect(connector().port).toBe(0)
    expect(connector({ listen: 'off', mapping: router() }).port).toBe('off')
  })

  it('is another one where a program took it, unless it is the one that the person chose', async () => {
    const one = connector({ mapping: router() })
    const taken = Number(one.port)
    const server = createServer().listen(taken, '::')
    try {
      await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject))
      const { port } = await open(one, 'requestor')
      expect(port).not.toBe(taken)
      expect(one.port).toBe(port)
      const chosen = connector({ listen: taken, mapping: router() })
      await expectFailure(chosen.prepare('requestor', { onGiveUp: () => {} }), 'port-in-use')
      expect(chosen.port).toBe(taken)
    } finally {
      server.close()
    }
  })

  it('follows the port that the person chooses', async () => {
    const mapping = router()
    const one = connector({ mapping })
    const chosen = await freePort()
    await one.listenOn(chosen)
    await open(one, 'requestor')
    expect(mapping.asked).toEqual([[chosen, 1500]])
    const two = connector({ listen: chosen, mapping })
    await two.listenOn(0)
    expect(two.port).not.toBe(chosen)
    expect(two.port).not.toBe(0)
  })

  it('is not dialed by ourselves, whoever names it', async () => {
    const door = await foreignPeer().listen()
    let external: Host | undefined
    const opened = await open(connector({ mapping: { ...router(), external: () => external } }), 'requestor')
    external = door.host
    const failing = expectFailure(opened.connect(foreignPeer().terms({ hosts: [door.host] })), 'unreachable')
    opened.session.peerGaveUp()
    await failing
    expect(door.arrived).toBe(0)
  })

  it('does not stand in the way of a connection', async () => {
    const pair = await openPair(connector({ mapping: router(undefined) }), connector())
    const [ours] = await connected(pair.connect())
    expect(ours.verified).toBe(true)
  })
})
