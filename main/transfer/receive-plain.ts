import { Failure } from '../../shared/model/failure.ts'
import type { PartialFile } from './partial-file.ts'
import { howItEnded } from './patience.ts'
import { expectEnd, receiveFile } from './receive-file.ts'
import type { Route } from './route.ts'

/** What was offered, as far as it can be held against what comes. */
export interface Expected {
  /** Bytes; undefined where the sender did not say: what comes until the end is the file. */
  readonly size: number | undefined
  readonly md5: string | undefined
}

export interface Received {
  /** Where the file is now. */
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

/** How long the sender may take to close after its last byte; surplus that comes meanwhile is noticed. */
const END_GRACE_MS = 2_000

/**
 * Receives one file from a program that knows only the XEPs, and gives it its name after size and checksum, where one
 * was announced, matched. Throws a Failure; the partial file stays the caller's then. Closes the route.
 */
export async function receivePlain(
  expected: Expected,
  partial: PartialFile,
  route: Route,
  options: {
    readonly signal: AbortSignal
    readonly onProgress: (bytes: number) => void
    /** What there is room for. */
    readonly limit: number | undefined
  },
): Promise<Received> {
  const { signal, onProgress, limit } = options
  try {
    const received = await receiveFile(route.stream, partial, {
      size: expected.size,
      ...(limit === undefined ? {} : { limit }),
      ...(expected.md5 === undefined ? {} : { md5: expected.md5 }),
      signal,
      onProgress,
    })
    // Our farewell first: the other program may be waiting for it. In band there is one for both directions, the sender's.
    if (route.method !== 'ibb') route.stream.end()
    if (expected.size !== undefined) await expectEnd(route.stream, { graceMs: END_GRACE_MS, signal })
    route.stream.end()
    const path = await partial.commit()
    return { path, bytes: received.bytes, sha256: received.sha256 }
  } catch (error) {
    throw Failure.from(error)
  } finally {
    closeInOrder(route, signal)
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
