/** A whole number as somebody types it, in the digits of Europe, of Arabic, or of Persian and Urdu; NaN for all else. */
export function wholeNumber(text: string): number {
  // Both rows of digits begin at a multiple of sixteen.
  const digits = text.trim().replace(/[٠-٩۰-۹]/g, digit => String(digit.charCodeAt(0) % 16))
  return /^\d+$/.test(digits) ? Number(digits) : Number.NaN
}
