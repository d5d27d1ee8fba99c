import { fill, type Piece, parseMessage, type ValuesOf } from './message.ts'

/** Keys and messages; the English ones, `as const`, are the source. */
export type Words = Readonly<Record<string, string>>

/** The same keys in another language. */
export type Translation<W extends Words> = { readonly [Key in keyof W]: string }

/** Keys of messages without values. */
export type PlainKey<W extends Words> = {
  [Key in keyof W]: keyof ValuesOf<W[Key]> extends never ? Key : never
}[keyof W]

/** Says a message of the catalogue in the current language. The values are those that its English text names. */
export type Say<W extends Words> = <Key extends keyof W & string>(
  key: Key,
  ...values: keyof ValuesOf<W[Key]> extends never ? [] : [ValuesOf<W[Key]>]
) => string

/** `words`: those of the current language. */
export function makeSay<W extends Words>(words: () => Translation<W>): Say<W> {
  return (key, ...[values]) => fill<string>(piecesOf(words()[key]), values ?? {}).join('')
}

// Read when first said: a program says few of its messages.
const known = new Map<string, readonly Piece[]>()

/** A message of the catalogue, in pieces. */
export function piecesOf(text: string): readonly Piece[] {
  let pieces = known.get(text)
  if (pieces === undefined) {
    pieces = parseMessage(text)
    known.set(text, pieces)
  }
  return pieces
}
