import { once } from 'node:events'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { ServerSocket } from '../../main/xmpp/server-socket.ts'
import { parseAccount, type SignIn, XmppStream } from '../../main/xmpp/stream.ts'
import { Failure } from '../../shared/model/failure.ts'
import {
  type CertificateAuthority,
  createCertificateAuthority,
  type ServerCertificate,
} from '../support/certificates.ts'
import { startXmppServer, type XmppServer, type XmppServerOptions } from '../support/xmpp-server.ts'
import {
  BIND,
  HEADER,
  MECHANISMS,
  PROCEED,
  type ScriptedConnection,
  ScriptedServer,
} from './scripted-server.ts'

/** What sockets say about the other end instead of the truth. */
const claimed = vi.hoisted(() => ({ address: undefined as string | undefined }))
vi.mock('node:net', async importOriginal => {
  const original = await importOriginal<typeof import('node:net')>()
  const createConnection = (options: import('node:net').NetConnectOpts) => {
    const socket = original.createConnection(options)
    if (claimed.address !== undefined)
      Object.defineProperty(socket, 'remoteAddress', { value: claimed.address })
    return socket
  }
  return { ...original, createConnection }
})

const DOMAIN = 'plumb.test'
const PASSWORD = 'pässword, = "1"'
const STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"

let ca: CertificateAuthority
let certificate: ServerCertificate

beforeAll(async () => {
  ca = await createCertificateAuthority()
  certificate = await ca.issue({ names: [DOMAIN] })
})

/** What a test opened, newest last. */
const opened: (() => Promise<unknown>)[] = []
afterEach(async () => {
  vi.useRealTimers()
  claimed.address = undefined
  for (const close of opened.splice(0).reverse()) await close()
})

async function startServer(options: Partial<XmppServerOptions> = {}): Promise<XmppServer> {
  const server = await startXmppServer({
    domain: DOMAIN,
    accounts: { alice: PASSWORD },
    ca,
    certificate,
    ...options,
  })
  opened.push(() => server.close())
  return server
}

async function startScript(): Promise<ScriptedServer> {
  const server = await ScriptedServer.start()
  opened.push(() => server[Symbol.asyncDispose]())
  return server
}

type Place = { readonly host: string; readonly port: number }

/** The sign-in under way; a failure of it is looked at by what the test waits for. */
function signIn(
  { host, port }: Place,
  options: Partial<SignIn> = {},
  signal?: AbortSignal,
): Promise<XmppStream> {
  const end = new AbortController()
  const signingIn = XmppStream.signIn(
    {
      jid: `alice@${DOMAIN}`,
      password: PASSWORD,
      resource: 'sofa',
      server: { host, port },
      ca: ca.caPem,
      ...options,
    },
    signal === undefined ? end.signal : AbortSignal.any([signal, end.signal]),
  )
  signingIn.catch(() => {})
  opened.push(async () => {
    end.abort()
    const stream = await signingIn.catch(() => undefined)
    await stream?.stop()
  })
  return signingIn
}

async function failureOf(signingIn: Promise<unknown>): Promise<Failure> {
  const failure = await signingIn.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(failure).toBeInstanceOf(Failure)
  return failure as Failure
}

/** The password in every shape in which it could go out. */
function expectNoPassword(received: string): void {
  const bytes = Buffer.from(PASSWORD)
  for (const shape of [
    bytes.toString('latin1'),
    bytes.toString('base64').slice(0, -4),
    Buffer.from(`\0alice\0${PASSWORD}`).toString('base64'),
  ]) {
    expect(received).not.toContain(shape)
  }
  expect(received).not.toContain('<auth')
  expect(received).not.toContain('<response')
  expect(received).not.toContain('alice')
}

describe('signing in', () => {
  test.each([
    ['STARTTLS, which is the default', 'required', undefined],
    ['STARTTLS', 'required', 'required'],
    ['TLS from the first byte', 'direct', 'direct'],
    ['no TLS on the loopback address', 'off', 'off'],
  ] as const)('works with %s', async (_, mode, tls) => {
    const server = await startServer({ tls: mode })
    const stream = await signIn(server, { tls })
    expect(stream.address).toBe(`alice@${DOMAIN}/sofa`)
    expect(server.sessions()).toEqual([{ jid: `alice@${DOMAIN}/sofa`, available: false, connected: true }])
    await stream.stop()
    expect(server.sessions()).toEqual([])
  })

  test('without stream management works, too', async () => {
    const server = await startServer({ tls: 'off', streamManagement: false })
    const stream = await signIn(server, { tls: 'off' })
    expect(stream.address).toBe(`alice@${DOMAIN}/sofa`)
  })

  test('looks at the account’s domain, not at the host it connects to', async () => {
    const good = await startServer()
    await signIn(good)
    const wrong = await startServer({ certificate: await ca.issue({ names: ['127.0.0.1', 'localhost'] }) })
    expect(await failureOf(signIn(wrong))).toMatchObject({ code: 'certificate-not-trusted' })
  })

  test('takes a domain in any script and case', async () => {
    const server = await startServer({
      domain: 'bücher.test',
      certificate: await ca.issue({ names: ['xn--bcher-kva.test'] }),
    })
    const stream = await signIn(server, { jid: 'Alice@BÜCHER.test' })
    expect(stream.address).toBe('alice@bücher.test/sofa')
  })

  test('takes a name and a password in any script', async () => {
    const server = await startServer({ accounts: { łódź漢: 'пароль 🚰' } })
    const stream = await signIn(server, { jid: `łódź漢@${DOMAIN}`, password: 'пароль 🚰' })
    expect(stream.address).toBe(`łódź漢@${DOMAIN}/sofa`)
  })

  test.each([
    ['a wrong password', {}, { password: 'wrong' }],
    ['an unknown account', {}, { jid: `nobody@${DOMAIN}` }],
  ] as const)('is refused with %s, over TLS and without', async (_, __, options) => {
    for (const mode of ['required', 'off'] as const) {
      const server = await startServer({ tls: mode })
      const failure = await failureOf(signIn(server, { tls: mode, ...options }))
      expect(failure.code).toBe('wrong-password')
      expect(failure.message).toBe(`${DOMAIN} does not accept this address and password: check both.`)
      expect(server.sessions()).toEqual([])
    }
  })

  test.each([
    ['expired', { names: [DOMAIN], validity: 'expired' }, 'it has expired'],
    [
      'not valid yet',
      { names: [DOMAIN], validity: 'not-yet-valid' },
      'it is not valid yet, or this computer’s clock is wrong',
    ],
    ['for another name', { names: ['other.test'] }, 'it is for another name'],
    ['for the host that was named, but not the domain', { names: ['127.0.0.1'] }, 'it is for another name'],
    ['for what ends in the domain', { names: [`evil${DOMAIN}`, `www.${DOMAIN}`] }, 'it is for another name'],
  ] as const)('refuses a certificate that is %s', async (_, request, reason) => {
    for (const tls of ['required', 'direct'] as const) {
      const server = await startServer({ tls, certificate: await ca.issue(request) })
      const failure = await failureOf(signIn(server, { tls }))
      expect(failure.code).toBe('certificate-not-trusted')
      expect(failure.message).toBe(
        `The certificate of ${DOMAIN} is not trusted, because ${reason}: ask who runs the server.`,
      )
    }
  })

  test('refuses a certificate whose authority nobody named', async () => {
    const other = await createCertificateAuthority()
    for (const authority of [undefined, other.caPem]) {
      const server = await startServer()
      const failure = await failureOf(signIn(server, { ca: authority }))
      expect(failure.code).toBe('certificate-not-trusted')
      expect(failure.message).toContain('because nobody that this computer trusts has signed it')
    }
  })

  test('says that nothing listens there', async () => {
    const server = await startServer()
    await server.close()
    const failure = await failureOf(signIn(server))
    expect(failure.code).toBe('server-unreachable')
    expect(failure.message).toBe(
      `Nothing answers at 127.0.0.1, port ${server.port}: check the address and the network.`,
    )
  })

  test('says that the server is for another domain', async () => {
    const server = await startServer({ tls: 'off' })
    const failure = await failureOf(signIn(server, { tls: 'off', jid: 'alice@other.test' }))
    expect(failure.code).toBe('server-not-found')
    expect(failure.message).toBe('The server does not serve other.test: check the address.')
  })

  test('says that there is no such host', async () => {
    const failure = await failureOf(signIn({ host: 'nowhere.invalid', port: 5222 }))
    expect(failure.code).toBe('server-not-found')
    expect(failure.message).toBe('There is no server named nowhere.invalid: check the address.')
  })

  test.each(['alice', '', '@plumb.test', 'alice@', 'alice@/sofa', '/'])('takes “%s” for no account', text => {
    expect(() => parseAccount(text)).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: `“${text}” is no XMPP address: it looks like name@server.`,
      }),
    )
  })

  test('without TLS asks for TLS where the server wants it', async () => {
    const server = await startServer({ tls: 'required' })
    const failure = await failureOf(signIn(server, { tls: 'off' }))
    expect(failure.code).toBe('sign-in-failed')
    expect(failure.message).toBe(`${DOMAIN} offers no way to sign in without encryption.`)
  })

  test('without TLS goes to this computer only, and says nothing to another', async () => {
    const server = await startScript()
    claimed.address = '192.0.2.1'
    const failure = await failureOf(signIn(server, { tls: 'off' }))
    expect(failure.code).toBe('usage')
    expect(failure.message).toBe('Signing in without TLS is possible only to this computer itself.')
    const connection = await server.accept()
    await connection.closed
    expect(connection.received).toBe('')
  })

  test.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])(
    'without TLS takes %s for this computer',
    async address => {
      const server = await startServer({ tls: 'off' })
      claimed.address = address
      await signIn(server, { tls: 'off' })
    },
  )

  test.each(['128.0.0.1', '10.0.0.127', '::2', '::ffff:10.0.0.1', '::11', '1127.0.0.1', ''])(
    'without TLS takes %s for another computer',
    async address => {
      const server = await startScript()
      claimed.address = address
      expect(await failureOf(signIn(server, { tls: 'off' }))).toMatchObject({ code: 'usage' })
    },
  )
})

describe('before TLS', () => {
  test('a server that offers no STARTTLS learns nothing', async () => {
    const server = await startScript()
    const signingIn = signIn(server)
    const connection = await server.accept()
    await connection.open(MECHANISMS('PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-256'))
    const failure = await failureOf(signingIn)
    expect(failure.code).toBe('not-encrypted')
    expect(failure.message).toBe(
      `${DOMAIN} offers no encryption, so nothing was sent to it: ask who runs it, or use another server.`,
    )
    await connection.closed
    expectNoPassword(connection.received)
  })

  test.each([
    ['refuses STARTTLS', "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>"],
    ['goes on as if TLS were there', `<stream:features>${MECHANISMS('PLAIN')}</stream:features>`],
    ['says that it worked already', "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"],
    ['says <proceed/> of another kind', "<proceed xmlns='urn:other'/>"],
    ['ends the stream', '</stream:stream>'],
  ])('a server that %s learns nothing', async (_, answer) => {
    const server = await startScript()
    const signingIn = signIn(server)
    const connection = await server.accept()
    await connection.open(STARTTLS)
    await connection.until('<starttls')
    connection.write(answer)
    const failure = await failureOf(signingIn)
    expect(failure.code).toBe('not-encrypted')
    await connection.closed
    expectNoPassword(connection.received)
  })

  test.each([
    ['an iq', "<iq type='set' id='evil'><query xmlns='jabber:iq:roster'/></iq>"],
    ['features', `<stream:features>${MECHANISMS('PLAIN')}</stream:features>`],
    ['STARTTLS once more', `<stream:features>${STARTTLS}</stream:features>`],
    ['another <proceed/>', PROCEED],
    ['the end of the stream', '</stream:stream>'],
    ['a success', "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"],
    ['broken XML', '</nothing>'],
    ['half of a stanza', "<message from='a@b'><body>"],
  ])('%s behind <proceed/> in the same segment is never read', async (_, injected) => {
    const server = await startScript()
    const seen: string[] = []
    const signingIn = signIn(server)
    const connection = await server.accept()
    await connection.startTls(certificate, injected)
    await connection.open(MECHANISMS('SCRAM-SHA-256'))
    await connection.authenticate(PASSWORD)
    await connection.open(BIND)
    await connection.bind(`alice@${DOMAIN}`)
    const stream = await signingIn
    stream.on('stanza', stanza => seen.push(stanza.toString()))
    const read = once(stream, 'stanza')
    connection.write("<message from='bob@plumb.test'/>")
    await read
    expect(seen).toEqual(['<message from="bob@plumb.test"/>'])
  })

  test('what comes behind <proceed/> later breaks the handshake, and is never read', async () => {
    const server = await startScript()
    const signingIn = signIn(server)
    const connection = await server.accept()
    await connection.open(STARTTLS)
    await connection.until('<starttls')
    await connection.writeAlone(PROCEED)
    await connection.until('\u0016')
    connection.write(`<stream:features>${MECHANISMS('PLAIN')}</stream:features>`)
    expect(await failureOf(signingIn)).toMatchObject({ code: 'server-unreachable' })
    await connection.closed
    expectNoPassword(connection.received)
  })

  test.each([
    ['closes before it says anything', ''],
    ['closes in the middle of its header', "<stream:stream xmlns='jabber"],
    ['closes instead of <proceed/>', `${HEADER()}<stream:features>${STARTTLS}</stream:features>`],
  ])('a server that %s is unreachable', async (_, text) => {
    const server = await startScript()
    const signingIn = signIn(server)
    const connection = await server.accept()
    await connection.until('<stream:stream')
    if (text !== '') await connection.writeAlone(text)
    connection.end()
    const failure = await failureOf(signingIn)
    expect(failure.code).toBe('server-unreachable')
    expect(failure.message).toBe(`${DOMAIN} closed the connection.`)
  })

  test('a server that resets the connection is unreachable', async () => {
    const server = await startScript()
    const signingIn = signIn(server)
    const connection = await server.accept()
    await connection.until('<stream:stream')
    connection.cut()
    expect(await failureOf(signingIn)).toMatchObject({ code: 'server-unreachable' })
  })

  test.each(['required', 'direct'] as const)(
    'a server that closes in the TLS handshake is unreachable (%s)',
    async tls => {
      const server = await startScript()
      const signingIn = signIn(server, { tls })
      const connection = await server.accept()
      if (tls === 'required') {
        await connection.open(STARTTLS)
        await connection.until('<starttls')
        connection.write(PROCEED)
      }
      await connection.until('\u0016')
      connection.end()
      const failure = await failureOf(signingIn)
      expect(failure.code).toBe('server-unreachable')
      expect(failure.message).toBe(`No encrypted connection to ${DOMAIN} could be made: try again.`)
    },
  )

  test.each([
    ['a web server', 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n<html><body>no</body></html>'],
    ['a mail server', '220 mail.plumb.test ESMTP ready\r\n'],
    ['a shell', 'SSH-2.0-OpenSSH_9.9\r\n'],
    ['an end tag before all', '</stream:stream>'],
    ['tags that do not match', '<stream:stream><a></b>'],
    ['an entity that nobody knows', '<stream:stream><a>&oops;</a>'],
    ['a character that XML forbids', '<stream:stream><a b="&#0;"/>'],
    ['zeros', '\0'.repeat(1000)],
    ['a TLS alert', Buffer.from([0x15, 3, 3, 0, 2, 2, 40])],
  ] as const)('%s does not speak XMPP', async (_, answer) => {
    const server = await startScript()
    const signingIn = signIn(server)
    const connection = await server.accept()
    await connection.until('<stream:stream')
    connection.write(Buffer.from(answer))
    const failure = await failureOf(signingIn)
    expect(failure.code).toBe('sign-in-failed')
    expect(failure.message).toBe(`${DOMAIN} does not speak XMPP.`)
    await connection.closed
  })

  test('a server that talks without an end is cut off', async () => {
    const server = await startScript()
    const signingIn = signIn(server)
    const connection = await server.accept()
    await connection.until('<stream:stream')
    connection.write(`${HEADER()}<stream:features><x>${'x'.repeat(1024 * 1024)}`)
    const failure = await failureOf(signingIn)
    expect(failure.code).toBe('sign-in-failed')
    await connection.closed
  })

  test.each([
    ['before it says anything', async () => {}],
    ['after its header', async (connection: ScriptedConnection) => connection.write(HEADER())],
    [
      'instead of <proceed/>',
      async (connection: ScriptedConnection) => {
        connection.write(`${HEADER()}<stream:features>${STARTTLS}</stream:features>`)
        await connection.until('<starttls')
      },
    ],
    [
      'in the TLS handshake',
      async (connection: ScriptedConnection) => {
        connection.write(`${HEADER()}<stream:features>${STARTTLS}</stream:features>`)
        await connection.until('<starttls')
        connection.write(PROCEED)
        await connection.until('\u0016')
      },
    ],
  ])('a server that falls silent %s is given up', async (_, answer) => {
    const server = await startScript()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const signingIn = signIn(server)
    const connection = await server.accept()
    await connection.until('<stream:stream')
    await answer(connection)
    await vi.advanceTimersByTimeAsync(15_000)
    const failure = await failureOf(signingIn)
    expect(failure.code).toBe('sign-in-timed-out')
    expect(failure.message).toBe('The server did not answer in time: check the network and try again.')
    await connection.closed
    expectNoPassword(connection.received)
  })
})

describe('after TLS', () => {
  async function encrypted(options: Partial<SignIn> = {}) {
    const server = await startScript()
    const signingIn = signIn(server, options)
    const connection = await server.accept()
    await connection.startTls(certificate)
    return { server, signingIn, connection }
  }

  test.each([
    [['PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-256'], 'SCRAM-SHA-256'],
    [['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-1', 'PLAIN'], 'SCRAM-SHA-1'],
    [['SCRAM-SHA-512', 'PLAIN'], 'PLAIN'],
    [['X-OAUTH2', 'ANONYMOUS', 'DIGEST-MD5', 'PLAIN'], 'PLAIN'],
  ])('of %j the best is taken: %s', async (offered, expected) => {
    const { connection } = await encrypted()
    await connection.open(MECHANISMS(...offered))
    expect((await connection.auth()).mechanism).toBe(expected)
  })

  test('PLAIN sends name and password, and nothing else', async () => {
    const { connection, signingIn } = await encrypted()
    await connection.open(MECHANISMS('PLAIN'))
    expect((await connection.auth()).text).toBe(`\0alice\0${PASSWORD}`)
    connection.sasl('success', '')
    await connection.open(BIND)
    await connection.bind(`alice@${DOMAIN}`)
    expect((await signingIn).address).toBe(`alice@${DOMAIN}/sofa`)
  })

  test.each([[[]], [['ANONYMOUS', 'X-OAUTH2', 'EXTERNAL', 'DIGEST-MD5', 'CRAM-MD5']]])(
    'of %j nothing is taken',
    async offered => {
      const { connection, signingIn } = await encrypted()
      await connection.open(MECHANISMS(...offered))
      const failure = await failureOf(signingIn)
      expect(failure.code).toBe('sign-in-failed')
      expect(failure.message).toBe('The server offers no way to sign in that is safe enough.')
      await connection.closed
      expectNoPassword(connection.received)
    },
  )

  test('PLAIN is not taken without TLS', async () => {
    const server = await startScript()
    const signingIn = signIn(server, { tls: 'off' })
    const connection = await server.accept()
    await connection.open(MECHANISMS('PLAIN'))
    const failure = await failureOf(signingIn)
    expect(failure.code).toBe('sign-in-failed')
    expect(failure.message).toBe('The server offers no way to sign in that is safe enough.')
    await connection.closed
    expectNoPassword(connection.received)
  })

  test('STARTTLS that is offered where TLS was switched off is left alone', async () => {
    const server = await startScript()
    const signingIn = signIn(server, { tls: 'off' })
    const connection = await server.accept()
    await connection.open(`${STARTTLS}${MECHANISMS('SCRAM-SHA-1')}`)
    await connection.authenticate(PASSWORD, 'SCRAM-SHA-1')
    await connection.open(BIND)
    await connection.bind(`alice@${DOMAIN}`)
    await signingIn
  })

  test.each([
    ['with a wrong proof', `v=${Buffer.alloc(32).toString('base64')}`],
    ['without any proof', ''],
  ])('a server that lets anybody in, %s, is a false one', async (_, proof) => {
    const { connection, signingIn } = await encrypted()
    await connection.open(MECHANISMS('SCRAM-SHA-256'))
    const { text } = await connection.auth()
    connection.sasl(
      'challenge',
      `r=${text.split('r=')[1]}more,s=${Buffer.from('salt').toString('base64')},i=4096`,
    )
    await connection.response()
    connection.sasl('success', proof)
    const failure = await failureOf(signingIn)
    expect(failure.code).toBe('sign-in-failed')
    expect(failure.message).toContain('may be a false one')
    await connection.closed
    expect(connection.received).not.toContain('<bind')
  })

  test('a server that says “success” at once is a false one', async () => {
    const { connection, signingIn } = await encrypted()
    await connection.open(MECHANISMS('SCRAM-SHA-256'))
    await connection.auth()
    connection.sasl('success', '')
    expect(await failureOf(signingIn)).toMatchObject({ code: 'sign-in-failed' })
    await connection.closed
    expect(connection.received).not.toContain('<bind')
  })

  test.each([
    ['that does not extend the nonce', (nonce: string) => `r=${nonce},s=c2FsdA==,i=4096`],
    ['with too few rounds', (nonce: string) => `r=${nonce}x,s=c2FsdA==,i=1000`],
    ['with too many rounds', (nonce: string) => `r=${nonce}x,s=c2FsdA==,i=100000000`],
    ['that is none', () => 'hello'],
  ])('a challenge %s gets no proof', async (_, challenge) => {
    const { connection, signingIn } = await encrypted()
    await connection.open(MECHANISMS('SCRAM-SHA-256'))
    connection.sasl('challenge', challenge((await connection.auth()).text.split('r=')[1] ?? ''))
    const failure = await failureOf(signingIn)
    expect(failure.code).toBe('sign-in-failed')
    expect(failure.message).toBe('The server answered the sign-in with something else than SCRAM.')
    await connection.closed
    expect(connection.received).not.toContain('<response')
  })

  test('the newer way to sign in is left alone: it would take the chosen name, and the proof could be left out', async () => {
    const { connection, signingIn } = await encrypted()
    await connection.open(
      `<authentication xmlns='urn:xmpp:sasl:2'><mechanism>SCRAM-SHA-256</mechanism>` +
        `<inline><bind xmlns='urn:xmpp:bind:0'><inline><feature var='urn:xmpp:sm:3'/></inline></bind></inline>` +
        `</authentication>${MECHANISMS('SCRAM-SHA-256')}`,
    )
    await connection.authenticate(PASSWORD)
    await connection.open(BIND)
    await connection.bind(`alice@${DOMAIN}`)
    expect((await signingIn).address).toBe(`alice@${DOMAIN}/sofa`)
  })

  test.each([
    [
      'temporary-auth-failure',
      'sign-in-failed',
      `${DOMAIN} refused the sign-in (temporary-auth-failure): try again later.`,
    ],
    [
      'mechanism-too-weak',
      'sign-in-failed',
      `${DOMAIN} refused the sign-in (mechanism-too-weak): try again later.`,
    ],
    ['not-authorized', 'wrong-password', `${DOMAIN} does not accept this address and password: check both.`],
    [
      'account-disabled',
      'wrong-password',
      `${DOMAIN} does not accept this address and password: check both.`,
    ],
    [
      'credentials-expired',
      'wrong-password',
      `${DOMAIN} does not accept this address and password: check both.`,
    ],
  ])('the refusal %s becomes %s', async (condition, code, message) => {
    const { connection, signingIn } = await encrypted()
    await connection.open(MECHANISMS('SCRAM-SHA-256'))
    await connection.auth()
    connection.write(`<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><${condition}/></failure>`)
    expect(await failureOf(signingIn)).toMatchObject({ code, message })
  })

  test.each([
    ['without a condition', "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"],
    ['of the stream without a condition', '<stream:error/>'],
    ['that is no XML', '</a>'],
    ['of tags that do not match', '<a></b>'],
    ['with an entity that nobody knows', '<a>&oops;</a>'],
    ['from an address that is none', "<iq type='set' from='@' id='1'><a/></iq>"],
  ])('an answer %s ends the sign-in', async (_, answer) => {
    const { connection, signingIn } = await encrypted()
    await connection.open(MECHANISMS('SCRAM-SHA-256'))
    await connection.auth()
    connection.write(answer)
    expect(await failureOf(signingIn)).toMatchObject({ code: 'sign-in-failed' })
    await connection.closed
  })

  test.each([
    ['at the stream', async () => {}],
    [
      'at the password',
      async (connection: ScriptedConnection) => {
        await connection.open(MECHANISMS('SCRAM-SHA-256'))
        await connection.auth()
      },
    ],
    [
      'at the session',
      async (connection: ScriptedConnection) => {
        await connection.open(MECHANISMS('SCRAM-SHA-256'))
        await connection.authenticate(PASSWORD)
        await connection.open(BIND)
        await connection.until('<bind')
      },
    ],
  ])('a server that closes %s is told at once', async (_, upTo) => {
    for (const close of ['end', 'cut'] as const) {
      const { connection, signingIn } = await encrypted()
      await upTo(connection)
      connection[close]()
      const failure = await failureOf(signingIn)
      expect(failure.code).toBe('server-unreachable')
      expect(failure.message).toBe(`${DOMAIN} closed the connection: try again later.`)
    }
  })

  test.each([
    ['at the stream', 10_000, async () => {}],
    [
      'at the password',
      30_000,
      async (connection: ScriptedConnection) => {
        await connection.open(MECHANISMS('SCRAM-SHA-256'))
        await connection.auth()
      },
    ],
    [
      'at the session',
      30_000,
      async (connection: ScriptedConnection) => {
        await connection.open(MECHANISMS('SCRAM-SHA-256'))
        await connection.authenticate(PASSWORD)
        await connection.open(BIND)
        await connection.until('<bind')
      },
    ],
  ])('a server that falls silent %s is given up', async (_, limitMs, upTo) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { connection, signingIn } = await encrypted()
    connection.polite = false
    await upTo(connection)
    await vi.advanceTimersByTimeAsync(limitMs)
    // Signing out, which the server does not answer either.
    await vi.advanceTimersByTimeAsync(1_000)
    const failure = await failureOf(signingIn)
    expect(failure.code).toBe('sign-in-timed-out')
    expect(failure.message).toMatch(
      /^plumb\.test did not (answer in time|finish the sign-in): try again later\.$/,
    )
    await connection.closed
    expect(vi.getTimerCount()).toBe(0)
  })

  test('another host that the server names is not gone to', async () => {
    const elsewhere = await startScript()
    const { connection, signingIn, server } = await encrypted()
    connection.write(
      `${HEADER()}<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>` +
        `127.0.0.1:${elsewhere.port}</see-other-host></stream:error></stream:stream>`,
    )
    const failure = await failureOf(signingIn)
    expect(failure.code).toBe('sign-in-failed')
    expect(failure.message).toContain('enter that server yourself')
    await connection.closed
    expect(elsewhere.connections).toBe(0)
    expect(server.connections).toBe(1)
  })

  test.each(['', 'a b', '[', 'http://evil.test', ':::'])(
    'another host named “%s” does not crash the process',
    async host => {
      const { connection, signingIn } = await encrypted()
      connection.write(
        `${HEADER()}<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>` +
          `${host}</see-other-host></stream:error></stream:stream>`,
      )
      expect(await failureOf(signingIn)).toMatchObject({ code: 'sign-in-failed' })
    },
  )

  test('a server that refuses the session fails the sign-in', async () => {
    for (const answer of [
      "<error type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
      '',
    ]) {
      const { connection, signingIn } = await encrypted()
      await connection.open(MECHANISMS('SCRAM-SHA-256'))
      await connection.authenticate(PASSWORD)
      await connection.open(BIND)
      const id = /id="([^"]*)"/.exec(await connection.until('</iq>'))?.[1]
      connection.write(`<iq type='error' id='${id}'>${answer}</iq>`)
      expect(await failureOf(signingIn)).toMatchObject({ code: 'sign-in-failed' })
      await connection.closed
    }
  })
})

describe('giving up', () => {
  test('before it began connects to nobody', async () => {
    const server = await startScript()
    const reason = new Failure('cancelled', 'Interrupted.')
    await expect(signIn(server, {}, AbortSignal.abort(reason))).rejects.toBe(reason)
    expect(server.connections).toBe(0)
  })

  test.each([
    ['while the server is asked for TLS', async () => {}],
    [
      'in the TLS handshake',
      async (connection: ScriptedConnection) => {
        await connection.open(STARTTLS)
        await connection.until('<starttls')
        connection.write(PROCEED)
        await connection.until('\u0016')
      },
    ],
    [
      'at the password',
      async (connection: ScriptedConnection) => {
        await connection.startTls(certificate)
        await connection.open(MECHANISMS('SCRAM-SHA-256'))
        await connection.auth()
      },
    ],
    [
      'at the session',
      async (connection: ScriptedConnection) => {
        await connection.startTls(certificate)
        await connection.open(MECHANISMS('SCRAM-SHA-256'))
        await connection.authenticate(PASSWORD)
        await connection.open(BIND)
        await connection.until('<bind')
      },
    ],
  ])('%s closes the connection and leaves no timer', async (_, upTo) => {
    const server = await startScript()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const controller = new AbortController()
    const signingIn = signIn(server, {}, controller.signal)
    const connection = await server.accept()
    connection.polite = false
    await upTo(connection)
    const reason = new Failure('cancelled', 'Interrupted.')
    controller.abort(reason)
    // A server that does not answer the good-bye either.
    await vi.advanceTimersByTimeAsync(1_000)
    await expect(signingIn).rejects.toBe(reason)
    await connection.closed
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('the socket to the server', () => {
  function socketTo(place: Place): ServerSocket {
    const socket = new ServerSocket({ domain: DOMAIN, server: place, tls: 'off', ca: undefined })
    opened.push(async () => socket.destroy())
    return socket
  }

  test('may fail when nobody listens any more', async () => {
    const server = await startScript()
    const socket = socketTo(server)
    const connected = once(socket, 'connect')
    socket.connect()
    await connected
    const closed = new Promise(resolve => socket.once('close', resolve))
    const connection = await server.accept()
    connection.cut()
    expect(await closed).toBe(true)
  })

  test('says that it is closed when it is destroyed while it connects', async () => {
    const server = await startScript()
    const socket = socketTo(server)
    const closed = new Promise<void>(resolve => socket.once('close', () => resolve()))
    socket.connect()
    socket.destroy()
    await closed
  })

  test('writes nothing before it is connected', async () => {
    const server = await startScript()
    const socket = socketTo(server)
    const failed = new Promise(resolve => socket.write('x', resolve))
    expect(await failed).toBeInstanceOf(Error)
  })

  test.each([1, 2, 3, 5])('puts characters together that come in pieces of %i bytes', async size => {
    const server = await startScript()
    const socket = socketTo(server)
    let read = ''
    const text = '<a🚰é€🏳️‍🌈漢>'
    const whole = new Promise<void>(resolve => {
      socket.on('data', (piece: string) => {
        read += piece
        if (read.endsWith('>')) resolve()
      })
    })
    const connected = once(socket, 'connect')
    socket.connect()
    await connected
    const connection = await server.accept()
    const bytes = Buffer.from(text)
    for (let start = 0; start < bytes.length; start += size) {
      await connection.writeAlone(bytes.subarray(start, start + size))
    }
    await whole
    expect(read).toBe(text)
  })
})
