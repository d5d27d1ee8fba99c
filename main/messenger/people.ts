import { isDeepStrictEqual } from 'node:util'
import { harmlessLine } from '../../shared/harmless-text.ts'
import { MAX_STATUS_LENGTH } from '../../shared/model/limits.ts'
import type { Availability, ContactPolicy, Person } from '../../shared/model/person.ts'
import { type PersonId, personId } from '../../shared/model/person-id.ts'
import type { Contact, Device, Plumb } from '../plumb.ts'
import type { Summary } from '../store/history/shapes.ts'
import type { ChatState } from '../xmpp/xep-0085.ts'
import type { Faces } from './faces.ts'
import { Gatherer } from './gatherer.ts'

export interface PeopleOptions {
  /** Our own bare JID. */
  readonly account: string
  readonly policyOf: (address: string) => ContactPolicy
  readonly isBlocked: (address: string) => boolean
  /** How they look and are called beyond the contact list. */
  readonly faces: Pick<Faces, 'pictureOf' | 'nickOf'>
  readonly push: (changed: readonly Person[], removed: readonly PersonId[]) => void
}

const NO_TALK = { unread: 0, last: null } as const
/** A device that says no more that something is written there has gone away. */
const TYPING_MS = 60_000
const MAX_TYPING = 100
/** People in the list who are no contacts: what further ones write is not taken. */
const MAX_STRANGERS = 100
const MAX_NAME_LENGTH = 200
const MOST_REACHABLE_FIRST = ['online', 'away', 'busy'] as const

/** Everybody in the list of one account: contacts, and people with whom there is a conversation. */
export class People {
  readonly #options: PeopleOptions
  readonly #talks = new Map<string, Summary>()
  /** Who writes right now, with the end of believing it, by full JID. */
  readonly #typing = new Map<string, NodeJS.Timeout>()
  /** Strangers who wrote, in the list as soon as that is kept. */
  readonly #admitted = new Set<string>()
  readonly #pushed = new Map<string, Person>()
  readonly #news = new Gatherer<string>(addresses => this.#push(addresses))
  #contacts = new Map<string, Contact>()
  #plumb: Plumb | undefined

  constructor(options: PeopleOptions) {
    this.#options = options
  }

  get all(): readonly Person[] {
    const addresses = new Set([...this.#contacts.keys(), ...this.#talks.keys()])
    return [...addresses].map(address => this.#person(address))
  }

  unreadOf(address: string): number {
    return this.#talks.get(address)?.unread ?? 0
  }

  /** Whether somebody may be in the list: who is there, and so many strangers. */
  admit(address: string): boolean {
    if (this.has(address)) return true
    const strangers = new Set([...this.#talks.keys(), ...this.#admitted])
    for (const contact of this.#contacts.keys()) strangers.delete(contact)
    if (!strangers.has(address) && strangers.size >= MAX_STRANGERS) return false
    this.#admitted.add(address)
    return true
  }

  get unread(): number {
    return [...this.#talks.values()].reduce((sum, { unread }) => sum + unread, 0)
  }

  /** What is known of everybody, before the server has answered, is shown from now on. */
  open(contacts: readonly Contact[], talks: readonly Summary[]): void {
    this.#contacts = new Map(contacts.map(contact => [contact.address, contact]))
    this.summarize(talks)
    for (const { address } of contacts) this.touch(address)
  }

  /** What their rows show of these conversations is another. */
  summarize(talks: readonly Summary[]): void {
    for (const talk of talks) {
      this.#talks.set(talk.address, talk)
      this.touch(talk.address)
    }
  }

  /** Somebody does something in their conversation with us. */
  typing(address: string, device: string, state: ChatState): void {
    const before = this.#typing.get(device)
    clearTimeout(before)
    this.#typing.delete(device)
    if (state === 'composing' && (before !== undefined || this.#typing.size < MAX_TYPING)) {
      const stop = (): void => this.typing(address, device, 'paused')
      this.#typing.set(device, setTimeout(stop, TYPING_MS).unref())
    }
    if (this.has(address)) this.touch(address)
  }

  /** Follows the contact list and the presences of an account. */
  attach(plumb: Plumb): void {
    this.#plumb = plumb
    const readContacts = (): void => {
      const before = this.#contacts
      this.#contacts = new Map(plumb.contacts.map(contact => [contact.address, contact]))
      for (const address of new Set([...before.keys(), ...this.#contacts.keys()])) this.touch(address)
    }
    plumb.on('contacts', readContacts)
    plumb.on('presence', bare => {
      if (this.has(bare)) this.touch(bare)
    })
    plumb.on('interrupted', () => {
      for (const timer of this.#typing.values()) clearTimeout(timer)
      this.#typing.clear()
      for (const address of this.#contacts.keys()) this.touch(address)
    })
    readContacts()
  }

  /** Nobody is signed in: nobody is shown. */
  clear(): void {
    const gone = [...this.#pushed.keys()]
    this.#plumb = undefined
    this.#contacts.clear()
    this.#talks.clear()
    this.#admitted.clear()
    for (const timer of this.#typing.values()) clearTimeout(timer)
    this.#typing.clear()
    this.#news.stop()
    this.#push(gone)
  }

  has(address: string): boolean {
    return this.#contacts.has(address) || this.#talks.has(address)
  }

  isContact(address: string): boolean {
    return this.#contacts.has(address)
  }

  /** Whether it is seen when this contact comes online. */
  sees(address: string): boolean {
    const subscription = this.#contacts.get(address)?.subscription
    return subscription === 'to' || subscription === 'both'
  }

  nameOf(address: string): string {
    return shownName(address, this.#contacts.get(address)?.name || this.#options.faces.nickOf(address))
  }

  /** Contacts to whom nobody gave a name. */
  get nameless(): readonly string[] {
    return [...this.#contacts.values()].filter(({ name }) => !name).map(({ address }) => address)
  }

  /** Something about somebody is another. */
  touch(address: string): void {
    this.#news.add(address)
  }

  touchAll(): void {
    for (const address of [...this.#contacts.keys(), ...this.#talks.keys()]) this.touch(address)
  }

  /** Takes somebody off the list who is no contact. */
  forget(address: string): void {
    this.#talks.delete(address)
    this.#admitted.delete(address)
    this.touch(address)
  }

  #person(address: string): Person {
    const contact = this.#contacts.get(address)
    const devices = this.#plumb?.devicesOf(address) ?? []
    const { unread, last } = this.#talks.get(address) ?? NO_TALK
    const typing = [...this.#typing.keys()].some(device => device.startsWith(`${address}/`))
    return {
      id: personId(this.#options.account, address),
      address,
      name: this.nameOf(address),
      picture: this.#options.faces.pictureOf(address),
      inContacts: contact !== undefined,
      subscription: contact?.subscription ?? 'none',
      asked: contact?.asked ?? false,
      groups: harmlessGroups(contact?.groups ?? []),
      availability: availabilityOf(devices),
      status: statusOf(devices),
      idleSince: idleSinceOf(devices),
      devices: devices.map(({ address: device, show, direct }) => ({
        address: device,
        availability: show,
        direct: direct ?? null,
      })),
      unread,
      typing,
      blocked: this.#options.isBlocked(address),
      last,
      policy: this.#options.policyOf(address),
    }
  }

  #push(addresses: readonly string[]): void {
    const changed: Person[] = []
    const removed: PersonId[] = []
    for (const address of addresses) {
      if (!this.has(address)) {
        if (this.#pushed.delete(address)) removed.push(personId(this.#options.account, address))
        continue
      }
      const person = this.#person(address)
      if (isDeepStrictEqual(person, this.#pushed.get(address))) continue
      this.#pushed.set(address, person)
      changed.push(person)
    }
    if (changed.length > 0 || removed.length > 0) this.#options.push(changed, removed)
  }
}

/** The name that was given or chosen, or else the address without its server; harmless and never empty. */
export function shownName(address: string, name: string | undefined): string {
  const given = harmlessLine(name ?? '', MAX_NAME_LENGTH)
  return given !== '' ? given : harmlessLine(address.split('@')[0] ?? '', MAX_NAME_LENGTH) || address
}

function harmlessGroups(names: readonly string[]): string[] {
  return [...new Set(names.map(name => harmlessLine(name, MAX_NAME_LENGTH)))].filter(name => name !== '')
}

/** Of the devices the most reachable one that says something. */
function statusOf(devices: readonly Device[]): string {
  const inOrder = MOST_REACHABLE_FIRST.flatMap(show => devices.filter(device => device.show === show))
  return harmlessLine(inOrder.find(({ status }) => status !== '')?.status ?? '', MAX_STATUS_LENGTH)
}

/** The last that was touched counts; one that does not say may be in use. */
function idleSinceOf(devices: readonly Device[]): number | null {
  const times = devices.map(({ idleSince }) => idleSince?.getTime() ?? Number.POSITIVE_INFINITY)
  const last = Math.max(...times)
  return Number.isFinite(last) ? last : null
}

function availabilityOf(devices: readonly Device[]): Availability {
  return MOST_REACHABLE_FIRST.find(show => devices.some(device => device.show === show)) ?? 'offline'
}
