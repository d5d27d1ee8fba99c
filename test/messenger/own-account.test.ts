import xml, { type Element } from '@xmpp/xml'
import { describe, expect, test } from 'vitest'
import { XmppStream } from '../../main/xmpp/stream.ts'
import { Failure } from '../../shared/model/failure.ts'
import type { AccountState } from '../../shared/model/window-state.ts'
import type { XmppServerOptions } from '../support/xmpp-server.ts'
import { replaceServer, type Someone, server, signInAs, start } from './rig.ts'

const ALICE = 'alice@plumb.test'
const NS_REGISTER = 'jabber:iq:register'

async function signInRemembered(
  options: Partial<XmppServerOptions> = {},
  more: Parameters<typeof start>[1] = {},
): Promise<Someone> {
  await replaceServer({ chat: true, resumptionMs: 0, ...options })
  const alice = await start('alice', more)
  await signInWith(alice, 'secret')
  return alice
}

async function signInWith({ messenger }: Someone, password: string): Promise<void> {
  const place = { host: server.host, port: server.port }
  await messenger.calls.signIn({ address: ALICE, password, server: place, remember: true })
}

async function accountOf({ messenger }: Someone): Promise<AccountState | undefined> {
  return (await messenger.calls.load()).accounts.find(({ address }) => address === ALICE)
}

/** What was told of this account since the test began. */
function told({ events }: Someone): AccountState[] {
  return events
    .filter(({ name }) => name === 'accountsChanged')
    .flatMap(({ value }) => value as AccountState[])
    .filter(({ address }) => address === ALICE)
}

async function become(
  someone: Someone,
  kind: AccountState['kind'],
  connection?: string,
): Promise<AccountState> {
  return await someone.until(() => {
    const last = told(someone).at(-1)
    const isSo =
      last?.kind === kind &&
      (connection === undefined || (last.kind === 'signed-in' && last.connection === connection))
    return isSo ? last : undefined
  })
}

/** Loses the connection of the one device, whose session cannot be resumed, and waits until it is back. */
async function reconnect(someone: Someone): Promise<void> {
  const [session] = server.sessions()
  const lost = become(someone, 'signed-in', 'reconnecting')
  await server.kick(session?.jid ?? '')
  await lost
  await become(someone, 'signed-in', 'connected')
}

describe('another password', () => {
  test('leaves us signed in, is kept, and is the one from then on', async () => {
    const alice = await signInRemembered()
    expect(await alice.messenger.calls.changePassword(ALICE, 'another')).toEqual({ kind: 'done' })
    expect(await accountOf(alice)).toMatchObject({ kind: 'signed-in', connection: 'connected' })
    expect(alice.ports.passwords.load(ALICE)).toBe('another')
    await reconnect(alice)
    await alice.quit()
    const again = await start('alice', { passwords: alice.ports.passwords })
    await again.messenger.start()
    expect(await accountOf(again)).toMatchObject({ kind: 'signed-in', connection: 'connected' })
  })

  test('signs other devices out, which forget the old one', async () => {
    const alice = await signInRemembered()
    const phone = await start('phone')
    await signInWith(phone, 'secret')
    await alice.messenger.calls.changePassword(ALICE, 'another')
    expect(await become(phone, 'signed-out')).toMatchObject({ failure: { code: 'wrong-password' } })
    expect(phone.ports.passwords.load(ALICE)).toBeUndefined()
  })

  test('is not kept where the old one was not', async () => {
    await replaceServer({ chat: true })
    const alice = await start('alice')
    await signInAs(alice, 'alice')
    await alice.messenger.calls.changePassword(ALICE, 'another')
    expect(alice.ports.passwords.load(ALICE)).toBeUndefined()
  })

  test('that the keyring does not take leaves no old one there, and is said', async () => {
    const kept = new Map<string, string>()
    const passwords = {
      available: true,
      load: (account: string) => kept.get(account),
      save: (account: string, password: string) => {
        if (kept.has(account)) throw new Failure('cannot-write', 'The disk is full.')
        kept.set(account, password)
      },
      forget: (account: string) => void kept.delete(account),
    }
    const alice = await signInRemembered({}, { passwords })
    await alice.messenger.calls.changePassword(ALICE, 'another')
    expect(kept).toEqual(new Map())
    expect((await alice.messenger.calls.load()).notices).toMatchObject([
      { text: 'You will have to sign in again at the next start. The disk is full.' },
    ])
  })

  test('whose answer is lost is found out by signing in with it', async () => {
    const alice = await signInRemembered()
    // Whatever was asked at the sign-in is answered before this.
    await alice.messenger.calls.changePassword(ALICE, 'one')
    const isAnswer = (stanza: Element): boolean =>
      stanza.is('iq') && stanza.attrs['type'] === 'result' && stanza.children.length === 0
    const swallow = server.intercept((stanza, to) => {
      if (!isAnswer(stanza)) return undefined
      swallow()
      void server.kick(to)
      return 'drop'
    })
    expect(await alice.messenger.calls.changePassword(ALICE, 'another')).toEqual({ kind: 'done' })
    await become(alice, 'signed-in', 'connected')
    expect(alice.ports.passwords.load(ALICE)).toBe('another')
    expect(told(alice).some(({ kind }) => kind === 'signed-out')).toBe(false)
  })

  test('that programs would not agree on is refused here', async () => {
    const alice = await signInRemembered()
    await expect(alice.messenger.calls.changePassword(ALICE, 'a\u00a0b')).rejects.toMatchObject({
      code: 'invalid-argument',
    })
    await reconnect(alice)
  })

  test('that the server refuses changes nothing', async () => {
    const alice = await signInRemembered({ chat: false })
    await expect(alice.messenger.calls.changePassword(ALICE, 'another')).rejects.toMatchObject({
      code: 'registration-refused',
    })
    expect(alice.ports.passwords.load(ALICE)).toBe('secret')
    await reconnect(alice)
  })

  test('is changed only by who is signed in', async () => {
    const alice = await signInRemembered()
    await alice.messenger.calls.signOut(ALICE)
    await expect(alice.messenger.calls.changePassword(ALICE, 'another')).rejects.toMatchObject({
      code: 'not-allowed',
    })
  })

  test('is changed by the form that the server wants filled in', async () => {
    // This server refuses all of it: the first time with a form, and at last with consent.
    const alice = await signInRemembered({ chat: false })
    const field = (name: string, type: string, ...inside: Element[]) =>
      xml('field', { var: name, type }, ...inside)
    const fields = [
      field('FORM_TYPE', 'hidden', xml('value', {}, 'jabber:iq:register:changepassword')),
      field('old_password', 'text-private', xml('required')),
      field('password', 'text-private', xml('required')),
    ]
    const form = xml(
      'query',
      { xmlns: NS_REGISTER },
      xml('x', { xmlns: 'jabber:x:data', type: 'form' }, ...fields),
    )
    let asked = 0
    server.intercept(stanza => {
      // Of other questions that this server refuses, our own account does it.
      if (stanza.attrs['type'] !== 'error' || stanza.attrs['from'] !== 'plumb.test') return undefined
      asked += 1
      const { id, from, to } = stanza.attrs
      if (asked > 1) return xml('iq', { id, from, to, type: 'result' })
      stanza.children = [form, ...stanza.getChildren('error')]
      return stanza
    })
    const { calls } = alice.messenger
    const answers = [
      { name: 'FORM_TYPE', values: ['something else'] },
      { name: 'old_password', values: ['secret'] },
      { name: 'password', values: ['another'] },
    ]
    await expect(calls.answerAccountForm(ALICE, answers)).rejects.toMatchObject({ code: 'not-allowed' })
    const result = await calls.changePassword(ALICE, 'one')
    expect(result).toMatchObject({
      kind: 'form',
      form: { fields: [{ name: 'old_password' }, { name: 'password' }] },
    })
    await expect(calls.answerAccountForm(ALICE, answers.slice(0, 1))).rejects.toMatchObject({
      code: 'invalid-argument',
    })
    expect(alice.ports.passwords.load(ALICE)).toBe('secret')
    expect(await calls.answerAccountForm(ALICE, answers)).toEqual({ kind: 'done' })
    expect(alice.ports.passwords.load(ALICE)).toBe('another')
  })
})

describe('an account that is deleted', () => {
  test('is gone from its server and from this computer, and nothing of it is an error', async () => {
    const alice = await signInRemembered()
    await alice.messenger.calls.sendMessage(alice.to('bob@plumb.test'), 'farewell')
    expect(await alice.messenger.calls.deleteAccount(ALICE)).toEqual({ kind: 'done' })
    expect(await accountOf(alice)).toBeUndefined()
    expect(told(alice).filter(each => each.kind === 'signed-out' && each.failure !== null)).toEqual([])
    expect(alice.ports.settings.accounts).toEqual([])
    expect(alice.ports.passwords.load(ALICE)).toBeUndefined()
    expect((await alice.ports.history.openAccount(ALICE)).conversations).toEqual([])
    await expect(signInWith(alice, 'secret')).rejects.toMatchObject({ code: 'wrong-password' })
  })

  test('stays where the server refuses, with all that is known of it', async () => {
    const alice = await signInRemembered({ chat: false })
    await expect(alice.messenger.calls.deleteAccount(ALICE)).rejects.toMatchObject({
      code: 'registration-refused',
    })
    expect(await accountOf(alice)).toMatchObject({ kind: 'signed-in', connection: 'connected' })
    // From then on the end of a session is an error again.
    const { host, port, caPem } = server
    const elsewhere = await XmppStream.signIn({
      jid: ALICE,
      password: 'secret',
      resource: alice.ports.settings.device,
      server: { host, port },
      ca: caPem,
    })
    expect(await become(alice, 'signed-out')).toMatchObject({ failure: { code: 'signed-in-elsewhere' } })
    await elsewhere.stop()
  })

  test('that is signed out is not deleted', async () => {
    const alice = await signInRemembered()
    await alice.messenger.calls.signOut(ALICE)
    await expect(alice.messenger.calls.deleteAccount(ALICE)).rejects.toMatchObject({ code: 'not-allowed' })
    expect(alice.ports.settings.accounts).toMatchObject([{ address: ALICE }])
  })
})
