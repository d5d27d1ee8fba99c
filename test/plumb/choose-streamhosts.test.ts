import { describe, expect, it } from 'vitest'
import { GuardedLookups } from '../../main/bytestreams/guarded-lookup.ts'
import type { OwnAddress } from '../../main/dtcp/host.ts'
import { chooseStreamhosts, type HostRules, ownProxyTargets } from '../../main/plumb/choose-streamhosts.ts'

const PEER = 'bob@plumb.test/desk'
const PROXY = 'proxy.plumb.test'
const HOME: OwnAddress = { address: '192.168.1.7', prefixLength: 24, adapter: 'physical' }
const lookups = new GuardedLookups(2, () => {})

const RULES: HostRules = {
  peer: PEER,
  mayKnowAddresses: true,
  dial: true,
  policy: { own: [HOME], allowLoopback: false, trusted: false },
  lookups,
  ownProxy: undefined,
}

/** `host port` of what is dialed, each proxy by itself. */
function choose(named: readonly (readonly [jid: string, host: string, port?: number])[], rules = RULES) {
  const hosts = named.map(([jid, host, port = 5000]) => ({ jid, host, port }))
  const { direct, proxies } = chooseStreamhosts(hosts, rules)
  const text = (list: typeof direct): string[] => list.map(({ target }) => `${target.host} ${target.port}`)
  return { direct: text(direct), proxies: proxies.map(text) }
}

describe('of the hosts that a peer names', () => {
  it('its own are told from proxies, in their order', () => {
    expect(
      choose([
        [PROXY, '192.0.2.9'],
        [PEER, '192.168.1.8', 40000],
        [PEER, '2001:db8::8', 40000],
        [PEER, '1.2.3.4', 40000],
        [PROXY, '2001:db8::9'],
        ['files.other.test', 'files.other.test', 7777],
      ]),
    ).toEqual({
      direct: ['192.168.1.8 40000', '1.2.3.4 40000'],
      proxies: [['files.other.test 7777']],
    })
  })

  it.each([
    ['loopback', '127.0.0.1'],
    ['loopback in disguise', '::ffff:127.0.0.1'],
    ['IPv6 loopback', '::1'],
    ['an unspecified address', '0.0.0.0'],
    ['a private address of another network', '10.0.0.1'],
    ['a link-local address', '169.254.1.1'],
    ['cloud metadata', '169.254.169.254'],
    ['a group', '224.0.0.1'],
    ['everybody', '255.255.255.255'],
    ['an address with a zone', 'fe80::1%eth0'],
    ['an address in another notation', '0x7f000001'],
    ['another notation of loopback', '127.1'],
    ['a number', '2130706433'],
    ['nothing that is a host', 'a b'],
    ['a place in a file system', '../../etc/passwd'],
    ['an address with a port', '1.2.3.4:80'],
  ])('%s is never dialed', (_, host) => {
    expect(
      choose([
        [PEER, host],
        [PROXY, host],
      ]),
    ).toEqual({ direct: [], proxies: [] })
  })

  it.each([0, 22, 80, 443, 1023])('port %i is never dialed', port => {
    expect(
      choose([
        [PEER, '1.2.3.4', port],
        [PROXY, '1.2.3.4', port],
      ]),
    ).toEqual({ direct: [], proxies: [] })
  })

  it('a name is looked up only for a service, never for a person', () => {
    expect(
      choose([
        [PEER, 'home.bob.test'],
        [PROXY, 'proxy.plumb.test'],
      ]),
    ).toEqual({ direct: [], proxies: [['proxy.plumb.test 5000']] })
  })

  it.each(['carol@plumb.test/desk', 'carol@plumb.test', '@', '/', `${'x'.repeat(4000)}.test`])(
    'those of “%s” are not dialed',
    jid => {
      expect(choose([[jid, '1.2.3.4']])).toEqual({ direct: [], proxies: [] })
    },
  )

  it.each([PEER, 'bob@plumb.test', 'BOB@Plumb.test/phone'])('“%s” is the peer itself', jid => {
    expect(choose([[jid, '1.2.3.4']])).toEqual({ direct: ['1.2.3.4 5000'], proxies: [] })
  })

  it('each is dialed once, and a few at most', () => {
    const many = Array.from({ length: 9 }, (_, index) => index)
    const { direct, proxies } = choose([
      ...many.flatMap(index => [[PEER, `1.2.3.${index}`] as const, [PEER, `1.2.3.${index}`] as const]),
      ...many.flatMap(index => many.map(other => [`p${index}.test`, `1.2.${index}.${other}`] as const)),
    ])
    expect(direct).toEqual(['1.2.3.0 5000', '1.2.3.1 5000', '1.2.3.2 5000'])
    expect(proxies).toHaveLength(3)
    expect(proxies[0]).toEqual(['1.2.0.0 5000', '1.2.0.1 5000', '1.2.0.2 5000'])
  })

  it('the name in the answer is the one that the peer wrote', () => {
    const { proxies } = chooseStreamhosts([{ jid: 'Proxy.Plumb.TEST', host: '1.2.3.4', port: 5000 }], RULES)
    expect(proxies[0]?.[0]).toMatchObject({ jid: 'Proxy.Plumb.TEST', relay: 'proxy' })
  })

  it('a proxy may have a resource behind its name, as ejabberd’s do', () => {
    const named = [['proxy.plumb.test/8512', '1.2.3.4']] as const
    expect(choose(named)).toEqual({ direct: [], proxies: [['1.2.3.4 5000']] })
    const ownProxy = { jid: PROXY, targets: [{ host: '10.9.8.7', port: 7777, lookup: undefined }] }
    expect(choose(named, { ...RULES, ownProxy })).toEqual({ direct: [], proxies: [['10.9.8.7 7777']] })
  })

  it('its own are left out where nothing is dialed directly', () => {
    const named = [
      [PEER, '1.2.3.4'],
      [PROXY, '1.2.3.5'],
    ] as const
    expect(choose(named, { ...RULES, dial: false })).toEqual({ direct: [], proxies: [['1.2.3.5 5000']] })
  })
})

describe('our own server’s proxy', () => {
  const ownProxy = { jid: PROXY, targets: [{ host: '10.9.8.7', port: 5000, lookup: undefined }] }

  it('is dialed where the server says that it is, whatever the peer says', () => {
    expect(
      choose(
        [
          [PROXY, '192.0.2.66', 6666],
          [PROXY, '127.0.0.1', 22],
        ],
        { ...RULES, ownProxy },
      ),
    ).toEqual({ direct: [], proxies: [['10.9.8.7 5000']] })
  })

  it('is all that is left where the peer may not know where we are', () => {
    const named = [
      [PEER, '1.2.3.4'],
      [PROXY, '1.2.3.4'],
      ['proxy.of-the-peer.test', '1.2.3.4'],
    ] as const
    const rules = { ...RULES, mayKnowAddresses: false }
    expect(choose(named, { ...rules, ownProxy })).toEqual({ direct: [], proxies: [['10.9.8.7 5000']] })
    expect(choose(named, rules)).toEqual({ direct: [], proxies: [] })
  })

  it('may be in any network, and is looked up by its name, but is not this computer', () => {
    const addresses = ['10.9.8.7', 'proxy.plumb.test', '127.0.0.1', '::1', '169.254.169.254', 'a b'].map(
      host => ({ host, port: 5000 }),
    )
    const policy = { own: [HOME], allowLoopback: false }
    const hosts = ownProxyTargets({ jid: PROXY, addresses }, policy, lookups).map(({ host }) => host)
    expect(hosts).toEqual(['10.9.8.7', 'proxy.plumb.test'])
    expect(
      ownProxyTargets({ jid: PROXY, addresses }, { ...policy, allowLoopback: true }, lookups),
    ).toHaveLength(4)
  })
})
