import xml, { type Element } from '@xmpp/xml'
import { assertNever } from '../../../shared/assert-never.ts'
import type { Account, Accounts } from './accounts.ts'
import type { Session } from './session.ts'
import { attribute, copyStanza, type Jid, refusal } from './stanzas.ts'

export interface PresenceEffects {
  deliver(session: Session, stanza: Element): void
  /** Tells the account's sessions what its roster says of a contact now. */
  pushRosterItem(account: Account, contactJid: string): void
  /** Whether one of them wants to hear nothing of the other (XEP-0191). */
  separates(oneJid: string, otherJid: string): boolean
}

/** Who is told that who is there (RFC 6121 §4), and who may know it at all (§3). */
export class Presences {
  readonly #accounts: Accounts
  readonly #effects: PresenceEffects

  constructor(accounts: Accounts, effects: PresenceEffects) {
    this.#accounts = accounts
    this.#effects = effects
  }

  /** Presence that a client sent; `target` is where to, undefined when it is for whoever it concerns. */
  receive(session: Session, presence: Element, target: Jid | undefined): void {
    const { account } = session
    const type = attribute(presence, 'type')
    switch (type) {
      case undefined:
      case 'unavailable':
        if (target === undefined) this.#announce(session, presence)
        else this.#direct(session, presence, target)
        break
      case 'error':
        if (target !== undefined) this.#deliverTo(target, presence)
        break
      case 'probe':
        if (target !== undefined) this.#probe(session, target.bare)
        break
      case 'subscribe':
      case 'subscribed':
      case 'unsubscribe':
      case 'unsubscribed':
        if (target?.local !== undefined && target.bare !== account.bareJid) {
          // RFC 6121 §3.1.2: these are between accounts, whatever resource they were sent from or to.
          const stanza = copyStanza(presence, { from: account.bareJid, to: target.bare })
          this.#changeSubscription(type, account, target.bare, stanza)
        }
        break
      default:
        this.#effects.deliver(session, refusal(presence, 'bad-request', 'Invalid presence type'))
    }
  }

  /** A session ended, maybe without saying so. */
  ended(session: Session): void {
    const gone = xml('presence', { type: 'unavailable', from: session.jid })
    if (session.presence !== undefined) this.#broadcast(session, gone)
    session.presence = undefined
    this.#endDirectedPresence(session, gone)
  }

  /** Removes a contact from a roster, and with it what each knew of the other (RFC 6121 §2.5). */
  forget(account: Account, contactJid: string): void {
    const item = account.roster.get(contactJid)
    const stanza = (type: string) => xml('presence', { type, from: account.bareJid, to: contactJid })
    if (item?.seesThem === true || item?.asked === true) {
      this.#changeSubscription('unsubscribe', account, contactJid, stanza('unsubscribe'))
    }
    if (item?.seesUs === true) {
      this.#changeSubscription('unsubscribed', account, contactJid, stanza('unsubscribed'))
    }
    account.roster.delete(contactJid)
    this.#effects.pushRosterItem(account, contactJid)
  }

  /** To a contact that may see the account, everybody there has left. */
  hideFrom(account: Account, contactJid: string): void {
    const contact = this.#accounts.findByJid(contactJid)
    if (contact !== undefined && account.roster.get(contact.bareJid)?.seesUs === true)
      this.#hide(account, contact)
  }

  /** A contact that may see the account sees it again. */
  showTo(account: Account, contactJid: string): void {
    const contact = this.#accounts.findByJid(contactJid)
    if (contact === undefined || account.roster.get(contact.bareJid)?.seesUs !== true) return
    for (const shown of account.availableSessions()) {
      for (const receiver of contact.availableSessions())
        this.#send(receiver, shown.presence, contact.bareJid)
    }
  }

  #announce(session: Session, presence: Element): void {
    const wasAvailable = session.presence !== undefined
    const isAvailable = attribute(presence, 'type') === undefined
    session.presence = isAvailable ? presence : undefined
    // Its own presence comes back to a client, like Prosody's does.
    this.#send(session, presence, session.jid)
    this.#broadcast(session, presence)
    if (!isAvailable) this.#endDirectedPresence(session, presence)
    else if (!wasAvailable) this.#tellNewcomer(session)
  }

  /** What a session that has just become available must know (RFC 6121 §4.2.2, §4.3, §3.1.3). */
  #tellNewcomer(session: Session): void {
    const { account } = session
    for (const other of account.availableSessions()) {
      if (other !== session) this.#send(session, other.presence, session.jid)
    }
    for (const item of account.roster.values()) {
      if (item.seesThem) this.#probe(session, item.jid)
    }
    for (const request of account.subscriptionRequests.values()) this.#effects.deliver(session, request)
  }

  /** To the account's other resources, and to the contacts that may see it. */
  #broadcast(session: Session, presence: Element): void {
    const { account } = session
    for (const other of account.availableSessions()) {
      if (other !== session) this.#send(other, presence, other.jid)
    }
    for (const item of account.roster.values()) {
      if (!item.seesUs) continue
      for (const receiver of this.#accounts.findByJid(item.jid)?.availableSessions() ?? []) {
        this.#send(receiver, presence, item.jid)
      }
    }
  }

  #direct(session: Session, presence: Element, target: Jid): void {
    const to = attribute(presence, 'to') ?? target.bare
    if (attribute(presence, 'type') === 'unavailable') session.directedPresence.delete(to)
    else if (session.account.roster.get(target.bare)?.seesUs !== true) session.directedPresence.add(to)
    this.#deliverTo(target, presence)
  }

  #endDirectedPresence(session: Session, presence: Element): void {
    for (const to of session.directedPresence) {
      const receiver = this.#accounts.findSession(to)
      const receivers = receiver ? [receiver] : (this.#accounts.findByJid(to)?.availableSessions() ?? [])
      for (const each of receivers) this.#send(each, presence, to)
    }
    session.directedPresence.clear()
  }

  #deliverTo(target: Jid, presence: Element): void {
    const account = this.#accounts.findByJid(target.bare)
    const from = attribute(presence, 'from') ?? ''
    const session = target.resource === undefined ? undefined : account?.sessions.get(target.resource)
    const addressed = target.resource === undefined ? (account?.availableSessions() ?? []) : [session]
    for (const receiver of addressed) {
      if (receiver === undefined || this.#effects.separates(receiver.jid, from)) continue
      this.#effects.deliver(receiver, presence)
    }
  }

  /** Answers with what a session may see of a contact. */
  #probe(session: Session, contactJid: string): void {
    const contact = this.#accounts.findByJid(contactJid)
    if (contact?.roster.get(session.account.bareJid)?.seesUs !== true) return
    for (const other of contact.availableSessions()) this.#send(session, other.presence, session.jid)
  }

  /**
   * Both sides of RFC 6121 §3 at once, since both accounts are here: first what it does to the roster of the
   * account that sent it, then to that of the contact.
   */
  #changeSubscription(
    type: 'subscribe' | 'subscribed' | 'unsubscribe' | 'unsubscribed',
    account: Account,
    contactJid: string,
    stanza: Element,
  ): void {
    const found = this.#accounts.findByJid(contactJid)
    // Whoever blocks us is told nothing.
    const contact =
      found !== undefined && this.#effects.separates(contactJid, account.bareJid) ? undefined : found
    switch (type) {
      case 'subscribe':
        this.#subscribe(account, contactJid, contact, stanza)
        break
      case 'subscribed':
        // An approval before the request (§3.4) is not kept.
        if (contact !== undefined && account.subscriptionRequests.delete(contactJid)) {
          account.contact(contactJid).seesUs = true
          this.#effects.pushRosterItem(account, contactJid)
          this.#approve(account, contact, stanza)
        }
        break
      case 'unsubscribe':
        this.#unsubscribe(account, contactJid, contact, stanza)
        break
      case 'unsubscribed':
        this.#cancel(account, contactJid, contact, stanza)
        break
      default:
        assertNever(type)
    }
  }

  /** `account` asks to see `contact`. */
  #subscribe(account: Account, contactJid: string, contact: Account | undefined, request: Element): void {
    const item = account.contact(contactJid)
    if (!item.seesThem) item.asked = true
    this.#effects.pushRosterItem(account, contactJid)
    if (contact === undefined) return
    if (contact.roster.get(account.bareJid)?.seesUs === true) {
      const approval = xml('presence', { type: 'subscribed', from: contactJid, to: account.bareJid })
      this.#approve(contact, account, approval)
      return
    }
    // It is shown once, and again whenever the contact comes online, until it is answered.
    const isNew = !contact.subscriptionRequests.has(account.bareJid)
    contact.subscriptionRequests.set(account.bareJid, request)
    if (isNew) this.#tellAvailable(contact, request)
  }

  /** `account` does not want to see `contact` any more. */
  #unsubscribe(account: Account, contactJid: string, contact: Account | undefined, stanza: Element): void {
    const mine = account.roster.get(contactJid)
    if (mine === undefined) return
    Object.assign(mine, { seesThem: false, asked: false })
    this.#effects.pushRosterItem(account, contactJid)
    contact?.subscriptionRequests.delete(account.bareJid)
    const theirs = contact?.roster.get(account.bareJid)
    if (contact === undefined || theirs?.seesUs !== true) return
    theirs.seesUs = false
    this.#tellInterested(contact, stanza)
    this.#effects.pushRosterItem(contact, account.bareJid)
    this.#hide(contact, account)
  }

  /** `account` does not let `contact` see it: any more, or at all. */
  #cancel(account: Account, contactJid: string, contact: Account | undefined, stanza: Element): void {
    const mine = account.roster.get(contactJid)
    const wasAsked = account.subscriptionRequests.delete(contactJid)
    const wasSeen = mine?.seesUs === true
    if (!wasAsked && !wasSeen) return
    if (wasSeen) {
      mine.seesUs = false
      this.#effects.pushRosterItem(account, contactJid)
    }
    const theirs = contact?.roster.get(account.bareJid)
    if (contact === undefined || theirs === undefined) return
    Object.assign(theirs, { seesThem: false, asked: false })
    this.#tellInterested(contact, stanza)
    this.#effects.pushRosterItem(contact, account.bareJid)
    if (wasSeen) this.#hide(account, contact)
  }

  /** `account` lets `asker` see its presence. */
  #approve(account: Account, asker: Account, approval: Element): void {
    const item = asker.roster.get(account.bareJid)
    if (item?.asked !== true) return
    Object.assign(item, { seesThem: true, asked: false })
    this.#tellInterested(asker, approval)
    this.#effects.pushRosterItem(asker, account.bareJid)
    this.showTo(account, asker.bareJid)
  }

  /** `former` may not see `account` any more: to it, everybody there has left. */
  #hide(account: Account, former: Account): void {
    for (const hidden of account.availableSessions()) {
      const gone = xml('presence', { type: 'unavailable', from: hidden.jid })
      for (const receiver of former.availableSessions()) this.#send(receiver, gone, former.bareJid)
    }
  }

  #tellAvailable(account: Account, stanza: Element): void {
    for (const session of account.availableSessions()) this.#effects.deliver(session, stanza)
  }

  #tellInterested(account: Account, stanza: Element): void {
    for (const session of account.sessions.values()) {
      if (session.wantsRosterPushes) this.#effects.deliver(session, stanza)
    }
  }

  #send(receiver: Session, presence: Element | undefined, to: string): void {
    if (presence === undefined) return
    if (this.#effects.separates(receiver.jid, attribute(presence, 'from') ?? '')) return
    this.#effects.deliver(receiver, copyStanza(presence, { to }))
  }
}
