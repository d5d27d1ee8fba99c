import { Parser } from '@xmpp/xml'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import { IqRouter } from './iq.ts'
import { ServerSocket, type ServerSocketOptions } from './server-socket.ts'
import type { Element } from './stanza.ts'

/** How long it may take until the server takes questions. */
const OPEN_TIMEOUT_MS = 30_000
/** How long the server may take to close the stream with us. */
const CLOSE_TIMEOUT_MS = 1_000

const NS_STREAM = 'http://etherx.jabber.org/streams'
const NS_STREAM_ERRORS = 'urn:ietf:params:xml:ns:xmpp-streams'

/** A stream on which nobody signs in, only to ask the server: encrypted as any other, and not connected again. */
export class UnsignedStream {
  readonly #domain: string
  readonly #socket: ServerSocket
  readonly #parser = new Parser()
  readonly #ready = Promise.withResolvers<void>()
  readonly #gone = Promise.withResolvers<void>()
  /** Why there is no stream any more. */
  #failure: Failure | undefined
  readonly iq: IqRouter

  private constructor(options: ServerSocketOptions) {
    const { domain } = options
    this.#domain = domain
    this.#socket = new ServerSocket(options)
    // Whoever has not signed in has no address; answers come from the server, or from nobody.
    this.iq = new IqRouter({ address: domain, send: stanza => this.#send(stanza) }, () => {})
    this.#ready.promise.catch(() => {})
    this.#socket.on('connect', () => this.#write(header(domain)))
    this.#socket.on('data', (text: string) => this.#parser.write(text))
    this.#socket.on('error', error => {
      this.#fail(error instanceof Failure ? error : closed(domain, error))
    })
    this.#socket.on('close', () => {
      this.#fail(closed(domain))
      this.#gone.resolve()
    })
    this.#parser.on('element', (element: Element) => this.#receive(element))
    this.#parser.on('error', (cause: unknown) => {
      this.#fail(new Failure('sign-in-failed', say('sign-in.no-xmpp', { domain }), { cause }))
    })
    this.#parser.on('end', () => this.#fail(closed(domain)))
  }

  /** Resolves when the server takes questions. Throws a Failure, or `signal`'s reason. */
  static async open(options: ServerSocketOptions, signal?: AbortSignal): Promise<UnsignedStream> {
    signal?.throwIfAborted()
    const stream = new UnsignedStream(options)
    const { promise: stopped, reject } = Promise.withResolvers<never>()
    const abort = (): void => reject(signal?.reason)
    signal?.addEventListener('abort', abort)
    const late = new Failure('sign-in-timed-out', say('sign-in.no-answer', { domain: options.domain }))
    const timer = setTimeout(reject, OPEN_TIMEOUT_MS, late)
    try {
      stream.#socket.connect()
      await Promise.race([stream.#ready.promise, stopped])
      return stream
    } catch (error) {
      stream.#socket.destroy()
      throw error
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      stopped.catch(() => {})
    }
  }

  get isOpen(): boolean {
    return this.#failure === undefined
  }

  /** Ends the stream and the connection. Never throws. */
  async close(): Promise<void> {
    if (this.#failure === undefined) {
      this.#socket.write('</stream:stream>', () => {})
      this.#fail(closed(this.#domain), 'politely')
    }
    const timer = setTimeout(() => this.#socket.destroy(), CLOSE_TIMEOUT_MS)
    await this.#gone.promise
    clearTimeout(timer)
  }

  async #send(stanza: Element): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    this.#write(stanza.toString())
  }

  #write(text: string): void {
    this.#socket.write(text, error => {
      if (error) this.#fail(closed(this.#domain, error))
    })
  }

  #receive(element: Element): void {
    this.#socket.stanzaRead()
    if (element.is('features', NS_STREAM)) this.#ready.resolve()
    else if (element.is('error', NS_STREAM)) this.#fail(streamFailure(element, this.#domain))
    // Who has not signed in is asked nothing, and owes no answer that a server could leave unread.
    else if (element.is('iq') && ['result', 'error'].includes(String(element.attrs['type']))) {
      this.iq.receive(element)
    }
  }

  /** The first reason counts: what follows it are its consequences. */
  #fail(failure: Failure, how: 'politely' | 'at-once' = 'at-once'): void {
    if (this.#failure !== undefined) return
    this.#failure = failure
    this.#ready.reject(failure)
    this.iq.rejectAll(failure)
    if (how === 'politely') this.#socket.end()
    else this.#socket.destroy()
  }
}

function header(domain: string): string {
  const to = domain.replace(/[<>&'"]/g, '')
  return `<?xml version='1.0'?><stream:stream to='${to}' version='1.0' xmlns='jabber:client' xmlns:stream='${NS_STREAM}'>`
}

function closed(domain: string, cause?: unknown): Failure {
  return new Failure('server-connection-lost', say('server.closed', { domain }), { cause })
}

function streamFailure(error: Element, domain: string): Failure {
  const has = (condition: string): boolean => error.getChild(condition, NS_STREAM_ERRORS) !== undefined
  // RFC 6120 section 4.9.3.12: the server takes nothing at all from somebody who has not signed in.
  if (has('not-authorized')) {
    return new Failure('registration-closed', say('registration.closed', { domain }))
  }
  if (has('host-unknown')) {
    return new Failure('server-not-found', say('sign-in.not-served', { domain }))
  }
  if (has('see-other-host')) {
    return new Failure('sign-in-failed', say('sign-in.sent-elsewhere', { domain }))
  }
  return closed(domain)
}
