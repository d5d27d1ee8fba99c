import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeFile, sha256Of } from '../support/files.ts'
import { type ForeignName, foreignMissing } from '../support/foreign-available.ts'
import type { ForeignOptions, ForeignPrograms } from '../support/foreign-program.ts'
import { atServer, Headless } from '../support/headless.ts'
import type { LineProgram } from '../support/line-program.ts'
import type { RealServer, RealServerOptions } from '../support/real-server.ts'

/** What is missing fails on CI, where everything is installed. */
export function canUse(missing: string | undefined): boolean {
  return missing === undefined || process.env['CI'] === 'true'
}

export const NAMES = (['slixmpp', 'libpurple', 'QXmpp'] as const).filter(name => canUse(foreignMissing(name)))
export const DOMAIN = 'plumb.test'
export const PROXY = `proxy.${DOMAIN}`
const OPTIONS: RealServerOptions = {
  domain: DOMAIN,
  accounts: { alice: 'secret', slixmpp: 'secret', libpurple: 'secret', qxmpp: 'secret' },
  contacts: [
    ['alice', 'slixmpp'],
    ['alice', 'libpurple'],
    ['alice', 'qxmpp'],
    ['slixmpp', 'libpurple'],
    ['slixmpp', 'qxmpp'],
  ],
  proxy: true,
}

/** A program that takes files, with its full JID and where they go. */
export interface Receiver {
  readonly receiver: LineProgram
  readonly address: string
  readonly inbox: string
}

/** A server with a folder, and both sides' programs at it. */
export class Rig implements AsyncDisposable {
  readonly folder: string
  readonly #programs: ForeignPrograms
  readonly #server: RealServer
  readonly #stack: AsyncDisposableStack
  /** What takes files, by the words that it was started with. */
  readonly #receivers = new Map<string, Promise<Receiver>>()

  private constructor(
    programs: ForeignPrograms,
    server: RealServer,
    folder: string,
    stack: AsyncDisposableStack,
  ) {
    this.#programs = programs
    this.#server = server
    this.folder = folder
    this.#stack = stack
  }

  static async start(
    programs: ForeignPrograms,
    start: (options: RealServerOptions) => Promise<RealServer>,
  ): Promise<Rig> {
    await using stack = new AsyncDisposableStack()
    const server = stack.use(await start(OPTIONS))
    const folder = await mkdtemp(join(tmpdir(), 'plumb-interop-'))
    stack.defer(() => rm(folder, { recursive: true, force: true }))
    await writeFile(join(folder, 'ca.pem'), server.caPem)
    return new Rig(programs, server, folder, stack.move())
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync()
  }

  async newFile(bytes: number): Promise<{ path: string; name: string; sha256: string }> {
    const name = `${randomBytes(4).toString('hex')} ü.bin`
    const path = await makeFile(join(this.folder, name), bytes)
    return { path, name, sha256: await sha256Of(path) }
  }

  plumb(command: 'send' | 'receive', ...args: string[]): Headless {
    const { host, port } = this.#server
    const state = join(this.folder, `state-${randomBytes(4).toString('hex')}`)
    const at = atServer({ host, port, caFile: join(this.folder, 'ca.pem') })
    return new Headless([command, '--jid', `alice@${DOMAIN}`, ...at, '--state', state, ...args])
  }

  foreign(name: ForeignName, options: Omit<ForeignOptions, 'jid' | 'server'>): LineProgram {
    return this.#programs.start(name, { jid: jidOf(name), server: this.#server, ...options })
  }

  /** One that takes files, and is there for all tests: starting it is what takes time. */
  foreignReceiver(name: ForeignName, options: Partial<ForeignOptions> = {}): Promise<Receiver> {
    return this.#shared(`${name} ${JSON.stringify(options)}`, inbox =>
      this.foreign(name, { task: { receive: inbox }, ...options }),
    )
  }

  plumbReceiver(...args: string[]): Promise<Receiver> {
    return this.#shared(args.join(' '), inbox => this.plumb('receive', '--into', inbox, ...args))
  }

  #shared(key: string, start: (inbox: string) => LineProgram): Promise<Receiver> {
    const starting = this.#receivers.get(key) ?? this.#startReceiver(start)
    this.#receivers.set(key, starting)
    return starting
  }

  async #startReceiver(start: (inbox: string) => LineProgram): Promise<Receiver> {
    const inbox = join(this.folder, randomBytes(4).toString('hex'))
    await mkdir(inbox)
    const receiver = this.#stack.use(start(inbox))
    return { receiver, address: await online(receiver), inbox }
  }
}

let resources = 0
function jidOf(name: ForeignName): string {
  resources += 1
  return `${name.toLowerCase()}@${DOMAIN}/${resources}`
}

async function online(program: LineProgram): Promise<string> {
  return String((await program.line('online'))['jid'])
}
