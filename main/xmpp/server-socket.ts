import { EventEmitter, once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { StringDecoder } from 'node:string_decoder'
import { checkServerIdentity, connect as connectTls, type TLSSocket } from 'node:tls'
import { domainToASCII } from 'node:url'
import { type Element, Parser } from '@xmpp/xml'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import { findServer, type ServerAddress, type TlsMode } from './server-address.ts'

/** What a socket to the server needs to know. */
export interface ServerSocketOptions {
  readonly domain: string
  /** Instead of the SRV records. */
  readonly server: { readonly host: string; readonly port: number } | undefined
  readonly tls: TlsMode | undefined
  /** PEM; the only authorities that are trusted, instead of the built-in ones. */
  readonly ca: string | undefined
}

/** How long one address of the server may take until TLS is up. */
const CONNECT_TIMEOUT_MS = 15_000

/** What a server may send for one stanza. It holds its own limit far below; this one ends a hostile stream. */
const MAX_STANZA_CHARACTERS = 4 * 1024 * 1024
/** What it may say in the clear, where it has to say three short things. */
const MAX_CLEAR_CHARACTERS = 64 * 1024

const NS_TLS = 'urn:ietf:params:xml:ns:xmpp-tls'
const NS_STREAM = 'http://etherx.jabber.org/streams'

/**
 * The socket under @xmpp/client, in its socket's shape: `connect` is emitted when the connection is ready for
 * the stream, which with TLS means encrypted and the certificate checked against the account's domain. The
 * library's own sockets can't be told a certificate authority, go on in the clear where a server (or somebody
 * in between) leaves STARTTLS out, and break characters that arrive in two pieces.
 */
export class ServerSocket extends EventEmitter {
  readonly #options: ServerSocketOptions
  readonly #decoder = new StringDecoder('utf8')
  readonly #abort = new AbortController()
  #socket: Socket | undefined
  #sinceStanza = 0
  #unread = ''
  secure = false

  constructor(options: ServerSocketOptions) {
    super()
    this.#options = options
    // The library stops listening to a connection that it gave up, whose end may still be an error.
    this.on('error', () => {})
  }

  connect(): void {
    this.#open().then(
      socket => {
        if (!this.#abort.signal.aborted) {
          this.#adopt(socket)
          return
        }
        socket.destroy()
        this.emit('close', true)
      },
      error => {
        this.emit('error', error)
        this.emit('close', true)
      },
    )
  }

  write(data: string, done?: (error?: Error | null) => void): void {
    if (this.#socket === undefined) done?.(new Error('The connection to the server is not open.'))
    else this.#socket.write(data, done)
  }

  end(): void {
    if (this.#socket === undefined) this.destroy()
    else this.#socket.end()
  }

  destroy(): void {
    this.#abort.abort()
    this.#socket?.destroy()
  }

  /** A stanza was read whole: the next one may be as long again. */
  stanzaRead(): void {
    this.#sinceStanza = 0
  }

  async #open(): Promise<Socket> {
    const { domain, server, tls } = this.#options
    const addresses: ServerAddress[] = server
      ? [{ ...server, tls: tls ?? 'required' }]
      : await findServer(domainToASCII(domain) || domain, tls)
    if (addresses.length === 0) {
      throw new Failure('server-not-found', say('sign-in.no-service', { domain }))
    }
    let failure: Failure | undefined
    for (const address of addresses) {
      try {
        return await openAddress(address, this.#options, this.#abort.signal)
      } catch (error) {
        // What a server said about security weighs more than that its neighbour is down.
        if (failure === undefined || failure.fault === 'unreachable') failure = Failure.from(error)
        if (this.#abort.signal.aborted) break
      }
    }
    throw failure ?? new Failure('server-unreachable', say('sign-in.not-reached', { domain }))
  }

  #adopt(socket: Socket): void {
    this.#socket = socket
    this.secure = 'encrypted' in socket
    socket.setNoDelay(true)
    socket.setKeepAlive(true, 60_000)
    socket.on('data', (bytes: Buffer) => {
      const text = this.#decoder.write(bytes)
      this.#sinceStanza += text.length
      if (this.#sinceStanza > MAX_STANZA_CHARACTERS) {
        socket.destroy(new Failure('sign-in-failed', say('sign-in.endless-stanza')))
      } else this.#read(text, socket)
    })
    socket.on('error', error => this.emit('error', error))
    socket.on('close', hadError => this.emit('close', hadError))
    this.emit('connect')
  }

  #read(text: string, socket: Socket): void {
    // Whole tags only: what has no end yet the parser would search again for each of its characters.
    const end = text.lastIndexOf('>') + 1
    const whole = end === 0 ? '' : this.#unread + text.slice(0, end)
    this.#unread = end === 0 ? this.#unread + text : text.slice(end)
    if (whole === '') return
    try {
      this.emit('data', whole)
    } catch (cause) {
      // The library throws for some stanzas that no server should send, such as one from an address that is none.
      socket.destroy(new Failure('sign-in-failed', say('sign-in.no-stanza'), { cause }))
    }
  }
}

async function openAddress(
  { host, port, tls }: ServerAddress,
  { domain, ca }: ServerSocketOptions,
  signal: AbortSignal,
): Promise<Socket> {
  const raw = createConnection({ host, port, noDelay: true })
  // Whoever waits listens too; this one catches what comes while nobody does.
  raw.on('error', () => {})
  const timer = setTimeout(
    () => raw.destroy(new Failure('sign-in-timed-out', say('sign-in.server-silent'))),
    CONNECT_TIMEOUT_MS,
  )
  const abort = (): void => {
    raw.destroy(new Failure('cancelled', say('sign-in.cancelled')))
  }
  signal.addEventListener('abort', abort)
  try {
    // It may have come while the address was looked up.
    if (signal.aborted) abort()
    await once(raw, 'connect').catch(cause => {
      throw unreachable(cause, host, port)
    })
    if (tls === 'off') {
      if (!/^(127\.|::1$|::ffff:127\.)/.test(raw.remoteAddress ?? '')) {
        throw new Failure('usage', say('sign-in.without-tls'))
      }
      return raw
    }
    if (tls === 'required') await startTls(raw, domain)
    return await secure(raw, domain, ca, tls)
  } catch (error) {
    raw.destroy()
    throw error instanceof Failure ? error : unreachable(error, host, port)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  }
}

/** RFC 6120 section 5: asks for TLS, and takes nothing else for an answer. */
async function startTls(socket: Socket, domain: string): Promise<void> {
  const parser = new Parser()
  const decoder = new StringDecoder('utf8')
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const notEncrypted = (): void =>
    reject(new Failure('not-encrypted', say('sign-in.no-encryption', { domain })))
  const notXmpp = (cause?: unknown): void =>
    reject(new Failure('sign-in-failed', say('sign-in.no-xmpp', { domain }), { cause }))
  let asked = false
  parser.on('element', (element: Element) => {
    if (element.is('features', NS_STREAM) && !asked && element.getChild('starttls', NS_TLS) !== undefined) {
      asked = true
      socket.write(`<starttls xmlns='${NS_TLS}'/>`)
    } else if (element.is('proceed', NS_TLS) && asked) resolve()
    else notEncrypted()
  })
  parser.on('error', notXmpp)
  parser.on('end', notEncrypted)
  let characters = 0
  const onData = (bytes: Buffer): void => {
    const text = decoder.write(bytes)
    // The parser waits for a tag for ever, and other programs greet with a line.
    if (characters === 0 && !/^[\s\uFEFF]*(<|$)/.test(text)) notXmpp()
    characters += text.length
    if (characters > MAX_CLEAR_CHARACTERS) notXmpp()
    try {
      parser.write(text)
    } catch (cause) {
      notXmpp(cause)
    }
  }
  const onEnd = (): void => reject(new Failure('server-unreachable', say('sign-in.closed', { domain })))
  socket.on('data', onData).on('error', reject).on('close', onEnd)
  const to = domain.replace(/[<>&'"]/g, '')
  socket.write(
    `<?xml version='1.0'?><stream:stream to='${to}' version='1.0' xmlns='jabber:client' xmlns:stream='${NS_STREAM}'>`,
  )
  try {
    await promise
  } finally {
    // What stood behind <proceed/> in the clear is lost with the parser: nobody will ever read it as XMPP.
    socket.off('data', onData).off('error', reject).off('close', onEnd)
    socket.pause()
  }
}

async function secure(
  socket: Socket,
  domain: string,
  ca: string | undefined,
  tls: TlsMode,
): Promise<TLSSocket> {
  const name = domainToASCII(domain) || domain
  const secured = connectTls({
    socket,
    ...(ca === undefined ? {} : { ca }),
    ...(/^[\d.]+$|:/.test(name) ? {} : { servername: name }),
    ...(tls === 'direct' ? { ALPNProtocols: ['xmpp-client'] } : {}),
    minVersion: 'TLSv1.2',
    // The certificate has to be the account's domain's, not that of the host which SRV or --server named.
    checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
  })
  try {
    await once(secured, 'secureConnect')
    return secured
  } catch (cause) {
    secured.destroy()
    if (cause instanceof Failure) throw cause
    throw tlsFailure(cause as NodeJS.ErrnoException, domain)
  }
}

function tlsFailure(cause: NodeJS.ErrnoException, domain: string): Failure {
  const { code = '' } = cause
  const reason =
    code === 'ERR_TLS_CERT_ALTNAME_INVALID'
      ? say('certificate.other-name')
      : code === 'CERT_HAS_EXPIRED'
        ? say('certificate.expired')
        : code === 'CERT_NOT_YET_VALID'
          ? say('certificate.not-yet-valid')
          : /SELF_SIGNED|UNABLE_TO|CERT_|ISSUER/.test(code)
            ? say('certificate.unknown-signer')
            : undefined
  if (reason === undefined) {
    return new Failure('server-unreachable', say('sign-in.not-encrypted', { domain }), {
      cause,
    })
  }
  return new Failure('certificate-not-trusted', say('certificate.not-trusted', { domain, reason }), { cause })
}

function unreachable(cause: unknown, host: string, port: number): Failure {
  if (cause instanceof Failure) return cause
  const { code } = cause as NodeJS.ErrnoException
  // Nobody can be asked for the name: that is this computer's network, and says nothing about the server.
  if (code === 'EAI_AGAIN') {
    return new Failure('server-unreachable', say('sign-in.name-not-found', { host }), {
      cause,
    })
  }
  if (code === 'ENOTFOUND') {
    return new Failure('server-not-found', say('sign-in.no-such-server', { host }), { cause })
  }
  return new Failure('server-unreachable', say('sign-in.nothing-there', { host, port: String(port) }), {
    cause,
  })
}
