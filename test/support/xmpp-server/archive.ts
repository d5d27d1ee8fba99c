import type { Element } from '@xmpp/xml'

/** One message that an account's archive keeps. */
export interface ArchivedMessage {
  readonly id: string
  readonly at: Date
  /** Bare JID of whoever the account exchanged it with. */
  readonly with: string
  readonly message: Element
}

export interface ArchiveQuery {
  readonly with?: string | undefined
  /** Not older, and not newer. */
  readonly start?: Date | undefined
  readonly end?: Date | undefined
  readonly max: number
  /** Those that follow this id. */
  readonly after?: string | undefined
  /** The last ones before this id; empty: the last of all. */
  readonly before?: string | undefined
}

export interface ArchivePage {
  /** Oldest first. */
  readonly messages: readonly ArchivedMessage[]
  /** Nothing that was asked for is beyond this page. */
  readonly complete: boolean
  /** How many the filter lets through, on whatever page. */
  readonly count: number
}

/** The messages of one account in the order of their coming, whatever their stamps say, like Prosody's. */
export class Archive {
  readonly #messages: ArchivedMessage[] = []
  readonly #positions = new Map<string, number>()

  get messages(): readonly ArchivedMessage[] {
    return this.#messages
  }

  add(message: ArchivedMessage): void {
    if (this.#positions.has(message.id)) throw new Error(`bug: the archive has ${message.id} already`)
    this.#positions.set(message.id, this.#messages.length)
    this.#messages.push(message)
  }

  clear(): void {
    this.#messages.length = 0
    this.#positions.clear()
  }

  /** Undefined where `after` or `before` is no id of this archive. */
  find(query: ArchiveQuery): ArchivePage | undefined {
    const { max, after, before } = query
    const afterPosition = after === undefined ? -1 : this.#positions.get(after)
    const isFromTheEnd = before === ''
    const beforePosition =
      before === undefined || isFromTheEnd ? this.#messages.length : this.#positions.get(before)
    if (afterPosition === undefined || beforePosition === undefined) return undefined

    const step = before === undefined ? 1 : -1
    const found: ArchivedMessage[] = []
    let position = step === 1 ? afterPosition + 1 : beforePosition - 1
    for (; position > afterPosition && position < beforePosition; position += step) {
      const candidate = this.#messages[position]
      if (candidate === undefined || !passes(candidate, query)) continue
      if (found.length === max) break
      found.push(candidate)
    }
    return {
      messages: step === 1 ? found : found.reverse(),
      complete: position <= afterPosition || position >= beforePosition,
      count: this.#count(query),
    }
  }

  #count(query: ArchiveQuery): number {
    const { with: person, start, end } = query
    if (person === undefined && start === undefined && end === undefined) return this.#messages.length
    return this.#messages.filter(message => passes(message, query)).length
  }
}

function passes(message: ArchivedMessage, { with: person, start, end }: ArchiveQuery): boolean {
  if (person !== undefined && message.with !== person) return false
  if (start !== undefined && message.at < start) return false
  return end === undefined || message.at <= end
}
