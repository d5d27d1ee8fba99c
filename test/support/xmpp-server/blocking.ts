import { randomUUID } from 'node:crypto'
import xml, { type Element } from '@xmpp/xml'
import type { Account, Accounts } from './accounts.ts'
import { type Feature, type FeatureEffects, isForOneself, type Question } from './feature.ts'
import type { Session } from './session.ts'
import { attribute, parseJid, refusal, result } from './stanzas.ts'

export const NS_BLOCKING = 'urn:xmpp:blocking'

export interface BlockingEffects extends FeatureEffects {
  /** The contact, by its bare JID, sees no session of the account any more. */
  hide(account: Account, contactJid: string): void
  /** The contact sees them again, if it may. */
  show(account: Account, contactJid: string): void
}

/** Whom an account wants to hear nothing of (XEP-0191). */
export class Blocking implements Feature {
  readonly ofServer = [NS_BLOCKING]
  readonly ofAccounts = []
  readonly #accounts: Accounts
  readonly #effects: BlockingEffects
  readonly #blocked = new WeakMap<Account, ReadonlySet<string>>()
  readonly #interested = new WeakSet<Session>()

  constructor(accounts: Accounts, effects: BlockingEffects) {
    this.#accounts = accounts
    this.#effects = effects
  }

  /** Nobody blocks oneself, not even with the whole server. */
  blocks(account: Account, jid: string): boolean {
    const blocked = this.#blocked.get(account)
    const parsed = parseJid(jid)
    if (blocked === undefined || parsed === undefined || parsed.bare === account.bareJid) return false
    const full = parsed.resource === undefined ? parsed.bare : `${parsed.bare}/${parsed.resource}`
    return [full, parsed.bare, parsed.domain].some(candidate => blocked.has(candidate))
  }

  /** Whether one of them blocks the other. */
  separates(oneJid: string, otherJid: string): boolean {
    const isBlockedBy = (ownerJid: string, jid: string) => {
      const owner = this.#accounts.findByJid(ownerJid)
      return owner !== undefined && this.blocks(owner, jid)
    }
    return isBlockedBy(oneJid, otherJid) || isBlockedBy(otherJid, oneJid)
  }

  handle(question: Question): boolean {
    if (!isForOneself(question)) return false
    const { session, iq, kind } = question
    switch (kind) {
      case `get ${NS_BLOCKING} blocklist`: {
        this.#interested.add(session)
        const items = [...(this.#blocked.get(session.account) ?? [])].map(jid => xml('item', { jid }))
        this.#effects.deliver(session, result(iq, xml('blocklist', { xmlns: NS_BLOCKING }, ...items)))
        return true
      }
      case `set ${NS_BLOCKING} block`:
      case `set ${NS_BLOCKING} unblock`:
        this.#change(question)
        return true
      default:
        return false
    }
  }

  #change({ session, iq, request }: Question): void {
    const { account } = session
    const isBlock = request.getName() === 'block'
    const jids = request.getChildren('item').map(item => canonicalJid(attribute(item, 'jid') ?? ''))
    if (jids.includes(undefined)) {
      this.#effects.deliver(session, refusal(iq, 'jid-malformed'))
      return
    }
    if (isBlock && jids.length === 0) {
      this.#effects.deliver(session, refusal(iq, 'bad-request'))
      return
    }
    const before = this.#blocked.get(account) ?? new Set<string>()
    const named = new Set(jids.flatMap(jid => jid ?? []))
    if (isBlock) {
      for (const jid of named) if (!before.has(jid)) this.#effects.hide(account, jid)
      this.#blocked.set(account, new Set([...before, ...named]))
    } else {
      // Who names nobody means all.
      const freed = [...before].filter(jid => named.size === 0 || named.has(jid))
      this.#blocked.set(account, new Set([...before].filter(jid => !freed.includes(jid))))
      for (const jid of freed) this.#effects.show(account, jid)
    }
    this.#effects.deliver(session, result(iq))
    const items = [...named].map(jid => xml('item', { jid }))
    for (const each of account.sessions.values()) {
      if (!this.#interested.has(each)) continue
      const push = xml(request.getName(), { xmlns: NS_BLOCKING }, ...items)
      this.#effects.deliver(each, xml('iq', { type: 'set', id: randomUUID(), to: each.jid }, push))
    }
  }
}

/** What a client gets that writes to somebody whom it blocks (XEP-0191 §3.2). */
export function blockedRefusal(stanza: Element): Element {
  const answer = refusal(stanza, 'not-acceptable', 'You have blocked this JID', [
    xml('blocked', { xmlns: `${NS_BLOCKING}:errors` }),
  ])
  answer.getChild('error')?.setAttrs({ type: 'cancel' })
  return answer
}

function canonicalJid(text: string): string | undefined {
  const parsed = parseJid(text)
  if (parsed === undefined) return undefined
  return parsed.resource === undefined ? parsed.bare : `${parsed.bare}/${parsed.resource}`
}
