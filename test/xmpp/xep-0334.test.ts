import { expect, test } from 'vitest'
import { writeHint } from '../../main/xmpp/xep-0334.ts'

test.each(['store', 'no-store'] as const)('the hint %s is written', hint => {
  expect(writeHint(hint).toString()).toBe(`<${hint} xmlns="urn:xmpp:hints"/>`)
})
