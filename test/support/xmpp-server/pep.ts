import { randomUUID } from 'node:crypto'
import xml, { type Element } from '@xmpp/xml'
import type { Account, Accounts } from './accounts.ts'
import { formElement, readForm } from './data-form.ts'
import type { Feature, FeatureEffects, Question } from './feature.ts'
import { DEFAULT_ACCESS, PepNode } from './pep-node.ts'
import type { Session } from './session.ts'
import { attribute, copyStanza, NS, refusal, result } from './stanzas.ts'

export const NS_PUBSUB = 'http://jabber.org/protocol/pubsub'
const NS_OWNER = `${NS_PUBSUB}#owner`
const NS_EVENT = `${NS_PUBSUB}#event`
const NS_ERRORS = `${NS_PUBSUB}#errors`
const NS_CAPS = 'http://jabber.org/protocol/caps'
const FORM_CONFIG = `${NS_PUBSUB}#node_config`
const FEW_OPTIONS = ['FORM_TYPE', 'pubsub#access_model', 'pubsub#persist_items']
/** Of one account. */
const MAX_NODES = 1_000

export interface PepEffects extends FeatureEffects {
  /** Whether one of them wants to hear nothing of the other. */
  separates(oneJid: string, otherJid: string): boolean
}

/** What a device said that it can do, and what it follows for that. */
interface Follower {
  /** The caps (XEP-0115) that it was asked for last. */
  readonly caps: string
  /** Of the question. */
  readonly id: string
  nodes: ReadonlySet<string>
}

/** What accounts publish for those who see their presence (XEP-0163). */
export class Pep implements Feature {
  readonly ofServer = []
  readonly ofAccounts = [
    NS_PUBSUB,
    ...[
      'access-open',
      'access-presence',
      'access-whitelist',
      'auto-create',
      'auto-subscribe',
      'config-node',
      'config-node-max',
      'create-and-configure',
      'create-nodes',
      'delete-items',
      'delete-nodes',
      'filtered-notifications',
      'item-ids',
      'last-published',
      'multi-items',
      'persistent-items',
      'presence-notifications',
      'publish',
      'publish-options',
      'purge-nodes',
      'retract-items',
      'retrieve-items',
    ].map(name => `${NS_PUBSUB}#${name}`),
  ]
  readonly #takesFewOptions: boolean
  readonly #accounts: Accounts
  readonly #effects: PepEffects
  readonly #nodes = new WeakMap<Account, Map<string, PepNode>>()
  readonly #followers = new Map<Session, Follower>()

  constructor(variant: 'all-options' | 'few-options', accounts: Accounts, effects: PepEffects) {
    this.#takesFewOptions = variant === 'few-options'
    this.#accounts = accounts
    this.#effects = effects
  }

  handle(question: Question): boolean {
    const { owner, request, kind, iq, session } = question
    const [type, namespace, name] = kind.split(' ')
    if (owner === undefined || name !== 'pubsub') return false
    if (namespace !== NS_PUBSUB && namespace !== NS_OWNER) return false
    const action = request.getChildElements()[0]
    const prefix = namespace === NS_OWNER ? 'owner ' : ''
    const answer = this.#answer(`${prefix}${type} ${action?.getName() ?? ''}`, { ...question, owner }, action)
    this.#effects.deliver(session, answer ?? refusal(iq, 'feature-not-implemented'))
    return true
  }

  /** The newest item of a node, where somebody may read it. */
  newest(owner: Account, name: string, readerBare: string): readonly [string, Element] | undefined {
    const node = this.#nodesOf(owner).get(name)
    return node !== undefined && mayRead(owner, node, readerBare) ? node.newest : undefined
  }

  /** Publishes in the name of an account. The options are those of a new node. */
  publish(owner: Account, name: string, item: Element, options: ReadonlyMap<string, string>): void {
    const nodes = this.#nodesOf(owner)
    const node = nodes.get(name) ?? new PepNode(name)
    if (!nodes.has(name)) node.configure(options)
    nodes.set(name, node)
    this.#publishIn(owner, node, item)
  }

  /** Everything in a node of an account goes, and nobody is told. */
  empty(owner: Account, name: string): void {
    this.#nodesOf(owner).get(name)?.clear()
  }

  /** A session said that it is there, in a presence for whoever it concerns. */
  cameOnline(session: Session, presence: Element): void {
    const caps = presence.getChild('c', NS_CAPS)
    // A presence without caps may only leave them out (XEP-0115 §8.4).
    if (caps === undefined) return
    const node = `${attribute(caps, 'node')}#${attribute(caps, 'ver')}`
    const former = this.#followers.get(session)
    if (former?.caps === node) return
    const id = randomUUID()
    this.#followers.set(session, { caps: node, id, nodes: former?.nodes ?? new Set() })
    const query = xml('query', { xmlns: NS.discoInfo, node })
    const address = { from: session.account.bareJid, to: session.jid }
    this.#effects.deliver(session, xml('iq', { type: 'get', id, ...address }, query))
  }

  wentOffline(session: Session): void {
    this.#followers.delete(session)
  }

  /** An answer to the server, maybe to our question. */
  receiveAnswer(session: Session, iq: Element): void {
    const follower = this.#followers.get(session)
    const query = iq.getChild('query', NS.discoInfo)
    if (follower === undefined || query === undefined || attribute(iq, 'id') !== follower.id) return
    const followed = query
      .getChildren('feature')
      .flatMap(feature => /^(.+)\+notify$/.exec(attribute(feature, 'var') ?? '')?.[1] ?? [])
    const before = follower.nodes
    follower.nodes = new Set(followed)
    const contacts = [...session.account.roster.keys()].flatMap(jid => this.#accounts.findByJid(jid) ?? [])
    const added = [...follower.nodes].filter(name => !before.has(name))
    for (const owner of [session.account, ...contacts]) {
      for (const name of added) this.#tellNewest(owner, name, session)
    }
  }

  #answer(
    action: string,
    { session, iq, request, owner }: Question & { readonly owner: Account },
    element: Element | undefined,
  ): Element | undefined {
    const reader = session.account.bareJid
    const name = element && attribute(element, 'node')
    if (element === undefined || name === undefined) {
      return refusal(iq, 'bad-request', undefined, [xml('nodeid-required', { xmlns: NS_ERRORS })])
    }
    const nodes = this.#nodesOf(owner)
    const node = nodes.get(name)
    const maySee = node === undefined ? maySeePresence(owner, reader) : mayRead(owner, node, reader)
    if (!maySee || (action !== 'get items' && reader !== owner.bareJid)) return refusal(iq, 'forbidden')
    switch (action) {
      case 'set publish':
        return this.#publishAsAsked(owner, iq, request, element, name)
      case 'set create': {
        if (node !== undefined) return refusal(iq, 'conflict')
        const created = new PepNode(name)
        const configure = request.getChild('configure')
        if (!created.configure((configure && readForm(configure)) ?? new Map())) {
          return refusal(iq, 'not-acceptable')
        }
        if (nodes.size >= MAX_NODES) return refusal(iq, 'not-allowed')
        nodes.set(name, created)
        return result(iq)
      }
      default:
        return node === undefined
          ? refusal(iq, 'item-not-found')
          : this.#answerFor(node, action, { owner, iq, element })
    }
  }

  /** Of a node that is there, to somebody who may do it. */
  #answerFor(
    node: PepNode,
    action: string,
    { owner, iq, element }: { readonly owner: Account; readonly iq: Element; readonly element: Element },
  ): Element | undefined {
    switch (action) {
      case 'get items':
        return result(iq, xml('pubsub', { xmlns: NS_PUBSUB }, readItems(node, element)))
      case 'set retract': {
        const item = element.getChild('item')
        const id = item && attribute(item, 'id')
        if (id === undefined || !node.remove(id)) return refusal(iq, 'item-not-found')
        const isToBeTold = ['true', '1'].includes(attribute(element, 'notify') ?? '')
        if (isToBeTold && node.option('pubsub#notify_retract') === 'true') {
          this.#tell(owner, node, xml('items', { node: node.name }, xml('retract', { id })))
        }
        return result(iq)
      }
      case 'owner get configure': {
        const form = formElement('form', FORM_CONFIG, node.options)
        const configure = xml('configure', { node: node.name }, form)
        return result(iq, xml('pubsub', { xmlns: NS_OWNER }, configure))
      }
      case 'owner set configure': {
        const form = readForm(element)
        if (form === undefined) return refusal(iq, 'bad-request', 'Missing dataform')
        return node.configure(form) ? result(iq) : refusal(iq, 'not-acceptable')
      }
      case 'owner set purge':
        node.clear()
        this.#tell(owner, node, xml('purge', { node: node.name }))
        return result(iq)
      case 'owner set delete':
        this.#nodesOf(owner).delete(node.name)
        if (node.option('pubsub#notify_delete') === 'true') {
          this.#tell(owner, node, xml('delete', { node: node.name }))
        }
        return result(iq)
      default:
        return undefined
    }
  }

  #publishAsAsked(owner: Account, iq: Element, request: Element, publish: Element, name: string): Element {
    const nodes = this.#nodesOf(owner)
    const existing = nodes.get(name)
    const wrapper = request.getChild('publish-options')
    const options = (wrapper && readForm(wrapper)) ?? new Map<string, string>()
    const unknown = [...options.keys()].find(option => !FEW_OPTIONS.includes(option))
    if (this.#takesFewOptions && unknown !== undefined) {
      return refusal(
        iq,
        'resource-constraint',
        `Unknown field '${unknown}' of type '${NS_PUBSUB}#publish-options'`,
      )
    }
    const difference = existing?.differsIn(options)
    if (difference !== undefined) {
      return refusal(iq, 'conflict', `Field does not match: ${difference}`, [
        xml('precondition-not-met', { xmlns: NS_ERRORS }),
      ])
    }
    const [item, ...more] = publish.getChildren('item')
    if (item === undefined || more.length > 0 || item.getChildElements().length !== 1) {
      return refusal(iq, 'bad-request', 'invalid item')
    }
    const node = existing ?? new PepNode(name)
    if (existing === undefined) {
      if (!node.configure(options)) return refusal(iq, 'not-acceptable')
      if (nodes.size >= MAX_NODES) return refusal(iq, 'not-allowed')
      nodes.set(name, node)
    }
    const id = attribute(item, 'id') ?? randomUUID()
    this.#publishIn(owner, node, copyStanza(item, { id, xmlns: undefined }))
    const published = xml('publish', { node: name }, xml('item', { id }))
    return result(iq, xml('pubsub', { xmlns: NS_PUBSUB }, published))
  }

  #publishIn(owner: Account, node: PepNode, item: Element): void {
    node.set(attribute(item, 'id') ?? '', item)
    if (node.option('pubsub#deliver_notifications') === 'true') this.#tell(owner, node, itemsOf(node, item))
  }

  /** To every device that follows the node and may read it, those of its owner included. */
  #tell(owner: Account, node: PepNode, change: Element): void {
    for (const [session, { nodes }] of this.#followers) {
      if (nodes.has(node.name)) this.#tellOne(owner, node, change, session)
    }
  }

  #tellNewest(owner: Account, name: string, session: Session): void {
    const node = this.#nodesOf(owner).get(name)
    const [, item] = node?.newest ?? []
    if (node === undefined || item === undefined) return
    if (node.option('pubsub#send_last_published_item') !== 'on_sub_and_presence') return
    this.#tellOne(owner, node, itemsOf(node, item), session)
  }

  #tellOne(owner: Account, node: PepNode, change: Element, session: Session): void {
    const reader = session.account.bareJid
    if (!mayRead(owner, node, reader) || this.#effects.separates(owner.bareJid, session.jid)) return
    const event = xml('event', { xmlns: NS_EVENT }, copyStanza(change))
    const address = { from: owner.bareJid, to: session.jid }
    this.#effects.deliver(session, xml('message', { type: 'headline', id: randomUUID(), ...address }, event))
  }

  #nodesOf(owner: Account): Map<string, PepNode> {
    const existing = this.#nodes.get(owner)
    if (existing !== undefined) return existing
    const created = new Map<string, PepNode>()
    this.#nodes.set(owner, created)
    return created
  }
}

function mayRead(owner: Account, node: PepNode, readerBare: string): boolean {
  if (readerBare === owner.bareJid) return true
  switch (node.option('pubsub#access_model')) {
    case 'open':
      return true
    case DEFAULT_ACCESS:
      return maySeePresence(owner, readerBare)
    default:
      return false
  }
}

function maySeePresence(owner: Account, readerBare: string): boolean {
  return readerBare === owner.bareJid || owner.roster.get(readerBare)?.seesUs === true
}

/** Those with the ids that are asked for, or the newest ones, oldest first. */
function readItems(node: PepNode, question: Element): Element {
  const ids = question.getChildren('item').flatMap(item => attribute(item, 'id') ?? [])
  const max = Number(attribute(question, 'max_items') ?? node.items.size)
  const items =
    ids.length > 0
      ? ids.flatMap(id => node.items.get(id) ?? [])
      : [...node.items.values()].slice(Math.max(0, node.items.size - max))
  return xml('items', { node: node.name }, ...items.map(item => copyStanza(item)))
}

function itemsOf(node: PepNode, item: Element): Element {
  const isWhole = node.option('pubsub#deliver_payloads') === 'true'
  return xml(
    'items',
    { node: node.name },
    isWhole ? copyStanza(item) : xml('item', { id: attribute(item, 'id') }),
  )
}

/** What a contact sees of an account (XEP-0163 §6.1). */
export const PEP_IDENTITY = { category: 'pubsub', type: 'pep' } as const
