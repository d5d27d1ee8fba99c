import { EventEmitter } from 'node:events'
import type { IqRouter } from './iq.ts'
import { bareJid, type Element } from './stanza.ts'
import type { Discovery } from './xep-0030.ts'
import {
  type NodeOptions,
  NS_PUBLISH_OPTIONS,
  publishItem,
  readEvent,
  readItems,
  retractItem,
} from './xep-0060.ts'
import { type DisplayedMark, NS_DISPLAYED, readDisplayedMark, writeDisplayedMark } from './xep-0490.ts'

/** Among our features it makes the server tell what other devices of ours have displayed (XEP-0163 section 4.3). */
export const NS_DISPLAYED_NOTIFY = `${NS_DISPLAYED}+notify`

/** XEP-0490: nobody else learns what we have read. */
const PRIVATE: NodeOptions = { access: 'whitelist', maxItems: 'max', sendLast: 'never' }

/** Keeps what was displayed in step between our devices, whether those we talk to hear of it or not (XEP-0490). */
export class MarkerSync extends EventEmitter<{ displayed: [mark: DisplayedMark] }> {
  readonly #iq: IqRouter
  readonly #discovery: Discovery
  readonly #transport: { readonly address: string }

  constructor(iq: IqRouter, discovery: Discovery, transport: { readonly address: string }) {
    super()
    this.#iq = iq
    this.#discovery = discovery
    this.#transport = transport
  }

  /**
   * Whether the server keeps a node as private as it is told; one that does not might show our contacts what we read. Throws
   * only `signal`'s reason.
   */
  async isSupported(signal?: AbortSignal): Promise<boolean> {
    const options = signal === undefined ? {} : { signal }
    const features = await this.#discovery.featuresOf(this.#own, options).catch(() => new Set<string>())
    signal?.throwIfAborted()
    return features.has(NS_PUBLISH_OPTIONS)
  }

  /** All that is known of our devices; none where nothing was ever displayed. Throws as `IqRouter.request`. */
  async readAll(signal?: AbortSignal): Promise<DisplayedMark[]> {
    const items = await readItems(this.#iq, { node: NS_DISPLAYED }, signal === undefined ? {} : { signal })
    return items.flatMap(item => readDisplayedMark(item, this.#own) ?? [])
  }

  /** Tells our other devices. Only where it `isSupported`. Throws as `IqRouter.request`. */
  async publish({ person, archiveId }: DisplayedMark, signal?: AbortSignal): Promise<void> {
    const payload = writeDisplayedMark(this.#own, archiveId)
    const item = { node: NS_DISPLAYED, id: person, payload, options: PRIVATE }
    await publishItem(this.#iq, item, signal === undefined ? {} : { signal })
  }

  /** A conversation that is no more leaves no trace. Throws as `IqRouter.request`. */
  async forget(person: string, signal?: AbortSignal): Promise<void> {
    await retractItem(this.#iq, NS_DISPLAYED, person, signal === undefined ? {} : { signal })
  }

  /** Takes a message stanza: what a device of ours, this one among them, has published. */
  receive(stanza: Element): void {
    const event = readEvent(stanza, bare => bare === this.#own)
    if (event?.node !== NS_DISPLAYED) return
    for (const item of event.items) {
      const mark = readDisplayedMark(item, this.#own)
      if (mark !== undefined) this.emit('displayed', mark)
    }
  }

  get #own(): string {
    return bareJid(this.#transport.address)
  }
}
