/** Bytes at the start of a JPEG in which its orientation is looked for: the segments before the picture itself. */
const MAX_LOOKED_AT = 256 * 1024

const ORIENTATION_TAG = 0x0112
const SHORT = 3

/**
 * Whether a JPEG is to be shown turned by a quarter, so that what is stored as its width is seen as its height: how
 * telephones keep pictures that were taken upright. False for what says nothing of it, or nothing that can be read.
 */
export function liesOnItsSide(bytes: Uint8Array): boolean {
  const start = bytes.subarray(0, MAX_LOOKED_AT)
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength)
  try {
    const exif = findExif(view)
    return exif !== undefined && readOrientation(view, exif) >= 5
  } catch (error) {
    // DataView's word for one that ends too early.
    if (error instanceof RangeError) return false
    throw error
  }
}

/** Where the TIFF header of the first EXIF segment is. */
function findExif(view: DataView): number | undefined {
  let offset = 2
  // APP1, behind nothing but segments of other programs and comments.
  for (;;) {
    const marker = view.getUint16(offset)
    if (!(marker >= 0xffe0 && marker <= 0xffef) && marker !== 0xfffe) return undefined
    const isExif = marker === 0xffe1 && view.getUint32(offset + 4) === 0x45786966
    if (isExif && view.getUint16(offset + 8) === 0) return offset + 10
    offset += 2 + view.getUint16(offset + 2)
  }
}

/** TIFF 6.0 section 2: 1 to 8, of the first directory; 1 where it says nothing. */
function readOrientation(view: DataView, start: number): number {
  const order = view.getUint16(start)
  const little = order === 0x4949
  if ((!little && order !== 0x4d4d) || view.getUint16(start + 2, little) !== 42) return 1
  const directory = start + view.getUint32(start + 4, little)
  const count = view.getUint16(directory, little)
  for (let index = 0; index < count; index++) {
    const entry = directory + 2 + 12 * index
    if (view.getUint16(entry, little) !== ORIENTATION_TAG) continue
    const value = view.getUint16(entry + 8, little)
    return view.getUint16(entry + 2, little) === SHORT && value <= 8 ? value : 1
  }
  return 1
}
