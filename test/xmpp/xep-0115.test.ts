import { describe, expect, test } from 'vitest'
import { capsVersion } from '../../main/xmpp/xep-0115.ts'
import { parseXml } from './xml.ts'

const FEATURES = ['caps', 'disco#info', 'disco#items', 'muc']
  .map(name => `<feature var='http://jabber.org/protocol/${name}'/>`)
  .join('')
const query = (inside: string): ReturnType<typeof parseXml> =>
  parseXml(`<query xmlns='http://jabber.org/protocol/disco#info'>${inside}</query>`)

describe('the version of an answer', () => {
  test('is that of the XEP’s simple example', () => {
    const answer = query(`<identity category='client' type='pc' name='Exodus 0.9.1'/>${FEATURES}`)
    expect(capsVersion(answer, 'sha-1')).toBe('QgayPKawpkPSDYmwT/WM94uAlu0=')
  })

  test('is that of the XEP’s example with forms and languages', () => {
    const answer = query(`
      <identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>
      <identity xml:lang='el' category='client' name='&#x3A8; 0.11' type='pc'/>${FEATURES}
      <x xmlns='jabber:x:data' type='result'>
        <field var='FORM_TYPE' type='hidden'><value>urn:xmpp:dataforms:softwareinfo</value></field>
        <field var='ip_version'><value>ipv4</value><value>ipv6</value></field>
        <field var='os'><value>Mac</value></field>
        <field var='os_version'><value>10.5.1</value></field>
        <field var='software'><value>Psi</value></field>
        <field var='software_version'><value>0.11</value></field>
      </x>`)
    expect(capsVersion(answer, 'sha-1')).toBe('q07IKJEyjvHSyhy//CH0CxmKi8w=')
  })

  test.each([
    ['a feature twice', "<feature var='a'/><feature var='a'/>"],
    ['an identity twice', "<identity category='c' type='t'/><identity category='c' type='t'/>"],
    ['a form without a type', "<x xmlns='jabber:x:data'><field var='os'><value>x</value></field></x>"],
    ['a separator inside of a name', "<feature var='a&lt;b'/>"],
  ])('is none for one with %s', (_, inside) => {
    expect(capsVersion(query(inside), 'sha-1')).toBeUndefined()
  })

  test('is none with a hash function that nobody trusts', () => {
    expect(capsVersion(query(FEATURES), 'md5')).toBeUndefined()
  })
})
