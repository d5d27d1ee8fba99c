import xml, { type Element } from '@xmpp/xml'
import type { Account } from './accounts.ts'
import { type Feature, type FeatureEffects, isForOneself, type Question } from './feature.ts'
import type { Session } from './session.ts'
import { attribute, copyStanza, NS, result, withoutChildren } from './stanzas.ts'

export const NS_CARBONS = 'urn:xmpp:carbons:2'

/** Copies of what an account's other devices send and get (XEP-0280). */
export class Carbons implements Feature {
  readonly ofServer = [NS_CARBONS, 'urn:xmpp:carbons:rules:0']
  readonly ofAccounts = []
  readonly #effects: FeatureEffects
  readonly #enabled = new WeakSet<Session>()

  constructor(effects: FeatureEffects) {
    this.#effects = effects
  }

  handle(question: Question): boolean {
    if (!isForOneself(question)) return false
    const { session, iq, kind } = question
    if (kind === `set ${NS_CARBONS} enable`) this.#enabled.add(session)
    else if (kind === `set ${NS_CARBONS} disable`) this.#enabled.delete(session)
    else return false
    this.#effects.deliver(session, result(iq))
    return true
  }

  /** To the account's devices that want copies, but those that have the message anyway. */
  copy(
    direction: 'sent' | 'received',
    account: Account,
    message: Element,
    without: readonly Session[],
  ): void {
    if (!isToBeCopied(message)) return
    for (const session of account.sessions.values()) {
      if (!this.#enabled.has(session) || without.includes(session)) continue
      const forwarded = xml('forwarded', { xmlns: NS.forward }, copyStanza(message, { xmlns: NS.client }))
      this.#effects.deliver(
        session,
        xml(
          'message',
          { from: account.bareJid, to: session.jid, type: attribute(message, 'type') ?? 'normal' },
          xml(direction, { xmlns: NS_CARBONS }, forwarded),
        ),
      )
    }
  }
}

/** XEP-0280 §6.1: whoever gets the message need not know that it was private. */
export function withoutPrivateMark(message: Element): Element {
  return withoutChildren(message, child => child.is('private', NS_CARBONS))
}

function isToBeCopied(message: Element): boolean {
  if (message.getChild('private', NS_CARBONS) || message.getChild('no-copy', NS.hints)) return false
  const type = attribute(message, 'type') ?? 'normal'
  if (type !== 'normal') return type === 'chat'
  const instantMessaging: readonly (string | undefined)[] = [NS.receipts, NS.markers, NS.chatStates]
  return (
    message.getChild('body') !== undefined ||
    message.getChildElements().some(child => instantMessaging.includes(child.getNS()))
  )
}
