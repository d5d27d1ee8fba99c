// @vitest-environment jsdom
import { act, cleanup, render, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, test } from 'vitest'
import type { AccountForm, FormField } from '../../shared/model/registration.ts'
import type { WindowState } from '../../shared/model/window-state.ts'
import { ME, SIGNED_IN, windowState } from './factories.ts'
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

type Opened = Awaited<ReturnType<typeof open>>

function question(name: string, more: Partial<FormField> = {}): FormField {
  return {
    name,
    type: name.endsWith('password') ? 'text-private' : 'text-single',
    label: '',
    description: '',
    required: true,
    values: [],
    options: [],
    pictures: [],
    ...more,
  }
}

const PICTURE = 'data:image/png;base64,AAAA'
const FORM: AccountForm = {
  title: '',
  instructions: 'Choose well.',
  fields: [question('username'), question('password')],
  pictures: [],
}
const LETTERS: AccountForm = {
  ...FORM,
  fields: [...FORM.fields, question('ocr', { pictures: [0] })],
  pictures: [PICTURE],
}
const answered = (value?: unknown) => async () => ({ ok: true, value })
const failed = (code: string, message: string) => async () => ({ ok: false, failure: { code, message } })

/** To the questions of example.org. */
async function createAt({ main, user }: Opened, offer: unknown): Promise<void> {
  main.calls.openRegistration.mockImplementation(answered(offer))
  await user.click(await screen.findByRole('button', { name: 'Create an account…' }))
  await user.type(screen.getByLabelText('Where'), ' Example.org')
  await user.click(screen.getByRole('button', { name: 'Continue' }))
}

async function fillIn({ user }: Opened, name = 'jonas', password = 'correct horse'): Promise<void> {
  await user.type(await screen.findByLabelText('Name'), name)
  await user.type(screen.getByLabelText('Password'), password)
  await user.click(screen.getByRole('button', { name: 'Create the account' }))
}

const button = (name: string) => screen.getByRole<HTMLButtonElement>('button', { name })
const says = (label: string): string | undefined => {
  const ids = screen.getByLabelText(label).getAttribute('aria-describedby')?.split(' ') ?? []
  return ids.map(id => document.getElementById(id)?.textContent).join(' ')
}

describe('creating an account', () => {
  test('asks where, then what the server asks, and signs in with what was chosen', async () => {
    const opened = await open({ accounts: [] })
    const { main, user } = opened
    await createAt(opened, { kind: 'form', form: FORM })
    expect(main.calls.openRegistration).toHaveBeenCalledExactlyOnceWith({
      domain: 'example.org',
      server: null,
    })
    expect(screen.getByText('Choose well.')).toBeTruthy()
    expect(document.activeElement).toBe(screen.getByLabelText('Name'))
    main.calls.submitRegistration.mockImplementation(answered({ kind: 'created', address: ME }))
    main.calls.signIn.mockImplementation(() => new Promise(() => {}))
    await fillIn(opened)
    expect(main.calls.submitRegistration).toHaveBeenCalledExactlyOnceWith([
      { name: 'username', values: ['jonas'] },
      { name: 'password', values: ['correct horse'] },
    ])
    expect(main.calls.signIn).toHaveBeenCalledExactlyOnceWith({
      address: ME,
      password: 'correct horse',
      server: null,
      remember: true,
    })
    expect(button('Signing in…').disabled).toBe(true)
    await user.click(button('Cancel'))
    expect(main.calls.cancelSignIn).toHaveBeenCalledExactlyOnceWith(ME)
  })

  test('goes to the server that was named, and remembers nothing where that is not wanted', async () => {
    const { main, user } = await open({ accounts: [] })
    main.calls.openRegistration.mockImplementation(answered({ kind: 'form', form: FORM }))
    main.calls.submitRegistration.mockImplementation(answered({ kind: 'created', address: ME }))
    await user.click(button('Create an account…'))
    await user.type(screen.getByLabelText('Where'), 'example.org')
    await user.click(button('Advanced'))
    await user.type(screen.getByLabelText('Host'), 'xmpp.example.org')
    await user.click(button('Continue'))
    await user.click(await screen.findByLabelText('Remember me'))
    await fillIn({ main, user })
    const server = { host: 'xmpp.example.org', port: 5222 }
    expect(main.calls.openRegistration).toHaveBeenCalledWith({ domain: 'example.org', server })
    expect(main.calls.signIn).toHaveBeenCalledWith(expect.objectContaining({ server, remember: false }))
  })

  test('says what is no server, and asks nobody', async () => {
    const { main, user } = await open({ accounts: [] })
    await user.click(button('Create an account…'))
    await user.type(screen.getByLabelText('Where'), 'jonas@example.org{Enter}')
    expect(says('Where')).toContain('A server looks like example.org.')
    expect(main.calls.openRegistration).not.toHaveBeenCalled()
  })

  test('says beside the server that it creates no accounts', async () => {
    const opened = await open({ accounts: [] })
    await createAt(opened, { kind: 'closed' })
    await waitFor(() => expect(says('Where')).toContain('example.org creates no accounts'))
  })

  test.each([
    ['server-not-found', true],
    ['certificate-not-trusted', false],
  ])('says why the server could not be asked (%s)', async (code, isBeside) => {
    const { main, user } = await open({ accounts: [] })
    main.calls.openRegistration.mockImplementation(failed(code, 'It went wrong.'))
    await user.click(button('Create an account…'))
    await user.type(screen.getByLabelText('Where'), 'example.org{Enter}')
    await screen.findByText('It went wrong.')
    expect(says('Where')?.includes('It went wrong.')).toBe(isBeside)
  })

  test('opens the web page of a server that has one, in the browser', async () => {
    const opened = await open({ accounts: [] })
    const { main, user } = opened
    await createAt(opened, { kind: 'elsewhere', url: 'https://example.org/join', instructions: 'Join us.' })
    expect(await screen.findByText('Join us.')).toBeTruthy()
    await user.click(button('Open the page'))
    expect(main.calls.openLink).toHaveBeenCalledExactlyOnceWith('https://example.org/join')
    await user.click(button('Sign in'))
    expect(screen.getByLabelText('Address')).toBeTruthy()
  })

  test('says what is missing, and then what the server refuses, beside what it is about', async () => {
    const opened = await open({ accounts: [] })
    const { main, user } = opened
    await createAt(opened, { kind: 'form', form: FORM })
    await user.click(await screen.findByRole('button', { name: 'Create the account' }))
    expect(says('Name')).toBe('This has to be filled in.')
    expect(says('Password')).toBe('This has to be filled in.')
    expect(main.calls.submitRegistration).not.toHaveBeenCalled()
    const failure = { code: 'name-taken', message: 'That name is taken.' }
    main.calls.submitRegistration.mockImplementation(
      answered({ kind: 'refused', failure, field: 'username', offer: null }),
    )
    await fillIn(opened)
    await waitFor(() => expect(says('Name')).toBe('That name is taken.'))
    expect(screen.getByLabelText('Password').getAttribute('aria-invalid')).toBe('false')
    expect(document.activeElement).toBe(screen.getByLabelText('Name'))
    expect(screen.getByLabelText<HTMLInputElement>('Password').value).toBe('correct horse')
  })

  test('shows a picture, another one where it cannot be read, and the next after a wrong answer', async () => {
    const opened = await open({ accounts: [] })
    const { main, user } = opened
    await createAt(opened, { kind: 'form', form: LETTERS })
    const label = 'The text in the picture'
    const picture = await screen.findByRole<HTMLImageElement>('img', { name: `What “${label}” is about` })
    expect(picture.src).toBe(PICTURE)
    await user.type(screen.getByLabelText('Name'), 'jonas')
    await user.type(screen.getByLabelText(label), 'k4')
    const next = (picture: string) => ({ kind: 'form', form: { ...LETTERS, pictures: [picture] } })
    main.calls.renewRegistration.mockImplementation(answered(next('data:image/png;base64,BBBB')))
    await user.click(button('Another picture'))
    await waitFor(() => {
      expect(screen.getByRole<HTMLImageElement>('img', { name: /text in the picture/ }).src).toMatch(/BBBB$/)
    })
    // What was typed stays, but for what was in the picture.
    expect(screen.getByLabelText<HTMLInputElement>('Name').value).toBe('jonas')
    expect(screen.getByLabelText<HTMLInputElement>(label).value).toBe('')
    const failure = { code: 'registration-refused', message: 'It says: “The CAPTCHA was not solved.”' }
    main.calls.submitRegistration.mockImplementation(
      answered({ kind: 'refused', failure, field: null, offer: next('data:image/png;base64,CCCC') }),
    )
    await user.type(screen.getByLabelText(label), 'wrong')
    await user.type(screen.getByLabelText('Password'), 'correct horse')
    await user.click(button('Create the account'))
    expect((await screen.findByText(failure.message)).getAttribute('role')).toBe('alert')
    expect(screen.getByRole<HTMLImageElement>('img', { name: /text in the picture/ }).src).toMatch(/CCCC$/)
  })

  test('takes an answer of every kind', async () => {
    const options = [
      { value: '', label: 'Nothing' },
      { value: 'b', label: 'Blue' },
    ]
    const fields = [
      question('one', { type: 'list-single', options }),
      question('many', {
        type: 'list-multi',
        options: options.map(({ label }) => ({ value: label, label })),
      }),
      question('lines', { type: 'text-multi', description: 'One a line.' }),
      question('rules', { type: 'boolean', label: 'I have read the rules' }),
      question('', { type: 'fixed', values: ['Almost done.'] }),
    ]
    const opened = await open({ accounts: [] })
    const { main, user } = opened
    await createAt(opened, { kind: 'form', form: { ...FORM, fields } })
    await user.selectOptions(await screen.findByLabelText('one'), 'Blue')
    await user.click(within(screen.getByRole('group', { name: 'many' })).getByLabelText('Blue'))
    await user.type(screen.getByLabelText('lines'), 'a{Enter}b')
    expect(says('lines')).toBe('One a line.')
    await user.click(screen.getByLabelText('I have read the rules'))
    expect(screen.getByText('Almost done.')).toBeTruthy()
    await user.click(button('Create the account'))
    expect(main.calls.submitRegistration).toHaveBeenCalledExactlyOnceWith([
      { name: 'one', values: ['b'] },
      { name: 'many', values: ['Blue'] },
      { name: 'lines', values: ['a', 'b'] },
      { name: 'rules', values: ['1'] },
    ])
  })

  test('leads to the sign-in where the new account could not sign in, with all of it filled in', async () => {
    const opened = await open({ accounts: [] })
    const { main } = opened
    await createAt(opened, { kind: 'form', form: FORM })
    main.calls.submitRegistration.mockImplementation(answered({ kind: 'created', address: ME }))
    main.calls.signIn.mockImplementation(failed('server-unreachable', 'Nothing answers.'))
    await fillIn(opened)
    expect(await screen.findByText('Your account is there: sign in with it.')).toBeTruthy()
    expect(screen.getByLabelText<HTMLInputElement>('Address').value).toBe(ME)
    expect(screen.getByLabelText<HTMLInputElement>('Password').value).toBe('correct horse')
    expect(screen.getByText('Nothing answers.')).toBeTruthy()
  })

  test('gives the connection back when it is left, by its button or with its dialog', async () => {
    const opened = await open({ accounts: [] })
    const { main, user } = opened
    await createAt(opened, { kind: 'form', form: FORM })
    await user.click(await screen.findByRole('button', { name: 'Back' }))
    expect(main.calls.closeRegistration).toHaveBeenCalledTimes(1)
    expect(screen.getByLabelText<HTMLInputElement>('Where').value).toBe(' Example.org')
    cleanup()
    expect(main.calls.closeRegistration).toHaveBeenCalledTimes(2)
  })

  test('is there for a further account, too, and closes its dialog', async () => {
    const opened = await open()
    const { main, user } = opened
    await user.click(button('Menu'))
    await user.click(await screen.findByRole('menuitem', { name: 'Add an account…' }))
    await createAt(opened, { kind: 'form', form: FORM })
    expect(screen.getByRole('dialog', { name: 'Create an account' })).toBeTruthy()
    main.calls.submitRegistration.mockImplementation(answered({ kind: 'created', address: 'x@y.z' }))
    await fillIn(opened)
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(main.calls.closeRegistration).toHaveBeenCalled()
  })

  test('shows and hides the password', async () => {
    const opened = await open({ accounts: [] })
    await createAt(opened, { kind: 'form', form: FORM })
    const field = await screen.findByLabelText<HTMLInputElement>('Password')
    expect(field.type).toBe('password')
    await opened.user.click(button('Show what was typed'))
    expect(field.type).toBe('text')
    await opened.user.click(button('Hide what was typed'))
    expect(field.type).toBe('password')
  })
})

describe('an account of ours', () => {
  async function openAccount(more: Partial<WindowState> = {}): Promise<Opened> {
    const opened = await open(more)
    await opened.user.click(button('Menu'))
    await opened.user.click(await screen.findByRole('menuitem', { name: 'Account…' }))
    expect((await screen.findByRole('dialog', { name: 'Account' })).textContent).toContain(ME)
    return opened
  }

  test('gets another password', async () => {
    const { main, user } = await openAccount()
    main.calls.changePassword.mockImplementation(answered({ kind: 'done' }))
    await user.click(button('Change the password'))
    expect(says('New password')).toContain('Choose a password.')
    await user.type(screen.getByLabelText('New password'), 'correct horse{Enter}')
    expect(main.calls.changePassword).toHaveBeenCalledExactlyOnceWith(ME, 'correct horse')
    expect(await screen.findByText('The password is changed.')).toBeTruthy()
    expect(screen.getByLabelText<HTMLInputElement>('New password').value).toBe('')
  })

  test('says beside the password why it is refused', async () => {
    const { main, user } = await openAccount()
    main.calls.changePassword.mockImplementation(failed('registration-refused', 'Too short.'))
    await user.type(screen.getByLabelText('New password'), 'x{Enter}')
    await waitFor(() => expect(says('New password')).toContain('Too short.'))
  })

  test('answers what the server wants to know, with what is known filled in', async () => {
    const { main, user } = await openAccount()
    const fields = [question('username'), question('old_password', { label: 'Old' }), question('password')]
    main.calls.changePassword.mockImplementation(answered({ kind: 'form', form: { ...FORM, fields } }))
    main.calls.answerAccountForm.mockImplementation(failed('registration-refused', 'Not that one.'))
    await user.type(screen.getByLabelText('New password'), 'new{Enter}')
    await user.type(await screen.findByLabelText('Old'), 'old{Enter}')
    expect(main.calls.answerAccountForm).toHaveBeenCalledExactlyOnceWith(ME, [
      { name: 'username', values: [ME] },
      { name: 'old_password', values: ['old'] },
      { name: 'password', values: ['new'] },
    ])
    expect(await screen.findByText('Not that one.')).toBeTruthy()
    main.calls.answerAccountForm.mockImplementation(answered({ kind: 'done' }))
    await user.click(button('Change the password'))
    expect(await screen.findByText('The password is changed.')).toBeTruthy()
  })

  test('is exported, and says so only where it was', async () => {
    const { main, user } = await openAccount()
    main.calls.exportAccount.mockImplementation(answered(false))
    await user.click(button('Export…'))
    expect(screen.queryByText('It is written.')).toBeNull()
    main.calls.exportAccount.mockImplementation(answered(true))
    await user.click(button('Export…'))
    expect(await screen.findByText('It is written.')).toBeTruthy()
    expect(main.calls.exportAccount).toHaveBeenCalledWith(ME)
  })

  test('is taken off this computer after a question', async () => {
    const { main, user } = await openAccount()
    await user.click(button('Remove…'))
    await user.click(await screen.findByRole('button', { name: 'Remove' }))
    expect(main.calls.removeAccount).toHaveBeenCalledExactlyOnceWith(ME)
    expect(main.calls.deleteAccount).not.toHaveBeenCalled()
  })

  test('is deleted only by who reads, and types its address', async () => {
    const { main, user } = await openAccount()
    await user.click(button('Delete…'))
    await user.click(await screen.findByRole('button', { name: 'Go on…' }))
    const field = await screen.findByLabelText(/^Type the address/)
    await user.type(field, 'jonas@example.com{Enter}')
    expect(field.getAttribute('aria-invalid')).toBe('true')
    expect(main.calls.deleteAccount).not.toHaveBeenCalled()
    main.calls.deleteAccount.mockImplementation(failed('registration-refused', 'Not here.'))
    await user.clear(field)
    await user.type(field, `${ME}{Enter}`)
    expect(main.calls.deleteAccount).toHaveBeenCalledExactlyOnceWith(ME)
    expect(await screen.findByText('Not here.')).toBeTruthy()
    main.calls.deleteAccount.mockImplementation(answered({ kind: 'done' }))
    await user.click(button('Delete for good'))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  })

  test('is not asked for any more once it is gone, unless somebody typed another one', async () => {
    const gone = { kind: 'signed-out', address: ME, server: null, failure: null } as const
    const { main, user } = await open({ accounts: [gone] })
    const field = screen.getByLabelText<HTMLInputElement>('Address')
    expect(field.value).toBe(ME)
    act(() => main.tell('accountsChanged', []))
    expect(field.value).toBe('')
    await user.type(field, 'other@example.org')
    act(() => main.tell('accountsChanged', [gone]))
    act(() => main.tell('accountsChanged', []))
    expect(field.value).toBe('other@example.org')
  })

  test('closes its dialogs when it is signed out, or gone', async () => {
    const other = { ...SIGNED_IN, address: 'other@example.org' }
    const { main, user } = await open({ accounts: [SIGNED_IN, other] })
    await user.click(button(`Account ${ME}`))
    await user.click(await screen.findByRole('menuitem', { name: 'Account…' }))
    await screen.findByRole('dialog', { name: 'Account' })
    const gone = { kind: 'signed-out', address: ME, server: null, failure: null } as const
    act(() => main.tell('accountsChanged', [gone, other]))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    act(() => main.tell('accountsChanged', [SIGNED_IN, other]))
    await user.click(button(`Account ${ME}`))
    await user.click(await screen.findByRole('menuitem', { name: 'Account…' }))
    await user.click(await screen.findByRole('button', { name: 'Delete…' }))
    await screen.findByRole('dialog', { name: /^Delete/ })
    // Its end is not the end of the question: the account is signed out before it is gone.
    act(() => main.tell('accountsChanged', [gone, other]))
    expect(screen.getByRole('dialog', { name: /^Delete/ })).toBeTruthy()
    act(() => main.tell('accountsChanged', [other]))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  })
})
