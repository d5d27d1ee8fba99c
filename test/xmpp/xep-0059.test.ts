import { describe, expect, test } from 'vitest'
import { readPageBounds, writePageRequest } from '../../main/xmpp/xep-0059.ts'
import { parseXml } from './xml.ts'

const RSM = 'http://jabber.org/protocol/rsm'

// The examples of the XEP, and those of XEP-0313.
test.each([
  ['the first ten', { max: 10 }, '<max>10</max>'],
  [
    'the ten after one',
    { max: 10, after: 'peter@pixyland.org' },
    '<max>10</max><after>peter@pixyland.org</after>',
  ],
  [
    'the ten before one',
    { max: 10, before: 'peter@pixyland.org' },
    '<max>10</max><before>peter@pixyland.org</before>',
  ],
  ['the last ten', { max: 10, before: '' }, '<max>10</max><before/>'],
  ['an id with markup in it', { max: 1, after: '<&' }, '<max>1</max><after>&lt;&amp;</after>'],
])('%s are asked for', (_, request, content) => {
  expect(writePageRequest(request).toString()).toBe(`<set xmlns="${RSM}">${content}</set>`)
})

describe('what a page says of itself', () => {
  const FULL = { first: 'stpeter@jabber.org', last: 'peter@pixyland.org', count: 800 }
  const NONE = { first: undefined, last: undefined, count: undefined }

  test.each([
    [
      'all of it',
      "<first index='0'>stpeter@jabber.org</first><last>peter@pixyland.org</last><count>800</count>",
      FULL,
    ],
    ['no count', "<first index='0'>a</first><last>b</last>", { first: 'a', last: 'b', count: undefined }],
    ['an empty result', '<count>0</count>', { ...NONE, count: 0 }],
    ['nothing', '', NONE],
    ['empty ids', '<first/><last></last>', NONE],
    ['two of one kind', '<first>a</first><first>b</first><last>c</last>', { ...NONE, last: 'c' }],
    [
      'endless ids',
      `<first>${'a'.repeat(1_025)}</first><last>${'b'.repeat(1_024)}</last>`,
      {
        ...NONE,
        last: 'b'.repeat(1_024),
      },
    ],
    ['an id with a control character', '<last>a\u0001</last>', NONE],
    ['elements of something else', "<first xmlns='urn:x'>a</first>", NONE],
    ['elements in elements', '<last><last>a</last></last>', NONE],
    ['a count below zero', '<count>-1</count>', NONE],
    ['a count that is none', '<count>many</count>', NONE],
    ['an endless count', `<count>${'9'.repeat(400)}</count>`, NONE],
  ])('%s', (_, content, expected) => {
    expect(readPageBounds(parseXml(`<fin><set xmlns='${RSM}'>${content}</set></fin>`))).toEqual(expected)
  })

  test.each([
    ['nothing', ''],
    ['another namespace', "<set xmlns='urn:x'><last>a</last></set>"],
    ['two of them', `<set xmlns='${RSM}'/><set xmlns='${RSM}'/>`],
  ])('%s is no page', (_, content) => {
    expect(readPageBounds(parseXml(`<fin>${content}</fin>`))).toBeUndefined()
  })
})
