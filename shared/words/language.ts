/** What Plumb speaks. English is the source, and complete by itself. */
export const LANGUAGE_TAGS = ['en', 'de', 'ar'] as const

export type LanguageTag = (typeof LANGUAGE_TAGS)[number]

export interface Language {
  readonly tag: LanguageTag
  /** How numbers, sizes and dates are written: the language where the person lives, such as `de-AT`. */
  readonly locale: string
  /** False for a terminal: it lays nothing out by the marks of direction, and shows them as signs. */
  readonly isolates?: boolean
}

const RIGHT_TO_LEFT: ReadonlySet<LanguageTag> = new Set(['ar'])

// One for the whole thread: a program speaks to one person.
let current: Language = { tag: 'en', locale: 'en' }
const numberFormats = new Map<string, Intl.NumberFormat>()

/** From now on everything is said in this language. Other threads have their own. */
export function speak(language: Language): void {
  current = language
  numberFormats.clear()
}

export function language(): Language {
  return current
}

export function isRightToLeft({ tag }: Language = current): boolean {
  return RIGHT_TO_LEFT.has(tag)
}

/** The first of the wanted languages (BCP 47, best first) that Plumb speaks, and English where it speaks none. */
export function languageFor(wanted: readonly string[]): Language {
  for (const locale of wanted) {
    const [primary] = locale.toLowerCase().split('-')
    const tag = LANGUAGE_TAGS.find(known => known === primary)
    if (tag !== undefined && isLocale(locale)) return { tag, locale }
  }
  return { tag: 'en', locale: 'en' }
}

/** What somebody has chosen; `system`: the first of its languages (BCP 47, best first) that Plumb speaks. */
export type LanguageChoice = 'system' | LanguageTag

export function languageOf(choice: LanguageChoice, system: readonly string[]): Language {
  if (choice === 'system') return languageFor(system)
  // Numbers and dates as they are written where the person lives.
  const { tag, locale } = languageFor(system.filter(each => languageFor([each]).tag === choice))
  return tag === choice ? { tag, locale } : { tag: choice, locale: choice }
}

/** Numbers as they are written in the current language. */
export function numberFormat(options: Intl.NumberFormatOptions = {}): Intl.NumberFormat {
  // One takes longer to make than a thousand numbers to write.
  const key = JSON.stringify(options)
  const format = numberFormats.get(key) ?? new Intl.NumberFormat(current.locale, options)
  numberFormats.set(key, format)
  return format
}

function isLocale(text: string): boolean {
  try {
    return Intl.NumberFormat.supportedLocalesOf(text).length > 0
  } catch {
    return false
  }
}
