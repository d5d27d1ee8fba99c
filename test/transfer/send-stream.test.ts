import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { sendStream } from '../../main/transfer/send-stream.ts'
import { Failure } from '../../shared/model/failure.ts'
import { memoryPair, never, type Pair, sha256, tcpPair, tlsPair } from './rig.ts'

function source(bytes: Uint8Array, chunkBytes = 1000): Readable {
  const chunks: Uint8Array[] = []
  for (let from = 0; from < bytes.length; from += chunkBytes)
    chunks.push(bytes.subarray(from, from + chunkBytes))
  return Readable.from(chunks, { objectMode: false })
}

/** What arrives, up to the end. */
function arriving([, far]: Pair): Promise<Buffer> {
  return (async () => {
    const chunks: Buffer[] = []
    far.on('data', (chunk: Buffer) => chunks.push(chunk)).resume()
    await once(far, 'end')
    return Buffer.concat(chunks)
  })()
}

describe.each([
  ['in memory', async () => memoryPair()],
  ['over TCP', tcpPair],
  ['over TLS', tlsPair],
])('a stream that is sent %s', (_, makePair) => {
  it.each([0, 1, 999, 1000, 1001, 300_000])('arrives whole: %i bytes', async size => {
    const pair = await makePair()
    const bytes = randomBytes(size)
    const received = arriving(pair)
    const progress: number[] = []
    const sent = await sendStream(source(bytes), size, pair[0], {
      signal: never(),
      onProgress: sum => progress.push(sum),
    })
    expect(sent).toEqual({ bytes: size, sha256: sha256(bytes) })
    expect(progress.at(-1) ?? 0).toBe(size)
    expect(progress).toEqual(progress.toSorted((a, b) => a - b))
    expect(pair[0].writableEnded).toBe(false)
    pair[0].end()
    expect((await received).equals(bytes)).toBe(true)
  })
})

describe('a stream that is sent', () => {
  it.each([
    [0, 10_000],
    [1, 9_999],
    [2_500, 7_500],
    [2_500, 1_000],
    [3_000, 1],
    [10_000, 0],
    [0, 0],
  ])('may be sent in part: from %i on %i bytes', async (offset, length) => {
    const pair = memoryPair()
    const bytes = randomBytes(10_000)
    const received = arriving(pair)
    const stream = source(bytes)
    const sent = await sendStream(stream, 10_000, pair[0], { offset, length, signal: never() })
    const part = bytes.subarray(offset, offset + length)
    expect(sent).toEqual({ bytes: length, sha256: sha256(part) })
    pair[0].end()
    expect((await received).equals(part)).toBe(true)
    expect(stream.destroyed).toBe(true)
  })

  it.each([
    [-1, 1],
    [0, 11],
    [11, 0],
    [0.5, 1],
    [5, -1],
  ])('has no other parts: from %i on %i bytes', async (offset, length) => {
    const stream = source(randomBytes(10))
    const sending = sendStream(stream, 10, memoryPair()[0], { offset, length, signal: never() })
    await expect(sending).rejects.toMatchObject({ code: 'bug' })
    expect(stream.destroyed).toBe(true)
  })

  it.each([
    ['fewer', 9_999],
    ['more', 10_001],
    ['no', 0],
  ])('fails before the end of what was offered if there are %s bytes', async (_, actual) => {
    const pair = memoryPair()
    const received = arriving(pair)
    const sending = sendStream(source(randomBytes(actual)), 10_000, pair[0], { signal: never() })
    await expect(sending).rejects.toMatchObject({ code: 'file-changed' })
    pair[0].end()
    expect((await received).length).toBeLessThan(10_000)
  })

  it('fails if there are any bytes where none were offered', async () => {
    const sending = sendStream(source(randomBytes(1)), 0, memoryPair()[0], { signal: never() })
    await expect(sending).rejects.toMatchObject({ code: 'file-changed' })
  })

  it.each([
    [new Failure('file-unreadable', 'No.'), 'file-unreadable'],
    [new Error('No.'), 'bug'],
  ])('fails as its source does: %s', async (error, code) => {
    const pair = memoryPair()
    pair[1].resume()
    const failing = Readable.from(
      (async function* () {
        yield randomBytes(10)
        throw error
      })(),
      { objectMode: false },
    )
    await expect(sendStream(failing, 100, pair[0], { signal: never() })).rejects.toMatchObject({ code })
  })

  it.each(['before', 'while'])('ends with the reason when it is aborted %s it is sent', async when => {
    const pair = memoryPair()
    const stop = new AbortController()
    const reason = new Failure('paused', 'Paused.')
    if (when === 'before') stop.abort(reason)
    const stream = source(randomBytes(10_000_000), 64 * 1024)
    // Nobody reads, so that it cannot end.
    const sending = sendStream(stream, 10_000_000, pair[0], { signal: stop.signal })
    if (when === 'while') setImmediate(() => stop.abort(reason))
    await expect(sending).rejects.toBe(reason)
    expect(stream.destroyed).toBe(true)
    expect(pair[0].destroyed).toBe(false)
  })

  it('fails with connection-lost when the connection breaks', async () => {
    const pair = await tcpPair()
    pair[1].once('data', () => pair[1].destroy()).resume()
    const stream = source(randomBytes(10_000_000), 64 * 1024)
    const sending = sendStream(stream, 10_000_000, pair[0], { signal: never() })
    await expect(sending).rejects.toMatchObject({ code: 'connection-lost' })
    expect(stream.destroyed).toBe(true)
  })

  it('fails with connection-lost on a stream that is closed', async () => {
    const [near] = memoryPair()
    near.destroy()
    await once(near, 'close')
    await expect(sendStream(source(randomBytes(1)), 1, near, { signal: never() })).rejects.toMatchObject({
      code: 'connection-lost',
    })
  })
})
