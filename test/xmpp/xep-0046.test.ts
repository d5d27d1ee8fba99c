import { describe, expect, test } from 'vitest'
import { readError } from '../../main/xmpp/stanza.ts'
import {
  type DtcpQuery,
  NS_DTCP,
  readDtcpQuery,
  readGiveUp,
  writeDtcpQuery,
  writeGiveUp,
} from '../../main/xmpp/xep-0046.ts'
import { parseXml, reparsed } from './xml.ts'

const FINGERPRINT = 'urn:xmpp:jingle:apps:dtls:0'
const PLUMB = 'urn:plumb:transfer:0'

/** The query of a stanza as it would come in. */
function read(stanza: string): DtcpQuery | undefined {
  const query = parseXml(stanza).getChild('query', NS_DTCP)
  if (query === undefined) throw new Error('no query')
  return readDtcpQuery(query)
}

const query = (inside: string): string => `<iq><query xmlns='${NS_DTCP}'>${inside}</query></iq>`
const none = { fingerprints: [], streamId: undefined }

describe('the examples of XEP-0046', () => {
  test('the request is read', () => {
    expect(
      read(`
        <iq type="set" id="dtcp_1" to="joe@blow.com/Home">
          <query xmlns="http://jabber.org/protocol/dtcp">
            <key>c7b5ea3f</key>
            <host>192.168.0.32:8000</host>
            <host>63.110.44.12:8000</host>
          </query>
        </iq>`),
    ).toEqual({ key: 'c7b5ea3f', hosts: ['192.168.0.32:8000', '63.110.44.12:8000'], ...none })
  })

  test('the success is read', () => {
    expect(
      read(`
        <iq type="result" id="dtcp_1" from="joe@blow.com/Home">
          <query xmlns="http://jabber.org/protocol/dtcp">
            <key>a1b2c3d4</key>
            <host>192.168.0.33:8000</host>
          </query>
        </iq>`),
    ).toEqual({ key: 'a1b2c3d4', hosts: ['192.168.0.33:8000'], ...none })
  })

  test('the refusal is read', () => {
    expect(
      readError(
        parseXml(`
          <iq type="error" id="dtcp_1" from="joe@blow.com/Home">
            <error code="501">DTCP not supported</error>
          </iq>`),
      ).condition,
    ).toBe('feature-not-implemented')
  })

  test('giving up is read, without an id', () => {
    const stanza = parseXml(`
      <iq type="error" to="joe@blow.com/Home">
        <query xmlns="http://jabber.org/protocol/dtcp">
          <key>a1b2c3d4</key>
        </query>
        <error code="503">Could not connect to any of the hosts.</error>
      </iq>`)
    expect(readGiveUp(stanza)).toBe('a1b2c3d4')
    expect(readError(stanza).condition).toBe('service-unavailable')
  })
})

describe('N1 a query', () => {
  test.each([
    [{ key: 'c7b5ea3f', hosts: [], ...none }, `<query xmlns="${NS_DTCP}"><key>c7b5ea3f</key></query>`],
    [
      { key: 'a', hosts: ['192.168.0.32:8000', '[2001:db8::1]:8000'], ...none },
      `<query xmlns="${NS_DTCP}"><key>a</key><host>192.168.0.32:8000</host><host>[2001:db8::1]:8000</host></query>`,
    ],
    [
      {
        key: 'k<&>',
        hosts: ['192.0.2.1:1'],
        fingerprints: [
          { hash: 'sha-256', text: 'AB:CD' },
          { hash: 'sha-512', text: '01' },
        ],
        streamId: `s'"&<1`,
      },
      `<query xmlns="${NS_DTCP}"><key>k&lt;&amp;&gt;</key><host>192.0.2.1:1</host>` +
        `<fingerprint xmlns="${FINGERPRINT}" hash="sha-256">AB:CD</fingerprint>` +
        `<fingerprint xmlns="${FINGERPRINT}" hash="sha-512">01</fingerprint>` +
        `<stream xmlns="${PLUMB}" sid="s&apos;&quot;&amp;&lt;1"/></query>`,
    ],
  ] as const)('%j is written and read back', (value, text) => {
    const written = writeDtcpQuery(value)
    expect(written.toString()).toBe(text)
    expect(readDtcpQuery(reparsed(written))).toEqual(value)
  })

  test.each([
    ['without a key', ''],
    ['with a host only', '<host>192.0.2.1:1</host>'],
    ['with two keys', '<key>a</key><key>b</key>'],
    ['with the same key twice', '<key>a</key><key>a</key>'],
    ['with its key in another namespace', "<key xmlns='urn:x'>a</key>"],
    ['with its key too deep', '<x><key>a</key></x>'],
    ['with its key as an attribute', "<x key='a'/>"],
    ['with more hosts than any program has', `<key>a</key>${'<host>192.0.2.1:1</host>'.repeat(17)}`],
    [
      'with more fingerprints than any program has',
      `<key>a</key>${`<fingerprint xmlns='${FINGERPRINT}'/>`.repeat(17)}`,
    ],
  ])('%s is none', (_, inside) => {
    expect(read(query(inside))).toBeUndefined()
  })

  test.each([
    // What keys and hosts may be is for another part to say: they come out as they are.
    ['an empty key', '<key/>', { key: '', hosts: [] }],
    ['a key with line ends', '<key>a\nok:b</key>', { key: 'a\nok:b', hosts: [] }],
    ['a key with elements in it', '<key>a<b>c</b>d</key>', { key: 'ad', hosts: [] }],
    ['an empty host', '<key>a</key><host/>', { key: 'a', hosts: [''] }],
    ['hosts of another kind', "<key>a</key><host xmlns='urn:x'>b:1</host>", { key: 'a', hosts: [] }],
    ['unknown elements', '<future/><key>a</key><comment>b</comment>', { key: 'a', hosts: [] }],
    [
      'sixteen hosts',
      `<key>a</key>${'<host>h:1</host>'.repeat(16)}`,
      { key: 'a', hosts: Array(16).fill('h:1') },
    ],
    [
      'a fingerprint without a hash',
      `<key>a</key><fingerprint xmlns='${FINGERPRINT}'>AB</fingerprint>`,
      { key: 'a', hosts: [], fingerprints: [{ hash: '', text: 'AB' }] },
    ],
    [
      'a fingerprint of another kind',
      "<key>a</key><fingerprint xmlns='urn:x' hash='sha-256'>AB</fingerprint>",
      { key: 'a', hosts: [] },
    ],
    ['a stream without an id', `<key>a</key><stream xmlns='${PLUMB}'/>`, { key: 'a', hosts: [] }],
    ['a stream of another kind', "<key>a</key><stream xmlns='urn:x' sid='s'/>", { key: 'a', hosts: [] }],
    [
      'two streams, of which the first counts',
      `<key>a</key><stream xmlns='${PLUMB}' sid='s'/><stream xmlns='${PLUMB}' sid='t'/>`,
      { key: 'a', hosts: [], streamId: 's' },
    ],
  ])('with %s is read', (_, inside, expected) => {
    expect(read(query(inside))).toEqual({ ...none, ...expected })
  })

  test('may be as large and as deep as a stanza', () => {
    const large = 'x'.repeat(1_000_000)
    expect(read(query(`<key>${large}</key>`))?.key).toBe(large)
    const deep = `${'<a>'.repeat(10_000)}${'</a>'.repeat(10_000)}`
    expect(read(query(`${deep}<key>a${deep}</key>`))).toEqual({ key: 'a', hosts: [], ...none })
  })
})

describe('N5 giving up', () => {
  test('names the other’s key, and is read back', () => {
    const stanza = writeGiveUp('joe@blow.com/Home', 'id1', 'a1b2&c3')
    expect(stanza.toString()).toBe(
      `<iq type="error" to="joe@blow.com/Home" id="id1"><query xmlns="${NS_DTCP}"><key>a1b2&amp;c3</key></query>` +
        '<error type="cancel" code="503"><service-unavailable xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>' +
        '<text xmlns="urn:ietf:params:xml:ns:xmpp-stanzas">Could not connect to any of the hosts.</text></error></iq>',
    )
    expect(readGiveUp(reparsed(stanza))).toBe('a1b2&c3')
    expect(readError(reparsed(stanza))).toMatchObject({ condition: 'service-unavailable' })
  })

  test.each([
    ['has no query', "<iq type='error'><error code='503'/></iq>"],
    ['has a query of another kind', "<iq type='error'><query xmlns='urn:x'><key>a</key></query></iq>"],
    ['has a query without a key', `<iq type='error'><query xmlns='${NS_DTCP}'/></iq>`],
    ['has its key beside the query', `<iq type='error'><query xmlns='${NS_DTCP}'/><key>a</key></iq>`],
  ])('is none where it %s', (_, text) => {
    expect(readGiveUp(parseXml(text))).toBeUndefined()
  })
})
