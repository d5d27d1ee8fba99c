import * as z from 'zod'
import { PersonId } from './person.ts'

export const Message = z.strictObject({
  id: z.string().min(1).max(128),
  /** Whose conversation it belongs to. */
  person: PersonId,
  direction: z.enum(['in', 'out']),
  /** Plain text, harmless characters only. */
  text: z.string(),
  /** Milliseconds since 1970. */
  at: z.number(),
  /**
   * `sending`: on its way to the server; `sent`: the server has it; `delivered`: a device of theirs has it;
   * `received`: theirs.
   */
  state: z.enum(['sending', 'sent', 'delivered', 'failed', 'received']),
  /** Why it failed, as a sentence. */
  failure: z.string().nullable(),
})
export type Message = z.infer<typeof Message>

/** A piece of a conversation, oldest first. */
export const MessagePage = z.strictObject({
  messages: z.array(Message),
  /** Whether there are older ones. */
  more: z.boolean(),
})
export type MessagePage = z.infer<typeof MessagePage>
