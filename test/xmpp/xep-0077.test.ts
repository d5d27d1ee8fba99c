import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  type RegistrationForm,
  readFormInError,
  readRegistration,
  writePasswordChange,
  writeQuestion,
  writeRegistration,
  writeRemoval,
} from '../../main/xmpp/xep-0077.ts'
import { PNG } from '../support/pictures.ts'
import { parseXml, reparsed } from './xml.ts'

const NS = 'jabber:iq:register'
const CID = `sha1+${createHash('sha1').update(PNG).digest('hex')}@bob.xmpp.org`

const read = (inside: string) => readRegistration(parseXml(`<query xmlns='${NS}'>${inside}</query>`))

function readAsForm(inside: string): RegistrationForm {
  const offer = read(inside)
  if (offer.kind !== 'form') throw new Error(offer.kind)
  return offer.form
}

const FORM = `<x xmlns='jabber:x:data' type='form'>
  <title>Contest Registration</title>
  <instructions>Please provide the following information</instructions>
  <field type='hidden' var='FORM_TYPE'><value>${NS}</value></field>
  <field type='text-single' label='Given Name' var='first'><required/></field></x>`
const OOB = "<x xmlns='jabber:x:oob'><url>https://www.shakespeare.lit/contests.php</url></x>"
const INSTRUCTIONS = '<instructions>\n      Choose a name.\n    </instructions>'

describe('what a server offers', () => {
  test('is fields, each of which has to be filled in', () => {
    const form = readAsForm(`${INSTRUCTIONS}<password/><username/><email>old@a.test</email><key>k1</key>`)
    expect(form).toMatchObject({ title: '', instructions: 'Choose a name.', encoding: 'fields' })
    expect(form.fields.map(({ name, type, required, values }) => [name, type, required, values])).toEqual([
      ['username', 'text-single', true, []],
      ['password', 'text-private', true, []],
      ['email', 'text-single', true, ['old@a.test']],
      ['key', 'hidden', false, ['k1']],
    ])
  })

  test('is a form', () => {
    expect(readAsForm(FORM)).toMatchObject({
      title: 'Contest Registration',
      instructions: 'Please provide the following information',
      encoding: 'form',
      fields: [
        { name: 'FORM_TYPE', values: [NS] },
        { name: 'first', label: 'Given Name', required: true },
      ],
    })
  })

  test.each([
    ['beside the form', '', `<data xmlns='urn:xmpp:bob' cid='${CID}'>${PNG.toString('base64')}</data>`],
    ['in the form', `<data xmlns='urn:xmpp:bob' cid='${CID}'>${PNG.toString('base64')}</data>`, ''],
  ])('may be letters to read, %s', (_, inForm, beside) => {
    // XEP-0158 example 8.
    const form = readAsForm(`<x xmlns='jabber:x:data' type='form'>
      <field type='hidden' var='challenge'><value>F3A6292C</value></field>
      <field var='ocr' label='Enter the text you see'>
        <media xmlns='urn:xmpp:media-element' height='80' width='290'>
          <uri type='image/png'>cid:${CID}</uri></media><required/></field>${inForm}</x>${beside}`)
    expect(form.fields[1]).toMatchObject({
      name: 'ocr',
      pictures: [{ type: 'image/png', width: 7, height: 5, bytes: PNG }],
    })
  })

  test.each([
    ['a form, whatever else there is', `${INSTRUCTIONS}<username/>${OOB}${FORM}`, 'form', 'form'],
    ['fields rather than another place', `${INSTRUCTIONS}<username/>${OOB}`, 'form', 'fields'],
    [
      'fields where the form asks for nothing',
      `<username/>${FORM.replace(/<field.*$/s, '</x>')}`,
      'form',
      'fields',
    ],
    [
      'fields where the form is a filled in one',
      `<username/>${FORM.replace("'form'", "'submit'")}`,
      'form',
      'fields',
    ],
  ])('is %s', (_, inside, kind, encoding) => {
    expect(read(inside)).toMatchObject({ kind, form: { encoding } })
  })

  test('is another place', () => {
    expect(read(INSTRUCTIONS + OOB)).toEqual({
      kind: 'elsewhere',
      url: 'https://www.shakespeare.lit/contests.php',
      instructions: 'Choose a name.',
    })
  })

  test.each([
    ['nothing', ''],
    ['only words', INSTRUCTIONS],
    ['only that there is an account', '<registered/>'],
    ['a field that is none', '<invented/>'],
    ['only a key', '<key>k</key>'],
    ['fields of another namespace', "<username xmlns='urn:other'/>"],
    ['a script', "<x xmlns='jabber:x:oob'><url>javascript:alert(1)</url></x>"],
    ['a file', "<x xmlns='jabber:x:oob'><url>file:///etc/passwd</url></x>"],
    ['a page that anybody on the way can read', "<x xmlns='jabber:x:oob'><url>http://a.test/</url></x>"],
    ['a page that looks like another one', "<x xmlns='jabber:x:oob'><url>https://a.test@b.test/</url></x>"],
    ['an address that is none', "<x xmlns='jabber:x:oob'><url>register here</url></x>"],
    ['an endless address', `<x xmlns='jabber:x:oob'><url>https://a.test/${'a'.repeat(3_000)}</url></x>`],
    [
      'an address that is endless once it is written in full',
      `<x xmlns='jabber:x:oob'><url>https://a.test/${'ä'.repeat(700)}</url></x>`,
    ],
    ['another place without an address', "<x xmlns='jabber:x:oob'/>"],
  ])('is closed with %s', (_, inside) => {
    expect(read(inside)).toEqual({ kind: 'closed' })
  })
})

describe('the answer', () => {
  test('to fields is fields', () => {
    const form = readAsForm('<username/><password/><email/><key>k1</key>')
    const answers = new Map([
      ['username', ['bill']],
      ['password', [' m1cro$oft<& ']],
      ['email', ['bard@shakespeare.lit']],
      ['invented', ['x']],
    ])
    expect(reparsed(writeRegistration(form, answers)).toString()).toBe(
      `<query xmlns="${NS}"><username>bill</username><password> m1cro$oft&lt;&amp; </password>` +
        '<email>bard@shakespeare.lit</email><key>k1</key></query>',
    )
    expect(() => writeRegistration(form, new Map([['username', ['bill']]]))).toThrow('password')
  })

  test('to a form is the form, and no fields', () => {
    const form = readAsForm(`<username/>${FORM}`)
    expect(reparsed(writeRegistration(form, new Map([['first', ['Juliet']]]))).toString()).toBe(
      `<query xmlns="${NS}"><x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>${NS}</value></field>` +
        '<field var="first"><value>Juliet</value></field></x></query>',
    )
  })
})

test.each([
  [writeQuestion(), `<query xmlns="${NS}"/>`],
  [writeRemoval(), `<query xmlns="${NS}"><remove/></query>`],
  [
    writePasswordChange('bill', 'newpass'),
    `<query xmlns="${NS}"><username>bill</username><password>newpass</password></query>`,
  ],
])('a request is written as the XEP has it: %s', (element, expected) => {
  expect(reparsed(element).toString()).toBe(expected)
})

describe('an error', () => {
  test('may bring a form along', () => {
    expect(readFormInError(parseXml(`<query xmlns='${NS}'>${FORM}</query>`))).toMatchObject({
      title: 'Contest Registration',
    })
  })

  test.each([
    ['nothing', undefined],
    ['what was sent', `<query xmlns='${NS}'><username>bill</username><password>p</password></query>`],
    ['another place', `<query xmlns='${NS}'>${OOB}</query>`],
    ['a form in something else', `<query xmlns='urn:other'>${FORM}</query>`],
  ])('with %s brings none', (_, text) => {
    expect(readFormInError(text === undefined ? undefined : parseXml(text))).toBeUndefined()
  })
})
