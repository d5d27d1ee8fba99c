import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { secureIdentity, secureStream } from '../../main/bytestreams/secure-stream.ts'
import { InBandNegotiation } from '../../main/plumb/in-band-negotiation.ts'
import { makeIdentity } from '../../main/sockets/certificate.ts'
import type { Route } from '../../main/transfer/route.ts'
import { attribute, type Element, readError, stanzaError } from '../../main/xmpp/stanza.ts'
import { ibbError, NS_IBB } from '../../main/xmpp/xep-0047.ts'
import { Failure, type FailureCode } from '../../shared/model/failure.ts'
import { parseXml } from '../xmpp/xml.ts'
import { IqNetwork, type Member } from './iq-network.ts'

const ALICE = 'alice@plumb.test/sofa'
const BOB = 'bob@plumb.test/desk'
const MALLORY = 'mallory@evil.test/x'
const SID = 'i781hf64'
const never = new AbortController().signal

const accidents: unknown[] = []
process.on('uncaughtException', error => accidents.push(error))
process.on('unhandledRejection', reason => accidents.push(reason))
process.on('warning', warning => accidents.push(warning))

/** One program, with everything that its negotiation is given. */
interface Program extends Member {
  readonly negotiation: InBandNegotiation
  /** Who listens for a device going offline. */
  readonly onOffline: Map<() => void, string>
  /** Resolves what waits for the connection. */
  connected: PromiseWithResolvers<void> | undefined
}

let network: IqNetwork
let alice: Program
let bob: Program
const ending = new AbortController()
const streams: Duplex[] = []

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  network = new IqNetwork()
  alice = program(ALICE)
  bob = program(BOB)
})

afterEach(async () => {
  for (const stream of streams.splice(0)) stream.destroy()
  await settle()
  // Closings that nobody answers are given up.
  vi.advanceTimersByTime(2_000)
  await settle()
  for (const one of [alice, bob]) {
    expect(one.negotiation.inUse.streams).toBe(0)
    expect([...one.onOffline.values()]).toEqual([])
  }
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
  expect(accidents.splice(0)).toEqual([])
})

function program(address: string, own = true): Program {
  const member = network.join(address)
  const onOffline = new Map<() => void, string>()
  const made: Program = Object.assign(member, {
    onOffline,
    connected: undefined,
    negotiation: new InBandNegotiation({
      iq: member.iq,
      isOwn: () => own,
      onOffline: (peer, act) => {
        onOffline.set(act, peer)
        return () => onOffline.delete(act)
      },
      whenConnected: async () => made.connected?.promise,
    }),
  })
  return made
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await nextTurn()
}

/** Expects a stream, and keeps what is told of it. */
function serve(
  by: Program,
  peer: string,
  sid = SID,
  signal: AbortSignal = ending.signal,
): { routes: Route[]; failures: Failure[]; next(): Promise<Route> } {
  const routes: Route[] = []
  const failures: Failure[] = []
  let taken = 0
  let told: (() => void) | undefined
  by.negotiation.serve(
    peer,
    sid,
    {
      isDirectUnlikely: false,
      established: route => {
        streams.push(route.stream)
        routes.push(route)
        told?.()
      },
      failed: failure => failures.push(failure),
    },
    signal,
  )
  return {
    routes,
    failures,
    next: async () => {
      for (;;) {
        const route = routes[taken]
        if (route !== undefined) {
          taken += 1
          return route
        }
        await new Promise<void>(resolve => {
          told = resolve
        })
      }
    },
  }
}

async function request(by: Program, peer: string, sid = SID, signal = never): Promise<Route> {
  const route = await by.negotiation.request(peer, sid, signal)
  streams.push(route.stream)
  return route
}

async function connect(): Promise<[Route, Route]> {
  const served = serve(bob, ALICE)
  return Promise.all([request(alice, BOB), served.next()])
}

/** Up to the end of the peer's direction; ours stays as it is. */
async function readToEnd(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.resume()
  await once(stream, 'end')
  return Buffer.concat(chunks)
}

async function closed(stream: Duplex): Promise<void> {
  if (!stream.closed) await new Promise(resolve => stream.once('close', resolve))
}

async function expectFailure(work: Promise<unknown>, code: FailureCode): Promise<Failure> {
  const failure = await work.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(failure).toBeInstanceOf(Failure)
  expect((failure as Failure).code).toBe(code)
  return failure as Failure
}

let asked = 0

/** Asks Bob something by hand; resolves with `result`, or the condition of the error. */
async function ask(from: string, payload: string): Promise<string> {
  const id = `by-hand-${++asked}`
  network.inject(from, BOB, `<iq type='set' id='${id}'>${payload}</iq>`)
  for (;;) {
    const answer = network.log.find(
      ({ stanza, to }) =>
        to === from && attribute(stanza, 'id') === id && attribute(stanza, 'type') !== 'set',
    )
    if (answer !== undefined) {
      return attribute(answer.stanza, 'type') === 'error' ? readError(answer.stanza).condition : 'result'
    }
    await nextTurn()
  }
}

const open = (attributes: string, sid = SID): string => `<open xmlns='${NS_IBB}' sid='${sid}' ${attributes}/>`
const data = (sequence: number, text: string, sid = SID): string =>
  `<data xmlns='${NS_IBB}' sid='${sid}' seq='${sequence}'>${text}</data>`
const close = (sid = SID): string => `<close xmlns='${NS_IBB}' sid='${sid}'/>`

/** A stream to Bob whose other end is played by hand. */
async function byHand(attributes = `block-size='8'`): Promise<Route> {
  network.leave(ALICE)
  const served = serve(bob, ALICE)
  expect(await ask(ALICE, open(attributes))).toBe('result')
  return served.next()
}

describe('a stream', () => {
  test('is opened by the sender, and both know what it is', async () => {
    const [a, b] = await connect()
    const common = { method: 'ibb', relay: 'server', network: 'internet', encrypted: false, verified: false }
    expect(a).toMatchObject({ ...common, by: 'dialer', remote: BOB, code: undefined })
    expect(b).toMatchObject({ ...common, by: 'acceptor', remote: ALICE, code: undefined })
    expect([a.stream.isPaused(), b.stream.isPaused()]).toEqual([true, true])
    const [opened] = network.sent('open')
    expect(opened?.stanza.getChildElements().map(String)).toEqual([
      `<open xmlns="${NS_IBB}" sid="${SID}" block-size="4096" stanza="iq"/>`,
    ])
    expect([alice.negotiation.method, alice.negotiation.namespace]).toEqual(['ibb', NS_IBB])
    expect([alice.negotiation.inUse, bob.negotiation.inUse]).toEqual([
      { streams: 1, expected: 0 },
      { streams: 1, expected: 1 },
    ])
  })

  test('carries bytes both ways, and ends in order', async () => {
    const [a, b] = await connect()
    const [fromA, fromB] = [randomBytes(100_000), randomBytes(50_000)]
    const [atA, atB] = [readToEnd(a.stream), readToEnd(b.stream)]
    b.stream.write(fromB)
    a.stream.write(fromA)
    b.stream.once('end', () => b.stream.end())
    await network.nth(13, 'data', BOB)
    a.stream.end()
    expect((await atB).equals(fromA)).toBe(true)
    expect((await atA).equals(fromB)).toBe(true)
    await Promise.all([closed(a.stream), closed(b.stream)])
    expect(network.sent('close').length).toBe(1)
    expect(network.sent('error')).toEqual([])
    const blocks = network.sent('data', ALICE).map(({ stanza }) => stanza.getChild('data'))
    expect(blocks.map(block => block?.attrs['seq'])).toEqual(blocks.map((_, index) => String(index)))
    expect(blocks.every(block => Buffer.from(block?.text() ?? '', 'base64').length <= 4096)).toBe(true)
  })

  test('may get its first block in one breath with the answer', async () => {
    network.intercept = () => false
    const requested = request(alice, BOB)
    const { stanza } = await network.nth(1, 'open')
    alice.iq.receive(parseXml(`<iq type='result' from='${BOB}' id='${attribute(stanza, 'id')}'/>`))
    alice.iq.receive(parseXml(`<iq type='set' from='${BOB}' id='b0'>${data(0, 'YWJj')}</iq>`))
    const { stream } = await requested
    expect(String((await once(stream.resume(), 'data'))[0])).toBe('abc')
  })

  test('of the acceptor says nothing before the answer', async () => {
    const served = serve(bob, ALICE)
    const requested = request(alice, BOB)
    const { stream } = await served.next()
    stream.write('hello')
    await requested
    await network.nth(1, 'data', BOB)
    const kinds = network.log.map(({ stanza }) => attribute(stanza, 'type'))
    expect(kinds.slice(0, 3)).toEqual(['set', 'result', 'set'])
  })

  test('carries TLS between our own programs', async () => {
    const [ours, theirs] = await Promise.all([makeIdentity(), makeIdentity()])
    const [a, b] = await connect()
    const [sender, receiver] = await Promise.all([
      secureStream(a.stream, 'client', secureIdentity(ours), theirs.fingerprints, never),
      secureStream(b.stream, 'server', secureIdentity(theirs), ours.fingerprints, never),
    ])
    const bytes = randomBytes(1 << 20)
    const arrived = readToEnd(receiver.stream)
    sender.stream.end(bytes)
    expect((await arrived).equals(bytes)).toBe(true)
    receiver.stream.end()
    sender.stream.resume()
    await closed(sender.stream)
  })

  test.each([
    [true, 16],
    [false, 4],
  ])('has no more blocks on their way than the other program can take (ours: %s)', async (own, most) => {
    const carol = program('carol@plumb.test/x', own)
    network.leave(BOB)
    network.intercept = ({ stanza, from }) => {
      if (from === carol.address && stanza.getChild('open') !== undefined) {
        network.inject(BOB, carol.address, `<iq type='result' id='${attribute(stanza, 'id')}'/>`)
        return false
      }
      return stanza.getChild('data') === undefined
    }
    const { stream } = await request(carol, BOB)
    stream.write(Buffer.alloc(1 << 20))
    let answered = 0
    while (answered < 40) {
      const { stanza } = await network.nth(answered + 1, 'data')
      network.inject(BOB, carol.address, `<iq type='result' id='${attribute(stanza, 'id')}'/>`)
      answered += 1
      await settle()
      expect(network.sent('data').length - answered).toBeLessThanOrEqual(most)
    }
    expect(network.sent('data').length - answered).toBe(most)
    stream.destroy()
    await closed(stream)
  })
})

describe('opening', () => {
  /** Answers every open with what `answer` says of its block size. */
  function answerOpens(answer: (blockSize: number) => Element | undefined): number[] {
    network.leave(BOB)
    const sizes: number[] = []
    network.intercept = ({ stanza, from }) => {
      const opened = stanza.getChild('open')
      if (from !== ALICE || opened === undefined) return true
      const blockSize = Number(opened.attrs['block-size'])
      sizes.push(blockSize)
      const error = answer(blockSize)
      const type = error === undefined ? 'result' : 'error'
      const text = error?.toString() ?? ''
      network.inject(BOB, ALICE, `<iq type='${type}' id='${attribute(stanza, 'id')}'>${text}</iq>`)
      return false
    }
    return sizes
  }

  test('takes smaller blocks where the other program wants that', async () => {
    const sizes = answerOpens(blockSize => (blockSize > 1_024 ? ibbError('resource-constraint') : undefined))
    const { stream } = await request(alice, BOB)
    expect(sizes).toEqual([4_096, 2_048, 1_024])
    stream.write(Buffer.alloc(1_500))
    const first = await network.nth(1, 'data')
    expect(Buffer.from(first.stanza.getChildText('data') ?? '', 'base64').length).toBe(1_024)
    expect(network.sent('close')).toEqual([])
  })

  test('gives up where no size is small enough', async () => {
    const sizes = answerOpens(() => ibbError('resource-constraint'))
    await expectFailure(request(alice, BOB), 'refused')
    expect(sizes).toEqual([4_096, 2_048, 1_024])
  })

  test.each(['not-acceptable', 'item-not-found', 'service-unavailable', 'feature-not-implemented'] as const)(
    'is refused with %s',
    async condition => {
      const sizes = answerOpens(() => stanzaError(condition))
      const failure = await expectFailure(request(alice, BOB), 'refused')
      expect(failure.cause).toMatchObject({ error: { condition } })
      expect(sizes).toEqual([4_096])
      // Nothing is open there that could be closed.
      expect(network.sent('close')).toEqual([])
    },
  )

  test('of nobody is refused', async () => {
    network.leave(BOB)
    await expectFailure(request(alice, BOB), 'refused')
  })

  test('is given up with the reason of the signal, and the other program is told', async () => {
    serve(bob, ALICE)
    network.intercept = ({ stanza }) => attribute(stanza, 'type') !== 'result'
    const abort = new AbortController()
    const requested = request(alice, BOB, SID, abort.signal)
    await network.nth(1, 'result', BOB)
    const reason = new Failure('cancelled', 'enough')
    abort.abort(reason)
    expect(await expectFailure(requested, 'cancelled')).toBe(reason)
    await network.nth(1, 'close', ALICE)
    await expectFailure(request(alice, BOB, SID, abort.signal), 'cancelled')
    expect(network.sent('open').length).toBe(1)
  })

  test('waits half a minute for an answer', async () => {
    network.intercept = () => false
    const requested = request(alice, BOB)
    await network.nth(1, 'open')
    vi.advanceTimersByTime(30_000)
    await expectFailure(requested, 'timed-out')
  })

  test('ends when the peer goes offline', async () => {
    network.intercept = () => false
    const requested = request(alice, BOB)
    await network.nth(1, 'open')
    expect([...alice.onOffline.values()]).toEqual([BOB])
    for (const act of [...alice.onOffline.keys()]) act()
    await expectFailure(requested, 'connection-lost')
  })

  test('of one that is open already takes its place', async () => {
    const served = serve(bob, ALICE)
    const first = await request(alice, BOB)
    const firstServed = await served.next()
    first.stream.write('lost')
    const second = await request(alice, BOB)
    const secondServed = await served.next()
    expect([first.stream.destroyed, firstServed.stream.destroyed]).toEqual([true, true])
    expect(firstServed.stream.errored).toMatchObject({ code: 'connection-lost' })
    // A closing would meet the new stream, which has the same name.
    expect(network.sent('close')).toEqual([])
    const arrived = readToEnd(secondServed.stream)
    second.stream.end('new')
    expect(String(await arrived)).toBe('new')
    secondServed.stream.end()
  })
})

describe('being opened', () => {
  test.each([
    ['a stranger', MALLORY, SID],
    ['another device of the same person', 'alice@plumb.test/phone', SID],
    ['the account of the person', 'alice@plumb.test', SID],
    ['the peer, for another stream', ALICE, 'another'],
  ])('by %s is not acceptable', async (_, from, sid) => {
    const served = serve(bob, ALICE)
    expect(await ask(from, open(`block-size='4096'`, sid))).toBe('not-acceptable')
    await settle()
    expect(served).toMatchObject({ routes: [], failures: [] })
  })

  test('is not acceptable any more when the transfer is over', async () => {
    const over = new AbortController()
    serve(bob, ALICE, SID, over.signal)
    over.abort()
    expect(await ask(ALICE, open(`block-size='4096'`))).toBe('not-acceptable')
    serve(bob, ALICE, SID, over.signal)
    expect(bob.negotiation.inUse).toEqual({ streams: 0, expected: 0 })
  })

  test('when the transfer ends in the same moment leads to nothing', async () => {
    const over = new AbortController()
    const served = serve(bob, ALICE, SID, over.signal)
    network.intercept = ({ from }) => {
      // It is being answered.
      if (from === BOB) over.abort()
      return true
    }
    network.leave(ALICE)
    await ask(ALICE, open(`block-size='4096'`))
    await settle()
    expect(served.routes).toEqual([])
    expect(bob.negotiation.inUse.streams).toBe(0)
  })

  test('a stream that is open goes on when no more may be opened', async () => {
    const over = new AbortController()
    const served = serve(bob, ALICE, SID, over.signal)
    const [a, b] = await Promise.all([request(alice, BOB), served.next()])
    over.abort()
    const arrived = readToEnd(b.stream)
    a.stream.end('still here')
    expect(String(await arrived)).toBe('still here')
    b.stream.end()
    await closed(b.stream)
  })

  test('for messages is not acceptable, and is told', async () => {
    const served = serve(bob, ALICE)
    expect(await ask(ALICE, open(`block-size='4096' stanza='message'`))).toBe('not-acceptable')
    expect(served.failures.map(({ code }) => code)).toEqual(['protocol-error'])
  })

  test.each([
    [`block-size='1'`, 'result'],
    [`block-size='65535'`, 'result'],
    [`block-size='65536'`, 'resource-constraint'],
    [`block-size='0'`, 'bad-request'],
    [`block-size='many'`, 'bad-request'],
    ['', 'bad-request'],
  ])('with %s is answered with %s', async (attributes, expected) => {
    network.leave(ALICE)
    serve(bob, ALICE)
    expect(await ask(ALICE, open(attributes))).toBe(expected)
  })

  test('has a limit for one peer, and for all', async () => {
    network.leave(ALICE)
    const served = serve(bob, ALICE, 'one-too-many')
    for (let i = 0; i < 16; i++) {
      serve(bob, ALICE, `s${i}`)
      expect(await ask(ALICE, open(`block-size='8'`, `s${i}`))).toBe('result')
    }
    expect(await ask(ALICE, open(`block-size='8'`, 'one-too-many'))).toBe('not-acceptable')
    expect(served.failures.map(({ code }) => code)).toEqual(['refused'])
    // One that is opened anew takes its own place.
    expect(await ask(ALICE, open(`block-size='8'`, 's3'))).toBe('result')
    for (let i = 0; i < 48; i++) {
      const peer = `someone@plumb.test/${i % 4}`
      serve(bob, peer, `t${i}`)
      expect(await ask(peer, open(`block-size='8'`, `t${i}`))).toBe('result')
    }
    serve(bob, MALLORY)
    expect(await ask(MALLORY, open(`block-size='8'`))).toBe('not-acceptable')
    streams[0]?.destroy()
    await settle()
    expect(await ask(MALLORY, open(`block-size='8'`))).toBe('result')
  })
})

describe('a hostile peer', () => {
  test('sends data before it has opened the stream', async () => {
    serve(bob, ALICE)
    expect(await ask(ALICE, data(0, 'AAAA'))).toBe('item-not-found')
    expect(await ask(ALICE, close())).toBe('item-not-found')
    expect(await ask(ALICE, data(0, 'no base64'))).toBe('bad-request')
  })

  test.each([
    ['out of order', data(2, 'AAAA'), 'unexpected-request'],
    ['that came already', data(0, 'AAAA'), 'unexpected-request'],
    ['that is too large', data(1, 'AAAAAAAAAAAA'), 'bad-request'],
    ['that is not base64', data(1, 'AA=A'), 'bad-request'],
    [
      'with a number that is none',
      `<data xmlns='${NS_IBB}' sid='${SID}' seq='1x'>AAAA</data>`,
      'bad-request',
    ],
  ])('sends a block %s: it is told, and the stream is closed', async (_, payload, expected) => {
    const { stream } = await byHand()
    stream.resume()
    expect(await ask(ALICE, data(0, 'YWJj'))).toBe('result')
    const id = `by-hand-${asked + 1}`
    expect(await ask(ALICE, payload)).toBe(expected)
    await closed(stream)
    expect(stream.errored).toMatchObject({ code: 'protocol-error' })
    await network.nth(1, 'close', BOB)
    // First what was wrong, and then the closing.
    const [answer, closing] = network.log.filter(({ from }) => from === BOB).slice(-2)
    expect(attribute(answer?.stanza as Element, 'id')).toBe(id)
    expect(closing?.stanza.getChild('close', NS_IBB)?.attrs).toMatchObject({ sid: SID })
    expect(await ask(ALICE, data(1, 'YWJj'))).toBe('item-not-found')
    // It may open it anew: what counts then is what comes then.
    expect(await ask(ALICE, open(`block-size='8'`))).toBe('result')
    expect(await ask(ALICE, data(0, 'YWJj'))).toBe('result')
  })

  test.each([MALLORY, 'alice@plumb.test/phone', 'alice@plumb.test', 'plumb.test'])(
    '%s cannot touch the stream of another',
    async from => {
      const { stream } = await byHand()
      expect(await ask(from, data(0, 'YWJj'))).toBe('item-not-found')
      expect(await ask(from, data(0, 'no base64'))).toBe('bad-request')
      expect(await ask(from, close())).toBe('item-not-found')
      expect(await ask(from, open(`block-size='8'`))).toBe('not-acceptable')
      expect(await ask(ALICE, data(0, 'YWJj'))).toBe('result')
      expect(String((await once(stream.resume(), 'data'))[0])).toBe('abc')
    },
  )

  test('closes twice', async () => {
    const { stream } = await byHand()
    const first = ask(ALICE, close())
    await network.nth(1, 'close')
    const second = ask(ALICE, close())
    expect(await second).toBe('result')
    expect(await ask(ALICE, data(0, 'YWJj'))).toBe('item-not-found')
    stream.end()
    expect(await first).toBe('result')
    stream.resume()
    await closed(stream)
    expect(await ask(ALICE, close())).toBe('result')
    expect(await ask(ALICE, close('another'))).toBe('item-not-found')
  })

  test('sends without end and without waiting while nobody reads', async () => {
    const { stream } = await byHand(`block-size='60000'`)
    const block = Buffer.alloc(60_000).toString('base64')
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, sequence) => ask(ALICE, data(sequence, block))),
    )
    expect(answers.slice(0, 1)).toEqual(['result'])
    expect(answers).toContain('resource-constraint')
    expect(answers.at(-1)).toBe('item-not-found')
    await closed(stream)
  })

  test.each([
    ['an element that there is not', `<burst xmlns='${NS_IBB}' sid='${SID}'/>`],
    ['an open without an id', `<open xmlns='${NS_IBB}' block-size='8'/>`],
    ['a close without an id', `<close xmlns='${NS_IBB}'/>`],
  ])('sends %s, which changes nothing', async (_, payload) => {
    await byHand()
    expect(await ask(ALICE, payload)).toBe('bad-request')
    expect(await ask(ALICE, open(`block-size='0'`))).toBe('bad-request')
    expect(await ask(ALICE, data(0, 'YWJj'))).toBe('result')
  })
})

describe('flow control', () => {
  test('a block is answered when there is room for more', async () => {
    const { stream } = await byHand(`block-size='60000'`)
    const block = Buffer.alloc(60_000).toString('base64')
    expect(await ask(ALICE, data(0, block))).toBe('result')
    const second = ask(ALICE, data(1, block))
    await settle()
    expect(network.sent('result', BOB).length).toBe(2)
    stream.resume()
    expect(await second).toBe('result')
  })

  test('answers wait for the connection', async () => {
    await byHand()
    bob.connected = Promise.withResolvers()
    const answer = ask(ALICE, data(0, 'YWJj'))
    await settle()
    expect(network.sent('result', BOB).length).toBe(1)
    bob.connected.resolve()
    expect(await answer).toBe('result')
  })

  test('blocks wait for the connection, and keep their order', async () => {
    const [a, b] = await connect()
    const arrived = readToEnd(b.stream)
    alice.connected = Promise.withResolvers()
    const bytes = randomBytes(200_000)
    a.stream.end(bytes)
    await settle()
    expect(network.sent('data')).toEqual([])
    const { resolve } = alice.connected
    alice.connected = undefined
    resolve()
    expect((await arrived).equals(bytes)).toBe(true)
    b.stream.end()
    await closed(a.stream.resume())
  })
})

describe('the end', () => {
  test('is not waited for where the other program never answers it, as libpurple', async () => {
    const { stream } = await byHand()
    stream.resume()
    stream.end('bye')
    const { stanza } = await network.nth(1, 'data', BOB)
    network.intercept = ({ stanza: passing }) => passing.getChild('close') === undefined
    // Alice is played by hand: her server does not answer for her here.
    bob.iq.receive(reply(stanza))
    await network.nth(1, 'close', BOB)
    await settle()
    expect(stream.readableEnded).toBe(false)
    vi.advanceTimersByTime(2_000)
    await closed(stream)
    expect(stream.errored).toBeNull()
  })

  test('a closing that is answered with an error is as good', async () => {
    const { stream } = await byHand()
    // Her server answers that she is not there.
    stream.resume()
    stream.end()
    await closed(stream)
    expect(stream.errored).toBeNull()
  })

  test('a peer that closes before it answers the last block has it', async () => {
    const { stream } = await byHand()
    network.intercept = ({ stanza }) =>
      stanza.getChild('data') === undefined || attribute(stanza, 'type') !== 'set'
    stream.resume()
    stream.end('bye')
    const { stanza } = await network.nth(1, 'data', BOB)
    const answer = ask(ALICE, close())
    await settle()
    bob.iq.receive(reply(stanza))
    expect(await answer).toBe('result')
    await closed(stream)
    expect(stream.errored).toBeNull()
    expect(network.sent('close', BOB)).toEqual([])
  })

  function reply(stanza: Element): Element {
    return parseXml(`<iq type='result' from='${ALICE}' id='${attribute(stanza, 'id')}'/>`)
  }
})

describe('a loss', () => {
  test('of the peer, told by a server in the place of an answer', async () => {
    const [a] = await connect()
    network.leave(BOB)
    a.stream.write(Buffer.alloc(50_000))
    await closed(a.stream)
    expect(a.stream.errored).toMatchObject({ code: 'connection-lost' })
    expect((a.stream.errored as Failure).cause).toMatchObject({ error: { condition: 'service-unavailable' } })
  })

  test('of the peer, told by its presence', async () => {
    const [a, b] = await connect()
    for (const one of [alice, bob]) for (const act of [...one.onOffline.keys()]) act()
    await Promise.all([closed(a.stream), closed(b.stream)])
    expect([a.stream.errored, b.stream.errored]).toMatchObject([
      { code: 'connection-lost' },
      { code: 'connection-lost' },
    ])
    expect(network.sent('close')).toEqual([])
  })

  test('of a peer that says nothing any more', async () => {
    const [a] = await connect()
    network.intercept = () => false
    a.stream.write('hello')
    await network.nth(1, 'data')
    vi.advanceTimersByTime(120_000)
    await closed(a.stream)
    expect((a.stream.errored as Failure).cause).toMatchObject({ code: 'timed-out' })
  })

  test('of our own session ends every stream', async () => {
    const [a, b] = await connect()
    const cause = new Failure('server-connection-lost', 'gone')
    bob.negotiation.rejectAll(cause)
    await closed(b.stream)
    expect(b.stream.errored).toMatchObject({ code: 'connection-lost', cause })
    alice.iq.rejectAll(cause)
    alice.negotiation.rejectAll(cause)
    await closed(a.stream)
    expect(network.sent('close')).toEqual([])
  })

  test('a stream that its owner destroys is closed for the other end, too', async () => {
    const [a, b] = await connect()
    a.stream.destroy()
    expect(String(await readToEnd(b.stream))).toBe('')
    b.stream.end()
    await closed(b.stream)
    expect(network.sent('close').length).toBe(1)
  })
})
