import { constants } from 'node:crypto'
import type { Socket } from 'node:net'
import { connect, createSecureContext, type SecureContext, TLSSocket } from 'node:tls'
import type { Identity } from './certificate.ts'

/** What both roles show and ask for. Made once a run: it parses the key and the certificate. */
export function secureContext(identity: Identity): SecureContext {
  return createSecureContext({
    key: identity.key,
    cert: identity.certificate,
    // Between our own clients it is always 1.3; a peer that knows only the XEP may be older.
    minVersion: 'TLSv1.2',
    // A resumed session could skip the certificates, and every connection here is the only one of its session.
    secureOptions: constants.SSL_OP_NO_TICKET,
    sessionIdContext: 'plumb',
  })
}

/**
 * TLS over a connection behind the lines of `starttls` (S2). `trailing`, what came behind the LF, goes to
 * TLS and nowhere else. Nobody's certificate is checked here against an authority: both are self-signed and
 * pinned by the handshake, so both are asked for. The result emits `secureConnect` (as dialer) or `secure`
 * (as acceptor), or `error`.
 */
export function upgradeToTls(
  socket: Socket,
  as: 'dialer' | 'acceptor',
  trailing: Uint8Array,
  context: SecureContext,
): TLSSocket {
  socket.pause()
  if (trailing.length > 0) socket.unshift(trailing)
  if (as === 'dialer') return connect({ socket, secureContext: context, rejectUnauthorized: false })
  return new TLSSocket(socket, {
    isServer: true,
    secureContext: context,
    requestCert: true,
    rejectUnauthorized: false,
  })
}
