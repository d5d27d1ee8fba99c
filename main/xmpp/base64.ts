/**
 * The bytes of a text in base64 (RFC 4648 section 4), with line breaks and spaces anywhere, as vCards fold them.
 * Undefined for what is anything else, or more than `maxBytes`.
 */
export function readBase64(text: string, maxBytes: number): Buffer | undefined {
  // Twice as long leaves room for any sensible breaks.
  if (text.length > Math.ceil(maxBytes / 3) * 8) return undefined
  const whole = text.replace(/[ \t\r\n]/g, '')
  const bytes = Buffer.from(whole, 'base64')
  // Node skips what is no base64: only what comes out the same was nothing else.
  return bytes.length <= maxBytes && bytes.toString('base64') === whole ? bytes : undefined
}
