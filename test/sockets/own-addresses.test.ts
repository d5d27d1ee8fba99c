import { isIP } from 'node:net'
import type { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ownAddresses } from '../../main/sockets/own-addresses.ts'

type Adapters = ReturnType<typeof networkInterfaces>

const { adapters } = vi.hoisted(() => ({ adapters: { answer: undefined as (() => Adapters) | undefined } }))

vi.mock('node:os', async importOriginal => {
  const real = await importOriginal<typeof import('node:os')>()
  return { ...real, networkInterfaces: () => (adapters.answer ?? real.networkInterfaces)() }
})

afterEach(() => {
  adapters.answer = undefined
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
