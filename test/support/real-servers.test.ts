import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import * as tls from 'node:tls'
import { type Client, client, xml } from '@xmpp/client'
import type { Element } from '@xmpp/xml'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type CertificateAuthority, createCertificateAuthority } from './certificates.ts'
import { startEjabberd } from './ejabberd.ts'
import { ejabberdMissing } from './ejabberd-available.ts'
import { startProsody } from './prosody.ts'
import { prosodyMissing } from './prosody-available.ts'
import type { RealServer } from './real-server.ts'
import { attribute } from './xmpp-server/stanzas.ts'

const DOMAIN = 'plumb-test.example'
// Prosody asks @xmpp/client for 10000 rounds of a slow PBKDF2.
const TIMEOUT_MS = 60_000
const { CI } = process.env

const SERVERS = [
  { name: 'Prosody', startServer: startProsody, missing: prosodyMissing() },
  { name: 'ejabberd', startServer: startEjabberd, missing: ejabberdMissing() },
]

/** Resolves when stream management is enabled, too: @xmpp/client miscounts what comes before that. */
async function signIn(server: RealServer, username: string, password: string): Promise<Client> {
  const service = `xmpp://${server.host}:${server.port}`
  const created = client({ service, domain: DOMAIN, username, password, resource: 'one' })
  created.reconnect.stop()
  created.on('error', () => {})
  const enabled = new Promise<void>(resolve => {
    created.on('nonza', (nonza: Element) => {
      if (nonza.is('enabled', 'urn:xmpp:sm:3')) resolve()
    })
  })
  await created.start()
  await enabled
  return created
}

function stanzaFor(receiver: Client, matches: (stanza: Element) => boolean): Promise<Element> {
  return new Promise(resolve => {
    const listen = (stanza: Element) => {
      if (!matches(stanza)) return
      receiver.off('stanza', listen)
      resolve(stanza)
    }
    receiver.on('stanza', listen)
  })
}

for (const { name, startServer, missing } of SERVERS) {
  describe.skipIf(missing !== undefined && CI !== 'true')(`a throwaway ${name}`, () => {
    const trusted = tls.getCACertificates('default')
    const accounts = { alice: 'pässword "1"', 'bo.b_': 'two' }
    const contacts = [['alice', 'bo.b_']] as const
    let ca: CertificateAuthority

    beforeAll(async () => {
      ca = await createCertificateAuthority()
      // @xmpp/client has no option for a CA.
      tls.setDefaultCACertificates([...trusted, ca.caPem])
    })
    afterAll(() => tls.setDefaultCACertificates(trusted))

    test('lets two contacts meet over STARTTLS, before and after a restart', {
      timeout: TIMEOUT_MS,
    }, async () => {
      await using server = await startServer({ domain: DOMAIN, accounts, contacts, ca })
      for (const round of ['started', 'restarted']) {
        const [alice, bob] = await Promise.all([
          signIn(server, 'alice', accounts.alice),
          signIn(server, 'bo.b_', accounts['bo.b_']),
        ])
        expect(alice.isSecure()).toBe(true)

        const bobSeen = stanzaFor(alice, stanza => attribute(stanza, 'from') === `bo.b_@${DOMAIN}/one`)
        await alice.send(xml('presence'))
        await bob.send(xml('presence'))
        await bobSeen

        bob.iqCallee.set('urn:plumb:test', 'question', () => xml('question', 'urn:plumb:test', round))
        const answer = await alice.iqCaller.set(xml('question', 'urn:plumb:test'), `bo.b_@${DOMAIN}/one`)
        expect(answer?.getText()).toBe(round)
        await Promise.all([alice.stop(), bob.stop()])
        if (round === 'started') await server.restart()
      }
    })

    test('speaks TLS from the first byte when asked to', { timeout: TIMEOUT_MS }, async () => {
      await using server = await startServer({ domain: DOMAIN, accounts, tls: 'direct', ca })
      const { host, port } = server
      const socket = tls.connect({ host, port, servername: DOMAIN, ca: server.caPem })
      await once(socket, 'secureConnect')
      expect(socket.authorized).toBe(true)
      socket.destroy()
    })

    test.each([
      ['off', 'mechanism>SCRAM-SHA-'],
      ['required', '<required/>'],
    ] as const)('offers what TLS "%s" calls for', { timeout: TIMEOUT_MS }, async (mode, expected) => {
      await using server = await startServer({ domain: DOMAIN, accounts, tls: mode, ca })
      const socket = connect(server.port, server.host).setEncoding('utf8')
      socket.write(
        `<stream:stream to='${DOMAIN}' version='1.0' xmlns='jabber:client' ` +
          `xmlns:stream='http://etherx.jabber.org/streams'>`,
      )
      let received = ''
      for await (const text of socket) {
        received += text
        if (received.includes('</stream:features>')) break
      }
      expect(received).toContain(expected)
      expect(received.includes('starttls')).toBe(mode === 'required')
      expect(received).not.toContain('PLAIN')
    })

    test('has a proxy for bytestreams where it is asked for', { timeout: TIMEOUT_MS }, async () => {
      await using server = await startServer({ domain: DOMAIN, accounts, ca, proxy: true })
      const alice = await signIn(server, 'alice', accounts.alice)
      const question = xml('query', 'http://jabber.org/protocol/bytestreams')
      const answer = await alice.iqCaller.get(question, `proxy.${DOMAIN}`)
      const { attrs } = answer?.getChild('streamhost') ?? {}
      expect(attrs).toMatchObject({ host: server.host, port: String(server.proxyPort) })
      const socket = connect(server.proxyPort ?? 0, server.host)
      socket.write(Buffer.of(5, 1, 0))
      const [greeting] = await once(socket, 'data')
      expect(greeting).toEqual(Buffer.of(5, 0))
      socket.destroy()
      await alice.stop()
    })

    test('leaves nothing behind', { timeout: TIMEOUT_MS }, async () => {
      const server = await startServer({ domain: DOMAIN, accounts, ca })
      expect(existsSync(server.folder)).toBe(true)
      await server.close()
      expect(existsSync(server.folder)).toBe(false)
      const socket = connect(server.port, server.host)
      const [error] = await once(socket, 'error')
      expect(error).toMatchObject({ code: 'ECONNREFUSED' })
    })
  })
}

test('says how to get Prosody where there is none', async () => {
  vi.stubEnv('PATH', '/nonexistent')
  expect(prosodyMissing()).toContain('apt-get install prosody')
  await expect(startProsody({ domain: DOMAIN, accounts: {} })).rejects.toThrow('apt-get install prosody')
  vi.unstubAllEnvs()
})
