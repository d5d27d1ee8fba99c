import type { Duplex } from 'node:stream'
import { finished } from 'node:stream/promises'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import { howItEnded } from './patience.ts'
import type { Route } from './route.ts'

/** What is sent to a program that knows only the XEPs: one stream of bytes, whose number was offered. */
export interface PlainContent {
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Sends `length` bytes from `offset` on; the stream is neither ended nor destroyed. Fails as `sendFile` does. */
  send(out: Duplex, options: PlainSendOptions): Promise<PlainSent>
}

export interface PlainSendOptions {
  readonly offset: number
  readonly length: number
  readonly signal: AbortSignal
  readonly onProgress: (bytes: number) => void
}

export interface PlainSent {
  readonly bytes: number
  /** Of the bytes that were sent, lower-case hex. */
  readonly sha256: string
}

/** How long a program that knows only the XEPs has to close first, once everything was sent. */
const PEER_CLOSES_FIRST_MS = 2_000
/** How long such a program may take to close once we did. */
const PEER_CLOSES_MS = 60_000

/** Sends the part that was asked for, and watches how the other side closes. Throws a Failure. */
export async function sendPlain(
  content: PlainContent,
  route: Route,
  range: { readonly offset: number; readonly length: number | undefined } | undefined,
  options: { readonly signal: AbortSignal; readonly onProgress: (bytes: number) => void },
): Promise<PlainSent> {
  const { signal, onProgress } = options
  const offset = range?.offset ?? 0
  const length = range?.length ?? content.size - offset
  const sent = await content.send(route.stream, {
    offset,
    length,
    signal,
    onProgress: bytes => onProgress(offset + bytes),
  })
  if (route.method === 'ibb') await closedInBand(route, signal)
  else await closedByPeer(route, signal)
  return sent
}

/** Every block was acknowledged, and so is the end, or else nobody ever does: libpurple does not. */
async function closedInBand({ stream }: Route, signal: AbortSignal): Promise<void> {
  stream.end()
  await finished(stream, { readable: false, signal }).catch(() => {
    signal.throwIfAborted()
    throw unconfirmed()
  })
}

/**
 * A program that knows only the XEPs says nothing: that it closed in order after the last byte is all there
 * is to see. It is let close first, since our farewell, unread in its buffer, would turn its closing into a
 * reset; where it waits for ours, it gets it after a moment.
 */
async function closedByPeer({ stream, encrypted }: Route, signal: AbortSignal): Promise<void> {
  // Without TLS our farewell is a FIN, which leaves nothing unread.
  const first = encrypted ? await howItEnded(stream, PEER_CLOSES_FIRST_MS, signal) : 'open'
  stream.end()
  const end = first === 'open' ? await howItEnded(stream, PEER_CLOSES_MS, signal) : first
  if (end !== 'ended') throw unconfirmed()
}

function unconfirmed(): Failure {
  return new Failure('unconfirmed', say('transfer.unconfirmed'))
}
