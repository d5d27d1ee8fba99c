import type { PictureType } from './picture-header.ts'

/** Chunks of a PNG that are no pixels (W3C PNG section 11.3): eXIf, tEXt, zTXt, iTXt. */
const PNG_NOTES: readonly number[] = [0x65584966, 0x74455874, 0x7a545874, 0x69545874]
const PNG_END = 0x49454e44
/** Segments of a JPEG: APP1 has what a camera writes (EXIF) and XMP, APP13 has IPTC, COM has anything. */
const JPEG_NOTES: readonly number[] = [0xe1, 0xed, 0xfe]
const JPEG_SCAN = 0xda

/**
 * Whether a PNG or JPEG says something beside what is seen, such as where it was taken. True also for what cannot be read to
 * its end, and for other kinds.
 */
export function hasNotes(bytes: Uint8Array, type: PictureType): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    if (type === 'image/png') return hasPngNotes(view)
    return type !== 'image/jpeg' || hasJpegNotes(view)
  } catch (error) {
    // DataView's word for a picture that ends too early.
    if (error instanceof RangeError) return true
    throw error
  }
}

function hasPngNotes(view: DataView): boolean {
  for (let offset = 8; ; offset += 12 + view.getUint32(offset)) {
    const name = view.getUint32(offset + 4)
    // What is behind the end belongs to no picture.
    if (name === PNG_END) return view.byteLength > offset + 12
    if (PNG_NOTES.includes(name)) return true
  }
}

function hasJpegNotes(view: DataView): boolean {
  for (let offset = 2; ; offset += 2 + view.getUint16(offset + 2)) {
    if (view.getUint8(offset) !== 0xff) return true
    const marker = view.getUint8(offset + 1)
    if (marker === JPEG_SCAN) return false
    if (JPEG_NOTES.includes(marker)) return true
  }
}
