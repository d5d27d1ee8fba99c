import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  Socks5Connections,
  Socks5Error,
  type Standing,
  Turns,
} from '../../main/bytestreams/socks5-connections.ts'
import type { Host } from '../../main/dtcp/host.ts'
import { startBlackHole } from '../sockets/black-hole.ts'
import { checkThatNothingStaysOpen, freePort, readAll, readBytes, settle, until } from '../sockets/rig.ts'

checkThatNothingStaysOpen()

const ADDRESS = '416781edf1ae50bad01cb8509ba35b43952bc345'
const OTHER = '0000000000000000000000000000000000000000'
const GREETING = Buffer.of(5, 1, 0)
const METHOD = Buffer.of(5, 0)
const REQUEST = Buffer.concat([Buffer.of(5, 1, 0, 3, 40), Buffer.from(ADDRESS), Buffer.of(0, 0)])
const SUCCESS = Buffer.concat([Buffer.of(5, 0, 0, 3, 40), Buffer.from(ADDRESS), Buffer.of(0, 0)])

const servers: Server[] = []
const sockets: Socket[] = []
let end = new AbortController()

afterEach(async () => {
  vi.useRealTimers()
  end.abort()
  end = new AbortController()
  for (const socket of sockets.splice(0)) socket.destroy()
  await Promise.all(
    servers.splice(0).map(server => {
      server.close()
      return once(server, 'close')
    }),
  )
})

/** A listener on loopback; `next` is the next socket that comes to it. */
async function listen(): Promise<{ host: Host; next: () => Promise<Socket> }> {
  const arrived: Socket[] = []
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, socket => {
    socket.on('error', () => {})
    arrived.push(socket)
    sockets.push(socket)
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const next = async (): Promise<Socket> => {
    await until(() => arrived.length > 0)
    return arrived.shift() as Socket
  }
  return { host: { address: '127.0.0.1', port: (server.address() as AddressInfo).port }, next }
}

/** A connection that we dial, and the other end of it. */
async function dialed(signal: AbortSignal = end.signal) {
  const connections = new Socks5Connections()
  const { host, next } = await listen()
  const target = { host: host.address, port: host.port, lookup: undefined }
  const dialing = connections.dial(target, ADDRESS, signal)
  dialing.catch(() => {})
  return { connections, host, dialing, wire: await next() }
}

/** A connection that we accept, and the other end of it. */
async function accepted(signal: AbortSignal = end.signal) {
  const connections = new Socks5Connections()
  const { host, next } = await listen()
  const wire = connect({ host: host.address, port: host.port, allowHalfOpen: true })
  wire.on('error', () => {})
  sockets.push(wire)
  const accepting = connections.accept(await next(), address => address === ADDRESS, signal)
  accepting.catch(() => {})
  return { connections, accepting, wire }
}

function take(standing: Standing): Socket {
  const socket = standing.take()
  if (socket === undefined) throw new Error('there is nothing to take')
  sockets.push(socket)
  return socket
}

async function expectReason(connecting: Promise<unknown>, reason: Socks5Error['reason']): Promise<void> {
  const error: unknown = await connecting.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(Socks5Error)
  expect((error as Socks5Error).reason).toBe(reason)
}

describe('a connection between two of ours', () => {
  it('carries what both sides say, and closes direction by direction', async () => {
    const connections = new Socks5Connections()
    const { host, next } = await listen()
    const target = { host: host.address, port: host.port, lookup: undefined }
    const dialing = connections.dial(target, ADDRESS, end.signal)
    const accepting = connections.accept(await next(), address => address === ADDRESS, end.signal)
    const standing = await Promise.all([dialing, accepting])
    expect(standing.map(({ state }) => state)).toEqual(['open', 'open'])
    expect(standing[0].remote).toEqual(host)
    expect(connections.size).toBe(2)
    const [dialer, acceptor] = [take(standing[0]), take(standing[1])]
    expect(connections.size).toBe(0)
    expect([dialer.isPaused(), acceptor.isPaused()]).toEqual([true, true])
    expect(dialer.listenerCount('error')).toBeGreaterThan(0)
    dialer.end('up')
    expect(String(await readAll(acceptor))).toBe('up')
    acceptor.end('down')
    expect(String(await readAll(dialer))).toBe('down')
  })
})

describe('a dialer', () => {
  it('says one thing after the other, and hands on what came right behind the answer', async () => {
    const { dialing, wire, host } = await dialed()
    expect(await readBytes(wire, 3)).toEqual(GREETING)
    await settle()
    expect(wire.readableLength).toBe(0)
    wire.write(METHOD)
    expect(await readBytes(wire, 47)).toEqual(REQUEST)
    wire.write(Buffer.concat([SUCCESS, Buffer.from('first bytes')]))
    const standing = await dialing
    expect(standing.remote).toEqual(host)
    const socket = take(standing)
    wire.end(' and more')
    expect(String(await readAll(socket))).toBe('first bytes and more')
  })

  it('waits with its first word until those before it have come to nothing, where there are turns', async () => {
    const connections = new Socks5Connections()
    const turns = new Turns()
    const [one, other] = [await listen(), await listen()]
    const dial = ({ host }: typeof one): Promise<Standing> =>
      connections.dial({ host: host.address, port: host.port, lookup: undefined }, ADDRESS, end.signal, turns)
    const first = dial(one)
    const firstWire = await one.next()
    expect(await readBytes(firstWire, 3)).toEqual(GREETING)
    const second = dial(other)
    const secondWire = await other.next()
    await settle()
    expect(secondWire.read()).toBeNull()
    firstWire.write(Buffer.of(5, 0xff))
    await expectReason(first, 'refused')
    expect(await readBytes(secondWire, 3)).toEqual(GREETING)
    secondWire.write(METHOD)
    expect(await readBytes(secondWire, 47)).toEqual(REQUEST)
    secondWire.write(SUCCESS)
    expect((await second).remote).toEqual(other.host)
  })

  it('reads its answers byte by byte', async () => {
    const { dialing, wire } = await dialed()
    for (const byte of Buffer.concat([METHOD, SUCCESS, Buffer.from('x')])) {
      await new Promise(resolve => wire.write(Buffer.of(byte), resolve))
      await settle(2)
    }
    const socket = take(await dialing)
    wire.end()
    expect(String(await readAll(socket))).toBe('x')
  })

  it.each([
    ['garbage', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'malformed'],
    ['a wish for a password', Buffer.of(5, 2), 'malformed'],
    ['a refusal of every method', Buffer.of(5, 255), 'refused'],
    ['a refusal of the stream', Buffer.of(5, 0, 5, 2, 0, 1, 0, 0, 0, 0, 0, 0), 'refused'],
  ] as const)('closes at %s', async (_, answer, reason) => {
    const { connections, dialing, wire } = await dialed()
    wire.write(answer)
    await expectReason(dialing, reason)
    wire.resume()
    await until(() => wire.readableEnded || wire.destroyed)
    expect(connections.size).toBe(0)
  })

  it.each([
    ['closes', (wire: Socket) => wire.end()],
    ['resets', (wire: Socket) => wire.resetAndDestroy()],
  ])('fails when the other end %s in the middle', async (_, stop) => {
    const { connections, dialing, wire } = await dialed()
    wire.write(METHOD)
    await readBytes(wire, 50)
    stop(wire)
    await expectReason(dialing, 'unreachable')
    expect(connections.size).toBe(0)
  })

  it('fails where nobody listens', async () => {
    const connections = new Socks5Connections()
    const target = { host: '127.0.0.1', port: await freePort(), lookup: undefined }
    await expectReason(connections.dial(target, ADDRESS, end.signal), 'unreachable')
    expect(connections.size).toBe(0)
  })

  it('waits five seconds for a host that swallows everything', async () => {
    await using hole = await startBlackHole()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const connections = new Socks5Connections()
    const { address, port } = hole.host
    const dialing = connections.dial({ host: address, port, lookup: undefined }, ADDRESS, end.signal)
    dialing.catch(() => {})
    vi.advanceTimersByTime(4_999)
    await settle()
    expect(connections.size).toBe(1)
    vi.advanceTimersByTime(1)
    await expectReason(dialing, 'unreachable')
    expect(connections.size).toBe(0)
  })

  it('waits five seconds for a handshake, however often a byte comes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { connections, dialing, wire } = await dialed()
    await readBytes(wire, 3)
    for (const byte of [...METHOD, ...SUCCESS.subarray(0, 2)]) {
      wire.write(Buffer.of(byte))
      await settle()
      vi.advanceTimersByTime(1_249)
    }
    expect(connections.size).toBe(1)
    vi.advanceTimersByTime(4)
    await expectReason(dialing, 'unreachable')
    expect(connections.size).toBe(0)
  })

  it('is ended by its signal at every moment until it is taken', async () => {
    const reason = new Error('never mind')
    for (const moment of ['before', 'connecting', 'talking', 'standing'] as const) {
      const abort = new AbortController()
      if (moment === 'before') abort.abort(reason)
      const connections = new Socks5Connections()
      const { host, next } = await listen()
      const target = { host: host.address, port: host.port, lookup: undefined }
      const dialing = connections.dial(target, ADDRESS, abort.signal)
      dialing.catch(() => {})
      if (moment === 'connecting') abort.abort(reason)
      if (moment === 'talking' || moment === 'standing') {
        const wire = await next()
        if (moment === 'talking') await readBytes(wire, 3)
        else wire.write(Buffer.concat([METHOD, SUCCESS]))
        if (moment === 'standing') await dialing
        abort.abort(reason)
      }
      if (moment === 'standing') {
        const standing = await dialing
        expect([standing.state, standing.take()]).toEqual(['closed', undefined])
      } else await expect(dialing).rejects.toBe(reason)
      expect(connections.size).toBe(0)
    }
  })

  it('stays open when its signal comes after it was taken', async () => {
    const abort = new AbortController()
    const { dialing, wire } = await dialed(abort.signal)
    wire.write(Buffer.concat([METHOD, SUCCESS]))
    const socket = take(await dialing)
    abort.abort()
    await readBytes(wire, 50)
    wire.end('still here')
    expect(String(await readAll(socket))).toBe('still here')
  })

  it('finds addresses by the lookup that it is given, and by no other', async () => {
    const connections = new Socks5Connections()
    const { host, next } = await listen()
    const asked: string[] = []
    const dialing = connections.dial(
      {
        host: 'proxy.plumb.test',
        port: host.port,
        lookup: (name, _, done) => {
          asked.push(name)
          done(null, [{ address: host.address, family: 4 }])
        },
      },
      ADDRESS,
      end.signal,
    )
    const wire = await next()
    wire.write(Buffer.concat([METHOD, SUCCESS]))
    take(await dialing)
    expect(asked).toEqual(['proxy.plumb.test'])
  })

  it('fails where a name leads nowhere', async () => {
    const connections = new Socks5Connections()
    const lookup = (_: string, __: object, done: (error: Error, addresses: []) => void): void =>
      void setImmediate(done, new Error('nowhere'), [])
    await expectReason(
      connections.dial({ host: 'proxy.plumb.test', port: 5000, lookup }, ADDRESS, end.signal),
      'unreachable',
    )
    expect(connections.size).toBe(0)
  })
})

describe('an acceptor', () => {
  it('lets one in who names the stream, and hands on what came too early', async () => {
    const { connections, accepting, wire } = await accepted()
    wire.write(Buffer.concat([GREETING, REQUEST, Buffer.from('early')]))
    expect(await readBytes(wire, 49)).toEqual(Buffer.concat([METHOD, SUCCESS]))
    const standing = await accepting
    expect(standing.remote).toEqual({ address: '127.0.0.1', port: wire.localPort })
    const socket = take(standing)
    expect(connections.size).toBe(0)
    wire.end(' bytes')
    expect(String(await readAll(socket))).toBe('early bytes')
  })

  it('answers one who asks for another stream, and closes', async () => {
    const { connections, accepting, wire } = await accepted()
    wire.write(Buffer.concat([GREETING, REQUEST.subarray(0, 5), Buffer.from(OTHER), Buffer.of(0, 0)]))
    await expectReason(accepting, 'unwanted')
    expect(await readAll(wire)).toEqual(Buffer.concat([METHOD, Buffer.of(5, 2, 0, 1, 0, 0, 0, 0, 0, 0)]))
    expect(connections.size).toBe(0)
  })

  it('closes at garbage without a word', async () => {
    const { connections, accepting, wire } = await accepted()
    wire.write('GET / HTTP/1.1\r\n\r\n')
    await expectReason(accepting, 'malformed')
    expect(await readAll(wire).catch(() => Buffer.alloc(0))).toEqual(Buffer.alloc(0))
    expect(connections.size).toBe(0)
  })

  it('waits five seconds for a handshake', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { connections, accepting, wire } = await accepted()
    wire.write(GREETING)
    await readBytes(wire, 2)
    vi.advanceTimersByTime(5_000)
    await expectReason(accepting, 'unreachable')
    expect(connections.size).toBe(0)
  })

  it('notices while it stands that the other end is gone', async () => {
    const { connections, accepting, wire } = await accepted()
    wire.write(Buffer.concat([GREETING, REQUEST]))
    const standing = await accepting
    await readBytes(wire, 49)
    wire.resetAndDestroy()
    await until(() => standing.state === 'closed')
    expect(standing.take()).toBeUndefined()
    expect(connections.size).toBe(0)
  })

  it('stands on when the other end only closes its direction', async () => {
    const { accepting, wire } = await accepted()
    wire.end(Buffer.concat([GREETING, REQUEST]))
    const standing = await accepting
    await until(() => standing.state === 'ended')
    const socket = take(standing)
    socket.end('down')
    await readBytes(wire, 49)
    expect(String(await readAll(wire))).toBe('down')
  })

  it('reads no more than it can keep while it stands', async () => {
    const { accepting, wire } = await accepted()
    wire.write(Buffer.concat([GREETING, REQUEST]))
    const standing = await accepting
    await readBytes(wire, 49)
    const sent = Buffer.alloc(8 * 1024 * 1024, 'x')
    wire.write(sent)
    await settle(200)
    // What neither the system nor we take stays with the sender.
    expect(wire.writableLength).toBeGreaterThan(0)
    const socket = take(standing)
    wire.end()
    expect((await readAll(socket)).equals(sent)).toBe(true)
  })

  it('closes a socket that comes when all is over', async () => {
    const connections = new Socks5Connections()
    const { host, next } = await listen()
    const wire = connect({ host: host.address, port: host.port })
    sockets.push(wire)
    const reason = new Error('over')
    const accepting = connections.accept(await next(), () => true, AbortSignal.abort(reason))
    await expect(accepting).rejects.toBe(reason)
    expect(await readAll(wire)).toEqual(Buffer.alloc(0))
    expect(connections.size).toBe(0)
  })
})
