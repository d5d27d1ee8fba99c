import { execFile } from 'node:child_process'
import { createHash, generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { dump } from 'js-yaml'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readReleaseKeys, verifyRelease } from '../../main/updates/release-signature.ts'
import { makeReleaseKeys } from './make-keys.ts'
import { readFeedFile, trustedKeys } from './release-files.ts'
import { ROOT } from './root.ts'
import { readPrivateKey, readRollout, setRollout, signReleases } from './sign-release.ts'

const PASSPHRASE = 'plumb line and spirit level'
const DEB = 'Plumb-1.2.3-amd64.deb'
const APP_IMAGE = 'Plumb-1.2.3-x86_64.AppImage'
const CONTENT = Buffer.from('what people download')

let work: string
let folder: string
let trusted: string
let key: string

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'plumb-signing-'))
  folder = mkdtempSync(join(work, 'dist-'))
  trusted = join(work, 'release-keys.json')
  key = join(work, 'secret', 'key.pem')
  writeFileSync(trusted, '{ "keys": [] }\n')
  for (const name of [DEB, APP_IMAGE]) writeFileSync(join(folder, name), CONTENT)
  for (const channel of ['latest', 'beta']) writeFeed(`${channel}-linux.yml`)
  // What is no part of a release is left alone.
  writeFileSync(join(folder, 'builder-debug.yml'), 'x: 1\n')
})

afterEach(() => rmSync(work, { recursive: true }))

function writeFeed(name: string, change: Record<string, unknown> = {}): void {
  const sha512 = createHash('sha512').update(CONTENT).digest('base64')
  const files = [{ url: APP_IMAGE, sha512, size: CONTENT.length, blockMapSize: 7 }]
  const releaseDate = '2026-11-22T00:00:00.000Z'
  const feed = { version: '1.2.3', files, path: APP_IMAGE, sha512, releaseDate, ...change }
  writeFileSync(join(folder, name), dump(feed))
}

function signatures(): string[] {
  return readdirSync(folder).filter(name => name.endsWith('.sig'))
}

describe('a release key', () => {
  it('is made once, for this user only, encrypted, and believed from then on', () => {
    const pem = makeReleaseKeys({ file: key, passphrase: PASSPHRASE, trusted })
    expect(trustedKeys(trusted)).toEqual([pem])
    expect(readFileSync(key, 'utf8')).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----/)
    if (process.platform !== 'win32') expect(statSync(key).mode & 0o777).toBe(0o600)
    expect(readPrivateKey(key, PASSPHRASE).asymmetricKeyType).toBe('ed25519')
    expect(() => readPrivateKey(key, 'another passphrase')).toThrow(/cannot be read with this passphrase/)
  })

  it('is never overwritten', () => {
    makeReleaseKeys({ file: key, passphrase: PASSPHRASE, trusted })
    const before = [readFileSync(key, 'utf8'), readFileSync(trusted, 'utf8')]
    expect(() => makeReleaseKeys({ file: key, passphrase: PASSPHRASE, trusted })).toThrow(/never overwritten/)
    expect([readFileSync(key, 'utf8'), readFileSync(trusted, 'utf8')]).toEqual(before)
  })

  it('joins those that are believed already', () => {
    const first = makeReleaseKeys({ file: key, passphrase: PASSPHRASE, trusted })
    const second = makeReleaseKeys({ file: `${key}.2`, passphrase: PASSPHRASE, trusted })
    expect(trustedKeys(trusted)).toEqual([first, second])
  })

  it('is not put into the repository, nor behind a short passphrase', () => {
    const inside = join(ROOT, 'resources', 'key.pem')
    expect(() => makeReleaseKeys({ file: inside, passphrase: PASSPHRASE, trusted })).toThrow(/repository/)
    expect(existsSync(inside)).toBe(false)
    expect(() => makeReleaseKeys({ file: key, passphrase: 'short', trusted })).toThrow(/too short/)
    expect(existsSync(key)).toBe(false)
    expect(trustedKeys(trusted)).toEqual([])
  })
})

describe('signing', () => {
  const sign = (): Promise<string[]> =>
    signReleases({ folder, privateKey: readPrivateKey(key, PASSPHRASE), trusted })

  beforeEach(() => {
    makeReleaseKeys({ file: key, passphrase: PASSPHRASE, trusted })
  })

  it('puts what the app verifies beside every artifact', async () => {
    expect(await sign()).toEqual([`${DEB}.sig`, `${APP_IMAGE}.sig`])
    for (const name of [DEB, APP_IMAGE]) {
      const text = readFileSync(join(folder, `${name}.sig`), 'utf8')
      expect(verifyRelease(text, readReleaseKeys(trustedKeys(trusted)))).toEqual({
        file: name,
        version: '1.2.3',
        size: CONTENT.length,
        sha512: createHash('sha512').update(CONTENT).digest('hex'),
      })
    }
    expect(signatures()).toHaveLength(2)
  })

  it('again gives the same', async () => {
    await sign()
    const before = readFileSync(join(folder, `${DEB}.sig`), 'utf8')
    await sign()
    expect(readFileSync(join(folder, `${DEB}.sig`), 'utf8')).toBe(before)
  })

  it('takes the version of a beta from its name', async () => {
    rmSync(join(folder, DEB))
    writeFileSync(join(folder, 'Plumb-2.0.0-beta.4-universal.zip'), CONTENT)
    await sign()
    const text = readFileSync(join(folder, 'Plumb-2.0.0-beta.4-universal.zip.sig'), 'utf8')
    expect(text).toMatch(/^version: 2\.0\.0-beta\.4$/m)
  })

  it.each([
    [
      'of another size',
      () => writeFileSync(join(folder, APP_IMAGE), 'less'),
      /is not what (beta|latest)-linux/,
    ],
    [
      'of another content',
      () =>
        writeFileSync(
          join(folder, APP_IMAGE),
          CONTENT.map(byte => byte ^ 1),
        ),
      /is not what/,
    ],
    [
      'of another version',
      () => writeFeed('beta-linux.yml', { version: '1.2.4' }),
      /is not what beta-linux\.yml/,
    ],
    ['that is not here', () => rmSync(join(folder, APP_IMAGE)), /which is not here/],
    [
      'in a feed that is none',
      () => writeFileSync(join(folder, 'latest-linux.yml'), '- 1'),
      /is no feed file/,
    ],
  ])('refuses an artifact %s, and signs nothing', async (_, change, message) => {
    change()
    await expect(sign()).rejects.toThrow(message)
    expect(signatures()).toEqual([])
  })

  it('refuses a key that no app believes, and signs nothing', async () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    await expect(signReleases({ folder, privateKey, trusted })).rejects.toThrow(/would not believe this key/)
    expect(signatures()).toEqual([])
  })

  it('says where there is nothing to sign', async () => {
    rmSync(folder, { recursive: true })
    folder = mkdtempSync(join(work, 'empty-'))
    await expect(sign()).rejects.toThrow(/npm run dist first/)
  })
})

describe('a roll-out', () => {
  it('is written into every feed, and taken out for all, with nothing else changed', () => {
    const before = readFeedFile(join(folder, 'latest-linux.yml'))
    expect(setRollout(folder, 10)).toEqual(['beta-linux.yml', 'latest-linux.yml'])
    expect(readFeedFile(join(folder, 'latest-linux.yml'))).toEqual({ ...before, stagingPercentage: 10 })
    setRollout(folder, 100)
    expect(readFeedFile(join(folder, 'latest-linux.yml'))).toEqual(before)
  })

  it.each(['0', '101', '12.5', '-1', 'all', ''])('of “%s” is none', text => {
    expect(() => readRollout(text)).toThrow(/1 to 100/)
  })
})

describe('on the command line', () => {
  const run = promisify(execFile)
  const env = { ...process.env, PLUMB_RELEASE_PASSPHRASE: PASSPHRASE }
  const script = (name: string): string => join(ROOT, 'test/release', name)

  it.each(['dist.ts', 'keys.ts', 'sign.ts', 'inspect-dist.ts'])('%s explains itself', async name => {
    const { stdout } = await run(process.execPath, [script(name), '--help'])
    expect(stdout).toMatch(/^Usage: npm run /)
    await expect(run(process.execPath, [script(name), '--nonsense'], { env })).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Usage: npm run '),
    })
  })

  it('a processor without what is built for it is a wrong use', async () => {
    await expect(
      run(process.execPath, [script('dist.ts'), '--arch', 'arm64'], { env }),
    ).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('--arch goes with --targets.') })
  })

  it.each([
    ['PLUMB_UPDATES_URL', 'http://updates.example/plumb'],
    ['PLUMB_UPDATES_URL', 'updates.example/plumb'],
    ['PLUMB_HOMEPAGE', 'plumb.example'],
    ['PLUMB_MAINTAINER', 'Ada'],
  ])('%s=%s builds nothing', async (name, value) => {
    const built = run(process.execPath, [script('dist.ts'), '--targets', 'dir'], {
      env: { ...env, [name]: value },
    })
    await expect(built).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`Nothing was built: ${name} is “${value}”`),
    })
  })

  it('a key that no app believes is one sentence and a 1', async () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const file = join(work, 'plain.pem')
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }))
    await expect(
      run(process.execPath, [script('sign.ts'), folder, '--key', file], { env }),
    ).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/^The apps would not believe .*\n$/) })
  })

  it('nobody who could be asked for the passphrase is a sentence, too', async () => {
    const { PLUMB_RELEASE_PASSPHRASE: _, ...without } = env
    const asked = run(process.execPath, [script('sign.ts'), folder, '--key', key], { env: without })
    asked.child.stdin?.end()
    await expect(asked).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('set PLUMB_RELEASE_PASSPHRASE'),
    })
  })
})
