import { type Piece, withLinks } from './links.ts'

/* What a message looks like (XEP-0393): from plain text, never from markup. All pieces together are the text again. */

/** What stands in a line. */
export type Span =
  | Piece
  /** A styling directive. It stays in sight: there is no other way to write one that was not meant. */
  | { readonly kind: 'mark'; readonly text: string }
  /** What is drawn as a shape instead: what begins a quoted line, and the fences of preformatted text. */
  | { readonly kind: 'shape'; readonly text: string }
  /** With its directives, which are the first and the last of it. */
  | { readonly kind: StyledKind; readonly spans: readonly Span[] }

export type StyledKind = 'strong' | 'emphasis' | 'strike' | 'code'

export type Block =
  /** Lines beside each other, each with its end. No span is in more than one. */
  | { readonly kind: 'lines'; readonly spans: readonly Span[] }
  | {
      readonly kind: 'preformatted'
      /** What its text is written in, in a word that somebody typed; empty where none was. */
      readonly language: string
      /** The line that opens it, the text, and the line that closes it, if there is one. */
      readonly opening: readonly Span[]
      readonly spans: readonly Span[]
      readonly closing: readonly Span[]
    }
  | { readonly kind: 'quote'; readonly blocks: readonly Block[] }

interface Line {
  /** What makes it a quoted one. */
  readonly prefix: string
  readonly text: string
  /** A line feed, except for the last one. */
  readonly end: string
}

/** Quotations inside of each other; deeper ones are text. */
const MAX_DEPTH = 8
const FENCE = '```'
const LANGUAGE = /^(\s*)([\p{L}\p{N}][\p{L}\p{N}+#._-]{0,23})(\s*)$/u
const SPACE = /\p{White_Space}/u
/** Neither a directive nor an address is in most lines. */
const PLAIN = /^[^*_~`:]*$/

const KINDS: ReadonlyMap<string, StyledKind> = new Map([
  ['*', 'strong'],
  ['_', 'emphasis'],
  ['~', 'strike'],
  ['`', 'code'],
])

/** Reads a whole message. Takes time in proportion to its length, whatever is in it. */
export function styled(text: string): readonly Block[] {
  const lines = text.split('\n')
  const last = lines.length - 1
  return blocksOf(
    lines.map((line, index) => ({ prefix: '', text: line, end: index < last ? '\n' : '' })),
    0,
  )
}

/** The same of one whose sender wants no styling: links alone. */
export function unstyled(text: string): readonly Block[] {
  return [{ kind: 'lines', spans: withLinks(text) }]
}

function blocksOf(lines: readonly Line[], depth: number): readonly Block[] {
  const blocks: Block[] = []
  for (let at = 0; at < lines.length; ) {
    const kind = kindOf(lines[at], depth)
    const end = endOf(kind, lines, at, depth)
    blocks.push(blockOf(kind, lines.slice(at, end), depth))
    at = end
  }
  return blocks
}

function kindOf(line: Line | undefined, depth: number): Block['kind'] {
  if (line?.text.startsWith(FENCE)) return 'preformatted'
  return line?.text.startsWith('>') && depth < MAX_DEPTH ? 'quote' : 'lines'
}

/** The line after the block that begins at `at`. */
function endOf(kind: Block['kind'], lines: readonly Line[], at: number, depth: number): number {
  let end = at + 1
  if (kind !== 'preformatted') {
    while (end < lines.length && kindOf(lines[end], depth) === kind) end += 1
    return end
  }
  while (end < lines.length && lines[end]?.text !== FENCE) end += 1
  // Without the line that closes it, it goes on to the end of what it is in.
  return Math.min(end + 1, lines.length)
}

function blockOf(kind: Block['kind'], lines: readonly Line[], depth: number): Block {
  switch (kind) {
    case 'quote':
      return { kind, blocks: blocksOf(lines.map(unquoted), depth + 1) }
    case 'preformatted':
      return preformatted(lines)
    case 'lines':
      return { kind, spans: spansOfLines(lines, spansOf) }
  }
}

/** One leading space belongs to the quotation. */
function unquoted({ prefix, text, end }: Line): Line {
  const from = SPACE.test(text.charAt(1)) ? 2 : 1
  return { prefix: prefix + text.slice(0, from), text: text.slice(from), end }
}

function preformatted(lines: readonly Line[]): Block {
  const [first, ...rest] = lines
  const { prefix = '', text = '', end = '' } = first ?? {}
  const closing = rest.at(-1)?.text === FENCE ? rest.splice(-1) : []
  const fence = prefix + FENCE
  const said = text.slice(FENCE.length)
  const [, before = '', language = '', after = ''] = LANGUAGE.exec(said) ?? []
  // What is more than the name of a language is text that somebody put there: it stays in sight.
  const isText = language === '' && said.trim() !== ''
  return {
    kind: 'preformatted',
    language,
    opening:
      language === ''
        ? [{ kind: 'shape', text: isText ? fence : fence + said + end }]
        : [
            { kind: 'shape', text: fence + before },
            { kind: 'text', text: language },
            { kind: 'shape', text: after + end },
          ],
    spans: spansOfLines(isText ? [{ prefix: '', text: said, end }, ...rest] : rest, text => [
      { kind: 'text', text },
    ]),
    closing: closing.map(line => ({ kind: 'shape', text: line.prefix + line.text + line.end })),
  }
}

function spansOfLines(lines: readonly Line[], read: (text: string) => readonly Span[]): readonly Span[] {
  const spans: Span[] = []
  for (const { prefix, text, end } of lines) {
    if (prefix !== '') spans.push({ kind: 'shape', text: prefix })
    for (const span of read(text)) add(spans, span)
    add(spans, { kind: 'text', text: end })
  }
  return spans
}

/** Text beside text is one. */
function add(spans: Span[], span: Span): void {
  const last = spans.at(-1)
  if (span.kind !== 'text') spans.push(span)
  else if (last?.kind === 'text') spans[spans.length - 1] = { kind: 'text', text: last.text + span.text }
  else if (span.text !== '') spans.push(span)
}

/** Of one line. From left to right: the first directive that opens ends at the first one that closes. */
function spansOf(line: string): readonly Span[] {
  if (PLAIN.test(line)) return [{ kind: 'text', text: line }]
  const pieces = withLinks(line)
  const { all: directives, closers } = directivesIn(line, pieces)
  if (directives.length === 0) return pieces
  const links = linksIn(pieces)
  // Nothing is looked at twice: both only ever go forward.
  let nextDirective = 0
  let nextLink = 0

  /** Where the span ends that the directive at `at` opens, if it does. */
  const closeOf = (at: number, from: number, end: number): number | undefined => {
    const isFirst = at === from || SPACE.test(line.charAt(at - 1))
    const next = line.charAt(at + 1)
    // A span has something in it.
    if (!isFirst || next === '' || next === line[at] || SPACE.test(next)) return undefined
    const ahead = closers.get(line.charAt(at))
    while (ahead !== undefined && (ahead.at(-1) ?? end) <= at) ahead.pop()
    const close = ahead?.at(-1)
    return close !== undefined && close < end ? close : undefined
  }

  const addText = (spans: Span[], from: number, to: number, linked: boolean): void => {
    let at = from
    for (let link = links[nextLink]; link !== undefined && link.at < to; link = links[nextLink]) {
      nextLink += 1
      if (!linked) continue
      add(spans, { kind: 'text', text: line.slice(at, link.at) })
      add(spans, link.piece)
      at = link.at + link.piece.text.length
    }
    add(spans, { kind: 'text', text: line.slice(at, to) })
  }

  const read = (from: number, end: number): readonly Span[] => {
    const spans: Span[] = []
    let plain = from
    for (let at = directives[nextDirective]; at !== undefined && at < end; at = directives[nextDirective]) {
      nextDirective += 1
      const close = closeOf(at, from, end)
      const sign = line.charAt(at)
      const kind = KINDS.get(sign)
      if (close === undefined || kind === undefined) continue
      addText(spans, plain, at, true)
      const mark: Span = { kind: 'mark', text: sign }
      const inside: Span[] = [mark]
      if (kind === 'code') addText(inside, at + 1, close, false)
      else for (const span of read(at + 1, close)) inside.push(span)
      spans.push({ kind, spans: [...inside, mark] })
      while ((directives[nextDirective] ?? end) <= close) nextDirective += 1
      plain = close + 1
    }
    addText(spans, plain, end, true)
    return spans
  }
  return read(0, line.length)
}

interface Directives {
  /** Where one may be. */
  readonly all: readonly number[]
  /** Where a span of a sign may end, the first one last, to be taken off. */
  readonly closers: ReadonlyMap<string, number[]>
}

/** From the end. Those in an address belong to it: cut off there, it would lead elsewhere. */
function directivesIn(line: string, pieces: readonly Piece[]): Directives {
  const all: number[] = []
  const closers = new Map<string, number[]>([...KINDS.keys()].map(sign => [sign, []]))
  let start = line.length
  for (const { kind, text } of pieces.toReversed()) {
    start -= text.length
    for (let at = start + text.length - 1; kind === 'text' && at >= start; at -= 1) {
      const ends = closers.get(line.charAt(at))
      if (ends === undefined) continue
      all.push(at)
      if (at > 0 && !SPACE.test(line.charAt(at - 1))) ends.push(at)
    }
  }
  return { all: all.reverse(), closers }
}

interface PlacedLink {
  readonly at: number
  readonly piece: Piece
}

function linksIn(pieces: readonly Piece[]): readonly PlacedLink[] {
  const links: PlacedLink[] = []
  let start = 0
  for (const piece of pieces) {
    if (piece.kind === 'link') links.push({ at: start, piece })
    start += piece.text.length
  }
  return links
}
