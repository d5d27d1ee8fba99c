import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, extname, join, normalize } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { extractFile, listPackage, uncache } from '@electron/asar'
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { parse } from 'es-module-lexer/minimal/js'
import { load } from 'js-yaml'
import {
  type ReleaseStatement,
  readReleaseKeys,
  SIGNATURE_SUFFIX,
  sha512Of,
  verifyRelease,
} from '../../main/updates/release-signature.ts'
import { inUnits } from '../../shared/in-units.ts'
import { whereIs } from '../support/where-is.ts'
import {
  type Artifact,
  artifactsIn,
  feedsIn,
  RELEASE_KEYS,
  readFeedFile,
  trustedKeys,
} from './release-files.ts'
import { requireAnnounced } from './sign-release.ts'

/* What a folder that `npm run dist` filled must hold, and must not. */

export interface Finding {
  readonly ok: boolean
  readonly text: string
}

const MB = 1_000_000
const MAX_ASAR_BYTES = 5 * MB
/** Electron alone is nearly all of it; a universal one has it twice. */
const MAX_ARTIFACT_BYTES = 120 * MB
const MAX_UNIVERSAL_BYTES = 240 * MB

const ALLOWED_IN_ASAR =
  /^(out|out\/main|out\/preload|out\/renderer|out\/renderer\/assets|resources|package\.json|out\/main\/[\w.-]+\.js|out\/preload\/index\.cjs|out\/renderer\/index\.html|out\/renderer\/assets\/[\w.-]+\.(js|css|woff2)|resources\/[\w@.-]+\.png|resources\/release-keys\.json)$/
const KEYS_IN_ASAR = 'resources/release-keys.json'
const REQUIRED_IN_ASAR = [
  'package.json',
  'out/main/index.js',
  'out/main/disk-worker.js',
  'out/main/history-worker.js',
  'out/main/router-worker.js',
  'out/preload/index.cjs',
  'out/renderer/index.html',
  'resources/icon.png',
  'resources/tray.png',
  'resources/trayTemplate.png',
  'resources/badge.png',
  KEYS_IN_ASAR,
]
const LICENCES = ['LICENSE.Plumb.txt', 'THIRD-PARTY.txt']

const FUSES: readonly (readonly [FuseV1Options, boolean, string])[] = [
  [FuseV1Options.RunAsNode, false, 'run as node'],
  [FuseV1Options.EnableCookieEncryption, true, 'cookie encryption'],
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable, false, 'NODE_OPTIONS'],
  [FuseV1Options.EnableNodeCliInspectArguments, false, 'inspect arguments'],
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation, true, 'asar integrity'],
  [FuseV1Options.OnlyLoadAppFromAsar, true, 'only from asar'],
  [FuseV1Options.GrantFileProtocolExtraPrivileges, false, 'privileges of file:'],
]

export interface InspectOptions {
  /** Whether it is to be given out: then all has to be signed, and every app to look for updates. */
  readonly release?: boolean
  /** The keys that the app believes. */
  readonly trusted?: string
}

/** Looks at every unpacked app and every artifact in `folder`. Rejects where there is none. */
export async function inspect(
  folder: string,
  { release = false, trusted = RELEASE_KEYS }: InspectOptions = {},
): Promise<Finding[]> {
  // The first one says it where there is no such folder.
  const artifacts = artifactsIn(folder)
  const apps = findApps(folder)
  const feeds = feedsIn(folder)
  if (apps.length + artifacts.length === 0)
    throw new Error(`There is nothing built in ${folder}: run npm run dist first.`)
  const findings: Finding[] = []
  for (const app of apps) findings.push(...(await inspectApp(app, release)))
  const statements = new Map<string, ReleaseStatement>()
  const keys = readReleaseKeys(trustedKeys(trusted))
  for (const artifact of artifacts) {
    const { name, path, version } = artifact
    const statement = {
      file: name,
      version,
      size: statSync(path).size,
      sha512: await sha512Of(path, 'hex'),
    }
    statements.set(name, statement)
    findings.push(...inspectArtifact(artifact), ...inspectSignature(path, statement, keys, release))
  }
  for (const name of feeds) findings.push(inspectFeedFile(join(folder, name), statements))
  if (release && artifacts.length > 0)
    findings.push(finding(feeds.length > 0, 'there are feed files, in which the apps find it'))
  return findings
}

interface UnpackedApp {
  readonly name: string
  readonly executable: string
  readonly resources: string
  /** The folder with Electron's own. */
  readonly electronLicences: string
}

function findApps(folder: string): UnpackedApp[] {
  return readdirSync(folder).flatMap(name => {
    const root = join(folder, name)
    if (/^linux(-\w+)?-unpacked$/.test(name))
      return [
        { name, executable: join(root, 'plumb'), resources: join(root, 'resources'), electronLicences: root },
      ]
    if (/^win(-\w+)?-unpacked$/.test(name))
      return [
        {
          name,
          executable: join(root, 'Plumb.exe'),
          resources: join(root, 'resources'),
          electronLicences: root,
        },
      ]
    if (/^mac(-\w+)?$/.test(name) && existsSync(join(root, 'Plumb.app'))) {
      const resources = join(root, 'Plumb.app', 'Contents', 'Resources')
      return [{ name, executable: join(root, 'Plumb.app'), resources, electronLicences: resources }]
    }
    return []
  })
}

async function inspectApp(
  { name, executable, resources, electronLicences }: UnpackedApp,
  release: boolean,
): Promise<Finding[]> {
  const asar = join(resources, 'app.asar')
  return [
    ...inspectAsar(asar, release),
    ...(await inspectFuses(executable)),
    inspectFeed(join(resources, 'app-update.yml'), release),
    ...LICENCES.map(file => finding(existsSync(join(resources, file)), `${file} is there`)),
    ...['LICENSE.electron.txt', 'LICENSES.chromium.html'].map(file =>
      finding(existsSync(join(electronLicences, file)), `${file} is there`),
    ),
  ].map(({ ok, text }) => ({ ok, text: `${name}: ${text}` }))
}

function inspectAsar(asar: string, release: boolean): Finding[] {
  // It remembers what it read of a path, and the file may be another one by now.
  uncache(asar)
  const names = listPackage(asar, { isPack: false }).map(name => name.replaceAll('\\', '/').slice(1))
  const strange = names.filter(name => !ALLOWED_IN_ASAR.test(name))
  const missing = REQUIRED_IN_ASAR.filter(name => !names.includes(name))
  const { size } = statSync(asar)
  const { scripts, devDependencies } = JSON.parse(extractFile(asar, 'package.json').toString()) as {
    scripts?: unknown
    devDependencies?: unknown
  }
  const needs = names
    .filter(name => extname(name) === '.js' && name.startsWith('out/main/'))
    .flatMap(name => notThere(asar, name))
  return [
    finding(strange.length === 0, `the asar holds the app only${list(strange)}`),
    finding(missing.length === 0, `the asar holds all of the app${list(missing)}`),
    finding(needs.length === 0, `its bundles ask for nothing that is not there${list(needs)}`),
    finding(size < MAX_ASAR_BYTES, `the asar has ${inUnits(size)}, of at most ${inUnits(MAX_ASAR_BYTES)}`),
    finding(
      scripts === undefined && devDependencies === undefined,
      'its package.json says nothing of the building',
    ),
    ...(release
      ? [finding(names.includes(KEYS_IN_ASAR) && keysIn(asar) > 0, 'it believes the signatures of a key')]
      : []),
  ]
}

function keysIn(asar: string): number {
  return readReleaseKeys(
    (JSON.parse(extractFile(asar, normalize(KEYS_IN_ASAR)).toString()) as { keys: string[] }).keys,
  ).length
}

/** What a bundle of the main process imports, and is neither Electron, nor Node, nor another bundle. */
function notThere(asar: string, name: string): string[] {
  // It takes the archive apart by the separator of the system.
  const code = extractFile(asar, normalize(name)).toString()
  const [imports] = parse(code)
  const required = [...code.matchAll(/\b__require\("([^"]+)"\)/g)].map(([, module = '']) => module)
  const asked = [...imports.flatMap(({ n }) => (n === undefined ? [] : [n])), ...required]
  return asked.filter(module => module !== 'electron' && !module.startsWith('./') && !isBuiltin(module))
}

async function inspectFuses(executable: string): Promise<Finding[]> {
  const wire = await getCurrentFuseWire(executable)
  return FUSES.map(([fuse, wanted, what]) =>
    finding(
      // The digit that stands in the binary.
      wire[fuse] === (wanted ? '1' : '0').charCodeAt(0),
      `the fuse for ${what} is ${wanted ? 'on' : 'off'}`,
    ),
  )
}

function inspectFeed(file: string, release: boolean): Finding {
  if (!existsSync(file)) return finding(!release, 'no app-update.yml: it does not look for updates')
  const { provider, url, updaterCacheDirName } = load(readFileSync(file, 'utf8')) as Record<string, unknown>
  const isSafe = (release ? /^https:/ : /^(https:|http:\/\/127\.0\.0\.1[:/])/).test(String(url))
  return finding(
    provider === 'generic' && isSafe && updaterCacheDirName === 'plumb-updater',
    `app-update.yml names the feed ${String(url)}`,
  )
}

function inspectArtifact({ name, path }: Artifact): Finding[] {
  const { size } = statSync(path)
  const limit = name.includes('universal') ? MAX_UNIVERSAL_BYTES : MAX_ARTIFACT_BYTES
  const fits = finding(size < limit, `${inUnits(size)}, of at most ${inUnits(limit)}`)
  const more = name.endsWith('.deb') && whereIs('dpkg-deb') !== undefined ? inspectDeb(path) : []
  return [fits, ...more].map(({ ok, text }) => ({ ok, text: `${name}: ${text}` }))
}

/** As the app verifies it. */
function inspectSignature(
  path: string,
  here: ReleaseStatement,
  keys: ReturnType<typeof readReleaseKeys>,
  release: boolean,
): Finding[] {
  const file = `${path}${SIGNATURE_SUFFIX}`
  if (!existsSync(file)) return release ? [finding(false, `${here.file}: it is not signed`)] : []
  try {
    const signed = verifyRelease(readFileSync(file, 'utf8'), keys)
    const isThis = isDeepStrictEqual(signed, here)
    return [finding(isThis, `${here.file}: its signature is ${isThis ? 'right' : 'for something else'}`)]
  } catch {
    return [finding(false, `${here.file}: its signature is none of a key that the app believes`)]
  }
}

function inspectFeedFile(path: string, statements: ReadonlyMap<string, ReleaseStatement>): Finding {
  try {
    requireAnnounced(basename(path), readFeedFile(path), statements)
    return finding(true, `${basename(path)} announces what is here`)
  } catch (error) {
    return finding(false, (error as Error).message)
  }
}

function inspectDeb(path: string): Finding[] {
  const folder = mkdtempSync(join(tmpdir(), 'plumb-deb-'))
  try {
    execFileSync('dpkg-deb', ['--raw-extract', path, folder])
    const entry = join(folder, 'usr/share/applications/plumb.desktop')
    const resources = join(folder, 'opt/Plumb/resources')
    const text = existsSync(entry) ? readFileSync(entry, 'utf8') : ''
    const icons = join(folder, 'usr/share/icons/hicolor')
    const sizes = existsSync(icons) ? readdirSync(icons) : []
    return [
      finding(text !== '', 'there is a desktop entry'),
      finding(
        /^Exec=\/opt\/Plumb\/plumb %U$/m.test(text),
        'it starts Plumb, with the link that was followed',
      ),
      finding(/^MimeType=(.*;)?x-scheme-handler\/xmpp;/m.test(text), 'it opens xmpp: links'),
      finding(/^Categories=Network;InstantMessaging;FileTransfer;$/m.test(text), 'it has its categories'),
      ...(whereIs('desktop-file-validate') !== undefined ? [validated(entry)] : []),
      finding(
        ['16x16', '32x32', '48x48', '128x128', '256x256', '512x512'].every(size => sizes.includes(size)),
        `it has icons of ${sizes.length} sizes`,
      ),
      // electron-builder writes both or neither; without a feed, there is nothing that it could be told not to do.
      finding(
        existsSync(join(resources, 'package-type')) === existsSync(join(resources, 'app-update.yml')),
        'it leaves updates to the package manager',
      ),
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function validated(entry: string): Finding {
  try {
    execFileSync('desktop-file-validate', [entry], { stdio: 'pipe' })
    return finding(true, 'the desktop entry is valid')
  } catch (error) {
    return finding(false, `the desktop entry is valid: ${String((error as { stdout?: Buffer }).stdout)}`)
  }
}

function finding(ok: boolean, text: string): Finding {
  return { ok, text }
}

function list(names: readonly string[]): string {
  return names.length === 0 ? '' : `: ${names.join(', ')}`
}
