import type { Conversation, Conversations } from './conversations.ts'
import { type Corrections, replacedId } from './corrections.ts'
import type { Marks } from './marks.ts'
import { type Content, contentOf, type Kept, type Messages } from './messages.ts'
import type { LiveAnswer, LiveNote, MessageState } from './shapes.ts'

/** How a message gets into the history, whoever tells of it. */
export class Noting {
  readonly #conversations: Conversations
  readonly #messages: Messages
  readonly #corrections: Corrections
  readonly #marks: Marks

  constructor(conversations: Conversations, messages: Messages, corrections: Corrections, marks: Marks) {
    this.#conversations = conversations
    this.#messages = messages
    this.#corrections = corrections
    this.#marks = marks
  }

  noteLive(account: string, note: LiveNote): LiveAnswer {
    let content = contentOf(note)
    const conversation = content && this.#conversations.open(account, note.address)
    if (content === undefined || conversation === undefined) return { kind: 'ignored' }
    const answer = (kind: 'new' | 'known' | 'corrected', id: number): LiveAnswer => {
      const summary = this.#conversations.refresh(conversation)
      return { kind, message: this.#messages.shown(conversation.person, id), summary }
    }
    const replaces = replacedId(note.replaces)
    if (replaces !== undefined) {
      const corrected = this.#corrections.note(conversation, content, replaces, 'forwards')
      if (corrected.kind !== 'held') return answer(corrected.kind, corrected.message)
      if (!note.standsAlone) return { kind: 'ignored' }
      // Under the name by which it is corrected again.
      content = { ...content, stanzaId: replaces, originId: null }
    }
    const known = this.#messages.findKnown(conversation, content, note.id)
    if (known !== undefined) {
      // An archive id of somebody else's conversation would be our server's mistake.
      if (known.conversation !== conversation.id) return { kind: 'ignored' }
      this.learn(conversation, known, content)
      return answer('known', known.id)
    }
    const position = this.#messages.endOf(conversation)
    const { added } = this.add(conversation, content, { position, state: note.state, id: note.id })
    // Who writes has read what was there.
    if (added.direction === 'out') this.#marks.readUpTo(conversation, position)
    return answer('new', added.id)
  }

  /** A new one, with what waited for it. The position has to be free. */
  add(
    conversation: Conversation,
    content: Content,
    where: { readonly position: number; readonly state: MessageState; readonly id?: string | undefined },
  ): { readonly added: Kept; readonly alsoChanged: readonly number[] } {
    const added = this.#messages.insert(conversation, content, where)
    return { added, alsoChanged: this.#applyHeld(conversation, added, content) }
  }

  /** What is told again of a known one. Gives the rows that this changed besides. */
  learn(conversation: Conversation, known: Kept, content: Content): readonly number[] {
    this.#messages.learn(known, content)
    // Its ids may be those that something waited for.
    return this.#applyHeld(conversation, known, content)
  }

  /** Puts a known one where the archive has it. What was read stays so, and so does what was read before it. */
  move(conversation: Conversation, known: Kept, position: number): void {
    const wasRead = known.position <= this.#marks.readPosition(conversation)
    this.#messages.move(known, position)
    if (wasRead) this.#marks.readUpTo(conversation, position)
  }

  #applyHeld(conversation: Conversation, message: Kept, content: Content): readonly number[] {
    this.#corrections.applyHeld(conversation, message, content)
    return this.#marks.applyHeld(conversation, message, content)
  }
}
