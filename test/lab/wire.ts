import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { command } from './command.ts'
import type { Namespace } from './namespace.ts'

const SOURCE = fileURLToPath(new URL('wire.c', import.meta.url))

/** What a wire does to the packets of each direction. */
export interface Line {
  readonly delayMs: number
  /** How many of them get lost, between 0 and 1. */
  readonly loss: number
}

/** Compiles `wire.c`. */
export async function buildWire(program: string): Promise<void> {
  await command('gcc', ['-O2', '-Wall', '-Wextra', '-Werror', '-o', program, SOURCE])
}

/** One end of a wire: a device that it makes there. */
export interface WireEnd {
  readonly namespace: Namespace
  readonly device: string
}

/** A wire between two namespaces with a delay and a loss that can be changed while it carries packets. */
export class Wire implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>
  #complaint = ''

  private constructor(program: string, one: WireEnd, other: WireEnd, seed: number) {
    const ends = [one, other].flatMap(({ namespace, device }) => [namespace.name, device])
    const child = spawn(program, [...ends, String(seed)], { stdio: 'pipe' })
    this.#child = child
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint += text
    })
    child.stdin.on('error', () => {})
    this.#lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  }

  /** `program`: what `buildWire` made. The same seed loses the same packets. Its two devices are down yet. */
  static async between(program: string, one: WireEnd, other: WireEnd, seed: number): Promise<Wire> {
    const wire = new Wire(program, one, other, seed)
    await wire.#answer('ready')
    return wire
  }

  /** Holds once it resolves. */
  async set({ delayMs, loss }: Line): Promise<void> {
    this.#child.stdin?.write(`${Math.round(delayMs * 1000)} ${Math.round(loss * 1_000_000)}\n`)
    await this.#answer('set')
  }

  async #answer(wanted: string): Promise<void> {
    const { value } = await this.#lines.next()
    if (value !== wanted) throw new Error(`The wire ended: ${this.#complaint || 'it says nothing'}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.stdin?.end()
    await exited
  }
}
