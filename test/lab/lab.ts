import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Kind } from './kinds.ts'
import { isLeftover, ownName } from './leftovers.ts'
import { Namespace, sweepNamespaces } from './namespace.ts'
import { type Server, startServer } from './server.ts'
import { Site, usernameOf } from './site.ts'
import { buildWire } from './wire.ts'

/** As many as there can be; each has an account. */
const MAX_SITES = 16
const SERVER_ADDRESS = '44.128.0.10'

let labs = 0

/**
 * An internet of network namespaces, with a server and as many sites as are asked for. Nothing leads from it to any
 * other network. Needs root, and what `labMissing` names.
 */
export class Lab implements AsyncDisposable {
  readonly server: Server
  /** For whatever belongs to this lab; it is removed with it. */
  readonly folder: string
  readonly #name: string
  readonly #internet: Namespace
  readonly #parts: AsyncDisposableStack
  readonly #sites = new Map<string, Promise<Site>>()
  #made = 0

  private constructor(
    { name, folder, internet, server }: { name: string; folder: string; internet: Namespace; server: Server },
    parts: AsyncDisposableStack,
  ) {
    this.#name = name
    this.folder = folder
    this.#internet = internet
    this.server = server
    this.#parts = parts
  }

  static async make(): Promise<Lab> {
    await sweep()
    const name = String(++labs)
    await using stack = new AsyncDisposableStack()
    const folder = await mkdtemp(join(tmpdir(), ownName('')))
    const remove = (): void => rmSync(folder, { recursive: true, force: true })
    process.once('exit', remove)
    stack.defer(() => {
      process.off('exit', remove)
      remove()
    })
    await buildWire(join(folder, 'wire'))

    const internet = stack.use(await Namespace.make(`${name}-internet`))
    const namespace = stack.use(await Namespace.make(`${name}-server`))
    await internet.run(
      'tee',
      ['/proc/sys/net/ipv4/ip_forward', '/proc/sys/net/ipv6/conf/all/forwarding'],
      '1',
    )
    await internet.ip(
      `link add server type veth peer name eth0 netns ${namespace.name}`,
      'link set server up',
      'address add 44.128.0.1/24 dev server',
      // An address that nobody has gives no answer, as is common out there.
      'route add blackhole default',
      'route add blackhole ::/0',
    )
    await namespace.ip(
      'link set eth0 up',
      `address add ${SERVER_ADDRESS}/24 dev eth0`,
      'route add default via 44.128.0.1',
    )
    await mkdir(join(folder, 'server'))
    const server = await startServer({
      namespace,
      address: SERVER_ADDRESS,
      usernames: Array.from({ length: MAX_SITES }, (_, index) => usernameOf(index + 1)),
      folder: join(folder, 'server'),
    })
    return new Lab({ name, folder, internet, server }, stack.move())
  }

  /** Where the sender or the receiver of a file is; the same one each time. */
  site(role: 'sender' | 'receiver', kind: Kind): Promise<Site> {
    const key = `${role} ${kind}`
    const site = this.#sites.get(key) ?? this.#makeSite(kind)
    this.#sites.set(key, site)
    return site
  }

  async #makeSite(kind: Kind): Promise<Site> {
    const number = ++this.#made
    const { folder } = this
    const [internet, lab, wire] = [this.#internet, this.#name, join(folder, 'wire')]
    return this.#parts.use(await Site.make({ kind, number, lab, internet, wire, folder }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync()
  }
}

/** Removes what labs left behind that were killed. */
async function sweep(): Promise<void> {
  await sweepNamespaces()
  for (const name of (await readdir(tmpdir())).filter(isLeftover)) {
    await rm(join(tmpdir(), name), { recursive: true, force: true })
  }
}
