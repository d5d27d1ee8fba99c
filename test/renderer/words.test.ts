import { describe, expect, test } from 'vitest'
import { initialsOf } from '../../renderer/components/avatar.tsx'
import { partsOf } from '../../renderer/components/file-name.tsx'
import { withLinks } from '../../renderer/words/links.ts'
import { deviceName, presenceLine } from '../../renderer/words/person.ts'
import { dayName, duration } from '../../renderer/words/time.ts'
import { factsOf, failureOf, placeOf, receiptChips } from '../../renderer/words/transfer.ts'
import type { TransferState } from '../../shared/model/shown-transfer.ts'
import { DAY, NOW, offer, person, RECEIPT, transfer } from './factories.ts'

const plain = (text: string): string => text.replace(/[\u2068\u2069]/g, '')

describe('what is said of a transfer', () => {
  test.each<[TransferState, string, string]>([
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
    [{ kind: 'verifying' }, '12.8 GB · Comparing the checksum', 'From Anna · Comparing the checksum'],
  ])('%j', (state, inCard, inList) => {
    const shown = transfer({ id: 'a', name: 'a', state })
    expect(plain(factsOf(shown))).toBe(inCard)
    expect(plain(factsOf(shown, 'Anna Lindqvist'))).toBe(inList)
  })

  test.each([
    ['in', 'declined', 'You declined this.'],
    ['out', 'declined', 'They declined this.'],
    ['in', 'cancelled', 'You cancelled this.'],
    ['out', 'cancelled-by-peer', 'They cancelled this.'],
    ['out', 'disk-full', 'Stopped. Make room.'],
  ] as const)('%s, failed with %s: %s', (direction, code, words) => {
    const state: TransferState = { kind: 'failed', at: 0, bytes: 0, failure: { code, message: 'Make room.' } }
    expect(failureOf(transfer({ id: 'a', name: 'a', direction, state }))).toBe(words)
  })

  test('its path is green only where it is encrypted and verified', () => {
    expect(receiptChips(RECEIPT)).toEqual([
      { kind: 'ok', text: 'Direct, same network' },
      { kind: 'ok', text: 'Encrypted and verified' },
    ])
    expect(receiptChips({ ...RECEIPT, verified: false })[1]).toEqual({
      kind: 'warn',
      text: 'Encrypted, not verified',
    })
    expect(receiptChips({ ...RECEIPT, verified: false, encrypted: false })[1]).toEqual({
      kind: 'warn',
      text: 'Not encrypted',
    })
  })

  test('where it goes, and what is missing', () => {
    const offered = offer({ transfer: 'a', name: 'a', size: 3_100_000_000, freeBytes: 2_888_000_000 })
    expect(placeOf(offered)).toEqual({ text: '212 MB more needed in Downloads', fits: false })
    expect(placeOf({ ...offered, freeBytes: null })).toEqual({ text: 'Saves to Downloads', fits: true })
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
