import { afterEach, describe, expect, expectTypeOf, test } from 'vitest'
import { type Language, speak } from '../../shared/words/language.ts'
import { fill, parseMessage, type ValuesOf } from '../../shared/words/message.ts'

const ENGLISH: Language = { tag: 'en', locale: 'en' }
const ARABIC: Language = { tag: 'ar', locale: 'ar' }

afterEach(() => speak(ENGLISH))

const filled = (text: string, values: Record<string, unknown> = {}): string =>
  fill<string>(parseMessage(text), values).join('')

const FILES = '{count, plural, one {# file of {name}} other {# files of {name}}}: done'
const SIX = '{n, plural, zero {Z} one {O} two {T} few {F#} many {M#} other {X#}}'

describe('a message', () => {
  test.each([
    ['Nothing to fill.', {}, 'Nothing to fill.'],
    ['', {}, ''],
    ['{name} is here', { name: 'film.mkv' }, 'film.mkv is here'],
    ['{a}{b}', { a: '1', b: '2' }, '12'],
    ['{bytes, number} bytes', { bytes: 1_234_567 }, '1,234,567 bytes'],
    [FILES, { count: 1, name: 'Ann' }, '1 file of Ann: done'],
    [FILES, { count: 0, name: 'Ann' }, '0 files of Ann: done'],
    [FILES, { count: 1_500, name: 'Ann' }, '1,500 files of Ann: done'],
    ['{a, plural, one {{b, plural, one {x} other {y}}} other {z}}', { a: 1, b: 2 }, 'y'],
    ['Room #7', {}, 'Room #7'],
  ])('%s with %o', (text, values, said) => expect(filled(text, values)).toBe(said))

  test.each([
    [0, 'Z'],
    [1, 'O'],
    [2, 'T'],
    [3, 'F3'],
    [11, 'M11'],
    [100, 'X100'],
    [103, 'F103'],
  ])('counts %d in Arabic', (n, said) => {
    speak(ARABIC)
    expect(filled(SIX, { n })).toBe(said)
  })

  test.each(['{', '{name', '{n, plural, one {a}', '{n, ordinal, one {a}}', 'a {b c}', 'a < b'])(
    'is not “%s”',
    text => expect(() => parseMessage(text)).toThrow(/^bug: /),
  )

  test('takes a value for what it is, and not for a message', () => {
    expect(filled('{name} is here', { name: '{name} <b>#</b>' })).toBe('{name} <b>#</b> is here')
  })

  test('hands parts that are drawn to whoever draws them, with what is in them', () => {
    const drawn = fill<{ bold: readonly unknown[] } | { link: true }>(
      parseMessage('<b>{who}</b> sends {what} to {where}'),
      { who: 'Ann', what: 'film.mkv', where: { link: true }, b: (bold: readonly unknown[]) => ({ bold }) },
    )
    expect(drawn).toEqual([{ bold: ['Ann'] }, ' sends ', 'film.mkv', ' to ', { link: true }])
  })
})

describe('a name in a sentence', () => {
  test('of the other direction keeps its own', () => {
    expect(filled('{name} is here', { name: 'صورة.png' })).toBe('\u2068صورة.png\u2069 is here')
    speak(ARABIC)
    expect(filled('{name} هنا', { name: 'film.mkv' })).toBe('\u2068film.mkv\u2069 هنا')
  })

  test('has no marks around it where nothing would obey them', () => {
    speak({ ...ENGLISH, isolates: false })
    expect(filled('{name} is here', { name: 'صورة.png' })).toBe('صورة.png is here')
  })
})

test('the compiler reads what a message needs', () => {
  expectTypeOf<keyof ValuesOf<'Nothing.'>>().toEqualTypeOf<never>()
  expectTypeOf<ValuesOf<'{a} and {b, number}'>>().toEqualTypeOf<{ readonly a: string; readonly b: number }>()
  expectTypeOf<ValuesOf<typeof FILES>>().toEqualTypeOf<{ readonly count: number; readonly name: string }>()
  expectTypeOf<
    ValuesOf<'{n, plural, one {} other {<i>{a}</i> {m, plural, other {{b}}}}} {c}'>
  >().toEqualTypeOf<{
    readonly n: number
    readonly a: string
    readonly m: number
    readonly b: string
    readonly c: string
    readonly i: (inner: readonly string[]) => never
  }>()
})
