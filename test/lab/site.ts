import { givesMappings, isPrivate, type Kind } from './kinds.ts'
import { Namespace } from './namespace.ts'
import { countMappings, LAN, startRouter, WAN } from './router.ts'
import { type Line, Wire } from './wire.ts'

export interface SiteOptions {
  readonly kind: Kind
  /** Its own, from 1 on: its addresses and its account come from it. */
  readonly number: number
  /** Of the lab, among the names of namespaces. */
  readonly lab: string
  readonly internet: Namespace
  /** What `buildWire` made. */
  readonly wire: string
  /** For its files. */
  readonly folder: string
}

/**
 * Where somebody is: a computer, its router, and the line from there to the internet.
 *
 * Public addresses are from a range that miniupnpd and our own client take for the internet's (they know private and
 * documentation ranges, and refuse them): 44.128/16, which amateur radio has, and 3ffe::/16, which nobody has any more.
 */
export class Site implements AsyncDisposable {
  readonly kind: Kind
  /** Of its account. */
  readonly username: string
  readonly computer: Namespace
  readonly router: Namespace
  readonly #wire: Wire
  readonly #parts: AsyncDisposableStack

  private constructor(
    { kind, number }: SiteOptions,
    parts: { computer: Namespace; router: Namespace; wire: Wire },
    stack: AsyncDisposableStack,
  ) {
    this.kind = kind
    this.username = usernameOf(number)
    this.computer = parts.computer
    this.router = parts.router
    this.#wire = parts.wire
    this.#parts = stack
  }

  static async make(options: SiteOptions): Promise<Site> {
    const { kind, number, lab, internet, folder } = options
    await using stack = new AsyncDisposableStack()
    const router = stack.use(await Namespace.make(`${lab}-router${number}`))
    const computer = stack.use(await Namespace.make(`${lab}-computer${number}`))
    const device = `site${number}`
    const ends = [
      { namespace: internet, device },
      { namespace: router, device: WAN },
    ] as const
    const wire = stack.use(await Wire.between(options.wire, ...ends, number))
    const outside = `44.128.${number}`
    const inside = isPrivate(kind) ? `192.168.${number}` : outside
    const ipv6 = kind === 'nat+ipv6' ? `3ffe:0:${number}:` : undefined
    // A queue that is longer than usual: what gets lost is the wire's to decide, not the scheduler's.
    await internet.ip(
      `link set ${device} up txqueuelen 10000`,
      `route add ${outside}.0/24 dev ${device}`,
      ...(ipv6 === undefined ? [] : [`route add ${ipv6}:/64 dev ${device}`]),
    )
    await router.ip(
      `link add ${LAN} type veth peer name eth0 netns ${computer.name}`,
      `link set ${LAN} up`,
      `link set ${WAN} up txqueuelen 10000`,
      `address add ${outside}.1/32 dev ${WAN}`,
      `address add ${inside}.254/24 dev ${LAN}`,
      `route add default dev ${WAN}`,
      ...(ipv6 === undefined
        ? []
        : [`address add ${ipv6}:fe/64 dev ${LAN} nodad`, `route add ::/0 dev ${WAN}`]),
    )
    await computer.ip(
      'link set eth0 up',
      `address add ${inside}.10/24 dev eth0`,
      `route add default via ${inside}.254`,
      ...(ipv6 === undefined
        ? []
        : [`address add ${ipv6}:10/64 dev eth0 nodad`, `route add ::/0 via ${ipv6}:fe`]),
    )
    await startRouter({ kind, namespace: router, lan: `${inside}.0/24`, folder })
    return new Site(options, { computer, router, wire }, stack.move())
  }

  /** What its line to the internet does to packets from now on. */
  setLine(line: Line): Promise<void> {
    return this.#wire.set(line)
  }

  /** How many ports its router forwards at somebody's wish. */
  async mappings(): Promise<number> {
    return givesMappings(this.kind) ? countMappings(this.router) : 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync()
  }
}

export function usernameOf(number: number): string {
  return `site${number}`
}
