import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/** Where a program of this platform keeps what is neither settings nor files of the person (XDG, Apple, Windows). */
export function stateFolder(
  platform: NodeJS.Platform = process.platform,
  environment: NodeJS.ProcessEnv = process.env,
  home = homedir(),
): string {
  switch (platform) {
    case 'win32':
      return join(environment['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'plumb', 'state')
    case 'darwin':
      return join(home, 'Library', 'Application Support', 'plumb', 'state')
    default: {
      // The specification has others ignored.
      const chosen = environment['XDG_STATE_HOME'] ?? ''
      return join(isAbsolute(chosen) ? chosen : join(home, '.local', 'state'), 'plumb')
    }
  }
}
