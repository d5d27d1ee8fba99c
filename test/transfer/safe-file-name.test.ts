import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { numberedName, safeFileName } from '../../main/transfer/safe-file-name.ts'

const RLO = '\u202E'
const ZWSP = '\u200B'
const ZWNJ = '\u200C'
const ZWJ = '\u200D'

describe('a safe file name', () => {
  it.each([
    // Innocent names stay as they are.
    ['photo.jpg', 'photo.jpg'],
    ['100% sure.txt', '100% sure.txt'],
    ['a%20b.txt', 'a%20b.txt'],
    ['50%.txt', '50%.txt'],
    ['%zz.txt', '%zz.txt'],
    ['Übergrößenträger ñ 写真 фото.tar.gz', 'Übergrößenträger ñ 写真 фото.tar.gz'],
    ['a  b (1).txt', 'a  b (1).txt'],
    ['Bildschirmfoto 10.30.12\u202FAM.png', 'Bildschirmfoto 10.30.12\u202FAM.png'],
    ['console.log', 'console.log'],
    ['README', 'README'],
    // Only the last component counts, whoever wrote the path.
    ['/etc/passwd', 'passwd'],
    ['../../../etc/passwd', 'passwd'],
    ['..\\..\\windows\\system32\\evil.dll', 'evil.dll'],
    ['C:\\Users\\a\\b.txt', 'b.txt'],
    ['C:b.txt', 'C_b.txt'],
    ['a/b\\c.txt', 'c.txt'],
    // Encoded separators, in any depth and any form.
    ['..%2f..%2fevil.txt', 'evil.txt'],
    ['..%2F..%5Cevil.txt', 'evil.txt'],
    ['..%252f..%25255cevil.txt', 'evil.txt'],
    ['a%%32%66evil.txt', 'evil.txt'],
    ['a%c0%afevil.txt', 'evil.txt'],
    ['a%e0%80%afevil.txt', 'evil.txt'],
    ['a%c1%9cevil.txt', 'evil.txt'],
    ['a%u2215evil.txt', 'evil.txt'],
    ['docs%2Fa%20b.txt', 'a b.txt'],
    [`a%2${ZWSP}fevil.txt`, 'evil.txt'],
    [`a%2%e2%80%8bfevil.txt`, 'evil.txt'],
    ['a%2%00fevil.txt', 'evil.txt'],
    // What a terminal or a screen would obey.
    ['a\u001b[2Jb\u0007\u009b.txt', 'a[2Jb.txt'],
    ['a\nb\r\t\u0000.txt', 'ab.txt'],
    ['a\u2028b\u2029c\u0085.txt', 'abc.txt'],
    [`photo${RLO}gpj.exe`, 'photogpj.exe'],
    [`a\u2066b\u2069\u200E\u200F\u061C.txt`, 'ab.txt'],
    [`evil${ZWSP}\u2060\uFEFF\u00AD\u3164\u2800.exe`, 'evil.exe'],
    [`report.pdf${' '.repeat(120)}.exe`, 'report.pdf .exe'],
    ['a\uD800b\uDC00.txt', 'a\uFFFDb\uFFFD.txt'],
    // Joiners where a script or an emoji needs them, and nowhere else.
    [`می${ZWNJ}خواهم.txt`, `می${ZWNJ}خواهم.txt`],
    [`क्${ZWJ}ष.txt`, `क्${ZWJ}ष.txt`],
    [`👩🏽${ZWJ}💻 ❤️.png`, `👩🏽${ZWJ}💻 ❤️.png`],
    [`❤️${ZWJ}🔥.png`, `❤️${ZWJ}🔥.png`],
    [`a${ZWJ}b${ZWNJ}c.txt`, 'abc.txt'],
    // Unicode.
    ['u\u0308ber.txt', '\u00FCber.txt'],
    ['a<\u0000\u0338.txt', 'a\u226E.txt'],
    // Windows.
    ['a<b>c:d"e|f?g*h.txt', 'a_b_c_d_e_f_g_h.txt'],
    ['file.txt::$DATA', 'file.txt__$DATA'],
    ['a.txt. . ..', 'a.txt'],
    ['  a.txt  ', 'a.txt'],
    ['a\uF05Cb\uF02F.txt', 'a_b_.txt'],
    ['CON', '_CON'],
    ['con.txt', '_con.txt'],
    ['con .txt', '_con .txt'],
    ['NUL.tar.gz', '_NUL.tar.gz'],
    ['com1', '_com1'],
    ['COM¹.txt', '_COM¹.txt'],
    ['lpt³', '_lpt³'],
    ['CONIN$', '_CONIN$'],
    ['conout$.log', '_conout$.log'],
    ['aux. ', '_aux'],
    ['com10.txt', 'com10.txt'],
    ['.con', '_con'],
    // Hidden, or nothing at all.
    ['.bashrc', '_bashrc'],
    ['...hidden', '_hidden'],
    ['..', 'file'],
    ['.', 'file'],
    ['', 'file'],
    ['. . .', 'file'],
    ['a/', 'file'],
    ['a/..', 'file'],
    [`${RLO}${ZWSP}`, 'file'],
    ['\u0000', 'file'],
  ])('%j becomes %j', (offered, expected) => {
    expect(safeFileName(offered)).toBe(expected)
  })

  it('keeps the true extension of an over-long name, and whole code points', () => {
    const name = safeFileName(`${'😀'.repeat(200)}.jpeg`)
    expect(name).toMatch(/^(😀)+\.jpeg$/u)
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(223)
    expect(safeFileName(`${'a'.repeat(300)}.tar.gz`)).toMatch(/^a+\.tar\.gz$/)
  })

  it('does not make an extension by cutting', () => {
    const name = safeFileName(`${'a'.repeat(219)}.exe${'b'.repeat(300)}`)
    expect(name).not.toContain('.')
  })

  it('gives up on what is encoded without end, safely', () => {
    const name = safeFileName(`a%${'25'.repeat(1500)}2fevil.txt`)
    expect(name).toMatch(/^a_[25]+\.txt$/)
  })

  const offered = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.string({ unit: 'grapheme', maxLength: 400 }),
    // Pieces that act together.
    fc
      .array(
        fc.oneof(
          fc.constantFrom(
            ...[
              '/',
              '\\',
              '%',
              '%2f',
              '%5C',
              '%25',
              '2f',
              '5c',
              '%00',
              '%c0',
              '%af',
              '.',
              '..',
              ' ',
              'con',
              'aux.',
            ],
            ...[
              'COM1',
              ':',
              '*',
              RLO,
              ZWSP,
              ZWNJ,
              ZWJ,
              '\uFE0F',
              '\uD800',
              '\uDC00',
              '\u0338',
              '<',
              'u',
              '\u0308',
            ],
            ...['😀', 'م', 'क', '\u094D', '.tar.gz', '.exe', '\n', '\u2800', '\u00A0', 'a'.repeat(120)],
          ),
          fc.string({ unit: 'binary', maxLength: 3 }),
        ),
        { maxLength: 30 },
      )
      .map(parts => parts.join('')),
    // Any UTF-16 at all, well formed or not.
    fc
      .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 })
      .map(units => String.fromCharCode(...units)),
  )

  it('is one component that every file system takes, whatever was offered', () => {
    fc.assert(
      fc.property(offered, text => {
        const name = safeFileName(text)
        expect(name).not.toBe('')
        expect(name).not.toMatch(/[/\\<>:"|?*\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]/u)
        expect(name).not.toMatch(/^[.\s]|[.\s]$/)
        expect(name).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)\s*(\.|$)/i)
        expect(name.isWellFormed()).toBe(true)
        expect(name.normalize('NFC')).toBe(name)
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(223)
        expect(name.length).toBeLessThanOrEqual(223)
      }),
      { numRuns: 3000 },
    )
  })

  it('hides no separator from a decoder that comes later', () => {
    fc.assert(
      fc.property(offered, text => {
        let decoded = safeFileName(text)
        for (let depth = 0; depth < 20; depth += 1) {
          decoded = decoded.replace(/(?:%[0-9a-f]{2})+/gi, run => {
            return Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8')
          })
          expect(decoded).not.toMatch(/[/\\]/)
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('goes through unchanged a second time', () => {
    fc.assert(
      fc.property(offered, text => {
        const name = safeFileName(text)
        expect(safeFileName(name)).toBe(name)
      }),
      { numRuns: 5000 },
    )
  })
})

describe('a numbered name', () => {
  it.each([
    ['photo.jpg', 1, 'photo.jpg'],
    ['photo.jpg', 2, 'photo (2).jpg'],
    ['backup.tar.gz', 3, 'backup (3).tar.gz'],
    ['README', 2, 'README (2)'],
    ['.bashrc', 2, '.bashrc (2)'],
    ['photo (2).jpg', 2, 'photo (2) (2).jpg'],
    ['a.b.c', 12, 'a.b (12).c'],
  ])('%j, %i is %j', (name, number, expected) => {
    expect(numberedName(name, number)).toBe(expected)
  })

  it('is never longer than a file system takes, with its extension', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 400 }),
        fc.integer({ min: 2, max: 9999 }),
        (text, number) => {
          const name = numberedName(`${safeFileName(text).slice(0, 50)}${'é'.repeat(120)}.jpg`, number)
          expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
          expect(name.endsWith(` (${number}).jpg`)).toBe(true)
        },
      ),
    )
  })
})
