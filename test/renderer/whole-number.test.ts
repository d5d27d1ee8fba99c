import { expect, test } from 'vitest'
import { wholeNumber } from '../../renderer/words/whole-number.ts'

test.each([
  ['5222', 5222],
  [' 7 ', 7],
  ['0', 0],
  ['٥٢٢٢', 5222],
  ['۰۹', 9],
])('%j is a whole number', (text, value) => {
  expect(wholeNumber(text)).toBe(value)
})

test.each(['', ' ', '-1', '1.5', '1e3', '0x10', '1 000', 'seven', '٥٫٢', '²'])('%j is none', text => {
  expect(wholeNumber(text)).toBeNaN()
})
