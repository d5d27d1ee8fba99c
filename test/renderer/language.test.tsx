// @vitest-environment jsdom
import { act, render, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { dispatch } from '../../renderer/state/store.ts'
import { labelOf } from '../../renderer/words/account-form.ts'
import { speakIn } from '../../renderer/words/say.ts'
import type { FormField } from '../../shared/model/registration.ts'
import { DEFAULT_SETTINGS, type Settings } from '../../shared/model/settings.ts'
import { language } from '../../shared/words/language.ts'
import { windowState } from './factories.ts'
import { FakeMain } from './fake-bridge.ts'
import './in-jsdom.ts'

const SETTINGS = { en: 'Settings', de: 'Einstellungen', ar: 'الإعدادات' }

afterEach(() => speakIn({ tag: 'en', locale: 'en' }))

/** With its settings open; the main process does what the window asks for. */
async function openSettings(languages: readonly string[]) {
  const { app } = windowState()
  const main = new FakeMain(windowState({ app: { ...app, languages: [...languages] } }))
  let settings = DEFAULT_SETTINGS
  main.calls.changeSettings.mockImplementation(async (patch: Partial<Settings>) => {
    settings = { ...settings, ...patch }
    main.tell('settingsChanged', { settings, downloadFolder: 'Downloads' })
    return { ok: true }
  })
  const { App } = await import('../../renderer/app.tsx')
  await main.connect()
  render(<App />)
  act(() => main.tell('command', { kind: 'open-settings' }))
  return { main, user: userEvent.setup() }
}

const dialog = (name: string) => screen.findByRole('dialog', { name })
const languages = () => {
  const group = screen.getByText('Deutsch').closest('fieldset')
  if (group === null) throw new Error('no languages to choose from')
  return within(group)
}
const choice = (name: string) => languages().getByRole<HTMLInputElement>('radio', { name })
const root = document.documentElement

describe('the language', () => {
  test('is chosen in the settings, which stay open and speak it at once', async () => {
    const { main, user } = await openSettings(['en-GB'])
    await dialog(SETTINGS.en)
    expect(root.lang).toBe('en-GB')
    await user.click(choice('Deutsch'))
    expect(main.calls.changeSettings).toHaveBeenCalledExactlyOnceWith({ language: 'de' })
    const german = await dialog(SETTINGS.de)
    expect(within(german).getByText('Benachrichtigungen')).toBeTruthy()
    expect([root.lang, root.dir]).toEqual(['de', 'ltr'])
    await user.click(choice('العربية'))
    const arabic = await dialog(SETTINGS.ar)
    expect(within(arabic).getByText('الإشعارات')).toBeTruthy()
    expect([root.lang, root.dir]).toEqual(['ar', 'rtl'])
    await user.click(choice('English'))
    await dialog(SETTINGS.en)
    expect([root.lang, root.dir]).toEqual(['en-GB', 'ltr'])
    expect(screen.getAllByRole('dialog')).toHaveLength(1)
  })

  test('keeps the focus on what was chosen, whatever the settings were opened for', async () => {
    const { main, user } = await openSettings(['en-GB'])
    main.calls.checkReach.mockReturnValue(new Promise(() => {}))
    act(() => dispatch({ type: 'open-dialog', dialog: { kind: 'settings', checkReach: true } }))
    await dialog(SETTINGS.en)
    await user.click(choice('Deutsch'))
    await dialog(SETTINGS.de)
    await waitFor(() => expect(document.activeElement).toBe(choice('Deutsch')))
    await user.click(choice('Wie das System'))
    await dialog(SETTINGS.en)
    await waitFor(() => expect(document.activeElement).toBe(choice('Like the system')))
    expect(main.calls.checkReach).toHaveBeenCalledOnce()
  })

  test('is offered in its own name, marked as being in it', async () => {
    await openSettings(['de-AT'])
    await dialog(SETTINGS.de)
    const names = within(screen.getByRole('group', { name: 'Sprache' }))
    expect(names.getAllByRole('radio')).toHaveLength(4)
    for (const [name, lang] of [
      ['English', 'en'],
      ['Deutsch', 'de'],
      ['العربية', 'ar'],
    ] as const)
      expect(names.getByText(name).getAttribute('lang')).toBe(lang)
    expect(names.getByText('Wie das System').hasAttribute('lang')).toBe(false)
  })

  test('of the system is spoken as it is where the person lives, also once it is chosen', async () => {
    const { user } = await openSettings(['de-AT', 'en'])
    await dialog(SETTINGS.de)
    expect(choice('Wie das System').checked).toBe(true)
    await user.click(choice('Deutsch'))
    expect(choice('Deutsch').checked).toBe(true)
    expect(language()).toEqual({ tag: 'de', locale: 'de-AT' })
  })

  test('that was chosen last is spoken, however long one before takes to load', async () => {
    const { main } = await openSettings(['en'])
    await dialog(SETTINGS.en)
    const tell = (wanted: Settings['language']): void =>
      main.tell('settingsChanged', {
        settings: { ...DEFAULT_SETTINGS, language: wanted },
        downloadFolder: 'Downloads',
      })
    act(() => {
      tell('ar')
      tell('en')
      tell('de')
      tell('en')
      tell('de')
    })
    await dialog(SETTINGS.de)
    await vi.waitFor(() => expect(language().tag).toBe('de'))
    act(() => {
      tell('ar')
      tell('en')
    })
    await dialog(SETTINGS.en)
    await new Promise(resolve => setTimeout(resolve, 50))
    expect(screen.getByRole('dialog', { name: SETTINGS.en })).toBeTruthy()
  })

  test('is that of what a server asks for without a word of its own', async () => {
    const field: FormField = {
      name: 'username',
      type: 'text-single',
      label: '',
      description: '',
      required: true,
      values: [],
      options: [],
      pictures: [],
    }
    await speakIn({ tag: 'ar', locale: 'ar' })
    expect(labelOf(field)).toBe('الاسم')
    expect(labelOf({ ...field, label: 'Name at the server' })).toBe('Name at the server')
    expect(labelOf({ ...field, name: 'toString' })).toBe('toString')
  })
})
