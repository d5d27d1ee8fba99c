import { randomUUID } from 'node:crypto'
import xml, { type Element } from '@xmpp/xml'
import type { Account } from './accounts.ts'
import { Archive, type ArchivedMessage, type ArchiveQuery } from './archive.ts'
import { readForm } from './data-form.ts'
import { type Feature, type FeatureEffects, isForOneself, type Question } from './feature.ts'
import { attribute, copyStanza, NS, parseJid, refusal, result, withoutChildren } from './stanzas.ts'

export const NS_ARCHIVE = 'urn:xmpp:mam:2'
const NS_RSM = 'http://jabber.org/protocol/rsm'
/** What a page has where the client does not say. */
const USUAL_PAGE = 20
/** Prosody's `max_archive_query_results`. */
const MAX_PAGE = 50

export interface ArchiveOptions {
  /** Whether stamps have whole seconds, as Prosody's, or milliseconds. Default: seconds. */
  readonly stamps?: 'seconds' | 'milliseconds'
  /** How many messages a page has at most, whatever is asked for. Default: 50. */
  readonly maxPage?: number
  /** Whether receipts and markers are kept that do not ask for it (XEP-0334), as ejabberd's are not. Default: yes. */
  readonly marks?: boolean
}

/** A message for an archive that nobody sent. */
export interface ArchiveEntry {
  /** Default: one of the server's. */
  readonly id?: string
  readonly at: Date
  /** With `from` and `to`, one of which is the account's. */
  readonly message: Element
}

/** Message archives (XEP-0313), and the ids that they give (XEP-0359). */
export class Archiving implements Feature {
  readonly ofServer = []
  readonly ofAccounts = [NS_ARCHIVE, NS.stanzaIds]
  readonly #effects: FeatureEffects
  readonly #keepsMarks: boolean
  readonly #maxPage: number
  readonly #resolutionMs: number
  readonly #archives = new WeakMap<Account, Archive>()

  constructor(
    { stamps = 'seconds', maxPage = MAX_PAGE, marks = true }: ArchiveOptions,
    effects: FeatureEffects,
  ) {
    this.#effects = effects
    this.#keepsMarks = marks
    this.#maxPage = maxPage
    this.#resolutionMs = stamps === 'seconds' ? 1000 : 1
  }

  of(account: Account): Archive {
    const existing = this.#archives.get(account)
    if (existing !== undefined) return existing
    const created = new Archive()
    this.#archives.set(account, created)
    return created
  }

  /**
   * Keeps a message that an account sends or gets, if it is one to keep. Returns it as it goes on: without ids that
   * somebody else gave in the archive's name, and with the archive's own.
   */
  keep(account: Account, stanza: Element, otherBare: string): Element {
    const message = withoutIdsBy(account.bareJid, stanza)
    if (!isWorthKeeping(message, this.#keepsMarks)) return message
    const kept = withoutChildren(message, child => child.getNS() === NS.chatStates)
    if (kept.getChildElements().length === 0) return message
    const id = this.#add(account, { at: new Date(), message: kept }, otherBare)
    const marked = copyStanza(message)
    marked.append(xml('stanza-id', { xmlns: NS.stanzaIds, by: account.bareJid, id }))
    return marked
  }

  fill(account: Account, entries: readonly ArchiveEntry[]): string[] {
    return entries.map(entry => {
      const jids = ['from', 'to'].map(name => parseJid(attribute(entry.message, name) ?? '')?.bare)
      const other = jids.find(jid => jid !== account.bareJid) ?? account.bareJid
      return this.#add(account, entry, other)
    })
  }

  handle(question: Question): boolean {
    if (question.kind !== `set ${NS_ARCHIVE} query` || !isForOneself(question)) return false
    const { session, iq, request } = question
    const query = this.#readQuery(request)
    if (query === undefined) {
      this.#effects.deliver(session, refusal(iq, 'bad-request'))
      return true
    }
    const page = this.of(session.account).find(query)
    if (page === undefined) {
      this.#effects.deliver(session, refusal(iq, 'item-not-found'))
      return true
    }
    const address = { from: attribute(iq, 'to'), to: attribute(iq, 'from') }
    const queryid = attribute(request, 'queryid')
    for (const each of page.messages) {
      this.#effects.deliver(session, xml('message', address, this.#resultElement(each, queryid)))
    }
    const complete = page.complete ? 'true' : undefined
    const fin = xml('fin', { xmlns: NS_ARCHIVE, complete }, pageElement(page.messages, page.count))
    this.#effects.deliver(session, result(iq, fin))
    return true
  }

  #add(account: Account, { id = randomUUID(), at, message }: ArchiveEntry, otherBare: string): string {
    const rounded = new Date(Math.floor(at.getTime() / this.#resolutionMs) * this.#resolutionMs)
    this.of(account).add({ id, at: rounded, with: otherBare, message: copyStanza(message) })
    return id
  }

  #resultElement({ id, at, message }: ArchivedMessage, queryid: string | undefined): Element {
    const stamp = this.#resolutionMs === 1 ? at.toISOString() : at.toISOString().replace('.000Z', 'Z')
    return xml(
      'result',
      { xmlns: NS_ARCHIVE, queryid, id },
      xml(
        'forwarded',
        { xmlns: NS.forward },
        xml('delay', { xmlns: NS.delay, stamp }),
        copyStanza(message, { xmlns: NS.client }),
      ),
    )
  }

  /** Undefined for a form that is none of ours. */
  #readQuery(request: Element): ArchiveQuery | undefined {
    const form = readForm(request)
    if (form !== undefined && form.get('FORM_TYPE') !== NS_ARCHIVE) return undefined
    const person = form?.get('with')
    const withBare = person === undefined ? undefined : parseJid(person)?.bare
    const [start, end] = ['start', 'end'].map(name => {
      const text = form?.get(name)
      return text === undefined ? undefined : new Date(text)
    })
    if (person !== undefined && withBare === undefined) return undefined
    if ([start, end].some(date => date !== undefined && Number.isNaN(date.getTime()))) return undefined

    const set = request.getChild('set', NS_RSM)
    const max = set?.getChildText('max')?.trim() ?? ''
    const wanted = /^\d{1,9}$/.test(max) ? Number(max) : USUAL_PAGE
    return {
      with: withBare,
      start,
      end,
      max: Math.min(wanted, this.#maxPage),
      after: set?.getChildText('after') ?? undefined,
      before: set?.getChild('before')?.text(),
    }
  }
}

/** The id that an account's archive gave a message, on this copy of it. */
export function archiveId(account: Account, message: Element): string | undefined {
  const given = message.getChildByAttr('by', account.bareJid, NS.stanzaIds)
  return given?.is('stanza-id') === true ? attribute(given, 'id') : undefined
}

/** Only the archive itself gives its ids (XEP-0359 §6). */
export function withoutIdsBy(bareJid: string, message: Element): Element {
  return withoutChildren(
    message,
    child =>
      child.is('stanza-id', NS.stanzaIds) && attribute(child, 'by')?.toLowerCase() === bareJid.toLowerCase(),
  )
}

/** The rules of Prosody's mod_mam, as far as two people's messages go. */
function isWorthKeeping(message: Element, keepsMarks: boolean): boolean {
  const type = attribute(message, 'type') ?? 'normal'
  if (!['chat', 'normal'].includes(type)) return false
  if (['no-store', 'no-permanent-store'].some(hint => message.getChild(hint, NS.hints))) return false
  const isText = message.getChild('body') !== undefined
  if (isText || message.getChild('store', NS.hints) !== undefined) return true
  const isMark = (child: Element) => child.getNS() === NS.receipts || child.getNS() === NS.markers
  return keepsMarks && message.getChildElements().some(isMark)
}

function pageElement(messages: readonly ArchivedMessage[], count: number): Element {
  const [first, last] = [messages.at(0)?.id, messages.at(-1)?.id]
  return xml(
    'set',
    { xmlns: NS_RSM },
    ...(first === undefined ? [] : [xml('first', {}, first)]),
    ...(last === undefined ? [] : [xml('last', {}, last)]),
    xml('count', {}, String(count)),
  )
}
