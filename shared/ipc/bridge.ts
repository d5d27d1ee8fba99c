import type { PersonId } from '../model/person-id.ts'
import type { Answer, CallArguments, CallName, CallResult } from './calls.ts'
import type { NumberedEvent } from './events.ts'

/** What the preload puts into the window as `window.plumb`: one function a call, and the events. */
export type Bridge = {
  readonly [N in Exclude<CallName, 'sendDropped'>]: (
    ...args: CallArguments<N>
  ) => Promise<Answer<CallResult<N>>>
} & {
  /** Real files, from a drop or a paste; one made by a page has no path and is refused. */
  readonly sendDropped: (
    person: PersonId,
    files: readonly File[],
  ) => Promise<Answer<CallResult<'sendDropped'>>>
  /** Whether a file is one of this disk: what a page made, or a screenshot, is not. */
  readonly isOnDisk: (file: File) => boolean
  /** Returns how to stop listening. */
  readonly onEvent: (listener: (event: NumberedEvent) => void) => () => void
}
