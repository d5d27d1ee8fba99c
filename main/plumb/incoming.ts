import { Failure } from '../../shared/model/failure.ts'
import type { MethodName } from '../../shared/model/transfer.ts'
import { say } from '../../shared/words/say.ts'
import { type Arrival, createArrival, hasArrived, reopenArrival } from '../transfer/arrival.ts'
import { sharedDisk } from '../transfer/disk-pool.ts'
import type { Arrived, IncomingEntry } from '../transfer/journal.ts'
import { PackedReceiver } from '../transfer/packed/packed-receiver.ts'
import { delay, unlessAborted } from '../transfer/patience.ts'
import { receivePlain } from '../transfer/receive-plain.ts'
import type { Route } from '../transfer/route.ts'
import type { IqAnswer } from '../xmpp/iq.ts'
import { pausedElement } from '../xmpp/plumb.ts'
import { stanzaError } from '../xmpp/stanza.ts'
import { type FileOffer, noValidStreams, writeAcceptance } from '../xmpp/xep-0096.ts'
import { reportBug } from './report-bug.ts'
import type { AgreedStream } from './routes.ts'
import {
  cannotGoOn,
  isBreak,
  notify,
  offline,
  Progress,
  pinsOf,
  safeMethods,
  type TransferContext,
  tellConnected,
  tellFailedRoute,
} from './transfer-context.ts'

/** What a person chose in a dialog. */
export interface ChosenName {
  readonly name: string
  /** Whether they agreed that a file of this name is replaced. */
  readonly replace: boolean
}

/** How long an offer of one of our programs stays when its sender goes offline: it comes back with the same. */
const OFFER_GRACE_MS = 60_000
/** How long another program has for its first connection, and for a further one after one that failed. */
const CONNECTION_TIMEOUT_MS = 60_000
const NEXT_CONNECTION_TIMEOUT_MS = 20_000
/** How long a break may last before it is told: mostly the next connection is there by then. */
const CALM_MS = 2_000

/** An offer as it stands in one session of its sender. */
interface Session {
  /** Full JID. */
  readonly peer: string
  readonly offer: FileOffer
}

type Phase =
  | { readonly kind: 'undecided'; readonly answer: PromiseWithResolvers<IqAnswer> }
  | { readonly kind: 'accepted' }
  | { readonly kind: 'over' }

/** One file or folder on its way in: asked about once, then received over one connection after the other. */
export class Incoming {
  readonly id: string
  /** Undefined with a program that is not ours: it cannot go on with what was cut off. */
  readonly key: string | undefined
  /** Bare JID of the sender. */
  readonly peer: string
  /** Safe to show and to use. */
  readonly name: string
  readonly size: number | undefined
  readonly files: number | undefined
  readonly direction = 'in'
  readonly #context: TransferContext
  readonly #at: number
  readonly #end = new AbortController()
  readonly #outcome = Promise.withResolvers<Failure | undefined>()
  #session: Session | undefined
  #phase: Phase = { kind: 'undecided', answer: Promise.withResolvers() }
  #paused: 'us' | 'them' | undefined
  #entry: IncomingEntry | undefined
  #arrival: Arrival | undefined
  #packed: PackedReceiver | undefined
  /** Ends the connections that belong to one session of the sender. */
  #serving = new AbortController()
  /** Ends the one that is running, in favour of a newer one. */
  #running: AbortController | undefined
  #progress: Progress | undefined
  #routes: Route[] = []
  #routeCame = Promise.withResolvers<void>()
  #lastFailure: Failure | undefined
  /** How many methods the sender may try. */
  #methods = 0
  #acceptedAt = 0
  #keep = false
  #stopWatching: (() => void) | undefined
  #grace: NodeJS.Timeout | undefined

  constructor(
    context: TransferContext,
    what: {
      readonly id: string
      readonly key: string | undefined
      readonly peer: string
      readonly name: string
      readonly size: number | undefined
      readonly files: number | undefined
      readonly at: number
    },
  ) {
    this.#context = context
    this.id = what.id
    this.key = what.key
    this.peer = what.peer
    this.name = what.name
    this.size = what.size
    this.files = what.files
    this.#at = what.at
    this.#end.signal.addEventListener('abort', () => {
      if (this.#phase.kind === 'undecided') this.#settle(Failure.from(this.#end.signal.reason))
    })
  }

  /** One that was accepted in an earlier run: it waits for its sender. */
  static restore(context: TransferContext, entry: IncomingEntry): Incoming {
    const incoming = new Incoming(context, entry)
    incoming.#entry = entry
    incoming.#paused = entry.paused
    incoming.#phase = { kind: 'accepted' }
    incoming.#acceptedAt = performance.now()
    return incoming
  }

  get outcome(): Promise<Failure | undefined> {
    return this.#outcome.promise
  }

  get streamId(): string | undefined {
    return this.#session?.offer.streamId
  }

  /** Full JID, where it is known in this run. */
  get address(): string | undefined {
    return this.#session?.peer
  }

  /** One of an earlier run that has not gone on in this one. */
  get isDormant(): boolean {
    return this.#session === undefined && this.#phase.kind === 'accepted'
  }

  /** All that is left is that the sender hears of it. */
  get isOver(): boolean {
    return this.#phase.kind === 'over'
  }

  get isUndecided(): boolean {
    return this.#phase.kind === 'undecided'
  }

  // ------------------------------------------------------------------------------------------ the offer

  /** A first offer, or the same again from another session of its sender. Resolves with the answer to it. */
  async offered(peer: string, offer: FileOffer): Promise<IqAnswer> {
    if (this.#phase.kind === 'over') return { payload: stanzaError('item-not-found') }
    clearTimeout(this.#grace)
    this.#stopWatching?.()
    // One of an earlier run is told only now that it goes on.
    if (this.#phase.kind === 'accepted' && this.#session === undefined) this.tellOffer(peer)
    this.#session = { peer, offer }
    this.#stopWatching = this.#context.onOffline(peer, () => this.#senderGone(peer))
    if (this.#phase.kind === 'accepted') return await this.#answerAgain()
    // Nobody waits any more for the answer to the offer before.
    this.#phase.answer.resolve({ payload: stanzaError('conflict') })
    this.#phase = { kind: 'undecided', answer: Promise.withResolvers() }
    return await this.#phase.answer.promise
  }

  /** Prepares the disk, notes it, then accepts. What becomes of it, the events tell. */
  async accept(directory: string, as: ChosenName): Promise<void> {
    const phase = this.#phase
    if (phase.kind !== 'undecided') return
    this.#phase = { kind: 'accepted' }
    this.#acceptedAt = performance.now()
    sharedDisk.warm()
    try {
      const { size, files } = this
      const claiming = (arrived: Arrived): Promise<void> => this.#note({ claiming: arrived })
      this.#arrival = await createArrival(directory, as.name, { size, files, replace: as.replace, claiming })
      this.#entry = this.#newEntry(this.#arrival, as.replace)
      await this.#note({})
    } catch (error) {
      // Word of the reason goes ahead of the refusal.
      await this.#over(Failure.from(error))
      phase.answer.resolve({ payload: stanzaError('not-acceptable') })
      return
    }
    phase.answer.resolve(await this.#answerAgain())
    await this.run()
  }

  decline(): void {
    if (this.#phase.kind === 'undecided') this.#settle(new Failure('declined', say('offer.you-declined')))
  }

  /** It was never accepted. */
  #settle(failure: Failure): void {
    if (this.#phase.kind !== 'undecided') return
    this.#phase.answer.resolve({ payload: stanzaError('forbidden') })
    void this.#over(failure)
  }

  #senderGone(peer: string): void {
    if (this.#session?.peer !== peer) return
    if (this.#phase.kind === 'undecided') {
      if (this.key === undefined) this.#settle(offline(peer))
      else this.#grace = setTimeout(() => this.#settle(offline(peer)), OFFER_GRACE_MS).unref()
    } else if (this.key === undefined && this.#running === undefined && this.#routes.length === 0) {
      // Another program has no other session: nobody will ask for the connection any more.
      this.#end.abort(offline(peer))
    }
  }

  /** The server has lost our session: the senders saw us go. Those of our programs offer again. */
  sessionLost(failure: Failure): void {
    if (this.#phase.kind !== 'undecided') return
    if (this.key === undefined) this.#settle(failure)
    else this.#grace = setTimeout(() => this.#settle(failure), OFFER_GRACE_MS).unref()
  }

  /** Accepted: the answer to this offer of it, and connections for its stream. */
  async #answerAgain(): Promise<IqAnswer> {
    const { peer, offer } = this.#session as Session
    if (this.#paused === 'us') return { payload: stanzaError('resource-constraint', pausedElement()) }
    if (this.#paused !== undefined) {
      this.#paused = undefined
      void this.#note({ paused: undefined }).catch(reportBug)
    }
    const own = offer.own
    const { fingerprints, routes } = this.#context
    let stream: AgreedStream
    try {
      const pinned = own === undefined ? undefined : pinsOf(this.#context, own.fingerprints)
      const common = this.#context
        .methodsWith(peer, own !== undefined)
        .filter(method => offer.methods.includes(routes.namespaceOf(method)))
      const methods = own === undefined ? common : safeMethods(this.#context, common, pinned)
      stream = { peer, streamId: offer.streamId, methods, pinned }
      await this.#prepare()
    } catch (error) {
      this.#end.abort(Failure.from(error))
      return { payload: stanzaError('not-acceptable') }
    }
    const [best] = stream.methods
    this.#methods = stream.methods.length
    if (best === undefined) return { payload: noValidStreams() }
    // Of what is here, nothing is to come.
    if (this.#entry?.done === undefined) this.#serve(stream)
    return {
      payload: writeAcceptance({
        method: routes.namespaceOf(best),
        offset: own === undefined || this.files !== undefined ? 0 : ((await this.#arrival?.length()) ?? 0),
        own: own === undefined ? undefined : { fingerprints, done: this.#entry?.done?.sha256 },
      }),
    }
  }

  /** Finds what is here of one that was accepted in an earlier run. */
  async #prepare(): Promise<void> {
    if (this.#arrival !== undefined || this.#entry === undefined) return
    const found = await reopenArrival(this.#entry, arrived => this.#note({ claiming: arrived }))
    if (hasArrived(found)) {
      // The program was killed between giving it its name and saying so.
      const { path, sha256 } = found
      const bytes = this.size ?? 0
      await this.#finished({ path, sha256, bytes, resumedFrom: bytes }, undefined)
      this.#routeCame.resolve()
      return
    }
    this.#arrival = found
    if (found.path !== this.#entry.partial) await this.#note({ partial: found.path })
  }

  #serve(stream: AgreedStream): void {
    this.#serving.abort(new Failure('connection-lost', say('peer.began-anew')))
    this.#serving = new AbortController()
    const signal = AbortSignal.any([this.#serving.signal, this.#end.signal])
    this.#context.routes.serve(
      stream,
      {
        established: route => this.#newRoute(route, signal),
        failed: (method, failure) => this.#attemptFailed(method, failure),
      },
      signal,
    )
  }

  // ------------------------------------------------------------------------------------------- the bytes

  /** Receives until it is over; resolves with the outcome, and never rejects. */
  async run(): Promise<Failure | undefined> {
    if (this.#phase.kind !== 'accepted') return await this.outcome
    const { signal } = this.#end
    try {
      if (this.#paused !== undefined) this.#tellPaused()
      for (let first = true; ; first = false) {
        signal.throwIfAborted()
        const route = await this.#nextRoute(first)
        if (route === undefined || (await this.#receive(route))) break
      }
      this.#outcome.resolve(undefined)
    } catch (error) {
      await this.#over(Failure.from(signal.aborted ? signal.reason : error))
    } finally {
      this.#stopWatching?.()
      this.#serving.abort(new Failure('cancelled', say('transfer.ended')))
      for (const route of this.#routes.splice(0)) route.stream.destroy()
      await this.#packed?.close()
    }
    return await this.outcome
  }

  /** True once the file is here; false where the connection was lost and another may follow. */
  async #receive(route: Route): Promise<boolean> {
    const running = new AbortController()
    this.#running = running
    tellConnected(this.#context, this.id, route, this.#acceptedAt, this.canPause)
    const signal = AbortSignal.any([this.#end.signal, running.signal])
    const progress = new Progress(this.#context, this.id, this.size)
    this.#progress = progress
    const onProgress = (bytes: number): void => progress.report(bytes)
    try {
      if (this.key === undefined) {
        const { offer } = this.#session as Session
        const partial = this.#arrival?.file
        if (partial === undefined) throw new Failure('bug', 'bug: nowhere to put what arrives')
        const limit = this.#arrival?.room
        const received = await receivePlain(offer, partial, route, { signal, onProgress, limit })
        progress.stop()
        await this.#finished({ ...received, resumedFrom: 0 }, route.method)
        return true
      }
      const received = await this.#packedReceiver().receive(route.stream, {
        signal,
        nudge: route.relay === 'proxy',
        onBegin: ({ restarted }) => {
          if (restarted) this.#context.emit({ event: 'restarted', transfer: this.id })
        },
        onProgress,
      })
      progress.stop()
      // Where the same was here already, nothing was given a name.
      await this.#arrival?.discard().catch(reportBug)
      await this.#finished(received, route.method)
      await received.heard()
      return true
    } catch (error) {
      this.#end.signal.throwIfAborted()
      const failure = Failure.from(error)
      if (running.signal.aborted) return false
      if (this.key === undefined || !isBreak(failure)) throw failure
      this.#lastFailure = failure
      return false
    } finally {
      progress.stop()
      this.#running = undefined
      if (this.key !== undefined) closeSoon(route)
    }
  }

  #packedReceiver(): PackedReceiver {
    const target = this.#arrival?.target
    if (target === undefined) throw new Failure('bug', 'bug: nowhere to put what arrives')
    const size = this.size ?? 0
    this.#packed ??= new PackedReceiver(
      this.files === undefined ? { kind: 'file', size } : { kind: 'folder', size, files: this.files },
      target,
    )
    return this.#packed
  }

  #newRoute(route: Route, signal: AbortSignal): void {
    if (signal.aborted) {
      route.stream.destroy()
      return
    }
    for (const older of this.#routes.splice(0)) older.stream.destroy()
    this.#routes.push(route)
    // The sender is the one who decides: what it no longer uses is over here, too.
    this.#running?.abort(new Failure('connection-lost', say('peer.new-connection')))
    this.#routeCame.resolve()
  }

  #attemptFailed(method: MethodName, failure: Failure): void {
    tellFailedRoute(this.#context, this.id, method, failure)
    if (this.key !== undefined) return
    this.#lastFailure = failure
    this.#routeCame.resolve()
  }

  /** Undefined where none is needed any more. */
  async #nextRoute(first: boolean): Promise<Route | undefined> {
    let told = this.#paused !== undefined || this.#session === undefined
    const deadline = performance.now() + CONNECTION_TIMEOUT_MS
    for (;;) {
      const route = this.#routes.pop()
      if (route !== undefined) return route
      if (this.#entry?.done !== undefined) return undefined
      this.#routeCame = Promise.withResolvers()
      if (this.key === undefined) await this.#nextForeign(deadline)
      else if (told) await unlessAborted(this.#routeCame.promise, this.#end.signal)
      else {
        await this.#withinMs(first ? CONNECTION_TIMEOUT_MS : CALM_MS)
        told = true
        if (this.#routes.length === 0 && this.#paused === undefined) this.#tellInterrupted()
      }
    }
  }

  /** Another program has no other session: what does not come in time never comes. */
  async #nextForeign(deadline: number): Promise<void> {
    const failure = this.#lastFailure
    // Some go on with another method where the first one came to nothing.
    if (failure !== undefined && this.#methods === 1) throw failure
    const remaining = failure === undefined ? deadline - performance.now() : NEXT_CONNECTION_TIMEOUT_MS
    await this.#withinMs(Math.max(0, remaining))
    if (this.#routes.length > 0 || this.#lastFailure !== failure) return
    throw failure ?? new Failure('timed-out', say('peer.never-asked'))
  }

  async #withinMs(ms: number): Promise<void> {
    const stop = new AbortController()
    const timer = delay(ms, AbortSignal.any([this.#end.signal, stop.signal]))
    timer.catch(() => {})
    try {
      await Promise.race([this.#routeCame.promise, timer])
    } finally {
      stop.abort()
    }
  }

  // ------------------------------------------------------------------------------------ pause and resume

  get canPause(): boolean {
    return this.key !== undefined && this.#phase.kind === 'accepted'
  }

  pause(by: 'us' | 'them'): void {
    if (this.#paused !== undefined || !this.canPause) return
    this.#paused = by
    if (by === 'us') this.#notify({ kind: 'pause', key: this.key as string })
    void this.#note({ paused: by }).catch(reportBug)
    this.#running?.abort(new Failure('paused', say('transfer.paused')))
    for (const route of this.#routes.splice(0)) route.stream.destroy()
    this.#progress?.stop()
    this.#tellPaused()
  }

  /** The sender's program goes on when it is told so. */
  resume(by: 'us' | 'them'): void {
    if (this.#paused === 'us' && by === 'them') return
    if (this.#paused !== undefined) {
      this.#paused = undefined
      void this.#note({ paused: undefined }).catch(reportBug)
      this.#tellInterrupted()
    }
    if (by === 'us' && this.key !== undefined) this.#notify({ kind: 'resume', key: this.key })
  }

  #notify(notice: Parameters<typeof notify>[2]): void {
    notify(this.#context, this.address ?? this.peer, notice)
  }

  // --------------------------------------------------------------------------------------------- the end

  cancel(reason: Failure): void {
    if (this.#end.signal.aborted) return
    if (this.#phase.kind === 'accepted' && this.key !== undefined) {
      this.#notify({ kind: 'cancel', key: this.key, reason: reason.code })
    }
    this.#end.abort(reason)
  }

  cancelledByPeer(reason: Failure): void {
    this.#end.abort(reason)
  }

  /** Ends it in this program only: what has arrived stays, and it goes on in the next run. */
  suspend(reason: Failure): void {
    this.#keep =
      this.#context.journal !== undefined && this.key !== undefined && this.#phase.kind === 'accepted'
    if (this.#keep) this.#end.abort(reason)
    else this.cancel(cannotGoOn(reason))
  }

  async #finished(
    received: { path: string; bytes: number; sha256: string; resumedFrom: number },
    method: MethodName | undefined,
  ): Promise<void> {
    const { path, bytes, sha256, resumedFrom } = received
    if (this.key !== undefined) {
      // It is here, whether that can be noted or not.
      await this.#note({ done: { path, sha256 }, claiming: undefined }).catch(reportBug)
    }
    this.#phase = { kind: 'over' }
    const seconds = Math.round(performance.now() - this.#acceptedAt) / 1000
    this.#context.emit({
      event: 'done',
      transfer: this.id,
      path,
      bytes,
      sha256,
      seconds,
      method,
      resumedFrom,
    })
  }

  async #over(failure: Failure): Promise<void> {
    reportBug(failure)
    const wasAccepted = this.#phase.kind === 'accepted'
    this.#phase = { kind: 'over' }
    clearTimeout(this.#grace)
    this.#stopWatching?.()
    this.#serving.abort(failure)
    await this.#packed?.close()
    // What cannot even be removed is no other failure than the one that is told.
    if (this.#keep) await this.#arrival?.keep().catch(reportBug)
    else await (this.#arrival ?? (await this.#left()))?.discard().catch(reportBug)
    if (!this.#keep) {
      await this.#context.journal?.remove(this.id)
      if (wasAccepted && !this.#end.signal.aborted && this.key !== undefined) {
        this.#notify({ kind: 'cancel', key: this.key, reason: failure.code })
      }
    }
    this.#outcome.resolve(failure)
    const { code, message } = failure
    if (!this.#keep) this.#context.emit({ event: 'failed', transfer: this.id, code, message })
    else if (this.#paused !== undefined) this.#tellPaused()
    else if (this.#session !== undefined) {
      this.#context.emit({ event: 'interrupted', transfer: this.id, code, message })
    }
  }

  /** Cancelled before its sender was back: what is left of it, to be removed. */
  async #left(): Promise<Arrival | undefined> {
    if (this.#entry === undefined || this.#entry.done !== undefined) return undefined
    const found = await reopenArrival(this.#entry, async () => {}).catch(() => undefined)
    return found === undefined || hasArrived(found) ? undefined : found
  }

  tellOffer(peer: string): void {
    const { id: transfer, name, size, files } = this
    this.#context.emit({ event: 'offer', transfer, direction: 'in', peer, name, size, files })
  }

  #tellInterrupted(): void {
    const { code, message } = this.#lastFailure ?? new Failure('connection-lost', say('peer.awaited'))
    this.#context.emit({ event: 'interrupted', transfer: this.id, code, message })
  }

  #tellPaused(): void {
    this.#context.emit({ event: 'paused', transfer: this.id, by: this.#paused ?? 'us' })
  }

  #newEntry(arrival: Arrival, replace: boolean): IncomingEntry | undefined {
    const { id, key, size } = this
    if (key === undefined || size === undefined) return undefined
    return {
      kind: 'in',
      id,
      key,
      account: this.#context.account,
      peer: this.peer,
      name: arrival.name,
      size,
      files: this.files,
      at: this.#at,
      paused: undefined,
      directory: arrival.directory,
      replace,
      partial: arrival.path,
      claiming: undefined,
      done: undefined,
    }
  }

  async #note(patch: Partial<IncomingEntry>): Promise<void> {
    if (this.#entry === undefined) return
    this.#entry = { ...this.#entry, ...patch }
    await this.#context.journal?.put(this.#entry)
  }
}

/** The last word may still be on its way out. */
function closeSoon({ stream }: Route): void {
  if (stream.destroyed) return
  stream.end()
  const timer = setTimeout(() => stream.destroy(), CALM_MS)
  timer.unref()
  stream.once('close', () => clearTimeout(timer))
  stream.resume()
}
