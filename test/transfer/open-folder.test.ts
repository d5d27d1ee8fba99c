import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, realpathSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import * as fs from 'node:fs/promises'
import net from 'node:net'
import { dirname, join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { MAX_ENTRIES, manifestOf } from '../../main/transfer/manifest.ts'
import { openFolder } from '../../main/transfer/open-folder.ts'
import { createPartialFile } from '../../main/transfer/partial-file.ts'
import { Failure } from '../../shared/model/failure.ts'
import { afterwards, folder, never, subfolder } from './rig.ts'

vi.mock('node:fs/promises', { spy: true })

function make(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
}

const posix = process.platform !== 'win32'

describe('a folder to be sent', () => {
  it('is listed with all that is in it, by name', async () => {
    const root = subfolder(folder(), 'Photos')
    make(root, { 'b.txt': 'hello', 'a/z.txt': '', 'a/é/x': 'xx', '.git/config': 'c', 'A.txt': 'A' })
    const listing = await openFolder(root, never())
    expect(listing).toEqual({
      name: 'Photos',
      files: ['A.txt', 'b.txt', '.git/config', 'a/z.txt', 'a/é/x'].map(name => {
        const stats = statSync(join(root, name), { bigint: true })
        return { path: join(root, name), name, size: Number(stats.size), mtimeNs: stats.mtimeNs }
      }),
      folders: [],
      size: 9,
      leftOut: 0,
    })
    expect(await openFolder(root, never())).toEqual(listing)
    expect(manifestOf(listing)).toHaveLength(5)
  })

  it('has the folders listed that would be missing', async () => {
    const root = folder()
    make(root, { 'a/b': '' })
    for (const name of ['empty', 'c/d/e', 'a/f']) mkdirSync(join(root, name), { recursive: true })
    symlinkSync(root, join(root, 'empty', 'link'), 'junction')
    const { folders, leftOut } = await openFolder(root, never())
    expect(folders).toEqual(['a/f', 'c/d/e', 'empty'])
    expect(leftOut).toBe(1)
  })

  it('may be empty', async () => {
    expect(await openFolder(folder(), never())).toMatchObject({ files: [], folders: [], size: 0 })
  })

  it('counts links instead of following them, whatever they lead to', async () => {
    const [root, outside] = [folder(), folder()]
    make(root, { a: '' })
    make(outside, { secret: 'x' })
    symlinkSync(outside, join(root, 'folder'), 'junction')
    symlinkSync(join(outside, 'secret'), join(root, 'file'))
    symlinkSync(join(outside, 'nothing'), join(root, 'nothing'))
    symlinkSync(root, join(root, 'loop'), 'junction')
    const { files, leftOut } = await openFolder(root, never())
    expect(files.map(file => file.name)).toEqual(['a'])
    expect(leftOut).toBe(4)
  })

  it('may itself be reached by a link', async () => {
    const [root, place] = [folder(), folder()]
    make(root, { a: 'x' })
    symlinkSync(root, join(place, 'Link'), 'junction')
    const { name, files } = await openFolder(join(place, 'Link'), never())
    expect(name).toBe('Link')
    expect(files[0]?.path).toBe(join(realpathSync(root), 'a'))
  })

  it.runIf(posix)('leaves out pipes and sockets', async () => {
    const root = folder()
    execFileSync('mkfifo', [join(root, 'pipe')])
    const server = net.createServer().listen(join(root, 'socket'))
    await once(server, 'listening')
    afterwards(() => server.close())
    make(root, { a: '' })
    expect(await openFolder(root, never())).toMatchObject({ files: [{ name: 'a' }], leftOut: 2 })
  })

  it.runIf(posix)('finds that out by itself where the file system does not tell', async () => {
    const root = folder()
    execFileSync('mkfifo', [join(root, 'pipe')])
    make(root, { a: '' })
    const isOf = { isSymbolicLink: false, isFIFO: false, isSocket: false, isCharacterDevice: false }
    const answers = Object.fromEntries(
      Object.keys({ ...isOf, isBlockDevice: false }).map(key => [key, () => false]),
    )
    const entries = ['pipe', 'a'].map(name => ({ name, ...answers }))
    vi.mocked(fs.opendir).mockResolvedValueOnce(entries as unknown as Awaited<ReturnType<typeof fs.opendir>>)
    expect(await openFolder(root, never())).toMatchObject({ files: [{ name: 'a' }], leftOut: 1 })
  })

  it('does not list what is still being received', async () => {
    const root = folder()
    const partial = await createPartialFile(root, 'a.txt')
    mkdirSync(join(root, '.Photos.0123456789abcdef.plumb-part'))
    make(root, { '.Photos.0123456789abcdef.plumb-part/x': 'x', 'b.plumb-part': '' })
    const { files, folders, leftOut } = await openFolder(root, never())
    expect(files.map(file => file.name)).toEqual(['b.plumb-part'])
    expect([folders, leftOut]).toEqual([[], 0])
    await partial.discard()
  })

  it('does without what goes away meanwhile', async () => {
    const root = folder()
    make(root, { a: 'x', b: 'y' })
    vi.mocked(fs.lstat).mockRejectedValueOnce(Object.assign(new Error('gone'), { code: 'ENOENT' }))
    const { files, leftOut } = await openFolder(root, never())
    expect(files.map(file => file.name)).toEqual(['b'])
    expect(leftOut).toBe(0)
  })

  it.runIf(process.platform === 'linux')('names a file whose name is no text', async () => {
    const root = folder()
    writeFileSync(Buffer.concat([Buffer.from(`${root}/caf`), Buffer.from([0xe9])]), 'x')
    await expect(openFolder(root, never())).rejects.toMatchObject({
      code: 'file-unreadable',
      message: expect.stringContaining('caf\uFFFD'),
    })
  })

  it('names a file that may not be read', async () => {
    const root = folder()
    make(root, { a: '', 'b/secret.txt': '' })
    const refused = Object.assign(new Error('refused'), { code: 'EACCES' })
    vi.mocked(fs.access).mockResolvedValueOnce(undefined).mockRejectedValueOnce(refused)
    const failure = await openFolder(root, never()).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'file-unreadable', message: expect.stringContaining('secret.txt') })
    expect(String(failure)).not.toContain(root)
  })

  it.runIf(posix)('names a folder that may not be read', async () => {
    const root = folder()
    mkdirSync(join(root, 'private'), 0o000)
    afterwards(() => chmodSync(join(root, 'private'), 0o700))
    const refused = Object.assign(new Error('refused'), { code: 'EACCES' })
    const { opendir } = await vi.importActual<typeof fs>('node:fs/promises')
    // The superuser may read everything.
    vi.mocked(fs.opendir).mockImplementationOnce(opendir).mockRejectedValueOnce(refused)
    await expect(openFolder(root, never())).rejects.toMatchObject({
      code: 'file-unreadable',
      message: expect.stringContaining('private'),
    })
  })

  it.each([
    ['nowhere', 'file-not-found'],
    ['file', 'file-unreadable'],
  ])('is a folder: %s fails with %s', async (name, code) => {
    const root = folder()
    make(root, { file: '' })
    await expect(openFolder(join(root, name), never())).rejects.toMatchObject({ code })
  })

  it('ends with the reason when nobody wants it any more', async () => {
    const root = folder()
    make(root, { 'a/b': '', 'c/d': '' })
    const stop = new AbortController()
    const { lstat } = await vi.importActual<typeof fs>('node:fs/promises')
    vi.mocked(fs.lstat).mockImplementationOnce((...args: Parameters<typeof fs.lstat>) => {
      stop.abort(new Failure('paused', 'Paused.'))
      return lstat(...args)
    })
    await expect(openFolder(root, stop.signal)).rejects.toMatchObject({ code: 'paused' })
    await expect(openFolder(root, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('has no more entries than a manifest may have', async () => {
    const root = folder()
    function* many(): Generator<object> {
      const isOf = () => false
      for (let index = 0; index <= MAX_ENTRIES; index += 1) {
        const answers = { isFIFO: isOf, isSocket: isOf, isCharacterDevice: isOf, isBlockDevice: isOf }
        yield { name: String(index), isSymbolicLink: isOf, ...answers }
      }
      throw new Error('somebody read on')
    }
    vi.mocked(fs.opendir).mockResolvedValueOnce(many() as unknown as Awaited<ReturnType<typeof fs.opendir>>)
    await expect(openFolder(root, never())).rejects.toMatchObject({ code: 'too-many-files' })
  })
})
