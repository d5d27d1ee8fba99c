import { randomUUID } from 'node:crypto'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import {
  attribute,
  bareJid,
  type Element,
  normalizeJid,
  type PeerError,
  readError,
  stanzaError,
  xml,
} from './stanza.ts'

/** How long a peer's program may take to answer what needs no person. */
const REPLY_TIMEOUT_MS = 30_000

/** An iq-error that answered a request of ours. */
export class IqError extends Error {
  readonly error: PeerError
  /** What stands beside the error: often what was asked, sometimes what to do about it. */
  readonly payload: Element | undefined

  constructor(error: PeerError, payload?: Element) {
    super(`iq error: ${error.condition}`)
    this.name = 'IqError'
    this.error = error
    this.payload = payload
  }
}

/** A get or set that came in. */
export interface IqRequest {
  readonly type: 'get' | 'set'
  /** Full JID of the sender; the bare own JID or a domain for the server. */
  readonly from: string
  /** The one child. */
  readonly payload: Element
}

/**
 * The answer: an `<error/>`, the payload of the result, or `undefined` for an empty result.
 * `afterwards` runs once the answer was handed to the stream.
 */
export interface IqAnswer {
  readonly payload: Element | undefined
  readonly afterwards?: () => void
}

export type IqHandler = (request: IqRequest) => IqAnswer | Promise<IqAnswer>

/** What the router needs of the stream. */
export interface IqTransport {
  readonly address: string
  send(stanza: Element): Promise<void>
}

interface Pending {
  readonly to: string | undefined
  readonly resolve: (stanza: Element) => void
  readonly reject: (error: Error) => void
}

/** Sends requests and matches their replies, routes requests of others to handlers by namespace. */
export class IqRouter {
  readonly #transport: IqTransport
  readonly #pending = new Map<string, Pending>()
  readonly #handlers = new Map<string, IqHandler>()
  readonly #onStrayError: (stanza: Element, from: string) => void

  /** `onStrayError`: iq-errors that answer nothing, such as DTCP's give-up. */
  constructor(transport: IqTransport, onStrayError: (stanza: Element, from: string) => void) {
    this.#transport = transport
    this.#onStrayError = onStrayError
  }

  handle(type: 'get' | 'set', namespace: string, handler: IqHandler): void {
    this.#handlers.set(`${type} ${namespace}`, handler)
  }

  /**
   * Sends a get or set and returns the result's stanza. Throws IqError for an iq-error, a Failure
   * (`timed-out`, `server-connection-lost`) without an answer, and `signal`'s reason.
   * `timeoutMs` is Infinity where a person has to decide.
   */
  async request(
    type: 'get' | 'set',
    to: string | undefined,
    payload: Element,
    options: { timeoutMs?: number; signal?: AbortSignal | undefined } = {},
  ): Promise<Element> {
    const { timeoutMs = REPLY_TIMEOUT_MS, signal } = options
    signal?.throwIfAborted()
    const id = randomUUID()
    const { promise, resolve, reject } = Promise.withResolvers<Element>()
    this.#pending.set(id, { to: to === undefined ? undefined : normalizeJid(to), resolve, reject })
    const abort = (): void => reject(signal?.reason)
    signal?.addEventListener('abort', abort)
    const timer = Number.isFinite(timeoutMs)
      ? setTimeout(
          () =>
            reject(
              new Failure(
                'timed-out',
                to === undefined ? say('server.no-answer') : say('peer.no-answer', { address: to }),
              ),
            ),
          timeoutMs,
        )
      : undefined
    try {
      await Promise.race([
        this.#transport.send(xml('iq', { type, id, ...(to === undefined ? {} : { to }) }, payload)),
        promise,
      ])
      return await promise
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      this.#pending.delete(id)
      promise.catch(() => {})
    }
  }

  /** The session is gone and with it every answer that was on its way. */
  rejectAll(failure: Failure): void {
    for (const { reject } of [...this.#pending.values()]) reject(failure)
    this.#pending.clear()
  }

  receive(stanza: Element): void {
    const type = attribute(stanza, 'type')
    const sender = attribute(stanza, 'from')
    const from = sender === undefined ? undefined : normalizeJid(sender)
    // Only who leaves the address out is the server: one that cannot be read is nobody's.
    if (sender !== undefined && from === undefined) return
    if (type === 'get' || type === 'set') {
      void this.#answer(type, from ?? bareJid(this.#transport.address), stanza)
      return
    }
    // N7: a reply is one only with our id from the very full JID that was asked; anybody can send the rest.
    const pending = this.#pending.get(attribute(stanza, 'id') ?? '')
    if (pending !== undefined && this.#isFrom(pending.to, from)) {
      if (type === 'result') pending.resolve(stanza)
      else {
        const payload = stanza.getChildElements().find(child => child.getName() !== 'error')
        pending.reject(new IqError(readError(stanza), payload))
      }
    } else if (type === 'error' && from !== undefined) this.#onStrayError(stanza, from)
  }

  #isFrom(asked: string | undefined, from: string | undefined): boolean {
    const own = this.#transport.address
    const ownBare = bareJid(own)
    const domain = ownBare.slice(ownBare.indexOf('@') + 1)
    // What goes to the own account is answered by the server, which may leave the address out.
    if (asked === undefined || asked === ownBare) {
      return from === undefined || from === own || from === ownBare || from === domain
    }
    return from === asked || (asked === domain && from === undefined)
  }

  async #answer(type: 'get' | 'set', from: string, stanza: Element): Promise<void> {
    const id = attribute(stanza, 'id')
    const to = attribute(stanza, 'from')
    const answer = await this.#ask(type, from, stanza)
    const isError = answer.payload?.getName() === 'error' && answer.payload.getNS() === undefined
    const reply = xml(
      'iq',
      {
        type: isError ? 'error' : 'result',
        ...(id === undefined ? {} : { id }),
        ...(to === undefined ? {} : { to }),
      },
      ...(answer.payload === undefined ? [] : [answer.payload]),
    )
    // Without a connection nobody waits for the answer any more.
    await this.#transport.send(reply).catch(() => {})
    answer.afterwards?.()
  }

  async #ask(type: 'get' | 'set', from: string, stanza: Element): Promise<IqAnswer> {
    const [payload, ...more] = stanza.getChildElements()
    if (payload === undefined || more.length > 0) return { payload: stanzaError('bad-request') }
    const handler = this.#handlers.get(`${type} ${payload.getNS() ?? ''}`)
    if (handler === undefined) return { payload: stanzaError('service-unavailable') }
    try {
      return await handler({ type, from, payload })
    } catch {
      return { payload: stanzaError('internal-server-error') }
    }
  }
}
