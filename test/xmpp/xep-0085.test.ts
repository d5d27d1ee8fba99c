import { describe, expect, test } from 'vitest'
import { readChatState, writeChatState } from '../../main/xmpp/xep-0085.ts'
import { parseXml } from './xml.ts'

const STATES = 'http://jabber.org/protocol/chatstates'

describe.each(['active', 'composing', 'paused', 'inactive', 'gone'] as const)('the state %s', state => {
  const text = `<${state} xmlns="${STATES}"/>`

  test('is written', () => {
    expect(writeChatState(state).toString()).toBe(text)
  })

  test('is read, with a text and without', () => {
    expect(readChatState(parseXml(`<message>${text}</message>`))).toBe(state)
    expect(readChatState(parseXml(`<message><body>x</body>${text}<thread>t</thread></message>`))).toBe(state)
  })
})

test.each([
  ['nothing', ''],
  ['something unknown', `<sleeping xmlns='${STATES}'/>`],
  ['another namespace', "<composing xmlns='jabber:x:event'/>"],
  ['two at once', `<active xmlns='${STATES}'/><composing xmlns='${STATES}'/>`],
  ['the same one twice', `<active xmlns='${STATES}'/><active xmlns='${STATES}'/>`],
  ['one inside of something else', `<x><active xmlns='${STATES}'/></x>`],
])('%s is no state', (_, content) => {
  expect(readChatState(parseXml(`<message>${content}</message>`))).toBeUndefined()
})
