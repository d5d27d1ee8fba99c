import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import * as tls from 'node:tls'
import { type Client, client, xml } from '@xmpp/client'
import type { Element } from '@xmpp/xml'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { type CertificateAuthority, createCertificateAuthority } from './certificates.ts'
import { attribute } from './xmpp-server/stanzas.ts'
import { startXmppServer, type XmppServer, type XmppServerOptions } from './xmpp-server.ts'

/** What the tests of the server in the process share. Importing it sets up and clears away around each test. */

export const DOMAIN = 'plumb.test'
export const PASSWORD = 'pässword, = "1"'
const STANZA_ERRORS = 'urn:ietf:params:xml:ns:xmpp-stanzas'

const trusted = tls.getCACertificates('default')
export let ca: CertificateAuthority

beforeAll(async () => {
  ca = await createCertificateAuthority()
  // @xmpp/client has no option for a CA.
  tls.setDefaultCACertificates([...trusted, ca.caPem])
})
afterAll(() => tls.setDefaultCACertificates(trusted))

/** What a test opened, newest last. */
export const opened: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

export async function startServer(options: Partial<XmppServerOptions> = {}): Promise<XmppServer> {
  const server = await startXmppServer({
    domain: DOMAIN,
    accounts: { alice: PASSWORD, bob: PASSWORD },
    tls: 'off',
    ca,
    // @xmpp/client takes half a second for the usual number.
    scramIterations: 10,
    ...options,
  })
  opened.push(() => server.close())
  return server
}

export function createClient(
  server: XmppServer,
  username: string,
  resource: string,
  password = PASSWORD,
): Client {
  const service = `xmpp://${server.host}:${server.port}`
  const created = client({ service, domain: DOMAIN, username, password, resource })
  created.reconnect.stop()
  // What goes wrong is seen by what a test waits for.
  created.on('error', () => {})
  opened.push(() => created.stop())
  return created
}

/**
 * Resolves when stream management is enabled, too: what reaches @xmpp/client in the same chunk as <enabled/>
 * it counts first and forgets then, and a count that goes back ends the stream, here as at Prosody.
 */
export async function signIn(server: XmppServer, username: string, resource = 'one'): Promise<Client> {
  const created = createClient(server, username, resource)
  const enabled = new Promise<void>(resolve => {
    created.on('nonza', (nonza: Element) => {
      if (nonza.is('enabled', 'urn:xmpp:sm:3')) resolve()
    })
  })
  await created.start()
  await enabled
  return created
}

/** Signs in and becomes available: resolves when its own presence came back. */
export async function comeOnline(
  server: XmppServer,
  username: string,
  resource = 'one',
  priority = 0,
): Promise<Client> {
  const created = await signIn(server, username, resource)
  await created.iqCaller.get(xml('query', 'jabber:iq:roster'))
  const reflected = stanzaFor(created, stanza => attribute(stanza, 'from') === created.jid?.toString())
  await created.send(xml('presence', {}, xml('priority', {}, String(priority))))
  await reflected
  return created
}

export function stanzaFor(receiver: Client, matches: (stanza: Element) => boolean): Promise<Element> {
  return new Promise(resolve => {
    const listen = (stanza: Element) => {
      if (!matches(stanza)) return
      receiver.off('stanza', listen)
      resolve(stanza)
    }
    receiver.on('stanza', listen)
  })
}

export function presenceFrom(receiver: Client, from: string, type?: string): Promise<Element> {
  return stanzaFor(
    receiver,
    stanza =>
      stanza.is('presence') && attribute(stanza, 'from') === from && attribute(stanza, 'type') === type,
  )
}

export function rosterPush(receiver: Client): Promise<Element> {
  return stanzaFor(
    receiver,
    stanza =>
      attribute(stanza, 'type') === 'set' && stanza.getChild('query', 'jabber:iq:roster') !== undefined,
  )
}

/** All that a client gets from now on, while it grows. */
export function record(receiver: Client): Element[] {
  const received: Element[] = []
  receiver.on('stanza', (stanza: Element) => received.push(stanza))
  return received
}

/**
 * Resolves when the server has done all that these clients asked for, and each got what there was for it. A second
 * time, since what the server asked them they have answered before that.
 */
export async function settle(...clients: readonly Client[]): Promise<void> {
  for (const each of [...clients, ...clients]) await each.iqCaller.get(xml('ping', 'urn:xmpp:ping'), DOMAIN)
}

/** The condition that a request is refused with. */
export async function refusalOf(request: Promise<unknown>): Promise<string> {
  try {
    await request
  } catch (error) {
    if (error instanceof Error && 'condition' in error) return String(error.condition)
    throw error
  }
  throw new Error('the request was not refused')
}

/** What somebody, the account itself by default, announces. */
export async function featuresOf(asker: Client, to?: string): Promise<string[]> {
  const info = await asker.iqCaller.get(xml('query', 'http://jabber.org/protocol/disco#info'), to)
  return (info?.getChildren('feature') ?? []).flatMap((feature: Element) => attribute(feature, 'var') ?? [])
}

export function condition(stanza: Element): string | undefined {
  const error = stanza.getChild('error')
  return error?.getChildElements().find(child => child.getNS() === STANZA_ERRORS)?.name
}

/** A client that says what it is told to. */
export class RawClient {
  #socket: Socket
  #received = ''

  constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('utf8')
    socket.on('data', text => {
      this.#received += text
    })
    opened.push(async () => socket.destroy())
  }

  static async connect(server: XmppServer): Promise<RawClient> {
    const socket = connect(server.port, server.host)
    await once(socket, 'connect')
    return new RawClient(socket)
  }

  /** Encrypts the connection, after the server said <proceed/>. */
  async encrypt(): Promise<void> {
    this.#socket.removeAllListeners('data')
    const encrypted = tls.connect({ socket: this.#socket, servername: DOMAIN, ca: ca.caPem })
    await once(encrypted, 'secureConnect')
    this.#socket = new RawClient(encrypted).#adopt(this)
  }

  #adopt(owner: RawClient): Socket {
    this.#socket.on('data', text => {
      owner.#received += text
    })
    return this.#socket
  }

  write(data: string | Buffer): void {
    this.#socket.write(data)
  }

  openStream(to = DOMAIN): Promise<string> {
    this.write(
      `<?xml version='1.0'?><stream:stream to='${to}' version='1.0' xmlns='jabber:client' ` +
        `xmlns:stream='http://etherx.jabber.org/streams'>`,
    )
    return this.until('</stream:features>')
  }

  /** What was received up to and with the text. */
  async until(text: string): Promise<string> {
    for (;;) {
      const end = this.#received.indexOf(text)
      if (end !== -1) {
        const head = this.#received.slice(0, end + text.length)
        this.#received = this.#received.slice(end + text.length)
        return head
      }
      if (this.#socket.destroyed) throw new Error(`closed after: ${this.#received}`)
      await Promise.race([once(this.#socket, 'data'), once(this.#socket, 'close')])
    }
  }

  /** All that is received until the server closes the connection. */
  async untilClosed(): Promise<string> {
    if (!this.#socket.closed) await once(this.#socket, 'close')
    return this.#received
  }
}
