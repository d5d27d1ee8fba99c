import * as z from 'zod'
import { PersonId } from './person.ts'
import { ShownTransfer } from './shown-transfer.ts'

const MessageId = z.string().min(1).max(128)

export const Message = z.strictObject({
  id: MessageId,
  /** Whose conversation it belongs to. */
  person: PersonId,
  direction: z.enum(['in', 'out']),
  /** Plain text, harmless characters only. */
  text: z.string(),
  /** Its sender means each character as it stands: no styling (XEP-0393). */
  unstyled: z.boolean(),
  /** Milliseconds since 1970. */
  at: z.number(),
  /**
   * `sending`: on its way to the server, or waits for a connection; `sent`: the server has it; `delivered`: a device of
   * theirs has it; `displayed`: they have seen it; `received`: theirs.
   */
  state: z.enum(['sending', 'sent', 'delivered', 'displayed', 'failed', 'received']),
  /** Why it failed, as a sentence. */
  failure: z.string().nullable(),
  /** Its sender corrected it. */
  edited: z.boolean(),
})
export type Message = z.infer<typeof Message>

/** Which piece of a conversation. */
export const PageWhere = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('newest') }),
  /** Without the message that is named. */
  z.strictObject({ kind: z.literal('before'), id: MessageId }),
  z.strictObject({ kind: z.literal('after'), id: MessageId }),
  /** With it, in the middle. */
  z.strictObject({ kind: z.literal('around'), id: MessageId }),
  /** What was said around a time, in milliseconds since 1970. */
  z.strictObject({ kind: z.literal('at'), at: z.number().nonnegative() }),
])
export type PageWhere = z.infer<typeof PageWhere>

/** A piece of a conversation, oldest first. */
export const MessagePage = z.strictObject({
  messages: z.array(Message),
  /** Those of this person from the time of the page. */
  transfers: z.array(ShownTransfer),
  /** Whether there are older and newer ones. */
  older: z.boolean(),
  newer: z.boolean(),
})
export type MessagePage = z.infer<typeof MessagePage>

/** What a search found, newest first. */
export const SearchResult = z.strictObject({
  messages: z.array(Message),
  transfers: z.array(ShownTransfer),
})
export type SearchResult = z.infer<typeof SearchResult>
