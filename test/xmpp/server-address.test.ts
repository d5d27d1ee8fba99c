import type { SrvRecord } from 'node:dns'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { findServer } from '../../main/xmpp/server-address.ts'
import { ServerSocket } from '../../main/xmpp/server-socket.ts'

/** What DNS knows, and what it was asked. */
const dns = vi.hoisted(() => ({
  records: new Map<string, import('node:dns').SrvRecord[]>(),
  asked: [] as string[],
}))
vi.mock('node:dns', () => ({
  resolveSrv: (name: string, done: (error: Error | null, records?: SrvRecord[]) => void) => {
    dns.asked.push(name)
    const records = dns.records.get(name)
    if (records === undefined) done(Object.assign(new Error('no'), { code: 'ENOTFOUND' }))
    else done(null, records)
  },
}))

const DOMAIN = 'plumb.test'
const STARTTLS = `_xmpp-client._tcp.${DOMAIN}`
const DIRECT = `_xmpps-client._tcp.${DOMAIN}`

const record = (name: string, priority = 0, weight = 0, port = 5222): SrvRecord => ({
  name,
  priority,
  weight,
  port,
})

beforeEach(() => {
  dns.records.clear()
  dns.asked.length = 0
})

const hosts = async (tls?: 'required' | 'direct' | 'off'): Promise<string[]> =>
  (await findServer(DOMAIN, tls)).map(({ host, port, tls: how }) => `${host}:${port} ${how}`)

describe('the server of a domain', () => {
  test.each([
    [undefined, ['plumb.test:5222 required'], [DIRECT, STARTTLS]],
    ['required', ['plumb.test:5222 required'], [STARTTLS]],
    ['direct', ['plumb.test:5223 direct'], [DIRECT]],
    ['off', ['plumb.test:5222 off'], []],
  ] as const)('is the domain itself where DNS has no records (TLS %s)', async (tls, expected, asked) => {
    expect(await hosts(tls)).toEqual(expected)
    expect(new Set(dns.asked)).toEqual(new Set(asked))
    expect(dns.asked).toHaveLength(asked.length)
  })

  test.each(['192.0.2.1', '2001:db8::1', 'localhost'])('is %s itself, without asking DNS', async domain => {
    expect(await findServer(domain, undefined)).toEqual([{ host: domain, port: 5222, tls: 'required' }])
    expect(dns.asked).toEqual([])
  })

  test('is what the records say, of both kinds, by priority', async () => {
    dns.records.set(STARTTLS, [record('c', 20), record('a', 5)])
    dns.records.set(DIRECT, [record('b', 10, 0, 443)])
    expect(await hosts()).toEqual(['a:5222 required', 'b:443 direct', 'c:5222 required'])
    expect(await hosts('required')).toEqual(['a:5222 required', 'c:5222 required'])
    expect(await hosts('direct')).toEqual(['b:443 direct'])
  })

  test('is never one without TLS because of a record', async () => {
    dns.records.set(STARTTLS, [record('a')])
    for (const tls of [undefined, 'required', 'direct'] as const) {
      for (const address of await findServer(DOMAIN, tls)) expect(address.tls).not.toBe('off')
    }
  })

  test('is drawn by weight within one priority', async () => {
    dns.records.set(STARTTLS, [record('light', 0, 1), record('heavy', 0, 9), record('last', 1, 1000)])
    const first = new Map<string, number>()
    const draw = vi.spyOn(Math, 'random')
    const rounds = 100
    // Every pair of draws on a grid is as likely as any other.
    for (let x = 0; x < rounds; x++) {
      for (let y = 0; y < rounds; y++) {
        draw
          .mockReturnValueOnce((x + 0.5) / rounds)
          .mockReturnValueOnce((y + 0.5) / rounds)
          .mockReturnValueOnce(0.5)
        const [winner, , loser] = await findServer(DOMAIN, 'required')
        first.set(winner?.host ?? '', (first.get(winner?.host ?? '') ?? 0) + 1)
        expect(loser?.host).toBe('last')
      }
    }
    draw.mockRestore()
    expect((first.get('heavy') ?? 0) / rounds ** 2).toBeCloseTo(0.9, 1)
    expect((first.get('light') ?? 0) / rounds ** 2).toBeCloseTo(0.1, 1)
  })

  test.each(['.', ''])('is nowhere where the record says “%s”', async name => {
    dns.records.set(STARTTLS, [record(name)])
    expect(await hosts('required')).toEqual([])
    const socket = new ServerSocket({ domain: DOMAIN, server: undefined, tls: 'required', ca: undefined })
    const failure = new Promise(resolve => socket.once('error', resolve))
    socket.connect()
    expect(await failure).toMatchObject({
      code: 'server-not-found',
      message: 'plumb.test offers no XMPP service: check the part behind the @.',
    })
  })

  test('is asked for by its ASCII name', async () => {
    const socket = new ServerSocket({
      domain: 'bücher.test',
      server: undefined,
      tls: 'required',
      ca: undefined,
    })
    const failure = new Promise(resolve => socket.once('error', resolve))
    socket.connect()
    await failure
    expect(dns.asked).toEqual(['_xmpp-client._tcp.xn--bcher-kva.test'])
  })
})
