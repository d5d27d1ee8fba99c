/** Text as it is searched: without case, accents and the other ways to write the same letter. */
export function fold(text: string): string {
  return text.normalize('NFKD').toLowerCase().replace(/\p{M}/gu, '')
}

/** Of one search; what is beyond is not looked for. */
const MAX_WORDS = 8
const MAX_WORD_LENGTH = 100

/** The words of what somebody looks for, folded. None for blanks alone. */
export function foldedWords(text: string): readonly string[] {
  const words = fold(text.slice(0, MAX_WORDS * MAX_WORD_LENGTH))
    .split(/\s+/u)
    .filter(word => word !== '')
    .map(word => word.slice(0, MAX_WORD_LENGTH))
  return [...new Set(words)].slice(0, MAX_WORDS)
}
