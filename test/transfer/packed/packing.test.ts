import fs from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Claim } from '../../../main/transfer/packed/frames.ts'
import { Packing } from '../../../main/transfer/packed/packing.ts'
import type { Verdict } from '../../../main/transfer/packed/requests.ts'
import { folder, sha256 } from '../rig.ts'
import { MEBIBYTE, oneFile, openBelow, sourceOf, tree } from './packed-rig.ts'

afterEach(() => vi.restoreAllMocks())

function packingOf(content: ReturnType<typeof oneFile>['content']): Packing {
  const packing = new Packing(content.kind, content.kind === 'file' ? [] : content.folders)
  packing.add(content.kind === 'file' ? [content.file] : content.files)
  return packing
}

/** A new connection whose receiver claims this; how many requests it took, and how much was read for the longest. */
function check(packing: Packing, claims: readonly Claim[] = []) {
  const read = vi.spyOn(fs, 'readSync')
  packing.begin()
  packing.fill(Buffer.alloc(1 << 20))
  packing.claim(claims)
  const readBytes: number[] = []
  let verdict: Verdict | undefined
  while (verdict === undefined) {
    const from = read.mock.results.length
    verdict = packing.check()
    readBytes.push(read.mock.results.slice(from).reduce((sum, { value }) => sum + Number(value), 0))
  }
  read.mockRestore()
  return { verdict, steps: readBytes.length, most: Math.max(...readBytes) }
}

/** So many buffers of the stream. */
function fill(packing: Packing, buffers: number, bytes = 512 * 1024): void {
  const buffer = Buffer.alloc(bytes)
  for (let count = 0; count < buffers; count += 1) packing.fill(buffer)
}

function claimOf(bytes: Buffer, ...lengths: number[]): Claim[] {
  return [
    {
      file: 0,
      points: lengths.map(length => ({ bytes: length, sha256: sha256(bytes.subarray(0, length)) })),
    },
  ]
}

describe('a sender that goes on', () => {
  it('reads at most one MiB again of what it sent a moment ago', () => {
    const file = oneFile(20 * MEBIBYTE)
    const packing = packingOf(file.content)
    check(packing)
    fill(packing, 30)
    for (const length of [13 * MEBIBYTE + 5, 14 * MEBIBYTE, 3 * MEBIBYTE - 1]) {
      const { verdict, most } = check(packing, claimOf(file.bytes, length))
      expect(verdict).toEqual({ resumedFrom: length, restarted: false })
      expect(most).toBeLessThanOrEqual(MEBIBYTE)
      fill(packing, 2)
    }
  })

  it('knows what it had found before, and what it sent since', () => {
    const file = oneFile(20 * MEBIBYTE)
    const packing = packingOf(file.content)
    const first = check(packing, claimOf(file.bytes, 10 * MEBIBYTE + 7))
    expect(first.most).toBe(10 * MEBIBYTE + 7)
    fill(packing, 1)
    const { verdict, most } = check(packing, claimOf(file.bytes, 10 * MEBIBYTE + 99))
    expect(verdict.resumedFrom).toBe(10 * MEBIBYTE + 99)
    expect(most).toBeLessThanOrEqual(MEBIBYTE)
  })

  it('reads nothing again of files that it sent to their end', () => {
    const source = tree(Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`f${index}`, 100])))
    const packing = packingOf(source.content)
    check(packing)
    fill(packing, 3)
    const claims = [...source.contents.values()].map((bytes, file) => ({
      file,
      points: [{ bytes: 100, sha256: sha256(bytes) }],
    }))
    const open = vi.spyOn(fs, 'openSync')
    const { verdict, most } = check(packing, claims)
    expect(verdict).toEqual({ resumedFrom: 60_000, restarted: false })
    expect(most).toBe(0)
    expect(open).not.toHaveBeenCalled()
    expect(packing.fill(Buffer.alloc(1_000))).toMatchObject({ over: true, sha256: source.sha256 })
  })

  it('reads a long beginning in steps, and all of it only once', () => {
    const path = join(folder(), 'large')
    fs.writeFileSync(path, '')
    fs.truncateSync(path, 300 * MEBIBYTE)
    const packing = packingOf({ kind: 'file', file: sourceOf(path) })
    const zeros = Buffer.alloc(200 * MEBIBYTE)
    const claims = claimOf(zeros, 136 * MEBIBYTE, 199 * MEBIBYTE, 200 * MEBIBYTE)
    const { verdict, steps, most } = check(packing, claims)
    expect(verdict.resumedFrom).toBe(200 * MEBIBYTE)
    expect(steps).toBeGreaterThanOrEqual(4)
    expect(most).toBeLessThanOrEqual(65 * MEBIBYTE)
    packing.pause()
  })

  it('looks at thousands of files in steps, too', () => {
    const source = tree(Object.fromEntries(Array.from({ length: 2_500 }, (_, index) => [`f${index}`, 1])))
    const claims = [...source.contents.values()].map((bytes, file) => ({
      file,
      points: [{ bytes: 1, sha256: sha256(bytes) }],
    }))
    const { verdict, steps } = check(packingOf(source.content), claims)
    expect(verdict.resumedFrom).toBe(2_500)
    expect(steps).toBeGreaterThan(2)
  })

  it('holds no file open between connections, wherever it was', () => {
    const file = oneFile(100 * MEBIBYTE)
    const packing = packingOf(file.content)
    packing.begin()
    packing.claim(claimOf(file.bytes, 90 * MEBIBYTE))
    expect(packing.check()).toBeUndefined()
    expect(openBelow(file.path)).toHaveLength(process.platform === 'linux' ? 1 : 0)
    packing.pause()
    expect(openBelow(file.path)).toEqual([])
    check(packing)
    fill(packing, 1)
    packing.pause()
    expect(openBelow(file.path)).toEqual([])
  })
})

describe('a file that changes while it is sent', () => {
  it.each([
    ['is written', (path: string) => fs.utimesSync(path, 1, 1)],
    ['grows', (path: string) => fs.appendFileSync(path, 'x')],
    ['shrinks', (path: string) => fs.truncateSync(path, 150_000)],
  ])('fails before its digest leaves: it %s', (_, change) => {
    const file = oneFile(200_000)
    const packing = packingOf(file.content)
    check(packing)
    const buffer = Buffer.alloc(100_000)
    packing.fill(buffer)
    change(file.path)
    packing.fill(buffer.subarray(0, 40_000))
    expect(() => packing.fill(buffer)).toThrow(expect.objectContaining({ code: 'file-changed' }))
    expect(() => packing.fill(buffer)).toThrow(expect.objectContaining({ code: 'file-changed' }))
    packing.pause()
  })

  it('fails when all of it was claimed and it is another one by then', () => {
    const file = oneFile(1_000)
    const packing = packingOf(file.content)
    fs.utimesSync(file.path, 1, 1)
    expect(() => check(packing, claimOf(file.bytes, 1_000))).toThrow(
      expect.objectContaining({ code: 'file-changed' }),
    )
  })
})

it('fills a buffer with as many files as it holds, but not with thousands', () => {
  const source = tree(Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`f${index}`, 10])))
  const packing = packingOf(source.content)
  check(packing)
  const open = vi.spyOn(fs, 'openSync')
  packing.fill(Buffer.alloc(10_000))
  expect(open.mock.calls.length).toBeGreaterThan(100)
  open.mockClear()
  packing.fill(Buffer.alloc(1 << 20))
  expect(open.mock.calls.length).toBe(512)
  packing.pause()
})
