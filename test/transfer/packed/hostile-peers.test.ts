import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import {
  encodeReceiverFrame,
  encodeSenderFrame,
  FrameReader,
  type ReceiverFrame,
  type SenderFrame,
} from '../../../main/transfer/packed/frames.ts'
import { eventually } from '../../support/eventually.ts'
import { folder, memoryPair, pool, sha256 } from '../rig.ts'
import {
  attempt,
  everythingIn,
  fileTarget,
  folderTarget,
  oneFile,
  openBelow,
  receive,
  receiverOf,
  send,
  senderOf,
  tree,
} from './packed-rig.ts'

/** What comes out of a stream, as the JSON of its frames; bytes of files must not come. */
function framesOf(stream: Duplex): unknown[] {
  const frames: unknown[] = []
  const reader = new FrameReader()
  stream.on('data', (chunk: Buffer) => {
    for (let from = 0; from < chunk.length; ) {
      from = reader.take(chunk, from)
      const frame = reader.next()
      if (frame !== undefined) frames.push(frame.json)
    }
  })
  return frames
}

function digest(bytes: string | Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}

type Parts = readonly (SenderFrame | Uint8Array | string)[]

function bytesOf(parts: Parts): Buffer {
  return Buffer.concat(
    parts.map(part =>
      typeof part === 'string' || part instanceof Uint8Array ? Buffer.from(part) : encodeSenderFrame(part),
    ),
  )
}

/** A sender that follows no rules, and a receiver that does. */
function againstReceiver(size: number, here?: Buffer) {
  const disk = pool()
  const [near, far] = memoryPair()
  const frames = framesOf(near)
  const place = fileTarget()
  if (here !== undefined) writeFileSync(place.partial, here)
  const receiver = receiverOf({ kind: 'file', size }, place.target, disk)
  const { result, told } = receive(receiver, far)
  return {
    ...place,
    disk,
    receiver,
    near,
    far,
    frames,
    result,
    told,
    /** Sends, once it was told what is here. */
    say: async (...parts: Parts) => {
      await eventually(() => expect(frames).toContainEqual({ have: 'end' }))
      near.write(bytesOf(parts))
    },
  }
}

const BEGIN: SenderFrame = { kind: 'begin', bytes: 0, restarted: false }
const FILE: SenderFrame = { kind: 'file', file: 0, from: 0 }
const END: SenderFrame = { kind: 'end' }

describe('a sender of a file that lies', () => {
  it('about nothing is believed', async () => {
    const { result, say, final } = againstReceiver(5)
    await say(BEGIN, FILE, 'hello', digest('hello'), END)
    await expect(result).resolves.toMatchObject({ path: final, sha256: sha256(Buffer.from('hello')) })
  })

  it('about the digest is told, and its file is removed', async () => {
    const { result, say, partial, isThere, near, frames, told } = againstReceiver(5)
    await say(BEGIN, FILE, 'hello', digest('Hello'), END)
    await eventually(() => expect(frames).toContainEqual({ failed: 'checksum-mismatch' }))
    near.end()
    await expect(result).rejects.toMatchObject({ code: 'checksum-mismatch' })
    expect(statSync(partial).size).toBe(0)
    expect(isThere()).toBe(false)
    expect(told.progress.at(-1) ?? 0).toBeLessThanOrEqual(5)
  })

  it.each<[string, Parts]>([
    ['garbage', ['GET / HTTP/1.1\r\n\r\n']],
    ['an enormous frame', [Buffer.from('ffffffff', 'hex')]],
    ['a manifest', [{ kind: 'entries', entries: [['a', 5]] }]],
    ['nothing of the file', [BEGIN, END]],
    [
      'a beginning that was not claimed',
      [
        { kind: 'begin', bytes: 3, restarted: false },
        { ...FILE, from: 3 },
      ],
    ],
    ['a second file', [BEGIN, FILE, 'hello', digest('hello'), { kind: 'file', file: 1, from: 0 }]],
    ['more bytes than were offered', [BEGIN, FILE, 'hello, world', digest('hello, world'), END]],
    ['fewer bytes than were offered', [BEGIN, FILE, 'hell', digest('hell'), END]],
  ])('is refused with one failure when it sends %s', async (_, parts) => {
    const { result, say, near, far, frames, isThere, partial, receiver, disk } = againstReceiver(5)
    await say(...parts)
    await eventually(() => expect(frames.at(-1)).toMatchObject({ failed: expect.any(String) }))
    near.end()
    const failure = await result.catch(error => error)
    expect(['protocol-error', 'checksum-mismatch']).toContain(failure.code)
    expect(isThere()).toBe(false)
    expect(existsSync(partial) ? statSync(partial).size : 0).toBeLessThanOrEqual(5)
    expect(far.destroyed).toBe(false)
    expect(openBelow(partial)).toEqual([])
    await receiver.close()
    expect(disk.jobs).toBe(0)
  })

  it('is refused when it sends more behind its end', async () => {
    const { result, say, near } = againstReceiver(5)
    await say(BEGIN, FILE, 'hello', digest('hello'), END, 'more')
    near.end()
    await expect(result).rejects.toMatchObject({ code: 'too-many-bytes' })
  })

  it('about what is here is told: what is wrong is found at the end', async () => {
    const { result, say, near, partial, frames } = againstReceiver(10, Buffer.from('wrong'))
    await eventually(() =>
      expect(frames).toContainEqual({ have: [[0, [[5, sha256(Buffer.from('wrong'))]]]] }),
    )
    await say(
      { kind: 'begin', bytes: 5, restarted: false },
      { ...FILE, from: 5 },
      'world',
      digest('helloworld'),
      END,
    )
    near.end()
    await expect(result).rejects.toMatchObject({ code: 'checksum-mismatch' })
    expect(statSync(partial).size).toBe(0)
  })

  it('by saying nothing is left after a while', async () => {
    const [near, far] = memoryPair()
    const { target } = fileTarget()
    const timing = { heartbeatMs: 10, receiverSilenceMs: 60_000, senderSilenceMs: 50 }
    const receiver = receiverOf({ kind: 'file', size: 5 }, target, pool(), timing)
    const frames = framesOf(near)
    await expect(receive(receiver, far).result).rejects.toMatchObject({ code: 'connection-lost' })
    expect(frames).toContainEqual({ at: 0 })
    expect(frames).not.toContainEqual(expect.objectContaining({ failed: expect.anything() }))
  })

  it('by ending is incomplete, and what it sent is kept', async () => {
    const { result, say, near, partial } = againstReceiver(10)
    await say(BEGIN, FILE, 'hello')
    near.end()
    await expect(result).rejects.toMatchObject({
      code: 'incomplete',
      message: expect.stringContaining('of 10'),
    })
    expect(readFileSync(partial, 'utf8')).toBe('hello')
  })

  it('that does not listen when it is told does not hold the receiver up', async () => {
    const disk = pool()
    const [near, far] = memoryPair()
    const { target } = fileTarget()
    const abort = new AbortController()
    const { result } = receive(receiverOf({ kind: 'file', size: 5 }, target, disk), far, {
      signal: abort.signal,
    })
    near.write('garbage that is no frame')
    await eventually(() => expect(near.readableLength).toBeGreaterThan(0))
    abort.abort()
    await expect(result).rejects.toBeInstanceOf(Error)
  })
})

describe('a sender of a folder that lies', () => {
  function againstFolder(size: number, files: number) {
    const [near, far] = memoryPair()
    const frames = framesOf(near)
    const place = folderTarget()
    const { result } = receive(receiverOf({ kind: 'folder', size, files }, place.target, pool()), far)
    const say = (...parts: Parts): boolean => near.write(bytesOf(parts))
    return { ...place, near, frames, result, say }
  }

  it.each<[string, unknown[]]>([
    ['that climb', [['../evil', 5]]],
    ['that are absolute', [['/etc/evil', 5]]],
    ['that climb behind a folder', [['a/../../evil', 5]]],
    [
      'twice',
      [
        ['a', 2],
        ['a', 3],
      ],
    ],
    [
      'that are one on some disks',
      [
        ['a', 2],
        ['A', 3],
      ],
    ],
    ['that are a folder, too', [['a', 5], ['a/']]],
    ['of another size', [['a', 6]]],
    [
      'more of them',
      [
        ['a', 5],
        ['b', 0],
        ['c', 0],
      ],
    ],
    ['that are none', ['a', 5]],
  ])('is refused before anything is written when it names files %s', async (_, entries) => {
    const files = entries.length === 2 && Array.isArray(entries[1]) && entries[1].length === 2 ? 2 : 1
    const { result, say, near, root, frames } = againstFolder(5, files)
    say({ kind: 'entries', entries }, { kind: 'manifest-end' })
    near.end()
    await expect(result).rejects.toMatchObject({ code: 'file-not-allowed' })
    expect(frames).toContainEqual({ failed: 'file-not-allowed' })
    expect(everythingIn(root)).toEqual(new Map())
    expect(everythingIn(join(root, '..'))).toEqual(new Map([['.folder.part/', Buffer.alloc(0)]]))
  })

  it('is refused at the hundred thousand and first name, and not at its end', async () => {
    const { result, say, near } = againstFolder(0, 1_000_000)
    const entries = Array.from({ length: 5_001 }, (_, index) => [`f${index}`, 0])
    for (let count = 0; count < 20; count += 1) say({ kind: 'entries', entries })
    await expect(result.finally(() => near.end())).rejects.toMatchObject({ code: 'file-not-allowed' })
  })

  it('removes only the file whose digest is wrong', async () => {
    const { result, say, near, root, frames } = againstFolder(10, 2)
    say(
      {
        kind: 'entries',
        entries: [
          ['a', 5],
          ['b/c', 5],
        ],
      },
      { kind: 'manifest-end' },
    )
    await eventually(() => expect(frames).toContainEqual({ have: 'end' }))
    say(
      BEGIN,
      FILE,
      'hello',
      digest('hello'),
      { kind: 'file', file: 1, from: 0 },
      'hello',
      digest('other'),
      END,
    )
    near.end()
    await expect(result).rejects.toMatchObject({
      code: 'checksum-mismatch',
      message: expect.stringMatching(/^c /),
    })
    expect(everythingIn(root)).toEqual(
      new Map([
        ['a', Buffer.from('hello')],
        ['b/', Buffer.alloc(0)],
      ]),
    )
  })
})

describe.skipIf(process.platform === 'win32')('links in the place of what arrives', () => {
  it('are replaced, not followed: files and folders', async () => {
    const disk = pool()
    const elsewhere = folder()
    writeFileSync(join(elsewhere, 'mine'), 'mine')
    mkdirSync(join(elsewhere, 'folder'))
    const source = tree({ a: 10, 'b/c': 20 })
    const { target, root, final } = folderTarget()
    symlinkSync(join(elsewhere, 'mine'), join(root, 'a'))
    symlinkSync(join(elsewhere, 'folder'), join(root, 'b'))
    const done = await attempt(
      senderOf(source.content, disk),
      receiverOf(source.expected, target, disk),
      memoryPair(),
    )
    expect(done.received).toMatchObject({ status: 'fulfilled' })
    expect(everythingIn(final)).toEqual(source.contents)
    expect(readFileSync(join(elsewhere, 'mine'), 'utf8')).toBe('mine')
    expect(everythingIn(join(elsewhere, 'folder'))).toEqual(new Map())
  })

  it('that appear meanwhile are not followed', async () => {
    const disk = pool()
    const elsewhere = folder()
    const source = tree({ a: 10, 'b/c': 20 })
    const { target, root, isThere } = folderTarget()
    const [near, far] = memoryPair()
    const [middleNear, middleFar] = memoryPair()
    // What says what is here comes behind the last look around, and before any folder is made.
    far.on('data', (chunk: Buffer) => {
      if (chunk.includes('"have":"end"')) symlinkSync(elsewhere, join(root, 'b'))
      middleNear.write(chunk)
    })
    middleNear.on('data', (chunk: Buffer) => far.write(chunk))
    const sending = send(senderOf(source.content, disk), middleFar)
    const receiving = receive(receiverOf(source.expected, target, disk), near)
    sending.result.catch(() => far.end())
    await expect(receiving.result).rejects.toMatchObject({ code: 'cannot-write' })
    await expect(sending.result).rejects.toMatchObject({ code: 'peer-failed' })
    expect(everythingIn(elsewhere)).toEqual(new Map())
    expect(isThere()).toBe(false)
  })

  it('in the place of a partial file are refused', async () => {
    const disk = pool()
    const mine = join(folder(), 'mine')
    writeFileSync(mine, 'mine')
    const file = oneFile(10)
    const { target, partial, isThere } = fileTarget()
    symlinkSync(mine, partial)
    const done = await attempt(
      senderOf(file.content, disk),
      receiverOf(file.expected, target, disk),
      memoryPair(),
    )
    expect(done.received).toMatchObject({ reason: { code: 'cannot-write' } })
    expect(done.sent).toMatchObject({ reason: { code: 'peer-failed' } })
    expect(readFileSync(mine, 'utf8')).toBe('mine')
    expect(isThere()).toBe(false)
  })
})

describe('a receiver that lies', () => {
  /** A receiver that follows no rules, and a sender that does; bytes that come are dropped. */
  function againstSender(size = 5_000, timing?: Parameters<typeof senderOf>[2]) {
    const disk = pool()
    const [near, far] = memoryPair()
    const file = oneFile(size)
    const sender = senderOf(file.content, disk, timing)
    const { result, told } = send(sender, near)
    const sent: Buffer[] = []
    far.on('data', (chunk: Buffer) => sent.push(chunk))
    const say = (...frames: readonly (ReceiverFrame | string)[]): void => {
      for (const frame of frames) far.write(typeof frame === 'string' ? frame : encodeReceiverFrame(frame))
    }
    return { ...file, disk, sender, near, far, result, told, sent, say }
  }

  const HAVE_END: ReceiverFrame = { kind: 'have-end' }

  function have(...points: readonly [bytes: number, sha256: string][]): ReceiverFrame {
    return {
      kind: 'have',
      claims: [{ file: 0, points: points.map(([bytes, hash]) => ({ bytes, sha256: hash })) }],
    }
  }

  /** Until everything was sent: the digest of the file and the last frame. */
  async function all(sent: readonly Buffer[]): Promise<void> {
    const end = encodeSenderFrame(END)
    await eventually(() => expect(Buffer.concat(sent).subarray(-end.length).equals(end)).toBe(true))
  }

  it.each<[string, (ReceiverFrame | string)[]]>([
    ['garbage', ['GET / HTTP/1.1\r\n\r\n']],
    ['an end before it got anything', [{ kind: 'done', sha256: 'a'.repeat(64) }]],
    ['a claim longer than the file', [have([5_001, 'a'.repeat(64)])]],
    [
      'a claim of another file',
      [{ kind: 'have', claims: [{ file: 1, points: [{ bytes: 1, sha256: 'a'.repeat(64) }] }] }],
    ],
    ['more than there is', [HAVE_END, { kind: 'at', bytes: 5_001 }]],
  ])('is refused with one failure when it sends %s', async (_, frames) => {
    const { result, say, sender, disk, near } = againstSender()
    say(...frames)
    await expect(result).rejects.toMatchObject({ code: 'protocol-error' })
    expect(near.destroyed).toBe(false)
    await sender.close()
    expect(disk.jobs).toBe(0)
  })

  it('about what it has gets all of it', async () => {
    const { result, say, sent, sha256: hash, bytes, told } = againstSender()
    say(have([1_000, 'a'.repeat(64)], [3_000, sha256(bytes.subarray(1, 3_001))]), HAVE_END)
    await all(sent)
    expect(told.begun).toEqual([{ resumedFrom: 0, restarted: true }])
    say({ kind: 'done', sha256: hash })
    await expect(result).resolves.toMatchObject({ restarted: true, resumedFrom: 0 })
    expect(Buffer.concat(sent).includes(bytes)).toBe(true)
  })

  it('about some of what it has gets the rest', async () => {
    const { result, say, sent, sha256: hash, bytes } = againstSender()
    const good = bytes.subarray(0, 1_000)
    say(have([3_000, 'a'.repeat(64)], [1_000, sha256(good)], [5_000, 'a'.repeat(64)]), HAVE_END)
    await all(sent)
    say({ kind: 'done', sha256: hash })
    await expect(result).resolves.toMatchObject({ restarted: false, resumedFrom: 1_000 })
    expect(Buffer.concat(sent).includes(good)).toBe(false)
  })

  it('about what arrived is found out', async () => {
    const { result, say, sent } = againstSender()
    say(HAVE_END)
    await all(sent)
    say({ kind: 'done', sha256: 'a'.repeat(64) })
    await expect(result).rejects.toMatchObject({ code: 'checksum-mismatch' })
  })

  it('about what is stored counts for nothing before the beginning, and never backwards', async () => {
    const { result, say, sent, sha256: hash, told, bytes } = againstSender()
    say({ kind: 'at', bytes: 4_000 }, have([1_000, sha256(bytes.subarray(0, 1_000))]), HAVE_END)
    await all(sent)
    for (const at of [500, 2_000, 1_500, 3_000]) say({ kind: 'at', bytes: at })
    say({ kind: 'done', sha256: hash })
    await result
    expect(told.progress).toEqual([2_000, 3_000, 5_000])
  })

  it.each([
    ['disk-full', 'peer-disk-full', /disk is full/],
    ['cannot-write', 'peer-failed', /could not write/],
    ['checksum-mismatch', 'checksum-mismatch', /damaged/],
    ['never-heard-of', 'peer-failed', /failed/],
  ])('by failing is told apart: %s', async (failed, code, message) => {
    const { result, say } = againstSender()
    say(HAVE_END, { kind: 'failed', code: failed })
    await expect(result).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  it('by ending is lost', async () => {
    const { result, far } = againstSender()
    far.end()
    await expect(result).rejects.toMatchObject({ code: 'connection-lost' })
  })

  it('by saying nothing is left after a while', async () => {
    const { result } = againstSender(5_000, {
      heartbeatMs: 10,
      receiverSilenceMs: 50,
      senderSilenceMs: 60_000,
    })
    await expect(result).rejects.toMatchObject({ code: 'connection-lost' })
  })
})
