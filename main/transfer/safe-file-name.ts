/**
 * Names that a peer offers, made into names that are safe on Windows, macOS and Linux alike and that look like
 * what they are.
 */

/** What nearly every file system allows, in bytes of UTF-8; never fewer than UTF-16 units, so both hold. */
const MAX_BYTES = 255
/** Room for " (1234)", and for what `partial-file.ts` puts around a name. */
const ROOM_BYTES = 32
/** A longer one is no extension but a sentence with a full stop in it. */
const MAX_EXTENSION_BYTES = 32
const MAX_DECODINGS = 16
const NAMELESS = 'file'
const NAMELESS_INSIDE = '_'

/** Control characters, line separators, and code points that are no characters. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu

/**
 * What has no shape of its own: bidi controls, zero-width characters, fillers, tags, annotation marks, the
 * blank Braille cell. Two exceptions keep names whole that people really write:
 * - the joiners, between letters of scripts that spell with them (a Persian plural needs the non-joiner, many
 *   Indic conjuncts the joiner) and, for the joiner, inside an emoji of several parts. Such a joiner cannot
 *   hide an extension, since it is left only where a letter of that script or an emoji is on both sides.
 * - the variation selector that makes an emoji of a sign.
 * Without them a flag made of tags shows as a black flag, and a Han character in its usual shape.
 */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB\u2800]/gu
const JOINING =
  '\\p{Script=Arabic}\\p{Script=Syriac}\\p{Script=Mongolian}\\p{Script=Nko}\\p{Script=Devanagari}' +
  '\\p{Script=Bengali}\\p{Script=Gurmukhi}\\p{Script=Gujarati}\\p{Script=Oriya}\\p{Script=Tamil}' +
  '\\p{Script=Telugu}\\p{Script=Kannada}\\p{Script=Malayalam}\\p{Script=Sinhala}\\p{Script=Khmer}' +
  '\\p{Script=Myanmar}\\p{Script=Tibetan}'
const JOINABLE = new RegExp(`^(?![\\p{Default_Ignorable_Code_Point}])[${JOINING}]$`, 'u')
const EMOJI = /^[\p{Extended_Pictographic}\p{Emoji_Modifier}]$/u
const EMOJI_BASE = /^[\p{Extended_Pictographic}0-9#*]$/u
const ZWNJ = '\u200C'
const ZWJ = '\u200D'
const EMOJI_SELECTOR = '\uFE0F'

/** Where Cygwin, WSL and Samba keep the characters that Windows forbids: there, U+F05C is a backslash. */
const DISGUISED = /[\uF000-\uF0FF]/g
const FORBIDDEN = /[<>:"|?*]/g
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9¹²³])\s*(?:\.|$)/iu
/** Archives whose last extension alone says too little. */
const DOUBLE_EXTENSION = /\.tar\.[a-z0-9]{1,4}$/i

/**
 * The name to store an offered file under: one path component, never empty, at most 223 bytes of UTF-8, NFC.
 * Safe to apply again: a name that came out goes through unchanged.
 */
export function safeFileName(offered: string): string {
  // The end of a path is what names the file, so that is what is left of an absurdly long one.
  return settled(offered.slice(-4096), saferName) ?? NAMELESS
}

/**
 * The name to store one component of an offered folder's tree under, with the same promises, but up to 255 bytes:
 * nothing is put around it. A leading dot stays, since ".git" is what makes a folder a repository. Separators,
 * plain or encoded, become underscores instead of taking away what is before them: two names that end alike would
 * become one.
 */
export function safeComponent(offered: string): string {
  return settled(offered.slice(-4096), saferComponent) ?? NAMELESS_INSIDE
}

function settled(offered: string, safer: (name: string) => string): string | undefined {
  let name = offered
  // One step may uncover work for another (a stripped character may bring "%2" and "f" together), so this runs
  // until nothing changes; that also makes it safe to apply twice. Every step shortens or settles the name.
  for (let turn = 0; turn < 64; turn += 1) {
    const next = safer(name)
    if (next === name) return name
    name = next
  }
  return undefined
}

function saferName(name: string): string {
  const base = portable(baseName(visible(name).normalize('NFC')))
    // A hidden file arrives unseen, and ".bashrc" or ".htaccess" are obeyed by their names. A name is not worth it.
    .replace(/^\.+\s*/, '_')
  if (base === '') return NAMELESS
  return cutName(noDevice(base), MAX_BYTES - ROOM_BYTES)
}

function saferComponent(name: string): string {
  const base = portable(withoutEncoded(visible(name).normalize('NFC')).replace(/[/\\]/g, '_'))
  return base === '' ? NAMELESS_INSIDE : cutName(noDevice(base), MAX_BYTES)
}

function visible(text: string): string {
  return withoutInvisible(text.toWellFormed().replace(CONTROLS, ''))
}

function portable(name: string): string {
  return (
    name
      .replace(DISGUISED, '_')
      .replace(FORBIDDEN, '_')
      // A row of spaces pushes the true extension out of sight.
      .replace(/\s{4,}/g, ' ')
      .trim()
      // Windows drops trailing dots and spaces, and then it is another file.
      .replace(/[.\s]+$/, '')
  )
}

function noDevice(name: string): string {
  return DEVICE.test(name) ? `_${name}` : name
}

/**
 * What follows the last separator of either kind, plain or percent-encoded in any depth. Decoding is only to
 * find separators: where there are none, "100% sure.txt" and "a%20b.txt" stay as they are; where there is one,
 * the whole name was encoded, and its end is taken decoded.
 */
function baseName(name: string): string {
  let decoded = name
  for (let depth = 0; ; depth += 1) {
    const next = visible(decodeOnce(decoded))
    if (next === decoded) break
    // Nobody innocent encodes so often: what cannot be decoded any more cannot be a separator either.
    if (depth === MAX_DECODINGS) return baseName(name.replaceAll('%', '_'))
    decoded = next
  }
  const source = /[/\\]/.test(decoded) ? decoded : name
  return source.slice(Math.max(source.lastIndexOf('/'), source.lastIndexOf('\\')) + 1)
}

/** Takes the percent signs from a name in which a decoder would find separators, dots alone, or another encoding. */
function withoutEncoded(name: string): string {
  if (!name.includes('%')) return name
  const decoded = visible(decodeOnce(name))
  const harmless = !/[/\\]|^[.\s]*$/.test(decoded) && visible(decodeOnce(decoded)) === decoded
  return harmless ? name : name.replaceAll('%', '_')
}

/** Percent-decodes what can be; `%c0%af` and other overlong forms, which naive decoders accept, count too. */
function decodeOnce(text: string): string {
  return text
    .replace(/%(?:c0%af|e0%80%af|f0%80%80%af|u002f|u2215|uff0f)/gi, '/')
    .replace(/%(?:c1%9c|e0%81%9c|f0%80%81%9c|u005c|uff3c)/gi, '\\')
    .replace(/(?:%[0-9a-f]{2})+/gi, run => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'))
}

function withoutInvisible(text: string): string {
  if (text.search(INVISIBLE) === -1) return text
  const characters = Array.from(text)
  let kept = ''
  let before = ''
  for (const [index, character] of characters.entries()) {
    if (character.search(INVISIBLE) !== -1 && !belongs(character, before, characters[index + 1] ?? ''))
      continue
    kept += character
    before = character
  }
  return kept
}

/** `before` is the character that was kept last. */
function belongs(character: string, before: string, after: string): boolean {
  if (character === EMOJI_SELECTOR) return EMOJI_BASE.test(before)
  if (character !== ZWJ && character !== ZWNJ) return false
  if (JOINABLE.test(before) && JOINABLE.test(after)) return true
  return character === ZWJ && (EMOJI.test(before) || before === EMOJI_SELECTOR) && EMOJI.test(after)
}

/** "photo.jpg", 2 → "photo (2).jpg"; the first is the name itself. At most 255 bytes. */
export function numberedName(name: string, number: number): string {
  if (number <= 1) return name
  const { stem, extension } = splitName(name)
  const tail = ` (${number})${extension}`
  return `${cutToBytes(stem, MAX_BYTES - Buffer.byteLength(tail))}${tail}`
}

/** The longest beginning that has no more than `bytes` bytes of UTF-8 and ends with a whole code point. */
export function cutToBytes(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text
  let used = 0
  let end = 0
  for (const character of text) {
    used += Buffer.byteLength(character)
    if (used > bytes) break
    end += character.length
  }
  return text.slice(0, end)
}

function cutName(name: string, bytes: number): string {
  if (Buffer.byteLength(name) <= bytes) return name
  const { stem, extension } = splitName(name)
  if (extension !== '') return cutToBytes(stem, bytes - Buffer.byteLength(extension)) + extension
  // No dot may stay: the cut could fall just behind one that was in the middle, and make an extension of it.
  return cutToBytes(name.replaceAll('.', '_'), bytes)
}

function splitName(name: string): { readonly stem: string; readonly extension: string } {
  const double = name.search(DOUBLE_EXTENSION)
  const dot = double > 0 ? double : name.lastIndexOf('.')
  const extension = dot > 0 ? name.slice(dot) : ''
  if (Buffer.byteLength(extension) > MAX_EXTENSION_BYTES) return { stem: name, extension: '' }
  return { stem: name.slice(0, name.length - extension.length), extension }
}
