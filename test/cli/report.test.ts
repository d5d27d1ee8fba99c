import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { humanReport, jsonReport, printable, type Report } from '../../main/cli/report.ts'
import { inUnits } from '../../shared/in-units.ts'
import { Failure } from '../../shared/model/failure.ts'
import type { Reach } from '../../shared/model/reach.ts'
import type { TransferEvent } from '../../shared/model/transfer.ts'
import { FakePipe, FakeTerminal } from './terminal.ts'

const PEER = 'bob@plumb.test/desk'
const SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

const offer = (more: Partial<TransferEvent & { event: 'offer' }> = {}): TransferEvent => ({
  event: 'offer',
  transfer: 't1',
  direction: 'out',
  peer: PEER,
  name: 'film.mkv',
  size: 1_000_000,
  files: undefined,
  ...more,
})
const connected = (more: Partial<TransferEvent & { event: 'connected' }> = {}): TransferEvent => ({
  event: 'connected',
  transfer: 't1',
  method: 'dtcp',
  by: 'dialer',
  remote: '[2001:db8::1]:5000',
  relay: 'none',
  encrypted: true,
  verified: true,
  network: 'internet',
  code: undefined,
  ms: 42,
  canPause: true,
  ...more,
})
const progress = (bytes: number, transfer = 't1', size = 1_000_000): TransferEvent => ({
  event: 'progress',
  transfer,
  bytes,
  size,
})
const done = (more: Partial<TransferEvent & { event: 'done' }> = {}): TransferEvent => ({
  event: 'done',
  transfer: 't1',
  path: '/home/alice/film.mkv',
  bytes: 1_000_000,
  sha256: SHA256,
  seconds: 2.04,
  method: 'dtcp',
  resumedFrom: 0,
  ...more,
})
const failed = (more: Partial<TransferEvent & { event: 'failed' }> = {}): TransferEvent => ({
  event: 'failed',
  transfer: 't1',
  code: 'declined',
  message: 'bob@plumb.test declined: ask why.',
  ...more,
})

const interrupted = (more: Partial<TransferEvent & { event: 'interrupted' }> = {}): TransferEvent => ({
  event: 'interrupted',
  transfer: 't1',
  code: 'connection-lost',
  message: 'The connection was lost.',
  ...more,
})
const noRoute = (more: Partial<TransferEvent & { event: 'route' }> = {}): TransferEvent => ({
  event: 'route',
  transfer: 't1',
  method: 'dtcp',
  ok: false,
  reason: 'unreachable',
  message: 'Neither side could connect to the other.',
  ...more,
})
const route = (): TransferEvent => noRoute({ ok: true, reason: undefined, message: undefined })
const waiting: TransferEvent = { event: 'waiting', transfer: 't1' }
const restarted: TransferEvent = { event: 'restarted', transfer: 't1' }
const paused = (by: 'us' | 'them'): TransferEvent => ({ event: 'paused', transfer: 't1', by })
const reach = (more: Partial<Reach> = {}): Reach => ({
  addresses: [{ address: '192.168.1.10', kind: 'local', told: true }],
  mapping: { kind: 'none', message: 'No router answered.' },
  proxy: 'proxy.plumb.test',
  advice: ['Turn on UPnP in the router.'],
  ...more,
})

/** What moves cursors, changes colours and titles, or turns text around. */
const HOSTILE = [
  ['an escape', '\u001b[2J\u001b]0;owned\u0007'],
  ['an escape of one byte', '\u009b31m\u0090\u009d'],
  ['the end of a line', 'a\r\nb'],
  ['a backspace', 'evil\b\b\b\bgood'],
  ['a zero', '\0'],
  ['a delete', '\u007f'],
  ['an override of direction', 'gpj\u202Eexe.txt\u202C'],
  ['isolates', '\u2066a\u2067b\u2068c\u2069'],
  ['marks of direction', '\u200E\u200F\u061C'],
  ['invisible characters', 'a\u200Bb\uFEFFc\u00ADd\u2060'],
  ['separators of lines and paragraphs', 'a\u2028b\u2029c'],
  ['tags', 'a\u{E0041}\u{E007F}b'],
  ['half a character', 'a\uD83Db'],
] as const
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u

/** A report, told everything with this text in each place that others choose. */
function tellAll(report: Report, text: string): void {
  const more = { peer: `${text}@plumb.test/${text}`, name: text }
  report.online(`alice@plumb.test/${text}`)
  report.notice(`A notice about ${text}`)
  for (const direction of ['in', 'out'] as const) {
    report.transfer(offer({ ...more, direction }))
    report.transfer(connected({ remote: text }))
    report.transfer(progress(500_000))
    report.transfer(done({ path: `/tmp/${text}` }))
    report.transfer(offer(more))
    report.transfer(connected())
    report.transfer(progress(1))
    report.transfer(noRoute({ message: `No way because of ${text}.` }))
    report.transfer(interrupted({ message: `It broke because of ${text}.` }))
    for (const event of [waiting, restarted, paused('them')]) report.transfer(event)
    report.transfer(failed({ message: `It failed because of ${text}.` }))
  }
  report.reach(
    reach({
      addresses: [{ address: text, kind: 'local', told: true }],
      mapping: { kind: 'none', message: `The router said ${text}.` },
      proxy: text,
      advice: [`Do ${text}.`],
    }),
  )
  report.transfer(failed({ transfer: 'unknown', message: text }))
  report.failed(new Failure('sign-in-failed', `The server said ${text}.`))
  report.end()
}

let now = 0
beforeEach(() => {
  now = 1_000
  vi.spyOn(performance, 'now').mockImplementation(() => now)
})
afterEach(() => {
  vi.restoreAllMocks()
})

describe('for programs', () => {
  function create() {
    const [stdout, stderr] = [new FakePipe(), new FakePipe()]
    return { stdout, stderr, report: jsonReport({ stdout, stderr }) }
  }

  test('each event is one line with exactly what the model says, in its order', () => {
    const { stdout, stderr, report } = create()
    report.online('alice@plumb.test/sofa')
    report.transfer(offer())
    report.transfer(connected())
    report.transfer(progress(5))
    report.transfer(done())
    report.end()
    expect(stdout.lines).toEqual([
      '{"event":"online","jid":"alice@plumb.test/sofa"}',
      `{"event":"offer","transfer":"t1","direction":"out","peer":"${PEER}","name":"film.mkv","size":1000000}`,
      '{"event":"connected","transfer":"t1","method":"dtcp","by":"dialer","remote":"[2001:db8::1]:5000","relay":"none","encrypted":true,"verified":true,"network":"internet","ms":42,"canPause":true}',
      '{"event":"progress","transfer":"t1","bytes":5,"size":1000000}',
      `{"event":"done","transfer":"t1","path":"/home/alice/film.mkv","bytes":1000000,"sha256":"${SHA256}","seconds":2.04,"method":"dtcp","resumedFrom":0}`,
    ])
    expect(stderr.text).toBe('')
  })

  test('a folder has its number of files, and what is not known is not there', () => {
    const { stdout, report } = create()
    report.transfer(offer({ files: 12 }))
    report.transfer(offer({ size: undefined }))
    report.transfer(done({ method: undefined, resumedFrom: 1_000_000 }))
    const [folder, unsized, here] = stdout.lines.map(line => JSON.parse(line))
    expect(folder).toMatchObject({ files: 12, size: 1_000_000 })
    expect(unsized).toEqual({
      event: 'offer',
      transfer: 't1',
      direction: 'out',
      peer: PEER,
      name: 'film.mkv',
    })
    expect(here).toMatchObject({ resumedFrom: 1_000_000 })
    expect(here).not.toHaveProperty('method')
  })

  test('what happens on the way is a line each, and nothing on stderr', () => {
    const { stdout, stderr, report } = create()
    const events = [
      waiting,
      noRoute(),
      route(),
      interrupted(),
      paused('us'),
      restarted,
      connected({ method: 'ibb', relay: 'server', remote: PEER }),
    ]
    for (const event of events) report.transfer(event)
    report.reach(reach())
    expect(stdout.lines).toEqual([
      '{"event":"waiting","transfer":"t1"}',
      '{"event":"route","transfer":"t1","method":"dtcp","ok":false,"reason":"unreachable","message":"Neither side could connect to the other."}',
      '{"event":"route","transfer":"t1","method":"dtcp","ok":true}',
      '{"event":"interrupted","transfer":"t1","code":"connection-lost","message":"The connection was lost."}',
      '{"event":"paused","transfer":"t1","by":"us"}',
      '{"event":"restarted","transfer":"t1"}',
      `{"event":"connected","transfer":"t1","method":"ibb","by":"dialer","remote":"${PEER}","relay":"server","encrypted":true,"verified":true,"network":"internet","ms":42,"canPause":true}`,
      '{"event":"reach","addresses":[{"address":"192.168.1.10","kind":"local","told":true}],"mapping":{"kind":"none","message":"No router answered."},"proxy":"proxy.plumb.test","advice":["Turn on UPnP in the router."]}',
    ])
    expect(stderr.text).toBe('')
  })

  test('the code that two people compare is there where there is one', () => {
    const { stdout, report } = create()
    report.transfer(connected({ code: '40213 99017 00000 12345 67890 54321' }))
    expect(JSON.parse(stdout.text)).toMatchObject({ code: '40213 99017 00000 12345 67890 54321' })
  })

  test('a failure is a line, and a sentence on stderr', () => {
    const { stdout, stderr, report } = create()
    report.transfer(failed())
    report.failed(new Failure('wrong-password', 'Check both.', { cause: new Error('secret') }))
    expect(stdout.lines).toEqual([
      '{"event":"failed","transfer":"t1","code":"declined","message":"bob@plumb.test declined: ask why."}',
      '{"event":"failed","code":"wrong-password","message":"Check both."}',
    ])
    expect(stderr.lines).toEqual(['bob@plumb.test declined: ask why.', 'Check both.'])
  })

  test('a notice goes to stderr only', () => {
    const { stdout, stderr, report } = create()
    report.notice('The connection to the server is back.')
    expect(stdout.text).toBe('')
    expect(stderr.text).toBe('The connection to the server is back.\n')
  })

  test.each(HOSTILE)('%s in a name comes out of the JSON as it was, and is not in it', (_, text) => {
    const { stdout, stderr, report } = create()
    report.transfer(offer({ name: text, peer: text }))
    expect(stdout.lines).toHaveLength(1)
    expect(stdout.lines[0]).not.toMatch(UNSEEN)
    expect(JSON.parse(stdout.text)).toEqual(offer({ name: text, peer: text }))
    tellAll(report, text)
    for (const line of [...stdout.lines, ...stderr.lines]) expect(line).not.toMatch(UNSEEN)
    for (const line of stdout.lines) expect(() => JSON.parse(line)).not.toThrow()
  })

  test('whatever a name is, it is one line of JSON that says it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), name => {
        const { stdout, report } = create()
        report.transfer(offer({ name }))
        const [line = '', ...more] = stdout.lines
        return more.length === 0 && !UNSEEN.test(line) && JSON.parse(line).name === name
      }),
    )
  })
})

describe('for people', () => {
  function create() {
    const [stdout, stderr] = [new FakePipe(), new FakePipe()]
    return { stdout, stderr, report: humanReport({ stdout, stderr }) }
  }

  test('a file that is sent', () => {
    const { stdout, stderr, report } = create()
    report.online('alice@plumb.test/sofa')
    report.transfer(offer())
    report.transfer(connected())
    report.transfer(progress(500_000))
    report.transfer(done())
    report.end()
    expect(stdout.lines).toEqual([
      'Signed in as alice@plumb.test/sofa',
      `Offering film.mkv to ${PEER}, 1.0 MB`,
      'film.mkv: connected directly with [2001:db8::1]:5000 in 42 ms, encrypted and verified',
      `Delivered /home/alice/film.mkv, 1.0 MB in 2.0 s (490 kB/s), SHA-256 ${SHA256}`,
    ])
    expect(stderr.text).toBe('')
  })

  test('a file that is received', () => {
    const { stdout, report } = create()
    report.transfer(offer({ direction: 'in', size: 0 }))
    report.transfer(connected({ verified: false, ms: 0 }))
    report.transfer(done({ bytes: 0, seconds: 0, path: '/home/alice/film (2).mkv' }))
    expect(stdout.lines).toEqual([
      `${PEER} offers film.mkv, 0 B`,
      'film.mkv: connected directly with [2001:db8::1]:5000 in 0 ms, encrypted, not verified',
      `Saved /home/alice/film (2).mkv, 0 B in 0.0 s (0 B/s), SHA-256 ${SHA256}`,
    ])
  })

  test.each([
    [{ size: undefined }, `Offering film.mkv to ${PEER}, size unknown`],
    [{ files: 12 }, `Offering film.mkv to ${PEER}, 12 files, 1.0 MB`],
    [{ files: 1 }, `Offering film.mkv to ${PEER}, 1 file, 1.0 MB`],
    [{ files: 0, size: 0, direction: 'in' as const }, `${PEER} offers film.mkv, 0 files, 0 B`],
  ])('an offer of %j', (more, line) => {
    const { stdout, report } = create()
    report.transfer(offer(more))
    expect(stdout.lines).toEqual([line])
  })

  test.each([
    [{}, 'connected directly with [2001:db8::1]:5000 in 42 ms, encrypted and verified'],
    [
      { method: 'socks5', relay: 'proxy', remote: '203.0.113.7:7777' },
      'connected through the proxy 203.0.113.7:7777 in 42 ms, encrypted and verified',
    ],
    [
      { method: 'ibb', relay: 'server', remote: PEER },
      'connected through the servers in 42 ms, encrypted and verified',
    ],
  ] as const)('who is between is said: %j', (more, words) => {
    const { stdout, report } = create()
    report.transfer(offer())
    report.transfer(connected(more))
    expect(stdout.lines[1]).toBe(`film.mkv: ${words}`)
  })

  test('a file that waits, breaks, is paused and goes on', () => {
    const { stdout, stderr, report } = create()
    report.transfer(offer())
    const events = [
      waiting,
      noRoute(),
      noRoute({ method: 'socks5', message: 'The proxy is not reached.' }),
      route(),
      connected(),
      progress(400_000),
      interrupted(),
      connected(),
      restarted,
      paused('us'),
      paused('them'),
      done({ resumedFrom: 400_000 }),
    ]
    for (const event of events) report.transfer(event)
    expect(stdout.lines.slice(1)).toEqual([
      `film.mkv: waits for ${PEER} to come online.`,
      'film.mkv: no direct connection. Neither side could connect to the other.',
      'film.mkv: no SOCKS5 connection. The proxy is not reached.',
      'film.mkv: connected directly with [2001:db8::1]:5000 in 42 ms, encrypted and verified',
      'film.mkv: interrupted, and goes on when both are back. The connection was lost.',
      'film.mkv: connected directly with [2001:db8::1]:5000 in 42 ms, encrypted and verified',
      'film.mkv: changed since a part of it was sent, so all of it goes anew.',
      'film.mkv: paused.',
      'film.mkv: paused by the other side.',
      // The seconds are those of the break, too: no speed comes of them.
      `Delivered /home/alice/film.mkv, 1.0 MB in 2.0 s (400 kB were there already), SHA-256 ${SHA256}`,
    ])
    expect(stderr.text).toBe('')
  })

  test('of a file of an earlier run nothing is said before it goes on', () => {
    const { stdout, stderr, report } = create()
    report.transfer(paused('us'))
    report.transfer(interrupted({ code: 'interrupted', message: 'Plumb was ended.' }))
    expect(stdout.text + stderr.text).toBe('')
  })

  test('how others reach this computer is a line each, whatever is in them', () => {
    const { stdout, stderr, report } = create()
    report.reach(reach({ proxy: 'proxy.plumb.test\nNothing is in the way of direct transfers.' }))
    expect(stdout.lines).toEqual([
      'Contacts are told',
      '  192.168.1.10  in this network',
      'Router: No router answered.',
      'Proxy:  proxy.plumb.test\uFFFDNothing is in the way of direct transfers.',
      'What would make direct transfers work',
      '  Turn on UPnP in the router.',
    ])
    expect(stderr.text).toBe('')
  })

  test('a connection without encryption is called that', () => {
    const { stdout, report } = create()
    report.transfer(offer())
    report.transfer(connected({ encrypted: false, verified: false }))
    expect(stdout.lines[1]).toMatch(/, not encrypted$/)
  })

  test('what fails goes to stderr with the name of its file', () => {
    const { stdout, stderr, report } = create()
    report.transfer(offer())
    report.transfer(failed())
    report.transfer(
      failed({ transfer: 'never offered', code: 'file-not-found', message: 'x: there is no such file.' }),
    )
    report.notice('A notice.')
    report.failed(new Failure('server-unreachable', 'Nobody there.'))
    expect(stdout.lines).toHaveLength(1)
    expect(stderr.lines).toEqual([
      'film.mkv: bob@plumb.test declined: ask why.',
      'x: there is no such file.',
      'A notice.',
      'Nobody there. See --server.',
    ])
  })

  test('a failure for which there is an option names it, in what is for people only', () => {
    const { stderr, report } = create()
    const pipes = { stdout: new FakePipe(), stderr: new FakePipe() }
    const json = jsonReport(pipes)
    const untrusted = new Failure('certificate-not-trusted', 'Not trusted.')
    const offline = failed({ code: 'peer-offline', message: 'Not online.' })
    for (const each of [report, json]) {
      each.failed(untrusted)
      each.transfer(offline)
    }
    const sentences = ['Not trusted. See --ca.', 'Not online. See --wait.']
    expect(stderr.lines).toEqual(sentences)
    expect(pipes.stderr.lines).toEqual(sentences)
    expect(pipes.stdout.text).not.toContain('--')
  })

  test('nothing is drawn where there is no terminal', () => {
    const { stdout, report } = create()
    report.transfer(offer())
    report.transfer(connected())
    for (let bytes = 0; bytes <= 1_000_000; bytes += 100_000) report.transfer(progress(bytes))
    report.end()
    expect(stdout.lines).toHaveLength(2)
    expect(stdout.text).not.toContain('\r')
  })

  test.each(HOSTILE)('%s reaches neither a pipe nor a terminal', (_, text) => {
    const { stdout, stderr, report } = create()
    tellAll(report, text)
    for (const line of [...stdout.lines, ...stderr.lines]) expect(line).not.toMatch(UNSEEN)
    // One line for each thing said: nothing could break one.
    expect(stdout.lines).toHaveLength(27)
    expect(stderr.lines).toHaveLength(5)

    const [terminal, errors] = [new FakeTerminal(80), new FakeTerminal(80)]
    // It throws at what it should not be shown.
    tellAll(humanReport({ stdout: terminal, stderr: errors }), text)
  })
})

describe('the bar', () => {
  function create(columns: number) {
    const [terminal, stderr] = [new FakeTerminal(columns), new FakePipe()]
    return { terminal, stderr, report: humanReport({ stdout: terminal, stderr }) }
  }

  test('shows name, share, speed and time left', () => {
    const { terminal, report } = create(80)
    report.transfer(offer({ size: 100_000_000 }))
    expect(terminal.current).toBe('')
    report.transfer(connected())
    report.transfer(progress(0, 't1', 100_000_000))
    const { wraps } = terminal
    now += 10_000
    report.transfer(progress(25_000_000, 't1', 100_000_000))
    expect(terminal.current).toBe(`film.mkv [${'#'.repeat(11)}${'-'.repeat(31)}]  25 %  2.5 MB/s 0:30 left`)
    now += 30_000
    report.transfer(progress(100_000_000, 't1', 100_000_000))
    expect(terminal.current).toMatch(/^film\.mkv \[#+\] 100 % {2}2\.5 MB\/s 0:00 left$/)
    expect(terminal.wraps).toBe(wraps)
  })

  test('says hours where there are hours, and no time where nothing moves', () => {
    const { terminal, report } = create(80)
    report.transfer(offer({ size: 1_000_000_000 }))
    report.transfer(connected())
    now += 1_000
    report.transfer(progress(0))
    expect(terminal.current).toMatch(/ {3}0 % {2}0 B\/s$/)
    now += 1_000
    report.transfer(progress(100_000))
    expect(terminal.current).toMatch(/ {3}0 % {2}100 kB\/s 2:46:39 left$/)
  })

  test('gives way to what is said, and comes back below it', () => {
    const { terminal, stderr, report } = create(200)
    report.transfer(offer())
    report.transfer(connected())
    report.transfer(progress(500_000))
    expect(terminal.current).toContain('50 %')
    report.notice('The connection to the server is lost; trying again.')
    expect(stderr.lines).toEqual(['The connection to the server is lost; trying again.'])
    expect(terminal.current).toContain('50 %')
    report.online('again')
    expect(terminal.lines.at(-2)).toBe('Signed in as again')
    expect(terminal.current).toContain('50 %')
    report.transfer(done())
    expect(terminal.current).toBe('')
    expect(terminal.lines.at(-2)).toMatch(/^Delivered \/home\/alice\/film\.mkv, /)
    report.end()
    expect(terminal.lines.join('\n')).not.toContain('50 %')
  })

  test('is not there while nothing moves', () => {
    for (const event of [interrupted(), paused('us')]) {
      const { terminal, report } = create(200)
      report.transfer(offer())
      report.transfer(connected())
      report.transfer(progress(500_000))
      expect(terminal.current).toContain('50 %')
      report.transfer(event)
      expect(terminal.current).toBe('')
      report.transfer(connected())
      expect(terminal.current).toContain('50 %')
    }
  })

  test('takes nothing for fast that was there before', () => {
    const { terminal, report } = create(80)
    report.transfer(offer())
    report.transfer(connected())
    now += 50
    report.transfer(progress(400_000))
    expect(terminal.current).toMatch(/ {2}40 % {2}0 B\/s$/)
    now += 1_000
    report.transfer(progress(500_000))
    expect(terminal.current).toMatch(/ {2}50 % {2}100 kB\/s 0:05 left$/)
    report.transfer(interrupted())
    now += 10_000
    report.transfer(connected())
    report.transfer(progress(500_000))
    now += 1_000
    report.transfer(progress(750_000))
    expect(terminal.current).toMatch(/ {2}75 % {2}250 kB\/s 0:01 left$/)
    // Sent anew, it begins again.
    report.transfer(progress(0))
    now += 1_000
    report.transfer(progress(100_000))
    expect(terminal.current).toMatch(/ {2}10 % {2}100 kB\/s 0:09 left$/)
  })

  test('shows how much has come of what nobody knows the size', () => {
    const { terminal, report } = create(80)
    report.transfer(offer({ size: undefined }))
    report.transfer(connected())
    report.transfer({ event: 'progress', transfer: 't1', bytes: 0, size: undefined })
    now += 1_000
    report.transfer({ event: 'progress', transfer: 't1', bytes: 100_000, size: undefined })
    expect(terminal.current).toBe('film.mkv 100 kB  100 kB/s')
  })

  test('is gone at the end, whatever was under way', () => {
    const { terminal, report } = create(80)
    report.transfer(offer())
    report.transfer(connected())
    report.transfer(progress(1))
    report.end()
    expect(terminal.current).toBe('')
  })

  test('is one for all files that move', () => {
    const { terminal, report } = create(80)
    for (const transfer of ['t1', 't2', 't3']) report.transfer(offer({ transfer }))
    report.transfer(connected({ transfer: 't1' }))
    report.transfer(progress(0, 't1'))
    now += 1_000
    report.transfer(progress(500_000, 't1'))
    expect(terminal.current).toMatch(/^film\.mkv \[.* {2}50 % {2}500 kB\/s 0:01 left$/)
    report.transfer(connected({ transfer: 't2' }))
    report.transfer(progress(500_000, 't1'))
    expect(terminal.current).toMatch(/^2 files \[.* {2}25 % {2}500 kB\/s 0:03 left$/)
    report.transfer(failed({ transfer: 't1' }))
    expect(terminal.current).toMatch(/^film\.mkv \[.* {3}0 %/)
    report.transfer(failed({ transfer: 't2' }))
    expect(terminal.current).toBe('')
  })

  test.each([
    ['a usual name', 'film.mkv'],
    ['a long name', `${'x'.repeat(300)}.mkv`],
    ['a name of wide characters', '漢字'.repeat(20)],
    ['a short name of wide characters', '映画.mkv'],
    ['a name of emoji', '🚰🏳️🌈'.repeat(20)],
    ['a name in Cyrillic', 'фильм'.repeat(10)],
    ['a name of combining characters', 'e\u0301'.repeat(30)],
    ['an empty name', ''],
  ])('fits any width with %s', (_, name) => {
    for (const columns of [1, 2, 5, 10, 20, 21, 22, 30, 31, 40, 60, 80, 81, 200]) {
      // The lines above the bar may be longer than the terminal: only the bar counts.
      const { terminal, report } = create(columns)
      report.transfer(offer({ name, size: 10_000_000_000_000 }))
      report.transfer(connected())
      const wraps = terminal.wraps
      for (const [ms, bytes] of [
        [1, 0],
        [1, 1],
        [10_000, 999_999],
        [100_000, 5_000_000_000_000],
        [1_000_000, 10_000_000_000_000],
      ] as const) {
        now += ms
        report.transfer(progress(bytes, 't1', 10_000_000_000_000))
        expect(terminal.wraps, `${columns} columns: ${terminal.current}`).toBe(wraps)
      }
      if (columns === 80) expect(terminal.current).toMatch(/ \[#+\] 100 % /)
    }
  })

  test('is as wide as the terminal when the name is plain', () => {
    for (const columns of [50, 80, 132]) {
      const { terminal, report } = create(columns)
      report.transfer(offer())
      report.transfer(connected())
      report.transfer(progress(1))
      expect(terminal.current).toHaveLength(columns - 1)
    }
  })

  test('does not break at more bytes than were offered, nor at an empty file', () => {
    const { terminal, report } = create(80)
    report.transfer(offer({ size: 10 }))
    report.transfer(connected())
    report.transfer(progress(1_000, 't1', 10))
    expect(terminal.current).toMatch(/\[#+\] 100 %/)
    report.transfer(offer({ transfer: 't1', size: 0 }))
    report.transfer(connected())
    report.transfer(progress(0, 't1', 0))
    expect(terminal.current).toMatch(/\[#+\] 100 %/)
  })

  test('takes eighty columns for a terminal that does not tell', () => {
    for (const columns of [0, undefined]) {
      const written: string[] = []
      const stdout = {
        write: (text: string) => written.push(text),
        isTTY: true,
        ...(columns === undefined ? {} : { columns }),
      }
      const report = humanReport({ stdout, stderr: new FakePipe() })
      report.transfer(offer())
      report.transfer(connected())
      report.transfer(progress(1))
      expect(written.at(-1)?.replace('\r\u001b[2K', '')).toHaveLength(79)
    }
  })
})

describe('numbers and text', () => {
  test.each([
    [0, '0 B'],
    [1, '1 B'],
    [999, '999 B'],
    [1_000, '1.0 kB'],
    [1_234, '1.2 kB'],
    [12_345, '12.3 kB'],
    [123_456, '123 kB'],
    [1_000_000, '1.0 MB'],
    [1_500_000_000, '1.5 GB'],
    [2_000_000_000_000, '2.0 TB'],
    [Number.MAX_SAFE_INTEGER, '9.0 PB'],
    [1e20, '100000 PB'],
    [0.4, '0 B'],
  ])('%d bytes are %s', (bytes, text) => expect(inUnits(bytes)).toBe(text))

  test.each(HOSTILE)('%s becomes visible', (_, text) => {
    expect(printable(text)).not.toMatch(UNSEEN)
    expect(printable(text)).toContain('\uFFFD')
  })

  test.each(['film.mkv', 'Grüße & Küsse', '漢字', 'مرحبا', '🚰', 'a\'b"c<d>'])('%s stays as it is', text => {
    expect(printable(text)).toBe(text)
  })
})
