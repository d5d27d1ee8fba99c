import { expect, test } from 'vitest'
import { isUnstyled } from '../../main/xmpp/xep-0393.ts'
import { parseXml } from './xml.ts'

const BODY = '<body>> This is not a quotation</body>'

test.each([
  // The example of section 6.1.
  ['that says so', `${BODY}<unstyled xmlns='urn:xmpp:styling:0'/>`, true],
  [
    'that says so twice',
    `<unstyled xmlns='urn:xmpp:styling:0'/><unstyled xmlns='urn:xmpp:styling:0'/>`,
    true,
  ],
  ['that says nothing of it', BODY, false],
  ['with something else of that name', `${BODY}<unstyled xmlns='urn:x'/>`, false],
  [
    'that says so of something inside of it',
    `<x xmlns='urn:x'><unstyled xmlns='urn:xmpp:styling:0'/></x>`,
    false,
  ],
])('a message %s is unstyled: %s', (_, inner, expected) => {
  expect(isUnstyled(parseXml(`<message type='chat'>${inner}</message>`))).toBe(expected)
})
