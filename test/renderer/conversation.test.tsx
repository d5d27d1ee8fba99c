// @vitest-environment jsdom
import { act, render, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, test } from 'vitest'
import type { Answer } from '../../shared/ipc/calls.ts'
import type { Message, SearchResult } from '../../shared/model/message.ts'
import { DEFAULT_SETTINGS } from '../../shared/model/settings.ts'
import type { WindowState } from '../../shared/model/window-state.ts'
import { message, person, SIGNED_IN, windowState } from './factories.ts'
import { FakeMain } from './fake-bridge.ts'
import './in-jsdom.ts'

const ANNA = person({ address: 'anna@example.org', name: 'Anna' })
const BEN = person({ address: 'ben@example.org', name: 'Ben' })
const LAST = message({ id: 'last', text: 'See you tomorow', direction: 'out' })

async function open(messages: readonly Message[] = [LAST], more: Partial<WindowState> = {}) {
  const main = new FakeMain(windowState({ people: [ANNA, BEN], ...more }))
  main.calls.readConversation.mockResolvedValue({
    ok: true,
    value: { messages, transfers: [], older: false, newer: false },
  })
  const { App } = await import('../../renderer/app.tsx')
  await main.connect()
  render(<App />)
  act(() => main.tell('command', { kind: 'show-conversation', person: ANNA.id, draft: null }))
  await waitFor(() => expect(main.calls.readConversation).toHaveBeenCalled())
  return {
    main,
    user: userEvent.setup(),
    field: screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Message Anna' }),
  }
}

const show = (main: FakeMain, who: typeof ANNA): void =>
  act(() => main.tell('command', { kind: 'show-conversation', person: who.id, draft: null }))

describe('a correction', () => {
  test('is begun by the arrow up in an empty composer, and sent in the place of the last message', async () => {
    const { main, user, field } = await open()
    await user.type(field, '{ArrowUp}')
    expect(field.value).toBe('See you tomorow')
    expect(screen.getByText('Editing your last message')).toBeTruthy()
    await user.clear(field)
    await user.type(field, 'See you tomorrow{Enter}')
    expect(main.calls.correctMessage).toHaveBeenCalledExactlyOnceWith(ANNA.id, 'last', 'See you tomorrow')
    expect(main.calls.sendMessage).not.toHaveBeenCalled()
  })

  test('ends when it is sent, and the draft is there again', async () => {
    const { main, user, field } = await open()
    const { promise, resolve } = Promise.withResolvers<Answer<Message>>()
    main.calls.correctMessage.mockReturnValue(promise)
    await user.type(field, '{ArrowUp}!{Enter}')
    expect(screen.getByText('Sending the correction…')).toBeTruthy()
    expect(field.readOnly).toBe(true)
    await user.type(field, '{Enter}')
    expect(main.calls.correctMessage).toHaveBeenCalledOnce()
    await act(async () => resolve({ ok: true, value: { ...LAST, edited: true } }))
    expect(field.value).toBe('')
    expect(screen.queryByText(/^Editing|^Sending/)).toBeNull()
  })

  test('that cannot be sent stays in the composer, and why is said', async () => {
    const { main, user, field } = await open()
    main.calls.correctMessage.mockResolvedValue({
      ok: false,
      failure: { code: 'server-connection-lost', message: 'There is no connection.' },
    })
    await user.type(field, '{ArrowUp}!{Enter}')
    expect(await screen.findByText('There is no connection.')).toBeTruthy()
    expect(field.value).toBe('See you tomorow!')
    expect(field.readOnly).toBe(false)
  })

  test('is given up by Escape, and nothing is sent where nothing is another', async () => {
    const { main, user, field } = await open()
    await user.type(field, '{ArrowUp}!{Escape}')
    expect(field.value).toBe('')
    await user.type(field, '{ArrowUp}{Enter}')
    expect(screen.queryByText('Editing your last message')).toBeNull()
    await user.type(field, '{ArrowUp}')
    await user.clear(field)
    await user.type(field, '{Enter}')
    // An empty one would be no message at all.
    expect(screen.getByText('Editing your last message')).toBeTruthy()
    await user.click(screen.getByRole('button', { name: 'Stop editing' }))
    expect(screen.queryByText('Editing your last message')).toBeNull()
    expect(main.calls.correctMessage).not.toHaveBeenCalled()
  })

  test('is not begun while something is written, nor where the last message is still on its way', async () => {
    const { main, user, field } = await open()
    await user.type(field, 'Hello{ArrowUp}')
    expect(field.value).toBe('Hello')
    await user.clear(field)
    act(() => main.tell('messagesChanged', [{ ...LAST, state: 'sending' }]))
    await user.type(field, '{ArrowUp}')
    expect(field.value).toBe('')
  })
})

describe('typing', () => {
  const told = (main: FakeMain): unknown[] => main.calls.tellTyping.mock.calls

  test('is told once, and is over with the message', async () => {
    const { main, user, field } = await open()
    main.calls.sendMessage.mockResolvedValue({ ok: true, value: LAST })
    await user.type(field, 'Hello')
    expect(told(main)).toEqual([[ANNA.id, 'composing']])
    await user.type(field, '{Enter}')
    show(main, BEN)
    expect(told(main)).toEqual([[ANNA.id, 'composing']])
  })

  test('is over when the conversation is left', async () => {
    const { main, user, field } = await open()
    await user.type(field, 'H')
    show(main, BEN)
    expect(told(main)).toEqual([
      [ANNA.id, 'composing'],
      [ANNA.id, 'active'],
    ])
  })

  test('of theirs is shown in the head and in their row, and said once', async () => {
    const { main } = await open()
    act(() => main.tell('peopleChanged', { changed: [{ ...ANNA, typing: true }], removed: [] }))
    const talk = screen.getByRole('region', { name: 'Conversation with Anna' })
    expect(within(talk).getByText('Writing…')).toBeTruthy()
    expect(within(screen.getByRole('navigation', { name: 'People' })).getByText('Writing…')).toBeTruthy()
    const said = within(talk)
      .getAllByRole('status')
      .map(({ textContent }) => textContent)
    expect(said).toContain('Anna is writing.')
    act(() => main.tell('peopleChanged', { changed: [ANNA], removed: [] }))
    expect(within(talk).queryByText(/writing/i)).toBeNull()
  })
})

test('an emoji comes to where the caret is, and is remembered', async () => {
  const recentEmoji = ['🎉', '👍']
  const { main, user, field } = await open([], { settings: { ...DEFAULT_SETTINGS, recentEmoji } })
  await user.type(field, 'Well done')
  field.setSelectionRange(4, 4)
  await user.click(await screen.findByRole('button', { name: 'Emoji', expanded: false }))
  const recent = await screen.findByRole('region', { name: 'Recent' })
  await user.click(within(recent).getByText('👍'))
  expect(field.value).toBe('Well👍 done')
  expect(main.calls.changeSettings).toHaveBeenCalledExactlyOnceWith({ recentEmoji: ['👍', '🎉'] })
  await waitFor(() => expect(document.activeElement).toBe(field))
  expect(field.selectionStart).toBe('Well👍'.length)
})

describe('a message', () => {
  /** Alone: the list draws only what a browser measures. */
  async function entry(shown: Message) {
    const opened = await open([LAST])
    const { MessageEntry } = await import('../../renderer/screens/message-entry.tsx')
    const { container } = render(<MessageEntry message={shown} joinedToLast={false} timed isMarked={false} />)
    const menu = async (): Promise<(string | null)[]> => {
      const bubble = within(container).getByText(shown.text)
      await opened.user.pointer({ keys: '[MouseRight]', target: bubble })
      return (await screen.findAllByRole('menuitem')).map(({ textContent }) => textContent)
    }
    return { ...opened, container, menu }
  }

  test('that was sent last can be edited from its menu', async () => {
    const { user, field, menu } = await entry(LAST)
    expect(await menu()).toEqual(['Copy', 'Edit'])
    await user.click(screen.getByRole('menuitem', { name: 'Edit' }))
    expect(field.value).toBe('See you tomorow')
    await waitFor(() => expect(document.activeElement).toBe(field))
  })

  test('of theirs, or an earlier one, can only be copied', async () => {
    const { menu } = await entry(message({ id: 'theirs', text: 'Fine' }))
    expect(await menu()).toEqual(['Copy'])
  })

  test('that failed is tried again from its menu, too', async () => {
    const failed = { ...LAST, id: 'failed', text: 'Lost', state: 'failed', failure: 'Refused.' } as const
    const { main, user, menu, container } = await entry(failed)
    expect(container.textContent).toContain('Not sent')
    expect(await menu()).toEqual(['Copy', 'Try again'])
    await user.click(screen.getByRole('menuitem', { name: 'Try again' }))
    expect(main.calls.resendMessage).toHaveBeenCalledExactlyOnceWith(ANNA.id, 'failed')
  })

  test('on its way says whether there is a connection for it', async () => {
    const { main, container } = await entry({ ...LAST, state: 'sending' })
    expect(container.textContent).toContain('· Sending…')
    act(() => main.tell('accountsChanged', [{ ...SIGNED_IN, connection: 'reconnecting' }]))
    expect(container.textContent).toContain('· Waits for the connection')
  })

  test('follows a link to somebody inside of Plumb', async () => {
    const { main, user, container } = await entry({ ...LAST, text: 'xmpp:ben@example.org?message' })
    await user.click(within(container).getByRole('link'))
    expect(main.calls.followLink).toHaveBeenCalledExactlyOnceWith('xmpp:ben@example.org?message')
    expect(main.calls.openLink).not.toHaveBeenCalled()
  })
})

describe('the search', () => {
  const found = (...messages: Message[]): Answer<SearchResult> => ({
    ok: true,
    value: { messages, transfers: [] },
  })

  test('looks everywhere from two characters on, once for what is typed in one go', async () => {
    const { main, user } = await open()
    main.calls.search.mockResolvedValue(found())
    const field = screen.getByRole('searchbox')
    await user.type(field, 'a')
    await user.type(field, 'nn')
    await waitFor(() => expect(main.calls.search).toHaveBeenCalledExactlyOnceWith('ann'))
    const list = screen.getByRole('navigation', { name: 'People' })
    await within(list).findByText('Found: 1 person.')
  })

  test('opens by Enter the message that was found where no person was', async () => {
    const { main, user } = await open()
    main.calls.search.mockResolvedValue(found(message({ id: 'far', text: 'tomatoes', person: BEN.id })))
    await user.type(screen.getByRole('searchbox'), 'tomato')
    await screen.findByText('Found: 1 message.')
    await user.type(screen.getByRole('searchbox'), '{Enter}')
    expect(screen.getByRole('heading', { level: 1, name: 'Ben' })).toBeTruthy()
    await waitFor(() =>
      expect(main.calls.readConversation).toHaveBeenLastCalledWith(
        BEN.id,
        { kind: 'around', id: 'far' },
        expect.any(Number),
      ),
    )
  })

  test('drops an answer that comes too late', async () => {
    const { main, user } = await open()
    const first = Promise.withResolvers<Answer<SearchResult>>()
    main.calls.search.mockReturnValueOnce(first.promise).mockResolvedValue(found())
    const field = screen.getByRole('searchbox')
    await user.type(field, 'qq')
    await waitFor(() => expect(main.calls.search).toHaveBeenCalledOnce())
    await user.type(field, 'x')
    await waitFor(() => expect(main.calls.search).toHaveBeenCalledTimes(2))
    await screen.findAllByText('Nothing was found.')
    await act(async () => first.resolve(found(message({ id: 'late', text: 'qq' }))))
    expect(screen.queryByRole('heading', { name: 'Messages' })).toBeNull()
  })
})

describe('what was said', () => {
  async function contact() {
    const opened = await open()
    await opened.user.click(screen.getByRole('button', { name: 'Contact details' }))
    return { ...opened, dialog: await screen.findByRole('dialog', { name: 'Anna' }) }
  }

  test('is exported as it was asked for, and that it was is said', async () => {
    const { main, user, dialog } = await contact()
    main.calls.exportPerson
      .mockResolvedValueOnce({ ok: true, value: false })
      .mockResolvedValue({ ok: true, value: true })
    const write = async (format: RegExp): Promise<void> => {
      await user.click(within(dialog).getByRole('button', { name: 'Export what was said…' }))
      await user.click(await screen.findByRole('menuitem', { name: format }))
    }
    await write(/^As text/)
    expect(main.calls.exportPerson).toHaveBeenLastCalledWith(ANNA.id, 'text')
    // It was cancelled in the dialog of the system.
    expect(within(dialog).queryByText('It was exported.')).toBeNull()
    await write(/^As JSON/)
    expect(main.calls.exportPerson).toHaveBeenLastCalledWith(ANNA.id, 'json')
    expect(await within(dialog).findByText('It was exported.')).toBeTruthy()
  })

  test('is deleted once that was asked', async () => {
    const { main, user, dialog } = await contact()
    await user.click(within(dialog).getByRole('button', { name: 'Delete what was said…' }))
    await user.click(screen.getByRole('button', { name: 'Keep' }))
    expect(main.calls.deleteConversation).not.toHaveBeenCalled()
    await user.click(screen.getByRole('button', { name: 'Contact details' }))
    await user.click(await screen.findByRole('button', { name: 'Delete what was said…' }))
    await user.click(screen.getByRole('button', { name: 'Delete' }))
    expect(main.calls.deleteConversation).toHaveBeenCalledExactlyOnceWith(ANNA.id)
    expect(screen.queryByRole('dialog')).toBeNull()
  })
})

test.each([
  ['Say that messages have arrived', 'sendReceipts'],
  ['Say that messages were seen', 'sendDisplayed'],
  ['Say that you are writing', 'sendTyping'],
])('what contacts are told is chosen in the settings: %s', async (name, setting) => {
  const { main, user } = await open()
  act(() => main.tell('command', { kind: 'open-settings' }))
  await user.click(await screen.findByRole('switch', { name }))
  expect(main.calls.changeSettings).toHaveBeenCalledExactlyOnceWith({ [setting]: false })
})

test('which account of several somebody belongs to is said in their row, and above what is said', async () => {
  const { main } = await open()
  const list = screen.getByRole('navigation', { name: 'People' })
  expect(within(list).queryByText('For your account')).toBeNull()
  act(() => main.tell('accountsChanged', [SIGNED_IN, { ...SIGNED_IN, address: 'work@example.org' }]))
  const row = within(list).getAllByText('For your account')[0]?.parentElement
  expect(row?.textContent).toBe('For your account jonas')
  const head = within(screen.getByRole('region', { name: /^Conversation with/ }))
  expect(head.getByText('For your account').parentElement?.textContent).toBe('For your account jonas')
})
