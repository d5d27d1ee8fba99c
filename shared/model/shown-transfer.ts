import * as z from 'zod'
import { FAULTS, type FailureCode } from './failure.ts'
import { FullJid, PersonId } from './person.ts'
import { METHODS } from './transfer.ts'

export const FailureCodeSchema = z.enum(Object.keys(FAULTS) as [FailureCode, ...FailureCode[]])

/** A failure as it crosses between the processes. */
export const FailureValue = z.strictObject({ code: FailureCodeSchema, message: z.string() })
export type FailureValue = z.infer<typeof FailureValue>

/** How the bytes went, once there was a connection. */
export const PathReceipt = z.strictObject({
  method: z.enum(METHODS),
  network: z.enum(['this-computer', 'local', 'internet']),
  relay: z.enum(['none', 'proxy', 'server']),
  encrypted: z.boolean(),
  /** The other end showed the certificate that was announced over XMPP. */
  verified: z.boolean(),
  /** Six groups of five digits, the same on both sides; null where nothing was verified. */
  code: z.string().nullable(),
})
export type PathReceipt = z.infer<typeof PathReceipt>

const bytes = z.number().nonnegative()

/** An attempt at a connection that came to nothing. */
export const RouteAttempt = z.strictObject({
  method: z.enum(METHODS),
  code: FailureCodeSchema,
  /** Why, and what would mend it. */
  message: z.string(),
})
export type RouteAttempt = z.infer<typeof RouteAttempt>

export const TransferState = z.discriminatedUnion('kind', [
  /** They are not online: it is offered when they are (direction `out`). */
  z.strictObject({ kind: z.literal('waiting') }),
  /** Finding the device (direction `out`). */
  z.strictObject({ kind: z.literal('preparing') }),
  /** Waits for their answer, or for ours. */
  z.strictObject({ kind: z.literal('offered') }),
  /** Accepted; the two programs look for each other. */
  z.strictObject({ kind: z.literal('connecting') }),
  z.strictObject({
    kind: z.literal('moving'),
    bytes,
    /** Averaged over the last seconds; 0 while it is not known. */
    bytesPerSecond: bytes,
    /** Null while it is not known. */
    secondsLeft: bytes.nullable(),
  }),
  /** Between two connections; it goes on by itself when both are back. */
  z.strictObject({ kind: z.literal('interrupted'), bytes, failure: FailureValue }),
  z.strictObject({ kind: z.literal('paused'), bytes, by: z.enum(['us', 'them']) }),
  /** All bytes are there; the checksum is compared. */
  z.strictObject({ kind: z.literal('verifying') }),
  z.strictObject({
    kind: z.literal('done'),
    at: z.number(),
    /** From the acceptance to the verified end. */
    seconds: z.number().nonnegative(),
    sha256: z.string(),
  }),
  z.strictObject({
    kind: z.literal('failed'),
    at: z.number(),
    /** How much had moved. */
    bytes,
    failure: FailureValue,
  }),
])
export type TransferState = z.infer<typeof TransferState>

/** One transfer as the window shows it. Paths stay in the main process. */
export const ShownTransfer = z.strictObject({
  id: z.string().min(1).max(64),
  person: PersonId,
  direction: z.enum(['in', 'out']),
  /** Of the file; safe to show. Once it arrived, the name that it was saved under. */
  name: z.string().min(1),
  /** Bytes of all its files; null where the sender does not say. */
  size: bytes.nullable(),
  /** How many files it holds, where it is a folder; null for one file. */
  files: z.int().nonnegative().nullable(),
  /** When it was offered. Milliseconds since 1970. */
  at: z.number(),
  state: TransferState,
  receipt: PathReceipt.nullable(),
  /** What was tried before the route of the receipt, newest last; a few at most. */
  attempts: z.array(RouteAttempt),
  /** Bytes that were there already when it went on; null where it went through at once. */
  resumedFrom: bytes.nullable(),
  /** The file changed since a part of it was sent, and all of it goes anew. */
  restarted: z.boolean(),
  /** Whether `pauseTransfer` can do something, by its state and what the other program knows. */
  canPause: z.boolean(),
  /** Whether `retryTransfer` can do something. */
  canRetry: z.boolean(),
  /** Whether the list of transfers has it; in its conversation it stays. */
  listed: z.boolean(),
  /** Whether the file is on this computer, to be opened or shown in its folder. */
  hasFile: z.boolean(),
  /** The size of the picture that the file is, in pixels and as it is seen; null where it is none to be shown. */
  picture: z.strictObject({ width: z.int().positive(), height: z.int().positive() }).nullable(),
})
export type ShownTransfer = z.infer<typeof ShownTransfer>

/** An offer that waits for this person's answer. */
export const Offer = z.strictObject({
  transfer: z.string().min(1).max(64),
  person: PersonId,
  device: FullJid,
  /** Offers of strangers raise no prompt: they wait in a list. */
  fromContact: z.boolean(),
  /** Accepting is refused until they are a contact: they may not see this computer's addresses. */
  mustBecomeContact: z.boolean(),
  name: z.string().min(1),
  /** Bytes of all its files; null where the sender does not say. */
  size: bytes.nullable(),
  /** How many files it holds, where it is a folder; null for one file. */
  files: z.int().nonnegative().nullable(),
  /** Whether it will be encrypted between the two programs: some other programs cannot. */
  encrypted: z.boolean(),
  at: z.number(),
  /** Where it would be saved: the folder's own name, never its path. */
  folder: z.string(),
  /** Bytes; null where the system cannot tell. */
  freeBytes: bytes.nullable(),
})
export type Offer = z.infer<typeof Offer>

/** A file or folder that somebody wants to send, and how it would go. */
export const Sendable = z.strictObject({
  name: z.string(),
  size: bytes,
  files: z.int().nonnegative().nullable(),
  /** A folder for a program that takes only files. */
  zipped: z.boolean(),
  /** How many links and special files in it are not sent. */
  leftOut: z.int().nonnegative(),
})
export type Sendable = z.infer<typeof Sendable>

/** What becomes of files that somebody wants to send. */
export const SendAnswer = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('cancelled') }),
  z.strictObject({ kind: z.literal('offered'), transfers: z.array(z.string()) }),
  /** Not all can be sent. Nothing was offered yet: `confirmSending` offers the rest. */
  z.strictObject({
    kind: z.literal('confirm'),
    ticket: z.string(),
    sendable: z.array(Sendable),
    refused: z.array(z.strictObject({ name: z.string(), failure: FailureValue })),
  }),
])
export type SendAnswer = z.infer<typeof SendAnswer>
