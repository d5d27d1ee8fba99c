import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { foldedText } from '../../renderer/words/fold.ts'
import { withLinks } from '../../renderer/words/links.ts'
import { type Block, type Span, styled } from '../../renderer/words/styling.ts'
import { MAX_MESSAGE_LENGTH } from '../../shared/model/limits.ts'

/** Everything that was typed, with a name around what is styled. */
function shown(blocks: readonly Block[]): string {
  return blocks.map(blockShown).join('')
}

function blockShown(block: Block): string {
  switch (block.kind) {
    case 'lines':
      return spansShown(block.spans)
    case 'quote':
      return `{quote:${shown(block.blocks)}}`
    case 'preformatted': {
      const { language, opening, spans, closing } = block
      return `{pre ${language}:${spansShown(opening)}|${spansShown(spans)}|${spansShown(closing)}}`
    }
  }
}

function spansShown(spans: readonly Span[]): string {
  return spans
    .map(span => {
      if ('spans' in span) return `{${span.kind}:${spansShown(span.spans)}}`
      return span.kind === 'link' ? `{link:${span.text}}` : span.text
    })
    .join('')
}

function allOf(blocks: readonly Block[]): readonly Span[] {
  return blocks.flatMap(spansIn)
}

function spansIn(block: Block): readonly Span[] {
  switch (block.kind) {
    case 'lines':
      return flat(block.spans)
    case 'quote':
      return allOf(block.blocks)
    case 'preformatted':
      return flat([...block.opening, ...block.spans, ...block.closing])
  }
}

function flat(spans: readonly Span[]): readonly Span[] {
  return spans.flatMap(span => ('spans' in span ? flat(span.spans) : [span]))
}

function typed(blocks: readonly Block[]): string {
  return allOf(blocks)
    .map(span => ('text' in span ? span.text : ''))
    .join('')
}

describe('spans', () => {
  test.each([
    // Those of XEP-0393.
    ['*strong*', '{strong:*strong*}'],
    ['plain *strong* plain', 'plain {strong:*strong*} plain'],
    ['*strong* plain *strong*', '{strong:*strong*} plain {strong:*strong*}'],
    ['*strong*plain*', '{strong:*strong*}plain*'],
    ['* plain *strong*', '* plain {strong:*strong*}'],
    ['not strong*', 'not strong*'],
    ['*not strong', '*not strong'],
    ['*not \n strong*', '*not \n strong*'],
    ['*not *strong', '*not *strong'],
    ['**', '**'],
    ['****', '****'],
    [
      '_emphasized span containing *strong span*_',
      '{emphasis:_emphasized span containing {strong:*strong span*}_}',
    ],
    ['span one *span two*', 'span one {strong:*span two*}'],
    ['Two spans, both *alike in dignity*', 'Two spans, both {strong:*alike in dignity*}'],
    [
      'The full title is _Twelfth Night, or What You Will_ but _most_ people shorten it.',
      'The full title is {emphasis:_Twelfth Night, or What You Will_} but {emphasis:_most_} people shorten it.',
    ],
    ['Everyone ~dis~likes cake.', 'Everyone {strike:~dis~}likes cake.'],
    ['This is `monospace`', 'This is {code:`monospace`}'],
    ['This is `*monospace*`', 'This is {code:`*monospace*`}'],
    ['This is *`monospace and bold`*', 'This is {strong:*{code:`monospace and bold`}*}'],
    // The first that opens has it, whatever opens in it.
    ['*a _b* c_', '{strong:*a _b*} c_'],
    ['*a `b* c`', '{strong:*a `b*} c`'],
    ['`a *b` c*', '{code:`a *b`} c*'],
    ['*_~`a`~_*', '{strong:*{emphasis:_{strike:~{code:`a`}~}_}*}'],
    ['_*a_*', '{emphasis:_*a_}*'],
    // Only the beginning of a line, white space, and another directive that opens stand before one.
    ['2*3*4', '2*3*4'],
    ['(*a*)', '(*a*)'],
    ['*a*_b_', '{strong:*a*}_b_'],
    ['*a *b*', '{strong:*a *b*}'],
    ['a\t*b*', 'a\t{strong:*b*}'],
    ['a\u00a0*b*', 'a\u00a0{strong:*b*}'],
    ['a\u3000*b*', 'a\u3000{strong:*b*}'],
    ['*a\u2003* b*', '{strong:*a\u2003* b*}'],
    ['a\n*b*', 'a\n{strong:*b*}'],
    ['*a*\n_b_\n', '{strong:*a*}\n{emphasis:_b_}\n'],
    // Nothing in between is no span.
    ['``', '``'],
    ['***', '***'],
    ['**a**', '**a**'],
    ['__init__', '__init__'],
    ['*', '*'],
    ['* *', '* *'],
    ['*_*', '{strong:*_*}'],
    ['', ''],
    ['مرحبا *بك* هنا', 'مرحبا {strong:*بك*} هنا'],
    ['*👩‍👩‍👧*', '{strong:*👩‍👩‍👧*}'],
  ])('%j', (text, expected) => {
    expect(shown(styled(text))).toBe(expected)
    expect(typed(styled(text))).toBe(text)
  })
})

describe('blocks', () => {
  test.each([
    [
      '(There are three blocks,)\n(but there is no *formatting)\n(as spans* may not escape blocks.)',
      '(There are three blocks,)\n(but there is no *formatting)\n(as spans* may not escape blocks.)',
    ],
    [
      '```ignored\n(println "Hello, world!")\n```\n\nThis is not',
      '{pre ignored:```ignored\n|(println "Hello, world!")\n|```\n}\nThis is not',
    ],
    [
      '> ```\n> (println "Hello, world!")\n\nThis is plain',
      '{quote:{pre :> ```\n|> (println "Hello, world!")\n|}}\nThis is plain',
    ],
    [
      '> That that is, is.\n\nSaid the old hermit of Prague.',
      '{quote:> That that is, is.\n}\nSaid the old hermit of Prague.',
    ],
    [
      '>> That that is, is.\n> Said the old hermit of Prague.\n\nWho?',
      '{quote:{quote:>> That that is, is.\n}> Said the old hermit of Prague.\n}\nWho?',
    ],
    // Preformatted text is as it is.
    ['```\n*a* > `b` https://a.b\n> c\n```', '{pre :```\n|*a* > `b` https://a.b\n> c\n|```}'],
    ['``` c++ \nx', '{pre c++:``` c++ \n|x|}'],
    ['```\n```', '{pre :```\n||```}'],
    ['```', '{pre :```||}'],
    ['``` \n\n', '{pre :``` \n|\n|}'],
    ['```\na\n``` \n````\n ```', '{pre :```\n|a\n``` \n````\n ```|}'],
    ['a\n```\nb\n```\nc', 'a\n{pre :```\n|b\n|```\n}c'],
    ['```a\n```\n```b\n```', '{pre a:```a\n||```\n}{pre b:```b\n||```}'],
    [' ```\na', ' ```\na'],
    // More than the name of a language is not to be lost.
    ['```two words\na\n```', '{pre :```|two words\na\n|```}'],
    ['```a```', '{pre :```|a```|}'],
    // A quotation has what a message has.
    ['> *a* `b`', '{quote:> {strong:*a*} {code:`b`}}'],
    ['> *a\n> b*', '{quote:> *a\n> b*}'],
    ['> ```\n> a\n> ```\n> b', '{quote:{pre :> ```\n|> a\n|> ```\n}> b}'],
    ['> ```\na', '{quote:{pre :> ```\n||}}a'],
    ['>```\n>>a\n>```', '{quote:{pre :>```\n|>>a\n|>```}}'],
    ['> > a\n>> b\n> c', '{quote:{quote:> > a\n>> b\n}> c}'],
    ['>*a*', '{quote:>{strong:*a*}}'],
    ['>\u3000*a*', '{quote:>\u3000{strong:*a*}}'],
    ['>  > a', '{quote:>  > a}'],
    ['>', '{quote:>}'],
    ['>\n>', '{quote:>\n>}'],
    [' > a', ' > a'],
    ['a > b', 'a > b'],
    ['a\r\n> b\r\n', 'a\r\n{quote:> b\r\n}'],
  ])('%j', (text, expected) => {
    expect(shown(styled(text))).toBe(expected)
    expect(typed(styled(text))).toBe(text)
  })

  test('a quotation is a shape before the text, in preformatted text, too', () => {
    expect(allOf(styled('>> a\n> ```\n> b')).filter(({ kind }) => kind === 'shape')).toEqual(
      ['>> ', '> ```\n', '> '].map(text => ({ kind: 'shape', text })),
    )
  })

  test('the first space of a quoted line is its only one to go', () => {
    expect(allOf(styled('>  a'))).toEqual([
      { kind: 'shape', text: '> ' },
      { kind: 'text', text: ' a' },
    ])
  })

  test('quotations deeper than eight are text', () => {
    expect(shown(styled('>'.repeat(10)))).toBe(`${'{quote:'.repeat(8)}>>>>>>>>>>${'}'.repeat(8)}`)
  })
})

describe('links', () => {
  test.each([
    ['*see https://a.b/c*', '{strong:*see {link:https://a.b/c}*}'],
    ['_https://a.b/_', '{emphasis:_{link:https://a.b/}_}'],
    ['~https://a.b~', '{strike:~{link:https://a.b}~}'],
    ['> https://a.b', '{quote:> {link:https://a.b}}'],
    // What stands in an address belongs to it.
    ['_see https://a.b/c_d for more_', '{emphasis:_see {link:https://a.b/c_d} for more_}'],
    ['https://a.b/_c_ and *d*', '{link:https://a.b/_c}_ and {strong:*d*}'],
    // No link in preformatted text.
    ['`https://a.b` https://c.d', '{code:`https://a.b`} {link:https://c.d}'],
    ['`a https://b.c d` *e*', '{code:`a https://b.c d`} {strong:*e*}'],
    ['*`https://a.b`*', '{strong:*{code:`https://a.b`}*}'],
    ['xmpp:anna@example.org?message *a*', '{link:xmpp:anna@example.org?message} {strong:*a*}'],
  ])('%j', (text, expected) => {
    expect(shown(styled(text))).toBe(expected)
    expect(typed(styled(text))).toBe(text)
  })

  test.each([
    ['xmpp:anna@example.org', 'xmpp:anna@example.org'],
    ['Write to xmpp:anna@example.org?message;body=Hi.', 'xmpp:anna@example.org?message;body=Hi'],
    ['xmpp://me@example.org/anna@example.org', 'xmpp://me@example.org/anna@example.org'],
    ['xmpp:anna@example.org/Laptop', 'xmpp:anna@example.org/Laptop'],
    ['xmpp:example.org', undefined],
    ['xmpp:', undefined],
    ['xmpp:a@b@c', undefined],
    ['xmpp:%@b', undefined],
    ['xmpp:%20@b', undefined],
    [`xmpp:a@${'b'.repeat(2_040)}`, `xmpp:a@${'b'.repeat(2_040)}`],
    [`xmpp:a@${'b'.repeat(2_048)}`, undefined],
  ])('case %# of who is named', (text, link) => {
    expect(withLinks(text).find(({ kind }) => kind === 'link')?.text).toBe(link)
  })

  test('their address has the host in the letters of its registration', () => {
    // The first letter is a Cyrillic one.
    expect(withLinks('https://аpple.com/')).toEqual([
      { kind: 'link', text: 'https://аpple.com/', url: 'https://xn--pple-43d.com/' },
    ])
  })
})

const HOSTILE = [
  ...['*', '_', '~', '`', '>', '```', '*_~`', '\n', '>\n', '> ', '```\n', '> ```\n', '*a* ', '*a ', 'a* '],
  ...[
    '*a _b ~c `d ',
    '*_',
    '_*~',
    ' *',
    'x*',
    'https://a_',
    '_https://a.b ',
    'xmpp:a@',
    'mailto:*',
    '\ud800',
  ],
]

const PIECES = fc.constantFrom(...HOSTILE, ...['a', ' ', 'https://a.b/', '\t', 'é', '```ts\n', '*b*', '👩‍👧'])

describe('whatever is written', () => {
  test('all pieces together are the text', () => {
    fc.assert(
      fc.property(fc.array(PIECES, { maxLength: 60 }), pieces => {
        const text = pieces.join('')
        expect(typed(styled(text))).toBe(text)
      }),
      { numRuns: 2_000 },
    )
  })

  test('a span has something in it, and no line feed', () => {
    const check = (spans: readonly Span[]): void => {
      for (const span of spans) {
        if (!('spans' in span)) continue
        const text = spansShown(span.spans)
        expect(text.length).toBeGreaterThan(2)
        expect(text).not.toContain('\n')
        check(span.spans)
      }
    }
    const checkBlocks = (blocks: readonly Block[]): void => {
      for (const block of blocks) {
        if (block.kind === 'quote') checkBlocks(block.blocks)
        else check(block.spans)
      }
    }
    fc.assert(fc.property(fc.array(PIECES), pieces => checkBlocks(styled(pieces.join('')))))
  })

  test.each(HOSTILE)('the longest message of %j takes time in proportion', unit => {
    const text = (length: number): string => unit.repeat(Math.ceil(length / unit.length))
    const long = text(MAX_MESSAGE_LENGTH)
    const short = text(MAX_MESSAGE_LENGTH / 16)
    expect(typed(styled(long))).toBe(long)
    // Sixteen times as long: the square would be 256 times the time. A short one takes next to none of it.
    const ratio =
      least(() => styled(long)) /
      Math.max(
        least(() => styled(short)),
        250,
      )
    expect(ratio).toBeLessThan(100)
  })
})

/** Microseconds of this process's own time, the least of some runs. */
function least(run: () => void): number {
  return Math.min(
    ...Array.from({ length: 5 }, () => {
      const before = process.cpuUsage()
      run()
      const { user, system } = process.cpuUsage(before)
      return user + system
    }),
  )
}

describe('a message that is too long', () => {
  const lines = (count: number): string => Array.from({ length: count }, (_, n) => `Line ${n}`).join('\n')

  test.each([
    ['nothing', ''],
    ['forty lines', lines(40)],
    ['forty lines in one', 'word '.repeat(640)],
  ])('is not one of %s', (_, text) => {
    expect(foldedText(text)).toBeUndefined()
  })

  test('begins with its first lines', () => {
    expect(foldedText(lines(41))).toBe(`${lines(30)}\n`)
    expect(foldedText(`a\n${'word '.repeat(700)}`)?.length).toBe(2 + 29 * 80 - 1)
    expect(foldedText('\n'.repeat(65_536))?.length).toBe(30)
  })

  test.each([
    ['a word', `${'word '.repeat(800)}`, /word$/],
    ['an address', `${'a'.repeat(2_300)}: https://example.org/${'b'.repeat(1_000)}`, /: $/],
    ['a family', '👩‍👩‍👧'.repeat(500), /^(👩‍👩‍👧)+$/u],
  ])('is not cut inside of %s', (_, text, end) => {
    expect(foldedText(text)).toMatch(end)
  })

  test('begins as the whole does', () => {
    fc.assert(
      fc.property(fc.array(PIECES, { maxLength: 3_000, size: 'max' }), pieces => {
        const text = pieces.join('')
        const folded = foldedText(text)
        expect(text.startsWith(folded ?? '')).toBe(true)
        if (folded !== undefined) {
          expect(folded.length).toBeLessThan(text.length)
          expect(foldedText(folded)).toBeUndefined()
        }
      }),
      { numRuns: 200 },
    )
  })
})
