import * as z from 'zod'
import { FailureValue } from './shown-transfer.ts'

/** Who keeps this copy of Plumb current, where it does not do so itself. */
export const UpdateOwner = z.enum([
  /** Installed as deb or rpm: apt, dnf and their like. */
  'package-manager',
  'flatpak',
  'snap',
  /** Unpacked by hand, or run from its source: it cannot replace itself. */
  'nobody',
  /** Built without an address to look at, or without a key to verify with. */
  'unconfigured',
])
export type UpdateOwner = z.infer<typeof UpdateOwner>

/** What Plumb does to stay current. */
export const UpdateState = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('managed'), by: UpdateOwner }),
  /** Switched off; it looks only where somebody asks it to. */
  z.strictObject({ kind: z.literal('off') }),
  /** Nothing newer was found; null: not looked yet. Milliseconds since the epoch. */
  z.strictObject({ kind: z.literal('current'), checkedAt: z.number().nullable() }),
  z.strictObject({ kind: z.literal('checking') }),
  z.strictObject({ kind: z.literal('downloading'), version: z.string(), fraction: z.number().min(0).max(1) }),
  /** Here and verified: installed when Plumb quits or is restarted. */
  z.strictObject({ kind: z.literal('ready'), version: z.string() }),
  z.strictObject({ kind: z.literal('failed'), failure: FailureValue }),
])
export type UpdateState = z.infer<typeof UpdateState>
