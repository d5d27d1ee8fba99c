import { globSync, readFileSync } from 'node:fs'
import IntlMessageFormat from 'intl-messageformat'
import { afterEach, describe, expect, test } from 'vitest'
import { mainWords as ar } from '../../shared/words/ar/main.ts'
import { sizeWords as arSizes } from '../../shared/words/ar/sizes.ts'
import { windowWords as arWindow } from '../../shared/words/ar/window.ts'
import { mainWords as de } from '../../shared/words/de/main.ts'
import { sizeWords as deSizes } from '../../shared/words/de/sizes.ts'
import { windowWords as deWindow } from '../../shared/words/de/window.ts'
import { mainWords as en } from '../../shared/words/en/main.ts'
import { sizeWords as enSizes } from '../../shared/words/en/sizes.ts'
import { windowWords as enWindow } from '../../shared/words/en/window.ts'
import { LANGUAGE_TAGS, type LanguageTag, speak } from '../../shared/words/language.ts'
import { fill, type Piece, parseMessage } from '../../shared/words/message.ts'
import { literalsOf } from './literals.ts'

const CATALOGUE: Readonly<Record<LanguageTag, Readonly<Record<string, string>>>> = {
  en: { ...en, ...enSizes, ...enWindow },
  de: { ...de, ...deSizes, ...deWindow },
  ar: { ...ar, ...arSizes, ...arWindow },
}

/** 103 and 111 have forms of their own in Arabic. */
const COUNTS = [0, 1, 2, 3, 10, 11, 99, 100, 101, 102, 103, 111, 1_000, 65_534, 1_000_000]

const MESSAGES = LANGUAGE_TAGS.flatMap(tag =>
  Object.entries(CATALOGUE[tag]).map(([key, text]) => ({ tag, key, text })),
)

afterEach(() => speak({ tag: 'en', locale: 'en' }))

/** Names of values with their kind: a translation may count where the source only writes a number. */
function needsOf(pieces: readonly Piece[]): ReadonlySet<string> {
  return new Set(
    pieces.flatMap(piece => {
      if (typeof piece === 'string') return []
      const { kind, name } = piece
      if (kind === 'text') return [`text ${name}`]
      if (kind === 'number') return [`number ${name}`]
      if (kind === 'tag') return [`tag ${name}`, ...needsOf(piece.inner)]
      return [`number ${name}`, ...[...piece.forms.values()].flatMap(form => [...needsOf(form)])]
    }),
  )
}

function pluralsOf(pieces: readonly Piece[]): readonly (readonly string[])[] {
  return pieces.flatMap(piece => {
    if (typeof piece === 'string') return []
    if (piece.kind === 'tag') return pluralsOf(piece.inner)
    if (piece.kind !== 'plural') return []
    return [[...piece.forms.keys()], ...[...piece.forms.values()].flatMap(form => [...pluralsOf(form)])]
  })
}

describe('the catalogue', () => {
  test.each(['de', 'ar'] as const)('has every message in %s, and no other', tag => {
    expect(Object.keys(CATALOGUE[tag])).toEqual(Object.keys(CATALOGUE.en))
  })

  test('says each with the same values and parts to draw', () => {
    for (const { tag, key, text } of MESSAGES) {
      const source = CATALOGUE.en[key] ?? ''
      expect([tag, key, needsOf(parseMessage(text))]).toEqual([tag, key, needsOf(parseMessage(source))])
    }
  })

  test('has all the plural forms of the language', () => {
    let plurals = 0
    for (const { tag, key, text } of MESSAGES) {
      const { pluralCategories } = new Intl.PluralRules(tag).resolvedOptions()
      for (const forms of pluralsOf(parseMessage(text))) {
        plurals += 1
        expect([tag, key, forms.toSorted()]).toEqual([tag, key, pluralCategories.toSorted()])
      }
    }
    expect(plurals).toBeGreaterThan(10)
  })

  test('is read as FormatJS reads it', () => {
    for (const { tag, key, text } of MESSAGES) {
      speak({ tag, locale: tag, isolates: false })
      const pieces = parseMessage(text)
      const needs = [...needsOf(pieces)].map(need => need.split(' ') as [string, string])
      for (const count of needs.some(([kind]) => kind === 'number') ? COUNTS : [0]) {
        const values = Object.fromEntries(
          needs.map(([kind, name]) => [
            name,
            kind === 'number'
              ? count
              : kind === 'text'
                ? `«${name}»`
                : (inner: unknown[]) => `[${inner.join('')}]`,
          ]),
        )
        const theirs = new IntlMessageFormat(text, tag).format<string>(values)
        expect([tag, key, count, fill(pieces, values).join('')]).toEqual([tag, key, count, theirs])
      }
    }
  })

  test('ends a sentence where the source does, and asks where it asks', () => {
    const endOf = (text: string): string =>
      /[.:…?؟]?$/.exec(text.replace(/\}+$/, ''))?.[0].replace('؟', '?') ?? ''
    for (const { tag, key, text } of MESSAGES) {
      // Words of a menu may have a space before the ellipsis.
      expect([tag, key, endOf(text)]).toEqual([tag, key, endOf(CATALOGUE.en[key] ?? '')])
    }
  })

  test.each([
    ['en', /["'„«»]|\.\.\.|!/],
    ['de', /["'”«»]|\.\.\.|!|(^|[^„“])“[^,. )–:?]|\bSie\b|\bIhre?\b/],
    ['ar', /["'“”„,;?!]|\.\.\./],
  ] as const)('writes %s with its own signs', (tag, foreign) => {
    for (const [key, text] of Object.entries(CATALOGUE[tag])) {
      // What the format itself is made of is no text.
      const words = text.replace(/\{\w+, (number\}|plural,)/g, '')
      expect([key, words]).toEqual([key, expect.not.stringMatching(foreign)])
    }
  })

  test('has nothing that nobody says', () => {
    const said = new Set(
      globSync(['main/**/*.ts', 'shared/**/*.ts', 'renderer/**/*.{ts,tsx}'], {
        exclude: ['shared/words/*/**'],
      })
        .flatMap(path => literalsOf(readFileSync(path, 'utf8'), path))
        .map(({ text }) => text),
    )
    const groups = new Set(
      [...said].filter(text => /^[a-z-]+\.\$$/.test(text)).map(text => text.slice(0, -1)),
    )
    const unsaid = Object.keys(CATALOGUE.en).filter(
      key => !said.has(key) && ![...groups].some(group => key.startsWith(group)),
    )
    expect(unsaid).toEqual([])
  })
})
