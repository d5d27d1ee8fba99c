import { isIP } from 'node:net'
import type { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ownAddresses } from '../../main/sockets/own-addresses.ts'

type Adapters = ReturnType<typeof networkInterfaces>

const { adapters, system } = vi.hoisted(() => ({
  adapters: { answer: undefined as (() => Adapters) | undefined },
  /** What /proc/net/if_inet6 says; undefined where there is none. */
  system: { ipv6: undefined as string | undefined },
}))

vi.mock('node:os', async importOriginal => {
  const real = await importOriginal<typeof import('node:os')>()
  return { ...real, networkInterfaces: () => (adapters.answer ?? real.networkInterfaces)() }
})

vi.mock('node:fs', async importOriginal => {
  const real = await importOriginal<typeof import('node:fs')>()
  return {
    ...real,
    readFileSync: (...args: Parameters<typeof real.readFileSync>) => {
      if (args[0] !== '/proc/net/if_inet6') return real.readFileSync(...args)
      if (system.ipv6 === undefined) throw new Error('no such file')
      return system.ipv6
    },
  }
})

afterEach(() => {
  adapters.answer = undefined
  system.ipv6 = undefined
  vi.restoreAllMocks()
})

function entry(cidr: string, { internal = false, scopeid = 0 } = {}): NonNullable<Adapters[string]>[number] {
  const address = cidr.split('/')[0] ?? ''
  const common = { address, cidr, netmask: '', mac: '00:00:00:00:00:00', internal }
  return address.includes(':') ? { ...common, family: 'IPv6', scopeid } : { ...common, family: 'IPv4' }
}

describe('the addresses of this computer', () => {
  it('are literals with the length of their network, and the loopback is among them', () => {
    const own = ownAddresses()
    for (const { address, prefixLength, adapter } of own) {
      const family = isIP(address)
      expect([4, 6]).toContain(family)
      expect(prefixLength).toBeGreaterThanOrEqual(0)
      expect(prefixLength).toBeLessThanOrEqual(family === 4 ? 32 : 128)
      expect(['physical', 'virtual', 'loopback']).toContain(adapter)
      expect(address).not.toMatch(/^fe80|%/i)
    }
    expect(own).toContainEqual({ address: '127.0.0.1', prefixLength: 8, adapter: 'loopback' })
  })

  it('tell physical adapters from those of containers, virtual machines and tunnels', () => {
    adapters.answer = () => ({
      lo: [entry('127.0.0.1/8', { internal: true }), entry('::1/128', { internal: true })],
      eth0: [entry('192.168.1.5/24'), entry('2001:db8::5/64')],
      'Wi-Fi': [entry('10.0.0.5/8')],
      en0: [entry('192.168.2.5/24')],
      docker0: [entry('172.17.0.1/16')],
      'br-0a1b2c': [entry('172.18.0.1/16')],
      veth12: [entry('172.19.0.1/16')],
      wg0: [entry('10.8.0.2/24')],
      utun3: [entry('10.9.0.2/24')],
      tailscale0: [entry('100.64.0.2/32')],
      'vEthernet (WSL)': [entry('172.20.0.1/20')],
      'VMware Network Adapter VMnet8': [entry('192.168.137.1/24')],
      bridge100: [entry('192.168.64.1/24')],
    })
    const kinds = Object.fromEntries(ownAddresses().map(({ address, adapter }) => [address, adapter]))
    expect(kinds).toEqual({
      '127.0.0.1': 'loopback',
      '::1': 'loopback',
      '192.168.1.5': 'physical',
      '2001:db8::5': 'physical',
      '10.0.0.5': 'physical',
      '192.168.2.5': 'physical',
      '172.17.0.1': 'virtual',
      '172.18.0.1': 'virtual',
      '172.19.0.1': 'virtual',
      '10.8.0.2': 'virtual',
      '10.9.0.2': 'virtual',
      '100.64.0.2': 'virtual',
      '172.20.0.1': 'virtual',
      '192.168.137.1': 'virtual',
      '192.168.64.1': 'virtual',
    })
  })

  it.each([
    'docker0',
    'docker_gwbridge',
    'br-5f1c0a9d3b2e',
    'veth4d1f8ac',
    'cni0',
    'cni-podman0',
    'flannel.1',
    'vxlan.calico',
    'cali1a2b3c4d5e6',
    'cilium_host',
    'podman1',
    'kube-ipvs0',
    'lxcbr0',
    'lxdbr0',
    'incusbr0',
    'waydroid0',
    'virbr0',
    'vnet3',
    'vmnet8',
    'vmenet0',
    'vnic0',
    'vboxnet0',
    'mpqemubr0',
    'bridge100',
    'vEthernet (WSL)',
    'vEthernet (WSL (Hyper-V firewall))',
    'vEthernet (Default Switch)',
    'vEthernet (nat)',
    'vEthernet (DockerNAT)',
    'VMware Network Adapter VMnet1',
    'VirtualBox Host-Only Network',
    'VirtualBox Host-Only Ethernet Adapter',
    'Npcap Loopback Adapter',
    'tun0',
    'tap0',
    'utun4',
    'wg0',
    'wg-mullvad',
    'wt0',
    'tailscale0',
    'Tailscale',
    'ztly5xk2qp',
    'ZeroTier One [17d709436c9e6d5b]',
    'feth2410',
    'nordlynx',
    'NordLynx',
    'proton0',
    'ProtonVPN TUN',
    'CloudflareWARP',
    'ham0',
    'Hamachi',
    'Radmin VPN',
    'gpd0',
    'cscotun0',
    'OpenVPN TAP-Windows6',
    'OpenVPN Wintun',
    'TAP-Windows Adapter V9',
    'ExpressVPN',
    'ipsec0',
    'he-ipv6',
    'sit1',
    'ip6tnl0',
    'Teredo Tunneling Pseudo-Interface',
    'isatap.example.org',
    'awdl0',
    'llw0',
  ])('take %s for virtual', name => {
    adapters.answer = () => ({ [name]: [entry('10.7.0.5/24')] })
    expect(ownAddresses()[0]?.adapter).toBe('virtual')
  })

  it.each([
    'eth0',
    'eno1',
    'enp3s0f0',
    'ens18',
    'enx00e04c680001',
    'wlan0',
    'wlp2s0',
    'wwan0',
    'usb0',
    'bnep0',
    'bond0',
    'br0',
    'br-lan',
    'team0',
    'vlan10',
    'en0',
    'en7',
    'ap1',
    'Ethernet',
    'Ethernet 2',
    'Wi-Fi',
    'WLAN',
    'LAN-Verbindung',
    'Local Area Connection* 2',
    'Bluetooth Network Connection',
    'Беспроводная сеть',
    'ppp0',
    'vEthernet (External)',
    'vEthernet (New Virtual Switch)',
  ])('take %s for physical', name => {
    adapters.answer = () => ({ [name]: [entry('10.7.0.5/24')] })
    expect(ownAddresses()[0]?.adapter).toBe('physical')
  })

  it.each(['ppp0', 'vEthernet (External)'])(
    'take %s for virtual beside a physical one, and for the way out beside virtual ones',
    name => {
      adapters.answer = () => ({ [name]: [entry('10.7.0.5/24')], eth0: [entry('192.168.1.5/24')] })
      expect(ownAddresses().map(({ adapter }) => adapter)).toEqual(['virtual', 'physical'])
      adapters.answer = () => ({ [name]: [entry('10.7.0.5/24')], docker0: [entry('172.17.0.1/16')] })
      expect(ownAddresses().map(({ adapter }) => adapter)).toEqual(['physical', 'virtual'])
      // An adapter without an address that counts is no way out.
      adapters.answer = () => ({ eth0: [entry('fe80::1/64')], [name]: [entry('10.7.0.5/24')] })
      expect(ownAddresses().map(({ adapter }) => adapter)).toEqual(['physical'])
    },
  )

  it.runIf(process.platform === 'linux')('name an IPv6 address that stays before those of the day', () => {
    adapters.answer = () => ({
      eth0: [
        entry('192.168.1.5/24'),
        entry('2001:db8::aaaa/64'),
        entry('2001:db8::bbbb/64'),
        entry('2001:db8::1/64'),
        entry('2001:db8::cccc/64'),
        entry('fd00::1/64'),
      ],
    })
    system.ipv6 = [
      '20010db800000000000000000000aaaa 02 40 00 01     eth0',
      // Deprecated, and tentative.
      '20010db800000000000000000000bbbb 02 40 00 21     eth0',
      '20010db800000000000000000000cccc 02 40 00 40     eth0',
      '20010db8000000000000000000000001 02 40 00 00     eth0',
      'fd000000000000000000000000000001 02 40 00 80     eth0',
      '',
      'nonsense',
    ].join('\n')
    expect(ownAddresses().map(({ address }) => address)).toEqual([
      '192.168.1.5',
      '2001:db8::1',
      'fd00::1',
      '2001:db8::aaaa',
    ])
    system.ipv6 = undefined
    expect(ownAddresses()).toHaveLength(6)
  })

  it('leave out what no peer can use: link-local ones, and those without a network', () => {
    adapters.answer = () => ({
      eth0: [
        entry('fe80::1/64', { scopeid: 2 }),
        entry('febf::1/64', { scopeid: 2 }),
        { ...entry('192.168.1.5/24'), cidr: null },
        entry('192.168.1.6/24'),
      ],
    })
    expect(ownAddresses()).toEqual([{ address: '192.168.1.6', prefixLength: 24, adapter: 'physical' }])
  })

  it('are none where the system does not tell', () => {
    adapters.answer = () => {
      throw new Error('not permitted')
    }
    expect(ownAddresses()).toEqual([])
    adapters.answer = () => ({ eth0: undefined })
    expect(ownAddresses()).toEqual([])
  })
})
