import { expect, test } from 'vitest'
import { requireSoundPassword } from '../../main/xmpp/password.ts'

test.each([
  'secret',
  ' with spaces at both ends ',
  '"<&>\'',
  'pässwörd',
  'пароль',
  '密码',
  'p😀',
  'x'.repeat(1_024),
])('%j is a password that every program types in the same way', password => {
  expect(() => requireSoundPassword(password)).not.toThrow()
})

test.each([
  ['nothing', ''],
  ['too many characters', 'x'.repeat(1_025)],
  ['a line break', 'one\ntwo'],
  ['a tab', 'one\ttwo'],
  ['an end of a text', 'one\u0000two'],
  ['a control of the second set', 'one\u0085two'],
  ['a space of another kind', 'one\u00a0two'],
  ['a space of a script', 'one\u1680two'],
  ['a letter in two pieces', 'pa\u0308ss'],
  ['a letter that stands for two', 'ﬁve'],
  ['a wide letter', 'ｐass'],
  ['something that is not seen', 'pa\u00adss'],
  ['a joiner', '👩\u200d🚀'],
  ['a mark that turns the text around', 'a\u202eb'],
  ['half a character', 'a\ud83d'],
  ['a character for private use', 'a\ue000'],
  ['a line separator', 'a\u2028b'],
])('a password with %s is refused', (_, password) => {
  expect(() => requireSoundPassword(password)).toThrow(expect.objectContaining({ code: 'invalid-argument' }))
})
