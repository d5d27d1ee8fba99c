import type { Failure } from '../../shared/model/failure.ts'
import type { MethodName } from '../../shared/model/transfer.ts'
import type { Route } from '../transfer/route.ts'

/** One stream method (XEP-0095), from its stanzas to a byte stream. It knows streams by their ids, and no files. */
export interface RouteMaker {
  readonly method: MethodName
  /** Of the stream method. */
  readonly namespace: string
  /**
   * As the sender of a file: makes one connection for a stream that `peer`, a full JID, agreed on. Throws a Failure,
   * or `signal`'s reason.
   */
  request(peer: string, streamId: string, signal: AbortSignal): Promise<Route>
  /**
   * As the receiver: answers every request of `peer`, a full JID, for this stream until `signal` is aborted; it may ask
   * again after a connection broke. `failed` tells of an attempt that came to nothing; the next may come.
   */
  serve(peer: string, streamId: string, report: RouteReport, signal: AbortSignal): void
}

export interface RouteReport {
  /** Whether another method has just found that neither side is reached directly. */
  readonly isDirectUnlikely: boolean
  established(route: Route): void
  failed(failure: Failure): void
}
