import { randomBytes, randomInt } from 'node:crypto'
import { createConnection, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { SecureContext, TLSSocket } from 'node:tls'
import { assertNever } from '../../shared/assert-never.ts'
import { Failure } from '../../shared/model/failure.ts'
import type { Network } from '../../shared/model/transfer.ts'
import { say } from '../../shared/words/say.ts'
import { Endpoint, type EndpointEffect, type SessionStart, type TimerId } from '../dtcp/endpoint.ts'
import type { CandidateFailure, SessionFailure } from '../dtcp/errors.ts'
import type { Fingerprints } from '../dtcp/fingerprint.ts'
import type { Role } from '../dtcp/handshake.ts'
import {
  chooseHosts,
  formatHost,
  type Host,
  MAX_HOSTS,
  mayDial,
  networkOf,
  normalizeAddress,
  type OwnAddress,
  type Rank,
  rankOf,
} from '../dtcp/host.ts'
import { type Identity, peerFingerprints } from './certificate.ts'
import { Listener } from './listener.ts'
import { secureContext, upgradeToTls } from './tls-upgrade.ts'
import { verificationCode } from './verification-code.ts'

/** `preferred` takes a plaintext peer where TLS cannot be had; `off` neither asks for TLS nor serves it. */
export type Encryption = 'required' | 'preferred' | 'off'

export interface ConnectorOptions {
  /** A port, 0 for any free one, or off: nobody can connect to us then. */
  readonly listen: number | 'off'
  /** These hosts are told to peers instead of what was found. */
  readonly advertise: readonly Host[] | undefined
  readonly dial: boolean
  /** Loopback and private hosts may be dialed, and loopback is advertised. */
  readonly allowLoopback: boolean
  readonly encryption: Encryption
  readonly identity: Identity
  /** Asked anew for each session: computers move between networks. */
  readonly ownAddresses: () => readonly OwnAddress[]
  /** A port on the router. With it, a listener that may have any port keeps one for the whole run. */
  readonly mapping?: MappedPort | undefined
}

/** What a session asks of the router's mapping (main/sockets/port-mapping.ts). */
export interface MappedPort {
  /** This port is needed: resolves when it is known whether the router maps it, after `ms` at the latest. */
  ready(port: number, ms: number): Promise<void>
  /** Where others reach this port, as far as that is known now. */
  external(port: number): Host | undefined
}

/** The established connection. `stream` is paused; its first bytes may be waiting in it. */
export interface Channel {
  readonly stream: Duplex
  readonly by: 'dialer' | 'acceptor'
  /** Where the other end is, as `address:port`. */
  readonly remote: string
  readonly encrypted: boolean
  /** The peer's certificate is the one that it announced over XMPP. */
  readonly verified: boolean
  readonly network: Network
  /** Of both certificates; undefined where the peer's was not verified. */
  readonly code: string | undefined
}

/** What the peer told us in its query. */
export interface PeerTerms {
  readonly key: string
  /** Already parsed; at most three are acted on. */
  readonly hosts: readonly Host[]
  /** How many `<host/>` it sent, dialable or not: zero means that it takes us to have given up (N5). */
  readonly hostsGiven: number
  readonly pinned: Fingerprints | undefined
}

/** One DTCP session of ours, from before its iq until its connection or its end. */
export interface PeerSession {
  /** N2: for the peer to use. */
  readonly ourKey: string
  /** What is told to the peer (N3). */
  readonly ourHosts: readonly Host[]
  /** What is told to the peer, to pin our certificate; undefined without TLS. */
  readonly ourFingerprints: Fingerprints | undefined
  /**
   * The peer's side is known: races, and resolves with the one connection.
   * Rejects with a Failure: a SessionFailure code, or whatever `abort` was called with.
   */
  connect(peer: PeerTerms): Promise<Channel>
  /** N5: the peer's give-up iq came. */
  peerGaveUp(): void
  /** Ends the session; `connect` rejects with `reason`. Does nothing once it is connected. */
  abort(reason: Failure): void
}

interface OpenSession {
  readonly release: () => void
  readonly onGiveUp: () => void
  readonly settle: {
    readonly resolve: (channel: Channel) => void
    readonly reject: (failure: Failure) => void
  }
  abortReason: Failure | undefined
}

/** Makes direct connections (XEP-0046): all sessions of one account share this, its listener and its limits. */
export class Connector {
  readonly #options: ConnectorOptions
  readonly #context: SecureContext
  readonly #endpoint: Endpoint
  #listener: Listener | undefined
  readonly #sessions = new Map<string, OpenSession>()
  readonly #links = new Map<string, Link>()
  readonly #timers = new Map<TimerId, NodeJS.Timeout>()

  readonly #queue: EndpointEffect[] = []
  #own: readonly OwnAddress[] = []
  #port: number | 'off'
  #running = false
  #accepted = 0
  #nextSession = 0

  constructor(options: ConnectorOptions) {
    this.#options = options
    this.#context = secureContext(options.identity)
    this.#endpoint = new Endpoint({
      serveTls: options.encryption !== 'off',
      rankOf: address => rankOf(address, this.#own),
    })
    this.#port = options.listen
    this.#listener = options.listen === 'off' ? undefined : this.#makeListener(options.listen)
  }

  /** The port that sessions listen on: 0 where each opening has a new one. */
  get port(): number | 'off' {
    return this.#listener?.port ?? 'off'
  }

  /** Sockets and timers that are still held for undecided sessions; zero when nothing runs. */
  get inUse(): { readonly sessions: number; readonly connections: number; readonly timers: number } {
    return { sessions: this.#sessions.size, connections: this.#links.size, timers: this.#timers.size }
  }

  /** What a session would tell a peer, now, of whom nothing is known yet. */
  get hosts(): readonly Host[] {
    const { port } = this
    return this.#hosts(this.#options.ownAddresses(), port === 'off' ? undefined : port, [])
  }

  /** Whether a fixed port can be had, before anybody relies on it. Throws `port-in-use`. */
  async checkPort(): Promise<void> {
    if (typeof this.#port === 'number' && this.#port > 0) {
      const held = await this.#listener?.hold()
      held?.release()
    }
  }

  /** Sessions from now on listen on this port, 0 for any free one. Throws `port-in-use`; then all stays. */
  async listenOn(port: number): Promise<void> {
    if (port === this.#port) return
    const listener = this.#makeListener(port)
    if (port > 0) {
      const held = await listener.hold()
      held.release()
    }
    this.#listener = listener
    this.#port = port
  }

  /** N7: whether a request carries a key that is one of our own live ones. */
  hasKey(key: string): boolean {
    return this.#endpoint.hasKey(key)
  }

  /**
   * Opens the listener, chooses a key and hosts. `theirHosts`: those of a requestor, to match ours to them.
   * `onGiveUp`: send the give-up iq (N5). `encryption`: with this peer, where it differs. Throws `port-in-use`.
   */
  async prepare(
    role: Role,
    {
      theirHosts = [],
      onGiveUp,
      encryption = this.#options.encryption,
    }: { theirHosts?: readonly Host[]; onGiveUp: () => void; encryption?: Encryption },
  ): Promise<PeerSession> {
    const held = await this.#listen()
    if (held !== undefined && this.#options.advertise === undefined) {
      await this.#options.mapping?.ready(held.port, MAPPING_PATIENCE_MS)
    }
    this.#own = this.#options.ownAddresses()
    const id = `session-${++this.#nextSession}`
    const ourKey = randomBytes(16).toString('hex')
    const ourHosts = this.#hosts(this.#own, held?.port, theirHosts)
    const { promise, resolve, reject } = Promise.withResolvers<Channel>()
    // Whoever only opens and aborts never asks for the outcome.
    promise.catch(() => {})
    this.#sessions.set(id, {
      release: held?.release ?? (() => {}),
      onGiveUp,
      settle: { resolve, reject },
      abortReason: undefined,
    })
    this.#endpoint.expect(id, ourKey)
    let begun = false
    let gaveUpEarly = false
    return {
      ourKey,
      ourHosts,
      ourFingerprints: encryption === 'off' ? undefined : this.#options.identity.fingerprints,
      connect: peer => {
        begun = true
        // A peer that repeats a key of ours would send our own dialers to our own listener.
        if (this.#endpoint.hasKey(peer.key)) {
          this.#abort(id, lostFailure('protocol-error', []))
          return promise
        }
        const start = this.#start(role, { ourKey, ourHosts, ourPort: held?.port, encryption }, peer)
        this.#carryOut(this.#endpoint.begin(id, start))
        if (gaveUpEarly) this.#carryOut(this.#endpoint.peerGaveUp(id))
        return promise
      },
      peerGaveUp: () => {
        // Its give-up may be read in the same breath as its answer, before anybody acted on that.
        if (begun) this.#carryOut(this.#endpoint.peerGaveUp(id))
        else gaveUpEarly = true
      },
      abort: reason => this.#abort(id, reason),
    }
  }

  #makeListener(port: number): Listener {
    // A mapping is made for one port, and asking for it takes time: any port will do, but then the same again.
    const kept = port === 0 && this.#options.mapping !== undefined ? randomInt(...KEPT_PORTS) : port
    return new Listener(kept, socket => this.#onAccepted(socket))
  }

  async #listen(): Promise<Awaited<ReturnType<Listener['hold']>> | undefined> {
    for (let tries = 1; ; tries++) {
      const listener = this.#listener
      try {
        return await listener?.hold()
      } catch (error) {
        // Nobody asked for this very port.
        if (this.#port !== 0 || this.#options.mapping === undefined || tries === KEPT_PORT_TRIES) throw error
        if (this.#listener === listener) this.#listener = this.#makeListener(0)
      }
    }
  }

  #abort(id: string, reason: Failure): void {
    const session = this.#sessions.get(id)
    if (session === undefined) return
    session.abortReason = reason
    this.#carryOut(this.#endpoint.abort(id))
  }

  /** What is told of a listener that has this port, best first: for other ways than DTCP. */
  hostsAt(port: number): readonly Host[] {
    return this.#hosts(this.#options.ownAddresses(), port, [])
  }

  #hosts(own: readonly OwnAddress[], port: number | undefined, theirs: readonly Host[]): readonly Host[] {
    const { advertise, allowLoopback, mapping } = this.#options
    if (advertise !== undefined) return advertise.slice(0, MAX_HOSTS)
    if (port === undefined) return []
    const mapped = mapping?.external(port)
    return chooseHosts({ own, port, theirs, offerLoopback: allowLoopback, mapped })
  }

  #start(
    role: Role,
    ours: {
      readonly ourKey: string
      readonly ourHosts: readonly Host[]
      readonly ourPort: number | undefined
      readonly encryption: Encryption
    },
    peer: PeerTerms,
  ): SessionStart {
    const { ourKey, ourHosts, ourPort, encryption } = ours
    const { dial, allowLoopback } = this.#options
    const own = this.#own
    const pinnedBothWays = encryption !== 'off' && peer.pinned !== undefined
    const policy = { own, allowLoopback, trusted: false }
    const dialable = dial
      ? peer.hosts
          .slice(0, MAX_HOSTS)
          .filter(host => mayDial(host, policy) && !this.#isOurself(host, ourPort))
      : []
    const ranks = peer.hosts.map(({ address }) => rankOf(address, own))
    return {
      role,
      ourKey,
      theirKey: peer.key,
      // Guide, TLS: with fingerprints on both sides plaintext is never accepted.
      plaintextAllowed: encryption === 'off' || (encryption === 'preferred' && !pinnedBothWays),
      pinned: encryption === 'off' ? undefined : peer.pinned,
      askForTls: encryption !== 'off',
      dials: dialable.map(host => ({ host, rank: rankOf(host.address, own) })),
      weWereGivenHosts: peer.hostsGiven > 0,
      theyWereGivenHosts: ourHosts.length > 0,
      bestInbound: ranks.length === 0 ? undefined : (Math.min(...ranks) as Rank),
    }
  }

  /** Guide: refuse to dial yourself. */
  #isOurself({ address, port }: Host, ourPort: number | undefined): boolean {
    const mapped = ourPort === undefined ? undefined : this.#options.mapping?.external(ourPort)
    if (mapped?.address === address && mapped.port === port) return true
    if (port !== ourPort) return false
    return this.#own.some(own => own.address === address) || /^(127\.|::1$)/.test(address)
  }

  #onAccepted(socket: Socket): void {
    const address = normalizeAddress(socket.remoteAddress ?? '')
    if (address === undefined || this.#sessions.size === 0) {
      socket.destroy()
      return
    }
    const id = `accepted-${++this.#accepted}`
    this.#links.set(id, this.#link(id, socket))
    this.#carryOut(this.#endpoint.accepted(id, address))
    this.#links.get(id)?.listen()
  }

  #link(id: string, socket: Socket): Link {
    return new Link(socket, {
      received: bytes => this.#carryOut(this.#endpoint.received(id, bytes)),
      secured: certificate => this.#carryOut(this.#endpoint.secured(id, certificate)),
      closed: reason => this.#carryOut(this.#endpoint.closed(id, reason)),
    })
  }

  #dial(id: string, host: Host): void {
    const socket = createConnection({
      host: host.address,
      port: host.port,
      noDelay: true,
      // A peer that only receives may close its direction at once: ours stays open then.
      allowHalfOpen: true,
    })
    const link = this.#link(id, socket)
    this.#links.set(id, link)
    socket.once('connect', () => {
      // The kernel can connect a port to itself when it picks the wanted one as the source.
      const self = socket.localPort === socket.remotePort && socket.localAddress === socket.remoteAddress
      this.#carryOut(self ? this.#endpoint.closed(id, 'unreachable') : this.#endpoint.connected(id))
      this.#links.get(id)?.listen()
    })
  }

  /** In their order, one after the other: an effect that reports back at once only adds to the queue. */
  #carryOut(effects: readonly EndpointEffect[]): void {
    this.#queue.push(...effects)
    if (this.#running) return
    this.#running = true
    try {
      for (let effect = this.#queue.shift(); effect !== undefined; effect = this.#queue.shift()) {
        this.#carryOutOne(effect)
      }
    } finally {
      // Whatever a callback throws is its owner's: the other sessions go on.
      this.#running = false
    }
    // Strangers on a listener that nobody needs any more.
    if (this.#sessions.size === 0 && this.#links.size > 0) {
      for (const id of [...this.#links.keys()]) this.#carryOut(this.#endpoint.closed(id, 'closed'))
    }
  }

  #carryOutOne(effect: EndpointEffect): void {
    switch (effect.kind) {
      case 'dial':
        this.#dial(effect.connection, effect.host)
        break
      case 'send':
        this.#links.get(effect.connection)?.send(`${effect.line}\n`)
        break
      case 'start-tls':
        this.#links.get(effect.connection)?.startTls(effect.as, effect.trailing, this.#context)
        break
      case 'close':
        this.#links.get(effect.connection)?.close()
        this.#links.delete(effect.connection)
        break
      case 'set-timer': {
        const { timer, ms } = effect
        const handle = setTimeout(() => {
          this.#timers.delete(timer)
          this.#carryOut(this.#endpoint.timeUp(timer))
        }, ms)
        this.#timers.set(timer, handle)
        break
      }
      case 'clear-timer':
        clearTimeout(this.#timers.get(effect.timer))
        this.#timers.delete(effect.timer)
        break
      case 'give-up':
        this.#sessions.get(effect.session)?.onGiveUp()
        break
      case 'hand-over':
        this.#handOver(effect)
        break
      case 'lost': {
        const session = this.#end(effect.session)
        session?.settle.reject(session.abortReason ?? lostFailure(effect.reason, effect.candidates))
        break
      }
      default:
        assertNever(effect)
    }
  }

  #handOver({
    session: id,
    connection,
    by,
    trailing,
    encrypted,
    verified,
  }: EndpointEffect & { kind: 'hand-over' }): void {
    const link = this.#links.get(connection)
    const session = this.#end(id)
    this.#links.delete(connection)
    if (link === undefined || session === undefined) return
    const stream = link.handOver(trailing)
    const { fingerprints } = this.#options.identity
    session.settle.resolve({
      stream,
      by,
      remote: link.remote,
      encrypted,
      verified,
      network: networkOf(link.address, this.#options.ownAddresses()),
      code: verified ? verificationCode(fingerprints, link.certificate) : undefined,
    })
  }

  #end(id: string): OpenSession | undefined {
    const session = this.#sessions.get(id)
    this.#sessions.delete(id)
    session?.release()
    return session
  }
}

interface LinkEvents {
  readonly received: (bytes: Uint8Array) => void
  readonly secured: (certificate: Fingerprints | undefined) => void
  readonly closed: (reason: 'unreachable' | 'closed' | 'tls-failed') => void
}

/** One TCP connection of the race, first plain and maybe then under TLS. Reports exactly until it is handed over or closed. */
class Link {
  readonly remoteSocket: Socket
  /** What the other end showed; undefined without TLS. */
  certificate: Fingerprints | undefined
  readonly #events: LinkEvents
  #stream: Socket | TLSSocket
  #phase: 'connecting' | 'open' | 'securing' | 'released' = 'connecting'

  constructor(socket: Socket, events: LinkEvents) {
    this.remoteSocket = socket
    this.#stream = socket
    this.#events = events
    this.#watch(socket)
  }

  get remote(): string {
    return formatHost({ address: this.address, port: this.remoteSocket.remotePort ?? 0 })
  }

  /** Of the other end, without its port. */
  get address(): string {
    const { remoteAddress = '' } = this.remoteSocket
    return normalizeAddress(remoteAddress) ?? remoteAddress
  }

  /** The socket is connected: what arrives is reported from now on. */
  listen(): void {
    if (this.#phase !== 'connecting') return
    this.#phase = 'open'
    this.#stream.on('data', this.#onData)
    this.#stream.resume()
  }

  send(text: string): void {
    if (this.#stream.writable) this.#stream.write(text)
  }

  startTls(as: 'dialer' | 'acceptor', trailing: Uint8Array, context: SecureContext): void {
    const raw = this.#stream
    raw.off('data', this.#onData)
    this.#phase = 'securing'
    const secured = upgradeToTls(raw, as, trailing, context)
    this.#stream = secured
    this.#watch(secured)
    secured.once(as === 'dialer' ? 'secureConnect' : 'secure', () => {
      if (this.#phase !== 'securing') return
      this.#phase = 'open'
      secured.on('data', this.#onData)
      this.certificate = peerFingerprints(secured.getPeerX509Certificate())
      this.#events.secured(this.certificate)
    })
  }

  /** Sends what is still to be sent, then closes; a peer that takes nothing cannot keep the socket. */
  close(): void {
    this.#phase = 'released'
    this.#stream.off('data', this.#onData)
    const stream = this.#stream
    if (stream.writableLength === 0 || stream.connecting) {
      stream.destroy()
      return
    }
    const timer = setTimeout(() => stream.destroy(), CLOSE_TIMEOUT_MS)
    stream.once('close', () => clearTimeout(timer))
    stream.destroySoon()
  }

  /** Gives the stream away, paused, with what was read beyond the last line put back in front (S5). */
  handOver(trailing: Uint8Array): Duplex {
    this.#phase = 'released'
    const stream = this.#stream
    stream.off('data', this.#onData)
    stream.pause()
    if (trailing.length > 0) stream.unshift(trailing)
    return stream
  }

  readonly #onData = (bytes: Buffer): void => {
    this.#events.received(bytes)
  }

  #watch(socket: Socket): void {
    // Stays for good: between here and the next reader nobody else would catch a reset.
    socket.on('error', () => this.#gone())
    socket.on('end', () => this.#gone())
    socket.on('close', () => this.#gone())
  }

  #gone(): void {
    const phase = this.#phase
    if (phase === 'released') return
    this.#phase = 'released'
    this.#events.closed(
      phase === 'connecting' ? 'unreachable' : phase === 'securing' ? 'tls-failed' : 'closed',
    )
  }
}

/** How long a session waits for the router, once: with its answer the mapping is known beforehand. */
const MAPPING_PATIENCE_MS = 1_500

/** Neither the system's own ports nor those that systems give to outgoing connections. */
const KEPT_PORTS = [20_000, 32_768] as const
const KEPT_PORT_TRIES = 10

/** How long the last line of a connection may take to leave. */
const CLOSE_TIMEOUT_MS = 1_000

function lostFailure(reason: SessionFailure | 'aborted', candidates: readonly CandidateFailure[]): Failure {
  const cause = candidates.length === 0 ? undefined : new Error(`connections: ${candidates.join(', ')}`)
  switch (reason) {
    case 'encryption-refused':
      return new Failure(reason, say('direct.no-encryption'), { cause })
    case 'certificate-mismatch':
      return new Failure(reason, say('direct.wrong-certificate'), { cause })
    case 'protocol-error':
      return new Failure(reason, say('direct.not-as-agreed'), { cause })
    case 'timed-out':
      return new Failure(reason, say('direct.too-slow'), { cause })
    case 'unreachable':
    case 'refused':
    case 'aborted':
      return new Failure('unreachable', say('direct.unreachable'), { cause })
    default:
      return assertNever(reason)
  }
}
