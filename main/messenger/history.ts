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
/** Of all together; then the oldest of whoever has most is forgotten first. */
const MAX_CHARACTERS = 64 * 1024 * 1024

interface Talk {
  readonly messages: Message[]
  characters: number
}

export class MemoryHistory implements History {
  readonly #byPerson = new Map<string, Talk>()
  readonly #byId = new Map<string, Message>()
  readonly #maxCharacters: number
  #characters = 0

  constructor(maxCharacters = MAX_CHARACTERS) {
    this.#maxCharacters = maxCharacters
  }

  append(message: Message): void {
    const { person, id, text } = message
    const talk = this.#byPerson.get(person) ?? { messages: [], characters: 0 }
    talk.messages.push(message)
    talk.characters += text.length
    this.#characters += text.length
    this.#byPerson.set(person, talk)
    this.#byId.set(id, message)
    if (talk.messages.length > MAX_MESSAGES) this.#forgetOldest(talk)
    while (this.#characters > this.#maxCharacters) this.#forgetOldest(this.#largest())
  }

  #largest(): Talk {
    return [...this.#byPerson.values()].reduce((most, talk) =>
      talk.characters > most.characters ? talk : most,
    )
  }

  #forgetOldest(talk: Talk): void {
    const oldest = talk.messages.shift()
    if (oldest === undefined) return
    talk.characters -= oldest.text.length
    this.#characters -= oldest.text.length
    this.#byId.delete(oldest.id)
  }

  update(message: Message): void {
    const messages = this.#byPerson.get(message.person)?.messages ?? []
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
    const messages = this.#byPerson.get(person)?.messages ?? []
    const end = before === null ? messages.length : messages.findLastIndex(({ id }) => id === before)
    const start = Math.max(0, end - limit)
    return { messages: messages.slice(start, Math.max(end, 0)), more: start > 0 }
  }

  clear(): void {
    this.#byPerson.clear()
    this.#byId.clear()
    this.#characters = 0
  }
}
