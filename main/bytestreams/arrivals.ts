import type { Socket } from 'node:net'
import type { Host } from '../dtcp/host.ts'
import { equalInConstantTime } from '../dtcp/key.ts'
import type { Socks5Connections, Standing } from './socks5-connections.ts'

/** Connections in the middle of their handshake. The next one closes the oldest: junk makes room. */
const MAX_HANDSHAKES = 32
/** Connections that named the stream: one is used, and who opens many of them gains nothing. */
const MAX_STANDING = 8

/** Who comes to our listener for one stream (XEP-0065, the requester as host). */
export class Arrivals {
  readonly #connections: Socks5Connections
  readonly #address: string
  readonly #signal: AbortSignal
  readonly #handshakes = new Set<AbortController>()
  #standing: Standing[] = []

  /** `address`: the stream's (`destinationAddress`). `signal` closes all that was not taken. */
  constructor(connections: Socks5Connections, address: string, signal: AbortSignal) {
    this.#connections = connections
    this.#address = address
    this.#signal = signal
  }

  /** An accepted socket. */
  enter(socket: Socket): void {
    const [oldest] = this.#handshakes
    if (this.#handshakes.size >= MAX_HANDSHAKES) oldest?.abort()
    const own = new AbortController()
    this.#handshakes.add(own)
    const isWanted = (address: string): boolean => equalInConstantTime(address, this.#address)
    void this.#connections
      .accept(socket, isWanted, AbortSignal.any([this.#signal, own.signal]))
      .then(
        standing => this.#add(standing),
        // A stranger, or one who comes again.
        () => {},
      )
      .finally(() => this.#handshakes.delete(own))
  }

  /**
   * The connection that is of use, and all others are closed. `told`: our hosts as the target knows them. Its answer names
   * us and no host, so a target that came to several of them, as slixmpp does at once, is taken to mean the first that
   * it was told. One that came several times to the same did so because it gave up the earlier ones: the newest counts.
   */
  take(told: readonly Host[]): { readonly socket: Socket; readonly standing: Standing } | undefined {
    const rank = ({ local }: Standing): number => {
      const index = told.findIndex(({ address }) => address === local.address)
      return index < 0 ? told.length : index
    }
    const bestFirst = this.#standing.toReversed().toSorted((one, other) => rank(one) - rank(other))
    const open = bestFirst.filter(({ state }) => state === 'open')
    const ended = bestFirst.filter(({ state }) => state === 'ended')
    this.#standing = []
    for (const standing of [...open, ...ended]) {
      const socket = standing.take()
      if (socket === undefined) continue
      for (const other of bestFirst) if (other !== standing) other.close()
      return { socket, standing }
    }
    return undefined
  }

  #add(standing: Standing): void {
    this.#standing = this.#standing.filter(({ state }) => state !== 'closed')
    if (this.#standing.length >= MAX_STANDING) this.#standing.shift()?.close()
    this.#standing.push(standing)
  }
}
