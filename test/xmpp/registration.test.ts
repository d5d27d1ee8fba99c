import { afterEach, describe, expect, test, vi } from 'vitest'
import { Registration, type RegistrationPlace } from '../../main/xmpp/registration.ts'
import { createCertificateAuthority } from '../support/certificates.ts'
import { HEADER, type ScriptedConnection, ScriptedServer } from './scripted-server.ts'

const DOMAIN = 'plumb.test'
const NS = 'jabber:iq:register'
const FEATURE = "<register xmlns='http://jabber.org/features/iq-register'/>"
const FIELDS = '<instructions>Welcome.</instructions><username/><password/>'
const HOLD_MS = 10 * 60_000

const opened: AsyncDisposable[] = []
afterEach(async () => {
  vi.useRealTimers()
  for (const each of opened.splice(0).reverse()) await each[Symbol.asyncDispose]()
})

async function start(more: Partial<RegistrationPlace> = {}) {
  const server = await ScriptedServer.start()
  opened.push(server)
  const { host, port } = server
  const place: RegistrationPlace = { domain: DOMAIN, server: { host, port }, tls: 'off', ...more }
  return { server, place }
}

/** The id of the next iq, with all of it. */
async function nextIq(connection: ScriptedConnection): Promise<{ id: string; text: string }> {
  const text = await connection.until('</iq>')
  return { id: /id="([^"]*)"/.exec(text)?.[1] ?? '', text: text.slice(text.indexOf('<iq')) }
}

const result = (id: string, inside = '', from = ''): string =>
  `<iq type='result' id='${id}' ${from}>${inside}</iq>`
const error = (id: string, condition: string, text = ''): string =>
  `<iq type='error' id='${id}'><error type='cancel'><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>` +
  `${text === '' ? '' : `<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>${text}</text>`}</error></iq>`
const query = (inside: string): string => `<query xmlns='${NS}'>${inside}</query>`

/** A registration that has its form, and the connection that it came by. */
async function open(inside = FIELDS, features = FEATURE) {
  const { server, place } = await start()
  const opening = Registration.open(place)
  const connection = await server.accept()
  await connection.open(features)
  const question = await nextIq(connection)
  connection.write(result(question.id, query(inside)))
  const registration = await opening
  opened.push({ [Symbol.asyncDispose]: () => registration.close() })
  return { server, place, connection, registration, question }
}

/** A question that the server answers in this way, without having opened anything before. */
async function ask(answer: (connection: ScriptedConnection, id: string) => void): Promise<Registration> {
  const { server, place } = await start()
  const opening = Registration.open(place)
  opening.catch(() => {})
  const connection = await server.accept()
  await connection.open('')
  answer(connection, (await nextIq(connection)).id)
  return await opening
}

const answers = (username = 'bill', password = 'Calliope') =>
  new Map([
    ['username', [username]],
    ['password', [password]],
  ])

describe('a new account', () => {
  test('is made with the answers to what was asked, and the connection ended', async () => {
    const { connection, registration, question, server } = await open()
    expect(question.text).toBe(
      `<iq type="get" id="${question.id}" to="plumb.test"><query xmlns="${NS}"/></iq>`,
    )
    expect(registration.offer).toMatchObject({ kind: 'form', form: { instructions: 'Welcome.' } })
    const submitting = registration.submit(answers())
    const submission = await nextIq(connection)
    expect(submission.text).toContain(
      `<query xmlns="${NS}"><username>bill</username><password>Calliope</password></query>`,
    )
    connection.write(result(submission.id))
    expect(await submitting).toBe('bill@plumb.test')
    await connection.until('</stream:stream>')
    await connection.closed
    expect(server.connections).toBe(1)
    await expect(registration.renew()).rejects.toMatchObject({ code: 'cancelled' })
  })

  test('is asked for also where nothing announces that there are any', async () => {
    const { registration } = await open(FIELDS, '')
    expect(registration.offer.kind).toBe('form')
  })

  test('without a name of its own has an address that nobody knows', async () => {
    const { connection, registration } = await open('<email/>')
    const submitting = registration.submit(new Map([['email', ['bard@shakespeare.lit']]]))
    connection.write(result((await nextIq(connection)).id))
    expect(await submitting).toBeUndefined()
  })

  test('is made at a second try on the same connection', async () => {
    const { connection, registration, server } = await open()
    const first = registration.submit(answers('Bill'))
    connection.write(error((await nextIq(connection)).id, 'conflict'))
    await expect(first).rejects.toMatchObject({
      code: 'name-taken',
      message: '“Bill” is taken at plumb.test: choose another name.',
    })
    const second = registration.submit(answers('will'))
    connection.write(result((await nextIq(connection)).id))
    expect(await second).toBe('will@plumb.test')
    expect(server.connections).toBe(1)
  })

  test('is asked for anew where the letters were read wrongly', async () => {
    const { connection, registration } = await open('<username/><password/><key>one</key>')
    const first = registration.submit(answers())
    connection.write(
      error((await nextIq(connection)).id, 'not-allowed', 'The CAPTCHA verification has failed'),
    )
    await expect(first).rejects.toMatchObject({ code: 'registration-refused' })
    const renewing = registration.renew()
    connection.write(result((await nextIq(connection)).id, query('<username/><password/><key>two</key>')))
    await renewing
    const second = registration.submit(answers())
    const { id, text } = await nextIq(connection)
    expect(text).toContain('<key>two</key>')
    connection.write(result(id))
    await second
  })

  test('is made over another connection where the server did not wait for the person', async () => {
    const { connection, registration, server } = await open()
    connection.write(
      "<stream:error><connection-timeout xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>",
    )
    await connection.closed
    const submitting = registration.submit(answers())
    const next = await server.accept()
    await next.open(FEATURE)
    next.write(result((await nextIq(next)).id))
    expect(await submitting).toBe('bill@plumb.test')
  })

  test('is waited for ten minutes, and can be made afterwards', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { connection, registration, server } = await open()
    await vi.advanceTimersByTimeAsync(HOLD_MS - 1)
    expect(connection.received).toBe('')
    await vi.advanceTimersByTimeAsync(1)
    await connection.until('</stream:stream>')
    await connection.closed
    vi.useRealTimers()
    const submitting = registration.submit(answers())
    const next = await server.accept()
    await next.open(FEATURE)
    next.write(result((await nextIq(next)).id))
    expect(await submitting).toBe('bill@plumb.test')
  })

  test('is made once, however often somebody clicks', async () => {
    const { connection, registration } = await open()
    const submitting = registration.submit(answers())
    await expect(registration.submit(answers())).rejects.toMatchObject({ code: 'not-allowed' })
    await expect(registration.renew()).rejects.toMatchObject({ code: 'not-allowed' })
    connection.write(result((await nextIq(connection)).id))
    await submitting
  })

  test.each([
    ['a name with a domain', answers('bill@evil.test'), 'This name cannot be a part'],
    ['a name with a resource', answers('bill/x'), 'This name cannot be a part'],
    ['a name with a space', answers('bill gates'), 'This name cannot be a part'],
    ['a name that turns around', answers('bill\u202e'), 'This name cannot be a part'],
    ['no name', answers(''), 'This name cannot be a part'],
    ['an endless name', answers('b'.repeat(4_000)), 'This name cannot be a part'],
    ['no password', answers('bill', ''), 'An account needs a password'],
    ['a password that programs change', answers('bill', 'a\u00a0b'), 'This password has a character'],
    ['an answer too few', new Map([['username', ['bill']]]), '“password” has to be filled in.'],
  ])('with %s is not asked for', async (_, given, message) => {
    const { connection, registration } = await open()
    await expect(registration.submit(given)).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining(message),
    })
    expect(connection.received).toBe('')
  })

  test.each([
    ['conflict', 'name-taken', /^“bill” is taken/],
    ['not-acceptable', 'registration-refused', /\(not-acceptable\): check what you filled in, or/],
    ['not-allowed', 'registration-refused', /\(not-allowed\): choose another name or another server\.$/],
    ['resource-constraint', 'registration-refused', /\(resource-constraint\): try again later\.$/],
    ['bad-request', 'registration-refused', /\(bad-request\): check what you filled in, or/],
  ])('that the server refuses with %s tells what to do', async (condition, code, message) => {
    const { connection, registration } = await open()
    const submitting = registration.submit(answers())
    connection.write(error((await nextIq(connection)).id, condition))
    await expect(submitting).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  test.each([
    ['a reason', 'Too&#10;weak.', /^plumb\.test did not create the account\. It says: “Too weak\.”$/],
    ['harmful signs', 'exe&#x202e;fdp', /says: “exefdp”$/],
    ['an endless reason', 'w'.repeat(100_000), /^.{300,400}…”$/],
  ])('that the server refuses with %s shows it, made harmless', async (_, text, message) => {
    const { connection, registration } = await open()
    const submitting = registration.submit(answers())
    connection.write(error((await nextIq(connection)).id, 'not-acceptable', text))
    await expect(submitting).rejects.toMatchObject({
      code: 'registration-refused',
      message: expect.stringMatching(message),
    })
  })

  test('is not taken for made when the connection is lost first', async () => {
    const { connection, registration } = await open()
    const submitting = registration.submit(answers())
    await nextIq(connection)
    connection.cut()
    await expect(submitting).rejects.toMatchObject({ fault: 'unreachable' })
  })

  test('is not taken for made by the answer of somebody else', async () => {
    const { connection, registration } = await open()
    const submitting = registration.submit(answers())
    const { id } = await nextIq(connection)
    connection.write(result(id, '', "from='evil.test'") + result('other') + result(id, '', "from='@'"))
    connection.write(error(id, 'conflict'))
    await expect(submitting).rejects.toMatchObject({ code: 'name-taken' })
  })
})

describe('a server', () => {
  test.each([
    'service-unavailable',
    'feature-not-implemented',
    'not-allowed',
    'forbidden',
    'not-authorized',
    'item-not-found',
  ])('that answers with %s creates no accounts', async condition => {
    const registration = await ask((connection, id) => connection.write(error(id, condition)))
    expect(registration.offer).toEqual({ kind: 'closed' })
    await expect(registration.submit(answers())).rejects.toMatchObject({ code: 'registration-closed' })
  })

  test('that ends the stream at the question creates no accounts', async () => {
    const registration = await ask(connection =>
      connection.write(
        "<stream:error><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
      ),
    )
    expect(registration.offer).toEqual({ kind: 'closed' })
  })

  test('that answers with something else creates no accounts', async () => {
    const registration = await ask((connection, id) =>
      connection.write(result(id, "<query xmlns='urn:other'><username/></query>")),
    )
    expect(registration.offer).toEqual({ kind: 'closed' })
  })

  test.each([
    ['deep', `${'<a>'.repeat(50_000)}${'</a>'.repeat(50_000)}`],
    ['wide', "<field var='f'/>".repeat(100_000)],
    ['long', `<instructions>${'i'.repeat(1_000_000)}</instructions>`],
  ])('whose question is too %s is asked no less', async (_, inside) => {
    const registration = await ask((connection, id) =>
      connection.write(result(id, query(`<x xmlns='jabber:x:data' type='form'>${inside}</x><username/>`))),
    )
    opened.push({ [Symbol.asyncDispose]: () => registration.close() })
    expect(registration.offer.kind).toBe('form')
  })

  test('whose stanza never ends is left', async () => {
    const asking = ask((connection, id) => connection.write(result(id, query('<a/>'.repeat(2_000_000)))))
    await expect(asking).rejects.toMatchObject({ code: 'sign-in-failed' })
  })

  test('that wants it done at a page says where, and is left alone', async () => {
    const { connection, registration } = await open(
      "<x xmlns='jabber:x:oob'><url>https://plumb.test/join</url></x>",
    )
    expect(registration.offer).toEqual({
      kind: 'elsewhere',
      url: 'https://plumb.test/join',
      instructions: '',
    })
    await connection.closed
  })

  test('that asks questions itself gets no answers, which could pile up here', async () => {
    let asked: ScriptedConnection | undefined
    const registration = await ask((connection, id) => {
      asked = connection
      const ping = "<iq type='get' id='p1'><ping xmlns='urn:xmpp:ping'/></iq>"
      connection.write(ping + result(id, query(FIELDS)))
    })
    if (asked === undefined) throw new Error('nobody asked')
    const submitting = registration.submit(answers())
    const { id, text } = await nextIq(asked)
    expect(text).toContain('<username>bill</username>')
    asked.write(result(id))
    await submitting
  })

  test('that has too many new accounts says so', async () => {
    const asking = ask((connection, id) => connection.write(error(id, 'resource-constraint')))
    await expect(asking).rejects.toMatchObject({ code: 'registration-refused' })
  })

  test.each([
    ['host-unknown', 'server-not-found'],
    ['see-other-host', 'sign-in-failed'],
    ['undefined-condition', 'server-connection-lost'],
  ])('that ends the stream with %s is one that cannot be asked', async (condition, code) => {
    const { server, place } = await start()
    const opening = Registration.open(place)
    opening.catch(() => {})
    const connection = await server.accept()
    await connection.until('xmlns:stream=')
    connection.write(
      `${HEADER()}<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>`,
    )
    await expect(opening).rejects.toMatchObject({ code })
    await connection.closed
  })

  test.each([
    ['is no XMPP', '<html></body>', 'sign-in-failed'],
    ['ends at once', `${HEADER()}</stream:stream>`, 'server-connection-lost'],
  ])('whose answer %s cannot be asked', async (_, text, code) => {
    const { server, place } = await start()
    const opening = Registration.open(place)
    opening.catch(() => {})
    const connection = await server.accept()
    connection.write(text)
    await expect(opening).rejects.toMatchObject({ code })
    await connection.closed
  })

  test('that says nothing is not waited for', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { server, place } = await start()
    const opening = Registration.open(place)
    opening.catch(() => {})
    const connection = await server.accept()
    await connection.until('xmlns:stream=')
    await vi.advanceTimersByTimeAsync(30_000)
    await expect(opening).rejects.toMatchObject({ code: 'sign-in-timed-out' })
    await connection.closed
  })

  test('that offers no encryption is asked nothing', async () => {
    const { server, place } = await start({ tls: 'required' })
    const opening = Registration.open(place)
    opening.catch(() => {})
    const connection = await server.accept()
    await connection.open(FEATURE)
    await expect(opening).rejects.toMatchObject({ code: 'not-encrypted' })
    await connection.closed
    expect(connection.received).not.toContain('iq')
  })

  test('is asked inside TLS only, and what was said before it counts for nothing', async () => {
    const ca = await createCertificateAuthority()
    const certificate = await ca.issue({ names: [DOMAIN] })
    const { server, place } = await start({ tls: 'required', ca: ca.caPem })
    const opening = Registration.open(place)
    const connection = await server.accept()
    await connection.startTls(certificate, `<iq type='set' id='evil'>${query('<username/>')}</iq>`)
    await connection.open(FEATURE)
    const { id } = await nextIq(connection)
    connection.write(result(id, query(FIELDS)))
    const registration = await opening
    expect(registration.offer.kind).toBe('form')
    await registration.close()
  })
})

describe('giving it up', () => {
  test('closes the connection, whatever is under way', async () => {
    const { connection, registration } = await open()
    const submitting = registration.submit(answers())
    submitting.catch(() => {})
    await nextIq(connection)
    await registration.close()
    await expect(submitting).rejects.toMatchObject({ code: 'server-connection-lost' })
    await connection.closed
    await expect(registration.submit(answers())).rejects.toMatchObject({ code: 'cancelled' })
    await registration.close()
  })

  test.each(['before', 'while the server is silent', 'while the question waits'])(
    'by a signal %s',
    async when => {
      const { server, place } = await start()
      const control = new AbortController()
      const reason = new Error('given up')
      if (when === 'before') control.abort(reason)
      const opening = Registration.open(place, control.signal)
      opening.catch(() => {})
      if (when !== 'before') {
        const connection = await server.accept()
        if (when === 'while the question waits') {
          await connection.open('')
          await nextIq(connection)
        } else await connection.until('xmlns:stream=')
        control.abort(reason)
        await expect(opening).rejects.toBe(reason)
        await connection.closed
      }
      await expect(opening).rejects.toBe(reason)
    },
  )

  test('does not hang on a server that does not end its stream', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { connection, registration } = await open()
    connection.polite = false
    const closing = registration.close()
    await connection.until('</stream:stream>')
    await vi.advanceTimersByTimeAsync(1_000)
    await closing
    await connection.closed
  })
})
