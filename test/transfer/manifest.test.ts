import { join, posix, win32 } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  MAX_ENTRIES,
  MAX_PATHS_LENGTH,
  type Manifest,
  manifestOf,
  readManifest,
} from '../../main/transfer/manifest.ts'

const RLO = '\u202E'
const ZWSP = '\u200B'
const ZWNJ = '\u200C'

/** As if exactly this had been offered. */
function read(entries: readonly unknown[]): Manifest {
  const sizes = entries.flatMap(entry => {
    return Array.isArray(entry) && entry.length === 2 && typeof entry[1] === 'number' ? [entry[1]] : []
  })
  return readManifest(entries, { files: sizes.length, size: sizes.reduce((sum, size) => sum + size, 0) })
}

function local(...paths: string[]): string[] {
  return read(paths.map(path => [path, 1])).files.map(file => file.local)
}

function refusal(act: () => unknown): { code: unknown; message: string } {
  try {
    act()
  } catch (error) {
    return error as { code: unknown; message: string }
  }
  throw new Error('it was not refused')
}

describe('a manifest', () => {
  it('keeps order, names, sizes and tree', () => {
    const manifest = readManifest(
      [['b.txt', 5], ['photos/Übergröße.jpg', 0], ['.git/config', 2 ** 40], ['photos/old/'], ['empty/']],
      { files: 3, size: 5 + 2 ** 40 },
    )
    expect(manifest).toEqual({
      files: [
        { path: 'b.txt', local: 'b.txt', size: 5 },
        { path: 'photos/Übergröße.jpg', local: 'photos/Übergröße.jpg', size: 0 },
        { path: '.git/config', local: '.git/config', size: 2 ** 40 },
      ],
      folders: ['photos/old', 'empty'],
    })
  })

  it('may be of nothing, or of folders only', () => {
    expect(readManifest([], { files: 0, size: 0 })).toEqual({ files: [], folders: [] })
    expect(readManifest([['a/b/']], { files: 0, size: 0 })).toEqual({ files: [], folders: ['a/b'] })
  })

  it('lets a listed folder have something in it, in either order', () => {
    expect(read([['a/'], ['a/b', 1]]).folders).toEqual(['a'])
    expect(read([['a/b', 1], ['a/']]).folders).toEqual(['a'])
  })

  it.each([
    ['.gitignore', '.gitignore'],
    ['..a', '..a'],
    ['a/.../b', 'a/_/b'],
    ['a/. ./b', 'a/_/b'],
    [`a/.${ZWSP}./b`, 'a/_/b'],
    ['a/.\u0000./b', 'a/_/b'],
    ['a/CON/aux.c', 'a/_CON/_aux.c'],
    ['a/b:c?.txt ', 'a/b_c_.txt'],
    [`photo${RLO}gpj.exe`, 'photogpj.exe'],
    ['u\u0308ber', '\u00FCber'],
    ['a/b\uF05Cc\uF02F', 'a/b_c_'],
    // Encoded separators and dots, in any depth and form; innocent percent signs stay.
    ['..%2f..%2fevil', '.._2f.._2fevil'],
    ['%2e%2e/evil', '_2e_2e/evil'],
    ['a/%252e%252e/evil', 'a/_252e_252e/evil'],
    ['a%5Cb', 'a_5Cb'],
    ['a%c0%afb', 'a_c0_afb'],
    ['a%%32%66b', 'a__32_66b'],
    [`a%2${ZWSP}fb`, 'a_2fb'],
    ['a%2%e2%80%8bfb', 'a_2_e2_80_8bfb'],
    ['100% sure/a%20b.txt', '100% sure/a%20b.txt'],
  ])('makes %j into %j', (path, expected) => {
    expect(local(path)).toEqual([expected])
  })

  it.each([
    '../evil',
    'a/../../evil',
    'a/..',
    '..',
    '.',
    './a',
    'a/./b',
    '/etc/passwd',
    '//server/share',
    'a//b',
    '',
    'a\\b',
    '..\\evil',
    '\\\\server\\share',
    'C:/evil',
    'c:evil',
    'C:',
  ])('refuses a path that climbs or is no path inside: %j', path => {
    expect(refusal(() => read([[path, 1]]))).toMatchObject({
      code: 'file-not-allowed',
      message: expect.stringMatching(/is no name inside a folder: ask the contact to rename it\.$/),
    })
    if (path !== '') expect(() => read([[`${path}/`]])).toThrow(/is no name inside/)
  })

  it.each([
    ['the same twice', ['a/b', 'a/b']],
    ['a difference of case', ['a/Read me', 'a/read ME']],
    ['folders with a difference of case', ['Docs/a', 'docs/b']],
    ['composed and decomposed', ['\u00FCber', 'u\u0308ber']],
    ['a difference of case beyond ASCII', ['ÜBER', 'u\u0308ber']],
    ['a letter that folds to two', ['Straße', 'STRASSE']],
    ['its capital', ['Stra\u1E9Ee', 'strasse']],
    ['both final and other sigma', ['ΟΔΟΣ', 'οδος']],
    ['the Kelvin sign', ['\u212A', 'k']],
    ['the long s', ['\u017F', 'S']],
    ['what has no shape', [`می${ZWNJ}خواهم`, 'میخواهم']],
    ['what Windows drops', ['a', 'a. .']],
    ['what Windows forbids', ['a?', 'a*']],
    ['folders that become one', ['a:/x', 'a?/y'].map(path => `z/${path}`)],
    ['a file that is a folder, too', ['a', 'a/b']],
    ['a folder that is a file, too', ['a/b', 'A']],
  ])('refuses %s', (_, paths) => {
    expect(refusal(() => local(...paths))).toMatchObject({ code: 'file-not-allowed' })
    expect(refusal(() => local(...paths.toReversed()))).toMatchObject({ code: 'file-not-allowed' })
  })

  it('takes names for different that every disk takes for different', () => {
    const names = ['sıra', 'sira', 'a b', 'a_b', 'ab', 'é', 'e', 'ö', 'oe', 'a/b', 'b/a']
    expect(local(...names)).toEqual(names)
  })

  it.each([
    ['a folder twice', [['a/'], ['a/']]],
    ['a folder that is a file', [['a', 1], ['a/']]],
    ['no list', 'a'],
    ['no list at all', undefined],
    ['an entry that is none', ['a']],
    ['an empty entry', [[]]],
    ['too much in an entry', [['a', 1, 2]]],
    ['a file without size', [['a']]],
    ['a path that is no text', [[1, 1]]],
    ['nothing in an entry', [null]],
    ['a size that is text', [['a', '1']]],
    ['a negative size', [['a', -1]]],
    ['a broken size', [['a', 1.5]]],
    ['a size that is no number', [['a', Number.NaN]]],
    ['an endless size', [['a', Number.POSITIVE_INFINITY]]],
    ['a size that numbers cannot count', [['a', 2 ** 53]]],
    [
      'a sum that numbers cannot count',
      [
        ['a', 2 ** 53 - 1],
        ['b', 2 ** 53 - 1],
      ],
    ],
  ])('refuses %s', (_, entries) => {
    const act = (): unknown => readManifest(entries, { files: 1, size: 1 })
    expect(refusal(act)).toMatchObject({ code: 'file-not-allowed' })
  })

  it.each([
    [{ files: 1, size: 3 }],
    [{ files: 3, size: 3 }],
    [{ files: 2, size: 2 }],
    [{ files: 2, size: 4 }],
  ])('refuses other files than were offered: %j', offered => {
    const entries = [['a', 1], ['b', 2], ['c/']]
    expect(readManifest(entries, { files: 2, size: 3 }).files).toHaveLength(2)
    expect(refusal(() => readManifest(entries, offered))).toMatchObject({
      code: 'file-not-allowed',
      message: expect.stringMatching(/not the one that was offered/),
    })
  })

  it('has a limit of depth', () => {
    const deep = (folders: number): string => `${'a/'.repeat(folders)}b`
    expect(local(deep(63))).toEqual([deep(63)])
    expect(refusal(() => local(deep(64))).message).toMatch(/64 folders deep/)
    expect(refusal(() => local(deep(2000))).message).toMatch(/64 folders deep/)
  })

  it('has limits of length, in bytes', () => {
    const path = (bytes: number): string => ['a', 'b', 'c', 'd', 'e'].map(x => x.repeat(bytes)).join('/')
    expect(local(path(204))).toHaveLength(1)
    for (const long of [path(205), `${'ü/'.repeat(3)}${path(203)}`, 'a'.repeat(256), 'a/'.repeat(5000)]) {
      expect(refusal(() => local(long)).message).toMatch(/too long/)
    }
  })

  it('cuts a name that is too long for some disks only, with its extension kept', () => {
    const [name = ''] = local(`${'ü'.repeat(200)}.jpg`)
    expect(name).toMatch(/^ü+\.jpg$/)
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
  })

  it('refuses a million entries without looking at them', () => {
    const untouchable = new Proxy([], {
      get(target, key) {
        if (key === 'length') return 1_000_000
        throw new Error(`somebody looked at ${String(key)} of ${target.length}`)
      },
    })
    expect(refusal(() => readManifest(untouchable, { files: 1_000_000, size: 0 }))).toMatchObject({
      code: 'file-not-allowed',
      message: expect.stringMatching(/100,000/),
    })
  })

  it('takes as many entries as are allowed, and refuses one more, or as many folders that nobody listed', () => {
    const entries = Array.from({ length: MAX_ENTRIES }, (_, i) => [
      `node_modules/a${i % 500}/Datei ${i}.js`,
      1,
    ])
    expect(read(entries).files).toHaveLength(MAX_ENTRIES)
    expect(() => read([...entries, ['z', 1]])).toThrow(/100,000/)
    expect(() => local(...Array.from({ length: 3000 }, (_, i) => `${i}${'/a'.repeat(40)}`))).toThrow(
      /100,000/,
    )
  })

  it('takes no more text than is allowed', () => {
    const path = `${'a'.repeat(250)}/`.repeat(3)
    const paths = Array.from({ length: Math.ceil(MAX_PATHS_LENGTH / 753) }, (_, index) => `${path}${index}`)
    expect(() => local(...paths)).toThrow(/names that are too long/)
  })

  it('shows nothing in its sentences that a screen would obey, and no long text', () => {
    const { message } = refusal(() => local(`../\u001b[2J${RLO}${'x'.repeat(3000)}`))
    expect(message).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u)
    expect(message.length).toBeLessThan(200)
  })
})

describe('what comes out of any manifest', () => {
  const component = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc
      .array(
        fc.constantFrom(
          ...[
            '..',
            '.',
            '/',
            '\\',
            '%',
            '2f',
            '%2f',
            '%5c',
            '%25',
            '%2e',
            '%c0%af',
            '%00',
            ' ',
            ':',
            'C:',
            'con',
          ],
          ...['a', 'B', 'ß', 'u\u0308', RLO, ZWSP, '\u0000', '\uD800', '\uF05C', '😀', 'x'.repeat(100)],
        ),
        { maxLength: 6 },
      )
      .map(parts => parts.join('')),
    fc
      .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 })
      .map(units => String.fromCharCode(...units)),
  )
  const path = fc.array(component, { minLength: 1, maxLength: 5 }).map(parts => parts.join('/'))

  function readOne(text: string): string | undefined {
    try {
      return read([[text, 1]]).files[0]?.local
    } catch (error) {
      expect(error).toMatchObject({ code: 'file-not-allowed' })
      return undefined
    }
  }

  it('stays inside its folder, on every system and for a decoder that comes later', () => {
    fc.assert(
      fc.property(path, text => {
        const made = readOne(text)
        if (made === undefined) return
        expect(posix.join('/inbox', made)).toBe(`/inbox/${made}`)
        expect(win32.join('C:\\inbox', made)).toBe(`C:\\inbox\\${made.replaceAll('/', '\\')}`)
        expect(Buffer.byteLength(made)).toBeLessThanOrEqual(1024)
        for (const name of made.split('/')) {
          expect(name).not.toMatch(
            /^\.{0,2}$|[\\<>:"|?*\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]|^\s|[.\s]$/u,
          )
          expect(name).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)\s*(\.|$)/i)
          expect(name.normalize('NFC')).toBe(name)
          expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
          let decoded = name
          for (let depth = 0; depth < 5; depth += 1) {
            decoded = decoded.replace(/(?:%[0-9a-f]{2})+/gi, run => {
              return Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8')
            })
            expect(decoded).not.toMatch(/[/\\]|^\.{0,2}$/)
          }
        }
        expect(readOne(made)).toBe(made)
      }),
      { numRuns: 5000 },
    )
  })

  it('is never two names that a disk takes for one', () => {
    const short = fc
      .array(fc.constantFrom('a', 'A', 'ß', 'ss', '\u00FC', 'U\u0308', 'Ü', '.', ' ', ':', '?', '/', ZWSP), {
        minLength: 1,
        maxLength: 4,
      })
      .map(parts => parts.join(''))
    fc.assert(
      fc.property(fc.array(short, { minLength: 2, maxLength: 4 }), paths => {
        let made: readonly string[]
        try {
          made = local(...paths)
        } catch {
          return
        }
        const spellings = made.map(name => join('/', name).toLowerCase().toUpperCase().normalize('NFD'))
        expect(new Set(spellings).size).toBe(paths.length)
        for (const one of spellings) {
          for (const other of spellings) expect(other.startsWith(`${one}/`)).toBe(false)
        }
      }),
      { numRuns: 5000 },
    )
  })
})

describe('the manifest of a folder to be sent', () => {
  const listing = (files: readonly string[], folders: readonly string[] = []) => ({
    name: 'Photos',
    files: files.map((name, index) => ({ name, size: index, path: `/home/a/Photos/${name}` })),
    folders,
  })

  it('is what a receiver takes', () => {
    const entries = manifestOf(listing(['a', 'b/c', '.d/é'], ['e/f']))
    expect(entries).toEqual([['a', 0], ['b/c', 1], ['.d/é', 2], ['e/f/']])
    expect(readManifest(JSON.parse(JSON.stringify(entries)), { files: 3, size: 3 }).files).toHaveLength(3)
  })

  it('names what would be the same elsewhere', () => {
    expect(refusal(() => manifestOf(listing(['x/Read.me', 'x/READ.ME'])))).toMatchObject({
      code: 'file-not-allowed',
      message:
        'Photos cannot be sent. “x/Read.me” and “x/READ.ME” would be the same on many computers: rename one of them.',
    })
  })

  it.each([[['a\\b']], [['C:']], [['a'.repeat(256)]]])('refuses what a receiver would refuse: %j', names => {
    expect(refusal(() => manifestOf(listing(names)))).toMatchObject({ code: 'file-not-allowed' })
    expect(refusal(() => local(...names))).toMatchObject({ code: 'file-not-allowed' })
  })

  it('has a limit of its own name', () => {
    const many = Array.from({ length: MAX_ENTRIES }, (_, index) => String(index))
    expect(refusal(() => manifestOf(listing(many, ['x'])))).toMatchObject({ code: 'too-many-files' })
  })
})
