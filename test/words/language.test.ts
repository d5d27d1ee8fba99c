import { afterEach, describe, expect, test } from 'vitest'
import { inUnits, partInUnits } from '../../shared/in-units.ts'
import {
  isRightToLeft,
  language,
  languageFor,
  languageOf,
  numberFormat,
  speak,
} from '../../shared/words/language.ts'
import { say } from '../../shared/words/say.ts'

afterEach(() => speak({ tag: 'en', locale: 'en' }))

describe('the language', () => {
  test.each([
    [['de-AT', 'en'], { tag: 'de', locale: 'de-AT' }],
    [['fr-FR', 'ar-EG', 'de'], { tag: 'ar', locale: 'ar-EG' }],
    [['EN-gb'], { tag: 'en', locale: 'EN-gb' }],
    [['fr', 'ja'], { tag: 'en', locale: 'en' }],
    [[], { tag: 'en', locale: 'en' }],
    [['', 'de-', 'x'.repeat(10_000), 'de_DE', 'ar'], { tag: 'ar', locale: 'ar' }],
    [['deu', 'denmark'], { tag: 'en', locale: 'en' }],
  ])('for %j is known', (wanted, found) => expect(languageFor(wanted)).toEqual(found))

  test.each([
    // As it is written where the person lives, if the system knows that.
    ['de', ['de-AT', 'en'], { tag: 'de', locale: 'de-AT' }],
    ['de', ['en-GB', 'de-CH', 'de-AT'], { tag: 'de', locale: 'de-CH' }],
    ['ar', ['de-AT', 'en'], { tag: 'ar', locale: 'ar' }],
    ['ar', [], { tag: 'ar', locale: 'ar' }],
    ['en', ['de-AT'], { tag: 'en', locale: 'en' }],
    ['en', ['fr', 'en-IN'], { tag: 'en', locale: 'en-IN' }],
    ['system', ['fr', 'de-AT', 'en'], { tag: 'de', locale: 'de-AT' }],
    ['system', ['fr'], { tag: 'en', locale: 'en' }],
  ] as const)('that is chosen, %s, where the system speaks %j', (choice, system, spoken) =>
    expect(languageOf(choice, system)).toEqual(spoken),
  )

  test('is English until another one is spoken, and has its direction', () => {
    expect(language()).toEqual({ tag: 'en', locale: 'en' })
    expect(isRightToLeft()).toBe(false)
    speak({ tag: 'ar', locale: 'ar' })
    expect(isRightToLeft()).toBe(true)
  })

  test('is what is said, from the next sentence on', () => {
    expect(say('offer.declined')).toBe('The contact declined the file.')
    speak({ tag: 'de', locale: 'de' })
    expect(say('offer.declined')).toBe('Der Kontakt hat die Datei abgelehnt.')
    speak({ tag: 'ar', locale: 'ar' })
    expect(say('peer.went-offline', { address: 'bob@plumb.test' })).toBe(
      'انقطع \u2068bob@plumb.test\u2069 عن الاتصال: حاول مرة أخرى عند عودته.',
    )
  })

  test('says numbers as they are written where the person lives', () => {
    speak({ tag: 'en', locale: 'en-IN' })
    expect(numberFormat().format(1_234_567.5)).toBe('12,34,567.5')
    speak({ tag: 'ar', locale: 'ar-EG' })
    expect(numberFormat().format(1_234.5)).toBe('١٬٢٣٤٫٥')
    expect(say('quit.transfers-run', { running: 12 })).toBe('هناك ١٢ عملية نقل جارية.')
  })
})

describe('sizes', () => {
  test.each([
    ['en', 1, '1 B'],
    ['en', 999_950, '1000 kB'],
    ['en', 12_800_000_000, '12.8 GB'],
    ['de', 1, '1 Byte'],
    ['de', 1_234, '1,2 kB'],
    ['de', 12_800_000_000, '12,8\u00A0GB'],
    ['ar', 1, 'بايت واحد'],
    ['ar', 2, 'بايتان'],
    ['ar', 512, '512 بايتًا'],
    ['ar', 1_234, '1.2 كيلوبايت'],
    ['ar', 12_800_000_000, '12.8 غ.ب'],
    ['ar-EG', 12_800_000_000, '١٢٫٨ غ.ب'],
  ])('in %s: %d', (locale, bytes, said) => {
    speak(languageFor([locale]))
    expect(inUnits(bytes)).toBe(said)
  })

  test('have one unit for a part and its whole', () => {
    expect(partInUnits(7_400_000_000, 12_800_000_000)).toBe('7.4 of 12.8 GB')
    speak(languageFor(['de']))
    expect(partInUnits(7_400_000_000, 12_800_000_000)).toBe('7,4 von 12,8\u00A0GB')
    speak(languageFor(['ar']))
    expect(partInUnits(7_400_000_000, 12_800_000_000)).toBe('\u20687.4\u2069 من \u206812.8 غ.ب\u2069')
  })
})
