import type { Duplex } from 'node:stream'
import type { MethodName } from '../../shared/model/transfer.ts'

/** A byte stream between the two programs, however it was made. `stream` is paused. */
export interface Route {
  readonly method: MethodName
  readonly stream: Duplex
  readonly by: 'dialer' | 'acceptor'
  /** `address:port` of the other end. */
  readonly remote: string
  readonly encrypted: boolean
  readonly verified: boolean
}
