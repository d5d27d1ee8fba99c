import type { CustomPublishOptions } from 'builder-util-runtime'
import type { AppUpdater, UpdateInfo } from 'electron-updater'
import { GenericProvider } from 'electron-updater/out/providers/GenericProvider.js'
import type { ProviderRuntimeOptions } from 'electron-updater/out/providers/Provider.js'
import * as z from 'zod'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import { MAX_BLOCK_MAP_BYTES } from './block-map.ts'
import { ARTIFACT_NAME } from './release-signature.ts'

/** What the feed says of one file, as far as it is used. All of it is checked against the signature. */
const OfferedFile = z.object({
  url: z.string().regex(ARTIFACT_NAME),
  sha512: z.base64().length(88),
  size: z.int().positive(),
  blockMapSize: z.int().positive().max(MAX_BLOCK_MAP_BYTES).optional().catch(undefined),
})
export type OfferedFile = z.infer<typeof OfferedFile>

const Offer = z.object({
  version: z.string().max(100),
  files: z.array(z.unknown()).max(100).catch([]),
  stagingPercentage: z.number().optional(),
  minimumSystemVersion: z.string().max(100).optional(),
})

/** How electron-updater finds the feed. */
export function feedOptions(feed: URL): CustomPublishOptions {
  return { provider: 'custom', updateProvider: FeedProvider, url: feed.href }
}

/**
 * Hands on what is used of a feed file, and nothing else: aliases make a value of a few lines that has no end once it is
 * printed or compared, as the library does with all that stands there.
 */
class FeedProvider extends GenericProvider {
  constructor(options: CustomPublishOptions, updater: AppUpdater, runtime: ProviderRuntimeOptions) {
    super({ provider: 'generic', url: String(options['url']) }, updater, runtime)
  }

  /** Few servers answer several ranges at once, and those that don't would send all of it. */
  override get isUseMultipleRangeRequest(): boolean {
    return false
  }

  override async getLatestVersion(): Promise<UpdateInfo> {
    const { data } = Offer.safeParse(await super.getLatestVersion())
    if (data === undefined) throw new Failure('update-unavailable', say('update.not-understood'))
    const { stagingPercentage, minimumSystemVersion } = data
    return {
      version: data.version,
      files: data.files.flatMap(file => OfferedFile.safeParse(file).data ?? []) as UpdateInfo['files'],
      path: '',
      sha512: '',
      releaseDate: '',
      ...(stagingPercentage === undefined ? {} : { stagingPercentage }),
      ...(minimumSystemVersion === undefined ? {} : { minimumSystemVersion }),
    }
  }
}
