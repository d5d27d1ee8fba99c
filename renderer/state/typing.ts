import { useEffect, useState } from 'react'
import type { PersonId } from '../../shared/model/person-id.ts'

type TypingState = 'active' | 'composing' | 'paused'

/** Without a change for so long, nobody writes any more. */
const PAUSE_MS = 5_000

/** What somebody does in one composer, told only when it is something else (XEP-0085). */
export class Typing {
  readonly #tell: (state: TypingState) => void
  #told: TypingState = 'active'
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(tell: (state: TypingState) => void) {
    this.#tell = tell
  }

  /** The text is another by the person's own hand. */
  changed(text: string): void {
    clearTimeout(this.#timer)
    if (text.trim() === '') {
      if (this.#told === 'composing') this.#say('paused')
      return
    }
    this.#say('composing')
    this.#timer = setTimeout(() => this.#say('paused'), PAUSE_MS)
  }

  /** The message itself says that nobody writes any more. */
  sent(): void {
    clearTimeout(this.#timer)
    this.#told = 'active'
  }

  /** The composer is left, whatever is in it. */
  left(): void {
    clearTimeout(this.#timer)
    this.#say('active')
  }

  #say(state: TypingState): void {
    if (state === this.#told) return
    this.#told = state
    this.#tell(state)
  }
}

/** Tells somebody what is done in the composer of their conversation. */
export function useTyping(person: PersonId): Typing {
  // What cannot be told is no matter: nobody waits for it.
  const [typing] = useState(() => new Typing(state => void window.plumb.tellTyping(person, state)))
  useEffect(() => () => typing.left(), [typing])
  return typing
}
