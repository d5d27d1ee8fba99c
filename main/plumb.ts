import { EventEmitter } from 'node:events'
import { Failure } from '../shared/model/failure.ts'
import type { TransferEvent } from '../shared/model/transfer.ts'
import type { Host } from './dtcp/host.ts'
import { DtcpNegotiation } from './plumb/dtcp-negotiation.ts'
import { FileTransfers, type IncomingOffer } from './plumb/file-transfers.ts'
import { findRecipient, type Recipient } from './plumb/find-recipient.ts'
import { makeIdentity } from './sockets/certificate.ts'
import { Connector, type Encryption } from './sockets/connect-peer.ts'
import { ownAddresses } from './sockets/own-addresses.ts'
import type { OpenSource } from './transfer/open-source.ts'
import { IqRouter } from './xmpp/iq.ts'
import { NS_PLUMB } from './xmpp/plumb.ts'
import { Presences } from './xmpp/presence.ts'
import { Roster } from './xmpp/roster.ts'
import { bareJid, xml } from './xmpp/stanza.ts'
import { type SignIn, XmppStream } from './xmpp/stream.ts'
import { Discovery } from './xmpp/xep-0030.ts'
import { NS_DTCP, NS_FINGERPRINT } from './xmpp/xep-0046.ts'
import { NS_FILE_TRANSFER, NS_SI } from './xmpp/xep-0096.ts'

export type { IncomingOffer } from './plumb/file-transfers.ts'

/** Who may offer files: everybody in the contact list, anybody, or these bare JIDs. */
export type AcceptPolicy = 'contacts' | 'anyone' | ReadonlySet<string>

export interface PlumbOptions extends SignIn {
  readonly accept: AcceptPolicy
  /** How direct connections are made. */
  readonly direct: {
    readonly listen: number | 'off'
    readonly advertise: readonly Host[] | undefined
    readonly dial: boolean
    readonly allowLoopback: boolean
    readonly encryption: Encryption
  }
}

interface PlumbEvents {
  transfer: [event: TransferEvent]
  offered: [offer: IncomingOffer]
  'turned-away': [peer: string]
  interrupted: []
  reconnected: []
  /** Signed out for good, and not because of `stop`. */
  ended: [failure: Failure]
}

const NS_PING = 'urn:xmpp:ping'
/** How long the presences of contacts are waited for before a device is chosen. */
const PRESENCES_TIMEOUT_MS = 5_000

/** One signed-in account that sends and receives files: what the headless client and the desktop app share. */
export class Plumb extends EventEmitter<PlumbEvents> {
  readonly #stream: XmppStream
  readonly #iq: IqRouter
  readonly #roster: Roster
  readonly #presences = new Presences()
  readonly #discovery: Discovery
  readonly #connector: Connector
  readonly #transfers: FileTransfers
  readonly #accept: AcceptPolicy
  #presencesKnown: Promise<void> = Promise.resolve()

  private constructor(stream: XmppStream, connector: Connector, accept: AcceptPolicy) {
    super()
    this.#stream = stream
    this.#connector = connector
    this.#accept = accept
    const iq = new IqRouter(stream, (stanza, from) => dtcp.receiveStrayError(stanza, from))
    const dtcp = new DtcpNegotiation(iq, stream, connector)
    this.#iq = iq
    this.#roster = new Roster(iq, () => bareJid(stream.address))
    this.#discovery = new Discovery(iq, [NS_SI, NS_FILE_TRANSFER, NS_DTCP, NS_FINGERPRINT, NS_PLUMB, NS_PING])
    this.#transfers = new FileTransfers({
      iq,
      dtcp,
      mayOffer: peer => this.#mayOffer(peer),
      whenConnected: signal => stream.whenConnected(signal),
      onOffline: (peer, act) => this.#onOffline(peer, act),
    })
    this.#transfers.on('transfer', event => this.emit('transfer', event))
    this.#transfers.on('offered', offer => this.emit('offered', offer))
    this.#transfers.on('turned-away', peer => this.emit('turned-away', peer))
    stream.on('stanza', stanza => {
      if (stanza.getName() === 'iq') iq.receive(stanza)
      else if (stanza.getName() === 'presence') this.#presences.receive(stanza)
    })
    stream.on('online', () => this.#onNewSession())
    stream.on('resumed', () => this.emit('reconnected'))
    stream.on('interrupted', () => this.emit('interrupted'))
    stream.on('ended', failure => {
      iq.rejectAll(failure)
      this.emit('ended', failure)
    })
  }

  /** Signs in, reads the contact list, and becomes available. Throws a Failure, `port-in-use` among them. */
  static async signIn(options: PlumbOptions, signal?: AbortSignal): Promise<Plumb> {
    const { direct } = options
    const [stream, identity] = await Promise.all([XmppStream.signIn(options, signal), makeIdentity()])
    const connector = new Connector({ ...direct, identity, ownAddresses })
    const plumb = new Plumb(stream, connector, options.accept)
    try {
      await connector.checkPort()
      await plumb.#startSession()
    } catch (cause) {
      await stream.stop()
      signal?.throwIfAborted()
      if (cause instanceof Failure && cause.code === 'port-in-use') throw cause
      throw new Failure('sign-in-failed', 'The server did not give the contact list: try again later.', {
        cause,
      })
    }
    return plumb
  }

  /** Our full JID. */
  get address(): string {
    return this.#stream.address
  }

  /** What is held right now; all zero when nothing is under way. */
  get inUse(): { transfers: number; sessions: number; connections: number; timers: number } {
    return { transfers: this.#transfers.size, ...this.#connector.inUse }
  }

  /** Which device of `to` (a bare or full JID) files go to, waiting up to `waitMs` for one. */
  findRecipient(to: string, waitMs: number, signal: AbortSignal): Promise<Recipient> {
    const surroundings = {
      own: this.address,
      presences: this.#presences,
      discovery: this.#discovery,
      isContact: (address: string) => this.#roster.has(address) || bareJid(address) === bareJid(this.address),
      presencesKnown: this.#presencesKnown,
    }
    return findRecipient(to, waitMs, surroundings, signal)
  }

  /** Offers and sends one file. Resolves with why it failed, or undefined. Closes the source. */
  send(source: OpenSource, recipient: Recipient, signal: AbortSignal): Promise<Failure | undefined> {
    return this.#transfers.send(source, recipient, signal)
  }

  cancel(transfer: string): void {
    this.#transfers.cancel(transfer)
  }

  /** Cancels what is under way, telling the peers, and signs out. Never throws. */
  async stop(reason: Failure): Promise<void> {
    await this.#transfers.cancelAll(reason)
    await this.#stream.stop()
    this.#iq.rejectAll(reason)
  }

  /** The first session, and each one after a connection that could not be resumed. */
  async #startSession(): Promise<void> {
    this.#presences.clear()
    // RFC 6121 section 2.2: the list before the presence, so that no push is missed.
    await this.#roster.fetch()
    await this.#stream.send(xml('presence', {}, this.#discovery.caps()))
    // What the server already knew about our contacts, it sends before it answers.
    this.#presencesKnown = this.#iq
      .request('get', bareJid(this.address).split('@')[1], xml('ping', { xmlns: NS_PING }), {
        timeoutMs: PRESENCES_TIMEOUT_MS,
      })
      .then(
        () => {},
        () => {},
      )
  }

  #onNewSession(): void {
    // Replies to what was asked in the old session will never come.
    this.#iq.rejectAll(
      new Failure('server-connection-lost', 'The connection to the server was lost: try again.'),
    )
    this.#startSession().then(
      () => this.emit('reconnected'),
      // The connection broke again: the next session starts all of this anew.
      () => {},
    )
  }

  #mayOffer(peer: string): boolean {
    const bare = bareJid(peer)
    if (this.#accept === 'anyone' || bare === bareJid(this.address)) return true
    return this.#accept === 'contacts' ? this.#roster.has(bare) : this.#accept.has(bare)
  }

  #onOffline(peer: string, act: () => void): () => void {
    const listener = (address: string): void => {
      if (address === peer) act()
    }
    this.#presences.on('unavailable', listener)
    return () => this.#presences.off('unavailable', listener)
  }
}
