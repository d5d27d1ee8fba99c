import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Manifest } from '../../../main/transfer/manifest.ts'
import { Failure } from '../../../shared/model/failure.ts'
import { eventually } from '../../support/eventually.ts'
import { CHUNK_BYTES, folder, memoryPair, type Pair, pool, tcpPair, tlsPair } from '../rig.ts'
import {
  attempt,
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
  tree,
} from './packed-rig.ts'

const SIZES = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 5 * CHUNK_BYTES, 100_000]

const CONNECTIONS: [string, () => Pair | Promise<Pair>][] = [
  ['memory', memoryPair],
  ['TCP', tcpPair],
  ['TLS', tlsPair],
]

describe('a file', () => {
  it.each(SIZES)('of %i bytes arrives', async size => {
    const disk = pool()
    const file = oneFile(size)
    const { target, final } = fileTarget()
    const sender = senderOf(file.content, disk)
    const receiver = receiverOf(file.expected, target, disk)
    const done = await attempt(sender, receiver, memoryPair())
    expect(done.sent).toEqual({
      status: 'fulfilled',
      value: { bytes: size, sha256: file.sha256, resumedFrom: 0, restarted: false },
    })
    expect(done.received).toEqual({
      status: 'fulfilled',
      value: { path: final, bytes: size, sha256: file.sha256, resumedFrom: 0, heard: expect.any(Function) },
    })
    expect(readFileSync(final).equals(file.bytes)).toBe(true)
    for (const { begun, progress } of [done.sender, done.receiver]) {
      expect(begun).toEqual([{ resumedFrom: 0, restarted: false }])
      expect(progress).toEqual(progress.toSorted((one, other) => one - other))
      if (size > 0) expect(progress.at(-1)).toBe(size)
    }
    await sender.close()
    await receiver.close()
    expect(disk.jobs).toBe(0)
  })

  it.each(CONNECTIONS)('arrives over %s, and leaves nothing open', async (_, pair) => {
    const disk = pool({ chunkBytes: 512 * 1024, smallChunkBytes: 64 * 1024 })
    const file = oneFile(3 * MEBIBYTE + 77)
    const { target, final } = fileTarget()
    const sender = senderOf(file.content, disk)
    const receiver = receiverOf(file.expected, target, disk)
    const [near, far] = await pair()
    const before = [near, far].map(listenersOf)
    const [sent, received] = await Promise.all([send(sender, near).result, receive(receiver, far).result])
    expect(sent.sha256).toBe(file.sha256)
    expect(received.sha256).toBe(file.sha256)
    expect(readFileSync(final).equals(file.bytes)).toBe(true)
    expect([near, far].map(listenersOf)).toEqual(before)
    expect([near, far].map(stream => stream.destroyed)).toEqual([false, false])
    expect([near, far].map(stream => stream.isPaused())).toEqual([true, true])
    expect(openBelow(file.path)).toEqual([])
    expect(openBelow(final)).toEqual([])
    await sender.close()
    await receiver.close()
    expect(disk.jobs).toBe(0)
  })

  it('arrives byte by byte', async () => {
    const disk = pool()
    const file = oneFile(3_000)
    const { target, final } = fileTarget()
    const [near, middleNear] = memoryPair()
    const [middleFar, far] = memoryPair()
    for (const [from, to] of [
      [middleNear, middleFar],
      [middleFar, middleNear],
    ] as const) {
      from.on('data', (chunk: Buffer) => {
        for (const byte of chunk) to.write(Uint8Array.of(byte))
      })
    }
    const done = await attempt(senderOf(file.content, disk), receiverOf(file.expected, target, disk), [
      near,
      far,
    ])
    expect(done.sent).toMatchObject({ status: 'fulfilled', value: { sha256: file.sha256 } })
    expect(readFileSync(final).equals(file.bytes)).toBe(true)
  })

  it('is its owner’s alone until it is whole', async () => {
    const disk = pool()
    const file = oneFile(10)
    const { target } = fileTarget()
    let mode = 0
    let digest = ''
    const watched = {
      ...target,
      commit: (sha256: string) => {
        mode = statSync(target.path).mode
        digest = sha256
        return target.commit(sha256)
      },
    }
    await attempt(senderOf(file.content, disk), receiverOf(file.expected, watched, disk), memoryPair())
    if (process.platform !== 'win32') expect(mode & 0o777).toBe(0o600)
    expect(digest).toBe(file.sha256)
  })

  it('that is here already is not moved', async () => {
    const disk = pool()
    const file = oneFile(50_000)
    const existing = join(folder(), 'there.bin')
    writeFileSync(existing, file.bytes)
    const { target, partial, isThere } = fileTarget({ existing })
    const done = await attempt(
      senderOf(file.content, disk),
      receiverOf(file.expected, target, disk),
      memoryPair(),
    )
    expect(done.sent).toMatchObject({
      value: { bytes: 50_000, sha256: file.sha256, resumedFrom: 50_000, restarted: false },
    })
    expect(done.received).toMatchObject({
      value: {
        path: existing,
        bytes: 50_000,
        sha256: file.sha256,
        resumedFrom: 50_000,
        heard: expect.any(Function),
      },
    })
    expect(isThere()).toBe(false)
    expect(existsSync(partial)).toBe(false)
    expect(done.sender.progress.at(-1)).toBe(50_000)
  })

  it('that is here already and small is moved, compared here, and not kept twice', async () => {
    const disk = pool()
    const file = oneFile(100)
    const existing = join(folder(), 'there.bin')
    writeFileSync(existing, file.bytes)
    const { target, isThere } = fileTarget({ existing })
    const sender = senderOf(file.content, disk)
    const done = await attempt(sender, receiverOf(file.expected, target, disk), memoryPair())
    expect(done.received).toMatchObject({ value: { path: existing, sha256: file.sha256, resumedFrom: 0 } })
    expect(isThere()).toBe(false)
  })

  it.each([
    ['other bytes', (bytes: Buffer) => Buffer.from(bytes).fill(0, 10, 11)],
    ['another size', (bytes: Buffer) => bytes.subarray(1)],
  ])('that is here already with %s comes beside it', async (_, change) => {
    const disk = pool()
    const file = oneFile(50_000)
    file.bytes[10] = 1
    writeFileSync(file.path, file.bytes)
    const again = oneFile(file.bytes)
    const existing = join(folder(), 'there.bin')
    const other = change(file.bytes)
    writeFileSync(existing, other)
    const { target, final } = fileTarget({ existing })
    const done = await attempt(
      senderOf(again.content, disk),
      receiverOf(again.expected, target, disk),
      memoryPair(),
    )
    expect(done.received).toMatchObject({ value: { path: final, resumedFrom: 0 } })
    expect(done.sender.begun).toEqual([{ resumedFrom: 0, restarted: false }])
    expect(readFileSync(final).equals(again.bytes)).toBe(true)
    expect(readFileSync(existing).equals(other)).toBe(true)
  })
})

describe('the last word', () => {
  it('has been heard when the sender closes the connection', async () => {
    const disk = pool()
    const file = oneFile(10_000)
    const [near, far] = await tcpPair()
    const sending = send(senderOf(file.content, disk), near)
    const receiving = receive(receiverOf(file.expected, fileTarget().target, disk), far)
    const heard = (await receiving.result).heard()
    await sending.result
    let isHeard = false
    void heard.then(() => {
      isHeard = true
    })
    await turn()
    expect(isHeard).toBe(false)
    near.destroy()
    await heard
    far.destroy()
  })

  it('is pushed on over something that holds back what came last', async () => {
    const disk = pool()
    const file = oneFile(10_000)
    const [near, middle] = memoryPair()
    const [beyond, far] = memoryPair()
    // What is handed on is what came before the latest.
    let held: Uint8Array | undefined
    middle.pipe(beyond)
    beyond.on('data', (chunk: Uint8Array) => {
      if (held !== undefined) middle.write(held)
      held = chunk
    })
    const sending = send(senderOf(file.content, disk), near, { nudge: true })
    const receiving = receive(receiverOf(file.expected, fileTarget().target, disk), far, { nudge: true })
    const heard = (await receiving.result).heard()
    expect(await sending.result).toMatchObject({ sha256: file.sha256 })
    for (const stream of [near, middle, beyond, far]) stream.destroy()
    await heard
  })
})

describe('a folder', () => {
  it.each(CONNECTIONS)('arrives over %s with all that is in it', async (_, pair) => {
    const disk = pool()
    const source = tree({ 'a.txt': 10, 'b/c.bin': 5_000, 'b/d/e': 0, 'b/d/größer.txt': 1 << 18, z: 1 }, [
      'empty',
      'b/also empty',
    ])
    const { target, final } = folderTarget()
    const sender = senderOf(source.content, disk)
    const receiver = receiverOf(source.expected, target, disk)
    const done = await attempt(sender, receiver, await pair())
    expect(done.sent).toEqual({
      status: 'fulfilled',
      value: { bytes: source.size, sha256: source.sha256, resumedFrom: 0, restarted: false },
    })
    expect(done.received).toEqual({
      status: 'fulfilled',
      value: {
        path: final,
        bytes: source.size,
        sha256: source.sha256,
        resumedFrom: 0,
        heard: expect.any(Function),
      },
    })
    expect(everythingIn(final)).toEqual(sorted(source.contents, 'empty', 'b/also empty'))
    expect(openBelow(source.root)).toEqual([])
    expect(openBelow(final)).toEqual([])
  })

  it('without anything in it arrives', async () => {
    const disk = pool()
    const source = tree({})
    const { target, final } = folderTarget()
    const done = await attempt(
      senderOf(source.content, disk),
      receiverOf(source.expected, target, disk),
      memoryPair(),
    )
    expect(done.received).toMatchObject({ status: 'fulfilled', value: { path: final, bytes: 0 } })
    expect(done.sent).toMatchObject({ status: 'fulfilled', value: { sha256: source.sha256 } })
    expect(everythingIn(final)).toEqual(new Map())
  })

  it('of thousands of files and folders arrives, with more names than one frame holds', async () => {
    const disk = pool({ chunkBytes: 512 * 1024, smallChunkBytes: 64 * 1024 })
    const names = Array.from(
      { length: 3_000 },
      (_, index) => `folder ${index % 7}/a file of that name ${index}.txt`,
    )
    const source = tree(Object.fromEntries(names.map((name, index) => [name, index % 300])))
    const { target, final } = folderTarget()
    const done = await attempt(
      senderOf(source.content, disk),
      receiverOf(source.expected, target, disk),
      await tcpPair(),
    )
    expect(done.received).toMatchObject({ status: 'fulfilled', value: { sha256: source.sha256 } })
    expect(everythingIn(final)).toEqual(sorted(source.contents))
  })

  it('has its manifest saved before anything is written, once', async () => {
    const disk = pool()
    const source = tree({ 'a.txt': 10, 'b/c': 20 }, ['d'])
    const { target, root } = folderTarget()
    const receiver = receiverOf(source.expected, target, disk)
    const saved: Manifest[] = []
    const save = async (manifest: Manifest): Promise<void> => {
      await turn()
      expect(everythingIn(root)).toEqual(new Map())
      saved.push(manifest)
    }
    const [near, far] = memoryPair()
    const sender = senderOf(source.content, disk)
    const abort = new AbortController()
    const sending = send(sender, near, { onBegin: () => abort.abort(), signal: abort.signal })
    const receiving = receive(receiver, far, { save })
    await expect(sending.result).rejects.toMatchObject({ code: 'cancelled' })
    near.destroy()
    far.destroy()
    await expect(receiving.result).rejects.toMatchObject({ code: 'connection-lost' })
    const [again, there] = memoryPair()
    await Promise.all([send(sender, again).result, receive(receiver, there, { save }).result])
    expect(saved).toEqual([
      {
        files: [
          { path: 'a.txt', local: 'a.txt', size: 10 },
          { path: 'b/c', local: 'b/c', size: 20 },
        ],
        folders: ['d'],
      },
    ])
  })

  it('is not begun when its manifest cannot be saved, and the sender is told', async () => {
    const disk = pool()
    const source = tree({ 'a.txt': 10 })
    const { target, root } = folderTarget()
    const [near, far] = memoryPair()
    const sending = send(senderOf(source.content, disk), near)
    const failure = new Failure('cannot-write', 'No room for notes.')
    const receiving = receive(receiverOf(source.expected, target, disk), far, {
      save: () => Promise.reject(failure),
    })
    sending.result.catch(() => near.destroy())
    await expect(receiving.result).rejects.toBe(failure)
    await expect(sending.result).rejects.toMatchObject({ code: 'peer-failed' })
    expect(everythingIn(root)).toEqual(new Map())
  })
})

describe('an abort', () => {
  const why = new Failure('paused', 'The transfer is paused.')

  it('of the sender gives its reason, and leaves the stream alone', async () => {
    const disk = pool()
    const file = oneFile(500_000)
    const [near] = memoryPair()
    const before = listenersOf(near)
    const abort = new AbortController()
    const sender = senderOf(file.content, disk)
    const { result } = send(sender, near, { signal: abort.signal })
    await eventually(() => expect(near.listenerCount('data')).toBe(1))
    abort.abort(why)
    await expect(result).rejects.toBe(why)
    expect(listenersOf(near)).toEqual(before)
    expect(near.destroyed).toBe(false)
    await sender.close()
    expect(disk.jobs).toBe(0)
  })

  it('of the receiver gives its reason, after what was delivered is written', async () => {
    const disk = pool({ chunkBytes: 1 << 16, smallChunkBytes: 1 << 16 })
    const file = oneFile(500_000)
    const { target, partial } = fileTarget()
    const abort = new AbortController()
    const [near, far] = memoryPair()
    const before = listenersOf(far)
    const receiver = receiverOf(file.expected, target, disk)
    const { result, told } = receive(receiver, far, {
      signal: abort.signal,
      onProgress: bytes => {
        told.progress.push(bytes)
        abort.abort(why)
      },
    })
    const sending = send(senderOf(file.content, disk), near)
    await expect(result).rejects.toBe(why)
    near.destroy()
    await expect(sending.result).rejects.toMatchObject({ code: 'connection-lost' })
    expect(statSync(partial).size).toBe(told.progress.at(-1))
    expect(readFileSync(partial).equals(file.bytes.subarray(0, statSync(partial).size))).toBe(true)
    expect(listenersOf(far)).toEqual(before)
    expect(far.destroyed).toBe(false)
    expect(openBelow(partial)).toEqual([])
    await receiver.close()
  })

  it('beforehand says nothing', async () => {
    const disk = pool()
    const file = oneFile(10)
    const { target } = fileTarget()
    const [near, far] = memoryPair()
    const signal = AbortSignal.abort(why)
    await expect(send(senderOf(file.content, disk), near, { signal }).result).rejects.toBe(why)
    await expect(receive(receiverOf(file.expected, target, disk), far, { signal }).result).rejects.toBe(why)
    expect(near.readableLength + far.readableLength).toBe(0)
  })
})

it('goes one connection at a time', async () => {
  const disk = pool()
  const file = oneFile(10)
  const { target } = fileTarget()
  const [near, far] = memoryPair()
  const sender = senderOf(file.content, disk)
  const receiver = receiverOf(file.expected, target, disk)
  const first = send(sender, near)
  await expect(send(sender, near).result).rejects.toMatchObject({ code: 'bug' })
  const second = receive(receiver, far)
  await expect(receive(receiver, far).result).rejects.toMatchObject({ code: 'bug' })
  await Promise.all([first.result, second.result])
})

function listenersOf(stream: Pair[number]): Record<string, number> {
  const names = ['data', 'end', 'error', 'close', 'drain', 'finish', 'readable']
  return Object.fromEntries(names.map(name => [name, stream.listenerCount(name)]))
}
