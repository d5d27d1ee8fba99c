import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readError } from '../../main/xmpp/stanza.ts'
import {
  destinationAddress,
  NS_BYTESTREAMS,
  readStreamhosts,
  readStreamhostUsed,
  readStreamRequest,
  writeActivation,
  writeAddressQuery,
  writeStreamhostUsed,
  writeStreamRequest,
} from '../../main/xmpp/xep-0065.ts'
import { parseXml, reparsed } from './xml.ts'

const query = (attributes: string, inside: string) =>
  parseXml(`<query xmlns='${NS_BYTESTREAMS}' ${attributes}>${inside}</query>`)
const HOST = "<streamhost jid='requester@example.com/foo' host='192.168.4.1' port='5086'/>"

describe('the examples of XEP-0065', () => {
  test('a request that names the requester is read', () => {
    const stanza = parseXml(`
      <iq from='requester@example.com/foo' id='hu3vax16' to='target@example.org/bar' type='set'>
        <query xmlns='http://jabber.org/protocol/bytestreams' sid='vxf9n471bn46'>
          <streamhost jid='requester@example.com/foo' host='192.168.4.1' port='5086'/>
        </query>
      </iq>`)
    expect(readStreamRequest(stanza.getChild('query') ?? stanza)).toEqual({
      streamId: 'vxf9n471bn46',
      mode: 'tcp',
      hosts: [{ jid: 'requester@example.com/foo', host: '192.168.4.1', port: 5086 }],
    })
  })

  test('a request through a chat room is read, without its view of the address', () => {
    const stanza = query(
      "dstaddr='416781edf1ae50bad01cb8509ba35b43952bc345' sid='yia72g3v49j7'",
      "<streamhost host='24.24.24.1' jid='streamer.example.com' port='7625'/>",
    )
    expect(readStreamRequest(stanza)).toEqual({
      streamId: 'yia72g3v49j7',
      mode: 'tcp',
      hosts: [{ jid: 'streamer.example.com', host: '24.24.24.1', port: 7625 }],
    })
  })

  test('a request for UDP is told from the others', () => {
    expect(readStreamRequest(query("mode='udp' sid='mySID'", HOST))?.mode).toBe('udp')
  })

  test('the host that was used is read', () => {
    const answer = query("sid='vxf9n471bn46'", "<streamhost-used jid='requester@example.com/foo'/>")
    expect(readStreamhostUsed(answer)).toBe('requester@example.com/foo')
    expect(readStreamhostUsed(query('', "<streamhost-used jid='streamer.example.com'/>"))).toBe(
      'streamer.example.com',
    )
  })

  test('the address of a proxy is read', () => {
    expect(
      readStreamhosts(query('', "<streamhost host='24.24.24.1' jid='streamer.example.com' port='7625'/>")),
    ).toEqual([{ jid: 'streamer.example.com', host: '24.24.24.1', port: 7625 }])
  })

  test.each(['item-not-found', 'not-acceptable', 'not-allowed'])('the error %s is read', condition => {
    const stanza = parseXml(
      `<iq type='error'><error type='cancel'><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>`,
    )
    expect(readError(stanza).condition).toBe(condition)
  })
})

describe('what is written', () => {
  test('is a request', () => {
    const request = {
      streamId: `s'"&<1`,
      mode: 'tcp',
      hosts: [
        { jid: 'alice@plumb.test/sofa', host: '2001:db8::1', port: 5086 },
        { jid: 'proxy.plumb.test', host: 'files.plumb.test', port: 1 },
      ],
    } as const
    const written = writeStreamRequest(request)
    expect(written.toString()).toBe(
      `<query xmlns="${NS_BYTESTREAMS}" sid="s&apos;&quot;&amp;&lt;1" mode="tcp">` +
        '<streamhost jid="alice@plumb.test/sofa" host="2001:db8::1" port="5086"/>' +
        '<streamhost jid="proxy.plumb.test" host="files.plumb.test" port="1"/></query>',
    )
    expect(readStreamRequest(reparsed(written))).toEqual(request)
  })

  test('is an answer', () => {
    const written = writeStreamhostUsed('a&b', 'proxy.plumb.test')
    expect(written.toString()).toBe(
      `<query xmlns="${NS_BYTESTREAMS}" sid="a&amp;b"><streamhost-used jid="proxy.plumb.test"/></query>`,
    )
    expect(readStreamhostUsed(reparsed(written))).toBe('proxy.plumb.test')
  })

  test('is an activation, and a question for the address', () => {
    expect(writeActivation('vxf9n471bn46', 'target@example.org/b&r').toString()).toBe(
      `<query xmlns="${NS_BYTESTREAMS}" sid="vxf9n471bn46"><activate>target@example.org/b&amp;r</activate></query>`,
    )
    expect(writeAddressQuery().toString()).toBe(`<query xmlns="${NS_BYTESTREAMS}"/>`)
  })
})

describe('a request', () => {
  test.each([
    ['without an id', query('', HOST)],
    ['with an empty id', query("sid=''", HOST)],
    ['with an id that is too long', query(`sid='${'x'.repeat(257)}'`, HOST)],
    ['without hosts', query("sid='s'", '')],
    ['with hosts of another kind', query("sid='s'", HOST.replace('/>', " xmlns='urn:x'/>"))],
    ['with its hosts too deep', query("sid='s'", `<x>${HOST}</x>`)],
    ['with more hosts than any program has', query("sid='s'", HOST.repeat(33))],
    ['in an unknown mode', query("sid='s' mode='sctp'", HOST)],
    ['in no mode', query("sid='s' mode=''", HOST)],
    ['with a host that has no JID', query("sid='s'", "<streamhost host='192.0.2.1' port='5086'/>")],
    ['with a host that has an empty JID', query("sid='s'", "<streamhost jid='' host='192.0.2.1'/>")],
    ['with a JID that is too long', query("sid='s'", `<streamhost jid='${'j'.repeat(3072)}' host='a'/>`)],
    ['with a host without an address', query("sid='s'", "<streamhost jid='a' port='5086'/>")],
    ['with an empty address', query("sid='s'", "<streamhost jid='a' host='' port='5086'/>")],
    ['with an address that is too long', query("sid='s'", `<streamhost jid='a' host='${'h'.repeat(256)}'/>`)],
    ['of which only one host is none', query("sid='s'", `${HOST}<streamhost jid='a'/>`)],
  ])('%s is none', (_, element) => {
    expect(readStreamRequest(element)).toBeUndefined()
  })

  test.each(['', '-1', '65536', '99999', '1e3', '0x10', ' 80', '5086.0', '123456', '٣'])(
    'with the port “%s” is none',
    port => {
      const host = `<streamhost jid='a' host='b' port='${port}'/>`
      expect(readStreamRequest(query("sid='s'", HOST + host))).toBeUndefined()
    },
  )

  test.each([
    ['without a mode', "sid='s'"],
    ['in the mode tcp', "sid='s' mode='tcp'"],
    ['with an address that is not ours', "sid='s' dstaddr='../../etc/passwd'"],
    ['with attributes of the future', "sid='s' future='yes'"],
  ])('%s is read', (_, attributes) => {
    const hosts = [{ jid: 'requester@example.com/foo', host: '192.168.4.1', port: 5086 }]
    expect(readStreamRequest(query(attributes, HOST))).toEqual({ streamId: 's', mode: 'tcp', hosts })
  })

  test('names port 1080 where it names none', () => {
    expect(readStreamRequest(query("sid='s'", "<streamhost jid='a' host='b'/>"))?.hosts).toEqual([
      { jid: 'a', host: 'b', port: 1080 },
    ])
  })

  test('keeps the order of its hosts, and hosts as they are', () => {
    const hosts = ['::1', '1.2.3.4', 'not a host', '1.2.3.4'].map(
      host => `<streamhost jid='a' host='${host}' port='0'/>`,
    )
    expect(readStreamRequest(query("sid='s'", hosts.join('')))?.hosts.map(({ host }) => host)).toEqual([
      '::1',
      '1.2.3.4',
      'not a host',
      '1.2.3.4',
    ])
  })

  test('of 32 hosts is read', () => {
    expect(readStreamRequest(query("sid='s'", HOST.repeat(32)))?.hosts).toHaveLength(32)
  })
})

describe('an answer', () => {
  test.each([
    ['names nothing', ''],
    ['names two', "<streamhost-used jid='a'/><streamhost-used jid='a'/>"],
    ['names nobody', '<streamhost-used/>'],
    ['names an empty JID', "<streamhost-used jid=''/>"],
    ['names one of another kind', "<streamhost-used xmlns='urn:x' jid='a'/>"],
    ['names one that is too long', `<streamhost-used jid='${'j'.repeat(3072)}'/>`],
    ['repeats the request', HOST],
  ])('that %s is none', (_, inside) => {
    expect(readStreamhostUsed(query("sid='s'", inside))).toBeUndefined()
  })
})

describe('the address of a stream', () => {
  test('is the SHA-1 of its id and both JIDs', () => {
    const expected = createHash('sha1')
      .update('vxf9n471bn46requester@example.com/footarget@example.org/bar')
      .digest('hex')
    expect(destinationAddress('vxf9n471bn46', 'requester@example.com/foo', 'target@example.org/bar')).toBe(
      expected,
    )
    expect(destinationAddress('ä', 'a@b/ü', 'c@d/€')).toBe(
      createHash('sha1').update(Buffer.from('äa@b/üc@d/€', 'utf8')).digest('hex'),
    )
  })

  test('is 40 hex digits, whatever comes', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (id, requester, target) => {
        expect(destinationAddress(id, requester, target)).toMatch(/^[0-9a-f]{40}$/)
      }),
    )
  })
})
