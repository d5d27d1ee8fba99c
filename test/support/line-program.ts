import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** One line of what a program tells: a JSON object. */
export type Line = { readonly event: string } & Readonly<Record<string, unknown>>

export interface LineProgramOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** Whether its output is JSON, one object a line. */
  readonly tellsLines: boolean
}

/** A test that ran out of time never disposes of what it started. */
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** A program in a process of its own that tells what happens in lines. */
export class LineProgram implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #waiting = new Set<() => void>()
  readonly #listeners: ((line: Line) => void)[] = []
  #killed = false
  /** Resolves with the exit status. */
  readonly exited: Promise<number>
  readonly lines: Line[] = []
  stdout = ''
  stderr = ''

  constructor({ command, args, env, tellsLines }: LineProgramOptions) {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    running.add(child)
    child.once('exit', () => running.delete(child))
    child.stdout.on('data', (text: Buffer) => {
      this.stdout += text.toString()
    })
    child.stderr.on('data', (text: Buffer) => {
      this.stderr += text.toString()
    })
    if (tellsLines) {
      createInterface(child.stdout).on('line', text => {
        const line = this.#read(text)
        if (line === undefined) return
        this.lines.push(line)
        for (const listener of this.#listeners) listener(line)
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

  get hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** Each line as it comes, from now on. */
  onLine(listener: (line: Line) => void): void {
    this.#listeners.push(listener)
  }

  /** The last line of a program that was killed may be half of one. */
  #read(text: string): Line | undefined {
    try {
      return JSON.parse(text) as Line
    } catch (error) {
      if (this.#killed) return undefined
      throw error
    }
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
      else if (this.hasExited) {
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

  /** As a system does that shuts down. */
  terminate(): void {
    this.#child.kill('SIGTERM')
  }

  kill(): void {
    this.#killed = true
    this.#child.kill('SIGKILL')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.hasExited) this.kill()
    await this.exited
  }
}
