import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { openSettings } from '../../main/store/settings.ts'
import { openOldTransferList } from '../../main/store/transfer-list.ts'
import { openVersioned } from '../../main/store/versioned-file.ts'
import { DEFAULT_POLICY } from '../../shared/model/person.ts'
import { DEFAULT_SETTINGS } from '../../shared/model/settings.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumb-store-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

describe('a file with a version', () => {
  const Shape = z.strictObject({ colour: z.string(), size: z.number() })
  const open = () =>
    openVersioned({
      folder,
      name: 'test',
      what: 'settings',
      schema: Shape,
      migrations: [old => ({ ...old, size: 1 }), ({ color, ...old }) => ({ ...old, colour: color })],
      initial: { colour: 'none', size: 0 },
    })
  const write = (text: string): Promise<void> => writeFile(join(folder, 'test.json'), text)

  test('that is not there begins anew, without a word', () => {
    expect(open()).toMatchObject({ value: { colour: 'none', size: 0 }, damage: undefined })
  })

  test('is there again after it was saved', () => {
    open().save({ colour: 'plum', size: 2 })
    expect(open()).toMatchObject({ value: { colour: 'plum', size: 2 }, damage: undefined })
  })

  test.each([
    ['the first version', { version: 1, color: 'plum' }, { colour: 'plum', size: 1 }],
    ['the second', { version: 2, color: 'plum', size: 7 }, { colour: 'plum', size: 7 }],
    ['this one', { version: 3, colour: 'plum', size: 7 }, { colour: 'plum', size: 7 }],
  ])('of %s is brought up to date', async (_, stored, value) => {
    await write(JSON.stringify(stored))
    expect(open()).toMatchObject({ value, damage: undefined })
  })

  test.each([
    ['half a file', '{"version": 3, "colour"'],
    ['nothing', ''],
    ['another kind of thing', '[]'],
    ['a value of the wrong kind', '{"version": 3, "colour": 5, "size": 7}'],
    ['a key that nobody knows', '{"version": 3, "colour": "a", "size": 7, "secret": 1}'],
    ['a version from the future', '{"version": 4, "colour": "a", "size": 7}'],
    ['no version', '{"colour": "a", "size": 7}'],
  ])('with %s is set aside, and that is said', async (_, text) => {
    await write(text)
    const file = open()
    expect(file.value).toEqual({ colour: 'none', size: 0 })
    expect(file.damage).toMatch(
      /^The settings could not be read and begin anew\. The old file was kept as test\.damaged-/,
    )
    file.save({ colour: 'new', size: 1 })
    const [aside = ''] = (await readdir(folder)).filter(name => name.startsWith('test.damaged-'))
    expect(await readFile(join(folder, aside), 'utf8')).toBe(text)
  })
})

test('what cannot be saved says so, and what was saved before stays', async () => {
  const settings = openSettings(folder, '/d')
  settings.change({ theme: 'dark' })
  await rm(folder, { recursive: true })
  await writeFile(folder, 'no folder any more')
  expect(() => settings.change({ theme: 'light' })).toThrow(
    expect.objectContaining({ code: 'cannot-write', message: expect.not.stringContaining(folder) }),
  )
  expect(settings.settings.theme).toBe('dark')
})

describe('the settings', () => {
  test('begin with what holds for everybody, and keep what is changed', () => {
    const first = openSettings(folder, '/home/a/Downloads')
    expect(first.settings).toEqual(DEFAULT_SETTINGS)
    expect(first.settings).toMatchObject({ automaticUpdates: true, betaUpdates: false })
    expect(first.downloadFolder).toBe('/home/a/Downloads')
    first.change({ theme: 'dark', port: 5000 })
    first.setDownloadFolder('/data')
    for (const address of ['a@b.c', 'd@e.f', 'g@h.i']) first.keepAccount({ address, server: null })
    first.keepAccount({ address: 'a@b.c', server: { host: 'h', port: 1 } })
    first.setPolicy('d@e.f', 'x@y.z', { autoAcceptBytes: 1, allowUnencrypted: false })
    first.dropAccount('d@e.f')
    const second = openSettings(folder, '/home/a/Downloads')
    expect(second.settings).toEqual({ ...DEFAULT_SETTINGS, theme: 'dark', port: 5000 })
    expect(second.downloadFolder).toBe('/data')
    expect(second.accounts).toEqual([
      { address: 'a@b.c', server: { host: 'h', port: 1 } },
      { address: 'g@h.i', server: null },
    ])
    expect(second.policyOf('d@e.f', 'x@y.z')).toEqual(DEFAULT_POLICY)
    expect(second.device).toBe(first.device)
  })

  test('keep what was decided for a contact, for this account alone', () => {
    const policy = { autoAcceptBytes: 1000, allowUnencrypted: true }
    openSettings(folder, '/d').setPolicy('me@b.c', 'anna@b.c', policy)
    const settings = openSettings(folder, '/d')
    expect(settings.policyOf('me@b.c', 'anna@b.c')).toEqual(policy)
    expect(settings.policyOf('other@b.c', 'anna@b.c')).toEqual(DEFAULT_POLICY)
    expect(settings.policyOf('me@b.c', 'toString')).toEqual(DEFAULT_POLICY)
  })
})

describe('what an earlier version wrote', () => {
  const write = (name: string, value: object): Promise<void> =>
    writeFile(join(folder, name), JSON.stringify(value))
  const versionOf = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(join(folder, name), 'utf8')).version

  // What was there at the time, every one of it another than it is by default.
  const FIRST = {
    whoMaySend: 'contacts',
    whoSeesAddresses: 'accepted',
    port: 5000,
    startAtLogin: true,
    closeToTray: true,
    theme: 'dark',
    notifications: false,
  }
  const UPDATES = { automaticUpdates: true, betaUpdates: false }
  const TOLD = {
    language: 'system',
    awayWhenIdle: true,
    sendReceipts: true,
    sendDisplayed: true,
    sendTyping: true,
    recentEmoji: [],
    showPictures: true,
  }
  test.each([
    ['1, which did not ask the router', 1, FIRST, { ...FIRST, portMapping: true, ...UPDATES }],
    [
      '2, which nobody kept current',
      2,
      { ...FIRST, portMapping: false },
      { ...FIRST, portMapping: false, ...UPDATES },
    ],
    [
      '3',
      3,
      { ...FIRST, portMapping: false, automaticUpdates: false, betaUpdates: true },
      { ...FIRST, portMapping: false, automaticUpdates: false, betaUpdates: true },
    ],
  ])('as settings of version %s goes on, and nothing of it is lost', async (_, version, stored, read) => {
    const policy = { autoAcceptBytes: 1000, allowUnencrypted: true }
    const lastAccount = { address: 'a@b.c', server: { host: 'xmpp.b.c', port: 5222 } }
    await write('settings.json', {
      version,
      settings: stored,
      downloadFolder: '/data',
      lastAccount,
      device: 'Plumb-0a1b',
      policies: { 'a@b.c': { 'anna@b.c': policy } },
    })
    openSettings(folder, '/d').change({ theme: 'light' })
    expect(await versionOf('settings.json')).toBe(4)
    const settings = openSettings(folder, '/d')
    expect(settings.damage).toBeUndefined()
    expect(settings.settings).toEqual({ ...read, ...TOLD, theme: 'light' })
    expect(settings.downloadFolder).toBe('/data')
    expect(settings.accounts).toEqual([lastAccount])
    expect(settings.device).toBe('Plumb-0a1b')
    expect(settings.policyOf('a@b.c', 'anna@b.c')).toEqual(policy)
  })

  test('as a list of transfers goes on: all went directly, and nothing was a folder', async () => {
    const old = {
      person: 'anna@example.org',
      direction: 'in',
      name: 'a.txt',
      size: 1000,
      at: 1_750_000_000_000,
      state: { kind: 'done', at: 1_750_000_001_000, seconds: 1, sha256: 'ab'.repeat(32) },
      receipt: { method: 'dtcp', network: 'local', encrypted: true, verified: true, code: '1 2 3 4 5 6' },
      canRetry: false,
      hasFile: true,
    }
    const failure = { code: 'peer-offline', message: 'anna is not online.' }
    const failed = {
      ...old,
      direction: 'out',
      state: { kind: 'failed', at: 1, bytes: 0, failure },
      receipt: null,
    }
    await write('transfers.json', {
      version: 1,
      transfers: [
        { shown: { ...old, id: 't1' }, path: '/d/a.txt' },
        { shown: { ...failed, id: 't2', canRetry: true }, path: '/home/a.txt' },
        {
          shown: { ...old, id: 't3', state: { kind: 'connecting' }, receipt: null, hasFile: false },
          path: null,
        },
      ],
    })
    const list = openOldTransferList(folder, 'me@b.c')
    expect(list.damage).toBeUndefined()
    const added = {
      files: null,
      attempts: [],
      resumedFrom: null,
      restarted: false,
      canPause: false,
      listed: true,
      picture: null,
    }
    const person = 'me@b.c anna@example.org'
    expect(list.transfers).toEqual([
      {
        shown: { ...old, ...added, person, id: 't1', receipt: { ...old.receipt, relay: 'none' } },
        path: '/d/a.txt',
      },
      { shown: { ...failed, ...added, person, id: 't2', canRetry: true }, path: '/home/a.txt' },
      {
        shown: {
          ...old,
          ...added,
          person,
          id: 't3',
          state: { kind: 'connecting' },
          receipt: null,
          hasFile: false,
        },
        path: null,
      },
    ])
    list.remove()
    expect(await readdir(folder)).toEqual([])
    expect(openOldTransferList(folder, 'me@b.c').transfers).toEqual([])
  })
})
