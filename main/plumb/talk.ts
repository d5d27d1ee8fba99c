import { Archive, type ArchiveSupport } from '../xmpp/archive.ts'
import { enableCarbons } from '../xmpp/carbons.ts'
import { CHAT_FEATURES, Chat } from '../xmpp/chat.ts'
import type { IqRouter } from '../xmpp/iq.ts'
import { MarkerSync, NS_DISPLAYED_NOTIFY } from '../xmpp/marker-sync.ts'
import { bareJid, type Element } from '../xmpp/stanza.ts'
import type { Discovery } from '../xmpp/xep-0030.ts'

/** What is said of our conversations by service discovery. */
export const TALK_FEATURES: readonly string[] = [...CHAT_FEATURES, NS_DISPLAYED_NOTIFY]

export interface TalkOptions {
  readonly iq: IqRouter
  readonly discovery: Discovery
  readonly stream: {
    readonly address: string
    send(stanza: Element): Promise<void>
    deliver(stanza: Element): Promise<void>
  }
  /** Whether somebody, by bare JID, sees that we are online. */
  readonly mayKnowUs: (bare: string) => boolean
  /** Whether receipts are sent. */
  readonly receipts: () => boolean
}

/** What the server has for conversations on several devices; nothing before it was asked. */
export interface TalkSupport {
  /** It keeps an archive (XEP-0313). */
  readonly archive: boolean
  /** It tells us what our other devices send and get (XEP-0280). */
  readonly carbons: boolean
  /** It keeps what our devices have displayed (XEP-0490). */
  readonly markers: boolean
}

/** How long the server may take to say what it has: without an answer the sign-in goes on with nothing of it. */
const SUPPORT_TIMEOUT_MS = 10_000

/** Our conversations as all of our devices have them: messages, their archive, and what was read where. */
export class Talk {
  readonly chat: Chat
  readonly archive: Archive
  readonly markers: MarkerSync
  readonly #options: TalkOptions
  #support: TalkSupport = { archive: false, carbons: false, markers: false }
  #stanzaIds = false
  /** Whether the server has said what it has for this session. */
  #isKnown = false

  constructor(options: TalkOptions) {
    const { iq, discovery, stream, mayKnowUs, receipts } = options
    this.#options = options
    this.chat = new Chat(stream, { mayKnowUs, receipts, stanzaIds: () => this.#stanzaIds })
    this.archive = new Archive(iq, discovery, stream)
    this.markers = new MarkerSync(iq, discovery, stream)
  }

  get support(): TalkSupport {
    return this.#support
  }

  /** Takes a message stanza. */
  receive(stanza: Element): void {
    if (this.archive.receive(stanza)) return
    this.markers.receive(stanza)
    this.chat.receive(stanza)
  }

  /**
   * A new session: before its presence, so that no message comes of which it is not known what its ids are worth. Throws
   * nothing: what does not answer is not there, until it does.
   */
  async startSession(): Promise<void> {
    const { iq, discovery, stream } = this.#options
    const signal = AbortSignal.timeout(SUPPORT_TIMEOUT_MS)
    const domain = bareJid(stream.address).split('@')[1] ?? ''
    this.#isKnown = false
    const [support, markers, carbons] = await Promise.all([
      this.archive.support(signal).catch(() => undefined),
      this.markers.isSupported(signal).catch(() => false),
      enableCarbons(iq, discovery, domain, signal),
    ])
    this.#support = { archive: false, carbons, markers }
    this.#stanzaIds = false
    if (support !== undefined) this.#learn(support)
  }

  /**
   * Asks once more, where the server did not say at the beginning of the session whether it keeps an archive: a whole session
   * without one would miss what came before it. Throws as `Archive.support`.
   */
  async askAgain(signal: AbortSignal): Promise<void> {
    if (!this.#isKnown) this.#learn(await this.archive.support(signal))
  }

  #learn({ archive, stanzaIds }: ArchiveSupport): void {
    this.#isKnown = true
    this.#stanzaIds = stanzaIds
    this.#support = { ...this.#support, archive }
  }
}
