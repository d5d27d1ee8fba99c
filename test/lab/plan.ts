import { isKind, KINDS, type Kind } from './kinds.ts'
import type { Weather } from './transfer.ts'

export interface Pair {
  readonly sender: Kind
  readonly receiver: Kind
}

export const ALL_PAIRS: readonly Pair[] = [
  ...KINDS.flatMap(sender => KINDS.map(receiver => ({ sender, receiver }))),
  { sender: 'nat+ipv6', receiver: 'nat+ipv6' },
]

/** One for each way to get through, and for having none. */
export const TELLING_PAIRS: readonly Pair[] = [
  { sender: 'open', receiver: 'nat' },
  { sender: 'nat', receiver: 'nat+upnp' },
  { sender: 'nat+pmp', receiver: 'firewall-in' },
  { sender: 'nat+ipv6', receiver: 'nat+ipv6' },
  { sender: 'nat', receiver: 'nat' },
  { sender: 'firewall-in', receiver: 'nat' },
]

export const CALM: Weather = { rttMs: 0, loss: 0 }
export const WEATHERS: readonly Weather[] = [CALM, { rttMs: 80, loss: 0 }, { rttMs: 80, loss: 0.02 }]

/** Bytes of a file that takes some seconds at most. */
export function fileSize({ loss }: Weather): number {
  return loss > 0 ? 512 * 1024 : 4 * 1024 * 1024
}

/** Of `SENDER/RECEIVER`; undefined for anything else. */
export function parsePair(text: string): Pair | undefined {
  const [sender = '', receiver = '', ...rest] = text.split('/')
  return rest.length === 0 && isKind(sender) && isKind(receiver) ? { sender, receiver } : undefined
}

export function pairText({ sender, receiver }: Pair): string {
  return `${sender}/${receiver}`
}
