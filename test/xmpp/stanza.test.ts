import { jid } from '@xmpp/client'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  attribute,
  bareJid,
  type Condition,
  isFullJid,
  normalizeJid,
  personJid,
  readError,
  stanzaError,
  xml,
  xmlText,
} from '../../main/xmpp/stanza.ts'
import { parseXml, reparsed } from './xml.ts'

const STANZAS = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"

describe('an error that we write', () => {
  test.each([
    ['bad-request', 'modify', '400'],
    ['conflict', 'cancel', '409'],
    ['feature-not-implemented', 'cancel', '501'],
    ['forbidden', 'cancel', '403'],
    ['internal-server-error', 'cancel', '500'],
    ['item-not-found', 'cancel', '404'],
    ['not-acceptable', 'cancel', '406'],
    ['resource-constraint', 'wait', '500'],
    ['service-unavailable', 'cancel', '503'],
  ] as const)(
    '%s has its type, its legacy code, and is read as what it is',
    (condition: Condition, type, code) => {
      const error = stanzaError(
        condition,
        xml('no-valid-streams', { xmlns: 'http://jabber.org/protocol/si' }),
      )
      expect(error.toString()).toBe(
        `<error type="${type}" code="${code}"><${condition} xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>` +
          `<no-valid-streams xmlns="http://jabber.org/protocol/si"/></error>`,
      )
      expect(readError(reparsed(xml('iq', { type: 'error' }, error)))).toEqual({
        condition,
        details: ['no-valid-streams'],
        text: '',
      })
    },
  )
})

describe('an error of a peer', () => {
  const read = (inside: string) => readError(parseXml(`<iq type='error'>${inside}</iq>`))

  test.each([
    // RFC 6120.
    [
      `<error type='cancel'><item-not-found ${STANZAS}/></error>`,
      { condition: 'item-not-found', details: [], text: '' },
    ],
    [
      `<query xmlns='urn:x'/><error type='modify' by='plumb.test'><text ${STANZAS} xml:lang='en'>No &amp; no.</text><bad-request ${STANZAS}/></error>`,
      { condition: 'bad-request', details: [], text: 'No & no.' },
    ],
    // XEP-0095, examples 5 to 7.
    [
      `<error code='400' type='cancel'><bad-request ${STANZAS}/><no-valid-streams xmlns='http://jabber.org/protocol/si'/></error>`,
      { condition: 'bad-request', details: ['no-valid-streams'], text: '' },
    ],
    [
      `<error code='400' type='cancel'><bad-request ${STANZAS}/><bad-profile xmlns='http://jabber.org/protocol/si'/></error>`,
      { condition: 'bad-request', details: ['bad-profile'], text: '' },
    ],
    [
      `<error code='403' type='cancel'><forbidden ${STANZAS}/><text ${STANZAS}>Offer Declined</text></error>`,
      { condition: 'forbidden', details: [], text: 'Offer Declined' },
    ],
    // XEP-0046: the code is all that there is.
    [
      "<error code='501'>DTCP not supported</error>",
      { condition: 'feature-not-implemented', details: [], text: '' },
    ],
    ["<error code='503'/>", { condition: 'service-unavailable', details: [], text: '' }],
    ["<error code='403'/>", { condition: 'forbidden', details: [], text: '' }],
    ["<error code='404'/>", { condition: 'item-not-found', details: [], text: '' }],
    // The condition weighs more than the code.
    [`<error code='404'><forbidden ${STANZAS}/></error>`, { condition: 'forbidden', details: [], text: '' }],
    // Conditions that we do not know are conditions.
    [`<error><new-one ${STANZAS}/></error>`, { condition: 'new-one', details: [], text: '' }],
  ])('%s', (text, expected) => expect(read(text)).toEqual(expected))

  test.each([
    ['is missing', ''],
    ['is empty', '<error/>'],
    ['has a code that nobody knows', "<error code='999'/>"],
    ['has a code that is no number', "<error code='forbidden'/>"],
    ['has the condition in another namespace', "<error><forbidden xmlns='urn:x'/></error>"],
    ['has text only', `<error><text ${STANZAS}>forbidden</text></error>`],
    ['has the condition too deep', `<error><a xmlns='urn:x'><forbidden ${STANZAS}/></a></error>`],
    ['has a code with a name that objects have', "<error code='constructor'/>"],
    ['has a code with a method’s name', "<error code='toString'/>"],
    ['has a code that reaches behind objects', "<error code='__proto__'/>"],
  ])('that %s has an undefined condition, as text', (_, inside) => {
    expect(read(inside).condition).toBe('undefined-condition')
  })

  test('takes the first of two conditions, and of two errors', () => {
    expect(read(`<error><gone ${STANZAS}/><conflict ${STANZAS}/></error>`).condition).toBe('gone')
    expect(read(`<error><gone ${STANZAS}/></error><error><conflict ${STANZAS}/></error>`).condition).toBe(
      'gone',
    )
  })
})

describe('an address', () => {
  test.each([
    ['bob@plumb.test/desk', 'bob@plumb.test/desk'],
    ['BOB@Plumb.TEST/Desk', 'bob@plumb.test/Desk'],
    ['bob@plumb.test', 'bob@plumb.test'],
    ['Plumb.Test', 'plumb.test'],
    ['plumb.test/x', 'plumb.test/x'],
    ['bob@plumb.test/a/b@c', 'bob@plumb.test/a/b@c'],
    ['bob@plumb.test/🛋 é', 'bob@plumb.test/🛋 é'],
    // XEP-0106.
    ["d'artagnan@plumb.test", String.raw`d\27artagnan@plumb.test`],
    [String.raw`d\27artagnan@plumb.test`, String.raw`d\27artagnan@plumb.test`],
  ])('%s is %s', (text, expected) => {
    expect(normalizeJid(text)).toBe(expected)
    // Once more changes nothing.
    expect(normalizeJid(expected)).toBe(expected)
  })

  test('is the same as the library’s, whatever is in it', () => {
    const part = fc.string({
      unit: fc.constantFrom('a', 'B', '7', '.', '-', '+', '@', '/', ' ', '\\', '&', 'ß'),
    })
    fc.assert(
      fc.property(part, part, part, (local, domain, resource) => {
        const text = `${local}@${domain}/${resource}`
        let expected: string | undefined
        try {
          const parsed = jid(text)
          expected = parsed.domain === '' ? undefined : parsed.toString()
        } catch {
          expected = undefined
        }
        expect(normalizeJid(text)).toBe(expected)
      }),
      { numRuns: 1_000 },
    )
  })

  test.each(['', '@', '/', '/x', 'bob@', 'bob@/x', '@/'])('“%s” is none', text => {
    expect(normalizeJid(text)).toBeUndefined()
  })

  // RFC 7622 has none of these in any part.
  test.each([
    'bob@plumb.test/a\u202eb',
    'b\u2066ob@plumb.test',
    'bob@plumb.test\u200f',
    'bob@plumb.test/a\nb',
  ])('%j, which would be shown as another one, is none', text => expect(normalizeJid(text)).toBeUndefined())

  test.each([
    ['bob@plumb.test/desk', 'bob@plumb.test', true],
    ['bob@plumb.test/a/b', 'bob@plumb.test', true],
    ['bob@plumb.test', 'bob@plumb.test', false],
    ['plumb.test/x@y', 'plumb.test', true],
  ])('%s has the bare form %s', (full, bare, isFull) => {
    expect(bareJid(full)).toBe(bare)
    expect(isFullJid(full)).toBe(isFull)
  })

  test('never throws, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        const once = normalizeJid(text)
        if (once === undefined) return true
        return bareJid(once).length <= once.length
      }),
    )
  })
})

describe('text', () => {
  test('that XML carries stays as it is', () => {
    const text = 'a\tb\nc\rd <&>"\' é漢🚰\u{10FFFF}\uFFFD\uE000'
    expect(xmlText(text)).toBe(text)
  })

  test.each([
    ['an escape of terminals', 'a\u001b[31mb', 'a\uFFFD[31mb'],
    ['a zero', 'a\0b', 'a\uFFFDb'],
    ['half a character', 'a\uD83Db\uDEB0', 'a\uFFFDb\uFFFD'],
    ['what Unicode never assigns', 'a\uFFFE\uFFFFb', 'a\uFFFD\uFFFDb'],
  ])('loses %s, at which a server would end the stream', (_, text, expected) => {
    expect(xmlText(text)).toBe(expected)
  })

  test('is read back as it was written, in attributes and between tags', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), raw => {
        const text = xmlText(raw)
        const read = reparsed(xml('a', { xmlns: 'urn:x', b: text }, text))
        return attribute(read, 'b') === text && read.text() === text
      }),
    )
  })

  test('of an attribute that is missing is undefined', () => {
    const element = parseXml("<a b=''/>")
    expect(attribute(element, 'b')).toBe('')
    for (const name of ['c', 'constructor', '__proto__', 'toString'])
      expect(attribute(element, name)).toBeUndefined()
  })
})

describe('the account of a person', () => {
  test.each([
    ['bob@plumb.test', 'bob@plumb.test'],
    ['BOB@Plumb.test/Desk', 'bob@plumb.test'],
    ['bob@plumb.test/a@b/c', 'bob@plumb.test'],
    ['плумб@plumb.test', 'плумб@plumb.test'],
    ['plumb.test', undefined],
    ['plumb.test/bob@plumb.test', undefined],
    ['@plumb.test', undefined],
    ['bob@', undefined],
    ['a@b@c', undefined],
    ['b\u0007b@plumb.test', undefined],
    ['', undefined],
    [`${'b'.repeat(4_000)}@plumb.test`, undefined],
    // Longer than any account, though not than any address: it could not cross to the window.
    [`${'b'.repeat(2_100)}@plumb.test`, undefined],
  ])('of %j is %j', (text, expected) => expect(personJid(text)).toBe(expected))
})
