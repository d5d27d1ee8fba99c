import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import { Blocking } from '../xmpp/blocking.ts'
import { IqError, type IqRouter } from '../xmpp/iq.ts'
import { bareJid } from '../xmpp/stanza.ts'
import type { Discovery } from '../xmpp/xep-0030.ts'

export interface AcquaintancesOptions {
  readonly iq: IqRouter
  readonly discovery: Discovery
  readonly stream: { readonly address: string }
}

/** How long the server may take to say what it has: without an answer the sign-in goes on with nothing of it. */
const SUPPORT_TIMEOUT_MS = 10_000

/** Who people are beside their names in the contact list: whom we want to hear nothing of. */
export class Acquaintances {
  readonly blocking: Blocking
  readonly #options: AcquaintancesOptions

  constructor(options: AcquaintancesOptions) {
    this.#options = options
    this.blocking = new Blocking(options.iq, () => this.#own)
  }

  /** A new session, before its presence. Throws nothing: what does not answer is not there. */
  async startSession(): Promise<void> {
    const signal = AbortSignal.timeout(SUPPORT_TIMEOUT_MS)
    const domain = this.#own.slice(this.#own.indexOf('@') + 1)
    const features = await this.#options.discovery
      .featuresOf(domain, { signal })
      .catch(() => new Set<string>())
    await this.blocking.fetch(features).catch(() => {})
  }

  /** Whether nothing comes from this bare or full JID. Nobody blocks oneself, not even with the whole server. */
  isBlocked(address: string): boolean {
    return bareJid(address) !== this.#own && this.blocking.has(address)
  }

  /** By bare JID. Throws `not-allowed` where the server does not. */
  async block(bare: string): Promise<void> {
    if (!this.blocking.isSupported) {
      throw new Failure('not-allowed', say('blocking.unsupported'))
    }
    await this.#change(this.blocking.block(bare))
  }

  /** What is blocked, whatever that is: a bare or full JID, or a server. Throws `not-allowed` where the server does not. */
  async unblock(address: string): Promise<void> {
    if (!this.blocking.addresses.includes(address) && this.blocking.has(address)) {
      const domain = address.slice(address.indexOf('@') + 1)
      throw new Failure('not-allowed', say('blocking.whole-server', { server: domain }))
    }
    await this.#change(this.blocking.unblock(address))
  }

  async #change(request: Promise<void>): Promise<void> {
    try {
      await request
    } catch (cause) {
      if (!(cause instanceof IqError)) throw cause
      throw new Failure('not-allowed', say('blocking.refused'), { cause })
    }
  }

  get #own(): string {
    return bareJid(this.#options.stream.address)
  }
}
