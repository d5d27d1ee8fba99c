// The certificate library's dependency injection wants this polyfill loaded before it.
import 'reflect-metadata'
import { createHash, randomBytes, type X509Certificate } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { FINGERPRINT_HASHES, type Fingerprints } from '../dtcp/fingerprint.ts'

/** What one side of a TLS connection shows the other. */
export interface Identity {
  /** PEM, PKCS #8. Never stored, never logged. */
  readonly key: string
  /** PEM, self-signed: peers know it by its fingerprint, not by who signed it. */
  readonly certificate: string
  readonly fingerprints: Fingerprints
}

const DAY_MS = 24 * 60 * 60 * 1000

/** Makes the ephemeral P-256 certificate of this run (guide: TLS). Takes about 20 ms. */
export async function makeIdentity(): Promise<Identity> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const now = Date.now()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    // Says nothing about whose it is: the certificate can be read by whoever connects.
    name: 'CN=plumb',
    serialNumber: randomBytes(16).toString('hex'),
    keys,
    signingAlgorithm: algorithm,
    // Clocks differ, and a peer may check the dates although it pins the certificate.
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + 365 * DAY_MS),
  })
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'),
    certificate: certificate.toString('pem'),
    fingerprints: fingerprintsOf(Buffer.from(certificate.rawData)),
  }
}

/** The fingerprints of a certificate's DER bytes. */
export function fingerprintsOf(der: Uint8Array): Fingerprints {
  return Object.fromEntries(
    FINGERPRINT_HASHES.map(hash => {
      const digest = createHash(hash.replace('-', '')).update(der).digest('hex').toUpperCase()
      return [hash, digest.replace(/..(?=.)/g, '$&:')]
    }),
  )
}

/** The fingerprints of what a TLS peer showed; undefined where it showed nothing. */
export function peerFingerprints(certificate: X509Certificate | undefined): Fingerprints | undefined {
  return certificate && fingerprintsOf(certificate.raw)
}
