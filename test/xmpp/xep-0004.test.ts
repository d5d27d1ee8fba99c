import { describe, expect, test } from 'vitest'
import type { Picture } from '../../main/pictures/picture-header.ts'
import { type DataForm, type FormField, readForm, writeSubmission } from '../../main/xmpp/xep-0004.ts'
import { PNG } from '../support/pictures.ts'
import { parseXml, reparsed } from './xml.ts'

const NS = 'jabber:x:data'
const CID = 'sha1+0123@bob.xmpp.org'
const PICTURE: Picture = { type: 'image/png', width: 7, height: 5, bytes: PNG }

const read = (inside: string, attributes = "type='form'"): DataForm | undefined =>
  readForm(parseXml(`<x xmlns='${NS}' ${attributes}>${inside}</x>`), new Map([[CID, PICTURE]]))

/** One field as it is when nothing is said about it. */
const field = (name: string, more: Partial<FormField> = {}): FormField => ({
  name,
  type: 'text-single',
  label: '',
  description: '',
  required: false,
  values: [],
  options: [],
  pictures: [],
  ...more,
})

const option = (value: string, label = value) => ({ value, label })

describe('a form', () => {
  test('is read as the XEP has it', () => {
    // XEP-0004 example 2, shortened.
    const form = read(`
      <title>Bot Configuration</title>
      <instructions>Fill out this form to configure your new bot!</instructions>
      <field type='hidden' var='FORM_TYPE'><value>jabber:bot</value></field>
      <field type='fixed'><value>Section 1: Bot Info</value></field>
      <field type='text-single' label='The name of your bot' var='botname'/>
      <field type='text-multi' label='Helpful description of your bot' var='description'/>
      <field type='boolean' label='Public bot?' var='public'><required/></field>
      <field type='text-private' label='Password for special access' var='password'/>
      <field type='list-multi' label='What features will the bot support?' var='features'>
        <option label='Contests'><value>contests</value></option>
        <option label='News'><value>news</value></option>
        <value>news</value>
      </field>
      <field type='list-single' label='Maximum number of subscribers' var='maxsubs'>
        <value>20</value>
        <option label='10'><value>10</value></option>
        <option><value>20</value></option>
      </field>
      <field type='jid-multi' label='People to invite' var='invitelist'>
        <desc>Tell all your friends about your new bot!</desc>
      </field>`)
    expect(form).toEqual({
      title: 'Bot Configuration',
      instructions: 'Fill out this form to configure your new bot!',
      fields: [
        field('FORM_TYPE', { type: 'hidden', values: ['jabber:bot'] }),
        field('', { type: 'fixed', values: ['Section 1: Bot Info'] }),
        field('botname', { label: 'The name of your bot' }),
        field('description', { type: 'text-multi', label: 'Helpful description of your bot' }),
        field('public', { type: 'boolean', label: 'Public bot?', required: true }),
        field('password', { type: 'text-private', label: 'Password for special access' }),
        field('features', {
          type: 'list-multi',
          label: 'What features will the bot support?',
          values: ['news'],
          options: [option('contests', 'Contests'), option('news', 'News')],
        }),
        field('maxsubs', {
          type: 'list-single',
          label: 'Maximum number of subscribers',
          values: ['20'],
          options: [option('10'), option('20')],
        }),
        field('invitelist', {
          type: 'jid-multi',
          label: 'People to invite',
          description: 'Tell all your friends about your new bot!',
        }),
      ],
    })
  })

  test.each([
    ['without a type', "<field var='a'/>", field('a')],
    ['of an unknown type', "<field var='a' type='colour'/>", field('a')],
    [
      'with options that only a list has',
      "<field var='a'><option><value>1</value></option></field>",
      field('a'),
    ],
    ['with an empty value', "<field var='a'><value/></field>", field('a', { values: [''] })],
    [
      'with an option that is there twice',
      "<field var='a' type='list-single'><option label='A'><value>1</value></option><option><value>1</value></option></field>",
      field('a', { type: 'list-single', options: [option('1', 'A')] }),
    ],
    [
      'with an option without a name or a value',
      "<field var='a' type='list-single'><option/><option><value/></option></field>",
      field('a', { type: 'list-single', options: [option('', '–')] }),
    ],
    [
      'with a picture that came along, told twice',
      `<field var='a'><media xmlns='urn:xmpp:media-element' height='80' width='290'>
         <uri type='image/png'>cid:${CID}</uri><uri type='image/jpeg'> cid:${CID} </uri></media></field>`,
      field('a', { pictures: [PICTURE] }),
    ],
    [
      'with pictures elsewhere',
      `<field var='a'><media xmlns='urn:xmpp:media-element'>
         <uri type='image/png'>http://evil.test/track.png</uri><uri>cid:other@bob.xmpp.org</uri></media>
       <media><uri>cid:${CID}</uri></media></field>`,
      field('a'),
    ],
    [
      'with words that turn others around',
      "<field var='a' label='safe&#x202e;exe&#10;line'><desc>&#x2067;d</desc></field>",
      field('a', { label: 'safeexe line', description: 'd' }),
    ],
  ])('with a field %s is read', (_, text, expected) => {
    expect(read(text)?.fields).toEqual([expected])
  })

  test.each([
    ['of another type', "type='submit'"],
    ['that is a result', "type='result'"],
    ['without a type', ''],
  ])('%s is none to fill in', (_, attributes) => {
    expect(read("<field var='a'/>", attributes)).toBeUndefined()
  })

  test('in another namespace is none', () => {
    expect(
      readForm(parseXml("<x xmlns='urn:other' type='form'><field var='a'/></x>"), new Map()),
    ).toBeUndefined()
  })

  test.each([
    ['a field without a name', '<field/>'],
    ['a field in another namespace', "<field xmlns='urn:other' var='b'/>"],
    ['a field with an endless name', `<field var='${'b'.repeat(257)}'/>`],
    ['a field with an endless value', `<field var='b'><value>${'b'.repeat(16_385)}</value></field>`],
    ['a second field of the same name', "<field var='a' type='hidden'><value>2</value></field>"],
    ['a field that is too deep', "<reported><field var='b'/></reported>"],
  ])('is read without %s', (_, text) => {
    expect(read(`<field var='a'/>${text}`)?.fields).toEqual([field('a')])
  })

  test('has bounds in every direction', () => {
    const long = 'l'.repeat(100_000)
    const options = Array.from(
      { length: 10_000 },
      (_, place) => `<option><value>${place}</value></option>`,
    ).join('')
    const values = '<value>v</value>'.repeat(10_000)
    const fields = Array.from({ length: 10_000 }, (_, index) => `<field var='f${index}'/>`)
    const form = read(
      `<title>${long}</title>${`<instructions>${long}</instructions>`.repeat(10)}
       <field var='list' type='list-multi' label='${long}'><desc>${long}</desc>${options}${values}</field>
       ${fields.join('')}`,
    )
    expect(form?.title).toHaveLength(500)
    expect(form?.instructions).toHaveLength(4_000)
    expect(form?.fields).toHaveLength(100)
    const [list] = form?.fields ?? []
    expect(list?.label).toHaveLength(500)
    expect(list?.description).toHaveLength(500)
    expect(list?.options).toHaveLength(500)
    expect(list?.values).toHaveLength(500)
  })
})

describe('a form that is filled in', () => {
  const form: DataForm = {
    title: '',
    instructions: '',
    fields: [
      field('FORM_TYPE', { type: 'hidden', values: ['urn:type'] }),
      field('', { type: 'fixed', values: ['Read this'] }),
      field('name', { label: 'Your name', required: true }),
      field('about', { type: 'text-multi', values: ['before'] }),
      field('colour', { type: 'list-single', options: [option('red'), option('blue')] }),
      field('public', { type: 'boolean', values: ['1'] }),
    ],
  }
  const submit = (answers: Record<string, string[]>): string =>
    reparsed(writeSubmission(form, new Map(Object.entries(answers)))).toString()

  test('has the answers, and for all else what was there', () => {
    expect(submit({ name: ['Bob & <Co>'], colour: ['blue'], invented: ['x'], FORM_TYPE: ['urn:type'] })).toBe(
      `<x xmlns="${NS}" type="submit">` +
        '<field var="FORM_TYPE"><value>urn:type</value></field>' +
        '<field var="name"><value>Bob &amp; &lt;Co&gt;</value></field>' +
        '<field var="about"><value>before</value></field>' +
        '<field var="colour"><value>blue</value></field>' +
        '<field var="public"><value>1</value></field></x>',
    )
  })

  test('has each line of a text as a value, and an answer that was taken back', () => {
    const text = submit({ name: ['\u0000'], about: ['one', 'two'], public: ['false'] })
    expect(text).toContain('<field var="about"><value>one</value><value>two</value></field>')
    expect(text).toContain('<field var="name"><value>\ufffd</value></field>')
    expect(submit({ name: ['n'], about: [] })).toContain('<field var="about"/>')
  })

  test.each([
    [{}, '“Your name” has to be filled in.'],
    [{ name: [''] }, '“Your name” has to be filled in.'],
    [{ name: ['a', 'b'] }, '“Your name” cannot be answered with that: choose something else.'],
    [{ name: ['n'.repeat(16_385)] }, '“Your name” is too long: make it shorter.'],
    [{ name: ['n'], about: Array.from({ length: 501 }, () => 'a') }, '“about” is too long: make it shorter.'],
    [{ name: ['n'], colour: ['green'] }, '“colour” cannot be answered with that: choose something else.'],
    [{ name: ['n'], public: ['yes'] }, '“public” cannot be answered with that: choose something else.'],
  ])('with %j is refused', (answers: Record<string, string[]>, message) => {
    expect(() => submit(answers)).toThrow(expect.objectContaining({ code: 'invalid-argument', message }))
  })
})
