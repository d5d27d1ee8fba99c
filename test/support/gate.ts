import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A way through which connections pass, on loopback, that can be held or cut at a byte. */
export interface Gate extends AsyncDisposable {
  /** Where connections come in. */
  readonly port: number
  /** Where they go: something has to listen there. */
  readonly target: number
  /** Connections that came. */
  readonly connections: number
  /** Bytes that passed in both directions, in all. */
  readonly passed: number
  /** Lets this many bytes more pass, then holds everything; resolves when that is reached. */
  hold(bytes: number): Promise<void>
  /** Lets everything pass again. */
  open(): void
  /** Ends all connections without a word. */
  cut(): void
}

export async function startGate(): Promise<Gate> {
  const target = await freePort()
  const sockets = new Set<Socket>()
  let connections = 0
  let passed = 0
  let limit = Number.POSITIVE_INFINITY
  let reached = Promise.withResolvers<void>()
  const held = new Set<() => void>()

  function pass(from: Socket, to: Socket): void {
    from.on('data', (bytes: Buffer) => {
      const room = Math.max(0, limit - passed)
      const now = bytes.subarray(0, room)
      const later = bytes.subarray(room)
      passed += now.length
      if (now.length > 0 && !to.write(now)) {
        from.pause()
        to.once('drain', () => {
          if (passed < limit) from.resume()
        })
      }
      if (passed < limit) return
      from.pause()
      held.add(() => {
        passed += later.length
        if (later.length > 0) to.write(later)
        from.resume()
      })
      reached.resolve()
    })
    from.on('end', () => to.end())
    from.on('close', () => to.destroy())
    from.on('error', () => to.destroy())
  }

  const server = createServer({ allowHalfOpen: true }, incoming => {
    connections += 1
    const outgoing = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true })
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    }
    pass(incoming, outgoing)
    pass(outgoing, incoming)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const open = (): void => {
    limit = Number.POSITIVE_INFINITY
    for (const release of held) release()
    held.clear()
  }
  const cut = (): void => {
    held.clear()
    for (const socket of sockets) socket.resetAndDestroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    target,
    get connections() {
      return connections
    },
    get passed() {
      return passed
    },
    hold(bytes) {
      reached = Promise.withResolvers()
      limit = passed + bytes
      return reached.promise
    },
    open,
    cut,
    async [Symbol.asyncDispose]() {
      open()
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Below those that the system gives away, so that nobody gets it meanwhile by chance. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 20_000)
    const reserved = createServer()
    const isFree = await new Promise<boolean>(resolve => {
      reserved.once('error', () => resolve(false))
      reserved.listen(port, () => resolve(true))
    })
    if (!isFree) continue
    reserved.close()
    await once(reserved, 'close')
    return port
  }
}
