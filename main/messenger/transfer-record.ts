import { assertNever } from '../../shared/assert-never.ts'
import type { RouteAttempt, ShownTransfer } from '../../shared/model/shown-transfer.ts'
import type { TransferEvent } from '../../shared/model/transfer.ts'

/** How far a transfer was at one moment. */
interface Sample {
  /** Milliseconds of a clock that only goes forward. */
  readonly at: number
  readonly bytes: number
}

/** One transfer with what is needed to go on with it. */
export interface TransferRecord {
  readonly shown: ShownTransfer
  /** Absolute: of the source, or of what arrived. */
  readonly path: string | null
  /** Of the last seconds, oldest first. */
  readonly samples: readonly Sample[]
}

/** The speed is that of these last milliseconds. */
const SPEED_WINDOW_MS = 3_000
/** Attempts that are kept: what a person would read. */
const MAX_ATTEMPTS = 10

/** What a transfer is after an event. `now` is the clock on the wall, `ticks` one that only goes forward, both in ms. */
export function step(
  record: TransferRecord,
  event: TransferEvent,
  now: number,
  ticks: number,
): TransferRecord {
  const { shown } = record
  switch (event.event) {
    case 'offer':
      // What had begun stays as it is shown: it goes on from there by itself.
      return rests(shown) ? record : { ...record, shown: { ...shown, state: { kind: 'offered' } } }
    case 'waiting':
      return { ...record, shown: { ...shown, state: { kind: 'waiting' } }, samples: [] }
    case 'route':
      return { ...record, shown: { ...shown, attempts: attemptsAfter(shown.attempts, event) } }
    case 'connected': {
      const { method, network, relay, encrypted, verified, code, canPause } = event
      const bytes = bytesOf(shown)
      return {
        ...record,
        shown: {
          ...shown,
          state: { kind: 'moving', bytes, bytesPerSecond: 0, secondsLeft: null },
          receipt: { method, network, relay, encrypted, verified, code: code ?? null },
          canPause,
        },
        // What goes on is somewhere that the first progress tells: what was there before has not moved just now.
        samples: rests(shown) || bytes > 0 ? [] : [{ at: ticks, bytes }],
      }
    }
    case 'restarted': {
      // As another file by now, it is asked about like a new one.
      const state = rests(shown) ? ({ kind: 'offered' } as const) : shown.state
      return { ...record, shown: { ...shown, state, restarted: true, resumedFrom: null }, samples: [] }
    }
    case 'interrupted': {
      const failure = { code: event.code, message: event.message }
      return {
        ...record,
        shown: { ...shown, state: { kind: 'interrupted', bytes: bytesOf(shown), failure } },
        samples: [],
      }
    }
    case 'paused':
      return {
        ...record,
        shown: { ...shown, state: { kind: 'paused', bytes: bytesOf(shown), by: event.by } },
        samples: [],
      }
    case 'progress': {
      const { state: before } = shown
      // The last word of a connection may come behind its end.
      if (before.kind === 'interrupted' || before.kind === 'paused') {
        return { ...record, shown: { ...shown, state: { ...before, bytes: event.bytes } } }
      }
      // Sent anew, a transfer begins again: nothing is to be foreseen by what moved before.
      const begunAnew = event.bytes < (record.samples.at(-1)?.bytes ?? 0)
      const samples = [...(begunAnew ? [] : record.samples), { at: ticks, bytes: event.bytes }]
      const recent = samples.filter(
        ({ at }, index) => ticks - at <= SPEED_WINDOW_MS || index >= samples.length - 2,
      )
      const all = shown.size !== null && event.bytes >= shown.size
      const state = all ? ({ kind: 'verifying' } as const) : moving(recent, shown.size)
      return { ...record, shown: { ...shown, state }, samples: recent }
    }
    case 'done': {
      const { seconds, sha256, path, bytes, resumedFrom } = event
      return {
        ...record,
        shown: {
          ...shown,
          size: bytes,
          state: { kind: 'done', at: now, seconds, sha256 },
          resumedFrom: resumedFrom > 0 ? resumedFrom : null,
          canRetry: false,
          canPause: false,
          hasFile: true,
        },
        path,
        samples: [],
      }
    }
    case 'failed': {
      const { code, message } = event
      const canRetry = shown.direction === 'out' && record.path !== null
      return {
        ...record,
        shown: {
          ...shown,
          state: { kind: 'failed', at: now, bytes: bytesOf(shown), failure: { code, message } },
          canRetry,
          canPause: false,
        },
        samples: [],
      }
    }
    default:
      return assertNever(event)
  }
}

/** What failed, newest last; a method that worked is not one of them any more. */
function attemptsAfter(
  attempts: readonly RouteAttempt[],
  event: TransferEvent & { event: 'route' },
): RouteAttempt[] {
  const others = attempts.filter(({ method }) => method !== event.method)
  if (event.ok || event.reason === undefined) return others
  const { method, reason: code, message = '' } = event
  return [...others, { method, code, message }].slice(-MAX_ATTEMPTS)
}

/** How many bytes have moved. */
export function bytesOf({ state, size }: ShownTransfer): number {
  switch (state.kind) {
    case 'moving':
    case 'failed':
    case 'interrupted':
    case 'paused':
      return state.bytes
    case 'verifying':
    case 'done':
      return size ?? 0
    case 'waiting':
    case 'preparing':
    case 'offered':
    case 'connecting':
      return 0
  }
}

export function isOver({ state }: ShownTransfer): boolean {
  return state.kind === 'done' || state.kind === 'failed'
}

/** Whether it rests between two connections. */
function rests({ state }: ShownTransfer): boolean {
  return state.kind === 'interrupted' || state.kind === 'paused'
}

/** Whether bytes move, or are about to: what quitting would interrupt. */
export function isRunning({ state }: ShownTransfer): boolean {
  return state.kind === 'connecting' || state.kind === 'moving' || state.kind === 'verifying'
}

function moving(
  samples: readonly Sample[],
  size: number | null,
): ShownTransfer['state'] & { kind: 'moving' } {
  const first = samples[0]
  const last = samples.at(-1)
  if (first === undefined || last === undefined)
    return { kind: 'moving', bytes: 0, bytesPerSecond: 0, secondsLeft: null }
  const seconds = (last.at - first.at) / 1000
  const bytesPerSecond = seconds > 0 ? Math.round((last.bytes - first.bytes) / seconds) : 0
  // A second is too little to foresee anything by.
  const secondsLeft =
    size !== null && bytesPerSecond > 0 && seconds >= 1
      ? Math.ceil((size - last.bytes) / bytesPerSecond)
      : null
  return { kind: 'moving', bytes: last.bytes, bytesPerSecond, secondsLeft }
}
