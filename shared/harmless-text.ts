/** Controls, and what turns the direction of text around: U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069. */
const HARMFUL = /[\p{Cc}\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF\u2028\u2029]/gu

/** What is seen, and not only changes what stands before it. U+2800 is a sign of braille without a dot. */
const SEEN = /[^\p{Default_Ignorable_Code_Point}\p{M}\p{Z}\u2800]/u

/**
 * One line of somebody else's text as it may be shown: at most `limit` characters, cut with an ellipsis; empty where
 * nothing of it would be seen.
 */
export function harmlessLine(text: string, limit: number): string {
  const line = text.replace(/\s+/gu, ' ').replace(HARMFUL, '').trim()
  if (!SEEN.test(line)) return ''
  return line.length <= limit ? line : `${wholeCharacters(line.slice(0, limit - 1))}…`
}

/** Whether there is nothing in it that is never shown. */
export function isHarmless(text: string): boolean {
  return text.search(HARMFUL) === -1
}

/** The same for a text with lines: those and tabs stay. */
export function harmlessText(text: string): string {
  return text
    .replace(/\r\n?|\u2028|\u2029/gu, '\n')
    .replace(HARMFUL, character => (/[\n\t]/.test(character) ? character : ''))
}

/** Without the half of a surrogate pair at the cut. */
function wholeCharacters(text: string): string {
  return text.replace(/[\uD800-\uDBFF]$/u, '')
}
