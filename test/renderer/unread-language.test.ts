// @vitest-environment jsdom
import { expect, test, vi } from 'vitest'
import { say, speakIn } from '../../renderer/words/say.ts'
import { language } from '../../shared/words/language.ts'

vi.mock('../../shared/words/de/window.ts', () => {
  throw new Error('ENOENT')
})

test('a window speaks English where the words of another language cannot be read', async () => {
  await speakIn({ tag: 'ar', locale: 'ar' })
  await speakIn({ tag: 'de', locale: 'de-AT' })
  expect(say('settings.title')).toBe('Settings')
  expect(language()).toEqual({ tag: 'en', locale: 'en' })
  expect(document.documentElement).toMatchObject({ lang: 'en', dir: 'ltr' })
})
