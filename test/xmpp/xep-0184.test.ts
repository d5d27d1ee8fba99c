import { expect, test } from 'vitest'
import { readReceipt, wantsReceipt, writeReceipt, writeReceiptRequest } from '../../main/xmpp/xep-0184.ts'
import { parseXml, reparsed } from './xml.ts'

const NS = 'urn:xmpp:receipts'

test('a receipt names the message that it is for, whatever its id', () => {
  const receipt = reparsed(writeReceipt('bob@plumb.test/desk', 'r1', `<&"'é`))
  expect(receipt.attrs).toMatchObject({ to: 'bob@plumb.test/desk', id: 'r1', type: 'chat' })
  expect(readReceipt(receipt)).toBe(`<&"'é`)
  expect(wantsReceipt(receipt)).toBe(false)
})

test('a request is found in the message that it stands in', () => {
  const message = parseXml('<message><body>Hello</body></message>')
  expect(wantsReceipt(message)).toBe(false)
  message.append(writeReceiptRequest())
  expect(wantsReceipt(reparsed(message))).toBe(true)
})

test.each([
  ['another namespace', "<received xmlns='urn:x' id='m1'/>"],
  ['no id', `<received xmlns='${NS}'/>`],
  ['another name', `<request xmlns='${NS}' id='m1'/>`],
  ['a place too deep', `<x><received xmlns='${NS}' id='m1'/></x>`],
])('what has %s is no receipt', (_, inside) => {
  expect(readReceipt(parseXml(`<message>${inside}</message>`))).toBeUndefined()
})
