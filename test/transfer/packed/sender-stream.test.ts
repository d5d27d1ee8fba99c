import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeSenderFrame, type SenderFrame } from '../../../main/transfer/packed/frames.ts'
import { type Claimed, type SenderItem, SenderStream } from '../../../main/transfer/packed/sender-stream.ts'

const WRONG = { code: 'protocol-error' }
const DIGEST = randomBytes(32)

/** Files of 10, 0, 20 and 5 bytes; of the first all is claimed, of the third the first 7. */
const SIZES = [10, 0, 20, 5]
const CLAIMED: Claimed = {
  files: SIZES.length,
  size: 35,
  sizeOf: file => SIZES[file] ?? 0,
  isWhole: file => file === 0,
  isPoint: (file, bytes) => file === 2 && bytes === 7,
}

function bytesOf(...parts: readonly (SenderFrame | Uint8Array)[]): Buffer {
  return Buffer.concat(parts.map(part => (part instanceof Uint8Array ? part : encodeSenderFrame(part))))
}

/** What is read of a stream whose receiver claims what `CLAIMED` says. */
function readAll(bytes: Uint8Array, pieceBytes = bytes.length || 1): SenderItem[] {
  const stream = new SenderStream('file')
  stream.claimed(CLAIMED)
  return readOn(stream, bytes, pieceBytes)
}

function readOn(stream: SenderStream, bytes: Uint8Array, pieceBytes = bytes.length): SenderItem[] {
  const items: SenderItem[] = []
  for (let from = 0; from < bytes.length; from += pieceBytes) {
    for (const item of stream.read(bytes.subarray(from, from + pieceBytes))) {
      const last = items.at(-1)
      if (item.kind === 'bytes' && last?.kind === 'bytes') {
        items[items.length - 1] = { kind: 'bytes', bytes: Buffer.concat([last.bytes, item.bytes]) }
      } else items.push(item)
    }
  }
  return items
}

const BEGIN: SenderFrame = { kind: 'begin', bytes: 17, restarted: false }
const SECOND = [{ kind: 'file', file: 1, from: 0 } as const, DIGEST]
const THIRD = [{ kind: 'file', file: 2, from: 7 } as const, Buffer.alloc(13, 1), DIGEST]
const FOURTH = [{ kind: 'file', file: 3, from: 0 } as const, Buffer.alloc(5, 2), DIGEST]
const END: SenderFrame = { kind: 'end' }

describe('the stream of a sender', () => {
  const good = bytesOf({ kind: 'checking' }, { kind: 'checking' }, BEGIN, ...SECOND, ...THIRD, ...FOURTH, END)
  const items: SenderItem[] = [
    { kind: 'begin', bytes: 17, restarted: false },
    { kind: 'file', file: 1, from: 0 },
    { kind: 'digest', digest: DIGEST },
    { kind: 'file', file: 2, from: 7 },
    { kind: 'bytes', bytes: Buffer.alloc(13, 1) },
    { kind: 'digest', digest: DIGEST },
    { kind: 'file', file: 3, from: 0 },
    { kind: 'bytes', bytes: Buffer.alloc(5, 2) },
    { kind: 'digest', digest: DIGEST },
    { kind: 'end' },
  ]

  it('is read whole, byte by byte, and in pieces of any size', () => {
    expect(readAll(good)).toEqual(items)
    expect(readAll(good, 1)).toEqual(items)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: good.length }), piece => {
        expect(readAll(good, piece)).toEqual(items)
      }),
      { seed: 4, numRuns: 30 },
    )
  })

  it('gives the bytes of files as they lie in memory', () => {
    const stream = new SenderStream('file')
    stream.claimed(CLAIMED)
    const bytes = bytesOf(BEGIN, ...SECOND, ...THIRD)
    const item = [...stream.read(bytes)].find(({ kind }) => kind === 'bytes')
    expect(item?.kind === 'bytes' && item.bytes.buffer === bytes.buffer).toBe(true)
  })

  it('takes nothing behind its end', () => {
    expect(() => readAll(bytesOf(BEGIN, ...SECOND, ...THIRD, ...FOURTH, END, Buffer.from('x')))).toThrow(
      expect.objectContaining({ code: 'too-many-bytes' }),
    )
  })

  it.each<[string, readonly (SenderFrame | Uint8Array)[]]>([
    ['a manifest that was not asked for', [{ kind: 'entries', entries: [] }]],
    ['a file before the beginning', SECOND],
    ['an end before the beginning', [END]],
    ['two beginnings', [BEGIN, BEGIN]],
    ['a sign of life between files', [BEGIN, { kind: 'checking' }]],
    ['a beginning longer than everything', [{ kind: 'begin', bytes: 36, restarted: false }]],
    ['a file that is not there', [BEGIN, { kind: 'file', file: 4, from: 0 }]],
    ['a file that leaves out one that nobody claimed', [BEGIN, ...THIRD]],
    ['a file twice', [BEGIN, ...SECOND, ...SECOND]],
    ['a file before the last one', [BEGIN, ...SECOND, ...THIRD, ...SECOND]],
    ['a file from where nothing was claimed', [BEGIN, ...SECOND, { kind: 'file', file: 2, from: 6 }]],
    ['a file from behind its end', [BEGIN, ...SECOND, { kind: 'file', file: 2, from: 21 }]],
    ['a file from its end', [BEGIN, { kind: 'file', file: 0, from: 10 }]],
    [
      'more than it said at the beginning',
      [{ kind: 'begin', bytes: 18, restarted: false }, ...SECOND, ...THIRD, ...FOURTH],
    ],
    [
      'less than it said at the beginning',
      [{ kind: 'begin', bytes: 16, restarted: false }, ...SECOND, ...THIRD, ...FOURTH, END],
    ],
    ['an end before all files', [BEGIN, ...SECOND, ...THIRD, END]],
    ['a surplus byte in a file', [BEGIN, ...SECOND, ...THIRD, Buffer.from([0x7b]), ...FOURTH, END]],
  ])('is refused with %s', (_, parts) => {
    expect(() => readAll(bytesOf(...parts))).toThrow(expect.objectContaining(WRONG))
    expect(() => readAll(bytesOf(...parts), 1)).toThrow(expect.objectContaining(WRONG))
  })

  it('is refused with anything before it was told what is here', () => {
    expect(() => readOn(new SenderStream('file'), bytesOf(BEGIN))).toThrow(expect.objectContaining(WRONG))
    const manifest = bytesOf({ kind: 'entries', entries: [['a', 1]] }, { kind: 'manifest-end' })
    const stream = new SenderStream('folder')
    expect(readOn(stream, manifest)).toEqual([
      { kind: 'entries', entries: [['a', 1]] },
      { kind: 'manifest-end' },
    ])
    expect(() => readOn(stream, bytesOf(BEGIN))).toThrow(expect.objectContaining(WRONG))
  })

  it('is refused when it begins a folder with something else', () => {
    for (const frame of [BEGIN, END, { kind: 'checking' } as const, SECOND[0]]) {
      expect(() => readOn(new SenderStream('folder'), bytesOf(frame as SenderFrame))).toThrow(
        expect.objectContaining(WRONG),
      )
    }
  })

  it('is refused when its manifest is endless', () => {
    const stream = new SenderStream('folder')
    const frame = bytesOf({ kind: 'entries', entries: [['x'.repeat(60_000), 1]] })
    const frames = Math.floor((32 * 1024 * 1024) / frame.length)
    for (let count = 0; count < frames; count += 1) readOn(stream, frame)
    expect(() => readOn(stream, frame)).toThrow(expect.objectContaining(WRONG))
  })

  it('never takes noise for a file', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 300 }), noise => {
        try {
          expect(readAll(noise)).toEqual([])
        } catch (error) {
          expect(error).toMatchObject(WRONG)
        }
      }),
      { seed: 7, numRuns: 200 },
    )
  })
})
