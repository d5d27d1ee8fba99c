import { randomBytes } from 'node:crypto'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { connect as connectTls, type SecureVersion, TLSSocket } from 'node:tls'
import type { Fingerprints } from '../../main/dtcp/fingerprint.ts'
import type { Role } from '../../main/dtcp/handshake.ts'
import type { Host } from '../../main/dtcp/host.ts'
import { fingerprintsOf, type Identity } from '../../main/sockets/certificate.ts'
import type { PeerTerms } from '../../main/sockets/connect-peer.ts'

/*
 * A peer of somebody else, written from XEP-0046 alone: sockets, lines, and TLS where it is asked for. It
 * shares no line of the protocol with the program, so a mistake of ours cannot be made twice.
 */

/** The connection ended before what was waited for came. */
export class Ended extends Error {
  readonly left: Buffer

  constructor(left: Buffer) {
    super(`the connection ended, and left ${JSON.stringify(left.toString('latin1'))}`)
    this.left = left
  }
}

export interface TlsChoice {
  /** None: no certificate is shown (a dialer may do that). */
  readonly identity?: Identity | undefined
  readonly maxVersion?: SecureVersion
}

/** One connection, spoken by hand: nothing is sent or understood unless a test says so. */
export class Wire {
  readonly as: 'dialer' | 'acceptor'
  readonly #socket: Socket
  #stream: Socket | TLSSocket
  #read = Buffer.alloc(0)
  #over: 'no' | 'ended' | 'closed' = 'no'
  #waiting: (() => void)[] = []

  constructor(as: 'dialer' | 'acceptor', socket: Socket) {
    this.as = as
    this.#socket = socket
    this.#stream = socket
    this.#attach(socket)
  }

  /** The TCP connection itself, and under TLS the TLS connection. */
  get stream(): Socket | TLSSocket {
    return this.#stream
  }

  /** `TLSv1.3`, or undefined without TLS. */
  get tlsVersion(): string | undefined {
    return this.#stream instanceof TLSSocket ? (this.#stream.getProtocol() ?? undefined) : undefined
  }

  /** What the other side showed in TLS. */
  get certificate(): Fingerprints | undefined {
    if (!(this.#stream instanceof TLSSocket)) return undefined
    const certificate = this.#stream.getPeerX509Certificate()
    return certificate && fingerprintsOf(certificate.raw)
  }

  /** In one segment, as far as that is ours to say: it is one write. */
  send(bytes: string | Uint8Array): void {
    this.#stream.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  }

  /** Each byte by itself: the next one only leaves when the one before has left. */
  async sendByteByByte(text: string): Promise<void> {
    for (const byte of Buffer.from(text, 'latin1')) {
      await new Promise<void>(resolve => {
        this.#stream.write(Uint8Array.of(byte), () => setImmediate(resolve))
      })
    }
  }

  /** Sends, and past the kernel's buffers waits until the other side has taken it or has closed. */
  async sendAll(bytes: Uint8Array): Promise<void> {
    await new Promise<void>(resolve => {
      this.#stream.write(bytes, () => resolve())
      this.#stream.once('close', () => resolve())
    })
  }

  /** The next line without its LF. Rejects with `Ended` where none comes any more. */
  async line(): Promise<string> {
    await this.#until(() => this.#read.includes(0x0a))
    return this.#take(this.#read.indexOf(0x0a) + 1)
      .toString('latin1')
      .slice(0, -1)
  }

  async bytes(count: number): Promise<Buffer> {
    await this.#until(() => this.#read.length >= count)
    return this.#take(count)
  }

  /** Everything up to the end of the other side's writing, or up to its closing. */
  async rest(): Promise<Buffer> {
    while (this.#over === 'no') await this.#event()
    return this.#take(this.#read.length)
  }

  /** What came and was not asked for yet. */
  get unread(): string {
    return this.#read.toString('latin1')
  }

  /** Resolves once the other side has ended or closed or reset, whichever way. */
  async ended(): Promise<void> {
    while (this.#over === 'no') await this.#event()
  }

  get isOver(): boolean {
    return this.#over !== 'no'
  }

  /** Becomes TLS here and now; the lines before it are the caller's. */
  async startTls({ identity, maxVersion = 'TLSv1.3' }: TlsChoice = {}): Promise<void> {
    const raw = this.#stream
    raw.removeAllListeners('data')
    raw.pause()
    if (this.#read.length > 0) raw.unshift(this.#take(this.#read.length))
    const shown = identity === undefined ? {} : { key: identity.key, cert: identity.certificate }
    const common = { ...shown, rejectUnauthorized: false, minVersion: 'TLSv1.2', maxVersion } as const
    const secured =
      this.as === 'dialer'
        ? connectTls({ socket: raw, ...common })
        : new TLSSocket(raw, { isServer: true, requestCert: true, ...common })
    await this.#secure(secured)
  }

  /** As dialer: `starttls` and the first bytes of TLS in one segment, without waiting for the `ok`. */
  async startTlsAtOnce({ identity }: TlsChoice = {}): Promise<void> {
    const raw = this.#socket
    raw.removeAllListeners('data')
    let toSend = Buffer.from('starttls\n')
    let answer = Buffer.alloc(0)
    const behindTheLines = new Duplex({
      read: () => {},
      write: (bytes: Buffer, _encoding, done) => {
        raw.write(Buffer.concat([toSend, bytes]), done)
        toSend = Buffer.alloc(0)
      },
      final: done => raw.end(done),
    })
    raw.on('data', (bytes: Buffer) => {
      const missing = 'ok\n'.length - answer.length
      answer = Buffer.concat([answer, bytes.subarray(0, missing)])
      if (bytes.length > missing) behindTheLines.push(bytes.subarray(missing))
    })
    raw.on('end', () => behindTheLines.push(null))
    const shown = identity === undefined ? {} : { key: identity.key, cert: identity.certificate }
    await this.#secure(connectTls({ socket: behindTheLines, ...shown, rejectUnauthorized: false }))
    if (String(answer) !== 'ok\n') throw new Error(`read ${JSON.stringify(String(answer))} instead of ok`)
  }

  /** The XEP's lines and then TLS: `starttls`, `ok`. */
  async secure(choice: TlsChoice = {}): Promise<void> {
    if (this.as === 'dialer') {
      this.send('starttls\n')
      await this.expectLine('ok')
    } else {
      await this.expectLine('starttls')
      this.send('ok\n')
    }
    await this.startTls(choice)
  }

  /** The XEP's lines of authentication, whole. `mine`: the key the other side uses for us. */
  async authenticate(role: Role, { mine, theirs }: { mine: string; theirs: string }): Promise<void> {
    if (this.as === 'dialer') {
      this.send(`key:${theirs}\n`)
      await this.expectLine(`ok:${mine}`)
      if (role === 'requestor') this.send('ok\n')
    } else {
      await this.expectLine(`key:${mine}`)
      this.send(`ok:${theirs}\n`)
      if (role === 'responder') await this.expectLine('ok')
    }
  }

  async expectLine(wanted: string): Promise<void> {
    const line = await this.line()
    if (line !== wanted) throw new Error(`read ${JSON.stringify(line)} instead of ${JSON.stringify(wanted)}`)
  }

  /** Ends our writing and nothing else. */
  end(bytes = ''): void {
    this.#stream.end(Buffer.from(bytes, 'latin1'))
  }

  /** Closes both directions. */
  close(): void {
    this.#stream.destroy()
    this.#socket.destroy()
  }

  /** Closes without a goodbye (RST). */
  reset(): void {
    this.#socket.resetAndDestroy()
  }

  async #secure(secured: TLSSocket): Promise<void> {
    this.#stream = secured
    this.#attach(secured)
    let up = false
    secured.once(this.as === 'dialer' ? 'secureConnect' : 'secure', () => {
      up = true
      this.#wake()
    })
    await this.#until(() => up)
  }

  #attach(socket: Socket): void {
    socket.on('data', (bytes: Buffer) => {
      this.#read = Buffer.concat([this.#read, bytes])
      this.#wake()
    })
    // A reset is one of the ways to close, and 'close' follows it.
    socket.on('error', () => {})
    socket.on('end', () => {
      if (this.#over === 'no') this.#over = 'ended'
      this.#wake()
    })
    socket.on('close', () => {
      this.#over = 'closed'
      this.#wake()
    })
  }

  #take(count: number): Buffer {
    const taken = this.#read.subarray(0, count)
    this.#read = this.#read.subarray(count)
    return taken
  }

  async #until(done: () => boolean): Promise<void> {
    while (!done()) {
      if (this.#over !== 'no') throw new Ended(this.#read)
      await this.#event()
    }
  }

  #event(): Promise<void> {
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

/** A place of the foreign peer where connections arrive. */
export class Door {
  readonly host: Host
  readonly #server: Server
  readonly #arrived: Wire[] = []
  readonly #waiting: ((wire: Wire) => void)[] = []

  constructor(server: Server, keep: (wire: Wire) => void) {
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('a listener without a port')
    this.host = { address: address.address, port: address.port }
    this.#server = server
    server.on('connection', socket => {
      const wire = new Wire('acceptor', socket)
      keep(wire)
      const waiting = this.#waiting.shift()
      if (waiting === undefined) this.#arrived.push(wire)
      else waiting(wire)
    })
  }

  /** How many have come and were not taken yet. */
  get arrived(): number {
    return this.#arrived.length
  }

  /** The next connection that arrives, or one that has arrived already. */
  next(): Promise<Wire> {
    const wire = this.#arrived.shift()
    return wire === undefined ? new Promise(resolve => this.#waiting.push(resolve)) : Promise.resolve(wire)
  }

  close(): void {
    this.#server.close()
  }
}

export class ForeignPeer {
  /** As long as the XEP's example, and longer: what the other side has to say to us. */
  readonly key = `f${randomBytes(8).toString('hex')}`
  readonly #open = new Set<{ close(): void }>()

  /** What it would say in its query. Without a fingerprint, since the XEP knows none. */
  terms(more: Partial<PeerTerms> = {}): PeerTerms {
    const hosts = more.hosts ?? []
    return { key: this.key, hosts, hostsGiven: hosts.length, pinned: undefined, ...more }
  }

  async dial({ address, port }: Host): Promise<Wire> {
    const socket = createConnection({ host: address, port, noDelay: true, allowHalfOpen: true })
    const wire = new Wire('dialer', socket)
    this.#open.add(wire)
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    return wire
  }

  async listen(address = '127.0.0.1'): Promise<Door> {
    const server = createServer({ noDelay: true, allowHalfOpen: true })
    await new Promise<void>((resolve, reject) => {
      server.once('listening', resolve)
      server.once('error', reject)
      server.listen(0, address)
    })
    const door = new Door(server, wire => this.#open.add(wire))
    this.#open.add(door)
    return door
  }

  close(): void {
    for (const open of this.#open) open.close()
    this.#open.clear()
  }
}
