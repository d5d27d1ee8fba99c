import { assertNever } from '../../shared/assert-never.ts'
import { inUnits, partInUnits } from '../../shared/in-units.ts'
import type { Offer, PathReceipt, ShownTransfer } from '../../shared/model/shown-transfer.ts'
import { duration, shortTime } from './time.ts'

/** Whether it is under way, waits for somebody, or is over. */
export function groupOf({ state }: ShownTransfer): 'now' | 'waiting' | 'finished' {
  switch (state.kind) {
    case 'connecting':
    case 'moving':
    case 'verifying':
      return 'now'
    case 'preparing':
    case 'offered':
      return 'waiting'
    case 'done':
    case 'failed':
      return 'finished'
    default:
      return assertNever(state)
  }
}

/** 0 to 1; null where nothing is to be shown of it. */
export function fractionOf({ state, size }: ShownTransfer): number | null {
  if (state.kind === 'moving') return size === 0 ? 1 : Math.min(state.bytes / size, 1)
  return state.kind === 'verifying' ? 1 : null
}

/** One line of facts under the name. `person` is given where the line has to say whose it is. */
export function factsOf(transfer: ShownTransfer, person?: string): string {
  const { state, size, direction } = transfer
  // Isolated: a name that is written from right to left leaves the rest where it is.
  const whose =
    person === undefined ? [] : [`${direction === 'in' ? 'From' : 'To'} \u2068${firstName(person)}\u2069`]
  // Beside a name there is less room.
  const sized = person === undefined ? [inUnits(size)] : []
  const facts = (...parts: readonly string[]): string => [...whose, ...parts].join(' · ')
  switch (state.kind) {
    case 'preparing':
      return facts(...sized, 'Looking for their computer')
    case 'offered':
      return facts(...sized, direction === 'in' ? 'Waits for your answer' : 'Waits for their answer')
    case 'connecting':
      return facts(...sized, 'Connecting')
    case 'moving': {
      const left = state.secondsLeft === null ? [] : [`${duration(state.secondsLeft)} left`]
      if (person !== undefined) return facts(percent(transfer), ...left)
      const speed = state.bytesPerSecond === 0 ? [] : [`${inUnits(state.bytesPerSecond)}/s`]
      return facts(partInUnits(state.bytes, size), ...speed, ...left)
    }
    case 'verifying':
      return facts(...sized, 'Comparing the checksum')
    case 'done': {
      const speed = state.seconds >= 1 ? [`${inUnits(size / state.seconds)}/s`] : []
      return facts(inUnits(size), ...(person === undefined ? speed : []), shortTime(state.at))
    }
    case 'failed':
      return facts(inUnits(size), shortTime(state.at))
    default:
      return assertNever(state)
  }
}

/** How people call each other; a name of one word, or in a script without spaces, stays whole. */
function firstName(name: string): string {
  return name.split(' ')[0] ?? name
}

export function percent(transfer: ShownTransfer): string {
  return `${Math.floor((fractionOf(transfer) ?? 0) * 100)} %`
}

/** Why it stopped, and what would mend it; undefined where it did not. */
export function failureOf({ state, direction }: ShownTransfer): string | undefined {
  if (state.kind !== 'failed') return undefined
  const { code, message } = state.failure
  switch (code) {
    case 'cancelled':
      return 'You cancelled this.'
    case 'cancelled-by-peer':
      return 'They cancelled this.'
    case 'declined':
      return direction === 'in' ? 'You declined this.' : 'They declined this.'
    default:
      return `Stopped. ${message}`
  }
}

/** Whether that is a thing that somebody wanted, and no fault. */
export function wasWanted({ state }: ShownTransfer): boolean {
  return (
    state.kind === 'failed' && ['cancelled', 'cancelled-by-peer', 'declined'].includes(state.failure.code)
  )
}

export interface Chip {
  readonly kind: 'ok' | 'warn'
  readonly text: string
}

const NETWORKS: Readonly<Record<PathReceipt['network'], string>> = {
  'this-computer': 'Direct, on this computer',
  local: 'Direct, same network',
  internet: 'Direct, over the internet',
}

/** The path receipt: how the bytes go, and how safe that is. */
export function receiptChips({ network, encrypted, verified }: PathReceipt): readonly Chip[] {
  const safety: Chip = verified
    ? { kind: 'ok', text: 'Encrypted and verified' }
    : encrypted
      ? { kind: 'warn', text: 'Encrypted, not verified' }
      : { kind: 'warn', text: 'Not encrypted' }
  return [{ kind: 'ok', text: NETWORKS[network] }, safety]
}

/** Where an offered file would go, and whether there is room for it. */
export function placeOf({ folder, freeBytes, size }: Offer): {
  readonly text: string
  readonly fits: boolean
} {
  if (freeBytes === null) return { text: `Saves to ${folder}`, fits: true }
  if (freeBytes >= size) return { text: `Saves to ${folder}, ${inUnits(freeBytes)} free`, fits: true }
  return { text: `${inUnits(size - freeBytes)} more needed in ${folder}`, fits: false }
}
