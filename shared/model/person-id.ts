/**
 * Names one person in the eyes of one account of ours: both bare JIDs, ours first, with a space in between, which no
 * JID has. Two accounts may both know somebody, in two conversations.
 */
export type PersonId = `${string}@${string} ${string}@${string}`

/** `name@server name@server`. */
export const PERSON_ID = /^[^@/\s]+@[^@/\s]+ [^@/\s]+@[^@/\s]+$/

export function isPersonId(text: unknown): text is PersonId {
  return typeof text === 'string' && PERSON_ID.test(text)
}

/** Both bare JIDs. */
export function personId(account: string, address: string): PersonId {
  const id: string = `${account} ${address}`
  if (!isPersonId(id)) throw new Error('bug: not two bare JIDs')
  return id
}

/** Our own bare JID, and theirs. */
export function splitPersonId(id: PersonId): { readonly account: string; readonly address: string } {
  const space = id.indexOf(' ')
  return { account: id.slice(0, space), address: id.slice(space + 1) }
}
