import { assertNever } from '../../shared/assert-never.ts'
import type { UpdateOwner, UpdateState } from '../../shared/model/update.ts'
import { say } from './say.ts'
import { shortTime } from './time.ts'

/** What Plumb does to stay current, as one or two sentences. */
export function updateLine(update: UpdateState): string {
  switch (update.kind) {
    case 'managed':
      return ownerLine(update.by)
    case 'off':
      return say('update.off')
    case 'current':
      return update.checkedAt === null
        ? say('update.not-looked')
        : say('update.newest', { time: shortTime(update.checkedAt) })
    case 'checking':
      return say('update.looking')
    case 'downloading':
      // Without a number: it is read out whenever it changes. The bar has it.
      return say('update.downloading', { version: update.version })
    case 'ready':
      return readyLine(update.version)
    case 'failed':
      return update.failure.message
    default:
      return assertNever(update)
  }
}

export function readyLine(version: string): string {
  return say('update.ready', { version })
}

function ownerLine(owner: UpdateOwner): string {
  switch (owner) {
    case 'package-manager':
      return say('update.package-manager')
    case 'flatpak':
      return say('update.flatpak')
    case 'snap':
      return say('update.snap')
    case 'nobody':
      return say('update.by-hand')
    case 'unconfigured':
      return say('update.nowhere')
    default:
      return assertNever(owner)
  }
}
