import { EventEmitter } from 'node:events'
import type { Picture } from '../pictures/picture-header.ts'
import type { IqRouter } from './iq.ts'
import { attribute, bareJid, type Element, normalizeJid } from './stanza.ts'
import { fetchVCard, readVCard } from './xep-0054.ts'
import { type PubSubEvent, readItems } from './xep-0060.ts'
import {
  hashOf,
  isHash,
  NS_AVATAR_DATA,
  NS_AVATAR_METADATA,
  readAvatarData,
  readAvatarMetadata,
} from './xep-0084.ts'
import { readPhotoHash } from './xep-0153.ts'

/** Pictures that are fetched at once: more would only wait for the same server. */
const MAX_AT_ONCE = 4
/** People whose picture is known. */
const MAX_PEOPLE = 50_000
/** Pictures of one person that are asked for in one session: who shows others without end must not crowd out all others. */
const MAX_TRIED = 50

interface Known {
  readonly hash: string | null
  /** As it was announced. */
  readonly type: string | undefined
  /** What people publish themselves counts more than what their vCard says. */
  readonly source: 'account' | 'vcard'
}

interface AvatarEvents {
  /** Somebody has this picture now, by its SHA-1, or none. Told once a session also where nothing changed. */
  avatar: [{ readonly person: string; readonly hash: string | null }]
}

/**
 * Who has which picture (XEP-0084, and XEP-0153 for programs that know only that), and fetching these, a few at a time.
 */
export class Avatars extends EventEmitter<AvatarEvents> {
  readonly #iq: IqRouter
  readonly #isFollowed: (bare: string) => boolean
  readonly #known = new Map<string, Known>()
  /** Hashes that were asked for, by person: somebody who only claims to have a picture must not keep us from who has it. */
  readonly #tried = new Map<string, Set<string>>()
  readonly #running = new Map<string, Promise<Picture | undefined>>()
  readonly #waiting: (() => void)[] = []
  #atOnce = 0

  /** `isFollowed`: contacts and we ourselves; what others say of their pictures is nobody's concern. */
  constructor(iq: IqRouter, isFollowed: (bare: string) => boolean) {
    super()
    this.#iq = iq
    this.#isFollowed = isFollowed
  }

  /** Those about other nodes are passed over. */
  receiveEvent(event: PubSubEvent): void {
    if (event.node !== NS_AVATAR_METADATA) return
    const isGone = event.emptied || (event.items.length === 0 && event.retracted.length > 0)
    const info = isGone ? null : readAvatarMetadata(event.items.at(-1)?.payload)
    if (info === undefined) return
    this.#learn(event.from, { hash: info?.hash ?? null, type: info?.type, source: 'account' })
  }

  receivePresence(stanza: Element): void {
    const from = normalizeJid(attribute(stanza, 'from') ?? '')
    if (from === undefined || attribute(stanza, 'type') !== undefined) return
    const hash = readPhotoHash(stanza)
    const person = bareJid(from)
    if (hash === undefined || this.#known.get(person)?.source === 'account') return
    this.#learn(person, { hash, type: undefined, source: 'vcard' })
  }

  /** What somebody showed last in this session, by their account or only by their presence; undefined for nothing yet. */
  shownBy(
    person: string,
  ): { readonly hash: string | null; readonly source: 'account' | 'vcard' } | undefined {
    return this.#known.get(person)
  }

  /** A new session: all is told anew, and what could not be had may be there by now. */
  clear(): void {
    this.#known.clear()
    this.#tried.clear()
  }

  /**
   * Fetches the picture of this person (a bare JID) with this hash; whoever gets it keeps it, since each is fetched
   * once a session. Undefined where it cannot be had, is not what it should be, or was asked for before. Never throws.
   */
  async fetch(person: string, hash: string): Promise<Picture | undefined> {
    if (!isHash(hash)) return undefined
    const key = `${person} ${hash}`
    const running = this.#running.get(key)
    if (running !== undefined) return await running
    const tried = this.#tried.get(person) ?? new Set()
    if (tried.has(hash) || tried.size >= MAX_TRIED) return undefined
    this.#tried.set(person, tried.add(hash))
    const fetching = this.#inTurn(() => this.#ask(person, hash)).catch(() => undefined)
    this.#running.set(key, fetching)
    try {
      return await fetching
    } finally {
      this.#running.delete(key)
    }
  }

  #learn(person: string, known: Known): void {
    if (!this.#isFollowed(person)) return
    const before = this.#known.get(person)
    if (before === undefined && this.#known.size >= MAX_PEOPLE) return
    this.#known.set(person, known)
    if (before === undefined || before.hash !== known.hash) this.emit('avatar', { person, hash: known.hash })
  }

  async #ask(person: string, hash: string): Promise<Picture | undefined> {
    const known = this.#known.get(person)
    const told = known?.hash === hash ? known : undefined
    const inNode = told?.source === 'vcard' ? undefined : await this.#askNode(person, hash, told?.type)
    return inNode ?? (await this.#askVCard(person, hash))
  }

  async #askNode(person: string, hash: string, type: string | undefined): Promise<Picture | undefined> {
    const wanted = { from: person, node: NS_AVATAR_DATA, ids: [hash] }
    // Servers refuse in many words; the other place may have it all the same.
    const items = await readItems(this.#iq, wanted).catch(() => [])
    return readAvatarData(items, hash, type)
  }

  async #askVCard(person: string, hash: string): Promise<Picture | undefined> {
    const card = await fetchVCard(this.#iq, person)
    const photo = card && readVCard(card).photo
    return photo && hashOf(photo.bytes) === hash ? photo : undefined
  }

  async #inTurn<T>(act: () => Promise<T>): Promise<T> {
    if (this.#atOnce >= MAX_AT_ONCE) {
      await new Promise<void>(resolve => {
        this.#waiting.push(resolve)
      })
    } else this.#atOnce += 1
    try {
      return await act()
    } finally {
      // The place goes on to the next one, or is free.
      const next = this.#waiting.shift()
      if (next === undefined) this.#atOnce -= 1
      else next()
    }
  }
}
