// @vitest-environment jsdom
import { act, cleanup, render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { WindowState } from '../../shared/model/window-state.ts'
import { offer, person, windowState } from './factories.ts'
import { FakeMain } from './fake-bridge.ts'

beforeAll(() => {
  // What jsdom has not got.
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => {} }))
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe(): void {}
      unobserve(): void {}
      disconnect(): void {}
    },
  )
})

afterEach(cleanup)

async function open(more: Partial<WindowState> = {}) {
  const main = new FakeMain(windowState(more))
  const { App } = await import('../../renderer/app.tsx')
  await main.connect()
  render(<App />)
  return { main, user: userEvent.setup() }
}

const ANNA = person({ address: 'anna@example.org', name: 'Anna' })
const SIGNED_OUT = { kind: 'signed-out', last: null, failure: null } as const

describe('signing in', () => {
  test('asks the main process, with the server where one is named', async () => {
    const { main, user } = await open({ account: SIGNED_OUT })
    await user.type(screen.getByLabelText('Address'), ' Jonas@Example.org')
    await user.type(screen.getByLabelText('Password'), 'secret')
    await user.click(screen.getByRole('button', { name: 'Advanced' }))
    await user.type(screen.getByLabelText('Server'), 'xmpp.example.org')
    await user.click(screen.getByRole('button', { name: 'Sign in' }))
    expect(main.calls.signIn).toHaveBeenCalledWith({
      address: 'jonas@example.org',
      password: 'secret',
      server: { host: 'xmpp.example.org', port: 5222 },
      remember: true,
    })
  })

  test('says what is missing before it asks', async () => {
    const { main, user } = await open({ account: SIGNED_OUT })
    await user.type(screen.getByLabelText('Address'), 'jonas')
    await user.click(screen.getByRole('button', { name: 'Sign in' }))
    expect(screen.getByLabelText('Address').getAttribute('aria-invalid')).toBe('true')
    expect(screen.getByText('Enter the password.')).toBeTruthy()
    expect(main.calls.signIn).not.toHaveBeenCalled()
  })

  test('can be cancelled, and not be asked for twice', async () => {
    const { main, user } = await open({
      account: { kind: 'signing-in', address: 'jonas@example.org', retrying: null },
    })
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Signing in…' }).disabled).toBe(true)
    await user.click(screen.getByRole('button', { name: 'Cancel' }))
    expect(main.calls.cancelSignIn).toHaveBeenCalledOnce()
  })

  test('shows what went wrong beside what it is about', async () => {
    const { main } = await open({ account: SIGNED_OUT })
    act(() =>
      main.tell('accountChanged', {
        ...SIGNED_OUT,
        failure: { code: 'wrong-password', message: 'Check the password.' },
      }),
    )
    expect(screen.getByLabelText('Password').getAttribute('aria-describedby')).toBeTruthy()
    expect(screen.getByText('Check the password.')).toBeTruthy()
  })
})

describe('the prompt', () => {
  const first = offer({ transfer: 'first', name: 'film.mkv.exe', person: ANNA.address })
  const second = offer({ transfer: 'second', name: 'notes.txt', person: ANNA.address })

  test('shows who, what and where, and answers for this very offer', async () => {
    const { main, user } = await open({ people: [ANNA], offers: [first, second] })
    const prompt = screen.getByRole('alertdialog')
    expect(prompt.textContent).toContain('Anna wants to send you a file')
    expect(prompt.textContent).toContain('anna@example.org, in your contacts')
    expect(within(prompt).getByText('.exe')).toBeTruthy()
    expect(prompt.textContent).toContain('1 of 2')
    await user.click(within(prompt).getByRole('button', { name: 'Decline' }))
    expect(main.calls.declineOffer).toHaveBeenCalledExactlyOnceWith('first')
    act(() => main.tell('offersChanged', [second]))
    expect(screen.getByRole('alertdialog').textContent).toContain('notes')
  })

  test('does not accept what does not fit', async () => {
    const { main, user } = await open({ people: [ANNA], offers: [{ ...first, freeBytes: 1 }] })
    await user.click(screen.getByRole('button', { name: 'Accept' }))
    expect(main.calls.acceptOffer).not.toHaveBeenCalled()
    await user.click(screen.getByRole('button', { name: 'Save as…' }))
    expect(main.calls.acceptOfferAs).toHaveBeenCalledWith('first')
  })

  test('takes no key of the first moment, which was meant for something else', async () => {
    const { main, user } = await open({ people: [ANNA] })
    act(() => main.tell('offersChanged', [first]))
    expect(document.activeElement?.textContent).toBe('Accept')
    await user.keyboard('{Enter}')
    expect(main.calls.acceptOffer).not.toHaveBeenCalled()
  })

  test('is not raised by a stranger', async () => {
    await open({ offers: [{ ...first, fromContact: false }] })
    expect(screen.queryByRole('alertdialog')).toBeNull()
    expect(document.body.textContent).not.toContain('film')
  })
})

describe('dialogs', () => {
  test('what cannot be sent is shown, and the rest is sent only where that is wanted', async () => {
    const { main, user } = await open({ people: [ANNA] })
    main.calls.chooseFiles.mockResolvedValue({
      ok: true,
      value: {
        kind: 'confirm',
        ticket: 't',
        sendable: [{ name: 'a', size: 1 }],
        refused: [{ name: 'photos', failure: { code: 'file-unreadable', message: 'photos is a folder.' } }],
      },
    })
    act(() => main.tell('command', { kind: 'show-conversation', address: ANNA.address, draft: null }))
    await user.click(screen.getByRole('button', { name: 'Send files' }))
    const dialog = await screen.findByRole('dialog', { name: 'Not everything can be sent' })
    expect(dialog.textContent).toContain('photos is a folder.')
    expect(main.calls.confirmSending).not.toHaveBeenCalled()
    await user.click(within(dialog).getByRole('button', { name: 'Send the other one' }))
    expect(main.calls.confirmSending).toHaveBeenCalledWith('t')
  })

  test('settings change at once, and show what the main process says', async () => {
    const { main, user } = await open()
    act(() => main.tell('command', { kind: 'open-settings' }))
    await user.click(await screen.findByRole('radio', { name: 'Dark' }))
    expect(main.calls.changeSettings).toHaveBeenCalledWith({ theme: 'dark' })
    expect(screen.getByRole<HTMLInputElement>('radio', { name: 'Dark' }).checked).toBe(false)
  })
})

describe('writing', () => {
  async function conversation() {
    const opened = await open({ people: [ANNA] })
    act(() =>
      opened.main.tell('command', { kind: 'show-conversation', address: ANNA.address, draft: 'Hello' }),
    )
    return { ...opened, field: screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Message Anna' }) }
  }

  test('Enter sends, Shift and Enter makes a line', async () => {
    const { main, user, field } = await conversation()
    main.calls.sendMessage.mockResolvedValue({ ok: true, value: {} })
    expect(field.value).toBe('Hello')
    await user.type(field, '{Shift>}{Enter}{/Shift}there')
    expect(field.value).toBe('Hello\nthere')
    await user.type(field, '{Enter}')
    expect(main.calls.sendMessage).toHaveBeenCalledWith(ANNA.address, 'Hello\nthere')
    expect(field.value).toBe('')
  })

  test('what could not be sent is not lost, and why is said', async () => {
    const { main, user, field } = await conversation()
    main.calls.sendMessage.mockResolvedValue({
      ok: false,
      failure: { code: 'not-allowed', message: 'Sign in first.' },
    })
    await user.type(field, '{Enter}')
    expect(field.value).toBe('Hello')
    expect(screen.getByText('Sign in first.')).toBeTruthy()
  })

  test('an Enter that ends the choice of a character sends nothing', async () => {
    const { main, field } = await conversation()
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true }))
    expect(main.calls.sendMessage).not.toHaveBeenCalled()
  })
})
