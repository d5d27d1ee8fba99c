/** How long each side of a file stream waits, in milliseconds. */
export interface PackedTiming {
  /** A sign of life is sent at least this often. */
  readonly heartbeatMs: number
  /** What the sender bears to hear nothing of the receiver. */
  readonly receiverSilenceMs: number
  /** What the receiver bears to get nothing from the sender while it waits for it. */
  readonly senderSilenceMs: number
}

export const PACKED_TIMING: PackedTiming = {
  heartbeatMs: 5_000,
  receiverSilenceMs: 30_000,
  senderSilenceMs: 60_000,
}

/** A sign of life is not worth filling the memory for a peer that reads nothing. */
export const MAX_UNREAD_BYTES = 64 * 1024

/** How often something in between is given a push, so that it hands on what it has. */
export const NUDGE_MS = 50
