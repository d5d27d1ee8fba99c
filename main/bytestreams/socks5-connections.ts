import { createConnection, type LookupFunction, type Socket } from 'node:net'
import { type Host, normalizeAddress } from '../dtcp/host.ts'
import {
  ACCEPTED,
  type Socks5Effect,
  type Socks5Refusal,
  type Socks5Step,
  startDialer,
  stepAcceptor,
  stepDialer,
} from './socks5.ts'

const CONNECT_TIMEOUT_MS = 5_000
/** From the connection to the last byte of the handshake. */
const HANDSHAKE_TIMEOUT_MS = 5_000
/** How long one address of a name may take before the next one is tried beside it. */
const NEXT_FAMILY_MS = 500
/** So that a peer whose computer is gone is noticed one day. */
const KEEP_ALIVE_MS = 60_000
/** What may wait on a connection that is not given away yet: the peer has no reason to send any of it. */
const MAX_WAITING_BYTES = 64 * 1024

/** Why there is no connection: its handshake's reason, or that nobody was there. */
export class Socks5Error extends Error {
  readonly reason: Socks5Refusal | 'unreachable'

  constructor(reason: Socks5Refusal | 'unreachable', options?: { cause?: unknown }) {
    super(`SOCKS5 connection: ${reason}`, options)
    this.name = 'Socks5Error'
    this.reason = reason
  }
}

export interface DialTarget {
  /** An IP literal, or a name if there is a `lookup`. */
  readonly host: string
  readonly port: number
  readonly lookup: LookupFunction | undefined
}

/** A connection whose handshake is done, watched until it is taken. */
export interface Standing {
  /** The other end. */
  readonly remote: Host
  /** Ours: the address that the other end reached. */
  readonly local: Host
  /** `ended`: the other end has closed its direction, and may well go on reading. */
  readonly state: 'open' | 'ended' | 'closed'
  /**
   * Gives it away for good: paused, what came behind the handshake in front, and with an 'error' listener. The signal
   * that it was made with has no power over it any more. Undefined where it is closed.
   */
  take(): Socket | undefined
  close(): void
}

/** Lets connections that stand begin their handshakes one after the other, in the order in which they came to stand. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()

  /** Resolves when all turns before are over. This one lasts until `handshake` is settled. */
  async take(handshake: Promise<unknown>): Promise<void> {
    const before = this.#last
    this.#last = Promise.allSettled([before, handshake]).then(
      // Whoever was waited for may be the last: then the next one does not begin.
      () => new Promise(resolve => setImmediate(resolve)),
    )
    await before
  }
}

/** Makes and watches connections with a SOCKS5 handshake, and knows which ones are still in its hands. */
export class Socks5Connections {
  readonly #open = new Set<Connection>()

  /** Connections that were neither given away nor closed. */
  get size(): number {
    return this.#open.size
  }

  /**
   * Dials, and asks for the stream `address`, in its turn where there are `turns`. Until the connection is taken,
   * `signal` closes it. Throws Socks5Error, or `signal`'s reason.
   */
  dial(
    { host, port, lookup }: DialTarget,
    address: string,
    signal: AbortSignal,
    turns = new Turns(),
  ): Promise<Standing> {
    if (signal.aborted) return Promise.reject(signal.reason)
    const socket = createConnection({
      host,
      port,
      noDelay: true,
      // A peer that only receives may close its direction at once: ours stays open then.
      allowHalfOpen: true,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: NEXT_FAMILY_MS,
      ...(lookup === undefined ? {} : { lookup }),
    })
    const connection = this.#watch(socket, signal)
    connection.limit(CONNECT_TIMEOUT_MS)
    socket.once('connect', () => {
      connection.wait()
      void turns.take(connection.standing).then(() => connection.talk(startDialer(address), stepDialer))
    })
    return connection.standing
  }

  /**
   * Serves a socket that was accepted. `isWanted`: whether a stream of this name may begin on it. Until the connection
   * is taken, `signal` closes it. Throws Socks5Error, or `signal`'s reason.
   */
  accept(socket: Socket, isWanted: (address: string) => boolean, signal: AbortSignal): Promise<Standing> {
    if (signal.aborted) {
      socket.destroy()
      return Promise.reject(signal.reason)
    }
    socket.setNoDelay(true)
    const connection = this.#watch(socket, signal)
    connection.talk({ state: ACCEPTED, effects: [] }, (state, bytes) => stepAcceptor(state, bytes, isWanted))
    return connection.standing
  }

  #watch(socket: Socket, signal: AbortSignal): Connection {
    const connection: Connection = new Connection(socket, signal, () => this.#open.delete(connection))
    this.#open.add(connection)
    return connection
  }
}

/** One socket, from its first moment until it is taken or closed: all ways to its end lead through `#release`. */
class Connection implements Standing {
  readonly #socket: Socket
  readonly #signal: AbortSignal
  readonly #onReleased: () => void
  readonly #outcome = Promise.withResolvers<Standing>()
  #phase: 'connecting' | 'talking' | 'standing' | 'released' = 'connecting'
  #remote: Host = { address: '', port: 0 }
  #local: Host = { address: '', port: 0 }
  #hasEnded = false
  #receive: (bytes: Uint8Array) => void = () => {}
  /** What came behind the handshake. */
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #timer: NodeJS.Timeout | undefined

  constructor(socket: Socket, signal: AbortSignal, onReleased: () => void) {
    this.#socket = socket
    this.#signal = signal
    this.#onReleased = onReleased
    signal.addEventListener('abort', this.#onAbort)
    // Stays for good: between here and the next reader nobody else would catch a reset.
    socket.on('error', error => this.#fail(new Socks5Error('unreachable', { cause: error })))
    socket.on('end', () => this.#onEnd())
    socket.on('close', () => this.#fail(new Socks5Error('unreachable')))
  }

  get standing(): Promise<Standing> {
    return this.#outcome.promise
  }

  get remote(): Host {
    return this.#remote
  }

  get local(): Host {
    return this.#local
  }

  get state(): 'open' | 'ended' | 'closed' {
    if (this.#phase === 'released') return 'closed'
    return this.#hasEnded ? 'ended' : 'open'
  }

  /** The step that is under way may take so long. */
  limit(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#fail(new Socks5Error('unreachable', { cause: new Error(`nothing happened within ${ms} ms`) }))
    }, ms)
  }

  /** Nothing is expected of it until the next step begins. */
  wait(): void {
    clearTimeout(this.#timer)
  }

  /** The TCP connection stands: the handshake begins. */
  talk<State>(first: Socks5Step<State>, step: (state: State, bytes: Uint8Array) => Socks5Step<State>): void {
    if (this.#phase !== 'connecting') return
    this.#phase = 'talking'
    this.limit(HANDSHAKE_TIMEOUT_MS)
    const { remoteAddress = '', remotePort = 0, localAddress = '', localPort = 0 } = this.#socket
    this.#remote = { address: normalizeAddress(remoteAddress) ?? remoteAddress, port: remotePort }
    this.#local = { address: normalizeAddress(localAddress) ?? localAddress, port: localPort }
    this.#socket.setKeepAlive(true, KEEP_ALIVE_MS)
    let { state } = first
    this.#receive = bytes => {
      const next = step(state, bytes)
      state = next.state
      this.#carryOut(next.effects)
    }
    this.#carryOut(first.effects)
    this.#socket.on('data', this.#onData)
    this.#socket.resume()
  }

  take(): Socket | undefined {
    if (this.#phase !== 'standing') return undefined
    // Nothing can be put in front of an end that was read already.
    if (this.#hasEnded && this.#waiting.length > 0) {
      this.close()
      return undefined
    }
    this.#release()
    this.#socket.pause()
    if (this.#waiting.length > 0) this.#socket.unshift(Buffer.concat(this.#waiting))
    return this.#socket
  }

  close(): void {
    this.#fail(new Socks5Error('unreachable'))
  }

  #carryOut(effects: readonly Socks5Effect[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'send':
          this.#socket.write(effect.bytes)
          break
        case 'established':
          clearTimeout(this.#timer)
          this.#phase = 'standing'
          this.#keep(effect.trailing)
          this.#outcome.resolve(this)
          break
        case 'failed':
          this.#fail(new Socks5Error(effect.reason))
          break
      }
    }
  }

  readonly #onData = (bytes: Buffer): void => {
    if (this.#phase === 'talking') this.#receive(bytes)
    else this.#keep(bytes)
  }

  #keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
    if (this.#waitingBytes >= MAX_WAITING_BYTES) this.#socket.pause()
  }

  #onEnd(): void {
    this.#hasEnded = true
    if (this.#phase !== 'standing') this.#fail(new Socks5Error('unreachable'))
  }

  readonly #onAbort = (): void => {
    this.#fail(this.#signal.reason)
  }

  #fail(reason: unknown): void {
    if (this.#phase === 'released') return
    this.#release()
    this.#outcome.reject(reason)
    // Who takes a connection that stood looks at its state: nobody waits for this promise any more.
    this.#outcome.promise.catch(() => {})
    // A last word of ours is on its way before the socket closes; there is never more than fits into the system's buffer.
    if (this.#socket.writableLength > 0 && !this.#socket.connecting) this.#socket.destroySoon()
    else this.#socket.destroy()
  }

  #release(): void {
    this.#phase = 'released'
    clearTimeout(this.#timer)
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.#socket.off('data', this.#onData)
    this.#onReleased()
  }
}
