import { withLinks } from './links.ts'

/** Lines that a message may have before it is folded, those it has then, and the characters of one. */
const MAX_LINES = 40
const FOLDED_LINES = 30
const LINE_LENGTH = 80

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** The beginning of a message that is too long to be shown whole; undefined for one that is not. */
export function foldedText(text: string): string | undefined {
  let lines = 0
  let folded: string | undefined
  for (let at = 0; at <= text.length; ) {
    const feed = text.indexOf('\n', at)
    const end = feed === -1 ? text.length : feed
    const room = FOLDED_LINES - lines
    lines += Math.max(1, Math.ceil((end - at) / LINE_LENGTH))
    if (folded === undefined && lines > FOLDED_LINES) {
      folded = text.slice(0, at) + lineStart(text.slice(at, end), room * LINE_LENGTH)
    }
    if (lines > MAX_LINES) return folded
    at = end + 1
  }
  return undefined
}

/** As much of a line as there is room for, without half an address, word or character. */
function lineStart(line: string, room: number): string {
  let start = 0
  for (const { kind, text } of withLinks(line)) {
    if (start + text.length > room) {
      // A part of an address would lead elsewhere.
      if (kind === 'link') return line.slice(0, start)
      break
    }
    start += text.length
  }
  const space = line.lastIndexOf(' ', room)
  if (space >= Math.max(start, room - LINE_LENGTH)) return line.slice(0, space)
  return line.slice(0, graphemes.segment(line).containing(room)?.index ?? room)
}
