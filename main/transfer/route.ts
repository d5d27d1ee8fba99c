import type { Duplex } from 'node:stream'
import type { MethodName, Network, Relay } from '../../shared/model/transfer.ts'

/** A byte stream between the two programs, however it was made. `stream` is paused, and somebody hears its errors. */
export interface Route {
  readonly method: MethodName
  readonly stream: Duplex
  readonly by: 'dialer' | 'acceptor'
  /** `address:port` of the other end; its full JID where the bytes go through the servers. */
  readonly remote: string
  readonly relay: Relay
  readonly encrypted: boolean
  readonly verified: boolean
  readonly network: Network
  /** For two people to compare; undefined where nothing was verified. */
  readonly code: string | undefined
}
