import { crc32, deflateSync } from 'node:zlib'

/** Whole pictures of 7 by 5 pixels, as libvips writes them. */

function bytes(...base64: readonly string[]): Buffer {
  return Buffer.from(base64.join(''), 'base64')
}

export const PNG = bytes(
  'iVBORw0KGgoAAAANSUhEUgAAAAcAAAAFAQMAAACzVGSbAAAAA1BMVEXICh44Ji/LAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAA',
  'C0lEQVR42mNggAEAAAoAAewkA7kAAAAASUVORK5CYII=',
)
export const JPEG = bytes(
  '/9j/2wBDAP//////////////////////////////////////////////////////////////////////////////////////',
  '2wBDAf//////////////////////////////////////////////////////////////////////////////////////wAAR',
  'CAAFAAcDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAL/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAA',
  'AAAAAAAAAAAAAQL/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIRAxEAPwCQAt//2Q==',
)
export const PROGRESSIVE_JPEG = bytes(
  '/9j/2wBDAP//////////////////////////////////////////////////////////////////////////////////////',
  '2wBDAf//////////////////////////////////////////////////////////////////////////////////////wgAR',
  'CAAFAAcDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAH/xAAUAQEAAAAAAAAAAAAAAAAAAAAB/9oADAMBAAIQAxAA',
  'AAGAf//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAQUCf//EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQMBAT8Bf//E',
  'ABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQIBAT8Bf//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEABj8Cf//EABQQAQAA',
  'AAAAAAAAAAAAAAAAAAD/2gAIAQEAAT8hf//aAAwDAQACAAMAAAAQD//EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQMBAT8Q',
  'f//EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQIBAT8Qf//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAT8Qf//Z',
)
export const GIF = bytes(
  'R0lGODlhBwAFAIAAAExpccgKHiH/C05FVFNDQVBFMi4wAwEAAAAh+QQFAAAAACwAAAAABwAFAAACBYyPqbsFADs=',
)
export const WEBP = bytes('UklGRi4AAABXRUJQVlA4ICIAAABwAQCdASoHAAUADMDOJaACdAFAAAD+330UUD6ld+HmqsAA')
export const LOSSLESS_WEBP = bytes('UklGRh4AAABXRUJQVlA4TBEAAAAvBgABAAdQhSLXo/+BiOh/AAA=')
export const EXTENDED_WEBP = bytes(
  'UklGRlIAAABXRUJQVlA4WAoAAAAQAAAABgAABAAAQUxQSAoAAAABB1DAiAhERP8DVlA4ICIAAABwAQCdASoHAAUADMDOJaAC',
  'dAFAAAD+330UUD6ld+HmqsAA',
)

/** A PNG whose header claims this size, with nothing behind it that could be decoded. */
export function pngOf(width: number, height: number): Buffer {
  const copy = Buffer.from(PNG)
  copy.writeUInt32BE(width, 16)
  copy.writeUInt32BE(height, 20)
  return copy
}

/** A whole PNG with a sky above a field; `blue`, up to 255, tells one from another. */
export function paintedPng(width: number, height: number, blue = 70): Buffer {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  // Eight bits each of red, green and blue.
  head.set([8, 2], 8)
  const lines = Array.from({ length: height }, (_, y) => {
    const part = y / height
    const colour =
      part < 0.6 ? [90 + 120 * part, 150 + 90 * part, 220] : [90 - 40 * part, 140 - 30 * part, blue]
    return Buffer.concat([Buffer.of(0), Buffer.alloc(3 * width, Buffer.from(colour))])
  })
  const body = deflateSync(Buffer.concat(lines))
  return Buffer.concat([PNG.subarray(0, 8), pngChunk('IHDR', head), pngChunk('IDAT', body), pngChunk('IEND')])
}

/** A whole PNG with one more chunk before its end. */
export function withChunk(png: Uint8Array, name: string, data: Uint8Array): Buffer {
  const end = png.length - 12
  return Buffer.concat([png.subarray(0, end), pngChunk(name, data), png.subarray(end)])
}

function pngChunk(name: string, data: Uint8Array = Buffer.of()): Buffer {
  const content = Buffer.concat([Buffer.from(name, 'latin1'), data])
  const chunk = Buffer.alloc(8 + content.length)
  chunk.writeUInt32BE(data.length)
  chunk.set(content, 4)
  chunk.writeUInt32BE(crc32(content), 4 + content.length)
  return chunk
}

/** As far as its blocks go; no decoder takes it. */
export function animatedPng(width: number, height: number, frames: number): Buffer {
  const frame = [pngChunk('fcTL', Buffer.alloc(26)), pngChunk('fdAT', Buffer.alloc(9))]
  const all = Array.from({ length: frames }, () => frame).flat()
  return Buffer.concat([
    pngOf(width, height).subarray(0, 33),
    pngChunk('acTL', Buffer.alloc(8)),
    ...all,
    pngChunk('IEND'),
  ])
}

/** A whole one, each frame a picture of 7 by 5 pixels. */
export function animatedGif(width: number, height: number, frames: number): Buffer {
  const head = Buffer.from(GIF.subarray(0, 19))
  head.writeUInt16LE(width, 6)
  head.writeUInt16LE(height, 8)
  const frame = GIF.subarray(38, -1)
  return Buffer.concat([head, ...Array.from({ length: frames }, () => frame), Buffer.from(';')])
}

/** As far as its blocks go; no decoder takes it. */
export function animatedWebp(width: number, height: number, frames: number): Buffer {
  const head = Buffer.from(EXTENDED_WEBP.subarray(0, 30))
  head.writeUIntLE(width - 1, 24, 3)
  head.writeUIntLE(height - 1, 27, 3)
  const frame = Buffer.alloc(8 + 18)
  frame.write('ANMF', 0, 'latin1')
  frame.writeUInt32LE(17, 4)
  return Buffer.concat([head, ...Array.from({ length: frames }, () => frame)])
}

/** A JPEG with the EXIF of a telephone that was held in one of eight ways. */
export function turnedJpeg(orientation: number, order: 'little' | 'big'): Buffer {
  const exif = Buffer.alloc(36)
  exif.writeUInt16BE(0xffe1, 0)
  exif.writeUInt16BE(34, 2)
  exif.write('Exif\0\0', 4, 'latin1')
  const little = order === 'little'
  const put = (value: number, at: number): number =>
    little ? exif.writeUInt16LE(value, at) : exif.writeUInt16BE(value, at)
  exif.write(little ? 'II' : 'MM', 10, 'latin1')
  put(42, 12)
  // The offset of the directory: eight, in four bytes.
  put(8, little ? 14 : 16)
  put(1, 18)
  put(0x0112, 20)
  put(3, 22)
  put(1, little ? 24 : 26)
  put(orientation, 28)
  return Buffer.concat([JPEG.subarray(0, 2), exif, JPEG.subarray(2)])
}
