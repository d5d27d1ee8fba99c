import type { Message, MessagePage } from '../../shared/model/message.ts'

/** What was said. In memory for now; one that survives and syncs takes its place behind the same methods. */
export interface History {
  append(message: Message): void
  /** A message in another state. Unknown ids are ignored. */
  update(message: Message): void
  find(id: string): Message | undefined
  /** Up to `limit` messages before one (the newest for null), oldest first. An unknown id gives none. */
  page(person: string, before: string | null, limit: number): MessagePage
  clear(): void
}

/** Of one conversation; the oldest are forgotten first. */
const MAX_MESSAGES = 20_000

export class MemoryHistory implements History {
  readonly #byPerson = new Map<string, Message[]>()
  readonly #byId = new Map<string, Message>()

  append(message: Message): void {
    const messages = this.#byPerson.get(message.person) ?? []
    messages.push(message)
    if (messages.length > MAX_MESSAGES) this.#byId.delete(messages.shift()?.id ?? '')
    this.#byPerson.set(message.person, messages)
    this.#byId.set(message.id, message)
  }

  update(message: Message): void {
    const messages = this.#byPerson.get(message.person) ?? []
    // What changes is nearly always among the last.
    const index = messages.findLastIndex(({ id }) => id === message.id)
    if (index < 0) return
    messages[index] = message
    this.#byId.set(message.id, message)
  }

  find(id: string): Message | undefined {
    return this.#byId.get(id)
  }

  page(person: string, before: string | null, limit: number): MessagePage {
    const messages = this.#byPerson.get(person) ?? []
    const end = before === null ? messages.length : messages.findLastIndex(({ id }) => id === before)
    const start = Math.max(0, end - limit)
    return { messages: messages.slice(start, Math.max(end, 0)), more: start > 0 }
  }

  clear(): void {
    this.#byPerson.clear()
    this.#byId.clear()
  }
}
