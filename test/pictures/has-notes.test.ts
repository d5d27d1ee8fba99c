import { describe, expect, test } from 'vitest'
import { hasNotes } from '../../main/pictures/has-notes.ts'
import { GIF, JPEG, PNG, paintedPng, withChunk } from '../support/pictures.ts'

const NOTE = Buffer.from('Exif\\0\\0 49.41 N 8.69 E')

/** With one more segment at its start. */
function withSegment(marker: number): Buffer {
  const head = Buffer.of(0xff, marker, 0, NOTE.length + 2)
  return Buffer.concat([JPEG.subarray(0, 2), head, NOTE, JPEG.subarray(2)])
}

describe('what stands in a picture beside what is seen', () => {
  test.each([
    ['nothing in a PNG', PNG, 'image/png', false],
    ['nothing in a JPEG', JPEG, 'image/jpeg', false],
    ['the density of a JPEG', withSegment(0xe0), 'image/jpeg', false],
    ['the colours of a JPEG', withSegment(0xe2), 'image/jpeg', false],
    ['EXIF in a JPEG', withSegment(0xe1), 'image/jpeg', true],
    ['IPTC in a JPEG', withSegment(0xed), 'image/jpeg', true],
    ['a comment in a JPEG', withSegment(0xfe), 'image/jpeg', true],
    ['EXIF in a PNG', withChunk(PNG, 'eXIf', NOTE), 'image/png', true],
    ['a text in a PNG', withChunk(PNG, 'tEXt', NOTE), 'image/png', true],
    ['a packed text in a PNG', withChunk(PNG, 'zTXt', NOTE), 'image/png', true],
    ['XMP in a PNG', withChunk(PNG, 'iTXt', NOTE), 'image/png', true],
    ['something behind a PNG', Buffer.concat([PNG, NOTE]), 'image/png', true],
    ['nobody knows what in another kind', GIF, 'image/gif', true],
    ['nobody knows what in nothing', Buffer.of(), 'image/png', true],
  ] as const)('is %s', (_, bytes, type, expected) => expect(hasNotes(bytes, type)).toBe(expected))

  test('is not left out where the picture is cut off', () => {
    const whole = paintedPng(8, 8)
    for (let length = 0; length < whole.length - 4; length++) {
      expect(hasNotes(whole.subarray(0, length), 'image/png')).toBe(true)
    }
  })
})
