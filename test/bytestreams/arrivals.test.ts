import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Arrivals } from '../../main/bytestreams/arrivals.ts'
import { Socks5Connections } from '../../main/bytestreams/socks5-connections.ts'
import { checkThatNothingStaysOpen, readAll, readBytes, settle, until } from '../sockets/rig.ts'

checkThatNothingStaysOpen()

const ADDRESS = '416781edf1ae50bad01cb8509ba35b43952bc345'
const HANDSHAKE = Buffer.concat([
  Buffer.of(5, 1, 0, 5, 1, 0, 3, 40),
  Buffer.from(ADDRESS, 'latin1'),
  Buffer.of(0, 0),
])
const ANSWER_LENGTH = 2 + 47
/** Our hosts, as the others know them. */
const TOLD = [
  { address: '192.0.2.1', port: 4000 },
  { address: '::1', port: 4000 },
  { address: '127.0.0.1', port: 4000 },
]

let server: Server
let connections: Socks5Connections
let arrivals: Arrivals
let end: AbortController
const wires: Socket[] = []

beforeEach(async () => {
  end = new AbortController()
  connections = new Socks5Connections()
  arrivals = new Arrivals(connections, ADDRESS, end.signal)
  server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, socket => arrivals.enter(socket))
  server.listen(0)
  await once(server, 'listening')
})

afterEach(async () => {
  end.abort()
  for (const wire of wires.splice(0)) wire.destroy()
  server.close()
  await once(server, 'close')
  expect(connections.size).toBe(0)
})

/** One who comes, and says nothing yet. */
async function come(host: '127.0.0.1' | '::1' = '127.0.0.1'): Promise<Socket> {
  const { port } = server.address() as AddressInfo
  const wire = connect({ host, port, allowHalfOpen: true })
  wire.on('error', () => {})
  wires.push(wire)
  await once(wire, 'connect')
  return wire
}

/** One who comes, and names the stream. */
async function arrive(host?: '127.0.0.1' | '::1'): Promise<Socket> {
  const wire = await come(host)
  wire.write(HANDSHAKE)
  await readBytes(wire, ANSWER_LENGTH)
  return wire
}

/** Which of these the one is that was taken. */
async function taken(...from: readonly Socket[]): Promise<Socket | undefined> {
  await settle()
  const socket = arrivals.take(TOLD)?.socket
  const wire = from.find(one => one.localPort === socket?.remotePort)
  socket?.destroy()
  return wire
}

describe('of those who come to our listener', () => {
  it('the newest is taken, and the others are closed', async () => {
    const [first, second] = [await arrive(), await arrive()]
    expect(await taken(first, second)).toBe(second)
    expect(await readAll(first)).toEqual(Buffer.alloc(0))
    expect(connections.size).toBe(0)
  })

  it('of those who come to several of our hosts at once, the one at the first of them is taken', async () => {
    const came = [await arrive(), await arrive('::1'), await arrive()]
    expect(await taken(...came)).toBe(came[1])
    expect(connections.size).toBe(0)
  })

  it('one that is gone is not taken', async () => {
    const [first, second] = [await arrive(), await arrive()]
    second.resetAndDestroy()
    await until(() => connections.size === 1)
    expect(await taken(first, second)).toBe(first)
  })

  it('one that has closed its direction is taken only when there is no better one', async () => {
    const [first, second] = [await arrive(), await arrive()]
    second.end()
    expect(await taken(first, second)).toBe(first)
    const third = await arrive()
    third.end()
    expect(await taken(third)).toBe(third)
  })

  it('nobody is taken who has not named the stream', async () => {
    const wire = await come()
    wire.write(HANDSHAKE.subarray(0, 20))
    await readBytes(wire, 2)
    expect(arrivals.take([])).toBeUndefined()
  })

  it('junk makes room, and one that names the stream gets through', async () => {
    const junk = await Promise.all(Array.from({ length: 60 }, () => come()))
    await until(() => connections.size === 32)
    const wire = await arrive()
    expect(connections.size).toBe(32)
    expect(await taken(...junk, wire)).toBe(wire)
    expect(await readAll(junk[0] as Socket)).toEqual(Buffer.alloc(0))
  })

  it('a few that name it are kept, the newest of them', async () => {
    const came: Socket[] = []
    for (let count = 0; count < 12; count++) came.push(await arrive())
    await until(() => connections.size === 8)
    expect(await readAll(came[3] as Socket)).toEqual(Buffer.alloc(0))
    expect(await taken(...came)).toBe(came[11])
  })

  it('all are closed at the end, those that come later too', async () => {
    const [standing, silent] = [await arrive(), await come()]
    await until(() => connections.size === 2)
    end.abort()
    const late = await come()
    for (const wire of [standing, silent, late]) expect(await readAll(wire)).toEqual(Buffer.alloc(0))
  })
})
