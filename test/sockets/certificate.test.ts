import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { matchesPin, parseFingerprint } from '../../main/dtcp/fingerprint.ts'
import { fingerprintsOf, makeIdentity, peerFingerprints } from '../../main/sockets/certificate.ts'

const identity = await makeIdentity()
const certificate = new X509Certificate(identity.certificate)

describe('the certificate of a run', () => {
  it('is P-256, signed by itself with SHA-256', () => {
    expect(certificate.publicKey.asymmetricKeyType).toBe('ec')
    expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(certificate.issuer).toBe(certificate.subject)
    // ecdsa-with-SHA256, 1.2.840.10045.4.3.2
    expect(certificate.raw.includes(Buffer.from('06082a8648ce3d040302', 'hex'))).toBe(true)
  })

  it('belongs to its key', () => {
    const key = createPrivateKey(identity.key)
    expect(certificate.checkPrivateKey(key)).toBe(true)
    expect(identity.key).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
  })

  it('says nothing about whose it is', () => {
    expect(certificate.subject).toBe('CN=plumb')
    expect(certificate.subjectAltName).toBeUndefined()
  })

  it('is valid now, and a day ago for clocks that are slow', () => {
    const day = 24 * 60 * 60 * 1000
    expect(certificate.validFromDate.getTime()).toBeLessThanOrEqual(Date.now() - day + 60_000)
    expect(certificate.validToDate.getTime()).toBeGreaterThan(Date.now() + 30 * day)
  })

  it('is another one each time', async () => {
    const others = await Promise.all(Array.from({ length: 5 }, makeIdentity))
    const digests = [identity, ...others].map(({ fingerprints }) => fingerprints['sha-256'])
    const serials = [identity, ...others].map(one => new X509Certificate(one.certificate).serialNumber)
    expect(new Set(digests).size).toBe(6)
    expect(new Set(serials).size).toBe(6)
    expect(new Set([identity, ...others].map(({ key }) => key)).size).toBe(6)
  })

  it('has a serial number that every reader takes: positive, 20 bytes at most', async () => {
    const serials = await Promise.all(
      Array.from(
        { length: 20 },
        async () => new X509Certificate((await makeIdentity()).certificate).serialNumber,
      ),
    )
    for (const serial of serials) expect(serial).toMatch(/^[0-9A-F]{1,40}$/)
  })
})

describe('the fingerprints of a certificate', () => {
  it('are those that OpenSSL computes', () => {
    const { fingerprints } = identity
    expect(fingerprints['sha-256']).toBe(certificate.fingerprint256)
    expect(fingerprints['sha-512']).toBe(certificate.fingerprint512)
    const sha384 = createHash('sha384').update(certificate.raw).digest('hex').toUpperCase()
    expect(fingerprints['sha-384']?.replaceAll(':', '')).toBe(sha384)
  })

  it('are the same from its DER bytes and from a peer', () => {
    expect(fingerprintsOf(certificate.raw)).toEqual(identity.fingerprints)
    expect(peerFingerprints(certificate)).toEqual(identity.fingerprints)
    expect(peerFingerprints(undefined)).toBeUndefined()
  })

  it('survive the way through a query, and match only their certificate', async () => {
    const told = parseFingerprint('sha-256', identity.fingerprints['sha-256'] ?? '')
    expect(told).toEqual({ 'sha-256': certificate.fingerprint256 })
    const other = await makeIdentity()
    expect(matchesPin(told ?? {}, identity.fingerprints)).toBe(true)
    expect(matchesPin(told ?? {}, other.fingerprints)).toBe(false)
  })
})
