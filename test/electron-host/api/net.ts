import { EventEmitter } from 'node:events'
import { type IncomingMessage as NodeMessage, type ClientRequest as NodeRequest, request } from 'node:http'
import { Readable } from 'node:stream'
import type Electron from 'electron'
import { Session } from './session.ts'

type RequestOptions = Electron.ClientRequestConstructorOptions

/** What Chromium refuses to be told. */
const RESTRICTED_HEADERS = /^(content-length|host|trailer|te|upgrade|cookie2|keep-alive|transfer-encoding)$/i
const REDIRECTS = [301, 302, 303, 307, 308]
const MAX_REDIRECTS = 20
const NET_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'net::ERR_CONNECTION_REFUSED',
  ECONNRESET: 'net::ERR_CONNECTION_RESET',
}

/** As Electron's is, a Readable; Node merges headers by the same rules. */
export class IncomingMessage extends Readable {
  readonly headers: Record<string, string | string[]>
  readonly rawHeaders: string[]
  readonly httpVersion: string
  readonly httpVersionMajor: number
  readonly httpVersionMinor: number
  readonly statusCode: number
  readonly statusMessage: string

  constructor(source: NodeMessage) {
    super({
      read: () => void source.resume(),
      // Electron's holds the connection, too, until its request is aborted.
      destroy: (error, done) => {
        source.pause()
        done(error)
      },
    })
    this.headers = { ...source.headers } as Record<string, string | string[]>
    this.rawHeaders = source.rawHeaders
    this.httpVersion = source.httpVersion
    this.httpVersionMajor = source.httpVersionMajor
    this.httpVersionMinor = source.httpVersionMinor
    this.statusCode = source.statusCode ?? 0
    this.statusMessage = source.statusMessage ?? ''
    source.on('data', chunk => {
      if (!this.push(chunk)) source.pause()
    })
    source.on('end', () => this.push(null))
    source.on('error', error => this.destroy(netError(error)))
    source.pause()
  }
}

/** One GET over Node's HTTP, with Electron's events; it reaches nothing but this computer. */
export class ClientRequest extends EventEmitter {
  readonly #url: URL
  readonly #headers: Readonly<Record<string, string | string[]>>
  readonly #redirect: NonNullable<RequestOptions['redirect']>
  #wire: NodeRequest | undefined
  #response: IncomingMessage | undefined
  #follow: (() => void) | undefined
  #aborted = false
  #closed = false

  constructor(options: RequestOptions | string) {
    super()
    const { url, protocol, host, hostname, port, path, method, headers, redirect, session, ...others } =
      typeof options === 'string' ? { url: options } : options
    const unknown = Object.entries(others).find(([, value]) => value !== undefined)
    if (unknown !== undefined) throw new Error(`test host: net.request knows no ${unknown[0]}`)
    if ((method ?? 'GET').toUpperCase() !== 'GET') throw new Error('test host: net.request can only GET')
    if (session !== undefined && !((session as unknown) instanceof Session))
      throw new TypeError('`session` should be an instance of the Session class')
    const authority = host ?? `${hostname ?? 'localhost'}${port ? `:${port}` : ''}`
    this.#url = new URL(url ?? `${protocol ?? 'http:'}//${authority}${path ?? '/'}`)
    this.#headers = headers ?? {}
    this.#redirect = redirect ?? 'follow'
  }

  end(chunk?: Parameters<Electron.ClientRequest['end']>[0]): this {
    if (chunk !== undefined) throw new Error('test host: net.request sends no content')
    if (this.#wire !== undefined) throw new Error('write after end')
    if (Object.keys(this.#headers).some(name => RESTRICTED_HEADERS.test(name)))
      process.nextTick(() => this.#fail(new Error('net::ERR_INVALID_ARGUMENT')))
    else this.#go(this.#url, 0)
    return this
  }

  abort(): void {
    this.#wire?.destroy()
    if (this.#aborted || this.#closed) return
    this.#aborted = true
    process.nextTick(() => {
      this.emit('abort')
      this.#close()
    })
    this.#response?.emit('aborted')
    this.#response?.destroy()
  }

  followRedirect(): void {
    if (this.#follow === undefined)
      throw new Error('followRedirect() called, but was not waiting for a redirect')
    this.#follow()
  }

  #go(url: URL, redirects: number): void {
    if (url.protocol !== 'http:') throw new Error(`test host: net.request knows no ${url.protocol}`)
    if (!['127.0.0.1', 'localhost'].includes(url.hostname)) {
      process.nextTick(() => this.#fail(new Error('net::ERR_NAME_NOT_RESOLVED')))
      return
    }
    const wire = request(url, { headers: this.#headers, agent: false })
    this.#wire = wire
    wire.on('error', error => this.#fail(netError(error)))
    wire.on('response', message => {
      const { statusCode = 0 } = message
      const { location } = message.headers
      if (REDIRECTS.includes(statusCode) && location !== undefined) {
        message.on('error', () => {})
        message.destroy()
        this.#redirected(new URL(location, url), message, redirects)
        return
      }
      const response = new IncomingMessage(message)
      this.#response = response
      response.on('close', () => this.#close())
      this.emit('response', response)
    })
    wire.end()
  }

  #redirected(to: URL, { statusCode, headersDistinct }: NodeMessage, redirects: number): void {
    if (this.#redirect === 'error') {
      this.#fail(new Error("Attempted to redirect, but redirect policy was 'error'"))
      return
    }
    let follows = this.#redirect === 'follow'
    this.#follow = () => {
      follows = true
    }
    this.emit('redirect', statusCode, 'GET', to.href, headersDistinct)
    this.#follow = undefined
    if (this.#aborted) return
    if (!follows) this.#fail(new Error('Redirect was cancelled'))
    else if (redirects >= MAX_REDIRECTS) this.#fail(new Error('net::ERR_TOO_MANY_REDIRECTS'))
    else this.#go(to, redirects + 1)
  }

  #fail(error: Error): void {
    // What comes of the response is told there.
    if (this.#aborted || this.#closed || this.#response !== undefined) return
    this.emit('error', error)
    this.#close()
  }

  /** Nothing follows it. */
  #close(): void {
    if (this.#closed) return
    this.#closed = true
    this.emit('close')
  }
}

export const net = {
  request: (options: Parameters<Electron.Net['request']>[0]) => new ClientRequest(options),
}

function netError(cause: Error): Error {
  const { code = '' } = cause as NodeJS.ErrnoException
  return new Error(NET_ERRORS[code] ?? 'net::ERR_FAILED', { cause })
}

/** Without `end`, which returns all of a request. */
type UsedRequest = 'abort' | 'followRedirect'
true satisfies ClientRequest extends Pick<Electron.ClientRequest, UsedRequest> ? true : never
type UsedMessage =
  | 'headers'
  | 'httpVersion'
  | 'httpVersionMajor'
  | 'httpVersionMinor'
  | 'rawHeaders'
  | 'statusCode'
  | 'statusMessage'
true satisfies IncomingMessage extends Pick<Electron.IncomingMessage, UsedMessage> ? true : never
