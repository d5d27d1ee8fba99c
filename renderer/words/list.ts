import { language } from '../../shared/words/language.ts'
import { isolated } from '../../shared/words/message.ts'

/** “Laptop, Phone and Tablet”: names in a sentence, each of which keeps its own direction. */
export function listOf(names: readonly string[]): string {
  return new Intl.ListFormat(language().locale, { type: 'conjunction' }).format(names.map(isolated))
}
