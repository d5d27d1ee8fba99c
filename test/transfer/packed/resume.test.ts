import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DiskPool } from '../../../main/transfer/disk-pool.ts'
import { CHUNK_BYTES, memoryPair, pool, tcpPair, tlsPair } from '../rig.ts'
import {
  attempt,
  breakingPair,
  everythingIn,
  fileTarget,
  folderTarget,
  MEBIBYTE,
  oneFile,
  receive,
  receiverOf,
  send,
  senderOf,
  sorted,
  sourceOf,
  tree,
} from './packed-rig.ts'

/** What the frames around the bytes of a file take at most, before its first byte. */
const FRAMES = 120

const LOST = { status: 'rejected', reason: { code: 'connection-lost' } }

function bigPool(): DiskPool {
  return pool({ chunkBytes: 512 * 1024, smallChunkBytes: 64 * 1024, buffersPerTransfer: 4 })
}

/** A file and both sides, of which each may be restarted. */
function fileBothSides(size: number, disk = pool(), existing?: string) {
  const file = oneFile(size)
  const place = fileTarget(existing === undefined ? {} : { existing })
  return {
    ...file,
    ...place,
    newSender: () => senderOf({ kind: 'file', file: sourceOf(file.path) }, disk),
    newReceiver: () => receiverOf(file.expected, place.target, disk),
  }
}

describe('a file whose connection breaks', () => {
  it.each([0, 1, 50, FRAMES, 1_000, 5_000, 20_000])(
    'behind %i bytes goes on from the last byte that was delivered',
    async cut => {
      const file = fileBothSides(20 * CHUNK_BYTES)
      const [sender, receiver] = [file.newSender(), file.newReceiver()]
      const broken = await attempt(sender, receiver, breakingPair(cut))
      expect(broken.sent).toMatchObject(LOST)
      expect(broken.received).toMatchObject(LOST)
      const stored = broken.receiver.progress.at(-1) ?? 0
      expect(stored).toBeGreaterThanOrEqual(cut - FRAMES)
      expect(existsSync(file.partial) ? statSync(file.partial).size : 0).toBe(stored)
      const pair = breakingPair(Number.POSITIVE_INFINITY)
      const done = await attempt(sender, receiver, pair)
      expect(done.sent).toMatchObject({
        value: { sha256: file.sha256, resumedFrom: stored, restarted: false },
      })
      expect(done.received).toMatchObject({ value: { sha256: file.sha256, resumedFrom: stored } })
      expect(pair.carried()).toBeLessThan(20 * CHUNK_BYTES - stored + FRAMES + 100)
      expect(readFileSync(file.final).equals(file.bytes)).toBe(true)
    },
  )

  it.each([
    ['the sender', true, false],
    ['the receiver', false, true],
    ['both', true, true],
  ])('goes on after a restart of %s', async (_, newSender, newReceiver) => {
    const file = fileBothSides(5 * MEBIBYTE, bigPool())
    const [sender, receiver] = [file.newSender(), file.newReceiver()]
    await attempt(sender, receiver, breakingPair(3 * MEBIBYTE))
    const { size } = statSync(file.partial)
    expect(size).toBeGreaterThanOrEqual(3 * MEBIBYTE - FRAMES)
    if (newSender) await sender.close()
    if (newReceiver) await receiver.close()
    const done = await attempt(
      newSender ? file.newSender() : sender,
      newReceiver ? file.newReceiver() : receiver,
      memoryPair(),
    )
    expect(done.sent).toMatchObject({ value: { sha256: file.sha256, resumedFrom: size, restarted: false } })
    expect(readFileSync(file.final).equals(file.bytes)).toBe(true)
  })

  it('goes on after a restart behind the last byte, with nothing sent again', async () => {
    const file = fileBothSides(100_000)
    writeFileSync(file.partial, file.bytes)
    const pair = breakingPair(Number.POSITIVE_INFINITY)
    const done = await attempt(file.newSender(), file.newReceiver(), pair)
    expect(done.received).toMatchObject({ value: { path: file.final, resumedFrom: 100_000 } })
    expect(pair.carried()).toBeLessThan(FRAMES)
    expect(readFileSync(file.final).equals(file.bytes)).toBe(true)
  })

  it('goes on before what a computer lost with its power', async () => {
    const file = fileBothSides(8 * MEBIBYTE, bigPool())
    const length = 6 * MEBIBYTE + 5
    // The file has its length, and zeros where the disk had not got to.
    writeFileSync(
      file.partial,
      Buffer.concat([file.bytes.subarray(0, length - 1_500_000), Buffer.alloc(1_500_000)]),
    )
    const done = await attempt(file.newSender(), file.newReceiver(), memoryPair())
    expect(done.sent).toMatchObject({ value: { resumedFrom: length - 2 * MEBIBYTE, restarted: false } })
    expect(readFileSync(file.final).equals(file.bytes)).toBe(true)
  })

  it('goes on before what was lost behind the last byte, too', async () => {
    const file = fileBothSides(66 * MEBIBYTE, bigPool())
    writeFileSync(file.partial, file.bytes)
    truncateSync(file.partial, 65 * MEBIBYTE)
    truncateSync(file.partial, 66 * MEBIBYTE)
    const done = await attempt(file.newSender(), file.newReceiver(), memoryPair())
    expect(done.sent).toMatchObject({ value: { resumedFrom: 65 * MEBIBYTE, restarted: false } })
    expect(done.received).toMatchObject({ value: { sha256: file.sha256 } })
  })

  it.each([
    ['before a restart', true],
    ['while the program runs', false],
  ])('begins anew when its beginning was tampered with %s', async (_, restart) => {
    const file = fileBothSides(50_000)
    const [sender, receiver] = [file.newSender(), file.newReceiver()]
    await attempt(sender, receiver, breakingPair(30_000))
    const handle = openSync(file.partial, 'r+')
    writeSync(handle, Buffer.alloc(10, (file.bytes[100] ?? 0) + 1), 0, 10, 100)
    closeSync(handle)
    utimesSync(file.partial, 1, 1)
    const done = await attempt(sender, restart ? file.newReceiver() : receiver, memoryPair())
    expect(done.sent).toMatchObject({ value: { resumedFrom: 0, restarted: true } })
    expect(done.receiver.begun).toEqual([{ resumedFrom: 0, restarted: true }])
    expect(readFileSync(file.final).equals(file.bytes)).toBe(true)
  })

  it('begins anew when what is here is longer than it, or gone', async () => {
    const file = fileBothSides(10_000)
    writeFileSync(file.partial, Buffer.concat([file.bytes, Buffer.from('x')]))
    const [sender, receiver] = [file.newSender(), file.newReceiver()]
    const first = await attempt(sender, receiver, breakingPair(5_000))
    expect(first.sender.begun).toEqual([{ resumedFrom: 0, restarted: false }])
    rmSync(file.partial)
    const done = await attempt(sender, receiver, memoryPair())
    expect(done.sent).toMatchObject({ value: { resumedFrom: 0, restarted: false } })
    expect(readFileSync(file.final).equals(file.bytes)).toBe(true)
  })

  it('begins anew when the sender’s file became another one, and says so', async () => {
    const file = fileBothSides(50_000)
    const receiver = file.newReceiver()
    await attempt(file.newSender(), receiver, breakingPair(30_000))
    const other = Buffer.alloc(50_000, 'other')
    writeFileSync(file.path, other)
    const done = await attempt(file.newSender(), receiver, memoryPair())
    expect(done.sent).toMatchObject({ value: { resumedFrom: 0, restarted: true } })
    expect(readFileSync(file.final).equals(other)).toBe(true)
  })

  it('is neither lost nor sent again when only the receiver’s last word was', async () => {
    const file = fileBothSides(50_000)
    const [near, far] = memoryPair()
    const sending = send(file.newSender(), near)
    const write = far.write.bind(far)
    far.write = ((chunk: Buffer, done?: () => void) => {
      if (!chunk.includes('"done"')) return write(chunk, done)
      far.destroy()
      near.destroy()
      done?.()
      return false
    }) as typeof far.write
    const received = await receive(file.newReceiver(), far).result
    expect(received).toMatchObject({ path: file.final, sha256: file.sha256 })
    await expect(sending.result).rejects.toMatchObject({ code: 'connection-lost' })
  })

  it.each([
    ['TCP', tcpPair, (near: Duplex) => (near as Socket).resetAndDestroy()],
    ['TLS', tlsPair, (near: Duplex) => near.destroy()],
  ] as const)('writes what %s had delivered before it broke', async (_, pair, breakIt) => {
    const file = fileBothSides(8 * MEBIBYTE, bigPool())
    const [near, far] = await pair()
    const receiver = file.newReceiver()
    const receiving = receive(receiver, far, {
      onProgress: () => breakIt(near),
    })
    const sending = send(file.newSender(), near)
    await expect(receiving.result).rejects.toMatchObject({
      code: expect.stringMatching(/^(connection-lost|incomplete)$/),
    })
    await expect(sending.result).rejects.toMatchObject({ code: 'connection-lost' })
    const { size } = statSync(file.partial)
    expect(size).toBeGreaterThan(0)
    expect(readFileSync(file.partial).equals(file.bytes.subarray(0, size))).toBe(true)
    expect(far.readableLength).toBe(0)
    const done = await attempt(file.newSender(), receiver, memoryPair())
    expect(done.sent).toMatchObject({ value: { sha256: file.sha256, resumedFrom: size } })
  })

  it('tells an end that came too early from one that was reached', async () => {
    const file = fileBothSides(50_000)
    const [near, far] = memoryPair()
    const sender = file.newSender()
    const receiving = receive(file.newReceiver(), far)
    const abort = new AbortController()
    const sending = send(sender, near, { signal: abort.signal, onProgress: () => abort.abort() })
    await expect(sending.result).rejects.toMatchObject({ code: 'cancelled' })
    near.end()
    const outcome = await receiving.result.then(
      () => 'whole',
      failure => failure.code,
    )
    expect(outcome).toBe(existsSync(file.final) ? 'whole' : 'incomplete')
  })
})

describe('a source that changes', () => {
  it.each([
    ['grows before it is opened', (path: string) => appendFileSync(path, 'x'), 'file-changed'],
    ['is written before it is opened', (path: string) => utimesSync(path, 1, 1), 'file-changed'],
    ['shrinks before it is opened', (path: string) => truncateSync(path, 5), 'file-changed'],
    [
      'becomes a folder',
      (path: string) => {
        rmSync(path)
        mkdirSync(path)
      },
      'file-changed',
    ],
    ['is removed', (path: string) => rmSync(path), 'file-not-found'],
  ])('fails the sending when it %s', async (_, change, code) => {
    const file = fileBothSides(50_000)
    const sender = file.newSender()
    change(file.path)
    const done = await attempt(sender, file.newReceiver(), memoryPair())
    expect(done.sent).toMatchObject({
      status: 'rejected',
      reason: { code, message: expect.stringContaining('file.bin') },
    })
    expect(done.received).toMatchObject({ status: 'rejected', reason: { code: 'incomplete' } })
    expect(file.isThere()).toBe(false)
  })

  it.each([
    ['shrinks', (path: string) => truncateSync(path, 3_000)],
    ['grows', (path: string) => appendFileSync(path, 'x')],
    ['is written', (path: string) => utimesSync(path, 1, 1)],
  ])('while it is sent never arrives whole: it %s', async (_, change) => {
    const file = fileBothSides(300_000)
    const [near, far] = memoryPair()
    const receiving = receive(file.newReceiver(), far)
    const sender = file.newSender()
    const sending = send(sender, near, { onBegin: () => change(file.path) })
    await expect(sending.result).rejects.toMatchObject({ code: 'file-changed' })
    near.destroy()
    far.destroy()
    await expect(receiving.result).rejects.toMatchObject({ code: 'connection-lost' })
    expect(file.isThere()).toBe(false)
  })

  it('in a folder names the file', async () => {
    const disk = pool()
    const source = tree({ 'a.txt': 10, 'b/c.txt': 10_000, 'd.txt': 10 })
    const { target, isThere } = folderTarget()
    const sender = senderOf(source.content, disk)
    utimesSync(join(source.root, 'b/c.txt'), 1, 1)
    const done = await attempt(sender, receiverOf(source.expected, target, disk), memoryPair())
    expect(done.sent).toMatchObject({
      reason: { code: 'file-changed', message: expect.stringMatching(/^c\.txt was changed/) },
    })
    expect(isThere()).toBe(false)
  })
})

describe('a folder whose connection breaks', () => {
  function folderBothSides(files: Record<string, number>, folders: string[] = [], disk = pool()) {
    const source = tree(files, folders)
    const place = folderTarget()
    return {
      ...source,
      ...place,
      origin: source.root,
      newSender: () => senderOf(source.content, disk),
      newReceiver: () => receiverOf(source.expected, place.target, disk),
    }
  }

  const FILES = { a: 3_000, 'b/c': 0, 'b/d': 10_000, 'b/e/f': 1, g: 7_000 }

  it.each([0, 30, 300, 3_000, 3_400, 9_000, 15_000, 20_000])(
    'behind %i bytes goes on inside, without what is here already',
    async cut => {
      const source = folderBothSides(FILES, ['empty'])
      const [sender, receiver] = [source.newSender(), source.newReceiver()]
      const broken = await attempt(sender, receiver, breakingPair(cut))
      expect(broken.received).toMatchObject(LOST)
      const stored = broken.receiver.progress.at(-1) ?? 0
      const pair = breakingPair(Number.POSITIVE_INFINITY)
      const done = await attempt(sender, receiver, pair)
      expect(done.sent).toMatchObject({ value: { sha256: source.sha256, resumedFrom: stored } })
      expect(done.received).toMatchObject({ value: { sha256: source.sha256, resumedFrom: stored } })
      expect(pair.carried()).toBeLessThan(source.size - stored + 800)
      expect(everythingIn(source.final)).toEqual(sorted(source.contents, 'empty'))
    },
  )

  it('goes on after a restart of both, from what lies on the disk', async () => {
    const source = folderBothSides(FILES, ['empty'])
    const broken = await attempt(source.newSender(), source.newReceiver(), breakingPair(9_000))
    const stored = broken.receiver.progress.at(-1) ?? 0
    expect(stored).toBeGreaterThan(8_000)
    const done = await attempt(source.newSender(), source.newReceiver(), memoryPair())
    expect(done.sent).toMatchObject({
      value: { sha256: source.sha256, resumedFrom: stored, restarted: false },
    })
    expect(everythingIn(source.final)).toEqual(sorted(source.contents, 'empty'))
  })

  it('sends again only the files that were tampered with or removed', async () => {
    const source = folderBothSides(FILES, ['empty'])
    for (const [name, bytes] of source.contents) {
      mkdirSync(join(source.target.root, name, '..'), { recursive: true })
      writeFileSync(join(source.target.root, name), bytes)
    }
    writeFileSync(join(source.target.root, 'g'), Buffer.alloc(7_000, 'tampered'))
    rmSync(join(source.target.root, 'b/c'))
    const pair = breakingPair(Number.POSITIVE_INFINITY)
    const done = await attempt(source.newSender(), source.newReceiver(), pair)
    expect(done.sent).toMatchObject({ value: { sha256: source.sha256, resumedFrom: source.size - 7_000 } })
    expect(pair.carried()).toBeLessThan(7_000 + 800)
    expect(everythingIn(source.final)).toEqual(sorted(source.contents, 'empty'))
  })

  it('begins its files anew when it became another folder meanwhile', async () => {
    const disk = pool()
    const source = folderBothSides({ a: 3_000, b: 3_000 }, [], disk)
    const receiver = source.newReceiver()
    await attempt(source.newSender(), receiver, breakingPair(4_000))
    // The same number of files and bytes, under other names.
    renameSync(join(source.origin, 'a'), join(source.origin, 'c'))
    const files = ['b', 'c'].map(name => sourceOf(join(source.origin, name), name))
    const done = await attempt(senderOf({ kind: 'folder', files, folders: [] }, disk), receiver, memoryPair())
    expect(done.received).toMatchObject({ status: 'fulfilled' })
    const moved = [
      ['b', source.contents.get('b')],
      ['c', source.contents.get('a')],
    ] as [string, Buffer][]
    expect(everythingIn(source.final)).toEqual(new Map(moved))
  })

  it('arrives as it was, wherever it breaks and whoever is restarted', async () => {
    const disk = pool({ threads: 2, idleMs: 60_000 })
    const size = fc.oneof(fc.constantFrom(0, 1, CHUNK_BYTES), fc.nat(5_000), fc.nat(40_000))
    const breaks = fc.record({ cut: fc.nat(60_000), newSender: fc.boolean(), newReceiver: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(
        fc.array(size, { maxLength: 12 }),
        fc.array(breaks, { minLength: 1, maxLength: 5 }),
        async (sizes, attempts) => {
          const files = Object.fromEntries(sizes.map((bytes, index) => [`${index % 3}/${index}`, bytes]))
          const source = folderBothSides(files, ['empty'], disk)
          let [sender, receiver] = [source.newSender(), source.newReceiver()]
          let stored = 0
          let carried = 0
          for (const { cut, newSender, newReceiver } of attempts) {
            const pair = breakingPair(cut)
            const broken = await attempt(sender, receiver, pair)
            if (broken.received.status === 'fulfilled') break
            expect(broken.received).toMatchObject(LOST)
            const [begun] = broken.receiver.begun
            if (begun !== undefined) expect(begun).toEqual({ resumedFrom: stored, restarted: false })
            stored = broken.receiver.progress.at(-1) ?? stored
            carried += pair.carried()
            if (newSender) {
              await sender.close()
              sender = source.newSender()
            }
            if (newReceiver) {
              await receiver.close()
              receiver = source.newReceiver()
            }
          }
          const pair = breakingPair(Number.POSITIVE_INFINITY)
          if (!source.isThere()) {
            const done = await attempt(sender, receiver, pair)
            expect(done.received).toMatchObject({ value: { sha256: source.sha256, resumedFrom: stored } })
          }
          expect(everythingIn(source.final)).toEqual(sorted(source.contents, 'empty'))
          // Nothing twice: what is more than the files are the frames of each attempt.
          const frames = (attempts.length + 1) * (sizes.length * 120 + 400)
          expect(carried + pair.carried()).toBeLessThan(source.size + frames)
          await sender.close()
          await receiver.close()
          expect(disk.jobs).toBe(0)
        },
      ),
      { seed: 2026, numRuns: 15, endOnFailure: true },
    )
  })
})
