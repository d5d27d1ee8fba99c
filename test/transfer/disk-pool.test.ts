import { execFile } from 'node:child_process'
import { readFileSync, truncateSync } from 'node:fs'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createPartialFile } from '../../main/transfer/partial-file.ts'
import { receiveFile } from '../../main/transfer/receive-file.ts'
import { openSource, sendFile } from '../../main/transfer/send-file.ts'
import { startDiskThread } from '../../main/transfer/start-disk-thread.ts'
import { eventually } from '../support/eventually.ts'
import { afterwards, fileOf, folder, memoryPair, never, pool, sha256, tcpPair } from './rig.ts'
import { startTroubledDisk } from './troubled-disk.ts'

/** Sends and receives one file, and gives what both sides say. */
async function transfer(
  { path }: { path: string },
  disk: ReturnType<typeof pool>,
  pair: () => ReturnType<typeof tcpPair> = tcpPair,
) {
  const [near, far] = await pair()
  const source = await openSource(path)
  const partial = await createPartialFile(folder(), source.name, { size: source.size })
  afterwards(() => partial.discard())
  try {
    const [sent, received] = await Promise.all([
      sendFile(source, near, { signal: never(), disk }),
      receiveFile(far, partial, { size: source.size, signal: never(), disk }),
    ])
    return { sent, received, path: await partial.commit() }
  } finally {
    await source.close()
    near.destroy()
    far.destroy()
  }
}

describe('the disk threads', () => {
  it('are started when needed, shared, and never more than agreed', async () => {
    const disk = pool({ threads: 2 })
    expect(disk.threads).toBe(0)
    const jobs = [disk.open()]
    expect(disk.threads).toBe(1)
    jobs.push(disk.open(), disk.open(), disk.open())
    expect(disk.threads).toBe(2)
    await Promise.all(jobs.map(job => job.close()))
    expect(disk.jobs).toBe(0)
  })

  it('end when nothing is to do, and begin again', async () => {
    const disk = pool({ idleMs: 1 })
    await disk.open().close()
    await eventually(() => expect(disk.threads).toBe(0))
    const file = fileOf(5000)
    expect((await transfer(file, disk)).received.sha256).toBe(sha256(file.bytes))
  })

  it('let the process end', async () => {
    const pool = new URL('../../main/transfer/disk-pool.ts', import.meta.url)
    const script = `
      const { sharedDisk } = await import(${JSON.stringify(pool.href)})
      const job = sharedDisk.open()
      console.log((await job.digest()).sha256)
      await job.close()
    `
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script])
    expect((await run).stdout.trim()).toBe(sha256(Buffer.alloc(0)))
  })

  it.each(['exits', 'throws'] as const)('fail their own transfers only when one %s', async kind => {
    let started = 0
    const disk = pool({
      threads: 2,
      start: () => {
        started += 1
        return started === 1 ? startTroubledDisk({ kind }) : startDiskThread()
      },
    })
    const [near, far] = memoryPair()
    const unlucky = await createPartialFile(folder(), 'unlucky')
    afterwards(() => unlucky.discard())
    const lost = receiveFile(near, unlucky, { size: 5000, signal: never(), disk })
    lost.catch(() => {})
    // The second thread is the least busy one from now on.
    const [otherNear, otherFar] = memoryPair()
    const lucky = await createPartialFile(folder(), 'lucky')
    afterwards(() => lucky.discard())
    const kept = receiveFile(otherNear, lucky, { size: 5000, signal: never(), disk })
    far.write(fileOf(5000).bytes)
    await expect(lost).rejects.toMatchObject({ code: 'bug', message: expect.stringMatching(/thread/) })
    const { bytes } = fileOf(5000)
    otherFar.write(bytes)
    expect((await kept).sha256).toBe(sha256(bytes))
    const file = fileOf(20_000)
    expect((await transfer(file, disk)).received.sha256).toBe(sha256(file.bytes))
    expect(disk.jobs).toBe(0)
  })
})

describe('the memory of all transfers', () => {
  it('is bounded, however many and however large they are', () => {
    const disk = pool({ chunkBytes: 4096, smallChunkBytes: 64, memoryBytes: 40_000, buffersPerTransfer: 4 })
    const loans = Array.from({ length: 100 }, () => disk.lend(1e12))
    const total = loans.flat().reduce((sum, buffer) => sum + buffer.length, 0)
    expect(total).toBeLessThanOrEqual(40_000 + 100 * 4 * 64)
    expect(loans[0]?.[0]?.length).toBe(4096)
    for (const loan of loans) disk.takeBack(loan)
    expect(disk.lend(1e12)[0]?.length).toBe(4096)
  })

  it('is small for small files', () => {
    const disk = pool({ chunkBytes: 4096, smallChunkBytes: 64 })
    expect(disk.lend(0).map(buffer => buffer.length)).toEqual([64])
    expect(disk.lend(65).map(buffer => buffer.length)).toEqual([64, 64])
    expect(disk.lend(undefined).map(buffer => buffer.length)).toEqual([4096, 4096, 4096, 4096])
  })

  it('is used again', () => {
    const disk = pool()
    const loan = disk.lend(1e6)
    disk.takeBack(loan)
    expect(new Set(disk.lend(1e6))).toEqual(new Set(loan))
  })
})

describe('transfers', () => {
  it('run a hundred at once, and every file arrives as it was', async () => {
    const disk = pool({ chunkBytes: 1 << 20, smallChunkBytes: 1 << 16, threads: 2 })
    const files = Array.from({ length: 100 }, (_, index) => fileOf(index * 7919, `file ${index}`))
    const done = await Promise.all(files.map(file => transfer(file, disk)))
    for (const [index, { sent, received, path }] of done.entries()) {
      const bytes = files[index]?.bytes ?? Buffer.alloc(0)
      expect(sent).toEqual({ bytes: bytes.length, sha256: sha256(bytes) })
      expect(received).toEqual(sent)
      expect(readFileSync(path).equals(bytes)).toBe(true)
    }
    expect(disk.jobs).toBe(0)
  })

  it('need the same memory for a large file as for a small one', async () => {
    const disk = pool({ chunkBytes: 1 << 20, smallChunkBytes: 1 << 16 })
    await transfer(fileOf(8_000_000), disk)
    const large = fileOf(0)
    // A hole: large to send, and nothing on the disk of the sender.
    truncateSync(large.path, 300_000_000)
    const before = process.memoryUsage.rss()
    let most = 0
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage.rss())
    }, 5)
    try {
      const { sent, received } = await transfer(large, disk)
      expect(received).toEqual(sent)
    } finally {
      clearInterval(watch)
    }
    expect(most - before).toBeLessThan(100_000_000)
  })
})
