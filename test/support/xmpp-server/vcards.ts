import { createHash } from 'node:crypto'
import xml, { type Element } from '@xmpp/xml'
import type { Account } from './accounts.ts'
import { type Feature, type FeatureEffects, isForOneself, type Question } from './feature.ts'
import type { Pep } from './pep.ts'
import { attribute, copyStanza, refusal, result, withoutChildren } from './stanzas.ts'

const NS_VCARD = 'vcard-temp'
const NS_UPDATE = 'vcard-temp:x:update'
const NODE_DATA = 'urn:xmpp:avatar:data'
const NODE_METADATA = 'urn:xmpp:avatar:metadata'

/**
 * Cards (XEP-0054). With `pep`, their pictures are the avatars (XEP-0084) and the other way round, and the server says
 * which in presence (XEP-0153), as Prosody's mod_vcard_legacy and XEP-0398 do.
 */
export class VCards implements Feature {
  readonly ofServer = [NS_VCARD]
  readonly ofAccounts: readonly string[]
  readonly #effects: FeatureEffects
  readonly #pep: Pep | undefined
  readonly #cards = new WeakMap<Account, Element>()

  constructor(pep: Pep | undefined, effects: FeatureEffects) {
    this.#effects = effects
    this.#pep = pep
    this.ofAccounts = pep === undefined ? [] : ['urn:xmpp:pep-vcard-conversion:0']
  }

  handle(question: Question): boolean {
    const { kind, session, iq, request, owner } = question
    if (kind === `get ${NS_VCARD} vCard` && owner !== undefined) {
      const card = this.#read(owner, session.account.bareJid)
      this.#effects.deliver(session, card === undefined ? refusal(iq, 'item-not-found') : result(iq, card))
      return true
    }
    if (kind !== `set ${NS_VCARD} vCard`) return false
    if (!isForOneself(question)) {
      this.#effects.deliver(session, refusal(iq, 'forbidden'))
      return true
    }
    this.#cards.set(session.account, copyStanza(request))
    if (this.#pep !== undefined) publishPhoto(this.#pep, session.account, request)
    this.#effects.deliver(session, result(iq))
    return true
  }

  /** The presence of a client, with the hash of the avatar where the client says nothing of it. */
  withPhotoHash(account: Account, presence: Element): Element {
    if (this.#pep === undefined || attribute(presence, 'type') !== undefined) return presence
    if (presence.getChild('x', NS_UPDATE)?.getChild('photo') !== undefined) return presence
    const [hash] = this.#pep.newest(account, NODE_METADATA, account.bareJid) ?? []
    const marked = copyStanza(withoutChildren(presence, child => child.is('x', NS_UPDATE)))
    marked.append(xml('x', { xmlns: NS_UPDATE }, hash === undefined ? xml('photo') : xml('photo', {}, hash)))
    return marked
  }

  #read(owner: Account, readerBare: string): Element | undefined {
    const card = this.#cards.get(owner)
    if (this.#pep === undefined) return card && copyStanza(card)
    const texts = withoutChildren(card ?? xml('vCard', { xmlns: NS_VCARD }), child => child.is('PHOTO'))
    const copy = copyStanza(texts)
    const photo = readPhoto(this.#pep, owner, readerBare)
    if (photo !== undefined) copy.append(photo)
    return copy
  }
}

function readPhoto(pep: Pep, owner: Account, readerBare: string): Element | undefined {
  const [, metadata] = pep.newest(owner, NODE_METADATA, readerBare) ?? []
  const info = metadata?.getChild('metadata', NODE_METADATA)?.getChild('info')
  const [, data] = pep.newest(owner, NODE_DATA, readerBare) ?? []
  if (info === undefined || data === undefined || attribute(data, 'id') !== attribute(info, 'id')) {
    return undefined
  }
  return xml(
    'PHOTO',
    {},
    xml('TYPE', {}, attribute(info, 'type') ?? ''),
    xml('BINVAL', {}, data.getChildText('data', NODE_DATA) ?? ''),
  )
}

function publishPhoto(pep: Pep, owner: Account, card: Element): void {
  const photo = card.getChild('PHOTO')
  const base64 = photo?.getChildText('BINVAL') ?? ''
  pep.empty(owner, NODE_DATA)
  pep.empty(owner, NODE_METADATA)
  if (base64 === '') return
  const bytes = Buffer.from(base64, 'base64')
  const id = createHash('sha1').update(bytes).digest('hex')
  const info = { bytes: String(bytes.length), id, type: photo?.getChildText('TYPE') ?? undefined }
  const open = new Map([['pubsub#access_model', 'open']])
  const item = (payload: Element) => xml('item', { id }, payload)
  pep.publish(owner, NODE_DATA, item(xml('data', { xmlns: NODE_DATA }, base64)), open)
  pep.publish(owner, NODE_METADATA, item(xml('metadata', { xmlns: NODE_METADATA }, xml('info', info))), open)
}
