import { execFileSync, spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPackage, extractAll } from '@electron/asar'
import { FuseV1Options, FuseVersion, flipFuses } from '@electron/fuses'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Feed } from '../updates/feed.ts'
import { Installed } from '../updates/rig.ts'
import { pack } from './build.ts'
import { type Finding, inspect } from './inspect.ts'
import { packagingMissing } from './packaging-available.ts'
import { readFeedFile } from './release-files.ts'
import { ROOT } from './root.ts'
import { setRollout, signReleases } from './sign-release.ts'
import { makeStandInElectron } from './stand-in-electron.ts'
import { makeStandInTools, STAND_IN_RUNTIME_BYTES } from './stand-in-tools.ts'

/*
 * What people download, really built, around a stand-in for Electron: everything but Electron is as it is shipped. What only
 * a real release shows, docs/releasing.md lists.
 */

const VERSION = '1.2.3'
const DEB = `Plumb-${VERSION}-amd64.deb`
const APP_IMAGE = `Plumb-${VERSION}-x86_64.AppImage`
const KEYS = generateKeyPairSync('ed25519')
const PUBLIC_PEM = KEYS.publicKey.export({ type: 'spki', format: 'pem' }).toString()

const missing = packagingMissing()
if (missing !== undefined && process.env['CI'] !== undefined && process.platform === 'linux')
  throw new Error(missing)

describe.skipIf(missing !== undefined)('what is built', () => {
  const work = mkdtempSync(join(tmpdir(), 'plumb-packaging-'))
  const dist = join(work, 'dist')
  const trusted = join(work, 'release-keys.json')
  let made: string[]

  beforeAll(async () => {
    if (!existsSync(join(ROOT, 'out/main/index.js'))) throw new Error('Run npm run build first.')
    const electronDist = join(work, 'electron')
    makeStandInElectron(electronDist)
    Object.assign(process.env, makeStandInTools(join(work, 'tools')))
    made = await pack({
      output: dist,
      targets: ['dir', 'deb', 'AppImage'],
      arch: 'x64',
      feed: 'https://updates.example/plumb',
      electronDist,
      version: VERSION,
      homepage: 'https://plumb.example/',
      maintainer: 'The Plumb authors <authors@plumb.example>',
    })
    writeFileSync(trusted, JSON.stringify({ keys: [PUBLIC_PEM] }))
  }, 180_000)

  afterAll(() => rmSync(work, { recursive: true }))

  /** What is wrong after a copy of it was changed. */
  async function wrongAfter(change: (copy: string) => unknown): Promise<string[]> {
    const copy = mkdtempSync(join(work, 'copy-'))
    cpSync(dist, copy, { recursive: true })
    await change(copy)
    return wrong(await inspect(copy, { trusted }))
  }

  async function repackAsar(copy: string, change: (content: string) => void): Promise<void> {
    const asar = join(copy, 'linux-unpacked/resources/app.asar')
    const content = mkdtempSync(join(work, 'asar-'))
    extractAll(asar, content)
    change(content)
    await createPackage(content, asar)
  }

  it('is named, with the feeds of both channels', () => {
    expect(made.map(path => path.slice(dist.length + 1)).sort()).toEqual(
      [APP_IMAGE, DEB, 'beta-linux.yml', 'latest-linux.yml'].sort(),
    )
    for (const channel of ['latest', 'beta']) {
      const { files } = readFeedFile(join(dist, `${channel}-linux.yml`))
      expect(files.map(({ url }) => url)).toEqual([APP_IMAGE, DEB])
    }
  })

  it('passes its inspection', async () => {
    const findings = await inspect(dist, { trusted })
    expect(wrong(findings)).toEqual([])
    expect(findings.length).toBeGreaterThan(25)
  })

  describe('as a deb', () => {
    const root = join(work, 'installed')
    const field = (name: string): string =>
      execFileSync('dpkg-deb', ['--field', join(dist, DEB), name], { encoding: 'utf8' }).trim()

    beforeAll(() => {
      execFileSync('dpkg-deb', ['--extract', join(dist, DEB), root])
      execFileSync('dpkg-deb', ['--control', join(dist, DEB), join(work, 'control')])
    })

    it('has the whole app in one folder, and the desktop’s files beside it', () => {
      const app = join(root, 'opt/Plumb')
      expect(readFileSync(join(app, 'resources/app.asar'))).toEqual(
        readFileSync(join(dist, 'linux-unpacked/resources/app.asar')),
      )
      expect(statSync(join(app, 'plumb')).mode & 0o777).toBe(0o755)
      expect(readFileSync(join(app, 'resources/package-type'), 'utf8').trim()).toBe('deb')
      for (const licence of [
        'resources/LICENSE.Plumb.txt',
        'resources/THIRD-PARTY.txt',
        'LICENSE.electron.txt',
      ])
        expect(readFileSync(join(app, licence), 'utf8').length).toBeGreaterThan(20)
      expect(readFileSync(join(root, 'usr/share/doc/plumb/copyright'), 'utf8')).toMatch(/MIT License/i)
      expect(readdirSync(join(root, 'usr/share/applications'))).toEqual(['plumb.desktop'])
      expect(readFileSync(join(root, 'usr/share/applications/plumb.desktop'), 'utf8')).toMatch(
        /^Comment=Chat, and send files straight to another computer$/m,
      )
      expect(existsSync(join(root, 'usr/share/icons/hicolor/256x256/apps/plumb.png'))).toBe(true)
    })

    it('says what it is, and what it needs', () => {
      expect(field('Package')).toBe('plumb')
      expect(field('Version')).toBe(VERSION)
      expect(field('Architecture')).toBe('amd64')
      expect(field('Section')).toBe('net')
      expect(field('Maintainer')).toBe('The Plumb authors <authors@plumb.example>')
      expect(field('Homepage')).toBe('https://plumb.example/')
      const [summary, ...more] = field('Description').split('\n')
      expect(summary).toMatch(/^Chat over XMPP, with files that go straight/)
      // A second space would keep the line as it is.
      expect(more.filter(line => !/^ \S.{1,78}$/.test(line))).toEqual([])
      expect(more.length).toBeGreaterThan(1)
      expect(field('Depends').split(', ')).toEqual(expect.arrayContaining(['libgtk-3-0', 'libnss3']))
    })

    it('links its program when it is installed, and removes nothing of the person’s with it', () => {
      const script = (name: string): string => join(work, 'control', name)
      for (const name of ['postinst', 'postrm']) execFileSync('bash', ['-n', script(name)])
      expect(readFileSync(script('postinst'), 'utf8')).toMatch(/\/usr\/bin\/plumb/)
      expect(readFileSync(script('postrm'), 'utf8')).not.toMatch(/\.config|HOME/)
    })
  })

  it('as an rpm keeps its link when the next version replaces it', () => {
    const script = join(ROOT, 'resources/after-remove.rpm.sh')
    expect(readFileSync(join(ROOT, 'electron-builder.yml'), 'utf8')).toMatch(/after-remove\.rpm\.sh$/m)
    // rpm counts the versions that are left. What the script runs is told on stderr.
    const { status, stderr } = spawnSync('bash', ['-x', script, '1'], { encoding: 'utf8' })
    expect(status).toBe(0)
    expect(stderr.trim().split('\n')).toEqual(["+ '[' 1 '!=' 0 ']'", '+ exit 0'])
  })

  it('as an AppImage has the app, its entry and its feed', () => {
    const listed = execFileSync(
      'unsquashfs',
      ['-o', String(STAND_IN_RUNTIME_BYTES), '-lc', join(dist, APP_IMAGE)],
      { encoding: 'utf8' },
    )
    for (const file of ['AppRun', 'plumb', 'plumb.desktop', 'resources/app.asar', 'resources/app-update.yml'])
      expect(listed.split('\n')).toContain(`squashfs-root/${file}`)
  })

  describe('is found wrong', () => {
    const unpacked = 'linux-unpacked'

    it.each<[string, RegExp, (copy: string) => unknown]>([
      [
        'where the asar holds what nobody needs',
        /holds the app only: out\/main\/index\.js\.map, test, test\/run\.ts/,
        copy =>
          repackAsar(copy, content => {
            mkdirSync(join(content, 'test'))
            writeFileSync(join(content, 'test/run.ts'), '')
            writeFileSync(join(content, 'out/main/index.js.map'), '{}')
          }),
      ],
      [
        'where a bundle is left out',
        /holds all of the app: out\/main\/disk-worker\.js/,
        copy => repackAsar(copy, content => rmSync(join(content, 'out/main/disk-worker.js'))),
      ],
      [
        'where a bundle wants a package',
        /not there: left-pad/,
        copy =>
          repackAsar(copy, content =>
            writeFileSync(join(content, 'out/main/disk-worker.js'), "import pad from 'left-pad'\npad()\n"),
          ),
      ],
      [
        'where the asar is too large',
        /the asar has \d/,
        copy =>
          repackAsar(copy, content =>
            writeFileSync(join(content, 'out/main/index.js'), Buffer.alloc(5_000_000, ' ')),
          ),
      ],
      [
        'where a fuse is left as Electron has it',
        /fuse for run as node is off/,
        copy =>
          flipFuses(join(copy, unpacked, 'plumb'), {
            version: FuseVersion.V1,
            [FuseV1Options.RunAsNode]: true,
          }),
      ],
      [
        'without the licences of others',
        /THIRD-PARTY\.txt is there/,
        copy => rmSync(join(copy, unpacked, 'resources/THIRD-PARTY.txt')),
      ],
      [
        'with a feed that anybody on the way can change',
        /app-update\.yml names the feed http:/,
        copy =>
          writeFileSync(
            join(copy, unpacked, 'resources/app-update.yml'),
            'provider: generic\nurl: http://updates.example/\nupdaterCacheDirName: plumb-updater\n',
          ),
      ],
      [
        'with an installer that is too large',
        /at most 120 MB/,
        copy => truncateSync(join(copy, DEB), 120_000_000),
      ],
      [
        'where an artifact is not the announced one',
        /AppImage is not what latest-linux\.yml announces/,
        copy => truncateSync(join(copy, APP_IMAGE), 100),
      ],
      [
        'where an announced artifact is not there',
        /announces .*AppImage, which is not here/,
        copy => rmSync(join(copy, APP_IMAGE)),
      ],
      [
        'where its signature is of a key that the app does not know',
        /signature is none of a key/,
        copy =>
          signReleases({ folder: copy, privateKey: KEYS.privateKey, trusted }).then(() =>
            writeFileSync(
              join(copy, `${DEB}.sig`),
              readFileSync(join(copy, `${DEB}.sig`), 'utf8').replace(/signature: ..../, 'signature: AAAA'),
            ),
          ),
      ],
      [
        'where its signature is for something else',
        /signature is for something else/,
        copy =>
          signReleases({ folder: copy, privateKey: KEYS.privateKey, trusted }).then(() =>
            cpSync(join(copy, `${APP_IMAGE}.sig`), join(copy, `${DEB}.sig`)),
          ),
      ],
    ])('%s', async (_, message, change) => {
      expect((await wrongAfter(change)).join('\n')).toMatch(message)
    })

    it('where there is nothing', async () => {
      await expect(inspect(mkdtempSync(join(work, 'empty-')))).rejects.toThrow(/npm run dist first/)
    })
  })

  describe('is given out', () => {
    it('only signed, by a key that the app inside believes', async () => {
      const before = wrong(await inspect(dist, { trusted, release: true }))
      expect(before).toEqual(
        expect.arrayContaining([`${APP_IMAGE}: it is not signed`, `${DEB}: it is not signed`]),
      )
      const copy = mkdtempSync(join(work, 'signed-'))
      cpSync(dist, copy, { recursive: true })
      // As `npm run release:keys` leaves it in the repository before the build.
      await repackAsar(copy, content =>
        writeFileSync(join(content, 'resources/release-keys.json'), readFileSync(trusted)),
      )
      expect(await signReleases({ folder: copy, privateKey: KEYS.privateKey, trusted })).toEqual([
        `${DEB}.sig`,
        `${APP_IMAGE}.sig`,
      ])
      expect(wrong(await inspect(copy, { trusted, release: true }))).toEqual([])
    })

    it('to installed copies, which find, verify and install just that file', async () => {
      const folder = mkdtempSync(join(work, 'feed-'))
      cpSync(dist, folder, { recursive: true })
      await signReleases({ folder, privateKey: KEYS.privateKey, trusted })
      expect(setRollout(folder, 100)).toContain('latest-linux.yml')
      await using feed = await Feed.start()
      for (const name of ['latest-linux.yml', APP_IMAGE, `${APP_IMAGE}.sig`])
        feed.files.set(name, readFileSync(join(folder, name)))
      await using installed = await Installed.start(feed, { keys: [PUBLIC_PEM] })
      await installed.updates.check()
      expect(installed.state).toEqual({ kind: 'ready', version: VERSION })
      expect(await installed.updates.prepare()).toBe(true)
      expect(installed.updates.install(false)).toBe(true)
      expect(readFileSync(installed.file)).toEqual(readFileSync(join(dist, APP_IMAGE)))
    })

    it('to installed copies, which fetch only what changed', async () => {
      const older = join(work, 'older')
      const options = { targets: ['AppImage'], arch: 'x64', electronDist: join(work, 'electron') } as const
      await pack({ ...options, output: older, feed: 'https://updates.example/plumb', version: '1.0.0' })
      const folder = mkdtempSync(join(work, 'feed-'))
      cpSync(dist, folder, { recursive: true })
      await signReleases({ folder, privateKey: KEYS.privateKey, trusted })
      await using feed = await Feed.start()
      for (const name of ['latest-linux.yml', APP_IMAGE, `${APP_IMAGE}.sig`])
        feed.files.set(name, readFileSync(join(folder, name)))
      const download = async (): Promise<string[]> => {
        await using installed = await Installed.start(feed, { keys: [PUBLIC_PEM] })
        cpSync(join(older, 'Plumb-1.0.0-x86_64.AppImage'), installed.file)
        feed.requests.length = 0
        await installed.updates.check()
        expect(installed.state).toEqual({ kind: 'ready', version: VERSION })
        expect(readFileSync(installed.pending(VERSION))).toEqual(readFileSync(join(dist, APP_IMAGE)))
        return feed.requests.filter(request => request.includes('.AppImage') && !request.includes('.sig'))
      }
      const parts = await download()
      expect(parts.length).toBeGreaterThan(1)
      expect(parts.filter(request => !/ bytes=\d+-\d+$/.test(request))).toEqual([])
      // Where a server knows no ranges, all of it comes.
      feed.takesRanges = false
      expect((await download()).at(-1)).toBe(`/releases/${APP_IMAGE}`)
    }, 120_000)

    it('to a part of them first, where that was said', async () => {
      const folder = mkdtempSync(join(work, 'feed-'))
      cpSync(dist, folder, { recursive: true })
      await signReleases({ folder, privateKey: KEYS.privateKey, trusted })
      setRollout(folder, 25)
      const feed = readFileSync(join(folder, 'latest-linux.yml'), 'utf8')
      expect(feed).toMatch(/^stagingPercentage: 25$/m)
      expect(wrong(await inspect(folder, { trusted }))).toEqual([])
      setRollout(folder, 100)
      expect(readFileSync(join(folder, 'latest-linux.yml'), 'utf8')).not.toMatch(/stagingPercentage/)
    })
  })
})

function wrong(findings: readonly Finding[]): string[] {
  return findings.filter(({ ok }) => !ok).map(({ text }) => text)
}
