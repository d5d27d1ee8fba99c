import { isIP } from 'node:net'
// The library injects its parts, and refuses to load before this.
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'

const DAY_MS = 24 * 60 * 60 * 1000
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** When a certificate is valid, seen from now. */
export type Validity = 'current' | 'expired' | 'not-yet-valid'

const DAYS = {
  current: [-5, 5],
  expired: [-5, -1],
  'not-yet-valid': [1, 5],
} as const satisfies Record<Validity, readonly [startsInDays: number, endsInDays: number]>

export interface CertificateRequest {
  /** What the certificate is for: domain names and IP addresses. A wrong name is made by asking for it. */
  readonly names: readonly string[]
  /** Default: `current`, five days before and after now. */
  readonly validity?: Validity
}

/** A key and its certificate, PEM. */
export interface ServerCertificate {
  readonly certPem: string
  readonly keyPem: string
}

/** A throwaway CA: it lives in memory and is gone with the process. */
export interface CertificateAuthority {
  readonly caPem: string
  issue(request: CertificateRequest): Promise<ServerCertificate>
}

export async function createCertificateAuthority(
  commonName = 'Plumb test CA',
): Promise<CertificateAuthority> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const ca = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: [{ CN: [commonName] }],
      // Wider than any certificate below, so that `expired` is about the server's certificate alone.
      notBefore: new Date(Date.now() - 30 * DAY_MS),
      notAfter: new Date(Date.now() + 30 * DAY_MS),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, crypto),
      ],
    },
    crypto,
  )
  return {
    caPem: `${ca.toString('pem')}\n`,
    issue: request => issue(ca, keys.privateKey, request),
  }
}

/** A server certificate with the CA that signed it, for those who need only one. */
export async function createServerCertificate(
  request: CertificateRequest,
): Promise<ServerCertificate & { readonly caPem: string }> {
  const ca = await createCertificateAuthority()
  return { caPem: ca.caPem, ...(await ca.issue(request)) }
}

async function issue(
  ca: x509.X509Certificate,
  caKey: CryptoKey,
  { names, validity = 'current' }: CertificateRequest,
): Promise<ServerCertificate> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const [startsInDays, endsInDays] = DAYS[validity]
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject: [{ CN: [names[0] ?? 'nobody'] }],
      issuer: ca.subject,
      notBefore: new Date(Date.now() + startsInDays * DAY_MS),
      notAfter: new Date(Date.now() + endsInDays * DAY_MS),
      signingAlgorithm: ALGORITHM,
      publicKey: keys.publicKey,
      signingKey: caKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(
          names.map(name => ({ type: isIP(name) ? ('ip' as const) : ('dns' as const), value: name })),
        ),
        await x509.AuthorityKeyIdentifierExtension.create(ca.publicKey, false, crypto),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, crypto),
      ],
    },
    crypto,
  )
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    certPem: `${certificate.toString('pem')}\n`,
    keyPem: `${x509.PemConverter.encode(key, x509.PemConverter.PrivateKeyTag)}\n`,
  }
}
