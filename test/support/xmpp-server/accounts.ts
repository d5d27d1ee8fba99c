import { randomUUID, timingSafeEqual } from 'node:crypto'
import xml, { type Element } from '@xmpp/xml'
import {
  deriveCredential,
  preparePassword,
  SCRAM_MECHANISMS,
  type ScramCredential,
  type ScramMechanism,
} from './scram.ts'
import type { Session } from './session.ts'
import { parseJid } from './stanzas.ts'

/** One line of a roster (RFC 6121 §2.1.2). `seesThem` and `seesUs` together are its subscription. */
export interface RosterItem {
  readonly jid: string
  name: string | undefined
  groups: readonly string[]
  /** We receive the contact's presence: 'to'. */
  seesThem: boolean
  /** The contact receives our presence: 'from'. */
  seesUs: boolean
  /** We asked for the contact's presence and have no answer yet. */
  asked: boolean
}

export function rosterItemElement(item: RosterItem): Element {
  const subscription = item.seesThem ? (item.seesUs ? 'both' : 'to') : item.seesUs ? 'from' : 'none'
  return xml(
    'item',
    { jid: item.jid, name: item.name, subscription, ask: item.asked ? 'subscribe' : undefined },
    ...item.groups.map(group => xml('group', {}, group)),
  )
}

export class Account {
  readonly username: string
  readonly bareJid: string
  /** By bare JID. */
  readonly roster = new Map<string, RosterItem>()
  /** Requests to see this account's presence that are not answered, by bare JID. */
  readonly subscriptionRequests = new Map<string, Element>()
  /** By resource. */
  readonly sessions = new Map<string, Session>()
  readonly #scramIterations: number
  #credentials: ReadonlyMap<ScramMechanism, ScramCredential>
  #password: Buffer
  /** Versions of this roster are not those that another server of the same name gave. */
  readonly #rosterEra = randomUUID()
  #rosterChanges = 0

  constructor(username: string, domain: string, password: string, scramIterations: number) {
    this.username = username
    this.bareJid = `${username}@${domain}`
    this.#scramIterations = scramIterations
    this.#password = Buffer.from(preparePassword(password))
    this.#credentials = deriveCredentials(password, scramIterations)
  }

  /** What the roster is like now (RFC 6121 §2.6). */
  get rosterVersion(): string {
    return `${this.#rosterEra}-${this.#rosterChanges}`
  }

  rosterChanged(): void {
    this.#rosterChanges++
  }

  set password(password: string) {
    this.#password = Buffer.from(preparePassword(password))
    this.#credentials = deriveCredentials(password, this.#scramIterations)
  }

  credential(mechanism: ScramMechanism): ScramCredential | undefined {
    return this.#credentials.get(mechanism)
  }

  hasPassword(password: string): boolean {
    const given = Buffer.from(preparePassword(password))
    return given.length === this.#password.length && timingSafeEqual(given, this.#password)
  }

  availableSessions(): Session[] {
    return [...this.sessions.values()].filter(session => session.presence !== undefined)
  }

  /** The roster's item for a contact, which is added when it is not there. */
  contact(jid: string): RosterItem {
    const existing = this.roster.get(jid)
    if (existing !== undefined) return existing
    const added: RosterItem = {
      jid,
      name: undefined,
      groups: [],
      seesThem: false,
      seesUs: false,
      asked: false,
    }
    this.roster.set(jid, added)
    return added
  }
}

function deriveCredentials(
  password: string,
  scramIterations: number,
): ReadonlyMap<ScramMechanism, ScramCredential> {
  return new Map(
    SCRAM_MECHANISMS.map(mechanism => [mechanism, deriveCredential(mechanism, password, scramIterations)]),
  )
}

export class Accounts {
  readonly domain: string
  readonly scramIterations: number
  readonly #byUsername = new Map<string, Account>()

  constructor(domain: string, scramIterations: number) {
    this.domain = domain
    this.scramIterations = scramIterations
  }

  add(username: string, password: string): void {
    const local = parseJid(`${username}@${this.domain}`)?.local
    if (local === undefined) throw new Error(`bug: ${JSON.stringify(username)} is not a user name`)
    if (this.#byUsername.has(local)) throw new Error(`bug: ${local} has an account already`)
    this.#byUsername.set(local, new Account(local, this.domain, password, this.scramIterations))
  }

  /** Mutual presence, as though both had asked and agreed. */
  connect(oneUsername: string, otherUsername: string): void {
    const one = this.find(oneUsername)
    const other = this.find(otherUsername)
    if (one === undefined || other === undefined) {
      throw new Error(`bug: ${oneUsername} and ${otherUsername} cannot be contacts, one has no account`)
    }
    Object.assign(one.contact(other.bareJid), { seesThem: true, seesUs: true })
    Object.assign(other.contact(one.bareJid), { seesThem: true, seesUs: true })
    for (const account of [one, other]) account.rosterChanged()
  }

  remove(account: Account): void {
    this.#byUsername.delete(account.username)
  }

  find(username: string): Account | undefined {
    return this.#byUsername.get(username.toLowerCase())
  }

  /** By a bare or full JID of this domain. */
  findByJid(jid: string): Account | undefined {
    const parsed = parseJid(jid)
    if (parsed?.local === undefined || parsed.domain !== this.domain) return undefined
    return this.#byUsername.get(parsed.local)
  }

  /** The session with exactly this full JID, whether it is connected or waits to be resumed. */
  findSession(fullJid: string): Session | undefined {
    const resource = parseJid(fullJid)?.resource
    return resource === undefined ? undefined : this.findByJid(fullJid)?.sessions.get(resource)
  }

  sessions(): Session[] {
    return [...this.#byUsername.values()].flatMap(account => [...account.sessions.values()])
  }
}
