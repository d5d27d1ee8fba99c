import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { HistoryDatabase } from '../../../main/store/history/history-database.ts'
import type { KeptContact } from '../../../main/store/history/shapes.ts'
import { personId } from '../../../shared/model/person-id.ts'
import {
  ANNA,
  BEN,
  entry,
  incoming,
  ME,
  MINUTE,
  NOW,
  open,
  outgoing,
  page,
  summary,
  texts,
  transfer,
} from './rig.ts'

const moving = { kind: 'moving', bytes: 1, bytesPerSecond: 1, secondsLeft: null } as const

describe('transfers', () => {
  test('are kept with their paths, and the newest state counts', () => {
    const { history } = open()
    history.saveTransfers([transfer('t1', { state: moving }), transfer('t2', { at: NOW - MINUTE })])
    const later = { ...transfer('t1', { name: 'renamed.txt' }), path: null }
    history.saveTransfers([later])
    expect(history.transfer('t1')).toEqual(later)
    expect(history.transfer('t9')).toBeNull()
    expect(history.transfers(10).map(({ shown }) => shown.id)).toEqual(['t2', 't1'])
  })

  test('that go on are all given, of the others the newest', () => {
    const { history } = open()
    const at = (minutes: number) => ({ at: NOW + minutes * MINUTE })
    history.saveTransfers([
      transfer('old', { ...at(-3), state: moving }),
      transfer('over1', at(-2)),
      transfer('over2', at(-1)),
      transfer('over3', at(0)),
      transfer('new', { ...at(1), state: moving }),
    ])
    expect(history.transfers(2).map(({ shown }) => shown.id)).toEqual(['old', 'over2', 'over3', 'new'])
    expect(history.transfers(0).map(({ shown }) => shown.id)).toEqual(['old', 'new'])
  })

  test('stand in the page whose time is theirs, each in one', () => {
    const { history } = open()
    for (let index = 0; index < 6; index++) {
      history.noteLive(ME, incoming(`m${index}`, { at: NOW + index * MINUTE }))
    }
    // Before the first, between two each, at the very time of one, and after the last.
    const times = [-1, 0.5, 1.5, 2, 2.5, 3.5, 7]
    history.saveTransfers(
      times.map((minutes, index) => transfer(`t${index}`, { at: NOW + minutes * MINUTE })),
    )
    const ids = (read: ReturnType<typeof history.page>) => read.transfers.map(({ id }) => id)
    const newest = history.page(ME, ANNA, { kind: 'newest' }, 2)
    expect(ids(newest)).toEqual(['t6'])
    const older = (read: typeof newest) =>
      history.page(ME, ANNA, { kind: 'before', id: read.messages[0]?.id ?? '' }, 2)
    const middle = older(newest)
    expect(ids(middle)).toEqual(['t3', 't4', 't5'])
    expect(ids(older(middle))).toEqual(['t0', 't1', 't2'])
    expect(ids(older(older(middle)))).toEqual([])
  })

  test('stand in a conversation in which nothing was said', () => {
    const bench = open()
    bench.history.saveTransfers([transfer('t1')])
    expect(bench.history.page(ME, ANNA, { kind: 'newest' }, 10)).toMatchObject({
      messages: [],
      transfers: [{ id: 't1' }],
      older: false,
    })
    expect(summary(bench)).toMatchObject({ unread: 0, last: { kind: 'file', text: 't1.txt' } })
  })

  test('are found by their names', () => {
    const { history } = open()
    history.saveTransfers([
      transfer('t1', { name: 'Übersicht 2026.pdf' }),
      transfer('t2', { name: 'Übersicht 2027.pdf', at: NOW + 1 }),
      transfer('t3', { name: 'Übersicht.pdf', person: personId('other@a.org', ANNA) }),
    ])
    const names = history.search([ME], 'pdf ubersicht', 10).transfers.map(({ name }) => name)
    expect(names).toEqual(['Übersicht 2027.pdf', 'Übersicht 2026.pdf'])
  })

  test('of before are taken over once', () => {
    const { history } = open()
    history.saveTransfers([transfer('t1', { name: 'newer.txt' })])
    history.importTransfers([transfer('t1'), transfer('t2')])
    expect(history.transfer('t1')?.shown.name).toBe('newer.txt')
    history.deletePerson(ME, ANNA)
    history.importTransfers([transfer('t2'), transfer('t3')])
    expect(history.transfers(10)).toEqual([])
  })
})

describe('what is known of people', () => {
  const contacts: readonly KeptContact[] = [
    { address: ANNA, name: 'Anna', subscription: 'both', asked: false, groups: ['Friends', 'Work'] },
    { address: BEN, name: undefined, subscription: 'none', asked: true, groups: [] },
  ]

  test('the contact list is there with its version, whole', () => {
    const { history } = open()
    expect(history.openAccount(ME)).toMatchObject({ contacts: [], rosterVersion: null })
    history.saveContacts(ME, contacts, 'v7')
    expect(history.openAccount(ME)).toMatchObject({ contacts, rosterVersion: 'v7' })
    history.saveContacts(ME, contacts.slice(0, 1), null)
    expect(history.openAccount(ME)).toMatchObject({ contacts: contacts.slice(0, 1), rosterVersion: null })
    expect(history.openAccount('other@a.org').contacts).toEqual([])
  })

  test('profiles are kept by account', () => {
    const { history } = open()
    const profile = { address: ANNA, avatar: 'ab12', nick: 'Änne', at: NOW }
    history.saveProfile(ME, { ...profile, nick: 'Anna' })
    history.saveProfile(ME, profile)
    expect(history.profiles(ME)).toEqual([profile])
    expect(history.profiles('other@a.org')).toEqual([])
  })

  test('pictures are kept, none too large, and those used longest ago make room', () => {
    const bench = open()
    const { history } = bench
    expect(history.saveBlob('avatar', 'k', Uint8Array.of(1, 2, 3))).toBe(true)
    expect(history.blob('avatar', 'k')).toEqual(Uint8Array.of(1, 2, 3))
    expect(history.blob('other', 'k')).toBeNull()
    expect(history.saveBlob('avatar', 'large', new Uint8Array(256 * 1024 + 1))).toBe(false)
    expect(history.blob('avatar', 'large')).toBeNull()
    // 256 of them are 64 MiB, with three bytes too much.
    for (let index = 0; index < 256; index++) {
      bench.now += 1
      history.saveBlob('avatar', `k${index}`, new Uint8Array(256 * 1024))
      if (index === 0) {
        bench.now += 60 * MINUTE
        history.blob('avatar', 'k')
      }
    }
    expect(history.blob('avatar', 'k0')).toBeNull()
    expect([
      history.blob('avatar', 'k'),
      history.blob('avatar', 'k1'),
      history.blob('avatar', 'k255'),
    ]).toEqual([Uint8Array.of(1, 2, 3), new Uint8Array(256 * 1024), new Uint8Array(256 * 1024)])
  })
})

describe('what is deleted', () => {
  test('of a person does not come back with the archive', () => {
    const bench = open()
    const { history } = bench
    history.noteArchive(ME, page('forwards', [entry('a1', { text: 'm1', stanzaId: 's1' })]))
    history.noteLive(ME, incoming('elsewhere', { address: BEN }))
    history.saveTransfers([transfer('over'), transfer('running', { state: moving })])
    bench.now = NOW + MINUTE
    history.deletePerson(ME, ANNA)
    expect(history.page(ME, ANNA, { kind: 'newest' }, 10)).toMatchObject({
      messages: [],
      transfers: [{ id: 'running' }],
    })
    expect(history.search([ME], 'm1', 10)).toEqual({ messages: [], transfers: [] })
    expect(history.archiveEdge(ME, ANNA)).toEqual({ oldest: null, complete: true })
    history.noteArchive(
      ME,
      page('forwards', [
        entry('a1', { text: 'm1', stanzaId: 's1' }),
        entry('a2', { text: 'm2', at: NOW + MINUTE }),
        entry('a3', { text: 'm3', at: NOW + MINUTE + 1 }),
      ]),
    )
    expect(texts(bench)).toEqual(['m3'])
    expect(summary(bench)).toMatchObject({ unread: 1 })
    expect(texts(bench, BEN)).toEqual(['elsewhere'])
  })

  test('of an account is all of it, and of no other', () => {
    const bench = open()
    const { history } = bench
    history.noteLive(ME, incoming('mine'))
    history.noteLive('other@a.org', incoming('others'))
    history.saveTransfers([transfer('t1', { state: moving })])
    history.saveProfile(ME, { address: ANNA, avatar: null, nick: 'A', at: NOW })
    history.noteArchive(ME, page('forwards', [entry('a1', { text: 'x' })]))
    history.deleteAccount(ME)
    expect(history.openAccount(ME)).toEqual({
      contacts: [],
      rosterVersion: null,
      conversations: [],
      inStep: false,
    })
    expect([history.transfers(10), history.profiles(ME)]).toEqual([[], []])
    expect(history.search([ME, 'other@a.org'], 'mine', 10).messages).toEqual([])
    expect(history.openAccount('other@a.org').conversations).toHaveLength(1)
  })

  test.each([
    ['of a person', (history: HistoryDatabase) => history.deletePerson(ME, ANNA)],
    ['of an account', (history: HistoryDatabase) => history.deleteAccount(ME)],
  ])('%s is overwritten in the files at once', (_, remove) => {
    const { history, folder } = open()
    history.noteLive('other@a.org', incoming('what stays'))
    history.noteLive(ME, incoming('a secret that nobody keeps'))
    remove(history)
    const left = () => readdirSync(folder).map(name => readFileSync(join(folder, name), 'latin1'))
    expect(left().join('')).toContain('what stays')
    expect(left().join('')).not.toContain('a secret that nobody keeps')
    history.close()
    expect(left().join('')).not.toContain('a secret that nobody keeps')
  })

  test('of an account takes the pictures along that nobody else needs', () => {
    const { history } = open()
    const [theirs, both, cover] = ['a'.repeat(40), 'b'.repeat(40), 'c'.repeat(40)]
    for (const hash of [theirs, both]) history.saveBlob('avatar', hash, Buffer.from('picture'))
    history.saveBlob('other', cover, Buffer.from('picture'))
    history.saveProfile(ME, { address: ANNA, avatar: theirs, nick: null, at: NOW })
    history.saveProfile(ME, { address: BEN, avatar: both, nick: null, at: NOW })
    history.saveProfile('other@a.org', { address: BEN, avatar: both, nick: null, at: NOW })
    history.deleteAccount(ME)
    const kept = [history.blob('avatar', theirs), history.blob('avatar', both), history.blob('other', cover)]
    expect(kept.map(blob => blob !== null)).toEqual([false, true, true])
  })
})

describe('an export', () => {
  function said(): ReturnType<typeof open> {
    const bench = open()
    bench.history.saveContacts(
      ME,
      [
        { address: ANNA, name: 'Anna', subscription: 'both', asked: false, groups: ['Friends'] },
        { address: BEN, name: undefined, subscription: 'to', asked: false, groups: [] },
      ],
      null,
    )
    bench.history.noteLive(ME, incoming('hello "you"\nthere', { stanzaId: 's1' }))
    bench.history.noteLive(ME, outgoing('hi', { at: NOW + 2 * MINUTE, state: 'sent' }))
    bench.history.noteLive(ME, incoming('elsewhere', { address: 'carl@d.org' }))
    bench.history.saveTransfers([transfer('t1', { at: NOW + MINUTE })])
    return bench
  }
  const conversation = {
    address: ANNA,
    messages: [
      {
        direction: 'in',
        at: '2026-06-15T14:32:00.000Z',
        text: 'hello "you"\nthere',
        state: 'received',
        edited: false,
      },
      { direction: 'out', at: '2026-06-15T14:34:00.000Z', text: 'hi', state: 'sent', edited: false },
    ],
    files: [{ direction: 'in', at: '2026-06-15T14:33:00.000Z', name: 't1.txt', size: 1000, state: 'done' }],
  }
  const anna = { address: ANNA, name: 'Anna', subscription: 'both', groups: ['Friends'] }
  const head = {
    program: 'Plumb',
    what: 'history',
    version: 1,
    account: ME,
    exportedAt: '2026-06-15T14:32:00.000Z',
  }

  test('of a person has what was said and the names of files, and no path', () => {
    const { history, folder } = said()
    const path = join(folder, 'anna.json')
    history.exportPerson(ME, ANNA, path, 'json')
    const text = readFileSync(path, 'utf8')
    expect(JSON.parse(text)).toEqual({ ...head, contacts: [anna], conversations: [conversation] })
    expect(text).not.toContain('/home')
    history.exportPerson(ME, 'nobody@d.org', path, 'json')
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ ...head, contacts: [], conversations: [] })
  })

  test('of an account has everybody', () => {
    const { history, folder } = said()
    const path = join(folder, 'all.json')
    history.exportAccount(ME, path)
    const all = JSON.parse(readFileSync(path, 'utf8'))
    expect(all).toMatchObject({
      ...head,
      contacts: [anna, { address: BEN, name: null, subscription: 'to', groups: [] }],
      conversations: [conversation, { address: 'carl@d.org', messages: [{ text: 'elsewhere' }], files: [] }],
    })
    history.exportAccount('other@a.org', path)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ contacts: [], conversations: [] })
  })

  test('to be read has a line for each, by time', () => {
    const { history, folder } = said()
    const path = join(folder, 'anna.txt')
    history.exportPerson(ME, ANNA, path, 'text')
    const lines = readFileSync(path, 'utf8').replaceAll(/^\d{4}-\d\d-\d\d \d\d/gm, 'TIME')
    expect(lines).toBe(
      [
        `TIME:32  ${ANNA}  hello "you"`,
        '    there',
        `TIME:33  ${ANNA}  [t1.txt]`,
        `TIME:34  ${ME}  hi`,
        '',
      ].join('\n'),
    )
  })

  test('goes on over many pages', () => {
    const { history, folder } = open()
    const many = Array.from({ length: 1_201 }, (_, index) => entry(`a${index}`, { text: `m${index}` }))
    history.noteArchive(ME, page('forwards', many))
    const path = join(folder, 'many.json')
    history.exportPerson(ME, ANNA, path, 'json')
    const { conversations } = JSON.parse(readFileSync(path, 'utf8'))
    expect(conversations[0].messages.map(({ text }: { text: string }) => text)).toEqual(
      many.map(({ text }) => text),
    )
  })

  test('that cannot be written says so, and leaves what was there and nothing besides', async () => {
    const { history, folder } = said()
    await mkdir(join(folder, 'is-a-folder'))
    const before = readdirSync(folder)
    for (const name of ['is-a-folder', 'missing/anna.json']) {
      expect(() => history.exportPerson(ME, ANNA, join(folder, name), 'json')).toThrow(
        expect.objectContaining({ code: 'cannot-write', message: expect.not.stringContaining(folder) }),
      )
    }
    expect(readdirSync(folder)).toEqual(before)
  })

  test('replaces a link, and not what it leads to', () => {
    const { history, folder } = said()
    writeFileSync(join(folder, 'elsewhere'), 'mine')
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'anna.json'))
    history.exportPerson(ME, ANNA, join(folder, 'anna.json'), 'json')
    expect(readFileSync(join(folder, 'elsewhere'), 'utf8')).toBe('mine')
    expect(JSON.parse(readFileSync(join(folder, 'anna.json'), 'utf8'))).toMatchObject(head)
  })
})
