import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { type IncomingEntry, Journal, type OutgoingEntry } from '../../main/transfer/journal.ts'
import { folder } from './rig.ts'

const DAY_MS = 24 * 60 * 60 * 1000

let state: string
/** Each entry is younger than the one before. */
let time: number
beforeEach(() => {
  state = join(folder(), 'state')
  time = Date.now()
})

function outgoing(more: Partial<OutgoingEntry> = {}): OutgoingEntry {
  return {
    kind: 'out',
    id: 'a1b2c3',
    key: '00112233445566778899aabbccddeeff',
    account: 'alice@plumb.test',
    peer: 'bob@plumb.test',
    name: 'film.mkv',
    size: 1_000,
    files: undefined,
    at: time++,
    paused: undefined,
    path: '/home/alice/film.mkv',
    mtimeNs: '1750000000123456789',
    accepted: false,
    by: { pid: 1234, bootedAt: 1750000000000 },
    ...more,
  }
}

function incoming(more: Partial<IncomingEntry> = {}): IncomingEntry {
  return {
    kind: 'in',
    id: 'd4e5f6',
    key: 'ffeeddccbbaa99887766554433221100',
    account: 'alice@plumb.test',
    peer: 'bob@plumb.test',
    name: 'Holiday',
    size: 2_000,
    files: 12,
    at: time++,
    paused: 'us',
    directory: '/home/alice/Downloads',
    replace: false,
    partial: '/home/alice/Downloads/.Holiday.0011.plumb-part',
    claiming: undefined,
    done: undefined,
    ...more,
  }
}

const arrived = { path: '/home/alice/Downloads/Holiday', sha256: 'ab'.repeat(32) }
const reopened = (): readonly object[] => Journal.open(state).entries
const write = (name: string, text: string): void => writeFileSync(join(state, name), text)

describe('what was put into the journal', () => {
  it('is there when it is opened again', async () => {
    const entries = [
      outgoing(),
      outgoing({ id: 'folder', files: 3, mtimeNs: undefined, accepted: true, paused: 'them' }),
      incoming({ id: 'claiming', claiming: arrived }),
      incoming({ id: 'done', done: arrived }),
    ]
    const journal = Journal.open(state)
    expect(journal.entries).toEqual([])
    for (const entry of entries) await journal.put(entry)
    expect(journal.entries).toEqual(entries)
    expect(reopened()).toEqual(entries)
    expect(journal.get('done')).toEqual(entries[3])
    expect(journal.get('unknown')).toBeUndefined()
  })

  it('is on the disk once that is said, for nobody else to read', async () => {
    await Journal.open(state).put(outgoing())
    expect(readdirSync(state)).toEqual(['a1b2c3.json'])
    expect(JSON.parse(readFileSync(join(state, 'a1b2c3.json'), 'utf8'))).toMatchObject({
      version: 1,
      kind: 'out',
    })
    if (process.platform === 'win32') return
    expect(statSync(state).mode & 0o777).toBe(0o700)
    expect(statSync(join(state, 'a1b2c3.json')).mode & 0o777).toBe(0o600)
  })

  it('is what was put last, however many follow each other', async () => {
    const journal = Journal.open(state)
    const versions = Array.from({ length: 20 }, (_, index) => incoming({ size: index }))
    await Promise.all(versions.map(entry => journal.put(entry)))
    expect(reopened()).toEqual([versions.at(-1)])
  })

  it('is gone once it was removed, also right behind it', async () => {
    const journal = Journal.open(state)
    await journal.put(outgoing())
    const putting = journal.put(outgoing({ accepted: true }))
    await journal.remove('a1b2c3')
    await putting
    await journal.remove('unknown')
    expect(journal.entries).toEqual([])
    expect(readdirSync(state)).toEqual([])
  })

  it('comes oldest first, in whatever order it was put', async () => {
    const journal = Journal.open(state)
    const now = Date.now()
    for (const [id, age] of [
      ['b', 2],
      ['c', 1],
      ['a', 3],
    ] as const)
      await journal.put(outgoing({ id, at: now - age }))
    const ids = (all: readonly object[]): string[] => all.map(entry => (entry as OutgoingEntry).id)
    expect(ids(journal.entries)).toEqual(['a', 'b', 'c'])
    expect(ids(reopened())).toEqual(['a', 'b', 'c'])
  })
})

describe('what is noted at the same time', () => {
  it('is on the disk in the order in which it was asked for', async () => {
    const journal = Journal.open(state)
    const ids = Array.from({ length: 20 }, (_, index) => `id${index}`)
    const noted: string[] = []
    await Promise.all(
      ids.map(async (id, index) => {
        // The first ones take longest.
        await journal.put(outgoing({ id, path: `/${'x'.repeat((20 - index) * 50_000)}` }))
        noted.push(id)
      }),
    )
    expect(noted).toEqual(ids)
  })

  it('goes on behind what could not be noted', async () => {
    const journal = Journal.open(state)
    const impossible = journal.put(outgoing({ id: 'x'.repeat(300) }))
    const possible = journal.put(outgoing({ id: 'a' }))
    await expect(impossible).rejects.toMatchObject({ code: 'cannot-write' })
    await possible
    expect(reopened()).toMatchObject([{ id: 'a' }])
  })
})

describe('a program that was killed while it wrote', () => {
  it('has what it wrote before', async () => {
    const before = outgoing()
    await Journal.open(state).put(before)
    write('a1b2c3.json.new', JSON.stringify({ version: 1, ...before, accepted: true }).slice(0, 100))
    write('other.json.new', '')
    const journal = Journal.open(state)
    expect(journal.entries).toEqual([before])
    const after = outgoing({ accepted: true })
    await journal.put(after)
    expect(reopened()).toEqual([after])
  })
})

describe('what cannot be read', () => {
  const whole = (more: object): string => JSON.stringify({ version: 1, ...outgoing({ id: 'x' }), ...more })

  it.each([
    ['nothing', ''],
    ['half of it', whole({}).slice(0, 80)],
    ['another kind of thing', '[]'],
    ['no thing at all', 'null'],
    ['no version', JSON.stringify(outgoing({ id: 'x' }))],
    ['a version from the future', whole({ version: 2 })],
    ['another’s name', whole({ id: 'y' })],
    ['a name that leads elsewhere', whole({ id: '../x' })],
    ['a direction that nobody knows', whole({ kind: 'up' })],
    ['no key', whole({ key: undefined })],
    ['no peer', whole({ peer: 5 })],
    ['a size that is none', whole({ size: '1000' })],
    ['half a byte', whole({ size: 0.5 })],
    ['no time', whole({ at: null })],
    ['no path', whole({ path: undefined })],
    ['nowhere to go', JSON.stringify({ version: 1, ...incoming({ id: 'x' }), partial: undefined })],
  ])('with %s is set aside, and the others are there', async (_, text) => {
    const good = incoming()
    await Journal.open(state).put(good)
    write('x.json', text)
    const journal = Journal.open(state)
    expect(journal.entries).toEqual([good])
    expect(readFileSync(join(state, 'x.json.damaged'), 'utf8')).toBe(text)
    expect(readdirSync(state).toSorted()).toEqual(['d4e5f6.json', 'x.json.damaged'])
    expect(reopened()).toEqual([good])
  })

  it('is none of its files is left alone', async () => {
    await Journal.open(state).put(outgoing())
    write('notes.txt', 'mine')
    mkdirSync(join(state, 'folder'))
    expect(reopened()).toHaveLength(1)
    expect(readdirSync(state)).toContain('notes.txt')
  })
})

describe('what is forgotten', () => {
  it('are the oldest of those that arrived, beyond two hundred', async () => {
    const journal = Journal.open(state)
    const at = Date.now()
    await journal.put(incoming({ id: 'under-way', at: at - 2_000 }))
    await journal.put(outgoing({ id: 'sending', at: at - 1_000 }))
    for (let number = 0; number < 203; number++) {
      await journal.put(incoming({ id: `done-${number}`, at: at + number, done: arrived }))
    }
    const ids = reopened().map(entry => (entry as IncomingEntry).id)
    expect(ids).toHaveLength(202)
    expect(ids.slice(0, 3)).toEqual(['under-way', 'sending', 'done-3'])
    expect(journal.entries.map(({ id }) => id)).toEqual(ids)
  })

  it('is what was being sent two months ago, and nothing that comes in', async () => {
    const journal = Journal.open(state)
    const entries = [
      incoming({ id: 'old-in', at: Date.now() - 62 * DAY_MS }),
      incoming({ id: 'old-done', at: Date.now() - 61 * DAY_MS, done: arrived }),
      outgoing({ id: 'younger', at: Date.now() - 59 * DAY_MS }),
    ]
    await journal.put(outgoing({ id: 'old', at: Date.now() - 61 * DAY_MS }))
    for (const entry of entries) await journal.put(entry)
    expect(reopened()).toEqual(entries)
    expect(readdirSync(state)).not.toContain('old.json')
  })
})

describe('a disk that takes nothing', () => {
  const refused = expect.objectContaining({
    code: 'cannot-write',
    message: expect.not.stringContaining('state'),
  })

  it('is said when the journal is opened', () => {
    writeFileSync(state, 'no folder')
    expect(() => Journal.open(state)).toThrow(refused)
  })

  it('leaves no half of it behind', async () => {
    const journal = Journal.open(state)
    await journal.put(outgoing())
    rmSync(join(state, 'a1b2c3.json'))
    mkdirSync(join(state, 'a1b2c3.json'))
    await expect(journal.put(outgoing({ accepted: true }))).rejects.toEqual(refused)
    expect(readdirSync(state)).toEqual(['a1b2c3.json'])
  })

  it('is said to whoever puts something, and what was noted before stays', async () => {
    const journal = Journal.open(state)
    const before = outgoing()
    await journal.put(before)
    mkdirSync(join(state, 'a1b2c3.json.new'))
    await expect(journal.put(outgoing({ accepted: true }))).rejects.toEqual(refused)
    expect(reopened()).toEqual([before])
    // It is no reason to give up for good.
    rmdirSync(join(state, 'a1b2c3.json.new'))
    const after = outgoing({ accepted: true, paused: 'us' })
    await journal.put(after)
    expect(reopened()).toEqual([after])
  })

  it('keeps nobody from forgetting', async () => {
    const journal = Journal.open(state)
    await journal.put(outgoing())
    rmSync(state, { recursive: true })
    await expect(journal.put(incoming())).rejects.toEqual(refused)
    await journal.remove('a1b2c3')
    expect(journal.get('a1b2c3')).toBeUndefined()
  })
})
