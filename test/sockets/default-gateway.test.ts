import { isIPv4 } from 'node:net'
import { describe, expect, it } from 'vitest'
import {
  defaultGateway,
  readProcRoutes,
  readRouteGet,
  readRoutePrint,
} from '../../main/sockets/default-gateway.ts'

describe('the router that leads out', () => {
  const HEAD = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT'
  const route = (destination: string, gateway: string, flags: string, metric: number, mask: string): string =>
    `eth0\t${destination}\t${gateway}\t${flags}\t0\t0\t${metric}\t${mask}\t0\t0\t0   `

  it('is read from the table of Linux', () => {
    const table = [
      HEAD,
      route('0001A8C0', '00000000', '0001', 100, '00FFFFFF'),
      route('00000000', '0101A8C0', '0003', 100, '00000000'),
    ]
    expect(readProcRoutes(`${table.join('\n')}\n`)).toBe('192.168.1.1')
  })

  it('is the cheapest of several, and none that is down or leads to an adapter', () => {
    const table = [
      HEAD,
      route('00000000', '0100000A', '0003', 600, '00000000'),
      route('00000000', 'FE01A8C0', '0003', 100, '00000000'),
      route('00000000', '0200000A', '0002', 1, '00000000'),
      route('00000000', '00000000', '0001', 0, '00000000'),
      // Tunnels that take everything do it with two halves.
      route('00000000', '0108080A', '0003', 0, '00000080'),
    ]
    expect(readProcRoutes(table.join('\n'))).toBe('192.168.1.254')
  })

  it.each([
    '',
    HEAD,
    'nonsense',
    `${HEAD}\neth0\t00000000`,
    route('00000000', 'nonsense', '0003', 0, '00000000'),
  ])('is none in %j', table => {
    expect(readProcRoutes(table)).toBeUndefined()
  })

  it('is read from what macOS says', () => {
    const said = [
      '   route to: default',
      'destination: default',
      '       mask: default',
      '    gateway: 192.168.1.1',
      '  interface: en0',
      '      flags: <UP,GATEWAY,DONE,STATIC,PRCLONING,GLOBAL>',
    ]
    expect(readRouteGet(said.join('\n'))).toBe('192.168.1.1')
    expect(readRouteGet('   route to: default\n  interface: utun3\n')).toBeUndefined()
    expect(readRouteGet('    gateway: fe80::1%en0\n')).toBeUndefined()
    expect(readRouteGet('route: writing to routing socket: not in table')).toBeUndefined()
  })

  it('is read from what Windows says, in any language', () => {
    const said = [
      '===========================================================================',
      'IPv4-Routentabelle',
      'Aktive Routen:',
      '     Netzwerkziel    Netzwerkmaske          Gateway    Schnittstelle Metrik',
      '          0.0.0.0          0.0.0.0      192.168.2.1     192.168.2.40     50',
      '          0.0.0.0          0.0.0.0      192.168.1.1     192.168.1.23     25',
      '          0.0.0.0          0.0.0.0   Auf Verbindung          10.8.0.2      1',
      '        127.0.0.0        255.0.0.0   Auf Verbindung         127.0.0.1    331',
      'Ständige Routen:',
      '  Netzwerkadresse          Netzmaske  Gatewayadresse  Metrik',
      '          0.0.0.0          0.0.0.0     192.168.9.1       1',
    ]
    expect(readRoutePrint(said.join('\r\n'))).toBe('192.168.1.1')
    expect(readRoutePrint('The operation requires elevation.')).toBeUndefined()
  })

  it('is asked of this system without an error', async () => {
    const found = await defaultGateway()
    if (found !== undefined) expect(isIPv4(found)).toBe(true)
  })
})
