import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LineProgram } from './line-program.ts'

export type { Line } from './line-program.ts'

const CLI = fileURLToPath(new URL('../../main/cli.ts', import.meta.url))

/** Where an account is, as the headless client is told. */
export interface ServerPlace {
  readonly host: string
  readonly port: number
  /** A file with the server's authority (PEM). */
  readonly caFile: string
}

/** The arguments that bring the headless client to a test server; transfers stay on loopback. */
export function atServer({ host, port, caFile }: ServerPlace): string[] {
  return ['--server', `${host}:${port}`, '--ca', caFile, '--allow-loopback', '--json']
}

let started = 0

/** The headless client in a process of its own, as people run it. */
export class Headless extends LineProgram {
  readonly #state: string

  /**
   * `args` without `--password…`: the password goes through the environment. Without `--state` what it notes is forgotten
   * with it.
   */
  constructor(args: readonly string[], password = 'secret', environment: NodeJS.ProcessEnv = {}) {
    const state = join(tmpdir(), `plumb-headless-state-${process.pid}-${++started}`)
    super({
      command: process.execPath,
      args: [CLI, ...args],
      env: { ...process.env, XDG_STATE_HOME: state, PLUMB_PASSWORD: password, ...environment },
      tellsLines: args.includes('--json'),
    })
    this.#state = state
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]()
    await rm(this.#state, { recursive: true, force: true })
  }
}
