import { assertNever } from '../../shared/assert-never.ts'
import type { UpdateOwner, UpdateState } from '../../shared/model/update.ts'
import { shortTime } from './time.ts'

/** What Plumb does to stay current, as one or two sentences. */
export function updateLine(update: UpdateState): string {
  switch (update.kind) {
    case 'managed':
      return ownerLine(update.by)
    case 'off':
      return 'Plumb does not look for new versions by itself.'
    case 'current':
      return update.checkedAt === null
        ? 'Plumb will look for a new version soon.'
        : `This is the newest version. Last looked: ${shortTime(update.checkedAt)}.`
    case 'checking':
      return 'Looking for a new version.'
    case 'downloading':
      // Without a number: it is read out whenever it changes. The bar has it.
      return `Version ${update.version} is being downloaded.`
    case 'ready':
      return readyLine(update.version)
    case 'failed':
      return update.failure.message
    default:
      return assertNever(update)
  }
}

export function readyLine(version: string): string {
  return `Version ${version} is ready. It will be installed when you quit Plumb.`
}

function ownerLine(owner: UpdateOwner): string {
  switch (owner) {
    case 'package-manager':
      return 'New versions come with the updates of your system: its package manager installed Plumb.'
    case 'flatpak':
      return 'Flatpak keeps Plumb up to date.'
    case 'snap':
      return 'Snap keeps Plumb up to date.'
    case 'nobody':
      return 'This copy cannot replace itself: get new versions where you got this one.'
    case 'unconfigured':
      return 'This build has nowhere to look for new versions: get them where you got this one.'
    default:
      return assertNever(owner)
  }
}
