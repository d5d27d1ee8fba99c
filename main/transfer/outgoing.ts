import { Failure } from '../../shared/model/failure.ts'
import { delay, howItEnded } from './patience.ts'
import type { Route } from './route.ts'
import { type OpenSource, sendFile } from './send-file.ts'

/** What the sender's side of a transfer needs of the rest of the program. */
export interface OutgoingPorts {
  /** Offers the file; resolves with the answer when the peer accepted it. */
  offer(signal: AbortSignal): Promise<{ readonly checksumFollows: boolean }>
  /** Negotiates and makes one connection. */
  connect(signal: AbortSignal): Promise<Route>
  /** Delivers the checksum behind the last byte; resolves when the peer has verified the file. */
  confirm(sha256: string, signal: AbortSignal): Promise<void>
  accepted(): void
  connected(route: Route): void
  progress(bytes: number): void
}

export interface Sent {
  readonly bytes: number
  readonly sha256: string
}

/** A committed connection that died before it carried anything is negotiated anew this often (What decides). */
const MAX_ATTEMPTS = 3
/** How long word from the peer, why it closed the connection, may be behind the closing itself. */
const NOTICE_TIMEOUT_MS = 2_000
/** How long a program that knows only the XEPs has to close first, once everything was sent. */
const PEER_CLOSES_FIRST_MS = 2_000
/** How long such a program may take to close once we did. */
const PEER_CLOSES_MS = 60_000

/** Offers a file, and sends it once it was accepted. Throws a Failure; the source stays the caller's. */
export async function sendOffered(
  source: OpenSource,
  ports: OutgoingPorts,
  signal: AbortSignal,
): Promise<Sent> {
  const { checksumFollows } = await ports.offer(signal)
  ports.accepted()
  let lost: Failure | undefined
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const route = await connect(ports, lost, signal)
    let bytesSent = 0
    try {
      const sent = await sendFile(source, route.stream, {
        signal,
        onProgress: bytes => {
          bytesSent = bytes
          ports.progress(bytes)
        },
      })
      await (checksumFollows ? confirmed(route, sent, ports, signal) : closedByPeer(route, signal))
      return sent
    } catch (error) {
      lost = Failure.from(error)
      if (lost.code !== 'connection-lost') throw lost
      // The peer may have said why it closed; its word reaches us over another way than the closing.
      if (checksumFollows) await delay(NOTICE_TIMEOUT_MS, signal)
      // Only our own program says whether it had received anything: it refuses a new attempt if so.
      else if (bytesSent > 0) throw lost
    } finally {
      route.stream.destroy()
    }
  }
  throw lost ?? new Error('bug: no attempt was made')
}

/** A further attempt that is refused tells nothing new: what broke the first one is what went wrong. */
async function connect(ports: OutgoingPorts, lost: Failure | undefined, signal: AbortSignal): Promise<Route> {
  try {
    const route = await ports.connect(signal)
    if (lost === undefined) ports.connected(route)
    return route
  } catch (error) {
    signal.throwIfAborted()
    throw lost ?? error
  }
}

/** Our own program at the other end verifies the file and says so. */
async function confirmed(
  { stream }: Route,
  sent: Sent,
  ports: OutgoingPorts,
  signal: AbortSignal,
): Promise<void> {
  stream.resume()
  stream.end()
  await ports.confirm(sent.sha256, signal)
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
  if (end === 'ended') return
  throw new Failure(
    'unconfirmed',
    'Everything was sent, but the other program did not confirm it: ask the contact whether the file arrived.',
  )
}
