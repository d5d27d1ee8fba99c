import { isDeepStrictEqual } from 'node:util'
import { harmlessLine } from '../../shared/harmless-text.ts'
import type { Availability, ContactPolicy, LastLine, Person } from '../../shared/model/person.ts'
import { type PersonId, personId } from '../../shared/model/person-id.ts'
import type { Contact, Device, Plumb } from '../plumb.ts'
import { Gatherer } from './gatherer.ts'

export interface PeopleOptions {
  /** Our own bare JID. */
  readonly account: string
  readonly policyOf: (address: string) => ContactPolicy
  readonly push: (changed: readonly Person[], removed: readonly PersonId[]) => void
}

interface Talk {
  readonly unread: number
  readonly last: LastLine | null
}

const NO_TALK: Talk = { unread: 0, last: null }
const MAX_NAME_LENGTH = 200
const MAX_LINE_LENGTH = 200
const MOST_REACHABLE_FIRST = ['online', 'away', 'busy'] as const

/** Everybody in the list of one account: contacts, and people with whom there is a conversation. */
export class People {
  readonly #options: PeopleOptions
  readonly #talks = new Map<string, Talk>()
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

  /** How many are in the list without being contacts. */
  get strangers(): number {
    return [...this.#talks.keys()].filter(address => !this.#contacts.has(address)).length
  }

  get unread(): number {
    return [...this.#talks.values()].reduce((sum, { unread }) => sum + unread, 0)
  }

  /** What is known of everybody is shown from now on. */
  open(): void {
    for (const address of [...this.#contacts.keys(), ...this.#talks.keys()]) this.touch(address)
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
    return shownName(address, this.#contacts.get(address)?.name)
  }

  /** Something about somebody is another. */
  touch(address: string): void {
    this.#news.add(address)
  }

  said(address: string, last: LastLine, isUnread: boolean): void {
    const before = this.#talks.get(address) ?? NO_TALK
    const text = harmlessLine(last.text, MAX_LINE_LENGTH)
    this.#talks.set(address, { unread: before.unread + (isUnread ? 1 : 0), last: { ...last, text } })
    this.touch(address)
  }

  read(address: string): void {
    const talk = this.#talks.get(address)
    if (talk === undefined || talk.unread === 0) return
    this.#talks.set(address, { ...talk, unread: 0 })
    this.touch(address)
  }

  /** Takes somebody off the list who is no contact. */
  forget(address: string): void {
    this.#talks.delete(address)
    this.touch(address)
  }

  #person(address: string): Person {
    const contact = this.#contacts.get(address)
    const devices = this.#plumb?.devicesOf(address) ?? []
    const { unread, last } = this.#talks.get(address) ?? NO_TALK
    return {
      id: personId(this.#options.account, address),
      address,
      name: this.nameOf(address),
      inContacts: contact !== undefined,
      subscription: contact?.subscription ?? 'none',
      asked: contact?.asked ?? false,
      availability: availabilityOf(devices),
      devices: devices.map(({ address: device, show, direct }) => ({
        address: device,
        availability: show,
        direct: direct ?? null,
      })),
      unread,
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

/** The name in the contact list, or else the address without its server; harmless and never empty. */
export function shownName(address: string, name: string | undefined): string {
  const given = harmlessLine(name ?? '', MAX_NAME_LENGTH)
  return given !== '' ? given : harmlessLine(address.split('@')[0] ?? '', MAX_NAME_LENGTH) || address
}

function availabilityOf(devices: readonly Device[]): Availability {
  return MOST_REACHABLE_FIRST.find(show => devices.some(device => device.show === show)) ?? 'offline'
}
