import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createConnection, createServer, type Socket } from 'node:net'
import { Duplex, Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type ConnectionOptions, connect as connectTls, TLSSocket } from 'node:tls'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { InBandStream } from '../../main/bytestreams/in-band.ts'
import {
  SECURE_TIMEOUT_MS,
  type SecureStream,
  secureIdentity,
  secureStream,
} from '../../main/bytestreams/secure-stream.ts'
import { makeIdentity } from '../../main/sockets/certificate.ts'
import { Failure, type FailureCode } from '../../shared/model/failure.ts'
import { inBandPair } from './in-band-pair.ts'

const CLIENT = await makeIdentity()
const SERVER = await makeIdentity()
const OTHER = await makeIdentity()
const [client, server, other] = [CLIENT, SERVER, OTHER].map(secureIdentity) as [
  ReturnType<typeof secureIdentity>,
  ReturnType<typeof secureIdentity>,
  ReturnType<typeof secureIdentity>,
]

const accidents: unknown[] = []
process.on('uncaughtException', error => accidents.push(error))
process.on('unhandledRejection', reason => accidents.push(reason))
process.on('warning', warning => accidents.push(warning))

const raws: Duplex[] = []
let held = 0

function socketsHeld(): number {
  return process.getActiveResourcesInfo().filter(name => /^(TCP|TLS|Shutdown|Write)/.test(name)).length
}

beforeEach(() => {
  held = socketsHeld()
})

afterEach(async () => {
  vi.useRealTimers()
  for (const raw of raws.splice(0)) raw.destroy()
  while (socketsHeld() > held) await nextTurn()
  expect(accidents.splice(0)).toEqual([])
})

async function socketPair(): Promise<[Socket, Socket]> {
  const listener = createServer({ allowHalfOpen: true, pauseOnConnect: true })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const dialed = createConnection({ host: '127.0.0.1', port, allowHalfOpen: true })
  const [[accepted]] = (await Promise.all([once(listener, 'connection'), once(dialed, 'connect')])) as [
    [Socket],
    unknown,
  ]
  listener.close()
  for (const socket of [dialed, accepted]) socket.on('error', () => {})
  return keep([dialed, accepted])
}

function keep<T extends Duplex>(pair: [T, T]): [T, T] {
  raws.push(...pair)
  return pair
}

const WAYS = [
  ['a socket', socketPair],
  ['an in-band bytestream', async (): Promise<[Duplex, Duplex]> => keep(inBandPair())],
] as const

const never = new AbortController().signal

/** Both ends, each with the other's certificate pinned. */
function secured([a, b]: readonly [Duplex, Duplex]): Promise<[SecureStream, SecureStream]> {
  return Promise.all([
    secureStream(a, 'client', client, SERVER.fingerprints, never),
    secureStream(b, 'server', server, CLIENT.fingerprints, never),
  ])
}

async function expectFailure(securing: Promise<unknown>, code: FailureCode): Promise<Failure> {
  const failure = await securing.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(failure).toBeInstanceOf(Failure)
  expect((failure as Failure).code).toBe(code)
  return failure as Failure
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

describe.each(WAYS)('over %s', (_, makePair) => {
  test('both ends are sure of each other, and show the same code', async () => {
    const [a, b] = await secured(await makePair())
    expect(a.code).toMatch(/^(\d{5} ){5}\d{5}$/)
    expect(b.code).toBe(a.code)
    for (const { stream } of [a, b]) {
      expect(stream.isPaused()).toBe(true)
      expect(stream.listenerCount('error')).toBeGreaterThan(0)
    }
  })

  test('a mebibyte goes each way, and an ending comes behind all of it', async () => {
    const [{ stream: a }, { stream: b }] = await secured(await makePair())
    const [fromA, fromB] = [randomBytes(1 << 20), randomBytes(1 << 20)]
    const [atA, atB] = [readToEnd(a), readToEnd(b)]
    a.write(fromA)
    b.write(fromB)
    a.end()
    b.end()
    expect((await atB).equals(fromA)).toBe(true)
    expect((await atA).equals(fromB)).toBe(true)
    await Promise.all([closed(a), closed(b)])
    expect([a.errored, b.errored]).toEqual([null, null])
  })

  test('the other end may answer after an ending', async () => {
    const [{ stream: a }, { stream: b }] = await secured(await makePair())
    a.end('question')
    const atA = readToEnd(a)
    expect(String(await readToEnd(b))).toBe('question')
    b.end('answer')
    expect(String(await atA)).toBe('answer')
    await Promise.all([closed(a), closed(b)])
  })

  test('a reader that comes after both ended still gets everything', async () => {
    const raw = await makePair()
    const [{ stream: a }, { stream: b }] = await secured(raw)
    const sent = randomBytes(60_000)
    b.end()
    a.resume()
    a.end(sent)
    await once(a, 'end')
    for (let turn = 0; turn < 200; turn++) await nextTurn()
    expect((await readToEnd(b)).equals(sent)).toBe(true)
    await Promise.all([closed(a), closed(b), closed(raw[0]), closed(raw[1])])
  })

  test('a reader that does not read slows the writer down', async () => {
    const [{ stream: a }, { stream: b }] = await secured(await makePair())
    const piece = randomBytes(64 * 1024)
    let written = 0
    const write = (): void => {
      a.write(piece, error => {
        if (error !== null && error !== undefined) return
        written += piece.length
        if (written < 64 << 20) write()
      })
    }
    write()
    let last = -1
    while (last !== written) {
      last = written
      for (let turn = 0; turn < 500; turn++) await nextTurn()
    }
    expect(written).toBeLessThan(32 << 20)
    expect(b.readableLength).toBeLessThan(1 << 20)
    // It goes on when somebody reads.
    let read = 0
    const goesOn = new Promise<void>(resolve => {
      b.on('data', (chunk: Buffer) => {
        read += chunk.length
        if (read > last + (1 << 20)) resolve()
      })
    })
    b.resume()
    await goesOn
    a.destroy()
    b.destroy()
  })

  test('destroying one end destroys what is underneath, at both', async () => {
    const raw = await makePair()
    const [{ stream: a }, { stream: b }] = await secured(raw)
    b.resume()
    a.write('something')
    a.destroy()
    await Promise.all([closed(a), closed(raw[0])])
    expect(raw[0].destroyed).toBe(true)
    b.end()
    await Promise.all([closed(b), closed(raw[1])])
  })

  test('nothing of what is sent can be read underneath', async () => {
    const raw = await makePair()
    const seen: Buffer[] = []
    const write = raw[0].write.bind(raw[0])
    raw[0].write = (...parameters: [unknown, ...unknown[]]): boolean => {
      seen.push(Buffer.from(parameters[0] as Uint8Array))
      return (write as (...all: unknown[]) => boolean)(...parameters)
    }
    const [{ stream: a }, { stream: b }] = await secured(raw)
    a.end('the secret')
    expect(String(await readToEnd(b))).toBe('the secret')
    expect(Buffer.concat(seen).includes('secret')).toBe(false)
    b.end()
    a.resume()
    await closed(a)
  })

  test('bytes that were waiting already belong to TLS', async () => {
    const raw = await makePair()
    const securing = secureStream(raw[0], 'client', client, SERVER.fingerprints, never)
    const [first] = (await once(raw[1].resume(), 'data')) as [Buffer]
    raw[1].pause()
    raw[1].unshift(first)
    const { stream: b } = await secureStream(raw[1], 'server', server, CLIENT.fingerprints, never)
    const { stream: a } = await securing
    a.end('hello')
    expect(String(await readToEnd(b))).toBe('hello')
  })

  test('a server with another certificate than the announced one is told nothing', async () => {
    const raw = await makePair()
    const theirs = secureStream(raw[1], 'server', other, CLIENT.fingerprints, never)
    // It may have seen ours, or only that we left.
    const told = theirs.then(
      async ({ stream }) => {
        const chunks: Buffer[] = []
        stream.on('data', (chunk: Buffer) => chunks.push(chunk))
        stream.resume()
        stream.end()
        await closed(stream)
        return Buffer.concat(chunks)
      },
      () => Buffer.alloc(0),
    )
    await expectFailure(
      secureStream(raw[0], 'client', client, SERVER.fingerprints, never),
      'certificate-mismatch',
    )
    expect(raw[0].destroyed).toBe(true)
    expect((await told).length).toBe(0)
  })

  test('a client with another certificate than the announced one is not heard', async () => {
    const raw = await makePair()
    const theirs = secureStream(raw[0], 'client', other, SERVER.fingerprints, never)
    // TLS 1.3 lets a client go on before the server has seen its certificate: it learns it from the end.
    theirs.then(
      ({ stream }) => stream.end('let me in'),
      () => {},
    )
    const failure = await expectFailure(
      secureStream(raw[1], 'server', server, CLIENT.fingerprints, never),
      'certificate-mismatch',
    )
    expect(failure.fault).toBe('remote')
    expect(raw[1].destroyed).toBe(true)
    await theirs.then(
      ({ stream }) => closed(stream.resume()),
      () => {},
    )
  })

  test.each([
    ['plain text', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['nothing but zeros', Buffer.alloc(64)],
    ['what looks like TLS at first', Buffer.from('160303ffffffffffffffffffff', 'hex')],
  ])('a peer that answers with %s speaks no TLS', async (_what, answer) => {
    for (const as of ['client', 'server'] as const) {
      const raw = await makePair()
      raw[1].resume()
      raw[1].end(answer)
      const failure = await secureStream(raw[0], as, client, SERVER.fingerprints, never).catch(
        (error: unknown) => error,
      )
      expect(failure).toBeInstanceOf(Failure)
      expect((failure as Failure).code).toBe('protocol-error')
      expect(raw[0].destroyed).toBe(true)
    }
  })

  test('two clients do not understand each other', async () => {
    const raw = await makePair()
    const [a, b] = await Promise.allSettled([
      secureStream(raw[0], 'client', client, SERVER.fingerprints, never),
      secureStream(raw[1], 'client', server, CLIENT.fingerprints, never),
    ])
    expect([a.status, b.status]).toEqual(['rejected', 'rejected'])
  })

  test('a peer that says nothing has fifteen seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const raw = await makePair()
    const securing = secureStream(raw[0], 'client', client, SERVER.fingerprints, never)
    vi.advanceTimersByTime(SECURE_TIMEOUT_MS - 1)
    expect(raw[0].destroyed).toBe(false)
    vi.advanceTimersByTime(1)
    await expectFailure(securing, 'timed-out')
    expect(raw[0].destroyed).toBe(true)
    vi.advanceTimersByTime(10_000)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('a peer that closes meanwhile is lost', async () => {
    const raw = await makePair()
    const securing = secureStream(raw[0], 'server', server, CLIENT.fingerprints, never)
    raw[1].resume()
    raw[1].end()
    await expectFailure(securing, 'connection-lost')
    expect(raw[0].destroyed).toBe(true)
  })

  test('can be given up', async () => {
    const abort = new AbortController()
    const raw = await makePair()
    const securing = secureStream(raw[0], 'client', client, SERVER.fingerprints, abort.signal)
    abort.abort(new Failure('cancelled', 'enough'))
    await expectFailure(securing, 'cancelled')
    expect(raw[0].destroyed).toBe(true)
    await expectFailure(
      secureStream(raw[1], 'server', server, CLIENT.fingerprints, abort.signal),
      'cancelled',
    )
    expect(raw[1].destroyed).toBe(true)
  })

  test('what is destroyed already cannot be secured', async () => {
    const [raw] = await makePair()
    raw.destroy()
    await expectFailure(secureStream(raw, 'client', client, SERVER.fingerprints, never), 'connection-lost')
  })

  test('without any pin nobody is the announced one', async () => {
    const raw = await makePair()
    const theirs = secureStream(raw[1], 'server', server, CLIENT.fingerprints, never).catch(() => {})
    await expectFailure(secureStream(raw[0], 'client', client, {}, never), 'certificate-mismatch')
    await theirs
  })

  test('ends that are destroyed at any time leave nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(80),
        fc.constantFrom<'end' | 'destroy' | 'raw'>('end', 'destroy', 'raw'),
        fc.constantFrom<'end' | 'destroy' | 'nothing'>('end', 'destroy', 'nothing'),
        fc.boolean(),
        async (turns, one, another, reads) => {
          const raw = await makePair()
          const [a, b] = [
            secureStream(raw[0], 'client', client, SERVER.fingerprints, never),
            secureStream(raw[1], 'server', server, CLIENT.fingerprints, never),
          ]
          const streams: Duplex[] = []
          for (const securing of [a, b]) {
            securing.then(
              ({ stream }) => {
                streams.push(stream)
                stream.write(randomBytes(100_000))
                if (reads) stream.resume()
              },
              () => {},
            )
          }
          for (let turn = 0; turn < turns; turn++) await nextTurn()
          if (one === 'raw') raw[0].destroy()
          else streams[0]?.[one]()
          if (another !== 'nothing') streams[1]?.[another]()
          for (let turn = 0; turn < 20; turn++) await nextTurn()
          raw[0].destroy()
          raw[1].destroy()
          await Promise.allSettled([a, b])
          for (const stream of [...streams, ...raw]) stream.destroy()
          await Promise.all([...streams, ...raw].map(closed))
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('with programs that are not ours', () => {
  test.each([
    ['shows no certificate', { maxVersion: 'TLSv1.3' }, 'certificate-mismatch'],
    [
      'knows only TLS 1.2',
      { maxVersion: 'TLSv1.2', key: CLIENT.key, cert: CLIENT.certificate },
      'protocol-error',
    ],
  ] as const)('a client that %s is refused', async (_, options, code) => {
    const [dialed, accepted] = await socketPair()
    const their = connectTls({ socket: dialed, rejectUnauthorized: false, ...options } as ConnectionOptions)
    their.on('error', () => {})
    await expectFailure(secureStream(accepted, 'server', server, CLIENT.fingerprints, never), code)
    expect(accepted.destroyed).toBe(true)
    their.resume()
    their.end()
    await closed(their)
  })

  test('a server that knows only TLS 1.2 is refused', async () => {
    const [dialed, accepted] = await socketPair()
    const their = new TLSSocket(accepted, {
      isServer: true,
      key: SERVER.key,
      cert: SERVER.certificate,
      maxVersion: 'TLSv1.2',
    })
    their.on('error', () => {})
    await expectFailure(secureStream(dialed, 'client', client, SERVER.fingerprints, never), 'protocol-error')
    expect(dialed.destroyed).toBe(true)
    their.destroy()
  })
})

test('64 MiB go over a socket', async () => {
  const [{ stream: a }, { stream: b }] = await secured(await socketPair())
  const piece = randomBytes(1 << 20)
  const sent = createHash('sha256')
  const received = createHash('sha256')
  function* pieces(): Generator<Buffer> {
    for (let i = 0; i < 64; i++) {
      piece.writeUInt32BE(i)
      sent.update(piece)
      yield Buffer.from(piece)
    }
  }
  let length = 0
  b.on('data', (chunk: Buffer) => {
    received.update(chunk)
    length += chunk.length
  })
  b.resume()
  Readable.from(pieces()).pipe(a)
  await once(b, 'end')
  expect(length).toBe(64 << 20)
  expect(received.digest('hex')).toBe(sent.digest('hex'))
  b.end()
  a.resume()
  await closed(a)
})

describe('when the stream underneath breaks', () => {
  async function overInBand(): Promise<{ raw: [InBandStream, InBandStream]; ends: [Duplex, Duplex] }> {
    const raw = keep(inBandPair())
    const [{ stream: a }, { stream: b }] = await secured(raw)
    return { raw, ends: [a, b] }
  }

  test('what it failed with is what the secured one fails with', async () => {
    const { raw, ends } = await overInBand()
    const failure = new Failure('connection-lost', 'gone')
    const failed = once(ends[0], 'error')
    ends[0].write(randomBytes(100_000))
    raw[0].abandon(failure)
    expect(await failed).toEqual([failure])
    expect(ends[0].errored).toBe(failure)
  })

  test('while TLS is made, what it failed with is thrown', async () => {
    const raw = keep(inBandPair())
    const failure = new Failure('connection-lost', 'gone')
    const securing = secureStream(raw[0], 'client', client, SERVER.fingerprints, never)
    raw[0].abandon(failure)
    expect(await expectFailure(securing, 'connection-lost')).toBe(failure)
  })

  test('a stream that its owner destroys takes the secured one along', async () => {
    const { raw, ends } = await overInBand()
    raw[1].destroy()
    await closed(ends[1])
  })

  test('it may be any Duplex', async () => {
    const make = (to: () => Duplex): Duplex =>
      new Duplex({
        read: () => {},
        write: (chunk, _encoding, done) => {
          to().push(chunk)
          done()
        },
        final: done => {
          to().push(null)
          done()
        },
      })
    const a: Duplex = make(() => b)
    const b: Duplex = make(() => a)
    const [one, two] = await secured(keep([a, b]))
    one.stream.end('hello')
    expect(String(await readToEnd(two.stream))).toBe('hello')
  })
})
