import { describe, expect, test } from 'vitest'
import { readIdle, writeIdle } from '../../main/xmpp/xep-0319.ts'
import { parseXml, reparsed } from './xml.ts'

const NOW = Date.parse('2024-06-01T00:00:00Z')
const idle = (since: string, namespace = 'urn:xmpp:idle:1'): string =>
  `<presence><idle xmlns='${namespace}' since='${since}'/></presence>`

describe('since when nobody has touched a device', () => {
  test.each([
    ['2024-02-03T04:05:06Z', '2024-02-03T04:05:06.000Z'],
    ['2024-02-03T04:05:06.789Z', '2024-02-03T04:05:06.789Z'],
    ['2024-02-03T06:05:06+02:00', '2024-02-03T04:05:06.000Z'],
    // The clocks of two computers differ.
    ['2024-06-01T00:10:00Z', '2024-06-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59Z', '2024-06-01T00:00:00.000Z'],
  ])('is read from %s', (since, expected) => {
    expect(readIdle(parseXml(idle(since)), NOW)?.toISOString()).toBe(expected)
  })

  test.each([
    ['no time', idle('')],
    ['a day', idle('2024-02-03')],
    ['words', idle('yesterday')],
    ['a day that is none', idle('2024-13-40T00:00:00Z')],
    ['a time before there were such programs', idle('1969-07-21T02:56:15Z')],
    ['an endless time', idle(`2024-02-03T04:05:06.${'0'.repeat(100_000)}Z`)],
    ['another namespace', idle('2024-02-03T04:05:06Z', 'urn:xmpp:idle:0')],
    ['nothing', '<presence/>'],
    ['no attribute', "<presence><idle xmlns='urn:xmpp:idle:1'/></presence>"],
  ])('is not known from %s', (_, text) => {
    expect(readIdle(parseXml(text), NOW)).toBeUndefined()
  })

  test('is written so that it is read again', () => {
    const since = new Date('2024-02-03T04:05:06.789Z')
    expect(reparsed(writeIdle(since)).toString()).toBe(
      '<idle xmlns="urn:xmpp:idle:1" since="2024-02-03T04:05:06.789Z"/>',
    )
    expect(readIdle(parseXml(`<presence>${writeIdle(since).toString()}</presence>`))).toEqual(since)
  })
})
