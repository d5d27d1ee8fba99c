/** Shortest and longest key taken from a peer (guide: printable ASCII without spaces, 1 to 256 long). */
const PRINTABLE_KEY = /^[\x21-\x7e]{1,256}$/

/**
 * Whether a key that a peer chose may be used. It is written into a line that we send to a host that the
 * peer chose too, so a space or a line break in it would let the peer speak any line protocol through us.
 */
export function isAcceptableKey(key: string): boolean {
  return PRINTABLE_KEY.test(key)
}

/** Compares without stopping at the first difference, so that answer times tell nothing about the key. */
export function equalInConstantTime(a: string, b: string): boolean {
  let difference = a.length ^ b.length
  for (let index = 0; index < a.length; index++) {
    difference |= a.charCodeAt(index) ^ b.charCodeAt(index % Math.max(b.length, 1))
  }
  return difference === 0
}
