import * as z from 'zod'
import { MAX_STATUS_LENGTH } from './limits.ts'
import { BareJid } from './person.ts'
import { PictureHash } from './picture.ts'

/** What was chosen to be told to all who see us. */
export const OwnStatus = z.strictObject({
  show: z.enum(['online', 'away', 'busy']),
  /** In our own words; empty for none. */
  text: z.string().max(MAX_STATUS_LENGTH),
})
export type OwnStatus = z.infer<typeof OwnStatus>

export const DEFAULT_STATUS: OwnStatus = { show: 'online', text: '' }

/** One of our accounts that are connected, or were: who it is to others, and to whom it is nobody. */
export const Self = z.strictObject({
  /** Our own bare JID. */
  account: BareJid,
  /** As we call ourselves to others; empty for nothing. */
  nick: z.string(),
  picture: PictureHash.nullable(),
  status: OwnStatus,
  /** Nobody is at this computer, and who is online is told to be away. */
  idle: z.boolean(),
  /** Whom it wants to hear nothing of: bare and full JIDs and servers; null where its server can block nobody. */
  blocked: z.array(z.string()).nullable(),
})
export type Self = z.infer<typeof Self>
