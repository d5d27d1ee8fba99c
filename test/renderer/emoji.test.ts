import { describe, expect, test } from 'vitest'
import { emojiAlone, isEmoji, recentEmoji, withRecent } from '../../renderer/words/emoji.ts'

describe('emoji alone', () => {
  test.each([
    ['👍', 1],
    ['❤️', 1],
    ['👍🏽', 1],
    ['🇩🇪', 1],
    ['🏴󠁧󠁢󠁥󠁮󠁧󠁿', 1],
    ['👩‍👩‍👧‍👦', 1],
    ['1️⃣', 1],
    [' 👍 👍\n', 2],
    ['🇩🇪🇫🇷🇮🇹', 3],
    ['👍👍👍👍👍👍', 6],
    ['👍'.repeat(7), 0],
    ['👩🏽‍❤️‍💋‍👨🏿'.repeat(6), 6],
    ['', 0],
    [' \n', 0],
    ['a', 0],
    ['👍a', 0],
    ['👍.', 0],
    ['1', 0],
    ['#', 0],
    ['©', 0],
    // Half of a flag, and two halves that are none.
    ['🇩', 0],
    ['🇽🇽', 0],
    // The sign that is a part of text.
    ['❤', 0],
    ['\ufe0f', 0],
    ['\u200d', 0],
    [`👩${'\u200d👩'.repeat(30_000)}`, 0],
    [`👍${'\u0301'.repeat(60_000)}`, 0],
    [`👍${' '.repeat(60_000)}`, 0],
  ])('case %#', (text, count) => {
    expect(emojiAlone(text)).toBe(count)
  })
})

describe('those that were picked', () => {
  test('come first, each once, and not for ever', () => {
    expect(withRecent(['👍', '🎉', '❤️'], '🎉')).toEqual(['🎉', '👍', '❤️'])
    const many = Array.from({ length: 16 }, (_, index) => String.fromCodePoint(0x1f600 + index))
    expect(withRecent(many, '🎉')).toEqual(['🎉', ...many.slice(0, 15)])
  })

  test('are emoji, whatever was kept', () => {
    expect(recentEmoji(['👍', 'x', '', '👍👍', '👍', '🎉', 'a'.repeat(9_000)])).toEqual(['👍', '🎉'])
    expect(isEmoji('👍👍')).toBe(false)
  })
})
