import { describe, expect, test } from 'vitest'
import {
  isArchiveResult,
  readArchiveEnd,
  readArchiveResult,
  writeArchiveQuery,
} from '../../main/xmpp/xep-0313.ts'
import { parseXml } from './xml.ts'

const MAM = 'urn:xmpp:mam:2'
const RSM = 'http://jabber.org/protocol/rsm'

describe('a query', () => {
  const field = (name: string, value: string, type = ''): string =>
    `<field var="${name}"${type}><value>${value}</value></field>`
  const form = (...fields: string[]): string =>
    `<x xmlns="jabber:x:data" type="submit">${field('FORM_TYPE', MAM, ' type="hidden"')}${fields.join('')}</x>`

  // Examples of the XEP.
  test.each([
    ['for everything', {}, ''],
    ['with one person', { with: 'juliet@capulet.lit' }, form(field('with', 'juliet@capulet.lit'))],
    [
      'for a span of time',
      { start: new Date('2010-06-07T00:00:00Z'), end: new Date('2010-07-07T13:23:54Z') },
      form(field('start', '2010-06-07T00:00:00.000Z'), field('end', '2010-07-07T13:23:54.000Z')),
    ],
    [
      'for all of it at once',
      { with: 'a@b', start: new Date(0), end: new Date(0) },
      form(
        field('with', 'a@b'),
        field('start', '1970-01-01T00:00:00.000Z'),
        field('end', '1970-01-01T00:00:00.000Z'),
      ),
    ],
  ])('%s', (_, filter, expected) => {
    expect(writeArchiveQuery('f27', filter, { max: 10, after: '09af3-cc343-b409f' }).toString()).toBe(
      `<query xmlns="${MAM}" queryid="f27">${expected}<set xmlns="${RSM}"><max>10</max><after>09af3-cc343-b409f</after></set></query>`,
    )
  })
})

const message =
  "<message xmlns='jabber:client' from='witch@shakespeare.lit' to='macbeth@shakespeare.lit'><body>Hail to thee</body></message>"
const delay = "<delay xmlns='urn:xmpp:delay' stamp='2010-07-10T23:08:25Z'/>"
const forwarded = `<forwarded xmlns='urn:xmpp:forward:0'>${delay}${message}</forwarded>`
const result = (attributes = "queryid='f27' id='28482-98726-73623'", content = forwarded): string =>
  `<result xmlns='${MAM}' ${attributes}>${content}</result>`

describe('a result', () => {
  test('of the XEP’s example', () => {
    const read = readArchiveResult(parseXml(`<message id='aeb213'>${result()}</message>`))
    expect(read).toMatchObject({
      queryId: 'f27',
      archiveId: '28482-98726-73623',
      forwarded: { at: new Date('2010-07-10T23:08:25Z') },
    })
    expect(read?.forwarded?.message.getChildText('body')).toBe('Hail to thee')
  })

  test.each([
    ['without an id', result("queryid='q'"), { queryId: 'q', archiveId: undefined }],
    ['with an endless id', result(`queryid='q' id='${'i'.repeat(1_025)}'`), { archiveId: undefined }],
    ['with a control character in its id', result("queryid='q' id='&#10;'"), { archiveId: undefined }],
    ['without a message', result(undefined, ''), { archiveId: '28482-98726-73623', forwarded: undefined }],
    ['with two', result(undefined, forwarded + forwarded), { forwarded: undefined }],
    [
      'without a time',
      result(undefined, `<forwarded xmlns='urn:xmpp:forward:0'>${message}</forwarded>`),
      { forwarded: { at: undefined } },
    ],
  ])('%s', (_, content, expected) => {
    expect(readArchiveResult(parseXml(`<message>${content}</message>`))).toMatchObject(expected)
  })

  test.each([
    ['of no query', result("id='a'"), true],
    ['of a query with an endless name', result(`queryid='${'q'.repeat(1_025)}' id='a'`), true],
    ['that is there twice', result() + result(), true],
    ['of another version', result().replaceAll(MAM, 'urn:xmpp:mam:1'), false],
    ['inside of something else', `<x xmlns='urn:x'>${result()}</x>`, false],
  ])('%s is none', (_, content, claimsToBe) => {
    const stanza = parseXml(`<message>${content}</message>`)
    expect([readArchiveResult(stanza), isArchiveResult(stanza)]).toEqual([undefined, claimsToBe])
  })
})

describe('the end of a page', () => {
  const set = `<set xmlns='${RSM}'><first index='0'>23452-4534-1</first><last>390-2342-22</last><count>16</count></set>`
  const bounds = { first: '23452-4534-1', last: '390-2342-22', count: 16 }

  test.each([
    [
      'that is the last one',
      `<fin xmlns='${MAM}' complete='true'>${set}</fin>`,
      { ...bounds, complete: true },
    ],
    ['that is the last one, in numbers', `<fin xmlns='${MAM}' complete='1'/>`, { complete: true }],
    ['before others', `<fin xmlns='${MAM}'>${set}</fin>`, { ...bounds, complete: false }],
    ['before others, said so', `<fin xmlns='${MAM}' complete='false'>${set}</fin>`, { complete: false }],
    ['with nonsense', `<fin xmlns='${MAM}' complete='maybe'/>`, { complete: false }],
    ['without bounds', `<fin xmlns='${MAM}'/>`, { complete: false }],
  ])('%s', (_, content, expected) => {
    expect(readArchiveEnd(parseXml(`<iq type='result'>${content}</iq>`))).toMatchObject(expected)
  })

  test.each([
    ['nothing', ''],
    ['another version', "<fin xmlns='urn:xmpp:mam:1'/>"],
    ['two of them', `<fin xmlns='${MAM}'/><fin xmlns='${MAM}'/>`],
  ])('is not %s', (_, content) => {
    expect(readArchiveEnd(parseXml(`<iq type='result'>${content}</iq>`))).toBeUndefined()
  })
})
