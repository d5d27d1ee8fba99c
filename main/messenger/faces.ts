import { Failure } from '../../shared/model/failure.ts'
import type { PictureFile } from '../../shared/model/picture.ts'
import type { Plumb } from '../plumb.ts'
import type { HistoryCalls } from '../store/history/history.ts'
import { PICTURES, type Profile } from '../store/history/shapes.ts'

export interface FacesOptions {
  /** Our own bare JID. */
  readonly account: string
  readonly history: Pick<HistoryCalls, 'saveProfile' | 'blob' | 'saveBlob'>
  /** Makes of somebody's picture the one that is shown; undefined where it cannot be drawn. */
  readonly redraw: (picture: PictureFile) => Promise<Uint8Array | undefined>
  /** Contacts without a name in the list. */
  readonly nameless: () => readonly string[]
  /** Somebody, or we ourselves, are to be shown otherwise. */
  readonly changed: (address: string) => void
  /** Something could not be written down. */
  readonly notKept: (failure: Failure) => void
}

/** What may be decoded: no more is published by anybody for a picture of a person. */
const MAX_SIDE = 1_024
/** Pictures of which is remembered that the window could not draw them. */
const MAX_UNDRAWN = 1_000
/** Pictures under way at once, and visiting cards. */
const PICTURES_AT_ONCE = 4
const CARDS_AT_ONCE = 2
/** Cards that are asked for in one session, and after which time again. */
const MAX_CARDS = 200
const CARD_LASTS_MS = 7 * 24 * 60 * 60_000

/** How people, and we ourselves, look and are called beyond the contact list: told by their servers, kept in the history. */
export class Faces {
  readonly #options: FacesOptions
  readonly #profiles = new Map<string, Profile>()
  /** The newest picture of each person that is not there yet; null: whether there is none any more is to be seen. */
  readonly #wanted = new Map<string, string | null>()
  /** Hashes that are not tried again in this run: one of them may bring the window down each time. */
  readonly #undrawn = new Set<string>()
  /** Who said in this session how they are called. */
  readonly #told = new Set<string>()
  #plumb: Plumb | undefined
  #fetching = 0
  /** Ends what belongs to one session. */
  #session = new AbortController()

  constructor(options: FacesOptions) {
    this.#options = options
  }

  /** Of one that can be shown; null where there is none. */
  pictureOf(address: string): string | null {
    return this.#profiles.get(address)?.avatar ?? null
  }

  /** As they call themselves. */
  nickOf(address: string): string | undefined {
    return this.#profiles.get(address)?.nick ?? undefined
  }

  /** What is known before the server has answered. */
  open(profiles: readonly Profile[]): void {
    for (const profile of profiles) this.#profiles.set(profile.address, profile)
  }

  /** Follows what people say of themselves, from the first session on. */
  attach(plumb: Plumb): void {
    this.#plumb = plumb
    const { acquaintances } = plumb
    acquaintances.avatars.on('avatar', ({ person, hash }) => this.#announced(person, hash))
    acquaintances.on('nick', ({ person, name }) => {
      this.#told.add(person)
      this.#note(person, { nick: name })
    })
    plumb.on('session', () => this.#begin(plumb))
    this.#begin(plumb)
  }

  /** Signed out. */
  detach(): void {
    this.#plumb = undefined
    this.#session.abort()
    this.#wanted.clear()
    this.#profiles.clear()
  }

  /** A picture that was kept had to make room: it is fetched anew. */
  missing(hash: string): void {
    for (const { address, avatar } of this.#profiles.values()) {
      if (avatar !== hash) continue
      this.#note(address, { avatar: null })
      this.#want(address, hash)
    }
  }

  /** The history begins anew; what pictures it has lost, is seen when they are to be shown. */
  saveAgain(): void {
    for (const profile of this.#profiles.values()) this.#save(profile)
  }

  #begin(plumb: Plumb): void {
    this.#session.abort()
    this.#session = new AbortController()
    this.#told.clear()
    void this.#readCards(plumb, this.#session.signal)
    this.#fetchMore()
  }

  // ------------------------------------------------------------------------------------------ pictures

  #announced(person: string, hash: string | null): void {
    const source = this.#plumb?.acquaintances.avatars.shownBy(person)?.source
    if (hash === this.pictureOf(person)) this.#wanted.delete(person)
    else if (hash === null && source === 'account') {
      this.#wanted.delete(person)
      this.#note(person, { avatar: null })
    } else this.#want(person, hash)
  }

  #want(person: string, hash: string | null): void {
    this.#wanted.set(person, hash)
    this.#fetchMore()
  }

  #fetchMore(): void {
    if (this.#fetching >= PICTURES_AT_ONCE) return
    this.#fetching += 1
    void this.#fetchWanted().finally(() => {
      this.#fetching -= 1
    })
  }

  async #fetchWanted(): Promise<void> {
    for (let next = this.#takeWanted(); next !== undefined; next = this.#takeWanted()) {
      const { person, hash, plumb } = next
      try {
        const isSo = await (hash === null ? this.#isGone(plumb, person) : this.#fetch(plumb, person, hash))
        // What they have shown since then counts.
        if (isSo && plumb === this.#plumb && !this.#wanted.has(person)) this.#note(person, { avatar: hash })
      } catch (error) {
        this.#options.notKept(Failure.from(error))
      }
    }
  }

  #takeWanted():
    | { readonly person: string; readonly hash: string | null; readonly plumb: Plumb }
    | undefined {
    const [next] = this.#wanted
    if (next === undefined || this.#plumb === undefined) return undefined
    const [person, hash] = next
    this.#wanted.delete(person)
    return { person, hash, plumb: this.#plumb }
  }

  /** A presence may be from before the picture was chosen. Never throws: then it is not known. */
  async #isGone({ acquaintances }: Plumb, person: string): Promise<boolean> {
    const hasPhoto = await acquaintances.hasPhoto(person).catch(() => true)
    return !hasPhoto && acquaintances.avatars.shownBy(person)?.hash === null
  }

  /** Whether the history has it afterwards. Throws what the disk says. */
  async #fetch(plumb: Plumb, person: string, hash: string): Promise<boolean> {
    const { history, redraw } = this.#options
    if ((await history.blob(PICTURES, hash)) !== null) return true
    if (this.#undrawn.has(hash)) return false
    const picture = await plumb.acquaintances.avatars.fetch(person, hash)
    if (picture === undefined || Math.max(picture.width, picture.height) > MAX_SIDE) return false
    const drawn = await redraw({ type: picture.type, bytes: picture.bytes })
    if (drawn !== undefined) return await history.saveBlob(PICTURES, hash, drawn)
    const [oldest] = this.#undrawn
    if (this.#undrawn.size >= MAX_UNDRAWN && oldest !== undefined) this.#undrawn.delete(oldest)
    this.#undrawn.add(hash)
    return false
  }

  // ------------------------------------------------------------------------------------------- names

  /** Of those who have no name yet, a few at a time. */
  async #readCards(plumb: Plumb, signal: AbortSignal): Promise<void> {
    // Who publishes a name has told it by then, as a rule.
    await plumb.presencesKnown()
    const waiting = [this.#options.account, ...this.#options.nameless()]
      .filter(address => this.#needsCard(address))
      .slice(0, MAX_CARDS)
    const readSome = async (): Promise<void> => {
      for (let person = waiting.shift(); person !== undefined && !signal.aborted; person = waiting.shift()) {
        const nick = await plumb.acquaintances.nameInCard(person)
        if (!signal.aborted && !this.#told.has(person)) this.#note(person, { nick })
      }
    }
    // Without a connection, the next session asks again.
    await Promise.all(Array.from({ length: CARDS_AT_ONCE }, () => readSome().catch(() => {})))
  }

  #needsCard(address: string): boolean {
    const known = this.#profiles.get(address)
    return !this.#told.has(address) && (known === undefined || Date.now() - known.at > CARD_LASTS_MS)
  }

  #note(address: string, change: Partial<Pick<Profile, 'avatar' | 'nick'>>): void {
    const before = this.#profiles.get(address) ?? { address, avatar: null, nick: null, at: 0 }
    // Of the name: pictures tell by themselves that they are others.
    const at = change.nick === undefined ? before.at : Date.now()
    const profile = { ...before, ...change, at }
    this.#profiles.set(address, profile)
    this.#save(profile)
    if (before.avatar !== profile.avatar || before.nick !== profile.nick) this.#options.changed(address)
  }

  #save(profile: Profile): void {
    this.#options.history.saveProfile(this.#options.account, profile).catch(this.#options.notKept)
  }
}
