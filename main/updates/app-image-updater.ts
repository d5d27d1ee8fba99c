import {
  chmodSync,
  closeSync,
  copyFileSync,
  fsyncSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { chmod } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { DownloadOptions } from 'builder-util-runtime'
import { AppImageUpdater } from 'electron-updater'
import type { DownloadExecutorResult, DownloadUpdateOptions } from 'electron-updater/out/AppUpdater.js'
import type { InstallOptions } from 'electron-updater/out/BaseUpdater.js'
import { FileWithEmbeddedBlockMapDifferentialDownloader } from 'electron-updater/out/differentialDownloader/FileWithEmbeddedBlockMapDifferentialDownloader.js'
import type { ResolvedUpdateFileInfo } from 'electron-updater/out/types.js'
import { Failure } from '../../shared/model/failure.ts'
import { requireBlockMap } from './block-map.ts'
import type { UpdateTransport } from './update-transport.ts'

/** Nobody copies for so long. */
const LEFT_BEHIND_MS = 5 * 60_000

/**
 * Installs an AppImage so that at every moment either the old or the new one is there, and under the same name, so that
 * every shortcut still leads to it. electron-updater's own removes the old one first, moves the new one there (a copy,
 * between two disks), under the name of its version, and waits for it to run.
 */
export class InPlaceAppImageUpdater extends AppImageUpdater {
  protected override async doDownloadUpdate(
    downloadUpdateOptions: DownloadUpdateOptions,
  ): Promise<DownloadExecutorResult> {
    const { provider, info } = downloadUpdateOptions.updateInfoAndProvider
    const [fileInfo] = provider.resolveFiles(info)
    if (fileInfo === undefined) throw new Failure('bug', 'bug: no AppImage to download')
    return await this.executeDownload({
      fileExtension: 'AppImage',
      fileInfo,
      downloadUpdateOptions,
      task: async (file, options) => {
        // Whatever keeps it from being put together of the old one: it comes whole.
        await this.#fetchChanges(file, fileInfo, downloadUpdateOptions, options).catch(() =>
          this.#transport.download(fileInfo.url, file, options),
        )
        await chmod(file, 0o755)
      },
    })
  }

  protected override doInstall({ isForceRunAfter }: InstallOptions): boolean {
    const installed = process.env['APPIMAGE'] ?? ''
    const downloaded = this.installerPath
    if (installed === '' || downloaded === null) throw new Failure('bug', 'bug: no AppImage to install')
    const beside = join(dirname(installed), `.${basename(installed)}.new`)
    claim(beside)
    try {
      copyFileSync(downloaded, beside)
      chmodSync(beside, statSync(installed).mode | 0o500)
      syncFile(beside)
      renameSync(beside, installed)
    } catch (error) {
      rmSync(beside, { force: true })
      throw error
    }
    rmSync(downloaded, { force: true })
    if (isForceRunAfter)
      this.spawnLog(installed, [], { ...process.env }).catch((error: unknown) =>
        this.dispatchError(error as Error),
      )
    return true
  }

  async #fetchChanges(
    newFile: string,
    { url, info }: ResolvedUpdateFileInfo,
    { requestHeaders, cancellationToken }: DownloadUpdateOptions,
    { onProgress }: DownloadOptions,
  ): Promise<void> {
    await new CarefulDownloader(info, this.#transport, {
      newUrl: url,
      oldFile: process.env['APPIMAGE'] ?? '',
      newFile,
      logger: this._logger,
      isUseMultipleRangeRequest: false,
      requestHeaders,
      cancellationToken,
      ...(onProgress === undefined ? {} : { onProgress }),
    }).download()
  }

  get #transport(): UpdateTransport {
    return (this as unknown as { httpExecutor: UpdateTransport }).httpExecutor
  }
}

class CarefulDownloader extends FileWithEmbeddedBlockMapDifferentialDownloader {
  /** All that is read so is the map, and its length in the last four bytes. */
  protected override async readRemoteBytes(start: number, endInclusive: number): Promise<Buffer> {
    const bytes = await super.readRemoteBytes(start, endInclusive)
    await requireBlockMap(bytes.subarray(0, -4), 'raw')
    return bytes
  }
}

/**
 * Makes the file, where nothing is: two Plumbs that end at once would write into each other's, and a link that somebody
 * put there would be followed. What was left behind by one that was killed is removed.
 */
function claim(path: string): void {
  const { mtimeMs } = lstatSync(path, { throwIfNoEntry: false }) ?? {}
  if (mtimeMs !== undefined && Math.abs(Date.now() - mtimeMs) > LEFT_BEHIND_MS) rmSync(path)
  closeSync(openSync(path, 'wx', 0o600))
}

/** Else a power cut could leave a name with nothing behind it. */
function syncFile(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
