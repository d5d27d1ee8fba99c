import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const CLI = fileURLToPath(new URL('../../main/cli.ts', import.meta.url))

/** One line of `--json`. */
export type Line = { readonly event: string } & Readonly<Record<string, unknown>>

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

/** The headless client in a process of its own, as people run it. */
export class Headless implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #waiting = new Set<() => void>()
  /** Resolves with the exit status. */
  readonly exited: Promise<number>
  readonly lines: Line[] = []
  stdout = ''
  stderr = ''

  /** `args` without `--password…`: the password goes through the environment. */
  constructor(args: readonly string[], password = 'secret', environment: NodeJS.ProcessEnv = {}) {
    const child = spawn(process.execPath, [CLI, ...args], {
      env: { ...process.env, PLUMB_PASSWORD: password, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    child.stdout.on('data', (text: Buffer) => {
      this.stdout += text.toString()
    })
    child.stderr.on('data', (text: Buffer) => {
      this.stderr += text.toString()
    })
    if (args.includes('--json')) {
      createInterface(child.stdout).on('line', text => {
        this.lines.push(JSON.parse(text) as Line)
        for (const check of [...this.#waiting]) check()
      })
    }
    this.exited = new Promise(resolve => {
      child.on('close', (code, signal) => {
        resolve(code ?? (signal === null ? -1 : -2))
        for (const check of [...this.#waiting]) check()
      })
    })
  }

  get pid(): number {
    return this.#child.pid ?? -1
  }

  /** The first line of this kind that fits; fails when the process ends without one. */
  async line(event: string, fits: (line: Line) => boolean = () => true): Promise<Line> {
    const { promise, resolve, reject } = Promise.withResolvers<Line>()
    const check = (): void => {
      const found = this.lines.find(line => line.event === event && fits(line))
      if (found !== undefined) resolve(found)
      else if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        reject(
          new Error(`ended with ${this.#child.exitCode} without “${event}”\n${this.stdout}\n${this.stderr}`),
        )
      }
    }
    this.#waiting.add(check)
    check()
    try {
      return await promise
    } finally {
      this.#waiting.delete(check)
    }
  }

  interrupt(): void {
    this.#child.kill('SIGINT')
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.kill()
    await this.exited
  }
}
