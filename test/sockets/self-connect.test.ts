import type { TcpNetConnectOpts } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { checkThatNothingStaysOpen, connector, foreignPeer, freePort, open, until } from './rig.ts'

// The kernel picks the source port of a dial, and once in some ten thousand times it picks the very port
// that is dialed: the socket is then connected to itself. Here it is told to pick that one each time.
const { selfConnected } = vi.hoisted(() => ({ selfConnected: { count: 0 } }))

vi.mock('node:net', async importOriginal => {
  const real = await importOriginal<typeof import('node:net')>()
  return {
    ...real,
    createConnection: (options: TcpNetConnectOpts) => {
      const socket = real.createConnection({
        ...options,
        localAddress: options.host,
        localPort: options.port,
      })
      socket.once('connect', () => {
        if (socket.localPort === socket.remotePort) selfConnected.count += 1
      })
      return socket
    },
  }
})

checkThatNothingStaysOpen()

describe('no connection to oneself', () => {
  it.each(['127.0.0.1', '::1'])(
    'drops a socket that the kernel has connected to itself (%s)',
    async address => {
      const before = selfConnected.count
      const own = connector({ listen: 'off', encryption: 'off' })
      const ours = await open(own, 'requestor')
      const peer = foreignPeer()
      const terms = peer.terms({ hosts: [{ address, port: await freePort(address) }] })
      const failure = await ours.connect(terms).catch((thrown: unknown) => thrown)
      expect(failure).toMatchObject({
        code: 'unreachable',
        cause: { message: 'connections: unreachable' },
      })
      await until(() => own.inUse.connections === 0)
      expect(selfConnected.count).toBe(before + 1)
    },
  )
})
