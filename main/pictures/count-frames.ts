import type { PictureType } from './picture-header.ts'

/** Blocks that are looked at: a picture of 30 MB in the usual blocks has a tenth of them. */
const MAX_BLOCKS = 1_000_000

/**
 * How many frames a picture has, without decoding any: a decoder keeps a note of each, however small it is. Infinity for
 * one that has more than `most`, or is cut into more blocks than any program would write. What is cut off counts as far as
 * it goes.
 */
export function countFrames(bytes: Uint8Array, type: PictureType, most: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let frames = 0
  let blocks = 0
  try {
    for (const isFrame of blocksOf(view, type)) {
      blocks += 1
      if (isFrame) frames += 1
      if (frames > most || blocks > MAX_BLOCKS) return Number.POSITIVE_INFINITY
    }
  } catch (error) {
    // DataView's word for a picture that ends too early.
    if (!(error instanceof RangeError)) throw error
  }
  return Math.max(frames, 1)
}

/** Each block of the file, and whether a frame begins with it. */
function blocksOf(view: DataView, type: PictureType): Iterable<boolean> {
  switch (type) {
    case 'image/png':
      return pngChunks(view)
    case 'image/gif':
      return gifBlocks(view)
    case 'image/webp':
      return webpChunks(view)
    case 'image/jpeg':
      return []
  }
}

/** W3C PNG section 5.3; each frame of an animated one has an fcTL. */
function* pngChunks(view: DataView): Generator<boolean> {
  const [FRAME, END] = [0x6663544c, 0x49454e44]
  for (let offset = 8; ; offset += 12 + view.getUint32(offset)) {
    const name = view.getUint32(offset + 4)
    if (name === END) return
    yield name === FRAME
  }
}

/** GIF89a section 17 to 26: images and extensions, each with its data in blocks of at most 255 bytes. */
function* gifBlocks(view: DataView): Generator<boolean> {
  let offset = 13 + paletteLength(view.getUint8(10))
  for (;;) {
    const kind = view.getUint8(offset)
    if (kind === 0x2c) offset += 11 + paletteLength(view.getUint8(offset + 9))
    else if (kind === 0x21) offset += 2
    else return
    yield kind === 0x2c
    for (let length = view.getUint8(offset); length > 0; length = view.getUint8(offset)) {
      offset += 1 + length
      yield false
    }
    offset += 1
  }
}

function paletteLength(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1)
}

/** RFC 9649 section 2.3: chunks of an even length; each frame of an animated one has an ANMF. */
function* webpChunks(view: DataView): Generator<boolean> {
  const FRAME = 0x414e4d46
  let offset = 12
  while (offset + 8 <= view.byteLength) {
    yield view.getUint32(offset) === FRAME
    const length = view.getUint32(offset + 4, true)
    offset += 8 + length + (length % 2)
  }
}
