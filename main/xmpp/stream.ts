import { EventEmitter, once } from 'node:events'
import { type Client, client, jid, xml } from '@xmpp/client'
import type { Element } from '@xmpp/xml'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import { SCRAM_MECHANISMS, Scram, type ScramName } from './scram.ts'
import type { TlsMode } from './server-address.ts'
import { ServerSocket } from './server-socket.ts'

export interface SignIn {
  /** Bare: a resource is chosen by `resource`. */
  readonly jid: string
  readonly password: string
  readonly resource: string
  readonly server?: { readonly host: string; readonly port: number } | undefined
  readonly tls?: TlsMode | undefined
  /** PEM of the authorities to trust instead of the built-in ones. */
  readonly ca?: string | undefined
}

interface StreamEvents {
  stanza: [stanza: Element]
  /** A new session began, the first one included: presence and roster start anew. */
  online: [address: string]
  /** The old session goes on after a loss of the connection: nothing was lost. */
  resumed: []
  /** The connection is lost; it is tried again until `stop`. */
  interrupted: []
  /** This one of two that were possible is the password: the server took it. */
  password: [password: string]
  /** There will be no further connection. */
  ended: [failure: Failure]
}

/** How long a sign-in may take in all. */
const SIGN_IN_TIMEOUT_MS = 30_000
/** How long a server may take for one step of the stream (the library's own limit of 2 s is short for a phone line). */
const STEP_TIMEOUT_MS = 10_000
/** How long the server may take to close the stream with us. */
const STOP_TIMEOUT_MS = 1_000
/** The wait before the first, and the longest before any further attempt to connect again. */
const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 60_000
/** After so many stanzas the server is asked how many it has (XEP-0198). */
const ASK_EVERY = 50
/** How long it may be silent after that before the connection counts as lost. */
const ANSWER_TIMEOUT_MS = 60_000

const NS_STREAM = 'http://etherx.jabber.org/streams'
const NS_SM = 'urn:xmpp:sm:3'
const NS_ROSTER_VERSIONS = 'urn:xmpp:features:rosterver'
const NS_SASL = 'urn:ietf:params:xml:ns:xmpp-sasl'
const NS_SASL2 = 'urn:xmpp:sasl:2'

/** The stream to the server: signed in, kept alive, reconnected and resumed (XEP-0198). */
export class XmppStream extends EventEmitter<StreamEvents> {
  readonly #client: Client
  readonly #socket: { current: ServerSocket | undefined }
  #state: 'signing-in' | 'signed-in' | 'ended' = 'signing-in'
  #interrupted = false
  #managed = false
  #versionsRoster = false
  #retries = 0
  /** Stanzas that came since stream management began: what XEP-0198 calls h. */
  #handled = 0
  #sent = 0
  /** Cuts off an attempt to connect again that the server does not bring to an end. */
  #patience: NodeJS.Timeout | undefined
  /** The server was asked how many stanzas it has, and says nothing. */
  #silence: NodeJS.Timeout | undefined
  readonly #over = new AbortController()
  /** What waits for the server's acknowledgement. */
  readonly #unacknowledged = new Map<Element, { resolve(): void; reject(): void }>()
  /** Somebody knows that now is the time: the next attempt does not wait. */
  #hurried = false
  #password: string
  /** The one that may be it by now. */
  #otherPassword: string | undefined
  /** The server refused the other one since it took one of them last. */
  #refusedOther = false

  private constructor(
    library: Client,
    socket: { current: ServerSocket | undefined },
    { password }: Pick<SignIn, 'password'>,
  ) {
    super()
    this.#password = password
    // Whatever waits for the connection listens, and many messages may wait.
    this.setMaxListeners(0)
    this.#client = library
    this.#socket = socket
  }

  /** The full JID. */
  get address(): string {
    return this.#client.jid?.toString() ?? ''
  }

  /** Whether the server can tell what changed in the contact list since it was read last (RFC 6121 section 2.6). */
  get versionsRoster(): boolean {
    return this.#versionsRoster
  }

  /** Signs in. `signal` gives it up. Throws a Failure whose sentence names what to do. */
  static async signIn(options: SignIn, signal?: AbortSignal): Promise<XmppStream> {
    const { local, domain } = parseAccount(options.jid)
    const current: { current: ServerSocket | undefined } = { current: undefined }
    const library = client({
      domain,
      // A URI keeps the library from looking addresses up by itself; the socket knows where to go.
      service: `xmpp://${domain}`,
      resource: options.resource,
      timeout: STEP_TIMEOUT_MS,
      credentials: async (authenticate, mechanisms) => {
        const withMechanism: Authenticate = (given, mechanism) =>
          authenticate(given, mechanism, xml('user-agent'))
        const { tls } = options
        await signInWith(library, withMechanism, mechanisms, local, { password: stream.#password, tls })
        stream.#onPasswordTaken()
      },
    })
    installSocket(library, () => {
      // The system may take a quarter of an hour to give up what is left of the connection before.
      current.current?.destroy()
      current.current = new ServerSocket({
        domain,
        server: options.server,
        tls: options.tls,
        ca: options.ca,
      })
      return current.current
    })
    installScram(library)
    const stream = new XmppStream(library, current, options)
    await stream.#start(domain, signal)
    return stream
  }

  /**
   * The password is about to be another: until the server has said so, and where it never does, either of them may be the
   * one. A later connection tries the present one first.
   */
  considerPassword(password: string): void {
    this.#otherPassword = password
    this.#refusedOther = false
  }

  /** Whether the server took this one last. */
  isPassword(password: string): boolean {
    return this.#password === password && !this.#refusedOther
  }

  /** Later connections sign in with this one; undefined: with the one that there was, and no other. */
  settlePassword(password: string | undefined): void {
    this.#password = password ?? this.#password
    this.#otherPassword = undefined
  }

  /**
   * Resolves when a stanza is written, or will be when the session goes on (XEP-0198). Throws `server-connection-lost` where
   * there is nothing to write it to.
   */
  async send(stanza: Element): Promise<void> {
    await this.#hand(stanza)
  }

  /**
   * Sends a stanza, and resolves when the server has acknowledged it (XEP-0198), or once it is written where the
   * server acknowledges nothing. Throws `server-connection-lost` where it may not have arrived; it is not sent any more then.
   */
  async deliver(stanza: Element): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    promise.catch(() => {})
    this.#unacknowledged.set(stanza, { resolve, reject: () => reject(lost()) })
    try {
      if (await this.#hand(stanza)) await promise
    } finally {
      this.#unacknowledged.delete(stanza)
    }
  }

  /** Whether the server is going to acknowledge the stanza, over this connection or a later one. */
  async #hand(stanza: Element): Promise<boolean> {
    const down = say('server.down')
    // On a connection that is only being signed in a stanza would be an offence that ends it.
    if (this.#interrupted || this.#state === 'ended') throw new Failure('server-connection-lost', down)
    const sending = this.#client.send(stanza)
    const isQueued = managementOf(this.#client).outbound_q.at(-1)?.stanza === stanza
    this.#sent += 1
    try {
      await sending
      // The library asks only once nothing was sent for a while, and keeps every stanza until then: a file in band is
      // many thousands.
      if (this.#sent % ASK_EVERY === 0 && this.#client.streamManagement.enabled) {
        await this.#client.send(xml('r', { xmlns: NS_SM }))
      }
    } catch (cause) {
      // What is in the queue goes out once the session is resumed; where it is not, `deliver` is told.
      if (!isQueued) throw new Failure('server-connection-lost', down, { cause })
    }
    return isQueued
  }

  /** Takes the connection for dead, as after a sleep, and connects again at once. */
  reconnectNow(): void {
    if (this.#state !== 'signed-in') return
    this.#retries = 0
    if (this.#client.status === 'disconnect') {
      // Instead of the attempt that waits for its time.
      this.#client.reconnect.delay = 0
      this.#client.reconnect.scheduleReconnect()
    } else {
      // An attempt under way may go through the network that is gone: it ends, and the next one follows at once.
      this.#hurried = true
      this.#socket.current?.destroy()
    }
  }

  /** Resolves when the server is connected (again). Throws when it never will be, or `signal`'s reason. */
  async whenConnected(signal: AbortSignal): Promise<void> {
    while (this.#interrupted) {
      const stop = new AbortController()
      const next = (event: 'online' | 'resumed' | 'ended'): Promise<unknown> =>
        once(this, event, { signal: AbortSignal.any([signal, stop.signal, this.#over.signal]) })
      try {
        await Promise.race([next('online'), next('resumed'), next('ended')])
      } catch {
        signal.throwIfAborted()
      } finally {
        stop.abort()
      }
    }
    if (this.#state === 'ended') {
      throw new Failure('server-connection-lost', say('server.gone'))
    }
  }

  /** Signs out and closes the connection. Never throws. */
  async stop(): Promise<void> {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#interrupted = false
    this.#over.abort()
    this.#forgetUnacknowledged()
    clearTimeout(this.#patience)
    this.#endSilence()
    const library = this.#client
    library.reconnect.stop()
    // One half for the end of the stream, the other for that of the connection.
    library.timeout = STOP_TIMEOUT_MS / 2
    const { promise: patience, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, STOP_TIMEOUT_MS)
    await Promise.race([library.stop().catch(() => {}), patience])
    clearTimeout(timer)
    this.#socket.current?.destroy()
    // What the library still waits for, it would wait for with timers that keep the process alive.
    const stopped = new Error('The stream was stopped.')
    library.emit('error', stopped)
    const { handlers } = library.iqCaller as unknown as {
      handlers: Map<string, PromiseWithResolvers<Element>>
    }
    for (const waiting of handlers.values()) waiting.reject(stopped)
  }

  async #start(domain: string, signal: AbortSignal | undefined): Promise<void> {
    const library = this.#client
    library.reconnect.stop()
    Object.assign(library, {
      // The library would go there, or stumble over it: a server says it before anybody has signed in.
      _onSeeOtherHost: () => library.emit('error', sentElsewhere(domain)),
    })
    // Counted here: the library sets its own count to zero after it has counted what came with <enabled/>.
    Object.defineProperty(library.streamManagement, 'inbound', { get: () => this.#handled, set: () => {} })
    // Before the library, which throws for a stanza from an address that is none.
    library.prependListener('element', element => this.#onElement(element))
    library.middleware.use(async ({ stanza }, next) => {
      if (!['iq', 'message', 'presence'].includes(stanza.getName())) return next()
      this.emit('stanza', stanza)
      // The library would answer what none of its own handlers took; the answers come from our router.
      return new Promise(() => {})
    })
    // The library's own answer to silence is to end the stream, which ends the session as well if that still arrives.
    Object.assign(library.streamManagement, { timeout: 0 })
    library.on('send', element => {
      if (!element.is('r', NS_SM)) return
      this.#silence ??= setTimeout(() => this.#socket.current?.destroy(), ANSWER_TIMEOUT_MS)
    })
    library.on('online', () => void this.#onOnline())
    library.on('nonza', nonza => {
      if (!nonza.is('features', NS_STREAM)) return
      this.#managed = nonza.getChild('sm', NS_SM) !== undefined
      this.#versionsRoster = nonza.getChild('ver', NS_ROSTER_VERSIONS) !== undefined
      const useful = ['mechanisms', 'bind', 'sm'].some(name => nonza.getChild(name))
      // A server that wants encryption first offers nothing else, and the library would wait for ever.
      if (!useful) library.emit('error', noWayIn(domain))
    })
    const lasting = new Set(library.listeners('nonza'))
    // The library tells it twice when a stream that it was about to close goes down by itself.
    let connected = false
    library.on('connecting', () => {
      connected = true
      if (this.#state === 'signed-in') this.#limitAttempt()
    })
    library.on('disconnect', () => {
      // A step of the sign-in that had no answer would take that of the next connection for its own, and go on twice.
      for (const listener of library.listeners('nonza')) {
        if (!lasting.has(listener)) library.off('nonza', listener as () => void)
      }
      reject(closed(domain))
      if (connected) this.#onDisconnect()
      connected = false
    })
    let closing = false
    library.on('opening', () => {
      closing = false
    })
    library.on('closing', () => {
      closing = true
    })
    // A server that ends the stream may wait for us to end it, too (RFC 6120 section 4.4).
    library.on('close', () => {
      if (closing || !connected || this.#state === 'ended') return
      closing = true
      void library.disconnect()
    })
    const management = managementOf(library)
    management.on('ack', stanza => this.#unacknowledged.get(stanza)?.resolve())
    management.on('fail', stanza => this.#unacknowledged.get(stanza)?.reject())
    management.on('resumed', () => {
      clearTimeout(this.#patience)
      this.#retries = 0
      this.#interrupted = false
      this.emit('resumed')
    })
    const { promise: failed, reject } = Promise.withResolvers<never>()
    library.on('error', error => {
      reject(error)
      this.#onError(error, domain)
    })
    const timer = setTimeout(
      () => reject(new Failure('sign-in-timed-out', say('sign-in.unfinished', { domain }))),
      SIGN_IN_TIMEOUT_MS,
    )
    const abort = (): void => reject(signal?.reason)
    signal?.addEventListener('abort', abort)
    try {
      signal?.throwIfAborted()
      const online = Promise.withResolvers<void>()
      this.once('online', () => online.resolve())
      // Not the library's `start`: when opening fails it leaves a second rejection that nobody can catch.
      const opening = library.connect(`xmpp://${domain}`).then(() => library.open({ domain }))
      await Promise.race([Promise.all([opening, online.promise]), failed])
    } catch (error) {
      await this.stop()
      throw signInFailure(error, domain)
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      failed.catch(() => {})
    }
    this.#state = 'signed-in'
    library.reconnect.start()
  }

  #onElement(element: Element): void {
    this.#socket.current?.stanzaRead()
    this.#endSilence()
    if (element.is('enabled', NS_SM)) this.#handled = 0
    else if (element.is('failed', NS_SM)) this.#onRefusedResumption(element)
    else if (element.is('resumed', NS_SM) || element.is('a', NS_SM)) this.#catchUp(element)
    else if (['iq', 'message', 'presence'].includes(element.getName())) this.#handled += 1
    // SASL2 as the library speaks it lets the server leave out its proof, and choose our resource.
    else if (element.is('features', NS_STREAM)) element.remove('authentication', NS_SASL2)
  }

  /** XEP-0198 section 5: a server that has lost the session may still know how much of it arrived. */
  #onRefusedResumption(failed: Element): void {
    const { outbound, outbound_q: queue } = managementOf(this.#client)
    const arrived = Math.max(0, Number(failed.attrs['h'] ?? outbound) - outbound)
    for (const { stanza } of queue.slice(0, arrived)) this.#unacknowledged.get(stanza)?.resolve()
  }

  /** At more than there is the library would stumble, and count wrongly from then on. */
  #catchUp(acknowledgement: Element): void {
    const management = managementOf(this.#client)
    const uncounted = Number(acknowledgement.attrs['h']) - management.outbound - management.outbound_q.length
    if (uncounted > 0) management.outbound += uncounted
  }

  #endSilence(): void {
    clearTimeout(this.#silence)
    this.#silence = undefined
  }

  /** The session is gone, and whether these arrived, nobody can tell any more. */
  #forgetUnacknowledged(): void {
    for (const waiting of this.#unacknowledged.values()) waiting.reject()
    // The library forgets it only after a refused resumption, not where there was nothing to resume.
    managementOf(this.#client).outbound_q.length = 0
  }

  async #onOnline(): Promise<void> {
    this.#forgetUnacknowledged()
    // From then on the session can be resumed: nothing that is asked before would survive the connection.
    if (this.#managed && !(await this.#managementAnswered())) return
    clearTimeout(this.#patience)
    this.#retries = 0
    this.#interrupted = false
    this.emit('online', this.address)
  }

  /** False where the connection was lost first. */
  #managementAnswered(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const onNonza = (nonza: Element): void => {
      // One turn later, when the library has handled it too.
      if (nonza.getNS() === NS_SM) setImmediate(resolve, true)
    }
    const onLost = (): void => resolve(false)
    const timer = setTimeout(resolve, STEP_TIMEOUT_MS, true)
    this.#client.on('nonza', onNonza)
    this.#client.on('disconnect', onLost)
    return promise.finally(() => {
      clearTimeout(timer)
      this.#client.off('nonza', onNonza)
      this.#client.off('disconnect', onLost)
    })
  }

  /** The library waits for ever for a server that takes the connection and then says nothing. */
  #limitAttempt(): void {
    clearTimeout(this.#patience)
    this.#patience = setTimeout(() => this.#socket.current?.destroy(), SIGN_IN_TIMEOUT_MS)
  }

  #onDisconnect(): void {
    clearTimeout(this.#patience)
    this.#endSilence()
    if (this.#state !== 'signed-in') return
    // A little chance keeps a thousand clients from coming back in the same instant.
    const wait = Math.min(FIRST_RETRY_MS * 2 ** this.#retries, LONGEST_RETRY_MS)
    this.#client.reconnect.delay = this.#hurried ? 0 : wait * (0.75 + Math.random() / 2)
    this.#hurried = false
    this.#retries += 1
    this.#interrupted = true
    this.emit('interrupted')
  }

  #onError(error: unknown, domain: string): void {
    if (this.#state !== 'signed-in') return
    const failure = signInFailure(error, domain)
    if (failure.code === 'wrong-password' && this.#exchangePasswords()) return
    // Trying again cannot help, and with a wrong password it may lock the account.
    const final = ['wrong-password', 'signed-in-elsewhere', 'certificate-not-trusted', 'not-encrypted']
    if (!final.includes(failure.code)) return
    void this.stop().then(() => this.emit('ended', failure))
  }

  /** False where there is no other, or it was refused as well. */
  #exchangePasswords(): boolean {
    const other = this.#otherPassword
    if (other === undefined || this.#refusedOther) return false
    this.#otherPassword = this.#password
    this.#password = other
    this.#refusedOther = true
    this.#hurried = true
    this.#socket.current?.destroy()
    return true
  }

  #onPasswordTaken(): void {
    if (!this.#refusedOther) return
    this.#refusedOther = false
    this.emit('password', this.#password)
  }
}

/** Splits a bare JID. Throws `usage` for what is none. */
export function parseAccount(text: string): { local: string; domain: string } {
  try {
    const parsed = jid(text)
    if (parsed.local !== '' && parsed.domain !== '') return { local: parsed.local, domain: parsed.domain }
  } catch {
    // The library throws for some and returns emptiness for others.
  }
  throw new Failure('usage', say('address.malformed', { address: text }))
}

type Authenticate = (credentials: { username: string; password: string }, mechanism: string) => Promise<void>

/** The strongest mechanism that both know; a password in the clear only inside TLS (RFC 6120 section 13.8.3). */
async function signInWith(
  library: Client,
  authenticate: Authenticate,
  offered: readonly string[],
  username: string,
  { password, tls }: Pick<SignIn, 'password' | 'tls'>,
): Promise<void> {
  if (!library.isSecure() && tls !== 'off') {
    throw new Failure('not-encrypted', say('sign-in.in-the-clear'))
  }
  const scram = Object.keys(SCRAM_MECHANISMS).find(name => offered.includes(name))
  const mechanism = scram ?? (library.isSecure() && offered.includes('PLAIN') ? 'PLAIN' : undefined)
  if (mechanism === undefined) {
    throw nothingSafe()
  }
  let proof: string | undefined
  const onNonza = (element: Element): void => {
    if (element.is('success', NS_SASL)) proof = Buffer.from(element.text(), 'base64').toString()
  }
  library.on('nonza', onNonza)
  try {
    await authenticate({ username, password }, mechanism)
    if (scram !== undefined) lastScram.get(library)?.final(proof ?? '')
  } finally {
    library.off('nonza', onNonza)
  }
}

const lastScram = new WeakMap<Client, Scram>()

/** Puts our SCRAM in the place of the library's. */
function installScram(library: Client): void {
  const { saslFactory } = library as unknown as { saslFactory: SaslFactory }
  const others = saslFactory._mechs.filter(({ name }) => name === 'PLAIN')
  const ours = Object.keys(SCRAM_MECHANISMS).map(name => ({ name }))
  saslFactory._mechs = [...ours, ...others]
  const create = saslFactory.create.bind(saslFactory)
  saslFactory.create = names => {
    const name = names.find((wanted): wanted is ScramName => wanted in SCRAM_MECHANISMS)
    if (name === undefined) return inBytes(create(names))
    const scram = new Scram(name)
    lastScram.set(library, scram)
    return inBytes(scram)
  }
}

/** The library's base64 takes one byte for each character: text has to be made bytes before. */
function inBytes(mechanism: SaslMechanism): SaslMechanism {
  return {
    name: mechanism.name,
    clientFirst: mechanism.clientFirst,
    response: async credentials => Buffer.from(await mechanism.response(credentials)).toString('latin1'),
    challenge: text => mechanism.challenge(Buffer.from(text, 'latin1').toString()),
  }
}

/** The part of `saslmechanisms` that is touched; it brings no types. */
interface SaslFactory {
  _mechs: { readonly name: string }[]
  create(names: string[]): SaslMechanism
}

interface SaslMechanism {
  readonly name: string
  readonly clientFirst: boolean
  response(credentials: { username: string; password: string }): string | Promise<string>
  challenge(text: string): unknown
}

/** The part of the library's stream management that its types leave out. */
type Management = EventEmitter<{ resumed: []; ack: [stanza: Element]; fail: [stanza: Element] }> & {
  /** How many stanzas the server has acknowledged. */
  outbound: number
  /** Those that it has not, oldest first. */
  readonly outbound_q: { readonly stanza: Element }[]
}

function managementOf(library: Client): Management {
  return library.streamManagement as unknown as Management
}

/** The part of the library's connection that its sending needs. */
interface Writer {
  readonly root: Element
  emit(event: 'send', element: Element): void
  write(text: string): Promise<void>
}

/**
 * In the place of the library's, which tells of an element (`send`) when it was written: by then the server may have
 * acknowledged it, and what was about to be written when the connection broke would be in no queue (XEP-0198).
 */
async function send(this: Writer, element: Element): Promise<void> {
  element.parent = this.root
  const text = element.toString()
  this.emit('send', element)
  await (element.is('resume', NS_SM) ? writeOrNothing(this, text) : this.write(text))
}

/** The queue of a session that is resumed. */
async function sendMany(this: Writer, elements: readonly Element[]): Promise<void> {
  for (const element of elements) {
    element.parent = this.root
    this.emit('send', element)
  }
  await writeOrNothing(this, elements.map(element => element.toString()).join(''))
}

/**
 * Never settles where it cannot be written: the library would take that for the server's refusal to resume, and forget a
 * session that the next connection can resume. It hears of the loss from the socket.
 */
function writeOrNothing(writer: Writer, text: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  writer.write(text).then(resolve, () => {})
  return promise
}

/** Makes the library connect through our socket, whatever address it has in mind. */
function installSocket(library: Client, makeSocket: () => ServerSocket): void {
  const Base = library.transports.find(
    transport => transport.prototype.socketParameters('xmpp://h:1') !== undefined,
  ) as unknown as (new () => object) | undefined
  if (Base === undefined) throw new Error('bug: @xmpp/client has no TCP transport')
  class Transport extends Base {
    socketParameters(): object {
      return {}
    }
  }
  Object.assign(Transport.prototype, {
    send,
    sendMany,
    // biome-ignore lint/complexity/useArrowFunction: the library calls it with `new`, which no arrow function allows.
    Socket: function () {
      return makeSocket()
    },
    NS: 'jabber:client',
  })
  library.transports = [Transport as unknown as (typeof library.transports)[number]]
}

function lost(): Failure {
  return new Failure('server-connection-lost', say('server.lost-before-confirmed'))
}

function nothingSafe(): Failure {
  return new Failure('sign-in-failed', say('sign-in.nothing-safe'))
}

function closed(domain: string, cause?: unknown): Failure {
  return new Failure('server-unreachable', say('sign-in.closed-try-later', { domain }), { cause })
}

function sentElsewhere(domain: string): Failure {
  return new Failure('sign-in-failed', say('sign-in.sent-elsewhere', { domain }))
}

function noWayIn(domain: string): Failure {
  return new Failure('sign-in-failed', say('sign-in.only-encrypted', { domain }))
}

/** Any error of the library as the sentence for the person. */
function signInFailure(error: unknown, domain: string): Failure {
  if (error instanceof Failure) return error
  const {
    name = '',
    condition = '',
    syscall,
  } = (error ?? {}) as { name?: string; condition?: string; syscall?: string }
  if (syscall !== undefined) return closed(domain, error)
  if (name === 'SASLError') {
    // The library's own word for having found no mechanism that it knows; the server's are names.
    if (!/^[a-z-]+$/.test(condition)) return nothingSafe()
    return ['not-authorized', 'credentials-expired', 'account-disabled', 'invalid-authzid'].includes(
      condition,
    )
      ? new Failure('wrong-password', say('sign-in.wrong-password', { domain }), {
          cause: error,
        })
      : new Failure('sign-in-failed', say('sign-in.refused', { domain, condition }), {
          cause: error,
        })
  }
  if (name === 'StreamError' && condition === 'conflict') {
    return new Failure('signed-in-elsewhere', say('sign-in.elsewhere'), {
      cause: error,
    })
  }
  if (name === 'StreamError' && condition === 'host-unknown') {
    return new Failure('server-not-found', say('sign-in.not-served', { domain }), {
      cause: error,
    })
  }
  if (name === 'TimeoutError') {
    return new Failure('sign-in-timed-out', say('sign-in.no-answer', { domain }), {
      cause: error,
    })
  }
  return new Failure('sign-in-failed', say('sign-in.failed', { domain }), { cause: error })
}
