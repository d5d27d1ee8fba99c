import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  chooseHosts,
  type DialPolicy,
  formatHost,
  type Host,
  MAX_HOSTS,
  mayDial,
  networkOf,
  normalizeAddress,
  type OwnAddress,
  parseHost,
  rankOf,
} from '../../main/dtcp/host.ts'

const at = (
  address: string,
  prefixLength: number,
  adapter: OwnAddress['adapter'] = 'physical',
): OwnAddress => ({
  address,
  prefixLength,
  adapter,
})

describe('N1 a host is read', () => {
  it.each([
    ['192.168.0.32:8000', '192.168.0.32', 8000],
    ['63.110.44.12:1', '63.110.44.12', 1],
    ['1.2.3.4:65535', '1.2.3.4', 65535],
    ['[2001:db8::1]:8000', '2001:db8::1', 8000],
    ['[2001:DB8:0:0::1]:8000', '2001:db8::1', 8000],
    ['[::1]:8000', '::1', 8000],
    // Old programs join the two with a colon.
    ['2001:db8::1:8000', '2001:db8::1', 8000],
    ['fe80::1:8000', 'fe80::1', 8000],
    ['2001:db8:1:2:3:4:5:6:8000', '2001:db8:1:2:3:4:5:6', 8000],
    // IPv4 in an IPv6 coat is what it is.
    ['[::ffff:127.0.0.1]:8000', '127.0.0.1', 8000],
    ['[::ffff:7f00:1]:8000', '127.0.0.1', 8000],
    ['[::127.0.0.1]:8000', '127.0.0.1', 8000],
    ['::ffff:10.0.0.1:8000', '10.0.0.1', 8000],
  ])('%s as a literal', (text, address, port) => {
    expect(parseHost(text)).toEqual({ kind: 'literal', host: { address, port } })
  })

  it.each([
    'example.org:8000',
    'example.org.:8000',
    'localhost:8000',
    'my_host.example:8000',
    'xn--bcher-kva.example:1',
    'a.b-c.d:9',
  ])('%s as a name, which is never looked up', text => {
    expect(parseHost(text)).toEqual({ kind: 'name' })
  })

  it.each([
    '',
    ':',
    ':8000',
    '1.2.3.4',
    '1.2.3.4:',
    '1.2.3.4:0',
    '1.2.3.4:65536',
    '1.2.3.4:123456',
    '1.2.3.4:-1',
    '1.2.3.4:8e3',
    '1.2.3.4:0x50',
    '1.2.3.4: 80',
    '1.2.3.4 :80',
    ' 1.2.3.4:80',
    '1.2.3.4:80 ',
    '1.2.3.4:80\n',
    '1.2.3:80',
    '1.2.3.4.5:80',
    '256.1.1.1:80',
    '01.2.3.4:80',
    '0x7f.0.0.1:80',
    '0x7f000001:80',
    '2130706433:80',
    '127.1:80',
    '1.2.3.4:80:90',
    '[1.2.3.4]:8000',
    '[::1]',
    '[::1]8000',
    '[::1:8000',
    '::1]:8000',
    '[[::1]]:8000',
    '[]:8000',
    '[example.org]:8000',
    '[::1\n]:8000',
    '[fe80::1%eth0]:8000',
    'fe80::1%eth0:8000',
    '[1::2::3]:8000',
    '[12345::]:8000',
    'user@1.2.3.4:80',
    '//1.2.3.4:80',
    '-a:80',
    'a..b:80',
    'exa mple.org:80',
    'é.example:80',
    `${'a'.repeat(64)}:80`,
    `${'a.'.repeat(130)}org:80`,
  ])('%j as malformed', text => {
    expect(parseHost(text)).toEqual({ kind: 'malformed' })
  })

  it('throws at nothing', () => {
    const part = fc.constantFrom('1', '255', '.', ':', '[', ']', '%', 'f', '::', 'ffff', 'x', ' ', '\n', '0')
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(part).map(parts => parts.join('')),
        ),
        text => {
          const read = parseHost(`${text}:8000`)
          if (read.kind === 'literal') expect(normalizeAddress(read.host.address)).toBe(read.host.address)
        },
      ),
    )
  })
})

describe('N1 a host is written', () => {
  it.each([
    [{ address: '192.168.0.32', port: 8000 }, '192.168.0.32:8000'],
    [{ address: '2001:db8::1', port: 8000 }, '[2001:db8::1]:8000'],
    [{ address: '::', port: 1 }, '[::]:1'],
  ])('%j as %s', (host, text) => {
    expect(formatHost(host)).toBe(text)
  })

  it('reads back what it wrote', () => {
    const address = fc.oneof(
      fc.ipV4(),
      fc.ipV6().map(text => normalizeAddress(text) ?? '::1'),
    )
    fc.assert(
      fc.property(address, fc.integer({ min: 1, max: 65535 }), (literal, port) => {
        expect(parseHost(formatHost({ address: literal, port }))).toEqual({
          kind: 'literal',
          host: { address: literal, port },
        })
      }),
    )
  })
})

describe('security: a peer names no port scan', () => {
  const home: DialPolicy = {
    own: [
      at('127.0.0.1', 8, 'loopback'),
      at('::1', 128, 'loopback'),
      at('192.168.1.10', 24),
      at('2a02:8109:1::10', 64),
      at('fe80::10', 64),
      at('0.0.0.0', 0, 'loopback'),
    ],
    allowLoopback: false,
    trusted: false,
  }
  const everything: DialPolicy = { ...home, allowLoopback: true, trusted: true }
  const dialable = (text: string, policy: DialPolicy): boolean => {
    const read = parseHost(text.includes(':') ? `[${text}]:8000` : `${text}:8000`)
    if (read.kind !== 'literal') throw new Error(`${text} is no literal`)
    return mayDial(read.host, policy)
  }

  it.each([
    '8.8.8.8',
    '63.110.44.12',
    '1.0.0.1',
    '223.255.255.255',
    '2606:4700::1111',
    '2a00::1',
    '::ffff:8.8.8.8',
  ])('dials %s, which is public', address => {
    expect(dialable(address, home)).toBe(true)
  })

  // Whatever the person allowed: nobody is there, or nobody who should be asked.
  it.each([
    ['unspecified', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['unspecified', '::'],
    ['link-local', '169.254.1.1'],
    ['link-local', 'fe80::1'],
    ['link-local', 'febf::1'],
    ['multicast', '224.0.0.1'],
    ['multicast', '239.255.255.255'],
    ['multicast', 'ff02::1'],
    ['broadcast', '255.255.255.255'],
    ['cloud metadata', '169.254.169.254'],
    ['cloud metadata', '100.100.100.200'],
    ['cloud metadata', '168.63.129.16'],
    ['cloud metadata', '192.0.0.192'],
    ['cloud metadata', 'fd00:ec2::254'],
    ['cloud metadata', 'fd20:ce::254'],
    ['cloud metadata', 'fd00:c1::a9fe:a9fe'],
    ['unspecified in a coat', '::ffff:0.0.0.0'],
    ['link-local in a coat', '::ffff:169.254.1.1'],
    ['cloud metadata in a coat', '::ffff:169.254.169.254'],
    ['cloud metadata in a coat of hex', '::ffff:a9fe:a9fe'],
    ['cloud metadata in a coat', '::ffff:6464:64c8'],
    ['multicast in a coat', '::ffff:224.0.0.1'],
    ['broadcast in a coat', '::ffff:255.255.255.255'],
    ['IPv4-compatible in hex, 127.0.0.1', '::7f00:1'],
    ['IPv4-compatible in hex, 10.0.0.1', '::a00:1'],
    ['IPv4-translated', '::ffff:0:7f00:1'],
    ['NAT64', '64:ff9b::7f00:1'],
    ['NAT64, local', '64:ff9b:1::a00:1'],
    ['6to4', '2002:7f00:1::1'],
    ['Teredo', '2001::1'],
    ['site-local', 'fec0::1'],
    ['discard', '100::1'],
    ['segment routing', '5f00::1'],
    ['unassigned', '4000::1'],
    ['unassigned', 'e000::1'],
    ['ORCHID', '2001:20::1'],
    ['AS112', '192.175.48.1'],
    ['AMT', '192.52.193.1'],
  ])('never dials %s: %s', (_, address) => {
    expect(dialable(address, home)).toBe(false)
    expect(dialable(address, everything)).toBe(false)
  })

  it.each(['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::127.0.0.1'])(
    'dials loopback %s only where loopback is allowed',
    address => {
      expect(dialable(address, home)).toBe(false)
      expect(dialable(address, { ...home, trusted: true })).toBe(false)
      expect(dialable(address, { ...home, allowLoopback: true })).toBe(true)
    },
  )

  it.each([
    '10.0.0.1',
    '10.255.255.255',
    '172.16.0.1',
    '172.31.255.255',
    '100.64.0.1',
    '100.127.255.255',
    'fc00::1',
    'fd12:3456::1',
    '::ffff:10.0.0.1',
    '192.0.2.1',
    '198.18.0.1',
    '203.0.113.7',
    '240.0.0.1',
    '2001:db8::1',
  ])('dials private %s only for a contact that is trusted, or where private hosts are allowed', address => {
    expect(dialable(address, home)).toBe(false)
    expect(dialable(address, { ...home, trusted: true })).toBe(true)
    expect(dialable(address, { ...home, allowLoopback: true })).toBe(true)
  })

  it.each([
    ['192.168.0.1', '192.168.1.10', 24],
    ['192.168.255.1', '192.168.1.10', 24],
    ['::ffff:192.168.0.1', '192.168.1.10', 24],
    ['10.200.1.1', '10.0.0.5', 8],
    ['172.31.0.1', '172.16.4.4', 24],
    ['100.65.0.1', '100.64.0.9', 32],
    ['fd99::1', 'fd00::5', 64],
    ['203.0.113.7', '203.0.113.1', 24],
    ['2001:db8::7', '2001:db8::1', 64],
  ])('dials private %s, since our own %s is in its range', (address, own, prefixLength) => {
    expect(dialable(address, { ...home, own: [at('172.20.0.1', 32), at(own, prefixLength)] })).toBe(true)
  })

  it.each([
    ['10.0.0.1', '172.16.0.1'],
    ['172.16.0.1', '192.168.0.1'],
    ['192.168.0.1', '10.0.0.1'],
    ['100.64.0.1', '10.0.0.1'],
    ['10.0.0.1', 'fd00::1'],
    ['fd00::1', '10.0.0.1'],
    ['fd00::1', '2a00::1'],
  ])('does not dial private %s from %s', (address, own) => {
    expect(dialable(address, { ...home, own: [at(own, own.includes(':') ? 64 : 24)] })).toBe(false)
  })

  it.each([1, 22, 25, 80, 443, 1023])('never dials port %i, which belongs to the system', port => {
    expect(mayDial({ address: '8.8.8.8', port }, everything)).toBe(false)
    expect(mayDial({ address: '127.0.0.1', port }, everything)).toBe(false)
  })

  it.each([1024, 8000, 65535])('dials port %i', port => {
    expect(mayDial({ address: '8.8.8.8', port }, home)).toBe(true)
  })
})

describe('how near a host is', () => {
  const own = [
    at('127.0.0.1', 8, 'loopback'),
    at('192.168.1.10', 24),
    at('172.17.0.1', 16, 'virtual'),
    at('2a02:8109:1::10', 64),
  ]

  it.each([
    ['127.0.0.1', 0],
    ['::1', 0],
    ['192.168.1.10', 0],
    ['192.168.1.77', 0],
    ['::ffff:192.168.1.77', 0],
    ['172.17.4.5', 0],
    ['2a02:8109:1::77', 0],
    ['2a02:8109:2::77', 1],
    ['2606:4700::1111', 1],
    ['192.168.2.77', 2],
    ['8.8.8.8', 2],
    ['::ffff:8.8.8.8', 2],
    ['no address', 2],
  ])('%s has rank %i', (address, rank) => {
    expect(rankOf(address, own)).toBe(rank)
  })

  it('does not take the whole of a loopback adapter for a network', () => {
    expect(rankOf('10.0.0.5', [at('10.0.0.1', 8, 'loopback')])).toBe(2)
  })
})

describe('where the bytes go, as people are told', () => {
  const own = [at('127.0.0.1', 8, 'loopback'), at('192.168.1.10', 24), at('2a02:8109:1::10', 64)]

  it.each([
    ['127.0.0.1', 'this-computer'],
    ['127.8.8.8', 'this-computer'],
    ['::1', 'this-computer'],
    ['192.168.1.10', 'this-computer'],
    ['::ffff:192.168.1.10', 'this-computer'],
    ['2a02:8109:1:0:0:0:0:10', 'this-computer'],
    ['192.168.1.77', 'local'],
    ['2a02:8109:1::77', 'local'],
    ['192.168.2.77', 'internet'],
    ['2a02:8109:2::77', 'internet'],
    ['no address', 'internet'],
  ])('%s is %s', (address, network) => {
    expect(networkOf(address, own)).toBe(network)
  })
})

describe('N3 the hosts that we tell', () => {
  const choose = (
    own: readonly OwnAddress[],
    more: { theirs?: readonly string[]; offerLoopback?: boolean } = {},
  ): string[] => {
    const theirs = (more.theirs ?? []).map((address): Host => ({ address, port: 9000 }))
    const chosen = chooseHosts({ own, port: 8000, theirs, offerLoopback: more.offerLoopback ?? false })
    expect(chosen.every(({ port }) => port === 8000)).toBe(true)
    return chosen.map(({ address }) => address)
  }
  const lan = at('192.168.1.10', 24)
  const wifi = at('10.1.1.10', 24)
  const global = at('2a02:8109:1::10', 64)
  const container = at('172.17.0.1', 16, 'virtual')
  const tunnel = at('fd7a:115c:a1e0::1', 48, 'virtual')
  const loopback = at('127.0.0.1', 8, 'loopback')

  it('are none where there is no address', () => {
    expect(choose([])).toEqual([])
  })

  it('are the best LAN IPv4 and a global IPv6', () => {
    expect(choose([global, lan])).toEqual([lan.address, global.address])
  })

  it('are three at most', () => {
    const many = Array.from({ length: 8 }, (_, index) => at(`10.0.${index}.1`, 24))
    expect(choose(many)).toHaveLength(MAX_HOSTS)
    expect(choose([...many, global])).toContain(global.address)
  })

  it('stand IPv4 before IPv6, for parsers that split at the first colon', () => {
    expect(choose([global, at('2a02:8109:2::10', 64), lan])).toEqual([
      lan.address,
      global.address,
      '2a02:8109:2::10',
    ])
  })

  it('leave out containers, virtual machines and tunnels', () => {
    expect(choose([container, tunnel, lan])).toEqual([lan.address])
  })

  it('name a container or a tunnel that the peer shares', () => {
    expect(choose([container, tunnel, lan], { theirs: ['172.17.0.9'] })).toEqual([
      container.address,
      lan.address,
    ])
    expect(choose([container, tunnel, lan], { theirs: ['fd7a:115c:a1e0::9'] })).toEqual([
      lan.address,
      tunnel.address,
    ])
  })

  it("keep a place for a network that is the peer's as well", () => {
    const others = Array.from({ length: 6 }, (_, index) => at(`10.9.${index}.1`, 24))
    expect(choose([...others, wifi], { theirs: ['10.1.1.77'] })).toContain(wifi.address)
    expect(choose([...others, wifi])).not.toContain(wifi.address)
    const networks = [lan, wifi, at('10.2.2.10', 24), global]
    expect(choose(networks, { theirs: ['10.2.2.9', '10.1.1.9', '2a02:8109:1::9'] })).toEqual([
      wifi.address,
      '10.2.2.10',
      global.address,
    ])
  })

  it('leave out what nobody else can dial', () => {
    const own = [at('169.254.3.4', 16), at('fe80::10', 64), at('0.0.0.0', 8), at('4000::1', 64), lan]
    expect(choose(own)).toEqual([lan.address])
  })

  it('name loopback only where it is offered', () => {
    expect(choose([loopback, at('::1', 128, 'loopback'), lan])).toEqual([lan.address])
    expect(choose([loopback, lan, global], { offerLoopback: true })).toEqual([
      loopback.address,
      lan.address,
      global.address,
    ])
    expect(choose([loopback], { offerLoopback: true })).toEqual([loopback.address])
  })

  it('name no loopback adapter and no loopback address, whatever the other looks like', () => {
    expect(choose([at('10.8.0.1', 24, 'loopback'), at('127.0.1.1', 8), lan])).toEqual([lan.address])
  })

  it('keep the places for loopback where it is offered, and for global IPv6, before other networks', () => {
    const local = at('fd00::10', 64)
    const lans = [lan, wifi, at('10.2.2.10', 24)]
    expect(choose([loopback, ...lans], { offerLoopback: true })).toEqual([
      loopback.address,
      lan.address,
      wifi.address,
    ])
    expect(choose([local, ...lans, global])).toEqual([lan.address, wifi.address, global.address])
    const others = [at('fd00:1::1', 64), at('fd00:2::1', 64), local]
    expect(choose([at('::1', 128, 'loopback'), ...others], { offerLoopback: true })).toEqual(
      others.map(({ address }) => address),
    )
  })

  describe('with a port on the router', () => {
    const mapped: Host = { address: '44.128.0.101', port: 41000 }
    const told = (
      own: readonly OwnAddress[],
      theirs: readonly string[] = [],
      offerLoopback = false,
    ): string[] =>
      chooseHosts({
        own,
        port: 8000,
        theirs: theirs.map(address => ({ address, port: 9000 })),
        offerLoopback,
        mapped,
      }).map(formatHost)

    it('are the best LAN IPv4, that one, and a global IPv6, in this order', () => {
      expect(told([global, wifi, lan, at('fd00::10', 64)])).toEqual([
        `${wifi.address}:8000`,
        '44.128.0.101:41000',
        `[${global.address}]:8000`,
      ])
    })

    it('name it before other networks of ours, and behind those that the peer shares', () => {
      expect(told([lan, wifi, container])).toEqual([
        `${lan.address}:8000`,
        '44.128.0.101:41000',
        `${wifi.address}:8000`,
      ])
      expect(told([lan, wifi, container, global], ['172.17.0.9', '10.1.1.9'])).toEqual([
        `${wifi.address}:8000`,
        `${container.address}:8000`,
        `${lan.address}:8000`,
      ])
      expect(told([lan, wifi, global], ['10.1.1.9'])).toEqual([
        `${wifi.address}:8000`,
        `${lan.address}:8000`,
        '44.128.0.101:41000',
      ])
    })

    it('name it alone where nothing else is known, and once where it is ours', () => {
      expect(told([])).toEqual(['44.128.0.101:41000'])
      expect(
        chooseHosts({ own: [at('44.128.0.101', 24)], port: 41000, theirs: [], offerLoopback: false, mapped }),
      ).toEqual([mapped])
    })

    it('rank it like any public IPv4', () => {
      expect(rankOf(mapped.address, [lan, global])).toBe(2)
    })
  })

  it('name each address once', () => {
    expect(choose([lan, lan, lan], { theirs: ['192.168.1.3'] })).toEqual([lan.address])
  })
})
