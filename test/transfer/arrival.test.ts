import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Arrival, createArrival, hasArrived, reopenArrival } from '../../main/transfer/arrival.ts'
import { forgetAccount } from '../../main/transfer/forget-account.ts'
import { type Arrived, type IncomingEntry, Journal } from '../../main/transfer/journal.ts'
import { afterwards, folder } from './rig.ts'

const SHA256 = 'ab'.repeat(32)

let inbox: string
/** What a journal would hold. */
let claimed: Arrived | undefined
const claiming = async (arrived: Arrived): Promise<void> => {
  claimed = arrived
}

beforeEach(() => {
  inbox = folder()
  claimed = undefined
})

async function create(name: string, size: number | undefined, files?: number): Promise<Arrival> {
  const arrival = await createArrival(inbox, name, { size, files, replace: false, claiming })
  afterwards(() => arrival.discard())
  return arrival
}

function entryOf(arrival: Arrival, size: number, more: Partial<IncomingEntry> = {}): IncomingEntry {
  return {
    kind: 'in',
    id: 'd4e5f6',
    key: 'ffeeddccbbaa99887766554433221100',
    account: 'alice@plumb.test',
    peer: 'bob@plumb.test',
    name: arrival.name,
    size,
    files: 'root' in arrival.target ? 2 : undefined,
    at: 0,
    paused: undefined,
    directory: arrival.directory,
    replace: false,
    partial: arrival.path,
    claiming: claimed,
    done: undefined,
    ...more,
  }
}

/** In another run of the program: it is there to go on with. */
async function reopen(entry: IncomingEntry): Promise<Arrival> {
  const found = await reopenArrival(entry, claiming)
  if (hasArrived(found)) throw new Error('it had arrived')
  afterwards(() => found.discard())
  return found
}

function fill({ file }: Arrival, text: string): void {
  const held = file?.hold()
  if (held === undefined) throw new Error('no file')
  writeSync(held.fd, text)
  held.release()
}

function fillFolder({ path }: Arrival): void {
  mkdirSync(join(path, 'photos'))
  writeFileSync(join(path, 'read me.txt'), 'hello')
  writeFileSync(join(path, 'photos', 'one.jpg'), 'one')
}

const commit = (arrival: Arrival): Promise<string> => arrival.target.commit(SHA256)

describe('a file that was kept', () => {
  it('goes on with the bytes that it had, and gets its name', async () => {
    const first = await create('film.mkv', 10)
    fill(first, 'hello')
    await first.keep()
    const second = await reopen(entryOf(first, 10))
    expect(second.path).toBe(first.path)
    expect(await second.length()).toBe(5)
    expect(second.target).toMatchObject({ name: 'film.mkv', path: first.path, existing: undefined })
    expect(await commit(second)).toBe(join(inbox, 'film.mkv'))
    expect(claimed).toEqual({ path: join(inbox, 'film.mkv'), sha256: SHA256 })
    expect(readdirSync(inbox)).toEqual(['film.mkv'])
    expect(readFileSync(join(inbox, 'film.mkv'), 'utf8')).toBe('hello')
  })

  it('of a program that was killed is found, too', async () => {
    const first = await create('film.mkv', 10)
    fill(first, 'hello')
    const second = await reopen(entryOf(first, 10))
    expect(await second.length()).toBe(5)
  })

  it('is removed when nobody wants it any more', async () => {
    const first = await create('film.mkv', 10)
    await first.keep()
    const second = await reopen(entryOf(first, 10))
    await second.discard()
    expect(readdirSync(inbox)).toEqual([])
  })

  it('replaces what the person had agreed to, and nothing else', async () => {
    writeFileSync(join(inbox, 'film.mkv'), 'old')
    for (const [replace, final] of [
      [false, 'film (2).mkv'],
      [true, 'film.mkv'],
    ] as const) {
      const first = await create('film.mkv', 10)
      fill(first, 'new')
      await first.keep()
      expect(await commit(await reopen(entryOf(first, 10, { replace })))).toBe(join(inbox, final))
      expect(readFileSync(join(inbox, final), 'utf8')).toBe('new')
    }
    expect(readdirSync(inbox).toSorted()).toEqual(['film (2).mkv', 'film.mkv'])
  })
})

describe('a folder that was kept', () => {
  it('goes on with the files that it had, and gets its name', async () => {
    const first = await create('Holiday', 8, 2)
    fillFolder(first)
    await first.keep()
    const second = await reopen(entryOf(first, 8))
    expect(second.path).toBe(first.path)
    expect(second.target).toMatchObject({ root: first.path })
    expect(second.file).toBeUndefined()
    expect(await second.length()).toBe(0)
    expect(await commit(second)).toBe(join(inbox, 'Holiday'))
    expect(claimed).toEqual({ path: join(inbox, 'Holiday'), sha256: SHA256 })
    expect(readdirSync(inbox)).toEqual(['Holiday'])
    expect(readFileSync(join(inbox, 'Holiday', 'photos', 'one.jpg'), 'utf8')).toBe('one')
  })

  it('is removed with all that is in it when nobody wants it any more', async () => {
    const first = await create('Holiday', 8, 2)
    fillFolder(first)
    await first.keep()
    await (await reopen(entryOf(first, 8))).discard()
    expect(readdirSync(inbox)).toEqual([])
  })
})

describe('what was about to get its name', () => {
  it.each([
    ['file', undefined],
    ['folder', 2],
  ])('as a %s has arrived where the name is there', async (_, files) => {
    const first = await create('Holiday', 8, files)
    await commit(first)
    expect(await reopenArrival(entryOf(first, 8), claiming)).toEqual({
      path: join(inbox, 'Holiday'),
      sha256: SHA256,
    })
    expect(readdirSync(inbox)).toEqual(['Holiday'])
  })

  it('has arrived, too, where it still has its other name', async () => {
    const first = await create('film.mkv', 5)
    fill(first, 'hello')
    await first.keep()
    const path = join(inbox, 'film.mkv')
    linkSync(first.path, path)
    expect(await reopenArrival(entryOf(first, 5, { claiming: { path, sha256: SHA256 } }), claiming)).toEqual({
      path,
      sha256: SHA256,
    })
    expect(readdirSync(inbox)).toEqual(['film.mkv'])
  })

  it('goes on where another file has the name', async () => {
    const first = await create('film.mkv', 5)
    fill(first, 'hello')
    await first.keep()
    const path = join(inbox, 'film.mkv')
    writeFileSync(path, 'another')
    const second = await reopen(entryOf(first, 5, { claiming: { path, sha256: SHA256 } }))
    expect(await second.length()).toBe(5)
    expect(await commit(second)).toBe(join(inbox, 'film (2).mkv'))
    expect(readFileSync(path, 'utf8')).toBe('another')
  })

  it('is made anew where both are gone', async () => {
    const first = await create('film.mkv', 5)
    const path = await commit(first)
    renameSync(path, join(inbox, 'elsewhere.mkv'))
    const second = await reopen(entryOf(first, 5))
    expect(await second.length()).toBe(0)
    expect(await commit(second)).toBe(path)
  })

  it('is not taken for there by a link to nowhere', async () => {
    if (process.platform === 'win32') return
    const first = await create('film.mkv', 5)
    const path = await commit(first)
    rmSync(path)
    symlinkSync('/nowhere', path)
    await reopen(entryOf(first, 5))
    expect(lstatSync(path).isSymbolicLink()).toBe(true)
  })
})

describe('what is gone', () => {
  it.each([
    ['file', undefined],
    ['folder', 2],
  ])('as a %s is made anew, in another place', async (_, files) => {
    const first = await create('Holiday', 8, files)
    await first.keep()
    rmSync(first.path, { recursive: true })
    const second = await reopen(entryOf(first, 8))
    expect(second.path).not.toBe(first.path)
    expect(second.name).toBe('Holiday')
    expect(await commit(second)).toBe(join(inbox, 'Holiday'))
  })

  it.each([
    ['file', undefined],
    ['folder', 2],
  ])('as a %s whose place somebody else has is said', async (_, files) => {
    const first = await create('Holiday', 8, files)
    await first.keep()
    rmSync(first.path, { recursive: true })
    if (files === undefined) mkdirSync(first.path)
    else writeFileSync(first.path, 'mine')
    await expect(reopenArrival(entryOf(first, 8), claiming)).rejects.toMatchObject({ code: 'cannot-write' })
    rmSync(first.path, { recursive: true })
  })

  it('with all that was around it is said', async () => {
    const first = await create('film.mkv', 8)
    await first.keep()
    rmSync(inbox, { recursive: true })
    await expect(reopenArrival(entryOf(first, 8), claiming)).rejects.toMatchObject({ code: 'cannot-write' })
  })
})

describe('a place that is new', () => {
  it('knows a file of the same name and size, which may be the same', async () => {
    writeFileSync(join(inbox, 'film.mkv'), 'hello')
    expect((await create('film.mkv', 5)).target).toMatchObject({ existing: join(inbox, 'film.mkv') })
    expect((await create('film.mkv', 6)).target).toMatchObject({ existing: undefined })
    expect((await create('other.mkv', 5)).target).toMatchObject({ existing: undefined })
  })

  it('tells how much fits where nobody says how much will come', async () => {
    expect((await create('film.mkv', undefined)).room).toBeGreaterThan(0)
    expect((await create('film.mkv', 5)).room).toBeUndefined()
  })

  it('is not made for more than the disk has room for', async () => {
    for (const files of [undefined, 1]) {
      await expect(create('film.mkv', Number.MAX_SAFE_INTEGER, files)).rejects.toMatchObject({
        code: 'disk-full',
      })
    }
    expect(readdirSync(inbox)).toEqual([])
  })
})

describe('an account that is not ours any more', () => {
  it.each([
    ['file', undefined],
    ['folder', 2],
  ])('leaves no %s that arrived in part, and no note of it', async (_, files) => {
    const state = folder()
    const journal = Journal.open(state)
    const [theirs, others] = [await create('private', 8, files), await create('of another', 8, files)]
    if (files === undefined) fill(theirs, 'half')
    else fillFolder(theirs)
    await Promise.all([theirs.keep(), others.keep()])
    await journal.put(entryOf(theirs, 8))
    await journal.put(entryOf(others, 8, { id: 'other', account: 'eve@plumb.test' }))
    await forgetAccount(state, 'alice@plumb.test')
    expect(readdirSync(state)).toEqual(['other.json'])
    expect(readdirSync(inbox)).toEqual([basename(others.path)])
  })

  it('leaves what has arrived, and the folder that is gone', async () => {
    const state = folder()
    const journal = Journal.open(state)
    const gone = entryOf(await create('private', 8), 8, { id: 'gone', directory: join(inbox, 'gone') })
    await journal.put(gone)
    writeFileSync(join(inbox, 'film.mkv'), 'whole')
    const done = { path: join(inbox, 'film.mkv'), sha256: SHA256 }
    await journal.put({ ...gone, id: 'done', directory: inbox, done })
    await forgetAccount(state, 'alice@plumb.test')
    expect(readdirSync(state)).toEqual([])
    expect(readFileSync(done.path, 'utf8')).toBe('whole')
  })
})
