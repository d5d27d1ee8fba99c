import { EventEmitter } from 'node:events'
import { NS_PLUMB } from '../xmpp/plumb.ts'
import type { Presences, Resource } from '../xmpp/presence.ts'
import type { Element } from '../xmpp/stanza.ts'
import { bareJid } from '../xmpp/stanza.ts'
import { type Discovery, featuresIn } from '../xmpp/xep-0030.ts'
import { NS_DTCP } from '../xmpp/xep-0046.ts'
import { NS_FILE_TRANSFER, NS_SI } from '../xmpp/xep-0096.ts'
import { capsVersion } from '../xmpp/xep-0115.ts'

/** One device of a contact that is online. */
export interface Device {
  /** Full JID. */
  readonly address: string
  readonly show: Resource['show']
  /** What its owner wrote there; empty where nothing. */
  readonly status: string
  /** Since when nobody has touched it, where it says so. */
  readonly idleSince: Date | undefined
  /** Whether it takes files by direct connections; undefined while that is not known. */
  readonly direct: boolean | undefined
}

/** Questions under way at once: a long contact list must not become a flood. */
const MAX_QUESTIONS = 8
const QUESTION_TIMEOUT_MS = 20_000
/** Answers kept by their verified hash: there are only so many programs. */
const MAX_KNOWN = 1_000

/** What the devices of contacts can do, learned by service discovery; one question a program (XEP-0115). */
export class Devices extends EventEmitter<{ learned: [bare: string] }> {
  readonly #presences: Presences
  readonly #discovery: Discovery
  readonly #isContact: (address: string) => boolean
  /** Features by caps hash, verified. */
  readonly #byVersion = new Map<string, ReadonlySet<string>>()
  /** Features of single devices, whose caps say nothing or lie. */
  readonly #byAddress = new Map<string, ReadonlySet<string>>()
  readonly #waiting: string[] = []
  /** What a device's caps said when it was asked, by address. */
  readonly #asked = new Map<string, string>()
  #questions = 0
  #session = 0

  constructor(presences: Presences, discovery: Discovery, isContact: (address: string) => boolean) {
    super()
    this.#presences = presences
    this.#discovery = discovery
    this.#isContact = isContact
    presences.on('available', address => this.#arrived(address))
    presences.on('unavailable', address => {
      this.#byAddress.delete(address)
      this.#asked.delete(address)
    })
  }

  /** The one that files go to first is first. */
  of(bare: string): readonly Device[] {
    return this.#presences.resourcesOf(bare).map(resource => {
      const features = this.#featuresOf(resource)
      const { address, show, status, idleSince } = resource
      const direct = features && [NS_SI, NS_FILE_TRANSFER, NS_DTCP].every(feature => features.has(feature))
      return { address, show, status, idleSince, direct }
    })
  }

  /** Whether this full JID is known to be one of our own programs. */
  isPlumb(address: string): boolean {
    const resource = this.#find(address)
    return (resource && this.#featuresOf(resource)?.has(NS_PLUMB)) ?? false
  }

  /** A new session: answers to what was asked in the old one never come. */
  clear(): void {
    this.#session += 1
    this.#questions = 0
    this.#waiting.length = 0
    this.#asked.clear()
    this.#byAddress.clear()
  }

  #featuresOf({ address, caps }: Resource): ReadonlySet<string> | undefined {
    return this.#byAddress.get(address) ?? (caps && this.#byVersion.get(keyOf(caps)))
  }

  #arrived(address: string): void {
    const resource = this.#find(address)
    // A stranger learns nothing about us, not even that we wonder.
    if (resource === undefined || !this.#isContact(address)) return
    const caps = resource.caps === undefined ? '' : keyOf(resource.caps)
    if (this.#asked.get(address) === caps) return
    // It is another program now, or the same with more in it: what was known of it is over.
    this.#asked.delete(address)
    this.#byAddress.delete(address)
    if (this.#featuresOf(resource) !== undefined) return
    this.#asked.set(address, caps)
    this.#waiting.push(address)
    this.#askNext()
  }

  #askNext(): void {
    while (this.#questions < MAX_QUESTIONS) {
      const address = this.#waiting.shift()
      if (address === undefined) return
      const resource = this.#find(address)
      // Another device with the same program may have answered meanwhile.
      if (resource === undefined || this.#featuresOf(resource) !== undefined) continue
      const session = this.#session
      this.#questions += 1
      void this.#ask(resource).finally(() => {
        if (session !== this.#session) return
        this.#questions -= 1
        this.#askNext()
      })
    }
  }

  async #ask(resource: Resource): Promise<void> {
    const { address, caps } = resource
    const node = caps && `${caps.node}#${caps.version}`
    let answer: Element
    try {
      answer = await this.#discovery.infoOf(address, node, { timeoutMs: QUESTION_TIMEOUT_MS })
    } catch {
      return
    }
    const now = this.#find(address)
    if (now === undefined || now.caps?.version !== caps?.version) return
    const features = featuresIn(answer)
    // A hash that is not its answer's is a lie about other people's programs: it counts for this one only.
    if (caps !== undefined && capsVersion(answer, caps.hash) === caps.version) {
      const [oldest] = this.#byVersion.keys()
      if (this.#byVersion.size >= MAX_KNOWN && oldest !== undefined) this.#byVersion.delete(oldest)
      this.#byVersion.set(keyOf(caps), features)
      for (const bare of this.#presences.accountsWith(caps.version)) this.emit('learned', bare)
    } else {
      this.#byAddress.set(address, features)
      this.emit('learned', bareJid(address))
    }
  }

  #find(address: string): Resource | undefined {
    return this.#presences.resourcesOf(bareJid(address)).find(resource => resource.address === address)
  }
}

function keyOf({ hash, version }: { readonly hash: string; readonly version: string }): string {
  return `${hash} ${version}`
}
