/** The hash functions taken for a certificate's fingerprint (XEP-0320); older ones are not worth a pin. */
export const FINGERPRINT_HASHES = ['sha-256', 'sha-384', 'sha-512'] as const
export type FingerprintHash = (typeof FINGERPRINT_HASHES)[number]

/** Digests of one certificate's DER bytes by hash function, as upper-case hex pairs joined by colons. */
export type Fingerprints = Readonly<Partial<Record<FingerprintHash, string>>>

const DIGEST_BYTES: Record<FingerprintHash, number> = { 'sha-256': 32, 'sha-384': 48, 'sha-512': 64 }

/** The canonical text of a fingerprint, or undefined where hash or shape are not what is accepted. */
export function parseFingerprint(hash: string, text: string): Fingerprints | undefined {
  const known = FINGERPRINT_HASHES.find(name => name === hash.toLowerCase())
  if (known === undefined) return undefined
  const pairs = text.trim().toUpperCase().split(':')
  if (pairs.length !== DIGEST_BYTES[known] || !pairs.every(pair => /^[0-9A-F]{2}$/.test(pair)))
    return undefined
  return { [known]: pairs.join(':') }
}

/** Whether a certificate is the pinned one: every digest that was announced must be the certificate's. */
export function matchesPin(pinned: Fingerprints, certificate: Fingerprints | undefined): boolean {
  if (certificate === undefined) return false
  const hashes = FINGERPRINT_HASHES.filter(hash => pinned[hash] !== undefined)
  return hashes.length > 0 && hashes.every(hash => pinned[hash] === certificate[hash])
}
