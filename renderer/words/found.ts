import type { SearchResult } from '../../shared/model/message.ts'
import { counted } from './time.ts'

/** How much a search found, for who does not see it. */
export function foundLine(people: number, { messages, transfers }: SearchResult): string {
  const parts = [
    ...(people === 0 ? [] : [people === 1 ? '1 person' : `${counted(people)} people`]),
    ...(messages.length === 0 ? [] : [messages.length === 1 ? '1 message' : `${messages.length} messages`]),
    ...(transfers.length === 0 ? [] : [transfers.length === 1 ? '1 file' : `${transfers.length} files`]),
  ]
  if (parts.length === 0) return 'Nothing was found.'
  return `Found: ${new Intl.ListFormat('en', { type: 'conjunction' }).format(parts)}.`
}
