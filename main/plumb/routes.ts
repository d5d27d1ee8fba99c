import type { Duplex } from 'node:stream'
import { Failure, type FailureCode } from '../../shared/model/failure.ts'
import type { MethodName } from '../../shared/model/transfer.ts'
import { say } from '../../shared/words/say.ts'
import type { Fingerprints } from '../dtcp/fingerprint.ts'
import type { Route } from '../transfer/route.ts'
import type { RouteMaker, RouteReport } from './route-maker.ts'

/** A stream that both sides agreed on (XEP-0095). */
export interface AgreedStream {
  /** Full JID. */
  readonly peer: string
  readonly streamId: string
  /** Best first. */
  readonly methods: readonly MethodName[]
  /** Of the other's certificate, where it is one of our programs: then no byte goes unencrypted. */
  readonly pinned: Fingerprints | undefined
}

/** TLS inside a stream that has none: the sender of the file is its client. */
export type Secure = (
  raw: Duplex,
  as: 'client' | 'server',
  pinned: Fingerprints,
  signal: AbortSignal,
) => Promise<{ readonly stream: Duplex; readonly code: string | undefined }>

/** One method came to nothing. */
export type Failed = (method: MethodName, failure: Failure) => void

/** What a direct connection ends with where neither side is reached. */
const UNREACHED: ReadonlySet<FailureCode> = new Set(['unreachable', 'timed-out'])

/** All the ways from one program to the other, in their order: DTCP, SOCKS5 bytestreams, in-band bytestreams. */
export class Routes {
  readonly #makers: readonly RouteMaker[]
  readonly #secure: Secure

  /** `makers`: best first. */
  constructor(makers: readonly RouteMaker[], secure: Secure) {
    this.#makers = makers
    this.#secure = secure
  }

  get methods(): readonly MethodName[] {
    return this.#makers.map(({ method }) => method)
  }

  namespaceOf(method: MethodName): string {
    const maker = this.#makers.find(candidate => candidate.method === method)
    if (maker === undefined) throw new Failure('bug', `bug: there is no way called ${method}`)
    return maker.namespace
  }

  methodOf(namespace: string): MethodName | undefined {
    return this.#makers.find(maker => maker.namespace === namespace)?.method
  }

  /**
   * As the sender: one connection, by the first method that gives one. Throws the Failure of the first one where none
   * does, with all of them as its cause, or `signal`'s reason.
   */
  async open(stream: AgreedStream, failed: Failed, signal: AbortSignal): Promise<Route> {
    const failures: Failure[] = []
    for (const method of stream.methods) {
      const maker = this.#makers.find(candidate => candidate.method === method)
      if (maker === undefined) continue
      try {
        const route = await maker.request(stream.peer, stream.streamId, signal)
        return await this.#secured(route, 'client', stream.pinned, signal)
      } catch (error) {
        signal.throwIfAborted()
        const failure = Failure.from(error)
        failed(method, failure)
        failures.push(failure)
      }
    }
    const [first] = failures
    if (first === undefined) throw noMethod()
    if (failures.length === 1) throw first
    throw new Failure(first.code, first.message, { cause: new AggregateError(failures) })
  }

  /** As the receiver: every connection that the sender asks for, by whatever method, until `signal` is aborted. */
  serve(
    stream: AgreedStream,
    report: { established(route: Route): void; failed: Failed },
    signal: AbortSignal,
  ): void {
    let isDirectUnlikely = false
    for (const maker of this.#makers) {
      if (!stream.methods.includes(maker.method)) continue
      const { method } = maker
      const toMaker: RouteReport = {
        get isDirectUnlikely() {
          return isDirectUnlikely
        },
        failed: failure => {
          // It dials from both sides, to all that is known of the other.
          if (method === 'dtcp') isDirectUnlikely = UNREACHED.has(failure.code)
          report.failed(method, failure)
        },
        established: route => {
          this.#secured(route, 'server', stream.pinned, signal).then(
            secured => report.established(secured),
            error => {
              if (!signal.aborted) report.failed(method, Failure.from(error))
            },
          )
        },
      }
      maker.serve(stream.peer, stream.streamId, toMaker, signal)
    }
  }

  async #secured(
    route: Route,
    as: 'client' | 'server',
    pinned: Fingerprints | undefined,
    signal: AbortSignal,
  ): Promise<Route> {
    // DTCP has its own, with the same certificates.
    if (pinned === undefined || route.method === 'dtcp') return route
    const { stream, code } = await this.#secure(route.stream, as, pinned, signal)
    return { ...route, stream, code, encrypted: true, verified: true }
  }
}

function noMethod(): Failure {
  return new Failure('no-common-method', say('peer.no-common-way'))
}
