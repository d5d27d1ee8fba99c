import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import { type BlockAnswer, type InBandPort, InBandStream } from '../bytestreams/in-band.ts'
import type { Route } from '../transfer/route.ts'
import { type IqAnswer, IqError, type IqRequest, type IqRouter } from '../xmpp/iq.ts'
import {
  type IbbCondition,
  type IbbData,
  type IbbOpen,
  ibbError,
  MAX_BLOCK_SIZE,
  NS_IBB,
  readIbb,
  writeClose,
  writeData,
  writeOpen,
} from '../xmpp/xep-0047.ts'
import type { RouteMaker, RouteReport } from './route-maker.ts'

/**
 * Bytes of a block. No server may refuse a stanza of 10,000 bytes (RFC 6120 section 13.12), and one that is too long may
 * cost the whole session: of the powers of two this is the largest that fits with base64 and addresses. What larger ones
 * would save is 4 % of the way.
 */
const BLOCK_SIZE = 4_096
/** A peer that finds even this too large finds anything too large. */
const SMALLEST_BLOCK_SIZE = 1_024
/** Blocks on their way at once: to a program of ours, and to others, of which some may lose the order of many. */
const MOST_IN_FLIGHT_TO_OWN = 16
const MOST_IN_FLIGHT = 4
/** A server that lets 1 kB a second through, or keeps blocks for a peer that is about to resume, takes its time. */
const BLOCK_TIMEOUT_MS = 120_000
/** How long the answer to a close is waited for. libpurple never gives one once it has all that it expected. */
const CLOSE_TIMEOUT_MS = 2_000
/** Streams that are open with one peer, and in all; each may fill a little more than 1 MiB of memory. */
const MAX_STREAMS_OF_PEER = 16
const MAX_STREAMS = 64

export interface InBandNegotiationOptions {
  readonly iq: IqRouter
  /** Whether this full JID is another of our programs. */
  readonly isOwn: (peer: string) => boolean
  /** Calls back when a device (full JID) goes offline; returns how to stop that. */
  readonly onOffline: (peer: string, act: () => void) => () => void
  /** Resolves when the server is connected (again); rejects when that will not happen. */
  readonly whenConnected: (signal: AbortSignal) => Promise<void>
}

/** A stream that was agreed on, which the peer may open. */
interface Expectation {
  readonly report: RouteReport
  /** It was opened at least once. */
  opened: boolean
}

/** In-band bytestreams (XEP-0047): joins iqs to streams. It knows streams by their ids, and no files. */
export class InBandNegotiation implements RouteMaker {
  readonly method = 'ibb'
  readonly namespace = NS_IBB
  readonly #options: InBandNegotiationOptions
  /** By full JID and stream id, as the streams are. */
  readonly #expected = new Map<string, Expectation>()
  readonly #streams = new Map<string, { readonly peer: string; readonly stream: InBandStream }>()

  constructor(options: InBandNegotiationOptions) {
    this.#options = options
    options.iq.handle('set', NS_IBB, request => this.#onRequest(request))
  }

  /** What is held right now. */
  get inUse(): { readonly streams: number; readonly expected: number } {
    return { streams: this.#streams.size, expected: this.#expected.size }
  }

  /**
   * Opens a stream that `peer`, a full JID, agreed on; one of that id that is still open is over. Throws a Failure:
   * `refused`, `timed-out`, `server-connection-lost`, `connection-lost`, or `signal`'s reason.
   */
  async request(peer: string, streamId: string, signal: AbortSignal): Promise<Route> {
    for (let blockSize = BLOCK_SIZE; ; blockSize /= 2) {
      signal.throwIfAborted()
      // Before it is opened: the first block may come in one breath with the answer.
      const stream = this.#add(peer, streamId, blockSize)
      try {
        await this.#options.iq.request('set', peer, writeOpen({ sid: streamId, blockSize, stanza: 'iq' }), {
          signal: AbortSignal.any([signal, stream.gone]),
        })
        signal.throwIfAborted()
        stream.gone.throwIfAborted()
        return routeOf(stream, 'dialer', peer)
      } catch (error) {
        if (!(error instanceof IqError)) {
          // It may be open at the other end by now.
          stream.destroy(Failure.from(error))
          throw error
        }
        const refusal = refused(error)
        stream.abandon(refusal)
        const smallerMayDo = error.error.condition === 'resource-constraint'
        if (!smallerMayDo || blockSize <= SMALLEST_BLOCK_SIZE) throw refusal
      }
    }
  }

  /** A stream that is open already goes on when `signal` is aborted: it is whose the route is. */
  serve(peer: string, streamId: string, report: RouteReport, signal: AbortSignal): void {
    if (signal.aborted) return
    const key = keyOf(peer, streamId)
    const expectation: Expectation = { report, opened: false }
    this.#expected.set(key, expectation)
    signal.addEventListener(
      'abort',
      () => {
        if (this.#expected.get(key) === expectation) this.#expected.delete(key)
      },
      { once: true },
    )
  }

  /** The session is gone, and with it the order of what was on its way: every stream ends with `connection-lost`. */
  rejectAll(cause: Failure): void {
    for (const { stream } of [...this.#streams.values()]) stream.abandon(lost(cause))
  }

  #onRequest({ from, payload }: IqRequest): IqAnswer | Promise<IqAnswer> {
    const request = readIbb(payload)
    switch (request.kind) {
      case 'open':
        return this.#onOpen(from, request)
      case 'data':
        return this.#onData(from, request)
      case 'close':
        return this.#onClose(from, request.sid)
      case 'malformed':
        if (request.blockOf !== undefined) this.#find(from, request.blockOf)?.receiveMalformed()
        return refusal('bad-request')
    }
  }

  #onOpen(from: string, { sid, blockSize, stanza }: IbbOpen): IqAnswer {
    const key = keyOf(from, sid)
    const expectation = this.#expected.get(key)
    if (expectation === undefined) return refusal('not-acceptable')
    if (stanza === 'message') {
      // Messages have no answers: nobody could slow the peer down, and servers may store or copy them.
      expectation.report.failed(onlyMessages())
      return refusal('not-acceptable')
    }
    if (blockSize > MAX_BLOCK_SIZE) return refusal('resource-constraint')
    this.#supersede(key)
    const ofPeer = [...this.#streams.values()].filter(({ peer }) => peer === from)
    if (ofPeer.length >= MAX_STREAMS_OF_PEER || this.#streams.size >= MAX_STREAMS) {
      expectation.report.failed(tooMany())
      return refusal('not-acceptable')
    }
    const stream = this.#add(from, sid, blockSize)
    expectation.opened = true
    return {
      payload: undefined,
      // Nothing may be sent before the answer.
      afterwards: () => {
        if (stream.destroyed) return
        if (this.#expected.get(key) === expectation) {
          expectation.report.established(routeOf(stream, 'acceptor', from))
        } else stream.destroy()
      },
    }
  }

  async #onData(from: string, { sid, sequence, bytes }: IbbData): Promise<IqAnswer> {
    const stream = this.#find(from, sid)
    if (stream === undefined) return refusal('item-not-found')
    const answer: BlockAnswer = await stream.receiveBlock(sequence, bytes)
    if (answer !== 'taken') return refusal(answer)
    // An answer that gets lost while the connection is down is one that the peer waits for in vain.
    await this.#options.whenConnected(stream.gone).catch(() => {})
    return { payload: undefined }
  }

  async #onClose(from: string, sid: string): Promise<IqAnswer> {
    const closed = await this.#find(from, sid)?.receiveClose()
    // One that we closed first, or that broke, is as closed as the peer wants it.
    const wasOpen = closed === true || this.#expected.get(keyOf(from, sid))?.opened === true
    return wasOpen ? { payload: undefined } : refusal('item-not-found')
  }

  #find(peer: string, streamId: string): InBandStream | undefined {
    return this.#streams.get(keyOf(peer, streamId))?.stream
  }

  #add(peer: string, streamId: string, blockSize: number): InBandStream {
    const key = keyOf(peer, streamId)
    this.#supersede(key)
    const mostInFlight = this.#options.isOwn(peer) ? MOST_IN_FLIGHT_TO_OWN : MOST_IN_FLIGHT
    const stream = new InBandStream(this.#portTo(peer, streamId), { blockSize, mostInFlight })
    // Stays for good: between here and the next reader nobody else would catch a failure.
    stream.on('error', () => {})
    this.#streams.set(key, { peer, stream })
    const stop = this.#options.onOffline(peer, () => stream.abandon(lost(undefined)))
    stream.once('close', () => {
      stop()
      if (this.#streams.get(key)?.stream === stream) this.#streams.delete(key)
    })
    return stream
  }

  /** It is opened anew: what was open before is over for both, without a closing that would meet the new one. */
  #supersede(key: string): void {
    this.#streams.get(key)?.stream.abandon(lost(undefined))
    this.#streams.delete(key)
  }

  #portTo(peer: string, sid: string): InBandPort {
    const { iq, whenConnected } = this.#options
    /** Blocks that wait for a connection leave in their order. */
    let queue = Promise.resolve()
    return {
      sendBlock: async (sequence, bytes, signal) => {
        const payload = writeData({ sid, sequence, bytes })
        queue = queue.then(() => whenConnected(signal))
        await queue
        await iq.request('set', peer, payload, { timeoutMs: BLOCK_TIMEOUT_MS, signal })
      },
      sendClose: async signal => {
        await iq.request('set', peer, writeClose(sid), { timeoutMs: CLOSE_TIMEOUT_MS, signal })
      },
    }
  }
}

/** No address has a line end in it; an id may have. */
function keyOf(peer: string, streamId: string): string {
  return `${peer}\n${streamId}`
}

function routeOf(stream: InBandStream, by: 'dialer' | 'acceptor', peer: string): Route {
  return {
    method: 'ibb',
    stream: stream.pause(),
    by,
    remote: peer,
    relay: 'server',
    encrypted: false,
    verified: false,
    network: 'internet',
    code: undefined,
  }
}

function refusal(condition: IbbCondition): IqAnswer {
  return { payload: ibbError(condition) }
}

function lost(cause: Failure | undefined): Failure {
  return new Failure('connection-lost', say('in-band.broke'), { cause })
}

function refused(cause: IqError): Failure {
  return new Failure('refused', say('in-band.refused'), { cause })
}

function onlyMessages(): Failure {
  return new Failure('protocol-error', say('in-band.in-messages'))
}

function tooMany(): Failure {
  return new Failure('refused', say('in-band.too-many'))
}
