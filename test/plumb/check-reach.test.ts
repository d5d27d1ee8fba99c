import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Host, OwnAddress } from '../../main/dtcp/host.ts'
import { checkReach, type ReachSurroundings } from '../../main/plumb/check-reach.ts'
import type { MappingRequest, RouterAnswer } from '../../main/sockets/ask-router.ts'
import { makeIdentity } from '../../main/sockets/certificate.ts'
import { Connector, type ConnectorOptions } from '../../main/sockets/connect-peer.ts'
import { PortMapping, type PortMappingOptions } from '../../main/sockets/port-mapping.ts'
import { Reach } from '../../shared/model/reach.ts'

const identity = await makeIdentity()
const never = new AbortController().signal

const LAN: OwnAddress = { address: '192.168.1.10', prefixLength: 24, adapter: 'physical' }
const GLOBAL: OwnAddress = { address: '2a02:8109:1::10', prefixLength: 64, adapter: 'physical' }
const PUBLIC: OwnAddress = { address: '44.128.11.10', prefixLength: 24, adapter: 'physical' }
const CONTAINER: OwnAddress = { address: '172.17.0.1', prefixLength: 16, adapter: 'virtual' }
const LOOPBACK: OwnAddress = { address: '127.0.0.1', prefixLength: 8, adapter: 'loopback' }
const EXTERNAL: Host = { address: '44.128.0.101', port: 41_000 }

const mappings: PortMapping[] = []

afterEach(async () => {
  await Promise.all(mappings.splice(0).map(mapping => mapping.close()))
  vi.useRealTimers()
})

interface Around {
  readonly own?: readonly OwnAddress[]
  readonly answer?: RouterAnswer | 'mapped' | Promise<never>
  readonly on?: boolean
  readonly connector?: Partial<ConnectorOptions>
  readonly findProxy?: ReachSurroundings['findProxy']
  readonly findGateway?: PortMappingOptions['findGateway']
}

function around({
  own = [LOOPBACK, CONTAINER, LAN],
  answer = 'mapped',
  on = true,
  connector = {},
  findProxy = () => Promise.resolve('proxy.plumb.test'),
  findGateway = () => Promise.resolve('192.168.1.1'),
}: Around): ReachSurroundings & { readonly asked: MappingRequest[] } {
  const asked: MappingRequest[] = []
  const ownAddresses = (): readonly OwnAddress[] => own
  const mapping = new PortMapping({
    ownAddresses,
    on,
    findGateway,
    router: {
      map: async request => {
        asked.push(request)
        if (answer !== 'mapped') return answer
        const made = { request, via: { protocol: 'nat-pmp' }, external: EXTERNAL, leaseSeconds: 60 } as const
        return { kind: 'mapped', mapping: made }
      },
      unmap: () => Promise.resolve(),
    },
  })
  mappings.push(mapping)
  return {
    asked,
    connector: new Connector({
      listen: 0,
      advertise: undefined,
      dial: true,
      allowLoopback: false,
      encryption: 'required',
      identity,
      ownAddresses,
      mapping,
      ...connector,
    }),
    mapping,
    ownAddresses,
    findProxy,
  }
}

async function found(options: Around = {}): Promise<Reach> {
  const reach = await checkReach(around(options), never)
  expect(Reach.parse(reach)).toEqual(reach)
  return reach
}

describe('how others reach this computer', () => {
  it('is by its addresses and by the router: nothing is in the way', async () => {
    expect(await found({ own: [LOOPBACK, CONTAINER, GLOBAL, LAN] })).toEqual({
      addresses: [
        { address: LAN.address, kind: 'local', told: true },
        { address: EXTERNAL.address, kind: 'mapped', told: true },
        { address: GLOBAL.address, kind: 'global', told: true },
        { address: CONTAINER.address, kind: 'virtual', told: false },
        { address: LOOPBACK.address, kind: 'loopback', told: false },
      ],
      mapping: { kind: 'mapped', protocol: 'nat-pmp', external: '44.128.0.101:41000' },
      proxy: 'proxy.plumb.test',
      advice: [],
    })
  })

  it('is by a public address of its own', async () => {
    const { mapping, advice } = await found({ own: [PUBLIC] })
    expect(mapping).toMatchObject({
      kind: 'none',
      message: expect.stringContaining('No mapping is needed') as string,
    })
    expect(advice).toEqual([])
  })

  it('is by what the person gave', async () => {
    const given = { advertise: [{ address: '44.128.7.7', port: 5_000 }] }
    const reach = await found({ answer: { kind: 'silent' }, connector: given })
    expect(reach.addresses.filter(({ told }) => told)).toEqual([
      { address: '44.128.7.7', kind: 'global', told: true },
    ])
    expect(reach.advice).toEqual([])
  })

  it('asks the router for the port that sessions listen on, and again although it failed before', async () => {
    const surroundings = around({ answer: { kind: 'silent' }, connector: { listen: 25_000 } })
    await checkReach(surroundings, never)
    await checkReach(surroundings, never)
    expect(surroundings.asked.map(({ port }) => port)).toEqual([25_000, 25_000])
  })
})

describe('what would make direct transfers work', () => {
  const ONLY_HERE = 'Others can only connect from the same network'

  it.each<[RouterAnswer, string]>([
    [{ kind: 'silent' }, 'turn on UPnP or NAT-PMP in the router.'],
    [
      { kind: 'refused', words: 'no' },
      'let this computer use UPnP or NAT-PMP in the settings of the router.',
    ],
    [
      { kind: 'not-public', address: '192.168.178.2' },
      'there are two routers in a row, so make one of them a bridge.',
    ],
    [
      { kind: 'not-public', address: '100.64.0.9' },
      'ask the provider for a public IPv4 address, or use IPv6 on both sides.',
    ],
    [
      { kind: 'not-public', address: '0.0.0.0' },
      'look whether the router is online, and whether a second one or the provider stands before it.',
    ],
  ])('behind a router that answers with %j', async (answer, mend) => {
    const { mapping, advice } = await found({ answer })
    expect(mapping.kind).toBe('none')
    expect(advice).toEqual([`${ONLY_HERE}: ${mend}`])
  })

  it('without a router', async () => {
    const { advice } = await found({ findGateway: () => Promise.resolve(undefined) })
    expect(advice).toEqual([`${ONLY_HERE}: connect this computer to a router that leads to the internet.`])
  })

  it('where the person does not want a port on the router', async () => {
    const { mapping, advice } = await found({ on: false })
    expect(mapping).toEqual({ kind: 'off' })
    expect(advice).toEqual([`${ONLY_HERE}: let Plumb ask the router for a port.`])
  })

  it('with IPv6, for those who have none', async () => {
    const { advice } = await found({ own: [LAN, GLOBAL], answer: { kind: 'silent' } })
    expect(advice).toEqual([
      'Others can connect by IPv6, as far as the router lets them, and by IPv4 only from the same network: ' +
        'turn on UPnP or NAT-PMP in the router.',
    ])
  })

  it('where nobody can connect', async () => {
    const deaf = around({ connector: { listen: 'off' } })
    expect((await checkReach(deaf, never)).advice).toEqual([
      'Nobody can connect to this computer, since it does not listen: let it listen on a port.',
    ])
    expect(deaf.asked).toEqual([])
    const { advice } = await found({ own: [LOOPBACK, CONTAINER] })
    expect(advice).toEqual(['This computer is in no network that others could be in: connect it to one.'])
  })

  it('where a router that was off still answers', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    const silent = new Promise<never>(() => {})
    const checking = found({ answer: silent })
    await vi.advanceTimersByTimeAsync(15_000)
    const { mapping, advice } = await checking
    expect(mapping).toEqual({ kind: 'asking' })
    expect(advice).toEqual([`${ONLY_HERE}: turn on UPnP or NAT-PMP in the router.`])
    const closing = Promise.all(mappings.splice(0).map(one => one.close()))
    await vi.advanceTimersByTimeAsync(2_000)
    await closing
  })
})

describe('the proxy', () => {
  it.each<[string, ReachSurroundings['findProxy']]>([
    ['there is none', () => Promise.resolve(undefined)],
    ['it cannot be found', () => Promise.reject(new Error('the server does not answer'))],
  ])('is null where %s', async (_, findProxy) => {
    expect((await found({ findProxy })).proxy).toBeNull()
  })
})

describe('who does not want to know any more', () => {
  it('is told so at once', async () => {
    const abort = new AbortController()
    const reason = new Error('enough')
    const silent = new Promise<never>(() => {})
    const checking = checkReach(around({ answer: silent, findProxy: () => silent }), abort.signal)
    abort.abort(reason)
    await expect(checking).rejects.toBe(reason)
    await expect(checkReach(around({}), abort.signal)).rejects.toBe(reason)
  })
})
