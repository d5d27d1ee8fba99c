import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Undefined when Prosody can be started here, otherwise a sentence that says how to get it. */
export function prosodyMissing(): string | undefined {
  // Debian keeps servers in sbin on some releases, which is not on everybody's PATH: only PATH counts,
  // since that is where `startProsody` will look too.
  const { PATH = '' } = process.env
  for (const folder of PATH.split(delimiter)) {
    if (folder !== '' && isExecutable(join(folder, 'prosody'))) return undefined
  }
  return (
    'Prosody is not installed: get it with "apt-get install prosody" (Debian, Ubuntu), ' +
    '"brew tap prosody/prosody && brew install prosody" (macOS), or see https://prosody.im/download.'
  )
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
