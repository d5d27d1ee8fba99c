import { once } from 'node:events'
import {
  appendFileSync,
  mkdirSync,
  renameSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type Duplex, duplexPair } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { openSource, type SendOptions, sendFile } from '../../main/transfer/send-file.ts'
import { Failure } from '../../shared/model/failure.ts'
import { eventually } from '../support/eventually.ts'
import {
  afterwards,
  CHUNK_BYTES,
  descriptorsOf,
  fileOf,
  folder,
  memoryPair,
  never,
  pool,
  sha256,
  tcpPair,
  tlsPair,
} from './rig.ts'
import { closedGate, startTroubledDisk } from './troubled-disk.ts'

/** An opened file, closed after the test. */
async function opened(size: number) {
  const { path, bytes } = fileOf(size)
  const source = await openSource(path)
  afterwards(() => source.close())
  return { path, bytes, source, identity: statSync(path, { bigint: true }) }
}

function sending(
  source: Awaited<ReturnType<typeof openSource>>,
  out: Duplex,
  options: Partial<SendOptions> = {},
) {
  const disk = options.disk ?? pool()
  const result = sendFile(source, out, { signal: never(), disk, ...options })
  result.catch(() => {})
  return { disk, result }
}

/** All that comes, until the end. */
async function everything(from: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of from) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function listenersOf(stream: Duplex): Record<string, number> {
  return Object.fromEntries(
    ['error', 'close', 'drain', 'finish'].map(name => [name, stream.listenerCount(name)]),
  )
}

describe('opening a file to send', () => {
  it('gives what an offer needs', async () => {
    const { path, bytes, source } = await opened(1234)
    const { mtime } = statSync(path, { bigint: true })
    expect(source).toMatchObject({ path, name: basename(path), size: bytes.length, modified: mtime })
  })

  it('says that there is no such file, without its place', async () => {
    const path = join(folder(), 'none.txt')
    await expect(openSource(path)).rejects.toMatchObject({
      code: 'file-not-found',
      message: 'There is no none.txt there: check the path, or whether it was moved.',
    })
  })

  it('refuses a folder', async () => {
    await expect(openSource(folder())).rejects.toMatchObject({
      code: 'file-unreadable',
      message: expect.stringMatching(/folder/),
    })
  })

  it('refuses a device', async () => {
    const device = process.platform === 'win32' ? '\\\\.\\NUL' : '/dev/zero'
    await expect(openSource(device)).rejects.toMatchObject({ code: 'file-unreadable' })
  })

  it('keeps the file open once, until it is closed', async () => {
    const { source, identity } = await opened(10)
    expect(descriptorsOf(identity)).toBe(1)
    await source.close()
    await source.close()
    expect(descriptorsOf(identity)).toBe(0)
    const [near] = memoryPair()
    await expect(sending(source, near).result).rejects.toMatchObject({ code: 'bug' })
  })
})

describe('sending', () => {
  it.each([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 4 * CHUNK_BYTES, 9 * CHUNK_BYTES + 7])(
    'delivers %i bytes',
    async size => {
      const { bytes, source } = await opened(size)
      const [near, far] = memoryPair()
      const before = listenersOf(near)
      const arrives = everything(far)
      const { result, disk } = sending(source, near)
      expect(await result).toEqual({ bytes: size, sha256: sha256(bytes) })
      expect(near.writableEnded).toBe(false)
      expect(listenersOf(near)).toEqual(before)
      expect(disk.jobs).toBe(0)
      near.end()
      expect((await arrives).equals(bytes)).toBe(true)
    },
  )

  it.each([
    ['TCP', tcpPair],
    ['TLS', tlsPair],
  ])('goes over %s with the buffers of the program', async (_, pair) => {
    const { bytes, source } = await opened(3_333_333)
    const [near, far] = await pair()
    const arrives = everything(far)
    const { result } = sending(source, near, {
      disk: pool({ chunkBytes: 1 << 20, smallChunkBytes: 1 << 16 }),
    })
    expect(await result).toEqual({ bytes: bytes.length, sha256: sha256(bytes) })
    near.end()
    expect((await arrives).equals(bytes)).toBe(true)
  })

  it.each([0, 1, 4999, 5000])('begins at offset %i', async offset => {
    const { bytes, source } = await opened(5000)
    const [near, far] = memoryPair()
    const arrives = everything(far)
    const rest = bytes.subarray(offset)
    const { result } = sending(source, near, { offset })
    // The digest is that of the whole file: what is not sent is there already.
    expect(await result).toEqual({ bytes: rest.length, sha256: sha256(bytes) })
    near.end()
    expect((await arrives).equals(rest)).toBe(true)
  })

  it.each([
    [0, 0],
    [0, 1],
    [1000, 3000],
    [5000, 0],
  ])('sends from offset %i on %i bytes, and no more', async (offset, length) => {
    const { bytes, source } = await opened(5000)
    const [near, far] = memoryPair()
    const arrives = everything(far)
    const { result } = sending(source, near, { offset, length })
    expect(await result).toEqual({ bytes: length, sha256: sha256(bytes.subarray(0, offset + length)) })
    near.end()
    expect((await arrives).equals(bytes.subarray(offset, offset + length))).toBe(true)
  })

  it('reports what the kernel has taken, to the last byte', async () => {
    const { source } = await opened(5000)
    const [near, far] = memoryPair()
    far.resume()
    const seen: number[] = []
    await sending(source, near, { onProgress: bytes => seen.push(bytes) }).result
    expect(seen).toEqual([1024, 2048, 3072, 4096, 5000])
  })

  it('waits for a peer that does not read', async () => {
    const { source, bytes } = await opened(20_000_000)
    const [near, far] = await tcpPair()
    far.pause()
    let sent = 0
    const { result } = sending(source, near, {
      disk: pool({ chunkBytes: 1 << 16, smallChunkBytes: 1 << 14 }),
      onProgress: total => {
        sent = total
      },
    })
    await eventually(() => expect(near.writableNeedDrain).toBe(true))
    for (let round = 0; round < 50; round += 1) await turn()
    expect(sent).toBeLessThan(bytes.length)
    expect(near.writableLength).toBeLessThanOrEqual(1 << 17)
    const arrives = everything(far)
    await result
    near.end()
    expect((await arrives).equals(bytes)).toBe(true)
  })

  it('sends the opened file, not what took its place', async () => {
    const { path, bytes, source } = await opened(5000)
    writeFileSync(`${path}.new`, 'another')
    try {
      renameSync(`${path}.new`, path)
    } catch {
      // Where an open file cannot be replaced, that is just as well.
    }
    const [near, far] = memoryPair()
    const arrives = everything(far)
    expect(await sending(source, near).result).toEqual({ bytes: 5000, sha256: sha256(bytes) })
    near.end()
    expect((await arrives).equals(bytes)).toBe(true)
  })
})

describe('a file that changes', () => {
  it.each([
    ['shrinks', (path: string) => truncateSync(path, 100)],
    ['grows', (path: string) => appendFileSync(path, 'x')],
    ['gets another time', (path: string) => utimesSync(path, 1, 1)],
  ])('between offer and sending is not sent: it %s', async (_, change) => {
    const { path, source } = await opened(5000)
    change(path)
    const [near, far] = memoryPair()
    let arrived = 0
    far.on('data', chunk => {
      arrived += chunk.length
    })
    const { result, disk } = sending(source, near)
    await expect(result).rejects.toMatchObject({ code: 'file-changed' })
    expect(disk.jobs).toBe(0)
    expect(arrived).toBe(0)
  })

  it.each([
    ['shrinks', (path: string) => truncateSync(path, 100)],
    ['grows', (path: string) => appendFileSync(path, 'x')],
    ['is written', (path: string) => utimesSync(path, 1, 1)],
  ])('while it is sent never arrives whole: it %s', async (_, change) => {
    const { path, source } = await opened(50_000)
    const [near, far] = memoryPair()
    let arrived = 0
    far.on('data', chunk => {
      arrived += chunk.length
    })
    let changed = false
    const { result, disk } = sending(source, near, {
      onProgress: () => {
        if (!changed) change(path)
        changed = true
      },
    })
    await expect(result).rejects.toMatchObject({ code: 'file-changed' })
    await turn()
    expect(arrived).toBeLessThan(50_000)
    expect(disk.jobs).toBe(0)
  })
})

describe('a connection that breaks while sending', () => {
  it('is lost, with its cause', async () => {
    const { source } = await opened(500_000)
    const [near] = memoryPair()
    const before = listenersOf(near)
    const { result, disk } = sending(source, near)
    const cause = new Error('reset')
    await eventually(() => expect(near.writableLength).toBeGreaterThan(0))
    near.destroy(cause)
    await expect(result).rejects.toMatchObject({ code: 'connection-lost', cause })
    expect(disk.jobs).toBe(0)
    expect(listenersOf(near)).toEqual(before)
  })

  it('is lost when it closed without a word, or before', async () => {
    const { source } = await opened(500_000)
    const [near] = memoryPair()
    const { result } = sending(source, near)
    near.destroy()
    await expect(result).rejects.toMatchObject({ code: 'connection-lost' })
    await expect(sending(source, near).result).rejects.toMatchObject({ code: 'connection-lost' })
  })

  it('is lost when the peer resets it', async () => {
    const { source } = await opened(20_000_000)
    const [near, far] = await tcpPair()
    const { result } = sending(source, near, {
      disk: pool({ chunkBytes: 1 << 16, smallChunkBytes: 1 << 14 }),
    })
    await once(far, 'readable')
    ;(far as import('node:net').Socket).resetAndDestroy()
    await expect(result).rejects.toMatchObject({ code: 'connection-lost' })
  })
})

describe('an abort of sending', () => {
  const why = new Failure('cancelled-by-peer', 'The peer cancelled.')

  it('before it begins sends nothing', async () => {
    const { source, identity } = await opened(5000)
    const [near, far] = memoryPair()
    const { result, disk } = sending(source, near, { signal: AbortSignal.abort(why) })
    await expect(result).rejects.toBe(why)
    expect(far.readableLength).toBe(0)
    expect(disk.jobs).toBe(0)
    await source.close()
    expect(descriptorsOf(identity)).toBe(0)
  })

  it('while the peer does not read frees everything, and leaves the stream alone', async () => {
    const { source, identity } = await opened(500_000)
    const [near] = memoryPair()
    const before = listenersOf(near)
    const abort = new AbortController()
    const { result, disk } = sending(source, near, { signal: abort.signal })
    await eventually(() => expect(near.writableLength).toBeGreaterThan(0))
    abort.abort(why)
    await expect(result).rejects.toBe(why)
    expect(disk.jobs).toBe(0)
    expect(near.destroyed).toBe(false)
    expect(listenersOf(near)).toEqual(before)
    await source.close()
    expect(descriptorsOf(identity)).toBe(0)
  })

  it('while the disk is reading lets go of the file only then', async () => {
    const gate = closedGate()
    afterwards(() => gate.open())
    const disk = pool({ start: () => startTroubledDisk({ kind: 'waits', gate: gate.gate }) })
    const { source, identity } = await opened(50_000)
    const [near] = memoryPair()
    const abort = new AbortController()
    const { result } = sending(source, near, { signal: abort.signal, disk })
    await eventually(() => expect(disk.jobs).toBe(1))
    await turn()
    abort.abort()
    const closed = source.close()
    await turn()
    expect(descriptorsOf(identity)).toBe(1)
    gate.open()
    await expect(result).rejects.toMatchObject({ code: 'cancelled' })
    await closed
    expect(descriptorsOf(identity)).toBe(0)
  })

  it('does not give away a buffer that is still being written', async () => {
    const disk = pool()
    const { source, bytes } = await opened(3 * CHUNK_BYTES)
    const [near, far] = duplexPair()
    afterwards(() => near.destroy())
    const abort = new AbortController()
    // The peer reads nothing, so the stream holds the buffer itself.
    near.cork()
    const { result } = sending(source, near, { signal: abort.signal, disk })
    await eventually(() => expect(near.writableLength).toBeGreaterThan(0))
    abort.abort(why)
    await expect(result).rejects.toBe(why)
    const next = disk.lend(100 * CHUNK_BYTES)
    for (const buffer of next) buffer.fill(0)
    near.uncork()
    const [chunk] = await once(far, 'data')
    expect(chunk.equals(bytes.subarray(0, CHUNK_BYTES))).toBe(true)
  })
})

it('names the file, not the folders, to the peer', async () => {
  const place = folder()
  const deep = join(place, 'private')
  mkdirSync(deep)
  writeFileSync(join(deep, 'a.txt'), '')
  const source = await openSource(join(deep, 'a.txt'))
  afterwards(() => source.close())
  expect(source.name).toBe('a.txt')
  expect(dirname(source.path)).toBe(deep)
})
