import { EventEmitter, once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { ServerCertificate } from '../support/certificates.ts'
import { deriveCredential, type ScramMechanism, startScram } from '../support/xmpp-server/scram.ts'

const NS_SASL = 'urn:ietf:params:xml:ns:xmpp-sasl'
const NS_TLS = 'urn:ietf:params:xml:ns:xmpp-tls'
const NS_BIND = 'urn:ietf:params:xml:ns:xmpp-bind'
const NS_SM = 'urn:xmpp:sm:3'

export const PROCEED = `<proceed xmlns='${NS_TLS}'/>`

/** One connection of a client, of which the test says each byte itself. */
export class ScriptedConnection {
  readonly #tcpSocket: Socket
  #socket: Socket
  #received = ''
  readonly #news = new EventEmitter()
  /** Whether it ends its stream when the client ends its own. */
  polite = true
  /** Resolves when the TCP connection is closed. */
  readonly closed: Promise<void>

  constructor(socket: Socket) {
    this.#tcpSocket = socket
    this.#socket = socket
    socket.setNoDelay(true)
    this.closed = new Promise(resolve => {
      socket.once('close', () => {
        resolve()
        this.#news.emit('news')
      })
    })
    this.#listen()
  }

  #listen(): void {
    this.#socket.on('error', () => {})
    this.#socket.on('data', this.#onData)
  }

  readonly #onData = (bytes: Buffer): void => {
    this.#received += bytes.toString('latin1')
    if (this.polite && this.#received.endsWith('</stream:stream>')) this.#socket.end('</stream:stream>')
    this.#news.emit('news')
  }

  /** Everything that has come and was not taken by `until`, bytes as characters. */
  get received(): string {
    return this.#received
  }

  /** Writes all of it in one piece. */
  write(data: string | Buffer): void {
    this.#socket.write(data)
  }

  /** Writes and resolves when the system has taken it: the next call is a segment of its own. */
  async writeAlone(data: string | Buffer): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#socket.write(data, () => resolve())
    await promise
  }

  end(): void {
    this.#socket.end()
  }

  /** Without a word, with a reset. */
  cut(): void {
    this.#tcpSocket.resetAndDestroy()
  }

  /** What has come up to and with the text; throws when the client closes without it. */
  async until(text: string): Promise<string> {
    for (;;) {
      const end = this.#received.indexOf(text)
      if (end >= 0) {
        const head = this.#received.slice(0, end + text.length)
        this.#received = this.#received.slice(end + text.length)
        return head
      }
      if (this.#socket.destroyed) throw new Error(`closed before “${text}”, after: ${this.#received}`)
      await once(this.#news, 'news')
    }
  }

  /** From the cleartext to TLS, as the server. */
  async encrypt({ certPem, keyPem }: ServerCertificate): Promise<void> {
    this.#socket.off('data', this.#onData)
    const secured = new TLSSocket(this.#socket, { isServer: true, cert: certPem, key: keyPem })
    this.#socket = secured
    this.#listen()
    await once(secured, 'secure')
  }

  /** Takes the stream's header and answers it with these features. */
  async open(features: string, attributes = ''): Promise<string> {
    const header = (await this.until('xmlns:stream=')) + (await this.until('>'))
    this.write(`${HEADER(attributes)}<stream:features>${features}</stream:features>`)
    return header
  }

  /** STARTTLS up to the handshake. */
  async startTls(certificate: ServerCertificate, behindProceed = ''): Promise<void> {
    await this.open(`<starttls xmlns='${NS_TLS}'><required/></starttls>`)
    await this.until('<starttls')
    await this.until('/>')
    this.write(PROCEED + behindProceed)
    await this.encrypt(certificate)
  }

  /** The SASL message that came next: its mechanism and its text. */
  async auth(): Promise<{ mechanism: string; text: string }> {
    const text = await this.until('</auth>')
    const [, mechanism = '', base64 = ''] = /mechanism="([^"]*)"[^>]*>([^<]*)<\/auth>$/.exec(text) ?? []
    return { mechanism, text: Buffer.from(base64, 'base64').toString() }
  }

  async response(): Promise<string> {
    const text = await this.until('</response>')
    return Buffer.from(/>([^<]*)<\/response>$/.exec(text)?.[1] ?? '', 'base64').toString()
  }

  sasl(name: 'challenge' | 'success', text: string): void {
    this.write(`<${name} xmlns='${NS_SASL}'>${Buffer.from(text).toString('base64')}</${name}>`)
  }

  /** SCRAM as a server that knows the password; the client is let in when its proof is right. */
  async authenticate(password: string, mechanism: ScramMechanism = 'SCRAM-SHA-256'): Promise<void> {
    const first = await this.auth()
    if (first.mechanism !== mechanism) throw new Error(`the client took ${first.mechanism}`)
    const credential = deriveCredential(mechanism, password, 4096)
    const start = startScram(mechanism, first.text, () => credential, 4096)
    if (start.kind !== 'challenge') throw new Error(start.condition)
    this.sasl('challenge', start.text)
    const end = start.finish(await this.response())
    if (end.kind !== 'success') throw new Error(end.condition)
    this.sasl('success', end.text)
  }

  /** Binds whatever resource was asked for. */
  async bind(bare: string): Promise<string> {
    const text = await this.until('</iq>')
    const id = /id="([^"]*)"/.exec(text)?.[1]
    const full = `${bare}/${/<resource>([^<]*)</.exec(text)?.[1]}`
    this.write(`<iq type='result' id='${id}'><bind xmlns='${NS_BIND}'><jid>${full}</jid></bind></iq>`)
    return full
  }

  /** The whole of it without TLS: resolves with the full JID when the session is bound. */
  async admit({ bare = 'alice@plumb.test', password = 'secret', management = false } = {}): Promise<string> {
    await this.open(MECHANISMS('SCRAM-SHA-256'))
    await this.authenticate(password)
    await this.open(BIND + (management ? MANAGEMENT : ''))
    return this.bind(bare)
  }
}

export const HEADER = (attributes = ''): string =>
  `<?xml version='1.0'?><stream:stream xmlns='jabber:client' id='s' from='plumb.test' version='1.0' ` +
  `xmlns:stream='http://etherx.jabber.org/streams' ${attributes}>`
export const MECHANISMS = (...names: readonly string[]): string =>
  `<mechanisms xmlns='${NS_SASL}'>${names.map(name => `<mechanism>${name}</mechanism>`).join('')}</mechanisms>`
export const BIND = `<bind xmlns='${NS_BIND}'/>`
export const MANAGEMENT = `<sm xmlns='${NS_SM}'/>`

/** A server on the loopback address that does nothing by itself. */
export class ScriptedServer implements AsyncDisposable {
  readonly host = '127.0.0.1'
  readonly port: number
  readonly #listener: ReturnType<typeof createServer>
  readonly #waiting: ScriptedConnection[] = []
  readonly #sockets = new Set<Socket>()
  readonly #news = new EventEmitter()
  /** How many connections there were in all. */
  connections = 0

  private constructor(listener: ReturnType<typeof createServer>) {
    this.#listener = listener
    this.port = (listener.address() as AddressInfo).port
    listener.on('connection', socket => {
      this.connections += 1
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
      this.#waiting.push(new ScriptedConnection(socket))
      this.#news.emit('news')
    })
  }

  static async start(): Promise<ScriptedServer> {
    const listener = createServer()
    listener.listen(0, '127.0.0.1')
    await once(listener, 'listening')
    return new ScriptedServer(listener)
  }

  /** The next connection that comes, or one that came already. */
  async accept(): Promise<ScriptedConnection> {
    for (;;) {
      const connection = this.#waiting.shift()
      if (connection !== undefined) return connection
      await once(this.#news, 'news')
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const stopped = once(this.#listener, 'close')
    this.#listener.close()
    for (const socket of this.#sockets) socket.destroy()
    await stopped
  }
}
