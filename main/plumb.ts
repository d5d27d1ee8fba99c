import { EventEmitter } from 'node:events'
import { Failure } from '../shared/model/failure.ts'
import type { Reach } from '../shared/model/reach.ts'
import { METHODS, type MethodName, type TransferEvent } from '../shared/model/transfer.ts'
import { say } from '../shared/words/say.ts'
import { ProxyFinder } from './bytestreams/proxy.ts'
import { secureIdentity, secureStream } from './bytestreams/secure-stream.ts'
import type { Host } from './dtcp/host.ts'
import { ACQUAINTANCE_FEATURES, Acquaintances } from './plumb/acquaintances.ts'
import { checkReach } from './plumb/check-reach.ts'
import { type Device, Devices } from './plumb/devices.ts'
import { DtcpNegotiation, type PeerPolicy } from './plumb/dtcp-negotiation.ts'
import { FileTransfers, type IncomingOffer, type SendOptions } from './plumb/file-transfers.ts'
import { findRecipient, type Recipient } from './plumb/find-recipient.ts'
import { InBandNegotiation } from './plumb/in-band-negotiation.ts'
import { OwnAccount } from './plumb/own-account.ts'
import { proxyQuestions } from './plumb/proxy-questions.ts'
import type { RouteMaker } from './plumb/route-maker.ts'
import { Routes } from './plumb/routes.ts'
import { Socks5Negotiation } from './plumb/socks5-negotiation.ts'
import { TALK_FEATURES, Talk } from './plumb/talk.ts'
import { type Identity, makeIdentity } from './sockets/certificate.ts'
import { Connector, type Encryption } from './sockets/connect-peer.ts'
import { ownAddresses } from './sockets/own-addresses.ts'
import { PortMapping } from './sockets/port-mapping.ts'
import type { Content } from './transfer/content.ts'
import { Journal, type OutgoingEntry } from './transfer/journal.ts'
import { unlessAborted } from './transfer/patience.ts'
import { IqError, IqRouter } from './xmpp/iq.ts'
import { NS_FINGERPRINT, NS_PLUMB } from './xmpp/plumb.ts'
import { type OwnPresence, Presences, writePresence } from './xmpp/presence.ts'
import { type CachedRoster, type Contact, Roster } from './xmpp/roster.ts'
import { bareJid, isFullJid, normalizeJid, personJid, xml } from './xmpp/stanza.ts'
import { type SignIn, XmppStream } from './xmpp/stream.ts'
import { Discovery } from './xmpp/xep-0030.ts'
import { NS_DTCP } from './xmpp/xep-0046.ts'
import { NS_IBB } from './xmpp/xep-0047.ts'
import { NS_BYTESTREAMS } from './xmpp/xep-0065.ts'
import { NS_FILE_TRANSFER, NS_SI } from './xmpp/xep-0096.ts'

export type { Device } from './plumb/devices.ts'
export type { PeerPolicy } from './plumb/dtcp-negotiation.ts'
export type { IncomingOffer, SendOptions } from './plumb/file-transfers.ts'
export type { Recipient } from './plumb/find-recipient.ts'
export type { CachedRoster, Contact } from './xmpp/roster.ts'

/** Who may offer files: everybody in the contact list, anybody, or these bare JIDs. */
export type AcceptPolicy = 'contacts' | 'anyone' | ReadonlySet<string>

/** Who may offer files, decided anew for each offer by the full JID. */
export type AcceptDecision = (peer: string) => boolean

/** What can be chosen of our presence. */
export type ToldPresence = Pick<OwnPresence, 'show' | 'status' | 'idleSince'>

export interface PlumbOptions extends SignIn {
  readonly accept: AcceptPolicy | AcceptDecision
  /** Whether contacts are told that their messages have arrived; they are where it is left out. */
  readonly sendReceipts?: () => boolean
  /** What holds for single contacts, by bare JID; without it `direct` holds for all. */
  readonly peerPolicy?: (bare: string) => PeerPolicy
  /** The ways of transfer, in their order; all of them where it is left out. */
  readonly methods?: readonly MethodName[]
  /**
   * Whether files may go by SOCKS5 or in-band bytestreams to and from programs that are not ours: these have no
   * encryption between the programs.
   */
  readonly plainBytestreams: boolean
  /** What all who see us are told of us; that we are online where it is left out. */
  readonly presence?: () => ToldPresence
  /** The contact list as it was when this program had it last: only what changed since is asked for. */
  readonly roster?: CachedRoster | undefined
  /** The folder where what is under way is noted; without it nothing survives the end of the program. */
  readonly state?: string | undefined
  /** How direct connections are made. */
  readonly direct: {
    readonly listen: number | 'off'
    readonly advertise: readonly Host[] | undefined
    readonly dial: boolean
    readonly allowLoopback: boolean
    readonly encryption: Encryption
    /** Whether the router is asked for a port. */
    readonly portMapping: boolean
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
  /** Who is blocked is another list. */
  blocked: []
  /** A new session began: what was missed before it was missed. The first one is over with `signIn`. */
  session: []
  interrupted: []
  reconnected: []
  /** It became known only now that this is the password: the answer to a change of it did not come. */
  password: [password: string]
  /** Signed out for good, and not because of `stop`. */
  ended: [failure: Failure]
}

/** For a server that can tell what changed: the whole list, with its version. */
const NO_ROSTER: CachedRoster = { version: '', contacts: [] }
const NS_PING = 'urn:xmpp:ping'
const NAMESPACES: Record<MethodName, string> = { dtcp: NS_DTCP, socks5: NS_BYTESTREAMS, ibb: NS_IBB }
/** How long the presences of contacts are waited for before a device is chosen. */
const PRESENCES_TIMEOUT_MS = 5_000
/** How long a device may take to say what it is. */
const DISCO_TIMEOUT_MS = 5_000

/** One signed-in account that sends and receives files: what the headless client and the desktop app share. */
export class Plumb extends EventEmitter<PlumbEvents> {
  /** Our conversations. */
  readonly talk: Talk
  /** What can be done to the account itself. */
  readonly account: OwnAccount
  /** Pictures and names of people, and whom we want to hear nothing of. */
  readonly acquaintances: Acquaintances
  readonly #stream: XmppStream
  readonly #iq: IqRouter
  readonly #roster: Roster
  readonly #presences = new Presences()
  readonly #discovery: Discovery
  readonly #connector: Connector
  readonly #mapping: PortMapping
  #held: { release(): void } | undefined
  readonly #proxies: ProxyFinder
  readonly #transfers: FileTransfers
  /** The session is gone, and with it all answers that were on their way. */
  readonly #rejectAll: (failure: Failure) => void
  readonly #accept: AcceptPolicy | AcceptDecision
  readonly #devices: Devices
  readonly #presence: () => ToldPresence
  #presencesKnown: Promise<void> = Promise.resolve()

  private constructor(
    stream: XmppStream,
    connector: Connector,
    mapping: PortMapping,
    identity: Identity,
    options: PlumbOptions,
  ) {
    super()
    this.#stream = stream
    this.#connector = connector
    this.#mapping = mapping
    const { accept, direct, methods: wanted = METHODS } = options
    const forAll: PeerPolicy = { encryption: direct.encryption, mayKnowAddresses: true }
    const policyOf = (peer: string): PeerPolicy => options.peerPolicy?.(bareJid(peer)) ?? forAll
    this.#accept = accept
    this.#presence = options.presence ?? (() => ({ show: 'online', status: '', idleSince: undefined }))
    const iq = new IqRouter(stream, (stanza, from) => dtcp.receiveStrayError(stanza, from))
    const dtcp = new DtcpNegotiation(iq, stream, connector, policyOf)
    this.#iq = iq
    this.#roster = new Roster(iq, () => bareJid(stream.address))
    this.#discovery = new Discovery(iq, [
      NS_SI,
      NS_FILE_TRANSFER,
      ...wanted.map(method => NAMESPACES[method]),
      NS_FINGERPRINT,
      NS_PLUMB,
      NS_PING,
      ...TALK_FEATURES,
      ...ACQUAINTANCE_FEATURES,
    ])
    this.#devices = new Devices(this.#presences, this.#discovery, address => this.#isContact(address))
    this.acquaintances = new Acquaintances({
      iq,
      discovery: this.#discovery,
      stream,
      isContact: bare => this.#roster.has(bare),
    })
    this.talk = new Talk({
      iq,
      discovery: this.#discovery,
      stream,
      mayKnowUs: bare => (this.#sees(bare) && !this.isBlocked(bare)) || bare === bareJid(this.address),
      receipts: options.sendReceipts ?? (() => true),
    })
    this.account = new OwnAccount({ iq, stream })
    this.#proxies = new ProxyFinder(proxyQuestions(iq, this.#discovery, () => this.#domain))
    const onOffline = (peer: string, act: () => void): (() => void) => this.#onOffline(peer, act)
    const whenConnected = (signal: AbortSignal): Promise<void> => stream.whenConnected(signal)
    const inBand = new InBandNegotiation({
      iq,
      isOwn: peer => this.#devices.isPlumb(peer),
      onOffline,
      whenConnected,
    })
    this.#rejectAll = failure => {
      iq.rejectAll(failure)
      inBand.rejectAll(failure)
    }
    const makers: Record<MethodName, RouteMaker> = {
      dtcp,
      socks5: new Socks5Negotiation({
        iq,
        address: () => stream.address,
        proxies: this.#proxies,
        policyOf,
        listen: direct.listen !== 'off' && direct.advertise === undefined,
        dial: direct.dial,
        allowLoopback: direct.allowLoopback,
        ownAddresses,
        hosts: port => connector.hostsAt(port),
      }),
      ibb: inBand,
    }
    const own = secureIdentity(identity)
    const sha256 = identity.fingerprints['sha-256']
    this.#transfers = new FileTransfers({
      iq,
      routes: new Routes(
        wanted.map(method => makers[method]),
        (raw, as, pinned, signal) => secureStream(raw, as, own, pinned, signal),
      ),
      journal: options.state === undefined ? undefined : Journal.open(options.state),
      account: bareJid(stream.address),
      fingerprints:
        direct.encryption === 'off' || sha256 === undefined ? [] : [{ hash: 'sha-256', text: sha256 }],
      methodsWith: (peer, isPlumb) =>
        wanted.filter(method =>
          method === 'dtcp' ? policyOf(peer).mayKnowAddresses : isPlumb || options.plainBytestreams,
        ),
      mayOffer: peer => this.#mayOffer(peer),
      whenConnected,
      // Of others than contacts nobody knows: they are taken at their word.
      isOnline: peer => this.#presences.isOnline(peer) || !this.#isContact(peer),
      devicesOf: bare => this.#presences.resourcesOf(bare).map(({ address }) => address),
      onOffline,
      onOnline: (bare, act) => this.#onOnline(bare, act),
      plumbsOf: (bare, signal) => this.#plumbsOf(bare, signal),
      findAgain: (recipient, signal) => this.#findAgain(recipient, signal),
    })
    this.#transfers.on('transfer', event => this.emit('transfer', event))
    this.#transfers.on('offered', offer => this.emit('offered', offer))
    this.#transfers.on('turned-away', peer => this.emit('turned-away', peer))
    stream.on('stanza', stanza => {
      if (stanza.getName() === 'iq') iq.receive(stanza)
      else if (stanza.getName() === 'presence') {
        this.#presences.receive(stanza)
        this.acquaintances.receivePresence(stanza)
      } else if (stanza.getName() === 'message') {
        this.talk.receive(stanza)
        this.acquaintances.receive(stanza)
      }
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
    this.acquaintances.on('own-photo', () => this.tellPresence())
    this.acquaintances.blocking.on('changed', () => {
      // The server tells no more of them, not even that they leave.
      this.#presences.forget(bare => this.isBlocked(bare))
      this.emit('blocked')
    })
    this.#devices.on('learned', bare => this.emit('presence', bare))
    stream.on('online', () => this.#onNewSession())
    stream.on('resumed', () => this.emit('reconnected'))
    stream.on('interrupted', () => this.emit('interrupted'))
    stream.on('password', password => this.emit('password', password))
    stream.on('ended', failure => {
      this.#rejectAll(failure)
      this.emit('ended', failure)
    })
  }

  /** Signs in, reads the contact list, and becomes available. Throws a Failure, `port-in-use` among them. */
  static async signIn(options: PlumbOptions, signal?: AbortSignal): Promise<Plumb> {
    const { direct } = options
    const [stream, identity] = await Promise.all([XmppStream.signIn(options, signal), makeIdentity()])
    const mapping = new PortMapping({ ownAddresses, on: direct.portMapping })
    const connector = new Connector({
      ...direct,
      identity,
      ownAddresses,
      mapping,
    })
    let plumb: Plumb
    try {
      plumb = new Plumb(stream, connector, mapping, identity, options)
    } catch (error) {
      await stream.stop()
      throw error
    }
    try {
      await connector.checkPort()
      signal?.throwIfAborted()
      await unlessAborted(plumb.#startSession(options.roster), signal ?? new AbortController().signal)
      plumb.#holdPort()
    } catch (cause) {
      await Promise.all([mapping.close(), stream.stop()])
      plumb.#rejectAll(Failure.from(cause))
      signal?.throwIfAborted()
      if (cause instanceof Failure && cause.code === 'port-in-use') throw cause
      // Whoever signs in by itself tries again where the server was only slow.
      const isSlow = cause instanceof Failure && cause.fault === 'unreachable'
      throw new Failure(isSlow ? 'sign-in-timed-out' : 'sign-in-failed', say('sign-in.no-contact-list'), {
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

  /** Offers and sends one file or folder. Resolves with why it failed, or undefined. Closes the content. */
  send(content: Content, recipient: Recipient, options: SendOptions): Promise<Failure | undefined> {
    return this.#transfers.send(content, recipient, options)
  }

  /** What an earlier run was sending and did not finish. Oldest first. */
  get unsent(): readonly OutgoingEntry[] {
    return this.#transfers.unsent
  }

  /** Goes on with one of them; as a new one, where the file is another by now. Closes the content. */
  sendAgain(
    entry: OutgoingEntry,
    content: Content,
    recipient: Recipient,
    options: SendOptions,
  ): Promise<Failure | undefined> {
    return this.#transfers.sendAgain(entry, content, recipient, options)
  }

  /** Whoever listens by now hears of what an earlier run was receiving; it goes on when its sender is back. */
  restore(): void {
    this.#transfers.restore()
  }

  /** Throws `not-allowed` where the other program cannot. */
  pause(transfer: string): void {
    this.#transfers.pause(transfer)
  }

  /** Goes on with one that is paused, or waits for its next attempt. */
  resume(transfer: string): void {
    this.#transfers.resume(transfer)
  }

  /** Whether it is offered or under way. */
  has(transfer: string): boolean {
    return this.#transfers.has(transfer)
  }

  /** Gives up what an earlier run was sending, and nobody wants any more. */
  forgetUnsent(isWanted: (transfer: string) => boolean): void {
    this.#transfers.forgetUnsent(isWanted)
  }

  /** Whether the device that files of this person go to takes folders as such; elsewhere they go as a zip. */
  async understandsFolders(bare: string): Promise<boolean> {
    // Who is not there is taken to come with Plumb: what else it is will be seen then.
    if (this.devicesOf(bare).length === 0) return true
    try {
      return (await this.findRecipient(bare, 0, new AbortController().signal)).isPlumb ?? false
    } catch {
      return true
    }
  }

  get contacts(): readonly Contact[] {
    return this.#roster.contacts
  }

  /** The contact list as it is to be given to the next `signIn`. */
  get roster(): CachedRoster | undefined {
    const { version, contacts } = this.#roster
    return version === undefined ? undefined : { version, contacts }
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
    const known = this.#roster.find(bare)
    await this.#change(this.#roster.set(bare, { name: name ?? known?.name, groups: known?.groups ?? [] }))
    await this.#stream.send(xml('presence', { to: bare, type: 'subscribe' }))
  }

  async renameContact(address: string, name: string): Promise<void> {
    const bare = this.#requireOther(address)
    await this.#change(this.#roster.set(bare, { name, groups: this.#roster.find(bare)?.groups ?? [] }))
  }

  /** Sorts a contact into these groups and out of all others. Throws `not-allowed` for who is no contact. */
  async regroupContact(address: string, groups: readonly string[]): Promise<void> {
    const bare = this.#requireOther(address)
    const known = this.#roster.find(bare)
    if (known === undefined) throw new Failure('not-allowed', say('contacts.only-they-have-groups'))
    await this.#change(this.#roster.set(bare, { name: known.name, groups }))
  }

  async removeContact(address: string): Promise<void> {
    await this.#change(this.#roster.remove(this.#requireOther(address)))
  }

  /** Resolves when what the server already knew about our contacts was told, or not within some seconds. */
  async presencesKnown(): Promise<void> {
    await this.#presencesKnown
  }

  /** Tells all who see us what `presence` says by now. Never throws: a new session tells it, too. */
  tellPresence(): void {
    this.#sendPresence().catch(() => {})
  }

  /** Lets somebody see when we are online, and asks for the same, or refuses. */
  async answerRequest(address: string, allow: boolean): Promise<void> {
    const bare = this.#requireOther(address)
    await this.#stream.send(xml('presence', { to: bare, type: allow ? 'subscribed' : 'unsubscribed' }))
    this.#presences.forgetRequest(bare)
    const subscription = this.#roster.find(bare)?.subscription
    if (allow && subscription !== 'to' && subscription !== 'both') await this.addContact(bare, undefined)
  }

  /** Whether nothing comes from this bare or full JID. */
  isBlocked(address: string): boolean {
    return this.acquaintances.isBlocked(address)
  }

  /** The server takes nothing from them any more, and shows us to them as offline. Throws `usage` and `not-allowed`. */
  async block(address: string): Promise<void> {
    await this.acquaintances.block(this.#requireOther(address))
  }

  /** Of a bare JID, or whatever else another program has blocked. Throws `not-allowed`. */
  async unblock(address: string): Promise<void> {
    await this.acquaintances.unblock(address)
    // What they said of themselves meanwhile was not told.
    if (this.#roster.has(address)) await this.#stream.send(xml('presence', { to: address, type: 'probe' }))
  }

  /** Later connections listen on this port, 0 for any free one. Throws `port-in-use`; then all stays. */
  async listenOn(port: number): Promise<void> {
    await this.#connector.listenOn(port)
    this.#holdPort()
  }

  /** Whether the router is asked for a port from now on. */
  mapPort(on: boolean): void {
    this.#mapping.turn(on)
  }

  /** How others can reach this computer. Takes some seconds; never throws but `signal`'s reason. */
  checkReach(signal: AbortSignal): Promise<Reach> {
    return checkReach(
      {
        connector: this.#connector,
        mapping: this.#mapping,
        ownAddresses,
        findProxy: async () => (await this.#proxies.find())?.jid,
      },
      signal,
    )
  }

  /** The computer woke up, or is in another network: what there was of a connection is not to be trusted. */
  reconnectNow(): void {
    this.#mapping.refresh()
    this.#stream.reconnectNow()
  }

  cancel(transfer: string): void {
    this.#transfers.cancel(transfer)
  }

  /**
   * Ends what is under way and signs out. `keep`: what can go on in the next run stays for it; otherwise it is cancelled,
   * and the peers are told. Never throws.
   */
  async stop(reason: Failure, { keep = false }: { readonly keep?: boolean } = {}): Promise<void> {
    await (keep ? this.#transfers.suspendAll(reason) : this.#transfers.cancelAll(reason))
    await Promise.all([this.#mapping.close(), this.#stream.stop()])
    this.#rejectAll(reason)
  }

  /** The first session, and each one after a connection that could not be resumed. */
  async #startSession(cached = this.roster): Promise<void> {
    this.#presences.clear()
    this.#devices.clear()
    // RFC 6121 section 2.2: the list before the presence, so that no push is missed.
    await Promise.all([
      this.#roster.fetch(this.#stream.versionsRoster ? (cached ?? NO_ROSTER) : undefined),
      this.talk.startSession(),
      this.acquaintances.startSession(),
    ])
    await this.#sendPresence()
    void this.acquaintances.learnOwnPhoto()
    // What the server already knew about our contacts, it sends before it answers.
    this.#presencesKnown = this.#iq
      .request('get', this.#domain, xml('ping', { xmlns: NS_PING }), {
        timeoutMs: PRESENCES_TIMEOUT_MS,
      })
      .then(
        () => {},
        () => {},
      )
  }

  async #sendPresence(): Promise<void> {
    const caps = this.#discovery.caps()
    await this.#stream.send(
      writePresence({ ...this.#presence(), caps, avatarHash: this.acquaintances.ownPhoto }),
    )
  }

  #onNewSession(): void {
    this.#proxies.forget()
    this.#transfers.endUndecided()
    // Replies to what was asked in the old session will never come.
    this.#rejectAll(new Failure('server-connection-lost', say('server.lost')))
    this.#startSession().then(
      () => {
        this.emit('reconnected')
        this.emit('session')
      },
      // The connection broke again: the next session starts all of this anew.
      () => {},
    )
  }

  /** From the sign-in on, so that the router has answered before the first file. */
  #holdPort(): void {
    const before = this.#held
    const { port } = this.#connector
    this.#held = typeof port === 'number' && port > 0 ? this.#mapping.hold(port) : undefined
    before?.release()
  }

  get #domain(): string {
    return bareJid(this.address).split('@')[1] ?? ''
  }

  /** Of whom nobody can see whether they are online, the one device that is known has to do. */
  async #findAgain(recipient: Recipient, signal: AbortSignal): Promise<Recipient> {
    const { address } = recipient
    if (!this.#isContact(address) || this.#presences.isOnline(address)) return recipient
    return await this.findRecipient(bareJid(address), Number.POSITIVE_INFINITY, signal)
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
      throw new Failure('usage', say('address.malformed', { address }))
    }
    if (bare === bareJid(this.address)) throw new Failure('usage', say('contacts.yourself'))
    return bare
  }

  /** A change of the contact list, with a refusal as a sentence. */
  async #change(request: Promise<void>): Promise<void> {
    try {
      await request
    } catch (cause) {
      if (!(cause instanceof IqError)) throw cause
      throw new Failure('not-allowed', say('contacts.not-changed'), {
        cause,
      })
    }
  }

  #mayOffer(peer: string): boolean {
    // Servers and services have no files for a person.
    if (personJid(peer) === undefined || !isFullJid(peer) || this.isBlocked(peer)) return false
    if (typeof this.#accept === 'function') return this.#accept(peer)
    const bare = bareJid(peer)
    if (this.#accept === 'anyone' || bare === bareJid(this.address)) return true
    return this.#accept === 'contacts' ? this.#roster.has(bare) : this.#accept.has(bare)
  }

  #onOnline(bare: string, act: (address: string) => void): () => void {
    const listener = (address: string): void => {
      if (bareJid(address) === bare) act(address)
    }
    this.#presences.on('arrived', listener)
    return () => this.#presences.off('arrived', listener)
  }

  async #plumbsOf(bare: string, signal: AbortSignal): Promise<readonly string[]> {
    const online = this.#presences.newestOf(bare).filter(address => address !== this.address)
    const isPlumb = await Promise.all(
      online.map(async address => {
        if (this.#devices.isPlumb(address)) return true
        const options = { timeoutMs: DISCO_TIMEOUT_MS, signal }
        return this.#discovery.featuresOf(address, options).then(
          features => features.has(NS_PLUMB),
          () => false,
        )
      }),
    )
    signal.throwIfAborted()
    return online.filter((_, index) => isPlumb[index])
  }

  #onOffline(peer: string, act: () => void): () => void {
    const listener = (address: string): void => {
      if (address === peer) act()
    }
    this.#presences.on('unavailable', listener)
    return () => this.#presences.off('unavailable', listener)
  }
}
