import { createElement, Fragment, type ReactNode } from 'react'
import { windowWords as en } from '../../shared/words/en/window.ts'
import { isRightToLeft, type Language, type LanguageTag, speak } from '../../shared/words/language.ts'
import { makeSay, piecesOf, type Translation } from '../../shared/words/make-say.ts'
import { fill, type ValuesOf } from '../../shared/words/message.ts'

type En = typeof en

/** Only one other is needed, and most people need none. */
const OTHERS: Readonly<Record<Exclude<LanguageTag, 'en'>, () => Promise<Translation<En>>>> = {
  de: async () => (await import('../../shared/words/de/window.ts')).windowWords,
  ar: async () => (await import('../../shared/words/ar/window.ts')).windowWords,
}

let words: Translation<En> = en

/**
 * From now on the window speaks this language, and runs in its direction; English, where the words of the other cannot be
 * read, as while an update replaces them. What is drawn already has to be drawn anew.
 */
export async function speakIn(wanted: Language): Promise<void> {
  const read = wanted.tag === 'en' ? en : await OTHERS[wanted.tag]().catch(() => undefined)
  const language: Language = read === undefined ? { tag: 'en', locale: 'en' } : wanted
  const { locale } = language
  words = read ?? en
  speak(language)
  document.documentElement.lang = locale
  document.documentElement.dir = isRightToLeft() ? 'rtl' : 'ltr'
}

/** A text of the window. Only while something is drawn or done: outside of functions, no language is chosen yet. */
export const say = makeSay<En>(() => words)

/** A text of the window in which parts are drawn: `draw('request.asks', { who: inner => <b>{inner}</b>, address })`. */
export function draw<Key extends keyof En>(key: Key, values: ValuesOf<En[Key], ReactNode>): ReactNode {
  return createElement(Fragment, null, ...fill<ReactNode>(piecesOf(words[key]), values))
}
