import { assertNever } from '../../shared/assert-never.ts'
import type { ShownTransfer } from '../../shared/model/shown-transfer.ts'
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
      return { ...record, shown: { ...shown, state: { kind: 'offered' } } }
    case 'connected': {
      const { method, network, encrypted, verified, code } = event
      return {
        ...record,
        shown: {
          ...shown,
          state: { kind: 'moving', bytes: 0, bytesPerSecond: 0, secondsLeft: null },
          receipt: { method, network, encrypted, verified, code: code ?? null },
        },
        samples: [{ at: ticks, bytes: 0 }],
      }
    }
    case 'progress': {
      // Negotiated anew, a transfer begins again: nothing is to be foreseen by what moved before.
      const begunAnew = event.bytes < (record.samples.at(-1)?.bytes ?? 0)
      const samples = [...(begunAnew ? [] : record.samples), { at: ticks, bytes: event.bytes }]
      const recent = samples.filter(
        ({ at }, index) => ticks - at <= SPEED_WINDOW_MS || index >= samples.length - 2,
      )
      const all = event.bytes >= shown.size
      const state = all ? ({ kind: 'verifying' } as const) : moving(recent, shown.size)
      return { ...record, shown: { ...shown, state }, samples: recent }
    }
    case 'done': {
      const { seconds, sha256, path } = event
      return {
        shown: {
          ...shown,
          state: { kind: 'done', at: now, seconds, sha256 },
          canRetry: false,
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
        },
        samples: [],
      }
    }
    default:
      return assertNever(event)
  }
}

/** How many bytes have moved. */
export function bytesOf({ state, size }: ShownTransfer): number {
  if (state.kind === 'moving' || state.kind === 'failed') return state.bytes
  return state.kind === 'verifying' || state.kind === 'done' ? size : 0
}

export function isOver({ state }: ShownTransfer): boolean {
  return state.kind === 'done' || state.kind === 'failed'
}

/** Whether bytes move, or are about to: what a person would lose by quitting. */
export function isRunning({ state }: ShownTransfer): boolean {
  return state.kind === 'connecting' || state.kind === 'moving' || state.kind === 'verifying'
}

function moving(samples: readonly Sample[], size: number): ShownTransfer['state'] & { kind: 'moving' } {
  const first = samples[0]
  const last = samples.at(-1)
  if (first === undefined || last === undefined)
    return { kind: 'moving', bytes: 0, bytesPerSecond: 0, secondsLeft: null }
  const seconds = (last.at - first.at) / 1000
  const bytesPerSecond = seconds > 0 ? Math.round((last.bytes - first.bytes) / seconds) : 0
  // A second is too little to foresee anything by.
  const secondsLeft =
    bytesPerSecond > 0 && seconds >= 1 ? Math.ceil((size - last.bytes) / bytesPerSecond) : null
  return { kind: 'moving', bytes: last.bytes, bytesPerSecond, secondsLeft }
}
