import type { SearchResult } from '../../shared/model/message.ts'
import { listOf } from './list.ts'
import { say } from './say.ts'

/** How much a search found, for who does not see it. */
export function foundLine(people: number, { messages, transfers }: SearchResult): string {
  const things = [
    ...(people === 0 ? [] : [say('found.people', { count: people })]),
    ...(messages.length === 0 ? [] : [say('found.messages', { count: messages.length })]),
    ...(transfers.length === 0 ? [] : [say('found.files', { count: transfers.length })]),
  ]
  return things.length === 0 ? say('found.nothing') : say('found.all', { things: listOf(things) })
}
