import xml, { type Element } from '@xmpp/xml'
import type { Account } from './accounts.ts'
import type { FeatureEffects } from './feature.ts'
import type { Session } from './session.ts'
import { copyStanza, NS } from './stanzas.ts'

/** Of one account. What is beyond comes back to who sent it. */
const MAX_MESSAGES = 10_000

/** Messages for who is not there (XEP-0160). */
export class OfflineMessages {
  readonly #effects: FeatureEffects
  readonly #messages = new WeakMap<Account, Element[]>()

  constructor(effects: FeatureEffects) {
    this.#effects = effects
  }

  /** Whether there was room for it. */
  keep(account: Account, message: Element): boolean {
    const kept = this.#messages.get(account) ?? []
    if (kept.length >= MAX_MESSAGES) return false
    this.#messages.set(account, kept)
    const copy = copyStanza(message)
    copy.append(xml('delay', { xmlns: NS.delay, from: account.bareJid, stamp: new Date().toISOString() }))
    kept.push(copy)
    return true
  }

  /** The first device that comes gets them. */
  cameOnline(session: Session): void {
    if (session.priority < 0) return
    const kept = this.#messages.get(session.account) ?? []
    this.#messages.delete(session.account)
    for (const message of kept) this.#effects.deliver(session, message)
  }
}
