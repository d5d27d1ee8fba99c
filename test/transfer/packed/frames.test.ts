import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  encodeReceiverFrame,
  encodeSenderFrame,
  FrameBatch,
  FrameReader,
  MAX_FRAME_BYTES,
  type ReceiverFrame,
  readReceiverFrame,
  readSenderFrame,
  type SenderFrame,
} from '../../../main/transfer/packed/frames.ts'

const SHA = 'a'.repeat(64)
const WRONG = { code: 'protocol-error' }

const SENDER_FRAMES: [string, SenderFrame][] = [
  ['{"entries":[["a/ü.txt",123],["empty/"]]}', { kind: 'entries', entries: [['a/ü.txt', 123], ['empty/']] }],
  ['{"manifest":"end"}', { kind: 'manifest-end' }],
  ['{"checking":true}', { kind: 'checking' }],
  ['{"begin":7,"restarted":false}', { kind: 'begin', bytes: 7, restarted: false }],
  ['{"file":3,"from":9007199254740991}', { kind: 'file', file: 3, from: Number.MAX_SAFE_INTEGER }],
  ['{"end":true}', { kind: 'end' }],
]

const RECEIVER_FRAMES: [string, ReceiverFrame][] = [
  ['{"have":[]}', { kind: 'have', claims: [] }],
  [
    `{"have":[[0,[[5,"${SHA}"],[9,"${SHA}"]]],[7,[[0,"${SHA}"]]]]}`,
    {
      kind: 'have',
      claims: [
        {
          file: 0,
          points: [
            { bytes: 5, sha256: SHA },
            { bytes: 9, sha256: SHA },
          ],
        },
        { file: 7, points: [{ bytes: 0, sha256: SHA }] },
      ],
    },
  ],
  ['{"have":"end"}', { kind: 'have-end' }],
  ['{"at":0}', { kind: 'at', bytes: 0 }],
  [`{"done":"${SHA}"}`, { kind: 'done', sha256: SHA }],
  ['{"failed":"disk-full"}', { kind: 'failed', code: 'disk-full' }],
]

/** A frame around whatever text. */
function framed(body: string | Uint8Array): Buffer {
  const bytes = Buffer.from(body)
  const head = Buffer.alloc(4)
  head.writeUInt32BE(bytes.length)
  return Buffer.concat([head, bytes])
}

/** All frames in the pieces, and what is left over. */
function readAll(pieces: readonly Uint8Array[]): unknown[] {
  const reader = new FrameReader()
  const frames: unknown[] = []
  for (const piece of pieces) {
    for (let from = 0; from < piece.length; ) {
      from = reader.take(piece, from)
      const frame = reader.next()
      if (frame !== undefined) frames.push(frame.json)
    }
  }
  return frames
}

describe('a frame', () => {
  it.each(SENDER_FRAMES)('of a sender is written and read: %s', (json, frame) => {
    expect(encodeSenderFrame(frame)).toEqual(framed(json))
    expect(readSenderFrame(JSON.parse(json))).toEqual(frame)
  })

  it.each(RECEIVER_FRAMES)('of a receiver is written and read: %s', (json, frame) => {
    expect(encodeReceiverFrame(frame)).toEqual(framed(json))
    expect(readReceiverFrame(JSON.parse(json))).toEqual(frame)
  })

  it('may have more in it than is known', () => {
    expect(readSenderFrame({ file: 1, from: 2, later: true })).toEqual({ kind: 'file', file: 1, from: 2 })
  })

  const all = [...SENDER_FRAMES, ...RECEIVER_FRAMES].map(([json]) => json)

  it('is read out of many, in pieces of any size, with trailing bytes', () => {
    const bytes = Buffer.concat([...all.map(framed), framed('{"at":1}').subarray(0, -1)])
    const expected = all.map(json => JSON.parse(json))
    expect(readAll([bytes])).toEqual(expected)
    expect(readAll(Array.from(bytes, byte => Uint8Array.of(byte)))).toEqual(expected)
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), cuts => {
        const at = [0, ...cuts.toSorted((one, other) => one - other), bytes.length]
        const pieces = at.slice(1).map((to, index) => bytes.subarray(at[index], to))
        expect(readAll(pieces)).toEqual(expected)
      }),
      { seed: 46, numRuns: 50 },
    )
  })

  it('may be as long as it may be, and no longer', () => {
    const longest = framed(`"${'x'.repeat(MAX_FRAME_BYTES - 2)}"`)
    expect(readAll([longest])).toHaveLength(1)
    const tooLong = framed('')
    tooLong.writeUInt32BE(MAX_FRAME_BYTES + 1)
    expect(() => readAll([tooLong])).toThrow(expect.objectContaining(WRONG))
  })

  it.each([
    ['nothing', framed('')],
    ['no JSON', framed('{"at":')],
    ['no UTF-8', framed(Buffer.from([0x22, 0xff, 0x22]))],
    ['a byte order mark', framed('\ufeff{"at":1}')],
  ])('with %s in it is refused', (_, bytes) => {
    expect(() => readAll([bytes])).toThrow(expect.objectContaining(WRONG))
  })

  it.each([
    null,
    7,
    'end',
    [],
    [['a', 1]],
    {},
    { entries: 'all' },
    { manifest: true },
    { checking: 1 },
    { begin: 1 },
    { begin: -1, restarted: false },
    { begin: 1, restarted: 'no' },
    { file: 0 },
    { file: -1, from: 0 },
    { file: 0.5, from: 0 },
    { file: 0, from: 2 ** 53 },
    { file: '0', from: 0 },
    { end: 'true' },
    { at: 1 },
  ])('of a sender that makes no sense is refused: %j', json => {
    expect(() => readSenderFrame(json)).toThrow(expect.objectContaining(WRONG))
  })

  it.each([
    null,
    [],
    {},
    { have: 'all' },
    { have: [7] },
    { have: [[0]] },
    { have: [[0, []]] },
    { have: [[0, [[1, SHA]], 'more']] },
    { have: [[-1, [[1, SHA]]]] },
    { have: [[0, [[1, SHA, 'more']]]] },
    { have: [[0, [[1.5, SHA]]]] },
    { have: [[0, [[1, SHA.toUpperCase()]]]] },
    { have: [[0, [[1, 'short']]]] },
    { have: [[0, Array.from({ length: 17 }, () => [1, SHA])]] },
    { at: -1 },
    { at: '1' },
    { done: true },
    { done: `${SHA}0` },
    { failed: 'Disk full!' },
    { failed: 'x'.repeat(65) },
    { end: true },
  ])('of a receiver that makes no sense is refused: %j', json => {
    expect(() => readReceiverFrame(json)).toThrow(expect.objectContaining(WRONG))
  })
})

describe('a list in frames', () => {
  it('fills as few as hold it, and none too much', () => {
    const entries = Array.from({ length: 5_000 }, (_, index) => [`größe ${'x'.repeat(index % 90)}`, index])
    const batch = FrameBatch.ofEntries()
    const frames = entries.flatMap(entry => batch.addEntry(entry) ?? [])
    frames.push(...[batch.flush()].filter(frame => frame !== undefined))
    expect(batch.flush()).toBeUndefined()
    const sizes = frames.map(frame => frame.length - 4)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_FRAME_BYTES)
    expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThan(MAX_FRAME_BYTES - 200)
    const read = readAll(frames).map(readSenderFrame)
    expect(read.flatMap(frame => (frame.kind === 'entries' ? frame.entries : []))).toEqual(entries)
  })

  it('of claims is the same as one by one', () => {
    const claim = { file: 4, points: [{ bytes: 3, sha256: SHA }] }
    const batch = FrameBatch.ofClaims()
    expect(batch.addClaim(claim)).toBeUndefined()
    expect(batch.flush()).toEqual(encodeReceiverFrame({ kind: 'have', claims: [claim] }))
  })
})
