import { describe, expect, test } from 'vitest'
import { countFrames } from '../../main/pictures/count-frames.ts'
import { liesOnItsSide } from '../../main/pictures/lies-on-its-side.ts'
import { beginsLikePicture } from '../../main/pictures/picture-header.ts'
import {
  animatedGif,
  animatedPng,
  animatedWebp,
  EXTENDED_WEBP,
  GIF,
  JPEG,
  LOSSLESS_WEBP,
  PNG,
  PROGRESSIVE_JPEG,
  turnedJpeg,
  WEBP,
} from '../support/pictures.ts'

describe('the frames of a picture', () => {
  test.each([
    ['a PNG', PNG, 'image/png', 1],
    ['a JPEG', JPEG, 'image/jpeg', 1],
    ['a GIF', GIF, 'image/gif', 1],
    ['a WebP', WEBP, 'image/webp', 1],
    ['an extended WebP', EXTENDED_WEBP, 'image/webp', 1],
    ['a PNG that moves', animatedPng(7, 5, 3), 'image/png', 3],
    ['a GIF that moves', animatedGif(7, 5, 3), 'image/gif', 3],
    ['a WebP that moves', animatedWebp(7, 5, 3), 'image/webp', 3],
    [
      'a GIF without anything in it',
      Buffer.from('GIF89a\x07\x00\x05\x00\x00\x00\x00;', 'latin1'),
      'image/gif',
      1,
    ],
  ] as const)('of %s are counted', (_, picture, type, expected) => {
    expect(countFrames(picture, type, 10)).toBe(expected)
  })

  test.each([
    ['PNG', animatedPng(7, 5, 11), 'image/png'],
    ['GIF', animatedGif(7, 5, 11), 'image/gif'],
    ['WebP', animatedWebp(7, 5, 11), 'image/webp'],
  ] as const)('of a %s with more than are wanted are not counted to their end', (_, picture, type) => {
    expect(countFrames(picture, type, 11)).toBe(11)
    expect(countFrames(picture, type, 10)).toBe(Number.POSITIVE_INFINITY)
  })

  test.each([
    ['PNG', animatedPng(7, 5, 3), 'image/png'],
    ['GIF', animatedGif(7, 5, 3), 'image/gif'],
    ['WebP', animatedWebp(7, 5, 3), 'image/webp'],
  ] as const)('of a %s that is cut off anywhere are those that are there', (_, picture, type) => {
    for (let length = 0; length <= picture.length; length++) {
      expect(countFrames(picture.subarray(0, length), type, 10)).toBeLessThanOrEqual(3)
    }
  })

  test('of a GIF in a million empty pieces are not looked for', () => {
    const head = GIF.subarray(0, 19)
    const pieces = Buffer.alloc(2_100_000, Buffer.of(1, 0))
    const extension = Buffer.concat([head, Buffer.of(0x21, 0xfe), pieces])
    expect(countFrames(extension, 'image/gif', 10)).toBe(Number.POSITIVE_INFINITY)
  })

  test('of a chunk that claims to be longer than any file end there', () => {
    const png = Buffer.from(PNG)
    png.writeUInt32BE(0xffffffff, 8)
    expect(countFrames(png, 'image/png', 10)).toBe(1)
    const webp = Buffer.from(EXTENDED_WEBP)
    webp.writeUInt32LE(0xffffffff, 16)
    expect(countFrames(webp, 'image/webp', 10)).toBe(1)
  })
})

describe('a JPEG', () => {
  test.each([
    [1, false],
    [2, false],
    [3, false],
    [4, false],
    [5, true],
    [6, true],
    [7, true],
    [8, true],
    [0, false],
    [9, false],
    [65_535, false],
  ])('with the orientation %d lies on its side: %s', (orientation, expected) => {
    expect(liesOnItsSide(turnedJpeg(orientation, 'little'))).toBe(expected)
    expect(liesOnItsSide(turnedJpeg(orientation, 'big'))).toBe(expected)
  })

  test.each([
    ['without EXIF', JPEG],
    ['that is progressive', PROGRESSIVE_JPEG],
    ['whose directory is outside of it', withByte(turnedJpeg(6, 'little'), 16, 0xff)],
    ['whose bytes have no order', withByte(turnedJpeg(6, 'little'), 12, 0x58)],
    ['whose orientation is a text', withByte(turnedJpeg(6, 'little'), 24, 2)],
    ['with nothing in it', Buffer.of()],
  ])('%s lies as it is stored', (_, picture) => {
    expect(liesOnItsSide(picture)).toBe(false)
  })

  test('that is cut off anywhere is read the same or not at all', () => {
    const picture = turnedJpeg(6, 'big')
    const answers = Array.from({ length: picture.length }, (_, end) =>
      liesOnItsSide(picture.subarray(0, end)),
    )
    expect(answers.indexOf(true)).toBe(32)
    expect(answers.lastIndexOf(false)).toBe(31)
  })
})

function withByte(picture: Uint8Array, offset: number, value: number): Buffer {
  const copy = Buffer.from(picture)
  copy[offset] = value
  return copy
}

test('the first twelve bytes tell whether it may be a picture', () => {
  for (const picture of [PNG, JPEG, PROGRESSIVE_JPEG, GIF, WEBP, LOSSLESS_WEBP, EXTENDED_WEBP]) {
    expect(beginsLikePicture(picture.subarray(0, 12))).toBe(true)
  }
  for (const other of [
    '<!doctype html>',
    '<svg xmlns="',
    'RIFFabcdWAVE',
    '%PDF-1.7\n\n\n\n',
    '\xff\xd9\xff\xe0........',
  ]) {
    expect(beginsLikePicture(Buffer.from(other, 'latin1').subarray(0, 12))).toBe(false)
  }
})
