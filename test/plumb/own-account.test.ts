import { describe, expect, test } from 'vitest'
import { type AccountChange, OwnAccount } from '../../main/plumb/own-account.ts'
import type { RegistrationForm } from '../../main/xmpp/xep-0077.ts'
import { Failure } from '../../shared/model/failure.ts'
import { FakeTransport, OWN } from '../xmpp/fake-transport.ts'

const NS = 'jabber:iq:register'
const FORM = `<query xmlns='${NS}'><x xmlns='jabber:x:data' type='form'>
  <field type='text-private' label='Old password' var='old_password'><required/></field></x></query>`
const NEW: AccountChange = { kind: 'password', password: 'new' }
const DELETION: AccountChange = { kind: 'deletion' }
const ANSWERS = new Map([['old_password', ['old']]])
const LOST = new Failure('server-connection-lost', 'lost')
const GONE = new Failure('wrong-password', 'gone')

/** A stream that signs in with `old`, until a test says otherwise. */
function begin() {
  const transport = new FakeTransport()
  const passwords = { used: 'old', considered: undefined as string | undefined }
  const account = new OwnAccount({
    iq: transport.iq,
    stream: {
      address: OWN,
      considerPassword: password => {
        passwords.considered = password
      },
      isPassword: password => password === passwords.used,
      settlePassword: password => {
        passwords.used = password ?? passwords.used
        passwords.considered = undefined
      },
    },
  })
  /** Answers the request of this number. */
  const answer = async (number: number, type: 'result' | 'error', beside = ''): Promise<void> => {
    const request = await transport.nth(number)
    const error = "<error type='modify'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
    const inside = type === 'error' ? `${beside}${error}` : beside
    transport.receive(`<iq type='${type}' id='${request.attrs['id']}'>${inside}</iq>`)
  }
  return { transport, passwords, account, answer }
}

describe('another password', () => {
  test('is considered while the server is asked, and holds from its answer on', async () => {
    const { passwords, account, answer } = begin()
    const changing = account.change(NEW)
    expect(passwords).toEqual({ used: 'old', considered: 'new' })
    await answer(1, 'result')
    expect(await changing).toBeUndefined()
    expect(passwords).toEqual({ used: 'new', considered: undefined })
  })

  test('is forgotten where the server refuses it', async () => {
    const { passwords, account, answer } = begin()
    const changing = account.change(NEW)
    await answer(1, 'error')
    await expect(changing).rejects.toMatchObject({ code: 'registration-refused' })
    expect(passwords).toEqual({ used: 'old', considered: undefined })
  })

  test('may be the one where there was no answer', async () => {
    const { transport, passwords, account } = begin()
    const changing = account.change(NEW)
    await transport.nth(1)
    transport.iq.rejectAll(LOST)
    await expect(changing).rejects.toBe(LOST)
    expect(passwords).toEqual({ used: 'old', considered: 'new' })
  })

  test('is the one where there was no answer, but we are signed in with it again', async () => {
    const { transport, passwords, account } = begin()
    const changing = account.change(NEW)
    await transport.nth(1)
    passwords.used = 'new'
    transport.iq.rejectAll(LOST)
    expect(await changing).toBeUndefined()
  })

  test('holds only when the form is answered that came instead', async () => {
    const { transport, passwords, account, answer } = begin()
    const changing = account.change(NEW)
    await answer(1, 'error', FORM)
    const form = (await changing) as RegistrationForm
    expect(form.fields).toMatchObject([{ name: 'old_password' }])
    expect(passwords).toEqual({ used: 'old', considered: undefined })
    const submitting = account.submit(form, ANSWERS, NEW)
    expect((await transport.nth(2)).toString()).toContain('<field var="old_password"><value>old</value>')
    await answer(2, 'result')
    expect(await submitting).toBeUndefined()
    expect(passwords.used).toBe('new')
  })
})

describe('an account that is deleted', () => {
  test('keeps its password until it is gone', async () => {
    const { passwords, account, answer } = begin()
    const deleting = account.change(DELETION)
    await answer(1, 'result')
    expect(await deleting).toBeUndefined()
    expect(passwords).toEqual({ used: 'old', considered: undefined })
  })

  test.each([
    ['it is gone', GONE, undefined],
    ['nobody knows', LOST, LOST],
  ] as const)('after a form, without an answer: %s', async (_, reason, failure) => {
    const { transport, account, answer } = begin()
    const deleting = account.change(DELETION)
    await answer(1, 'error', FORM)
    const submitting = account.submit((await deleting) as RegistrationForm, ANSWERS, DELETION)
    await transport.nth(2)
    transport.iq.rejectAll(reason)
    if (failure === undefined) expect(await submitting).toBeUndefined()
    else await expect(submitting).rejects.toBe(failure)
  })
})
