// @vitest-environment jsdom
import { act, cleanup, render, screen, waitFor, within } from '@testing-library/react'
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
      account: { kind: 'signing-in', address: 'jonas@example.org', server: null, retrying: null },
    })
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Signing in…' }).disabled).toBe(true)
    await user.click(screen.getByRole('button', { name: 'Cancel' }))
    expect(main.calls.cancelSignIn).toHaveBeenCalledOnce()
  })

  test('keeps the server that was remembered when signing in by itself is cancelled', async () => {
    const server = { host: 'xmpp.example.org', port: 5223 }
    const { main, user } = await open({
      account: { kind: 'signing-in', address: 'jonas@example.org', server, retrying: null },
    })
    const last = { address: 'jonas@example.org', server }
    act(() => main.tell('accountChanged', { kind: 'signed-out', last, failure: null }))
    await user.type(screen.getByLabelText('Password'), 'secret')
    await user.click(screen.getByRole('button', { name: 'Sign in' }))
    expect(main.calls.signIn).toHaveBeenCalledWith(expect.objectContaining({ server }))
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

/** Waits until an answer is taken: not in a question’s first moment. */
async function answerable(name: string): Promise<void> {
  await waitFor(() => {
    expect(screen.getByRole('button', { name }).getAttribute('aria-disabled')).toBe('false')
  })
}

test('a request to be seen takes the second of two quick clicks for no answer to the next one', async () => {
  const { main, user } = await open({ requests: [{ address: 'a@x.y' }, { address: 'b@x.y' }] })
  main.calls.answerRequest.mockImplementation(() => {
    act(() => main.tell('requestsChanged', [{ address: 'b@x.y' }]))
    return Promise.resolve({ ok: true })
  })
  await answerable('Allow')
  await user.dblClick(screen.getByRole('button', { name: 'Allow' }))
  expect(screen.getByText('b@x.y')).toBeTruthy()
  expect(main.calls.answerRequest).toHaveBeenCalledExactlyOnceWith('a@x.y', true)
  // And whoever answers by the keyboard is still there.
  await waitFor(() => {
    expect(document.activeElement).toBe(screen.getByRole('region', { name: 'Requests' }))
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
    await answerable('Decline')
    await user.click(within(prompt).getByRole('button', { name: 'Decline' }))
    expect(main.calls.declineOffer).toHaveBeenCalledExactlyOnceWith('first')
    act(() => main.tell('offersChanged', [second]))
    expect(screen.getByRole('alertdialog').textContent).toContain('notes')
  })

  test('does not accept what does not fit', async () => {
    const { main, user } = await open({ people: [ANNA], offers: [{ ...first, freeBytes: 1 }] })
    await user.click(screen.getByRole('button', { name: 'Accept' }))
    expect(main.calls.acceptOffer).not.toHaveBeenCalled()
    await answerable('Save as…')
    await user.click(screen.getByRole('button', { name: 'Save as…' }))
    expect(main.calls.acceptOfferAs).toHaveBeenCalledWith('first')
  })

  test('takes no key and no click of the first moment, which was meant for something else', async () => {
    const { main, user } = await open({ people: [ANNA] })
    act(() => main.tell('offersChanged', [first]))
    expect(document.activeElement?.textContent).toBe('Accept')
    await user.keyboard('{Enter}')
    await user.click(screen.getByRole('button', { name: 'Accept' }))
    expect(main.calls.acceptOffer).not.toHaveBeenCalled()
  })

  test('takes the second of two quick clicks for no answer to the next question', async () => {
    const { main, user } = await open({ people: [ANNA], offers: [first, second] })
    main.calls.acceptOffer.mockImplementation(() => {
      act(() => main.tell('offersChanged', [second]))
      return Promise.resolve({ ok: true })
    })
    await answerable('Accept')
    await user.dblClick(screen.getByRole('button', { name: 'Accept' }))
    expect(screen.getByRole('alertdialog').textContent).toContain('notes')
    expect(main.calls.acceptOffer).toHaveBeenCalledExactlyOnceWith('first')
  })

  test('can be answered again where the dialog of the system was cancelled', async () => {
    const { main, user } = await open({ people: [ANNA], offers: [first] })
    main.calls.acceptOfferAs.mockResolvedValue({ ok: true, value: false })
    await answerable('Save as…')
    await user.click(screen.getByRole('button', { name: 'Save as…' }))
    await answerable('Accept')
    await user.click(screen.getByRole('button', { name: 'Accept' }))
    expect(main.calls.acceptOffer).toHaveBeenCalledExactlyOnceWith('first')
  })

  test('leaves the focus to whoever writes, also after it was asked for once', async () => {
    const { main, user } = await open({ people: [ANNA], offers: [first] })
    act(() => main.tell('command', { kind: 'show-offers' }))
    act(() => main.tell('offersChanged', []))
    act(() => main.tell('command', { kind: 'show-conversation', address: ANNA.address, draft: null }))
    const field = screen.getByRole('textbox', { name: 'Message Anna' })
    await user.type(field, 'I am writ')
    act(() => main.tell('offersChanged', [second]))
    expect(screen.getByRole('alertdialog')).toBeTruthy()
    expect(document.activeElement).toBe(field)
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
    await answerable('Send the other one')
    await user.click(within(dialog).getByRole('button', { name: 'Send the other one' }))
    expect(main.calls.confirmSending).toHaveBeenCalledWith('t')
  })

  test('two questions about files are asked one after the other', async () => {
    const { main, user } = await open({ people: [ANNA] })
    const question = (ticket: string) => ({
      ok: true,
      value: { kind: 'confirm', ticket, sendable: [{ name: 'a', size: 1 }], refused: [] },
    })
    main.calls.chooseFiles.mockResolvedValueOnce(question('one')).mockResolvedValueOnce(question('two'))
    act(() => main.tell('command', { kind: 'show-conversation', address: ANNA.address, draft: null }))
    const send = screen.getByRole('button', { name: 'Send files' })
    await user.click(send)
    await screen.findByRole('dialog')
    // Behind the dialog, as a drop would come.
    act(() => main.tell('command', { kind: 'attach' }))
    await waitFor(() => expect(main.calls.chooseFiles).toHaveBeenCalledTimes(2))
    await answerable('Send the other one')
    await user.dblClick(screen.getByRole('button', { name: 'Send the other one' }))
    expect(main.calls.confirmSending.mock.calls).toEqual([['one']])
    await answerable('Send the other one')
    await user.click(screen.getByRole('button', { name: 'Send the other one' }))
    expect(main.calls.confirmSending.mock.calls).toEqual([['one'], ['two']])
  })

  test('say what could not be done where it can be seen', async () => {
    const { main, user } = await open()
    main.calls.changeSettings.mockResolvedValue({
      ok: false,
      failure: { code: 'cannot-write', message: 'The settings could not be saved.' },
    })
    act(() => main.tell('command', { kind: 'open-settings' }))
    const dialog = await screen.findByRole('dialog', { name: 'Settings' })
    await user.click(within(dialog).getByRole('radio', { name: 'Dark' }))
    expect(await within(dialog).findByText('The settings could not be saved.')).toBeTruthy()
    await user.click(within(dialog).getByRole('button', { name: 'Done' }))
    expect(screen.queryByText('The settings could not be saved.')).toBeNull()
  })

  test('a name holds as soon as it is left', async () => {
    const { main, user } = await open({ people: [ANNA] })
    act(() => main.tell('command', { kind: 'show-conversation', address: ANNA.address, draft: null }))
    await user.click(screen.getByRole('button', { name: 'Contact details' }))
    const field = await screen.findByLabelText('Name')
    await user.clear(field)
    await user.type(field, ' Anna L. ')
    await user.click(screen.getByRole('button', { name: 'Done' }))
    expect(main.calls.renamePerson).toHaveBeenCalledExactlyOnceWith(ANNA.address, 'Anna L.')
  })

  test('settings change at once, and show what the main process says', async () => {
    const { main, user } = await open()
    act(() => main.tell('command', { kind: 'open-settings' }))
    await user.click(await screen.findByRole('radio', { name: 'Dark' }))
    expect(main.calls.changeSettings).toHaveBeenCalledWith({ theme: 'dark' })
    expect(screen.getByRole<HTMLInputElement>('radio', { name: 'Dark' }).checked).toBe(false)
  })
})

describe('the list of people', () => {
  test('opens the first that is found by Enter in the search', async () => {
    const ben = person({ address: 'ben@example.org', name: 'Ben' })
    const { user } = await open({ people: [ANNA, ben] })
    await user.type(screen.getByRole('searchbox'), 'be{Enter}')
    expect(screen.getByRole('heading', { level: 1, name: 'Ben' })).toBeTruthy()
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
