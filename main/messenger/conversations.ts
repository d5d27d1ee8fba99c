import { randomUUID } from 'node:crypto'
import { harmlessText } from '../../shared/harmless-text.ts'
import { Failure } from '../../shared/model/failure.ts'
import type { Message, MessagePage } from '../../shared/model/message.ts'
import { personId, splitPersonId } from '../../shared/model/person-id.ts'
import type { Plumb } from '../plumb.ts'
import type { History } from './history.ts'
import { shownFailure } from './shown-failure.ts'

export interface ConversationsOptions {
  /** Our own bare JID. */
  readonly account: string
  readonly history: History
  readonly plumb: () => Plumb
  /** Whether what somebody wrote is taken at all. */
  readonly mayWrite: (person: string) => boolean
  readonly push: (message: Message) => void
  /** A message is in a conversation that was not there before. */
  readonly said: (person: string, message: Message) => void
}

/** One-to-one messages, with what became of them. */
export class Conversations {
  readonly #options: ConversationsOptions

  constructor(options: ConversationsOptions) {
    this.#options = options
  }

  attach(plumb: Plumb): void {
    plumb.on('message', ({ from, text, at }) => {
      const shown = harmlessText(text)
      if (shown.trim() === '' || !this.#options.mayWrite(from)) return
      this.#add({
        // Ours, not theirs: two senders may use the same one.
        id: randomUUID(),
        person: personId(this.#options.account, from),
        direction: 'in',
        text: shown,
        at: at.getTime(),
        state: 'received',
        failure: null,
      })
    })
    plumb.on('receipt', ({ from, id }) => this.#settle(id, from, { state: 'delivered', failure: null }))
    plumb.on('message-failed', ({ to, id, failure }) => {
      this.#settle(id, to, { state: 'failed', failure: failure.message })
    })
  }

  page(person: string, before: string | null, limit: number): MessagePage {
    return this.#options.history.page(personId(this.#options.account, person), before, limit)
  }

  /** Resolves at once, with the message as it is on its way. Throws `not-allowed` for an empty one. */
  send(person: string, text: string): Message {
    const shown = harmlessText(text)
    if (shown.trim() === '') throw new Failure('not-allowed', 'There is nothing in that message.')
    this.#options.plumb()
    const message: Message = {
      id: randomUUID(),
      person: personId(this.#options.account, person),
      direction: 'out',
      text: shown,
      at: Date.now(),
      state: 'sending',
      failure: null,
    }
    this.#add(message)
    void this.#deliver(message)
    return message
  }

  /** Tries a failed one again. Throws `not-allowed` for any other. */
  resend(id: string): Message {
    const message = this.#options.history.find(id)
    if (message?.state !== 'failed')
      throw new Failure('not-allowed', 'That message does not wait to be sent.')
    this.#options.plumb()
    const again: Message = { ...message, state: 'sending', failure: null }
    this.#change(again)
    void this.#deliver(again)
    return again
  }

  async #deliver({ id, person, text }: Message): Promise<void> {
    const { address } = splitPersonId(person)
    try {
      await this.#options.plumb().sendMessage(address, { id, text })
      // A receipt may have been quicker than the server's own word.
      if (this.#options.history.find(id)?.state === 'sending')
        this.#settle(id, address, { state: 'sent', failure: null })
    } catch (error) {
      this.#settle(id, address, { state: 'failed', failure: shownFailure(error).message })
    }
  }

  #settle(id: string, person: string, outcome: Pick<Message, 'state' | 'failure'>): void {
    const message = this.#options.history.find(id)
    const isTheirs = message?.person === personId(this.#options.account, person)
    if (isTheirs && message.direction === 'out') this.#change({ ...message, ...outcome })
  }

  #add(message: Message): void {
    this.#options.history.append(message)
    this.#options.push(message)
    this.#options.said(splitPersonId(message.person).address, message)
  }

  #change(message: Message): void {
    this.#options.history.update(message)
    this.#options.push(message)
  }
}
