import { createCipheriv, createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Random } from '../dtcp/random.ts'
import { type Gate, startGate } from '../support/gate.ts'
import { Headless } from '../support/headless.ts'

/** What goes wrong while a file is on its way. */
export const FAULTS = [
  'sender killed',
  'receiver killed',
  'both killed',
  'connection cut',
  'server restarted',
  'disk full',
  'source changed',
] as const
export type Fault = (typeof FAULTS)[number]

export interface RoundOptions {
  readonly seed: number
  /** An empty folder of this round's own. */
  readonly folder: string
  /** Arguments that bring both clients to the server. */
  readonly at: readonly string[]
  readonly accounts: { readonly sender: string; readonly receiver: string }
  readonly domain: string
  restartServer(): Promise<void>
  /** A folder on a small disk of DISK_BYTES; undefined where none can be had, which needs root. */
  readonly disk: string | undefined
}

export interface RoundResult {
  readonly seed: number
  readonly what: string
  readonly faults: readonly string[]
  /** How often a program was started. */
  readonly starts: number
  /** The most that was stored and came once more, in bytes. */
  readonly twice: number
}

const MIB = 1024 * 1024
/** A byte more than this once more is a broken promise. */
export const MAX_TWICE = MIB
export const DISK_BYTES = 24 * MIB
/** Each end of a program is followed by a start, as a person would; so often nobody would. */
const MAX_STARTS = 16

/** One transfer with a few faults. Throws where something is not as it was promised. */
export async function round(options: RoundOptions): Promise<RoundResult> {
  const random = new Random(options.seed)
  const inbox = join(options.disk ?? options.folder, `inbox ${options.seed}`)
  await mkdir(inbox, { recursive: true })
  const gate = await startGate()
  const source = await Source.make(random, options.folder)
  const run = new Run(options, source, inbox, gate)
  try {
    const faults = Array.from({ length: random.int(1, 3) }, () => {
      const all = FAULTS.filter(
        fault =>
          (options.disk !== undefined || fault !== 'disk full') &&
          (source.kind === 'file' || fault !== 'source changed'),
      )
      return { fault: all[random.int(0, all.length - 1)] as Fault, after: random.int(0, source.size) }
    })
    for (const { fault, after } of faults) {
      await run.untilPassed(after)
      await run.suffer(fault)
      await run.checkNames()
    }
    await run.untilDone()
    await run.checkNames()
    await run.checkArrived()
    if (run.twice > MAX_TWICE) throw new Error(`${run.twice} bytes came twice`)
    return {
      seed: options.seed,
      what: source.what,
      faults: faults.map(({ fault, after }) => `${fault} at ${after}`),
      starts: run.starts,
      twice: run.twice,
    }
  } catch (error) {
    throw new Error(`seed ${options.seed}, ${source.what}:\n${run.log.join('\n')}`, { cause: error })
  } finally {
    await run[Symbol.asyncDispose]()
    await gate[Symbol.asyncDispose]()
    for (const path of [inbox, options.folder]) await rm(path, { recursive: true, force: true })
  }
}

/** What is sent: a file, or a folder of a few. */
class Source {
  readonly path: string
  readonly kind: 'file' | 'folder'
  readonly size: number
  readonly what: string
  /** By name, as the inbox is to have them; every version that there was. */
  readonly versions = new Map<string, string[]>()
  readonly #random: Random

  private constructor(random: Random, path: string, kind: 'file' | 'folder', size: number, what: string) {
    this.#random = random
    this.path = path
    this.kind = kind
    this.size = size
    this.what = what
  }

  static async make(random: Random, folder: string): Promise<Source> {
    if (random.int(0, 3) > 0) {
      const size = random.int(0, 4) === 0 ? random.int(0, 1000) : random.int(MIB, 8 * MIB)
      const source = new Source(random, join(folder, 'film.mkv'), 'file', size, `a file of ${size} bytes`)
      await source.#write('film.mkv', source.path, size)
      return source
    }
    const path = join(folder, 'Holiday')
    const sizes = Array.from({ length: random.int(1, 30) }, () => random.int(0, 400_000))
    const size = sizes.reduce((sum, one) => sum + one, 0)
    const source = new Source(
      random,
      path,
      'folder',
      size,
      `a folder of ${sizes.length} files, ${size} bytes`,
    )
    for (const [index, bytes] of sizes.entries()) {
      const name = `Holiday/day ${index % 3}/${index}.jpg`
      await mkdir(join(folder, name, '..'), { recursive: true })
      await source.#write(name, join(folder, name), bytes)
    }
    return source
  }

  /** Other bytes, of another time. */
  async change(): Promise<void> {
    const size = this.#random.int(0, 1) === 0 ? this.size : this.#random.int(0, 2 * this.size)
    await this.#write('film.mkv', this.path, size)
    const later = new Date(Date.now() + this.#random.int(2, 60) * 1000)
    await utimes(this.path, later, later)
  }

  current(name: string): string | undefined {
    return this.versions.get(name)?.at(-1)
  }

  async #write(name: string, path: string, size: number): Promise<void> {
    const content = bytesOf(this.#random, size)
    await writeFile(path, content)
    this.versions.set(name, [...(this.versions.get(name) ?? []), sha256(content)])
  }
}

/** The two programs of one round, started again and again. */
class Run implements AsyncDisposable {
  readonly log: string[] = []
  starts = 0
  twice = 0
  readonly #options: RoundOptions
  readonly #source: Source
  readonly #inbox: string
  readonly #gate: Gate
  #sender: Headless
  #receiver: Headless
  /** The most that the receiver said it has of each transfer, and what that was when the last connection began. */
  readonly #stored = new Map<unknown, { now: number; before: number }>()
  #over = false

  constructor(options: RoundOptions, source: Source, inbox: string, gate: Gate) {
    this.#options = options
    this.#source = source
    this.#inbox = inbox
    this.#gate = gate
    this.#receiver = this.#startReceiver()
    this.#sender = this.#startSender()
  }

  /** Until so many bytes more have passed, or the file is there. */
  async untilPassed(bytes: number): Promise<void> {
    const reached = this.#gate.hold(bytes)
    await Promise.race([reached, this.#receiver.exited, this.#sender.exited])
    this.log.push(`passed ${this.#gate.passed}`)
  }

  async suffer(fault: Fault): Promise<void> {
    this.log.push(fault)
    switch (fault) {
      case 'sender killed':
        await this.#kill(this.#sender)
        this.#gate.open()
        this.#sender = this.#startSender()
        return
      case 'receiver killed':
        await this.#kill(this.#receiver)
        this.#gate.open()
        this.#receiver = this.#startReceiver()
        return
      case 'both killed':
        await Promise.all([this.#kill(this.#sender), this.#kill(this.#receiver)])
        this.#gate.open()
        this.#receiver = this.#startReceiver()
        this.#sender = this.#startSender()
        return
      case 'connection cut':
        this.#gate.open()
        this.#gate.cut()
        return
      case 'server restarted':
        this.#gate.open()
        await this.#options.restartServer()
        return
      case 'disk full': {
        const filler = join(this.#inbox, '.filler')
        await writeFile(filler, Buffer.alloc(DISK_BYTES)).catch(() => {})
        this.#gate.open()
        const full = (line: { event: string }): boolean => JSON.stringify(line).includes('disk-full')
        await Promise.race([
          this.#receiver.line('interrupted', full).catch(() => {}),
          this.#receiver.line('failed', full).catch(() => {}),
          this.#receiver.line('done').catch(() => {}),
          this.#sender.exited,
        ])
        await rm(filler, { force: true })
        return
      }
      case 'source changed':
        await this.#source.change()
        this.#gate.open()
        return
    }
  }

  async untilDone(): Promise<void> {
    this.#gate.open()
    for (;;) {
      await Promise.race([this.#sender.exited, this.#receiver.exited])
      if (await this.#hasArrived()) {
        // The sender was told, or asks once more.
        if ((await this.#sender.exited) === 0) break
      }
      if (this.#receiver.hasExited) this.#receiver = this.#startReceiver()
      if (this.#sender.hasExited) this.#sender = this.#startSender()
    }
    this.#over = true
  }

  /** No file has its name before it is what was sent. */
  async checkNames(): Promise<void> {
    for (const name of await visible(this.#inbox)) {
      const content = sha256(await readFile(join(this.#inbox, name)))
      // What came a second time, as a file of its own, has a number.
      const plain = name.replace(/ \(\d+\)(?=\.mkv$|\/)/, '')
      if (!(this.#source.versions.get(plain) ?? []).includes(content)) {
        throw new Error(`${name} has its name and is not what was sent`)
      }
    }
  }

  async checkArrived(): Promise<void> {
    for (const name of this.#source.versions.keys()) {
      const here = await visible(this.#inbox)
      const found = here.filter(path => path.replace(/ \(\d+\)(?=\.mkv$|\/)/, '') === name)
      const contents = await Promise.all(
        found.map(async path => sha256(await readFile(join(this.#inbox, path)))),
      )
      if (!contents.includes(this.#source.current(name) ?? '')) throw new Error(`${name} is lost`)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true
    await Promise.all([this.#sender[Symbol.asyncDispose](), this.#receiver[Symbol.asyncDispose]()])
  }

  async #hasArrived(): Promise<boolean> {
    try {
      await this.checkArrived()
      return true
    } catch {
      return false
    }
  }

  async #kill(program: Headless): Promise<void> {
    program.kill()
    await program.exited
  }

  #startReceiver(): Headless {
    const { accounts, domain, folder, at } = this.#options
    const program = this.#start([
      'receive',
      '--jid',
      `${accounts.receiver}@${domain}`,
      '--into',
      this.#inbox,
      '--listen',
      'off',
      '--count',
      '1',
      '--state',
      join(folder, 'state of the receiver'),
      ...at,
    ])
    this.#watch(program)
    return program
  }

  #startSender(): Headless {
    const { accounts, domain, folder, at } = this.#options
    return this.#start([
      'send',
      '--jid',
      `${accounts.sender}@${domain}`,
      '--to',
      `${accounts.receiver}@${domain}`,
      '--listen',
      String(this.#gate.target),
      '--advertise',
      `127.0.0.1:${this.#gate.port}`,
      '--dial',
      'off',
      // Who is started again is there in a moment.
      '--wait',
      '5',
      '--state',
      join(folder, 'state of the sender'),
      ...at,
      this.#source.path,
    ])
  }

  #start(args: readonly string[]): Headless {
    this.starts += 1
    if (this.starts > MAX_STARTS) throw new Error('it never ends')
    const program = new Headless(args)
    const name = args[0]
    void program.exited.then(status => {
      if (!this.#over) this.log.push(`${name} ended with ${status}: ${program.stderr.trim()}`)
    })
    return program
  }

  /** What was stored, and came once more. */
  #watch(program: Headless): void {
    program.onLine(line => {
      if (line.event !== 'progress') this.log.push(`receive: ${JSON.stringify(line)}`)
      // What changed is another transfer, which begins with nothing.
      const id = line['transfer']
      const stored = this.#stored.get(id) ?? { now: 0, before: 0 }
      this.#stored.set(id, stored)
      if (line.event === 'progress') stored.now = Math.max(stored.now, Number(line['bytes']))
      if (line.event === 'connected') stored.before = stored.now
      if (line.event === 'restarted') stored.before = 0
      if (line.event === 'done')
        this.twice = Math.max(this.twice, stored.before - Number(line['resumedFrom']))
    })
  }
}

/** Files that people see, with the folders that they are in. What is hidden may change while it is looked at. */
async function visible(folder: string): Promise<string[]> {
  const top = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !name.startsWith('.'))
  const names = await Promise.all(
    top.map(async entry => {
      if (!entry.isDirectory()) return [entry.name]
      const inside = await readdir(join(folder, entry.name), { recursive: true, withFileTypes: true })
      return inside
        .filter(file => file.isFile())
        .map(file => join(file.parentPath, file.name).slice(folder.length + 1))
    }),
  )
  return names.flat()
}

/** The same seed gives the same bytes. */
function bytesOf(random: Random, size: number): Buffer {
  const key = Buffer.from(Array.from({ length: 16 }, () => random.int(0, 255)))
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size))
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
