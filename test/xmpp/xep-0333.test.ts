import { describe, expect, test } from 'vitest'
import { isMarkable, readDisplayed, writeDisplayed, writeMarkable } from '../../main/xmpp/xep-0333.ts'
import { parseXml, reparsed } from './xml.ts'

const MARKERS = 'urn:xmpp:chat-markers:0'

test('a message that can be marked says so', () => {
  expect(writeMarkable().toString()).toBe(`<markable xmlns="${MARKERS}"/>`)
  // The example of the XEP.
  const message = parseXml(
    `<message from='northumberland@shakespeare.lit/westminster' id='message-1'
      to='kingrichard@royalty.england.lit/throne'><thread>sleeping</thread>
      <body>My lord, dispatch; read o'er these articles.</body><markable xmlns='${MARKERS}'/></message>`,
  )
  expect([isMarkable(message), readDisplayed(message)]).toEqual([true, undefined])
  expect(isMarkable(parseXml("<message><markable xmlns='urn:x'/></message>"))).toBe(false)
})

describe('a marker', () => {
  test('is written as it is read, and archived', () => {
    const marker = reparsed(writeDisplayed('bob@plumb.test', 'message-2', 'message-1'))
    expect(marker.attrs).toMatchObject({ to: 'bob@plumb.test', id: 'message-2', type: 'chat' })
    expect(readDisplayed(marker)).toBe('message-1')
    expect(marker.getChild('store', 'urn:xmpp:hints')).toBeDefined()
    expect(marker.getChildElements()).toHaveLength(2)
  })

  test.each([
    ['that says only that it arrived', `<received xmlns='${MARKERS}' id='a'/>`],
    ['without an id', `<displayed xmlns='${MARKERS}'/>`],
    ['with an endless id', `<displayed xmlns='${MARKERS}' id='${'i'.repeat(1_025)}'/>`],
    ['with a control character in its id', `<displayed xmlns='${MARKERS}' id='a&#127;'/>`],
    ['for two messages', `<displayed xmlns='${MARKERS}' id='a'/><displayed xmlns='${MARKERS}' id='b'/>`],
    ['of our own node', "<displayed xmlns='urn:xmpp:mds:displayed:0' id='a'/>"],
    ['inside of something else', `<x><displayed xmlns='${MARKERS}' id='a'/></x>`],
  ])('%s is none', (_, content) => {
    expect(readDisplayed(parseXml(`<message>${content}</message>`))).toBeUndefined()
  })
})
