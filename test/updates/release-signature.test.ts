import { execFileSync, spawnSync } from 'node:child_process'
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  MAX_SIGNATURE_BYTES,
  type ReleaseStatement,
  readReleaseKeys,
  sha512Of,
  signRelease,
  verifyRelease,
} from '../../main/updates/release-signature.ts'
import { Failure } from '../../shared/model/failure.ts'
import { KEYS, PUBLIC_PEM } from './feed.ts'

const OTHER = generateKeyPairSync('ed25519')
const STATEMENT: ReleaseStatement = {
  file: 'Plumb-1.2.0-x86_64.AppImage',
  version: '1.2.0',
  size: 104_857_600,
  sha512: '0123456789abcdef'.repeat(8),
}
const TEXT = signRelease(STATEMENT, KEYS.privateKey)
const verify = (text: string, ...keys: readonly KeyObject[]): ReleaseStatement =>
  verifyRelease(text, keys.length > 0 ? keys : [KEYS.publicKey])
const refused = expect.objectContaining({ code: 'update-not-verified' })
const pemOf = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString()

/** True where it was refused as it should be; what it says otherwise. */
function refusal(text: string): true | ReleaseStatement {
  try {
    return verify(text)
  } catch (error) {
    if (error instanceof Failure && error.code === 'update-not-verified') return true
    throw error
  }
}

describe('a signature', () => {
  it('says what was signed', () => {
    expect(verify(TEXT)).toEqual(STATEMENT)
  })

  it('says any release as it was signed, and fits into its file', () => {
    const hex = fc.stringMatching(/^[0-9a-f]{128}$/)
    const size = fc.integer({ min: 1, max: 999_999_999_999 })
    const file = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 ._+-]{0,199}$/)
    const version = fc.stringMatching(/^\d{1,5}\.\d{1,5}\.\d{1,5}(-(alpha|beta)\.\d{1,4})?$/)
    fc.assert(
      fc.property(fc.record({ file, version, size, sha512: hex }), statement => {
        const text = signRelease(statement, KEYS.privateKey)
        expect(verify(text)).toEqual(statement)
        expect(text.length).toBeLessThanOrEqual(MAX_SIGNATURE_BYTES)
      }),
    )
  })

  it('counts by any of the keys, and by no other', () => {
    expect(verify(TEXT, OTHER.publicKey, KEYS.publicKey)).toEqual(STATEMENT)
    expect(() => verify(TEXT, OTHER.publicKey)).toThrow(refused)
    expect(() => verifyRelease(TEXT, [])).toThrow(refused)
    expect(() => verify(signRelease(STATEMENT, OTHER.privateKey))).toThrow(refused)
  })

  it.each<[string, string, string]>([
    ['kind', 'Plumb release 1', 'Plumb release 2'],
    ['file', 'x86_64', 'arm64'],
    ['version', 'version: 1.2.0', 'version: 1.3.0'],
    ['size', '104857600', '104857601'],
    ['hash', 'sha512: 0', 'sha512: 1'],
    ['signature', 'signature: ', 'signature: A'],
  ])('is refused with another %s', (_, was, is) => {
    expect(TEXT).toContain(was)
    expect(() => verify(TEXT.replace(was, is))).toThrow(refused)
  })

  it('of another release does not fit this statement', () => {
    const other = signRelease({ ...STATEMENT, version: '1.1.0' }, KEYS.privateKey)
    const [signature = ''] = /signature: .*\n/.exec(other) ?? []
    expect(() => verify(TEXT.replace(/signature: .*\n/, signature))).toThrow(refused)
  })
})

describe('a text that is none', () => {
  it.each<[string, string]>([
    ['nothing', ''],
    ['lines that end as on Windows', TEXT.replaceAll('\n', '\r\n')],
    ['no end of its last line', TEXT.slice(0, -1)],
    ['an empty line behind it', `${TEXT}\n`],
    ['junk behind it', `${TEXT}x`],
    ['a second one behind it', TEXT + TEXT],
    ['a line before it', `\n${TEXT}`],
    ['a mark of its encoding before it', `\uFEFF${TEXT}`],
    ['a line too few', TEXT.replace(/size: .*\n/, '')],
    ['a line too many', TEXT.replace('size:', 'url: https://example.org/\nsize:')],
    ['a line twice', TEXT.replace(/(version: .*\n)/, '$1$1')],
    ['lines in another order', TEXT.replace(/(version: .*\n)(size: .*\n)/, '$2$1')],
    ['a hash in capitals', TEXT.replace(/sha512: .*/, line => line.replaceAll('a', 'A'))],
    ['half a hash', TEXT.replace(/(sha512: .{64}).*/, '$1')],
    ['a size in words', TEXT.replace('104857600', '1e8')],
    ['a size with a sign', TEXT.replace('104857600', '+104857600')],
    ['a size that begins with zero', TEXT.replace('104857600', '0104857600')],
    ['no size', TEXT.replace('104857600', '0')],
    ['a size beyond all measure', TEXT.replace('104857600', '9'.repeat(13))],
    ['half a signature', TEXT.replace(/(signature: .{44}).*/, '$1')],
    ['a signature of other letters', TEXT.replace(/signature: .{3}/, 'signature: -_-')],
    ['what was cut off', TEXT.slice(0, 100)],
  ])('with %s is refused', (_, text) => {
    expect(text).not.toBe(TEXT)
    expect(() => verify(text)).toThrow(refused)
  })

  it('is refused, whatever it is, and nothing else comes of it', () => {
    const lines = TEXT.split('\n').map(line => `${line}\n`)
    const anything = fc.oneof(
      fc.string({ unit: 'binary', maxLength: MAX_SIGNATURE_BYTES }),
      fc.uint8Array({ maxLength: 600 }).map(bytes => Buffer.from(bytes).toString('latin1')),
      // Made of what a real one is made of.
      fc.array(fc.oneof(fc.constantFrom(...lines), fc.string()), { maxLength: 9 }).map(all => all.join('')),
    )
    fc.assert(
      fc.property(
        anything.filter(text => text !== TEXT),
        text => {
          expect(refusal(text)).toBe(true)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('is refused after any change of it, or says nothing else', () => {
    const at = fc.integer({ min: 0, max: TEXT.length })
    const change = fc.tuple(at, fc.integer({ min: 0, max: 3 }), fc.string({ maxLength: 3 }))
    fc.assert(
      fc.property(change, ([from, removed, added]) => {
        const text = TEXT.slice(0, from) + added + TEXT.slice(from + removed)
        // The last letter before the == has bits that mean nothing.
        expect([true, STATEMENT]).toContainEqual(refusal(text))
        if (!text.endsWith(TEXT.slice(-4))) return
        expect(refusal(text)).toEqual(text === TEXT ? STATEMENT : true)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('who signs', () => {
  it.each([
    '../Plumb.exe',
    'a/b.AppImage',
    'a\\b.exe',
    'C:b.exe',
    '.hidden',
    '..',
    '',
    'a\nversion: 9.9.9',
    'a.AppImage\n',
    'ä.exe',
    'a%2Fb.exe',
    'a'.repeat(201),
  ])('signs nothing that is called %j', file => {
    expect(() => signRelease({ ...STATEMENT, file }, KEYS.privateKey)).toThrow(
      expect.objectContaining({ code: 'usage' }),
    )
  })

  it.each([
    [{ version: '1.2.0\nsize: 1' }],
    [{ version: '' }],
    [{ size: 0 }],
    [{ size: 1.5 }],
    [{ size: Number.NaN }],
    [{ sha512: 'AB'.repeat(64) }],
    [{ sha512: '' }],
  ])('signs nothing that could not be read: %j', more => {
    expect(() => signRelease({ ...STATEMENT, ...more }, KEYS.privateKey)).toThrow(
      expect.objectContaining({ code: 'usage' }),
    )
  })

  it('has an Ed25519 key', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    expect(() => readReleaseKeys([PUBLIC_PEM, pemOf(publicKey)])).toThrow(
      expect.objectContaining({ code: 'bug', message: expect.stringMatching(/^bug: .*Ed25519/) }),
    )
    expect(() => readReleaseKeys(['no key'])).toThrow()
    expect(readReleaseKeys([PUBLIC_PEM, pemOf(OTHER.publicKey)])).toHaveLength(2)
    expect(readReleaseKeys([])).toEqual([])
  })
})

/** LibreSSL, which macOS calls so too, does not know how. */
const hasOpenssl =
  spawnSync('openssl', ['version'], { encoding: 'utf8' }).stdout?.startsWith('OpenSSL 3') === true

describe('anybody', () => {
  it.runIf(hasOpenssl)('can verify the same bytes with openssl', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'plumb-signature-'))
    const [signed = '', signature = ''] = TEXT.split('signature: ')
    await writeFile(join(folder, 'key.pem'), pemOf(createPublicKey(PUBLIC_PEM)))
    await writeFile(join(folder, 'signature'), Buffer.from(signature, 'base64'))
    await writeFile(join(folder, 'statement'), signed)
    const args = 'pkeyutl -verify -rawin -pubin -inkey key.pem -sigfile signature -in statement'.split(' ')
    const openssl = (): string =>
      execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' })
    expect(openssl()).toMatch(/Verified Successfully/)
    await writeFile(join(folder, 'statement'), signed.replace('1.2.0', '1.3.0'))
    expect(openssl).toThrow()
    await rm(folder, { recursive: true })
  })

  it('can compare the hash of a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'plumb-signature-'))
    await writeFile(join(folder, 'abc'), 'abc')
    const hex = await sha512Of(join(folder, 'abc'), 'hex')
    // FIPS 180-4's own example.
    expect(hex).toMatch(/^ddaf35a193617aba.*a54ca49f$/)
    expect(await sha512Of(join(folder, 'abc'), 'base64')).toBe(Buffer.from(hex, 'hex').toString('base64'))
    await rm(folder, { recursive: true })
  })
})
