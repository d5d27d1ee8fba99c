import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InPlaceAppImageUpdater } from '../../main/updates/app-image-updater.ts'
import { feedOptions } from '../../main/updates/feed-provider.ts'
import { type OpenRequest, UpdateTransport } from '../../main/updates/update-transport.ts'
import { Updates, type UpdatesOptions } from '../../main/updates/updates.ts'
import type { UpdateState } from '../../shared/model/update.ts'
import { appImage, type Feed, PUBLIC_PEM } from './feed.ts'

export const CURRENT = '1.0.0'

export interface RigOptions extends Partial<UpdatesOptions> {
  /** Node's own otherwise. */
  readonly openRequest?: OpenRequest
  readonly silenceMs?: number
}

/** One installed Plumb, with electron-updater's own updater for AppImages. */
export class Installed implements AsyncDisposable {
  readonly folder: string
  readonly file: string
  readonly updates: Updates
  readonly updater: InPlaceAppImageUpdater
  readonly states: UpdateState[] = []
  running = 0
  quits = 0

  private constructor(folder: string, feed: Feed, { openRequest, silenceMs, ...more }: RigOptions) {
    this.folder = folder
    this.file = join(folder, 'Plumb-1.0.0-x86_64.AppImage')
    const app = {
      version: CURRENT,
      name: 'plumb',
      isPackaged: true,
      appUpdateConfigPath: join(folder, 'app-update.yml'),
      userDataPath: join(folder, 'user'),
      baseCachePath: join(folder, 'cache'),
      whenReady: async () => {},
      relaunch: () => {},
      quit: () => {
        this.quits += 1
      },
      onQuit: () => {},
    }
    this.updater = new InPlaceAppImageUpdater(null, app)
    const transport = new UpdateTransport(openRequest ?? request, silenceMs)
    ;(this.updater as unknown as { httpExecutor: UpdateTransport }).httpExecutor = transport
    this.updater.setFeedURL(feedOptions(feed.url))
    this.updates = new Updates({
      updater: this.updater,
      transport,
      feed: feed.url,
      keys: [PUBLIC_PEM],
      artifact: { extension: 'AppImage', arch: 'x86_64' },
      running: () => this.running,
      random: () => 0,
      ...more,
    })
    this.updates.on('state', state => this.states.push(state))
  }

  /** `folder`: of an earlier run of the same copy. */
  static async start(
    feed: Feed,
    { folder, ...options }: RigOptions & { folder?: string } = {},
  ): Promise<Installed> {
    const place = folder ?? (await mkdtemp(join(tmpdir(), 'plumb-updates-')))
    await mkdir(join(place, 'user'), { recursive: true })
    const installed = new Installed(place, feed, options)
    await writeFile(installed.file, appImage(CURRENT))
    await chmod(installed.file, 0o755)
    await writeFile(
      join(place, 'app-update.yml'),
      `provider: generic\nurl: ${feed.url.href}\nupdaterCacheDirName: plumb-updater\n`,
    )
    process.env['APPIMAGE'] = installed.file
    return installed
  }

  get state(): UpdateState {
    return this.updates.state
  }

  /** The file that would be installed. */
  pending(version: string): string {
    return join(this.folder, 'cache', 'plumb-updater', 'pending', `Plumb-${version}-x86_64.AppImage`)
  }

  async until(kind: UpdateState['kind']): Promise<void> {
    while (this.state.kind !== kind) await once(this.updates, 'state')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.updates.choose({ automatic: false, beta: false })
    await rm(this.folder, { recursive: true, force: true })
  }
}
