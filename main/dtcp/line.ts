/** The longest line that is read (S1), without its LF: `ok:` or `key:` and a key, with room to spare. */
export const MAX_LINE_BYTES = 512

const LF = 0x0a
const CR = 0x0d

/** A command or an answer: `name` or `name:argument` (S1). */
export interface Line {
  readonly name: string
  readonly argument: string | undefined
}

export type LineRead =
  | { readonly kind: 'line'; readonly line: Line; readonly rest: Uint8Array }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'too-long' }

/**
 * Takes the first line off `bytes` (S1: ended by LF, CRLF is tolerated). `rest` is what stands behind its
 * LF, untouched: whoever reads on decides whether that is another line or belongs to the next layer (S5).
 */
export function readLine(bytes: Uint8Array): LineRead {
  const end = bytes.subarray(0, MAX_LINE_BYTES + 1).indexOf(LF)
  if (end < 0) return bytes.length > MAX_LINE_BYTES ? { kind: 'too-long' } : { kind: 'incomplete' }
  const content = bytes.subarray(0, bytes[end - 1] === CR ? end - 1 : end)
  // Latin-1, byte by byte: whatever is not ASCII stays distinct and matches no command and no key.
  const text = String.fromCharCode(...content)
  const colon = text.indexOf(':')
  const line =
    colon < 0
      ? { name: text, argument: undefined }
      : { name: text.slice(0, colon), argument: text.slice(colon + 1) }
  return { kind: 'line', line, rest: bytes.subarray(end + 1) }
}

/** The two byte strings as one, without a copy where one of them is empty. */
export function concatBytes(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second
  if (second.length === 0) return first
  const joined = new Uint8Array(first.length + second.length)
  joined.set(first)
  joined.set(second, first.length)
  return joined
}
