import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { initialsOf } from '../../renderer/components/avatar.tsx'
import { partsOf } from '../../renderer/components/file-name.tsx'
import { withLinks } from '../../renderer/words/links.ts'
import { deviceName, presenceLine } from '../../renderer/words/person.ts'
import { addressLine, mappingLine, proxyLine, verdictOf } from '../../renderer/words/reach.ts'
import { clockTime, dayName, duration } from '../../renderer/words/time.ts'
import {
  attemptsTitle,
  factsOf,
  fractionOf,
  hasRoute,
  historyOf,
  noteOf,
  placeOf,
  receiptChips,
  sizeOf,
  waitingLine,
} from '../../renderer/words/transfer.ts'
import { readyLine, updateLine } from '../../renderer/words/update.ts'
import type { Reach } from '../../shared/model/reach.ts'
import type { PathReceipt, ShownTransfer, TransferState } from '../../shared/model/shown-transfer.ts'
import { UpdateOwner, type UpdateState } from '../../shared/model/update.ts'
import { DAY, MINUTE, NOW, offer, person, RECEIPT, reach, transfer } from './factories.ts'

/** Without what keeps names apart and numbers beside their units. */
const plain = (text: string): string => text.replace(/[\u2068\u2069]/g, '').replace(/\u00a0/g, ' ')
const LOST = { code: 'connection-lost', message: 'Anna’s computer went off the network.' } as const

describe('what is said of a transfer', () => {
  const shown = (more: Partial<ShownTransfer>): ShownTransfer => transfer({ id: 'a', name: 'a', ...more })
  const facts = (more: Partial<ShownTransfer>): readonly string[] =>
    (['card', 'list'] as const).map(where => plain(factsOf(shown(more), 'Anna Lindqvist', where)))

  test.each<[TransferState, string, string]>([
    [{ kind: 'waiting' }, '12.8 GB · Sends when Anna is online', 'Sends when Anna is online · 12.8 GB'],
    [{ kind: 'preparing' }, '12.8 GB · Looking for their computer', 'From Anna · Looking for their computer'],
    [{ kind: 'offered' }, '12.8 GB · Waits for your answer', 'From Anna · Waits for your answer'],
    [{ kind: 'connecting' }, '12.8 GB · Connecting', 'From Anna · Connecting'],
    [
      { kind: 'moving', bytes: 7_400_000_000, bytesPerSecond: 109_000_000, secondsLeft: 50 },
      '7.4 of 12.8 GB · 109 MB/s · 50 s left',
      'From Anna · 57 % · 50 s left',
    ],
    [
      { kind: 'moving', bytes: 400_000_000, bytesPerSecond: 0, secondsLeft: null },
      '0.4 of 12.8 GB',
      'From Anna · 3 %',
    ],
    [
      { kind: 'interrupted', bytes: 5_600_000_000, failure: LOST },
      'Connection lost at 43 % of 12.8 GB',
      'From Anna · Connection lost at 43 %',
    ],
    [
      { kind: 'interrupted', bytes: 0, failure: LOST },
      '12.8 GB · No connection yet',
      'From Anna · No connection yet',
    ],
    [
      { kind: 'interrupted', bytes: 5_600_000_000, failure: { code: 'disk-full', message: '' } },
      'Disk full at 43 % of 12.8 GB',
      'From Anna · Disk full at 43 %',
    ],
    [
      { kind: 'interrupted', bytes: 5_600_000_000, failure: { code: 'peer-disk-full', message: '' } },
      'Their disk is full at 43 % of 12.8 GB',
      'From Anna · Their disk is full at 43 %',
    ],
    [
      { kind: 'paused', bytes: 5_600_000_000, by: 'us' },
      'Paused at 43 % of 12.8 GB',
      'From Anna · Paused at 43 %',
    ],
    [
      { kind: 'paused', bytes: 5_600_000_000, by: 'them' },
      'Paused by Anna at 43 % of 12.8 GB',
      'From Anna, who paused it at 43 %',
    ],
    [{ kind: 'paused', bytes: 0, by: 'us' }, 'Paused', 'From Anna · Paused'],
    [{ kind: 'verifying' }, '12.8 GB · Comparing the checksum', 'From Anna · Comparing the checksum'],
  ])('%j', (state, inCard, inList) => {
    expect(facts({ state })).toEqual([inCard, inList])
  })

  test.each<[TransferState, string, string]>([
    [{ kind: 'connecting' }, 'Connecting', 'From Anna · Connecting'],
    [
      { kind: 'moving', bytes: 1_200_000_000, bytesPerSecond: 190_000, secondsLeft: null },
      '1.2 GB · 190 kB/s',
      'From Anna · 1.2 GB · 190 kB/s',
    ],
    [
      { kind: 'interrupted', bytes: 1_200_000_000, failure: LOST },
      'Connection lost after 1.2 GB',
      'From Anna · Connection lost after 1.2 GB',
    ],
    [
      { kind: 'paused', bytes: 1_200_000_000, by: 'them' },
      'Paused by Anna after 1.2 GB',
      'From Anna, who paused it after 1.2 GB',
    ],
    [{ kind: 'verifying' }, 'Comparing the checksum', 'From Anna · Comparing the checksum'],
  ])('without a size: %j', (state, inCard, inList) => {
    expect(facts({ state, size: null })).toEqual([inCard, inList])
    expect(fractionOf(shown({ state, size: null }))).toBe(state.kind === 'verifying' ? 1 : null)
  })

  test('a folder says how many files are in it', () => {
    const folder = { files: 12, size: 3_400_000 }
    expect(facts({ ...folder, direction: 'out', state: { kind: 'waiting' } })).toEqual([
      '12 files, 3.4 MB · Sends when Anna is online',
      'Sends when Anna is online · 12 files, 3.4 MB',
    ])
    expect([0, 1, 4_212].map(files => sizeOf({ files, size: null }))).toEqual([
      'No files',
      '1 file',
      '4,212 files',
    ])
    expect(sizeOf({ files: null, size: null })).toBeUndefined()
  })

  test('how quick it was, unless it was interrupted', () => {
    const state: TransferState = { kind: 'done', at: NOW, seconds: 100, sha256: '' }
    expect(facts({ state })[0]).toContain('12.8 GB · 128 MB/s')
    expect(facts({ state, resumedFrom: 1_200_000_000 })[0]).not.toContain('/s')
    expect(facts({ state, size: null })[0]).not.toContain('B')
  })

  test.each<[TransferState, number | null]>([
    [{ kind: 'waiting' }, null],
    [{ kind: 'connecting' }, 0.25],
    [{ kind: 'moving', bytes: 6_400_000_000, bytesPerSecond: 0, secondsLeft: null }, 0.5],
    [{ kind: 'interrupted', bytes: 6_400_000_000, failure: LOST }, 0.5],
    [{ kind: 'paused', bytes: 6_400_000_000, by: 'us' }, 0.5],
    [{ kind: 'failed', at: NOW, bytes: 6_400_000_000, failure: LOST }, null],
  ])('how far it is: %j', (state, fraction) => {
    expect(fractionOf(shown({ state, resumedFrom: 3_200_000_000 }))).toBe(fraction)
  })

  test.each([
    ['in', 'declined', 'calm', 'You declined this.'],
    ['out', 'declined', 'calm', 'They declined this.'],
    ['in', 'cancelled', 'calm', 'You cancelled this.'],
    ['out', 'cancelled-by-peer', 'calm', 'They cancelled this.'],
    ['out', 'disk-full', 'bad', 'Stopped. Make room.'],
  ] as const)('%s, failed with %s: %s', (direction, code, kind, text) => {
    const state: TransferState = { kind: 'failed', at: 0, bytes: 0, failure: { code, message: 'Make room.' } }
    expect(noteOf(shown({ direction, state }))).toEqual({ kind, text })
  })

  test.each([
    ['connection-lost', 'Goes on by itself when you are both online.'],
    ['interrupted', 'Goes on by itself when you are both online.'],
    ['timed-out', 'Goes on by itself when you are both online.'],
    ['unreachable', 'Plumb goes on trying. Check both firewalls.'],
    ['disk-full', 'Goes on by itself once there is room on this computer.'],
    ['peer-disk-full', 'Goes on by itself once there is room on their computer.'],
  ] as const)('interrupted with %s: %s', (code, text) => {
    const failure = { code, message: 'Check both firewalls.' }
    expect(noteOf(shown({ state: { kind: 'interrupted', bytes: 1, failure } }))).toEqual({
      kind: 'calm',
      text,
    })
  })

  const moving: TransferState = { kind: 'moving', bytes: 1, bytesPerSecond: 0, secondsLeft: null }
  const done: TransferState = { kind: 'done', at: NOW, seconds: 1, sha256: '' }
  test.each<[string, Partial<ShownTransfer>, readonly string[]]>([
    ['went through at once', { state: done }, []],
    ['went on', { state: moving, resumedFrom: 1_200_000_000 }, ['Went on from 1.2 GB.']],
    ['began anew', { state: moving, restarted: true }, ['The file changed, so it is sent anew.']],
    ['began anew, over', { state: done, restarted: true }, ['The file changed, so it was sent anew.']],
    [
      'a folder, of which a file began anew',
      { state: moving, restarted: true, files: 3, resumedFrom: 12_000 },
      ['A file in it changed, so it is sent anew.', 'Went on from 12.0 kB.'],
    ],
    ['was there', { state: done, resumedFrom: 12_800_000_000 }, ['It was here already.']],
    [
      'was there, for who sent it',
      { state: done, resumedFrom: 12_800_000_000, direction: 'out' },
      ['They had it already.'],
    ],
    ['rests', { state: { kind: 'paused', bytes: 1, by: 'us' }, resumedFrom: 1_000 }, []],
  ])('its past: %s', (_, more, lines) => {
    expect(historyOf(shown(more))).toEqual(lines)
  })

  test('what waits for somebody', () => {
    expect(plain(waitingLine(1, 'Noor Rahman'))).toBe('1 file waits until Noor is online')
    expect(plain(waitingLine(13, 'Noor Rahman'))).toBe('13 files wait until Noor is online')
    // “عبد” alone is no name.
    expect(plain(waitingLine(1, 'عبد الله حسن'))).toBe('1 file waits until عبد الله حسن is online')
  })

  test('where it goes, and what is missing', () => {
    const offered = offer({ transfer: 'a', name: 'a', size: 3_100_000_000, freeBytes: 2_888_000_000 })
    expect(placeOf(offered)).toEqual({ text: '212 MB more needed in Downloads', fits: false })
    expect(placeOf({ ...offered, freeBytes: null })).toEqual({ text: 'Saves to Downloads', fits: true })
    expect(placeOf({ ...offered, size: null })).toEqual({
      text: 'Saves to Downloads, 2.9 GB free',
      fits: true,
    })
  })
})

describe('the path receipt', () => {
  const none = { encrypted: false, verified: false, code: null }
  test.each<[string, Partial<PathReceipt>, string, string, string]>([
    ['dtcp', {}, 'ok Direct, same network', 'ok Encrypted and verified', 'What was tried before'],
    [
      'dtcp, not verified',
      { verified: false, network: 'internet' },
      'ok Direct, over the internet',
      'warn Encrypted, not verified',
      'What was tried before',
    ],
    [
      'dtcp, not encrypted',
      { ...none, network: 'this-computer' },
      'ok Direct, on this computer',
      'warn Not encrypted: their program cannot',
      'What was tried before',
    ],
    [
      'socks5, direct',
      { method: 'socks5' },
      'ok Direct (SOCKS5), same network',
      'ok Encrypted and verified',
      'What was tried before',
    ],
    [
      'socks5, proxy',
      { method: 'socks5', relay: 'proxy' },
      'warn Through the server’s proxy',
      'ok Encrypted between you',
      'Why not direct',
    ],
    [
      'ibb',
      { method: 'ibb', relay: 'server' },
      'warn Through the servers, in small pieces: slow',
      'ok Encrypted between you',
      'Why not direct',
    ],
    [
      'ibb with another program',
      { ...none, method: 'ibb', relay: 'server' },
      'warn Through the servers, in small pieces: slow',
      'warn Not encrypted: their program cannot',
      'Why not direct',
    ],
  ])('of %s', (_, more, path, safety, attempts) => {
    const receipt = { ...RECEIPT, ...more }
    expect(receiptChips(receipt).map(({ kind, text }) => `${kind} ${text}`)).toEqual([path, safety])
    const done: TransferState = { kind: 'done', at: NOW, seconds: 1, sha256: '' }
    expect(attemptsTitle(transfer({ id: 'a', name: 'a', state: done, receipt }))).toBe(attempts)
  })

  test('of a connection that is gone says nothing about the next one', () => {
    const state: TransferState = { kind: 'interrupted', bytes: 1, failure: LOST }
    const gone = transfer({ id: 'a', name: 'a', state, receipt: { ...RECEIPT, relay: 'proxy' } })
    expect(attemptsTitle(gone)).toBe('What was tried')
    expect(hasRoute(gone)).toBe(false)
  })
})

describe('how others reach this computer', () => {
  test('addresses say what they are, and whether others learn them', () => {
    expect(reach().addresses.map(addressLine)).toEqual([
      'in this network · told to contacts',
      'on the internet · told to contacts',
      'the router’s, for this computer · told to contacts',
      'of a tunnel or container · not told',
    ])
  })

  test.each<[Reach['mapping'], string]>([
    [{ kind: 'off' }, 'Not asked: that is switched off.'],
    [{ kind: 'asking' }, 'Still being asked. Check again in a moment.'],
    [
      { kind: 'mapped', protocol: 'nat-pmp', external: '203.0.113.7:51000' },
      'Forwards 203.0.113.7:51000 to this computer (NAT-PMP).',
    ],
    [{ kind: 'none', message: 'No router answered.' }, 'No router answered.'],
  ])('the router: %j', (mapping, line) => {
    expect(mappingLine(mapping)).toBe(line)
  })

  test('the sum is good only where nothing is in the way', () => {
    expect(verdictOf(reach())).toBe('Nothing is in the way of direct transfers.')
    expect(verdictOf(reach({ advice: ['Switch on UPnP.'] }))).toBe('Files arrive, but not always directly.')
    expect(proxyLine('proxy.example.org')).toContain('proxy.example.org')
    expect(proxyLine(null)).toContain('slow')
  })
})

describe('what keeps Plumb current', () => {
  const HERE = new Date(2026, 5, 15, 14, 32).getTime()
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: HERE })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test.each<[UpdateState, string]>([
    [{ kind: 'off' }, 'Plumb does not look for new versions by itself.'],
    [{ kind: 'current', checkedAt: null }, 'Plumb will look for a new version soon.'],
    [
      { kind: 'current', checkedAt: HERE - 92 * MINUTE },
      `This is the newest version. Last looked: ${clockTime(HERE - 92 * MINUTE)}.`,
    ],
    [{ kind: 'current', checkedAt: HERE - DAY }, 'This is the newest version. Last looked: Yesterday.'],
    [{ kind: 'checking' }, 'Looking for a new version.'],
    [{ kind: 'downloading', version: '1.2.0', fraction: 0 }, 'Version 1.2.0 is being downloaded.'],
    // It is read out when it changes: not for each percent.
    [{ kind: 'downloading', version: '1.2.0', fraction: 0.5 }, 'Version 1.2.0 is being downloaded.'],
    [
      { kind: 'ready', version: '1.2.0-beta.1' },
      'Version 1.2.0-beta.1 is ready. It will be installed when you quit Plumb.',
    ],
    [
      { kind: 'failed', failure: { code: 'disk-full', message: 'No room: make some.' } },
      'No room: make some.',
    ],
    [
      { kind: 'managed', by: 'package-manager' },
      'New versions come with the updates of your system: its package manager installed Plumb.',
    ],
    [{ kind: 'managed', by: 'flatpak' }, 'Flatpak keeps Plumb up to date.'],
    [{ kind: 'managed', by: 'snap' }, 'Snap keeps Plumb up to date.'],
    [
      { kind: 'managed', by: 'nobody' },
      'This copy cannot replace itself: get new versions where you got this one.',
    ],
    [
      { kind: 'managed', by: 'unconfigured' },
      'This build has nowhere to look for new versions: get them where you got this one.',
    ],
  ])('%j', (state, line) => {
    expect(updateLine(state)).toBe(line)
  })

  test('each who may keep it so has words of their own', () => {
    const lines = UpdateOwner.options.map(by => updateLine({ kind: 'managed', by }))
    expect(new Set(lines).size).toBe(UpdateOwner.options.length)
  })

  test('the notice says the same as the settings', () => {
    expect(readyLine('1.2.0')).toBe(updateLine({ kind: 'ready', version: '1.2.0' }))
  })
})

describe('links in a message', () => {
  const linksOf = (text: string): string[] =>
    withLinks(text).flatMap(piece => (piece.kind === 'link' ? [piece.text] : []))

  test.each([
    ['See https://example.org/a_(b).', ['https://example.org/a_(b)']],
    ['(https://example.org/)', ['https://example.org/']],
    ['https://a.b, http://c.d! mailto:x@y.z?', ['https://a.b', 'http://c.d', 'mailto:x@y.z']],
    ['https://example.org/ملف', ['https://example.org/ملف']],
    ['javascript:alert(1) data:text/html,x file:///etc/passwd', []],
    ['https://bank.example@evil.test/', []],
    ['https://:bank.example@evil.test/', []],
    ['https://@evil.test/', []],
    ['mailto:x@y.z?subject=Hi&body=one%0Atwo', ['mailto:x@y.z?subject=Hi&body=one%0Atwo']],
    ['mailto:x@y.z?attach=/home/me/.ssh/id_rsa', []],
    ['mailto:x@y.z?subject=Hi&%41ttachment=/etc/passwd', []],
    ['mailto:x@y.z?subject=Hi%0D%0AAttach:%20/etc/passwd', []],
    ['https://', []],
    ['xhttps://a.b', []],
    [`http://${')'.repeat(65_000)}`, []],
    [
      `https://a.b/${'('.repeat(900)}${')'.repeat(901)}`,
      [`https://a.b/${'('.repeat(900)}${')'.repeat(900)}`],
    ],
    ['<a href="https://evil.test">https://good.test</a>', ['https://evil.test', 'https://good.test']],
  ])('%s', (text, links) => {
    expect(linksOf(text)).toEqual(links)
  })

  test('nothing of the text is lost', () => {
    const text = 'a https://b.c, d <e> https://f.g'
    expect(
      withLinks(text)
        .map(piece => piece.text)
        .join(''),
    ).toBe(text)
  })
})

test.each([
  ['film.tar.gz', 'film.tar', '.gz'],
  ['photo.jpg.exe', 'photo.jpg', '.exe'],
  ['.bashrc', '.bashrc', ''],
  ['README', 'README', ''],
  ['ends with.', 'ends with.', ''],
])('the true extension of %s', (name, stem, extension) => {
  expect(partsOf(name)).toEqual({ stem, extension })
})

test.each([
  ['Anna Lindqvist', 'AL'],
  ['anna', 'A'],
  ['Maria del Carmen', 'MC'],
  ['👩‍👩‍👧 family', 'F'],
  ['...', '?'],
])('the initials of %s are %s', (name, initials) => {
  expect(initialsOf(name)).toBe(initials)
})

test.each([
  [0, '0 s'],
  [59.4, '59 s'],
  [61, '1 min'],
  [3_600, '1 h'],
  [7_800, '2 h 10 min'],
])('%s seconds are %s', (seconds, words) => {
  expect(duration(seconds)).toBe(words)
})

test('days are called as people call them', () => {
  expect([0, 1, 3].map(days => dayName(NOW - days * DAY, NOW))).toEqual(['Today', 'Yesterday', 'Friday'])
})

test('devices are named without the numbers of programs', () => {
  expect(deviceName('a@b.c/Plumb-3fa9')).toBe('Plumb')
  expect(deviceName('a@b.c/Laptop')).toBe('Laptop')
  const two = person({
    address: 'a@b.c',
    devices: [
      { address: 'a@b.c/Laptop', availability: 'online', direct: true },
      { address: 'a@b.c/Phone', availability: 'away', direct: null },
    ],
  })
  expect(presenceLine(two)).toBe('Online on Laptop and Phone')
})
