import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { startDiskThread } from '../../../main/transfer/start-disk-thread.ts'
import { eventually } from '../../support/eventually.ts'
import { afterwards, CHUNK_BYTES, memoryPair, pool, tcpPair } from '../rig.ts'
import { closedGate, startTroubledDisk } from '../troubled-disk.ts'
import {
  attempt,
  breakingPair,
  everythingIn,
  fileTarget,
  folderTarget,
  MEBIBYTE,
  oneFile,
  openBelow,
  receive,
  receiverOf,
  send,
  senderOf,
  sorted,
  sourceOf,
  tree,
} from './packed-rig.ts'

describe('a disk in trouble', () => {
  it.each([
    ['ENOSPC', 'disk-full', 'peer-disk-full'],
    ['EDQUOT', 'disk-full', 'peer-disk-full'],
    ['EIO', 'cannot-write', 'peer-failed'],
  ])('fails both sides, each in its words, and what is here stays: %s', async (errno, code, peerCode) => {
    const troubled = pool({
      start: () => startTroubledDisk({ kind: 'fails', code: errno, afterBytes: 3 * CHUNK_BYTES + 100 }),
    })
    const disk = pool()
    const file = oneFile(50_000)
    const { target, partial, final } = fileTarget()
    const receiver = receiverOf(file.expected, target, troubled)
    const done = await attempt(senderOf(file.content, disk), receiver, memoryPair())
    expect(done.received).toMatchObject({
      status: 'rejected',
      reason: { code, message: expect.stringContaining('got.bin'), cause: { code: errno } },
    })
    expect(done.sent).toMatchObject({ status: 'rejected', reason: { code: peerCode } })
    expect(readFileSync(partial).equals(file.bytes.subarray(0, 3 * CHUNK_BYTES + 100))).toBe(true)
    expect(openBelow(partial)).toEqual([])
    await receiver.close()
    expect(troubled.jobs).toBe(0)
    const again = await attempt(
      senderOf(file.content, disk),
      receiverOf(file.expected, target, disk),
      memoryPair(),
    )
    expect(again.received).toMatchObject({ value: { resumedFrom: 3 * CHUNK_BYTES + 100 } })
    expect(readFileSync(final).equals(file.bytes)).toBe(true)
  })

  it('in a folder names the file, and keeps the others', async () => {
    const troubled = pool({
      start: () => startTroubledDisk({ kind: 'fails', code: 'ENOSPC', afterBytes: 5_000 }),
    })
    const source = tree({ a: 4_000, 'b/c.txt': 4_000, d: 4_000 })
    const { target, root, final } = folderTarget()
    const done = await attempt(
      senderOf(source.content, pool()),
      receiverOf(source.expected, target, troubled),
      memoryPair(),
    )
    expect(done.received).toMatchObject({
      reason: { code: 'disk-full', message: expect.stringContaining('c.txt') },
    })
    expect([...everythingIn(root)].map(([name, { length }]) => [name, length])).toEqual([
      ['a', 4_000],
      ['b/c.txt', 1_000],
    ])
    const disk = pool()
    const again = await attempt(
      senderOf(source.content, disk),
      receiverOf(source.expected, target, disk),
      memoryPair(),
    )
    expect(again.received).toMatchObject({ value: { resumedFrom: 5_000 } })
    expect(everythingIn(final)).toEqual(sorted(source.contents))
  })

  it('that is slow slows the sender down, and neither side takes it for silence', async () => {
    const gate = closedGate()
    const slow = pool({ start: () => startTroubledDisk({ kind: 'waits', gate: gate.gate }) })
    const timing = { heartbeatMs: 10, receiverSilenceMs: 2_000, senderSilenceMs: 2_000 }
    const file = oneFile(8 * MEBIBYTE)
    const { target, final } = fileTarget()
    const [near, far] = await tcpPair()
    const write = vi.spyOn(far, 'write')
    const receiving = receive(receiverOf(file.expected, target, slow, timing), far)
    const sending = send(senderOf(file.content, pool(), timing), near)
    afterwards(() => gate.open())
    await eventually(() => expect(near.writableLength).toBeGreaterThan(0))
    const before = write.mock.calls.length
    await eventually(() => expect(write.mock.calls.length).toBeGreaterThan(before + 250))
    expect(receiving.told.progress).toEqual([])
    expect(far.readableLength).toBeLessThan(MEBIBYTE)
    gate.open()
    const [sent, received] = await Promise.all([sending.result, receiving.result])
    expect(sent.sha256).toBe(file.sha256)
    expect(received.sha256).toBe(file.sha256)
    expect(readFileSync(final).equals(file.bytes)).toBe(true)
  })

  it('of the sender that is slow is no silence while it looks at what the receiver has', async () => {
    const gate = closedGate()
    const slow = pool({ start: () => startTroubledDisk({ kind: 'waits', gate: gate.gate }) })
    const timing = { heartbeatMs: 10, receiverSilenceMs: 60_000, senderSilenceMs: 2_000 }
    const file = oneFile(50_000)
    const { target, partial, final } = fileTarget()
    writeFileSync(partial, file.bytes.subarray(0, 20_000))
    const [near, far] = memoryPair()
    const write = vi.spyOn(near, 'write')
    const sending = send(senderOf(file.content, slow, timing), near)
    const receiving = receive(receiverOf(file.expected, target, pool(), timing), far)
    afterwards(() => gate.open())
    await eventually(() => expect(write.mock.calls.length).toBeGreaterThan(250))
    gate.open()
    expect(await sending.result).toMatchObject({ resumedFrom: 20_000 })
    await receiving.result
    expect(readFileSync(final).equals(file.bytes)).toBe(true)
  })

  it('whose thread ends costs one attempt', async () => {
    let started = 0
    const disk = pool({
      threads: 1,
      start: () => {
        started += 1
        return started === 1 ? startTroubledDisk({ kind: 'exits' }) : startDiskThread()
      },
    })
    const file = oneFile(50_000)
    const { target, final } = fileTarget()
    const sender = senderOf(file.content, disk)
    const receiver = receiverOf(file.expected, target, disk)
    const lost = await attempt(sender, receiver, memoryPair())
    expect(lost.received).toMatchObject({ reason: { code: 'bug', message: expect.stringMatching(/thread/) } })
    const done = await attempt(sender, receiver, memoryPair())
    expect(done.received).toMatchObject({ status: 'fulfilled' })
    expect(readFileSync(final).equals(file.bytes)).toBe(true)
    await sender.close()
    await receiver.close()
    expect(disk.jobs).toBe(0)
  })

  it('while it is written to keeps a break waiting, and then everything is closed', async () => {
    const gate = closedGate()
    const slow = pool({ start: () => startTroubledDisk({ kind: 'waits', gate: gate.gate }) })
    const file = oneFile(500_000)
    const { target, partial } = fileTarget()
    const [near, far] = memoryPair()
    const receiving = receive(receiverOf(file.expected, target, slow), far)
    const sending = send(senderOf(file.content, pool()), near)
    afterwards(() => gate.open())
    await eventually(() => expect(sending.told.begun).toHaveLength(1))
    await eventually(() => expect(far.isPaused()).toBe(true))
    near.destroy()
    far.destroy()
    await expect(sending.result).rejects.toMatchObject({ code: 'connection-lost' })
    let settled = false
    receiving.result.catch(() => {
      settled = true
    })
    await turn()
    expect(settled).toBe(false)
    gate.open()
    await expect(receiving.result).rejects.toMatchObject({ code: 'connection-lost' })
    expect(openBelow(partial)).toEqual([])
    // All that was in our buffers is written.
    expect(statSync(partial).size).toBeGreaterThanOrEqual(4 * CHUNK_BYTES - 200)
    expect(readFileSync(partial).equals(file.bytes.subarray(0, statSync(partial).size))).toBe(true)
  })
})

describe('the memory', () => {
  it('is given back, whatever happened', async () => {
    const disk = pool({
      chunkBytes: 4_096,
      smallChunkBytes: 64,
      memoryBytes: 8 * 4_096,
      buffersPerTransfer: 4,
    })
    const file = oneFile(200_000)
    const { target } = fileTarget()
    const sender = senderOf(file.content, disk)
    const receiver = receiverOf(file.expected, target, disk)
    const pairs = [breakingPair(0), breakingPair(5_000), breakingPair(90_000), memoryPair()]
    for (const pair of pairs) await attempt(sender, receiver, pair)
    const both = [disk.lend(1e9), disk.lend(1e9)]
    expect(both.flat().map(buffer => buffer.length)).toEqual(Array.from({ length: 8 }, () => 4_096))
  })

  it('is the same for a large file as for a small one', async () => {
    const disk = pool({ chunkBytes: 512 * 1024, smallChunkBytes: 64 * 1024, buffersPerTransfer: 16 })
    const small = oneFile(8_000_000)
    const place = fileTarget()
    await attempt(
      senderOf(small.content, disk),
      receiverOf(small.expected, place.target, disk),
      await tcpPair(),
    )
    const large = oneFile(0)
    // A hole: large to send, and nothing on the disk of the sender.
    truncateSync(large.path, 300_000_000)
    const before = process.memoryUsage.rss()
    let most = 0
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage.rss())
    }, 5)
    try {
      const { target } = fileTarget()
      const done = await attempt(
        senderOf({ kind: 'file', file: sourceOf(large.path) }, disk),
        receiverOf({ kind: 'file', size: 300_000_000 }, target, disk),
        await tcpPair(),
      )
      expect(done.received).toMatchObject({ status: 'fulfilled' })
    } finally {
      clearInterval(watch)
    }
    expect(most - before).toBeLessThan(100_000_000)
  })
})
