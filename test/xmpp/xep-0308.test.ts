import { expect, test } from 'vitest'
import { readReplacement, writeReplacement } from '../../main/xmpp/xep-0308.ts'
import { parseXml } from './xml.ts'

const CORRECTION = 'urn:xmpp:message-correct:0'

test('a correction names what it replaces', () => {
  expect(writeReplacement('bad1').toString()).toBe(`<replace xmlns="${CORRECTION}" id="bad1"/>`)
  // Example 4.
  const message = parseXml(
    `<message to='juliet@capulet.net/balcony' id='good1'>
      <body>But soft, what light through yonder window breaks?</body>
      <replace id='bad1' xmlns='${CORRECTION}'/></message>`,
  )
  expect(readReplacement(message)).toBe('bad1')
})

test.each([
  ['nothing', ''],
  ['no id', `<replace xmlns='${CORRECTION}'/>`],
  ['an empty id', `<replace xmlns='${CORRECTION}' id=''/>`],
  ['an endless id', `<replace xmlns='${CORRECTION}' id='${'i'.repeat(1_025)}'/>`],
  ['an id with a control character', `<replace xmlns='${CORRECTION}' id='\u001b[2J'/>`],
  ['two messages', `<replace xmlns='${CORRECTION}' id='a'/><replace xmlns='${CORRECTION}' id='b'/>`],
  ['another namespace', "<replace xmlns='urn:x' id='a'/>"],
])('what replaces %s is no correction', (_, content) => {
  expect(readReplacement(parseXml(`<message>${content}</message>`))).toBeUndefined()
})
