import { describe, expect, it } from 'vitest'
import {
  encodeReceiverFrame,
  MAX_BEGINNINGS,
  type ReceiverFrame,
} from '../../../main/transfer/packed/frames.ts'
import { ReceiverStream } from '../../../main/transfer/packed/receiver-stream.ts'

const WRONG = { code: 'protocol-error' }
const SHA = 'a'.repeat(64)
const SENDING = { files: 3_000, size: 30_000, sizeOf: () => 10 }

const HAVE_END: ReceiverFrame = { kind: 'have-end' }
const DONE: ReceiverFrame = { kind: 'done', sha256: SHA }

function have(...claims: readonly (readonly [file: number, ...bytes: number[]])[]): ReceiverFrame {
  return {
    kind: 'have',
    claims: claims.map(([file, ...points]) => ({
      file,
      points: points.map(bytes => ({ bytes, sha256: SHA })),
    })),
  }
}

function bytesOf(frames: readonly ReceiverFrame[]): Buffer {
  return Buffer.concat(frames.map(encodeReceiverFrame))
}

function read(
  stream: ReceiverStream,
  frames: readonly ReceiverFrame[],
  pieceBytes = 1 << 20,
): ReceiverFrame[] {
  const bytes = bytesOf(frames)
  const found: ReceiverFrame[] = []
  for (let from = 0; from < bytes.length; from += pieceBytes) {
    found.push(...stream.read(bytes.subarray(from, from + pieceBytes)))
  }
  return found
}

describe('the stream of a receiver', () => {
  it.each([1, 7, 1 << 20])('is read in pieces of %i bytes', piece => {
    const stream = new ReceiverStream(SENDING)
    const before = [
      { kind: 'at', bytes: 0 } as const,
      have([0, 10], [3, 4, 8]),
      have([4, 10]),
      HAVE_END,
      { kind: 'at', bytes: 30_000 } as const,
    ]
    expect(read(stream, before, piece)).toEqual(before)
    stream.sentAll()
    const after = [{ kind: 'at', bytes: 7 } as const, DONE]
    expect(read(stream, after, piece)).toEqual(after)
  })

  it.each([0, 1, 2])('may fail at any time: after %i frames', count => {
    const frames = [have([0, 10]), HAVE_END].slice(0, count)
    const failed: ReceiverFrame = { kind: 'failed', code: 'disk-full' }
    expect(read(new ReceiverStream(SENDING), [...frames, failed]).at(-1)).toEqual(failed)
  })

  it.each<[string, readonly ReceiverFrame[]]>([
    ['a claim twice', [have([1, 10], [1, 10])]],
    ['a claim before the last one', [have([2, 10]), have([1, 10])]],
    ['a claim of no file', [have([3_000, 10])]],
    ['a claim longer than its file', [have([0, 11])]],
    ['two claims of a whole file', [have([0, 10, 10])]],
    ['a claim behind the end of all claims', [HAVE_END, have([0, 10])]],
    ['two ends of all claims', [HAVE_END, HAVE_END]],
    ['more than there is', [HAVE_END, { kind: 'at', bytes: 30_001 }]],
    ['an end before everything was sent', [HAVE_END, DONE]],
    ['an end before it said what it has', [DONE]],
    ['something behind a failure', [{ kind: 'failed', code: 'disk-full' }, HAVE_END]],
    [
      'more beginnings than anybody needs',
      Array.from({ length: MAX_BEGINNINGS / 2 + 1 }, (_, file) => have([file, 1, 2])),
    ],
  ])('is refused with %s', (_, frames) => {
    expect(() => read(new ReceiverStream(SENDING), frames)).toThrow(expect.objectContaining(WRONG))
    expect(() => read(new ReceiverStream(SENDING), frames, 1)).toThrow(expect.objectContaining(WRONG))
  })

  it('is refused with something behind its end', () => {
    const stream = new ReceiverStream(SENDING)
    read(stream, [HAVE_END])
    stream.sentAll()
    expect(() => read(stream, [DONE, DONE])).toThrow(expect.objectContaining(WRONG))
  })

  it('may go on with signs of life behind its end, which push that through a proxy', () => {
    const stream = new ReceiverStream(SENDING)
    read(stream, [HAVE_END])
    stream.sentAll()
    expect(read(stream, [DONE, { kind: 'at', bytes: 30_000 }])).toHaveLength(2)
    expect(() => read(stream, [{ kind: 'at', bytes: 30_001 }])).toThrow(expect.objectContaining(WRONG))
  })

  it('may claim any number of whole files', () => {
    const frames = Array.from({ length: 3_000 }, (_, file) => have([file, 10]))
    expect(read(new ReceiverStream(SENDING), frames)).toHaveLength(3_000)
  })
})
