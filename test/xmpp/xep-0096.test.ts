import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { OwnAcceptance, OwnOffer } from '../../main/xmpp/plumb.ts'
import { readError, xml } from '../../main/xmpp/stanza.ts'
import {
  type FileOffer,
  NS_FILE_TRANSFER,
  NS_SI,
  noValidStreams,
  readAcceptance,
  readOffer,
  writeAcceptance,
  writeOffer,
} from '../../main/xmpp/xep-0096.ts'
import { parseXml, reparsed } from './xml.ts'

const BYTESTREAMS = 'http://jabber.org/protocol/bytestreams'
const IBB = 'http://jabber.org/protocol/ibb'
const DTCP = 'http://jabber.org/protocol/dtcp'
const PLUMB = 'urn:plumb:transfer:0'

/** The offer in an iq as it would come in. */
function offerIn(iq: string): ReturnType<typeof readOffer> {
  const si = parseXml(iq).getChild('si', NS_SI)
  if (si === undefined) throw new Error('no <si/>')
  return readOffer(si)
}

const form = (inside: string, attributes = "type='form'"): string =>
  `<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' ${attributes}>${inside}</x></feature>`
const options = (...methods: readonly string[]): string =>
  `<field var='stream-method' type='list-single'>${methods.map(method => `<option><value>${method}</value></option>`).join('')}</field>`

/** A good offer of which parts are replaced. */
function offer({
  attributes = `id='a0' profile='${NS_FILE_TRANSFER}'`,
  file = `<file xmlns='${NS_FILE_TRANSFER}' name='test.txt' size='1022'/>`,
  feature = form(options(DTCP)),
} = {}): string {
  return `<iq><si xmlns='${NS_SI}' ${attributes}>${file}${feature}</si></iq>`
}

const file = (attributes: string): string => `<file xmlns='${NS_FILE_TRANSFER}' ${attributes}/>`

const GOOD: FileOffer = {
  streamId: 'a0',
  name: 'test.txt',
  size: 1022,
  modified: undefined,
  md5: undefined,
  methods: [DTCP],
  range: false,
  own: undefined,
}

const OWN: OwnOffer = {
  key: '00112233445566778899aabbccddeeff',
  resume: true,
  files: 12,
  fingerprints: [{ hash: 'sha-256', text: 'AA:BB' }],
}

describe('the examples of XEP-0095 and XEP-0096', () => {
  test('XEP-0095, example 3: the offer', () => {
    expect(
      offerIn(`
        <iq type='set' id='offer1' to='receiver@jabber.org/resource'>
          <si xmlns='http://jabber.org/protocol/si'
              id='a0'
              mime-type='text/plain'
              profile='http://jabber.org/protocol/si/profile/file-transfer'>
            <file xmlns='http://jabber.org/protocol/si/profile/file-transfer'
                  name='test.txt'
                  size='1022'>
              <desc>This is info about the file.</desc>
            </file>
            <feature xmlns='http://jabber.org/protocol/feature-neg'>
              <x xmlns='jabber:x:data' type='form'>
                <field var='stream-method' type='list-single'>
                  <option><value>http://jabber.org/protocol/bytestreams</value></option>
                  <option><value>jabber:iq:oob</value></option>
                  <option><value>http://jabber.org/protocol/ibb</value></option>
                </field>
              </x>
            </feature>
          </si>
        </iq>`),
    ).toEqual({ ...GOOD, methods: [BYTESTREAMS, 'jabber:iq:oob', IBB] })
  })

  test('XEP-0096, example 1: the simple offer', () => {
    expect(
      offerIn(`
        <iq type='set' id='offer1' to='receiver@jabber.org/resource'>
          <si xmlns='http://jabber.org/protocol/si'
              id='a0'
              mime-type='text/plain'
              profile='http://jabber.org/protocol/si/profile/file-transfer'>
            <file xmlns='http://jabber.org/protocol/si/profile/file-transfer'
                  name='test.txt'
                  size='1022'/>
            <feature xmlns='http://jabber.org/protocol/feature-neg'>
              <x xmlns='jabber:x:data' type='form'>
                <field var='stream-method' type='list-single'>
                  <option><value>http://jabber.org/protocol/bytestreams</value></option>
                  <option><value>http://jabber.org/protocol/ibb</value></option>
                </field>
              </x>
            </feature>
          </si>
        </iq>`),
    ).toEqual({ ...GOOD, methods: [BYTESTREAMS, IBB] })
  })

  test('XEP-0096, example 3: the complete offer', () => {
    expect(
      offerIn(`
        <iq type='set' id='offer1' to='receiver@jabber.org/resource'>
          <si xmlns='http://jabber.org/protocol/si'
              id='a0'
              mime-type='text/plain'
              profile='http://jabber.org/protocol/si/profile/file-transfer'>
            <file xmlns='http://jabber.org/protocol/si/profile/file-transfer'
                  name='test.txt'
                  size='1022'
                  hash='552da749930852c69ae5d2141d3766b1'
                  date='1969-07-21T02:56:15Z'>
              <desc>This is a test. If this were a real file...</desc>
            </file>
            <feature xmlns='http://jabber.org/protocol/feature-neg'>
              <x xmlns='jabber:x:data' type='form'>
                <field var='stream-method' type='list-single'>
                  <option><value>http://jabber.org/protocol/bytestreams</value></option>
                  <option><value>http://jabber.org/protocol/ibb</value></option>
                </field>
              </x>
            </feature>
          </si>
        </iq>`),
    ).toEqual({
      ...GOOD,
      methods: [BYTESTREAMS, IBB],
      md5: '552da749930852c69ae5d2141d3766b1',
      modified: new Date(Date.UTC(1969, 6, 21, 2, 56, 15)),
    })
  })

  test.each([
    ['XEP-0095, example 4', ''],
    [
      'XEP-0095, example 5',
      "<file xmlns='http://jabber.org/protocol/si/profile/profile-name'><value>returned value</value></file>",
    ],
    ['XEP-0096, example 4', "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer'/>"],
  ])('%s: the acceptance', (_, profile) => {
    expect(
      readAcceptance(
        parseXml(`
          <iq type='result' to='sender@jabber.org/resource' id='offer1'>
            <si xmlns='http://jabber.org/protocol/si'>
              ${profile}
              <feature xmlns='http://jabber.org/protocol/feature-neg'>
                <x xmlns='jabber:x:data' type='submit'>
                  <field var='stream-method'>
                    <value>http://jabber.org/protocol/bytestreams</value>
                  </field>
                </x>
              </feature>
            </si>
          </iq>`),
      ),
    ).toEqual({ method: BYTESTREAMS, range: undefined, own: undefined })
  })

  test('XEP-0095, example 6: no valid streams is said as there', () => {
    expect(readError(reparsed(xml('iq', {}, noValidStreams())))).toEqual({
      condition: 'bad-request',
      details: ['no-valid-streams'],
      text: '',
    })
  })
})

describe('an offer that we write', () => {
  const full: FileOffer = {
    streamId: 's1',
    name: 'Grüße & "Küsse" <1>.txt',
    size: Number.MAX_SAFE_INTEGER,
    modified: new Date('2024-02-29T12:34:56.789Z'),
    md5: '552da749930852c69ae5d2141d3766b1',
    methods: [DTCP, BYTESTREAMS, IBB],
    range: true,
    own: OWN,
  }

  test('has all that XEP-0095 and XEP-0096 ask for', () => {
    expect(writeOffer(full).toString()).toBe(
      `<si xmlns="${NS_SI}" id="s1" profile="${NS_FILE_TRANSFER}" mime-type="application/octet-stream">` +
        `<file xmlns="${NS_FILE_TRANSFER}" name="Grüße &amp; &quot;Küsse&quot; &lt;1&gt;.txt" size="9007199254740991" ` +
        `hash="552da749930852c69ae5d2141d3766b1" date="2024-02-29T12:34:56Z"><range/></file>` +
        `<feature xmlns="http://jabber.org/protocol/feature-neg"><x xmlns="jabber:x:data" type="form">` +
        `<field var="stream-method" type="list-single">` +
        [DTCP, BYTESTREAMS, IBB].map(method => `<option><value>${method}</value></option>`).join('') +
        `</field></x></feature><transfer xmlns="${PLUMB}" key="${OWN.key}" resume="true" files="12">` +
        `<fingerprint xmlns="urn:xmpp:jingle:apps:dtls:0" hash="sha-256">AA:BB</fingerprint></transfer></si>`,
    )
  })

  test.each([
    full,
    { ...GOOD },
    { ...GOOD, size: 0, name: '🚰', methods: [] },
    { ...GOOD, modified: new Date(0), own: { ...OWN, resume: false, files: undefined, fingerprints: [] } },
    { ...GOOD, size: undefined, range: true },
  ])('is read back: %j', written => {
    expect(readOffer(reparsed(writeOffer(written)))).toEqual({
      ...written,
      modified: written.modified && new Date(Math.floor(written.modified.getTime() / 1000) * 1000),
    })
  })

  test.each([
    ['an escape of terminals', 'a\u001b[31mb.txt', 'a\uFFFD[31mb.txt'],
    ['a zero and half a character', '\0\uD83D', '\uFFFD\uFFFD'],
  ])('has no %s in the name: the server would end the stream', (_, name, expected) => {
    const written = writeOffer({ ...GOOD, name })
    expect(written.toString()).not.toMatch(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u)
    expect(readOffer(reparsed(written))).toMatchObject({ name: expected })
  })

  test('is read back whatever the file is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), name => {
        const read = readOffer(reparsed(writeOffer({ ...GOOD, name })))
        return !('error' in read) && read.size === 1022 && read.name.length === name.length
      }),
    )
  })
})

describe('an offer that comes in', () => {
  const refused = (iq: string): void => {
    const read = offerIn(iq)
    if (!('error' in read)) throw new Error(`was taken: ${JSON.stringify(read)}`)
    const error = readError(reparsed(xml('iq', {}, read.error)))
    expect(error).toEqual({ condition: 'bad-request', details: ['bad-profile'], text: '' })
  }

  test.each([
    ['without a profile', offer({ attributes: "id='a0'" })],
    [
      'of another profile',
      offer({ attributes: "id='a0' profile='http://jabber.org/protocol/si/profile/tree'" }),
    ],
    ['without an id', offer({ attributes: `profile='${NS_FILE_TRANSFER}'` })],
    ['with an empty id', offer({ attributes: `id='' profile='${NS_FILE_TRANSFER}'` })],
    [
      'with an id without an end',
      offer({ attributes: `id='${'x'.repeat(257)}' profile='${NS_FILE_TRANSFER}'` }),
    ],
    ['without a file', offer({ file: '' })],
    ['with a file of another kind', offer({ file: "<file xmlns='urn:x' name='a' size='1'/>" })],
    ['with a file of no kind', offer({ file: "<file name='a' size='1'/>" })],
    ['with its file too deep', offer({ file: `<x>${file("name='a' size='1'")}</x>` })],
    ['without a name', offer({ file: file("size='1'") })],
  ])('%s is refused', (_, iq) => refused(iq))

  test('without a size is taken: some programs leave it out', () => {
    expect(offerIn(offer({ file: file("name='a'") }))).toEqual({ ...GOOD, name: 'a', size: undefined })
  })

  test.each([
    '',
    ' ',
    '-1',
    '+1',
    '1.5',
    '1e3',
    '0x10',
    '١٢',
    '1 2',
    ' 1',
    '1\n',
    'NaN',
    'Infinity',
    '-0',
    '9007199254740992',
    '99999999999999999999',
    '00000000000000000',
    `1${'0'.repeat(400)}`,
    'many',
  ])('with the size “%s” is refused', size => refused(offer({ file: file(`name='a' size='${size}'`) })))

  test.each([
    ['0', 0],
    ['1', 1],
    ['0042', 42],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ])('with the size “%s” is taken', (text, size) => {
    expect(offerIn(offer({ file: file(`name='a' size='${text}'`) }))).toEqual({ ...GOOD, name: 'a', size })
  })

  test.each([
    // Safe names are made elsewhere: what was written comes out.
    '',
    '..',
    '../../etc/passwd',
    String.raw`C:\evil.exe`,
    'a/b',
    '\u202Egpj.exe',
    ' ',
    'x'.repeat(100_000),
  ])('keeps the name as it was written (%#)', name => {
    expect(offerIn(offer({ file: file(`name='${name}' size='1'`) }))).toMatchObject({ name })
  })

  test('with an id of 256 characters is taken', () => {
    const id = 'x'.repeat(256)
    expect(offerIn(offer({ attributes: `id='${id}' profile='${NS_FILE_TRANSFER}'` }))).toMatchObject({
      streamId: id,
    })
  })

  test.each([
    ['552DA749930852C69AE5D2141D3766B1', '552da749930852c69ae5d2141d3766b1'],
    ['552da749930852c69ae5d2141d3766b', undefined],
    ['552da749930852c69ae5d2141d3766b12', undefined],
    ['g52da749930852c69ae5d2141d3766b1', undefined],
    ['', undefined],
  ])('with the hash “%s” has the MD5 %s', (hash, md5) => {
    expect(offerIn(offer({ file: file(`name='a' size='1' hash='${hash}'`) }))).toMatchObject({ size: 1, md5 })
  })

  test.each([
    ['2005-11-29T11:21Z', new Date(Date.UTC(2005, 10, 29, 11, 21))],
    ['2005-11-29T11:21:30+01:00', new Date(Date.UTC(2005, 10, 29, 10, 21, 30))],
    ['yesterday', undefined],
    ['2005-13-45T99:99:99Z', undefined],
    ['99999999999999999999', undefined],
    ['', undefined],
  ])('with the date “%s” is of %s', (date, modified) => {
    expect(offerIn(offer({ file: file(`name='a' size='1' date='${date}'`) }))).toMatchObject({
      size: 1,
      modified,
    })
  })

  test.each([
    ['without a feature', '', []],
    ['with a feature of another kind', "<feature xmlns='urn:x'/>", []],
    ['without a form', "<feature xmlns='http://jabber.org/protocol/feature-neg'/>", []],
    ['with a form of another kind', form(options(DTCP)).replace('jabber:x:data', 'urn:x'), []],
    ['without a field', form(''), []],
    ['with another field only', form(options(DTCP).replace('stream-method', 'other')), []],
    ['with another field before', form(`<field var='other'/>${options(DTCP)}`), [DTCP]],
    ['without an option', form(options()), []],
    ['with an option without a value', form("<field var='stream-method'><option/></field>"), ['']],
    ['with values instead of options', form(`<field var='stream-method'><value>${DTCP}</value></field>`), []],
    ['with white space around', form(options(`\n  ${DTCP}\n  `)), [DTCP]],
    ['with the same method twice', form(options(DTCP, DTCP)), [DTCP, DTCP]],
    ['with two fields, of which the first counts', form(options(IBB) + options(DTCP)), [IBB]],
    ['with methods without an end', form(options(...Array(1000).fill(IBB), DTCP)), Array(32).fill(IBB)],
  ])('%s offers those methods that can be read', (_, feature, methods) => {
    expect(offerIn(offer({ feature }))).toEqual({ ...GOOD, methods })
  })

  test('says whether its beginning can be left out', () => {
    const ranged = `<file xmlns='${NS_FILE_TRANSFER}' name='test.txt' size='1022'><range/></file>`
    expect(offerIn(offer({ file: ranged }))).toEqual({ ...GOOD, range: true })
    expect(offerIn(offer({ file: ranged.replace('<range/>', "<range xmlns='urn:x'/>") }))).toEqual(GOOD)
  })

  const withOwn = (element: string) => offerIn(offer({ feature: form(options(DTCP)) + element }))

  test('is of one of our programs by our own element', () => {
    const own = { key: OWN.key, resume: false, files: undefined, fingerprints: [] }
    expect(withOwn(`<transfer xmlns='${PLUMB}' key='${OWN.key}'/>`)).toEqual({ ...GOOD, own })
  })

  test.each([
    ['in another namespace', `<transfer xmlns='urn:x' key='${OWN.key}'/>`],
    ['without a key', `<transfer xmlns='${PLUMB}'/>`],
    ['with a key that is too short', `<transfer xmlns='${PLUMB}' key='00'/>`],
    ['with a key that is none', `<transfer xmlns='${PLUMB}' key='${'../'.repeat(11)}'/>`],
    ['with files that cannot be counted', `<transfer xmlns='${PLUMB}' key='${OWN.key}' files='-1'/>`],
    ['with files without an end', `<transfer xmlns='${PLUMB}' key='${OWN.key}' files='9999999999'/>`],
    ['too deep', `<x><transfer xmlns='${PLUMB}' key='${OWN.key}'/></x>`],
  ])('%s is another program’s', (_, element) => {
    expect(withOwn(element)).toEqual(GOOD)
  })

  test('may be deep, and large', () => {
    const deep = `${'<a>'.repeat(10_000)}${'</a>'.repeat(10_000)}`
    expect(offerIn(offer({ feature: deep + form(deep + options(DTCP)) }))).toEqual(GOOD)
    refused(offer({ file: deep }))
  })
})

describe('an acceptance', () => {
  const done = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
  test.each<[string, number, OwnAcceptance | undefined, string, string]>([
    [DTCP, 0, undefined, '', ''],
    [
      BYTESTREAMS,
      4096,
      { fingerprints: OWN.fingerprints, done },
      `<file xmlns="${NS_FILE_TRANSFER}"><range offset="4096"/></file>`,
      `<transfer xmlns="${PLUMB}" done="${done}"><fingerprint xmlns="urn:xmpp:jingle:apps:dtls:0" hash="sha-256">AA:BB</fingerprint></transfer>`,
    ],
  ])('of %s from byte %i is written and read back', (method, offset, own, range, element) => {
    const written = writeAcceptance({ method, offset, own })
    expect(written.toString()).toBe(
      `<si xmlns="${NS_SI}">${range}<feature xmlns="http://jabber.org/protocol/feature-neg"><x xmlns="jabber:x:data" type="submit">` +
        `<field var="stream-method"><value>${method}</value></field></x></feature>${element}</si>`,
    )
    expect(readAcceptance(reparsed(xml('iq', {}, written)))).toEqual({
      method,
      range: offset === 0 ? undefined : { offset, length: undefined },
      own,
    })
  })

  test.each([
    ["offset='10'", { offset: 10, length: undefined }],
    ["offset='10' length='5'", { offset: 10, length: 5 }],
    ["length='5'", { offset: 0, length: 5 }],
    ['', { offset: 0, length: undefined }],
    ["offset='-1'", 'malformed'],
    ["offset='1e9'", 'malformed'],
    ["length='many'", 'malformed'],
    ["offset='99999999999999999999'", 'malformed'],
  ])('with the range %s wants %j', (attributes, range) => {
    const text = `<iq><si xmlns='${NS_SI}'><file xmlns='${NS_FILE_TRANSFER}'><range ${attributes}/></file></si></iq>`
    expect(readAcceptance(parseXml(text))).toMatchObject({ range })
  })

  test('is done only with a SHA-256', () => {
    const text = `<iq><si xmlns='${NS_SI}'><transfer xmlns='${PLUMB}' done='yes'/></si></iq>`
    expect(readAcceptance(parseXml(text)).own).toEqual({ fingerprints: [], done: undefined })
  })

  const accepted = (inside: string) =>
    readAcceptance(parseXml(`<iq type='result'><si xmlns='${NS_SI}'>${inside}</si></iq>`)).method

  test.each([
    ['an empty answer', "<iq type='result'/>"],
    ['an answer of another kind', "<iq type='result'><si xmlns='urn:x'/></iq>"],
    ['an answer without a form', `<iq type='result'><si xmlns='${NS_SI}'/></iq>`],
  ])('in %s names no method', (_, text) => {
    expect(readAcceptance(parseXml(text))).toEqual({ method: undefined, range: undefined, own: undefined })
  })

  test.each([
    ['no value', ''],
    ['two values', `<value>${DTCP}</value><value>${IBB}</value>`],
    ['the same value twice', `<value>${DTCP}</value><value>${DTCP}</value>`],
    ['an option', `<option><value>${DTCP}</value></option>`],
  ])('with %s names no method', (_, values) => {
    expect(accepted(form(`<field var='stream-method'>${values}</field>`, "type='submit'"))).toBeUndefined()
  })

  test('is read with white space, and whatever its form says it is', () => {
    const field = `<field var='stream-method'><value>\n ${DTCP} </value></field>`
    for (const attributes of ["type='submit'", "type='result'", "type='form'", '']) {
      expect(accepted(form(field, attributes))).toBe(DTCP)
    }
  })
})
