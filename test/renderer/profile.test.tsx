// @vitest-environment jsdom
import { act, render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { WindowState } from '../../shared/model/window-state.ts'
import { ME, of, person, SELF, SIGNED_IN, windowState } from './factories.ts'
import { FakeMain } from './fake-bridge.ts'
import './in-jsdom.ts'

/** jsdom decodes nothing. */
const drawOwn = vi.hoisted(() => vi.fn())
vi.mock('../../renderer/state/draw-picture.ts', () => ({ drawOwn, drawShown: vi.fn() }))

const CHOSEN = { type: 'image/jpeg', bytes: Uint8Array.of(1, 2, 3) } as const
const DRAWN = Uint8Array.of(4, 5)
const HASH = '0123456789abcdef0123456789abcdef01234567'
const REFUSED = { ok: false, failure: { code: 'not-allowed', message: 'The server refused it.' } }

beforeEach(() => {
  drawOwn.mockReset().mockResolvedValue(DRAWN)
})

async function start(more: Partial<WindowState> = {}) {
  const main = new FakeMain(windowState(more))
  const { App } = await import('../../renderer/app.tsx')
  await main.connect()
  render(<App />)
  return { main, user: userEvent.setup() }
}

async function openFromMenu(item: string, more: Partial<WindowState> = {}) {
  const { main, user } = await start(more)
  await user.click(screen.getByRole('button', { name: 'Menu' }))
  await user.click(await screen.findByRole('menuitem', { name: item }))
  return { main, user, dialog: within(await screen.findByRole('dialog')) }
}

const openProfile = (self = SELF) => openFromMenu('Profile…', { selves: [self] })
const alertIn = (dialog: ReturnType<typeof within>): string => dialog.getByRole('alert').textContent ?? ''

describe('the own name', () => {
  test('is changed when it is left, once, and without spaces around it', async () => {
    const { main, user, dialog } = await openProfile({ ...SELF, nick: 'Jon' })
    const field = dialog.getByLabelText<HTMLInputElement>('Name')
    expect(field.value).toBe('Jon')
    await user.clear(field)
    await user.type(field, ' Jonas {Enter}')
    await user.click(dialog.getByRole('button', { name: 'Done' }))
    expect(main.calls.changeOwnName).toHaveBeenCalledExactlyOnceWith(ME, 'Jonas')
    expect(screen.queryByRole('dialog')).toBeNull()
  })

  test('may be none', async () => {
    const { main, user, dialog } = await openProfile({ ...SELF, nick: 'Jon' })
    await user.clear(dialog.getByLabelText('Name'))
    await user.tab()
    expect(main.calls.changeOwnName).toHaveBeenCalledExactlyOnceWith(ME, '')
  })

  test('that nobody touched leaves alone what another device says', async () => {
    const { main, user, dialog } = await openProfile({ ...SELF, nick: 'Jon' })
    await user.click(dialog.getByLabelText('Name'))
    act(() => main.tell('selvesChanged', [{ ...SELF, nick: 'Jonas' }]))
    await user.tab()
    expect(main.calls.changeOwnName).not.toHaveBeenCalled()
  })

  test('that is refused stays there to be tried again, with why', async () => {
    const { main, user, dialog } = await openProfile()
    main.calls.changeOwnName.mockResolvedValueOnce(REFUSED)
    const field = dialog.getByLabelText<HTMLInputElement>('Name')
    await user.type(field, 'Jonas{Enter}')
    expect(await dialog.findByText('The server refused it.')).toBeTruthy()
    expect(field.value).toBe('Jonas')
    await user.type(field, '{Enter}')
    expect(main.calls.changeOwnName).toHaveBeenCalledTimes(2)
  })
})

describe('the own picture', () => {
  test('is chosen, drawn by the window, and published as that', async () => {
    const { main, user, dialog } = await openProfile()
    main.calls.chooseOwnPicture.mockResolvedValue({ ok: true, value: CHOSEN })
    expect(dialog.queryByRole('button', { name: 'Remove' })).toBeNull()
    await user.click(dialog.getByRole('button', { name: 'Choose a picture…' }))
    expect(await dialog.findByText('Everybody sees this picture now.')).toBeTruthy()
    expect(drawOwn).toHaveBeenCalledExactlyOnceWith(CHOSEN)
    expect(main.calls.publishOwnPicture).toHaveBeenCalledExactlyOnceWith(ME, DRAWN)
    act(() => main.tell('selvesChanged', [{ ...SELF, picture: HASH }]))
    expect(document.querySelectorAll(`img[src="./face/${HASH}"]`)).toHaveLength(2)
    // The focus is where it was.
    expect(document.activeElement).toBe(dialog.getByRole('button', { name: 'Another picture…' }))
  })

  test('stays as it is where choosing was cancelled', async () => {
    const { main, user, dialog } = await openProfile()
    main.calls.chooseOwnPicture.mockResolvedValue({ ok: true, value: null })
    await user.click(dialog.getByRole('button', { name: 'Choose a picture…' }))
    expect(main.calls.publishOwnPicture).not.toHaveBeenCalled()
    expect(alertIn(dialog)).toBe('')
  })

  test('is removed, with the focus left in the dialog', async () => {
    const { main, user, dialog } = await openProfile({ ...SELF, picture: HASH })
    dialog.getByRole('button', { name: 'Another picture…' }).focus()
    await user.tab()
    await user.keyboard('{Enter}')
    expect(main.calls.publishOwnPicture).toHaveBeenCalledExactlyOnceWith(ME, null)
    expect(await dialog.findByText('The picture is gone.')).toBeTruthy()
    act(() => main.tell('selvesChanged', [SELF]))
    expect(document.querySelector('img')).toBeNull()
    await act(async () => {})
    expect(screen.getByRole('dialog').contains(document.activeElement)).toBe(true)
  })

  test('is changed once at a time', async () => {
    const { main, user, dialog } = await openProfile({ ...SELF, picture: HASH })
    const { promise, resolve } = Promise.withResolvers<unknown>()
    main.calls.publishOwnPicture.mockReturnValue(promise)
    const remove = dialog.getByRole('button', { name: 'Remove' })
    await user.dblClick(remove)
    await user.click(dialog.getByRole('button', { name: 'Another picture…' }))
    expect(main.calls.publishOwnPicture).toHaveBeenCalledTimes(1)
    expect(main.calls.chooseOwnPicture).not.toHaveBeenCalled()
    expect(remove.getAttribute('aria-disabled')).toBe('true')
    await act(async () => resolve({ ok: true }))
    expect(remove.getAttribute('aria-disabled')).toBe('false')
  })

  test('that cannot be read, decoded or published is said, until another attempt', async () => {
    const { main, user, dialog } = await openProfile()
    const choose = () => user.click(dialog.getByRole('button', { name: 'Choose a picture…' }))
    main.calls.chooseOwnPicture.mockResolvedValueOnce({
      ok: false,
      failure: { code: 'file-unreadable', message: 'This file cannot be read.' },
    })
    await choose()
    expect(await dialog.findByText('This file cannot be read.')).toBeTruthy()
    main.calls.chooseOwnPicture.mockResolvedValue({ ok: true, value: CHOSEN })
    drawOwn.mockResolvedValueOnce(null)
    await choose()
    expect(await dialog.findByText('This picture cannot be read: choose another one.')).toBeTruthy()
    expect(main.calls.publishOwnPicture).not.toHaveBeenCalled()
    main.calls.publishOwnPicture.mockResolvedValueOnce(REFUSED)
    await choose()
    expect(await dialog.findByText('The server refused it.')).toBeTruthy()
    expect(dialog.queryByText('Everybody sees this picture now.')).toBeNull()
    await choose()
    expect(await dialog.findByText('Everybody sees this picture now.')).toBeTruthy()
    expect(alertIn(dialog)).toBe('')
  })
})

describe('a picture of somebody', () => {
  test('that cannot be had leaves their initials', async () => {
    await start({ selves: [{ ...SELF, nick: 'Jonas Weber', picture: HASH }] })
    const picture = document.querySelector('img')
    expect(picture?.getAttribute('src')).toBe(`./face/${HASH}`)
    act(() => void picture?.dispatchEvent(new Event('error')))
    expect(document.querySelector('img')).toBeNull()
    expect(screen.getByText('JW')).toBeTruthy()
  })

  test('is at their conversation, too', async () => {
    const anna = person({ address: 'anna@example.org', name: 'Anna', picture: HASH })
    const { main } = await start({ people: [anna] })
    act(() => main.tell('command', { kind: 'show-conversation', person: anna.id, draft: null }))
    const head = screen.getByRole('region', { name: /^Conversation/ })
    expect(head.querySelector(`img[src="./face/${HASH}"]`)).not.toBeNull()
  })
})

describe('the status message', () => {
  test('has the focus, and stays where it is refused, with why', async () => {
    const { main, user, dialog } = await openFromMenu('Status message…')
    const field = dialog.getByLabelText<HTMLInputElement>('Message')
    expect(document.activeElement).toBe(field)
    expect(dialog.queryByRole('button', { name: 'Remove' })).toBeNull()
    main.calls.changeStatus.mockResolvedValueOnce(REFUSED)
    await user.keyboard('In a meeting{Enter}')
    expect(await dialog.findByText('The server refused it.')).toBeTruthy()
    expect(field.value).toBe('In a meeting')
    await user.click(dialog.getByRole('button', { name: 'Save' }))
    expect(main.calls.changeStatus).toHaveBeenLastCalledWith(ME, { show: 'online', text: 'In a meeting' })
    expect(screen.queryByRole('dialog')).toBeNull()
  })

  test('is left as it is by Escape', async () => {
    const { main, user } = await openFromMenu('Status message…')
    await user.keyboard('Nobody reads this{Escape}')
    expect(screen.queryByRole('dialog')).toBeNull()
    expect(main.calls.changeStatus).not.toHaveBeenCalled()
  })
})

describe('the list of who is blocked', () => {
  test('says it where nobody is', async () => {
    const { user, dialog } = await openFromMenu('Blocked…')
    expect(dialog.getByText('You have blocked nobody.')).toBeTruthy()
    await user.click(dialog.getByRole('button', { name: 'Done' }))
    expect(screen.queryByRole('dialog')).toBeNull()
  })

  test('keeps who could not be unblocked, with why', async () => {
    const selves = [{ ...SELF, blocked: ['eve@example.org'] }]
    const { main, user, dialog } = await openFromMenu('Blocked…', { selves })
    main.calls.unblock.mockResolvedValueOnce(REFUSED)
    await user.click(dialog.getByRole('button', { name: 'Unblock eve@example.org' }))
    expect(await dialog.findByText('The server refused it.')).toBeTruthy()
    expect(dialog.getByText('eve@example.org')).toBeTruthy()
  })

  test('is closed with its account', async () => {
    const { main } = await openFromMenu('Blocked…')
    act(() => main.tell('accountsChanged', []))
    expect(screen.queryByRole('dialog')).toBeNull()
  })
})

describe('the menu of an account', () => {
  test('has nothing of blocking where its server cannot', async () => {
    const { user } = await start({ selves: [{ ...SELF, blocked: null }] })
    await user.click(screen.getByRole('button', { name: 'Menu' }))
    expect(await screen.findByRole('menuitem', { name: 'Profile…' })).toBeTruthy()
    expect(screen.queryByRole('menuitem', { name: 'Blocked…' })).toBeNull()
  })

  test('is about that account where there are several, and about no other', async () => {
    const other = 'jonas@work.example'
    const { main, user } = await start({
      accounts: [SIGNED_IN, { ...SIGNED_IN, address: other }],
      selves: [SELF, { ...SELF, account: other, status: { show: 'away', text: 'At lunch' } }],
      people: [person({ address: 'anna@example.org', id: of('anna@example.org') })],
    })
    await user.click(screen.getByRole('button', { name: `Account ${other}` }))
    expect(screen.getByRole('menuitemradio', { name: 'Away' }).getAttribute('aria-checked')).toBe('true')
    expect(screen.queryByRole('menuitem', { name: 'Settings' })).toBeNull()
    await user.click(screen.getByRole('menuitemradio', { name: 'Online' }))
    expect(main.calls.changeStatus).toHaveBeenCalledExactlyOnceWith(other, {
      show: 'online',
      text: 'At lunch',
    })
    await user.click(screen.getByRole('button', { name: `Account ${other}` }))
    await user.click(await screen.findByRole('menuitem', { name: 'Profile…' }))
    expect(within(await screen.findByRole('dialog')).getByText(other)).toBeTruthy()
  })

  test('says in words that others see us as away, where nobody is at the computer', async () => {
    await start({ selves: [{ ...SELF, idle: true }] })
    expect(screen.getByText('Away')).toBeTruthy()
  })

  test('is opened and used by keys alone, which come back to it', async () => {
    const { main, user } = await start()
    const button = screen.getByRole('button', { name: 'Menu' })
    button.focus()
    await user.keyboard('{Enter}')
    await screen.findByRole('menuitemradio', { name: 'Busy' })
    await user.keyboard('Busy{Enter}')
    expect(main.calls.changeStatus).toHaveBeenCalledExactlyOnceWith(ME, { show: 'busy', text: '' })
    expect(document.activeElement).toBe(button)
  })
})
