import { fold, foldedWords } from '../../shared/fold.ts'

/** A piece of a line, and whether it is what was looked for. */
export interface ExcerptPiece {
  readonly text: string
  readonly isFound: boolean
}

/** Characters: up to where the beginning is kept, or else before the first word that was found, and in all. */
const NEAR = 40
const BEFORE = 16
const LENGTH = 160

/** The line of a text in which words were found, cut to what is about them. */
export function excerpt(text: string, search: string): readonly ExcerptPiece[] {
  const line = text.replace(/\s+/gu, ' ').trim()
  const ranges = rangesOf(line, foldedWords(search))
  const first = ranges[0]?.[0] ?? 0
  const from = first <= NEAR ? 0 : startOfWord(line, first)
  const to = from + LENGTH >= line.length ? line.length : endOfCharacter(line, from + LENGTH)
  const pieces: ExcerptPiece[] = []
  const add = (start: number, end: number, isFound: boolean): void => {
    if (end > start) pieces.push({ text: line.slice(start, end), isFound })
  }
  let at = from
  for (const [start, end] of ranges) {
    if (start >= to) break
    add(at, start, false)
    at = Math.min(end, to)
    add(start, at, true)
  }
  add(at, to, false)
  return [
    ...(from > 0 ? [{ text: '…', isFound: false }] : []),
    ...pieces,
    ...(to < line.length ? [{ text: '…', isFound: false }] : []),
  ]
}

type Range = readonly [start: number, end: number]

/** Where the words are, in their order and none in another. */
function rangesOf(line: string, words: readonly string[]): readonly Range[] {
  const { folded, starts } = foldedWithPlaces(line)
  const found: Range[] = []
  for (const word of words) {
    for (let at = folded.indexOf(word); at !== -1; at = folded.indexOf(word, at + word.length)) {
      const last = starts[at + word.length - 1] ?? 0
      let next = at + word.length
      // A letter that is two in its plain form is found as a whole.
      while (starts[next] === last) next += 1
      found.push([starts[at] ?? 0, starts[next] ?? line.length])
    }
  }
  const ranges: Range[] = []
  for (const [start, end] of found.toSorted((a, b) => a[0] - b[0])) {
    const last = ranges.at(-1)
    if (last === undefined || start > last[1]) ranges.push([start, end])
    else ranges[ranges.length - 1] = [last[0], Math.max(last[1], end)]
  }
  return ranges
}

/** As it is searched, and for each of its characters where that begins in the line. */
function foldedWithPlaces(line: string): { readonly folded: string; readonly starts: readonly number[] } {
  let folded = ''
  const starts: number[] = []
  let at = 0
  for (const character of line) {
    const changed = fold(character)
    for (let index = 0; index < changed.length; index += 1) starts.push(at)
    folded += changed
    at += character.length
  }
  return { folded, starts }
}

function startOfWord(line: string, before: number): number {
  const space = line.indexOf(' ', before - BEFORE)
  return space !== -1 && space < before ? space + 1 : endOfCharacter(line, before - BEFORE)
}

/** Not through the middle of a character. */
function endOfCharacter(line: string, at: number): number {
  return /[\uDC00-\uDFFF]/.test(line.charAt(at)) ? at + 1 : at
}
