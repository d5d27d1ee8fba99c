import { createHash } from 'node:crypto'
import { createReadStream, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { inUnits } from '../../shared/in-units.ts'
import { build } from './build.ts'
import { ROOT } from './root.ts'

/*
 * `npm run dist`: builds for this platform what people download, into dist/, and prints what it made. docs/releasing.md
 * has the environment that it reads.
 */

const USAGE = `Usage: npm run dist -- [--targets LIST [--arch x64|arm64]]

  --targets LIST   only these, with commas between them, such as deb,AppImage; dir builds the unpacked app alone
  --arch ARCH      these for another processor than this computer's
`

const { env, platform } = process

function readArguments(): { targets: readonly string[] | undefined; arch: 'x64' | 'arm64' | undefined } {
  try {
    const { values } = parseArgs({
      options: { targets: { type: 'string' }, arch: { type: 'string' }, help: { type: 'boolean' } },
    })
    const { targets, arch, help } = values
    if (help === true) {
      process.stdout.write(USAGE)
      process.exit(0)
    }
    if (arch !== undefined && arch !== 'x64' && arch !== 'arm64') throw new Error('--arch is x64 or arm64.')
    // electron-builder would build for the others as well.
    if (arch !== undefined && targets === undefined) throw new Error('--arch goes with --targets.')
    return { targets: targets?.split(',').filter(name => name !== ''), arch }
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`)
    process.exit(2)
  }
}

/** Throws where it has another form than its example. An empty variable is none. */
function readVariable(name: string, form: RegExp, example: string): string | undefined {
  const value = env[name] ?? ''
  if (value !== '' && !form.test(value))
    throw new Error(`${name} is “${value}”: it has to be such as “${example}”.`)
  return value === '' ? undefined : value
}

interface Addresses {
  readonly feed: string | undefined
  readonly homepage: string | undefined
  readonly maintainer: string | undefined
}

function readAddresses(): Addresses {
  return {
    // The app takes no other.
    feed: readVariable(
      'PLUMB_UPDATES_URL',
      /^(https:\/\/|http:\/\/127\.0\.0\.1[:/])/,
      'https://updates.example.org/plumb',
    ),
    homepage: readVariable('PLUMB_HOMEPAGE', /^https?:\/\//, 'https://example.org/plumb'),
    maintainer: readVariable('PLUMB_MAINTAINER', /^[^<>]+ <[^<>@\s]+@[^<>@\s]+>$/, 'Ada <ada@example.org>'),
  }
}

/** What this build is not fit for, for all to see. */
function warnings({ feed, homepage, maintainer }: Addresses): string[] {
  const found: string[] = []
  const { keys } = JSON.parse(readFileSync(join(ROOT, 'resources/release-keys.json'), 'utf8')) as {
    keys: string[]
  }
  if (feed === undefined)
    found.push('PLUMB_UPDATES_URL is not set: what this builds does not look for updates.')
  if (keys.length === 0)
    found.push(
      'resources/release-keys.json holds no key: what this builds does not update itself. Run npm run release:keys.',
    )
  if (platform === 'win32' && env['CSC_LINK'] === undefined && env['WIN_CSC_LINK'] === undefined)
    found.push('WIN_CSC_LINK is not set: the installers are NOT SIGNED, and Windows warns of them.')
  if (platform === 'darwin' && env['CSC_LINK'] === undefined && env['CSC_NAME'] === undefined)
    found.push(
      'CSC_LINK is not set: the app is NOT SIGNED, macOS refuses to open it, and it cannot update itself.',
    )
  if (platform === 'darwin' && env['APPLE_API_KEY'] === undefined && env['APPLE_ID'] === undefined)
    found.push('APPLE_API_KEY is not set: the app is NOT NOTARIZED, and macOS refuses to open it.')
  if (platform === 'linux' && (homepage === undefined || maintainer === undefined))
    found.push('PLUMB_HOMEPAGE or PLUMB_MAINTAINER is not set: the packages name nobody who can be asked.')
  return found
}

async function run({ targets, arch }: ReturnType<typeof readArguments>): Promise<void> {
  const addresses = readAddresses()
  const artifacts = await build({
    ...addresses,
    output: join(ROOT, 'dist'),
    targets,
    arch,
    electronDist: env['PLUMB_ELECTRON_DIST'],
  })
  process.stdout.write('\nMade in dist/:\n')
  for (const path of artifacts) {
    const hash = createHash('sha256')
    await pipeline(createReadStream(path), hash)
    const size = inUnits(statSync(path).size).padStart(9)
    process.stdout.write(`  ${size}  ${hash.digest('hex').slice(0, 16)}…  ${basename(path)}\n`)
  }
  if (artifacts.length === 0) process.stdout.write('  the unpacked app, and nothing to download\n')
  for (const warning of warnings(addresses)) process.stdout.write(`\nWARNING: ${warning}\n`)
}

try {
  await run(readArguments())
} catch (error) {
  process.stderr.write(`\nNothing was built: ${(error as Error).message}\n`)
  process.exitCode = 1
}
