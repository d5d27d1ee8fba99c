import { type LanguageTag, language } from './language.ts'
import { fill, type Piece, parseMessage, type ValuesOf } from './message.ts'

/** The source: keys and English messages, `as const`. */
export type Words = Readonly<Record<string, string>>

/** The same keys in another language. */
export type Translation<W extends Words> = { readonly [Key in keyof W]: string }

export type Translations<W extends Words> = { readonly en: W } & {
  readonly [Tag in Exclude<LanguageTag, 'en'>]: Translation<W>
}

/** Keys of messages without values. */
export type PlainKey<W extends Words> = {
  [Key in keyof W]: keyof ValuesOf<W[Key]> extends never ? Key : never
}[keyof W]

/** Says a message of the catalogue in the current language. The values are those that its English text names. */
export type Say<W extends Words> = <Key extends keyof W & string>(
  key: Key,
  ...values: keyof ValuesOf<W[Key]> extends never ? [] : [ValuesOf<W[Key]>]
) => string

export function makeSay<W extends Words>(translations: Translations<W>): Say<W> {
  // Read when first said: a program says few of its messages.
  const known = new Map<string, readonly Piece[]>()
  return (key, ...[values]) => {
    const text = (translations[language().tag] as Words)[key] ?? ''
    let pieces = known.get(text)
    if (pieces === undefined) {
      pieces = parseMessage(text)
      known.set(text, pieces)
    }
    return fill<string>(pieces, values ?? {}).join('')
  }
}
