import type { EventName, EventValue } from '../../shared/ipc/events.ts'
import type { Message } from '../../shared/model/message.ts'
import type { PersonId } from '../../shared/model/person-id.ts'
import { Gatherer } from './gatherer.ts'

interface ViewedNewsOptions {
  /** Whose conversation the window shows. */
  readonly viewing: () => PersonId | undefined
  readonly push: <N extends EventName>(name: N, value: EventValue<N>) => void
}

/** Tells the window what becomes of the conversation on its screen; a flood of messages as `Gatherer` does. */
export class ViewedNews {
  readonly #options: ViewedNewsOptions
  /** As they are now, in the order in which they changed first, by their ids. */
  readonly #untold = new Map<string, Message>()
  readonly #news = new Gatherer<string>(() => this.#tell())

  constructor(options: ViewedNewsOptions) {
    this.#options = options
  }

  changed(messages: readonly Message[]): void {
    for (const message of messages) {
      if (!this.#isViewed(message)) continue
      this.#untold.set(message.id, message)
      this.#news.add(message.id)
    }
  }

  /** The window reads it anew, and finds there what it was not told of yet. */
  reordered(person: PersonId): void {
    for (const message of this.#untold.values())
      if (message.person === person) this.#untold.delete(message.id)
    if (this.#options.viewing() === person) this.#options.push('conversationReordered', person)
  }

  stop(): void {
    this.#news.stop()
    this.#untold.clear()
  }

  #isViewed({ person }: Message): boolean {
    return person === this.#options.viewing()
  }

  #tell(): void {
    const messages = [...this.#untold.values()].filter(message => this.#isViewed(message))
    this.#untold.clear()
    if (messages.length > 0) this.#options.push('messagesChanged', messages)
  }
}
