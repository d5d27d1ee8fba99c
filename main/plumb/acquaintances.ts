import { EventEmitter } from 'node:events'
import { harmlessLine } from '../../shared/harmless-text.ts'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import { Avatars } from '../xmpp/avatars.ts'
import { Blocking } from '../xmpp/blocking.ts'
import { IqError, type IqRouter } from '../xmpp/iq.ts'
import { NS_VCARD_CONVERSION, publishAvatar, publishOwnName, removeAvatar } from '../xmpp/own-profile.ts'
import { bareJid, type Element } from '../xmpp/stanza.ts'
import type { Discovery } from '../xmpp/xep-0030.ts'
import { fetchVCard, readVCard } from '../xmpp/xep-0054.ts'
import { readEvent } from '../xmpp/xep-0060.ts'
import { hashOf, NS_AVATAR_METADATA } from '../xmpp/xep-0084.ts'
import type { PhotoHash } from '../xmpp/xep-0153.ts'
import { NS_NICK, readNickEvent } from '../xmpp/xep-0172.ts'

/** Among our features they make the servers of others tell what these say of themselves (XEP-0163 section 4.3). */
export const ACQUAINTANCE_FEATURES: readonly string[] = [`${NS_AVATAR_METADATA}+notify`, `${NS_NICK}+notify`]

export interface AcquaintancesOptions {
  readonly iq: IqRouter
  readonly discovery: Discovery
  readonly stream: { readonly address: string }
  /** Whether somebody, by bare JID, is in the contact list: what others say of themselves is nobody's concern. */
  readonly isContact: (bare: string) => boolean
}

interface AcquaintancesEvents {
  /** Somebody calls themselves so; null: no longer anything. */
  nick: [{ readonly person: string; readonly name: string | null }]
  /** What our presence says of our picture is another. */
  'own-photo': []
}

const MAX_NAME_LENGTH = 200
/** How long the server may take to say what it has: without an answer the sign-in goes on with nothing of it. */
const SUPPORT_TIMEOUT_MS = 10_000

/** Who people are beside their names in the contact list, we among them: pictures, names, and who is blocked. */
export class Acquaintances extends EventEmitter<AcquaintancesEvents> {
  readonly blocking: Blocking
  readonly avatars: Avatars
  readonly #options: AcquaintancesOptions
  /** The server makes the vCard out of what we publish, and says in our presence what it is (XEP-0398). */
  #converts = false
  #ownPhoto: PhotoHash

  constructor(options: AcquaintancesOptions) {
    super()
    this.#options = options
    this.blocking = new Blocking(options.iq, () => this.#own)
    this.avatars = new Avatars(options.iq, bare => this.#isFollowed(bare))
  }

  /** For our presence: undefined where the server says it for us, and while it is not known. */
  get ownPhoto(): PhotoHash {
    return this.#converts ? undefined : this.#ownPhoto
  }

  /** Takes a message stanza. */
  receive(stanza: Element): void {
    const event = readEvent(stanza, bare => this.#isFollowed(bare))
    if (event === undefined) return
    this.avatars.receiveEvent(event)
    const nick = readNickEvent(event)
    if (nick !== undefined) this.emit('nick', nick)
  }

  receivePresence(stanza: Element): void {
    this.avatars.receivePresence(stanza)
  }

  /** A new session, before its presence. Throws nothing: what does not answer is not there. */
  async startSession(): Promise<void> {
    const { discovery } = this.#options
    this.avatars.clear()
    const signal = AbortSignal.timeout(SUPPORT_TIMEOUT_MS)
    const featuresOf = (address: string): Promise<ReadonlySet<string>> =>
      discovery.featuresOf(address, { signal }).catch(() => new Set<string>())
    const domain = this.#own.slice(this.#own.indexOf('@') + 1)
    const [ofServer, ofAccount] = await Promise.all([featuresOf(domain), featuresOf(this.#own)])
    this.#converts = ofAccount.has(NS_VCARD_CONVERSION)
    await this.blocking.fetch(ofServer).catch(() => {})
  }

  /** Behind its presence: what that is to say of our picture, where we have to say it. Never throws. */
  async learnOwnPhoto(): Promise<void> {
    if (this.#converts) return
    try {
      const card = await fetchVCard(this.#options.iq, undefined)
      if (card === undefined) return
      const { photo } = readVCard(card)
      this.#tellPhoto(photo === undefined ? null : hashOf(photo.bytes))
    } catch {
      // Nobody forgets what they have of us.
    }
  }

  /** How somebody is called in their vCard; null where they are not. Throws where there is no connection or no answer. */
  async nameInCard(bare: string): Promise<string | null> {
    try {
      const card = await fetchVCard(this.#options.iq, bare === this.#own ? undefined : bare)
      if (card === undefined) return null
      const { nickname, fullName } = readVCard(card)
      return nickname ?? fullName ?? null
    } catch (error) {
      if (error instanceof IqError) return null
      throw error
    }
  }

  /** Whether there is a picture in somebody's vCard. Throws where there is no connection or no answer. */
  async hasPhoto(bare: string): Promise<boolean> {
    try {
      const card = await fetchVCard(this.#options.iq, bare === this.#own ? undefined : bare)
      return card !== undefined && readVCard(card).photo !== undefined
    } catch (error) {
      if (error instanceof IqError) return false
      throw error
    }
  }

  /** Gives our account this picture. Throws as `publishAvatar`. */
  async publishPicture(bytes: Uint8Array): Promise<void> {
    const hash = await publishAvatar(this.#options.iq, bytes, { converts: this.#converts })
    this.#tellPhoto(hash)
  }

  /** Takes it away; `hash` is what it is known by. Throws as `removeAvatar`. */
  async removePicture(hash: string | undefined): Promise<void> {
    await removeAvatar(this.#options.iq, hash, { converts: this.#converts })
    this.#tellPhoto(null)
  }

  /** Tells others how we call ourselves; empty for no longer. Throws as `publishOwnName`. */
  async publishName(wanted: string): Promise<void> {
    const name = harmlessLine(wanted, MAX_NAME_LENGTH)
    await publishOwnName(this.#options.iq, name)
    this.emit('nick', { person: this.#own, name: name === '' ? null : name })
  }

  /** Whether nothing comes from this bare or full JID. Nobody blocks oneself, not even with the whole server. */
  isBlocked(address: string): boolean {
    return bareJid(address) !== this.#own && this.blocking.has(address)
  }

  /** By bare JID. Throws `not-allowed` where the server does not. */
  async block(bare: string): Promise<void> {
    if (!this.blocking.isSupported) {
      throw new Failure('not-allowed', say('blocking.unsupported'))
    }
    await this.#change(this.blocking.block(bare))
  }

  /** What is blocked, whatever that is: a bare or full JID, or a server. Throws `not-allowed` where the server does not. */
  async unblock(address: string): Promise<void> {
    if (!this.blocking.addresses.includes(address) && this.blocking.has(address)) {
      const server = address.slice(address.indexOf('@') + 1)
      throw new Failure('not-allowed', say('blocking.whole-server', { server }))
    }
    await this.#change(this.blocking.unblock(address))
  }

  async #change(request: Promise<void>): Promise<void> {
    try {
      await request
    } catch (cause) {
      if (!(cause instanceof IqError)) throw cause
      throw new Failure('not-allowed', say('blocking.refused'), { cause })
    }
  }

  #tellPhoto(hash: PhotoHash): void {
    const before = this.ownPhoto
    this.#ownPhoto = hash
    if (this.ownPhoto !== before) this.emit('own-photo')
  }

  #isFollowed(bare: string): boolean {
    return bare === this.#own || (this.#options.isContact(bare) && !this.isBlocked(bare))
  }

  get #own(): string {
    return bareJid(this.#options.stream.address)
  }
}
