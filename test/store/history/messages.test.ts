import { describe, expect, test } from 'vitest'
import type { LiveNote, Message } from '../../../main/store/history/shapes.ts'
import { ANNA, BEN, entry, incoming, ME, MINUTE, NOW, open, outgoing, page, summary, texts } from './rig.ts'

/** The message of an answer that has one. */
function noted(bench: ReturnType<typeof open>, note: LiveNote): Message {
  const answer = bench.history.noteLive(ME, note)
  if (answer.kind === 'ignored') throw new Error('nothing was noted')
  return answer.message
}

describe('a message', () => {
  test('is there with all that was said of it, and after the file was closed', () => {
    const bench = open()
    const answer = bench.history.noteLive(ME, incoming('hello', { stanzaId: 's1', archiveId: 'a1' }))
    const message = {
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      person: `${ME} ${ANNA}`,
      direction: 'in',
      text: 'hello',
      unstyled: false,
      at: NOW,
      state: 'received',
      failure: null,
      edited: false,
    }
    const line = { kind: 'message', direction: 'in', text: 'hello', at: NOW }
    expect(answer).toEqual({
      kind: 'new',
      message,
      summary: { address: ANNA, unread: 1, last: line, readUpTo: null },
    })
    bench.history.close()
    const again = open({ folder: bench.folder })
    expect(again.history.page(ME, ANNA, { kind: 'newest' }, 10)).toEqual({
      messages: [message],
      transfers: [],
      older: false,
      newer: false,
    })
    expect(again.history.openAccount('other@a.org').conversations).toEqual([])
  })

  test('of ours keeps the id that it is sent under, and whoever writes has read', () => {
    const bench = open()
    noted(bench, incoming('hello'))
    const id = crypto.randomUUID()
    const answer = bench.history.noteLive(ME, outgoing('and hello', { id, stanzaId: id }))
    expect(answer).toMatchObject({ kind: 'new', message: { id, state: 'sending' }, summary: { unread: 0 } })
    expect(summary(bench)?.readUpTo).toBe(id)
  })

  test.each([
    ['nothing', ''],
    ['blanks', ' \n '],
    ['what is not shown', '\u202E\u0007'],
  ])('that says %s is none', (_, text) => {
    const bench = open()
    expect(bench.history.noteLive(ME, incoming(text))).toEqual({ kind: 'ignored' })
    expect(summary(bench)).toBeUndefined()
  })

  test('is made harmless and bounded, and so is all that came with it', () => {
    const bench = open()
    const long = 'x'.repeat(2_000_000)
    const message = noted(
      bench,
      incoming(`a\u202Eb${long}`, {
        stanzaId: long,
        originId: long,
        archiveId: long,
        device: long,
        at: 1e300,
      }),
    )
    expect(message.text.startsWith('ab')).toBe(true)
    expect(message.text.length).toBeLessThanOrEqual(65_536)
    expect(message.at).toBe(4_000_000_000_000)
    expect(summary(bench)?.last?.text).toHaveLength(200)
    expect(bench.history.find(message.id)).toMatchObject({ stanzaId: null, archiveId: null })
    expect(noted(bench, incoming('later', { at: Number.NaN })).at).toBe(0)
    expect(texts(bench).at(-1)).toBe('later')
  })

  test('comes after those before it, whatever the clock says', () => {
    const bench = open()
    for (const [index, now] of [NOW, NOW, NOW - 60 * MINUTE, 0, NOW + 5].entries()) {
      bench.now = now
      noted(bench, incoming(`m${index}`, { at: now }))
    }
    expect(texts(bench)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4'])
    expect(summary(bench)).toMatchObject({ unread: 5, last: { text: 'm4' } })
  })
})

describe('the same message again', () => {
  test.each<[string, Partial<LiveNote>, Partial<LiveNote>]>([
    ['by its archive id', { archiveId: 'a1' }, { archiveId: 'a1', at: NOW + 60 * MINUTE }],
    ['by its origin id', { originId: 'o1' }, { originId: 'o1', archiveId: 'a1', at: NOW + 60 * MINUTE }],
    ['by its stanza id within ten minutes', { stanzaId: '1' }, { stanzaId: '1', at: NOW + 9 * MINUTE }],
    [
      'sent again under one origin id',
      { originId: 'o', archiveId: 'a1' },
      { originId: 'o', archiveId: 'a2' },
    ],
  ])('is known %s', (_, first, second) => {
    const bench = open()
    const { id } = noted(bench, incoming('hello', first))
    expect(bench.history.noteLive(ME, incoming('hello', second))).toMatchObject({
      kind: 'known',
      message: { id },
      summary: { unread: 1 },
    })
    expect(texts(bench)).toEqual(['hello'])
  })

  test.each<[string, Partial<LiveNote>, Partial<LiveNote>]>([
    ['without any id', {}, {}],
    [
      'with a stanza id that is used again later',
      { stanzaId: '1' },
      { stanzaId: '1', at: NOW + 11 * MINUTE },
    ],
    ['with a stanza id that says something else', { stanzaId: '1' }, { stanzaId: '1', text: 'other' }],
    ['with an origin id that says something else', { originId: '1' }, { originId: '1', text: 'other' }],
    ['from somebody else', { stanzaId: '1', originId: '1' }, { stanzaId: '1', originId: '1', address: BEN }],
    ['in the other direction', { originId: '1' }, { originId: '1', direction: 'out' }],
    [
      'that the archive has twice under one stanza id',
      { stanzaId: '1', archiveId: 'a1' },
      { stanzaId: '1', archiveId: 'a2', at: NOW + MINUTE },
    ],
  ])('is another one %s', (_, first, second) => {
    const { history } = open()
    history.noteLive(ME, incoming('hello', first))
    expect(history.noteLive(ME, incoming('hello', second))).toMatchObject({ kind: 'new' })
  })

  test('of ours is known by the id that it was sent under, and learns its archive id', () => {
    const bench = open()
    const id = crypto.randomUUID()
    noted(bench, outgoing('hello', { id, stanzaId: id }))
    const answer = bench.history.noteLive(
      ME,
      outgoing('hello', { stanzaId: 'changed by somebody', originId: id, archiveId: 'a1', state: 'sent' }),
    )
    expect(answer).toMatchObject({ kind: 'known', message: { id, state: 'sent' } })
    expect(bench.history.find(id)).toMatchObject({ stanzaId: id, archiveId: 'a1' })
  })

  test('is known after it was corrected', () => {
    const bench = open()
    noted(bench, incoming('helo', { stanzaId: 's1' }))
    noted(bench, incoming('hello', { stanzaId: 's2', replaces: 's1' }))
    expect(bench.history.noteLive(ME, incoming('helo', { stanzaId: 's1', archiveId: 'a1' }))).toMatchObject({
      kind: 'known',
      message: { text: 'hello', edited: true },
    })
  })

  test('is no message of another account', () => {
    const { history } = open()
    history.noteLive(ME, incoming('hello', { archiveId: 'a1', originId: 'o1' }))
    const other = history.noteLive('other@a.org', incoming('hello', { archiveId: 'a1', originId: 'o1' }))
    expect(other).toMatchObject({ kind: 'new', message: { person: `other@a.org ${ANNA}` } })
  })
})

describe('a correction', () => {
  test('changes the text, and neither place nor what is unread', () => {
    const bench = open()
    const { id } = noted(bench, incoming('helo', { stanzaId: 's1', archiveId: 'a1' }))
    noted(bench, incoming('next', { stanzaId: 's2' }))
    bench.history.markRead(ME, ANNA, 'all')
    const answer = bench.history.noteLive(ME, incoming('hello', { stanzaId: 's3', replaces: 's1' }))
    expect(answer).toMatchObject({
      kind: 'corrected',
      message: { id, text: 'hello', edited: true, at: NOW },
      summary: { unread: 0, last: { text: 'next' } },
    })
    expect(texts(bench)).toEqual(['hello', 'next'])
    expect(bench.history.find(id)?.archiveId).toBe('a1')
    expect(bench.history.search([ME], 'helo', 10).messages).toEqual([])
    expect(bench.history.search([ME], 'hello', 10).messages).toHaveLength(1)
  })

  test('of a correction corrects the first', () => {
    const bench = open()
    noted(bench, incoming('a', { stanzaId: 's1' }))
    noted(bench, incoming('b', { stanzaId: 's2', replaces: 's1' }))
    noted(bench, incoming('c', { stanzaId: 's3', replaces: 's2' }))
    expect(texts(bench)).toEqual(['c'])
  })

  test.each<[string, Partial<LiveNote>]>([
    ['somebody else', { address: BEN }],
    ['the other side', { direction: 'out' }],
    ['nobody', { replaces: 's9' }],
  ])('by %s changes nothing, and is no message either', (_, more) => {
    const bench = open()
    noted(bench, incoming('mine', { stanzaId: 's1' }))
    const forged = incoming('forged', { stanzaId: 's2', replaces: 's1', ...more })
    expect(bench.history.noteLive(ME, forged)).toEqual({ kind: 'ignored' })
    expect(texts(bench)).toEqual(['mine'])
    expect(texts(bench, BEN)).toEqual([])
  })

  test('that was there before its original is applied once that comes, the later of two', () => {
    const bench = open()
    for (const [text, at] of [
      ['second', NOW + 2],
      ['third', NOW + 3],
      ['first', NOW + 1],
    ] as const) {
      const held = incoming(text, { stanzaId: text, replaces: 's1', at })
      expect(bench.history.noteLive(ME, held)).toEqual({ kind: 'ignored' })
    }
    expect(noted(bench, incoming('original', { stanzaId: 's1' }))).toMatchObject({
      text: 'third',
      edited: true,
    })
    noted(bench, incoming('older', { stanzaId: 'older', replaces: 's1', at: NOW + 2 }))
    expect(texts(bench)).toEqual(['third'])
  })

  test('says for itself whether its text is to be styled, whenever it comes', () => {
    const bench = open()
    const original = incoming('*a*', { stanzaId: 's1', unstyled: true })
    const corrected = incoming('*b*', { stanzaId: 's2', replaces: 's1', at: NOW + 1 })
    expect(noted(bench, original).unstyled).toBe(true)
    expect(noted(bench, corrected).unstyled).toBe(false)
    const early = { stanzaId: 's4', replaces: 's3', unstyled: true, at: NOW + 2 }
    bench.history.noteLive(ME, incoming('*d*', early))
    expect(noted(bench, incoming('*c*', { stanzaId: 's3' }))).toMatchObject({ text: '*d*', unstyled: true })
    expect(bench.history.search([ME], 'd', 5).messages).toMatchObject([{ unstyled: true }])
  })

  test('is not applied twice, also where the archive has another time of it', () => {
    const bench = open()
    noted(bench, incoming('a', { stanzaId: 's1' }))
    noted(bench, incoming('b', { stanzaId: 's2', replaces: 's1', at: NOW + 1 }))
    noted(bench, incoming('c', { stanzaId: 's3', replaces: 's1', at: NOW + 2 }))
    const again = incoming('b', { stanzaId: 's2', replaces: 's1', at: NOW + 60 * MINUTE, archiveId: 'a2' })
    expect(bench.history.noteLive(ME, again)).toMatchObject({ kind: 'known', message: { text: 'c' } })
  })

  test('of what will not come is shown for itself, once, and corrected again', () => {
    const bench = open()
    const alone = (text: string, id: string, more: Partial<LiveNote> = {}) =>
      incoming(text, { stanzaId: id, replaces: 's1', archiveId: `a-${id}`, standsAlone: true, ...more })
    const { id } = noted(bench, alone('helo', 'c1'))
    expect(bench.history.noteLive(ME, alone('helo', 'c1'))).toMatchObject({ kind: 'known', message: { id } })
    expect(noted(bench, alone('hello', 'c2', { at: NOW + 1 }))).toMatchObject({ id, text: 'hello' })
    expect(texts(bench)).toEqual(['hello'])
    expect(summary(bench)).toMatchObject({ unread: 1 })
  })

  test('waits among a thousand at most, the newest', () => {
    const bench = open()
    for (let index = 0; index < 1_001; index++) {
      bench.history.noteLive(ME, incoming('corrected', { stanzaId: `c${index}`, replaces: `s${index}` }))
    }
    for (const index of [0, 1, 1_000]) noted(bench, incoming('original', { stanzaId: `s${index}` }))
    expect(texts(bench)).toEqual(['original', 'corrected', 'corrected'])
  })
})

describe('what became of a message', () => {
  const send = (bench: ReturnType<typeof open>, id: string): Message =>
    noted(bench, outgoing(id, { id, stanzaId: id }))
  const state = (bench: ReturnType<typeof open>, id: string): string | undefined =>
    bench.history.find(id)?.message.state

  test.each([
    [['sent', 'delivered', 'displayed'], 'displayed'],
    [['delivered', 'sent'], 'delivered'],
    [['displayed', 'delivered', 'sent', 'failed'], 'displayed'],
    [['sent', 'failed'], 'failed'],
    [['failed', 'sent', 'delivered'], 'failed'],
    [['delivered', 'failed'], 'delivered'],
  ] as const)('after %j is %s', (steps, end) => {
    const bench = open()
    send(bench, 'm1')
    for (const step of steps) bench.history.settle(ME, ANNA, 'm1', step, 'It did not arrive.')
    expect(bench.history.find('m1')?.message).toMatchObject({
      state: end,
      failure: end === 'failed' ? 'It did not arrive.' : null,
    })
  })

  test('displayed holds for all before it that were sent, delivered for one alone', () => {
    const bench = open()
    for (const id of ['m1', 'm2', 'm3', 'm4', 'm5']) send(bench, id)
    for (const id of ['m1', 'm3', 'm4', 'm5']) bench.history.settle(ME, ANNA, id, 'sent')
    expect(bench.history.settle(ME, ANNA, 'm3', 'delivered').map(({ id }) => id)).toEqual(['m3'])
    const changed = bench.history.settle(ME, ANNA, 'm4', 'displayed')
    expect(changed.map(({ id, state }) => [id, state])).toEqual([
      ['m1', 'displayed'],
      ['m3', 'displayed'],
      ['m4', 'displayed'],
    ])
    expect([state(bench, 'm2'), state(bench, 'm5')]).toEqual(['sending', 'sent'])
    expect(bench.history.settle(ME, ANNA, 'm4', 'displayed')).toEqual([])
  })

  test('is told only by the one that it went to', () => {
    const bench = open()
    send(bench, 'm1')
    expect(bench.history.settle(ME, BEN, 'm1', 'displayed')).toEqual([])
    expect(bench.history.settle(ME, ANNA, 'm9', 'displayed')).toEqual([])
    expect(bench.history.settle(ME, ANNA, 'x'.repeat(5_000), 'displayed')).toEqual([])
    expect(state(bench, 'm1')).toBe('sending')
  })

  test('goes on when a failed one is sent again, at the end', () => {
    const bench = open()
    send(bench, 'm1')
    noted(bench, incoming('meanwhile'))
    bench.history.settle(ME, ANNA, 'm1', 'failed', 'No.')
    expect(bench.history.unsent(ME)).toEqual([])
    expect(bench.history.resend('m1')).toMatchObject({ id: 'm1', state: 'sending', failure: null })
    expect(bench.history.resend('m1')).toBeNull()
    expect(bench.history.unsent(ME)).toMatchObject([{ id: 'm1' }])
    bench.now += MINUTE
    expect(bench.history.moveToEnd('m1')).toMatchObject({
      message: { id: 'm1', at: NOW + MINUTE },
      summary: { unread: 0, last: { text: 'm1', at: NOW + MINUTE } },
    })
    expect(texts(bench)).toEqual(['meanwhile', 'm1'])
    expect(bench.history.moveToEnd('m9')).toBeNull()
    bench.history.settle(ME, ANNA, 'm1', 'sent')
    expect(bench.history.moveToEnd('m1')).toBeNull()
  })

  test('the newest of ours is found for correcting it', () => {
    const bench = open()
    expect(bench.history.lastOwn(ME, ANNA)).toBeNull()
    send(bench, 'm1')
    noted(bench, outgoing('elsewhere', { stanzaId: 'other-device', state: 'sent' }))
    noted(bench, incoming('theirs'))
    expect(bench.history.lastOwn(ME, ANNA)).toMatchObject({
      message: { text: 'elsewhere' },
      stanzaId: 'other-device',
    })
  })
})

describe('the read mark', () => {
  function three(): ReturnType<typeof open> {
    const bench = open()
    for (const id of ['1', '2', '3']) {
      noted(bench, incoming(`m${id}`, { stanzaId: `s${id}`, archiveId: `a${id}`, markable: true }))
    }
    return bench
  }

  test('goes to the end, and says once which message to tell of', () => {
    const bench = three()
    expect(bench.history.markRead(ME, ANNA, 'all')).toMatchObject({
      summary: { unread: 0 },
      marker: { stanzaId: 's3', archiveId: 'a3' },
    })
    expect(bench.history.markRead(ME, ANNA, 'all').marker).toBeNull()
    expect(bench.history.markRead(ME, BEN, 'all')).toEqual({ summary: null, marker: null })
  })

  test.each([
    [
      'live',
      (bench: ReturnType<typeof open>, id: string, markable: boolean) => {
        noted(bench, incoming(`m${id}`, { stanzaId: `s${id}`, archiveId: `a${id}`, markable }))
      },
    ],
    [
      'out of the archive',
      (bench: ReturnType<typeof open>, id: string, markable: boolean) => {
        const told = entry(`a${id}`, { text: `m${id}`, stanzaId: `s${id}`, markable })
        bench.history.noteArchive(ME, page('forwards', [told]))
      },
    ],
  ] as const)('tells who sent one that came %s only where they asked for it', (_, come) => {
    const bench = open()
    come(bench, '1', true)
    come(bench, '2', false)
    const read = bench.history.markRead(ME, ANNA, 'all')
    // What is read on our other devices has nothing to do with that.
    expect(read.marker).toEqual({ stanzaId: 's1', archiveId: 'a2' })
    come(bench, '3', false)
    expect(bench.history.markRead(ME, ANNA, 'all').marker).toEqual({ stanzaId: null, archiveId: 'a3' })
  })

  test.each([
    ['an archive id', { archiveId: 'a2' }, 1],
    ['a stanza id', { stanzaId: 's2' }, 1],
    ['an id that nobody knows', { stanzaId: 's9' }, 3],
  ])('goes up to %s', (_, upTo, unread) => {
    expect(three().history.markRead(ME, ANNA, upTo).summary).toMatchObject({ unread })
  })

  test('never goes back', () => {
    const bench = three()
    bench.history.markRead(ME, ANNA, { archiveId: 'a3' })
    expect(bench.history.markRead(ME, ANNA, { archiveId: 'a3' })).toMatchObject({ marker: null })
    // Whoever named it has to hear how far it is really.
    expect(bench.history.markRead(ME, ANNA, { archiveId: 'a1' })).toMatchObject({
      summary: { unread: 0 },
      marker: { stanzaId: 's3', archiveId: 'a3' },
    })
  })

  test('waits for the message of an archive id that is not there yet', () => {
    const bench = open()
    bench.history.markRead(ME, ANNA, { archiveId: 'a2' })
    const entries = ['1', '2', '3'].map(id => entry(`a${id}`, { text: `m${id}`, stanzaId: `s${id}` }))
    bench.history.noteArchive(ME, page('forwards', entries))
    expect(summary(bench)).toMatchObject({ unread: 1 })
  })

  test('goes up to a message that another device knows by its correction', () => {
    const bench = three()
    noted(bench, incoming('m2!', { stanzaId: 'c2', archiveId: 'a4', replaces: 's2' }))
    expect(bench.history.markRead(ME, ANNA, { archiveId: 'a4' }).summary).toMatchObject({ unread: 1 })
  })

  test('of another account’s message does nothing', () => {
    const bench = three()
    bench.history.noteLive('other@a.org', incoming('x', { archiveId: 'b1' }))
    expect(bench.history.markRead(ME, ANNA, { archiveId: 'b1' }).summary).toMatchObject({ unread: 3 })
  })
})

describe('a page', () => {
  function ten(): { bench: ReturnType<typeof open>; ids: readonly string[] } {
    const bench = open()
    const ids = Array.from({ length: 10 }, (_, index) => {
      bench.now = NOW + index * MINUTE
      return noted(bench, incoming(`m${index}`, { at: bench.now })).id
    })
    return { bench, ids }
  }

  test.each([
    ['newest', undefined, 3, ['m7', 'm8', 'm9'], true, false],
    ['newest', undefined, 10, ['m0', 'm9'], false, false],
    ['before', 3, 2, ['m1', 'm2'], true, true],
    ['before', 3, 5, ['m0', 'm2'], false, true],
    ['before', 0, 5, [], false, true],
    ['after', 6, 2, ['m7', 'm8'], true, true],
    ['after', 6, 3, ['m7', 'm9'], true, false],
    ['after', 9, 3, [], true, false],
    ['around', 5, 5, ['m3', 'm7'], true, true],
    ['around', 0, 4, ['m0', 'm2'], false, true],
    ['around', 9, 4, ['m8', 'm9'], true, false],
    ['newest', undefined, -1, ['m9'], true, false],
  ] as const)('%s of %s with %i holds %j', (kind, index, limit, ends, older, newer) => {
    const { bench, ids } = ten()
    const where = kind === 'newest' ? { kind } : { kind, id: ids[index ?? 0] ?? '' }
    const read = bench.history.page(ME, ANNA, where, limit)
    expect({ older: read.older, newer: read.newer }).toEqual({ older, newer })
    const shown = read.messages.map(({ text }) => text)
    expect([shown.at(0), shown.at(-1)]).toEqual([ends.at(0), ends.at(-1)])
    const numbers = shown.map(text => Number(text.slice(1)))
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
  })

  test.each([
    ['between two', 4.5, ['m3', 'm4', 'm5', 'm6']],
    ['of one', 4, ['m3', 'm4', 'm5', 'm6']],
    ['before all', -5, ['m0', 'm1']],
    ['after all', 50, ['m8', 'm9']],
  ])('around a time %s holds what was said there', (_, minutes, texts) => {
    const { bench } = ten()
    const read = bench.history.page(ME, ANNA, { kind: 'at', at: NOW + minutes * MINUTE }, 4)
    expect(read.messages.map(({ text }) => text)).toEqual(texts)
  })

  test('of a message that is nowhere, or elsewhere, is empty', () => {
    const { bench } = ten()
    const { id } = noted(bench, incoming('x', { address: BEN }))
    const empty = { messages: [], transfers: [], older: false, newer: false }
    expect(bench.history.page(ME, ANNA, { kind: 'around', id: 'nowhere' }, 5)).toEqual(empty)
    expect(bench.history.page(ME, ANNA, { kind: 'before', id }, 5)).toEqual(empty)
    expect(bench.history.page(ME, 'nobody@d.org', { kind: 'newest' }, 5)).toEqual(empty)
  })
})

describe('a search', () => {
  function said(...lines: readonly string[]): ReturnType<typeof open> {
    const bench = open()
    lines.forEach((text, index) => {
      bench.history.noteLive(ME, incoming(text, { at: NOW + index }))
    })
    return bench
  }
  const find = (bench: ReturnType<typeof open>, text: string, limit = 10): readonly string[] =>
    bench.history.search([ME], text, limit).messages.map(message => message.text)

  test.each([
    ['CREME', ['Crème brûlée']],
    ['brulee crème', ['Crème brûlée']],
    ['ÜBER', ['über uns', 'Übermorgen']],
    ['ﬁle', ['a file']],
    ['uns über', ['über uns']],
    ['brûlée uns', []],
    ['%', []],
    ["' OR 1=1 --", []],
    ['  ', []],
  ])('for %j finds %j', (text, found) => {
    const bench = said('Übermorgen', 'Crème brûlée', 'a file', 'über uns')
    expect(find(bench, text)).toEqual(found)
  })

  test('gives the newest first, and no more than asked for', () => {
    const bench = said('word 1', 'word 2', 'word 3')
    expect(find(bench, 'word')).toEqual(['word 3', 'word 2', 'word 1'])
    expect(find(bench, 'word', 2)).toEqual(['word 3', 'word 2'])
  })

  test('looks only into the accounts that are named', () => {
    const bench = said('mine')
    bench.history.noteLive('other@a.org', incoming('mine, too'))
    expect(find(bench, 'mine')).toEqual(['mine'])
    expect(bench.history.search([ME, 'other@a.org', 'nobody@a.org'], 'mine', 10).messages).toHaveLength(2)
    expect(bench.history.search([], 'mine', 10).messages).toEqual([])
  })
})
