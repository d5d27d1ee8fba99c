import * as z from 'zod'
import { BARE_JID, MAX_ADDRESS_LENGTH } from './limits.ts'
import { isPersonId, type PersonId as PersonIdText } from './person-id.ts'
import { PictureHash } from './picture.ts'

/** `name@server`, without a resource. */
export const BareJid = z.string().max(MAX_ADDRESS_LENGTH).regex(BARE_JID)

/** Our own bare JID and theirs: `personId` makes it. */
export const PersonId = z.custom<PersonIdText>(
  value => isPersonId(value) && value.length <= 2 * MAX_ADDRESS_LENGTH + 1,
)

/** `name@server/resource`. */
export const FullJid = z
  .string()
  .max(3071)
  .regex(/^[^/]+\/.+$/s)

/** How reachable somebody is; of several devices the most reachable one counts. */
export const Availability = z.enum(['online', 'away', 'busy', 'offline'])
export type Availability = z.infer<typeof Availability>

export const Device = z.strictObject({
  address: FullJid,
  availability: Availability,
  /** Whether it can receive directly; null while that is not known. */
  direct: z.boolean().nullable(),
})
export type Device = z.infer<typeof Device>

/** What was decided for one contact. */
export const ContactPolicy = z.strictObject({
  /** Files up to this many bytes are accepted without asking; null: always ask. */
  autoAcceptBytes: z.int().positive().nullable(),
  /** Whether a connection may go without TLS where the contact's program has none. */
  allowUnencrypted: z.boolean(),
})
export type ContactPolicy = z.infer<typeof ContactPolicy>

export const DEFAULT_POLICY: ContactPolicy = { autoAcceptBytes: null, allowUnencrypted: false }

/** The newest of a conversation, as the list of people shows it. */
export const LastLine = z.strictObject({
  kind: z.enum(['message', 'file']),
  direction: z.enum(['in', 'out']),
  /** The message, cut short, or the name of the file. */
  text: z.string(),
  /** Milliseconds since 1970. */
  at: z.number(),
})
export type LastLine = z.infer<typeof LastLine>

/** Somebody in the list of one account: a contact, or somebody who wrote without being one. */
export const Person = z.strictObject({
  id: PersonId,
  /** Theirs. */
  address: BareJid,
  /** As it is shown; never empty. */
  name: z.string().min(1),
  /** Where there is one that can be shown. */
  picture: PictureHash.nullable(),
  inContacts: z.boolean(),
  /** `from`: they see us; `to`: we see them; `both`; `none`. */
  subscription: z.enum(['none', 'to', 'from', 'both']),
  /** We asked to see them and have no answer yet. */
  asked: z.boolean(),
  /** Of the contact list, in which they are; each once. */
  groups: z.array(z.string()),
  availability: Availability,
  /** What they say of it; empty where nothing. */
  status: z.string(),
  /** Since when nobody is at their devices, where all of these say so: milliseconds since 1970. */
  idleSince: z.number().nullable(),
  /** Those that are online, the one that files go to first. */
  devices: z.array(Device),
  unread: z.int().nonnegative(),
  /** Writes a message right now. */
  typing: z.boolean(),
  /** Nothing comes from them, and nothing goes to them. */
  blocked: z.boolean(),
  last: LastLine.nullable(),
  policy: ContactPolicy,
})
export type Person = z.infer<typeof Person>
