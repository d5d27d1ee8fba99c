import { isRightToLeft, language, numberFormat } from './language.ts'

/**
 * Messages in the part of ICU MessageFormat that the catalogue uses:
 * `{name}` is a text, `{count, number}` a number in the writing of the language,
 * `{count, plural, one {# file} other {# files}}` goes by the plural rules of the language, and `<b>…</b>` is a part that
 * the caller draws. Nothing is quoted: a message contains none of `{ } < # '` in another sense. A test compares it with
 * FormatJS, which reads all of ICU and weighs forty times as much.
 */
export type Piece =
  | string
  | { readonly kind: 'text'; readonly name: string }
  | { readonly kind: 'number'; readonly name: string }
  | { readonly kind: 'plural'; readonly name: string; readonly forms: ReadonlyMap<string, readonly Piece[]> }
  | { readonly kind: 'tag'; readonly name: string; readonly inner: readonly Piece[] }

/** What a message needs, read from its own text by the compiler; `Drawn` is what a tag is drawn as. */
export type ValuesOf<Text extends string, Drawn = never> = Simplify<
  InContent<Text> & { readonly [Tag in TagsOf<Text>]: (inner: readonly (string | Drawn)[]) => Drawn }
>

type Simplify<T> = { [K in keyof T]: T[K] }

/** Up to the next brace that opens; one that closes before it ends a form of a plural. */
type InContent<Text extends string> = Text extends `${infer Before}{${infer Rest}`
  ? Before extends `${string}}${string}`
    ? Text extends `${string}}${infer Forms}`
      ? InForms<Forms>
      : never
    : InArgument<Rest>
  : Text extends `${string}}${infer Forms}`
    ? InForms<Forms>
    : unknown

type InForms<Text extends string> = Text extends `${infer Before}{${infer Form}`
  ? Before extends `${string}}${string}`
    ? Text extends `${string}}${infer Rest}`
      ? InContent<Rest>
      : never
    : InContent<Form>
  : Text extends `${string}}${infer Rest}`
    ? InContent<Rest>
    : unknown

type InArgument<Text extends string> = Text extends `${infer Head}}${infer Rest}`
  ? Head extends `${infer Name}, plural,${string}`
    ? Text extends `${string}, plural,${infer Forms}`
      ? { readonly [N in Name]: number } & InForms<Forms>
      : never
    : Head extends `${infer Name}, number`
      ? { readonly [N in Name]: number } & InContent<Rest>
      : { readonly [N in Head]: string } & InContent<Rest>
  : never

type TagsOf<Text extends string> = Text extends `${string}</${infer Tag}>${infer Rest}`
  ? Tag | TagsOf<Rest>
  : never

const TOKEN =
  /\{(?<text>\w+)\}|\{(?<number>\w+), number\}|\{(?<plural>\w+), plural,|<(?<tag>\w+)>|(?<end>\}|<\/\w+>)|(?<count>#)|[^{}<#]+/y
const FORM = /\s*(?:(?<form>\w+) \{|\})/y

/** Throws an error for what is no message; the tests read all of them. */
export function parseMessage(text: string): readonly Piece[] {
  let at = 0
  const next = (pattern: RegExp): Record<string, string | undefined> & { all: string } => {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match === null) throw new Error(`bug: no message at ${at}: ${text}`)
    at = pattern.lastIndex
    return { ...match.groups, all: match[0] }
  }
  const readForms = (name: string): ReadonlyMap<string, readonly Piece[]> => {
    const forms = new Map<string, readonly Piece[]>()
    for (;;) {
      const { form } = next(FORM)
      if (form === undefined) return forms
      forms.set(form, readPieces(name))
    }
  }
  const readPieces = (counted?: string): readonly Piece[] => {
    const pieces: Piece[] = []
    while (at < text.length) {
      const { all, text: name, number, plural, tag, end, count } = next(TOKEN)
      if (end !== undefined) return pieces
      if (name !== undefined) pieces.push({ kind: 'text', name })
      else if (number !== undefined) pieces.push({ kind: 'number', name: number })
      else if (plural !== undefined) pieces.push({ kind: 'plural', name: plural, forms: readForms(plural) })
      else if (tag !== undefined) pieces.push({ kind: 'tag', name: tag, inner: readPieces(counted) })
      else if (count !== undefined && counted !== undefined) pieces.push({ kind: 'number', name: counted })
      else pieces.push(all)
    }
    return pieces
  }
  return readPieces()
}

/**
 * The message with what belongs into it. Texts become strings, with a direction of their own; anything else that is given
 * for a text, and whatever a tag makes, stays what it is.
 */
export function fill<Drawn>(
  pieces: readonly Piece[],
  values: Readonly<Record<string, unknown>>,
): readonly (string | Drawn)[] {
  return pieces.flatMap(piece => {
    if (typeof piece === 'string') return [piece]
    const value = values[piece.name]
    switch (piece.kind) {
      case 'text':
        return [typeof value === 'string' ? isolated(value) : (value as Drawn)]
      case 'number':
        return [numberFormat().format(value as number)]
      case 'plural':
        return fill<Drawn>(formOf(piece.forms, value as number), values)
      default:
        return [(value as (inner: readonly (string | Drawn)[]) => Drawn)(fill<Drawn>(piece.inner, values))]
    }
  })
}

function formOf(forms: ReadonlyMap<string, readonly Piece[]>, count: number): readonly Piece[] {
  return forms.get(new Intl.PluralRules(language().locale).select(count)) ?? forms.get('other') ?? []
}

const RIGHT_TO_LEFT_LETTER =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u

/**
 * A name or an address inside a sentence of the other direction keeps its own, and the sentence its order: between FIRST
 * STRONG ISOLATE and POP DIRECTIONAL ISOLATE.
 */
export function isolated(text: string): string {
  if (language().isolates === false) return text
  return isRightToLeft() || RIGHT_TO_LEFT_LETTER.test(text) ? `\u2068${text}\u2069` : text
}
