import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { createSecureContext } from 'node:tls'
import type { Element } from '@xmpp/xml'
import {
  type CertificateAuthority,
  createCertificateAuthority,
  type ServerCertificate,
} from './certificates.ts'
import { type Account, Accounts } from './xmpp-server/accounts.ts'
import type { ArchivedMessage } from './xmpp-server/archive.ts'
import type { ArchiveEntry, Archiving } from './xmpp-server/archiving.ts'
import { type ChatOptions, chatFeatures } from './xmpp-server/chat-options.ts'
import { Connection, type ConnectionHost, type TlsMode } from './xmpp-server/connection.ts'
import type { RegistrationOptions } from './xmpp-server/registration.ts'
import { type Interceptor, Router } from './xmpp-server/router.ts'
import { DEFAULT_ITERATIONS } from './xmpp-server/scram.ts'
import { Session } from './xmpp-server/session.ts'
import { copyStanza } from './xmpp-server/stanzas.ts'

export type { ArchivedMessage } from './xmpp-server/archive.ts'
export type { ArchiveEntry } from './xmpp-server/archiving.ts'
export type { ChatOptions } from './xmpp-server/chat-options.ts'
export type { RegistrationOptions } from './xmpp-server/registration.ts'
export type { Interceptor } from './xmpp-server/router.ts'

export interface XmppServerOptions {
  readonly domain: string
  /** Passwords by user name. */
  readonly accounts: Readonly<Record<string, string>>
  /** Pairs of user names that see each other's presence (subscription 'both'). */
  readonly contacts?: readonly (readonly [string, string])[]
  /** Default: `required`, STARTTLS before anything else. `direct`: TLS from the first byte. */
  readonly tls?: TlsMode
  /** Who signs the certificate; otherwise a new one for this server alone. */
  readonly ca?: CertificateAuthority
  /** Shown instead of a good one: one that expired, or for another name. */
  readonly certificate?: ServerCertificate
  /** Whether the server knows XEP-0198. Default: true. */
  readonly streamManagement?: boolean
  /** How long a session may be resumed after its connection was lost (XEP-0198). Default: a minute. */
  readonly resumptionMs?: number
  /** Default: 4096. Fewer make signing in quicker, with a client whose PBKDF2 is slow. */
  readonly scramIterations?: number
  /** What a chat needs beyond RFC 6121. Default: nothing; `true`: all of it, as Prosody does it. */
  readonly chat?: boolean | ChatOptions
  /** Whether strangers can get themselves an account (XEP-0077). Default: no. */
  readonly registration?: boolean | RegistrationOptions
  /** Default: any free one. */
  readonly port?: number
}

export interface SessionInfo {
  /** Full. */
  readonly jid: string
  /** Whether it sent presence. */
  readonly available: boolean
  /** False while it waits to be resumed. */
  readonly connected: boolean
}

export interface XmppServer extends AsyncDisposable {
  readonly host: '127.0.0.1'
  readonly port: number
  readonly domain: string
  /** Of the CA that signed the server's certificate. With `tls: 'off'` nobody needs it. */
  readonly caPem: string
  addAccount(username: string, password: string): void
  /** Two accounts see each other's presence from now on, at their next presence. Nobody is told. */
  addContact(username: string, otherUsername: string): void
  /**
   * Puts messages into an account's archive that nobody sent, behind those that are there. Returns their ids, in the
   * same order. Nobody is told.
   */
  fillArchive(username: string, entries: readonly ArchiveEntry[]): string[]
  /** What an account's archive keeps, oldest first. */
  archiveOf(username: string): readonly ArchivedMessage[]
  /** Forgets all that an account's archive keeps. */
  purgeArchive(username: string): void
  sessions(): readonly SessionInfo[]
  /** Cuts the TCP connection of a session without a word. Resolves when it is gone for the server, too. */
  kick(fullJid: string): Promise<void>
  /** Gives a client a stanza that nobody sent, as it is, `from` included. No interceptor sees it. */
  inject(fullJid: string, stanza: Element): void
  /** Interceptors are asked in the order of their coming; the function returned takes this one away. */
  intercept(interceptor: Interceptor): () => void
  close(): Promise<void>
}

/** A small XMPP server in this process, on the loopback address only. */
export async function startXmppServer(options: XmppServerOptions): Promise<XmppServer> {
  const {
    contacts = [],
    tls = 'required',
    resumptionMs = 60_000,
    registration = false,
    chat = false,
  } = options
  const domain = options.domain.toLowerCase()
  const ca = options.ca ?? (await createCertificateAuthority())
  const certificate = options.certificate ?? (await ca.issue({ names: [domain] }))

  const accounts = new Accounts(domain, options.scramIterations ?? DEFAULT_ITERATIONS)
  for (const [username, password] of Object.entries(options.accounts)) accounts.add(username, password)
  for (const [one, other] of contacts) accounts.connect(one, other)
  const features = chatFeatures(chat)
  const router = new Router(accounts, features, {
    forStrangers: registration === true ? {} : registration === false ? undefined : registration,
    ofOneself: chat !== false,
  })
  const connections = new Set<Connection>()

  const host: ConnectionHost = {
    tls,
    streamManagement: options.streamManagement ?? true,
    rosterVersions: features.rosterVersions,
    clientState: features.clientState,
    registration: router.registration,
    accounts,
    secureContext: createSecureContext({ cert: certificate.certPem, key: certificate.keyPem }),
    bind(account, resource = randomUUID(), connection) {
      // RFC 6120 §7.7.2.2: who comes later gets the resource.
      account.sessions.get(resource)?.end('conflict')
      const session = new Session({
        account,
        resource,
        connection,
        resumptionMs,
        ended: (ended, undelivered) => {
          account.sessions.delete(resource)
          router.ended(ended, undelivered)
        },
      })
      account.sessions.set(resource, session)
      return session
    },
    findResumable: (account, resumptionId) =>
      [...account.sessions.values()].find(session => session.resumptionId === resumptionId),
    receive: (session, stanza) => router.receive(session, stanza),
  }

  const listener = createServer(socket => {
    const connection = new Connection(socket, host)
    connections.add(connection)
    void connection.closed.then(() => connections.delete(connection))
  })
  listener.listen(options.port ?? 0, '127.0.0.1')
  await once(listener, 'listening')

  function findSession(fullJid: string): Session {
    const session = accounts.findSession(fullJid)
    if (session === undefined) throw new Error(`bug: ${fullJid} has no session`)
    return session
  }

  function findArchive(username: string): { readonly account: Account; readonly archiving: Archiving } {
    const account = accounts.find(username)
    if (account === undefined || router.archiving === undefined) {
      throw new Error(`bug: ${username} has no archive`)
    }
    return { account, archiving: router.archiving }
  }

  let closing: Promise<void> | undefined
  async function close(): Promise<void> {
    const stopped = once(listener, 'close')
    listener.close()
    for (const session of accounts.sessions()) session.end('system-shutdown')
    for (const connection of connections) connection.fail('system-shutdown')
    await stopped
  }

  return {
    host: '127.0.0.1',
    port: (listener.address() as AddressInfo).port,
    domain,
    caPem: ca.caPem,
    addAccount: (username, password) => accounts.add(username, password),
    addContact: (username, otherUsername) => accounts.connect(username, otherUsername),
    fillArchive(username, entries) {
      const { account, archiving } = findArchive(username)
      return archiving.fill(account, entries)
    },
    archiveOf(username) {
      const { account, archiving } = findArchive(username)
      return archiving.of(account).messages
    },
    purgeArchive(username) {
      const { account, archiving } = findArchive(username)
      archiving.of(account).clear()
    },
    sessions: () =>
      accounts.sessions().map(session => ({
        jid: session.jid,
        available: session.presence !== undefined,
        connected: session.connection !== undefined,
      })),
    async kick(fullJid) {
      const { connection } = findSession(fullJid)
      connection?.cut()
      await connection?.closed
    },
    inject: (fullJid, stanza) => findSession(fullJid).deliver(copyStanza(stanza)),
    intercept(interceptor) {
      router.interceptors.add(interceptor)
      return () => void router.interceptors.delete(interceptor)
    },
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => (closing ??= close()),
  }
}
