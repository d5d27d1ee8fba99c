import { createHash, randomBytes } from 'node:crypto'
import fs from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { encodeSenderFrame, FrameReader, readReceiverFrame } from '../../../main/transfer/packed/frames.ts'
import { syncFiles } from '../../../main/transfer/packed/sync-files.ts'
import { Unpacking } from '../../../main/transfer/packed/unpacking.ts'
import { eventually } from '../../support/eventually.ts'
import { folder, sha256 } from '../rig.ts'
import { fileTarget, folderTarget, MEBIBYTE, openBelow, tree } from './packed-rig.ts'

afterEach(() => vi.restoreAllMocks())

/** What is claimed, and how much was read for it in the longest step. */
function claim(unpacking: Unpacking) {
  const read = vi.spyOn(fs, 'readSync')
  const claims: [file: number, ...bytes: number[]][] = []
  const steps: number[] = []
  for (let over = false; !over; ) {
    const from = read.mock.results.length
    const step = unpacking.claim()
    over = step.over
    steps.push(read.mock.results.slice(from).reduce((sum, { value }) => sum + Number(value), 0))
    if (step.frame === undefined) continue
    const reader = new FrameReader()
    reader.take(step.frame, 0)
    const frame = readReceiverFrame(reader.next()?.json)
    if (frame.kind !== 'have') throw new Error(`unexpected: ${frame.kind}`)
    for (const { file, points } of frame.claims) claims.push([file, ...points.map(({ bytes }) => bytes)])
  }
  read.mockRestore()
  return { claims, steps: steps.length, most: Math.max(...steps) }
}

/** A single file of that size, its first connection begun. */
async function fileOf(size: number, here?: Uint8Array) {
  const place = fileTarget()
  if (here !== undefined) fs.writeFileSync(place.partial, here)
  const { name, path } = place.target
  const unpacking = new Unpacking({ kind: 'file', size }, { name, path })
  await unpacking.begin()
  return { ...place, unpacking }
}

function begin(unpacking: Unpacking, from: number): void {
  unpacking.feed(encodeSenderFrame({ kind: 'begin', bytes: from, restarted: false }))
  unpacking.feed(encodeSenderFrame({ kind: 'file', file: 0, from }))
}

describe('what is here', () => {
  it('is claimed from its end, and from before what may have been lost', async () => {
    const { unpacking } = await fileOf(200 * MEBIBYTE, Buffer.alloc(100 * MEBIBYTE + 3))
    const { claims, steps, most } = claim(unpacking)
    const points = [64, 32, 16, 8, 4, 2, 1, 0].map(lost => (100 - lost) * MEBIBYTE + 3)
    expect(claims).toEqual([[0, ...points]])
    expect(steps).toBeGreaterThanOrEqual(2)
    expect(most).toBeLessThanOrEqual(65 * MEBIBYTE)
    await unpacking.pause()
  })

  it.each([
    [3 * MEBIBYTE, [MEBIBYTE, 2 * MEBIBYTE, 3 * MEBIBYTE]],
    [MEBIBYTE, [MEBIBYTE]],
    [1, [1]],
  ])('is claimed as far as it goes: %i bytes', async (bytes, points) => {
    const { unpacking } = await fileOf(200 * MEBIBYTE, Buffer.alloc(bytes))
    expect(claim(unpacking).claims).toEqual([[0, ...points]])
  })

  it('is not read again for the next connection', async () => {
    const bytes = randomBytes(5 * MEBIBYTE)
    const { unpacking, partial } = await fileOf(10 * MEBIBYTE)
    claim(unpacking)
    begin(unpacking, 0)
    unpacking.feed(bytes)
    await unpacking.begin()
    expect(claim(unpacking)).toMatchObject({ claims: [[0, 5 * MEBIBYTE]], most: 0 })
    begin(unpacking, 5 * MEBIBYTE)
    unpacking.feed(bytes.subarray(0, 100))
    await unpacking.pause()
    expect(openBelow(partial)).toEqual([])
    await unpacking.begin()
    expect(claim(unpacking)).toMatchObject({ claims: [[0, 5 * MEBIBYTE + 100]], most: 0 })
    await unpacking.pause()
  })

  it('is claimed as a whole when only its digest was missing', async () => {
    const bytes = randomBytes(5_000)
    const { unpacking } = await fileOf(5_000)
    claim(unpacking)
    begin(unpacking, 0)
    unpacking.feed(Buffer.concat([bytes, createHash('sha256').update(bytes).digest().subarray(1)]))
    await unpacking.begin()
    expect(claim(unpacking)).toMatchObject({ claims: [[0, 5_000]], most: 0 })
    unpacking.feed(encodeSenderFrame({ kind: 'begin', bytes: 5_000, restarted: false }))
    expect(unpacking.feed(encodeSenderFrame({ kind: 'end' }))).toMatchObject({ stage: 'end', stored: 5_000 })
    expect(await unpacking.finish()).toEqual({ sha256: sha256(bytes), isExisting: false })
  })

  it('of many files is not read again either, unless it was touched', async () => {
    const source = tree({ a: 10, b: 20, c: 30 })
    const { root } = folderTarget()
    for (const [name, bytes] of source.contents) fs.writeFileSync(join(root, name), bytes)
    const unpacking = new Unpacking({ kind: 'folder', size: 60, files: 3 }, { root })
    const manifest = (): void => {
      unpacking.feed(
        encodeSenderFrame({
          kind: 'entries',
          entries: [
            ['a', 10],
            ['b', 20],
            ['c', 30],
          ],
        }),
      )
      unpacking.feed(encodeSenderFrame({ kind: 'manifest-end' }))
    }
    await unpacking.begin()
    manifest()
    expect(claim(unpacking)).toMatchObject({
      claims: [
        [0, 10],
        [1, 20],
        [2, 30],
      ],
      most: 60,
    })
    fs.utimesSync(join(root, 'b'), 1, 1)
    await unpacking.begin()
    manifest()
    expect(claim(unpacking)).toMatchObject({
      claims: [
        [0, 10],
        [1, 20],
        [2, 30],
      ],
      most: 20,
    })
    await unpacking.pause()
  })

  it('and does not belong there is removed from a folder, links only themselves', async () => {
    const elsewhere = folder()
    fs.writeFileSync(join(elsewhere, 'mine'), 'mine')
    const { root } = folderTarget()
    fs.mkdirSync(join(root, 'b/x'), { recursive: true })
    fs.mkdirSync(join(root, 'a'))
    fs.writeFileSync(join(root, 'b/x/y'), 'old')
    fs.writeFileSync(join(root, 'b/c'), 'kept')
    fs.writeFileSync(join(root, 'old'), 'old')
    if (process.platform !== 'win32') fs.symlinkSync(elsewhere, join(root, 'link'))
    const unpacking = new Unpacking({ kind: 'folder', size: 5, files: 2 }, { root })
    await unpacking.begin()
    unpacking.feed(encodeSenderFrame({ kind: 'entries', entries: [['a', 1], ['b/c', 4], ['d/']] }))
    unpacking.feed(encodeSenderFrame({ kind: 'manifest-end' }))
    expect(claim(unpacking).claims).toEqual([[1, 4]])
    const left = fs.readdirSync(root, { recursive: true, encoding: 'utf8' })
    expect(new Set(left)).toEqual(new Set(['b', join('b', 'c'), 'd']))
    expect(fs.readdirSync(elsewhere)).toEqual(['mine'])
  })

  it('is claimed of a thousand files that are not whole, and not of more', async () => {
    const names = Array.from({ length: 1_100 }, (_, index) => `f${String(index).padStart(4, '0')}`)
    const { root } = folderTarget()
    for (const name of names) fs.writeFileSync(join(root, name), 'x')
    const unpacking = new Unpacking({ kind: 'folder', size: 2_200, files: 1_100 }, { root })
    await unpacking.begin()
    unpacking.feed(encodeSenderFrame({ kind: 'entries', entries: names.map(name => [name, 2]) }))
    unpacking.feed(encodeSenderFrame({ kind: 'manifest-end' }))
    expect(claim(unpacking).claims).toHaveLength(1_024)
  })
})

describe('the disk', () => {
  it('is told every 64 MiB to keep what was written, beside other work', async () => {
    const sync = vi.spyOn(fs, 'fdatasync')
    const { unpacking, partial } = await fileOf(200 * MEBIBYTE)
    claim(unpacking)
    begin(unpacking, 0)
    const chunk = Buffer.alloc(8 * MEBIBYTE)
    for (let count = 0; count < 7; count += 1) unpacking.feed(chunk)
    expect(sync).not.toHaveBeenCalled()
    unpacking.feed(chunk)
    expect(sync).toHaveBeenCalledTimes(1)
    await unpacking.pause()
    expect(openBelow(partial)).toEqual([])
  })

  it('that could not keep it fails the next write, and what was written is read again', async () => {
    const failed = Object.assign(new Error('EIO: injected'), { code: 'EIO' })
    vi.spyOn(fs, 'fdatasync').mockImplementation((_, done) => setImmediate(() => done(failed)))
    const { unpacking, partial } = await fileOf(200 * MEBIBYTE)
    claim(unpacking)
    begin(unpacking, 0)
    unpacking.feed(Buffer.alloc(64 * MEBIBYTE))
    await eventually(() =>
      expect(() => unpacking.feed(Buffer.alloc(10))).toThrow(
        expect.objectContaining({ code: 'cannot-write' }),
      ),
    )
    await unpacking.begin()
    const { claims, most } = claim(unpacking)
    expect(claims[0]?.at(-1)).toBe(fs.statSync(partial).size)
    expect(most).toBeGreaterThan(0)
    // It was told of; another connection finds nothing wrong.
    vi.restoreAllMocks()
    const { size } = fs.statSync(partial)
    begin(unpacking, size)
    unpacking.feed(Buffer.alloc(200 * MEBIBYTE - size))
    unpacking.feed(
      createHash('sha256')
        .update(Buffer.alloc(200 * MEBIBYTE))
        .digest(),
    )
    unpacking.feed(encodeSenderFrame({ kind: 'end' }))
    await unpacking.finish()
    await unpacking.pause()
  })

  it('that could not keep a file to its end fails it there', async () => {
    const failed = Object.assign(new Error('ENOSPC: injected'), { code: 'ENOSPC' })
    vi.spyOn(fs, 'fdatasync').mockImplementation((_, done) => setImmediate(() => done(failed)))
    const bytes = Buffer.alloc(64 * MEBIBYTE)
    const { unpacking, partial } = await fileOf(bytes.length)
    claim(unpacking)
    begin(unpacking, 0)
    unpacking.feed(bytes)
    unpacking.feed(createHash('sha256').update(bytes).digest())
    unpacking.feed(encodeSenderFrame({ kind: 'end' }))
    await expect(unpacking.finish()).rejects.toMatchObject({ code: 'disk-full' })
    expect(openBelow(partial)).toEqual([])
    await unpacking.begin()
    expect(claim(unpacking).claims[0]?.at(-1)).toBe(bytes.length)
    vi.restoreAllMocks()
    unpacking.feed(encodeSenderFrame({ kind: 'begin', bytes: bytes.length, restarted: false }))
    unpacking.feed(encodeSenderFrame({ kind: 'end' }))
    expect(await unpacking.finish()).toEqual({ sha256: sha256(bytes), isExisting: false })
  })

  it('that was full for a while costs one connection', async () => {
    const { unpacking, partial } = await fileOf(1_000)
    claim(unpacking)
    begin(unpacking, 0)
    const full = Object.assign(new Error('ENOSPC: injected'), { code: 'ENOSPC' })
    const write = fs.writeSync
    vi.spyOn(fs, 'writeSync')
      .mockImplementationOnce(((fd: number, bytes: Uint8Array) =>
        write(fd, bytes, 0, 300, 0)) as typeof write)
      .mockImplementationOnce(() => {
        throw full
      })
    const bytes = randomBytes(1_000)
    expect(() => unpacking.feed(bytes)).toThrow(expect.objectContaining({ code: 'disk-full' }))
    expect(() => unpacking.feed(bytes)).toThrow(expect.objectContaining({ code: 'disk-full' }))
    await unpacking.begin()
    expect(claim(unpacking)).toMatchObject({ claims: [[0, 300]], most: 0 })
    begin(unpacking, 300)
    unpacking.feed(bytes.subarray(300))
    unpacking.feed(createHash('sha256').update(bytes).digest())
    unpacking.feed(encodeSenderFrame({ kind: 'end' }))
    await unpacking.finish()
    expect(fs.readFileSync(partial).equals(bytes)).toBe(true)
  })
})

describe('syncing many files', () => {
  it.each([true, false])('asks for the whole file system, and else for each: %s', async answer => {
    const root = folder()
    const files = Array.from({ length: 20 }, (_, index) => ({
      name: `f${index}`,
      path: join(root, `f${index}`),
    }))
    for (const { path } of files.slice(0, answer ? 0 : 20)) fs.writeFileSync(path, 'x')
    const asked: string[] = []
    await syncFiles(files, root, async folder => {
      asked.push(folder)
      return answer
    })
    expect(asked).toEqual([root])
    expect(openBelow(root)).toEqual([])
  })

  it('names the file that it could not', async () => {
    const path = join(folder(), 'gone')
    await expect(syncFiles([{ name: 'gone.txt', path }])).rejects.toMatchObject({
      code: 'cannot-write',
      message: expect.stringContaining('gone.txt'),
    })
  })
})
