import { assertNever } from '../../shared/assert-never.ts'
import type { Reach } from '../../shared/model/reach.ts'
import { say } from '../../shared/words/say.ts'
import { isPublicAddress, type OwnAddress } from '../dtcp/host.ts'
import type { Connector } from '../sockets/connect-peer.ts'
import type { MappingProblem, PortMapping } from '../sockets/port-mapping.ts'
import { unlessAborted } from '../transfer/patience.ts'

export interface ReachSurroundings {
  readonly connector: Pick<Connector, 'port' | 'hosts'>
  readonly mapping: Pick<PortMapping, 'hold' | 'refresh' | 'ready' | 'external' | 'state' | 'problem'>
  readonly ownAddresses: () => readonly OwnAddress[]
  /** The JID of the server's SOCKS5 proxy. */
  readonly findProxy: (signal: AbortSignal) => Promise<string | undefined>
}

/** More than a router takes until it is known that it will not answer. */
const MAPPING_PATIENCE_MS = 15_000
const PROXY_PATIENCE_MS = 10_000

type Address = Reach['addresses'][number]

/**
 * How others can reach this computer: asks the router anew, and the server for its proxy. Takes some seconds.
 * Rejects with nothing but the signal's reason.
 */
export async function checkReach(
  { connector, mapping, ownAddresses, findProxy }: ReachSurroundings,
  signal: AbortSignal,
): Promise<Reach> {
  signal.throwIfAborted()
  const [proxy] = await Promise.all([proxyOf(findProxy, signal), askRouter(connector.port, mapping, signal)])
  signal.throwIfAborted()
  const own = ownAddresses()
  const { state } = mapping
  const external =
    state.kind === 'mapped' && connector.port !== 'off' ? mapping.external(connector.port) : undefined
  const told = connector.hosts.map(({ address }) => address)
  const addresses = listAddresses(own, external?.address, told)
  return {
    addresses,
    mapping: state,
    proxy: proxy ?? null,
    advice: adviseOn(addresses, {
      listens: connector.port !== 'off',
      isOff: state.kind === 'off',
      problem: mapping.problem,
    }),
  }
}

async function askRouter(
  port: number | 'off',
  mapping: ReachSurroundings['mapping'],
  signal: AbortSignal,
): Promise<void> {
  // Without a port that stays there is nothing to be mapped.
  if (port === 'off' || port === 0) return
  const holding = mapping.hold(port)
  try {
    // The person may have just changed something in the router.
    mapping.refresh()
    await unlessAborted(mapping.ready(port, MAPPING_PATIENCE_MS), signal)
  } finally {
    holding.release()
  }
}

async function proxyOf(
  findProxy: ReachSurroundings['findProxy'],
  signal: AbortSignal,
): Promise<string | undefined> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(PROXY_PATIENCE_MS)])
  try {
    return await unlessAborted(findProxy(patience), patience)
  } catch {
    signal.throwIfAborted()
    return undefined
  }
}

/** Those that are told in their order, then the others, nearer to being told first. */
function listAddresses(
  own: readonly OwnAddress[],
  mapped: string | undefined,
  told: readonly string[],
): Address[] {
  const kinds = new Map<string, Address['kind']>(own.map(mine => [mine.address, kindOf(mine)]))
  if (mapped !== undefined) kinds.set(mapped, 'mapped')
  // Hosts that the person gave need not be ours.
  for (const address of told) {
    if (!kinds.has(address)) kinds.set(address, isPublicAddress(address) ? 'global' : 'local')
  }
  const place = ({ address, kind }: { address: string; kind: Address['kind'] }): number => {
    const index = told.indexOf(address)
    return index >= 0 ? index : told.length + UNTOLD_ORDER.indexOf(kind)
  }
  return [...kinds]
    .map(([address, kind]) => ({ address, kind, told: told.includes(address) }))
    .toSorted((a, b) => place(a) - place(b))
}

const UNTOLD_ORDER: readonly Address['kind'][] = ['mapped', 'global', 'local', 'virtual', 'loopback']

function kindOf({ address, adapter }: OwnAddress): Address['kind'] {
  if (adapter !== 'physical') return adapter
  return isPublicAddress(address) ? 'global' : 'local'
}

/** What would let more of the others connect; nothing where everybody can. */
function adviseOn(
  addresses: readonly Address[],
  {
    listens,
    isOff,
    problem,
  }: { readonly listens: boolean; readonly isOff: boolean; readonly problem: MappingProblem | undefined },
): string[] {
  const told = addresses.filter(one => one.told).map(({ address }) => address)
  if (told.length === 0) {
    if (!listens) return [say('reach.not-listening')]
    return [say('reach.no-network')]
  }
  const isPublic = told.filter(isPublicAddress)
  if (isPublic.some(address => !address.includes(':'))) return []
  const who = isPublic.length === 0 ? say('reach.same-network') : say('reach.only-ipv6')
  return [say('reach.advice', { who, mend: isOff ? say('mend.ask-router') : mendOf(problem) })]
}

/** What the person can do so that the router hands connections on. */
function mendOf(problem: MappingProblem = { kind: 'silent' }): string {
  switch (problem.kind) {
    case 'silent':
    case 'not-asked':
    case 'not-needed':
      return say('mend.turn-on')
    case 'refused':
      return say('mend.allow')
    case 'no-router':
      return say('mend.connect')
    case 'second-router':
      return say('mend.bridge')
    case 'shared-by-provider':
      return say('mend.public-address')
    case 'router-offline':
      return say('mend.look')
    default:
      return assertNever(problem)
  }
}
