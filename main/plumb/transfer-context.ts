import type { FailureCode } from '../../shared/model/failure.ts'
import { Failure } from '../../shared/model/failure.ts'
import type { MethodName, TransferEvent } from '../../shared/model/transfer.ts'
import { say } from '../../shared/words/say.ts'
import { type Fingerprints, parseFingerprint } from '../dtcp/fingerprint.ts'
import type { Journal } from '../transfer/journal.ts'
import type { Route } from '../transfer/route.ts'
import type { IqRouter } from '../xmpp/iq.ts'
import { type Fingerprint, type TransferNotice, writeNotice } from '../xmpp/plumb.ts'
import type { Recipient } from './find-recipient.ts'
import type { Routes } from './routes.ts'

/** What one transfer needs of the account that it belongs to. */
export interface TransferContext {
  readonly iq: IqRouter
  readonly routes: Routes
  /** Undefined where nothing is to survive the end of the program. */
  readonly journal: Journal | undefined
  /** Our own bare JID. */
  readonly account: string
  /** Of our certificate; empty where nothing is to be encrypted. */
  readonly fingerprints: readonly Fingerprint[]
  /** The methods that may be used with a peer (full JID), best first. */
  readonly methodsWith: (peer: string, isPlumb: boolean) => readonly MethodName[]
  /** Resolves when the server is connected (again); rejects when that will not happen. */
  readonly whenConnected: (signal: AbortSignal) => Promise<void>
  /** Whether this full JID is online, as far as anybody can know. */
  readonly isOnline: (peer: string) => boolean
  /** Full JIDs that are online. */
  readonly devicesOf: (bare: string) => readonly string[]
  /** Calls back when a device (full JID) goes offline; returns how to stop that. */
  readonly onOffline: (peer: string, act: () => void) => () => void
  /** Calls back when a device (full JID) of this bare JID comes online; returns how to stop that. */
  readonly onOnline: (bare: string, act: (address: string) => void) => () => void
  /** Our own programs of this bare JID that are online (full JIDs), the one that came last is first. */
  readonly plumbsOf: (bare: string, signal: AbortSignal) => Promise<readonly string[]>
  /** The device that a transfer goes on with, as soon as there is one: the same, or another of the same person. */
  readonly findAgain: (recipient: Recipient, signal: AbortSignal) => Promise<Recipient>
  readonly emit: (event: TransferEvent) => void
}

/**
 * Between our programs: whoever cannot read it has lost nothing. Of a person (bare JID) all devices are told, or the one
 * that comes first.
 */
export function notify(
  { iq, devicesOf, onOnline }: TransferContext,
  peer: string,
  notice: TransferNotice,
): void {
  // What is addressed to a person as a whole, their server would answer.
  const devices = peer.includes('/') ? [peer] : devicesOf(peer).slice(0, MAX_NOTIFIED)
  const tell = (device: string): void => void iq.request('set', device, writeNotice(notice)).catch(() => {})
  for (const device of devices) tell(device)
  if (devices.length > 0) return
  const stop = onOnline(peer, device => {
    stop()
    tell(device)
  })
}

/** Devices of one person that are told: one of them knows what it is about. */
const MAX_NOTIFIED = 5

/**
 * The pins in an offer or acceptance of one of our programs; undefined without any, or where we encrypt nothing. Throws
 * `protocol-error` where one cannot be used.
 */
export function pinsOf(
  context: TransferContext,
  fingerprints: readonly Fingerprint[],
): Fingerprints | undefined {
  if (context.fingerprints.length === 0) return undefined
  const pins = fingerprints.map(({ hash, text }) => parseFingerprint(hash, text))
  // A fingerprint that we cannot use must not turn into no fingerprint: that would be a silent downgrade.
  if (pins.includes(undefined)) {
    throw new Failure('protocol-error', say('peer.odd-certificate'))
  }
  return pins.length === 0 ? undefined : Object.assign({}, ...pins)
}

/** Without pins the streams that pass others would go in the clear; a direct connection has its own rules. */
export function safeMethods(
  context: TransferContext,
  methods: readonly MethodName[],
  pinned: Fingerprints | undefined,
): readonly MethodName[] {
  if (pinned !== undefined || context.fingerprints.length === 0) return methods
  return methods.filter(method => method === 'dtcp')
}

export function tellFailedRoute(
  { emit }: TransferContext,
  transfer: string,
  method: MethodName,
  { code, message }: Failure,
): void {
  emit({ event: 'route', transfer, method, ok: false, reason: code, message })
}

export function tellConnected(
  { emit }: TransferContext,
  transfer: string,
  route: Route,
  since: number,
  canPause: boolean,
): void {
  const { stream: _, ...shown } = route
  emit({ event: 'connected', transfer, ...shown, ms: Math.round(performance.now() - since), canPause })
  const { method } = route
  emit({ event: 'route', transfer, method, ok: true, reason: undefined, message: undefined })
}

/** Ten a second at most. */
const PROGRESS_INTERVAL_MS = 100

/** Tells how far a transfer is, at most ten times a second, and the last of it always. */
export class Progress {
  readonly #tell: (bytes: number) => void
  #last = Number.NEGATIVE_INFINITY
  #untold: number | undefined
  #timer: NodeJS.Timeout | undefined

  constructor({ emit }: TransferContext, transfer: string, size: number | undefined) {
    this.#tell = bytes => {
      this.#last = performance.now()
      this.#untold = undefined
      emit({ event: 'progress', transfer, bytes, size })
    }
  }

  report(bytes: number): void {
    const wait = this.#last + PROGRESS_INTERVAL_MS - performance.now()
    if (wait <= 0) {
      this.#tell(bytes)
      return
    }
    this.#untold = bytes
    this.#timer ??= setTimeout(() => this.stop(), wait).unref()
  }

  /** Tells what is not told yet. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#untold !== undefined) this.#tell(this.#untold)
  }
}

const BREAKS: ReadonlySet<FailureCode> = new Set([
  'connection-lost',
  'incomplete',
  'unreachable',
  'timed-out',
  'refused',
  'server-connection-lost',
  'peer-offline',
  // Whoever makes room lets it go on.
  'disk-full',
  'peer-disk-full',
])

/** Whether nothing is wrong with the transfer itself, so that it can go on over another connection, or later. */
export function isBreak({ code }: Failure): boolean {
  return BREAKS.has(code)
}

/** The program ends, and with it what is under way with a program that is not ours. */
export function cannotGoOn(reason: Failure): Failure {
  if (reason.code !== 'interrupted') return reason
  return new Failure('interrupted', say('transfer.program-ended'))
}

export function cancelled(): Failure {
  return new Failure('cancelled', say('transfer.you-cancelled'))
}

export function offline(peer: string): Failure {
  return new Failure('peer-offline', say('peer.went-offline', { address: peer }))
}
