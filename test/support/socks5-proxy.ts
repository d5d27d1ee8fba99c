import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { IqRouter } from '../../main/xmpp/iq.ts'
import { stanzaError, xml } from '../../main/xmpp/stanza.ts'

const NS = 'http://jabber.org/protocol/bytestreams'
const NS_INFO = 'http://jabber.org/protocol/disco#info'

/** What a proxy claims to be bound to, as they differ out there. */
const BOUND = {
  name: (asked: Buffer) => Buffer.concat([Buffer.of(3, 40), asked, Buffer.of(0, 0)]),
  ipv4: () => Buffer.of(1, 0, 0, 0, 0, 0, 0),
  ipv6: () => Buffer.concat([Buffer.of(4), Buffer.alloc(16), Buffer.of(19, 136)]),
  'empty-name': () => Buffer.of(3, 0, 0, 0),
} as const

/** The two ends of a stream, as they came; the requester's is the later one. */
interface Pair {
  readonly sockets: Socket[]
  isActive: boolean
}

/**
 * A proxy for SOCKS5 bytestreams as servers have them, written from XEP-0065 alone. It is as strict as Prosody's: each
 * message of the handshake has to come in one piece.
 */
export class Socks5Proxy implements AsyncDisposable {
  readonly host = '127.0.0.1'
  /** How often somebody has connected. */
  connections = 0
  /** The next activations are answered with an error. */
  refusesToActivate = false
  readonly #server: Server
  readonly #pairs = new Map<string, Pair>()
  readonly #sockets = new Set<Socket>()
  readonly #bound: keyof typeof BOUND

  private constructor(server: Server, bound: keyof typeof BOUND) {
    this.#server = server
    this.#bound = bound
    server.on('connection', socket => this.#onConnection(socket))
  }

  static async start(bound: keyof typeof BOUND = 'name'): Promise<Socks5Proxy> {
    const server = createServer({ allowHalfOpen: true })
    const proxy = new Socks5Proxy(server, bound)
    server.listen(0, proxy.host)
    await once(server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Makes it the service `jid` of a server, on that service's own router. */
  serve(iq: IqRouter, jid: string): void {
    iq.handle('get', NS_INFO, () => ({
      payload: xml(
        'query',
        { xmlns: NS_INFO },
        xml('identity', { category: 'proxy', type: 'bytestreams', name: 'Files' }),
        xml('feature', { var: NS }),
      ),
    }))
    iq.handle('get', NS, () => ({
      payload: xml(
        'query',
        { xmlns: NS },
        xml('streamhost', { jid, host: this.host, port: String(this.port) }),
      ),
    }))
    iq.handle('set', NS, ({ from, payload }) => {
      const text = `${payload.attrs['sid']}${from}${payload.getChildText('activate')}`
      const isActive =
        !this.refusesToActivate && this.#activate(createHash('sha1').update(text).digest('hex'))
      return { payload: isActive ? undefined : stanzaError('item-not-found') }
    })
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #onConnection(socket: Socket): void {
    this.connections += 1
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => this.#sockets.delete(socket))
    socket.once('end', () => socket.end())
    socket.once('data', greeting => {
      if (greeting[0] !== 5 || greeting.length !== 2 + (greeting[1] ?? 0) || !greeting.includes(0, 2)) {
        socket.end(Buffer.of(5, 255))
        return
      }
      socket.write(Buffer.of(5, 0))
      socket.once('data', request => this.#onRequest(socket, request))
    })
  }

  #onRequest(socket: Socket, request: Buffer): void {
    const asked = request.subarray(5, 45)
    const isStream = request.length === 47 && request.subarray(0, 5).equals(Buffer.of(5, 1, 0, 3, 40))
    if (!isStream) {
      socket.end(Buffer.of(5, 1, 0, 3, 0, 0, 0))
      return
    }
    socket.pause()
    socket.write(Buffer.concat([Buffer.of(5, 0, 0), BOUND[this.#bound](asked)]))
    const address = asked.toString('latin1')
    const pair = this.#pairs.get(address) ?? { sockets: [], isActive: false }
    this.#pairs.set(address, pair)
    pair.sockets.push(socket)
    socket.once('close', () => {
      for (const other of pair.sockets) other.destroy()
      if (this.#pairs.get(address) === pair) this.#pairs.delete(address)
    })
  }

  #activate(address: string): boolean {
    const pair = this.#pairs.get(address)
    const [target, requester] = pair?.sockets ?? []
    if (pair === undefined || target === undefined || requester === undefined || pair.isActive) return false
    pair.isActive = true
    for (const socket of [target, requester]) socket.removeAllListeners('end')
    target.pipe(requester)
    requester.pipe(target)
    return true
  }
}
