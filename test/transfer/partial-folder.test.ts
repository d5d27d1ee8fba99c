import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  createPartialFolder,
  type FolderOperations,
  type KeptFolder,
  type PartialFolder,
  reopenPartialFolder,
} from '../../main/transfer/partial-folder.ts'
import { folder, subfolder } from './rig.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

/** A file system that lacks or does something. */
function changed(changes: Partial<FolderOperations>): FolderOperations {
  return { ...fs, ...changes }
}

function failsWith(code: string): () => Promise<never> {
  return () => Promise.reject(Object.assign(new Error(`${code}: injected`), { code }))
}

/** Renames to what is free only, as Windows does. */
const windows = changed({
  rename: async (from, to) => {
    if (existsSync(to)) await failsWith('EPERM')()
    await fs.rename(from, to)
  },
})

async function received(
  directory: string,
  name: string,
  files: Readonly<Record<string, string>>,
  operations?: FolderOperations,
): Promise<PartialFolder> {
  const partial = await createPartialFolder(directory, name, operations === undefined ? {} : { operations })
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(partial.root, path, '..'), { recursive: true })
    writeFileSync(join(partial.root, path), text)
  }
  return partial
}

async function kept(
  directory: string,
  name: string,
  files: Readonly<Record<string, string>>,
): Promise<KeptFolder> {
  const partial = await received(directory, name, files)
  await partial.keep()
  return { directory, path: partial.root, name }
}

async function reopened(from: KeptFolder): Promise<PartialFolder> {
  const partial = await reopenPartialFolder(from)
  if (partial === undefined) throw new Error('it is gone')
  return partial
}

const posix = process.platform !== 'win32'

describe('a partial folder', () => {
  it('lies beside its destination, hidden, unique and private', async () => {
    const inbox = folder()
    const partials = [await createPartialFolder(inbox, 'Photos'), await createPartialFolder(inbox, 'Photos')]
    expect(readdirSync(inbox)).toHaveLength(2)
    for (const name of readdirSync(inbox)) expect(name).toMatch(/^\.Photos\.[0-9a-f]{16}\.plumb-part$/)
    for (const { root } of partials) {
      expect(statSync(root).isDirectory()).toBe(true)
      if (posix) expect(statSync(root).mode & 0o777).toBe(0o700)
    }
    await Promise.all(partials.map(partial => partial.discard()))
    expect(readdirSync(inbox)).toEqual([])
  })

  it('makes an unsafe name safe by itself, and a long one short', async () => {
    const inbox = folder()
    const evil = await createPartialFolder(subfolder(inbox, 'in'), '../..%2f.evil')
    expect(await evil.commit()).toBe(join(inbox, 'in', '_evil'))
    const long = await createPartialFolder(inbox, 'ü'.repeat(400))
    expect(readdirSync(await long.commit())).toEqual([])
    expect(readdirSync(inbox)).toHaveLength(2)
  })

  it('is discarded with all that is in it, and without what its links lead to', async () => {
    const [inbox, outside] = [folder(), folder()]
    writeFileSync(join(outside, 'victim'), 'x')
    const partial = await received(inbox, 'Photos', { 'a/b/c': 'x', '.d': 'y' })
    symlinkSync(outside, join(partial.root, 'a', 'link'), 'junction')
    symlinkSync(join(outside, 'victim'), join(partial.root, 'file'))
    await partial.discard()
    await partial.discard()
    expect(readdirSync(inbox)).toEqual([])
    expect(readdirSync(outside)).toEqual(['victim'])
  })

  it('discards nothing that was put in its place', async () => {
    const [inbox, outside] = [folder(), folder()]
    writeFileSync(join(outside, 'victim'), 'x')
    for (const replace of [
      (root: string) => symlinkSync(outside, root, 'junction'),
      (root: string) => mkdirSync(root),
      (root: string) => writeFileSync(root, ''),
    ]) {
      const partial = await createPartialFolder(inbox, 'Photos')
      renameSync(partial.root, join(inbox, 'elsewhere'))
      replace(partial.root)
      await expect(partial.discard()).rejects.toMatchObject({ code: 'cannot-write' })
      expect(existsSync(partial.root)).toBe(true)
      await fs.rm(partial.root, { recursive: true })
      await fs.rm(join(inbox, 'elsewhere'), { recursive: true })
    }
    expect(readdirSync(outside)).toEqual(['victim'])
  })

  it('has nothing to discard when it is gone', async () => {
    const inbox = folder()
    const partial = await createPartialFolder(inbox, 'Photos')
    await fs.rmdir(partial.root)
    await partial.discard()
  })

  it('refuses a folder around it that is none', async () => {
    const making = createPartialFolder(join(folder(), 'nowhere'), 'Photos')
    await expect(making).rejects.toMatchObject({ code: 'cannot-write' })
  })

  it('needs room for its bytes, and for the blocks of many small files', async () => {
    const statfs = () => Promise.resolve({ type: 0n, bsize: 4096n, blocks: 1_000_000n, bavail: 1000n })
    const operations = changed({ statfs: statfs as unknown as typeof fs.statfs })
    const making = (size: number, files: number) =>
      createPartialFolder(folder(), 'Photos', { size, files, operations })
    await (await making(1000 * 4096, 1)).discard()
    await (await making(100, 1000)).discard()
    await expect(making(1000 * 4096 + 1, 1)).rejects.toMatchObject({ code: 'disk-full' })
    await expect(making(100, 2000)).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringMatching(/Photos needs 4\.1 MB, but only 4\.1 MB/),
    })
  })
})

describe.each([
  ['over an empty folder', changed({})],
  ['where no folder can be replaced', windows],
])('a commit %s', (_, operations) => {
  it('gives the folder its name and leaves nothing else', async () => {
    const inbox = folder()
    const partial = await received(inbox, 'Photos', { 'a/b.txt': 'hello', c: '' }, operations)
    const path = await partial.commit()
    expect(path).toBe(join(inbox, 'Photos'))
    expect(readFileSync(join(path, 'a', 'b.txt'), 'utf8')).toBe('hello')
    expect(readdirSync(inbox)).toEqual(['Photos'])
    if (posix) expect(statSync(path).mode & 0o777).toBe(0o777 & ~process.umask())
    await partial.discard()
    await partial.keep()
    expect(existsSync(path)).toBe(true)
    await expect(partial.commit()).rejects.toMatchObject({ code: 'bug' })
  })

  it('never replaces anything, but takes the next free number', async () => {
    const [inbox, outside] = [folder(), folder()]
    mkdirSync(join(inbox, 'v1.2'))
    writeFileSync(join(inbox, 'v1.2 (2)'), 'file')
    symlinkSync(join(outside, 'missing'), join(inbox, 'v1.2 (3)'), 'junction')
    symlinkSync(outside, join(inbox, 'v1.2 (4)'), 'junction')
    const path = await (await received(inbox, 'v1.2', { a: 'new' }, operations)).commit()
    expect(path).toBe(join(inbox, 'v1.2 (5)'))
    expect(readdirSync(join(inbox, 'v1.2'))).toEqual([])
    expect(readFileSync(join(inbox, 'v1.2 (2)'), 'utf8')).toBe('file')
    expect(readdirSync(outside)).toEqual([])
  })

  it('keeps what differs in case only, whatever the disk thinks of case', async () => {
    const inbox = folder()
    writeFileSync(join(subfolder(inbox, 'PHOTOS'), 'old'), '')
    const path = await (await received(inbox, 'photos', { new: '' }, operations)).commit()
    expect(readdirSync(join(inbox, 'PHOTOS'))).toEqual(['old'])
    expect(readdirSync(path)).toEqual(['new'])
  })

  it('gives every one of many folders of the same name a name of its own', async () => {
    const inbox = folder()
    const texts = Array.from({ length: 10 }, (_, index) => `text ${index}`)
    const partials = await Promise.all(texts.map(text => received(inbox, 'same', { a: text }, operations)))
    const paths = await Promise.all(partials.map(partial => partial.commit()))
    expect(paths.map(path => readFileSync(join(path, 'a'), 'utf8'))).toEqual(texts)
    expect(readdirSync(inbox)).toHaveLength(10)
  })

  it('leaves the claimed folder to whoever put something in it', async () => {
    const inbox = folder()
    let used = false
    const busy: FolderOperations = {
      ...operations,
      mkdir: (async (path: string, mode: number) => {
        const made = await fs.mkdir(path, mode)
        if (path === join(inbox, 'Photos')) {
          writeFileSync(join(path, 'theirs'), 'x')
          used = true
        }
        return made
      }) as typeof fs.mkdir,
    }
    const path = await (await received(inbox, 'Photos', { ours: '' }, busy)).commit()
    expect(used).toBe(true)
    expect(path).toBe(join(inbox, 'Photos (2)'))
    expect(readdirSync(join(inbox, 'Photos'))).toEqual(['theirs'])
  })

  it('tells a journal each name before it claims it', async () => {
    const inbox = folder()
    mkdirSync(join(inbox, 'Photos'))
    const partial = await received(inbox, 'Photos', { a: '' }, operations)
    const claims: string[] = []
    const path = await partial.commit({
      beforeClaim: async claim => {
        claims.push(claim)
        expect(existsSync(claim)).toBe(false)
        // Somebody is faster.
        if (claims.length === 1) writeFileSync(claim, 'other')
      },
    })
    expect(path).toBe(join(inbox, 'Photos (3)'))
    expect(claims).toEqual([join(inbox, 'Photos (2)'), path])
  })

  it('waits for a commit under way before it discards', async () => {
    const partial = await received(folder(), 'Photos', { a: 'x' }, operations)
    const committed = partial.commit()
    await partial.discard()
    expect(readFileSync(join(await committed, 'a'), 'utf8')).toBe('x')
  })
})

describe('a commit where no folder can be replaced', () => {
  it.each([
    ['a file', (path: string) => writeFileSync(path, 'theirs')],
    ['a folder', (path: string) => mkdirSync(path)],
  ])('takes another name when %s took it in the moment in which it was free', async (_, take) => {
    const inbox = folder()
    let taken = false
    const raced = changed({
      rename: windows.rename,
      rmdir: async path => {
        await fs.rmdir(path)
        if (!taken) take(String(path))
        taken = true
      },
    })
    const partial = await received(inbox, 'Photos', { ours: '' }, raced)
    expect(await partial.commit()).toBe(join(inbox, 'Photos (2)'))
    expect(existsSync(join(inbox, 'Photos'))).toBe(true)
  })
})

describe('a commit that fails', () => {
  it('leaves the partial folder to be kept or discarded, and no claim', async () => {
    const inbox = folder()
    const partial = await received(inbox, 'Photos', { a: 'x' }, changed({ rename: failsWith('EIO') }))
    await expect(partial.commit()).rejects.toMatchObject({ code: 'cannot-write' })
    expect(readdirSync(inbox)).toHaveLength(1)
    await partial.keep()
    const again = await reopened({ directory: inbox, path: partial.root, name: 'Photos' })
    expect(await again.commit()).toBe(join(inbox, 'Photos'))
  })

  it('has not taken a name when the journal cannot be written', async () => {
    const inbox = folder()
    const partial = await received(inbox, 'Photos', { a: 'x' })
    const committing = partial.commit({ beforeClaim: () => Promise.reject(new Error('no room')) })
    await expect(committing).rejects.toMatchObject({ code: 'cannot-write' })
    expect(existsSync(join(inbox, 'Photos'))).toBe(false)
    await partial.discard()
    expect(readdirSync(inbox)).toEqual([])
  })

  it('notices that the folder around it has become another one', async () => {
    const [before, after, place] = [folder(), folder(), folder()]
    const inbox = join(place, 'inbox')
    symlinkSync(before, inbox, 'junction')
    const partial = await received(inbox, 'Photos', { a: 'x' })
    unlinkSync(inbox)
    symlinkSync(after, inbox, 'junction')
    await expect(partial.commit()).rejects.toMatchObject({ code: 'cannot-write' })
    expect(readdirSync(after)).toEqual([])
    await partial.discard()
    expect(readdirSync(before)).toEqual([])
  })

  it('does not take what was put in place of the partial folder', async () => {
    const [inbox, outside] = [folder(), folder()]
    const partial = await received(inbox, 'Photos', { a: 'x' })
    renameSync(partial.root, join(inbox, 'elsewhere'))
    symlinkSync(outside, partial.root, 'junction')
    await expect(partial.commit()).rejects.toMatchObject({ code: 'cannot-write' })
    expect(existsSync(join(inbox, 'Photos'))).toBe(false)
  })

  it('says so when it was replaced at the last moment', async () => {
    const inbox = folder()
    const swapped = changed({
      rename: async (from, to) => {
        await fs.rename(from, `${String(from)}-ours`)
        await fs.mkdir(from)
        await fs.rename(from, to)
      },
    })
    const partial = await received(inbox, 'Photos', { a: 'x' }, swapped)
    await expect(partial.commit()).rejects.toMatchObject({ code: 'cannot-write' })
  })
})

describe('a partial folder that is opened again', () => {
  it('has what was in it', async () => {
    const inbox = folder()
    const from = await kept(inbox, 'Photos', { 'a/b': 'hello' })
    const partial = await reopened(from)
    expect(partial.root).toBe(from.path)
    writeFileSync(join(partial.root, 'c'), 'more')
    const path = await partial.commit()
    expect(path).toBe(join(inbox, 'Photos'))
    expect(readdirSync(path).toSorted()).toEqual(['a', 'c'])
  })

  it('can be discarded', async () => {
    const inbox = folder()
    await (await reopened(await kept(inbox, 'Photos', { 'a/b': 'hello' }))).discard()
    expect(readdirSync(inbox)).toEqual([])
  })

  it('is undefined when it is gone, also because it has its name', async () => {
    const from = await kept(folder(), 'Photos', { a: 'x' })
    await (await reopened(from)).commit()
    expect(await reopenPartialFolder(from)).toBeUndefined()
  })

  it.each([
    ['a symlink', (path: string) => symlinkSync(folder(), path, 'junction')],
    ['a file', (path: string) => writeFileSync(path, '')],
  ])('refuses %s in its place', async (_, replace) => {
    const from = await kept(folder(), 'Photos', {})
    await fs.rmdir(from.path)
    replace(from.path)
    await expect(reopenPartialFolder(from)).rejects.toMatchObject({ code: 'cannot-write' })
  })

  it('refuses a path outside of the folder, and one that no partial folder has', async () => {
    const [inbox, outside] = [folder(), folder()]
    const from = await kept(outside, 'Photos', {})
    await expect(reopenPartialFolder({ ...from, directory: inbox })).rejects.toMatchObject({
      code: 'cannot-write',
    })
    const opening = reopenPartialFolder({ directory: inbox, path: subfolder(inbox, 'own'), name: 'Photos' })
    await expect(opening).rejects.toMatchObject({ code: 'cannot-write' })
  })

  it.runIf(posix)('refuses one that was opened to others, or is somebody else’s', async () => {
    const from = await kept(folder(), 'Photos', {})
    chmodSync(from.path, 0o777)
    await expect(reopenPartialFolder(from)).rejects.toMatchObject({ code: 'cannot-write' })
    const foreign = await kept(folder(), 'Photos', {})
    vi.spyOn(process as { geteuid: () => number }, 'geteuid').mockReturnValueOnce(4711)
    await expect(reopenPartialFolder(foreign)).rejects.toMatchObject({ code: 'cannot-write' })
  })

  it.runIf(posix)('takes one on a file system without permissions', async () => {
    const from = await kept(folder(), 'Photos', {})
    chmodSync(from.path, 0o777)
    const partial = await reopened({ ...from, operations: changed({ chmod: async () => {} }) })
    await partial.discard()
  })

  it.runIf(posix)('takes one whose commit was cut short, and closes it to others', async () => {
    const from = await kept(folder(), 'Photos', { a: 'x' })
    chmodSync(from.path, 0o777 & ~process.umask())
    const partial = await reopened(from)
    expect(statSync(partial.root).mode & 0o777).toBe(0o700)
  })

  it('needs room only for the rest', async () => {
    const statfs = () => Promise.resolve({ type: 0n, bsize: 1n, blocks: 100n, bavail: 10n })
    const operations = changed({ statfs: statfs as unknown as typeof fs.statfs })
    const from = { ...(await kept(folder(), 'Photos', { 'a/b': 'hello', c: 'x' })), operations }
    await expect(reopenPartialFolder({ ...from, size: 17, files: 3 })).rejects.toMatchObject({
      code: 'disk-full',
    })
    expect(await reopenPartialFolder({ ...from, size: 16, files: 3 })).toBeDefined()
  })
})
