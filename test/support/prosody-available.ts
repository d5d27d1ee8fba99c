import { whereIs } from './where-is.ts'

/** Undefined when Prosody can be started here, otherwise a sentence that says how to get it. */
export function prosodyMissing(): string | undefined {
  // Debian keeps servers in sbin on some releases, which is not on everybody's PATH: only PATH counts,
  // since that is where `startProsody` will look too.
  if (whereIs('prosody') !== undefined) return undefined
  return (
    'Prosody is not installed: get it with "apt-get install prosody" (Debian, Ubuntu), ' +
    '"brew tap prosody/prosody && brew install prosody" (macOS), or see https://prosody.im/download.'
  )
}
