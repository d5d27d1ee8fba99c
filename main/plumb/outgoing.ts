import { randomUUID } from 'node:crypto'
import { Failure, type FailureCode } from '../../shared/model/failure.ts'
import type { MethodName } from '../../shared/model/transfer.ts'
import { say } from '../../shared/words/say.ts'
import type { Content } from '../transfer/content.ts'
import type { OutgoingEntry } from '../transfer/journal.ts'
import { PackedSender } from '../transfer/packed/packed-sender.ts'
import { delay, unlessAborted } from '../transfer/patience.ts'
import { ownMark } from '../transfer/process-mark.ts'
import { sendPlain } from '../transfer/send-plain.ts'
import { IqError } from '../xmpp/iq.ts'
import { bareJid } from '../xmpp/stanza.ts'
import { type FileRange, readAcceptance, writeOffer } from '../xmpp/xep-0096.ts'
import type { Recipient } from './find-recipient.ts'
import { offerFailure } from './offer-failure.ts'
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

export interface OutgoingOptions {
  readonly id: string
  readonly key: string
  readonly content: Content
  readonly recipient: Recipient
  /** The other side accepted it in an earlier run. */
  readonly accepted: boolean
  readonly paused: 'us' | 'them' | undefined
  readonly at: number
  /** How long it waits for the other side to be (back) online, from the last sign of it. */
  readonly patienceMs: number
}

/** What the receiver agreed to. */
interface Agreement {
  readonly stream: AgreedStream
  /** Whether it is one of our own programs. */
  readonly own: boolean
  readonly range: FileRange | undefined
  /** The receiver has all of it already. */
  readonly done: string | undefined
}

interface Finished {
  readonly bytes: number
  readonly sha256: string
  readonly resumedFrom: number
  readonly method: MethodName | undefined
}

/** Between two attempts that came to nothing. */
const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 60_000
/** Connections that were made and carried nothing: one more is not tried if nothing ever moved. */
const MAX_FRUITLESS = 3
/** How long a break may last before it is told. */
const CALM_MS = 2_000
/** How long word from the peer, why it closed the connection, may be behind the closing itself. */
const NOTICE_TIMEOUT_MS = 500
/** How long a program may take to say whether it goes on. */
const RESUME_TIMEOUT_MS = 15_000
/** What an offer ends with that nobody answers. */
const SILENT: ReadonlySet<FailureCode> = new Set(['timed-out', 'peer-offline'])
/** What an attempt ends with where the other program knows nothing of the stream, or is not there. */
const GONE: ReadonlySet<FailureCode> = new Set(['refused', 'peer-offline', 'server-connection-lost'])

/** One file or folder on its way out: offered, then sent over one connection after the other until it is there. */
export class Outgoing {
  readonly id: string
  readonly key: string
  /** Bare JID of the receiver. */
  readonly peer: string
  readonly direction = 'out'
  readonly #context: TransferContext
  readonly #options: OutgoingOptions
  readonly #end = new AbortController()
  readonly #outcome = Promise.withResolvers<Failure | undefined>()
  #recipient: Recipient
  #accepted: boolean
  #acceptedAt = 0
  #paused: 'us' | 'them' | undefined
  /** Ends what is being tried right now, and nothing else. */
  #attempt = new AbortController()
  /** Ends a wait for the next attempt. */
  #wake = Promise.withResolvers<void>()
  #keep = false
  /** The most that the receiver said it has. */
  #moved = 0
  /** Whether the other program wanted nothing of the stream in the last attempt. */
  #refused = false
  #isWaitTold = false
  #calm: NodeJS.Timeout | undefined
  #isMoving = false
  #wasConnected = false
  /** Another program of theirs came while nothing moved. */
  #cameBack = false

  constructor(context: TransferContext, options: OutgoingOptions) {
    this.#context = context
    this.#options = options
    this.id = options.id
    this.key = options.key
    this.peer = bareJid(options.recipient.address)
    this.#recipient = options.recipient
    this.#accepted = options.accepted
    this.#paused = options.paused
  }

  /** Resolves when it is over: with nothing, or with why it failed. */
  get outcome(): Promise<Failure | undefined> {
    return this.#outcome.promise
  }

  /** The full JID that it was offered to last. */
  get address(): string {
    return this.#recipient.address
  }

  /** Ends it for good; the other side is told. */
  cancel(reason: Failure): void {
    if (this.#end.signal.aborted) return
    // Word goes ahead of the closing, so that the other side reads the reason and not just the end.
    if (this.#recipient.isPlumb !== false) {
      notify(this.#context, this.address, { kind: 'cancel', key: this.key, reason: reason.code })
    }
    this.#end.abort(reason)
  }

  /** The other side ended it. */
  cancelledByPeer(reason: Failure): void {
    this.#end.abort(reason)
  }

  /** Ends it in this program only: it goes on in the next run. */
  suspend(reason: Failure): void {
    this.#keep = this.#context.journal !== undefined && this.#recipient.isPlumb !== false
    if (this.#keep) this.#end.abort(reason)
    else this.cancel(cannotGoOn(reason))
  }

  get canPause(): boolean {
    return this.#recipient.isPlumb === true
  }

  pause(by: 'us' | 'them'): void {
    if (this.#paused !== undefined || this.#end.signal.aborted) return
    this.#paused = by
    if (by === 'us') notify(this.#context, this.address, { kind: 'pause', key: this.key })
    void this.#note()
    this.#attempt.abort(new Failure('paused', say('transfer.paused')))
  }

  /** Goes on now: after a pause, or instead of waiting. */
  resume(by: 'us' | 'them'): void {
    if (this.#paused === 'us' && by === 'them') return
    if (this.#paused !== undefined) {
      this.#paused = undefined
      if (by === 'us') notify(this.#context, this.address, { kind: 'resume', key: this.key })
      void this.#note()
    }
    this.#wake.resolve()
  }

  /** Offers and sends; resolves with the outcome, and never rejects. Closes the content. */
  async run(): Promise<Failure | undefined> {
    const { content } = this.#options
    const sender = new PackedSender(content.packed)
    try {
      this.#tellOffer()
      await this.#note()
      this.#finished(await this.#untilDone(sender))
      await this.#context.journal?.remove(this.id)
      this.#outcome.resolve(undefined)
    } catch (error) {
      await this.#failed(Failure.from(this.#end.signal.aborted ? this.#end.signal.reason : error))
    } finally {
      clearTimeout(this.#calm)
      await sender.close()
      await content.close()
    }
    return this.#outcome.promise
  }

  async #untilDone(sender: PackedSender): Promise<Finished> {
    let agreement: Agreement | undefined
    let fruitless = 0
    let waitMs = 0
    let deadline = this.#newDeadline()
    for (;;) {
      this.#end.signal.throwIfAborted()
      this.#attempt = new AbortController()
      this.#wake = Promise.withResolvers()
      const movedBefore = this.#moved
      this.#refused = false
      const signal = AbortSignal.any([this.#end.signal, this.#attempt.signal])
      const stopListening = this.#context.onOnline(this.peer, () => this.#peerArrived())
      try {
        if (this.#paused !== undefined) throw new Failure('paused', say('transfer.paused'))
        await this.#context.whenConnected(signal)
        if (agreement === undefined) this.#cameBack = false
        agreement ??= await this.#agree(signal, deadline)
        deadline = this.#newDeadline()
        return await this.#send(agreement, sender, signal)
      } catch (error) {
        this.#end.signal.throwIfAborted()
        if (this.#paused !== undefined) {
          await this.#untilResumed()
          agreement = undefined
          deadline = this.#newDeadline()
          continue
        }
        const failure = Failure.from(error)
        const own = agreement?.own ?? this.#recipient.isPlumb !== false
        if (!own || !isBreak(failure)) throw failure
        this.#tellUnlessBackSoon(failure)
        if (this.#moved > movedBefore) {
          fruitless = 0
          waitMs = 0
          deadline = this.#newDeadline()
        } else fruitless += 1
        if (this.#cameBack) {
          this.#cameBack = false
          agreement = undefined
          continue
        }
        const isThere = this.#context.isOnline(this.address)
        const made = failure.code === 'connection-lost' || failure.code === 'incomplete'
        // Both are there and no way leads from one to the other: waiting would mend nothing. Where one did, it may again.
        const hopeless =
          agreement !== undefined &&
          this.#moved === 0 &&
          isThere &&
          !this.#options.accepted &&
          !this.#refused &&
          (made || !this.#wasConnected)
        if (hopeless && (!made || fruitless >= MAX_FRUITLESS)) throw failure
        // Its program may be another one by now, which knows the transfer but not the stream.
        if (!isThere || fruitless > 1 || this.#refused) agreement = undefined
        if (!isThere || fruitless >= MAX_FRUITLESS) {
          this.#tellWaiting(failure)
          await this.#untilBack(waitMs, deadline, failure)
          waitMs = Math.min(Math.max(waitMs * 2, FIRST_RETRY_MS), LONGEST_RETRY_MS)
        }
      } finally {
        stopListening()
      }
    }
  }

  /** What was being asked of a program that is gone has no answer any more: the one that came may know the transfer. */
  #peerArrived(): void {
    if (!this.#accepted) return
    // Where something moves, that goes on; should it break, the one that came is asked.
    this.#cameBack = true
    if (!this.#isMoving) this.#attempt.abort(offline(this.address))
  }

  /** Mostly the next connection is there before anybody would wonder. */
  #tellUnlessBackSoon(failure: Failure): void {
    if (!this.#accepted) return
    this.#calm ??= setTimeout(() => {
      if (this.#paused === undefined) this.#tellWaiting(failure)
    }, CALM_MS).unref()
  }

  #isBack(): void {
    clearTimeout(this.#calm)
    this.#calm = undefined
    this.#isWaitTold = false
  }

  #newDeadline(): number {
    return performance.now() + this.#options.patienceMs
  }

  // ------------------------------------------------------------------------------------------- the offer

  /** Agrees on a stream, with whichever program of theirs knows the transfer. */
  async #agree(signal: AbortSignal, deadline: number): Promise<Agreement> {
    if (!this.#context.isOnline(this.address)) {
      this.#tellWaiting(offline(this.address))
      await this.#findAgain(signal, deadline)
    }
    if (!this.#accepted) return await this.#offer(this.#recipient, signal)
    const known = await this.#context.plumbsOf(this.peer, signal)
    let silent: Failure | undefined
    for (const address of known.length === 0 ? [this.address] : known) {
      try {
        return await this.#offer({ address, isPlumb: true }, signal)
      } catch (error) {
        signal.throwIfAborted()
        if (error instanceof IqError) continue
        const failure = Failure.from(error)
        // One that sleeps must not keep us from asking another.
        if (!SILENT.has(failure.code)) throw failure
        silent = failure
      }
    }
    if (silent !== undefined) throw silent
    // They know nothing of it any more: it is asked about like a new one.
    this.#accepted = false
    return await this.#offer(this.#recipient, signal)
  }

  /** Throws a Failure, or an IqError where that program does not know a transfer that goes on. */
  async #offer(recipient: Recipient, signal: AbortSignal): Promise<Agreement> {
    const { content } = this.#options
    const peer = recipient.address
    this.#recipient = recipient
    // What nobody said anything about may be anything: it gets a folder as the file that any program takes.
    const isPlumb = recipient.isPlumb ?? content.files === undefined
    const shape = isPlumb ? content : content.plain()
    const methods = this.#context.methodsWith(peer, isPlumb)
    const streamId = `plumb-${randomUUID()}`
    const offer = writeOffer({
      streamId,
      name: shape.name,
      size: shape.size,
      modified: content.modified,
      md5: undefined,
      methods: methods.map(method => this.#context.routes.namespaceOf(method)),
      range: content.files === undefined,
      own: isPlumb
        ? {
            key: this.key,
            resume: this.#accepted,
            files: content.files,
            fingerprints: this.#context.fingerprints,
          }
        : undefined,
    })
    // It is no longer waited for them, but for their answer.
    if (this.#isWaitTold && !this.#accepted) {
      this.#isWaitTold = false
      this.#tellOffer()
    }
    const gone = new AbortController()
    const stop = this.#context.onOffline(peer, () => gone.abort(offline(peer)))
    try {
      const result = await this.#context.iq.request('set', peer, offer, {
        // A person decides on the other side: as long as they like. What goes on, a program decides.
        timeoutMs: this.#accepted ? RESUME_TIMEOUT_MS : Number.POSITIVE_INFINITY,
        signal: AbortSignal.any([signal, gone.signal]),
      })
      const agreement = this.#readAgreement(readAcceptance(result), peer, streamId, methods, shape)
      await this.#nowAccepted(agreement.own)
      return agreement
    } catch (error) {
      throw error instanceof IqError ? this.#whatRefusalMeans(error, peer) : error
    } finally {
      stop()
    }
  }

  #whatRefusalMeans(error: IqError, peer: string): unknown {
    const { condition, details } = error.error
    if (this.#accepted && details.includes('paused')) {
      this.#paused = 'them'
      return new Failure('paused', say('peer.paused'), { cause: error })
    }
    if (this.#accepted && condition === 'item-not-found') return error
    const failure = offerFailure(error, peer)
    // An error in place of an answer, from a server that has lost sight of them.
    return this.#accepted && failure.code === 'peer-unsupported' ? offline(peer) : failure
  }

  #readAgreement(
    answer: ReturnType<typeof readAcceptance>,
    peer: string,
    streamId: string,
    offered: readonly MethodName[],
    shape: { readonly size: number },
  ): Agreement {
    const chosen = answer.method === undefined ? undefined : this.#context.routes.methodOf(answer.method)
    if (chosen === undefined || !offered.includes(chosen)) {
      throw new Failure('no-common-method', say('peer.other-way'))
    }
    const own = answer.own
    this.#recipient = { address: peer, isPlumb: own !== undefined }
    if (own === undefined) {
      if (!this.#context.methodsWith(peer, false).includes(chosen)) throw unencrypted()
      return {
        stream: { peer, streamId, methods: [chosen], pinned: undefined },
        own: false,
        range: checkedRange(answer.range, shape.size),
        done: undefined,
      }
    }
    const pinned = pinsOf(this.#context, own.fingerprints)
    const methods = safeMethods(
      this.#context,
      [chosen, ...offered.filter(method => method !== chosen)],
      pinned,
    )
    return { stream: { peer, streamId, methods, pinned }, own: true, range: undefined, done: own.done }
  }

  async #nowAccepted(own: boolean): Promise<void> {
    if (this.#acceptedAt === 0) this.#acceptedAt = performance.now()
    if (this.#accepted) return
    this.#accepted = own
    await this.#note()
  }

  /** They may be there with another device, or come later. */
  async #findAgain(signal: AbortSignal, deadline: number): Promise<void> {
    const remaining = deadline - performance.now()
    const patience = new AbortController()
    const timer = Number.isFinite(remaining)
      ? setTimeout(() => patience.abort(offline(this.peer)), Math.max(0, remaining))
      : undefined
    try {
      const found = await this.#context.findAgain(this.#recipient, AbortSignal.any([signal, patience.signal]))
      this.#recipient = found
    } finally {
      clearTimeout(timer)
    }
  }

  // ------------------------------------------------------------------------------------------- the bytes

  async #send(agreement: Agreement, sender: PackedSender, signal: AbortSignal): Promise<Finished> {
    const { content } = this.#options
    if (agreement.done !== undefined) {
      return { bytes: content.size, sha256: agreement.done, resumedFrom: content.size, method: undefined }
    }
    const route = await this.#context.routes.open(
      agreement.stream,
      (method, failure) => {
        if (GONE.has(failure.code)) this.#refused = true
        tellFailedRoute(this.#context, this.id, method, failure)
      },
      signal,
    )
    this.#isBack()
    this.#wasConnected = true
    tellConnected(this.#context, this.id, route, this.#acceptedAt, agreement.own)
    const { method } = route
    this.#isMoving = true
    const shape = agreement.own ? content : content.plain()
    const progress = new Progress(this.#context, this.id, shape.size)
    try {
      if (!('packed' in shape)) {
        const onProgress = (bytes: number): void => progress.report(bytes)
        const sent = await sendPlain(shape, route, agreement.range, { signal, onProgress })
        const resumedFrom = agreement.range?.offset ?? 0
        return { bytes: resumedFrom + sent.bytes, sha256: sent.sha256, resumedFrom, method }
      }
      const sent = await sender.send(route.stream, {
        signal,
        nudge: route.relay === 'proxy',
        onBegin: ({ restarted }) => {
          if (restarted) this.#context.emit({ event: 'restarted', transfer: this.id })
        },
        onProgress: bytes => {
          this.#moved = Math.max(this.#moved, bytes)
          progress.report(bytes)
        },
      })
      return { bytes: content.size, sha256: sent.sha256, resumedFrom: sent.resumedFrom, method }
    } catch (error) {
      this.#isMoving = false
      // The peer may have said why it closed; its word reaches us over another way than the closing.
      const failure = Failure.from(error)
      if (agreement.own && isBreak(failure) && this.#moved === 0) await delay(NOTICE_TIMEOUT_MS, signal)
      throw failure
    } finally {
      this.#isMoving = false
      progress.stop()
      route.stream.destroy()
    }
  }

  // ------------------------------------------------------------------------------------------- the waits

  async #untilResumed(): Promise<void> {
    this.#context.emit({ event: 'paused', transfer: this.id, by: this.#paused ?? 'us' })
    await this.#note()
    await unlessAborted(this.#wake.promise, this.#end.signal)
  }

  #tellWaiting({ code, message }: Failure): void {
    if (this.#isWaitTold) return
    this.#isWaitTold = true
    this.#context.emit(
      this.#accepted
        ? { event: 'interrupted', transfer: this.id, code, message }
        : { event: 'waiting', transfer: this.id },
    )
  }

  /** Until the other side appears, we are back ourselves, somebody asks for it, or the time has come. */
  async #untilBack(waitMs: number, deadline: number, failure: Failure): Promise<void> {
    const remaining = deadline - performance.now()
    if (remaining <= 0) throw failure
    const { promise, resolve } = Promise.withResolvers<void>()
    const stop = this.#context.onOnline(this.peer, () => resolve())
    const attempt = AbortSignal.any([this.#end.signal, this.#attempt.signal])
    try {
      const timed = delay(Math.min(waitMs, remaining), attempt)
      await unlessAborted(Promise.race([promise, this.#wake.promise, timed]), attempt)
    } catch {
      // Paused or ended meanwhile: the next round sees it.
    } finally {
      stop()
    }
  }

  // --------------------------------------------------------------------------------------------- the end

  #tellOffer(): void {
    const { content } = this.#options
    this.#context.emit({
      event: 'offer',
      transfer: this.id,
      direction: 'out',
      peer: this.address,
      name: content.name,
      size: content.size,
      files: content.files,
    })
  }

  #finished({ bytes, sha256, resumedFrom, method }: Finished): void {
    const seconds = Math.round(performance.now() - this.#acceptedAt) / 1000
    const { path } = this.#options.content
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

  async #failed(failure: Failure): Promise<void> {
    reportBug(failure)
    // Nobody ended it: it goes on when it is sent again.
    const isCutOff =
      !this.#end.signal.aborted &&
      isBreak(failure) &&
      this.#accepted &&
      (this.#moved > 0 || this.#options.accepted) &&
      this.#context.journal !== undefined
    if (!this.#keep && !isCutOff) {
      await this.#context.journal?.remove(this.id)
      // Whoever was told before, or told us, knows; and a program that knows only the XEPs reads the closing.
      if (!this.#end.signal.aborted && this.#recipient.isPlumb === true && failure.code !== 'declined') {
        notify(this.#context, this.address, { kind: 'cancel', key: this.key, reason: failure.code })
      }
    }
    this.#outcome.resolve(failure)
    this.#tellEnd(isCutOff ? kept(failure) : failure)
  }

  #tellEnd({ code, message }: Failure): void {
    const transfer = this.id
    if (!this.#keep) this.#context.emit({ event: 'failed', transfer, code, message })
    else if (this.#paused !== undefined) this.#context.emit({ event: 'paused', transfer, by: this.#paused })
    else if (this.#accepted) this.#context.emit({ event: 'interrupted', transfer, code, message })
    else this.#context.emit({ event: 'waiting', transfer })
  }

  /** Written ahead. What cannot be noted now is no reason to stop: it only does not survive. */
  async #note(): Promise<void> {
    const { content, at } = this.#options
    const entry: OutgoingEntry = {
      kind: 'out',
      id: this.id,
      key: this.key,
      account: this.#context.account,
      peer: this.peer,
      name: content.name,
      size: content.size,
      files: content.files,
      at,
      paused: this.#paused,
      path: content.path,
      mtimeNs: content.mtimeNs,
      accepted: this.#accepted,
      by: ownMark(),
    }
    await this.#context.journal?.put(entry).catch(reportBug)
  }
}

function kept({ code, message, cause }: Failure): Failure {
  return new Failure(code, say('transfer.kept', { problem: message }), { cause })
}

function unencrypted(): Failure {
  return new Failure('encryption-refused', say('peer.cannot-encrypt'))
}

/** A range that lies is an answer that makes no sense. */
function checkedRange(range: FileRange | 'malformed' | undefined, size: number): FileRange | undefined {
  if (range === undefined) return undefined
  const wrong = range === 'malformed' || range.offset > size || range.offset + (range.length ?? 0) > size
  if (!wrong) return range
  throw new Failure('protocol-error', say('peer.no-such-part'))
}
