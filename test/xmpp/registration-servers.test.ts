import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { IqRouter } from '../../main/xmpp/iq.ts'
import { changePassword, deleteAccount } from '../../main/xmpp/registered-account.ts'
import { Registration } from '../../main/xmpp/registration.ts'
import { XmppStream } from '../../main/xmpp/stream.ts'
import { startEjabberd } from '../support/ejabberd.ts'
import { ejabberdMissing } from '../support/ejabberd-available.ts'
import { startProsody } from '../support/prosody.ts'
import { prosodyMissing } from '../support/prosody-available.ts'
import type { RealServer } from '../support/real-server.ts'

const DOMAIN = 'plumb.test'
const TIMEOUT_MS = 60_000
const { CI } = process.env

const SERVERS = [
  { name: 'Prosody', startServer: startProsody, missing: prosodyMissing() },
  { name: 'ejabberd', startServer: startEjabberd, missing: ejabberdMissing() },
]

const opened: XmppStream[] = []
afterEach(async () => {
  for (const stream of opened.splice(0)) await stream.stop()
})

const place = ({ host, port, caPem }: RealServer) => ({
  domain: DOMAIN,
  server: { host, port },
  ca: caPem,
})

async function signIn(server: RealServer, jid: string, password: string) {
  const stream = await XmppStream.signIn({ ...place(server), jid, password, resource: 'one' })
  opened.push(stream)
  const iq = new IqRouter(stream, () => {})
  stream.on('stanza', stanza => {
    if (stanza.getName() === 'iq') iq.receive(stanza)
  })
  return { stream, iq }
}

const answers = (username: string, password: string) =>
  new Map([
    ['username', [username]],
    ['password', [password]],
  ])

for (const { name, startServer, missing } of SERVERS) {
  describe.skipIf(missing !== undefined && CI !== 'true')(`an account at ${name}`, () => {
    test('is created, used, given another password, and deleted', { timeout: TIMEOUT_MS }, async () => {
      await using server = await startServer({ domain: DOMAIN, accounts: {}, chat: true, registration: true })
      const registration = await Registration.open(place(server))
      expect(registration.offer).toMatchObject({ kind: 'form' })
      const first = ' s3cret "ä" <&> '
      const account = await registration.submit(answers('Carol', first))
      expect(account).toBe(`carol@${DOMAIN}`)

      const { iq } = await signIn(server, `carol@${DOMAIN}`, first)
      const second = 'another пароль'
      expect(await changePassword(iq, `carol@${DOMAIN}`, second)).toBeUndefined()
      await expect(signIn(server, `carol@${DOMAIN}`, first)).rejects.toMatchObject({ code: 'wrong-password' })

      const again = await signIn(server, `carol@${DOMAIN}`, second)
      const ended = once(again.stream, 'ended')
      expect(await deleteAccount(again.iq, `carol@${DOMAIN}`)).toBeUndefined()
      // One closes the stream and knows nobody any more, the other says that somebody else took the account's place.
      expect(['wrong-password', 'signed-in-elsewhere']).toContain((await ended)[0].code)
      await expect(signIn(server, `carol@${DOMAIN}`, second)).rejects.toMatchObject({
        code: 'wrong-password',
      })
    })

    test('with a name that is taken can be tried again with another', { timeout: TIMEOUT_MS }, async () => {
      const accounts = { alice: 'secret' }
      await using server = await startServer({ domain: DOMAIN, accounts, chat: true, registration: true })
      const registration = await Registration.open(place(server))
      await expect(registration.submit(answers('ALICE', 'other'))).rejects.toMatchObject({
        code: 'name-taken',
        message: `“ALICE” is taken at ${DOMAIN}: choose another name.`,
      })
      expect(await registration.submit(answers('alice2', 'other'))).toBe(`alice2@${DOMAIN}`)
      await signIn(server, `alice@${DOMAIN}`, 'secret')
      await signIn(server, `alice2@${DOMAIN}`, 'other')
    })

    test('is not to be had where the server creates none', { timeout: TIMEOUT_MS }, async () => {
      await using server = await startServer({ domain: DOMAIN, accounts: { alice: 'secret' } })
      const registration = await Registration.open(place(server))
      expect(registration.offer).toEqual({ kind: 'closed' })
      const { iq } = await signIn(server, `alice@${DOMAIN}`, 'secret')
      await expect(changePassword(iq, `alice@${DOMAIN}`, 'other')).rejects.toMatchObject({
        code: 'registration-refused',
      })
    })

    test('is asked of nobody whose certificate is not trusted', { timeout: TIMEOUT_MS }, async () => {
      await using server = await startServer({ domain: DOMAIN, accounts: {}, chat: true, registration: true })
      const { host, port } = server
      await expect(Registration.open({ domain: DOMAIN, server: { host, port } })).rejects.toMatchObject({
        code: 'certificate-not-trusted',
      })
    })
  })
}
