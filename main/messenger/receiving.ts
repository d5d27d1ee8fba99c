import { mkdir, statfs } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { Failure } from '../../shared/model/failure.ts'
import { personId } from '../../shared/model/person-id.ts'
import type { Offer, ShownTransfer } from '../../shared/model/shown-transfer.ts'
import { say } from '../../shared/words/say.ts'
import type { IncomingOffer } from '../plumb.ts'
import { folderName } from '../transfer/folder-name.ts'
import type { Dialogs, SettingsStore } from './ports.ts'
import type { Transfers } from './transfers.ts'

export interface ReceivingOptions {
  readonly transfers: Transfers
  /** Our own bare JID. */
  readonly account: string
  /** Whether this is a contact, or the own account on another device. */
  readonly isKnown: (person: string) => boolean
  readonly settings: SettingsStore
  readonly dialogs: Dialogs
  readonly autoAcceptBytes: (person: string) => number | null
  /** The offers that wait are others. */
  readonly push: () => void
  /** An offer raises its prompt. Those of strangers never do. */
  readonly raised: (person: string, offer: Offer) => void
  /** An offer is answered, or was taken back. */
  readonly settled: (offer: Offer) => void
}

interface Waiting {
  offer: Offer
  /** Bare JID. */
  readonly person: string
  readonly incoming: IncomingOffer
}

/** Offers of strangers that wait: of one, and of all together. */
const MAX_OF_STRANGER = 3
const MAX_OF_STRANGERS = 50
/** Offers of strangers that are looked at in a minute, so that nobody can keep the list busy. */
const MAX_PER_MINUTE = 10
const MINUTE_MS = 60_000

/** Offers that came in, until they are answered. */
export class Receiving {
  readonly #options: ReceivingOptions
  readonly #waiting = new Map<string, Waiting>()
  #strangersCame: { readonly person: string; readonly at: number }[] = []

  constructor(options: ReceivingOptions) {
    this.#options = options
  }

  /** Oldest first. */
  get offers(): readonly Offer[] {
    return [...this.#waiting.values()].map(({ offer }) => offer)
  }

  has(transfer: string): boolean {
    return this.#waiting.has(transfer)
  }

  /** Whether somebody may offer a file at all; a stranger who may not is turned away unseen. */
  mayOffer(person: string): boolean {
    const { isKnown, settings } = this.#options
    if (isKnown(person)) return true
    if (settings.settings.whoMaySend === 'contacts') return false
    const strangers = [...this.#waiting.values()].filter(({ offer }) => !offer.fromContact)
    const now = performance.now()
    this.#strangersCame = this.#strangersCame.filter(({ at }) => now - at < MINUTE_MS)
    const ofThisOne = (all: readonly { readonly person: string }[]): number =>
      all.filter(offer => offer.person === person).length
    if (
      ofThisOne(strangers) >= MAX_OF_STRANGER ||
      // Nor by taking back and offering again: that would use up the minute of all others.
      ofThisOne(this.#strangersCame) >= MAX_OF_STRANGER ||
      strangers.length >= MAX_OF_STRANGERS ||
      this.#strangersCame.length >= MAX_PER_MINUTE
    ) {
      return false
    }
    this.#strangersCame.push({ person, at: now })
    return true
  }

  async offered(incoming: IncomingOffer): Promise<void> {
    const { isKnown, settings, transfers, autoAcceptBytes } = this.#options
    const person = incoming.peer.split('/')[0] ?? incoming.peer
    const fromContact = isKnown(person)
    const offer: Offer = {
      transfer: incoming.transfer,
      person: personId(this.#options.account, person),
      device: incoming.peer,
      fromContact,
      mustBecomeContact: !fromContact && settings.settings.whoSeesAddresses === 'contacts',
      name: incoming.name,
      size: incoming.size ?? null,
      files: incoming.files ?? null,
      encrypted: incoming.encrypted,
      at: Date.now(),
      folder: folderName(settings.downloadFolder),
      freeBytes: null,
    }
    this.#waiting.set(offer.transfer, { offer, person, incoming })
    // A stranger's is none of this person's transfers before it was accepted.
    if (fromContact) transfers.begin(fresh(offer, 'offered'), null)
    const freeBytes = await freeBytesIn(settings.downloadFolder)
    const waiting = this.#waiting.get(offer.transfer)
    if (waiting === undefined) return
    waiting.offer = { ...offer, freeBytes }
    const limit = fromContact ? autoAcceptBytes(person) : null
    const { size } = offer
    // Nobody can agree beforehand to a size that is not said.
    const fits = size !== null && (freeBytes === null || freeBytes >= size)
    if (limit !== null && size !== null && size <= limit && fits && offer.encrypted) {
      const failure = await this.accept(offer.transfer).catch(error => Failure.from(error))
      // What cannot be accepted by itself is asked about.
      if (failure === undefined) return
    }
    this.#push()
    if (fromContact) this.#options.raised(person, waiting.offer)
  }

  /** Into the download folder, which is made where it is missing. Throws `not-allowed` or `cannot-write`. */
  async accept(transfer: string): Promise<void> {
    const { incoming } = this.#require(transfer)
    const { downloadFolder } = this.#options.settings
    try {
      await mkdir(downloadFolder, { recursive: true })
    } catch (cause) {
      throw new Failure('cannot-write', say('offer.no-folder'), {
        cause,
      })
    }
    this.#begin(transfer)
    incoming.accept(downloadFolder)
  }

  /** Asks for folder and name, of a folder only where to put it; false where that was cancelled. */
  async acceptAs(transfer: string): Promise<boolean> {
    const { incoming } = this.#require(transfer)
    const { settings, dialogs } = this.#options
    if (incoming.files !== undefined) {
      const folder = await dialogs.chooseFolder('save', settings.downloadFolder)
      if (folder === undefined) return false
      this.#begin(transfer)
      incoming.accept(folder)
      return true
    }
    const path = await dialogs.chooseSavePath(settings.downloadFolder, incoming.name)
    if (path === undefined) return false
    // Meanwhile it may have been taken back.
    this.#begin(transfer)
    incoming.accept(dirname(path), { name: basename(path), replace: true })
    return true
  }

  decline(transfer: string): void {
    const { incoming } = this.#find(transfer)
    this.#settle(transfer)
    incoming.decline()
  }

  /** The offer ended without an answer: it was taken back, or its sender went offline. */
  ended(transfer: string): void {
    if (this.#waiting.has(transfer)) this.#settle(transfer)
  }

  /** Folder or rules are others: the offers show what holds now. */
  async refresh(): Promise<void> {
    const { settings, isKnown } = this.#options
    const freeBytes = await freeBytesIn(settings.downloadFolder)
    for (const waiting of this.#waiting.values()) {
      const fromContact = isKnown(waiting.person)
      waiting.offer = {
        ...waiting.offer,
        fromContact,
        mustBecomeContact: !fromContact && settings.settings.whoSeesAddresses === 'contacts',
        folder: folderName(settings.downloadFolder),
        freeBytes,
      }
    }
    if (this.#waiting.size > 0) this.#push()
  }

  #begin(transfer: string): void {
    const { offer } = this.#require(transfer)
    const { transfers } = this.#options
    if (transfers.has(transfer)) transfers.setState(transfer, { kind: 'connecting' })
    else transfers.begin(fresh(offer, 'connecting'), null)
    this.#settle(transfer)
  }

  #require(transfer: string): Waiting {
    const waiting = this.#find(transfer)
    if (waiting.offer.mustBecomeContact) {
      throw new Failure('not-allowed', say('offer.shows-address'))
    }
    return waiting
  }

  #find(transfer: string): Waiting {
    const waiting = this.#waiting.get(transfer)
    if (waiting === undefined) throw offerIsGone()
    return waiting
  }

  #settle(transfer: string): void {
    const waiting = this.#waiting.get(transfer)
    this.#waiting.delete(transfer)
    this.#push()
    if (waiting !== undefined) this.#options.settled(waiting.offer)
  }

  #push(): void {
    this.#options.push()
  }
}

export function offerIsGone(): Failure {
  return new Failure('not-allowed', say('offer.gone'))
}

function fresh(
  { transfer, person, name, size, files, at }: Offer,
  kind: 'offered' | 'connecting',
): ShownTransfer {
  return {
    id: transfer,
    person,
    direction: 'in',
    name,
    size,
    files,
    at,
    state: { kind },
    receipt: null,
    attempts: [],
    resumedFrom: null,
    restarted: false,
    canPause: false,
    canRetry: false,
    listed: true,
    hasFile: false,
    picture: null,
  }
}

/** Of the nearest folder that is there; null where the system cannot tell. */
async function freeBytesIn(folder: string): Promise<number | null> {
  for (let path = folder; ; path = dirname(path)) {
    try {
      const { bavail, bsize } = await statfs(path)
      return bavail * bsize
    } catch {
      if (path === dirname(path)) return null
    }
  }
}
