import { assertNever } from '../../shared/assert-never.ts'
import { inUnits, partInUnits } from '../../shared/in-units.ts'
import type {
  FailureValue,
  Offer,
  PathReceipt,
  RouteAttempt,
  ShownTransfer,
} from '../../shared/model/shown-transfer.ts'
import { counted, duration, shortTime } from './time.ts'

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
  const bytes = size === null ? [] : [inUnits(size)]
  const all = files === null ? bytes : [filesIn(files), ...bytes]
  return all.length === 0 ? undefined : all.join(', ')
}

function filesIn(files: number): string {
  if (files === 0) return 'No files'
  return files === 1 ? '1 file' : `${counted(files)} files`
}

/** One line of facts under the name. In the list of all transfers it says whose it is, and has less room. */
export function factsOf(transfer: ShownTransfer, person: string, where: 'card' | 'list'): string {
  // Where it has to break, a number stays with its unit.
  return wordsFor(transfer, person, where).replace(/(\d) (?=[kMGTP]?B|%)/g, '$1\u00a0')
}

function wordsFor(transfer: ShownTransfer, person: string, where: 'card' | 'list'): string {
  const { state, size, direction, resumedFrom } = transfer
  const inCard = where === 'card'
  const who = isolated(firstName(person))
  const whose = `${direction === 'in' ? 'From' : 'To'} ${who}`
  const sized = sizeOf(transfer)
  const facts = (...parts: readonly (string | undefined)[]): string =>
    [inCard ? undefined : whose, ...parts].filter(part => part !== undefined).join(' · ')
  /** Beside a name there is no room for the size. */
  const roomy = inCard ? sized : undefined
  switch (state.kind) {
    case 'waiting': {
      const when = `Sends when ${who} is online`
      return (inCard ? [sized, when] : [when, sized]).filter(part => part !== undefined).join(' · ')
    }
    case 'preparing':
      return facts(roomy, 'Looking for their computer')
    case 'offered':
      return facts(roomy, direction === 'in' ? 'Waits for your answer' : 'Waits for their answer')
    case 'connecting':
      return facts(roomy, 'Connecting')
    case 'moving': {
      const left = state.secondsLeft === null ? undefined : `${duration(state.secondsLeft)} left`
      const speed = state.bytesPerSecond === 0 ? undefined : `${inUnits(state.bytesPerSecond)}/s`
      if (size === null) return facts(inUnits(state.bytes), speed)
      return inCard ? facts(partInUnits(state.bytes, size), speed, left) : facts(percentOf(transfer), left)
    }
    case 'interrupted': {
      const far = howFar(transfer, state.bytes, inCard)
      if (state.failure.code === 'disk-full') return facts(`Disk full ${far}`)
      if (state.failure.code === 'peer-disk-full') return facts(`Their disk is full ${far}`)
      return state.bytes === 0 ? facts(roomy, 'No connection yet') : facts(`Connection lost ${far}`)
    }
    case 'paused': {
      const far = state.bytes === 0 ? '' : ` ${howFar(transfer, state.bytes, inCard)}`
      if (state.by === 'us') return facts(`Paused${far}`)
      return inCard ? `Paused by ${who}${far}` : `${whose}, who paused it${far}`
    }
    case 'verifying':
      return facts(roomy, 'Comparing the checksum')
    case 'done': {
      // What was interrupted took as long as the interruption.
      const told = inCard && size !== null && state.seconds >= 1 && resumedFrom === null
      return facts(sized, told ? `${inUnits(size / state.seconds)}/s` : undefined, shortTime(state.at))
    }
    case 'failed':
      return facts(sized, shortTime(state.at))
    default:
      return assertNever(state)
  }
}

/** “at 43 %”, “at 43 % of 12.8 GB”, “after 1.2 GB”. */
function howFar(transfer: ShownTransfer, bytes: number, withSize: boolean): string {
  const { size } = transfer
  if (size === null) return `after ${inUnits(bytes)}`
  return `at ${percentOf(transfer)}${withSize ? ` of ${inUnits(size)}` : ''}`
}

function percentOf(transfer: ShownTransfer): string {
  return `${Math.floor((fractionOf(transfer) ?? 0) * 100)} %`
}

/** How people call each other; a name of one word, or in a script without spaces, stays whole. */
function firstName(name: string): string {
  return name.split(' ')[0] ?? name
}

/** A name that is written from right to left leaves what is around it where it is. */
function isolated(name: string): string {
  return `\u2068${name}\u2069`
}

/** Under the name of somebody in the list, where files wait for them. */
export function waitingLine(files: number, person: string): string {
  const wait = files === 1 ? 'waits' : 'wait'
  return `${filesIn(files)} ${wait} until ${isolated(firstName(person))} is online`
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
      return { kind: 'calm', text: 'You cancelled this.' }
    case 'cancelled-by-peer':
      return { kind: 'calm', text: 'They cancelled this.' }
    case 'declined':
      return { kind: 'calm', text: direction === 'in' ? 'You declined this.' : 'They declined this.' }
    default:
      return { kind: 'bad', text: `Stopped. ${message}` }
  }
}

/** When one that was interrupted goes on. Its failure is told in words for what has ended: “try again”. */
function goesOn({ code, message }: FailureValue): string {
  switch (code) {
    case 'disk-full':
      return 'Goes on by itself once there is room on this computer.'
    case 'peer-disk-full':
      return 'Goes on by itself once there is room on their computer.'
    case 'unreachable':
      // Both are there: only this says what would mend it.
      return `Plumb goes on trying. ${message}`
    default:
      return 'Goes on by itself when you are both online.'
  }
}

/** What happened on the way, as sentences: what was there already, and what began anew. */
export function historyOf(transfer: ShownTransfer): readonly string[] {
  const { state, size, files, direction, resumedFrom, restarted } = transfer
  const what = files === null ? 'The file' : 'A file in it'
  const anew = state.kind === 'done' ? 'was sent anew' : 'is sent anew'
  const lines = restarted ? [`${what} changed, so it ${anew}.`] : []
  if (resumedFrom === null || !hasRoute(transfer)) return lines
  if (resumedFrom > 0 && resumedFrom === size) {
    return [...lines, direction === 'in' ? 'It was here already.' : 'They had it already.']
  }
  return [...lines, `Went on from ${inUnits(resumedFrom)}.`]
}

/** Whether the receipt tells of the way that its bytes take, or took: between two connections there is none. */
export function hasRoute({ state }: Pick<ShownTransfer, 'state'>): boolean {
  return ['moving', 'verifying', 'done', 'failed'].includes(state.kind)
}

export interface Chip {
  readonly kind: 'ok' | 'warn'
  readonly text: string
}

const NETWORKS: Readonly<Record<PathReceipt['network'], string>> = {
  'this-computer': 'on this computer',
  local: 'same network',
  internet: 'over the internet',
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
        text: `${method === 'socks5' ? 'Direct (SOCKS5)' : 'Direct'}, ${NETWORKS[network]}`,
      }
    case 'proxy':
      return { kind: 'warn', text: 'Through the server’s proxy' }
    case 'server':
      return { kind: 'warn', text: 'Through the servers, in small pieces: slow' }
    default:
      return assertNever(relay)
  }
}

function safetyChip({ relay, encrypted, verified }: PathReceipt): Chip {
  if (!encrypted) return { kind: 'warn', text: 'Not encrypted: their program cannot' }
  if (!verified) return { kind: 'warn', text: 'Encrypted, not verified' }
  // Where somebody stands in between, it has to be said that they see nothing.
  return { kind: 'ok', text: relay === 'none' ? 'Encrypted and verified' : 'Encrypted between you' }
}

const METHODS: Readonly<Record<RouteAttempt['method'], string>> = {
  dtcp: 'Direct',
  socks5: 'SOCKS5',
  ibb: 'Through the servers',
}

/** What an attempt at a connection is called. */
export function methodName(method: RouteAttempt['method']): string {
  return METHODS[method]
}

/** What stands above the attempts that came to nothing. */
export function attemptsTitle(transfer: ShownTransfer): string {
  const { receipt } = transfer
  if (receipt === null || !hasRoute(transfer)) return 'What was tried'
  return receipt.relay === 'none' ? 'What was tried before' : 'Why not direct'
}

/** Where an offered file would go, and whether there is room for it. */
export function placeOf({ folder, freeBytes, size }: Pick<Offer, 'folder' | 'freeBytes' | 'size'>): {
  readonly text: string
  readonly fits: boolean
} {
  if (freeBytes === null) return { text: `Saves to ${folder}`, fits: true }
  if (size === null || freeBytes >= size) {
    return { text: `Saves to ${folder}, ${inUnits(freeBytes)} free`, fits: true }
  }
  return { text: `${inUnits(size - freeBytes)} more needed in ${folder}`, fits: false }
}
