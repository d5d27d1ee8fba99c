/** The kinds of pictures that are shown; a browser decodes all of them. */
export type PictureType = 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp'

/** What the first bytes of a picture say. */
export interface PictureHeader {
  readonly type: PictureType
  /** Pixels, 1 or more, as they are stored: nothing is turned around. */
  readonly width: number
  readonly height: number
}

export interface Picture extends PictureHeader {
  readonly bytes: Uint8Array
}

/**
 * What kind of picture this is and how large, without decoding it: whoever decodes takes memory for each pixel that a
 * header claims. Undefined for what is none, or too damaged to tell. Takes time in proportion to the length at most.
 */
export function sniffImage(bytes: Uint8Array): PictureHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    const header = readPng(view) ?? readJpeg(view) ?? readGif(view) ?? readWebp(view)
    return header !== undefined && header.width > 0 && header.height > 0 ? header : undefined
  } catch (error) {
    // DataView's word for a picture that ends too early.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** The picture, or undefined for what is none, is not of the type that it is said to be, or has too many pixels. */
export function readPicture(
  bytes: Uint8Array,
  { type, maxPixels }: { readonly type?: string | undefined; readonly maxPixels: number },
): Picture | undefined {
  const header = sniffImage(bytes)
  if (header === undefined || header.width * header.height > maxPixels) return undefined
  // Old programs leave out a letter.
  const claimed = type?.trim().toLowerCase().replace('image/jpg', 'image/jpeg')
  return claimed === undefined || claimed === header.type ? { ...header, bytes } : undefined
}

/** Whether a file with these first 12 bytes may be a picture at all. */
export function beginsLikePicture(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return (
    hasText(view, 0, PNG_SIGNATURE) ||
    hasText(view, 0, '\xff\xd8\xff') ||
    hasText(view, 0, 'GIF8') ||
    (hasText(view, 0, 'RIFF') && hasText(view, 8, 'WEBP'))
  )
}

const PNG_SIGNATURE = '\x89PNG\r\n\x1a\n'

/** W3C PNG section 11.2.1: the first chunk is IHDR. */
function readPng(view: DataView): PictureHeader | undefined {
  if (!hasText(view, 0, PNG_SIGNATURE) || view.getUint32(8) !== 13 || !hasText(view, 12, 'IHDR')) {
    return undefined
  }
  const width = view.getUint32(16)
  const height = view.getUint32(20)
  return Math.max(width, height) < 2 ** 31 ? { type: 'image/png', width, height } : undefined
}

const JPEG_MARKERS = { start: 0xd8, end: 0xd9, scan: 0xda } as const

/** ITU T.81 annex B: segments, each with its length, up to the frame header, which stands before the first scan. */
function readJpeg(view: DataView): PictureHeader | undefined {
  if (view.getUint16(0) !== (0xff00 | JPEG_MARKERS.start)) return undefined
  let offset = 2
  for (;;) {
    if (view.getUint8(offset) !== 0xff) return undefined
    // Any number of these may fill the space before a marker.
    while (view.getUint8(offset) === 0xff) offset += 1
    const marker = view.getUint8(offset)
    offset += 1
    if (marker === 0 || marker === JPEG_MARKERS.end || marker === JPEG_MARKERS.scan) return undefined
    // TEM and the restart markers have no segment.
    if (marker === 0x01 || (marker >= 0xd0 && marker <= JPEG_MARKERS.start)) continue
    const length = view.getUint16(offset)
    if (length < 2) return undefined
    if (isFrame(marker)) {
      // No lines mean that they are told behind the first scan, which nobody does.
      return { type: 'image/jpeg', width: view.getUint16(offset + 5), height: view.getUint16(offset + 3) }
    }
    offset += length
  }
}

/** SOF0 to SOF15; DHT, JPG and DAC stand between them. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
}

/**
 * GIF89a sections 18 and 20. Decoders make the screen larger where the first picture does not fit on it, so both count.
 */
function readGif(view: DataView): PictureHeader | undefined {
  if (!hasText(view, 0, 'GIF87a') && !hasText(view, 0, 'GIF89a')) return undefined
  const flags = view.getUint8(10)
  let offset = 13 + ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1))
  while (view.getUint8(offset) === 0x21) {
    offset += 2
    while (view.getUint8(offset) !== 0) offset += 1 + view.getUint8(offset)
    offset += 1
  }
  if (view.getUint8(offset) !== 0x2c) return undefined
  const sides = (at: number): number => view.getUint16(at, true)
  return {
    type: 'image/gif',
    width: Math.max(sides(6), sides(offset + 1) + sides(offset + 5)),
    height: Math.max(sides(8), sides(offset + 3) + sides(offset + 7)),
  }
}

/** RFC 9649 sections 2.5 to 2.7: the first chunk has the size, of the canvas in the extended format. */
function readWebp(view: DataView): PictureHeader | undefined {
  if (!hasText(view, 0, 'RIFF') || !hasText(view, 8, 'WEBP')) return undefined
  if (hasText(view, 12, 'VP8X')) {
    const side = (at: number): number => 1 + view.getUint16(at, true) + view.getUint8(at + 2) * 65_536
    return { type: 'image/webp', width: side(24), height: side(27) }
  }
  if (hasText(view, 12, 'VP8L')) {
    const packed = view.getUint32(21, true)
    if (view.getUint8(20) !== 0x2f) return undefined
    return { type: 'image/webp', width: 1 + (packed & 0x3fff), height: 1 + ((packed >>> 14) & 0x3fff) }
  }
  // RFC 6386 section 9.1: a key frame, and what stands at its start.
  const isKeyFrame = hasText(view, 12, 'VP8 ') && (view.getUint8(20) & 1) === 0
  if (!isKeyFrame || !hasText(view, 23, '\x9d\x01\x2a')) return undefined
  const side = (at: number): number => view.getUint16(at, true) & 0x3fff
  return { type: 'image/webp', width: side(26), height: side(28) }
}

function hasText(view: DataView, offset: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (view.getUint8(offset + index) !== text.charCodeAt(index)) return false
  }
  return true
}
