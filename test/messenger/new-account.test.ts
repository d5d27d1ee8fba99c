import { describe, expect, test } from 'vitest'
import type { FormAnswers, RegistrationOffer, RegistrationResult } from '../../shared/model/registration.ts'
import { PNG } from '../support/pictures.ts'
import type { RegistrationOptions, XmppServerOptions } from '../support/xmpp-server.ts'
import { replaceServer, type Someone, server, start } from './rig.ts'

const DOMAIN = 'plumb.test'
const CAPTCHA = { png: PNG, answer: 'k4tz' }

async function begin(
  registration: boolean | RegistrationOptions = true,
  more: Partial<XmppServerOptions> = {},
): Promise<Someone> {
  await replaceServer({ chat: true, registration, ...more })
  return await start('newcomer')
}

async function ask({ messenger }: Someone, domain = DOMAIN): Promise<RegistrationOffer> {
  const { host, port } = server
  return await messenger.calls.openRegistration({ domain, server: { host, port } })
}

function answers(given: Readonly<Record<string, string>>): FormAnswers {
  return Object.entries(given).map(([name, value]) => ({ name, values: [value] }))
}

async function submit(
  { messenger }: Someone,
  given: Readonly<Record<string, string>>,
): Promise<RegistrationResult> {
  return await messenger.calls.submitRegistration(answers(given))
}

describe('a new account', () => {
  test('is asked for, made, and signed in with', async () => {
    const carol = await begin()
    const offer = await ask(carol)
    expect(offer).toMatchObject({
      kind: 'form',
      form: {
        instructions: 'Choose a username and password for use with this service.',
        fields: [
          { name: 'username', type: 'text-single', label: '', required: true },
          { name: 'password', type: 'text-private', label: '', required: true },
        ],
      },
    })
    const created = await submit(carol, { username: 'Carol', password: 'her own' })
    expect(created).toEqual({ kind: 'created', address: `carol@${DOMAIN}` })
    const place = { host: server.host, port: server.port }
    await carol.messenger.calls.signIn({
      address: `carol@${DOMAIN}`,
      password: 'her own',
      server: place,
      remember: true,
    })
    expect((await carol.messenger.calls.load()).accounts).toMatchObject([
      { kind: 'signed-in', address: `carol@${DOMAIN}`, connection: 'connected' },
    ])
    expect(carol.ports.settings.accounts).toEqual([{ address: `carol@${DOMAIN}`, server: place }])
    expect(carol.ports.passwords.load(`carol@${DOMAIN}`)).toBe('her own')
  })

  test('is made by a form with letters in a picture, and other letters after wrong ones', async () => {
    const carol = await begin({ captcha: CAPTCHA })
    const offer = await ask(carol)
    const data = `data:image/png;base64,${CAPTCHA.png.toString('base64')}`
    expect(offer).toMatchObject({ kind: 'form', form: { pictures: [data] } })
    const fields = offer.kind === 'form' ? offer.form.fields : []
    // What is hidden is none of the window's.
    expect(fields.map(({ name, pictures }) => [name, pictures])).toEqual([
      ['username', []],
      ['password', []],
      ['ocr', [0]],
    ])
    const filledIn = { username: 'carol', password: 'her own' }
    expect(await submit(carol, { ...filledIn, ocr: 'dog' })).toMatchObject({
      kind: 'refused',
      failure: { code: 'registration-refused' },
      field: null,
      offer: { kind: 'form' },
    })
    expect(await carol.messenger.calls.renewRegistration()).toMatchObject({ kind: 'form' })
    expect(await submit(carol, { ...filledIn, ocr: CAPTCHA.answer })).toMatchObject({ kind: 'created' })
  })

  test.each([
    ['a name that is taken', { username: 'Alice' }, 'username', 'name-taken'],
    ['a name that cannot be in an address', { username: 'a b' }, 'username', 'invalid-argument'],
    ['no name', { username: '' }, 'username', 'invalid-argument'],
    ['no password', { password: '' }, 'password', 'invalid-argument'],
    ['a password that programs differ about', { password: 'a\u00a0b' }, 'password', 'invalid-argument'],
  ] as const)('with %s says so of its field', async (_, given, field, code) => {
    const carol = await begin()
    await ask(carol)
    expect(await submit(carol, { username: 'carol', password: 'x', ...given })).toMatchObject({
      kind: 'refused',
      failure: { code },
      field,
      offer: null,
    })
    // The form is still there for another answer.
    expect(await submit(carol, { username: 'carol', password: 'x' })).toMatchObject({ kind: 'created' })
  })

  test('is to be had elsewhere, or not at all', async () => {
    const carol = await begin({ url: 'https://plumb.test/join' })
    expect(await ask(carol)).toEqual({
      kind: 'elsewhere',
      url: 'https://plumb.test/join',
      instructions: 'Register at https://plumb.test/join',
    })
    await expect(submit(carol, {})).rejects.toMatchObject({ code: 'not-allowed' })
    const dave = await begin(false)
    expect(await ask(dave)).toEqual({ kind: 'closed' })
  })

  test('is asked for at one server at a time, and not after it was given up', async () => {
    const carol = await begin()
    const first = ask(carol)
    first.catch(() => {})
    const second = await ask(carol)
    expect(second.kind).toBe('form')
    await expect(first).rejects.toMatchObject({ code: 'cancelled' })
    await carol.messenger.calls.closeRegistration()
    await expect(submit(carol, { username: 'carol', password: 'x' })).rejects.toMatchObject({
      code: 'not-allowed',
    })
  })

  test('is given up when its window is gone', async () => {
    const carol = await begin()
    await ask(carol)
    carol.messenger.windowGone()
    await expect(submit(carol, { username: 'carol', password: 'x' })).rejects.toMatchObject({
      code: 'not-allowed',
    })
  })

  test('at a server that is not there says why', async () => {
    const carol = await begin()
    await server.close()
    await expect(ask(carol)).rejects.toMatchObject({ code: 'server-unreachable' })
  })
})
