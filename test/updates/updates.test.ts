import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { lutimes, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { request } from 'node:http'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { CancellationToken } from 'builder-util-runtime'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { UpdateTransport } from '../../main/updates/update-transport.ts'
import { net } from '../electron-host/api/net.ts'
import { eventually } from '../support/eventually.ts'
import { appImage, blockMap, Feed, withBlockMap } from './feed.ts'
import { Installed } from './rig.ts'

/* electron-updater's own classes against a feed on loopback. */

const NEW = appImage('2.0.0')
/** What else lies beside the AppImage here. */
const OTHERS = ['app-update.yml', 'cache', 'user']
let feed: Feed
let installed: Installed

beforeEach(async () => {
  feed = await Feed.start()
  installed = await Installed.start(feed)
})

afterEach(async () => {
  vi.useRealTimers()
  await installed[Symbol.asyncDispose]()
  await feed[Symbol.asyncDispose]()
})

/** Sends far more than anybody asked for, and stops only where the other side has gone, or after all that. */
function flood(response: ServerResponse, onSent: (bytes: number) => void, left = 20_000_000): void {
  const bytes = 100_000
  onSent(bytes)
  if (left <= 0) response.end()
  else if (!response.destroyed)
    response.write('x'.repeat(bytes), () => setImmediate(flood, response, onSent, left - bytes))
}

function expectRefused(): void {
  expect(installed.state).toMatchObject({ kind: 'failed', failure: { code: 'update-not-verified' } })
  expect(existsSync(installed.pending('2.0.0'))).toBe(false)
}

async function expectNothingInstalled(): Promise<void> {
  expect(await installed.updates.prepare()).toBe(false)
  expect(await readFile(installed.file)).toEqual(appImage('1.0.0'))
  expect((await readdir(installed.folder)).filter(name => name.endsWith('.ran'))).toEqual([])
}

/** Ends the connection once some of it is on the disk: what is still on its way may be lost with it. */
function breakOff(response: ServerResponse): void {
  response.write(NEW.subarray(0, 100_000))
  installed.updater.once('download-progress', () => response.destroy())
}

describe('a newer version', () => {
  it('is found, downloaded, verified, and installed at the end', async () => {
    feed.publish({ version: '2.0.0', content: NEW })
    await installed.updates.check()
    expect(installed.state).toEqual({ kind: 'ready', version: '2.0.0' })
    expect(installed.states.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['checking', 'downloading', 'ready']),
    )
    // Nothing of it has run by then.
    expect(await readFile(installed.file)).toEqual(appImage('1.0.0'))
    expect(await installed.updates.prepare()).toBe(true)
    expect(installed.updates.install(false)).toBe(true)
    // Under its name, so that every shortcut still leads to it, and without having run.
    expect(await readFile(installed.file)).toEqual(NEW)
    expect((await stat(installed.file)).mode & 0o111).toBe(0o111)
    expect((await readdir(installed.folder)).sort()).toEqual(['Plumb-1.0.0-x86_64.AppImage', ...OTHERS])
    expect(existsSync(installed.pending('2.0.0'))).toBe(false)
  })

  it('is started again where the person asked for it', async () => {
    feed.publish({ version: '2.0.0', content: NEW })
    await installed.updates.check()
    installed.updates.requireInstallable()
    expect(await installed.updates.prepare()).toBe(true)
    expect(installed.updates.install(true)).toBe(true)
    await eventually(async () => expect(await readFile(`${installed.file}.ran`, 'utf8')).toBe('2.0.0\n'))
  })

  it('that cannot be put there leaves the old one as it was', async () => {
    feed.publish({ version: '2.0.0', content: NEW })
    await installed.updates.check()
    expect(await installed.updates.prepare()).toBe(true)
    // A folder where the new one would be written first.
    await mkdir(join(installed.folder, '.Plumb-1.0.0-x86_64.AppImage.new', 'full'), { recursive: true })
    expect(installed.updates.install(false)).toBe(false)
    expect(await readFile(installed.file)).toEqual(appImage('1.0.0'))
    expect(existsSync(installed.pending('2.0.0'))).toBe(true)
  })

  it.each([
    ['is not put through a link that somebody laid there', 0, false],
    ['leaves alone what another Plumb is about to put there', 0, false],
    ['is put there where an attempt was cut off earlier', 3_600_000, true],
  ])('%s', async (what, ageMs, succeeds) => {
    feed.publish({ version: '2.0.0', content: NEW })
    await installed.updates.check()
    const beside = join(installed.folder, '.Plumb-1.0.0-x86_64.AppImage.new')
    const others = join(installed.folder, 'user', 'of others')
    await writeFile(others, 'of others')
    if (what.includes('link')) await symlink(others, beside)
    else await writeFile(beside, 'half')
    const then = new Date(Date.now() - ageMs)
    await lutimes(beside, then, then)
    expect(await installed.updates.prepare()).toBe(true)
    expect(installed.updates.install(false)).toBe(succeeds)
    expect(await readFile(installed.file)).toEqual(succeeds ? NEW : appImage('1.0.0'))
    expect(await readFile(others, 'utf8')).toBe('of others')
    expect(existsSync(beside)).toBe(!succeeds)
  })

  it('that is here already is not downloaded again, also in the next run', async () => {
    const name = feed.publish({ version: '2.0.0', content: NEW })
    await installed.updates.check()
    await installed.updates.check()
    const { folder } = installed
    installed = await Installed.start(feed, { folder })
    await installed.updates.check()
    expect(installed.state).toEqual({ kind: 'ready', version: '2.0.0' })
    expect(feed.requests.filter(path => path.endsWith(name))).toHaveLength(1)
  })

  it('that was here and was changed meanwhile is downloaded again', async () => {
    const name = feed.publish({ version: '2.0.0', content: NEW })
    await installed.updates.check()
    await writeFile(installed.pending('2.0.0'), appImage('6.6.6'))
    const { folder } = installed
    installed = await Installed.start(feed, { folder })
    await installed.updates.check()
    expect(installed.state).toEqual({ kind: 'ready', version: '2.0.0' })
    expect(feed.requests.filter(path => path.endsWith(name))).toHaveLength(2)
    expect(await readFile(installed.pending('2.0.0'))).toEqual(NEW)
  })

  it('that is changed on the disk while it waits is not installed', async () => {
    feed.publish({ version: '2.0.0', content: NEW })
    await installed.updates.check()
    await writeFile(installed.pending('2.0.0'), appImage('6.6.6'))
    await expectNothingInstalled()
    expect(installed.state).toMatchObject({ kind: 'failed', failure: { code: 'update-not-verified' } })
  })

  it('gives way to one that is newer still', async () => {
    feed.publish({ version: '2.0.0', content: NEW })
    await installed.updates.check()
    feed.publish({ version: '2.1.0', content: appImage('2.1.0') })
    await installed.updates.check()
    expect(installed.state).toEqual({ kind: 'ready', version: '2.1.0' })
    expect(existsSync(installed.pending('2.0.0'))).toBe(false)
  })

  it('whose file is gone is fetched again', async () => {
    feed.publish({ version: '2.0.0', content: NEW })
    await installed.updates.check()
    await rm(installed.pending('2.0.0'))
    await installed.updates.check()
    expect(installed.state).toEqual({ kind: 'ready', version: '2.0.0' })
    expect(await installed.updates.prepare()).toBe(true)
  })

  it('is handed to the system only once it is verified, also after an earlier one was', async () => {
    const early: boolean[] = []
    await using copy = await Installed.start(feed, {
      stage: async updater => {
        updater.autoInstallOnAppQuit = true
      },
    })
    copy.updater.on('update-downloaded', () => early.push(copy.updater.autoInstallOnAppQuit))
    for (const version of ['2.0.0', '2.1.0']) {
      feed.publish({ version, content: appImage(version) })
      await copy.updates.check()
      expect(copy.state).toEqual({ kind: 'ready', version })
    }
    expect(early).toEqual([false, false])
  })

  it('stays ready where the server fails afterwards', async () => {
    feed.publish({ version: '2.0.0', content: NEW })
    await installed.updates.check()
    feed.files.clear()
    await installed.updates.check()
    expect(installed.state).toEqual({ kind: 'ready', version: '2.0.0' })
  })

  it('goes with the taking back of it', async () => {
    feed.publish({ version: '2.0.0', content: NEW })
    await installed.updates.check()
    feed.publish({ version: '1.0.0', content: appImage('1.0.0') })
    await installed.updates.check()
    expect(installed.state).toMatchObject({ kind: 'current' })
    await expectNothingInstalled()
  })
})

describe('a check', () => {
  it('is one small request, which tells nothing of who asks', async () => {
    feed.publish({ version: '1.0.0', content: appImage('1.0.0') })
    await installed.updates.check()
    expect(installed.state).toMatchObject({ kind: 'current', checkedAt: expect.any(Number) })
    expect(feed.requests).toEqual(['/releases/latest-linux.yml'])
    expect(feed.headers[0]).not.toHaveProperty('x-user-staging-id')
    expect(feed.files.get('latest-linux.yml')?.length).toBeLessThan(1000)
  })

  it.each([
    ['an older version', '0.9.0'],
    ['the same', '1.0.0'],
    ['a beta of this one', '1.0.0-beta.3'],
  ])('does not offer %s', async (_, version) => {
    feed.publish({ version, content: appImage(version) })
    await installed.updates.check()
    expect(installed.state).toMatchObject({ kind: 'current' })
    expect(feed.requests).toHaveLength(1)
  })

  it('follows the beta channel where that was chosen, and never back to what is older', async () => {
    feed.publish({ version: '2.0.0-beta.1', content: appImage('2.0.0-beta.1') }, 'beta')
    feed.publish({ version: '0.9.0', content: appImage('0.9.0') })
    await installed.updates.check()
    expect(installed.state).toMatchObject({ kind: 'current' })
    installed.updates.choose({ automatic: false, beta: true })
    await installed.updates.check()
    expect(installed.state).toEqual({ kind: 'ready', version: '2.0.0-beta.1' })
  })

  it('that finds a beta is of no use any more once betas are not wanted', async () => {
    feed.publish({ version: '2.0.0-beta.1', content: appImage('2.0.0-beta.1') }, 'beta')
    installed.updates.choose({ automatic: false, beta: true })
    await installed.updates.check()
    expect(installed.state).toMatchObject({ kind: 'ready' })
    installed.updates.choose({ automatic: false, beta: false })
    expect(installed.state).toEqual({ kind: 'off' })
    await expectNothingInstalled()
  })

  it('of betas that are not wanted any more in the middle of it ends with nothing', async () => {
    feed.publish({ version: '2.0.0-beta.1', content: appImage('2.0.0-beta.1') }, 'beta')
    installed.updates.choose({ automatic: false, beta: true })
    installed.updater.once('download-progress', () =>
      installed.updates.choose({ automatic: false, beta: false }),
    )
    await installed.updates.check()
    expect(installed.state).toMatchObject({ kind: 'failed' })
    await expectNothingInstalled()
  })

  it.each([
    [0, 'current'],
    [100, 'ready'],
  ])('honours a roll-out to %s %%', async (stagingPercentage, kind) => {
    feed.publish({ version: '2.0.0', content: NEW, more: { stagingPercentage } })
    await installed.updates.check()
    expect(installed.state.kind).toBe(kind)
  })

  it('puts each copy on one side of a roll-out, and leaves it there', async () => {
    feed.publish({ version: '2.0.0', content: NEW, more: { stagingPercentage: 50 } })
    // The last 32 bits of this copy's number, of 2^32, are its place.
    const id = (end: string): string => `a0000000-0000-5000-8000-0000${end}`
    for (const [end, kind] of [
      ['7fffff00', 'ready'],
      ['80000100', 'current'],
    ] as const) {
      await using copy = await Installed.start(feed)
      await writeFile(join(copy.folder, 'user', '.updaterId'), id(end))
      await copy.updates.check()
      expect(copy.state.kind).toBe(kind)
    }
  })
})

describe('what is refused', () => {
  it('is what was tampered with on its way', async () => {
    const served = Buffer.from(NEW)
    served[1234] = (served[1234] ?? 0) ^ 1
    feed.publish({ version: '2.0.0', content: NEW, served })
    await installed.updates.check()
    expectRefused()
    await expectNothingInstalled()
  })

  it('is what the feed names with its right hash, but nobody of ours signed', async () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    feed.publish({ version: '2.0.0', content: appImage('6.6.6'), signedBy: privateKey })
    await installed.updates.check()
    expectRefused()
    // Not even downloaded.
    expect(feed.requests.filter(path => path.endsWith('.AppImage'))).toEqual([])
    await expectNothingInstalled()
  })

  it.each([
    ['an old release under a new number', { version: '0.5.0' }],
    ['another file of the release', { file: 'Plumb-2.0.0-arm64.AppImage' }],
    ['another size', { size: 299_999 }],
    ['another content', { sha512: 'ab'.repeat(64) }],
  ])('is a signature for %s', async (_, signed) => {
    feed.publish({ version: '2.0.0', content: NEW, signed })
    await installed.updates.check()
    expectRefused()
    await expectNothingInstalled()
  })

  it('is a beta where none was asked for, also a signed one', async () => {
    feed.publish({ version: '2.0.0-beta.1', content: NEW })
    await installed.updates.check()
    expectRefused()
    expect(feed.requests.filter(path => path.endsWith('.AppImage'))).toEqual([])
    await expectNothingInstalled()
  })

  it.each([
    ['none', null],
    ['an empty one', ''],
    ['one that is none', 'signature: yes\n'],
    ['one that is endless', 'a'.repeat(200_000)],
  ])('is a release with %s for a signature', async (_, signature) => {
    feed.publish({ version: '2.0.0', content: NEW, signature })
    await installed.updates.check()
    expectRefused()
  })

  it.each([
    ['no files', { files: [] }],
    ['files that are no list', { files: 'all of them' }],
    [
      'a file elsewhere',
      { files: [{ url: 'http://127.0.0.1:9/Plumb-2.0.0-x86_64.AppImage', sha512: 'A'.repeat(88), size: 1 }] },
    ],
    ['a path', { files: [{ url: '../../Plumb-2.0.0-x86_64.AppImage', sha512: 'A'.repeat(88), size: 1 }] }],
    ['no hash', { files: [{ url: 'Plumb-2.0.0-x86_64.AppImage', size: 1 }] }],
    [
      'another processor',
      { files: [{ url: 'Plumb-2.0.0-arm64.AppImage', sha512: `${'A'.repeat(86)}==`, size: 1 }] },
    ],
    ['a version that is none', { version: 'the newest' }],
  ])('is a feed with %s', async (_, more) => {
    feed.publish({ version: '2.0.0', content: NEW, more })
    await installed.updates.check()
    expect(installed.state).toMatchObject({ kind: 'failed', failure: { code: 'update-unavailable' } })
    expect(feed.requests).toEqual(['/releases/latest-linux.yml'])
  })

  it.each([
    ['no YAML', 'version: [2.0.0'],
    ['nothing', ''],
    ['a web page', '<!doctype html><title>Sign in to this network</title>'],
    ['more than it should', `version: 2.0.0\nx: ${'y'.repeat(400_000)}\n`],
  ])('is a feed that holds %s', async (_, text) => {
    feed.files.set('latest-linux.yml', Buffer.from(text))
    await installed.updates.check()
    expect(installed.state).toMatchObject({ kind: 'failed', failure: { code: 'update-unavailable' } })
  })
})

describe('a feed whose few lines have no end', () => {
  /** Two to the power of 40, once somebody goes through it. */
  const ENDLESS = [
    'x0: &x0 [a, a]',
    ...Array.from({ length: 40 }, (_, n) => `x${n + 1}: &x${n + 1} [*x${n}, *x${n}]`),
  ].join('\n')

  it.each(['version', 'stagingPercentage', 'minimumSystemVersion', 'files'])(
    'in the place of %s is refused',
    async key => {
      const lines = Object.entries({ version: '2.0.0', files: '[]', [key]: '*x40' })
      const text = `${ENDLESS}\n${lines.map(([name, value]) => `${name}: ${value}\n`).join('')}`
      feed.files.set('latest-linux.yml', Buffer.from(text))
      await installed.updates.check()
      expect(installed.state).toMatchObject({ kind: 'failed', failure: { code: 'update-unavailable' } })
    },
  )

  it('beside what is used is passed over, also where it comes again', async () => {
    const name = feed.publish({ version: '2.0.0', content: NEW })
    const current = `${feed.files.get('latest-linux.yml')?.toString()}${ENDLESS}\n`
    for (const text of [current, 'version: 1.0.0', current]) {
      feed.files.set('latest-linux.yml', Buffer.from(text))
      await installed.updates.check()
    }
    expect(installed.state).toEqual({ kind: 'ready', version: '2.0.0' })
    expect(feed.requests.filter(path => path.endsWith(name))).toHaveLength(1)
  })
})

describe('a newer version of which a map of blocks tells what changed', () => {
  const OLD = appImage('1.0.0')
  const CHANGED = Buffer.concat([OLD.subarray(0, 200_000), appImage('2.0.0', 100_000)])
  const NEW_MAP = blockMap(['same', 200_000], ['new', 100_000])

  beforeEach(async () => {
    await writeFile(installed.file, withBlockMap(OLD, blockMap(['same', 200_000], ['old', 100_000])).content)
  })

  it('is put together of the old one and of what changed', async () => {
    const release = withBlockMap(CHANGED, NEW_MAP)
    feed.publish({ version: '2.0.0', ...release })
    await installed.updates.check()
    expect(installed.state).toEqual({ kind: 'ready', version: '2.0.0' })
    expect(await readFile(installed.pending('2.0.0'))).toEqual(release.content)
    expect(feed.requests.filter(path => path.includes('.AppImage '))).toEqual([
      expect.stringContaining(' bytes=300000-'),
      expect.stringContaining(' bytes=200000-299999'),
    ])
    expect(feed.requests).toHaveLength(4)
  })

  it.each([
    ['has sizes below zero', blockMap(...Array(30).fill(['same', 200_000]), ['new', -5_700_000])],
    ['is larger unpacked than any', Array(5_000_000).fill(0)],
    ['is none', 'x'],
  ])('comes whole where the map %s', async (_, map) => {
    const name = feed.publish({ version: '2.0.0', ...withBlockMap(CHANGED, map) })
    await installed.updates.check()
    expect(installed.state).toEqual({ kind: 'ready', version: '2.0.0' })
    expect(feed.requests.slice(2)).toEqual([expect.stringContaining(' bytes='), `/releases/${name}`])
  })

  it('comes whole where the library would throw and nobody hears it', async () => {
    const checksums = ['same', 'new']
    const file = { name: 'file', offset: '\n0', checksums, sizes: [200_000, ''] }
    const map = { version: '2', files: [file] }
    feed.publish({ version: '2.0.0', ...withBlockMap(OLD.subarray(0, 200_000), map) })
    await installed.updates.check()
    expect(installed.state).toEqual({ kind: 'ready', version: '2.0.0' })
  })

  it('is left where a part of it is larger than was asked for', async () => {
    const name = feed.publish({ version: '2.0.0', ...withBlockMap(CHANGED, NEW_MAP) })
    let sent = 0
    feed.answer = ({ headers: { range } }, response) => {
      if (range !== 'bytes=200000-299999') return false
      response.writeHead(206)
      flood(response, bytes => {
        sent += bytes
      })
      return true
    }
    await installed.updates.check()
    expect(installed.state).toEqual({ kind: 'ready', version: '2.0.0' })
    expect(feed.requests.at(-1)).toBe(`/releases/${name}`)
    expect(sent).toBeLessThan(20_000_000)
  })

  it.each([
    ['unpacks to more than any', gzipSync(Buffer.alloc(50_000_000))],
    ['is larger than any', randomBytes(2_000_000)],
    ['is none', gzipSync('{"files":[]}')],
  ])('is not looked for in a map beside it that %s', async (_, map) => {
    feed.files.set('Plumb-2.0.0-x64.exe.blockmap', map)
    const options = { cancellationToken: new CancellationToken() }
    const url = new URL('Plumb-2.0.0-x64.exe.blockmap', feed.url)
    await expect(new UpdateTransport(request).downloadToBuffer(url, options)).rejects.toThrow()
  })
})

describe('a server in trouble', () => {
  it.each([
    [404, /no releases/],
    [500, /in trouble \(500\)/],
    [503, /in trouble \(503\)/],
    [407, /proxy/],
  ])('that answers %s is said', async (status, sentence) => {
    feed.answer = (_, response) => {
      response.writeHead(status).end('no')
      return true
    }
    await installed.updates.check()
    expect(installed.state).toMatchObject({
      kind: 'failed',
      failure: { code: 'update-unavailable', message: expect.stringMatching(sentence) },
    })
  })

  it('that is silent is left', async () => {
    await installed[Symbol.asyncDispose]()
    installed = await Installed.start(feed, { silenceMs: 50 })
    feed.answer = () => true
    await installed.updates.check()
    expect(installed.state).toMatchObject({ kind: 'failed', failure: { code: 'update-unavailable' } })
  })

  it('that tells what there is letter by letter is left', async () => {
    await installed[Symbol.asyncDispose]()
    installed = await Installed.start(feed, { silenceMs: 100 })
    feed.answer = (_, response) => {
      const letters = setInterval(() => response.write(' '), 30)
      response.on('close', () => clearInterval(letters))
      return true
    }
    await installed.updates.check()
    expect(installed.state).toMatchObject({ kind: 'failed', failure: { code: 'update-unavailable' } })
  })

  it('that falls silent in the middle is left, and what came is kept', async () => {
    await installed[Symbol.asyncDispose]()
    installed = await Installed.start(feed, { silenceMs: 100 })
    const name = feed.publish({ version: '2.0.0', content: NEW })
    feed.answer = ({ url }, response) => {
      if (!url?.endsWith('.AppImage')) return false
      response.writeHead(200, { 'content-length': NEW.length }).write(NEW.subarray(0, 100_000))
      return true
    }
    await installed.updates.check()
    expect(installed.state).toMatchObject({ kind: 'failed', failure: { code: 'update-unavailable' } })
    feed.answer = () => false
    await installed.updates.check()
    expect(installed.state).toEqual({ kind: 'ready', version: '2.0.0' })
    expect(feed.requests.at(-1)).toBe(`/releases/${name} bytes=100000-`)
  })

  it.each([
    ['in the same run', false],
    ['in the next run', true],
  ])('that breaks off in the middle is asked for the rest, %s', async (_, restarts) => {
    const name = feed.publish({ version: '2.0.0', content: NEW })
    feed.answer = ({ url }, response) => {
      if (!url?.endsWith('.AppImage')) return false
      breakOff(response.writeHead(200, { 'content-length': NEW.length }))
      return true
    }
    await installed.updates.check()
    expect(installed.state).toMatchObject({ kind: 'failed', failure: { code: 'update-unavailable' } })
    feed.answer = () => false
    if (restarts) {
      const { folder } = installed
      installed = await Installed.start(feed, { folder })
    }
    await installed.updates.check()
    expect(installed.state).toEqual({ kind: 'ready', version: '2.0.0' })
    const asked = /bytes=(\d+)-$/.exec(feed.requests.at(-1) ?? '')?.[1]
    expect(feed.requests.at(-1)).toContain(name)
    expect(Number(asked)).toBeGreaterThan(0)
    expect(await readFile(installed.pending('2.0.0'))).toEqual(NEW)
  })

  it('that knows no ranges sends all of it again', async () => {
    feed.publish({ version: '2.0.0', content: NEW })
    let cut = true
    feed.answer = ({ url }, response) => {
      if (!url?.endsWith('.AppImage')) return false
      response.writeHead(200, { 'content-length': NEW.length })
      if (cut) breakOff(response)
      else response.end(NEW)
      cut = false
      return true
    }
    await installed.updates.check()
    await installed.updates.check()
    expect(installed.state).toEqual({ kind: 'ready', version: '2.0.0' })
  })

  it('that refuses to send a rest is asked for all of it', async () => {
    const name = feed.publish({ version: '2.0.0', content: NEW })
    let isFirst = true
    feed.answer = ({ url = '', headers }, response) => {
      if (!url.endsWith(name)) return false
      if (headers.range !== undefined) response.writeHead(416).end()
      else if (isFirst) breakOff(response.writeHead(200, { 'content-length': NEW.length }))
      else return false
      isFirst = false
      return true
    }
    await installed.updates.check()
    expect(installed.state).toMatchObject({ kind: 'failed', failure: { code: 'update-unavailable' } })
    await installed.updates.check()
    expect(installed.state).toEqual({ kind: 'ready', version: '2.0.0' })
    expect(feed.requests.slice(-2)).toEqual([expect.stringMatching(/bytes=\d+-$/), `/releases/${name}`])
  })

  it('that sends more than was signed is cut off', async () => {
    feed.publish({ version: '2.0.0', content: NEW, served: Buffer.concat([NEW, Buffer.alloc(1)]) })
    await installed.updates.check()
    expectRefused()
  })

  it('that redirects is followed', async () => {
    feed.publish({ version: '2.0.0', content: NEW })
    feed.answer = ({ url = '' }, response) => {
      if (url.includes('/moved/') || !url.endsWith('.AppImage')) return false
      response.writeHead(302, { location: `/releases/${url.split('/').at(-1)}?moved=/moved/` }).end()
      return true
    }
    await installed.updates.check()
    expect(installed.state).toEqual({ kind: 'ready', version: '2.0.0' })
  })
})

describe('over requests with the events of Electron’s', () => {
  beforeEach(async () => {
    await installed[Symbol.asyncDispose]()
    installed = await Installed.start(feed, {
      openRequest: options => net.request(options as Electron.ClientRequestConstructorOptions),
    })
  })

  it('a server that redirects is followed, and told nothing more than usual', async () => {
    const name = feed.publish({ version: '2.0.0', content: NEW })
    feed.files.set('elsewhere', NEW)
    feed.answer = ({ url = '' }, response) => {
      if (!url.endsWith(name)) return false
      response.writeHead(302, { location: 'elsewhere' }).end()
      return true
    }
    await installed.updates.check()
    expect(installed.state).toEqual({ kind: 'ready', version: '2.0.0' })
    expect(feed.requests.at(-1)).toBe('/releases/elsewhere')
    expect(new Set(feed.headers.map(headers => headers['user-agent']))).toEqual(new Set(['electron-builder']))
  })

  it.each(['latest-linux.yml', 'Plumb-2.0.0-x86_64.AppImage'])(
    'a server that sends in circles who wants %s is left',
    async name => {
      feed.publish({ version: '2.0.0', content: NEW })
      let turns = 0
      feed.answer = ({ url = '' }, response) => {
        // A program that goes on for ever gets what it wants in the end.
        if (!url.split('?')[0]?.endsWith(name) || ++turns > 100) return false
        response.writeHead(302, { location: `${name}?turn=${turns}` }).end()
        return true
      }
      await installed.updates.check()
      expect(installed.state).toMatchObject({ kind: 'failed', failure: { code: 'update-unavailable' } })
      expect(turns).toBeLessThan(20)
    },
  )

  it.each([
    ['latest-linux.yml', 300],
    ['Plumb-2.0.0-x86_64.AppImage', 200],
  ])('a server that names another place for %s with %s, in circles, is left', async (name, status) => {
    feed.publish({ version: '2.0.0', content: NEW })
    let turns = 0
    feed.answer = ({ url = '' }, response) => {
      if (!url.split('?')[0]?.endsWith(name) || ++turns > 100) return false
      response.writeHead(status, { location: url }).end()
      return true
    }
    await installed.updates.check()
    expect(installed.state).toMatchObject({ kind: 'failed', failure: { code: 'update-unavailable' } })
    expect(turns).toBeLessThan(20)
  })

  it.each([
    [200, 'http://['],
    [302, 'mailto:nobody'],
  ])('a server that answers %s with the place %s is left', async (status, location) => {
    const name = feed.publish({ version: '2.0.0', content: NEW })
    feed.answer = ({ url = '' }, response) => {
      if (!url.endsWith(name)) return false
      response.writeHead(status, { location }).end()
      return true
    }
    await installed.updates.check()
    expect(installed.state).toMatchObject({
      kind: 'failed',
      failure: { code: 'update-unavailable', message: expect.stringContaining('not be reached') },
    })
  })

  it('a feed that lies elsewhere is not larger there', async () => {
    let sent = 0
    let isLeft = false
    feed.answer = ({ url = '' }, response) => {
      if (url.includes('.yml')) {
        response.writeHead(302, { location: 'elsewhere' }).end()
        return true
      }
      response.writeHead(200).on('close', () => {
        isLeft = true
      })
      flood(response, bytes => {
        sent += bytes
      })
      return true
    }
    await installed.updates.check()
    expect(installed.state).toMatchObject({
      kind: 'failed',
      failure: { message: expect.stringContaining('more') },
    })
    expect(sent).toBeLessThan(20_000_000)
    await eventually(() => expect(isLeft).toBe(true))
  })

  it.each([
    ['all of it, and says that it knows ranges', 200, { 'accept-ranges': 'bytes' }],
    ['all of it', 200, {}],
    ['more than that', 206, {}],
  ])('a server that is asked for a part and sends %s is asked for the whole', async (_, status, headers) => {
    const name = feed.publish({ version: '2.0.0', ...withBlockMap(NEW, blockMap(['new', NEW.length])) })
    let asked = 0
    feed.answer = ({ headers: { range } }, response) => {
      if (range === undefined) return false
      asked += 1
      response.writeHead(status, headers).end(NEW)
      return true
    }
    await installed.updates.check()
    expect(installed.state).toEqual({ kind: 'ready', version: '2.0.0' })
    expect(asked).toBe(1)
    expect(feed.requests.at(-1)).toBe(`/releases/${name}`)
  })

  it('a download that was cut off goes on where it was', async () => {
    const name = feed.publish({ version: '2.0.0', content: NEW })
    feed.answer = ({ url = '' }, response) => {
      if (!url.endsWith(name)) return false
      feed.answer = () => false
      breakOff(response.writeHead(200, { 'content-length': NEW.length }))
      return true
    }
    await installed.updates.check()
    expect(installed.state).toMatchObject({ kind: 'failed', failure: { code: 'update-unavailable' } })
    await installed.updates.check()
    expect(installed.state).toEqual({ kind: 'ready', version: '2.0.0' })
    expect(feed.requests.at(-1)).toMatch(/AppImage bytes=[1-9]\d*-$/)
  })

  it('a server that is not there is said', async () => {
    await feed[Symbol.asyncDispose]()
    await installed.updates.check()
    expect(installed.state).toMatchObject({ kind: 'failed', failure: { code: 'update-unavailable' } })
    feed = await Feed.start()
  })

  it('a server that falls silent is left', async () => {
    feed.publish({ version: '2.0.0', content: NEW })
    feed.answer = () => true
    await using copy = await Installed.start(feed, {
      openRequest: options => net.request(options as Electron.ClientRequestConstructorOptions),
      silenceMs: 50,
    })
    await copy.updates.check()
    expect(copy.state).toMatchObject({ kind: 'failed', failure: { code: 'update-unavailable' } })
  })
})

describe('a transfer that runs', () => {
  it('is not cut off by an update', async () => {
    feed.publish({ version: '2.0.0', content: NEW })
    installed.running = 1
    await installed.updates.check()
    expect(installed.state).toEqual({ kind: 'ready', version: '2.0.0' })
    expect(() => installed.updates.requireInstallable()).toThrow(/A transfer is running/)
    await expectNothingInstalled()
    installed.running = 0
    expect(await installed.updates.prepare()).toBe(true)
  })
})

describe('a place that cannot be written', () => {
  it('is said before anything is downloaded', async () => {
    feed.publish({ version: '2.0.0', content: NEW })
    await using copy = await Installed.start(feed, {
      checkPlace: async () => {
        throw Object.assign(new Error('no'), { code: 'EACCES' })
      },
    })
    await copy.updates.check()
    expect(copy.state).toMatchObject({ kind: 'failed', failure: { code: 'cannot-write' } })
    expect(feed.requests.filter(path => path.endsWith('.AppImage'))).toEqual([])
  })
})

describe('by itself', () => {
  const HOUR_MS = 3_600_000

  async function lookAgain(ms: number): Promise<number> {
    const before = feed.requests.length
    vi.advanceTimersByTime(ms)
    await installed.updates.settled()
    return feed.requests.length - before
  }

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    feed.publish({ version: '1.0.0', content: appImage('1.0.0') })
  })

  it('looks soon after the start, and every few hours', async () => {
    installed.updates.choose({ automatic: true, beta: false })
    expect(await lookAgain(4_999)).toBe(0)
    expect(await lookAgain(1)).toBe(1)
    expect(await lookAgain(4 * HOUR_MS - 1)).toBe(0)
    expect(await lookAgain(1)).toBe(1)
  })

  it('waits longer after each failure, and as usual once it goes again', async () => {
    feed.files.clear()
    installed.updates.choose({ automatic: true, beta: false })
    await lookAgain(5_000)
    expect(await lookAgain(5 * 60_000)).toBe(1)
    expect(await lookAgain(5 * 60_000)).toBe(0)
    expect(await lookAgain(5 * 60_000)).toBe(1)
    feed.publish({ version: '1.0.0', content: appImage('1.0.0') })
    expect(await lookAgain(20 * 60_000)).toBe(1)
    expect(await lookAgain(HOUR_MS)).toBe(0)
  })

  it('does not look where it is switched off, unless it is asked to', async () => {
    installed.updates.choose({ automatic: true, beta: false })
    installed.updates.choose({ automatic: false, beta: false })
    expect(installed.state).toEqual({ kind: 'off' })
    expect(await lookAgain(24 * HOUR_MS)).toBe(0)
    await installed.updates.check()
    expect(installed.state).toMatchObject({ kind: 'current' })
    expect(await lookAgain(24 * HOUR_MS)).toBe(0)
  })

  it('looks soon where the other channel was chosen while it looked', async () => {
    installed.updates.choose({ automatic: true, beta: false })
    installed.updater.once('checking-for-update', () =>
      installed.updates.choose({ automatic: true, beta: true }),
    )
    expect(await lookAgain(5_000)).toBe(1)
    expect(await lookAgain(5_000)).toBe(1)
    expect(feed.requests).toEqual(['/releases/latest-linux.yml', '/releases/beta-linux.yml'])
  })

  it('looks when the computer wakes up and it is overdue', async () => {
    installed.updates.choose({ automatic: true, beta: false })
    await lookAgain(5_000)
    installed.updates.wake()
    expect(await lookAgain(30_000)).toBe(0)
    vi.setSystemTime(Date.now() + 5 * HOUR_MS)
    installed.updates.wake()
    expect(await lookAgain(5_000)).toBe(1)
  })
})
