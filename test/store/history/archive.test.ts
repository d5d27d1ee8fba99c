import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ArchiveEntry, ArchivePage, LiveNote } from '../../../main/store/history/shapes.ts'
import {
  ANNA,
  BEN,
  type Bench,
  entry,
  incoming,
  ME,
  MINUTE,
  NOW,
  open,
  outgoing,
  page,
  SECOND,
  summary,
  texts,
} from './rig.ts'

/** Messages a1, a2, … of Anna, a minute apart, the last one now. */
function messages(count: number): readonly ArchiveEntry[] {
  return Array.from({ length: count }, (_, index) =>
    entry(`a${index + 1}`, {
      text: `m${index + 1}`,
      stanzaId: `s${index + 1}`,
      at: NOW - (count - 1 - index) * MINUTE,
    }),
  )
}

describe('forwards', () => {
  test('entries are added in order and unread, and move the place', () => {
    const bench = open()
    const answer = bench.history.noteArchive(ME, page('forwards', messages(3), { last: 'z' }))
    expect(answer.added.map(({ text, state }) => [text, state])).toEqual([
      ['m1', 'received'],
      ['m2', 'received'],
      ['m3', 'received'],
    ])
    expect(answer).toMatchObject({ changed: [], summaries: [{ address: ANNA, unread: 3 }], reordered: [] })
    expect(bench.history.archivePlace(ME)).toEqual({ inStepUpTo: 'z', at: NOW })
    expect(bench.history.openAccount(ME).inStep).toBe(true)
  })

  test('what is known is only learned', () => {
    const bench = open()
    const note = incoming('m2', { stanzaId: 's2', at: NOW - MINUTE })
    const live = bench.history.noteLive(ME, note)
    const answer = bench.history.noteArchive(ME, page('forwards', messages(3)))
    expect(answer.added.map(({ text }) => text)).toEqual(['m1', 'm3'])
    expect(answer).toMatchObject({ changed: [], reordered: [ANNA] })
    expect(texts(bench)).toEqual(['m1', 'm2', 'm3'])
    const id = live.kind === 'new' ? live.message.id : ''
    expect(bench.history.find(id)).toMatchObject({ archiveId: 'a2' })
  })

  test('what we sent from another device moves the read mark', () => {
    const bench = open()
    const entries = [...messages(3)]
    entries.splice(2, 0, entry('b', { text: 'mine', direction: 'out', at: NOW - MINUTE }))
    bench.history.noteArchive(ME, page('forwards', entries))
    expect(summary(bench)).toMatchObject({ unread: 1, last: { text: 'm3' } })
    expect(texts(bench)).toEqual(['m1', 'm2', 'mine', 'm3'])
  })

  test('what came while something was written without a connection is unread, and stays so', () => {
    const bench = open()
    bench.history.noteArchive(ME, page('forwards', messages(1)))
    bench.history.markRead(ME, ANNA, 'all')
    const id = crypto.randomUUID()
    bench.now = NOW + 10 * MINUTE
    bench.history.noteLive(ME, outgoing('written', { id, stanzaId: id, at: bench.now }))
    const missed = entry('a2', { text: 'missed', stanzaId: 's2', at: NOW + 5 * MINUTE })
    bench.history.noteArchive(ME, page('forwards', [missed]))
    expect(summary(bench)).toMatchObject({ unread: 1 })
    bench.now = NOW + 20 * MINUTE
    expect(bench.history.moveToEnd(id)?.summary).toMatchObject({ unread: 1 })
    bench.history.settle(ME, ANNA, id, 'sent')
    expect(texts(bench)).toEqual(['m1', 'missed', 'written'])
    const sent = entry('a3', { text: 'written', direction: 'out', stanzaId: id, at: bench.now })
    bench.history.noteArchive(ME, page('forwards', [sent]))
    expect(summary(bench)).toMatchObject({ unread: 1 })
    expect(bench.history.markRead(ME, ANNA, 'all').summary).toMatchObject({ unread: 0 })
  })

  test('what became of messages makes no conversation with whom nothing was said', () => {
    const bench = open()
    const marks = Array.from({ length: 5 }, (_, index) => `stranger${index}@evil.test`).map(
      (address, index) => entry(`a${index}`, { address, text: undefined, receipt: 'r', displayed: 'd' }),
    )
    bench.history.noteArchive(ME, page('forwards', marks))
    const raw = new DatabaseSync(join(bench.folder, 'history.db'), { readOnly: true })
    expect(raw.prepare('SELECT address FROM conversation').all()).toEqual([])
    raw.close()
  })

  test.each<[string, Partial<LiveNote>]>([
    ['without any id', {}],
    ['by a clock that is hours off', { stanzaId: 's', at: NOW + 14 * 60 * MINUTE }],
    ['without any id, by a clock that is minutes off', { at: NOW - 9 * MINUTE }],
    ['of ours', { direction: 'out', state: 'sent', stanzaId: 's', at: NOW + 14 * 60 * MINUTE }],
  ])('what came live %s is known, and as often as it came', (_, more) => {
    const bench = open()
    bench.now = more.at ?? NOW
    const { stanzaId, direction = 'in' } = more
    bench.history.noteLive(ME, incoming('ok', more))
    const twice = [entry('a1', { text: 'ok', stanzaId, direction }), entry('a2', { text: 'ok', direction })]
    bench.history.noteArchive(ME, page('forwards', twice))
    expect(texts(bench)).toEqual(['ok', 'ok'])
    bench.history.noteArchive(ME, page('forwards', twice))
    expect(texts(bench)).toEqual(['ok', 'ok'])
  })

  test('what was being sent when the program was killed is found to have been sent', () => {
    const bench = open()
    bench.history.noteLive(ME, outgoing('mine', { id: 'id-1', stanzaId: 'id-1' }))
    const mine = entry('a1', { text: 'mine', direction: 'out', originId: 'id-1' })
    const answer = bench.history.noteArchive(ME, page('forwards', [mine]))
    expect(answer).toMatchObject({ added: [], changed: [{ id: 'id-1', state: 'sent' }] })
    expect(bench.history.unsent(ME)).toEqual([])
  })

  test('marks of theirs change what we sent, and ours of another device what is unread', () => {
    const bench = open()
    const sent = (id: string): ArchiveEntry =>
      entry(id, { text: id, direction: 'out', stanzaId: id, at: NOW - MINUTE })
    const mark = (id: string, more: Partial<ArchiveEntry>): ArchiveEntry =>
      entry(id, { text: undefined, ...more })
    const answer = bench.history.noteArchive(
      ME,
      page('forwards', [
        sent('1'),
        sent('2'),
        sent('3'),
        mark('r', { receipt: '3' }),
        mark('d', { displayed: '2' }),
        ...messages(3),
        mark('o', { direction: 'out', displayed: 's2' }),
        // Ours say nothing of what became of ours.
        mark('p', { direction: 'out', receipt: '3' }),
        mark('q', { displayed: 'nobody knows' }),
      ]),
    )
    expect(answer.added.map(({ text, state }) => [text, state])).toEqual([
      ['1', 'displayed'],
      ['2', 'displayed'],
      ['3', 'delivered'],
      ['m1', 'received'],
      ['m2', 'received'],
      ['m3', 'received'],
    ])
    expect(summary(bench)).toMatchObject({ unread: 1 })
  })

  test('marks that come live before what they are about hold for it', () => {
    const bench = open()
    bench.history.noteArchive(ME, page('forwards', messages(1)))
    expect(bench.history.settle(ME, ANNA, 'o1', 'displayed')).toEqual([])
    expect(bench.history.settle(ME, ANNA, 'o2', 'delivered')).toEqual([])
    expect(bench.history.settle(ME, ANNA, 'o3', 'failed', 'refused')).toEqual([])
    bench.history.markRead(ME, ANNA, { stanzaId: 's3' })
    const sent = ['o1', 'o2', 'o3'].map(id => entry(id, { text: id, stanzaId: id, direction: 'out' }))
    const theirs = ['2', '3', '4'].map(id => entry(`a${id}`, { text: id, stanzaId: `s${id}` }))
    bench.history.noteArchive(ME, page('forwards', [...sent, ...theirs]))
    const { messages: shown } = bench.history.page(ME, ANNA, { kind: 'newest' }, 10)
    expect(shown.filter(({ direction }) => direction === 'out').map(({ state }) => state)).toEqual([
      'displayed',
      'delivered',
      'sent',
    ])
    expect(summary(bench)).toMatchObject({ unread: 1 })
  })

  test('a mark on a later page changes what was there', () => {
    const bench = open()
    const sent = entry('1', { text: 'mine', direction: 'out', stanzaId: '1' })
    bench.history.noteArchive(ME, page('forwards', [sent]))
    const mark = entry('2', { text: undefined, displayed: '1' })
    expect(bench.history.noteArchive(ME, page('forwards', [mark]))).toMatchObject({
      added: [],
      changed: [{ text: 'mine', state: 'displayed' }],
    })
  })

  test('a correction changes its original, and shows as no message where that is not there', () => {
    const bench = open()
    bench.history.noteArchive(
      ME,
      page('forwards', [
        entry('a1', { text: 'helo', stanzaId: 's1' }),
        entry('a2', { text: 'hello', stanzaId: 's2', replaces: 's1' }),
        entry('a3', { text: 'of something older', stanzaId: 's3', replaces: 's0' }),
      ]),
    )
    expect(texts(bench)).toEqual(['hello'])
    const before = [entry('a0', { text: 'older', stanzaId: 's0', at: NOW - MINUTE })]
    bench.history.noteArchive(ME, page('backwards', before, { with: ANNA }))
    expect(texts(bench)).toEqual(['of something older', 'hello'])
  })

  test('an empty page moves nothing', () => {
    const bench = open()
    bench.history.noteArchive(ME, page('forwards', messages(1)))
    const answer = bench.history.noteArchive(ME, page('forwards', [], { complete: true }))
    expect(answer).toEqual({ added: [], changed: [], summaries: [], reordered: [] })
    expect(bench.history.archivePlace(ME).inStepUpTo).toBe('a1')
  })

  test('stamps of whole seconds, of a clock that was off, and of nonsense keep the order', () => {
    const bench = open()
    const stamps = [NOW, NOW, NOW - 60 * MINUTE, NOW, Number.NaN, Number.POSITIVE_INFINITY, -1, NOW]
    const entries = stamps.map((at, index) => entry(`a${index}`, { text: `m${index}`, at }))
    bench.history.noteArchive(ME, page('forwards', entries.slice(0, 3)))
    bench.history.noteArchive(ME, page('forwards', entries.slice(3)))
    expect(texts(bench)).toEqual(entries.map(({ text }) => text))
  })
})

describe('backwards', () => {
  test('the first synchronisation counts as read, and is in step with the newest', () => {
    const bench = open()
    const all = messages(6)
    bench.history.noteArchive(ME, page('backwards', all.slice(3)))
    expect(bench.history.archivePlace(ME)).toEqual({ inStepUpTo: 'a6', at: NOW })
    const answer = bench.history.noteArchive(ME, page('backwards', all.slice(0, 3), { complete: true }))
    expect(answer.added.map(({ text }) => text)).toEqual(['m1', 'm2', 'm3'])
    expect(answer).toMatchObject({ reordered: [ANNA], summaries: [{ unread: 0, last: { text: 'm6' } }] })
    expect(bench.history.archivePlace(ME)).toEqual({ inStepUpTo: 'a6', at: NOW })
    expect(bench.history.archiveEdge(ME, ANNA)).toEqual({ oldest: 'a1', complete: true })
    expect(texts(bench)).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'm6'])
    bench.history.noteArchive(ME, page('forwards', [entry('a7', { text: 'm7' })]))
    expect(texts(bench).at(-1)).toBe('m7')
    expect(summary(bench)).toMatchObject({ unread: 1 })
  })

  test('what was said before there was an archive stays before what that has', () => {
    const bench = open()
    bench.now = NOW - 3 * 24 * 60 * MINUTE
    bench.history.noteLive(ME, incoming('once', { stanzaId: 'o1', at: bench.now }))
    bench.history.noteLive(ME, outgoing('and then', { stanzaId: 'o2', at: bench.now, state: 'sent' }))
    bench.now = NOW
    bench.history.noteLive(ME, incoming('live', { stanzaId: 's5' }))
    bench.history.noteArchive(ME, page('backwards', messages(4).slice(2)))
    bench.history.noteArchive(ME, page('backwards', messages(4).slice(0, 2), { complete: true }))
    expect(texts(bench)).toEqual(['once', 'and then', 'm1', 'm2', 'm3', 'm4', 'live'])
  })

  test('what came live meanwhile stays unread', () => {
    const bench = open()
    bench.history.noteLive(ME, incoming('now', { archiveId: 'a7' }))
    bench.history.noteArchive(ME, page('backwards', [...messages(6), entry('a7', { text: 'now' })]))
    expect(summary(bench)).toMatchObject({ unread: 1, last: { text: 'now' } })
  })

  test('of one person, the edge moves and everything else stays', () => {
    const bench = open()
    const all = messages(6)
    bench.history.noteArchive(ME, page('forwards', all.slice(4)))
    expect(bench.history.archiveEdge(ME, ANNA)).toEqual({ oldest: 'a5', complete: false })
    const older = page('backwards', all.slice(2, 4), { with: ANNA, first: 'receipt-before-a3' })
    expect(bench.history.noteArchive(ME, older)).toMatchObject({
      summaries: [{ unread: 2 }],
      reordered: [],
    })
    expect(bench.history.archiveEdge(ME, ANNA)).toEqual({ oldest: 'receipt-before-a3', complete: false })
    expect(bench.history.archivePlace(ME).inStepUpTo).toBe('a6')
    const oldest = page('backwards', [...all.slice(0, 2), entry('b', { text: 'x', address: BEN })], {
      with: ANNA,
      complete: true,
    })
    bench.history.noteArchive(ME, oldest)
    expect(bench.history.archiveEdge(ME, ANNA)).toEqual({ oldest: 'a1', complete: true })
    expect(texts(bench)).toEqual(all.map(({ text }) => text))
    expect(texts(bench, BEN)).toEqual([])
  })

  test('the archive of one person may have nothing', () => {
    const { history } = open()
    history.noteArchive(ME, page('backwards', [], { with: ANNA, complete: true }))
    expect(history.archiveEdge(ME, ANNA)).toEqual({ oldest: null, complete: true })
    expect(history.openAccount(ME).conversations).toEqual([])
    expect(history.archiveEdge(ME, BEN)).toEqual({ oldest: null, complete: false })
  })

  test('marks and corrections come before what they are about, and hold for it', () => {
    const bench = open()
    const sent = (id: string): ArchiveEntry =>
      entry(id, { text: id, direction: 'out', stanzaId: id, at: NOW - MINUTE })
    const all: ArchiveEntry[] = [
      sent('1'),
      sent('2'),
      sent('3'),
      entry('c1', { text: '2, corrected', direction: 'out', stanzaId: 'c1', replaces: '2' }),
      entry('c2', { text: '2, corrected again', direction: 'out', stanzaId: 'c2', replaces: '2' }),
      entry('d', { text: undefined, displayed: '2' }),
      entry('r', { text: undefined, receipt: '3' }),
    ]
    // One a page, the newest first; the two corrections are of the same second.
    for (const each of all.toReversed()) bench.history.noteArchive(ME, page('backwards', [each]))
    const { messages: shown } = bench.history.page(ME, ANNA, { kind: 'newest' }, 10)
    expect(shown.map(({ text, state }) => [text, state])).toEqual([
      ['1', 'displayed'],
      ['2, corrected again', 'displayed'],
      ['3', 'delivered'],
    ])
  })
})

describe('the place in the archive', () => {
  test('moves with what comes live while in step', () => {
    const bench = open()
    bench.history.noteArchive(ME, page('forwards', messages(2)))
    bench.now = NOW + MINUTE
    bench.history.noteLive(ME, incoming('m3', { archiveId: 'a3' }))
    bench.history.archiveLearned(ME, 'a3')
    expect(bench.history.archivePlace(ME)).toEqual({ inStepUpTo: 'a3', at: NOW + MINUTE })
    // Its stamp is older than the message that came live; the archive has it later.
    bench.history.noteArchive(ME, page('forwards', [entry('a4', { text: 'm4', at: NOW })]))
    expect(texts(bench)).toEqual(['m1', 'm2', 'm3', 'm4'])
  })

  test('that the server lost leaves its time, and what is read again is known', () => {
    const bench = open()
    bench.history.noteArchive(ME, page('forwards', messages(3)))
    bench.history.markRead(ME, ANNA, 'all')
    bench.history.archiveLost(ME)
    expect(bench.history.archivePlace(ME)).toEqual({ inStepUpTo: null, at: NOW })
    const anew = [...messages(3), entry('x', { text: 'm4' })].map((each, index) => ({
      ...each,
      archiveId: `new${index}`,
    }))
    const answer = bench.history.noteArchive(ME, page('forwards', anew))
    expect(answer.added.map(({ text }) => text)).toEqual(['m4'])
    expect(bench.history.archivePlace(ME).inStepUpTo).toBe('new3')
    expect(texts(bench)).toEqual(['m1', 'm2', 'm3', 'm4'])
    expect(summary(bench)).toMatchObject({ unread: 1 })
  })

  test('that the server lost has new ones behind those of the same second', () => {
    const bench = open()
    bench.history.noteArchive(ME, page('forwards', messages(1)))
    bench.history.noteLive(ME, incoming('live', { archiveId: 'l', at: NOW + 300 }))
    bench.history.archiveLearned(ME, 'l')
    bench.history.archiveLost(ME)
    bench.history.noteArchive(ME, page('forwards', [entry('new', { text: 'new', at: NOW })]))
    expect(texts(bench)).toEqual(['m1', 'live', 'new'])
  })

  test('of an archive with nothing in it is its beginning', () => {
    const { history } = open()
    history.noteArchive(ME, page('backwards', [], { complete: true }))
    expect(history.archivePlace(ME)).toEqual({ inStepUpTo: null, at: 0 })
    history.noteLive(ME, incoming('m1', { archiveId: 'a1' }))
    history.archiveLearned(ME, 'a1')
    expect(history.archivePlace(ME)).toEqual({ inStepUpTo: 'a1', at: NOW })
  })

  test('does not come of a live message where the archive was never read', () => {
    const { history } = open()
    history.archiveLearned(ME, 'a1')
    history.noteLive(ME, incoming('m2', { archiveId: 'a2' }))
    history.archiveLearned(ME, 'a2')
    expect(history.archivePlace(ME)).toEqual({ inStepUpTo: null, at: null })
  })

  test('of an account of which nothing is known is nowhere', () => {
    const { history } = open()
    expect(history.archivePlace(ME)).toEqual({ inStepUpTo: null, at: null })
    history.archiveLost(ME)
    expect(history.openAccount(ME).inStep).toBe(false)
  })
})

describe('whatever comes live meanwhile, and in whatever pages the archive comes', () => {
  interface Plan {
    readonly stamps: readonly number[]
    readonly people: readonly boolean[]
    readonly own: readonly boolean[]
    /** Which entries come live, in which order, how their ids are known, and after which page. */
    readonly live: readonly { index: number; ids: 'archive' | 'origin' | 'stanza'; after: number }[]
    readonly pageSize: number
    readonly clocks: readonly number[]
  }
  const COUNT = 12
  const plan: fc.Arbitrary<Plan> = fc.record({
    // Whole seconds, many the same, some going back.
    stamps: fc.array(
      fc.integer({ min: 0, max: 5 }).map(seconds => NOW + seconds * SECOND),
      { minLength: COUNT, maxLength: COUNT },
    ),
    people: fc.array(fc.boolean(), { minLength: COUNT, maxLength: COUNT }),
    own: fc.array(fc.boolean(), { minLength: COUNT, maxLength: COUNT }),
    live: fc.uniqueArray(
      fc.record({
        index: fc.integer({ min: 0, max: COUNT - 1 }),
        ids: fc.constantFrom('archive' as const, 'origin' as const, 'stanza' as const),
        after: fc.integer({ min: 0, max: COUNT }),
      }),
      { maxLength: COUNT, selector: ({ index }) => index },
    ),
    pageSize: fc.integer({ min: 1, max: COUNT }),
    clocks: fc.array(fc.integer({ min: NOW - MINUTE, max: NOW + MINUTE }), {
      minLength: 1,
      maxLength: COUNT,
    }),
  })

  function feed(
    bench: Bench,
    { stamps, people, own, live, pageSize, clocks }: Plan,
    way: ArchivePage['direction'],
  ) {
    const all = stamps.map((at, index) =>
      entry(`a${index}`, {
        text: `m${index}`,
        at,
        address: people[index] ? ANNA : BEN,
        direction: own[index] ? 'out' : 'in',
        stanzaId: `s${index}`,
        originId: `o${index}`,
      }),
    )
    const pages: (readonly ArchiveEntry[])[] = []
    if (way === 'forwards') {
      for (let from = 0; from < COUNT; from += pageSize) pages.push(all.slice(from, from + pageSize))
    } else {
      for (let to = COUNT; to > 0; to -= pageSize) pages.push(all.slice(Math.max(to - pageSize, 0), to))
    }
    const comes = (after: number): void => {
      for (const { index, ids, after: when } of live) {
        const said = all[index]
        if (said === undefined || Math.min(when, pages.length) !== after) continue
        bench.now = clocks[index % clocks.length] ?? NOW
        const { archiveId, stanzaId, originId, text = '', ...rest } = said
        bench.history.noteLive(ME, {
          ...rest,
          text,
          state: rest.direction === 'in' ? 'received' : 'sent',
          archiveId: ids === 'archive' ? archiveId : undefined,
          originId: ids === 'origin' ? originId : undefined,
          stanzaId: ids === 'stanza' ? stanzaId : undefined,
        })
      }
    }
    comes(0)
    pages.forEach((entries, index) => {
      bench.history.noteArchive(ME, page(way, entries, { complete: index === pages.length - 1 }))
      comes(index + 1)
    })
    return all
  }

  test.each(['forwards', 'backwards'] as const)('%s it is the same list once, in its order', way => {
    const bench = open()
    fc.assert(
      fc.property(plan, made => {
        bench.history.deleteAccount(ME)
        const all = feed(bench, made, way)
        for (const address of [ANNA, BEN]) {
          const expected = all.filter(each => each.address === address).map(({ text }) => text)
          expect(texts(bench, address)).toEqual(expected)
        }
      }),
      { numRuns: 300 },
    )
  })
})
