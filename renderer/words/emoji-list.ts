import { fold, foldedWords } from '../../shared/fold.ts'
import { type LanguageTag, language } from '../../shared/words/language.ts'

/** Kept by hand: all of them with their names would be as much as the rest of the window. */
export type EmojiGroupName = 'smileys' | 'people' | 'signs' | 'nature' | 'things'

/** The same emoji in every language: one a line, with the name that Unicode's own data (CLDR) has for it. */
export type EmojiLines = Readonly<Record<EmojiGroupName, string>>

export interface EmojiGroup {
  readonly name: EmojiGroupName
  readonly emoji: readonly NamedEmoji[]
}

export interface NamedEmoji {
  readonly emoji: string
  readonly name: string
}

/** Apart: only that of one language is read, and only by who looks for emoji. */
const LINES: Readonly<Record<LanguageTag, () => Promise<EmojiLines>>> = {
  en: async () => (await import('./emoji-list/en.ts')).emojiLines,
  de: async () => (await import('./emoji-list/de.ts')).emojiLines,
  ar: async () => (await import('./emoji-list/ar.ts')).emojiLines,
}

const lists = new Map<LanguageTag, Promise<readonly EmojiGroup[]>>()

/** All emoji that are listed, in the current language; the same promise each time. */
export function emojiGroups(): Promise<readonly EmojiGroup[]> {
  const { tag } = language()
  const list = lists.get(tag) ?? LINES[tag]().then(groupsOf)
  lists.set(tag, list)
  return list
}

function groupsOf(lines: EmojiLines): readonly EmojiGroup[] {
  const names = Object.keys(lines) as EmojiGroupName[]
  return names.map(name => ({
    name,
    emoji: lines[name].split('\n').map(line => {
      const space = line.indexOf(' ')
      return { emoji: line.slice(0, space), name: line.slice(space + 1) }
    }),
  }))
}

/** Those whose names have each word of what was typed, in their order. */
export function findEmoji(groups: readonly EmojiGroup[], typed: string): readonly NamedEmoji[] {
  const words = foldedWords(typed)
  return groups
    .flatMap(({ emoji }) => emoji)
    .filter(({ name }) => {
      const folded = fold(name)
      return words.every(word => folded.includes(word))
    })
}
