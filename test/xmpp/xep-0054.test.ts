import { describe, expect, test } from 'vitest'
import { changeVCard, fetchVCard, readVCard, updateVCard } from '../../main/xmpp/xep-0054.ts'
import { JPEG, PNG } from '../support/pictures.ts'
import { answer, error } from './answer.ts'
import { FakeTransport } from './fake-transport.ts'
import { parseXml, reparsed } from './xml.ts'

const NS = 'vcard-temp'
const card = (inside: string) => parseXml(`<vCard xmlns='${NS}'>${inside}</vCard>`)
const photo = (content: string, type = '<TYPE>image/png</TYPE>'): string =>
  `<PHOTO>${type}<BINVAL>${content}</BINVAL></PHOTO>`
const BASE64 = PNG.toString('base64')
const PICTURE = { type: 'image/png', width: 7, height: 5, bytes: PNG } as const
const NOTHING = { fullName: undefined, nickname: undefined, photo: undefined }

describe('a card', () => {
  test.each([
    [
      'with both names',
      '<FN>Peter Saint-Andre</FN><N><FAMILY>Saint-Andre</FAMILY></N><NICKNAME> stpeter </NICKNAME>',
      { ...NOTHING, fullName: 'Peter Saint-Andre', nickname: 'stpeter' },
    ],
    ['with empty names', '<FN/><NICKNAME> </NICKNAME>', NOTHING],
    [
      'with names that harm',
      `<FN>a\u202eb\n</FN><NICKNAME>${'n'.repeat(100_000)}</NICKNAME>`,
      { ...NOTHING, fullName: 'ab', nickname: `${'n'.repeat(199)}…` },
    ],
    ['with a picture', photo(BASE64), { ...NOTHING, photo: PICTURE }],
    ['with a folded picture', photo(BASE64.replace(/.{75}/g, '$&\n    ')), { ...NOTHING, photo: PICTURE }],
    ['with a picture of no type', photo(BASE64, ''), { ...NOTHING, photo: PICTURE }],
    ['with a picture of an empty type', photo(BASE64, '<TYPE/>'), { ...NOTHING, photo: PICTURE }],
    ['with a picture of another type', photo(BASE64, '<TYPE>image/jpeg</TYPE>'), NOTHING],
    ['with a picture elsewhere', '<PHOTO><EXTVAL>http://evil.test/a.png</EXTVAL></PHOTO>', NOTHING],
    ['with a picture that is none', photo('aGk='), NOTHING],
    ['with a picture that is no base64', photo(`!${BASE64}`), NOTHING],
    ['with an endless picture', photo('A'.repeat(3_000_000)), NOTHING],
    [
      'in another namespace',
      `<FN xmlns='urn:other'>x</FN><PHOTO xmlns='urn:other'>${BASE64}</PHOTO>`,
      NOTHING,
    ],
    ['with nothing', '', NOTHING],
  ])('%s is read', (_, inside, expected) => {
    expect(readVCard(card(inside))).toEqual(expected)
  })
})

describe('a card of our own', () => {
  const PHOTO = `<PHOTO><TYPE>image/png</TYPE><BINVAL>${BASE64}</BINVAL></PHOTO>`
  test.each([
    ['a first picture', undefined, { photo: PICTURE }, PHOTO],
    [
      'another picture',
      `<FN>A</FN>${photo('b2xk')}<URL>u</URL>`,
      { photo: PICTURE },
      `<FN>A</FN><URL>u</URL>${PHOTO}`,
    ],
    ['no picture', `<FN>A</FN>${photo('b2xk')}`, { photo: null }, '<FN>A</FN>'],
    [
      'a name',
      `${PHOTO}<NICKNAME>old</NICKNAME>`,
      { nickname: 'a & b' },
      `${PHOTO}<FN>a &amp; b</FN><NICKNAME>a &amp; b</NICKNAME>`,
    ],
    [
      'a name beside the full one',
      '<FN>Alice A.</FN>',
      { nickname: 'Al' },
      '<FN>Alice A.</FN><NICKNAME>Al</NICKNAME>',
    ],
    ['no name', '<FN>Alice A.</FN><NICKNAME>Al</NICKNAME>', { nickname: '' }, '<FN>Alice A.</FN>'],
    ['nothing else', '<FN>A</FN><NICKNAME>b</NICKNAME>', {}, '<FN>A</FN><NICKNAME>b</NICKNAME>'],
  ])('gets %s, and keeps the rest', (_, before, change, inside) => {
    const changed = changeVCard(before === undefined ? undefined : card(before), change)
    expect(reparsed(changed).toString()).toBe(
      inside === '' ? `<vCard xmlns="${NS}"/>` : `<vCard xmlns="${NS}">${inside}</vCard>`,
    )
  })

  test('is read, changed and written', async () => {
    const transport = new FakeTransport()
    const updating = updateVCard(transport.iq, { photo: { ...PICTURE, type: 'image/jpeg', bytes: JPEG } })
    const question = await answer(transport, 1, "<vCard xmlns='vcard-temp'><FN>A</FN></vCard>")
    expect(question.attrs).toMatchObject({ type: 'get' })
    expect(question.attrs['to']).toBeUndefined()
    const change = await answer(transport, 2)
    await updating
    expect(change.attrs['type']).toBe('set')
    expect(change.getChild('vCard', NS)?.toString()).toMatch(/^<vCard xmlns="vcard-temp"><FN>A<\/FN><PHOTO>/)
  })

  test('that is too long for a server is not sent', async () => {
    const transport = new FakeTransport()
    const updating = updateVCard(transport.iq, { nickname: 'Al' })
    updating.catch(() => {})
    await answer(transport, 1, `<vCard xmlns='vcard-temp'><NOTE>${'n'.repeat(250_000)}</NOTE></vCard>`)
    await expect(updating).rejects.toMatchObject({ code: 'not-allowed' })
    expect(transport.sent).toHaveLength(1)
  })
})

describe('a card is asked for', () => {
  test('of somebody', async () => {
    const transport = new FakeTransport()
    const fetching = fetchVCard(transport.iq, 'bob@plumb.test')
    const question = await answer(transport, 1, "<vCard xmlns='vcard-temp'><FN>Bob</FN></vCard>")
    expect(question.toString()).toContain('<vCard xmlns="vcard-temp"/>')
    expect((await fetching)?.getChildText('FN')).toBe('Bob')
  })

  test.each(['item-not-found', 'service-unavailable'])('of somebody who has none (%s)', async condition => {
    const transport = new FakeTransport()
    const fetching = fetchVCard(transport.iq, 'bob@plumb.test')
    await answer(transport, 1, error(condition), 'error')
    expect(await fetching).toBeUndefined()
  })

  test('of somebody whose server refuses', async () => {
    const transport = new FakeTransport()
    const fetching = fetchVCard(transport.iq, 'bob@plumb.test')
    fetching.catch(() => {})
    await answer(transport, 1, error('forbidden'), 'error')
    await expect(fetching).rejects.toMatchObject({ error: { condition: 'forbidden' } })
  })
})
