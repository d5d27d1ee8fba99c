import type { Element } from '@xmpp/xml'
import type { Account } from './accounts.ts'
import type { Session } from './session.ts'

/** A request that is for the server, or for an account itself. */
export interface Question {
  readonly session: Session
  readonly iq: Element
  /** The one element in it. */
  readonly request: Element
  /** `get` or `set`, its namespace and its name, with a space between them. */
  readonly kind: string
  /** Whose account it is for: maybe somebody else's; undefined where it is for the server. */
  readonly owner: Account | undefined
}

/** One XEP that the server knows. */
export interface Feature {
  /** What the server says of itself for it (XEP-0030). */
  readonly ofServer: readonly string[]
  /** What the server says of each account. */
  readonly ofAccounts: readonly string[]
  /** Whether the question was its own, and is answered. */
  handle(question: Question): boolean
}

/** What a feature does to others. */
export interface FeatureEffects {
  deliver(session: Session, stanza: Element): void
}

export function isForOneself({ session, owner }: Question): boolean {
  return owner === session.account
}
