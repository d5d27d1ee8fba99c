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

/** A whole PNG of one colour. */
export function makePng(
  width: number,
  height = width,
  colour: readonly [number, number, number] = [9, 9, 9],
): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  // Eight bits a channel, RGB.
  header.set([8, 2, 0, 0, 0], 8)
  const row = Buffer.concat([
    Buffer.from([0]),
    Buffer.concat(Array.from({ length: width }, () => Buffer.from(colour))),
  ])
  const pixels = deflateSync(Buffer.concat(Array.from({ length: height }, () => row)))
  const chunk = (type: string, data: Buffer): Buffer => {
    const named = Buffer.concat([Buffer.from(type), data])
    const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    checksum.writeUInt32BE(crc32(named))
    return Buffer.concat([length, named, checksum])
  }
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ])
}
