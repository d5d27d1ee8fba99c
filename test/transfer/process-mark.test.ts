import { expect, test } from 'vitest'
import { ownMark, runsElsewhere } from '../../main/transfer/process-mark.ts'

const own = ownMark()

test('this process is not elsewhere', () => {
  expect(runsElsewhere(own)).toBe(false)
})

test('another one that runs is', () => {
  expect(runsElsewhere({ ...own, pid: process.ppid })).toBe(true)
})

test('one that has ended is not', () => {
  // Above every system's highest.
  expect(runsElsewhere({ ...own, pid: 2 ** 30 })).toBe(false)
})

test('one of before the computer was started anew is not, whoever has its number now', () => {
  expect(runsElsewhere({ pid: process.ppid, bootedAt: own.bootedAt - 3_600_000 })).toBe(false)
})
