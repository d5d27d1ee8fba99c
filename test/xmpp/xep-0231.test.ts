import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { readPicturesIn } from '../../main/xmpp/xep-0231.ts'
import { JPEG, PNG } from '../support/pictures.ts'
import { parseXml } from './xml.ts'

const hash = (bytes: Uint8Array, algorithm = 'sha1'): string =>
  createHash(algorithm).update(bytes).digest('hex')
const CID = `sha1+${hash(PNG)}@bob.xmpp.org`

const data = (attributes: string, content = PNG.toString('base64'), namespace = 'urn:xmpp:bob'): string =>
  `<data xmlns='${namespace}' ${attributes}>${content}</data>`
const read = (inside: string) => readPicturesIn(parseXml(`<query xmlns='urn:around'>${inside}</query>`))

describe('pictures that came along', () => {
  test.each([
    ['with its hash', CID, data(`cid='${CID}' type='image/png' max-age='0'`)],
    ['without a type', CID, data(`cid='${CID}'`)],
    ['with line breaks', CID, data(`cid='${CID}'`, PNG.toString('base64').replace(/.{60}/g, '$&\n      '))],
    [
      'with a newer hash',
      `sha256+${hash(PNG, 'sha256')}@bob.xmpp.org`,
      data(`cid='sha256+${hash(PNG, 'sha256')}@bob.xmpp.org'`),
    ],
  ])('%s are read', (_, cid, text) => {
    expect([...read(text)]).toEqual([[cid, { type: 'image/png', width: 7, height: 5, bytes: PNG }]])
  })

  test.each([
    ['without an id', data('')],
    ['with the id of something else', data(`cid='sha1+${hash(JPEG)}@bob.xmpp.org'`)],
    ['with a hash that nobody knows', data(`cid='md5+${hash(PNG, 'md5')}00000000@bob.xmpp.org'`)],
    ['with an id of another kind', data("cid='part1@server'")],
    ['that are of another type', data(`cid='${CID}' type='image/jpeg'`)],
    ['that are no base64', data(`cid='${CID}'`, `${PNG.toString('base64')}!`)],
    ['that are empty', data(`cid='sha1+${hash(Buffer.of())}@bob.xmpp.org'`, '')],
    ['that are no picture', data(`cid='sha1+${hash(Buffer.from('hi'))}@bob.xmpp.org'`, 'aGk=')],
    ['in another namespace', data(`cid='${CID}'`, undefined, 'urn:xmpp:other')],
    ['too deep', `<x>${data(`cid='${CID}'`)}</x>`],
  ])('%s are left out', (_, text) => {
    expect(read(text).size).toBe(0)
  })

  test('are eight at most, of 256 KiB each', () => {
    const made = Array.from({ length: 20 }, (_, index) => Buffer.concat([PNG, Buffer.of(index)]))
    const all = made.map(bytes => data(`cid='sha1+${hash(bytes)}@bob.xmpp.org'`, bytes.toString('base64')))
    expect(read(all.join('')).size).toBe(8)
    const sized = (length: number): string => {
      const bytes = Buffer.concat([PNG, Buffer.alloc(length - PNG.length)])
      return data(`cid='sha1+${hash(bytes)}@bob.xmpp.org'`, bytes.toString('base64'))
    }
    expect(read(sized(256 * 1024)).size).toBe(1)
    expect(read(sized(256 * 1024 + 1)).size).toBe(0)
    expect(read(sized(3_000_000)).size).toBe(0)
  })
})
