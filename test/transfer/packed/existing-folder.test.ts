import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { copyExisting } from '../../../main/transfer/packed/existing-folder.ts'
import { folder, pool, sha256 } from '../rig.ts'
import {
  attempt,
  breakingPair,
  everythingIn,
  folderTarget,
  openBelow,
  receiverOf,
  senderOf,
  sorted,
  tree,
} from './packed-rig.ts'

/** All that is said beside the bytes of files, in these tests. */
const FRAMES = 2_000

const CONTENT = { 'a.bin': 20_000, 'b/c.bin': 30_000, 'b/d/e.bin': 40_000, 'b/none': 0 }

/** The same folder, here already. */
function hereAlready(source: ReturnType<typeof tree>, folders: readonly string[] = []) {
  const existing = folder()
  for (const [name, bytes] of source.contents) {
    mkdirSync(dirname(join(existing, name)), { recursive: true })
    writeFileSync(join(existing, name), bytes)
  }
  for (const name of folders) mkdirSync(join(existing, name), { recursive: true })
  return existing
}

/** Sends it once to where that folder is. */
async function sendTo(source: ReturnType<typeof tree>, existing: string, pair = breakingPair(1 << 30)) {
  const disk = pool()
  const { target, final, root } = folderTarget({ existing })
  const receiver = receiverOf(source.expected, target, disk)
  const done = await attempt(senderOf(source.content, disk), receiver, pair)
  return { done, final, root, carried: pair.carried() }
}

describe('a folder that is here already', () => {
  it('is not moved, and stays where it is', async () => {
    const source = tree(CONTENT, ['empty', 'b/also empty'])
    const existing = hereAlready(source, ['empty', 'b/also empty'])
    const { done, final, carried } = await sendTo(source, existing)
    expect(done.received).toMatchObject({
      status: 'fulfilled',
      value: { path: existing, sha256: source.sha256, resumedFrom: 90_000 },
    })
    expect(done.sent).toMatchObject({ value: { sha256: source.sha256, resumedFrom: 90_000 } })
    expect(carried).toBeLessThan(FRAMES)
    expect(existsSync(final)).toBe(false)
    expect(everythingIn(existing)).toEqual(sorted(source.contents, 'empty', 'b/also empty'))
    expect(openBelow(existing)).toEqual([])
  })

  it('without anything in it is not moved either', async () => {
    const source = tree({})
    const existing = folder()
    const { done } = await sendTo(source, existing)
    expect(done.received).toMatchObject({ value: { path: existing, sha256: source.sha256 } })
  })

  it('is nothing where it cannot be read', async () => {
    const source = tree({})
    const { done, final } = await sendTo(source, join(folder(), 'gone'))
    expect(done.received).toMatchObject({ value: { path: final, sha256: source.sha256 } })
  })

  it.each([
    ['with something more in it', (at: string) => writeFileSync(join(at, 'b/more'), 'more')],
    ['with one folder more', (at: string) => mkdirSync(join(at, 'b/more'))],
    ['without a folder', (at: string) => rmSync(join(at, 'empty'), { recursive: true })],
  ])('%s comes beside it, and its files are copied instead of moved', async (_, change) => {
    const source = tree(CONTENT, ['empty'])
    const existing = hereAlready(source, ['empty'])
    change(existing)
    const before = everythingIn(existing)
    const { done, final, carried } = await sendTo(source, existing)
    expect(done.received).toMatchObject({ value: { path: final, sha256: source.sha256 } })
    expect(carried).toBeLessThan(FRAMES)
    expect(everythingIn(final)).toEqual(sorted(source.contents, 'empty'))
    expect(everythingIn(existing)).toEqual(before)
    expect(openBelow(existing)).toEqual([])
    expect(openBelow(final)).toEqual([])
  })

  it('with other files in it has only these moved', async () => {
    const source = tree(CONTENT)
    const existing = hereAlready(source)
    const other = Buffer.from(source.contents.get('b/c.bin') as Buffer)
    other[1] = (other[1] ?? 0) ^ 1
    writeFileSync(join(existing, 'b/c.bin'), other)
    const { done, final, carried } = await sendTo(source, existing)
    expect(done.received).toMatchObject({ value: { path: final, resumedFrom: 60_000 } })
    expect(carried).toBeGreaterThan(30_000)
    expect(carried).toBeLessThan(30_000 + FRAMES)
    expect(everythingIn(final)).toEqual(sorted(source.contents))
    expect(readFileSync(join(existing, 'b/c.bin')).equals(other)).toBe(true)
  })

  it('helps also when the connection broke in between', async () => {
    const source = tree({ ...CONTENT, 'z.bin': 50_000 })
    const existing = hereAlready(source)
    unlinkSync(join(existing, 'z.bin'))
    const disk = pool()
    const { target, final } = folderTarget({ existing })
    const sender = senderOf(source.content, disk)
    const receiver = receiverOf(source.expected, target, disk)
    const first = await attempt(sender, receiver, breakingPair(20_000))
    expect(first.received).toMatchObject({ reason: { code: 'connection-lost' } })
    const again = breakingPair(1 << 30)
    const done = await attempt(sender, receiver, again)
    expect(done.received).toMatchObject({ value: { path: final } })
    expect(again.carried()).toBeLessThan(40_000)
    expect(everythingIn(final)).toEqual(sorted(source.contents))
  })

  it('has small files in it that are compared only here: nobody is told their hashes', async () => {
    const source = tree({ 'password.txt': 12, 'b/c.bin': 30_000 })
    const existing = hereAlready(source)
    const { done, final } = await sendTo(source, existing)
    expect(done.received).toMatchObject({ value: { path: existing, resumedFrom: 30_000 } })
    expect(existsSync(final)).toBe(false)

    const other = tree({ 'password.txt': 12, 'b/c.bin': source.contents.get('b/c.bin') as Buffer })
    const second = await sendTo(other, existing)
    expect(second.done.received).toMatchObject({ value: { path: second.final, resumedFrom: 30_000 } })
    expect(everythingIn(second.final)).toEqual(sorted(other.contents))
    expect(everythingIn(existing)).toEqual(sorted(source.contents))
  })

  it.skipIf(process.platform === 'win32')('has no links in it that are followed', async () => {
    const source = tree({ 'a.bin': 20_000, 'b/c.bin': 30_000 })
    const elsewhere = hereAlready(source)
    const existing = folder()
    symlinkSync(join(elsewhere, 'a.bin'), join(existing, 'a.bin'))
    symlinkSync(join(elsewhere, 'b'), join(existing, 'b'))
    const { done, final, carried } = await sendTo(source, existing)
    expect(done.received).toMatchObject({ value: { path: final, resumedFrom: 0 } })
    expect(carried).toBeGreaterThan(50_000)
  })
})

describe('a copy of what is here', () => {
  const never = new AbortController().signal

  it('is what it was found to be', async () => {
    const [from, path] = [join(folder(), 'from'), join(folder(), 'copy')]
    const bytes = Buffer.alloc(2_000_000, 'abc')
    writeFileSync(from, bytes)
    writeFileSync(path, 'what an earlier run left')
    await copyExisting(from, { path, name: 'copy', sha256: sha256(bytes) }, never)
    expect(readFileSync(path).equals(bytes)).toBe(true)
  })

  it.each([
    ['was changed', (from: string) => writeFileSync(from, 'other')],
    ['is gone', (from: string) => unlinkSync(from)],
  ])('is none where it %s meanwhile, and may be sent again', async (_, change) => {
    const [from, path] = [join(folder(), 'from'), join(folder(), 'copy')]
    writeFileSync(from, 'this')
    change(from)
    const copying = copyExisting(from, { path, name: 'copy', sha256: sha256(Buffer.from('this')) }, never)
    await expect(copying).rejects.toMatchObject({ code: 'incomplete' })
    expect(existsSync(path)).toBe(false)
  })

  it('is cut short, and nothing is left of it', async () => {
    const [from, path] = [join(folder(), 'from'), join(folder(), 'copy')]
    writeFileSync(from, 'this')
    const reason = new Error('enough')
    const copying = copyExisting(from, { path, name: 'copy', sha256: '' }, AbortSignal.abort(reason))
    await expect(copying).rejects.toBe(reason)
    expect(existsSync(path)).toBe(false)
  })
})
