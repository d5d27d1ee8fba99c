import { randomInt } from 'node:crypto'
import type { RemoteInfo } from 'node:dgram'
import { setTimeout as delay } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { isPublicAddress, normalizeAddress } from '../dtcp/host.ts'
import type { Mapping, MappingRequest, RouterAnswer, RouterJob, Via } from './ask-router.ts'

/*
 * One question to the router, on a thread of its own. The library does the protocols. Here is decided who is
 * believed, how often is asked, and how much is read.
 */

const job = workerData as RouterJob
const { gateway, local } = job.kind === 'map' ? job.request : job.mapping.request

const NAT_PMP_PORT = 5351
/** The library asks once, and datagrams get lost: after so many milliseconds it is asked again. */
const NAT_PMP_TRIES_MS = [0, 250, 750, 1_750]
const NAT_PMP_TIMEOUT_MS = 3_000
/** A router may take a second to answer a search. */
const SEARCH_TRIES_MS = [0, 300, 1_000]
const SEARCH_TIMEOUT_MS = 3_000
const HTTP_TIMEOUT_MS = 3_000
const MAX_HTTP_BYTES = 256 * 1024
/** A port that somebody else has on the router is refused: another one may be free. */
const UPNP_PORT_TRIES = 3
/** Peers dial none below. */
const LOWEST_EXTERNAL_PORT = 1024
const MAX_LEASE_SECONDS = 24 * 60 * 60
const DESCRIPTION = 'Plumb'
const GATEWAY_DEVICE = 'urn:schemas-upnp-org:device:InternetGatewayDevice:1'

const unboundedFetch = globalThis.fetch

/** What the library fetches with: from this router only, without detours, in bounded time and size. */
globalThis.fetch = async (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input)
  if (!isOnGateway(url)) throw new Error('the router names another host')
  const response = await unboundedFetch(url, {
    ...init,
    redirect: 'error',
    signal: AbortSignal.timeout(HTTP_TIMEOUT_MS),
  })
  let bytes = 0
  const chunks: Uint8Array[] = []
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > MAX_HTTP_BYTES) throw new Error('the router says too much')
    chunks.push(chunk)
  }
  return new Response(Buffer.concat(chunks), { status: response.status })
}

// Behind that line: the library takes the fetch that it finds.
const { default: PmpClient } = await import('@silentbot1/nat-api/lib/pmp/index.js')
const { default: Device } = await import('@silentbot1/nat-api/lib/upnp/device.js')
const { default: Ssdp } = await import('@silentbot1/nat-api/lib/upnp/ssdp.js')
const { default: UpnpClient } = await import('@silentbot1/nat-api/lib/upnp/index.js')

class NatPmp extends PmpClient {
  constructor() {
    super(gateway)
    this.on('error', () => {})
  }

  /** The library takes port 5350, which another program may have at the same time. */
  override connect(): void {
    if (this._connecting) return
    this._connecting = true
    this.socket.bind(0, local)
  }

  /** The library believes anybody, and reads beyond the end of what is too short. */
  override onMessage(message: Buffer, from: RemoteInfo): void {
    if (from.address !== gateway || from.port !== NAT_PMP_PORT || message.length < 8) return
    const [, operation] = message
    const whole = message.readUInt16BE(2) !== 0 ? 8 : operation === 128 ? 12 : 16
    if (message.length >= whole) super.onMessage(message, from)
  }
}

/** Searches from the one address that the router knows; the library would search on every adapter. */
class Search extends Ssdp {
  constructor() {
    super()
    this.multicast = job.search.address
    this.port = job.search.port
  }

  override createSockets(): void {
    this.createSocket({ family: 'IPv4', address: local })
  }
}

class GatewayDevice extends Device {
  constructor(location: string, services?: string[]) {
    super({ url: location, permanentFallback: true })
    if (services !== undefined) this.services = services
  }

  /** The library leaves out a number that is zero, and so the lease that never ends. */
  override run(action: string, args: [name: string, value: unknown][]): Promise<Record<string, unknown>> {
    return super.run(
      action,
      args.map(([name, value]) => [name, typeof value === 'number' ? String(value) : value]),
    )
  }
}

class Upnp extends UpnpClient {
  readonly #device: GatewayDevice

  constructor(device: GatewayDevice) {
    super()
    void this.ssdp.destroy()
    this.#device = device
  }

  override findGateway(): Promise<{ gateway: GatewayDevice; address: string }> {
    return Promise.resolve({ gateway: this.#device, address: local })
  }
}

/** A way that leads to the router, before anything was changed there. */
interface Candidate {
  readonly kind: 'candidate'
  map(): Promise<RouterAnswer>
}

function isOnGateway(url: URL): boolean {
  return url.protocol === 'http:' && url.hostname === gateway
}

/** One line for people, whatever a router put into it. */
function wordsOf(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error)
  return words.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 120)
}

/** The first answer, yes or no; undefined where none came. */
async function natPmp<T>(call: (client: NatPmp) => Promise<T>): Promise<T | undefined> {
  const clients: NatPmp[] = []
  const over = new AbortController()
  const after = (ms: number): Promise<void> => delay(ms, undefined, { signal: over.signal })
  const tries = NAT_PMP_TRIES_MS.map(async ms => {
    await after(ms)
    const client = new NatPmp()
    clients.push(client)
    return call(client)
  })
  try {
    return await Promise.race([...tries, after(NAT_PMP_TIMEOUT_MS)]).then(result => result ?? undefined)
  } finally {
    over.abort()
    // Those that lose say so after the winner.
    void Promise.allSettled(tries)
    for (const client of clients) void client.close()
  }
}

function external(request: MappingRequest, via: Via, address: string, port: number, lease: number): Mapping {
  const leaseSeconds = Math.min(lease, MAX_LEASE_SECONDS)
  return { request, via, external: { address, port }, leaseSeconds }
}

function whyNot(address: unknown): RouterAnswer | undefined {
  const literal = typeof address === 'string' ? normalizeAddress(address) : undefined
  if (literal === undefined) return { kind: 'not-public', address: '0.0.0.0' }
  return isPublicAddress(literal) ? undefined : { kind: 'not-public', address: literal }
}

async function probeNatPmp(request: MappingRequest): Promise<Candidate | RouterAnswer> {
  try {
    const address = await natPmp(client => client.externalIp())
    if (address === undefined) return { kind: 'silent' }
    return whyNot(address) ?? { kind: 'candidate', map: () => mapByNatPmp(request, address) }
  } catch (error) {
    return { kind: 'refused', words: wordsOf(error) }
  }
}

async function mapByNatPmp(request: MappingRequest, address: string): Promise<RouterAnswer> {
  const { port, externalPort, leaseSeconds } = request
  try {
    const wanted = { type: 'tcp', private: port, public: externalPort, ttl: leaseSeconds } as const
    const mapped = await natPmp(client => client.portMapping(wanted))
    // It spoke a moment ago: some try every port that they have before they say no.
    if (mapped === undefined) return { kind: 'refused', words: 'it does not answer' }
    if (mapped.private !== port || mapped.public < LOWEST_EXTERNAL_PORT || mapped.ttl === 0) {
      return { kind: 'refused', words: 'it mapped something else' }
    }
    const via: Via = { protocol: 'nat-pmp' }
    return { kind: 'mapped', mapping: external(request, via, address, mapped.public, mapped.ttl) }
  } catch (error) {
    return { kind: 'refused', words: wordsOf(error) }
  }
}

/** Where the router describes itself; undefined where it did not answer. */
function searchRouter(): Promise<string | undefined> {
  return new Promise(resolve => {
    const search = new Search()
    const over = new AbortController()
    const finish = (location?: string): void => {
      over.abort()
      void search.destroy()
      resolve(location)
    }
    search.on('_device', ({ location = '' }) => {
      // Anybody in the network may answer. Only the router itself can map anything.
      if (URL.canParse(location) && isOnGateway(new URL(location))) finish(location)
    })
    const after = (ms: number, act: () => void): void => {
      delay(ms, undefined, { signal: over.signal }).then(act, () => {})
    }
    for (const ms of SEARCH_TRIES_MS) {
      after(ms, () => void search.search(GATEWAY_DEVICE, SEARCH_TIMEOUT_MS).catch(() => {}))
    }
    after(SEARCH_TIMEOUT_MS, () => finish())
  })
}

async function probeUpnp(request: MappingRequest): Promise<Candidate | RouterAnswer> {
  const location = await searchRouter()
  if (location === undefined) return { kind: 'silent' }
  let answer: RouterAnswer = { kind: 'refused', words: 'it has no service for mappings' }
  // A router may have a connection of each kind, of which one leads somewhere.
  for (const service of new GatewayDevice(location).services) {
    try {
      const address = await new Upnp(new GatewayDevice(location, [service])).externalIp()
      const problem = whyNot(address)
      const via: Via = { protocol: 'upnp', location, service }
      if (problem === undefined) return { kind: 'candidate', map: () => mapByUpnp(request, via, address) }
      answer = problem
    } catch (error) {
      if (answer.kind === 'refused') answer = { kind: 'refused', words: wordsOf(error) }
    }
  }
  return answer
}

async function mapByUpnp(
  request: MappingRequest,
  via: Via & { protocol: 'upnp' },
  address: unknown,
): Promise<RouterAnswer> {
  const { port, leaseSeconds } = request
  const client = new Upnp(new GatewayDevice(via.location, [via.service]))
  let words = ''
  for (let tries = 0; tries < UPNP_PORT_TRIES; tries++) {
    const externalPort = tries === 0 ? request.externalPort : randomInt(20_000, 65_536)
    try {
      const body = await client.portMapping({
        public: externalPort,
        private: { host: local, port },
        protocol: 'TCP',
        description: DESCRIPTION,
        ttl: leaseSeconds,
      })
      // The library takes faults of some kinds for answers.
      if (Object.keys(body).some(key => key.endsWith('AddPortMappingResponse'))) {
        return {
          kind: 'mapped',
          mapping: external(request, via, String(address), externalPort, leaseSeconds),
        }
      }
      words = 'it answered with a fault'
    } catch (error) {
      words = wordsOf(error)
    }
  }
  return { kind: 'refused', words }
}

/** The same way as before, with whatever address the router has now. */
async function renew(request: MappingRequest, via: Via): Promise<RouterAnswer> {
  if (via.protocol === 'nat-pmp') {
    const found = await probeNatPmp(request)
    return found.kind === 'candidate' ? found.map() : found
  }
  const device = new GatewayDevice(via.location, [via.service])
  const address = await new Upnp(device).externalIp()
  return whyNot(address) ?? mapByUpnp(request, via, address)
}

/** UPnP and NAT-PMP at once. The first that would do it does it: two mappings would be one too many to remove. */
async function map(request: MappingRequest): Promise<RouterAnswer> {
  if (request.via !== undefined) {
    const renewed = await renew(request, request.via).catch(() => undefined)
    if (renewed?.kind === 'mapped') return renewed
  }
  const answers: RouterAnswer[] = []
  const probes = new Map(
    [probeNatPmp(request), probeUpnp(request)].map((probe, name) => [
      name,
      probe.then(found => ({ name, found })),
    ]),
  )
  while (probes.size > 0) {
    const { name, found } = await Promise.race(probes.values())
    probes.delete(name)
    const answer = found.kind === 'candidate' ? await found.map() : found
    if (answer.kind === 'mapped') return answer
    answers.push(answer)
  }
  const most = (['not-public', 'refused'] as const).flatMap(kind => answers.filter(one => one.kind === kind))
  return most[0] ?? { kind: 'silent' }
}

async function unmap({ request, via, external }: Mapping): Promise<RouterAnswer> {
  if (via.protocol === 'nat-pmp') {
    await natPmp(client =>
      client.portUnmapping({ type: 'tcp', private: request.port, public: external.port }),
    )
  } else {
    const client = new Upnp(new GatewayDevice(via.location, [via.service]))
    await client.portUnmapping({ public: external.port, protocol: 'TCP' })
  }
  return { kind: 'silent' }
}

parentPort?.postMessage(await (job.kind === 'map' ? map(job.request) : unmap(job.mapping)))
