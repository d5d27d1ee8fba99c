import { EventEmitter } from 'node:events'
import { Failure } from '../shared/model/failure.ts'
import type { TransferEvent } from '../shared/model/transfer.ts'
import type { Host } from './dtcp/host.ts'
import { type Device, Devices } from './plumb/devices.ts'
import { DtcpNegotiation, type PeerPolicy } from './plumb/dtcp-negotiation.ts'
import { FileTransfers, type IncomingOffer } from './plumb/file-transfers.ts'
import { findRecipient, type Recipient } from './plumb/find-recipient.ts'
import { makeIdentity } from './sockets/certificate.ts'
import { Connector, type Encryption } from './sockets/connect-peer.ts'
import { ownAddresses } from './sockets/own-addresses.ts'
import type { OpenSource } from './transfer/open-source.ts'
import { unlessAborted } from './transfer/patience.ts'
import { Chat, type IncomingMessage } from './xmpp/chat.ts'
import { IqError, IqRouter } from './xmpp/iq.ts'
import { NS_PLUMB } from './xmpp/plumb.ts'
import { Presences } from './xmpp/presence.ts'
import { type Contact, Roster } from './xmpp/roster.ts'
import { bareJid, isFullJid, normalizeJid, personJid, xml } from './xmpp/stanza.ts'
import { type SignIn, XmppStream } from './xmpp/stream.ts'
import { Discovery } from './xmpp/xep-0030.ts'
import { NS_DTCP, NS_FINGERPRINT } from './xmpp/xep-0046.ts'
import { NS_FILE_TRANSFER, NS_SI } from './xmpp/xep-0096.ts'
import { NS_RECEIPTS } from './xmpp/xep-0184.ts'

export type { Device } from './plumb/devices.ts'
export type { PeerPolicy } from './plumb/dtcp-negotiation.ts'
export type { IncomingOffer } from './plumb/file-transfers.ts'
export type { IncomingMessage } from './xmpp/chat.ts'
export type { Contact } from './xmpp/roster.ts'

/** Who may offer files: everybody in the contact list, anybody, or these bare JIDs. */
export type AcceptPolicy = 'contacts' | 'anyone' | ReadonlySet<string>

/** Who may offer files, decided anew for each offer by the full JID. */
export type AcceptDecision = (peer: string) => boolean

export interface PlumbOptions extends SignIn {
  readonly accept: AcceptPolicy | AcceptDecision
  /** What holds for single contacts, by bare JID; without it `direct` holds for all. */
  readonly peerPolicy?: (bare: string) => PeerPolicy
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
  /** The contact list is another. */
  contacts: []
  /** A device of an account came or went, or more is known about one. */
  presence: [bare: string]
  /** Who asks to see us is another list. */
  requests: []
  message: [message: IncomingMessage]
  receipt: [receipt: { readonly from: string; readonly id: string }]
  'message-failed': [refused: { readonly to: string; readonly id: string; readonly failure: Failure }]
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
  readonly #accept: AcceptPolicy | AcceptDecision
  readonly #chat: Chat
  readonly #devices: Devices
  #presencesKnown: Promise<void> = Promise.resolve()

  private constructor(stream: XmppStream, connector: Connector, options: PlumbOptions) {
    super()
    this.#stream = stream
    this.#connector = connector
    const { accept, direct } = options
    const forAll: PeerPolicy = { encryption: direct.encryption, mayKnowAddresses: true }
    this.#accept = accept
    const iq = new IqRouter(stream, (stanza, from) => dtcp.receiveStrayError(stanza, from))
    const dtcp = new DtcpNegotiation(
      iq,
      stream,
      connector,
      peer => options.peerPolicy?.(bareJid(peer)) ?? forAll,
    )
    this.#iq = iq
    this.#roster = new Roster(iq, () => bareJid(stream.address))
    this.#discovery = new Discovery(iq, [
      NS_SI,
      NS_FILE_TRANSFER,
      NS_DTCP,
      NS_FINGERPRINT,
      NS_PLUMB,
      NS_PING,
      NS_RECEIPTS,
    ])
    this.#devices = new Devices(this.#presences, this.#discovery, address => this.#isContact(address))
    this.#chat = new Chat(stream, bare => {
      const subscription = this.#roster.find(bare)?.subscription
      return subscription === 'from' || subscription === 'both' || bare === bareJid(this.address)
    })
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
      else if (stanza.getName() === 'message') this.#chat.receive(stanza)
    })
    this.#roster.on('changed', () => {
      // Answered on another device of ours.
      for (const bare of this.#presences.requests) if (this.#sees(bare)) this.#presences.forgetRequest(bare)
      this.emit('contacts')
    })
    // Each offer that waits listens for its peer going offline, and many may wait.
    this.#presences.setMaxListeners(0)
    this.#presences.on('available', address => this.emit('presence', bareJid(address)))
    this.#presences.on('unavailable', address => this.emit('presence', bareJid(address)))
    this.#presences.on('requests', () => this.emit('requests'))
    this.#devices.on('learned', bare => this.emit('presence', bare))
    this.#chat.on('message', message => this.emit('message', message))
    this.#chat.on('receipt', receipt => this.emit('receipt', receipt))
    this.#chat.on('message-failed', refused => this.emit('message-failed', refused))
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
    const plumb = new Plumb(stream, connector, options)
    try {
      await connector.checkPort()
      signal?.throwIfAborted()
      await unlessAborted(plumb.#startSession(), signal ?? new AbortController().signal)
    } catch (cause) {
      await stream.stop()
      plumb.#iq.rejectAll(Failure.from(cause))
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
      isContact: (address: string) => this.#isContact(address),
      presencesKnown: this.#presencesKnown,
    }
    return findRecipient(to, waitMs, surroundings, signal)
  }

  /** Offers and sends one file. Resolves with why it failed, or undefined. Closes the source. */
  send(
    source: OpenSource,
    recipient: Recipient,
    signal: AbortSignal,
    transfer?: string,
  ): Promise<Failure | undefined> {
    return this.#transfers.send(source, recipient, signal, transfer)
  }

  get contacts(): readonly Contact[] {
    return this.#roster.contacts
  }

  /** The devices of an account that are online, the one that files go to first is first. */
  devicesOf(bare: string): readonly Device[] {
    return this.#devices.of(bare).filter(({ address }) => address !== this.address)
  }

  /** Bare JIDs that ask to see when we are online. */
  get requests(): readonly string[] {
    return this.#presences.requests.filter(bare => !this.#sees(bare))
  }

  /** Adds somebody to the contact list and asks to see them. Throws `usage` for what is no such address. */
  async addContact(address: string, name: string | undefined): Promise<void> {
    const bare = this.#requireOther(address)
    await this.#change(this.#roster.set(bare, name ?? this.#roster.find(bare)?.name))
    await this.#stream.send(xml('presence', { to: bare, type: 'subscribe' }))
  }

  async renameContact(address: string, name: string): Promise<void> {
    await this.#change(this.#roster.set(this.#requireOther(address), name))
  }

  async removeContact(address: string): Promise<void> {
    await this.#change(this.#roster.remove(this.#requireOther(address)))
  }

  /** Lets somebody see when we are online, and asks for the same, or refuses. */
  async answerRequest(address: string, allow: boolean): Promise<void> {
    const bare = this.#requireOther(address)
    await this.#stream.send(xml('presence', { to: bare, type: allow ? 'subscribed' : 'unsubscribed' }))
    this.#presences.forgetRequest(bare)
    const subscription = this.#roster.find(bare)?.subscription
    if (allow && subscription !== 'to' && subscription !== 'both') await this.addContact(bare, undefined)
  }

  /** `to` is bare. Resolves when the server has it. Throws `server-connection-lost`, or `not-allowed` if too long. */
  sendMessage(to: string, message: { readonly id: string; readonly text: string }): Promise<void> {
    return this.#chat.send(to, message)
  }

  /** Later connections listen on this port, 0 for any free one. Throws `port-in-use`; then all stays. */
  listenOn(port: number): Promise<void> {
    return this.#connector.listenOn(port)
  }

  /** The computer woke up, or is in another network: what there was of a connection is not to be trusted. */
  reconnectNow(): void {
    this.#stream.reconnectNow()
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
    this.#devices.clear()
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
    this.#transfers.endUndecided()
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

  #isContact(address: string): boolean {
    return this.#roster.has(address) || bareJid(address) === bareJid(this.address)
  }

  /** Whether this contact sees us already: a server may repeat what they asked. */
  #sees(bare: string): boolean {
    const subscription = this.#roster.find(bare)?.subscription
    return subscription === 'from' || subscription === 'both'
  }

  #requireOther(address: string): string {
    const bare = normalizeJid(address)
    if (bare === undefined || isFullJid(bare) || !bare.includes('@')) {
      throw new Failure('usage', `“${address}” is no XMPP address: it looks like name@server.`)
    }
    if (bare === bareJid(this.address)) throw new Failure('usage', 'That is your own address.')
    return bare
  }

  /** A change of the contact list, with a refusal as a sentence. */
  async #change(request: Promise<void>): Promise<void> {
    try {
      await request
    } catch (cause) {
      if (!(cause instanceof IqError)) throw cause
      throw new Failure('not-allowed', 'The server did not change the contact list: try again later.', {
        cause,
      })
    }
  }

  #mayOffer(peer: string): boolean {
    // Servers and services have no files for a person.
    if (personJid(peer) === undefined || !isFullJid(peer)) return false
    if (typeof this.#accept === 'function') return this.#accept(peer)
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
