import type { Element } from '@xmpp/xml'

/** Prosody's `pep_max_items`, which is also what `max` means. */
const MAX_ITEMS = 256

const DEFAULTS = {
  'pubsub#access_model': 'presence',
  'pubsub#deliver_notifications': 'true',
  'pubsub#deliver_payloads': 'true',
  'pubsub#max_items': '1',
  'pubsub#notify_delete': 'true',
  'pubsub#notify_retract': 'true',
  'pubsub#persist_items': 'true',
  'pubsub#publish_model': 'publishers',
  'pubsub#send_last_published_item': 'on_sub_and_presence',
} as const
type Option = keyof typeof DEFAULTS

export const DEFAULT_ACCESS = DEFAULTS['pubsub#access_model']

/** What an account publishes under one name (XEP-0060), as long as the server runs. */
export class PepNode {
  readonly name: string
  #options: ReadonlyMap<string, string> = new Map(Object.entries(DEFAULTS))
  /** By id, oldest first. */
  #items = new Map<string, Element>()

  constructor(name: string) {
    this.name = name
  }

  get options(): ReadonlyMap<string, string> {
    return this.#options
  }

  get items(): ReadonlyMap<string, Element> {
    return this.#items
  }

  get newest(): readonly [id: string, item: Element] | undefined {
    return [...this.#items].at(-1)
  }

  option(name: Option): string {
    return this.#options.get(name) ?? DEFAULTS[name]
  }

  /** False where the server has no such option. */
  configure(fields: ReadonlyMap<string, string>): boolean {
    const options = new Map([...this.#options, ...knownOptions(fields)])
    const access = options.get('pubsub#access_model') ?? ''
    const max = options.get('pubsub#max_items') ?? ''
    if (!['presence', 'open', 'whitelist'].includes(access)) return false
    if (max !== 'max' && !(/^\d{1,9}$/.test(max) && Number(max) >= 1 && Number(max) <= MAX_ITEMS))
      return false
    this.#options = options
    this.#trim()
    return true
  }

  /** The first of the options that a node has in another way. */
  differsIn(fields: ReadonlyMap<string, string>): string | undefined {
    return [...knownOptions(fields)].find(([name, value]) => this.#options.get(name) !== value)?.[0]
  }

  set(id: string, item: Element): void {
    if (this.option('pubsub#persist_items') !== 'true') return
    // What is published again is the newest.
    this.#items.delete(id)
    this.#items.set(id, item)
    this.#trim()
  }

  remove(id: string): boolean {
    return this.#items.delete(id)
  }

  clear(): void {
    this.#items.clear()
  }

  #trim(): void {
    const max = this.option('pubsub#max_items')
    this.#items = new Map([...this.#items].slice(-(max === 'max' ? MAX_ITEMS : Number(max))))
  }
}

/** Those that the server knows; others are ignored, and booleans have two ways of being written. */
function knownOptions(fields: ReadonlyMap<string, string>): Map<string, string> {
  return new Map(
    [...fields]
      .filter(([name]) => name in DEFAULTS)
      .map(([name, value]) => {
        const isBoolean = ['true', 'false'].includes(DEFAULTS[name as Option])
        return [name, isBoolean ? value.replace('1', 'true').replace('0', 'false') : value]
      }),
  )
}
