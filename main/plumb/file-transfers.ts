import { randomBytes, randomUUID } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { Failure } from '../../shared/model/failure.ts'
import type { TransferEvent } from '../../shared/model/transfer.ts'
import { sharedDisk } from '../transfer/disk-pool.ts'
import { receiveAccepted } from '../transfer/incoming.ts'
import { sendOffered } from '../transfer/outgoing.ts'
import { createPartialFile, type PartialFile } from '../transfer/partial-file.ts'
import { unlessAborted } from '../transfer/patience.ts'
import { peerFailure } from '../transfer/peer-failure.ts'
import type { Route } from '../transfer/route.ts'
import { safeFileName } from '../transfer/safe-file-name.ts'
import type { OpenSource } from '../transfer/send-file.ts'
import { type IqAnswer, IqError, type IqRequest, type IqRouter } from '../xmpp/iq.ts'
import { NS_PLUMB, readNotice, type TransferNotice, writeNotice } from '../xmpp/plumb.ts'
import { stanzaError } from '../xmpp/stanza.ts'
import { NS_DTCP } from '../xmpp/xep-0046.ts'
import {
  type FileOffer,
  NS_SI,
  noValidStreams,
  readAcceptance,
  readOffer,
  writeAcceptance,
  writeOffer,
} from '../xmpp/xep-0096.ts'
import type { DtcpNegotiation } from './dtcp-negotiation.ts'
import type { Recipient } from './find-recipient.ts'
import { reportBug } from './report-bug.ts'

/** Offers and transfers of one peer, and of all together, that may be under way at once. */
const MAX_INCOMING_PER_PEER = 100
const MAX_INCOMING = 400
/** How long the sender's checksum may be behind its last byte. */
const CHECKSUM_TIMEOUT_MS = 120_000
/** Ten a second at most. */
const PROGRESS_INTERVAL_MS = 100

/** An offer of somebody who may offer; it waits for `accept` or `decline`. */
export interface IncomingOffer {
  readonly transfer: string
  /** Full JID. */
  readonly peer: string
  /** Safe to show and to use. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Receives into a directory, under the name offered or the one chosen. What becomes of it, the events tell. */
  accept(directory: string, as?: ChosenName): void
  decline(): void
}

/** What a person chose in a dialog. */
export interface ChosenName {
  readonly name: string
  /** Whether they agreed that a file of this name is replaced. */
  readonly replace: boolean
}

interface FileTransferEvents {
  transfer: [event: TransferEvent]
  offered: [offer: IncomingOffer]
  /** Somebody offered who may not: it was declined without a word about it on the screen. */
  'turned-away': [peer: string]
}

/** A transfer under way, as the peer's notices reach it. */
interface Live {
  readonly peer: string
  readonly streamId: string
  readonly direction: 'in' | 'out'
  readonly end: AbortController
  /** The sender's checksum (direction `in`). */
  readonly checksum: PromiseWithResolvers<string>
  /** Resolves when the transfer is over: with nothing, or with why it failed. */
  readonly outcome: PromiseWithResolvers<Failure | undefined>
  /** Whether the other program knows our notices. */
  isPlumb: boolean | undefined
}

export interface FileTransfersOptions {
  readonly iq: IqRouter
  readonly dtcp: DtcpNegotiation
  /** Whether this full JID may offer files at all. */
  readonly mayOffer: (peer: string) => boolean
  /** Resolves when the server is connected (again); rejects when that will not happen. */
  readonly whenConnected: (signal: AbortSignal) => Promise<void>
  /** Calls back when a device goes offline; returns how to stop that. */
  readonly onOffline: (peer: string, act: () => void) => () => void
}

/** Files by stream initiation (XEP-0095, XEP-0096): offers out and in, and the transfers that follow. */
export class FileTransfers extends EventEmitter<FileTransferEvents> {
  readonly #options: FileTransfersOptions
  readonly #live = new Map<string, Live>()
  /** How to end the offers that wait for an answer. */
  readonly #undecided = new Set<(failure: Failure) => void>()

  constructor(options: FileTransfersOptions) {
    super()
    this.#options = options
    options.iq.handle('set', NS_SI, request => this.#onOffer(request))
    options.iq.handle('set', NS_PLUMB, request => this.#onNotice(request))
  }

  /** Transfers that are offered or under way. */
  get size(): number {
    return this.#live.size
  }

  /**
   * Offers and sends one file; closes the source. The outcome is in the events and, for the caller's
   * convenience, in the result. `signal`'s reason cancels it.
   */
  async send(
    source: OpenSource,
    recipient: Recipient,
    signal: AbortSignal,
    transfer = newTransferId(),
  ): Promise<Failure | undefined> {
    const live = this.#begin(transfer, recipient.address, `plumb-${randomUUID()}`, 'out', recipient.isPlumb)
    const cancel = (): void => this.#cancel(live, Failure.from(signal.reason))
    if (signal.aborted) cancel()
    signal.addEventListener('abort', cancel)
    const meter = this.#meter(transfer, source.size)
    let acceptedAt = 0
    sharedDisk.warm()
    try {
      this.#emit({
        event: 'offer',
        transfer,
        direction: 'out',
        peer: recipient.address,
        name: source.name,
        size: source.size,
      })
      const ports = {
        offer: (aborted: AbortSignal) => this.#offer(live, source, aborted),
        connect: (aborted: AbortSignal) => this.#request(live, aborted),
        confirm: (sha256: string, aborted: AbortSignal) => this.#confirm(live, sha256, aborted),
        accepted: () => {
          acceptedAt = performance.now()
        },
        connected: (route: Route) => this.#connected(transfer, route, acceptedAt),
        progress: meter,
      }
      const sent = await sendOffered(source, ports, live.end.signal)
      this.#done(transfer, source.path, sent, acceptedAt)
      live.outcome.resolve(undefined)
      return undefined
    } catch (error) {
      return this.#failed(transfer, live, error)
    } finally {
      signal.removeEventListener('abort', cancel)
      this.#live.delete(transfer)
      await source.close()
    }
  }

  /** Ends a transfer, whatever it is doing. */
  cancel(transfer: string, reason = cancelled()): void {
    const live = this.#live.get(transfer)
    if (live !== undefined) this.#cancel(live, reason)
  }

  /** Our session is another one: whoever waits for an answer to an offer has seen us go, and gave up. */
  endUndecided(): void {
    for (const end of [...this.#undecided]) {
      end(
        new Failure(
          'server-connection-lost',
          'The connection to the server was lost: ask for the file again.',
        ),
      )
    }
  }

  /** Ends everything that is under way, and resolves when it is over. */
  async cancelAll(reason: Failure): Promise<void> {
    const all = [...this.#live.values()]
    for (const live of all) this.#cancel(live, reason)
    await Promise.all(all.map(({ outcome }) => outcome.promise))
  }

  // ------------------------------------------------------------------------------------------ sending

  async #offer(live: Live, source: OpenSource, signal: AbortSignal): Promise<{ checksumFollows: boolean }> {
    const offer = writeOffer({
      streamId: live.streamId,
      name: source.name,
      size: source.size,
      modified: source.modified,
      md5: undefined,
      methods: [NS_DTCP],
      checksumFollows: true,
    })
    const stop = this.#options.onOffline(live.peer, () => live.end.abort(offline(live.peer)))
    try {
      // A person decides on the other side: as long as they like.
      const result = await this.#options.iq.request('set', live.peer, offer, {
        timeoutMs: Number.POSITIVE_INFINITY,
        signal,
      })
      const { method, checksumFollows } = readAcceptance(result)
      live.isPlumb = checksumFollows
      if (method !== NS_DTCP) {
        throw new Failure(
          'no-common-method',
          'The other program chose a way of transfer that was not offered: ask the contact to update it.',
        )
      }
      return { checksumFollows }
    } catch (error) {
      throw error instanceof IqError ? offerFailure(error, live.peer) : error
    } finally {
      stop()
    }
  }

  async #request(live: Live, signal: AbortSignal): Promise<Route> {
    const channel = await this.#options.dtcp.request(live.peer, live.streamId, signal)
    return { method: 'dtcp', ...channel }
  }

  async #confirm(live: Live, sha256: string, signal: AbortSignal): Promise<void> {
    const notice = writeNotice({ kind: 'checksum', streamId: live.streamId, sha256 })
    for (;;) {
      await this.#options.whenConnected(signal)
      try {
        await this.#options.iq.request('set', live.peer, notice, { timeoutMs: CHECKSUM_TIMEOUT_MS, signal })
        return
      } catch (error) {
        // The bytes are all there: a server that restarts must not turn that into a failure.
        if (error instanceof Failure && error.code === 'server-connection-lost') continue
        if (!(error instanceof IqError) && !(error instanceof Failure && error.code === 'timed-out'))
          throw error
        throw new Failure(
          'unconfirmed',
          'Everything was sent, but the other program did not confirm it: ask the contact whether the file arrived.',
          { cause: error },
        )
      }
    }
  }

  // ---------------------------------------------------------------------------------------- receiving

  /** Nothing is written and no host is dialed before this very offer was accepted (security: accept bypass). */
  async #onOffer({ from, payload }: IqRequest): Promise<IqAnswer> {
    if (!payload.is('si', NS_SI)) return { payload: stanzaError('bad-request') }
    const offer = readOffer(payload)
    if ('error' in offer) return { payload: offer.error }
    if (!this.#options.mayOffer(from)) {
      this.emit('turned-away', from)
      return { payload: stanzaError('forbidden') }
    }
    if (!offer.methods.includes(NS_DTCP)) return { payload: noValidStreams() }
    const incoming = [...this.#live.values()].filter(({ direction }) => direction === 'in')
    const ofPeer = incoming.filter(({ peer }) => peer === from)
    if (ofPeer.some(({ streamId }) => streamId === offer.streamId))
      return { payload: stanzaError('conflict') }
    if (incoming.length >= MAX_INCOMING || ofPeer.length >= MAX_INCOMING_PER_PEER) {
      return { payload: stanzaError('resource-constraint') }
    }
    return this.#decide(from, offer)
  }

  /** Asks whoever listens, and answers the offer when that is decided. */
  #decide(from: string, offer: FileOffer): Promise<IqAnswer> {
    const transfer = newTransferId()
    const live = this.#begin(transfer, from, offer.streamId, 'in', offer.checksumFollows)
    const name = safeFileName(offer.name)
    sharedDisk.warm()
    const { promise, resolve } = Promise.withResolvers<IqAnswer>()
    const over = (failure: Failure): void => {
      this.#failed(transfer, live, failure)
      this.#live.delete(transfer)
      resolve({ payload: stanzaError('forbidden') })
    }
    const decide = (act: () => void): void => {
      if (!this.#undecided.delete(end)) return
      stop()
      act()
    }
    const end = (failure: Failure): void => decide(() => over(failure))
    this.#undecided.add(end)
    const stop = this.#options.onOffline(from, () => end(offline(from)))
    live.end.signal.addEventListener('abort', () => end(Failure.from(live.end.signal.reason)))
    this.#emit({ event: 'offer', transfer, direction: 'in', peer: from, name, size: offer.size })
    this.emit('offered', {
      transfer,
      peer: from,
      name,
      size: offer.size,
      accept: (directory, as = { name, replace: false }) =>
        decide(() => void this.#receive(transfer, live, offer, directory, as).then(resolve)),
      decline: () => decide(() => over(new Failure('declined', 'You declined this file.'))),
    })
    return promise
  }

  /** Prepares the disk, then accepts; resolves with the answer to the offer. */
  async #receive(
    transfer: string,
    live: Live,
    offer: FileOffer,
    directory: string,
    { name, replace }: ChosenName,
  ): Promise<IqAnswer> {
    let partial: PartialFile
    try {
      partial = await createPartialFile(directory, name, { size: offer.size, replace })
    } catch (error) {
      this.#failed(transfer, live, error)
      this.#live.delete(transfer)
      return { payload: stanzaError('not-acceptable') }
    }
    const moving = this.#move(transfer, live, offer, partial)
    void moving.finally(() => this.#live.delete(transfer))
    return { payload: writeAcceptance(NS_DTCP, offer.checksumFollows) }
  }

  async #move(transfer: string, live: Live, offer: FileOffer, partial: PartialFile): Promise<void> {
    const acceptedAt = performance.now()
    const ports = {
      connect: async (aborted: AbortSignal): Promise<Route> => {
        const channel = await this.#options.dtcp.expect(live.peer, live.streamId, aborted)
        return { method: 'dtcp', ...channel }
      },
      checksum: (aborted: AbortSignal) => checksumInTime(live, aborted),
      connected: (route: Route) => this.#connected(transfer, route, acceptedAt),
      progress: this.#meter(transfer, offer.size),
    }
    try {
      const received = await receiveAccepted(offer, partial, ports, live.end.signal)
      this.#done(transfer, received.path, received, acceptedAt)
      live.outcome.resolve(undefined)
    } catch (error) {
      // What cannot even be removed is no other failure than the one that is told.
      await partial.discard().catch(() => {})
      this.#failed(transfer, live, error)
    }
  }

  // ------------------------------------------------------------------------------------------- notices

  async #onNotice({ from, payload }: IqRequest): Promise<IqAnswer> {
    const notice = readNotice(payload)
    if (notice === undefined) return { payload: stanzaError('bad-request') }
    const live = [...this.#live.values()].find(
      ({ peer, streamId }) => peer === from && streamId === notice.streamId,
    )
    if (live === undefined) return { payload: stanzaError('item-not-found') }
    if (notice.kind === 'cancel') {
      live.end.abort(peerFailure(notice.reason))
      return { payload: undefined }
    }
    if (live.direction !== 'in') return { payload: stanzaError('item-not-found') }
    live.checksum.resolve(notice.sha256)
    // The sender's answer is the verdict on the file: not before it has its name.
    const failure = await live.outcome.promise
    return { payload: failure === undefined ? undefined : stanzaError('not-acceptable') }
  }

  #notify(live: Live, reason: Failure): void {
    if (live.isPlumb === false) return
    const notice: TransferNotice = { kind: 'cancel', streamId: live.streamId, reason: reason.code }
    this.#options.iq.request('set', live.peer, writeNotice(notice)).catch(() => {})
  }

  // -------------------------------------------------------------------------------------------- shared

  #begin(
    transfer: string,
    peer: string,
    streamId: string,
    direction: 'in' | 'out',
    isPlumb: boolean | undefined,
  ): Live {
    const live: Live = {
      peer,
      streamId,
      direction,
      end: new AbortController(),
      checksum: Promise.withResolvers(),
      outcome: Promise.withResolvers(),
      isPlumb,
    }
    this.#live.set(transfer, live)
    return live
  }

  /** Word goes ahead of the closing, so that the other side reads the reason and not just the end. */
  #cancel(live: Live, reason: Failure): void {
    if (live.end.signal.aborted) return
    this.#notify(live, reason)
    live.end.abort(reason)
  }

  #connected(transfer: string, route: Route, acceptedAt: number): void {
    const { stream: _, ...shown } = route
    const ms = Math.round(performance.now() - acceptedAt)
    this.#emit({ event: 'connected', transfer, ...shown, ms })
  }

  #meter(transfer: string, size: number): (bytes: number) => void {
    let last = Number.NEGATIVE_INFINITY
    return bytes => {
      const now = performance.now()
      if (now - last < PROGRESS_INTERVAL_MS) return
      last = now
      this.#emit({ event: 'progress', transfer, bytes, size })
    }
  }

  #done(
    transfer: string,
    path: string,
    { bytes, sha256 }: { readonly bytes: number; readonly sha256: string },
    acceptedAt: number,
  ): void {
    const seconds = Math.round(performance.now() - acceptedAt) / 1000
    this.#emit({ event: 'done', transfer, path, bytes, sha256, seconds })
  }

  #failed(transfer: string, live: Live, error: unknown): Failure {
    const failure = Failure.from(error)
    reportBug(failure)
    // Whoever was told before, or told us, knows; and a program that knows only the XEPs reads the closing.
    if (!live.end.signal.aborted && live.isPlumb === true && failure.code !== 'declined') {
      this.#notify(live, failure)
    }
    live.outcome.resolve(failure)
    this.#emit({ event: 'failed', transfer, code: failure.code, message: failure.message })
    return failure
  }

  #emit(event: TransferEvent): void {
    this.emit('transfer', event)
  }
}

async function checksumInTime(live: Live, signal: AbortSignal): Promise<string> {
  const timeout = AbortSignal.timeout(CHECKSUM_TIMEOUT_MS)
  try {
    return await unlessAborted(live.checksum.promise, AbortSignal.any([signal, timeout]))
  } catch (error) {
    signal.throwIfAborted()
    throw new Failure(
      'incomplete',
      'The contact’s program never sent the checksum, so the file was discarded: ask them to send it again.',
      { cause: error },
    )
  }
}

function newTransferId(): string {
  return randomBytes(6).toString('hex')
}

export function cancelled(): Failure {
  return new Failure('cancelled', 'You cancelled the transfer.')
}

function offline(peer: string): Failure {
  return new Failure('peer-offline', `${peer} went offline: try again when they are back.`)
}

/** What an answer to an offer means (XEP-0095, and what programs send beside it). */
function offerFailure(cause: IqError, peer: string): Failure {
  const { condition, details } = cause.error
  if (details.includes('no-valid-streams')) {
    return new Failure(
      'no-common-method',
      'The other program makes no direct connections: ask the contact to use Plumb.',
      { cause },
    )
  }
  switch (condition) {
    case 'forbidden':
    case 'not-allowed':
      return new Failure('declined', 'The contact declined the file.', { cause })
    case 'not-acceptable':
      return new Failure(
        'offer-refused',
        'The contact’s computer cannot take the file: ask them about their disk space and folder.',
        { cause },
      )
    case 'recipient-unavailable':
    case 'remote-server-not-found':
    case 'remote-server-timeout':
    case 'item-not-found':
      return new Failure('peer-offline', `${peer} is not online: try again later.`, { cause })
    case 'service-unavailable':
    case 'feature-not-implemented':
      return new Failure(
        'peer-unsupported',
        `${peer} is not online, or its program takes no files: check the address, or try again later.`,
        { cause },
      )
    default:
      return new Failure('offer-refused', `The other program refused the file (${condition}): try again.`, {
        cause,
      })
  }
}
