import { Failure } from '../../shared/model/failure.ts'

/** All questions together: who has no answer by now has no proxy. */
const SEARCH_TIMEOUT_MS = 3_000
/** How many services of the server are asked. */
const MAX_SERVICES = 40
/** How many addresses of one proxy are used. */
const MAX_ADDRESSES = 2

/** A server's service that passes bytestreams on (XEP-0065). */
export interface ServerProxy {
  readonly jid: string
  /** At least one; a host is an IP literal or a DNS name. */
  readonly addresses: readonly { readonly host: string; readonly port: number }[]
}

/** What is asked about a server. Whatever is thrown means that there is no answer. */
export interface ProxyQuestions {
  /** JIDs of all that the server is and has. */
  services(signal: AbortSignal): Promise<readonly string[]>
  isProxy(service: string, signal: AbortSignal): Promise<boolean>
  /** Undefined where it does not say, or makes no sense. */
  addressesOf(service: string, signal: AbortSignal): Promise<ServerProxy | undefined>
}

/** Finds the own server's proxy, once in a session. */
export class ProxyFinder {
  readonly #ask: ProxyQuestions
  #search: { readonly found: Promise<ServerProxy | undefined>; readonly end: AbortController } | undefined
  #known: ServerProxy | undefined

  constructor(ask: ProxyQuestions) {
    this.#ask = ask
  }

  /** What was found already, without asking anybody. */
  get known(): ServerProxy | undefined {
    return this.#known
  }

  /** The first to answer; undefined where the server has none. Takes three seconds at most, and never throws. */
  find(): Promise<ServerProxy | undefined> {
    if (this.#search === undefined) {
      const end = new AbortController()
      const search = { end, found: this.#lookAround(end) }
      this.#search = search
    }
    return this.#search.found
  }

  /** A new session: what was found belonged to the old one. */
  forget(): void {
    this.#search?.end.abort()
    this.#search = undefined
    this.#known = undefined
  }

  async #lookAround(end: AbortController): Promise<ServerProxy | undefined> {
    const timer = setTimeout(() => end.abort(), SEARCH_TIMEOUT_MS)
    const { signal } = end
    // What was never answered because the connection broke may be asked again.
    let isCutOff = false
    const note = (error: unknown): undefined => {
      if (error instanceof Failure && error.code !== 'timed-out') isCutOff = true
      return undefined
    }
    try {
      const services = await this.#ask.services(signal)
      const answers = services.slice(0, MAX_SERVICES).map(async service => {
        const found = await this.#proxyAt(service, signal).catch(note)
        if (found === undefined) throw new Error(`${service} is no proxy`)
        return found
      })
      const proxy = await Promise.any(answers)
      if (this.#search?.end === end) this.#known = proxy
      return proxy
    } catch (error) {
      note(error)
      if (isCutOff && this.#search?.end === end) this.#search = undefined
      return undefined
    } finally {
      clearTimeout(timer)
      end.abort()
    }
  }

  async #proxyAt(service: string, signal: AbortSignal): Promise<ServerProxy | undefined> {
    if (!(await this.#ask.isProxy(service, signal))) return undefined
    const proxy = await this.#ask.addressesOf(service, signal)
    if (proxy === undefined || proxy.addresses.length === 0) return undefined
    return { jid: proxy.jid, addresses: proxy.addresses.slice(0, MAX_ADDRESSES) }
  }
}
