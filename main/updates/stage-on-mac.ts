import { type EventEmitter, once } from 'node:events'
import type { AppUpdater } from 'electron-updater'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'

/** Unpacking and verifying some hundred megabytes takes a slow computer a minute or two. */
const STAGE_MS = 10 * 60_000

/**
 * Hands the file in electron-updater's cache to Squirrel.Mac, which wants it before it can install it at the end. Resolves once
 * Squirrel has it and would install it: electron-updater says so as soon as it was read, before Squirrel looked at it.
 */
export async function stageOnMac(updater: AppUpdater, limitMs = STAGE_MS): Promise<void> {
  const { nativeUpdater } = updater as unknown as { readonly nativeUpdater: EventEmitter }
  try {
    // Rejects where Squirrel tells of an error.
    const staged = once(nativeUpdater, 'update-downloaded', { signal: AbortSignal.timeout(limitMs) })
    updater.autoInstallOnAppQuit = true
    await Promise.all([staged, updater.downloadUpdate()])
  } catch (cause) {
    throw new Failure('cannot-write', say('update.mac-refused'), { cause })
  }
}
