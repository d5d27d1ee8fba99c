import { randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { existsSync } from 'node:fs'
import { Failure } from '../../shared/model/failure.ts'
import type { TransferEvent } from '../../shared/model/transfer.ts'
import { say } from '../../shared/words/say.ts'
import type { Content } from '../transfer/content.ts'
import { sharedDisk } from '../transfer/disk-pool.ts'
import type { JournalEntry, OutgoingEntry } from '../transfer/journal.ts'
import { peerFailure } from '../transfer/peer-failure.ts'
import { runsElsewhere } from '../transfer/process-mark.ts'
import { safeFileName } from '../transfer/safe-file-name.ts'
import type { IqAnswer, IqRequest } from '../xmpp/iq.ts'
import { NS_PLUMB, readNotice } from '../xmpp/plumb.ts'
import { bareJid, stanzaError } from '../xmpp/stanza.ts'
import { NS_DTCP } from '../xmpp/xep-0046.ts'
import { type FileOffer, NS_SI, noValidStreams, readOffer, writeAcceptance } from '../xmpp/xep-0096.ts'
import type { Recipient } from './find-recipient.ts'
import { type ChosenName, Incoming } from './incoming.ts'
import { Outgoing } from './outgoing.ts'
import { cancelled, notify, type TransferContext } from './transfer-context.ts'

export type { ChosenName } from './incoming.ts'
export { cancelled } from './transfer-context.ts'

/** Offers and transfers of one peer, and of all together, that may be under way at once. */
const MAX_INCOMING_PER_PEER = 100
const MAX_INCOMING = 400
/** Finished ones that are remembered, for senders that did not hear of it. */
const MAX_FINISHED = 200

/** An offer of somebody who may offer; it waits for `accept` or `decline`. */
export interface IncomingOffer {
  readonly transfer: string
  /** Full JID. */
  readonly peer: string
  /** Safe to show and to use. */
  readonly name: string
  /** Bytes of all files; undefined where the sender does not say. */
  readonly size: number | undefined
  /** How many files, where it is a folder. */
  readonly files: number | undefined
  /** Whether the bytes will be encrypted between the two programs, whatever way they go. */
  readonly encrypted: boolean
  /** Receives into a directory, under the name offered or the one chosen. What becomes of it, the events tell. */
  accept(directory: string, as?: ChosenName): void
  decline(): void
}

export interface SendOptions {
  /** Its reason cancels. */
  readonly signal: AbortSignal
  /** Our id of it; a new one where it is left out. */
  readonly transfer?: string | undefined
  /** How long the other side may be away before it fails; 0 where it is left out. */
  readonly patienceMs?: number | undefined
}

interface FileTransferEvents {
  transfer: [event: TransferEvent]
  offered: [offer: IncomingOffer]
  /** Somebody offered who may not: it was declined without a word about it on the screen. */
  'turned-away': [peer: string]
}

export interface FileTransfersOptions extends Omit<TransferContext, 'emit'> {
  /** Whether this full JID may offer files at all. */
  readonly mayOffer: (peer: string) => boolean
}

/** Files by stream initiation (XEP-0095, XEP-0096): offers out and in, and the transfers that follow. */
export class FileTransfers extends EventEmitter<FileTransferEvents> {
  readonly #options: FileTransfersOptions
  readonly #context: TransferContext
  readonly #live = new Map<string, Outgoing | Incoming>()
  /** By the sender's bare JID and the transfer's key. */
  readonly #finished = new Map<string, string>()

  constructor(options: FileTransfersOptions) {
    super()
    this.#options = options
    this.#context = { ...options, emit: event => this.#emit(event) }
    options.iq.handle('set', NS_SI, request => this.#onOffer(request))
    options.iq.handle('set', NS_PLUMB, request => this.#onNotice(request))
  }

  /** Transfers that are offered or under way. */
  get size(): number {
    return this.#live.size
  }

  /** Takes up what an earlier run had accepted: it waits for its sender. */
  restore(): void {
    for (const entry of this.#entries) {
      if (entry.kind !== 'in') continue
      if (entry.done !== undefined) this.#remember(entry.peer, entry.key, entry.done.sha256)
      // Where it was to go is gone, and with it what there was of it.
      else if (!existsSync(entry.directory)) void this.#options.journal?.remove(entry.id)
      else if (!this.#live.has(entry.id)) {
        const incoming = Incoming.restore(this.#context, entry)
        this.#track(incoming)
        void incoming.run()
      }
    }
  }

  /** What an earlier run was sending, and no other process is: two must not send the same. Oldest first. */
  get unsent(): readonly OutgoingEntry[] {
    return this.#entries.filter(
      (entry): entry is OutgoingEntry =>
        entry.kind === 'out' && !this.#live.has(entry.id) && !runsElsewhere(entry.by),
    )
  }

  /**
   * Offers and sends one file or folder; closes the content. The outcome is in the events and, for the caller's
   * convenience, in the result.
   */
  send(content: Content, recipient: Recipient, options: SendOptions): Promise<Failure | undefined> {
    return this.#send(content, recipient, options, {
      id: options.transfer ?? newTransferId(),
      key: randomBytes(16).toString('hex'),
      accepted: false,
      paused: undefined,
      at: Date.now(),
    })
  }

  /** Goes on with what an earlier run was sending; where the file is another by now, it is offered as a new one. */
  async sendAgain(
    entry: OutgoingEntry,
    content: Content,
    recipient: Recipient,
    options: SendOptions,
  ): Promise<Failure | undefined> {
    const { id, key, size, files, mtimeNs } = entry
    if (content.size === size && content.files === files && content.mtimeNs === mtimeNs) {
      return this.#send(content, recipient, options, entry)
    }
    // The other side gives up what it has of the old one.
    notify(this.#context, recipient.address, { kind: 'cancel', key, reason: 'file-changed' })
    const outcome = this.send(content, recipient, { ...options, transfer: id })
    this.#emit({ event: 'restarted', transfer: id })
    return await outcome
  }

  /** Ends a transfer, whatever it is doing. */
  cancel(transfer: string, reason = cancelled()): void {
    this.#live.get(transfer)?.cancel(reason)
  }

  /** Throws `not-allowed` where the other program does not know how. */
  pause(transfer: string): void {
    const live = this.#require(transfer)
    if (!live.canPause) {
      throw new Failure('not-allowed', say('transfer.cannot-pause'))
    }
    live.pause('us')
  }

  /** Goes on with one that is paused, or waits for its next attempt. */
  resume(transfer: string): void {
    this.#require(transfer).resume('us')
  }

  has(transfer: string): boolean {
    return this.#live.has(transfer)
  }

  /** Gives up what an earlier run was sending, and nobody wants any more; who accepted it is told when they are there. */
  forgetUnsent(isWanted: (transfer: string) => boolean): void {
    for (const { id, peer, key, accepted } of this.unsent) {
      if (isWanted(id)) continue
      if (accepted) notify(this.#context, peer, { kind: 'cancel', key, reason: 'cancelled' })
      void this.#options.journal?.remove(id)
    }
  }

  /** Our session is another one: whoever waits for an answer to an offer has seen us go. */
  endUndecided(): void {
    const failure = new Failure('server-connection-lost', say('transfer.server-lost'))
    for (const live of this.#live.values()) if (live.direction === 'in') live.sessionLost(failure)
  }

  /** Ends everything that is under way, and resolves when it is over. */
  async cancelAll(reason: Failure): Promise<void> {
    // What another process of ours may be receiving is not ours to end.
    await this.#endAll(live =>
      live.direction === 'in' && live.isDormant ? live.suspend(reason) : live.cancel(reason),
    )
  }

  /** The same, but what can go on in the next run stays for it. */
  async suspendAll(reason: Failure): Promise<void> {
    await this.#endAll(live => live.suspend(reason))
  }

  async #endAll(end: (live: Outgoing | Incoming) => void): Promise<void> {
    const all = [...this.#live.values()]
    for (const live of all) end(live)
    await Promise.all(all.map(({ outcome }) => outcome))
  }

  #require(transfer: string): Outgoing | Incoming {
    const live = this.#live.get(transfer)
    if (live === undefined) throw new Failure('not-allowed', say('transfer.over'))
    return live
  }

  get #entries(): readonly JournalEntry[] {
    const { journal, account } = this.#options
    return journal?.entries.filter(entry => entry.account === account) ?? []
  }

  async #send(
    content: Content,
    recipient: Recipient,
    { signal, patienceMs = 0 }: SendOptions,
    what: Pick<OutgoingEntry, 'id' | 'key' | 'accepted' | 'paused' | 'at'>,
  ): Promise<Failure | undefined> {
    sharedDisk.warm()
    const { id, key, accepted, paused, at } = what
    const outgoing = new Outgoing(this.#context, {
      id,
      key,
      content,
      recipient,
      accepted,
      paused,
      at,
      patienceMs,
    })
    this.#track(outgoing)
    const cancel = (): void => outgoing.cancel(Failure.from(signal.reason))
    if (signal.aborted) cancel()
    signal.addEventListener('abort', cancel)
    try {
      return await outgoing.run()
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }

  #track(live: Outgoing | Incoming): void {
    this.#live.set(live.id, live)
    void live.outcome.then(() => this.#live.delete(live.id))
  }

  // ---------------------------------------------------------------------------------------- receiving

  /** Nothing is written and no host is dialed before this very offer was accepted (security: accept bypass). */
  async #onOffer({ from, payload }: IqRequest): Promise<IqAnswer> {
    if (!payload.is('si', NS_SI)) return { payload: stanzaError('bad-request') }
    const offer = readOffer(payload)
    if ('error' in offer) return { payload: offer.error }
    const { own } = offer
    if (own !== undefined && offer.size === undefined) return { payload: stanzaError('bad-request') }
    // What was accepted goes on, whoever may offer now.
    const known = own && this.#incoming.find(live => live.key === own.key && live.peer === bareJid(from))
    const isUnknown = known === undefined ? own?.resume === true : known.isOver
    if (isUnknown) return this.#answerUnknown(from, offer)
    if (known !== undefined && !known.isUndecided) return await this.#goOn(known, from, offer)
    if (!this.#options.mayOffer(from)) {
      this.emit('turned-away', from)
      return { payload: stanzaError('forbidden') }
    }
    const { routes } = this.#options
    const common = this.#options
      .methodsWith(from, own !== undefined)
      .some(method => offer.methods.includes(routes.namespaceOf(method)))
    if (!common) return { payload: noValidStreams() }
    if (known !== undefined) return await known.offered(from, offer)
    const ofPeer = this.#incoming.filter(({ peer }) => peer === bareJid(from))
    if (ofPeer.some(live => live.address === from && live.streamId === offer.streamId))
      return { payload: stanzaError('conflict') }
    if (this.#incoming.length >= MAX_INCOMING || ofPeer.length >= MAX_INCOMING_PER_PEER) {
      return { payload: stanzaError('resource-constraint') }
    }
    return this.#ask(from, offer)
  }

  get #incoming(): Incoming[] {
    return [...this.#live.values()].filter(live => live.direction === 'in')
  }

  /** Asks whoever listens; resolves when the offer is answered. */
  #ask(from: string, offer: FileOffer): Promise<IqAnswer> {
    sharedDisk.warm()
    const incoming = new Incoming(this.#context, {
      id: newTransferId(),
      key: offer.own?.key,
      peer: bareJid(from),
      name: safeFileName(offer.name),
      size: offer.size,
      files: offer.own?.files,
      at: Date.now(),
    })
    this.#track(incoming)
    incoming.tellOffer(from)
    const answer = incoming.offered(from, offer)
    const { id: transfer, name, size, files } = incoming
    const direct = offer.methods.includes(NS_DTCP)
    this.emit('offered', {
      transfer,
      peer: from,
      name,
      size,
      files,
      encrypted: direct || (offer.own !== undefined && offer.own.fingerprints.length > 0),
      accept: (directory, as = { name, replace: false }) => void incoming.accept(directory, as),
      decline: () => incoming.decline(),
    })
    return answer
  }

  /** Another session of a sender whose transfer was accepted. What it offers must still be the same. */
  async #goOn(live: Incoming, from: string, offer: FileOffer): Promise<IqAnswer> {
    if (live.size !== offer.size || live.files !== offer.own?.files) {
      return { payload: stanzaError('not-acceptable') }
    }
    return await live.offered(from, offer)
  }

  /** One that is said to go on and is not known: it may be here since long, or be another's. */
  #answerUnknown(from: string, offer: FileOffer): IqAnswer {
    const { routes, fingerprints } = this.#options
    const sha256 = this.#finished.get(keyOf(bareJid(from), offer.own?.key))
    const [method] = offer.methods.flatMap(namespace => routes.methodOf(namespace) ?? [])
    if (sha256 === undefined || method === undefined) return { payload: stanzaError('item-not-found') }
    return {
      payload: writeAcceptance({
        method: routes.namespaceOf(method),
        offset: 0,
        own: { fingerprints, done: sha256 },
      }),
    }
  }

  #remember(peer: string, key: string, sha256: string): void {
    this.#finished.set(keyOf(peer, key), sha256)
    const [oldest] = this.#finished.keys()
    if (this.#finished.size > MAX_FINISHED && oldest !== undefined) this.#finished.delete(oldest)
  }

  // ------------------------------------------------------------------------------------------- notices

  #onNotice({ from, payload }: IqRequest): IqAnswer {
    const notice = readNotice(payload)
    if (notice === undefined) return { payload: stanzaError('bad-request') }
    const peer = bareJid(from)
    const live = [...this.#live.values()].find(
      candidate => candidate.key === notice.key && candidate.peer === peer,
    )
    if (live === undefined) return { payload: stanzaError('item-not-found') }
    switch (notice.kind) {
      case 'cancel':
        live.cancelledByPeer(peerFailure(notice.reason))
        break
      case 'pause':
        live.pause('them')
        break
      case 'resume':
        live.resume('them')
        break
    }
    return { payload: undefined }
  }

  #emit(event: TransferEvent): void {
    const live = this.#live.get(event.transfer)
    if (event.event === 'done' && live?.direction === 'in' && live.key !== undefined) {
      this.#remember(live.peer, live.key, event.sha256)
    }
    this.emit('transfer', event)
  }
}

function keyOf(peer: string, key: string | undefined): string {
  return `${peer} ${key ?? ''}`
}

function newTransferId(): string {
  return randomBytes(6).toString('hex')
}
