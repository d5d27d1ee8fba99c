import { afterEach, expect, test, vi } from 'vitest'
import { readDelay } from '../../main/xmpp/xep-0203.ts'
import { parseXml } from './xml.ts'

afterEach(() => vi.useRealTimers())

const read = (content: string, believed: readonly (string | undefined)[] = ['capulet.com']) =>
  readDelay(parseXml(`<message>${content}</message>`), from => believed.includes(from))?.toISOString()

const delay = (stamp: string, from = 'capulet.com'): string =>
  `<delay xmlns='urn:xmpp:delay' from='${from}' stamp='${stamp}'>Offline Storage</delay>`

test.each([
  // The example of the XEP.
  ['2002-09-10T23:08:25Z', '2002-09-10T23:08:25.000Z'],
  ['2002-09-10T23:08:25.123Z', '2002-09-10T23:08:25.123Z'],
  ['2002-09-10T23:08:25.123456Z', '2002-09-10T23:08:25.123Z'],
  ['2002-09-10T23:08:25+02:00', '2002-09-10T21:08:25.000Z'],
  ['1999-01-01T00:00:00Z', '1999-01-01T00:00:00.000Z'],
  ['1998-12-31T23:59:59Z', undefined],
  ['1969-07-20T20:17:40Z', undefined],
  ['20020910T23:08:25', undefined],
  ['2002-09-10', undefined],
  ['2002-13-10T23:08:25Z', undefined],
  ['2002-09-10T23:08:61Z', undefined],
  ['2002', undefined],
  ['yesterday', undefined],
  ['', undefined],
  ['99999-01-01T00:00:00Z', undefined],
  [`2002-09-10T23:08:25.${'1'.repeat(100_000)}Z`, undefined],
])('the stamp %.40s is %s', (stamp, expected) => {
  expect(read(delay(stamp))).toBe(expected)
})

test('the future has not been', () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) })
  expect(read(delay('2025-12-31T23:59:59Z'))).toBe('2025-12-31T23:59:59.000Z')
  expect(read(delay('2026-01-01T00:00:01Z'))).toBeUndefined()
})

test('the first of somebody who is believed counts', () => {
  const stamps = delay('2011-01-01T00:00:00Z', 'eve@evil.test') + delay('2012-01-01T00:00:00Z')
  expect(read(stamps + delay('2013-01-01T00:00:00Z'))).toBe('2012-01-01T00:00:00.000Z')
  expect(read(stamps, [])).toBeUndefined()
  const unsigned = "<delay xmlns='urn:xmpp:delay' stamp='2012-01-01T00:00:00Z'/>"
  expect([read(unsigned), read(unsigned, [undefined])]).toEqual([undefined, '2012-01-01T00:00:00.000Z'])
})

test.each([
  ['nothing', ''],
  ['another namespace', "<delay xmlns='jabber:x:delay' from='capulet.com' stamp='2002-09-10T23:08:25Z'/>"],
  ['one inside of something else', `<x>${delay('2002-09-10T23:08:25Z')}</x>`],
  ['one without a stamp', "<delay xmlns='urn:xmpp:delay' from='capulet.com'/>"],
])('%s is none', (_, content) => {
  expect(read(content)).toBeUndefined()
})
