import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import {
  createPartialFile,
  type FileOperations,
  findWhole,
  type KeptFile,
  type PartialFile,
  reopenPartialFile,
} from '../../main/transfer/partial-file.ts'
import { descriptorsOf, folder, subfolder } from './rig.ts'

/** A file system that lacks or does something. */
function files(changes: Partial<FileOperations>): FileOperations {
  return { ...fs, ...changes }
}

function failsWith(code: string): () => Promise<never> {
  return () => Promise.reject(Object.assign(new Error(`${code}: injected`), { code }))
}

const withoutLinks = files({ link: failsWith('EPERM') })

function write(partial: PartialFile, text: string): void {
  const held = partial.hold()
  writeSync(held.fd, text)
  held.release()
}

async function received(directory: string, name: string, text: string, operations?: FileOperations) {
  const partial = await createPartialFile(
    directory,
    name,
    operations === undefined ? {} : { files: operations },
  )
  write(partial, text)
  return partial
}

describe('a partial file', () => {
  it('lies beside its destination, hidden, unique and private', async () => {
    const inbox = folder()
    const one = await createPartialFile(inbox, 'photo.jpg')
    const other = await createPartialFile(inbox, 'photo.jpg')
    expect(readdirSync(inbox)).toHaveLength(2)
    for (const name of readdirSync(inbox)) expect(name).toMatch(/^\.photo\.jpg\.[0-9a-f]{16}\.plumb-part$/)
    if (process.platform !== 'win32') expect(statSync(one.path).mode & 0o777).toBe(0o600)
    await Promise.all([one.discard(), other.discard()])
  })

  it('has a name that is short enough, however long the offered one is', async () => {
    const inbox = folder()
    const partial = await received(inbox, `${'ü'.repeat(400)}.jpg`, 'hello')
    expect(readFileSync(await partial.commit(), 'utf8')).toBe('hello')
  })

  it('makes an unsafe name safe by itself', async () => {
    const inbox = folder()
    const partial = await received(subfolder(inbox, 'in'), '../..%2fevil.txt', 'x')
    expect(await partial.commit()).toBe(join(inbox, 'in', 'evil.txt'))
    expect(readdirSync(inbox)).toEqual(['in'])
  })

  it('is gone without a trace once it was discarded', async () => {
    const inbox = folder()
    const partial = await received(inbox, 'a.txt', 'x')
    const identity = statSync(partial.path, { bigint: true })
    expect(descriptorsOf(identity)).toBe(1)
    await partial.discard()
    expect(readdirSync(inbox)).toEqual([])
    expect(descriptorsOf(identity)).toBe(0)
    await partial.discard()
  })

  it('waits with closing until nobody writes to it', async () => {
    const partial = await createPartialFile(folder(), 'a.txt')
    const identity = statSync(partial.path, { bigint: true })
    const held = partial.hold()
    const discarded = partial.discard()
    await new Promise(resolve => setImmediate(resolve))
    expect(descriptorsOf(identity)).toBe(1)
    held.release()
    await discarded
    expect(descriptorsOf(identity)).toBe(0)
    expect(() => partial.hold()).toThrow(/closed/)
  })

  it('does not follow a symlink that waits at its own name', async () => {
    const outside = folder()
    const waits = files({
      open: ((path: string, ...rest: [number, number]) => {
        symlinkSync(join(outside, 'victim'), path, 'junction')
        return fs.open(path, ...rest)
      }) as typeof fs.open,
    })
    const making = createPartialFile(folder(), 'a.txt', { files: waits })
    await expect(making).rejects.toMatchObject({ code: 'cannot-write' })
    expect(readdirSync(outside)).toEqual([])
  })

  it.each([['nowhere'], ['a-file']])('refuses a folder that is none: %s', async name => {
    const inbox = folder()
    writeFileSync(join(inbox, 'a-file'), '')
    const making = createPartialFile(join(inbox, name), 'a.txt')
    await expect(making).rejects.toMatchObject({ code: 'cannot-write' })
  })

  it.each([
    ['EACCES', 'cannot-write', /permission/],
    ['EPERM', 'cannot-write', /permission/],
    ['EROFS', 'cannot-write', /read-only/],
    ['ENOSPC', 'disk-full', /full/],
    ['EDQUOT', 'disk-full', /quota/],
    ['ENAMETOOLONG', 'cannot-write', /too long/],
    ['EIO', 'cannot-write', /EIO/],
  ])('says what is wrong when the disk answers %s', async (errno, code, sentence) => {
    const making = createPartialFile(folder(), 'a.txt', { files: files({ open: failsWith(errno) }) })
    await expect(making).rejects.toMatchObject({ code, message: expect.stringMatching(sentence) })
  })
})

describe('free space', () => {
  it('is checked before anything is written', async () => {
    const inbox = folder()
    const making = createPartialFile(inbox, 'a.txt', { size: Number.MAX_SAFE_INTEGER })
    await expect(making).rejects.toMatchObject({ code: 'disk-full' })
    expect(readdirSync(inbox)).toEqual([])
  })

  function disk(type: bigint, free: bigint): FileOperations {
    const statfs = () => Promise.resolve({ type, bsize: 4096n, blocks: 1_000_000n, bavail: free / 4096n })
    return files({ statfs: statfs as unknown as typeof fs.statfs })
  }

  it('says what is needed and what is free', async () => {
    const making = createPartialFile(folder(), 'film.mkv', {
      size: 2_100_000_000,
      files: disk(0n, 409_600_000n),
    })
    await expect(making).rejects.toThrow(/film\.mkv needs 2\.1 GB, but only 410 MB are free/)
  })

  it('lets a file begin that just fits', async () => {
    const partial = await createPartialFile(folder(), 'a', { size: 8192, files: disk(0n, 8192n) })
    await partial.discard()
  })

  it('lets the disk decide that cannot tell', async () => {
    const partial = await createPartialFile(folder(), 'a', {
      size: 1e15,
      files: files({ statfs: failsWith('ENOSYS') }),
    })
    await partial.discard()
  })

  it('knows beforehand what FAT cannot hold', async () => {
    const fat = disk(0x4d44n, 1n << 40n)
    const making = createPartialFile(folder(), 'film.mkv', { size: 2 ** 32, files: fat })
    await expect(making).rejects.toMatchObject({
      code: 'cannot-write',
      message: expect.stringMatching(/4 GiB/),
    })
  })
})

describe.each([
  ['with hard links', files({})],
  ['without hard links', withoutLinks],
])('a commit %s', (_, operations) => {
  it('gives the file its name and leaves nothing else', async () => {
    const inbox = folder()
    const partial = await received(inbox, 'photo.jpg', 'hello', operations)
    const identity = statSync(partial.path, { bigint: true })
    const path = await partial.commit()
    expect(path).toBe(join(inbox, 'photo.jpg'))
    expect(readFileSync(path, 'utf8')).toBe('hello')
    expect(readdirSync(inbox)).toEqual(['photo.jpg'])
    expect(descriptorsOf(identity)).toBe(0)
    await partial.discard()
    expect(existsSync(path)).toBe(true)
    await expect(partial.commit()).rejects.toMatchObject({ code: 'bug' })
  })

  it('never replaces a file, but takes the next free number', async () => {
    const inbox = folder()
    writeFileSync(join(inbox, 'photo.jpg'), 'old')
    writeFileSync(join(inbox, 'photo (2).jpg'), 'older')
    const path = await (await received(inbox, 'photo.jpg', 'new', operations)).commit()
    expect(path).toBe(join(inbox, 'photo (3).jpg'))
    expect(readFileSync(join(inbox, 'photo.jpg'), 'utf8')).toBe('old')
    expect(readFileSync(path, 'utf8')).toBe('new')
  })

  it('neither follows nor replaces a symlink at the name, not even one that leads nowhere', async () => {
    const inbox = folder()
    const outside = folder()
    symlinkSync(join(outside, 'missing'), join(inbox, 'photo.jpg'), 'junction')
    symlinkSync(outside, join(inbox, 'photo (2).jpg'), 'junction')
    const path = await (await received(inbox, 'photo.jpg', 'new', operations)).commit()
    expect(path).toBe(join(inbox, 'photo (3).jpg'))
    expect(readdirSync(outside)).toEqual([])
  })

  it('does not replace a folder of that name', async () => {
    const inbox = folder()
    mkdirSync(join(inbox, 'photo.jpg'))
    const path = await (await received(inbox, 'photo.jpg', 'new', operations)).commit()
    expect(path).toBe(join(inbox, 'photo (2).jpg'))
  })

  it('keeps what differs in case only, whatever the disk thinks of case', async () => {
    const inbox = folder()
    writeFileSync(join(inbox, 'PHOTO.JPG'), 'old')
    const path = await (await received(inbox, 'photo.jpg', 'new', operations)).commit()
    expect(readFileSync(join(inbox, 'PHOTO.JPG'), 'utf8')).toBe('old')
    expect(readFileSync(path, 'utf8')).toBe('new')
  })

  it('gives every one of many files of the same name a name of its own', async () => {
    const inbox = folder()
    const texts = Array.from({ length: 20 }, (_, index) => `text ${index}`)
    const partials = await Promise.all(texts.map(text => received(inbox, 'same.txt', text, operations)))
    const paths = await Promise.all(partials.map(partial => partial.commit()))
    expect(new Set(paths).size).toBe(20)
    expect(paths.map(path => readFileSync(path, 'utf8'))).toEqual(texts)
    expect(readdirSync(inbox)).toHaveLength(20)
  })

  it('notices that its folder has become another one', async () => {
    const [before, after, place] = [folder(), folder(), folder()]
    const inbox = join(place, 'inbox')
    symlinkSync(before, inbox, 'junction')
    const partial = await received(inbox, 'a.txt', 'x', operations)
    unlinkSync(inbox)
    symlinkSync(after, inbox, 'junction')
    await expect(partial.commit()).rejects.toMatchObject({ code: 'cannot-write' })
    expect(readdirSync(after)).toEqual([])
    await partial.discard()
    expect(readdirSync(before)).toEqual([])
  })

  it('waits for a commit under way before it discards', async () => {
    const inbox = folder()
    const partial = await received(inbox, 'a.txt', 'x', operations)
    const committed = partial.commit()
    await partial.discard()
    expect(readFileSync(await committed, 'utf8')).toBe('x')
  })
})

describe('a commit that fails', () => {
  it('leaves the partial file to be discarded, and no claim', async () => {
    const inbox = folder()
    const broken = files({ link: failsWith('EPERM'), rename: failsWith('EIO') })
    const partial = await received(inbox, 'a.txt', 'x', broken)
    await expect(partial.commit()).rejects.toMatchObject({ code: 'cannot-write' })
    expect(readdirSync(inbox)).toHaveLength(1)
    await partial.discard()
    expect(readdirSync(inbox)).toEqual([])
  })

  it('does not take what was put in place of the partial file', async () => {
    const inbox = folder()
    const swapped = files({
      link: async (from, to) => {
        await fs.unlink(from)
        await fs.writeFile(from, 'not ours')
        await fs.link(from, to)
      },
    })
    const partial = await received(inbox, 'a.txt', 'x', swapped)
    await expect(partial.commit()).rejects.toMatchObject({ code: 'cannot-write' })
    expect(existsSync(join(inbox, 'a.txt'))).toBe(false)
    await partial.discard()
  })

  it('is no failure when only the second name stays', async () => {
    const inbox = folder()
    const partial = await received(inbox, 'a.txt', 'x', files({ unlink: failsWith('EIO') }))
    expect(readFileSync(await partial.commit(), 'utf8')).toBe('x')
  })
})

async function kept(directory: string, name: string, text: string): Promise<KeptFile> {
  const partial = await received(directory, name, text)
  await partial.keep()
  return { directory, path: partial.path, name }
}

async function reopened(file: KeptFile): Promise<PartialFile> {
  const partial = await reopenPartialFile(file)
  if (partial === undefined) throw new Error('it is gone')
  return partial
}

const posix = process.platform !== 'win32'

describe('a partial file that is kept', () => {
  it('is closed and stays', async () => {
    const partial = await received(folder(), 'a.txt', 'hello')
    const identity = statSync(partial.path, { bigint: true })
    await partial.keep()
    await partial.keep()
    expect(readFileSync(partial.path, 'utf8')).toBe('hello')
    expect(descriptorsOf(identity)).toBe(0)
    await expect(partial.commit()).rejects.toMatchObject({ code: 'bug' })
  })

  it('can still be discarded', async () => {
    const inbox = folder()
    const partial = await received(inbox, 'a.txt', 'hello')
    await partial.keep()
    await partial.discard()
    await partial.keep()
    expect(readdirSync(inbox)).toEqual([])
  })

  it('waits with closing until nobody writes to it', async () => {
    const partial = await createPartialFile(folder(), 'a.txt')
    const identity = statSync(partial.path, { bigint: true })
    const held = partial.hold()
    const keeping = partial.keep()
    await new Promise(resolve => setImmediate(resolve))
    expect(descriptorsOf(identity)).toBe(1)
    held.release()
    await keeping
    expect(descriptorsOf(identity)).toBe(0)
  })

  it('is kept after a commit that failed, and not after one that did not', async () => {
    const inbox = folder()
    const failed = await received(
      inbox,
      'a.txt',
      'x',
      files({ link: failsWith('EIO'), rename: failsWith('EIO') }),
    )
    await expect(failed.commit()).rejects.toMatchObject({ code: 'cannot-write' })
    await failed.keep()
    const again = await reopened({ directory: inbox, path: failed.path, name: 'a.txt' })
    const committed = again.commit()
    await again.keep()
    expect(await committed).toBe(join(inbox, 'a.txt'))
    expect(readdirSync(inbox)).toEqual(['a.txt'])
  })
})

describe('a partial file that is opened again', () => {
  it('goes on where it was, and can be read', async () => {
    const inbox = folder()
    const file = await kept(inbox, 'a.txt', 'hello')
    const partial = await reopened(file)
    expect(await partial.length()).toBe(5)
    const held = partial.hold()
    const beginning = Buffer.alloc(5)
    expect(readSync(held.fd, beginning, 0, 5, 0)).toBe(5)
    expect(beginning.toString()).toBe('hello')
    writeSync(held.fd, ' world', 5)
    held.release()
    expect(await partial.length()).toBe(11)
    expect(readFileSync(await partial.commit(), 'utf8')).toBe('hello world')
    expect(readdirSync(inbox)).toEqual(['a.txt'])
  })

  it('can be cut to what was verified, but made no longer', async () => {
    const partial = await reopened(await kept(folder(), 'a.txt', 'hello'))
    await partial.truncate(2)
    expect(await partial.length()).toBe(2)
    await expect(partial.truncate(3)).rejects.toMatchObject({ code: 'bug' })
    expect(readFileSync(partial.path, 'utf8')).toBe('he')
    await partial.discard()
  })

  it('is found through another way to the same folder', async () => {
    const [inbox, place] = [folder(), folder()]
    const file = await kept(inbox, 'a.txt', 'x')
    symlinkSync(inbox, join(place, 'inbox'), 'junction')
    const partial = await reopened({ ...file, directory: join(place, 'inbox') })
    expect(await partial.commit()).toBe(join(inbox, 'a.txt'))
  })

  it('replaces what the person agreed on, and tells a journal before', async () => {
    const inbox = folder()
    writeFileSync(join(inbox, 'a.txt'), 'old')
    const partial = await reopened({ ...(await kept(inbox, 'a.txt', 'new')), replace: true })
    const claims: string[] = []
    await partial.commit({
      beforeClaim: async path => {
        claims.push(`${path}: ${readFileSync(path, 'utf8')}`)
      },
    })
    expect(claims).toEqual([`${join(inbox, 'a.txt')}: old`])
    expect(readFileSync(join(inbox, 'a.txt'), 'utf8')).toBe('new')
  })

  it('is undefined when it is gone', async () => {
    const file = await kept(folder(), 'a.txt', 'x')
    unlinkSync(file.path)
    expect(await reopenPartialFile(file)).toBeUndefined()
  })

  it('fails when its folder is gone: a disk may come back', async () => {
    const inbox = subfolder(folder(), 'in')
    const file = await kept(inbox, 'a.txt', 'x')
    renameSync(inbox, `${inbox}-elsewhere`)
    await expect(reopenPartialFile(file)).rejects.toMatchObject({ code: 'cannot-write' })
  })

  it.each(['file', 'folder', 'nothing'])('refuses a symlink in its place, to a %s', async to => {
    const [inbox, outside] = [folder(), folder()]
    const file = await kept(inbox, 'a.txt', 'x')
    writeFileSync(join(outside, 'file'), 'victim')
    mkdirSync(join(outside, 'folder'))
    unlinkSync(file.path)
    symlinkSync(join(outside, to), file.path, 'junction')
    await expect(reopenPartialFile(file)).rejects.toMatchObject({ code: 'cannot-write' })
    expect(readFileSync(join(outside, 'file'), 'utf8')).toBe('victim')
  })

  it('refuses a symlink that takes its place at the last moment', async () => {
    const outside = folder()
    const file = await kept(folder(), 'a.txt', 'x')
    writeFileSync(join(outside, 'victim'), 'x')
    const swapped = files({
      open: ((path: string, ...rest: [number]) => {
        unlinkSync(path)
        symlinkSync(join(outside, 'victim'), path)
        return fs.open(path, ...rest)
      }) as typeof fs.open,
    })
    const opening = reopenPartialFile({ ...file, files: swapped })
    await expect(opening).rejects.toMatchObject({ code: 'cannot-write' })
  })

  it('refuses a folder in its place', async () => {
    const file = await kept(folder(), 'a.txt', 'x')
    unlinkSync(file.path)
    mkdirSync(file.path)
    await expect(reopenPartialFile(file)).rejects.toMatchObject({ code: 'cannot-write' })
  })

  it.runIf(posix)('refuses a pipe in its place, without waiting for its other end', async () => {
    const file = await kept(folder(), 'a.txt', 'x')
    unlinkSync(file.path)
    execFileSync('mkfifo', [file.path])
    await expect(reopenPartialFile(file)).rejects.toMatchObject({ code: 'cannot-write' })
  })

  it('refuses a path outside of the folder, and one that no partial file has', async () => {
    const [inbox, outside] = [folder(), folder()]
    const file = await kept(outside, 'a.txt', 'x')
    await expect(reopenPartialFile({ ...file, directory: inbox })).rejects.toMatchObject({
      code: 'cannot-write',
    })
    writeFileSync(join(inbox, 'own.txt'), 'precious')
    for (const name of ['own.txt', '.', '../own.txt']) {
      const opening = reopenPartialFile({ directory: inbox, path: `${inbox}/${name}`, name: 'a.txt' })
      await expect(opening).rejects.toMatchObject({ code: 'cannot-write' })
    }
  })

  it.runIf(posix)('refuses one that was opened to others, or is somebody else’s', async () => {
    const file = await kept(folder(), 'a.txt', 'x')
    chmodSync(file.path, 0o666)
    await expect(reopenPartialFile(file)).rejects.toMatchObject({ code: 'cannot-write' })
    const foreign = await kept(folder(), 'a.txt', 'x')
    vi.spyOn(process as { geteuid: () => number }, 'geteuid').mockReturnValueOnce(4711)
    await expect(reopenPartialFile(foreign)).rejects.toMatchObject({ code: 'cannot-write' })
  })

  it.runIf(posix)(
    'takes one whose commit was cut short before it had a name, and closes it to others',
    async () => {
      const inbox = folder()
      const file = await kept(inbox, 'a.txt', 'x')
      chmodSync(file.path, 0o666 & ~process.umask())
      const partial = await reopened({ ...file, claiming: join(inbox, 'a.txt') })
      expect(statSync(file.path).mode & 0o777).toBe(0o600)
      await partial.discard()
    },
  )

  it('is gone when its commit was cut short after it got its name, which stays untouched', async () => {
    const inbox = folder()
    const file = await kept(inbox, 'a.txt', 'whole')
    const claiming = join(inbox, 'a.txt')
    linkSync(file.path, claiming)
    expect(await reopenPartialFile({ ...file, claiming })).toBeUndefined()
    expect(readdirSync(inbox)).toEqual(['a.txt'])
    expect(readFileSync(claiming, 'utf8')).toBe('whole')
  })

  it('is not gone because something else has the name that it was about to claim', async () => {
    const inbox = folder()
    const file = await kept(inbox, 'a.txt', 'new')
    writeFileSync(join(inbox, 'a.txt'), 'old')
    const partial = await reopened({ ...file, claiming: join(inbox, 'a.txt') })
    expect(await partial.commit()).toBe(join(inbox, 'a (2).txt'))
  })

  it('needs room only for the rest', async () => {
    const statfs = () => Promise.resolve({ type: 0n, bsize: 1n, blocks: 100n, bavail: 10n })
    const full = files({ statfs: statfs as unknown as typeof fs.statfs })
    const file = { ...(await kept(folder(), 'a.txt', 'hello')), files: full }
    await expect(reopenPartialFile({ ...file, size: 16 })).rejects.toMatchObject({ code: 'disk-full' })
    await (await reopened({ ...file, size: 15 })).discard()
  })

  it('leaves no descriptor behind when it was refused', async () => {
    const file = await kept(folder(), 'a.txt', 'x')
    const identity = statSync(file.path, { bigint: true })
    await expect(reopenPartialFile({ ...file, size: 2 ** 53 - 1 })).rejects.toMatchObject({
      code: 'disk-full',
    })
    expect(descriptorsOf(identity)).toBe(0)
  })
})

describe('a journal', () => {
  it.each([
    ['with hard links', files({})],
    ['without hard links', withoutLinks],
  ])('hears of each name before it is claimed, %s', async (_, operations) => {
    const inbox = folder()
    writeFileSync(join(inbox, 'a.txt'), 'old')
    const partial = await received(inbox, 'a.txt', 'new', operations)
    const claims: string[] = []
    const path = await partial.commit({
      beforeClaim: async claim => {
        claims.push(claim)
        expect(existsSync(claim)).toBe(false)
        // Somebody is faster.
        if (claims.length === 1) writeFileSync(claim, 'other')
      },
    })
    expect(path).toBe(join(inbox, 'a (3).txt'))
    expect(claims).toEqual([join(inbox, 'a (2).txt'), path])
  })

  it('that cannot be written stops the commit, before any name is taken', async () => {
    const inbox = folder()
    const partial = await received(inbox, 'a.txt', 'new')
    const committing = partial.commit({ beforeClaim: () => Promise.reject(new Error('no room')) })
    await expect(committing).rejects.toMatchObject({ code: 'cannot-write' })
    expect(existsSync(join(inbox, 'a.txt'))).toBe(false)
    await partial.keep()
    await (await reopened({ directory: inbox, path: partial.path, name: 'a.txt' })).commit()
    expect(readFileSync(join(inbox, 'a.txt'), 'utf8')).toBe('new')
  })
})

describe('a file that is there already', () => {
  it('is found by its name, made safe, and its size', async () => {
    const inbox = folder()
    writeFileSync(join(inbox, 'photo.jpg'), 'hello')
    expect(await findWhole(inbox, 'photo.jpg', 5)).toBe(join(inbox, 'photo.jpg'))
    expect(await findWhole(inbox, '../photo.jpg', 5)).toBe(join(inbox, 'photo.jpg'))
    expect(await findWhole(inbox, 'photo.jpg', 4)).toBeUndefined()
    expect(await findWhole(inbox, 'photo.png', 5)).toBeUndefined()
    expect(await findWhole(join(inbox, 'nowhere'), 'photo.jpg', 5)).toBeUndefined()
  })

  it('is no folder and no symlink', async () => {
    const inbox = folder()
    mkdirSync(join(inbox, 'folder'))
    writeFileSync(join(inbox, 'file'), 'hello')
    symlinkSync(join(inbox, 'file'), join(inbox, 'link'))
    expect(await findWhole(inbox, 'folder', statSync(join(inbox, 'folder')).size)).toBeUndefined()
    expect(await findWhole(inbox, 'link', 5)).toBeUndefined()
  })
})
