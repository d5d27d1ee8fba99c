import { describe, expect, test } from 'vitest'
import { readReceipt, wantsReceipt, writeReceipt, writeReceiptRequest } from '../../main/xmpp/xep-0184.ts'
import { parseXml, reparsed } from './xml.ts'

const RECEIPTS = 'urn:xmpp:receipts'

describe('a request', () => {
  test('is written and read', () => {
    expect(writeReceiptRequest().toString()).toBe(`<request xmlns="${RECEIPTS}"/>`)
    // Example 3.
    const message = parseXml(
      `<message from='northumberland@shakespeare.lit/westminster' id='richard2-4.1.247'
        to='kingrichard@royalty.england.lit/throne'><body>My lord, dispatch; read o'er these articles.</body>
        <request xmlns='${RECEIPTS}'/></message>`,
    )
    expect([wantsReceipt(message), readReceipt(message)]).toEqual([true, undefined])
  })

  test.each([
    ['nothing', ''],
    ['another namespace', "<request xmlns='urn:x'/>"],
    ['something inside of something else', `<x><request xmlns='${RECEIPTS}'/></x>`],
  ])('is not %s', (_, content) => {
    expect(wantsReceipt(parseXml(`<message>${content}</message>`))).toBe(false)
  })
})

describe('a receipt', () => {
  test('is written as it is read, and is kept for who is away', () => {
    const receipt = reparsed(writeReceipt('northumberland@shakespeare.lit/westminster', 'bi29', 'a<b'))
    expect(receipt.attrs).toMatchObject({
      to: 'northumberland@shakespeare.lit/westminster',
      id: 'bi29',
      type: 'chat',
    })
    expect(readReceipt(receipt)).toBe('a<b')
    expect(wantsReceipt(receipt)).toBe(false)
    expect(receipt.getChild('store', 'urn:xmpp:hints')).toBeDefined()
  })

  test('of the XEP’s example is read', () => {
    const message = parseXml(
      `<message from='kingrichard@royalty.england.lit/throne' id='bi29sg183b4v'
        to='northumberland@shakespeare.lit/westminster'>
        <received xmlns='${RECEIPTS}' id='richard2-4.1.247'/></message>`,
    )
    expect(readReceipt(message)).toBe('richard2-4.1.247')
  })

  test.each([
    ['without an id', `<received xmlns='${RECEIPTS}'/>`],
    ['with an empty id', `<received xmlns='${RECEIPTS}' id=''/>`],
    ['with an endless id', `<received xmlns='${RECEIPTS}' id='${'i'.repeat(1_025)}'/>`],
    ['with a control character in its id', `<received xmlns='${RECEIPTS}' id='a\u0007'/>`],
    ['for two messages', `<received xmlns='${RECEIPTS}' id='a'/><received xmlns='${RECEIPTS}' id='b'/>`],
    ['in another namespace', "<received xmlns='urn:x' id='a'/>"],
    ['inside of something else', `<x><received xmlns='${RECEIPTS}' id='a'/></x>`],
  ])('%s is none', (_, content) => {
    expect(readReceipt(parseXml(`<message>${content}</message>`))).toBeUndefined()
  })
})
