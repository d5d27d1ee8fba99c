import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Shell } from 'electron'
import { isHarmlessMail } from '../../shared/harmless-mail.ts'
import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import type { SystemShell } from '../messenger/ports.ts'

/** How the marks are made; given by tests of other platforms. */
export interface MarkTools {
  readonly write: (path: string, text: string) => Promise<void>
  readonly run: (program: string, args: readonly string[]) => Promise<void>
}

const REAL_TOOLS: MarkTools = {
  write: (path, text) => writeFile(path, text),
  run: async (program, args) => {
    await promisify(execFile)(program, [...args])
  },
}

const LINK_SCHEMES: ReadonlySet<string> = new Set(['http:', 'https:', 'mailto:'])

/** Opens files and links in the system's programs. */
export function makeShell(
  shell: Pick<Shell, 'openPath' | 'openExternal' | 'showItemInFolder'>,
  platform: NodeJS.Platform,
  tools: MarkTools = REAL_TOOLS,
): SystemShell {
  return {
    async open(path) {
      const problem = await shell.openPath(path)
      if (problem !== '') {
        throw new Failure('cannot-open', say('shell.no-program'), {
          cause: new Error(problem),
        })
      }
    },
    showInFolder: path => shell.showItemInFolder(path),
    async openLink(url) {
      const parsed = new URL(url)
      if (!LINK_SCHEMES.has(parsed.protocol) || (parsed.protocol === 'mailto:' && !isHarmlessMail(parsed))) {
        throw new Failure('not-allowed', say('shell.only-links'))
      }
      await shell.openExternal(url)
    },
    markAsForeign: path => markAsForeign(path, platform, tools).catch(() => {}),
  }
}

/** As browsers mark what they download, so that the system warns before it runs it. */
async function markAsForeign(path: string, platform: NodeJS.Platform, tools: MarkTools): Promise<void> {
  if (platform === 'win32') {
    // Mark of the Web: zone 3 is the internet.
    await tools.write(`${path}:Zone.Identifier`, '[ZoneTransfer]\r\nZoneId=3\r\n')
  } else if (platform === 'darwin') {
    const seconds = Math.floor(Date.now() / 1000).toString(16)
    const value = `0081;${seconds};Plumb;${randomUUID().toUpperCase()}`
    await tools.run('/usr/bin/xattr', ['-w', 'com.apple.quarantine', value, path])
  }
}
