import { describe, expect, test } from 'vitest'
import {
  hashOf,
  readAvatarData,
  readAvatarMetadata,
  writeAvatarData,
  writeAvatarMetadata,
} from '../../main/xmpp/xep-0084.ts'
import { JPEG, PNG } from '../support/pictures.ts'
import { parseXml, reparsed } from './xml.ts'

const NS = 'urn:xmpp:avatar:metadata'
const A = '111f4b3c50d7b0df729d299bc6f8e9ef9066971f'
const B = '357a8123a30844a3aa99861b6349264ba67a5694'

const info = (more: Record<string, string | undefined> = {}): string => {
  const attributes = { bytes: '12345', height: '64', id: A, type: 'image/png', width: '64', ...more }
  const written = Object.entries(attributes).map(([name, value]) =>
    value === undefined ? '' : `${name}='${value}'`,
  )
  return `<info ${written.join(' ')}/>`
}
const read = (inside: string, namespace = NS) =>
  readAvatarMetadata(parseXml(`<metadata xmlns='${namespace}'>${inside}</metadata>`))
const VARIANT = { hash: A, type: 'image/png', byteLength: 12_345, width: 64, height: 64 }

describe('what is said of a picture', () => {
  test.each([
    ['one', info(), VARIANT],
    [
      'one without a size',
      info({ width: undefined, height: undefined }),
      { ...VARIANT, width: undefined, height: undefined },
    ],
    ['one with a hash in capitals', info({ id: A.toUpperCase(), type: 'IMAGE/PNG' }), VARIANT],
    // XEP-0084 example 9: several, of which some are elsewhere.
    [
      'the one that is kept there',
      info() + info({ id: B, width: '128', height: '128', url: 'http://avatars.example.org/happy.gif' }),
      VARIANT,
    ],
    [
      'the larger one',
      info() + info({ id: B, width: '128', height: '128', type: 'image/webp' }),
      { ...VARIANT, hash: B, width: 128, height: 128, type: 'image/webp' },
    ],
    [
      'the larger one that is not too large',
      info() + info({ id: B, width: '1025', height: '1025' }),
      VARIANT,
    ],
    ['the larger one that is not too long', info({ id: B, width: '99', bytes: '262145' }) + info(), VARIANT],
    ['the one whose size is said', info({ id: B, width: undefined, height: undefined }) + info(), VARIANT],
    [
      'the longer one where both are as large',
      info() + info({ id: B, bytes: '12346' }),
      { ...VARIANT, hash: B, byteLength: 12_346 },
    ],
  ])('is %s', (_, inside, expected) => {
    expect(read(inside)).toEqual(expected)
  })

  test.each([
    ['nothing', ''],
    ['an old word for nothing', '<stop/>'],
    ['a hash that is none', info({ id: 'abc' })],
    ['no hash', info({ id: undefined })],
    ['a type that can do more than be looked at', info({ type: 'image/svg+xml' })],
    ['no type', info({ type: undefined })],
    ['no length', info({ bytes: undefined })],
    ['a length of nothing', info({ bytes: '0' })],
    ['a negative length', info({ bytes: '-1' })],
    ['too many bytes', info({ bytes: '262145' })],
    ['another place', info({ url: 'https://evil.test/track.png' })],
    ['a picture in another world', '<pointer><x xmlns="http://example.com/virtualworlds"/></pointer>'],
    ['another namespace', `<info xmlns='urn:other' bytes='1' id='${A}' type='image/png'/>`],
    ['the best behind a thousand others', `${info({ id: 'x' }).repeat(1_000)}${info()}`],
  ])('is that there is none to be shown: %s', (_, inside) => {
    expect(read(inside)).toBeNull()
  })

  test('is nothing where it is about something else', () => {
    expect(read(info(), 'urn:other')).toBeUndefined()
    expect(readAvatarMetadata(undefined)).toBeUndefined()
  })

  test('of our own is written, and read again', () => {
    const element = writeAvatarMetadata({ type: 'image/png', width: 7, height: 5, bytes: PNG })
    const hash = hashOf(PNG)
    expect(reparsed(element).toString()).toBe(
      `<metadata xmlns="${NS}"><info id="${hash}" type="image/png" bytes="${PNG.length}" width="7" height="5"/></metadata>`,
    )
    expect(readAvatarMetadata(element)).toEqual({
      hash,
      type: 'image/png',
      byteLength: PNG.length,
      width: 7,
      height: 5,
    })
    expect(reparsed(writeAvatarMetadata(undefined)).toString()).toBe(`<metadata xmlns="${NS}"/>`)
    expect(readAvatarMetadata(writeAvatarMetadata(undefined))).toBeNull()
  })
})

describe('the bytes of a picture', () => {
  const data = (text: string, namespace = 'urn:xmpp:avatar:data') => ({
    id: 'any',
    payload: parseXml(`<data xmlns='${namespace}'>${text}</data>`),
  })
  const hash = hashOf(PNG)
  const base64 = PNG.toString('base64')
  const picture = { type: 'image/png', width: 7, height: 5, bytes: PNG }

  test('are written, and read again', () => {
    const item = { id: hash, payload: reparsed(writeAvatarData(PNG)) }
    expect(item.payload.toString()).toBe(`<data xmlns="urn:xmpp:avatar:data">${base64}</data>`)
    expect(readAvatarData([item], hash, 'image/png')).toEqual(picture)
  })

  test.each([
    ['alone', [data(base64)]],
    ['with line breaks', [data(base64.replace(/.{7}/g, '$&\r\n  '))]],
    ['among others', [data(JPEG.toString('base64')), { id: 'x', payload: undefined }, data(base64)]],
  ])('are found %s', (_, items) => {
    expect(readAvatarData(items, hash, undefined)).toEqual(picture)
  })

  test.each([
    ['of another picture', data(JPEG.toString('base64')), hash, undefined],
    ['of another type than was said', data(base64), hash, 'image/jpeg'],
    ['in another namespace', data(base64, 'urn:other'), hash, undefined],
    ['that are no base64', data(`${base64}=`), hash, undefined],
    ['that are base64 for the web', data(base64.replace('+', '-').replace('/', '_')), hash, undefined],
    ['that are no picture', data('aGk='), hashOf(Buffer.from('hi')), undefined],
    ['that are nothing', data(''), hashOf(Buffer.of()), undefined],
  ])('%s are none', (_, item, wanted, type) => {
    expect(readAvatarData([item], wanted, type)).toBeUndefined()
  })

  test('that are too many are none', () => {
    const sized = (length: number) => Buffer.concat([PNG, Buffer.alloc(length - PNG.length)])
    for (const [length, isRead] of [
      [256 * 1024, true],
      [256 * 1024 + 1, false],
    ] as const) {
      const bytes = sized(length)
      expect(readAvatarData([data(bytes.toString('base64'))], hashOf(bytes), undefined) !== undefined).toBe(
        isRead,
      )
    }
  })

  test('that would fill the memory when they are decoded are none', () => {
    const bytes = Buffer.from(PNG)
    bytes.writeUInt32BE(100_000, 16)
    bytes.writeUInt32BE(100_000, 20)
    expect(readAvatarData([data(bytes.toString('base64'))], hashOf(bytes), 'image/png')).toBeUndefined()
  })
})
