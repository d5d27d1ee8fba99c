import { once } from 'node:events'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createPartialFile } from '../../main/transfer/partial-file.ts'
import { expectEnd, type ReceiveOptions, receiveFile } from '../../main/transfer/receive-file.ts'
import { Failure } from '../../shared/model/failure.ts'
import { eventually } from '../support/eventually.ts'
import {
  afterwards,
  CHUNK_BYTES,
  descriptorsOf,
  fileOf,
  folder,
  md5,
  memoryPair,
  never,
  pool,
  sha256,
  tcpPair,
  tlsPair,
} from './rig.ts'
import { closedGate, startTroubledDisk } from './troubled-disk.ts'

function bytesOf(size: number): Buffer {
  return fileOf(size).bytes
}

/** A receiving that was started, and what is around it. */
async function receiving(input: Duplex, options: Partial<ReceiveOptions> = {}) {
  const inbox = folder()
  const partial = await createPartialFile(inbox, 'got.bin')
  afterwards(() => partial.discard())
  const identity = statSync(partial.path, { bigint: true })
  const disk = options.disk ?? pool()
  const result = receiveFile(input, partial, { size: undefined, signal: never(), disk, ...options })
  // Whoever expects a rejection may do so later.
  result.catch(() => {})
  return { inbox, partial, identity, disk, result, content: () => readFileSync(partial.path) }
}

/** After a receiving has ended, however: nothing of it is left. */
async function expectNothingLeft(
  received: Awaited<ReturnType<typeof receiving>>,
  input: Duplex,
  before: Record<string, number>,
): Promise<void> {
  expect(received.disk.jobs).toBe(0)
  expect(listenersOf(input)).toEqual(before)
  await received.partial.discard()
  expect(descriptorsOf(received.identity)).toBe(0)
  expect(readdirSync(received.inbox)).toEqual([])
}

function listenersOf(stream: Duplex): Record<string, number> {
  const names = ['data', 'end', 'error', 'close', 'readable']
  return Object.fromEntries(names.map(name => [name, stream.listenerCount(name)]))
}

const SIZES = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 5 * CHUNK_BYTES, 9 * CHUNK_BYTES + 7]

describe('receiving', () => {
  it.each(SIZES)('takes %i bytes at once', async size => {
    const bytes = bytesOf(size)
    const [near, far] = memoryPair()
    const { result, content } = await receiving(near, { size })
    far.end(bytes)
    expect(await result).toEqual({ bytes: size, sha256: sha256(bytes) })
    expect(content().equals(bytes)).toBe(true)
  })

  it.each(SIZES)('takes %i bytes one by one', async size => {
    const bytes = bytesOf(size)
    const [near, far] = memoryPair()
    const { result, content } = await receiving(near, { size })
    for (const byte of bytes) if (!far.write(Uint8Array.of(byte))) await once(far, 'drain')
    expect(await result).toEqual({ bytes: size, sha256: sha256(bytes) })
    expect(content().equals(bytes)).toBe(true)
  })

  it.each([
    ['TCP', tcpPair],
    ['TLS', tlsPair],
  ])('takes a file from %s, with bytes put back into the paused stream', async (_, pair) => {
    const bytes = bytesOf(700_001)
    const [near, far] = await pair()
    near.pause()
    near.unshift(bytes.subarray(0, 100))
    const { result, content } = await receiving(near, { size: bytes.length })
    far.end(bytes.subarray(100))
    expect(await result).toEqual({ bytes: bytes.length, sha256: sha256(bytes) })
    expect(content().equals(bytes)).toBe(true)
    expect(await expectEnd(near, { graceMs: 10_000, signal: never() })).toBe('ended')
  })

  it.each([
    ['TCP', tcpPair],
    ['TLS', tlsPair],
  ])('from %s does not free what others look at', async (_, pair) => {
    const bytes = bytesOf(300_000)
    const [near, far] = await pair()
    near.pause()
    const seen: Buffer[] = []
    near.on('data', chunk => seen.push(chunk))
    near.pause()
    const { result } = await receiving(near, { size: bytes.length })
    far.end(bytes)
    expect((await result).sha256).toBe(sha256(bytes))
    expect(Buffer.concat(seen).equals(bytes)).toBe(true)
  })

  it('frees bytes that were put back only where they have memory of their own', async () => {
    const [near, far] = await tcpPair()
    const whole = Buffer.from(bytesOf(5000).buffer.slice(0, 5000))
    const pooled = Buffer.from('from the pool of all small buffers')
    const neighbour = Buffer.from('neighbour')
    near.pause()
    near.unshift(whole)
    near.unshift(pooled)
    const { result } = await receiving(near, {
      size: whole.length + pooled.length,
      disk: pool({ chunkBytes: 1 << 16, smallChunkBytes: 1 << 16 }),
    })
    await result
    expect(whole.length).toBe(0)
    expect(pooled.toString()).toBe('from the pool of all small buffers')
    expect(neighbour.toString()).toBe('neighbour')
    far.destroy()
  })

  it('reports what has arrived', async () => {
    const [near, far] = memoryPair()
    const seen: number[] = []
    const { result } = await receiving(near, { size: 3000, onProgress: bytes => seen.push(bytes) })
    far.write(bytesOf(2000))
    far.write(bytesOf(1000))
    await result
    expect(seen.at(-1)).toBe(3000)
    expect(seen).toEqual([...seen].sort((one, other) => one - other))
  })

  it('leaves the stream open, paused and without listeners of its own', async () => {
    const [near, far] = memoryPair()
    const before = listenersOf(near)
    const received = await receiving(near, { size: 10 })
    far.write(bytesOf(10))
    await received.result
    expect(near.isPaused()).toBe(true)
    expect(near.destroyed).toBe(false)
    await expectNothingLeft(received, near, before)
  })

  it('is not shaken by a connection that breaks behind the last byte', async () => {
    const gate = closedGate()
    afterwards(() => gate.open())
    const disk = pool({ start: () => startTroubledDisk({ kind: 'waits', gate: gate.gate }) })
    const [near, far] = memoryPair()
    const bytes = bytesOf(3000)
    const { result } = await receiving(near, { size: 3000, disk, onProgress: () => {} })
    far.write(bytes)
    await eventually(() => expect(near.listenerCount('data')).toBe(0))
    near.destroy(new Error('reset'))
    await turn()
    gate.open()
    expect(await result).toEqual({ bytes: 3000, sha256: sha256(bytes) })
  })

  it('takes an unknown number of bytes until the end', async () => {
    const [near, far] = memoryPair()
    const bytes = bytesOf(5000)
    const { result } = await receiving(near, { size: undefined })
    far.write(bytes.subarray(0, 4999))
    far.end(bytes.subarray(4999))
    expect(await result).toEqual({ bytes: 5000, sha256: sha256(bytes) })
  })
})

describe('a checksum', () => {
  it('that was announced is compared, in either case of letters', async () => {
    const [near, far] = memoryPair()
    const bytes = bytesOf(5000)
    const { result } = await receiving(near, { size: 5000, md5: md5(bytes).toUpperCase() })
    far.write(bytes)
    expect(await result).toEqual({ bytes: 5000, sha256: sha256(bytes), md5: md5(bytes) })
  })

  it.each([5000, 0])('that differs fails, with %i bytes', async size => {
    const [near, far] = memoryPair()
    const before = listenersOf(near)
    const received = await receiving(near, { size, md5: md5(Buffer.from('another')) })
    far.write(bytesOf(size))
    await expect(received.result).rejects.toMatchObject({ code: 'checksum-mismatch' })
    await expectNothingLeft(received, near, before)
  })
})

describe('more bytes than offered', () => {
  it.each([
    ['in the same chunk', 2000, 2001],
    ['behind a file of no bytes', 0, 1],
    ['by far', 10, 50_000],
  ])('stop it hard, and are not written: %s', async (_, size, sent) => {
    const [near, far] = memoryPair()
    far.write(bytesOf(sent))
    await turn()
    const before = listenersOf(near)
    const received = await receiving(near, { size })
    await expect(received.result).rejects.toMatchObject({ code: 'too-many-bytes' })
    expect(received.content().length).toBeLessThanOrEqual(size)
    await expectNothingLeft(received, near, before)
  })

  it('are seen when they wait in the stream behind the last byte', async () => {
    const [near, far] = memoryPair()
    near.pause()
    near.unshift(Buffer.from('surplus'))
    near.unshift(Buffer.from('file'))
    const { result, content } = await receiving(near, { size: 4 })
    await expect(result).rejects.toMatchObject({ code: 'too-many-bytes' })
    expect(content().length).toBeLessThanOrEqual(4)
    far.destroy()
  })

  it('than the limit of an unknown size stop it as well', async () => {
    const [near, far] = memoryPair()
    const { result } = await receiving(near, { size: undefined, limit: 3000 })
    far.write(bytesOf(3001))
    await expect(result).rejects.toMatchObject({ code: 'too-many-bytes' })
  })
})

describe('a peer that ends too early', () => {
  it.each([
    [0, 10],
    [4999, 5000],
  ])('is told with both numbers: %i of %i', async (sent, size) => {
    const [near, far] = memoryPair()
    const received = await receiving(near, { size })
    far.end(bytesOf(sent))
    await expect(received.result).rejects.toMatchObject({
      code: 'incomplete',
      message: expect.stringContaining(`${sent.toLocaleString('en')} of ${size.toLocaleString('en')} bytes`),
    })
    // A stream that has ended listens to itself.
    await expectNothingLeft(received, near, { ...listenersOf(near), data: 0 })
  })

  it('is noticed when it has ended before', async () => {
    const [near, far] = memoryPair()
    far.end()
    near.resume()
    await once(near, 'end')
    const { result } = await receiving(near, { size: 10 })
    await expect(result).rejects.toMatchObject({ code: 'incomplete' })
  })
})

describe('a connection that breaks', () => {
  it('is lost, with its cause', async () => {
    const [near, far] = memoryPair()
    const before = listenersOf(near)
    const received = await receiving(near, { size: 5000 })
    far.write(bytesOf(2000))
    await turn()
    const cause = new Error('reset')
    near.destroy(cause)
    await expect(received.result).rejects.toMatchObject({ code: 'connection-lost', cause })
    await expectNothingLeft(received, near, before)
  })

  it('is lost too when it closes without a word, or was closed before', async () => {
    const [near] = memoryPair()
    const during = await receiving(near, { size: 5000 })
    near.destroy()
    await expect(during.result).rejects.toMatchObject({ code: 'connection-lost' })
    const after = await receiving(near, { size: 5000 })
    await expect(after.result).rejects.toMatchObject({ code: 'connection-lost' })
  })

  it('keeps the failure of a stream that knows better', async () => {
    const [near] = memoryPair()
    const { result } = await receiving(near, { size: 5000 })
    const known = new Failure('cancelled-by-peer', 'The peer cancelled.')
    near.destroy(known)
    await expect(result).rejects.toBe(known)
  })
})

describe('a disk in trouble', () => {
  it.each([
    ['ENOSPC', 'disk-full', /full/],
    ['EDQUOT', 'disk-full', /quota/],
    ['EFBIG', 'cannot-write', /4 GiB/],
    ['EIO', 'cannot-write', /EIO/],
  ])('fails the receiving in its midst: %s', async (errno, code, sentence) => {
    const disk = pool({
      start: () => startTroubledDisk({ kind: 'fails', code: errno, afterBytes: CHUNK_BYTES + 100 }),
    })
    const [near, far] = memoryPair()
    const before = listenersOf(near)
    const received = await receiving(near, { size: 50_000, disk })
    far.write(bytesOf(50_000))
    await expect(received.result).rejects.toMatchObject({ code, message: expect.stringMatching(sentence) })
    // What was there is still there, until somebody discards it.
    expect(received.content()).toHaveLength(CHUNK_BYTES + 100)
    await expectNothingLeft(received, near, before)
  })

  it('slows the peer down instead of filling the memory', async () => {
    const gate = closedGate()
    afterwards(() => gate.open())
    const disk = pool({ start: () => startTroubledDisk({ kind: 'waits', gate: gate.gate }) })
    const [near, far] = await tcpPair()
    const bytes = bytesOf(20_000_000)
    let arrived = 0
    const { result } = await receiving(near, {
      size: bytes.length,
      disk,
      onProgress: total => {
        arrived = total
      },
    })
    const delivered = once(far, 'finish')
    far.end(bytes)
    await eventually(() => expect(near.isPaused()).toBe(true))
    for (let round = 0; round < 50; round += 1) await turn()
    expect(arrived).toBeLessThan(1_000_000)
    expect(near.readableLength).toBeLessThan(1_000_000)
    gate.open()
    expect(await result).toEqual({ bytes: bytes.length, sha256: sha256(bytes) })
    await delivered
  })
})

describe('an abort of receiving', () => {
  const why = new Failure('cancelled-by-peer', 'The peer cancelled.')

  it.each([
    ['before it begins', 0, true],
    ['before the first byte', 0, false],
    ['in the midst', 3000, false],
  ])('%s frees everything, and gives the reason', async (_, sent, beforehand) => {
    const [near, far] = memoryPair()
    const before = listenersOf(near)
    const abort = new AbortController()
    if (beforehand) abort.abort(why)
    const received = await receiving(near, { size: 10_000, signal: abort.signal })
    far.write(bytesOf(sent))
    await turn()
    abort.abort(why)
    await expect(received.result).rejects.toBe(why)
    expect(near.destroyed).toBe(false)
    await expectNothingLeft(received, near, before)
  })

  it('without a reason of ours is a cancellation', async () => {
    const [near] = memoryPair()
    const abort = new AbortController()
    const { result } = await receiving(near, { size: 10, signal: abort.signal })
    abort.abort()
    await expect(result).rejects.toMatchObject({ code: 'cancelled' })
  })

  it.each([
    ['in the midst', 20_000, 6000],
    ['behind the last byte', 6000, 6000],
  ])('while the disk is writing lets go of the file only then: %s', async (_, size, sent) => {
    const gate = closedGate()
    afterwards(() => gate.open())
    const disk = pool({ start: () => startTroubledDisk({ kind: 'waits', gate: gate.gate }) })
    const [near, far] = memoryPair()
    const before = listenersOf(near)
    const abort = new AbortController()
    const received = await receiving(near, { size, disk, signal: abort.signal })
    far.write(bytesOf(sent))
    await eventually(() => expect(near.isPaused()).toBe(true))
    abort.abort(why)
    const discarded = received.partial.discard()
    await turn()
    expect(descriptorsOf(received.identity)).toBe(1)
    gate.open()
    await expect(received.result).rejects.toBe(why)
    await discarded
    await expectNothingLeft(received, near, before)
  })
})

describe('after the last byte', () => {
  it('an end is an end', async () => {
    const [near, far] = memoryPair()
    far.end()
    expect(await expectEnd(near, { graceMs: 60_000, signal: never() })).toBe('ended')
  })

  it('a stream that has ended, closed or breaks has sent nothing more', async () => {
    const [near] = memoryPair()
    const ending = expectEnd(near, { graceMs: 60_000, signal: never() })
    near.destroy(new Error('reset'))
    expect(await ending).toBe('ended')
    expect(await expectEnd(near, { graceMs: 60_000, signal: never() })).toBe('ended')
  })

  it('silence is told from an end, and leaves the stream as it was', async () => {
    const [near] = memoryPair()
    const before = listenersOf(near)
    expect(await expectEnd(near, { graceMs: 1, signal: never() })).toBe('silent')
    await turn()
    expect(listenersOf(near)).toEqual(before)
    expect(near.isPaused()).toBe(true)
    expect(near.destroyed).toBe(false)
  })

  it('one byte more is too many', async () => {
    const [near, far] = memoryPair()
    const ending = expectEnd(near, { graceMs: 60_000, signal: never() })
    far.write('x')
    await expect(ending).rejects.toMatchObject({ code: 'too-many-bytes' })
  })

  it('an abort gives its reason', async () => {
    const [near] = memoryPair()
    const why = new Failure('timed-out', 'Too late.')
    await expect(expectEnd(near, { graceMs: 60_000, signal: AbortSignal.abort(why) })).rejects.toBe(why)
    const abort = new AbortController()
    const ending = expectEnd(near, { graceMs: 60_000, signal: abort.signal })
    abort.abort(why)
    await expect(ending).rejects.toBe(why)
  })
})
