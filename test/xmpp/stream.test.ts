import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { xml } from '@xmpp/client'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { IqRouter } from '../../main/xmpp/iq.ts'
import { changePassword } from '../../main/xmpp/registered-account.ts'
import { ServerSocket } from '../../main/xmpp/server-socket.ts'
import type { Element } from '../../main/xmpp/stanza.ts'
import { type SignIn, XmppStream } from '../../main/xmpp/stream.ts'
import type { Failure } from '../../shared/model/failure.ts'
import { createCertificateAuthority } from '../support/certificates.ts'
import { startXmppServer, type XmppServer, type XmppServerOptions } from '../support/xmpp-server.ts'
import { BIND, MANAGEMENT, MECHANISMS, type ScriptedConnection, ScriptedServer } from './scripted-server.ts'

const DOMAIN = 'plumb.test'
const PASSWORD = 'secret'
const ALICE = `alice@${DOMAIN}/sofa`
const BOB = `bob@${DOMAIN}/desk`
/** Longer than the first wait before connecting again, with its share of chance. */
const FIRST_RETRY_MS = 1_250

/** What a test opened, newest last. */
const opened: (() => Promise<unknown>)[] = []
afterEach(async () => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  for (const close of opened.splice(0).reverse()) await close()
})

/** Only what waits; sockets and immediates go on. */
function useFakeTimers(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
}

/** What a stream told, in order, and stanzas by their text. */
class Watched {
  readonly stream: XmppStream
  readonly events: string[] = []
  readonly bodies: string[] = []
  failure: Failure | undefined

  constructor(stream: XmppStream) {
    this.stream = stream
    stream.on('online', address => this.events.push(`online ${address}`))
    stream.on('resumed', () => this.events.push('resumed'))
    stream.on('interrupted', () => this.events.push('interrupted'))
    stream.on('ended', failure => {
      this.events.push(`ended ${failure.code}`)
      this.failure = failure
    })
    stream.on('stanza', stanza => {
      const body = stanza.getChildText('body')
      if (body !== null) this.bodies.push(body)
    })
  }

  async until(body: string): Promise<void> {
    while (!this.bodies.includes(body)) await once(this.stream, 'stanza')
  }
}

async function signIn(
  place: { readonly host: string; readonly port: number },
  options: Partial<SignIn> = {},
): Promise<Watched> {
  const { host, port } = place
  const stream = await XmppStream.signIn({
    jid: `alice@${DOMAIN}`,
    password: PASSWORD,
    resource: 'sofa',
    server: { host, port },
    tls: 'off',
    ...options,
  })
  opened.push(() => stream.stop())
  return new Watched(stream)
}

const message = (to: string, body: string): Element => xml('message', { to }, xml('body', {}, body))

/** Lets an interrupted stream connect again, without waiting for it. */
async function retry(): Promise<void> {
  await vi.advanceTimersByTimeAsync(FIRST_RETRY_MS)
}

describe('with a server', () => {
  async function startServer(options: Partial<XmppServerOptions> = {}): Promise<XmppServer> {
    const server = await startXmppServer({
      domain: DOMAIN,
      accounts: { alice: PASSWORD, bob: PASSWORD },
      tls: 'off',
      ...options,
    })
    opened.push(() => server.close())
    return server
  }

  async function interrupt(server: XmppServer, watched: Watched): Promise<void> {
    const interrupted = once(watched.stream, 'interrupted')
    await server.kick(watched.stream.address)
    await interrupted
  }

  test.each(['required', 'direct', 'off'] as const)(
    'a lost connection is resumed, and what came meanwhile arrives once (TLS %s)',
    async tls => {
      const ca = await createCertificateAuthority()
      const server = await startServer({ tls, ca })
      useFakeTimers()
      const alice = await signIn(server, { tls, ca: ca.caPem })
      const bob = await signIn(server, { jid: `bob@${DOMAIN}`, resource: 'desk', tls, ca: ca.caPem })
      await bob.stream.send(message(ALICE, 'before'))
      await alice.until('before')
      await interrupt(server, alice)
      await bob.stream.send(message(ALICE, 'meanwhile'))
      await bob.stream.send(message(BOB, 'echo'))
      await bob.until('echo')
      const resumed = once(alice.stream, 'resumed')
      await retry()
      await resumed
      await bob.stream.send(message(ALICE, 'after'))
      await alice.until('after')
      expect(alice.bodies).toEqual(['before', 'meanwhile', 'after'])
      expect(alice.events).toEqual(['interrupted', 'resumed'])
      expect(alice.stream.address).toBe(ALICE)
    },
  )

  test('the count of stanzas stays right over many sign-ins and resumptions under load', async () => {
    const server = await startServer()
    const bob = await signIn(server, { jid: `bob@${DOMAIN}`, resource: 'desk' })
    useFakeTimers()
    for (let round = 0; round < 5; round++) {
      const alice = await signIn(server)
      const expected: string[] = []
      let next = 0
      const say = async (count: number): Promise<void> => {
        for (let i = 0; i < count; i++) {
          const body = `${round}.${next++}`
          expected.push(body)
          await bob.stream.send(message(ALICE, body))
        }
      }
      for (let loss = 0; loss < 4; loss++) {
        // Some are on their way when the connection goes, in both directions.
        await say(7)
        const sent = alice.stream.send(message(BOB, `reply ${round}.${loss}`))
        await interrupt(server, alice)
        await say(5)
        await sent.catch(() => {})
        const resumed = once(alice.stream, 'resumed')
        await retry()
        await resumed
      }
      await say(1)
      await alice.until(expected.at(-1) ?? '')
      expect(alice.bodies).toEqual(expected)
      expect(alice.events).not.toContain(`online ${ALICE}`)
      await bob.until(`reply ${round}.3`)
      await alice.stream.stop()
    }
    const replies = bob.bodies.filter(body => body.startsWith('reply'))
    expect(new Set(replies).size).toBe(replies.length)
  })

  /** Gives the account another password, by another device: the server ends this session. */
  async function changeElsewhere(server: XmppServer, password: string, before = PASSWORD): Promise<void> {
    const other = await signIn(server, { resource: 'desk', password: before })
    const iq = new IqRouter(other.stream, () => {})
    other.stream.on('stanza', stanza => iq.receive(stanza))
    await changePassword(iq, `alice@${DOMAIN}`, password)
    await other.stream.stop()
  }

  test('a password that may be another one is tried where the first is refused, and then that is it', async () => {
    const server = await startServer({ chat: true })
    const alice = await signIn(server)
    const told: string[] = []
    alice.stream.on('password', password => told.push(password))
    alice.stream.considerPassword('another')
    const online = once(alice.stream, 'online')
    await changeElsewhere(server, 'another')
    await online
    expect(told).toEqual(['another'])
    alice.stream.settlePassword('another')
    const ended = once(alice.stream, 'ended')
    await changeElsewhere(server, 'a third', 'another')
    expect((await ended)[0]).toMatchObject({ code: 'wrong-password' })
    expect(told).toEqual(['another'])
  })

  test('of two passwords that are both refused none is tried for ever', async () => {
    const server = await startServer({ chat: true })
    const alice = await signIn(server)
    alice.stream.considerPassword('another')
    const ended = once(alice.stream, 'ended')
    await changeElsewhere(server, 'a third')
    expect((await ended)[0]).toMatchObject({ code: 'wrong-password' })
    expect(alice.events).toEqual(['interrupted', 'interrupted', 'ended wrong-password'])
  })

  /** As the messenger does it: what may not have arrived is sent anew, with the same id. */
  async function insist(watched: Watched, id: string): Promise<void> {
    const giveUp = new AbortController()
    for (;;) {
      await watched.stream.whenConnected(giveUp.signal)
      const stanza = xml('message', { to: BOB, id }, xml('body', {}, id))
      const arrived = await watched.stream.deliver(stanza).then(
        () => true,
        () => false,
      )
      if (arrived) return
    }
  }

  test.each([
    ['is resumed', 60_000],
    ['is forgotten by the server', 0],
  ])(
    'what both sides say while the connection is lost again and again arrives, where it %s',
    async (_, resumptionMs) => {
      const server = await startServer({ resumptionMs })
      const bob = await signIn(server, { jid: `bob@${DOMAIN}`, resource: 'desk' })
      useFakeTimers()
      const alice = await signIn(server)
      const ids = Array.from({ length: 240 }, (_each, number) => `m${number}`)
      const sending: Promise<void>[] = []
      for (let round = 0; round < 6; round++) {
        // Some are written, some are on their way, some come too late.
        for (const id of ids.slice(round * 40, round * 40 + 40)) sending.push(insist(alice, id))
        for (let number = 0; number < 40; number++)
          await bob.stream.send(message(ALICE, `b${round}.${number}`))
        await interrupt(server, alice)
        const back = Promise.race([once(alice.stream, 'resumed'), once(alice.stream, 'online')])
        await retry()
        await back
        // And once more, before anything was acknowledged.
        await interrupt(server, alice)
        const again = Promise.race([once(alice.stream, 'resumed'), once(alice.stream, 'online')])
        await retry()
        await again
      }
      await vi.advanceTimersByTimeAsync(1_000)
      await Promise.all(sending)
      await vi.waitFor(() => expect(new Set(bob.bodies)).toEqual(new Set(ids)))
      if (resumptionMs === 0) return
      expect(bob.bodies).toEqual(ids)
      await alice.until('b5.39')
      expect(alice.bodies).toEqual(
        Array.from({ length: 240 }, (_each, number) => `b${Math.floor(number / 40)}.${number % 40}`),
      )
      expect(alice.events).not.toContain(`online ${ALICE}`)
    },
  )

  test('without stream management a lost connection becomes a new session', async () => {
    const server = await startServer({ streamManagement: false })
    useFakeTimers()
    const alice = await signIn(server)
    await interrupt(server, alice)
    expect(server.sessions()).toEqual([])
    const online = once(alice.stream, 'online')
    await retry()
    expect(await online).toEqual([ALICE])
    expect(alice.events).toEqual(['interrupted', `online ${ALICE}`])
    expect(server.sessions()).toEqual([{ jid: ALICE, available: false, connected: true }])
  })

  test('a session that the server no longer has becomes a new one', async () => {
    const server = await startServer({ resumptionMs: 0 })
    const alice = await signIn(server)
    const bob = await signIn(server, { jid: `bob@${DOMAIN}`, resource: 'desk' })
    useFakeTimers()
    await interrupt(server, alice)
    const online = once(alice.stream, 'online')
    await retry()
    expect(await online).toEqual([ALICE])
    // The new session is counted from its own beginning, and can be resumed as well.
    await bob.stream.send(message(ALICE, 'new'))
    await alice.until('new')
    await interrupt(server, alice)
    expect(alice.events).toEqual(['interrupted', `online ${ALICE}`, 'interrupted'])
  })

  test('the same account with the same name elsewhere ends it for good', async () => {
    const server = await startServer()
    useFakeTimers()
    const former = await signIn(server)
    const ended = once(former.stream, 'ended')
    const later = await signIn(server)
    const [failure] = await ended
    expect(failure).toMatchObject({
      code: 'signed-in-elsewhere',
      message: 'The same account signed in again elsewhere with this name.',
    })
    await vi.advanceTimersByTimeAsync(600_000)
    expect(later.events).toEqual([])
    expect(server.sessions()).toEqual([{ jid: ALICE, available: false, connected: true }])
    await expect(former.stream.send(message(BOB, 'x'))).rejects.toMatchObject({
      code: 'server-connection-lost',
    })
    await expect(former.stream.whenConnected(new AbortController().signal)).rejects.toMatchObject({
      code: 'server-connection-lost',
    })
  })

  test('a server that restarts is found again', async () => {
    const server = await startServer()
    const alice = await signIn(server)
    useFakeTimers()
    const interrupted = once(alice.stream, 'interrupted')
    await server.close()
    await interrupted
    // Nobody is there for a while.
    const again = once(alice.stream, 'interrupted')
    await retry()
    await again
    await startServer({ port: server.port })
    const online = once(alice.stream, 'online')
    await vi.advanceTimersByTimeAsync(2 * FIRST_RETRY_MS)
    await online
    expect(alice.events).toEqual(['interrupted', 'interrupted', `online ${ALICE}`])
  })

  test('stopping signs out, and may be done twice', async () => {
    const server = await startServer()
    const alice = await signIn(server)
    await Promise.all([alice.stream.stop(), alice.stream.stop()])
    await alice.stream.stop()
    expect(server.sessions()).toEqual([])
    expect(alice.events).toEqual([])
    await expect(alice.stream.send(message(BOB, 'x'))).rejects.toMatchObject({
      code: 'server-connection-lost',
    })
  })
})

describe('with a server that says each word by itself', () => {
  async function startScript(): Promise<ScriptedServer> {
    const server = await ScriptedServer.start()
    opened.push(() => server[Symbol.asyncDispose]())
    return server
  }

  /** A signed-in stream and the server's end of it. */
  async function admitted({ management = false } = {}) {
    const server = await startScript()
    const signingIn = signIn(server)
    signingIn.catch(() => {})
    const connection = await server.accept()
    await connection.admit({ management })
    if (management) await enable(connection)
    return { server, connection, alice: await signingIn }
  }

  async function enable(connection: ScriptedConnection, behind = ''): Promise<void> {
    await connection.until('<enable ')
    await connection.until('/>')
    connection.write(`<enabled xmlns='urn:xmpp:sm:3' id='sm' resume='true'/>${behind}`)
  }

  /** A second connection up to the request to resume: resolves with the client's count. */
  async function resumption(connection: ScriptedConnection): Promise<string | undefined> {
    await connection.open(MECHANISMS('SCRAM-SHA-256'))
    await connection.authenticate(PASSWORD)
    await connection.open(BIND + MANAGEMENT)
    const request = (await connection.until('<resume ')) + (await connection.until('/>'))
    expect(request).toContain('previd="sm"')
    return / h="(\d+)"/.exec(request)?.[1]
  }

  const resumed = (handled: number): string => `<resumed xmlns='urn:xmpp:sm:3' previd='sm' h='${handled}'/>`
  const ASK = "<r xmlns='urn:xmpp:sm:3'/>"

  /** What the client counts. */
  async function handled(connection: ScriptedConnection): Promise<string | undefined> {
    connection.write(ASK)
    await connection.until('<a ')
    return /h="(\d+)"/.exec(await connection.until('/>'))?.[1]
  }

  test('stanzas in the same segment as <enabled/> are counted', async () => {
    const server = await startScript()
    const signingIn = signIn(server)
    const connection = await server.accept()
    await connection.admit({ management: true })
    await enable(connection, '<message/><presence/><iq type="result" id="x"/>')
    const alice = await signingIn
    expect(await handled(connection)).toBe('3')
    connection.write('<message/>')
    expect(await handled(connection)).toBe('4')
    useFakeTimers()
    const interrupted = once(alice.stream, 'interrupted')
    connection.cut()
    await interrupted
    const again = once(alice.stream, 'resumed')
    await retry()
    const second = await server.accept()
    expect(await resumption(second)).toBe('4')
    second.write(`${resumed(0)}<message/><message/>`)
    await again
    expect(await handled(second)).toBe('6')
  })

  test('stanzas in the same segment as the bound session, before <enabled/>, are not counted', async () => {
    const server = await startScript()
    const signingIn = signIn(server)
    const connection = await server.accept()
    await connection.admit({ management: true })
    connection.write('<message/><message/>')
    await enable(connection)
    await signingIn
    expect(await handled(connection)).toBe('0')
  })

  test('after a refused resumption counting begins anew', async () => {
    const { server, connection, alice } = await admitted({ management: true })
    connection.write('<message/><message/>')
    expect(await handled(connection)).toBe('2')
    useFakeTimers()
    const interrupted = once(alice.stream, 'interrupted')
    connection.cut()
    await interrupted
    const online = once(alice.stream, 'online')
    await retry()
    const second = await server.accept()
    expect(await resumption(second)).toBe('2')
    second.write(
      "<failed xmlns='urn:xmpp:sm:3'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>",
    )
    await second.bind(`alice@${DOMAIN}`)
    await enable(second, '<message/>')
    await online
    expect(await handled(second)).toBe('1')
  })

  test.each([
    ['can tell what changed in the contact list', "<ver xmlns='urn:xmpp:features:rosterver'/>", true],
    ['cannot', '', false],
    ['means something else', "<ver xmlns='urn:other'/>", false],
  ])('a server that %s says so before the session', async (_, feature, expected) => {
    const server = await ScriptedServer.start()
    opened.push(() => server[Symbol.asyncDispose]())
    const signingIn = signIn(server)
    const connection = await server.accept()
    await connection.open(MECHANISMS('SCRAM-SHA-256'))
    await connection.authenticate(PASSWORD)
    await connection.open(BIND + feature)
    await connection.bind(`alice@${DOMAIN}`)
    expect((await signingIn).stream.versionsRoster).toBe(expected)
  })

  test('what the server did not confirm is sent again once, and nothing else', async () => {
    const { server, connection, alice } = await admitted({ management: true })
    for (const body of ['one', 'two', 'three']) await alice.stream.send(message(BOB, body))
    await connection.until('three')
    useFakeTimers()
    const interrupted = once(alice.stream, 'interrupted')
    connection.cut()
    await interrupted
    const again = once(alice.stream, 'resumed')
    await retry()
    const second = await server.accept()
    await resumption(second)
    second.write(resumed(1))
    await again
    await alice.stream.send(message(BOB, 'four'))
    const text = await second.until('four')
    expect([...text.matchAll(/<body>(\w+)/g)].map(([, body]) => body)).toEqual(['two', 'three', 'four'])
  })

  describe('what is to be delivered', () => {
    const numbered = (id: string): Element => xml('message', { to: BOB, id }, xml('body', {}, id))

    /** Tells in which order deliveries ended, and how. */
    function outcomes(alice: Watched, ids: readonly string[]) {
      const ended: string[] = []
      const all = ids.map(id =>
        alice.stream.deliver(numbered(id)).then(
          () => ended.push(`${id} arrived`),
          (failure: Failure) => ended.push(`${id} ${failure.code}`),
        ),
      )
      return { ended, all: Promise.all(all) }
    }

    /** Lost, and on to the second connection up to its request to resume. */
    async function resuming(server: ScriptedServer, connection: ScriptedConnection, alice: Watched) {
      const interrupted = once(alice.stream, 'interrupted')
      connection.cut()
      await interrupted
      await retry()
      const second = await server.accept()
      await resumption(second)
      return second
    }

    test('is delivered once the server says so, and not before', async () => {
      const { connection, alice } = await admitted({ management: true })
      const { ended, all } = outcomes(alice, ['one', 'two'])
      await connection.until('<body>two</body>')
      connection.write("<a xmlns='urn:xmpp:sm:3' h='1'/><message><body>later</body></message>")
      await alice.until('later')
      expect(ended).toEqual(['one arrived'])
      connection.write("<a xmlns='urn:xmpp:sm:3' h='2'/>")
      await all
      expect(ended).toEqual(['one arrived', 'two arrived'])
    })

    test('is delivered by the resumed session', async () => {
      const { server, connection, alice } = await admitted({ management: true })
      const { ended, all } = outcomes(alice, ['one', 'two'])
      await connection.until('<body>two</body>')
      useFakeTimers()
      const second = await resuming(server, connection, alice)
      expect(ended).toEqual([])
      second.write(resumed(1))
      expect(await second.until('<body>two</body>')).not.toContain('<body>one</body>')
      second.write("<a xmlns='urn:xmpp:sm:3' h='2'/>")
      await all
      expect(ended).toEqual(['one arrived', 'two arrived'])
    })

    test.each([
      ['says nothing of it', '', ['one server-connection-lost', 'two server-connection-lost']],
      ['says how much arrived', "h='1'", ['one arrived', 'two server-connection-lost']],
      ['says nonsense', "h='x'", ['one server-connection-lost', 'two server-connection-lost']],
      ['counts too little', "h='-1'", ['one server-connection-lost', 'two server-connection-lost']],
      ['counts too much', "h='9'", ['one arrived', 'two arrived']],
    ])('with a session that a server lost that %s', async (_, attributes, expected) => {
      const { server, connection, alice } = await admitted({ management: true })
      const { ended, all } = outcomes(alice, ['one', 'two'])
      await connection.until('<body>two</body>')
      useFakeTimers()
      const second = await resuming(server, connection, alice)
      second.write(`<failed xmlns='urn:xmpp:sm:3' ${attributes}/>`)
      await all
      expect(ended).toEqual(expected)
      const online = once(alice.stream, 'online')
      await second.bind(`alice@${DOMAIN}`)
      await enable(second)
      await online
      // The new session has a queue of its own.
      const again = alice.stream.deliver(numbered('three'))
      expect(await second.until('<body>three</body>')).not.toContain('<body>one</body>')
      second.write("<a xmlns='urn:xmpp:sm:3' h='1'/>")
      await again
    })

    test.each([true, false])(
      'fails with a server that resumes nothing, and the next is delivered (stream management again: %j)',
      async management => {
        const server = await startScript()
        const signingIn = signIn(server)
        const connection = await server.accept()
        await connection.admit({ management: true })
        await connection.until('<enable ')
        await connection.until('/>')
        connection.write("<enabled xmlns='urn:xmpp:sm:3'/>")
        const alice = await signingIn
        const { ended, all } = outcomes(alice, ['one'])
        await connection.until('<body>one</body>')
        useFakeTimers()
        const interrupted = once(alice.stream, 'interrupted')
        connection.cut()
        await interrupted
        const online = once(alice.stream, 'online')
        await retry()
        const second = await server.accept()
        await second.admit({ management })
        await all
        expect(ended).toEqual(['one server-connection-lost'])
        if (management) await enable(second)
        await online
        const again = alice.stream.deliver(numbered('two'))
        expect(await second.until('<body>two</body>')).not.toContain('<body>one</body>')
        if (management) second.write("<a xmlns='urn:xmpp:sm:3' h='1'/>")
        await again
      },
    )

    test('fails when the stream is stopped, on a connection or between two', async () => {
      for (const isCut of [false, true]) {
        const { connection, alice } = await admitted({ management: true })
        const { ended, all } = outcomes(alice, ['one'])
        await connection.until('<body>one</body>')
        if (isCut) {
          const interrupted = once(alice.stream, 'interrupted')
          connection.cut()
          await interrupted
        }
        await alice.stream.stop()
        await all
        expect(ended).toEqual(['one server-connection-lost'])
      }
    })

    const write: (this: ServerSocket, data: string, done?: (error?: Error | null) => void) => void =
      Reflect.get(ServerSocket.prototype, 'write')

    /** The socket breaks instead of writing what has this text in it. */
    function breakAt(text: string): void {
      const spy = vi.spyOn(ServerSocket.prototype, 'write')
      spy.mockImplementation(function (this: ServerSocket, data, done) {
        if (!data.includes(text)) return write.call(this, data, done)
        spy.mockRestore()
        this.destroy()
        done?.(new Error('broken'))
      })
    }

    test('goes out with the resumed session where it could not even be written', async () => {
      const { server, connection, alice } = await admitted({ management: true })
      useFakeTimers()
      const interrupted = once(alice.stream, 'interrupted')
      breakAt('<body>one</body>')
      const { ended, all } = outcomes(alice, ['one'])
      await interrupted
      await connection.closed
      expect(ended).toEqual([])
      await retry()
      const second = await server.accept()
      await resumption(second)
      second.write(resumed(0))
      await second.until('<body>one</body>')
      second.write("<a xmlns='urn:xmpp:sm:3' h='1'/>")
      await all
      expect(ended).toEqual(['one arrived'])
    })

    test('fails where it could not be written, and the server acknowledges nothing', async () => {
      const { alice } = await admitted()
      breakAt('<body>one</body>')
      const { ended, all } = outcomes(alice, ['one'])
      await all
      expect(ended).toEqual(['one server-connection-lost'])
    })

    test.each([
      ['while the session is asked for', '<resume'],
      ['while that is answered', undefined],
      ['while it is sent again', '<body>two</body>'],
    ])('is delivered by the next session where the connection breaks once more, %s', async (_, text) => {
      const { server, connection, alice } = await admitted({ management: true })
      const { ended, all } = outcomes(alice, ['one', 'two', 'three'])
      await connection.until('<body>three</body>')
      useFakeTimers()
      const interrupted = once(alice.stream, 'interrupted')
      connection.cut()
      await interrupted
      const again = once(alice.stream, 'interrupted')
      if (text !== undefined) breakAt(text)
      await retry()
      const second = await server.accept()
      if (text === undefined) {
        await resumption(second)
        second.cut()
      } else if (text === '<resume') {
        await second.open(MECHANISMS('SCRAM-SHA-256'))
        await second.authenticate(PASSWORD)
        await second.open(BIND + MANAGEMENT)
      } else {
        await resumption(second)
        second.write(resumed(1))
      }
      await again
      await second.closed
      await vi.advanceTimersByTimeAsync(2 * FIRST_RETRY_MS)
      const third = await server.accept()
      await resumption(third)
      third.write(resumed(1))
      expect(await third.until('<body>three</body>')).toMatch(/two.*three/)
      third.write("<a xmlns='urn:xmpp:sm:3' h='3'/>")
      await all
      expect(ended).toEqual(['one arrived', 'two arrived', 'three arrived'])
      expect(alice.events).toEqual(['interrupted', 'interrupted', 'resumed'])
    })

    test('is delivered by a server that is quicker than our own system', async () => {
      const { connection, alice } = await admitted({ management: true })
      const held: (() => void)[] = []
      const spy = vi.spyOn(ServerSocket.prototype, 'write')
      spy.mockImplementation(function (this: ServerSocket, data, done) {
        write.call(this, data, error => held.push(() => done?.(error)))
      })
      const { ended, all } = outcomes(alice, ['one', 'two'])
      await connection.until('<body>two</body>')
      connection.write("<a xmlns='urn:xmpp:sm:3' h='2'/><message><body>later</body></message>")
      await alice.until('later')
      spy.mockRestore()
      for (const done of held) done()
      await all
      expect(ended).toEqual(['one arrived', 'two arrived'])
      // The count is right from then on, too.
      const next = outcomes(alice, ['three'])
      await connection.until('<body>three</body>')
      connection.write("<a xmlns='urn:xmpp:sm:3' h='3'/>")
      await next.all
      expect(next.ended).toEqual(['three arrived'])
    })

    test('is delivered by a server that counts too much, and so is the next', async () => {
      const { connection, alice } = await admitted({ management: true })
      const { ended, all } = outcomes(alice, ['one'])
      await connection.until('<body>one</body>')
      connection.write("<a xmlns='urn:xmpp:sm:3' h='4'/>")
      await all
      const next = outcomes(alice, ['two', 'three'])
      await connection.until('<body>three</body>')
      connection.write("<a xmlns='urn:xmpp:sm:3' h='5'/><message><body>later</body></message>")
      await alice.until('later')
      expect([...ended, ...next.ended]).toEqual(['one arrived', 'two arrived'])
      connection.write("<a xmlns='urn:xmpp:sm:3' h='6'/>")
      await next.all
    })

    test('a server that falls silent is left without a word, and the session goes on', async () => {
      const { server, connection, alice } = await admitted({ management: true })
      useFakeTimers()
      const { ended, all } = outcomes(alice, ['one'])
      await connection.until('<body>one</body>')
      await vi.advanceTimersByTimeAsync(250)
      await connection.until('<r ')
      const interrupted = once(alice.stream, 'interrupted')
      await vi.advanceTimersByTimeAsync(59_999)
      expect(alice.events).toEqual([])
      await vi.advanceTimersByTimeAsync(1)
      await interrupted
      await connection.closed
      expect(connection.received).not.toContain('</stream:stream>')
      await retry()
      const second = await server.accept()
      await resumption(second)
      second.write(resumed(1))
      await all
      expect(ended).toEqual(['one arrived'])
    })

    test('a server that says anything is not silent', async () => {
      const { connection, alice } = await admitted({ management: true })
      useFakeTimers()
      await alice.stream.send(message(BOB, 'one'))
      for (let minutes = 0; minutes < 5; minutes++) {
        await vi.advanceTimersByTimeAsync(59_000)
        const before = alice.bodies.length
        connection.write('<message><body>still here</body></message>')
        while (alice.bodies.length === before) await once(alice.stream, 'stanza')
      }
      expect(alice.events).toEqual([])
    })

    test('fails at once while the connection is away, and never goes out', async () => {
      const { server, connection, alice } = await admitted({ management: true })
      useFakeTimers()
      const interrupted = once(alice.stream, 'interrupted')
      connection.cut()
      await interrupted
      await expect(alice.stream.deliver(numbered('early'))).rejects.toMatchObject({
        code: 'server-connection-lost',
      })
      await retry()
      const second = await server.accept()
      await resumption(second)
      const back = once(alice.stream, 'resumed')
      second.write(resumed(0))
      await back
      const late = alice.stream.deliver(numbered('late'))
      expect(await second.until('<body>late</body>')).not.toContain('early')
      second.write("<a xmlns='urn:xmpp:sm:3' h='1'/>")
      await late
    })
  })

  describe('connecting anew at once', () => {
    test('drops a connection that looks alive, and waits for nothing', async () => {
      const { server, connection, alice } = await admitted({ management: true })
      vi.spyOn(Math, 'random').mockReturnValue(0.5)
      useFakeTimers()
      const interrupted = once(alice.stream, 'interrupted')
      alice.stream.reconnectNow()
      await interrupted
      await connection.closed
      await vi.advanceTimersByTimeAsync(0)
      const second = await server.accept()
      await resumption(second)
      const back = once(alice.stream, 'resumed')
      second.write(resumed(0))
      await back
    })

    test('does not wait for the next attempt', async () => {
      const { server, connection, alice } = await admitted()
      useFakeTimers()
      const interrupted = once(alice.stream, 'interrupted')
      connection.cut()
      await interrupted
      alice.stream.reconnectNow()
      await vi.advanceTimersByTimeAsync(0)
      const online = once(alice.stream, 'online')
      await (await server.accept()).admit()
      await online
      // The attempt that was waiting for its time is not made as well.
      await vi.advanceTimersByTimeAsync(60_000)
      expect(server.connections).toBe(2)
    })

    test('drops an attempt that hangs in a network which is gone', async () => {
      const { server, connection, alice } = await admitted()
      useFakeTimers()
      const interrupted = once(alice.stream, 'interrupted')
      connection.cut()
      await interrupted
      await retry()
      const hanging = await server.accept()
      const again = once(alice.stream, 'interrupted')
      alice.stream.reconnectNow()
      alice.stream.reconnectNow()
      await again
      await hanging.closed
      await vi.advanceTimersByTimeAsync(0)
      const online = once(alice.stream, 'online')
      await (await server.accept()).admit()
      await online
      await vi.advanceTimersByTimeAsync(60_000)
      expect(server.connections).toBe(3)
    })

    test('is nothing after the end', async () => {
      const { server, alice } = await admitted()
      await alice.stream.stop()
      alice.stream.reconnectNow()
      expect(server.connections).toBe(1)
    })
  })

  test('a connection that is lost before stream management is answered announces no session', async () => {
    const server = await startScript()
    const signingIn = signIn(server)
    const first = await server.accept()
    await first.admit({ management: true })
    await enable(first)
    const alice = await signingIn
    useFakeTimers()
    const lost = async (connection: ScriptedConnection): Promise<void> => {
      const interrupted = once(alice.stream, 'interrupted')
      connection.cut()
      await interrupted
    }
    await lost(first)
    await retry()
    const second = await server.accept()
    await resumption(second)
    second.write("<failed xmlns='urn:xmpp:sm:3'/>")
    await second.bind(`alice@${DOMAIN}`)
    await second.until('<enable ')
    await lost(second)
    const online = once(alice.stream, 'online')
    await vi.advanceTimersByTimeAsync(2 * FIRST_RETRY_MS)
    const third = await server.accept()
    await third.admit({ management: true })
    await enable(third)
    await online
    await vi.advanceTimersByTimeAsync(10_000)
    expect(alice.events).toEqual(['interrupted', 'interrupted', `online ${ALICE}`])
  })

  test.each([1, 3])('characters that come in pieces of %i bytes survive', async size => {
    const { connection, alice } = await admitted()
    const read = once(alice.stream, 'stanza')
    const text = '🚰 é 漢字 🏳️‍🌈 &amp; <![CDATA[<🚰>]]>'
    const bytes = Buffer.from(`<message from='bob@${DOMAIN}/🛋'><body>${text}</body></message>`)
    for (let start = 0; start < bytes.length; start += size) {
      await connection.writeAlone(bytes.subarray(start, start + size))
    }
    const [stanza] = await read
    expect(stanza.getChildText('body')).toBe('🚰 é 漢字 🏳️‍🌈 & <🚰>')
    expect(stanza.attrs.from).toBe(`bob@${DOMAIN}/🛋`)
  })

  test('a stanza without an end is cut off, and the connection made anew', async () => {
    const { server, connection, alice } = await admitted()
    useFakeTimers()
    const interrupted = once(alice.stream, 'interrupted')
    const block = 'x'.repeat(64 * 1024)
    connection.write('<message><body>')
    for (let sent = 0; sent <= 4 * 1024 * 1024; sent += block.length) connection.write(block)
    await interrupted
    await connection.closed
    await retry()
    await server.accept()
  })

  test('many stanzas may have more characters together than one', async () => {
    const { connection, alice } = await admitted()
    const body = 'x'.repeat(1024 * 1024)
    for (let count = 0; count < 6; count++) connection.write(`<message><body>${body}</body></message>`)
    connection.write('<message><body>last</body></message>')
    await alice.until('last')
    expect(alice.bodies).toHaveLength(7)
    expect(alice.events).toEqual([])
  })

  test('deep XML does no harm', async () => {
    const { connection, alice } = await admitted()
    const depth = 50_000
    connection.write(`<message>${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}</message>`)
    connection.write(
      `<iq type='get' id='1' from='bob@${DOMAIN}'>${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}</iq>`,
    )
    connection.write(
      `<iq type='get' id='2' from='bob@${DOMAIN}'>${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}<b/></iq>`,
    )
    connection.write('<message><body>last</body></message>')
    await alice.until('last')
    expect(alice.events).toEqual([])
  })

  test.each(['@', '/', 'a@', '@/x'])(
    'a stanza from “%s” crashes nothing, and is not asked for again',
    async from => {
      const { server, connection, alice } = await admitted({ management: true })
      useFakeTimers()
      const seen: Element[] = []
      alice.stream.on('stanza', stanza => seen.push(stanza))
      const interrupted = once(alice.stream, 'interrupted')
      connection.write(`<message from='${from}'/>`)
      await interrupted
      await connection.closed
      expect(seen).toEqual([])
      await retry()
      expect(await resumption(await server.accept())).toBe('1')
    },
  )

  test.each([
    ['that is no XML', '</a></b>'],
    ['of tags that do not match', '<message><a></b></message>'],
    ['with an entity that nobody knows', '<message>&oops;</message>'],
    ['that is an error without a condition', '<stream:error/>'],
    ['of stream management that counts too much', "<a xmlns='urn:xmpp:sm:3' h='4294967295'/></x>"],
  ])('a word %s interrupts, and the connection is made anew', async (_, text) => {
    const { server, connection, alice } = await admitted({ management: true })
    useFakeTimers()
    const interrupted = once(alice.stream, 'interrupted')
    connection.write(text)
    await interrupted
    await connection.closed
    await retry()
    await server.accept()
    expect(alice.events).toEqual(['interrupted'])
  })

  test('a server that ends its stream gets the end of ours, and the connection is made anew', async () => {
    const { server, connection, alice } = await admitted()
    connection.polite = false
    useFakeTimers()
    const interrupted = once(alice.stream, 'interrupted')
    connection.write('</stream:stream>')
    await connection.until('</stream:stream>')
    await interrupted
    await retry()
    await server.accept()
  })

  test('another host that the server names is not gone to', async () => {
    const elsewhere = await startScript()
    const { server, connection, alice } = await admitted()
    useFakeTimers()
    const interrupted = once(alice.stream, 'interrupted')
    connection.write(
      `<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>` +
        `127.0.0.1:${elsewhere.port}</see-other-host></stream:error></stream:stream>`,
    )
    await interrupted
    await retry()
    await server.accept()
    expect(elsewhere.connections).toBe(0)
  })

  test.each([
    [
      'does not accept the password any more',
      'wrong-password',
      async (connection: ScriptedConnection) => {
        await connection.open(MECHANISMS('SCRAM-SHA-256'))
        await connection.auth()
        connection.write(`<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>`)
      },
    ],
    [
      'says that somebody else took the name',
      'signed-in-elsewhere',
      async (connection: ScriptedConnection) => {
        await connection.admit()
        connection.write(
          `<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>`,
        )
      },
    ],
  ] as const)('a server that %s is not asked again', async (_, code, answer) => {
    const { server, connection, alice } = await admitted()
    useFakeTimers()
    const interrupted = once(alice.stream, 'interrupted')
    connection.cut()
    await interrupted
    const ended = once(alice.stream, 'ended')
    await retry()
    const second = await server.accept()
    await answer(second)
    const [failure] = await ended
    expect(failure.code).toBe(code)
    await second.closed
    await vi.advanceTimersByTimeAsync(600_000)
    expect(server.connections).toBe(2)
    expect(vi.getTimerCount()).toBe(0)
  })

  test.each([
    ['a certificate that nobody signed', 'certificate-not-trusted'],
    ['no encryption', 'not-encrypted'],
  ] as const)('a server that comes back with %s is not asked again', async (_, code) => {
    const ca = await createCertificateAuthority()
    const certificate = await ca.issue({ names: [DOMAIN] })
    const server = await startScript()
    const signingIn = signIn(server, { tls: 'required', ca: ca.caPem })
    const connection = await server.accept()
    await connection.startTls(certificate)
    await connection.admit()
    const alice = await signingIn
    useFakeTimers()
    const interrupted = once(alice.stream, 'interrupted')
    connection.cut()
    await interrupted
    const ended = once(alice.stream, 'ended')
    await retry()
    const second = await server.accept()
    if (code === 'not-encrypted') await second.open(MECHANISMS('PLAIN'))
    else {
      const other = await createCertificateAuthority()
      await Promise.race([second.startTls(await other.issue({ names: [DOMAIN] })).catch(() => {}), ended])
    }
    const [failure] = await ended
    expect(failure.code).toBe(code)
    await vi.advanceTimersByTimeAsync(600_000)
    expect(server.connections).toBe(2)
    expect(second.received).not.toContain('<auth')
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
  ])('a server that comes back and falls silent %s is tried again', async (_, upTo) => {
    const { server, connection, alice } = await admitted()
    useFakeTimers()
    const interrupted = once(alice.stream, 'interrupted')
    connection.cut()
    await interrupted
    await retry()
    const second = await server.accept()
    await upTo(second)
    const again = once(alice.stream, 'interrupted')
    await vi.advanceTimersByTimeAsync(30_000)
    await again
    await second.closed
    const online = once(alice.stream, 'online')
    await vi.advanceTimersByTimeAsync(2 * FIRST_RETRY_MS)
    const third = await server.accept()
    await third.admit()
    await online
    // The limit was for the attempt, not for the session.
    await vi.advanceTimersByTimeAsync(60_000)
    expect(alice.events).toEqual(['interrupted', 'interrupted', `online ${ALICE}`])
  })

  test('the waits double up to a minute, and begin anew after a success', async () => {
    const { server, connection, alice } = await admitted()
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
    useFakeTimers()
    let current = connection
    const lose = async (): Promise<void> => {
      const interrupted = once(alice.stream, 'interrupted')
      current.cut()
      await interrupted
    }
    await lose()
    for (const waitMs of [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) {
      const before = server.connections
      await vi.advanceTimersByTimeAsync(waitMs - 1)
      expect(server.connections).toBe(before)
      await vi.advanceTimersByTimeAsync(1)
      current = await server.accept()
      await lose()
    }
    await vi.advanceTimersByTimeAsync(60_000)
    current = await server.accept()
    const online = once(alice.stream, 'online')
    await current.admit()
    await online
    await lose()
    await vi.advanceTimersByTimeAsync(1_000)
    await server.accept()
  })

  test('nothing can be sent while the connection is away, nor on one that is only being signed in', async () => {
    const { server, connection, alice } = await admitted()
    useFakeTimers()
    const lost = {
      code: 'server-connection-lost',
      message: 'The connection to the server is down right now.',
    }
    const interrupted = once(alice.stream, 'interrupted')
    connection.cut()
    await interrupted
    await expect(alice.stream.send(message(BOB, 'early'))).rejects.toMatchObject(lost)
    const online = once(alice.stream, 'online')
    await retry()
    const second = await server.accept()
    await second.open(MECHANISMS('SCRAM-SHA-256'))
    await expect(alice.stream.send(message(BOB, 'early'))).rejects.toMatchObject(lost)
    await second.authenticate(PASSWORD)
    await second.open(BIND)
    await expect(alice.stream.send(message(BOB, 'early'))).rejects.toMatchObject(lost)
    await second.bind(`alice@${DOMAIN}`)
    await online
    await alice.stream.send(message(BOB, 'late'))
    expect(await second.until('late')).not.toContain('early')
  })

  describe('waiting for the connection', () => {
    test('is over at once while it is there', async () => {
      const { alice } = await admitted()
      await alice.stream.whenConnected(new AbortController().signal)
    })

    test('is over when it is back', async () => {
      const { server, connection, alice } = await admitted()
      useFakeTimers()
      const interrupted = once(alice.stream, 'interrupted')
      connection.cut()
      await interrupted
      const waiting = alice.stream.whenConnected(new AbortController().signal)
      await retry()
      await (await server.accept()).admit()
      await waiting
      await alice.stream.send(message(BOB, 'x'))
    })

    test('is given up by its signal', async () => {
      const { connection, alice } = await admitted()
      const interrupted = once(alice.stream, 'interrupted')
      connection.cut()
      await interrupted
      const controller = new AbortController()
      const waiting = alice.stream.whenConnected(controller.signal)
      const reason = new Error('enough')
      controller.abort(reason)
      await expect(waiting).rejects.toBe(reason)
    })

    test('fails when the stream is stopped or ends', async () => {
      const { connection, alice } = await admitted()
      const interrupted = once(alice.stream, 'interrupted')
      connection.cut()
      await interrupted
      const waiting = alice.stream.whenConnected(new AbortController().signal)
      await alice.stream.stop()
      await expect(waiting).rejects.toMatchObject({ code: 'server-connection-lost' })
    })
  })

  describe('stopping', () => {
    test('ends the stream before the connection', async () => {
      const { connection, alice } = await admitted({ management: true })
      await alice.stream.stop()
      await connection.closed
      expect(connection.received).toMatch(/<a [^>]*h="0"\/><\/stream:stream>$/)
    })

    test('leaves no timer, even with a server that does not answer it', async () => {
      const { server, connection, alice } = await admitted({ management: true })
      connection.polite = false
      useFakeTimers()
      await alice.stream.send(message(BOB, 'x'))
      const stopping = alice.stream.stop()
      await connection.until('</stream:stream>')
      await vi.advanceTimersByTimeAsync(1_000)
      await stopping
      await connection.closed
      expect(vi.getTimerCount()).toBe(0)
      expect(alice.events).toEqual([])
      expect(server.connections).toBe(1)
    })

    test('between two attempts ends them', async () => {
      const { server, connection, alice } = await admitted({ management: true })
      useFakeTimers()
      const interrupted = once(alice.stream, 'interrupted')
      connection.cut()
      await interrupted
      await alice.stream.stop()
      expect(vi.getTimerCount()).toBe(0)
      await vi.advanceTimersByTimeAsync(600_000)
      expect(server.connections).toBe(1)
      expect(alice.events).toEqual(['interrupted'])
    })

    test('in the middle of an attempt ends it', async () => {
      const { server, connection, alice } = await admitted({ management: true })
      useFakeTimers()
      const interrupted = once(alice.stream, 'interrupted')
      connection.cut()
      await interrupted
      await retry()
      const second = await server.accept()
      second.polite = false
      await second.open(MECHANISMS('SCRAM-SHA-256'))
      await second.auth()
      const stopping = alice.stream.stop()
      await vi.advanceTimersByTimeAsync(1_000)
      await stopping
      await second.closed
      expect(vi.getTimerCount()).toBe(0)
      await vi.advanceTimersByTimeAsync(600_000)
      expect(server.connections).toBe(2)
      expect(alice.events).toEqual(['interrupted'])
    })

    test('lets the process end by itself', { timeout: 15_000 }, async () => {
      const server = await startScript()
      const url = new URL('../../main/xmpp/stream.ts', import.meta.url)
      const program = `
        import { XmppStream } from ${JSON.stringify(url.href)}
        const stream = await XmppStream.signIn({
          jid: 'alice@${DOMAIN}', password: '${PASSWORD}', resource: 'sofa', tls: 'off',
          server: { host: '127.0.0.1', port: ${server.port} },
        })
        await stream.stop()`
      const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' })
      opened.push(async () => child.kill())
      const exited = once(child, 'exit')
      const connection = await server.accept()
      connection.polite = false
      await connection.admit({ management: true })
      await enable(connection)
      expect(await exited).toEqual([0, null])
    })
  })
})
