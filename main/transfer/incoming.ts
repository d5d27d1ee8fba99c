import { Failure } from '../../shared/model/failure.ts'
import type { PartialFile } from './partial-file.ts'
import { delay, howItEnded } from './patience.ts'
import { expectEnd, receiveFile } from './receive-file.ts'
import type { Route } from './route.ts'

/** What the receiver's side of a transfer needs of the rest of the program. */
export interface IncomingPorts {
  /** Waits for the peer's negotiation and makes one connection. */
  connect(signal: AbortSignal): Promise<Route>
  /** The SHA-256 that the sender delivers behind the last byte. */
  checksum(signal: AbortSignal): Promise<string>
  connected(route: Route): void
  progress(bytes: number): void
}

/** What was offered, as far as it can be held against what comes. */
export interface Expected {
  readonly size: number
  readonly md5: string | undefined
  readonly checksumFollows: boolean
}

export interface Received {
  /** Where the file is now. */
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

/** A connection that died before it carried anything may be negotiated anew this often (What decides). */
const MAX_ATTEMPTS = 3
/** How long the sender's word, why it closed the connection, may be behind the closing itself. */
const NOTICE_TIMEOUT_MS = 2_000
/** How long the sender may take to close after its last byte; surplus that comes meanwhile is noticed. */
const END_GRACE_MS = 2_000

/**
 * Receives one accepted file into its partial file and gives it its name, but only after size and checksum
 * matched. Throws a Failure; the partial file stays the caller's then.
 */
export async function receiveAccepted(
  expected: Expected,
  partial: PartialFile,
  ports: IncomingPorts,
  signal: AbortSignal,
): Promise<Received> {
  for (let attempt = 1; ; attempt++) {
    const route = await ports.connect(signal)
    if (attempt === 1) ports.connected(route)
    let bytesReceived = 0
    try {
      const received = await receiveFile(route.stream, partial, {
        size: expected.size,
        ...(expected.md5 === undefined ? {} : { md5: expected.md5 }),
        signal,
        onProgress: bytes => {
          bytesReceived = bytes
          ports.progress(bytes)
        },
      })
      const announced = expected.checksumFollows ? await ports.checksum(signal) : undefined
      if (announced !== undefined && announced !== received.sha256) throw damaged()
      // Our farewell first: a program that knows only the XEPs may be waiting for it.
      route.stream.end()
      await expectEnd(route.stream, { graceMs: END_GRACE_MS, signal })
      const path = await partial.commit()
      return { path, bytes: received.bytes, sha256: received.sha256 }
    } catch (error) {
      const failure = Failure.from(error)
      const broke = failure.code === 'connection-lost' || failure.code === 'incomplete'
      if (!broke || !expected.checksumFollows) throw failure
      // Nothing is lost yet, so the sender may negotiate anew; otherwise it may have said why it closed.
      if (bytesReceived > 0 || expected.size === 0 || attempt === MAX_ATTEMPTS) {
        await delay(NOTICE_TIMEOUT_MS, signal)
        throw failure
      }
    } finally {
      closeInOrder(route, signal)
    }
  }
}

/** Lets the last bytes of a farewell leave, without anybody waiting for it. */
function closeInOrder({ stream }: Route, signal: AbortSignal): void {
  if (signal.aborted || !stream.writableEnded) {
    stream.destroy()
    return
  }
  howItEnded(stream, END_GRACE_MS, signal)
    .catch(() => {})
    .finally(() => stream.destroy())
}

function damaged(): Failure {
  return new Failure(
    'checksum-mismatch',
    'The file arrived damaged and was discarded: ask the contact to send it again.',
  )
}
