import { EventEmitter } from 'node:events'
import { IqError, type IqRouter } from './iq.ts'
import { bareJid, normalizeJid } from './stanza.ts'
import {
  MAX_BLOCKED,
  NS_BLOCKING,
  readBlockingPush,
  readBlocklist,
  writeBlocking,
  writeBlocklistQuestion,
} from './xep-0191.ts'

/** Whom we have blocked, as the server keeps it, up to date by its pushes (XEP-0191). */
export class Blocking extends EventEmitter<{ changed: [] }> {
  readonly #iq: IqRouter
  readonly #blocked = new Set<string>()
  #isSupported = false

  /** `ownBare`: a push counts only from there, and from the server itself. */
  constructor(iq: IqRouter, ownBare: () => string) {
    super()
    this.#iq = iq
    iq.handle('set', NS_BLOCKING, ({ from, payload }) => {
      const own = ownBare()
      const push = [own, own.slice(own.indexOf('@') + 1)].includes(from)
        ? readBlockingPush(payload)
        : undefined
      if (push !== undefined) {
        if (push.kind === 'unblock-all') this.#blocked.clear()
        else if (push.kind === 'unblock') for (const address of push.addresses) this.#blocked.delete(address)
        else this.#add(push.addresses)
        this.emit('changed')
      }
      return { payload: undefined }
    })
  }

  /**
   * Reads the list, in each new session, from a server that has these features; nobody is blocked at one that knows
   * nothing of it. Throws as `IqRouter.request`, except for a server that refuses after all.
   */
  async fetch(serverFeatures: ReadonlySet<string>): Promise<void> {
    const result = serverFeatures.has(NS_BLOCKING)
      ? await this.#iq.request('get', undefined, writeBlocklistQuestion()).catch(error => {
          if (error instanceof IqError) return undefined
          throw error
        })
      : undefined
    const list = result?.getChild('blocklist', NS_BLOCKING)
    this.#isSupported = list !== undefined
    this.#blocked.clear()
    if (list !== undefined) this.#add(readBlocklist(list))
    this.emit('changed')
  }

  /** Whether the server can block anybody. */
  get isSupported(): boolean {
    return this.#isSupported
  }

  get addresses(): readonly string[] {
    return [...this.#blocked]
  }

  /** Whether nothing comes from this bare or full JID: it is blocked itself, its account, or its server. */
  has(address: string): boolean {
    const bare = bareJid(address)
    const resource = address.slice(bare.length)
    const domain = bare.slice(bare.indexOf('@') + 1)
    // XEP-0191 section 3.1, in its order.
    return [address, bare, domain + resource, domain].some(each => this.#blocked.has(each))
  }

  /** Resolves when the server holds to it; its push says so to all our devices. Throws as `IqRouter.request`. */
  async block(address: string): Promise<void> {
    await this.#iq.request('set', undefined, writeBlocking('block', [normalizeJid(address) ?? address]))
  }

  async unblock(address: string): Promise<void> {
    await this.#iq.request('set', undefined, writeBlocking('unblock', [normalizeJid(address) ?? address]))
  }

  #add(addresses: readonly string[]): void {
    for (const address of addresses) if (this.#blocked.size < MAX_BLOCKED) this.#blocked.add(address)
  }
}
