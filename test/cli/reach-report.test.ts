import { describe, expect, it } from 'vitest'
import { reachLines } from '../../main/cli/reach-report.ts'
import type { Reach } from '../../shared/model/reach.ts'

const FOUND: Reach = {
  addresses: [
    { address: '192.168.1.10', kind: 'local', told: true },
    { address: '44.128.0.101', kind: 'mapped', told: true },
    { address: '2a02:8109:1::10', kind: 'global', told: true },
    { address: '172.17.0.1', kind: 'virtual', told: false },
    { address: '127.0.0.1', kind: 'loopback', told: false },
  ],
  mapping: { kind: 'mapped', protocol: 'nat-pmp', external: '44.128.0.101:25001' },
  proxy: 'proxy.plumb.test',
  advice: [],
}

describe('how others reach this computer, in text', () => {
  it('is a list of addresses, the router, the proxy and a verdict', () => {
    expect(reachLines(FOUND)).toEqual([
      'Contacts are told',
      '  192.168.1.10     in this network',
      '  44.128.0.101     of the router, for this computer',
      '  2a02:8109:1::10  on the internet',
      'Not told',
      '  172.17.0.1       of a container, a virtual machine or a tunnel',
      '  127.0.0.1        this computer only',
      'Router: hands 44.128.0.101:25001 on to this computer (NAT-PMP).',
      'Proxy:  proxy.plumb.test',
      'Nothing is in the way of direct transfers.',
    ])
  })

  it('says what would help', () => {
    const text = reachLines({ ...FOUND, proxy: null, advice: ['Do this.', 'Do that.'] }).join('\n')
    expect(text).toMatch(/^Proxy: {2}the server has none; /m)
    expect(text).toMatch(/\nWhat would make direct transfers work\n {2}Do this\.\n {2}Do that\.$/)
    expect(text).not.toContain('Nothing is in the way')
  })

  it.each<[Reach['mapping'], string]>([
    [{ kind: 'off' }, 'Router: not asked for a port (--port-mapping off).'],
    [{ kind: 'asking' }, 'Router: has not answered yet.'],
    [
      { kind: 'mapped', protocol: 'upnp', external: '1.2.3.4:5678' },
      'Router: hands 1.2.3.4:5678 on to this computer (UPnP).',
    ],
    [{ kind: 'none', message: 'The router refuses.' }, 'Router: The router refuses.'],
  ])('tells of the mapping %j', (mapping, line) => {
    expect(reachLines({ ...FOUND, mapping })).toContain(line)
  })

  it('is whole where nothing was found', () => {
    const lines = reachLines({ ...FOUND, addresses: [], mapping: { kind: 'off' } })
    expect(lines.slice(0, 2)).toEqual([
      'Contacts are told no address.',
      'Router: not asked for a port (--port-mapping off).',
    ])
  })
})
