/** Closes a union: what does not compile is a case that was forgotten, what throws is a bug of ours. */
export function assertNever(value: never): never {
  throw new Error(`bug: unexpected ${JSON.stringify(value)}`)
}
