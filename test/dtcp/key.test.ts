import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { equalInConstantTime, isAcceptableKey } from '../../main/dtcp/key.ts'
import { MAX_LINE_BYTES } from '../../main/dtcp/line.ts'

describe('N2 a key is printable ASCII without spaces, 1 to 256 long', () => {
  it.each(['a', 'a1b2c3d4', '0'.repeat(32), 'with:colon', '!"#$%&()*+,-./:;<=>?@[]^_`{|}~', 'k'.repeat(256)])(
    'takes %j',
    key => {
      expect(isAcceptableKey(key)).toBe(true)
    },
  )

  it.each([
    ['nothing', ''],
    ['too much', 'k'.repeat(257)],
    ['a space', 'a b'],
    ['a space in front', ' a'],
    ['a tab', 'a\tb'],
    ['a line break, which would be another command', 'a\nok'],
    ['a line break at the end', 'a\n'],
    ['a carriage return', 'a\r'],
    ['a NUL', 'a\0'],
    ['DEL', 'a\x7f'],
    ['Latin-1', 'é'],
    ['a full-width digit', '\uff11'],
    ['an emoji', '🔑'],
    ['a line separator', 'a\u2028b'],
    ['a request of another protocol', 'x HTTP/1.1'],
  ])('refuses %s', (_, key) => {
    expect(isAcceptableKey(key)).toBe(false)
  })

  it('takes no key that breaks the line it is written into', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), key => {
        if (!isAcceptableKey(key)) return
        const line = `key:${key}\r\n`
        expect(Buffer.byteLength(line)).toBe(line.length)
        expect(line.length).toBeLessThanOrEqual(MAX_LINE_BYTES)
        expect(line.indexOf('\n')).toBe(line.length - 1)
      }),
    )
  })
})

describe('N2 keys are compared in constant time', () => {
  it.each([
    ['abc', 'abc', true],
    ['', '', true],
    ['abc', 'abd', false],
    ['abc', 'Abc', false],
    ['abc', 'ab', false],
    ['ab', 'abc', false],
    ['', 'abc', false],
    ['abc', '', false],
    // One is the other repeated: an index that wraps around must not be fooled.
    ['abab', 'ab', false],
    ['ab', 'abab', false],
    ['aa', 'a', false],
    ['\0', '', false],
  ])('%j and %j: %s', (a, b, equal) => {
    expect(equalInConstantTime(a, b)).toBe(equal)
  })

  it('says what === says', () => {
    const short = fc.string({ maxLength: 4, unit: fc.constantFrom('a', 'b', '\0') })
    fc.assert(fc.property(short, short, (a, b) => equalInConstantTime(a, b) === (a === b)))
  })
})
