import { once } from 'node:events'
import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import yauzl, { type Entry, type ZipFile } from 'yauzl'
import { type FolderListing, openFolder } from '../../main/transfer/open-folder.ts'
import { zipSource } from '../../main/transfer/zip-source.ts'
import { Failure } from '../../shared/model/failure.ts'
import { descriptorsOf, folder, never, subfolder } from './rig.ts'

const MTIME = new Date('2024-05-06T07:08:10')

function make(files: Readonly<Record<string, string | Uint8Array>>, name = 'Photos'): string {
  const root = subfolder(folder(), name)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
    utimesSync(join(root, path), MTIME, MTIME)
  }
  return root
}

interface Unpacked {
  readonly path: string
  readonly bytes: Buffer
  readonly entry: Entry
}

/** With a reader that checks lengths and checksums, and refuses names that climb. */
async function unpack(zip: Buffer): Promise<readonly Unpacked[]> {
  const file = await promisify<Buffer, yauzl.Options, ZipFile>(yauzl.fromBuffer)(zip, { lazyEntries: true })
  const unpacked: Unpacked[] = []
  file.on('entry', (entry: Entry) => {
    file.openReadStream(entry, (error, stream) => {
      if (error !== null) throw error
      void buffer(stream).then(bytes => {
        unpacked.push({ path: entry.fileName, bytes, entry })
        file.readEntry()
      })
    })
  })
  file.readEntry()
  await once(file, 'end')
  return unpacked
}

async function failureOf(stream: Readable): Promise<unknown> {
  return buffer(stream).then(
    () => undefined,
    (error: unknown) => error,
  )
}

/** A listing of files that are nowhere. */
function listing(sizes: readonly number[], name = 'Photos'): FolderListing {
  const files = sizes.map((size, index) => ({ path: '/nowhere', name: `${index}`, size, mtimeNs: 0n }))
  return { name, files, folders: [], size: sizes.reduce((sum, size) => sum + size, 0), leftOut: 0 }
}

describe('a folder as a zip', () => {
  it('is as long as was said, and unpacks to the same', async () => {
    const large = Buffer.alloc(700_000, 'Übergröße')
    const root = make({
      'b.txt': 'hello',
      'ä/ö ü ß 写真.txt': 'umlauts',
      'a/large': large,
      'a/empty': '',
      '.git/x': 'x',
    })
    mkdirSync(join(root, 'nothing', 'in it'), { recursive: true })
    const zip = zipSource(await openFolder(root, never()))
    expect(zip.name).toBe('Photos.zip')
    const bytes = await buffer(zip.stream(never()))
    expect(bytes.length).toBe(zip.size)
    const unpacked = await unpack(bytes)
    expect(
      Object.fromEntries(unpacked.map(({ path, bytes: content }) => [path, content.toString()])),
    ).toEqual({
      'Photos/.git/x': 'x',
      'Photos/a/empty': '',
      'Photos/a/large': large.toString(),
      'Photos/b.txt': 'hello',
      'Photos/nothing/in it/': '',
      'Photos/ä/ö ü ß 写真.txt': 'umlauts',
    })
    for (const { path, entry } of unpacked) {
      expect(entry.compressionMethod).toBe(0)
      // Names are UTF-8, and said to be.
      expect(entry.generalPurposeBitFlag & 0x800).toBe(0x800)
      const mode = (entry.externalFileAttributes >>> 16) & 0o777
      expect(mode).toBe(path.endsWith('/') ? 0o755 : 0o644)
      if (!path.endsWith('/')) expect(entry.getLastModDate({ timezone: 'local' })).toEqual(MTIME)
    }
  })

  it('is the same every time', async () => {
    const zip = zipSource(await openFolder(make({ a: 'x', b: 'y' }), never()))
    const [one, other] = [await buffer(zip.stream(never())), await buffer(zip.stream(never()))]
    expect(one.equals(other)).toBe(true)
  })

  it('of an empty folder has that folder in it', async () => {
    const zip = zipSource(await openFolder(make({}), never()))
    const bytes = await buffer(zip.stream(never()))
    expect(bytes.length).toBe(zip.size)
    expect((await unpack(bytes)).map(({ path }) => path)).toEqual(['Photos/'])
  })

  it('has names in it that every system can unpack', async () => {
    const root = make({}, 'x')
    const name = process.platform === 'win32' ? 'CON' : 'ab:c?'
    const file = join(root, 'file')
    writeFileSync(file, '')
    const { size, mtimeNs } = { size: 0, mtimeNs: statSync(file, { bigint: true }).mtimeNs }
    const files = [{ path: file, name: `${name}/aux.c`, size, mtimeNs }]
    const zip = zipSource({ name: '.hidden', files, folders: [], size: 0, leftOut: 0 })
    expect(zip.name).toBe('_hidden.zip')
    const [entry] = await unpack(await buffer(zip.stream(never())))
    expect(entry?.path).toBe(process.platform === 'win32' ? '_hidden/_CON/_aux.c' : '_hidden/ab_c_/_aux.c')
  })

  it('has times in it that the format can say', async () => {
    const root = make({ early: '', late: '' })
    utimesSync(join(root, 'early'), new Date(0), new Date(0))
    utimesSync(join(root, 'late'), new Date('2200-01-01'), new Date('2200-01-01'))
    const entries = await unpack(await buffer(zipSource(await openFolder(root, never())).stream(never())))
    expect(entries.map(({ entry }) => entry.getLastModDate({ timezone: 'local' }).getFullYear())).toEqual([
      1980, 2107,
    ])
  })

  it('with thousands of files is as long as was said', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 3000 }, (_, index) => [`${index % 7}/Datei ${index}`, 'x']),
    )
    const zip = zipSource(await openFolder(make(files), never()))
    const bytes = await buffer(zip.stream(never()))
    expect(bytes.length).toBe(zip.size)
    expect(await unpack(bytes)).toHaveLength(3000)
  })

  it('says the length of what is beyond 4 GiB', () => {
    const names = 2 * 'Photos/0'.length
    const small = 30 + 16 + 46 + names
    expect(zipSource(listing([1])).size).toBe(1 + small + 22)
    // 64-bit lengths behind the file and in the directory, and its end in both forms.
    expect(zipSource(listing([2 ** 32])).size).toBe(2 ** 32 + small + 8 + 28 + 76 + 22)
    // Only where the second one begins needs 64 bits.
    expect(zipSource(listing([2 ** 32 - 2, 1])).size).toBe(2 ** 32 - 1 + 2 * small + 12 + 76 + 22)
    expect(zipSource(listing([2 ** 52])).size).toBe(2 ** 52 + small + 8 + 28 + 76 + 22)
  })

  it('has a limit of entries', () => {
    expect(zipSource(listing(Array.from({ length: 65_534 }, () => 0))).size).toBeGreaterThan(0)
    expect(() => zipSource(listing(Array.from({ length: 65_535 }, () => 0)))).toThrow(
      expect.objectContaining({ code: 'too-many-files' }),
    )
  })

  it('is refused where two names would be one', () => {
    const { files, ...rest } = listing([0, 0])
    const same = files.map((file, index) => ({ ...file, name: index === 0 ? 'a' : 'A' }))
    expect(() => zipSource({ ...rest, files: same })).toThrow(
      expect.objectContaining({ code: 'file-not-allowed' }),
    )
  })
})

describe('a file that is not the listed one any more', () => {
  const BYTES = 600_000

  it.each([
    ['shorter', (path: string) => writeFileSync(path, Buffer.alloc(BYTES - 1)), 'file-changed'],
    ['longer', (path: string) => writeFileSync(path, Buffer.alloc(BYTES + 1)), 'file-changed'],
    ['of another time', (path: string) => utimesSync(path, new Date(), new Date(0)), 'file-changed'],
    ['gone', (path: string) => rmSync(path), 'file-not-found'],
    [
      'a folder',
      (path: string) => {
        rmSync(path)
        mkdirSync(path)
      },
      'file-changed',
    ],
    [
      'a link to another',
      (path: string) => {
        renameSync(path, `${path}-elsewhere`)
        symlinkSync(`${path}-elsewhere`, path)
      },
      'file-changed',
    ],
  ])('ends the zip when it is %s', async (_, change, code) => {
    const root = make({ a: 'x', b: Buffer.alloc(BYTES), c: 'y' })
    const zip = zipSource(await openFolder(root, never()))
    change(join(root, 'b'))
    expect(await failureOf(zip.stream(never()))).toMatchObject({
      code,
      message: expect.stringContaining('b'),
    })
  })

  it('ends the zip before its last bytes when it changes while it is read', async () => {
    const root = make({ a: Buffer.alloc(BYTES) })
    const identity = statSync(join(root, 'a'), { bigint: true })
    const stream = zipSource(await openFolder(root, never())).stream(never())
    let received = 0
    const reading = (async () => {
      for await (const chunk of stream) {
        received += (chunk as Buffer).length
        utimesSync(join(root, 'a'), new Date(), new Date())
      }
    })()
    await expect(reading).rejects.toMatchObject({ code: 'file-changed' })
    expect(received).toBeLessThan(BYTES)
    expect(descriptorsOf(identity)).toBe(0)
  })
})

describe('a zip that nobody wants any more', () => {
  it('ends with the reason, and lets go of its file', async () => {
    const root = make({ a: Buffer.alloc(5_000_000) })
    const identity = statSync(join(root, 'a'), { bigint: true })
    const stop = new AbortController()
    const stream = zipSource(await openFolder(root, never())).stream(stop.signal)
    await once(stream, 'readable')
    expect(descriptorsOf(identity)).toBe(1)
    stop.abort(new Failure('paused', 'Paused.'))
    const [error] = await once(stream, 'error')
    expect(error).toMatchObject({ code: 'paused' })
    expect(descriptorsOf(identity)).toBe(0)
  })

  it('lets go of its file when it is destroyed', async () => {
    const root = make({ a: Buffer.alloc(5_000_000) })
    const identity = statSync(join(root, 'a'), { bigint: true })
    const stream = zipSource(await openFolder(root, never())).stream(never())
    await once(stream, 'readable')
    stream.destroy()
    await once(stream, 'close')
    expect(descriptorsOf(identity)).toBe(0)
  })

  it('was never begun', async () => {
    const root = make({ a: 'x' })
    const zip = zipSource(await openFolder(root, never()))
    expect(await failureOf(zip.stream(AbortSignal.abort()))).toMatchObject({ code: 'cancelled' })
    expect(readFileSync(join(root, 'a'), 'utf8')).toBe('x')
  })
})
