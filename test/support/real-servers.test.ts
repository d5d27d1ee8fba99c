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
async function signIn(
  server: RealServer,
  username: string,
  password: string,
  resource = 'one',
): Promise<Client> {
  const service = `xmpp://${server.host}:${server.port}`
  const created = client({ service, domain: DOMAIN, username, password, resource })
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

const STREAM =
  `<stream:stream to='${DOMAIN}' version='1.0' xmlns='jabber:client' ` +
  `xmlns:stream='http://etherx.jabber.org/streams'>`

/** What a server offers to whom it does not know, without TLS. */
async function featuresBeforeTls({ host, port }: RealServer): Promise<string> {
  const socket = connect(port, host).setEncoding('utf8')
  socket.write(STREAM)
  let received = ''
  for await (const text of socket) {
    received += text
    if (received.includes('</stream:features>')) break
  }
  return received
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

    describe('with STARTTLS and a proxy for bytestreams', () => {
      let server: RealServer

      beforeAll(async () => {
        server = await startServer({ domain: DOMAIN, accounts, contacts, ca, proxy: true })
      }, TIMEOUT_MS)
      afterAll(() => server?.close())

      test('asks for TLS before anything else', async () => {
        const features = await featuresBeforeTls(server)
        expect(features).toContain('starttls')
        expect(features).toContain('<required/>')
        expect(features).not.toContain('PLAIN')
      })

      test('lets two contacts meet, before and after a restart', { timeout: TIMEOUT_MS }, async () => {
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

      test('has that proxy', async () => {
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

      test('leaves nothing behind', async () => {
        expect(existsSync(server.folder)).toBe(true)
        await server.close()
        expect(existsSync(server.folder)).toBe(false)
        const socket = connect(server.port, server.host)
        const [error] = await once(socket, 'error')
        expect(error).toMatchObject({ code: 'ECONNREFUSED' })
      })
    })

    test.each([true, false])(
      'without TLS gives accounts to strangers: %s',
      {
        timeout: TIMEOUT_MS,
      },
      async registration => {
        await using server = await startServer({
          domain: DOMAIN,
          accounts,
          ca,
          tls: 'off',
          chat: true,
          registration,
        })
        const features = await featuresBeforeTls(server)
        expect(features).toContain('mechanism>SCRAM-SHA-')
        expect(features).not.toContain('starttls')
        expect(features).not.toContain('PLAIN')
        expect(features.includes('http://jabber.org/features/iq-register')).toBe(registration)
        if (!registration) return
        const socket = connect(server.port, server.host).setEncoding('utf8')
        let received = ''
        const until = async (text: string): Promise<void> => {
          while (!received.includes(text)) received += (await once(socket, 'data'))[0]
        }
        socket.write(STREAM)
        await until('</stream:features>')
        const fields = '<username>carol</username><password>secret</password>'
        const query = `<query xmlns='jabber:iq:register'>${fields}</query>`
        socket.write(`<iq type='set' id='r1' to='${DOMAIN}'>${query}</iq>`)
        await until('r1')
        socket.destroy()
        await (await signIn(server, 'carol', 'secret')).stop()
      },
    )

    test('speaks TLS from the first byte when asked to', { timeout: TIMEOUT_MS }, async () => {
      await using server = await startServer({ domain: DOMAIN, accounts, tls: 'direct', ca })
      const { host, port } = server
      const socket = tls.connect({ host, port, servername: DOMAIN, ca: server.caPem })
      await once(socket, 'secureConnect')
      expect(socket.authorized).toBe(true)
      socket.destroy()
    })

    describe('with what a chat needs', () => {
      const names = { alice: 'one', bob: 'two', carol: 'three' }
      const [ALICE, BOB] = [`alice@${DOMAIN}`, `bob@${DOMAIN}`]
      let server: RealServer
      let alice: Client
      let second: Client
      let bob: Client

      beforeAll(async () => {
        server = await startServer({
          domain: DOMAIN,
          accounts: names,
          contacts: [['alice', 'bob']],
          ca,
          chat: true,
        })
        ;[alice, second, bob] = await Promise.all([
          signIn(server, 'alice', names.alice),
          signIn(server, 'alice', names.alice, 'two'),
          signIn(server, 'bob', names.bob),
        ])
        for (const each of [alice, second, bob]) {
          const reflected = stanzaFor(each, stanza => attribute(stanza, 'from') === String(each.jid))
          await each.iqCaller.get(xml('query', 'jabber:iq:roster'))
          await each.send(xml('presence'))
          await reflected
        }
      }, TIMEOUT_MS)
      afterAll(async () => {
        await Promise.all([alice, second, bob].map(each => each.stop()))
        await server.close()
      })

      test('announces all of it', async () => {
        const featuresOf = async (to?: string) => {
          const info = await alice.iqCaller.get(xml('query', 'http://jabber.org/protocol/disco#info'), to)
          return info?.getChildren('feature').map((feature: Element) => attribute(feature, 'var'))
        }
        const ofServer = ['urn:xmpp:carbons:2', 'urn:xmpp:blocking', 'vcard-temp', 'jabber:iq:register']
        expect(await featuresOf(DOMAIN)).toEqual(expect.arrayContaining(ofServer))
        const ofAccount = [
          'urn:xmpp:mam:2',
          'urn:xmpp:sid:0',
          'urn:xmpp:pep-vcard-conversion:0',
          ...['publish', 'publish-options', 'auto-create', 'filtered-notifications', 'persistent-items'].map(
            name => `http://jabber.org/protocol/pubsub#${name}`,
          ),
        ]
        expect(await featuresOf()).toEqual(expect.arrayContaining(ofAccount))
      })

      test('archives what is sent and what comes, with the ids of the live copies', async () => {
        const live = stanzaFor(bob, stanza => stanza.getChild('body') !== undefined)
        await alice.send(xml('message', { to: BOB, type: 'chat', id: 'm1' }, xml('body', {}, 'kept')))
        const [id] = (await live).getChildren('stanza-id', 'urn:xmpp:sid:0')
        expect(id?.attrs).toMatchObject({ by: BOB })
        for (const [reader, archiveId] of [
          [alice, expect.any(String)],
          [bob, id?.attrs['id']],
        ] as const) {
          const query = xml('query', { xmlns: 'urn:xmpp:mam:2', queryid: 'q' })
          const found = stanzaFor(reader, stanza => stanza.getChild('result', 'urn:xmpp:mam:2') !== undefined)
          const answer = await reader.iqCaller.request(xml('iq', { type: 'set' }, query))
          const result = (await found).getChild('result', 'urn:xmpp:mam:2')
          expect(result?.attrs).toMatchObject({ queryid: 'q', id: archiveId })
          const forwarded = result?.getChild('forwarded', 'urn:xmpp:forward:0')
          expect(forwarded?.getChild('message')?.getChildText('body')).toBe('kept')
          expect(attribute(answer.getChild('fin', 'urn:xmpp:mam:2') ?? answer, 'complete')).toBe('true')
        }
      })

      test("lets nobody read somebody else's archive", async () => {
        await alice.send(
          xml('message', { to: `carol@${DOMAIN}`, type: 'chat' }, xml('body', {}, 'for carol')),
        )
        await alice.iqCaller.get(xml('ping', 'urn:xmpp:ping'), DOMAIN)
        const seen: string[] = []
        bob.on('stanza', (stanza: Element) => seen.push(stanza.toString()))
        const query = xml('query', { xmlns: 'urn:xmpp:mam:2', queryid: 'foreign' })
        // Prosody refuses; ejabberd gives the archive of who asks, and says that it is the other's.
        await bob.iqCaller.request(xml('iq', { type: 'set', to: ALICE }, query)).catch(() => {})
        await bob.iqCaller.get(xml('ping', 'urn:xmpp:ping'), DOMAIN)
        expect(seen.length).toBeGreaterThanOrEqual(2)
        expect(seen.filter(text => text.includes('for carol'))).toEqual([])
      })

      test('copies to the other device of an account', async () => {
        await second.iqCaller.set(xml('enable', 'urn:xmpp:carbons:2'))
        const copied = stanzaFor(
          second,
          stanza => stanza.getChild('sent', 'urn:xmpp:carbons:2') !== undefined,
        )
        await alice.send(xml('message', { to: BOB, type: 'chat', id: 'm2' }, xml('body', {}, 'copied')))
        expect(attribute(await copied, 'from')).toBe(ALICE)
        const forwarded = (await copied).getChild('sent')?.getChild('forwarded', 'urn:xmpp:forward:0')
        const message = forwarded?.getChild('message', 'jabber:client')
        expect(message?.attrs).toMatchObject({ id: 'm2', to: BOB })
        expect(message?.getChild('stanza-id', 'urn:xmpp:sid:0')?.attrs).toMatchObject({ by: ALICE })
      })

      test('publishes with options, and refuses a node that is kept otherwise', async () => {
        const pubsub = 'http://jabber.org/protocol/pubsub'
        const publish = (access: string) => {
          const fields = { FORM_TYPE: `${pubsub}#publish-options`, 'pubsub#access_model': access }
          const form = xml(
            'x',
            { xmlns: 'jabber:x:data', type: 'submit' },
            ...Object.entries(fields).map(([name, value]) =>
              xml('field', { var: name }, xml('value', {}, value)),
            ),
          )
          const item = xml('publish', { node: 'urn:t' }, xml('item', { id: 'a' }, xml('t', 'urn:t')))
          return alice.iqCaller.set(xml('pubsub', pubsub, item, xml('publish-options', {}, form)))
        }
        const read = (reader: Client) =>
          reader.iqCaller.get(xml('pubsub', pubsub, xml('items', { node: 'urn:t' })), ALICE)
        await publish('whitelist')
        expect(String(await read(alice))).toContain(' id="a"')
        await expect(read(bob)).rejects.toThrow()
        const refused: unknown = await publish('open').catch((error: unknown) => error)
        expect(refused).toBeInstanceOf(Error)
        const element = refused instanceof Error && 'element' in refused ? String(refused.element) : ''
        for (const name of ['conflict', 'precondition-not-met']) expect(element).toContain(`<${name} `)
      })

      test('blocks, and tells the other devices', async () => {
        await second.iqCaller.get(xml('blocklist', 'urn:xmpp:blocking'))
        const pushed = stanzaFor(
          second,
          stanza => stanza.getChild('block', 'urn:xmpp:blocking') !== undefined,
        )
        const list = (name: string) => xml(name, 'urn:xmpp:blocking', xml('item', { jid: BOB }))
        await alice.iqCaller.set(list('block'))
        await pushed
        const refused = stanzaFor(bob, stanza => attribute(stanza, 'type') === 'error')
        await bob.send(xml('message', { to: ALICE, type: 'chat', id: 'b1' }, xml('body', {}, 'blocked')))
        expect((await refused).getChild('error')?.getChild('service-unavailable')).toBeDefined()
        await alice.iqCaller.set(list('unblock'))
        const heard = stanzaFor(alice, stanza => stanza.getChildText('body') === 'again')
        await bob.send(xml('message', { to: ALICE, type: 'chat', id: 'b2' }, xml('body', {}, 'again')))
        await heard
      })

      test('changes a password', async () => {
        const carol = await signIn(server, 'carol', names.carol)
        const fields = [xml('username', {}, 'carol'), xml('password', {}, 'changed')]
        await carol.iqCaller.set(xml('query', 'jabber:iq:register', ...fields))
        await carol.stop()
        await (await signIn(server, 'carol', 'changed')).stop()
      })

      test('has its archives after a restart', { timeout: TIMEOUT_MS }, async () => {
        await Promise.all([alice, second, bob].map(each => each.stop()))
        await server.restart()
        const again = await signIn(server, 'bob', names.bob)
        const query = xml('query', { xmlns: 'urn:xmpp:mam:2', queryid: 'q' })
        const found = stanzaFor(again, stanza => stanza.getChild('result', 'urn:xmpp:mam:2') !== undefined)
        await again.iqCaller.request(xml('iq', { type: 'set' }, query))
        expect((await found).toString()).toContain('<body>kept</body>')
        await again.stop()
      })
    })
  })
}

test('says how to get Prosody where there is none', async () => {
  vi.stubEnv('PATH', '/nonexistent')
  expect(prosodyMissing()).toContain('apt-get install prosody')
  await expect(startProsody({ domain: DOMAIN, accounts: {} })).rejects.toThrow('apt-get install prosody')
  vi.unstubAllEnvs()
})
