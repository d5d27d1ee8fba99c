import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type BlockAnswer, type InBandOptions, InBandStream } from '../../main/bytestreams/in-band.ts'
import { Failure } from '../../shared/model/failure.ts'
import { inBandPair, ScriptedPort } from './in-band-pair.ts'

const accidents: unknown[] = []
process.on('uncaughtException', error => accidents.push(error))
process.on('unhandledRejection', reason => accidents.push(reason))
process.on('warning', warning => accidents.push(warning))

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})

afterEach(async () => {
  await settle()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
  expect(accidents.splice(0)).toEqual([])
})

/** A few turns of the event loop, in which everything that can happen has happened. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await nextTurn()
}

/** A stream whose other end is the test. */
function scripted(options: Partial<InBandOptions> = {}): { port: ScriptedPort; stream: InBandStream } {
  const port = new ScriptedPort()
  const stream = new InBandStream(port, { blockSize: 4, mostInFlight: 4, ...options })
  stream.on('error', () => {})
  return { port, stream }
}

/** Whether a promise has settled after a few turns. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  const note = (): void => {
    settled = true
  }
  promise.then(note, note)
  await settle()
  return settled
}

async function failureOf(stream: InBandStream): Promise<Failure> {
  if (!stream.closed) await new Promise(resolve => stream.once('close', resolve))
  expect(stream.errored).toBeInstanceOf(Failure)
  return stream.errored as Failure
}

/** Up to the end of the peer's direction; ours stays as it is. */
async function readToEnd(stream: InBandStream): Promise<Buffer> {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(stream, 'end')
  return Buffer.concat(chunks)
}

const text = (port: ScriptedPort): string[] => port.blocks.map(({ bytes }) => String(bytes))

describe('writing', () => {
  test('is cut into blocks of the size, numbered from 0', async () => {
    const { port, stream } = scripted()
    port.willing = true
    stream.write('abcdefghij')
    await port.untilSent(3)
    expect(port.blocks.map(({ sequence }) => sequence)).toEqual([0, 1, 2])
    expect(text(port)).toEqual(['abcd', 'efgh', 'ij'])
    stream.destroy()
  })

  test('that waits behind a block is joined: blocks are filled, and none is empty', async () => {
    const { port, stream } = scripted({ mostInFlight: 1 })
    for (const piece of ['a', '', 'b', 'c', 'defg', '']) stream.write(piece)
    expect(text(port)).toEqual(['a'])
    port.willing = true
    port.blocks[0]?.accept()
    await port.untilSent(4)
    expect(text(port)).toEqual(['a', 'b', 'cdef', 'g'])
    stream.destroy()
  })

  test('goes on with the number 0 behind 65535', async () => {
    const { port, stream } = scripted({ blockSize: 1, mostInFlight: 16 })
    port.willing = true
    const bytes = randomBytes(65_538)
    stream.write(bytes)
    await port.untilSent(bytes.length)
    expect(port.blocks.slice(65_534).map(({ sequence }) => sequence)).toEqual([65_534, 65_535, 0, 1])
    expect(Buffer.concat(port.blocks.map(block => block.bytes)).equals(bytes)).toBe(true)
    stream.destroy()
  })

  test('arrives as it was, whatever the pieces and blocks are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 6 }),
        async (pieces, blockSize, mostInFlight) => {
          const { port, stream } = scripted({ blockSize, mostInFlight })
          port.willing = true
          for (const piece of pieces) stream.write(piece)
          stream.end()
          stream.resume()
          await once(stream, 'close')
          const sizes = port.blocks.map(({ bytes }) => bytes.length)
          expect(sizes.every(size => size > 0 && size <= blockSize)).toBe(true)
          expect(port.blocks.map(({ sequence }) => sequence)).toEqual(sizes.map((_, index) => index))
          expect(Buffer.concat(port.blocks.map(({ bytes }) => bytes))).toEqual(Buffer.concat(pieces))
        },
      ),
      { numRuns: 100 },
    )
  })

  test('waits for the peer: no more than was given out is on its way, and the writer hears of it', async () => {
    const { port, stream } = scripted({ blockSize: 1024, mostInFlight: 3 })
    let written = 0
    for (let i = 0; i < 100; i++) stream.write(Buffer.alloc(1024), () => written++)
    expect(stream.writableNeedDrain).toBe(true)
    let drained = false
    stream.once('drain', () => {
      drained = true
    })
    await settle()
    expect(port.blocks.length).toBe(2)
    expect(written).toBe(2)
    let answered = 0
    while (answered < 50) {
      port.blocks[answered]?.accept()
      answered += 1
      await settle()
      expect(port.blocks.length - answered).toBeLessThanOrEqual(3)
    }
    expect(drained).toBe(false)
    while (answered < 100) {
      port.blocks[answered]?.accept()
      answered += 1
      await settle()
    }
    expect(drained).toBe(true)
    expect(written).toBe(100)
    stream.destroy()
  })
})

describe('the number of blocks on their way', () => {
  /** How many are on their way, after each round of answers took so long. */
  async function windowAfter(roundsMs: readonly number[], mostInFlight = 16): Promise<number> {
    let clock = 0
    const { port, stream } = scripted({ mostInFlight, now: () => clock })
    stream.write(Buffer.alloc(4_000))
    let answered = 0
    for (const ms of roundsMs) {
      clock += ms
      const round = port.blocks.slice(answered)
      for (const block of round) block.accept()
      answered += round.length
      await settle()
    }
    const window = port.blocks.length - answered
    stream.destroy()
    return window
  }

  test.each([
    ['two at first', [], 2],
    ['one more for each prompt answer', [10, 2_000], 8],
    ['no more than may be', [10, 10, 10, 10, 10], 16],
    ['half as many after each late answer', [10, 10, 2_001], 1],
    ['one at least', [60_000, 60_000, 60_000], 1],
    ['more again when answers are prompt again', [10, 60_000, 10, 10], 4],
  ])('is %s', async (_, roundsMs, expected) => {
    expect(await windowAfter(roundsMs)).toBe(expected)
  })

  test('is one where only one may be', async () => {
    expect(await windowAfter([], 1)).toBe(1)
    expect(await windowAfter([10, 10, 10], 1)).toBe(1)
  })
})

describe('reading', () => {
  test('gives what came, and each block is answered', async () => {
    const { stream } = scripted()
    const chunks: string[] = []
    stream.on('data', chunk => chunks.push(String(chunk)))
    expect(await stream.receiveBlock(0, Buffer.from('abcd'))).toBe('taken')
    expect(await stream.receiveBlock(1, Buffer.from('e'))).toBe('taken')
    expect(await stream.receiveBlock(2, Buffer.alloc(0))).toBe('taken')
    expect(await stream.receiveBlock(3, Buffer.from('f'))).toBe('taken')
    await settle()
    expect(chunks.join('')).toBe('abcdef')
    stream.destroy()
  })

  test('takes the number 0 behind 65535', async () => {
    const { stream } = scripted({ blockSize: 1 })
    stream.resume()
    for (let block = 0; block < 65_540; block++) {
      expect(await stream.receiveBlock(block % 65_536, Buffer.from('x'))).toBe('taken')
    }
    stream.destroy()
  })

  test('slows the peer down: what finds no room is answered when somebody reads', async () => {
    const { stream } = scripted({ blockSize: 16_384 })
    const answers = Array.from({ length: 7 }, (_, block) =>
      stream.receiveBlock(block, Buffer.alloc(16_384, block)),
    )
    expect(await Promise.all(answers.slice(0, 3))).toEqual(['taken', 'taken', 'taken'])
    for (const answer of answers.slice(3)) expect(await isSettled(answer)).toBe(false)
    const chunks: Buffer[] = []
    while (chunks.length < 7) {
      const chunk = stream.read(16_384) as Buffer | null
      if (chunk === null) await once(stream, 'readable')
      else chunks.push(chunk)
    }
    expect(await Promise.all(answers)).toEqual(Array(7).fill('taken'))
    expect(chunks.map(chunk => chunk[0])).toEqual([0, 1, 2, 3, 4, 5, 6])
    stream.destroy()
  })

  test('takes what comes without waiting for answers, up to a limit', async () => {
    const { port, stream } = scripted({ blockSize: 65_535 })
    const answers: Promise<BlockAnswer>[] = []
    for (let block = 0; block < 17; block++) {
      answers.push(stream.receiveBlock(block, Buffer.alloc(65_535)))
    }
    expect(await answers[16]).toBe('resource-constraint')
    expect((await failureOf(stream)).code).toBe('protocol-error')
    expect(port.closes.length).toBe(1)
    // Nobody read these, and nobody will.
    expect(await answers[15]).toBe('item-not-found')
  })
})

describe('a peer that breaks the rules', () => {
  const first = Buffer.from('abcd')
  test.each([
    ['repeats a block', 'unexpected-request', s => s.receiveBlock(0, first)],
    ['leaves a block out', 'unexpected-request', s => s.receiveBlock(2, first)],
    ['counts on behind 65535', 'unexpected-request', s => s.receiveBlock(65_537, first)],
    ['sends a block that is too large', 'bad-request', s => s.receiveBlock(1, Buffer.from('abcde'))],
  ] as const satisfies readonly (readonly [
    string,
    BlockAnswer,
    (s: InBandStream) => Promise<BlockAnswer>,
  ])[])('and %s is told so, and the stream is closed', async (_, expected, act) => {
    const { port, stream } = scripted()
    stream.resume()
    expect(await stream.receiveBlock(0, first)).toBe('taken')
    expect(await act(stream)).toBe(expected)
    // Not even the block that would have been right is taken now.
    expect(await stream.receiveBlock(1, first)).toBe('item-not-found')
    const failure = await failureOf(stream)
    expect(failure.code).toBe('protocol-error')
    expect(failure.fault).toBe('remote')
    expect(port.closes.length).toBe(1)
    expect(await stream.receiveClose()).toBe(false)
  })

  test('and sends what cannot be read ends the stream', async () => {
    const { port, stream } = scripted()
    stream.receiveMalformed()
    expect(await stream.receiveBlock(0, first)).toBe('item-not-found')
    expect((await failureOf(stream)).code).toBe('protocol-error')
    expect(port.closes.length).toBe(1)
    stream.receiveMalformed()
  })

  test('while we are closing is not told of a second closing', async () => {
    const { port, stream } = scripted()
    stream.end()
    const close = await port.untilClosed()
    expect(await stream.receiveBlock(1, first)).toBe('unexpected-request')
    await failureOf(stream)
    expect(port.closes).toEqual([close])
    expect(close.signal?.aborted).toBe(true)
    close.refuse(new Error('aborted'))
  })
})

describe('our closing', () => {
  test('comes behind the last answer, and its answer ends both directions', async () => {
    const { port, stream } = scripted()
    stream.end('abcdefgh')
    const [finished, ended] = [once(stream, 'finish'), once(stream, 'end')]
    stream.resume()
    await port.untilSent(2)
    port.blocks[0]?.accept()
    await settle()
    expect(port.closes).toEqual([])
    port.blocks[1]?.accept()
    const close = await port.untilClosed()
    expect(await isSettled(Promise.race([finished, ended]))).toBe(false)
    // Until then the peer may send the rest of what it has.
    expect(await stream.receiveBlock(0, Buffer.from('last'))).toBe('taken')
    close.accept()
    await Promise.all([finished, ended])
    expect(await stream.receiveBlock(1, Buffer.from('late'))).toBe('item-not-found')
    expect(port.closes.length).toBe(1)
  })

  test.each(['refused', 'not answered in time'])('is as good when it is %s', async why => {
    const { port, stream } = scripted()
    stream.end('abcd')
    stream.resume()
    port.willing = false
    await port.untilSent(1)
    port.blocks[0]?.accept()
    const close = await port.untilClosed()
    close.refuse(new Error(why))
    await once(stream, 'close')
    expect(stream.errored).toBeNull()
    expect(stream.readableEnded && stream.writableFinished).toBe(true)
  })

  test('meets that of the peer', async () => {
    const { port, stream } = scripted()
    stream.resume()
    stream.end()
    const close = await port.untilClosed()
    expect(await stream.receiveClose()).toBe(true)
    await once(stream, 'close')
    expect(stream.errored).toBeNull()
    close.accept()
    expect(port.closes.length).toBe(1)
  })

  test('is not needed where the peer has closed before the last answer, as libpurple does', async () => {
    const { port, stream } = scripted()
    stream.resume()
    stream.end('abcdefgh')
    await port.untilSent(2)
    port.blocks[0]?.accept()
    const answer = stream.receiveClose()
    expect(await isSettled(answer)).toBe(false)
    port.blocks[1]?.accept()
    await once(stream, 'close')
    expect(stream.errored).toBeNull()
    expect(await answer).toBe(true)
    expect(port.closes).toEqual([])
  })
})

describe('the peer’s closing', () => {
  test('ends reading behind what came, and is answered when the rest was written', async () => {
    const { port, stream } = scripted()
    await stream.receiveBlock(0, Buffer.from('abcd'))
    const answer = stream.receiveClose()
    expect(String(await readToEnd(stream))).toBe('abcd')
    stream.write('rest')
    stream.end('!')
    await port.untilSent(2)
    port.blocks[0]?.accept()
    await settle()
    expect(await isSettled(answer)).toBe(false)
    port.blocks[1]?.accept()
    expect(await answer).toBe(true)
    await once(stream, 'close')
    expect(port.closes).toEqual([])
    expect(stream.errored).toBeNull()
  })

  test('is answered although nobody reads', async () => {
    const { stream } = scripted()
    await stream.receiveBlock(0, Buffer.from('abcd'))
    const answer = stream.receiveClose()
    stream.end()
    expect(await answer).toBe(true)
    expect(String(await readToEnd(stream))).toBe('abcd')
  })

  test('ends writing a second later, where the owner does not', async () => {
    const { port, stream } = scripted()
    const answer = stream.receiveClose()
    port.willing = true
    stream.write('abcd')
    vi.advanceTimersByTime(999)
    expect(await isSettled(answer)).toBe(false)
    vi.advanceTimersByTime(1)
    expect(await answer).toBe(true)
    expect(text(port)).toEqual(['abcd'])
    await settle()
    expect(stream.writableFinished).toBe(true)
    const failed = once(stream, 'error')
    stream.write('too late')
    expect((await failed)[0]).toMatchObject({ code: 'connection-lost' })
  })

  test('is heard once', async () => {
    const { stream } = scripted()
    const first = stream.receiveClose()
    expect(await stream.receiveClose()).toBe(false)
    expect(await stream.receiveBlock(0, Buffer.from('x'))).toBe('item-not-found')
    stream.end()
    expect(await first).toBe(true)
    expect(await stream.receiveClose()).toBe(false)
    stream.resume()
    await once(stream, 'close')
  })

  test('is answered when the stream is destroyed meanwhile', async () => {
    const { port, stream } = scripted()
    const answer = stream.receiveClose()
    stream.destroy()
    expect(await answer).toBe(true)
    expect(port.closes).toEqual([])
  })
})

describe('a stream that breaks', () => {
  test('is lost with what the peer or a server said, and is closed', async () => {
    const { port, stream } = scripted()
    const written = new Map<string, unknown>()
    for (const piece of ['abcd', 'efgh', 'ijkl', 'mnop']) {
      stream.write(piece, error => written.set(piece, error ?? 'left'))
    }
    await port.untilSent(2)
    const why = new Error('recipient-unavailable')
    port.blocks[1]?.refuse(why)
    const failure = await failureOf(stream)
    expect(failure.code).toBe('connection-lost')
    expect(failure.cause).toBe(why)
    expect(port.closes.length).toBe(1)
    await settle()
    // The first two left; what became of them, nobody can tell.
    expect([written.get('abcd'), written.get('efgh'), written.get('ijkl')]).toEqual(['left', 'left', failure])
    expect(written.get('mnop')).toBeInstanceOf(Error)
    expect(port.blocks.every(({ signal }) => signal?.aborted)).toBe(true)
    // What is heard of the others is of no more interest.
    port.blocks[0]?.refuse(new Error('late'))
  })

  test('ends an end that waits', async () => {
    const { port, stream } = scripted()
    const ended = new Promise<unknown>(resolve => stream.end('abcd', resolve as () => void))
    await port.untilSent(1)
    const failure = new Failure('connection-lost', 'gone')
    stream.destroy(failure)
    expect(await ended).toBe(failure)
  })

  test('without a word when the peer is gone or knows', async () => {
    const { port, stream } = scripted()
    const failure = new Failure('connection-lost', 'gone')
    stream.abandon(failure)
    expect(await failureOf(stream)).toBe(failure)
    expect(port.closes).toEqual([])
  })

  test('by its owner tells the peer, and that held blocks were not taken', async () => {
    const { port, stream } = scripted({ blockSize: 65_535 })
    const held = [0, 1, 2].map(block => stream.receiveBlock(block, Buffer.alloc(65_535)))
    stream.destroy()
    expect(await Promise.all(held)).toEqual(['taken', 'item-not-found', 'item-not-found'])
    expect(port.closes.length).toBe(1)
    expect(stream.gone.aborted).toBe(true)
    expect(stream.errored).toBeNull()
    port.closes[0]?.refuse(new Error('nobody there'))
  })
})

describe('two ends', () => {
  test('carry a mebibyte each way at once', async () => {
    const [a, b] = inBandPair()
    const [fromA, fromB] = [randomBytes(1 << 20), randomBytes((1 << 20) + 1)]
    const [atA, atB] = [readExactly(a, fromB.length), readExactly(b, fromA.length)]
    a.write(fromA)
    b.write(fromB)
    expect((await atB).equals(fromA)).toBe(true)
    expect((await atA).equals(fromB)).toBe(true)
    a.end()
    await Promise.all([closed(a), closed(b)])
    expect([a.errored, b.errored]).toEqual([null, null])
  })

  test('do not fill the memory of a reader that does not read', async () => {
    const [a, b] = inBandPair()
    a.write(Buffer.alloc(1 << 20))
    await settle()
    for (let turn = 0; turn < 200; turn++) await nextTurn()
    // What fits, and once the blocks that were on their way.
    expect(b.readableLength).toBeLessThanOrEqual(64 * 1024 + 16 * 4096)
    a.destroy()
    b.destroy()
  })

  test('that destroy each other at any time leave nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(60),
        fc.constantFrom<'end' | 'destroy' | 'abandon'>('end', 'destroy', 'abandon'),
        fc.constantFrom<'end' | 'destroy' | 'nothing'>('end', 'destroy', 'nothing'),
        fc.boolean(),
        async (turns, one, other, reads) => {
          const [a, b] = inBandPair()
          a.write(randomBytes(40_000))
          b.write(randomBytes(10_000))
          a.resume()
          if (reads) b.resume()
          for (let turn = 0; turn < turns; turn++) await nextTurn()
          if (one === 'abandon') a.abandon(new Failure('connection-lost', 'gone'))
          else a[one]()
          if (other !== 'nothing') b[other]()
          for (let turn = 0; turn < 60; turn++) await nextTurn()
          a.destroy()
          b.destroy()
          await settle()
          expect([a.gone.aborted, b.gone.aborted]).toEqual([true, true])
        },
      ),
      { numRuns: 60 },
    )
  })

  test('carry everything in order, whoever is slow', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 30_000 }), { minLength: 1, maxLength: 8 }),
        fc.array(fc.nat(3), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 5_000 }),
        async (sizes, waits, blockSize) => {
          const [a, b] = inBandPair({ blockSize })
          const pieces = sizes.map(size => randomBytes(size))
          for (const piece of pieces) a.write(piece)
          a.end()
          a.resume()
          const chunks: Buffer[] = []
          let reads = 0
          for await (const chunk of b) {
            chunks.push(chunk as Buffer)
            const turns = waits[reads++ % waits.length] ?? 0
            for (let turn = 0; turn < turns; turn++) await nextTurn()
          }
          expect(Buffer.concat(chunks).equals(Buffer.concat(pieces))).toBe(true)
          b.end()
          await closed(a)
        },
      ),
      { numRuns: 30 },
    )
  })
})

async function closed(stream: InBandStream): Promise<void> {
  stream.resume()
  if (!stream.writableEnded && stream.readableEnded) stream.end()
  stream.once('end', () => stream.end())
  if (!stream.closed) await once(stream, 'close')
}

function readExactly(stream: InBandStream, count: number): Promise<Buffer> {
  return new Promise(resolve => {
    const chunks: Buffer[] = []
    let length = 0
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      length += chunk.length
      if (length >= count) resolve(Buffer.concat(chunks))
    })
  })
}
