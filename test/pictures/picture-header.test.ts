import { describe, expect, test } from 'vitest'
import { readPicture, sniffImage } from '../../main/pictures/picture-header.ts'
import { EXTENDED_WEBP, GIF, JPEG, LOSSLESS_WEBP, PNG, PROGRESSIVE_JPEG, WEBP } from '../support/pictures.ts'

const PICTURES = [
  ['a PNG', PNG, 'image/png'],
  ['a JPEG', JPEG, 'image/jpeg'],
  ['a progressive JPEG', PROGRESSIVE_JPEG, 'image/jpeg'],
  ['a GIF', GIF, 'image/gif'],
  ['a WebP', WEBP, 'image/webp'],
  ['a lossless WebP', LOSSLESS_WEBP, 'image/webp'],
  ['an extended WebP', EXTENDED_WEBP, 'image/webp'],
] as const

const bytes = (...parts: readonly (string | number | Uint8Array)[]): Buffer =>
  Buffer.concat(
    parts.map(part =>
      typeof part === 'string'
        ? Buffer.from(part, 'latin1')
        : typeof part === 'number'
          ? Buffer.of(part)
          : part,
    ),
  )

/** The picture with other bytes in one place. */
function patched(picture: Uint8Array, offset: number, ...values: readonly number[]): Buffer {
  const copy = Buffer.from(picture)
  copy.set(values, offset)
  return copy
}

const SOF = [0xff, 0xc0, 0, 11, 8, 0, 5, 0, 7, 1, 1, 0x11, 0] as const

describe('the header', () => {
  test.each(PICTURES)('of %s tells its kind and size', (_, picture, type) => {
    expect(sniffImage(picture)).toEqual({ type, width: 7, height: 5 })
  })

  test.each(PICTURES)('of %s that is cut off anywhere is read the same or not at all', (_, picture, type) => {
    for (let length = 0; length <= picture.length; length++) {
      const found = sniffImage(picture.subarray(0, length))
      if (found !== undefined) expect(found).toEqual({ type, width: 7, height: 5 })
    }
    expect(sniffImage(picture.subarray(0, 12))).toBeUndefined()
  })

  test('is found where the bytes are a part of others', () => {
    const around = bytes('junk', PNG, 'junk')
    expect(sniffImage(around.subarray(4, 4 + PNG.length))).toMatchObject({ width: 7, height: 5 })
    expect(sniffImage(around)).toBeUndefined()
  })

  test.each([
    ['a PNG as large as there is', patched(PNG, 16, 0x7f, 0xff, 0xff, 0xff), { width: 2_147_483_647 }],
    ['a JPEG with bytes to fill the space', bytes(0xff, 0xd8, 0xff, 0xff, ...SOF), { width: 7, height: 5 }],
    [
      'a JPEG with a restart marker',
      bytes(0xff, 0xd8, 0xff, 0xd0, 0xff, 0x01, ...SOF),
      { width: 7, height: 5 },
    ],
    [
      'a JPEG with a picture inside a segment',
      bytes(
        0xff,
        0xd8,
        0xff,
        0xe1,
        0,
        2 + (PROGRESSIVE_JPEG.length % 256),
        PROGRESSIVE_JPEG.subarray(0, PROGRESSIVE_JPEG.length % 256),
        ...SOF,
      ),
      { width: 7, height: 5 },
    ],
    ['a JPEG with tables before its frame', bytes(0xff, 0xd8, 0xff, 0xc4, 0, 4, 9, 9, ...SOF), { width: 7 }],
    ['a GIF whose picture is larger than its screen', patched(GIF, 6, 1, 0, 1, 0), { width: 7, height: 5 }],
    [
      'a GIF without a palette for all',
      bytes('GIF87a', 3, 0, 4, 0, 0, 0, 0, 0x2c, 1, 0, 2, 0, 9, 0, 9, 0, 0),
      { width: 10, height: 11 },
    ],
    [
      'a WebP with the largest canvas',
      patched(EXTENDED_WEBP, 24, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
      { width: 16_777_216, height: 16_777_216 },
    ],
  ])('of %s is read', (_, picture, expected) => {
    expect(sniffImage(picture)).toMatchObject(expected)
  })

  test.each([
    ['nothing', bytes()],
    ['a text', bytes('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>')],
    ['a BMP', bytes('BM', new Uint8Array(60))],
    ['an AVIF', bytes(0, 0, 0, 32, 'ftypavif', new Uint8Array(60))],
    ['a PNG without width', patched(PNG, 16, 0, 0, 0, 0)],
    ['a PNG without height', patched(PNG, 20, 0, 0, 0, 0)],
    ['a PNG with a negative width', patched(PNG, 16, 0xff)],
    ['a PNG with another chunk first', patched(PNG, 12, 0x74)],
    ['a PNG whose first chunk has another length', patched(PNG, 11, 14)],
    ['a PNG that lost a bit on its way', patched(PNG, 0, 0x09)],
    ['a JPEG without lines', bytes(0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 0, 0, 7, 1, 1, 0x11, 0)],
    ['a JPEG without a frame', bytes(0xff, 0xd8, 0xff, 0xda, 0, 4, 0, 0, ...SOF)],
    ['a JPEG that ends at once', bytes(0xff, 0xd8, 0xff, 0xd9, ...SOF)],
    ['a JPEG with a segment of no length', bytes(0xff, 0xd8, 0xff, 0xe0, 0, 0, ...SOF)],
    ['a JPEG with a segment that goes beyond the end', bytes(0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff, ...SOF)],
    ['a JPEG with something between its segments', bytes(0xff, 0xd8, 0xff, 0xe0, 0, 2, 0, ...SOF)],
    ['a JPEG that only fills its space', bytes(0xff, 0xd8, Buffer.alloc(300_000, 0xff))],
    ['a JPEG of restart markers', bytes(0xff, 0xd8, Buffer.alloc(300_000, Buffer.of(0xff, 0xd0)))],
    ['a JPEG of empty segments', bytes(0xff, 0xd8, Buffer.alloc(300_000, Buffer.of(0xff, 0xe0, 0, 2)))],
    ['a GIF of another version', bytes('GIF90a', GIF.subarray(6))],
    ['a GIF without a picture', bytes('GIF89a', 3, 0, 4, 0, 0, 0, 0, 0x3b)],
    [
      'a GIF whose extension has no end',
      bytes('GIF89a', 3, 0, 4, 0, 0, 0, 0, 0x21, 0xf9, Buffer.alloc(999, 255)),
    ],
    [
      'a GIF of extensions',
      bytes('GIF89a', 3, 0, 4, 0, 0, 0, 0, Buffer.alloc(300_000, Buffer.of(0x21, 1, 0))),
    ],
    ['a WebP that begins with no key frame', patched(WEBP, 20, 0x01)],
    ['a WebP without its start code', patched(WEBP, 23, 0)],
    ['a lossless WebP without its mark', patched(LOSSLESS_WEBP, 20, 0)],
    ['a WebP with an unknown chunk', bytes('RIFF', 40, 0, 0, 0, 'WEBPALPH', Buffer.alloc(40))],
    ['another RIFF', bytes('RIFF', 40, 0, 0, 0, 'WAVEfmt ', Buffer.alloc(40))],
  ])('of %s is none', (_, picture) => {
    expect(sniffImage(picture)).toBeUndefined()
  })
})

describe('a picture', () => {
  test.each([
    ['without a claim', undefined],
    ['with the right type', 'image/jpeg'],
    ['with the right type in another way', ' IMAGE/JPG '],
  ])('%s is taken', (_, type) => {
    const picture = readPicture(JPEG, { type, maxPixels: 35 })
    expect(picture).toEqual({ type: 'image/jpeg', width: 7, height: 5, bytes: JPEG })
  })

  test.each([
    ['that claims another type', JPEG, 'image/png', 35],
    ['that claims to be a page', JPEG, 'text/html', 35],
    ['with one pixel too many', JPEG, 'image/jpeg', 34],
    [
      'that would fill the memory',
      patched(PNG, 16, 0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff),
      'image/png',
      1e9,
    ],
    ['that is none', Buffer.from('<html>'), 'image/png', 35],
  ])('%s is refused', (_, data, type, maxPixels) => {
    expect(readPicture(data, { type, maxPixels })).toBeUndefined()
  })
})
