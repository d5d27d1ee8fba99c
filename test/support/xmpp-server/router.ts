import { randomUUID } from 'node:crypto'
import xml, { type Element } from '@xmpp/xml'
import { type Account, type Accounts, rosterItemElement } from './accounts.ts'
import { Archiving, archiveId, withoutIdsBy } from './archiving.ts'
import { Blocking, blockedRefusal } from './blocking.ts'
import { Carbons, withoutPrivateMark } from './carbons.ts'
import type { ChatFeatures } from './chat-options.ts'
import type { Feature, FeatureEffects, Question } from './feature.ts'
import { OfflineMessages } from './offline.ts'
import { PEP_IDENTITY, Pep } from './pep.ts'
import { Presences } from './presences.ts'
import { Registration, type RegistrationOptions } from './registration.ts'
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
import { VCards } from './vcards.ts'

/**
 * Sees every stanza that is about to go to a client, whoever it comes from, and may change it: the stanza is
 * a copy of its own. `to` is the full JID of the session that gets it.
 * `'drop'` keeps it from arriving; another element goes in its place; nothing leaves it as it is.
 */
export type Interceptor = (stanza: Element, to: string) => Element | 'drop' | undefined

export interface RegistrationSettings {
  readonly forStrangers: RegistrationOptions | undefined
  /** Whether those who have an account can change its password and give it up. */
  readonly ofOneself: boolean
}

/** Decides where a stanza goes (RFC 6121 §8), and answers what is for the server itself. */
export class Router {
  readonly interceptors = new Set<Interceptor>()
  readonly archiving: Archiving | undefined
  readonly registration: Registration | undefined
  readonly #accounts: Accounts
  readonly #presences: Presences
  readonly #carbons: Carbons | undefined
  readonly #pep: Pep | undefined
  readonly #vcards: VCards | undefined
  readonly #blocking: Blocking | undefined
  readonly #offline: OfflineMessages | undefined
  readonly #features: readonly Feature[]
  readonly #chat: ChatFeatures

  constructor(accounts: Accounts, chat: ChatFeatures, registration: RegistrationSettings) {
    this.#accounts = accounts
    this.#chat = chat
    const effects: FeatureEffects = { deliver: (session, stanza) => this.deliver(session, stanza) }
    const separates = (oneJid: string, otherJid: string) =>
      this.#blocking?.separates(oneJid, otherJid) === true
    this.#presences = new Presences(accounts, {
      ...effects,
      pushRosterItem: (account, jid) => this.#pushRosterItem(account, jid),
      separates,
    })
    if (chat.archive !== undefined) this.archiving = new Archiving(chat.archive, effects)
    if (chat.offline === 'deliver') this.#offline = new OfflineMessages(effects)
    if (chat.carbons) this.#carbons = new Carbons(effects)
    if (chat.pep !== undefined) this.#pep = new Pep(chat.pep, accounts, { ...effects, separates })
    if (chat.vcards !== undefined) {
      this.#vcards = new VCards(chat.vcards === 'converted' ? this.#pep : undefined, effects)
    }
    if (chat.blocking) {
      this.#blocking = new Blocking(accounts, {
        ...effects,
        hide: (account, jid) => this.#presences.hideFrom(account, jid),
        show: (account, jid) => this.#presences.showTo(account, jid),
      })
    }
    if (registration.forStrangers !== undefined || registration.ofOneself) {
      this.registration = new Registration(registration.forStrangers, accounts, {
        ...effects,
        remove: account => this.#removeAccount(account),
        resetOthers(session) {
          const others = [...session.account.sessions.values()].filter(other => other !== session)
          for (const other of others) other.end('reset')
        },
      })
    }
    this.#features = [
      this.archiving,
      this.#carbons,
      this.#pep,
      this.#vcards,
      this.#blocking,
      this.registration,
    ].flatMap(feature => feature ?? [])
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
    } else if (to !== undefined && this.#blocking?.blocks(session.account, to) === true) {
      if (mayBeRefused(stanza)) this.deliver(session, blockedRefusal(stanza))
    } else if (stanza.is('message')) {
      this.#sendMessage(session, stanza, to ?? session.account.bareJid)
    } else if (target !== undefined && target.domain !== this.#accounts.domain) {
      this.#refuse(stanza, 'remote-server-not-found')
    } else if (stanza.is('presence')) {
      this.#receivePresence(session, stanza, target)
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
    this.#pep?.wentOffline(session)
    for (const stanza of undelivered) {
      if (stanza.is('message')) this.#keepOrRefuse(session.account, stanza)
      else if (!stanza.is('presence')) this.#refuse(stanza, 'service-unavailable')
    }
  }

  #refuse(stanza: Element, condition: StanzaCondition, text?: string): void {
    if (!mayBeRefused(stanza)) return
    const sender = this.#accounts.findSession(attribute(stanza, 'from') ?? '')
    if (sender !== undefined) this.deliver(sender, refusal(stanza, condition, text))
  }

  #receivePresence(session: Session, presence: Element, target: Jid | undefined): void {
    const type = attribute(presence, 'type')
    const wasAvailable = session.presence !== undefined
    const marked = this.#vcards?.withPhotoHash(session.account, presence) ?? presence
    this.#presences.receive(session, marked, target)
    if (target !== undefined) return
    if (type === 'unavailable') this.#pep?.wentOffline(session)
    if (type !== undefined) return
    this.#pep?.cameOnline(session, presence)
    // Prosody spares those that read the archive; ejabberd does not.
    if (!wasAvailable) this.#offline?.cameOnline(session)
  }

  #routeIq(session: Session, iq: Element, target: Jid | undefined): void {
    const type = attribute(iq, 'type')
    const isRequest = type === 'get' || type === 'set'
    const owner = target === undefined ? session.account : this.#accounts.findByJid(target.bare)
    if (owner !== undefined && this.#blocking?.blocks(owner, session.jid) === true) {
      if (isRequest) this.#refuse(iq, 'service-unavailable')
      return
    }
    if (target?.local !== undefined && target.resource !== undefined) {
      const receiver = this.#accounts.findSession(`${target.bare}/${target.resource}`)
      if (receiver === undefined) this.#refuse(iq, 'service-unavailable')
      else this.deliver(receiver, iq)
      return
    }
    const [request] = iq.getChildElements()
    if (request !== undefined && isRequest) {
      const kind = `${type} ${request.getNS()} ${request.getName()}`
      this.#answer({ session, iq, request, kind, owner }, target)
    } else if (type === 'result' && owner === session.account) {
      this.#pep?.receiveAnswer(session, iq)
    }
  }

  /** What an account sends: kept in its archive, and copied to its other devices. */
  #sendMessage(session: Session, stanza: Element, to: string): void {
    const { account } = session
    const message = this.archiving?.keep(account, stanza, parseJid(to)?.bare ?? to) ?? stanza
    this.#carbons?.copy('sent', account, message, [session])
    // The ids of one's own archive are nobody else's business.
    this.#routeMessage(this.archiving === undefined ? message : withoutIdsBy(account.bareJid, message), to)
  }

  /** RFC 6121 §8.5. */
  #routeMessage(stanza: Element, to: string): void {
    if (parseJid(to)?.domain !== this.#accounts.domain) {
      this.#refuse(stanza, 'remote-server-not-found')
      return
    }
    const type = attribute(stanza, 'type') ?? 'normal'
    const account = this.#accounts.findByJid(to)
    const from = attribute(stanza, 'from') ?? ''
    if (account !== undefined && this.#blocking?.blocks(account, from) === true) {
      // Prosody says nothing where the address is of a device that is there.
      const isRefused = ['chat', 'normal'].includes(type) && this.#accounts.findSession(to) === undefined
      if (isRefused) this.#refuse(stanza, 'service-unavailable')
      return
    }
    const receivers = this.#receivers(to, type)
    let message = stanza
    if (account !== undefined) {
      message = this.archiving?.keep(account, stanza, parseJid(from)?.bare ?? from) ?? stanza
      this.#carbons?.copy('received', account, message, receivers)
      if (this.#carbons !== undefined) message = withoutPrivateMark(message)
    }
    for (const receiver of receivers) this.deliver(receiver, message)
    if (receivers.length === 0) this.#keepOrRefuse(account, message)
  }

  /** A message that nobody is there for. */
  #keepOrRefuse(account: Account | undefined, message: Element): void {
    const type = attribute(message, 'type') ?? 'normal'
    if (type === 'headline') return
    const isOffline = account !== undefined && ['chat', 'normal'].includes(type)
    if (isOffline && this.#offline?.keep(account, message) === true) return
    const isKept = account !== undefined && archiveId(account, message) !== undefined
    if (!isKept || this.#chat.offline === 'bounce') this.#refuse(message, 'service-unavailable')
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

  /** Answers a request that is for the server, or for an account itself. */
  #answer(question: Question, target: Jid | undefined): void {
    if (this.#features.some(feature => feature.handle(question))) return
    const { session } = question
    this.deliver(session, this.#answerPlain(question, target !== undefined && target.local === undefined))
  }

  #answerPlain({ session, iq, request, kind, owner }: Question, isForServer: boolean): Element {
    const { account } = session
    const isForOwnAccount = owner === account
    // An account shows what it can do to those who see its presence.
    const isContact = this.#pep !== undefined && owner?.roster.get(account.bareJid)?.seesUs === true
    const isDisco = kind.startsWith(`get ${NS.discoInfo} `) || kind.startsWith(`get ${NS.discoItems} `)
    if (!isForServer && !isForOwnAccount && !(isContact && isDisco)) return refusal(iq, 'service-unavailable')
    switch (kind) {
      case `get ${NS.discoInfo} query`:
        if (attribute(request, 'node') !== undefined) return refusal(iq, 'item-not-found')
        return result(iq, this.#discoInfo(isForServer))
      case `get ${NS.discoItems} query`:
        if (attribute(request, 'node') !== undefined) return refusal(iq, 'item-not-found')
        return result(iq, xml('query', { xmlns: NS.discoItems }))
      case `get ${NS.ping} ping`:
      case `set ${NS.session} session`:
        return result(iq)
      case `get ${NS.roster} query`:
        if (isForServer) return refusal(iq, 'service-unavailable')
        session.wantsRosterPushes = true
        return this.#readRoster(account, iq, request)
      case `set ${NS.roster} query`:
        if (isForServer) return refusal(iq, 'service-unavailable')
        return this.#setRosterItem(account, iq, request)
      case `set ${NS.discoInfo} query`:
      case `set ${NS.discoItems} query`:
      case `set ${NS.ping} ping`:
        return refusal(iq, 'feature-not-implemented')
      default:
        return refusal(iq, 'service-unavailable')
    }
  }

  #readRoster(account: Account, iq: Element, query: Element): Element {
    const ver = this.#chat.rosterVersions ? account.rosterVersion : undefined
    if (ver !== undefined && attribute(query, 'ver') === ver) return result(iq)
    const items = [...account.roster.values()].map(rosterItemElement)
    return result(iq, xml('query', { xmlns: NS.roster, ver }, ...items))
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
    account.rosterChanged()
    const ver = this.#chat.rosterVersions ? account.rosterVersion : undefined
    const item = account.roster.get(jid)
    const element =
      item === undefined ? xml('item', { jid, subscription: 'remove' }) : rosterItemElement(item)
    for (const session of account.sessions.values()) {
      if (!session.wantsRosterPushes) continue
      const query = xml('query', { xmlns: NS.roster, ver }, element)
      this.deliver(session, xml('iq', { type: 'set', id: randomUUID(), to: session.jid }, query))
    }
  }

  #removeAccount(account: Account): void {
    for (const jid of [...account.roster.keys()]) this.#presences.forget(account, jid)
    this.#accounts.remove(account)
    for (const session of [...account.sessions.values()]) session.end('not-authorized')
  }

  #discoInfo(isForServer: boolean): Element {
    const identities = isForServer
      ? [{ category: 'server', type: 'im', name: 'Plumb test server' }]
      : [{ category: 'account', type: 'registered' }, ...(this.#pep === undefined ? [] : [PEP_IDENTITY])]
    const features = [
      ...[NS.discoInfo, NS.discoItems, NS.ping, NS.roster],
      ...this.#features.flatMap(({ ofServer, ofAccounts }) => (isForServer ? ofServer : ofAccounts)),
      ...(this.#offline !== undefined && isForServer ? ['msgoffline'] : []),
    ]
    return xml(
      'query',
      { xmlns: NS.discoInfo },
      ...identities.map(identity => xml('identity', identity)),
      ...features.map(feature => xml('feature', { var: feature })),
    )
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
