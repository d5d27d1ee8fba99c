import { randomInt } from 'node:crypto'
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SearchTarget } from '../../main/sockets/ask-router.ts'

/*
 * A router on an address of its own in the loopback network: NAT-PMP (RFC 6886) on its port, and UPnP's
 * Internet Gateway Device 1 (search, description, SOAP). It keeps a table of mappings and maps nothing.
 */

const NAT_PMP_PORT = 5351

export interface FakeMapping {
  readonly host: string
  readonly port: number
  readonly leaseSeconds: number
  readonly by: 'upnp' | 'nat-pmp'
}

/** How this router differs from a good one. */
export interface FakeRouterOptions {
  readonly upnp?: boolean
  readonly natPmp?: boolean
  /** What it says that its own address is. */
  readonly external?: string
  /** So many datagrams of each kind are lost before one is answered. */
  readonly loses?: number
  /** Answers to the search name this place. */
  readonly location?: (real: string) => string
  /** Every HTTP request gets this instead. Nothing is sent for it where it does nothing. */
  readonly http?: (request: IncomingMessage, response: ServerResponse) => void
  /** An error of UPnP, or a whole body with status 500; undefined where the action is carried out. */
  readonly soap?: (action: string, args: Readonly<Record<string, string>>) => number | string | undefined
  /** What is sent instead of an answer of NAT-PMP. */
  readonly datagrams?: (answer: Buffer, from: RemoteInfo) => readonly Buffer[]
  /** Services of the description. */
  readonly services?: readonly string[]
}

export class FakeRouter {
  /** Where it stands, and an address for a computer in its network. */
  readonly address: string
  readonly computer: string
  readonly mappings = new Map<number, FakeMapping>()
  /** What it was asked, in order: `nat-pmp 0`, `search`, `GET /…`, `AddPortMapping`. */
  readonly asked: string[] = []
  external: string
  readonly #options: FakeRouterOptions
  readonly #http: Server
  readonly #sockets: Socket[] = []
  #lost = { search: 0, natPmp: 0 }
  #search: SearchTarget = { address: '', port: 0 }

  private constructor(options: FakeRouterOptions) {
    // Several may run at once, and each needs NAT-PMP's one port.
    const network = `127.${randomInt(10, 250)}.${randomInt(256)}`
    this.address = `${network}.1`
    this.computer = `${network}.2`
    this.external = options.external ?? '44.128.0.101'
    this.#options = options
    this.#http = createServer((request, response) => void this.#onRequest(request, response))
  }

  static async start(options: FakeRouterOptions = {}): Promise<FakeRouter> {
    const router = new FakeRouter(options)
    await router.#start()
    return router
  }

  /** Where searches for it are to be sent, instead of to everybody. */
  get search(): SearchTarget {
    return this.#search
  }

  get url(): string {
    return `http://${this.address}:${(this.#http.address() as AddressInfo).port}/description.xml`
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.close()
    this.#http.closeAllConnections()
    this.#http.close()
    await once(this.#http, 'close')
  }

  async #start(): Promise<void> {
    this.#http.listen(0, this.address)
    await once(this.#http, 'listening')
    const { upnp = true, natPmp = true } = this.#options
    const search = await this.#socket(0, (message, from) => upnp && this.#onSearch(search, message, from))
    this.#search = { address: this.address, port: search.address().port }
    if (natPmp) {
      const socket = await this.#socket(NAT_PMP_PORT, (message, from) =>
        this.#onNatPmp(socket, message, from),
      )
    }
  }

  async #socket(port: number, onMessage: (message: Buffer, from: RemoteInfo) => void): Promise<Socket> {
    const socket = createSocket('udp4', onMessage)
    this.#sockets.push(socket)
    socket.bind(port, this.address)
    await once(socket, 'listening')
    return socket
  }

  #onSearch(socket: Socket, message: Buffer, from: RemoteInfo): void {
    const text = message.toString()
    const target = /^ST: (.*)$/m.exec(text)?.[1]?.trim()
    if (!text.startsWith('M-SEARCH ') || target === undefined) return
    this.asked.push('search')
    if (this.#lost.search++ < (this.#options.loses ?? 0)) return
    const { location = same => same } = this.#options
    const answer = [
      'HTTP/1.1 200 OK',
      'CACHE-CONTROL: max-age=120',
      `ST: ${target}`,
      `USN: uuid:00000000-0000-0000-0000-000000000001::${target}`,
      'EXT:',
      `LOCATION: ${location(this.url)}`,
      '\r\n',
    ]
    socket.send(answer.join('\r\n'), from.port, from.address)
  }

  #onNatPmp(socket: Socket, message: Buffer, from: RemoteInfo): void {
    const operation = message.readUInt8(1)
    this.asked.push(`nat-pmp ${operation}`)
    if (this.#lost.natPmp++ < (this.#options.loses ?? 0)) return
    const { datagrams = answer => [answer] } = this.#options
    for (const datagram of datagrams(this.#natPmpAnswer(operation, message, from), from)) {
      socket.send(datagram, from.port, from.address)
    }
  }

  #natPmpAnswer(operation: number, message: Buffer, { address }: RemoteInfo): Buffer {
    const answer = Buffer.alloc(operation === 0 ? 12 : 16)
    answer.writeUInt8(operation + 128, 1)
    answer.writeUInt32BE(1, 4)
    if (operation === 0) {
      Buffer.from(this.external.split('.').map(Number)).copy(answer, 8)
      return answer
    }
    const [port, wanted, leaseSeconds] = [
      message.readUInt16BE(4),
      message.readUInt16BE(6),
      message.readUInt32BE(8),
    ]
    let external = wanted
    if (leaseSeconds === 0) this.mappings.delete(external)
    else {
      while (this.#isTaken(external, address)) external += 1
      this.mappings.set(external, { host: address, port, leaseSeconds, by: 'nat-pmp' })
    }
    answer.writeUInt16BE(port, 8)
    answer.writeUInt16BE(external, 10)
    answer.writeUInt32BE(leaseSeconds, 12)
    return answer
  }

  #isTaken(external: number, host: string): boolean {
    const mapping = this.mappings.get(external)
    return mapping !== undefined && mapping.host !== host
  }

  async #onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const action = /#(\w+)"?$/.exec(String(request.headers['soapaction'] ?? ''))?.[1]
    this.asked.push(action ?? `${request.method} ${request.url}`)
    if (this.#options.http !== undefined) {
      this.#options.http(request, response)
      return
    }
    if (action === undefined) {
      response.end(this.#description())
      return
    }
    const args = Object.fromEntries(
      [...body.matchAll(/<(New\w+)>([^<]*)</g)].map(([, name, value]) => [name, value]),
    )
    const refused = this.#options.soap?.(action, args)
    const outcome = refused ?? this.#act(action, args)
    if (typeof outcome === 'number' || refused !== undefined) {
      response.statusCode = 500
      response.end(typeof outcome === 'number' ? upnpError(outcome) : outcome)
      return
    }
    response.end(envelope(`<u:${action}Response xmlns:u="${SERVICE}">${outcome}</u:${action}Response>`))
  }

  #act(action: string, args: Readonly<Record<string, string>>): number | string {
    const external = Number(args['NewExternalPort'])
    const host = args['NewInternalClient'] ?? ''
    switch (action) {
      case 'GetExternalIPAddress':
        return `<NewExternalIPAddress>${this.external}</NewExternalIPAddress>`
      case 'AddPortMapping':
        if (this.#isTaken(external, host)) return 718
        this.mappings.set(external, {
          host,
          port: Number(args['NewInternalPort']),
          leaseSeconds: Number(args['NewLeaseDuration']),
          by: 'upnp',
        })
        return ''
      case 'DeletePortMapping':
        return this.mappings.delete(external) ? '' : 714
      default:
        return 401
    }
  }

  #description(): string {
    const { services = [SERVICE] } = this.#options
    const list = services.map(
      type =>
        `<service><serviceType>${type}</serviceType><serviceId>urn:upnp-org:serviceId:WANIPConn1</serviceId>` +
        `<SCPDURL>/scpd.xml</SCPDURL><controlURL>/control</controlURL><eventSubURL>/events</eventSubURL></service>`,
    )
    const device = (kind: string, inside: string): string =>
      `<device><deviceType>urn:schemas-upnp-org:device:${kind}:1</deviceType>${inside}</device>`
    const wan = device('WANConnectionDevice', `<serviceList>${list.join('')}</serviceList>`)
    const inside = device('WANDevice', `<deviceList>${wan}</deviceList>`)
    return `<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0">${device(
      'InternetGatewayDevice',
      `<deviceList>${inside}</deviceList>`,
    )}</root>`
  }
}

const SERVICE = 'urn:schemas-upnp-org:service:WANIPConnection:1'

function upnpError(code: number): string {
  return envelope(
    `<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail>` +
      `<UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>${code}</errorCode>` +
      `<errorDescription>no</errorDescription></UPnPError></detail></s:Fault>`,
  )
}

function envelope(inside: string): string {
  return (
    `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" ` +
    `s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>${inside}</s:Body></s:Envelope>`
  )
}
