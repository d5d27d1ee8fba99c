import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readError } from '../../main/xmpp/stanza.ts'
import {
  type IbbRequest,
  ibbError,
  NS_IBB,
  readIbb,
  writeClose,
  writeData,
  writeOpen,
} from '../../main/xmpp/xep-0047.ts'
import { parseXml, reparsed } from './xml.ts'

/** What an iq as it would come in asks for. */
function read(stanza: string): IbbRequest {
  const [payload] = parseXml(stanza).getChildElements()
  if (payload === undefined) throw new Error('nothing is in it')
  return readIbb(payload)
}

const iq = (payload: string): string => `<iq type='set'>${payload}</iq>`
const open = (attributes: string): string => iq(`<open xmlns='${NS_IBB}' ${attributes}/>`)
const data = (attributes: string, inside = ''): string =>
  iq(`<data xmlns='${NS_IBB}' ${attributes}>${inside}</data>`)

const LINES = [
  'qANQR1DBwU4DX7jmYZnncmUQB/9KuKBddzQH+tZ1ZywKK0yHKnq57kWq+RFtQdCJ',
  'WpdWpR0uQsuJe7+vh3NWn59/gTc5MDlX8dS9p0ovStmNcyLhxVgmqS8ZKhsblVeu',
  'IpQ0JgavABqibJolc3BKrVtVV1igKiX/N7Pi8RtY1K18toaMDhdEfhBRzO/XB0+P',
  'AQhYlRjNacGcslkhXqNjK5Va4tuOAPy2n1Q8UUrHbUd0g+xJ9Bm0G0LZXyvCWyKH',
  'kuNEHFQiLuCY6Iv0myq6iX6tjuHehZlFSh80b5BVV9tNLwNR5Eqz1klxMhoghJOA',
]
const BYTES = Buffer.from(LINES.join(''), 'base64')

describe('the examples of XEP-0047', () => {
  test('the request for a session is read', () => {
    expect(
      read(`
        <iq from='romeo@montague.net/orchard'
            id='jn3h8g65'
            to='juliet@capulet.com/balcony'
            type='set'>
          <open xmlns='http://jabber.org/protocol/ibb'
                block-size='4096'
                sid='i781hf64'
                stanza='iq'/>
        </iq>`),
    ).toEqual({ kind: 'open', sid: 'i781hf64', blockSize: 4096, stanza: 'iq' })
  })

  test('a block is read, in lines and indented as it stands there', () => {
    const request = read(`
      <iq from='romeo@montague.net/orchard'
          id='kr91n475'
          to='juliet@capulet.com/balcony'
          type='set'>
        <data xmlns='http://jabber.org/protocol/ibb' seq='0' sid='i781hf64'>
          ${LINES.join('\n          ')}
        </data>
      </iq>`)
    expect(request).toEqual({ kind: 'data', sid: 'i781hf64', sequence: 0, bytes: BYTES })
  })

  test('the closing is read', () => {
    expect(
      read(`
        <iq from='romeo@montague.net/orchard'
            id='us71g45j'
            to='juliet@capulet.com/balcony'
            type='set'>
          <close xmlns='http://jabber.org/protocol/ibb' sid='i781hf64'/>
        </iq>`),
    ).toEqual({ kind: 'close', sid: 'i781hf64' })
  })

  test.each([
    ['resource-constraint', 'modify', '500'],
    ['not-acceptable', 'cancel', '406'],
    ['item-not-found', 'cancel', '404'],
    ['unexpected-request', 'cancel', '400'],
    ['bad-request', 'cancel', '400'],
  ] as const)('the error %s has the type of the XEP', (condition, type, code) => {
    expect(ibbError(condition).toString()).toBe(
      `<error type="${type}" code="${code}"><${condition} xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error>`,
    )
    expect(readError(parseXml(`<iq type='error'>${ibbError(condition).toString()}</iq>`)).condition).toBe(
      condition,
    )
  })
})

describe('what we write', () => {
  test('is as the XEP has it', () => {
    expect(writeOpen({ sid: 's1', blockSize: 4096, stanza: 'iq' }).toString()).toBe(
      `<open xmlns="${NS_IBB}" sid="s1" block-size="4096" stanza="iq"/>`,
    )
    expect(writeData({ sid: 's1', sequence: 65_535, bytes: Buffer.from('ab') }).toString()).toBe(
      `<data xmlns="${NS_IBB}" sid="s1" seq="65535">YWI=</data>`,
    )
    expect(writeClose(`a'"<&1`).toString()).toBe(`<close xmlns="${NS_IBB}" sid="a&apos;&quot;&lt;&amp;1"/>`)
  })

  test('is read back, whatever the bytes and the id are', () => {
    const id = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(
        id,
        fc.nat(65_535),
        fc.uint8Array({ maxLength: 300 }),
        fc.nat(8),
        (sid, sequence, whole, from) => {
          // A view into something larger, as blocks are.
          const bytes = whole.subarray(from)
          expect(readIbb(reparsed(writeData({ sid, sequence, bytes })))).toEqual({
            kind: 'data',
            sid,
            sequence,
            bytes: Buffer.from(bytes),
          })
          expect(readIbb(reparsed(writeClose(sid)))).toEqual({ kind: 'close', sid })
        },
      ),
    )
  })

  test('may be the largest block that there is', () => {
    const bytes = Buffer.alloc(65_535, 0xfb)
    expect(readIbb(reparsed(writeData({ sid: 's', sequence: 1, bytes })))).toEqual({
      kind: 'data',
      sid: 's',
      sequence: 1,
      bytes,
    })
  })
})

describe('a request for a session', () => {
  test.each([
    [`sid='s' block-size='4096'`, { blockSize: 4096, stanza: 'iq' }],
    [`sid='s' block-size='1'`, { blockSize: 1, stanza: 'iq' }],
    [`sid='s' block-size='65535' stanza='message'`, { blockSize: 65_535, stanza: 'message' }],
    // More than the XEP allows, for which the sender can be told to take less.
    [`sid='s' block-size='65536'`, { blockSize: 65_536, stanza: 'iq' }],
    [`sid='s' block-size='9999999999'`, { blockSize: 9_999_999_999, stanza: 'iq' }],
  ])('with %s is read', (attributes, expected) => {
    expect(read(open(attributes))).toEqual({ kind: 'open', sid: 's', ...expected })
  })

  test.each([
    `block-size='4096'`,
    `sid='' block-size='4096'`,
    `sid='${'s'.repeat(257)}' block-size='4096'`,
    `sid='s'`,
    `sid='s' block-size=''`,
    `sid='s' block-size='0'`,
    `sid='s' block-size='-1'`,
    `sid='s' block-size='4096.5'`,
    `sid='s' block-size='0x1000'`,
    `sid='s' block-size='1e3'`,
    `sid='s' block-size=' 4096'`,
    `sid='s' block-size='٤٠٩٦'`,
    `sid='s' block-size='99999999999'`,
    `sid='s' block-size='4096' stanza=''`,
    `sid='s' block-size='4096' stanza='presence'`,
  ])('with %s is malformed', attributes => {
    expect(read(open(attributes))).toEqual({ kind: 'malformed', blockOf: undefined })
  })

  test.each([
    ['of another kind', `<open xmlns='urn:x' sid='s' block-size='4096'/>`],
    ['by another name', `<opened xmlns='${NS_IBB}' sid='s' block-size='4096'/>`],
    ['for closing, without an id', `<close xmlns='${NS_IBB}'/>`],
    ['with a block, without an id', `<data xmlns='${NS_IBB}' seq='0'>AAAA</data>`],
  ])('%s is malformed', (_, payload) => {
    expect(read(iq(payload))).toEqual({ kind: 'malformed', blockOf: undefined })
  })
})

describe('a block', () => {
  test.each([
    ['nothing', '', ''],
    ['one byte', 'YQ==', 'a'],
    ['two bytes', 'YWI=', 'ab'],
    ['three bytes', 'YWJj', 'abc'],
    ['spaces around it', '  YWJj\t', 'abc'],
    ['line ends around it', '\n\tYWJj\n', 'abc'],
    ['a line end between groups', 'YWJj\nYWJj', 'abcabc'],
    ['a line end as other systems have it', 'YWJj&#13;\nYWI=&#13;\n', 'abcab'],
    ['only a line end', '\n  \n', ''],
    ['a character as an entity', '&#89;WJj', 'abc'],
    ['CDATA', '<![CDATA[YWJj]]>', 'abc'],
  ])('with %s is read', (_, text, expected) => {
    expect(read(data(`sid='s' seq='7'`, text))).toEqual({
      kind: 'data',
      sid: 's',
      sequence: 7,
      bytes: Buffer.from(expected),
    })
  })

  test.each([
    ['padding in front', '=AAA'],
    ['padding in the middle', 'BBBB=CCC'],
    ['padding and then more', 'YQ==YWJj'],
    ['padding at the end of a line that is not the last', 'YQ==\nYWJj'],
    ['padding only', '===='],
    ['too much padding', 'YWI=='],
    ['padding that is missing', 'YWI'],
    ['half of the padding', 'YQ='],
    ['one character', 'Y'],
    ['five characters', 'YWJjY'],
    ['bits behind the last byte', 'YR=='],
    ['more bits behind the last byte', 'YWJ='],
    ['the alphabet for addresses of pages', '-_-_'],
    ['a foreign character', 'YW*j'],
    ['a foreign character as one too many', 'YWJj*'],
    ['a letter that looks alike', 'YWJϳ'],
    ['a space in a group', 'YW Jj'],
    ['a space between groups', 'YWJj YWJj'],
    ['a line end in a group', 'YW\nJj'],
    ['an empty line', 'YWJj\n\nYWJj'],
    ['empty lines only', '\n\n\n\n'],
    ['a space that is none of XML', '\u00A0YWJj'],
    ['a byte order mark', '\uFEFFYWJj'],
    ['an element in it', 'YWJj<x/>'],
    ['an element between', 'YW<x/>Jj'],
    ['more than the largest block with room for lines', 'A'.repeat(131_076)],
    ['spaces without an end', `YWJj${' '.repeat(131_072)}`],
  ])('with %s is malformed, and names its stream', (_, text) => {
    expect(read(data(`sid='s' seq='7'`, text))).toEqual({ kind: 'malformed', blockOf: 's' })
  })

  test.each(['', `seq=''`, `seq='-1'`, `seq='65536'`, `seq='1.0'`, `seq=' 1'`, `seq='x'`, `seq='1e2'`])(
    'with the number %s is malformed',
    attributes => {
      expect(read(data(`sid='s' ${attributes}`, 'AAAA'))).toEqual({ kind: 'malformed', blockOf: 's' })
    },
  )

  test('is read only where it is the base64 of what was read', () => {
    const alphabet = 'ABYZabyz0189+/=-_ \n\t*\u00A0é'.split('')
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...alphabet), { maxLength: 12 }), characters => {
        const text = characters.join('')
        const request = read(data(`sid='s' seq='0'`, text))
        if (request.kind === 'malformed') return
        if (request.kind !== 'data') throw new Error(`read as ${request.kind}`)
        expect(Buffer.from(request.bytes).toString('base64')).toBe(text.replace(/[ \n\t]/g, ''))
      }),
      { numRuns: 2_000 },
    )
  })

  test('of the largest size with hostile spaces takes no time that grows with their square', () => {
    // A pattern that looks again at each space would take minutes here.
    const text = `A${' '.repeat(60_000)}A${' '.repeat(60_000)}A`
    expect(read(data(`sid='s' seq='0'`, text)).kind).toBe('malformed')
  })
})
