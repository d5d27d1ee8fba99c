import { EventEmitter, once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { connect as connectTls, TLSSocket } from 'node:tls'
import { makeIdentity } from '../../main/sockets/certificate.ts'
import { type IqAnswer, type IqRequest, IqRouter } from '../../main/xmpp/iq.ts'
import { type Element, stanzaError, xml } from '../../main/xmpp/stanza.ts'
import { XmppStream } from '../../main/xmpp/stream.ts'

/*
 * A program that knows the XEPs and nothing of ours, written from their text alone: stream initiation with the
 * file transfer profile, and DTCP without fingerprints, written by hand with sockets. Only the stream to the
 * server is borrowed from the product.
 */

export const NS = {
  si: 'http://jabber.org/protocol/si',
  file: 'http://jabber.org/protocol/si/profile/file-transfer',
  negotiation: 'http://jabber.org/protocol/feature-neg',
  forms: 'jabber:x:data',
  dtcp: 'http://jabber.org/protocol/dtcp',
} as const

export interface Query {
  readonly key: string
  readonly hosts: readonly string[]
}

export interface ForeignOptions {
  readonly jid: string
  readonly password: string
  readonly host: string
  readonly port: number
  readonly ca: string
}

export class ForeignClient implements AsyncDisposable {
  readonly stream: XmppStream
  readonly iq: IqRouter
  /** Each iq-error that answered nothing. */
  readonly strays = new EventEmitter<{ stray: [stanza: Element] }>()
  readonly #sockets = new Set<Socket>()
  readonly #servers = new Set<Server>()

  private constructor(stream: XmppStream) {
    this.stream = stream
    this.iq = new IqRouter(stream, stanza => this.strays.emit('stray', stanza))
    stream.on('stanza', stanza => {
      if (stanza.getName() === 'iq') this.iq.receive(stanza)
    })
  }

  static async signIn({ jid, password, host, port, ca }: ForeignOptions): Promise<ForeignClient> {
    const stream = await XmppStream.signIn({
      jid,
      password,
      resource: 'old-client',
      server: { host, port },
      tls: 'required',
      ca,
    })
    const client = new ForeignClient(stream)
    client.iq.handle('get', 'http://jabber.org/protocol/disco#info', () => ({
      payload: xml(
        'query',
        { xmlns: 'http://jabber.org/protocol/disco#info' },
        ...[NS.si, NS.file, NS.dtcp].map(feature => xml('feature', { var: feature })),
      ),
    }))
    await stream.send(xml('presence'))
    return client
  }

  get address(): string {
    return this.stream.address
  }

  /** Offers a file; resolves with the chosen method, throws IqError where it is refused. */
  async offer(to: string, file: Readonly<Record<string, string>>, id = 'a0'): Promise<string | undefined> {
    const result = await this.iq.request(
      'set',
      to,
      xml(
        'si',
        { xmlns: NS.si, id, 'mime-type': 'text/plain', profile: NS.file },
        xml('file', { xmlns: NS.file, ...file }),
        xml(
          'feature',
          { xmlns: NS.negotiation },
          xml(
            'x',
            { xmlns: NS.forms, type: 'form' },
            xml(
              'field',
              { var: 'stream-method', type: 'list-single' },
              xml('option', {}, xml('value', {}, NS.dtcp)),
            ),
          ),
        ),
      ),
    )
    return (
      result.getChild('si')?.getChild('feature')?.getChild('x')?.getChild('field')?.getChildText('value') ??
      undefined
    )
  }

  /** Accepts every offer with DTCP, or refuses it with `condition`. */
  onOffer(
    answer: 'accept' | 'forbidden',
    seen: (file: Element, from: string) => void = () => {},
    range?: Readonly<Record<string, string>>,
  ): void {
    this.iq.handle('set', NS.si, ({ payload, from }: IqRequest): IqAnswer => {
      const file = payload.getChild('file', NS.file)
      if (file !== undefined) seen(file, from)
      if (answer === 'forbidden') return { payload: stanzaError('forbidden') }
      return {
        payload: xml(
          'si',
          { xmlns: NS.si },
          ...(range === undefined ? [] : [xml('file', { xmlns: NS.file }, xml('range', { ...range }))]),
          xml(
            'feature',
            { xmlns: NS.negotiation },
            xml(
              'x',
              { xmlns: NS.forms, type: 'submit' },
              xml('field', { var: 'stream-method' }, xml('value', {}, NS.dtcp)),
            ),
          ),
        ),
      }
    })
  }

  /** As DTCP's requestor. */
  async request(to: string, mine: Query): Promise<Query> {
    const result = await this.iq.request('set', to, query(mine))
    return readQuery(result.getChild('query', NS.dtcp))
  }

  /** As DTCP's responder: answers the next query with `mine`, and resolves with what it said. */
  respond(mine: Query): Promise<Query> {
    return new Promise(resolve => {
      this.iq.handle('set', NS.dtcp, ({ payload }) => ({
        payload: query(mine),
        afterwards: () => resolve(readQuery(payload)),
      }))
    })
  }

  /** N5: as DTCP's example has it, without an id where `id` is left out. */
  async giveUp(to: string, theirKey: string, id?: string): Promise<void> {
    await this.stream.send(
      xml(
        'iq',
        { type: 'error', to, ...(id === undefined ? {} : { id }) },
        xml('query', { xmlns: NS.dtcp }, xml('key', {}, theirKey)),
        xml('error', { code: '503' }, 'Could not connect to any of the hosts.'),
      ),
    )
  }

  /** Dials `addr:port`, with TLS if wanted, up to where the key is sent. */
  async dial(host: string, tls: boolean): Promise<Wire> {
    const [address, port] = splitHost(host)
    const raw = connect({ host: address, port: Number(port), allowHalfOpen: true })
    this.#sockets.add(raw)
    await once(raw, 'connect')
    const wire = new Wire(raw)
    if (!tls) return wire
    wire.send('starttls')
    const answer = await wire.line()
    if (answer !== 'ok') throw new Error(`starttls was answered with ${answer}`)
    const secured = connectTls({ socket: wire.release(), rejectUnauthorized: false })
    await once(secured, 'secureConnect')
    return new Wire(secured)
  }

  /** Listens on loopback; the wires that come in, with TLS served where it is asked for. */
  async listen(): Promise<{ host: string; next: () => Promise<Wire> }> {
    const waiting: Socket[] = []
    const wanted: ((socket: Socket) => void)[] = []
    const server = createServer({ allowHalfOpen: true }, socket => {
      this.#sockets.add(socket)
      const taker = wanted.shift()
      if (taker === undefined) waiting.push(socket)
      else taker(socket)
    })
    this.#servers.add(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    return {
      host: `127.0.0.1:${port}`,
      next: async () => {
        const socket = waiting.shift() ?? (await new Promise<Socket>(resolve => wanted.push(resolve)))
        return new Wire(socket)
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    for (const server of this.#servers) server.close()
    await this.stream.stop()
  }
}

/** One connection, read line by line and then as bytes. */
export class Wire {
  socket: Socket
  #buffer = Buffer.alloc(0)
  #ended = false
  #changed: (() => void) | undefined

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', this.#onData)
    socket.on('end', this.#onEnd)
    socket.on('close', this.#onEnd)
    socket.on('error', this.#onEnd)
  }

  send(line: string): void {
    this.socket.write(`${line}\n`)
  }

  /** The next line; undefined when the connection ended before. */
  async line(): Promise<string | undefined> {
    for (;;) {
      const end = this.#buffer.indexOf('\n')
      if (end >= 0) {
        const text = this.#buffer.subarray(0, end).toString('latin1')
        this.#buffer = this.#buffer.subarray(end + 1)
        return text
      }
      if (this.#ended) return undefined
      await this.#change()
    }
  }

  /** Exactly `count` bytes, or fewer when the connection ended before. */
  async bytes(count: number): Promise<Buffer> {
    while (this.#buffer.length < count && !this.#ended) await this.#change()
    const taken = this.#buffer.subarray(0, count)
    this.#buffer = this.#buffer.subarray(count)
    return taken
  }

  /** Everything up to the end. */
  rest(): Promise<Buffer> {
    return this.bytes(Number.POSITIVE_INFINITY)
  }

  /** Serves `starttls`, and gives the wire inside. */
  async serveTls(): Promise<Wire> {
    const command = await this.line()
    if (command !== 'starttls') throw new Error(`starttls was expected, and came ${command}`)
    const identity = await makeIdentity()
    this.send('ok')
    const secured = new TLSSocket(this.release(), {
      isServer: true,
      key: identity.key,
      cert: identity.certificate,
    })
    await once(secured, 'secure')
    return new Wire(secured)
  }

  /** Stops reading and gives the socket away. */
  release(): Socket {
    this.socket.off('data', this.#onData)
    this.socket.pause()
    return this.socket
  }

  #change(): Promise<void> {
    return new Promise(resolve => {
      this.#changed = resolve
    })
  }

  readonly #onData = (bytes: Buffer): void => {
    this.#buffer = Buffer.concat([this.#buffer, bytes])
    this.#changed?.()
  }

  readonly #onEnd = (): void => {
    this.#ended = true
    this.#changed?.()
  }
}

function query({ key, hosts }: Query): Element {
  return xml('query', { xmlns: NS.dtcp }, xml('key', {}, key), ...hosts.map(host => xml('host', {}, host)))
}

function readQuery(element: Element | undefined): Query {
  return {
    key: element?.getChildText('key') ?? '',
    hosts: element?.getChildren('host').map(host => host.text()) ?? [],
  }
}

function splitHost(host: string): [string, string] {
  const colon = host.lastIndexOf(':')
  return [host.slice(0, colon).replace(/^\[|\]$/g, ''), host.slice(colon + 1)]
}
