import { describe, expect, test } from 'vitest'
import { readOriginId, readStanzaId, writeOriginId, writeStanzaId } from '../../main/xmpp/xep-0359.ts'
import { parseXml } from './xml.ts'

const SID = 'urn:xmpp:sid:0'
const OWN = 'alice@plumb.test'

describe('the id of the sender', () => {
  test('is written and read', () => {
    const text = `<origin-id xmlns="${SID}" id="de305d54-75b4-431b-adb2-eb6b9e546013"/>`
    expect(writeOriginId('de305d54-75b4-431b-adb2-eb6b9e546013').toString()).toBe(text)
    expect(readOriginId(parseXml(`<message>${text}</message>`))).toBe('de305d54-75b4-431b-adb2-eb6b9e546013')
  })

  test.each([
    ['nothing', ''],
    ['an empty one', `<origin-id xmlns='${SID}' id=''/>`],
    ['two', `<origin-id xmlns='${SID}' id='a'/><origin-id xmlns='${SID}' id='b'/>`],
    ['an endless one', `<origin-id xmlns='${SID}' id='${'i'.repeat(1_025)}'/>`],
    ['one with a control character', `<origin-id xmlns='${SID}' id='a\u0000b'/>`],
    ['another namespace', "<origin-id xmlns='urn:x' id='a'/>"],
  ])('is not %s', (_, content) => {
    expect(readOriginId(parseXml(`<message>${content}</message>`))).toBeUndefined()
  })
})

describe('the id of an archive', () => {
  const id = (by: string, value: string): string => `<stanza-id xmlns='${SID}' by='${by}' id='${value}'/>`
  const read = (content: string): string | undefined =>
    readStanzaId(parseXml(`<message>${content}</message>`), OWN)

  test('is written and read', () => {
    expect(read(writeStanzaId(OWN, '5f3dbc5e').toString())).toBe('5f3dbc5e')
  })

  test('counts only by the one who is asked for, however that is spelt', () => {
    expect(read(id('bob@plumb.test', 'b') + id('Alice@Plumb.test', 'a') + id('plumb.test', 'c'))).toBe('a')
  })

  test.each([
    ['of somebody else', id('bob@plumb.test', 'a')],
    ['of one of our devices', id(`${OWN}/sofa`, 'a')],
    ['of nobody', `<stanza-id xmlns='${SID}' id='a'/>`],
    ['of an empty address', id('', 'a')],
    ['of what is no address', id('@', 'a')],
    ['that is there twice', id(OWN, 'a') + id(OWN, 'a')],
    ['without a value', `<stanza-id xmlns='${SID}' by='${OWN}'/>`],
    ['that is empty', id(OWN, '')],
    ['that is endless', id(OWN, 'i'.repeat(1_025))],
    ['with a control character', id(OWN, '\u0008')],
    ['in another namespace', id(OWN, 'a').replace(SID, 'urn:x')],
    ['inside of something else', `<x>${id(OWN, 'a')}</x>`],
  ])('%s is none', (_, content) => {
    expect(read(content)).toBeUndefined()
  })
})
