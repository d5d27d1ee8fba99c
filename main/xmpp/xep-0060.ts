import { IqError, type IqRouter } from './iq.ts'
import { attribute, type Element, isFullJid, normalizeJid, personJid, xml } from './stanza.ts'
import { submittedForm } from './submitted-form.ts'

/** What is kept in the nodes of an account (XEP-0163), which is a small part of publish-subscribe (XEP-0060). */

export const NS_PUBSUB = 'http://jabber.org/protocol/pubsub'
export const NS_PUBSUB_EVENT = `${NS_PUBSUB}#event`
/** A server that announces it holds to the options that an item is published with; others ignore them. */
export const NS_PUBLISH_OPTIONS = `${NS_PUBSUB}#publish-options`
const NS_PUBSUB_OWNER = `${NS_PUBSUB}#owner`

/** Of one answer or notification; what is beyond is left out. */
const MAX_ITEMS = 10_000
/** Characters of the id of an item, and of the name of a node. */
const MAX_ID_LENGTH = 3_071

export interface PubSubItem {
  readonly id: string
  /** The one element in it; undefined where there is none, or more. */
  readonly payload: Element | undefined
}

/** How a node is to be kept. */
export interface NodeOptions {
  /** Who can read it: only we (`whitelist`), who sees our presence, or everybody. */
  readonly access: 'whitelist' | 'presence' | 'open'
  /** How many items are kept; `max`: as many as the server allows. */
  readonly maxItems: number | 'max'
  /** Whether the last item is sent to each device that comes online; left out, as the server does by itself. */
  readonly sendLast?: 'never' | 'on_sub_and_presence'
}

/** What somebody's node tells those who follow it. */
export interface PubSubEvent {
  /** Bare JID of the account whose node it is. */
  readonly from: string
  readonly node: string
  /** New, or with something new in it. */
  readonly items: readonly PubSubItem[]
  /** Ids of those that are gone. */
  readonly retracted: readonly string[]
  /** All that was in the node is gone. */
  readonly emptied: boolean
}

type RequestOptions = Parameters<IqRouter['request']>[3]

/**
 * Publishes an item in a node of our own, and makes the node where there is none. A node that is kept in another way is
 * changed first: nothing is published for others to read than was asked. Throws as `IqRouter.request`.
 */
export async function publishItem(
  iq: IqRouter,
  item: {
    readonly node: string
    readonly id: string
    readonly payload: Element
    readonly options: NodeOptions
  },
  options?: RequestOptions,
): Promise<void> {
  const { node } = item
  const set = async (request: Element): Promise<void> => {
    await iq.request('set', undefined, request, options)
  }
  const publish = async (fields: Fields): Promise<void> => {
    try {
      await set(writePublish(item, fields))
    } catch (error) {
      const isKeptOtherwise = error instanceof IqError && error.error.details.includes('precondition-not-met')
      if (!isKeptOtherwise) throw error
      await set(writeConfiguration(node, fieldsOf(item.options)))
      await set(writePublish(item, fields))
    }
  }
  try {
    await publish(fieldsOf(item.options))
  } catch (error) {
    const isUnknown = error instanceof IqError && error.error.condition === 'resource-constraint'
    if (!isUnknown) throw error
    // ejabberd up to 23.01 knows two of the fields only, among them who may read it; the others it takes afterwards.
    await publish(accessOf(item.options))
    await set(writeConfiguration(node, fieldsOf(item.options))).catch(unlessLost)
  }
}

/** Removes an item of our own. One that is not there counts as removed. Throws as `IqRouter.request`. */
export async function retractItem(
  iq: IqRouter,
  node: string,
  id: string,
  options?: RequestOptions,
): Promise<void> {
  const retract = xml('retract', { node, notify: 'true' }, xml('item', { id }))
  await unlessMissing(iq.request('set', undefined, xml('pubsub', { xmlns: NS_PUBSUB }, retract), options))
}

/**
 * The items of a node: all that the server gives, those of these `ids`, or the newest `max`. `from` is a bare JID, our own
 * account where it is left out. None where there is no such node. Throws as `IqRouter.request`.
 */
export async function readItems(
  iq: IqRouter,
  wanted: {
    readonly from?: string
    readonly node: string
    readonly ids?: readonly string[]
    readonly max?: number
  },
  options?: RequestOptions,
): Promise<PubSubItem[]> {
  const { from, node, ids = [], max } = wanted
  const items = xml(
    'items',
    { node, ...(max === undefined ? {} : { max_items: String(max) }) },
    ...ids.map(id => xml('item', { id })),
  )
  const asked = xml('pubsub', { xmlns: NS_PUBSUB }, items)
  const result = await unlessMissing(iq.request('get', from, asked, options))
  const answer = result?.getChild('pubsub', NS_PUBSUB)?.getChild('items', NS_PUBSUB)
  if (answer === undefined || attribute(answer, 'node') !== node) return []
  return readItemsIn(answer, NS_PUBSUB)
}

/**
 * What a message says of somebody's node; undefined where it is no such message. It counts only from the account itself, by
 * its bare JID, and only if it `isFollowed`: anybody else can write the same elements.
 */
export function readEvent(stanza: Element, isFollowed: (bare: string) => boolean): PubSubEvent | undefined {
  const sender = normalizeJid(attribute(stanza, 'from') ?? '')
  if (sender === undefined || isFullJid(sender) || attribute(stanza, 'type') === 'error') return undefined
  const from = personJid(sender)
  if (from === undefined || !isFollowed(from)) return undefined
  const [event, ...more] = stanza.getChildren('event', NS_PUBSUB_EVENT)
  if (event === undefined || more.length > 0) return undefined
  const told = ['items', 'purge', 'delete'].flatMap(name => event.getChildren(name, NS_PUBSUB_EVENT))
  const [change] = told
  const node = change && readName(change, 'node')
  if (change === undefined || told.length > 1 || node === undefined) return undefined
  if (change.getName() !== 'items') return { from, node, items: [], retracted: [], emptied: true }
  const retracted = change
    .getChildren('retract', NS_PUBSUB_EVENT)
    .slice(0, MAX_ITEMS)
    .flatMap(retract => readName(retract, 'id') ?? [])
  return { from, node, items: readItemsIn(change, NS_PUBSUB_EVENT), retracted, emptied: false }
}

type Fields = Readonly<Record<string, string>>

function writePublish({ node, id, payload }: Parameters<typeof publishItem>[1], fields: Fields): Element {
  return xml(
    'pubsub',
    { xmlns: NS_PUBSUB },
    xml('publish', { node }, xml('item', { id }, payload)),
    xml('publish-options', {}, submittedForm(NS_PUBLISH_OPTIONS, fields)),
  )
}

function writeConfiguration(node: string, fields: Fields): Element {
  const form = submittedForm(`${NS_PUBSUB}#node_config`, fields)
  return xml('pubsub', { xmlns: NS_PUBSUB_OWNER }, xml('configure', { node }, form))
}

function fieldsOf({ access, maxItems, sendLast }: NodeOptions): Fields {
  return {
    'pubsub#persist_items': 'true',
    'pubsub#max_items': String(maxItems),
    ...(sendLast === undefined ? {} : { 'pubsub#send_last_published_item': sendLast }),
    'pubsub#access_model': access,
  }
}

function accessOf({ access }: NodeOptions): Fields {
  return { 'pubsub#persist_items': 'true', 'pubsub#access_model': access }
}

/** How many items are kept is no reason to fail, once one is kept for the right people. */
function unlessLost(error: unknown): void {
  if (!(error instanceof IqError)) throw error
}

function readItemsIn(list: Element, namespace: string): PubSubItem[] {
  return list
    .getChildren('item', namespace)
    .slice(0, MAX_ITEMS)
    .flatMap(item => {
      const id = readName(item, 'id')
      const [payload, ...more] = item.getChildElements()
      return id === undefined ? [] : [{ id, payload: more.length > 0 ? undefined : payload }]
    })
}

function readName(element: Element, name: string): string | undefined {
  const value = attribute(element, name) ?? ''
  return value === '' || value.length > MAX_ID_LENGTH ? undefined : value
}

/** What there is none of is nothing. */
async function unlessMissing(request: Promise<Element>): Promise<Element | undefined> {
  try {
    return await request
  } catch (error) {
    if (error instanceof IqError && error.error.condition === 'item-not-found') return undefined
    throw error
  }
}
