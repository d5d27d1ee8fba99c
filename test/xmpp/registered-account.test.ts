import { describe, expect, test } from 'vitest'
import { changePassword, deleteAccount, submitAccountForm } from '../../main/xmpp/registered-account.ts'
import type { RegistrationForm } from '../../main/xmpp/xep-0077.ts'
import { Failure } from '../../shared/model/failure.ts'
import { FakeTransport } from './fake-transport.ts'

const NS = 'jabber:iq:register'
const ACCOUNT = 'alice@plumb.test'

/** XEP-0077 example 20. */
const FORM = `<query xmlns='${NS}'><x xmlns='jabber:x:data' type='form'>
  <title>Password Change</title>
  <field type='hidden' var='FORM_TYPE'><value>jabber:iq:register:changepassword</value></field>
  <field type='text-single' label='Username' var='username'><required/></field>
  <field type='text-private' label='Old Password' var='old_password'><required/></field>
  <field type='text-private' label='New Password' var='password'><required/></field></x></query>`

const refused = (id: string, condition: string, beside = '', text = ''): string =>
  `<iq type='error' from='plumb.test' id='${id}'>${beside}<error type='modify'>
   <${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>
   <text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>${text}</text></error></iq>`

/** What was asked, and how it is answered. */
async function begin<T>(act: (iq: FakeTransport['iq']) => Promise<T>) {
  const transport = new FakeTransport()
  const acting = act(transport.iq)
  acting.catch(() => {})
  const request = await transport.nth(1)
  const id = String(request.attrs['id'])
  return { transport, acting, request, id, done: `<iq type='result' id='${id}'/>` }
}

describe('another password', () => {
  test('is asked of the server, and holds when it says so', async () => {
    const { transport, acting, request, done } = await begin(iq => changePassword(iq, ACCOUNT, ' new & '))
    expect(request.attrs).toMatchObject({ type: 'set', to: 'plumb.test' })
    expect(request.getChild('query', NS)?.toString()).toBe(
      `<query xmlns="${NS}"><username>alice</username><password> new &amp; </password></query>`,
    )
    transport.receive(done)
    expect(await acting).toBeUndefined()
  })

  test.each(['', 'a\nb'])('that is %j is not asked for', async password => {
    const transport = new FakeTransport()
    await expect(changePassword(transport.iq, ACCOUNT, password)).rejects.toMatchObject({
      code: 'invalid-argument',
    })
    expect(transport.sent).toEqual([])
  })

  test('may need a form, which is sent back', async () => {
    const first = await begin(iq => changePassword(iq, ACCOUNT, 'groundlings'))
    first.transport.receive(refused(first.id, 'not-authorized', FORM))
    const form = await first.acting
    expect(form).toMatchObject({ title: 'Password Change', encoding: 'form' })
    const answers = new Map([
      ['username', [ACCOUNT]],
      ['old_password', ['theglobe']],
      ['password', ['groundlings']],
    ])
    const second = await begin(iq => submitAccountForm(iq, ACCOUNT, form as RegistrationForm, answers))
    expect(second.request.attrs['to']).toBe('plumb.test')
    expect(second.request.toString()).toContain('<field var="old_password"><value>theglobe</value></field>')
    second.transport.receive(second.done)
    expect(await second.acting).toBeUndefined()
  })

  test('in a form has to be one that programs agree on, too', async () => {
    const { transport, acting, id } = await begin(iq => changePassword(iq, ACCOUNT, 'groundlings'))
    transport.receive(refused(id, 'not-authorized', FORM))
    const form = (await acting) as RegistrationForm
    const answers = new Map([['password', ['a\u00a0b']]])
    await expect(submitAccountForm(transport.iq, ACCOUNT, form, answers)).rejects.toMatchObject({
      code: 'invalid-argument',
    })
  })

  test.each([
    ['', '', 'plumb.test did not change the password (not-allowed): ask who runs it.'],
    ['', 'Too&#10;weak', 'plumb.test did not change the password. It says: “Too weak”'],
    // What was sent, sent back, is no form.
    [
      `<query xmlns='${NS}'><username>alice</username><password>x</password></query>`,
      '',
      'plumb.test did not change the password (not-allowed): ask who runs it.',
    ],
  ])('that is refused with %s%s says so', async (beside, text, message) => {
    const { transport, acting, id } = await begin(iq => changePassword(iq, ACCOUNT, 'new'))
    transport.receive(refused(id, 'not-allowed', beside, text))
    await expect(acting).rejects.toMatchObject({ code: 'registration-refused', message })
  })

  test('is given up by a signal', async () => {
    const control = new AbortController()
    const { acting } = await begin(iq => changePassword(iq, ACCOUNT, 'new', control.signal))
    const reason = new Error('given up')
    control.abort(reason)
    await expect(acting).rejects.toBe(reason)
  })
})

describe('an account', () => {
  test('is deleted when the server says so', async () => {
    const { transport, acting, request, done } = await begin(iq => deleteAccount(iq, ACCOUNT))
    expect(request.attrs['to']).toBeUndefined()
    expect(request.getChild('query', NS)?.toString()).toBe(`<query xmlns="${NS}"><remove/></query>`)
    transport.receive(done)
    expect(await acting).toBeUndefined()
  })

  test('is deleted when nobody knows it any more', async () => {
    const { transport, acting } = await begin(iq => deleteAccount(iq, ACCOUNT))
    transport.iq.rejectAll(new Failure('wrong-password', 'gone'))
    expect(await acting).toBeUndefined()
  })

  test('may be there still when the connection is lost', async () => {
    const { transport, acting } = await begin(iq => deleteAccount(iq, ACCOUNT))
    const lost = new Failure('server-connection-lost', 'lost')
    transport.iq.rejectAll(lost)
    await expect(acting).rejects.toBe(lost)
  })

  test('stays where the server refuses', async () => {
    const { transport, acting, id } = await begin(iq => deleteAccount(iq, ACCOUNT))
    transport.receive(refused(id, 'forbidden'))
    await expect(acting).rejects.toMatchObject({
      code: 'registration-refused',
      message: 'plumb.test did not delete the account (forbidden): ask who runs it.',
    })
  })
})
