import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { DOMAIN, PASSWORD, type Server } from './server.ts'
import type { Site } from './site.ts'

const CLI = fileURLToPath(new URL('../../main/cli.ts', import.meta.url))

/** One line of `--json`, and when it was read: milliseconds of `performance.now()`. */
export interface Said {
  readonly at: number
  readonly event: string
  readonly [name: string]: unknown
}

/** The headless client at a site, signed in with the site's account. It ends with its site. */
export class Client {
  readonly #child: ChildProcess
  readonly said: Said[] = []
  stderr = ''
  /** Resolves with the exit status; -1 where a signal ended it. */
  readonly exited: Promise<number>

  constructor(site: Site, { place, caFile }: Server, args: readonly string[]) {
    const account = ['--jid', jidOf(site), '--server', place, '--ca', caFile, '--json']
    this.#child = site.computer.start(process.execPath, [CLI, ...args, ...account], {
      env: { ...process.env, PLUMB_PASSWORD: PASSWORD },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const { stdout, stderr } = this.#child
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    if (stdout !== null) {
      createInterface(stdout).on('line', text => {
        const line = JSON.parse(text) as { event: string }
        this.said.push({ ...line, at: performance.now() })
      })
    }
    this.exited = once(this.#child, 'close').then(([code]) => (code as number | null) ?? -1)
  }

  /** The last line of this kind. */
  last(event: string): Said | undefined {
    return this.said.findLast(line => line.event === event)
  }

  interrupt(): void {
    this.#child.kill('SIGINT')
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }
}

export function jidOf({ username }: Site): string {
  return `${username}@${DOMAIN}`
}
