// @vitest-environment jsdom
import { act, cleanup, render, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, test } from 'vitest'
import type { Answer } from '../../shared/ipc/calls.ts'
import type { Reach } from '../../shared/model/reach.ts'
import { DEFAULT_SETTINGS } from '../../shared/model/settings.ts'
import type { SendAnswer, ShownTransfer } from '../../shared/model/shown-transfer.ts'
import type { WindowState } from '../../shared/model/window-state.ts'
import { ME, of, offer, person, RECEIPT, reach, transfer, windowState } from './factories.ts'
import { FakeMain } from './fake-bridge.ts'
import './in-jsdom.ts'

async function open(more: Partial<WindowState> = {}) {
  const main = new FakeMain(windowState(more))
  const { App } = await import('../../renderer/app.tsx')
  await main.connect()
  render(<App />)
  await screen.findByRole('main')
  return { main, user: userEvent.setup() }
}

const ANNA = person({ address: 'anna@example.org', name: 'Anna' })
const SIGNED_OUT = { kind: 'signed-out', address: ME, server: null, failure: null } as const

describe('signing in', () => {
  test('asks the main process, with the server where one is named', async () => {
    const { main, user } = await open({ accounts: [] })
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
    const { main, user } = await open({ accounts: [] })
    await user.type(screen.getByLabelText('Address'), 'jonas')
    await user.click(screen.getByRole('button', { name: 'Sign in' }))
    expect(screen.getByLabelText('Address').getAttribute('aria-invalid')).toBe('true')
    expect(screen.getByText('Enter the password.')).toBeTruthy()
    expect(main.calls.signIn).not.toHaveBeenCalled()
  })

  test('can be cancelled, and not be asked for twice', async () => {
    const { main, user } = await open({
      accounts: [{ kind: 'signing-in', address: ME, server: null }],
    })
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Signing in…' }).disabled).toBe(true)
    await user.click(screen.getByRole('button', { name: 'Cancel' }))
    expect(main.calls.cancelSignIn).toHaveBeenCalledExactlyOnceWith(ME)
  })

  test('keeps the server that was remembered when signing in by itself is cancelled', async () => {
    const server = { host: 'xmpp.example.org', port: 5223 }
    const { main, user } = await open({
      accounts: [{ kind: 'signing-in', address: ME, server }],
    })
    act(() => main.tell('accountsChanged', [{ ...SIGNED_OUT, server }]))
    await user.type(screen.getByLabelText('Password'), 'secret')
    await user.click(screen.getByRole('button', { name: 'Sign in' }))
    expect(main.calls.signIn).toHaveBeenCalledWith(expect.objectContaining({ server }))
  })

  test('shows what went wrong beside what it is about', async () => {
    const { main } = await open({ accounts: [SIGNED_OUT] })
    act(() =>
      main.tell('accountsChanged', [
        { ...SIGNED_OUT, failure: { code: 'wrong-password', message: 'Check the password.' } },
      ]),
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
  const { main, user } = await open({ requests: [{ person: of('a@x.y') }, { person: of('b@x.y') }] })
  main.calls.answerRequest.mockImplementation(() => {
    act(() => main.tell('requestsChanged', [{ person: of('b@x.y') }]))
    return Promise.resolve({ ok: true })
  })
  await answerable('Allow')
  await user.dblClick(screen.getByRole('button', { name: 'Allow' }))
  expect(screen.getByText('b@x.y')).toBeTruthy()
  expect(main.calls.answerRequest).toHaveBeenCalledExactlyOnceWith(of('a@x.y'), true)
  // And whoever answers by the keyboard is still there.
  await waitFor(() => {
    expect(document.activeElement).toBe(screen.getByRole('region', { name: 'Requests' }))
  })
})

describe('the prompt', () => {
  const first = offer({ transfer: 'first', name: 'film.mkv.exe', person: ANNA.id })
  const second = offer({ transfer: 'second', name: 'notes.txt', person: ANNA.id })

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
    act(() => main.tell('command', { kind: 'show-conversation', person: ANNA.id, draft: null }))
    const field = screen.getByRole('textbox', { name: 'Message Anna' })
    await user.type(field, 'I am writ')
    act(() => main.tell('offersChanged', [second]))
    expect(screen.getByRole('alertdialog')).toBeTruthy()
    expect(document.activeElement).toBe(field)
  })

  test('says that it is a folder, and how much is in it', async () => {
    await open({ people: [ANNA], offers: [{ ...first, name: 'Photos v1.2', files: 4_212 }] })
    const prompt = screen.getByRole('alertdialog')
    expect(prompt.textContent).toContain('Anna wants to send you a folder')
    expect(prompt.textContent).toContain('4,212 files, 3.1 GB · encrypted, from Anna’s computer')
    // What looks like an extension is none.
    expect(within(prompt).getByText('Photos v1.2')).toBeTruthy()
    expect(prompt.textContent).not.toContain('Not encrypted')
  })

  test('warns where others could read it, and accepts what has no size', async () => {
    const { main, user } = await open({
      people: [ANNA],
      offers: [{ ...first, size: null, encrypted: false, freeBytes: 1_000 }],
    })
    const prompt = screen.getByRole('alertdialog')
    expect(prompt.textContent).toContain('Size not known · from Anna’s computer')
    expect(prompt.textContent).toContain('Not encrypted: their program cannot.')
    // The warning is read out with the question.
    expect(prompt.getAttribute('aria-describedby')).toContain('offer-encryption')
    await answerable('Accept')
    await user.click(within(prompt).getByRole('button', { name: 'Accept' }))
    expect(main.calls.acceptOffer).toHaveBeenCalledExactlyOnceWith('first')
  })

  test('is not raised by a stranger', async () => {
    await open({ offers: [{ ...first, fromContact: false }] })
    expect(screen.queryByRole('alertdialog')).toBeNull()
    expect(document.body.textContent).not.toContain('film')
  })
})

describe('dialogs', () => {
  const FILE = { name: 'a.txt', size: 1, files: null, zipped: false, leftOut: 0 }
  const REFUSED = {
    name: 'letter.odt',
    failure: { code: 'file-not-found' as const, message: 'letter.odt is no longer there.' },
  }

  test('what cannot be sent is shown, and the rest is sent only where that is wanted', async () => {
    const { main, user } = await open({ people: [ANNA] })
    main.calls.chooseFiles.mockResolvedValue({
      ok: true,
      value: {
        kind: 'confirm',
        ticket: 't',
        sendable: [{ name: 'Photos', size: 3_400_000, files: 12, zipped: true, leftOut: 0 }],
        refused: [REFUSED],
      } satisfies SendAnswer,
    })
    act(() => main.tell('command', { kind: 'show-conversation', person: ANNA.id, draft: null }))
    await user.click(screen.getByRole('button', { name: 'Send files' }))
    const dialog = await screen.findByRole('dialog', { name: 'Not everything can be sent' })
    expect(dialog.textContent).toContain('letter.odt is no longer there.')
    const rest = within(dialog).getByRole('region', { name: 'What would be sent' })
    expect(rest.textContent).toContain('12 files, 3.4 MB')
    expect(rest.textContent).toContain('Goes as Photos.zip, since their program takes no folders.')
    expect(main.calls.confirmSending).not.toHaveBeenCalled()
    await answerable('Send the other one')
    await user.click(within(dialog).getByRole('button', { name: 'Send the other one' }))
    expect(main.calls.confirmSending).toHaveBeenCalledWith('t')
  })

  test('a folder is chosen by the keyboard, and nothing goes as a zip unasked', async () => {
    const { main, user } = await open({ people: [ANNA] })
    const sendable = [{ name: 'Photos', size: 3_400_000, files: 12, zipped: true, leftOut: 0 }]
    main.calls.chooseFolder.mockResolvedValue({
      ok: true,
      value: { kind: 'confirm', ticket: 't', sendable, refused: [] } satisfies SendAnswer,
    })
    act(() => main.tell('command', { kind: 'show-conversation', person: ANNA.id, draft: null }))
    act(() => screen.getByRole('button', { name: 'Attach' }).focus())
    await user.keyboard('{Enter}')
    await screen.findByRole('menuitem', { name: 'Send files…' })
    await user.click(screen.getByRole('menuitem', { name: 'Send a folder…' }))
    expect(main.calls.chooseFolder).toHaveBeenCalledExactlyOnceWith(ANNA.id)
    await screen.findByRole('dialog', { name: 'Send it as a zip file?' })
    expect(main.calls.confirmSending).not.toHaveBeenCalled()
    await answerable('Send')
    const dialog = screen.getByRole('dialog')
    await user.click(within(dialog).getByRole('button', { name: 'Send' }))
    expect(main.calls.confirmSending).toHaveBeenCalledExactlyOnceWith('t')
  })

  test('a folder is not sent without its links unasked', async () => {
    const { main, user } = await open({ people: [ANNA] })
    const sendable = [{ name: 'Photos', size: 3_400_000, files: 12, zipped: false, leftOut: 3 }]
    main.calls.chooseFiles.mockResolvedValue({
      ok: true,
      value: { kind: 'confirm', ticket: 't', sendable, refused: [] } satisfies SendAnswer,
    })
    act(() => main.tell('command', { kind: 'show-conversation', person: ANNA.id, draft: null }))
    await user.click(screen.getByRole('button', { name: 'Send files' }))
    const dialog = await screen.findByRole('dialog', { name: 'Send it without its links?' })
    expect(dialog.textContent).toContain('3 links or special files in it are not sent.')
    expect(dialog.textContent).not.toContain('zip')
  })

  test('two questions about files are asked one after the other', async () => {
    const { main, user } = await open({ people: [ANNA] })
    const question = (ticket: string) => ({
      ok: true,
      value: { kind: 'confirm', ticket, sendable: [FILE], refused: [REFUSED] } satisfies SendAnswer,
    })
    main.calls.chooseFiles.mockResolvedValueOnce(question('one')).mockResolvedValueOnce(question('two'))
    act(() => main.tell('command', { kind: 'show-conversation', person: ANNA.id, draft: null }))
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
    act(() => main.tell('command', { kind: 'show-conversation', person: ANNA.id, draft: null }))
    await user.click(screen.getByRole('button', { name: 'Contact details' }))
    const field = await screen.findByLabelText('Name')
    await user.clear(field)
    await user.type(field, ' Anna L. ')
    await user.click(screen.getByRole('button', { name: 'Done' }))
    expect(main.calls.renamePerson).toHaveBeenCalledExactlyOnceWith(ANNA.id, 'Anna L.')
  })

  test('settings change at once, and show what the main process says', async () => {
    const { main, user } = await open()
    act(() => main.tell('command', { kind: 'open-settings' }))
    await user.click(await screen.findByRole('radio', { name: 'Dark' }))
    expect(main.calls.changeSettings).toHaveBeenCalledWith({ theme: 'dark' })
    expect(screen.getByRole<HTMLInputElement>('radio', { name: 'Dark' }).checked).toBe(false)
  })
})

describe('a transfer', () => {
  const lost = { code: 'connection-lost' as const, message: 'Anna’s computer went off the network.' }
  const size = 1_000_000

  /** Its card alone: the lists draw only what a browser measures. */
  async function card(more: Partial<ShownTransfer>, people = [ANNA]) {
    const main = new FakeMain(windowState({ people }))
    const { TransferCard } = await import('../../renderer/screens/transfer-card.tsx')
    await main.connect()
    const draw = (changed: Partial<ShownTransfer>) => (
      <TransferCard transfer={transfer({ id: 't', name: 'film.mkv', size, ...changed })} />
    )
    const { rerender } = render(draw(more))
    const show = (changed: Partial<ShownTransfer>): void => rerender(draw(changed))
    return { main, user: userEvent.setup(), show, article: screen.getByRole('article') }
  }
  const buttons = (): (string | null)[] =>
    screen.queryAllByRole('button').map(button => button.getAttribute('aria-label'))

  test('is paused and resumed by one button, which keeps the focus', async () => {
    const moving = { kind: 'moving', bytes: 430_000, bytesPerSecond: 0, secondsLeft: null } as const
    const { main, user, show } = await card({ state: moving, canPause: true })
    const button = screen.getByRole('button', { name: 'Pause film.mkv' })
    await user.click(button)
    expect(main.calls.pauseTransfer).toHaveBeenCalledExactlyOnceWith('t')
    show({ state: { kind: 'paused', bytes: 430_000, by: 'us' } })
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Resume film.mkv' }))
    await user.keyboard('{Enter}')
    expect(main.calls.resumeTransfer).toHaveBeenCalledExactlyOnceWith('t')
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('43')
  })

  test('that they paused is theirs to resume', async () => {
    const { article } = await card({ state: { kind: 'paused', bytes: 430_000, by: 'them' }, canPause: true })
    expect(article.textContent).toMatch(/Paused by \S*Anna\S* at 43/)
    expect(buttons()).toEqual(['Cancel film.mkv'])
  })

  test('that was interrupted says that it goes on, and can go on now', async () => {
    const { main, user, article } = await card({
      state: { kind: 'interrupted', bytes: 430_000, failure: lost },
      receipt: RECEIPT,
      canPause: true,
    })
    expect(article.textContent).toMatch(/Connection lost at 43/)
    expect(article.textContent).toContain('Goes on by itself when you are both online.')
    // The connection that it had says nothing of the next one.
    expect(article.textContent).not.toContain('Encrypted')
    expect(buttons()).toEqual(['Resume film.mkv now', 'Cancel film.mkv'])
    await user.click(screen.getByRole('button', { name: 'Resume film.mkv now' }))
    expect(main.calls.resumeTransfer).toHaveBeenCalledExactlyOnceWith('t')
  })

  test('that waits can be sent now only where nobody knows whether they are there', async () => {
    const waits = { direction: 'out', state: { kind: 'waiting' } } as const
    const { article } = await card(waits, [{ ...ANNA, availability: 'offline' }])
    expect(article.textContent).toMatch(/Sends when \S*Anna\S* is online/)
    expect(buttons()).toEqual(['Cancel film.mkv'])
    cleanup()
    await card(waits, [{ ...ANNA, availability: 'offline', subscription: 'none' }])
    expect(buttons()).toEqual(['Send film.mkv now', 'Cancel film.mkv'])
  })

  test('of no known size shows a bar without a number', async () => {
    const moving = { kind: 'moving', bytes: 430_000, bytesPerSecond: 0, secondsLeft: null } as const
    const { show } = await card({ state: moving, size: null })
    expect(screen.getByRole('progressbar').hasAttribute('aria-valuenow')).toBe(false)
    show({ state: { kind: 'paused', bytes: 430_000, by: 'us' }, size: null })
    expect(screen.queryByRole('progressbar')).toBeNull()
  })

  test('that failed tells what was tried, and leads to what would help', async () => {
    const { main, user, article } = await card({
      direction: 'out',
      state: { kind: 'failed', at: 0, bytes: 0, failure: { code: 'unreachable', message: 'No way.' } },
      attempts: [
        { method: 'dtcp', code: 'unreachable', message: 'Both are behind routers.' },
        { method: 'ibb', code: 'refused', message: 'Their program takes none.' },
      ],
      canRetry: true,
    })
    expect(
      within(article)
        .getAllByRole('listitem')
        .map(({ textContent }) => textContent),
    ).toEqual(['Direct: Both are behind routers.', 'Through the servers: Their program takes none.'])
    await user.click(screen.getByRole('button', { name: 'Send film.mkv again' }))
    expect(main.calls.retryTransfer).toHaveBeenCalledExactlyOnceWith('t')
    main.calls.checkReach.mockResolvedValue({ ok: true, value: reach() })
    const { Dialogs } = await import('../../renderer/screens/dialogs.tsx')
    render(<Dialogs />)
    await user.click(screen.getByRole('button', { name: 'How others reach this computer' }))
    // It looks at once, and the keyboard is there.
    const section = await screen.findByRole('region', { name: 'How others reach this computer' })
    await waitFor(() => expect(document.activeElement).toBe(section))
    expect(main.calls.checkReach).toHaveBeenCalledOnce()
  })
})

describe('the settings', () => {
  async function settings() {
    const opened = await open()
    const { promise, resolve } = Promise.withResolvers<Answer<Reach>>()
    opened.main.calls.checkReach.mockReturnValue(promise)
    act(() => opened.main.tell('command', { kind: 'open-settings' }))
    const section = await screen.findByRole('region', { name: 'How others reach this computer' })
    const answer = async (value: Answer<Reach>): Promise<void> => act(async () => resolve(value))
    return { ...opened, section, answer }
  }

  test('ask the router for a port, or not', async () => {
    const { main, user } = await settings()
    const asks = screen.getByRole<HTMLInputElement>('switch', { name: /^Ask the router for a port/ })
    expect(asks.checked).toBe(true)
    await user.click(asks)
    expect(main.calls.changeSettings).toHaveBeenCalledExactlyOnceWith({ portMapping: false })
  })

  test('look how others reach this computer when they are asked to, once at a time', async () => {
    const { main, user, section, answer } = await settings()
    expect(main.calls.checkReach).not.toHaveBeenCalled()
    await user.dblClick(within(section).getByRole('button', { name: 'Check' }))
    expect(main.calls.checkReach).toHaveBeenCalledOnce()
    expect(within(section).getByRole('status').textContent).toContain('Looking')
    await answer({ ok: true, value: reach({ advice: ['Switch on UPnP in the router.'], proxy: null }) })
    expect(within(section).getByRole('status').textContent).toBe('Files arrive, but not always directly.')
    expect(section.textContent).toContain('Switch on UPnP in the router.')
    expect(section.textContent).toContain('192.168.178.24 in this network · told to contacts')
    expect(section.textContent).toContain('Forwards 203.0.113.7:51000 to this computer (UPnP).')
    // With another setting what was found is no longer so.
    act(() =>
      main.tell('settingsChanged', {
        settings: { ...DEFAULT_SETTINGS, portMapping: false },
        downloadFolder: 'Downloads',
      }),
    )
    expect(screen.queryByText('Switch on UPnP in the router.')).toBeNull()
  })

  test('say why that could not be found out, and look again', async () => {
    const { main, user, section, answer } = await settings()
    await user.click(within(section).getByRole('button', { name: 'Check' }))
    await answer({ ok: false, failure: { code: 'not-allowed', message: 'Sign in first.' } })
    expect(within(section).getByRole('status').textContent).toBe('Sign in first.')
    await user.click(within(section).getByRole('button', { name: 'Check again' }))
    expect(main.calls.checkReach).toHaveBeenCalledTimes(2)
  })
})

describe('the list of people', () => {
  test('says what waits for somebody, but not before what was not read yet', async () => {
    const last = { kind: 'message', direction: 'in', text: 'See you', at: 0 } as const
    const anna = { ...ANNA, availability: 'offline' as const, last }
    const waiting = transfer({ id: 't', name: 'a.txt', direction: 'out', state: { kind: 'waiting' } })
    const { main } = await open({ people: [anna], transfers: [waiting] })
    const list = screen.getByRole('navigation', { name: 'People' })
    expect(list.textContent).toMatch(/1 file waits until \S*Anna\S* is online/)
    act(() => main.tell('peopleChanged', { changed: [{ ...anna, unread: 1 }], removed: [] }))
    expect(list.textContent).toContain('See you')
    expect(list.textContent).not.toContain('waits')
  })

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
    act(() => opened.main.tell('command', { kind: 'show-conversation', person: ANNA.id, draft: 'Hello' }))
    return { ...opened, field: screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Message Anna' }) }
  }

  test('Enter sends, Shift and Enter makes a line', async () => {
    const { main, user, field } = await conversation()
    main.calls.sendMessage.mockResolvedValue({ ok: true, value: {} })
    expect(field.value).toBe('Hello')
    await user.type(field, '{Shift>}{Enter}{/Shift}there')
    expect(field.value).toBe('Hello\nthere')
    await user.type(field, '{Enter}')
    expect(main.calls.sendMessage).toHaveBeenCalledWith(ANNA.id, 'Hello\nthere')
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
