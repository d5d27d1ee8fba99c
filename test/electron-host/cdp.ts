/** A message of the Chrome DevTools Protocol carries whatever its method says. */
// biome-ignore lint/suspicious/noExplicitAny: the protocol's own types are larger than this host
export type Params = any

type Handler = (params: Params, session: string | undefined) => void

interface Pending {
  readonly method: string
  readonly resolve: (result: Params) => void
  readonly reject: (error: Error) => void
}

/** A client of the Chrome DevTools Protocol over Chromium's WebSocket, with flat sessions. */
export class Cdp {
  readonly #socket: WebSocket
  readonly #pending = new Map<number, Pending>()
  readonly #handlers = new Map<string, Set<Handler>>()
  #nextId = 1

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(String(data)))
    socket.onclose = () => {
      for (const { method, reject } of this.#pending.values())
        reject(new Error(`${method}: Chromium is gone`))
      this.#pending.clear()
      this.#tell('close', {}, undefined)
    }
  }

  static connect(url: string): Promise<Cdp> {
    const { promise, resolve, reject } = Promise.withResolvers<Cdp>()
    const socket = new WebSocket(url)
    socket.onopen = () => resolve(new Cdp(socket))
    socket.onerror = () => reject(new Error(`cannot connect to ${url}`))
    return promise
  }

  send(method: string, params: object = {}, sessionId?: string): Promise<Params> {
    const id = this.#nextId++
    const { promise, resolve, reject } = Promise.withResolvers<Params>()
    this.#pending.set(id, { method, resolve, reject })
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }))
    return promise
  }

  /** `close` is the end of the connection. */
  on(method: string, handler: Handler): void {
    this.#handlers.set(method, (this.#handlers.get(method) ?? new Set()).add(handler))
  }

  #receive(message: Params): void {
    if (message.id === undefined) {
      this.#tell(message.method, message.params, message.sessionId)
      return
    }
    const pending = this.#pending.get(message.id)
    this.#pending.delete(message.id)
    if (message.error) pending?.reject(new Error(`${pending.method}: ${message.error.message}`))
    else pending?.resolve(message.result)
  }

  #tell(method: string, params: Params, session: string | undefined): void {
    for (const handler of this.#handlers.get(method) ?? []) handler(params, session)
  }
}
