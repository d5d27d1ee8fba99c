import { assertNever } from '../../shared/assert-never.ts'
import { inUnits, partInUnits } from '../../shared/in-units.ts'
import type {
  FailureValue,
  Offer,
  PathReceipt,
  RouteAttempt,
  ShownTransfer,
} from '../../shared/model/shown-transfer.ts'
import { say } from './say.ts'
import { duration, shortTime } from './time.ts'

/**
 * Whether it was begun, waits for somebody, or is over. One that is paused or interrupted stays where it was: nothing
 * moves away from under the pointer, and nothing jumps while a connection comes and goes.
 */
export function groupOf({ state }: Pick<ShownTransfer, 'state'>): 'now' | 'waiting' | 'finished' {
  switch (state.kind) {
    case 'connecting':
    case 'moving':
    case 'interrupted':
    case 'paused':
    case 'verifying':
      return 'now'
    case 'waiting':
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

/** 0 to 1; null where nothing is to be shown of it, or nobody knows. */
export function fractionOf({ state, size, resumedFrom }: ShownTransfer): number | null {
  if (state.kind === 'verifying') return 1
  const bytes = state.kind === 'connecting' ? resumedFrom : 'bytes' in state ? state.bytes : null
  if (bytes === null || size === null || state.kind === 'failed') return null
  return size === 0 ? 1 : Math.min(bytes / size, 1)
}

/** “3.4 MB”, “12 files, 3.4 MB”; undefined where there is nothing to say. */
export function sizeOf({ size, files }: Pick<ShownTransfer, 'size' | 'files'>): string | undefined {
  if (files === null) return size === null ? undefined : inUnits(size)
  if (size === null) return files === 0 ? say('content.no-files') : say('content.files', { count: files })
  return files === 0
    ? say('content.no-files-and-size', { size: inUnits(size) })
    : say('content.files-and-size', { count: files, size: inUnits(size) })
}

type Place = 'card' | 'list'

/** One line of facts under the name. In the list of all transfers it says whose it is, and has less room. */
export function factsOf(transfer: ShownTransfer, person: string, where: Place): string {
  // Where it has to break, a number stays with its unit.
  return wordsFor(transfer, person, where).replace(/(\p{Nd}) (?=[\p{L}%])/gu, '$1\u00a0')
}

function wordsFor(transfer: ShownTransfer, person: string, where: Place): string {
  const { state, size, direction, resumedFrom } = transfer
  const inCard = where === 'card'
  const name = firstName(person)
  const whose = direction === 'in' ? say('fact.from', { name }) : say('fact.to', { name })
  const sized = sizeOf(transfer)
  const facts = (...parts: readonly (string | undefined)[]): string =>
    joined(inCard ? undefined : whose, ...parts)
  /** Beside a name there is no room for the size. */
  const roomy = inCard ? sized : undefined
  switch (state.kind) {
    case 'waiting': {
      const when = say('fact.waits', { name })
      return inCard ? joined(sized, when) : joined(when, sized)
    }
    case 'preparing':
      return facts(roomy, say('fact.preparing'))
    case 'offered':
      return facts(roomy, direction === 'in' ? say('fact.your-answer') : say('fact.their-answer'))
    case 'connecting':
      return facts(roomy, say('fact.connecting'))
    case 'moving': {
      const left =
        state.secondsLeft === null ? undefined : say('fact.left', { time: duration(state.secondsLeft) })
      const speed = state.bytesPerSecond === 0 ? undefined : rate(state.bytesPerSecond)
      if (size === null) return facts(inUnits(state.bytes), speed)
      return inCard
        ? facts(partInUnits(state.bytes, size), speed, left)
        : facts(say('fact.percent', { percent: percentOf(transfer) }), left)
    }
    case 'interrupted': {
      const { code } = state.failure
      if (code === 'disk-full' || code === 'peer-disk-full')
        return facts(stopped(transfer, state.bytes, where, code))
      return state.bytes === 0
        ? facts(roomy, say('fact.no-connection'))
        : facts(stopped(transfer, state.bytes, where, 'lost'))
    }
    case 'paused':
      if (state.by === 'them') return pausedByThem(transfer, state.bytes, where, name)
      return facts(state.bytes === 0 ? say('fact.paused') : stopped(transfer, state.bytes, where, 'paused'))
    case 'verifying':
      return facts(roomy, say('fact.verifying'))
    case 'done': {
      // What was interrupted took as long as the interruption.
      const told = inCard && size !== null && state.seconds >= 1 && resumedFrom === null
      return facts(sized, told ? rate(size / state.seconds) : undefined, shortTime(state.at))
    }
    case 'failed':
      return facts(sized, shortTime(state.at))
    default:
      return assertNever(state)
  }
}

function joined(...facts: readonly (string | undefined)[]): string {
  return facts.filter(fact => fact !== undefined).join(' · ')
}

type Stop = 'lost' | 'disk-full' | 'peer-disk-full' | 'paused'

/** “Paused at 43 %”, “Paused at 43 % of 12.8 GB”, “Paused after 1.2 GB”. */
function stopped(transfer: ShownTransfer, bytes: number, where: Place, stop: Stop): string {
  const { size } = transfer
  if (size === null) return say(`stopped-after.${stop}`, { size: inUnits(bytes) })
  const percent = percentOf(transfer)
  return where === 'card'
    ? say(`stopped-at-of.${stop}`, { percent, size: inUnits(size) })
    : say(`stopped-at.${stop}`, { percent })
}

/** “Paused by Anna at 43 % of 12.8 GB”; where it also says whose it is: “From Anna, who paused it at 43 %”. */
function pausedByThem(transfer: ShownTransfer, bytes: number, where: Place, name: string): string {
  const { size, direction } = transfer
  if (where === 'card') {
    if (bytes === 0) return say('fact.paused-by', { name })
    return size === null
      ? say('stopped-after.paused-by', { name, size: inUnits(bytes) })
      : say('stopped-at-of.paused-by', { name, percent: percentOf(transfer), size: inUnits(size) })
  }
  const whose = direction === 'in' ? 'from' : 'to'
  if (bytes === 0) return say(`paused-by.${whose}`, { name })
  return size === null
    ? say(`paused-by-after.${whose}`, { name, size: inUnits(bytes) })
    : say(`paused-by-at.${whose}`, { name, percent: percentOf(transfer) })
}

/** “20 MB/s”. */
function rate(bytesPerSecond: number): string {
  return say('content.rate', { size: inUnits(bytesPerSecond) })
}

function percentOf(transfer: ShownTransfer): number {
  return Math.floor((fractionOf(transfer) ?? 0) * 100)
}

/**
 * How people call each other; a name of one word, or in a script without spaces, stays whole, and so does one in Arabic:
 * there a first name may be two words.
 */
function firstName(name: string): string {
  return /^\p{Script=Arabic}/u.test(name) ? name : (name.split(' ')[0] ?? name)
}

/** Under the name of somebody in the list, where files wait for them. */
export function waitingLine(files: number, person: string): string {
  return say('waiting.files', { count: files, name: firstName(person) })
}

/** A sentence below the facts. `bad`: it stopped; `calm`: somebody wanted that, or it goes on by itself. */
export interface Note {
  readonly kind: 'bad' | 'calm'
  readonly text: string
}

/** Why it does not move, and what would mend it; undefined where there is nothing to say. */
export function noteOf({ state, direction }: ShownTransfer): Note | undefined {
  if (state.kind === 'interrupted') return { kind: 'calm', text: goesOn(state.failure) }
  if (state.kind !== 'failed') return undefined
  const { code, message } = state.failure
  switch (code) {
    case 'cancelled':
      return { kind: 'calm', text: say('note.you-cancelled') }
    case 'cancelled-by-peer':
      return { kind: 'calm', text: say('note.they-cancelled') }
    case 'declined':
      return { kind: 'calm', text: direction === 'in' ? say('note.you-declined') : say('note.they-declined') }
    default:
      return { kind: 'bad', text: say('note.stopped', { reason: message }) }
  }
}

/** When one that was interrupted goes on. Its failure is told in words for what has ended: “try again”. */
function goesOn({ code, message }: FailureValue): string {
  switch (code) {
    case 'disk-full':
      return say('note.room-here')
    case 'peer-disk-full':
      return say('note.room-there')
    case 'unreachable':
      // Both are there: only this says what would mend it.
      return say('note.tries-on', { reason: message })
    default:
      return say('note.goes-on')
  }
}

/** What happened on the way, as sentences: what was there already, and what began anew. */
export function historyOf(transfer: ShownTransfer): readonly string[] {
  const { state, size, files, direction, resumedFrom, restarted } = transfer
  const lines = restarted ? [anewLine(files !== null, state.kind === 'done')] : []
  if (resumedFrom === null || !hasRoute(transfer)) return lines
  if (resumedFrom > 0 && resumedFrom === size) {
    return [...lines, direction === 'in' ? say('past.was-here') : say('past.was-there')]
  }
  return [...lines, say('past.went-on', { size: inUnits(resumedFrom) })]
}

function anewLine(isFolder: boolean, isOver: boolean): string {
  if (isFolder) return isOver ? say('past.inner-went-anew') : say('past.inner-goes-anew')
  return isOver ? say('past.file-went-anew') : say('past.file-goes-anew')
}

/** Whether the receipt tells of the way that its bytes take, or took: between two connections there is none. */
export function hasRoute({ state }: Pick<ShownTransfer, 'state'>): boolean {
  return ['moving', 'verifying', 'done', 'failed'].includes(state.kind)
}

export interface Chip {
  readonly kind: 'ok' | 'warn'
  readonly text: string
}

/** The path receipt: how the bytes go, and how safe that is. */
export function receiptChips(receipt: PathReceipt): readonly [path: Chip, safety: Chip] {
  return [pathChip(receipt), safetyChip(receipt)]
}

function pathChip({ method, relay, network }: PathReceipt): Chip {
  switch (relay) {
    case 'none':
      return {
        kind: 'ok',
        text: method === 'socks5' ? say(`way-socks.${network}`) : say(`way-direct.${network}`),
      }
    case 'proxy':
      return { kind: 'warn', text: say('way.proxy') }
    case 'server':
      return { kind: 'warn', text: say('way.servers') }
    default:
      return assertNever(relay)
  }
}

function safetyChip({ relay, encrypted, verified }: PathReceipt): Chip {
  if (!encrypted) return { kind: 'warn', text: say('safety.not-encrypted') }
  if (!verified) return { kind: 'warn', text: say('safety.not-verified') }
  // Where somebody stands in between, it has to be said that they see nothing.
  return { kind: 'ok', text: relay === 'none' ? say('safety.verified') : say('safety.between-you') }
}

/** What an attempt at a connection is called. */
export function methodName(method: RouteAttempt['method']): string {
  return say(`method.${method}`)
}

/** What stands above the attempts that came to nothing. */
export function attemptsTitle(transfer: ShownTransfer): string {
  const { receipt } = transfer
  if (receipt === null || !hasRoute(transfer)) return say('attempts.title')
  return receipt.relay === 'none' ? say('attempts.before') : say('attempts.not-direct')
}

/** Where an offered file would go, and whether there is room for it. */
export function placeOf({ folder, freeBytes, size }: Pick<Offer, 'folder' | 'freeBytes' | 'size'>): {
  readonly text: string
  readonly fits: boolean
} {
  if (freeBytes === null) return { text: say('offer-prompt.saves', { folder }), fits: true }
  if (size === null || freeBytes >= size) {
    return { text: say('offer-prompt.saves-with-room', { folder, free: inUnits(freeBytes) }), fits: true }
  }
  return { text: say('offer-prompt.no-room', { missing: inUnits(size - freeBytes), folder }), fits: false }
}
