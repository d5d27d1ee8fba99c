import { once } from 'node:events'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { IqError, type IqRequest, IqRouter } from '../../main/xmpp/iq.ts'
import { type Element, stanzaError, xml } from '../../main/xmpp/stanza.ts'
import { XmppStream } from '../../main/xmpp/stream.ts'
import { Failure } from '../../shared/model/failure.ts'
import { FakeTransport, OWN } from './fake-transport.ts'
import { ScriptedServer } from './scripted-server.ts'

const BOB = 'bob@plumb.test/desk'
const NS = 'urn:question'
const question = (): Element => xml('question', { xmlns: NS })

/** Whether a promise has settled by now, without waiting for it. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol('open')
  const outcome = await Promise.race([
    promise.then(
      () => undefined,
      () => undefined,
    ),
    new Promise(resolve => setImmediate(resolve, open)),
  ])
  return outcome !== open
}

describe('N7 a reply', () => {
  async function asked(to: string | undefined) {
    const transport = new FakeTransport()
    const answer = transport.iq.request('get', to, question())
    answer.catch(() => {})
    const request = await transport.nth(1)
    return { transport, answer, id: String(request.attrs['id']) }
  }

  test('with the id from the full JID that was asked is the answer', async () => {
    const { transport, answer, id } = await asked(BOB)
    expect(transport.sent.map(String)).toEqual([
      `<iq type="get" id="${id}" to="${BOB}"><question xmlns="${NS}"/></iq>`,
    ])
    transport.receive(`<iq type='result' id='${id}' from='${BOB}'><answer xmlns='${NS}'>42</answer></iq>`)
    expect((await answer).getChildText('answer')).toBe('42')
  })

  test('from the same JID written in another case is the answer', async () => {
    const { transport, answer, id } = await asked('Bob@PLUMB.test/Desk')
    transport.receive(`<iq type='result' id='${id}' from='BOB@plumb.TEST/Desk'/>`)
    await answer
  })

  test.each([
    ['a stranger', 'mallory@evil.test/x'],
    ['the bare JID', 'bob@plumb.test'],
    ['another resource of the same account', 'bob@plumb.test/phone'],
    ['a resource in another case', 'bob@plumb.test/DESK'],
    ['the same name at another server', 'bob@evil.test/desk'],
    ['the server', 'plumb.test'],
    ['the own account', 'alice@plumb.test'],
    ['ourselves', OWN],
    ['nobody', undefined],
    ['an empty address', ''],
    ['an address that is none', '@'],
    ['an address with the true one inside', `${BOB}/x`],
  ])('from %s is none, whatever it says', async (_, from) => {
    for (const type of ['result', 'error']) {
      const { transport, answer, id } = await asked(BOB)
      const sender = from === undefined ? '' : `from='${from}'`
      transport.receive(
        `<iq type='${type}' id='${id}' ${sender}><error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>`,
      )
      expect(await isSettled(answer)).toBe(false)
      // The true one still arrives.
      transport.receive(`<iq type='result' id='${id}' from='${BOB}'/>`)
      await answer
    }
  })

  test.each(['', 'other', undefined])('with the id %j is none', async id => {
    const { transport, answer } = await asked(BOB)
    transport.receive(`<iq type='result' ${id === undefined ? '' : `id='${id}'`} from='${BOB}'/>`)
    expect(await isSettled(answer)).toBe(false)
  })

  test('counts once', async () => {
    const { transport, answer, id } = await asked(BOB)
    transport.receive(`<iq type='result' id='${id}' from='${BOB}'><a xmlns='urn:first'/></iq>`)
    transport.receive(`<iq type='error' id='${id}' from='${BOB}'><error/></iq>`)
    expect((await answer).getChild('a', 'urn:first')).toBeDefined()
    // The id is free again: what comes later is a stray error.
    transport.receive(`<iq type='error' id='${id}' from='${BOB}'><error/></iq>`)
    expect(transport.stray.at(-1)?.from).toBe(BOB)
  })

  test.each([
    ['our account', undefined, [undefined, 'alice@plumb.test', OWN, 'plumb.test']],
    ['our account by its address', 'alice@plumb.test', [undefined, 'alice@plumb.test', OWN, 'plumb.test']],
    ['our server', 'plumb.test', [undefined, 'plumb.test']],
  ])('for %s may leave its address out', async (_, to, senders) => {
    for (const from of senders) {
      const { transport, answer, id } = await asked(to)
      transport.receive(`<iq type='result' id='${id}' ${from === undefined ? '' : `from='${from}'`}/>`)
      await answer
    }
  })

  test.each([
    ['our account', undefined],
    ['our account by its address', 'alice@plumb.test'],
    ['our server', 'plumb.test'],
  ])('for %s does not come from others', async (_, to) => {
    for (const from of [
      BOB,
      'alice@plumb.test/phone',
      'evil.test',
      'alice@evil.test',
      'x.plumb.test',
      '@',
      '',
    ]) {
      const { transport, answer, id } = await asked(to)
      transport.receive(`<iq type='result' id='${id}' from='${from}'/>`)
      expect(await isSettled(answer)).toBe(false)
    }
  })

  test('that is an error says what, and nothing more is needed', async () => {
    const { transport, answer, id } = await asked(BOB)
    transport.receive(
      `<iq type='error' id='${id}' from='${BOB}'><error type='cancel' code='403'>` +
        `<forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><reason xmlns='urn:x'/>` +
        `<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Offer Declined</text></error></iq>`,
    )
    await expect(answer).rejects.toBeInstanceOf(IqError)
    await expect(answer).rejects.toMatchObject({
      error: { condition: 'forbidden', details: ['reason'], text: 'Offer Declined' },
    })
  })

  test('that is an error without anything in it is one all the same', async () => {
    const { transport, answer, id } = await asked(BOB)
    transport.receive(`<iq type='error' id='${id}' from='${BOB}'/>`)
    await expect(answer).rejects.toMatchObject({
      error: { condition: 'undefined-condition', details: [], text: '' },
    })
  })
})

describe('a request', () => {
  afterEach(() => vi.useRealTimers())

  test('has an id of its own that nobody can guess', async () => {
    const transport = new FakeTransport()
    const controller = new AbortController()
    for (let count = 0; count < 20; count++) {
      transport.iq.request('set', BOB, question(), { signal: controller.signal }).catch(() => {})
    }
    await transport.nth(20)
    const ids = transport.sent.map(stanza => String(stanza.attrs['id']))
    expect(new Set(ids).size).toBe(20)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/)
    controller.abort()
  })

  test('without an answer times out', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const transport = new FakeTransport()
    const short = transport.iq.request('get', BOB, question(), { timeoutMs: 500 })
    const usual = transport.iq.request('get', undefined, question())
    const patient = transport.iq.request('get', BOB, question(), { timeoutMs: Number.POSITIVE_INFINITY })
    for (const request of [short, usual, patient]) request.catch(() => {})
    await vi.advanceTimersByTimeAsync(500)
    await expect(short).rejects.toMatchObject({
      code: 'timed-out',
      message: `${BOB} did not answer: try again.`,
    })
    await vi.advanceTimersByTimeAsync(29_499)
    expect(await isSettled(usual)).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await expect(usual).rejects.toMatchObject({ message: 'The server did not answer: try again.' })
    await vi.advanceTimersByTimeAsync(1e9)
    expect(await isSettled(patient)).toBe(false)
    expect(vi.getTimerCount()).toBe(0)
    // An answer that comes too late is nobody's.
    const id = transport.sent[0]?.attrs['id']
    transport.receive(`<iq type='error' id='${id}' from='${BOB}'><error/></iq>`)
    expect(transport.stray).toHaveLength(1)
  })

  test('that was answered leaves no timer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const transport = new FakeTransport()
    const answer = transport.iq.request('get', BOB, question())
    const request = await transport.nth(1)
    transport.receive(`<iq type='result' id='${request.attrs['id']}' from='${BOB}'/>`)
    await answer
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is given up by its signal, with its reason', async () => {
    const transport = new FakeTransport()
    const controller = new AbortController()
    const answer = transport.iq.request('get', BOB, question(), { signal: controller.signal })
    answer.catch(() => {})
    await transport.nth(1)
    const reason = new Failure('cancelled', 'Enough.')
    controller.abort(reason)
    await expect(answer).rejects.toBe(reason)
    await expect(transport.iq.request('get', BOB, question(), { signal: controller.signal })).rejects.toBe(
      reason,
    )
    expect(transport.sent).toHaveLength(1)
  })

  test('fails when it cannot be sent', async () => {
    const transport = new FakeTransport()
    transport.failure = new Failure('server-connection-lost', 'down')
    await expect(transport.iq.request('get', BOB, question())).rejects.toBe(transport.failure)
  })

  test('fails with all others when the session is gone, even while it is being sent', async () => {
    const transport = new FakeTransport()
    const requests = [BOB, undefined, 'plumb.test'].map(to => transport.iq.request('get', to, question()))
    const lost = new Failure('server-connection-lost', 'gone')
    transport.iq.rejectAll(lost)
    for (const request of requests) await expect(request).rejects.toBe(lost)
    transport.send = () => new Promise(() => {})
    const stuck = transport.iq.request('get', BOB, question())
    transport.iq.rejectAll(lost)
    await expect(stuck).rejects.toBe(lost)
    // New ones begin anew.
    transport.iq.rejectAll(lost)
  })

  test('that the peer answers before sending is over is answered', async () => {
    const sending = Promise.withResolvers<void>()
    let sent: Element | undefined
    const router = new IqRouter(
      {
        address: OWN,
        send: async stanza => {
          sent = stanza
          await sending.promise
        },
      },
      () => {},
    )
    const answer = router.request('get', BOB, question())
    router.receive(xml('iq', { type: 'result', id: sent?.attrs['id'] as string, from: BOB }))
    expect((await answer).attrs['type']).toBe('result')
    sending.resolve()
  })
})

describe('a request of somebody else', () => {
  const ask = (content: string, attributes = `type='get' id='q1' from='${BOB}'`): string =>
    `<iq ${attributes}>${content}</iq>`

  async function replies(
    text: string,
    prepare: (transport: FakeTransport) => void = () => {},
  ): Promise<string[]> {
    const transport = new FakeTransport()
    prepare(transport)
    transport.receive(text)
    await transport.nth(1)
    // A second reply would be here by now.
    await new Promise(resolve => setImmediate(resolve))
    return transport.sent.map(String)
  }

  const refusal = (condition: string, type: string, code: string, to = BOB): string =>
    `<iq type="error" id="q1" to="${to}"><error type="${type}" code="${code}">` +
    `<${condition} xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></iq>`

  test.each([
    ['get', 'urn:unknown'],
    ['set', 'urn:unknown'],
    ['set', NS],
  ])('%s of %s, which nobody handles, is refused with its id', async (type, namespace) => {
    const text = ask(`<x xmlns='${namespace}'/>`, `type='${type}' id='q1' from='${BOB}'`)
    expect(await replies(text, ({ iq }) => iq.handle('get', NS, () => ({ payload: undefined })))).toEqual([
      refusal('service-unavailable', 'cancel', '503'),
    ])
  })

  test.each([
    ['no child', ''],
    ['text instead of a child', 'hello'],
    ['two children', `<x xmlns='${NS}'/><y xmlns='${NS}'/>`],
    ['two of the same', `<x xmlns='${NS}'/><x xmlns='${NS}'/>`],
  ])('with %s is refused', async (_, content) => {
    const handler = vi.fn(() => ({ payload: undefined }))
    expect(await replies(ask(content), ({ iq }) => iq.handle('get', NS, handler))).toEqual([
      refusal('bad-request', 'modify', '400'),
    ])
    expect(handler).not.toHaveBeenCalled()
  })

  test('goes to the handler of its namespace and type, once', async () => {
    const seen: IqRequest[] = []
    const answers = await replies(
      ask(`<x xmlns='${NS}' a='1'/>`, `type='set' id='q1' from='Bob@PLUMB.test/desk'`),
      ({ iq }) => {
        iq.handle('get', NS, () => ({ payload: xml('wrong') }))
        iq.handle('set', 'urn:other', () => ({ payload: xml('wrong') }))
        iq.handle('set', NS, request => {
          seen.push(request)
          return { payload: xml('y', { xmlns: NS }, 'yes') }
        })
      },
    )
    expect(answers).toEqual([
      `<iq type="result" id="q1" to="Bob@PLUMB.test/desk"><y xmlns="${NS}">yes</y></iq>`,
    ])
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({ type: 'set', from: BOB })
    expect(seen[0]?.payload.toString()).toBe(`<x xmlns="${NS}" a="1"/>`)
  })

  test('from the server, without an address, comes from the own account and goes back there', async () => {
    const seen: string[] = []
    const answers = await replies(ask(`<x xmlns='${NS}'/>`, "type='set' id='q1'"), ({ iq }) =>
      iq.handle('set', NS, ({ from }) => {
        seen.push(from)
        return { payload: undefined }
      }),
    )
    expect(seen).toEqual(['alice@plumb.test'])
    expect(answers).toEqual(['<iq type="result" id="q1"/>'])
  })

  test.each(['', '@', '/', '@/x'])('from “%s” is nobody’s: above all not the server’s', async from => {
    const transport = new FakeTransport()
    const handler = vi.fn(() => ({ payload: undefined }))
    transport.iq.handle('set', NS, handler)
    transport.receive(ask(`<x xmlns='${NS}'/>`, `type='set' id='q1' from='${from}'`))
    await new Promise(resolve => setImmediate(resolve))
    expect(handler).not.toHaveBeenCalled()
    expect(transport.sent).toEqual([])
  })

  test('without an id is answered without one', async () => {
    expect(await replies(ask('', `type='get' from='${BOB}'`))).toEqual([
      refusal('bad-request', 'modify', '400').replace(' id="q1"', ''),
    ])
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('secret detail')
      },
    ],
    ['rejects', () => Promise.reject(new Failure('bug', 'secret detail'))],
  ])('whose handler %s is answered, and nothing is told of it', async (_, handler) => {
    const answers = await replies(ask(`<x xmlns='${NS}'/>`), ({ iq }) => iq.handle('get', NS, handler))
    expect(answers).toEqual([refusal('internal-server-error', 'cancel', '500')])
  })

  test('whose handler gives an error is answered with it', async () => {
    const answers = await replies(ask(`<x xmlns='${NS}'/>`), ({ iq }) =>
      iq.handle('get', NS, async () => ({ payload: stanzaError('forbidden') })),
    )
    expect(answers).toEqual([refusal('forbidden', 'cancel', '403')])
  })

  test('whose handler gives an element that is only called “error” is answered with a result', async () => {
    const answers = await replies(ask(`<x xmlns='${NS}'/>`), ({ iq }) =>
      iq.handle('get', NS, () => ({ payload: xml('error', { xmlns: NS }) })),
    )
    expect(answers).toEqual([`<iq type="result" id="q1" to="${BOB}"><error xmlns="${NS}"/></iq>`])
  })

  test('is answered when its handler is done, and others meanwhile', async () => {
    const transport = new FakeTransport()
    const slow = Promise.withResolvers<{ payload: undefined }>()
    transport.iq.handle('get', NS, () => slow.promise)
    transport.receive(ask(`<x xmlns='${NS}'/>`, `type='get' id='slow' from='${BOB}'`))
    transport.receive(ask(`<x xmlns='urn:unknown'/>`, `type='get' id='quick' from='${BOB}'`))
    expect((await transport.nth(1)).attrs['id']).toBe('quick')
    slow.resolve({ payload: undefined })
    expect((await transport.nth(2)).attrs['id']).toBe('slow')
  })

  test('has its afterwards run once the answer is sent', async () => {
    const order: string[] = []
    const sending = Promise.withResolvers<void>()
    const done = Promise.withResolvers<void>()
    const router = new IqRouter(
      {
        address: OWN,
        send: async stanza => {
          await sending.promise
          order.push(`sent ${stanza.attrs['type']}`)
        },
      },
      () => {},
    )
    router.handle('get', NS, () => {
      order.push('handled')
      return {
        payload: undefined,
        afterwards: () => {
          order.push('afterwards')
          done.resolve()
        },
      }
    })
    router.receive(xml('iq', { type: 'get', id: 'q1', from: BOB }, question()))
    await new Promise(resolve => setImmediate(resolve))
    expect(order).toEqual(['handled'])
    sending.resolve()
    await done.promise
    expect(order).toEqual(['handled', 'sent result', 'afterwards'])
  })

  test('has its afterwards run even where the answer cannot be sent any more', async () => {
    const transport = new FakeTransport()
    transport.failure = new Failure('server-connection-lost', 'down')
    const ran = new Promise<void>(resolve => {
      transport.iq.handle('get', NS, () => ({ payload: undefined, afterwards: resolve }))
    })
    transport.receive(ask(`<x xmlns='${NS}'/>`))
    await ran
  })
})

describe('an error that answers nothing', () => {
  test('is handed on with its sender', () => {
    const transport = new FakeTransport()
    transport.receive(
      `<iq type='error' from='Bob@plumb.test/desk'><query xmlns='urn:x'/><error code='503'/></iq>`,
    )
    expect(transport.stray).toHaveLength(1)
    expect(transport.stray[0]?.from).toBe(BOB)
    expect(transport.sent).toEqual([])
  })

  test.each([
    ['has no sender', "type='error'"],
    ['has a sender that is none', "type='error' from='@'"],
    ['is a result', `type='result' from='${BOB}'`],
    ['has no type', `from='${BOB}'`],
    ['has a type of its own', `type='other' from='${BOB}'`],
  ])('is dropped, and never answered, when it %s', async (_, attributes) => {
    const transport = new FakeTransport()
    transport.receive(`<iq id='x' ${attributes}><error/></iq>`)
    await new Promise(resolve => setImmediate(resolve))
    expect(transport.stray).toEqual([])
    expect(transport.sent).toEqual([])
  })
})

describe('over a stream', () => {
  test('every request gets exactly one reply, whoever gives it', async () => {
    await using server = await ScriptedServer.start()
    const signingIn = XmppStream.signIn({
      jid: 'alice@plumb.test',
      password: 'secret',
      resource: 'sofa',
      server,
      tls: 'off',
    })
    const connection = await server.accept()
    await connection.admit()
    const stream = await signingIn
    const router = new IqRouter(stream, () => {})
    stream.on('stanza', stanza => router.receive(stanza))
    router.handle('get', NS, async () => {
      await new Promise(resolve => setImmediate(resolve))
      return { payload: undefined }
    })
    const requests = [
      ['ping', `type='get'`, "<ping xmlns='urn:xmpp:ping'/>", 'result'],
      ['set-ping', `type='set'`, "<ping xmlns='urn:xmpp:ping'/>", 'service-unavailable'],
      ['known', `type='get'`, `<x xmlns='${NS}'/>`, 'result'],
      ['unknown', `type='get'`, "<x xmlns='urn:unknown'/>", 'service-unavailable'],
      ['unknown-set', `type='set'`, "<x xmlns='urn:unknown'/>", 'service-unavailable'],
      ['no-child', `type='get'`, '', 'bad-request'],
      ['two-children', `type='set'`, `<x xmlns='${NS}'/><y xmlns='${NS}'/>`, 'bad-request'],
      ['no-type', '', `<x xmlns='${NS}'/>`, 'bad-request'],
      ['odd-type', `type='put'`, `<x xmlns='${NS}'/>`, 'bad-request'],
      ['last', `type='get'`, `<x xmlns='${NS}'/>`, 'result'],
    ] as const
    const text = requests.map(
      ([id, attributes, content]) => `<iq ${attributes} id='${id}' from='${BOB}'>${content}</iq>`,
    )
    // Answers and errors ask for nothing.
    connection.write(
      `<iq type='result' id='r' from='${BOB}'/><iq type='error' id='e' from='${BOB}'><error/></iq>${text.join('')}`,
    )
    const head = await connection.until('id="last"')
    // Whatever would come twice has come when this is answered.
    connection.write(`<iq type='get' id='end' from='${BOB}'><x xmlns='${NS}'/></iq>`)
    const received = head + (await connection.until('id="end"'))
    for (const [id, , , expected] of requests) {
      const found = received.split('<iq ').filter(iq => iq.includes(`id="${id}"`))
      expect(found, id).toHaveLength(1)
      expect(found[0], id).toContain(expected)
      expect(found[0], id).toContain(`to="${BOB}"`)
    }
    for (const id of ['r', 'e']) expect(received).not.toContain(`id="${id}"`)
    const ended = once(stream, 'interrupted')
    connection.cut()
    await ended
    await stream.stop()
  })
})
