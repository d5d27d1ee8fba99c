import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createPartialFile, type FileOperations, type PartialFile } from '../../main/transfer/partial-file.ts'
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
