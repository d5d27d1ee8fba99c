import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { command } from './command.ts'
import { isLeftover, ownName } from './leftovers.ts'

/** Where `ip netns` keeps the names. */
const NAMES = '/run/netns'

const living = new Set<Namespace>()

// Also when the program ends in the middle of something; what it leaves when it is killed, `sweepNamespaces` removes.
process.once('exit', () => {
  for (const namespace of living) namespace.removeNow()
})

/** A network of its own, with a name that `ip netns exec` knows, and the processes that live in it. */
export class Namespace implements AsyncDisposable {
  readonly name: string
  readonly #children = new Set<ChildProcess>()

  private constructor(name: string) {
    this.name = name
    living.add(this)
  }

  /** `place` is unique in this process. */
  static async make(place: string): Promise<Namespace> {
    const name = ownName(place)
    await command('ip', ['netns', 'add', name])
    const namespace = new Namespace(name)
    try {
      await namespace.ip('link set lo up')
    } catch (error) {
      await namespace[Symbol.asyncDispose]()
      throw error
    }
    return namespace
  }

  /** Commands of `ip`, without that word. */
  async ip(...commands: readonly string[]): Promise<void> {
    await command('ip', ['-n', this.name, '-batch', '-'], `${commands.join('\n')}\n`)
  }

  /** Runs a program in it to its end. */
  run(program: string, args: readonly string[], input?: string): Promise<string> {
    return command('ip', ['netns', 'exec', this.name, program, ...args], input)
  }

  /** Starts a program in it, which ends with this one, however that happens. */
  start(program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
    const within = ['--pdeathsig', 'KILL', 'ip', 'netns', 'exec', this.name, program, ...args]
    const child = spawn('setpriv', within, options)
    this.#children.add(child)
    child.once('exit', () => this.#children.delete(child))
    return child
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exits = [...this.#children].map(child => once(child, 'exit'))
    this.#kill()
    await Promise.all(exits)
    living.delete(this)
    await command('ip', ['netns', 'del', this.name])
  }

  /** Where nothing can be waited for any more. */
  removeNow(): void {
    this.#kill()
    spawnSync('ip', ['netns', 'del', this.name])
  }

  #kill(): void {
    for (const child of this.#children) child.kill('SIGKILL')
  }
}

/** Removes what runs that were killed left behind, and what still lives in it. */
export async function sweepNamespaces(): Promise<void> {
  const names = await readdir(NAMES).catch(() => [])
  for (const name of names.filter(isLeftover)) {
    const pids = await command('ip', ['netns', 'pids', name])
    for (const pid of pids.split('\n').filter(Boolean)) process.kill(Number(pid), 'SIGKILL')
    await command('ip', ['netns', 'del', name])
  }
}
