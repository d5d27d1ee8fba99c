import { randomUUID } from 'node:crypto'
import xml, { type Element } from '@xmpp/xml'
import { type Account, type Accounts, rosterItemElement } from './accounts.ts'
import { Presences } from './presences.ts'
import type { Session } from './session.ts'
import {
  attribute,
  copyStanza,
  type Jid,
  mayBeRefused,
  NS,
  parseJid,
  refusal,
  result,
  type StanzaCondition,
} from './stanzas.ts'

/**
 * Sees every stanza that is about to go to a client, whoever it comes from, and may change it: the stanza is
 * a copy of its own. `to` is the full JID of the session that gets it.
 * `'drop'` keeps it from arriving; another element goes in its place; nothing leaves it as it is.
 */
export type Interceptor = (stanza: Element, to: string) => Element | 'drop' | undefined

/** Decides where a stanza goes (RFC 6121 §8), and answers what is for the server itself. */
export class Router {
  readonly interceptors = new Set<Interceptor>()
  readonly #accounts: Accounts
  readonly #presences: Presences

  constructor(accounts: Accounts) {
    this.#accounts = accounts
    this.#presences = new Presences(accounts, {
      deliver: (session, stanza) => this.deliver(session, stanza),
      pushRosterItem: (account, jid) => this.#pushRosterItem(account, jid),
    })
  }

  /** A stanza that a client sent. */
  receive(session: Session, stanza: Element): void {
    const complaint = complaintAbout(stanza)
    // Whatever the client wrote there: it speaks for itself only.
    stanza.attrs = { ...stanza.attrs, from: session.jid }
    const to = attribute(stanza, 'to')
    const target = to === undefined ? undefined : parseJid(to)
    if (complaint !== undefined) {
      this.#refuse(stanza, 'bad-request', complaint)
    } else if (attribute(stanza, 'type') === 'error' && stanza.getChildElements().length === 0) {
      // Like Prosody, which drops an error that does not say what is wrong.
    } else if (to !== undefined && target === undefined) {
      this.#refuse(stanza, 'jid-malformed')
    } else if (target !== undefined && target.domain !== this.#accounts.domain) {
      this.#refuse(stanza, 'remote-server-not-found')
    } else if (stanza.is('presence')) {
      this.#presences.receive(session, stanza, target)
    } else if (stanza.is('message')) {
      this.#routeMessage(stanza, to ?? session.account.bareJid)
    } else {
      this.#routeIq(session, stanza, target)
    }
  }

  /** Gives a stanza to a client, unless an interceptor keeps it. */
  deliver(session: Session, stanza: Element): void {
    let copy = copyStanza(stanza)
    for (const intercept of this.interceptors) {
      const verdict = intercept(copy, session.jid)
      if (verdict === 'drop') return
      if (verdict !== undefined) copy = verdict
    }
    session.deliver(copy)
  }

  /** A session is over. */
  ended(session: Session, undelivered: readonly Element[]): void {
    this.#presences.ended(session)
    for (const stanza of undelivered) {
      if (!stanza.is('presence')) this.#refuse(stanza, 'service-unavailable')
    }
  }

  #refuse(stanza: Element, condition: StanzaCondition, text?: string): void {
    if (!mayBeRefused(stanza)) return
    const sender = this.#accounts.findSession(attribute(stanza, 'from') ?? '')
    if (sender !== undefined) this.deliver(sender, refusal(stanza, condition, text))
  }

  #routeIq(session: Session, iq: Element, target: Jid | undefined): void {
    if (target?.local !== undefined && target.resource !== undefined) {
      const receiver = this.#accounts.findSession(`${target.bare}/${target.resource}`)
      if (receiver === undefined) this.#refuse(iq, 'service-unavailable')
      else this.deliver(receiver, iq)
      return
    }
    const [request] = iq.getChildElements()
    const type = attribute(iq, 'type')
    // What else comes here is the answers to roster pushes.
    if (request !== undefined && (type === 'get' || type === 'set')) {
      this.deliver(
        session,
        this.#answer(session, iq, `${type} ${request.getNS()} ${request.getName()}`, request, target),
      )
    }
  }

  /** RFC 6121 §8.5, without storage: who is offline does not get the message later. */
  #routeMessage(message: Element, to: string): void {
    const type = attribute(message, 'type')
    const receivers = this.#receivers(to, type)
    for (const receiver of receivers) this.deliver(receiver, message)
    if (receivers.length === 0 && type !== 'headline') this.#refuse(message, 'service-unavailable')
  }

  #receivers(to: string, type: string | undefined): readonly Session[] {
    const session = this.#accounts.findSession(to)
    if (session !== undefined) return [session]
    if (type === 'error' || type === 'groupchat') return []
    const available = this.#accounts.findByJid(to)?.availableSessions() ?? []
    const reachable = available.filter(candidate => candidate.priority >= 0)
    if (type === 'headline') return parseJid(to)?.resource === undefined ? reachable : []
    const highest = Math.max(...reachable.map(candidate => candidate.priority))
    return reachable.filter(candidate => candidate.priority === highest)
  }

  /** The answer to a request that is for the server, or for an account itself. */
  #answer(
    session: Session,
    iq: Element,
    question: string,
    request: Element,
    target: Jid | undefined,
  ): Element {
    const isForServer = target !== undefined && target.local === undefined
    const isForOwnAccount = target === undefined || target.bare === session.account.bareJid
    if (!isForServer && !isForOwnAccount) return refusal(iq, 'service-unavailable')
    switch (question) {
      case `get ${NS.discoInfo} query`:
        if (attribute(request, 'node') !== undefined) return refusal(iq, 'item-not-found')
        return result(iq, discoInfo(isForServer))
      case `get ${NS.discoItems} query`:
        if (attribute(request, 'node') !== undefined) return refusal(iq, 'item-not-found')
        return result(iq, xml('query', { xmlns: NS.discoItems }))
      case `get ${NS.ping} ping`:
      case `set ${NS.session} session`:
        return result(iq)
      case `get ${NS.roster} query`: {
        if (isForServer) return refusal(iq, 'service-unavailable')
        session.wantsRosterPushes = true
        const items = [...session.account.roster.values()].map(rosterItemElement)
        return result(iq, xml('query', { xmlns: NS.roster }, ...items))
      }
      case `set ${NS.roster} query`:
        if (isForServer) return refusal(iq, 'service-unavailable')
        return this.#setRosterItem(session.account, iq, request)
      case `set ${NS.discoInfo} query`:
      case `set ${NS.discoItems} query`:
      case `set ${NS.ping} ping`:
        return refusal(iq, 'feature-not-implemented')
      default:
        return refusal(iq, 'service-unavailable')
    }
  }

  #setRosterItem(account: Account, iq: Element, query: Element): Element {
    const [item, ...others] = query.getChildren('item')
    const contact = parseJid((item && attribute(item, 'jid')) ?? '')
    if (item === undefined || others.length > 0 || contact === undefined || contact.resource !== undefined) {
      return refusal(iq, 'bad-request')
    }
    if (contact.bare === account.bareJid) return refusal(iq, 'not-allowed')
    if (attribute(item, 'subscription') === 'remove') {
      if (!account.roster.has(contact.bare)) return refusal(iq, 'item-not-found')
      this.#presences.forget(account, contact.bare)
      return result(iq)
    }
    Object.assign(account.contact(contact.bare), {
      name: attribute(item, 'name'),
      groups: item.getChildren('group').map(group => group.text()),
    })
    this.#pushRosterItem(account, contact.bare)
    return result(iq)
  }

  #pushRosterItem(account: Account, jid: string): void {
    const item = account.roster.get(jid)
    const element =
      item === undefined ? xml('item', { jid, subscription: 'remove' }) : rosterItemElement(item)
    for (const session of account.sessions.values()) {
      if (!session.wantsRosterPushes) continue
      const query = xml('query', { xmlns: NS.roster }, element)
      this.deliver(session, xml('iq', { type: 'set', id: randomUUID(), to: session.jid }, query))
    }
  }
}

/** What is wrong with a stanza whoever it is for, in Prosody's words. */
function complaintAbout(stanza: Element): string | undefined {
  if (!stanza.is('iq')) return undefined
  const type = attribute(stanza, 'type') ?? ''
  if (!['get', 'set', 'result', 'error'].includes(type)) return 'Invalid IQ type'
  if (attribute(stanza, 'id') === undefined) return "Missing required 'id' attribute"
  const isRequest = type === 'get' || type === 'set'
  if (isRequest && stanza.getChildElements().length !== 1) return 'Incorrect number of children for IQ stanza'
  return undefined
}

function discoInfo(isForServer: boolean): Element {
  const identity = isForServer
    ? { category: 'server', type: 'im', name: 'Plumb test server' }
    : { category: 'account', type: 'registered' }
  const features = [NS.discoInfo, NS.discoItems, NS.ping, NS.roster]
  return xml(
    'query',
    { xmlns: NS.discoInfo },
    xml('identity', identity),
    ...features.map(feature => xml('feature', { var: feature })),
  )
}
