import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type App, net, session } from 'electron'
import { type AppUpdater, MacUpdater, NsisUpdater } from 'electron-updater'
import { ElectronAppAdapter } from 'electron-updater/out/ElectronAppAdapter.js'
import { load } from 'js-yaml'
import * as z from 'zod'
import { Failure } from '../../shared/model/failure.ts'
import type { UpdateOwner } from '../../shared/model/update.ts'
import { say } from '../../shared/words/say.ts'
import type { UpdatesPort } from '../messenger/ports.ts'
import { InPlaceAppImageUpdater } from '../updates/app-image-updater.ts'
import { feedOptions } from '../updates/feed-provider.ts'
import { findOwner } from '../updates/find-owner.ts'
import { readReleaseKeys } from '../updates/release-signature.ts'
import { stageOnMac } from '../updates/stage-on-mac.ts'
import { type UpdateRequest, UpdateTransport } from '../updates/update-transport.ts'
import { type UpdateChoices, Updates } from '../updates/updates.ts'
import { launchCommand } from './launch-command.ts'

/** app-update.yml, which electron-builder puts beside the app. Plain http only to this computer, for tests. */
const Feed = z.object({
  provider: z.literal('generic'),
  url: z.url({ protocol: /^https?$/ }).refine(url => /^(https:|http:\/\/127\.0\.0\.1[:/])/.test(url)),
})
const ReleaseKeys = z.object({ keys: z.array(z.string()) })

/** What the app does with its updates, whoever makes them. */
export interface AppUpdates extends UpdatesPort {
  onState(listener: () => void): void
  choose(choices: UpdateChoices): void
  wake(): void
  /** Ends the program, once all else has ended; what is ready is installed. Never rejects. */
  quit(): Promise<void>
}

/** `resources`: the app's own folder of that name. `running`: how many transfers do. */
export function makeUpdates(app: App, resources: string, running: () => number): AppUpdates {
  const updates = openUpdates(app, resources, running)
  if (!(updates instanceof Updates)) {
    return {
      state: { kind: 'managed', by: updates },
      check: async () => {},
      restart: () => {},
      onState: () => {},
      choose: () => {},
      wake: () => {},
      quit: async () => app.quit(),
    }
  }
  let restarting = false
  return {
    get state() {
      return updates.state
    },
    check: () => updates.check(),
    restart: () => {
      updates.requireInstallable()
      restarting = true
      // There the system has it already, and starts the new version.
      if (process.platform === 'darwin') updates.install(true)
      else app.quit()
    },
    onState: listener => updates.on('state', listener),
    choose: choices => updates.choose(choices),
    wake: () => updates.wake(),
    quit: async () => {
      const isPrepared = await updates.prepare()
      // The new one must not take this one for a Plumb that runs, and leave.
      if (restarting) app.releaseSingleInstanceLock()
      const isInstalled = isPrepared && updates.install(restarting)
      if (restarting && !isInstalled) relaunch(app)
      app.quit()
    },
  }
}

function openUpdates(app: App, resources: string, running: () => number): Updates | UpdateOwner {
  const { platform, resourcesPath, execPath, env, arch } = process
  const owner = findOwner({ platform, isPackaged: app.isPackaged, resourcesPath, execPath, env })
  if (owner !== undefined) return owner
  const feed = readFeed(join(resourcesPath, 'app-update.yml'))
  const keys = readKeys(join(resources, 'release-keys.json'))
  if (feed === undefined || keys.length === 0) return 'unconfigured'

  // A session of its own, so that nothing of it is kept, with the proxy that the system has.
  const transport = new UpdateTransport(
    options =>
      net.request({
        ...(options as Electron.ClientRequestConstructorOptions),
        session: session.fromPartition('plumb-updates', { cache: false }),
      }) as UpdateRequest,
  )
  const updater = newUpdater(platform)
  ;(updater as unknown as { httpExecutor: UpdateTransport }).httpExecutor = transport
  updater.setFeedURL(feedOptions(feed))
  return new Updates({
    updater,
    transport,
    feed,
    keys,
    running,
    random: Math.random,
    ...(platform === 'darwin'
      ? { artifact: { extension: 'zip', arch: 'universal' }, stage: updater => stageOnMac(updater) }
      : platform === 'win32'
        ? { artifact: { extension: 'exe', arch } }
        : {
            artifact: { extension: 'AppImage', arch: arch === 'x64' ? 'x86_64' : arch },
            checkPlace: async bytes => checkAppImagePlace(env['APPIMAGE'] ?? '', bytes),
          }),
  })
}

/** Whoever asked for a restart gets one, with the version that there is. */
function relaunch(app: App): void {
  const { executable, args } = launchCommand(app, process.env['APPIMAGE'])
  app.relaunch({ execPath: executable, args: [...args] })
}

/** Undefined where there is none, as in builds that nobody publishes, and where it is damaged. */
function readFeed(file: string): URL | undefined {
  if (!existsSync(file)) return undefined
  const url = orElse(undefined, () => Feed.parse(load(readFileSync(file, 'utf8'))).url)
  return url === undefined ? undefined : new URL(url.endsWith('/') ? url : `${url}/`)
}

/** PEM; none where they are damaged. */
function readKeys(file: string): readonly string[] {
  return orElse([], () => {
    const { keys } = ReleaseKeys.parse(JSON.parse(readFileSync(file, 'utf8')))
    readReleaseKeys(keys)
    return keys
  })
}

/** Without its updates Plumb still does all else: what is wrong with them keeps nobody out. */
function orElse<T>(otherwise: T, read: () => T): T {
  try {
    return read()
  } catch (error) {
    process.stderr.write(`What updates need cannot be read: ${String(error)}\n`)
    return otherwise
  }
}

function newUpdater(platform: NodeJS.Platform): AppUpdater {
  const adapter = new ElectronAppAdapter()
  if (platform === 'darwin') return new MacUpdater(undefined, adapter)
  if (platform === 'win32') return new NsisUpdater(null, adapter)
  return new InPlaceAppImageUpdater(null, adapter)
}

/** Before it is downloaded, and once more before it is installed: both have to fit there for a moment. */
function checkAppImagePlace(file: string, bytes: number): void {
  const folder = dirname(file)
  try {
    accessSync(folder, constants.W_OK)
  } catch (cause) {
    throw new Failure('cannot-write', say('update.app-image-forbidden'), { cause })
  }
  const { bavail, bsize } = statfsSync(folder)
  if (bavail * bsize < bytes) throw new Failure('disk-full', say('update.no-room-beside'))
}
