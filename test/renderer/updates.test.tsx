// @vitest-environment jsdom
import { act, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, test } from 'vitest'
import { DEFAULT_SETTINGS } from '../../shared/model/settings.ts'
import { UpdateOwner, type UpdateState } from '../../shared/model/update.ts'
import type { WindowState } from '../../shared/model/window-state.ts'
import { windowState } from './factories.ts'
import { FakeMain } from './fake-bridge.ts'
import './in-jsdom.ts'

const READY = { kind: 'ready', version: '1.2.0' } as const
const DOWNLOADING = { kind: 'downloading', version: '1.2.0', fraction: 0.42 } as const
const FAILED = {
  kind: 'failed',
  failure: { code: 'update-unavailable', message: 'The update server could not be reached.' },
} as const
const REFUSED = {
  ok: false,
  failure: { code: 'not-allowed', message: 'A transfer is running.' },
} as const

async function open(update: UpdateState, more: Partial<WindowState> = {}) {
  const main = new FakeMain(windowState({ update, ...more }))
  const { App } = await import('../../renderer/app.tsx')
  await main.connect()
  render(<App />)
  const become = (value: UpdateState): void => act(() => main.tell('updateChanged', value))
  return { main, user: userEvent.setup(), become }
}

async function openSettings(update: UpdateState, more: Partial<WindowState> = {}) {
  const opened = await open(update, more)
  act(() => opened.main.tell('command', { kind: 'open-settings' }))
  const section = await screen.findByRole('region', { name: 'Updates' })
  return { ...opened, section, dialog: screen.getByRole('dialog', { name: 'Settings' }) }
}

/** Its names and numbers, in their order. */
const buttonsIn = (place: HTMLElement): (string | null)[] =>
  within(place)
    .queryAllByRole('button')
    .map(button => button.getAttribute('aria-label') ?? button.textContent)
const notice = (): HTMLElement | null => screen.queryByText(/is ready/)?.closest<HTMLElement>('div') ?? null
const answerable = (button: HTMLElement): Promise<void> =>
  waitFor(() => expect(button.getAttribute('aria-disabled')).toBe('false'))

describe('the settings', () => {
  test.each<[UpdateState, string[], boolean]>([
    [{ kind: 'off' }, ['Look now'], false],
    [{ kind: 'current', checkedAt: null }, ['Look now'], false],
    [{ kind: 'current', checkedAt: 0 }, ['Look now'], false],
    [{ kind: 'checking' }, ['Look now'], true],
    [DOWNLOADING, ['Look now'], true],
    [FAILED, ['Look now'], false],
  ])('offer to look unless it looks already: %j', async (update, buttons, busy) => {
    const { main, user, section } = await openSettings(update)
    expect(buttonsIn(section)).toEqual(buttons)
    const look = within(section).getByRole<HTMLButtonElement>('button', { name: 'Look now' })
    expect(look.getAttribute('aria-disabled')).toBe(String(busy))
    // Else the focus would be nowhere.
    expect(look.disabled).toBe(false)
    await user.click(look)
    expect(main.calls.checkForUpdate).toHaveBeenCalledTimes(busy ? 0 : 1)
    expect(main.calls.restartToUpdate).not.toHaveBeenCalled()
    expect(within(section).getAllByRole('switch')).toHaveLength(2)
  })

  test.each(UpdateOwner.options)('offer nothing where it is kept current otherwise: %s', async by => {
    const { section } = await openSettings({ kind: 'managed', by })
    expect(buttonsIn(section)).toEqual([])
    expect(within(section).queryByRole('switch')).toBeNull()
    expect(within(section).getByRole('status').textContent).not.toBe('')
  })

  test('show how far a download is, without reading out each step', async () => {
    const { section, become } = await openSettings(DOWNLOADING)
    const said = within(section).getByRole('status').textContent
    const bar = within(section).getByRole('progressbar', { name: 'Download of the new version' })
    expect(bar.getAttribute('aria-valuenow')).toBe('42')
    become({ ...DOWNLOADING, fraction: 0.43 })
    expect(bar.getAttribute('aria-valuenow')).toBe('43')
    expect(within(section).getByRole('status').textContent).toBe(said)
    become(READY)
    expect(within(section).queryByRole('progressbar')).toBeNull()
  })

  test('say what went wrong, and look again', async () => {
    const { main, user, section, become } = await openSettings(FAILED)
    expect(within(section).getByRole('status').textContent).toBe(FAILED.failure.message)
    await user.click(within(section).getByRole('button', { name: 'Look now' }))
    expect(main.calls.checkForUpdate).toHaveBeenCalledOnce()
    become({ kind: 'checking' })
    expect(section.textContent).not.toContain(FAILED.failure.message)
  })

  test('restart what is ready, and say why not where that fails', async () => {
    const { main, user, section, dialog } = await openSettings(READY)
    main.calls.restartToUpdate.mockResolvedValue(REFUSED)
    expect(buttonsIn(section)).toEqual(['Restart now'])
    const restart = within(section).getByRole('button', { name: 'Restart now' })
    await answerable(restart)
    await user.click(restart)
    expect(main.calls.restartToUpdate).toHaveBeenCalledOnce()
    expect(await within(dialog).findByText(REFUSED.failure.message)).toBeTruthy()
    expect(main.calls.checkForUpdate).not.toHaveBeenCalled()
    // It can be tried again.
    await answerable(restart)
    await user.click(restart)
    expect(main.calls.restartToUpdate).toHaveBeenCalledTimes(2)
  })

  test('keep the focus while it becomes ready, and take no click that was meant to look', async () => {
    const { main, user, section, become } = await openSettings({ kind: 'current', checkedAt: null })
    const look = within(section).getByRole('button', { name: 'Look now' })
    // As if it had been open for long.
    await new Promise(resolve => setTimeout(resolve, 650))
    await user.click(look)
    for (const state of [{ kind: 'checking' }, DOWNLOADING, READY] as const) {
      become(state)
      expect(document.activeElement).toBe(look)
    }
    expect(look.textContent).toBe('Restart now')
    fireEvent.click(look)
    await user.keyboard('{Enter}')
    expect(main.calls.restartToUpdate).not.toHaveBeenCalled()
    await answerable(look)
    await user.keyboard('{Enter}')
    expect(main.calls.restartToUpdate).toHaveBeenCalledOnce()
    expect(main.calls.checkForUpdate).toHaveBeenCalledOnce()
  })

  test.each([
    ['Keep Plumb up to date', 'automaticUpdates', false],
    ['Try new versions early', 'betaUpdates', true],
  ] as const)('change: %s', async (name, setting, value) => {
    const { main, user, section } = await openSettings({ kind: 'off' })
    const field = within(section).getByRole<HTMLInputElement>('switch', { name })
    expect(field.checked).toBe(!value)
    await user.click(field)
    expect(main.calls.changeSettings).toHaveBeenCalledExactlyOnceWith({ [setting]: value })
    // What holds, the main process says.
    expect(field.checked).toBe(!value)
    const settings = { ...DEFAULT_SETTINGS, [setting]: value }
    act(() => main.tell('settingsChanged', { settings, downloadFolder: 'Downloads' }))
    expect(field.checked).toBe(value)
  })
})

describe('the notice', () => {
  test('is there once a version is ready, and not before', async () => {
    const { become } = await open({ kind: 'current', checkedAt: null })
    for (const state of [{ kind: 'checking' }, DOWNLOADING, FAILED, { kind: 'off' }] as const) {
      become(state)
      expect(notice()).toBeNull()
    }
    become(READY)
    expect(notice()?.textContent).toContain(
      'Version 1.2.0 is ready. It will be installed when you quit Plumb.',
    )
    // Taken back.
    become({ kind: 'current', checkedAt: 0 })
    expect(notice()).toBeNull()
  })

  test('that is dismissed stays away for that version, and comes for a newer one', async () => {
    const { main, user, become } = await open(READY)
    expect(buttonsIn(notice() as HTMLElement)).toEqual(['Restart now', 'Dismiss'])
    await user.click(screen.getByRole('button', { name: 'Dismiss' }))
    expect(notice()).toBeNull()
    // The same once more, as after the next look.
    become({ ...READY })
    become({ kind: 'checking' })
    become({ ...READY })
    expect(notice()).toBeNull()
    become({ kind: 'ready', version: '1.3.0' })
    expect(notice()?.textContent).toContain('Version 1.3.0')
    expect(main.calls.restartToUpdate).not.toHaveBeenCalled()
    // The settings go on saying so.
    await user.click(screen.getByRole('button', { name: 'Dismiss' }))
    act(() => main.tell('command', { kind: 'open-settings' }))
    const section = await screen.findByRole('region', { name: 'Updates' })
    expect(section.textContent).toContain('Version 1.3.0 is ready')
  })

  test('restarts, once for two clicks', async () => {
    const { main, user } = await open(READY)
    const { promise, resolve } = Promise.withResolvers<{ ok: true }>()
    main.calls.restartToUpdate.mockReturnValue(promise)
    const restart = screen.getByRole('button', { name: 'Restart now' })
    await answerable(restart)
    await user.dblClick(restart)
    await user.click(restart)
    expect(main.calls.restartToUpdate).toHaveBeenCalledOnce()
    await act(async () => resolve({ ok: true }))
  })

  test('takes no click of its first moment, which was meant for what was there before', async () => {
    const { main, become } = await open({ kind: 'checking' })
    become(READY)
    fireEvent.click(screen.getByRole('button', { name: 'Restart now' }))
    expect(main.calls.restartToUpdate).not.toHaveBeenCalled()
  })

  test('says why it could not be restarted, and stays', async () => {
    const { main, user } = await open(READY)
    main.calls.restartToUpdate.mockResolvedValue(REFUSED)
    const restart = screen.getByRole('button', { name: 'Restart now' })
    await answerable(restart)
    await user.click(restart)
    expect((await screen.findByRole('alert')).textContent).toContain(REFUSED.failure.message)
    expect(notice()).not.toBeNull()
  })
})
