import * as z from 'zod'
import { BareJid } from './person.ts'

/** One of our accounts that are connected, or were: who it is to others, and to whom it is nobody. */
export const Self = z.strictObject({
  /** Our own bare JID. */
  account: BareJid,
  /** Whom it wants to hear nothing of: bare and full JIDs and servers; null where its server can block nobody. */
  blocked: z.array(z.string()).nullable(),
})
export type Self = z.infer<typeof Self>
