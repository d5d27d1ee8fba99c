import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { Listener } from '../../main/sockets/listener.ts'
import { Failure } from '../../shared/model/failure.ts'
import {
  checkThatNothingStaysOpen,
  connector,
  expectFailure,
  freePort,
  hostOf,
  isRefused,
  open,
  until,
} from './rig.ts'

checkThatNothingStaysOpen()

const CANCELLED = new Failure('cancelled', 'Cancelled.')
const releases: (() => void)[] = []

afterEach(() => {
  for (const release of releases.splice(0)) release()
})

interface Hold {
  readonly port: number
  readonly release: () => void
}

async function hold(listener: Listener): Promise<Hold> {
  const held = await listener.hold()
  releases.push(held.release)
  return held
}

function ignore(socket: Socket): void {
  socket.destroy()
}

function at(port: number, address = '127.0.0.1'): { address: string; port: number } {
  return { address, port }
}

async function occupy(port: number, host: string): Promise<Server> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return server
}

describe('the listener is open only while somebody holds it', () => {
  it('opens with the first holder and closes with the last', async () => {
    const listener = new Listener(0, ignore)
    const first = await hold(listener)
    const second = await hold(listener)
    expect(second.port).toBe(first.port)
    first.release()
    expect(await isRefused(at(first.port))).toBe(false)
    second.release()
    expect(await isRefused(at(first.port))).toBe(true)
  })

  it('counts each holder once, however often it releases', async () => {
    const listener = new Listener(0, ignore)
    const first = await hold(listener)
    const second = await hold(listener)
    first.release()
    first.release()
    expect(await isRefused(at(second.port))).toBe(false)
  })

  it('is opened once for holders that come at the same moment', async () => {
    const listener = new Listener(0, ignore)
    const held = await Promise.all(Array.from({ length: 20 }, () => hold(listener)))
    expect(new Set(held.map(({ port }) => port)).size).toBe(1)
    for (const { release } of held) release()
    expect(await isRefused(at(held[0]?.port ?? 0))).toBe(true)
  })

  it('listens on IPv4 and IPv6', async () => {
    const arrived: (string | undefined)[] = []
    const listener = new Listener(0, socket => {
      arrived.push(socket.remoteAddress)
      socket.destroy()
    })
    const { port } = await hold(listener)
    expect(await isRefused(at(port, '127.0.0.1'))).toBe(false)
    expect(await isRefused(at(port, '::1'))).toBe(false)
    await until(() => arrived.length === 2)
    expect(arrived).toEqual(['::ffff:127.0.0.1', '::1'])
  })

  it('opens again after it was closed', async () => {
    const listener = new Listener(0, ignore)
    const first = await hold(listener)
    first.release()
    const second = await hold(listener)
    expect(await isRefused(at(second.port))).toBe(false)
    // A release from before has no say any more.
    first.release()
    expect(await isRefused(at(second.port))).toBe(false)
  })

  it('opens a fixed port', async () => {
    const port = await freePort('::')
    const { port: opened } = await hold(new Listener(port, ignore))
    expect(opened).toBe(port)
  })

  it('opens a fixed port again in the very moment in which it was closed, as often as wanted', async () => {
    const port = await freePort('::')
    const listener = new Listener(port, ignore)
    let held = await hold(listener)
    for (let round = 0; round < 20; round++) {
      // From an event of the loop and from a promise: what was queued for closing runs at different times.
      if (round % 2 === 0) await new Promise(resolve => setImmediate(resolve))
      held = await new Promise<Hold>((resolve, reject) => {
        const again = (): void => {
          held.release()
          hold(listener).then(resolve, reject)
        }
        if (round % 2 === 0) setImmediate(again)
        else again()
      })
      expect(held.port).toBe(port)
    }
    expect(await isRefused(at(port))).toBe(false)
  })

  it('opens a fixed port again right behind the end of a session', async () => {
    const own = connector({ listen: await freePort('::') })
    for (let round = 0; round < 5; round++) {
      const ours = await open(own, 'requestor')
      ours.session.abort(CANCELLED)
      const next = own.prepare('requestor', { onGiveUp: () => {} })
      ;(await next).abort(CANCELLED)
    }
  })

  it('leaves connections that it has handed on alone when it closes', async () => {
    const { promise, resolve } = Promise.withResolvers<Socket>()
    const { port, release } = await hold(new Listener(0, resolve))
    const outer = createConnection({ host: '127.0.0.1', port })
    const inner = await promise
    release()
    inner.end('still here')
    const said = new Promise(done => outer.once('data', (bytes: Buffer) => done(String(bytes))))
    expect(await said).toBe('still here')
    outer.destroy()
    inner.destroy()
  })
})

describe('a port that cannot be had', () => {
  it.each(['0.0.0.0', '::'])('is port-in-use where another program listens on %s', async host => {
    const port = await freePort('::')
    const other = await occupy(port, host)
    const listener = new Listener(port, ignore)
    const failure = await expectFailure(listener.hold(), 'port-in-use')
    expect(failure.fault).toBe('local')
    expect(failure.cause).toMatchObject({ code: 'EADDRINUSE' })
    await new Promise(resolve => other.close(resolve))
    // The failure was not for ever.
    expect((await hold(listener)).port).toBe(port)
  })

  it('fails for each of those who wanted it at the same moment', async () => {
    const port = await freePort('::')
    const other = await occupy(port, '::')
    const listener = new Listener(port, ignore)
    const failures = await Promise.allSettled([listener.hold(), listener.hold(), listener.hold()])
    expect(failures.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    await new Promise(resolve => other.close(resolve))
    expect((await hold(listener)).port).toBe(port)
  })

  it('leaves nothing of a session behind', async () => {
    const port = await freePort('::')
    const other = await occupy(port, '::')
    const own = connector({ listen: port })
    await expectFailure(own.prepare('requestor', { onGiveUp: () => {} }), 'port-in-use')
    expect(own.inUse).toEqual({ sessions: 0, connections: 0, timers: 0 })
    await new Promise(resolve => other.close(resolve))
    const ours = await open(own, 'requestor')
    expect(hostOf(ours).port).toBe(port)
  })

  it('is in use for a second connector on the same port', async () => {
    const port = await freePort('::')
    await open(connector({ listen: port }), 'requestor')
    await expectFailure(
      connector({ listen: port }).prepare('requestor', { onGiveUp: () => {} }),
      'port-in-use',
    )
  })
})

describe('the sessions of a connector share its listener', () => {
  it('tells one port for all of them, and closes it with the last', async () => {
    const own = connector()
    const first = await open(own, 'requestor')
    const second = await open(own, 'responder')
    expect(second.port).toBe(first.port)
    first.session.abort(CANCELLED)
    expect(await isRefused(hostOf(second))).toBe(false)
    second.session.abort(CANCELLED)
    expect(await isRefused(hostOf(second))).toBe(true)
  })

  it('tells no host and no port where it does not listen', async () => {
    const ours = await open(connector({ listen: 'off' }), 'requestor')
    expect(ours.session.ourHosts).toEqual([])
  })

  it('closes strangers with the last session', async () => {
    const own = connector()
    const ours = await open(own, 'requestor')
    const { address, port } = hostOf(ours)
    const stranger = createConnection({ host: address, port })
    await until(() => own.inUse.connections === 1)
    const gone = new Promise(resolve => stranger.once('close', resolve))
    ours.session.abort(CANCELLED)
    expect(own.inUse).toEqual({ sessions: 0, connections: 0, timers: 0 })
    stranger.resume()
    await gone
  })
})
