import { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { SecureContext, TLSSocket } from 'node:tls'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import { type Fingerprints, matchesPin } from '../dtcp/fingerprint.ts'
import { type Identity, peerFingerprints } from '../sockets/certificate.ts'
import { secureContext, upgradeToTls } from '../sockets/tls-upgrade.ts'
import { verificationCode } from '../sockets/verification-code.ts'

/** What one side shows, ready for use: made once a run. */
export interface SecureIdentity {
  readonly context: SecureContext
  readonly fingerprints: Fingerprints
}

export interface SecureStream {
  /** Paused; somebody hears its errors. Whoever destroys it destroys what is underneath. */
  readonly stream: Duplex
  /** For two people to compare; undefined where the pin has no SHA-256. */
  readonly code: string | undefined
}

/** How long both sides together may take, over servers that hold back what goes through them. */
export const SECURE_TIMEOUT_MS = 15_000

export function secureIdentity(identity: Identity): SecureIdentity {
  return { context: secureContext(identity), fingerprints: identity.fingerprints }
}

/**
 * TLS 1.3 inside a bytestream between our own programs, so that neither a proxy nor a server sees what goes through it
 * (guide: TLS). The sender of the file is the client. Both certificates are asked for and have to be the pinned ones; to
 * a server with another one the client has said nothing yet, and of a client with another one nothing is read.
 *
 * Takes `raw` over, whatever comes of it. Throws a Failure, with `raw` destroyed: `certificate-mismatch`,
 * `protocol-error` where the peer speaks no TLS 1.3, `timed-out`, `connection-lost`, what `raw` failed with, or `signal`'s
 * reason.
 */
export async function secureStream(
  raw: Duplex,
  as: 'client' | 'server',
  own: SecureIdentity,
  pinned: Fingerprints,
  signal: AbortSignal,
): Promise<SecureStream> {
  let tls: TLSSocket | undefined
  try {
    signal.throwIfAborted()
    if (raw.destroyed) throw lost(raw.errored)
    // Node's TLS takes any Duplex, whatever its types say.
    const inner = raw instanceof Socket ? raw : (lasting(raw, error => tls?.destroy(error)) as Socket)
    tls = upgradeToTls(inner, as === 'client' ? 'dialer' : 'acceptor', new Uint8Array(), own.context)
    // Stays for good: between here and the next reader nobody else would catch a reset.
    tls.on('error', () => {})
    await established(tls, as, signal)
    // Both are our own programs: who offers less is somebody else.
    if (tls.getProtocol() !== 'TLSv1.3') throw notSpoken(undefined)
    const shown = peerFingerprints(tls.getPeerX509Certificate())
    if (!matchesPin(pinned, shown)) throw mismatch()
    return { stream: tls.pause(), code: verificationCode(own.fingerprints, shown) }
  } catch (error) {
    tls?.destroy()
    raw.destroy()
    throw error
  }
}

function established(tls: TLSSocket, as: 'client' | 'server', signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const event = as === 'client' ? 'secureConnect' : 'secure'
  const onError = (error: Error): void => reject(handshakeFailure(error))
  const onEnd = (): void => reject(lost(undefined))
  const onAbort = (): void => reject(signal.reason)
  const timer = setTimeout(() => reject(late()), SECURE_TIMEOUT_MS)
  tls.once(event, resolve).on('error', onError).on('end', onEnd).on('close', onEnd)
  signal.addEventListener('abort', onAbort)
  return promise.finally(() => {
    clearTimeout(timer)
    tls.off(event, resolve).off('error', onError).off('end', onEnd).off('close', onEnd)
    signal.removeEventListener('abort', onAbort)
  })
}

/**
 * A stream that stays when the one underneath has come to its end: Node's TLS would go down together with it, and take
 * what it has decrypted along that nobody has read yet. An error goes to `failed` alone: TLS would tell of it, and not
 * remember.
 */
function lasting(raw: Duplex, failed: (error: Error) => void): Duplex {
  const outer = new Duplex({
    autoDestroy: false,
    read: () => raw.resume(),
    write: (chunk, _encoding, done) => raw.write(chunk, unlessFailed(done)),
    final: done => raw.end(unlessFailed(done)),
    destroy: (error, done) => {
      raw.destroy()
      done(error)
    },
  })
  raw.on('data', chunk => {
    if (!outer.push(chunk)) raw.pause()
  })
  raw.on('end', () => outer.push(null))
  raw.on('error', failed)
  raw.on('close', () => {
    if (!raw.readableEnded || !raw.writableFinished) outer.destroy()
  })
  return outer
}

/** What failed to be written is followed by the error itself. */
function unlessFailed(done: () => void): (error?: Error | null) => void {
  return error => {
    if (error === undefined || error === null) done()
  }
}

function handshakeFailure(error: NodeJS.ErrnoException): Failure {
  if (error instanceof Failure) return error
  // What TLS itself has to say; all others are about the way.
  return /^(ERR_SSL|ERR_TLS|EPROTO)/.test(error.code ?? '') ? notSpoken(error) : lost(error)
}

function lost(cause: unknown): Failure {
  if (cause instanceof Failure) return cause
  return new Failure('connection-lost', say('secure.broke'), { cause })
}

function late(): Failure {
  return new Failure('timed-out', say('secure.too-slow'))
}

function notSpoken(cause: unknown): Failure {
  return new Failure('protocol-error', say('secure.not-spoken'), { cause })
}

function mismatch(): Failure {
  return new Failure('certificate-mismatch', say('direct.wrong-certificate'))
}
