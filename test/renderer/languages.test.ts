// @vitest-environment jsdom
import { afterEach, describe, expect, test, vi } from 'vitest'
import { peopleInOrder } from '../../renderer/state/selectors.ts'
import { foundLine } from '../../renderer/words/found.ts'
import { listOf } from '../../renderer/words/list.ts'
import { presenceLine } from '../../renderer/words/person.ts'
import { speakIn } from '../../renderer/words/say.ts'
import { clockTime, dayName, duration, shortTime } from '../../renderer/words/time.ts'
import { LANGUAGE_TAGS, type LanguageTag } from '../../shared/words/language.ts'
import { DAY, MINUTE, message, NOW, person } from './factories.ts'

const speakOnly = (tag: LanguageTag): Promise<void> => speakIn({ tag, locale: tag })

afterEach(() => speakOnly('en'))

/** Without what keeps names apart. */
const plain = (text: string): string => text.replace(/[\u2068\u2069]/g, '')
/** Between a time and its half of the day, some languages have another space than ours. */
const spaced = (text: string): string => text.replace(/\s/gu, ' ')

describe('times', () => {
  test.each([
    ['en', 'en', '14:32', 'Fri', '3 Mar', '3 Mar 2024', 'Friday', '3 March'],
    ['en', 'en-US', '2:32 PM', 'Fri', 'Mar 3', 'Mar 3, 2024', 'Friday', 'March 3'],
    ['de', 'de', '14:32', 'Fr', '3. März', '3. März 2024', 'Freitag', '3. März'],
    ['ar', 'ar', '2:32 م', 'الجمعة', '3 مارس', '3 مارس 2024', 'الجمعة', '3 مارس'],
  ] as const)('in %s, as they are written in %s', async (tag, locale, ...words) => {
    await speakIn({ tag, locale })
    const now = new Date(2026, 5, 15, 14, 32).getTime()
    const friday = now - 3 * DAY
    const march = (year: number): number => new Date(year, 2, 3).getTime()
    const short = [now, friday, march(2026), march(2024)].map(at => shortTime(at, now))
    const long = [friday, march(2026)].map(at => dayName(at, now))
    expect([...short, ...long].map(spaced)).toEqual(words)
  })

  test('of yesterday and today have names', async () => {
    const names: string[] = []
    for (const tag of LANGUAGE_TAGS) {
      await speakOnly(tag)
      names.push(shortTime(NOW - DAY, NOW), dayName(NOW, NOW))
    }
    expect(names).toEqual(['Yesterday', 'Today', 'Gestern', 'Heute', 'أمس', 'اليوم'])
  })

  test.each([
    ['de', ['50 s', '2 h', '2 h 10 min']],
    ['ar', ['50 ثانية', 'ساعتان', 'ساعتان و10 دقائق']],
  ] as const)('that are yet to wait, in %s', async (tag, words) => {
    await speakOnly(tag)
    expect([50, 7_200, 7_800].map(duration)).toEqual(words)
  })
})

const ANNA = person({
  address: 'anna@example.org',
  devices: [
    { address: 'anna@example.org/Laptop', availability: 'online', direct: true },
    { address: 'anna@example.org/Phone', availability: 'away', direct: null },
  ],
})

describe('who is there', () => {
  test('and since when they are away', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: NOW })
    const since = (idleSince: number | null): string =>
      presenceLine({ ...ANNA, availability: 'away', idleSince })
    expect([null, NOW - MINUTE, NOW - DAY].map(since)).toEqual([
      'Away on Laptop and Phone',
      `Away on Laptop and Phone since ${clockTime(NOW - MINUTE)}`,
      'Away on Laptop and Phone since yesterday',
    ])
    vi.useRealTimers()
  })

  test('is listed in the order of the language, and found without marks', async () => {
    const people = ['Zoë', 'Ärger', 'Öl', 'Anna'].map((name, at) => person({ address: `${at}@b.c`, name }))
    await speakOnly('de')
    expect(peopleInOrder(people, '').map(({ name }) => name)).toEqual(['Anna', 'Ärger', 'Öl', 'Zoë'])
    expect(peopleInOrder(people, 'zoe').map(({ name }) => name)).toEqual(['Zoë'])
  })
})

describe('a list', () => {
  test.each([
    ['de', 'Online auf Laptop und Phone', 'Gefunden: 1 Person und 2 Nachrichten.'],
    ['ar', 'متصل من Laptop وPhone', 'نتائج البحث: شخص واحد ورسالتان.'],
  ] as const)('in a sentence, in %s', async (tag, presence, found) => {
    await speakOnly(tag)
    const messages = ['a', 'b'].map(id => message({ id, text: '' }))
    expect(plain(presenceLine(ANNA))).toBe(presence)
    expect(plain(foundLine(1, { messages, transfers: [] }))).toBe(found)
  })

  test('has the direction of its language, and each name its own', async () => {
    await speakOnly('ar')
    expect(listOf(['Laptop', 'هاتف'])).toBe('\u2068Laptop\u2069 و\u2068هاتف\u2069')
  })
})
