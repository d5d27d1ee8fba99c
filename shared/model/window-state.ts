import * as z from 'zod'
import { MAX_HOST_LENGTH } from './limits.ts'
import { BareJid, Person, PersonId } from './person.ts'
import { Self } from './self.ts'
import { Settings } from './settings.ts'
import { FailureValue, Offer, ShownTransfer } from './shown-transfer.ts'
import { UpdateState } from './update.ts'

export const ServerPlace = z.strictObject({
  host: z.string().min(1).max(MAX_HOST_LENGTH),
  port: z.int().min(1).max(65_535),
})
export type ServerPlace = z.infer<typeof ServerPlace>

/** One account of ours. */
export const AccountState = z.discriminatedUnion('kind', [
  /** Nothing of it is shown but its address. */
  z.strictObject({
    kind: z.literal('signed-out'),
    address: BareJid,
    server: ServerPlace.nullable(),
    /** Why it is so, where nobody asked for it. */
    failure: FailureValue.nullable(),
  }),
  /** Somebody gave the password just now. */
  z.strictObject({ kind: z.literal('signing-in'), address: BareJid, server: ServerPlace.nullable() }),
  /** Its people and conversations are shown, also before the server has answered. */
  z.strictObject({
    kind: z.literal('signed-in'),
    address: BareJid,
    server: ServerPlace.nullable(),
    connection: z.enum(['connecting', 'connected', 'reconnecting']),
    /** Why the last attempt to connect failed; it is tried again by itself. */
    trouble: FailureValue.nullable(),
  }),
])
export type AccountState = z.infer<typeof AccountState>

export const AppInfo = z.strictObject({
  version: z.string(),
  platform: z.enum(['linux', 'darwin', 'win32']),
  /** Whether the system can keep a password. */
  hasKeyring: z.boolean(),
  /** What the person has chosen in the system, the best first, BCP 47. */
  languages: z.array(z.string()),
})
export type AppInfo = z.infer<typeof AppInfo>

/** Something to be said once, until it is dismissed. */
export const Notice = z.strictObject({ id: z.string().min(1).max(64), text: z.string() })
export type Notice = z.infer<typeof Notice>

/** Somebody who asks to see when one of our accounts is online. */
export const SubscriptionRequest = z.strictObject({ person: PersonId })
export type SubscriptionRequest = z.infer<typeof SubscriptionRequest>

/** All that a window shows, but for the messages, which are read by conversation. */
export const WindowState = z.strictObject({
  /** Events with a number up to this one are already in it. */
  sequence: z.int().nonnegative(),
  app: AppInfo,
  /** In the order in which they were added. */
  accounts: z.array(AccountState),
  /** Those that are signed in. */
  selves: z.array(Self),
  people: z.array(Person),
  requests: z.array(SubscriptionRequest),
  transfers: z.array(ShownTransfer),
  /** Oldest first. */
  offers: z.array(Offer),
  settings: Settings,
  /** The name of the folder that files are saved to. */
  downloadFolder: z.string(),
  notices: z.array(Notice),
  update: UpdateState,
})
export type WindowState = z.infer<typeof WindowState>
