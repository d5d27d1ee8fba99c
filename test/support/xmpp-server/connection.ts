import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { type SecureContext, TLSSocket } from 'node:tls'
import xml, { type Element, escapeXML } from '@xmpp/xml'
import { assertNever } from '../../../shared/assert-never.ts'
import type { Account, Accounts } from './accounts.ts'
import type { Registration } from './registration.ts'
import { SCRAM_MECHANISMS, type ScramEnd, startScram } from './scram.ts'
import { failed, type Session } from './session.ts'
import { attribute, isStanza, NS, refusal, result } from './stanzas.ts'
import { type UnreadableCondition, XmlStream } from './xml-stream.ts'

/** RFC 6120 §4.9.3, those that this server says. */
export type StreamCondition =
  | UnreadableCondition
  | 'conflict'
  | 'host-unknown'
  | 'invalid-namespace'
  | 'not-authorized'
  | 'reset'
  | 'resource-constraint'
  | 'system-shutdown'
  | 'undefined-condition'
  | 'unsupported-stanza-type'
  | 'unsupported-version'

const NS_REGISTER_FEATURE = 'http://jabber.org/features/iq-register'
const NS_ROSTER_VERSIONS = 'urn:xmpp:features:rosterver'
const NS_CLIENT_STATE = 'urn:xmpp:csi:0'

/** The same limit as Prosody's `c2s_stanza_size_limit`. */
const MAX_STANZA_BYTES = 256 * 1024
/** What may wait for a client that does not read. */
const MAX_UNSENT_BYTES = 64 * 1024 * 1024
/** RFC 6120 §6.4.5: between two and five. */
const MAX_FAILED_SIGN_INS = 3
/** How long a client may take to close after we did. */
const LINGER_MS = 1000

export type TlsMode = 'required' | 'direct' | 'off'

/** What a connection needs of the server that accepted it. */
export interface ConnectionHost {
  readonly tls: TlsMode
  /** Whether it knows XEP-0198 at all. */
  readonly streamManagement: boolean
  readonly secureContext: SecureContext
  readonly accounts: Accounts
  /** A new session, in place of whoever has the resource. */
  bind(account: Account, resource: string | undefined, connection: Connection): Session
  findResumable(account: Account, resumptionId: string): Session | undefined
  receive(session: Session, stanza: Element): void
  /** Whether its rosters have versions (RFC 6121 §2.6). */
  readonly rosterVersions: boolean
  /** Whether clients may say that nobody looks at them (XEP-0352). */
  readonly clientState: boolean
  /** Undefined where nobody gets an account. */
  readonly registration: Registration | undefined
}

type SaslEnd =
  | ScramEnd
  | { readonly kind: 'refused'; readonly condition: 'aborted' | 'encryption-required' | 'invalid-mechanism' }

type State =
  | { readonly kind: 'unauthenticated' }
  | { readonly kind: 'authenticating'; readonly finish: (clientFinal: string) => ScramEnd }
  | { readonly kind: 'authenticated'; readonly account: Account }
  | { readonly kind: 'bound'; readonly session: Session }
  /** We closed our stream. */
  | { readonly kind: 'closed' }

/** One TCP connection of a client: its streams, from the first one to the bound session. */
export class Connection {
  /** Resolves when the socket is closed. */
  readonly closed: Promise<void>
  readonly #host: ConnectionHost
  readonly #tcpSocket: Socket
  readonly #stream: XmlStream
  #socket: Socket
  #state: State = { kind: 'unauthenticated' }
  #sentHeader = false
  #failedSignIns = 0

  constructor(tcpSocket: Socket, host: ConnectionHost) {
    this.#host = host
    this.#tcpSocket = tcpSocket
    this.#stream = new XmlStream(MAX_STANZA_BYTES, {
      opened: header => this.#open(header),
      received: element => this.#receive(element),
      ended: () => this.#end(),
      unreadable: (condition, text) => this.fail(condition, text),
    })
    tcpSocket.setNoDelay(true)
    // A reset says no more than the close that follows it.
    tcpSocket.on('error', () => {})
    this.closed = new Promise(resolve => tcpSocket.once('close', () => resolve()))
    void this.closed.then(() => this.#lost())
    this.#socket = host.tls === 'direct' ? this.#encrypt() : tcpSocket
    this.#socket.on('data', this.#read)
  }

  /** Writes an element as it is, a stanza or not. */
  send(element: Element): void {
    if (this.#state.kind === 'closed' || !this.#socket.writable) return
    this.#socket.write(element.toString())
    if (this.#socket.writableLength > MAX_UNSENT_BYTES) this.cut()
  }

  /** Ends the stream with an error, and the session with it. */
  fail(condition: StreamCondition, text?: string): void {
    if (this.#state.kind === 'closed') return
    if (!this.#sentHeader) this.#sendHeader()
    this.send(
      xml(
        'stream:error',
        {},
        xml(condition, { xmlns: NS.streamErrors }),
        ...(text === undefined ? [] : [xml('text', { xmlns: NS.streamErrors }, text)]),
      ),
    )
    this.#end()
  }

  /** Cuts the connection without a word, like a network that fails. */
  cut(): void {
    this.#tcpSocket.resetAndDestroy()
  }

  readonly #read = (chunk: Buffer): void => this.#stream.write(chunk)

  #lost(): void {
    const state = this.#state
    this.#state = { kind: 'closed' }
    this.#stream.stop()
    if (state.kind === 'bound') state.session.connectionLost(this)
  }

  #end(): void {
    const state = this.#state
    if (state.kind === 'closed') return
    this.#state = { kind: 'closed' }
    this.#stream.stop()
    this.#socket.end('</stream:stream>')
    const linger = setTimeout(() => this.#tcpSocket.destroy(), LINGER_MS)
    linger.unref()
    void this.closed.then(() => clearTimeout(linger))
    if (state.kind === 'bound') state.session.streamClosed(this)
  }

  #encrypt(): TLSSocket {
    const encrypted = new TLSSocket(this.#tcpSocket, {
      isServer: true,
      secureContext: this.#host.secureContext,
      ALPNProtocols: ['xmpp-client'],
    })
    encrypted.on('error', () => {})
    // A failed handshake closes only this layer, and a client that leaves in its middle not even that: what
    // was written waits for a handshake that nobody ends.
    const leave = () => encrypted.destroy()
    encrypted.once('end', leave)
    encrypted.once('secure', () => encrypted.off('end', leave))
    encrypted.once('close', () => this.#tcpSocket.destroy())
    return encrypted
  }

  get #isEncrypted(): boolean {
    return this.#socket !== this.#tcpSocket
  }

  #open(header: Element): void {
    const complaint = this.#complaintAbout(header)
    if (complaint !== undefined) {
      this.fail(complaint)
      return
    }
    this.#sendHeader()
    this.send(xml('stream:features', {}, ...this.#features()))
  }

  #complaintAbout(header: Element): StreamCondition | undefined {
    if (header.getName() !== 'stream' || header.getNS() !== NS.streams) return 'invalid-namespace'
    if (attribute(header, 'xmlns') !== NS.client) return 'invalid-namespace'
    // RFC 6120 §4.7.5: no version means 0.9.
    const version = Number.parseInt(attribute(header, 'version') ?? '0', 10)
    if (Number.isNaN(version) || version < 1) return 'unsupported-version'
    const domain = attribute(header, 'to')?.toLowerCase()
    return domain === this.#host.accounts.domain ? undefined : 'host-unknown'
  }

  #sendHeader(): void {
    this.#sentHeader = true
    const from = escapeXML(this.#host.accounts.domain)
    this.#socket.write(
      `<?xml version='1.0'?><stream:stream xmlns='${NS.client}' xmlns:stream='${NS.streams}' ` +
        `id='${randomUUID()}' from='${from}' version='1.0' xml:lang='en'>`,
    )
  }

  #features(): Element[] {
    if (this.#host.tls === 'required' && !this.#isEncrypted) {
      return [xml('starttls', { xmlns: NS.tls }, xml('required'))]
    }
    if (this.#state.kind === 'unauthenticated') {
      const mechanisms = this.#mechanisms().map(mechanism => xml('mechanism', {}, mechanism))
      return [
        xml('mechanisms', { xmlns: NS.sasl }, ...mechanisms),
        ...(this.#host.registration?.isOpen === true
          ? [xml('register', { xmlns: NS_REGISTER_FEATURE })]
          : []),
      ]
    }
    return [
      xml('bind', { xmlns: NS.bind }),
      xml('session', { xmlns: NS.session }, xml('optional')),
      ...(this.#host.streamManagement ? [xml('sm', { xmlns: NS.management })] : []),
      ...(this.#host.rosterVersions ? [xml('ver', { xmlns: NS_ROSTER_VERSIONS })] : []),
      ...(this.#host.clientState ? [xml('csi', { xmlns: NS_CLIENT_STATE })] : []),
    ]
  }

  #mechanisms(): readonly string[] {
    return this.#isEncrypted ? [...SCRAM_MECHANISMS, 'PLAIN'] : SCRAM_MECHANISMS
  }

  #receive(element: Element): void {
    const state = this.#state
    const isManagement = this.#host.streamManagement && element.getNS() === NS.management
    switch (state.kind) {
      case 'unauthenticated':
        if (element.is('starttls', NS.tls)) this.#startTls()
        else if (element.is('auth', NS.sasl)) this.#authenticate(element)
        else this.#receiveOfStranger(element)
        break
      case 'authenticating':
        if (element.is('response', NS.sasl)) this.#conclude(state.finish(decodeBase64(element.text())))
        else if (element.is('abort', NS.sasl)) this.#conclude({ kind: 'refused', condition: 'aborted' })
        else this.#failUnexpected(element)
        break
      case 'authenticated':
        if (element.is('iq', NS.client) && element.getChild('bind', NS.bind))
          this.#bind(element, state.account)
        else if (isManagement && element.is('resume')) this.#resume(element, state.account)
        else if (isManagement) this.send(failed('unexpected-request'))
        else this.#failUnexpected(element)
        break
      case 'bound':
        if (isStanza(element)) {
          state.session.countReceived()
          this.#host.receive(state.session, element)
        } else if (isManagement) {
          state.session.manage(element)
        } else if (!this.#host.clientState || element.getNS() !== NS_CLIENT_STATE) {
          this.#failUnexpected(element)
        }
        break
      case 'closed':
        break
      default:
        assertNever(state)
    }
  }

  #receiveOfStranger(element: Element): void {
    const { registration, tls } = this.#host
    const isHeard = tls !== 'required' || this.#isEncrypted
    const answer = isHeard ? registration?.answerStranger(element) : undefined
    if (answer === undefined) this.#failUnexpected(element)
    else this.send(answer)
  }

  #failUnexpected(element: Element): void {
    this.fail(isStanza(element) ? 'not-authorized' : 'unsupported-stanza-type')
  }

  #startTls(): void {
    if (this.#host.tls !== 'required' || this.#isEncrypted) {
      this.send(xml('failure', { xmlns: NS.tls }))
      this.#end()
      return
    }
    this.#tcpSocket.off('data', this.#read)
    this.send(xml('proceed', { xmlns: NS.tls }))
    // What somebody put behind the request in plain text must not count as said over TLS (RFC 6120 §5.4.3.3).
    this.#stream.restart('drop-unparsed')
    this.#sentHeader = false
    this.#socket = this.#encrypt()
    this.#socket.on('data', this.#read)
  }

  #authenticate(auth: Element): void {
    const mechanism = attribute(auth, 'mechanism')
    const scram = SCRAM_MECHANISMS.find(candidate => candidate === mechanism)
    if (this.#host.tls === 'required' && !this.#isEncrypted) {
      this.#conclude({ kind: 'refused', condition: 'encryption-required' })
    } else if (mechanism === undefined || !this.#mechanisms().includes(mechanism)) {
      this.#conclude({ kind: 'refused', condition: 'invalid-mechanism' })
    } else if (scram === undefined) {
      this.#conclude(this.#checkPlain(decodeBase64(auth.text())))
    } else {
      const { accounts } = this.#host
      const lookUp = (username: string) => accounts.find(username)?.credential(scram)
      const start = startScram(scram, decodeBase64(auth.text()), lookUp, accounts.scramIterations)
      if (start.kind === 'refused') {
        this.#conclude(start)
      } else {
        this.#state = { kind: 'authenticating', finish: start.finish }
        this.send(xml('challenge', { xmlns: NS.sasl }, encodeBase64(start.text)))
      }
    }
  }

  /** RFC 4616. */
  #checkPlain(message: string): SaslEnd {
    const [authzid, username, password, ...rest] = message.split('\0')
    if (username === undefined || password === undefined || rest.length > 0) {
      return { kind: 'refused', condition: 'malformed-request' }
    }
    if (authzid !== '') return { kind: 'refused', condition: 'invalid-authzid' }
    return this.#host.accounts.find(username)?.hasPassword(password) === true
      ? { kind: 'success', username, text: '' }
      : { kind: 'refused', condition: 'not-authorized' }
  }

  #conclude(end: SaslEnd): void {
    const account = end.kind === 'success' ? this.#host.accounts.find(end.username) : undefined
    if (end.kind === 'success' && account !== undefined) {
      this.#state = { kind: 'authenticated', account }
      this.send(xml('success', { xmlns: NS.sasl }, encodeBase64(end.text)))
      this.#stream.restart('keep-unparsed')
      this.#sentHeader = false
      return
    }
    this.#state = { kind: 'unauthenticated' }
    this.send(
      xml('failure', { xmlns: NS.sasl }, xml(end.kind === 'refused' ? end.condition : 'not-authorized')),
    )
    this.#failedSignIns++
    if (this.#failedSignIns >= MAX_FAILED_SIGN_INS) this.fail('policy-violation', 'Too many failed sign-ins')
  }

  #bind(iq: Element, account: Account): void {
    if (attribute(iq, 'id') === undefined || attribute(iq, 'type') !== 'set') {
      this.send(refusal(iq, 'bad-request'))
      return
    }
    const requested = iq.getChild('bind', NS.bind)?.getChildText('resource')?.trim() ?? ''
    const session = this.#host.bind(account, requested === '' ? undefined : requested, this)
    this.#state = { kind: 'bound', session }
    this.send(result(iq, xml('bind', { xmlns: NS.bind }, xml('jid', {}, session.jid))))
  }

  #resume(request: Element, account: Account): void {
    const session = this.#host.findResumable(account, attribute(request, 'previd') ?? '')
    if (session === undefined) {
      this.send(failed('item-not-found'))
    } else if (session.resume(this, request)) {
      this.#state = { kind: 'bound', session }
    } else {
      this.fail('undefined-condition', 'More stanzas acknowledged than sent')
    }
  }
}

/** RFC 6120 §6.4.2: `=` is how an empty answer is written. */
function decodeBase64(text: string): string {
  return text === '=' ? '' : Buffer.from(text, 'base64').toString()
}

function encodeBase64(text: string): string {
  return Buffer.from(text).toString('base64')
}
