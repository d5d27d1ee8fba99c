import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { accountLabel, isConnectedIn } from '../../renderer/state/accounts.ts'
import { known, reduce, reduceEvent } from '../../renderer/state/reduce.ts'
import {
  correctable,
  flowOf,
  listEntries,
  looksEverywhere,
  targetOf,
} from '../../renderer/state/selectors.ts'
import { type Action, INITIAL, type State } from '../../renderer/state/state.ts'
import { Typing } from '../../renderer/state/typing.ts'
import { excerpt } from '../../renderer/words/excerpt.ts'
import { foundLine } from '../../renderer/words/found.ts'
import { deliveryOf } from '../../renderer/words/message.ts'
import type { Message } from '../../shared/model/message.ts'
import { personId } from '../../shared/model/person-id.ts'
import type { WindowState } from '../../shared/model/window-state.ts'
import { ME, message, NOW, person, SIGNED_IN, transfer, windowState } from './factories.ts'

const ANNA = person({ address: 'anna@example.org', name: 'Anna', unread: 2 })
const BEN = person({ address: 'ben@example.org', name: 'Ben' })
const OTHER = 'jonas@studio.example'

const loaded = (more: Partial<WindowState> = {}): State =>
  reduce(INITIAL, { type: 'loaded', known: known(windowState({ people: [ANNA, BEN], ...more })) })
const doing = (state: State, ...actions: Action[]): State => actions.reduce(reduce, state)
const view = (target?: string): Action => ({
  type: 'view',
  person: ANNA.id,
  ...(target === undefined ? {} : { target: { key: target, where: { kind: 'around', id: target } } }),
})
const READING: Action = { type: 'reading', person: ANNA.id }
/** Messages by their ids: those of ours are in capitals. */
const said = (ids: string): Message[] =>
  ids.split('').map(id => message({ id, text: id, direction: id === id.toUpperCase() ? 'out' : 'in' }))
const page = (where: 'newest' | 'before' | 'around', ids: string, more = {}): Action => ({
  type: 'read',
  person: ANNA.id,
  where,
  page: { messages: said(ids), transfers: [], older: false, newer: false, ...more },
})
const arrive = (state: State, ids: string): State =>
  reduceEvent(state, {
    sequence: (state.known?.sequence ?? 0) + 1,
    name: 'messagesChanged',
    value: said(ids),
  })
const reorder = (state: State): State =>
  reduceEvent(state, {
    sequence: (state.known?.sequence ?? 0) + 1,
    name: 'conversationReordered',
    value: ANNA.id,
  })

describe('the line before what is new', () => {
  const firstUnread = ({ conversation }: State): string | undefined => conversation?.firstUnread

  test('stands before the first that was unread when the conversation was opened', () => {
    expect(firstUnread(doing(loaded(), view(), READING, page('newest', 'aBcDe')))).toBe('c')
  })

  test('does not move for what comes while one reads, nor for what came while it was read', () => {
    const reading = arrive(doing(loaded(), view(), READING), 'f')
    const read = reduce(reading, page('newest', 'abcdef'))
    expect(firstUnread(read)).toBe('d')
    expect(firstUnread(arrive(read, 'gh'))).toBe('d')
    expect(firstUnread(doing(reorder(read), READING, page('newest', 'xabcdef')))).toBe('d')
  })

  test('is found further up, where more was unread than a page holds', () => {
    const read = doing(loaded(), view(), READING, page('newest', 'z', { older: true }))
    expect(firstUnread(read)).toBeUndefined()
    expect(firstUnread(doing(read, READING, page('before', 'vwx')))).toBe('x')
  })

  test('is there no more when somebody comes back', () => {
    const read = doing(loaded(), view(), READING, page('newest', 'abc'))
    const elsewhere = reduce(read, { type: 'view', person: BEN.id })
    const all = reduceEvent(elsewhere, {
      sequence: 1,
      name: 'peopleChanged',
      value: { changed: [{ ...ANNA, unread: 0 }], removed: [] },
    })
    expect(firstUnread(doing(all, view(), READING, page('newest', 'abc')))).toBeUndefined()
    // Where one already is, one stays.
    expect(firstUnread(reduce(read, view()))).toBe('b')
  })

  test('is not guessed from the middle of a conversation', () => {
    const found = doing(loaded(), view('b'), READING, page('around', 'abc', { newer: true }))
    expect(firstUnread(doing(found, { type: 'read-anew' }, READING, page('newest', 'cde')))).toBeUndefined()
  })

  test('is drawn above its message, which then begins a group', () => {
    const messages = said('abc').map((each, index) => ({ ...each, at: NOW + index }))
    const items = flowOf(messages, [], { older: false, newer: false, firstUnread: 'b' }, NOW)
    expect(items.map(({ key }) => key).slice(1)).toEqual(['a', 'new', 'b', 'c'])
    const groups = items.flatMap(item => (item.kind === 'message' ? [[item.joined, item.timed]] : []))
    expect(groups).toEqual([
      [false, true],
      [false, false],
      [true, true],
    ])
  })
})

test('what was edited says so, also amid others', () => {
  const messages = said('abc').map(each => ({ ...each, edited: each.id === 'b' }))
  const items = flowOf(messages, [], { older: false, newer: false }, NOW)
  expect(items.flatMap(item => (item.kind === 'message' ? [item.timed] : []))).toEqual([false, true, true])
})

describe('a correction', () => {
  const read = doing(loaded(), view(), READING, page('newest', 'aBcDe'))

  test('is for the last message of ours that the server has', () => {
    expect(correctable(read.conversation)?.id).toBe('D')
    expect(correctable(undefined)).toBeUndefined()
    for (const state of ['sending', 'failed'] as const) {
      const messages = said('aBcD').map(each => (each.id === 'D' ? { ...each, state } : each))
      expect(correctable(read.conversation && { ...read.conversation, messages })).toBeUndefined()
    }
    // Further down there may be later ones.
    const middle = doing(loaded(), view('B'), READING, page('around', 'aB', { newer: true }))
    expect(correctable(middle.conversation)).toBeUndefined()
  })

  test('leaves the draft as it is, and stays where it was begun', () => {
    const correction = { message: 'D', text: 'Changed' }
    const begun = doing(
      read,
      { type: 'draft', person: ANNA.id, text: 'Half' },
      { type: 'correct', person: ANNA.id, correction },
      { type: 'view', person: BEN.id },
    )
    expect(begun.drafts.get(ANNA.id)).toBe('Half')
    expect(begun.corrections.get(ANNA.id)).toBe(correction)
    const ended = reduce(begun, { type: 'correct', person: ANNA.id, correction: undefined })
    expect(ended.corrections.size).toBe(0)
  })

  test('of an account that signs out is gone with it', () => {
    const accounts = [SIGNED_IN, { ...SIGNED_IN, address: OTHER }]
    const theirs = personId(OTHER, 'anna@example.org')
    const correction = { message: 'x', text: 'x' }
    const state = doing(
      loaded({ accounts }),
      { type: 'correct', person: ANNA.id, correction },
      { type: 'correct', person: theirs, correction },
      { type: 'search', text: 'anna' },
      { type: 'found', text: 'anna', result: { messages: said('a'), transfers: [] } },
    )
    const signedOut = { kind: 'signed-out', address: ME, server: null, failure: null } as const
    const left = reduceEvent(state, {
      sequence: 1,
      name: 'accountsChanged',
      value: [signedOut, { ...SIGNED_IN, address: OTHER }],
    })
    expect([...left.corrections.keys()]).toEqual([theirs])
    expect(left.found).toBeUndefined()
  })
})

describe('a search', () => {
  const result = { messages: said('a'), transfers: [transfer({ id: 'f', name: 'a.txt', at: NOW })] }

  test.each([
    ['', false],
    [' a ', false],
    ['ab', true],
    ['😀', true],
    ['日本', true],
  ])('for “%s” goes beyond names: %s', (text, expected) => {
    expect(looksEverywhere(text)).toBe(expected)
  })

  test('takes no answer to what is no longer looked for', () => {
    const searching = reduce(loaded(), { type: 'search', text: 'ab' })
    const answered = reduce(searching, { type: 'found', text: 'ab', result })
    expect(answered.found).toEqual({ text: 'ab', result })
    expect(reduce(answered, { type: 'found', text: 'a', result: { messages: [], transfers: [] } })).toBe(
      answered,
    )
    // The last answer stays until the next one comes, and goes with the search.
    expect(reduce(answered, { type: 'search', text: 'abc' }).found?.text).toBe('ab')
    expect(reduce(answered, { type: 'search', text: '' }).found).toBeUndefined()
  })

  test('lists people first, and under headings what was said and sent', () => {
    expect(listEntries([ANNA, BEN], undefined).map(({ kind }) => kind)).toEqual(['person', 'person'])
    expect(listEntries([ANNA], { text: 'ab', result }).map(({ key }) => key)).toEqual([
      'heading people',
      ANNA.id,
      'heading messages',
      'message a',
      'heading files',
      'file f',
    ])
    expect(listEntries([], { text: 'ab', result: { ...result, transfers: [] } })).toHaveLength(2)
  })

  test('leads to a message by its id, and to a file by its time', () => {
    const targets = listEntries([], { text: 'ab', result }).flatMap(entry =>
      entry.kind === 'message' || entry.kind === 'file' ? [targetOf(entry)] : [],
    )
    expect(targets).toEqual([
      { key: 'a', where: { kind: 'around', id: 'a' } },
      { key: 'file f', where: { kind: 'at', at: NOW } },
    ])
    const items = flowOf([], [{ id: 'f', direction: 'in', at: NOW }], { older: false, newer: false }, NOW)
    expect(items.map(({ key }) => key)).toContain('file f')
  })

  test.each([
    [0, 0, 0, 'Nothing was found.'],
    [1, 1, 1, 'Found: 1 person, 1 message, and 1 file.'],
    [1_200, 0, 2, 'Found: 1,200 people and 2 files.'],
  ])('that finds %i, %i and %i says so', (people, messages, files, line) => {
    const found = {
      messages: Array.from({ length: messages }, () => message({ id: 'a', text: 'a' })),
      transfers: Array.from({ length: files }, () => transfer({ id: 'f', name: 'f' })),
    }
    expect(foundLine(people, found)).toBe(line)
  })
})

describe('an excerpt', () => {
  /** With the found words in brackets. */
  const drawn = (text: string, search: string): string =>
    excerpt(text, search)
      .map(piece => (piece.isFound ? `[${piece.text}]` : piece.text))
      .join('')

  test.each([
    ['Send it over', 'send', '[Send] it over'],
    ['Crème BRÛLÉE', 'brulee creme', '[Crème] [BRÛLÉE]'],
    ['Crème bru\u0302le\u0301e!', 'brulee', 'Crème [bru\u0302le\u0301e]!'],
    ['two\n lines\tof it', 'lines of', 'two [lines] [of] it'],
    ['a ﬁle', 'f', 'a [ﬁ]le'],
    ['aaaa', 'aa', '[aaaa]'],
    ['banana', 'ana', 'b[ana]na'],
    ['abcd', 'abc bcd', '[abcd]'],
    ['nothing of the kind', 'x', 'nothing of the kind'],
    ['1 + 1 = 2', '+', '1 [+] 1 = 2'],
    ['مرحبا بالعالم', 'بالعالم', 'مرحبا [بالعالم]'],
    ['😀😀 smile', 'smile', '😀😀 [smile]'],
    ['', 'x', ''],
  ])('of “%s” marks “%s”', (text, search, expected) => {
    expect(drawn(text, search)).toBe(expected)
  })

  test('of a long text is about the first word that was found, cut between characters', () => {
    const text = `${'word '.repeat(100)}needle ${'😀'.repeat(100)}`
    expect(drawn(text, 'needle')).toMatch(/^…(word ){1,3}\[needle\] 😀+…$/u)
    expect(drawn(`${'x'.repeat(500)}needle`, 'needle')).toBe(`…${'x'.repeat(16)}[needle]`)
    expect(drawn(`${'😀'.repeat(50)}needle`, 'needle')).toMatch(/^…😀+\[needle\]$/u)
    expect(drawn('x'.repeat(500), 'needle')).toBe(`${'x'.repeat(160)}…`)
  })
})

describe('what one does in a composer', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function typing() {
    const told: string[] = []
    return { told, typing: new Typing(state => void told.push(state)) }
  }

  test('is told when it begins, and when nothing is changed for five seconds', () => {
    const { told, typing: composer } = typing()
    for (const text of ['H', 'He', 'Hel']) {
      composer.changed(text)
      vi.advanceTimersByTime(4_000)
    }
    expect(told).toEqual(['composing'])
    vi.advanceTimersByTime(1_000)
    expect(told).toEqual(['composing', 'paused'])
    composer.changed('Hell')
    expect(told).toEqual(['composing', 'paused', 'composing'])
  })

  test('pauses with a field that is emptied, and is over with the message and when it is left', () => {
    const { told, typing: composer } = typing()
    composer.changed(' ')
    expect(told).toEqual([])
    composer.changed('H')
    composer.changed('')
    expect(told).toEqual(['composing', 'paused'])
    composer.left()
    expect(told).toEqual(['composing', 'paused', 'active'])
    composer.changed('Hello')
    composer.sent()
    vi.advanceTimersByTime(60_000)
    composer.left()
    // The message said it.
    expect(told).toEqual(['composing', 'paused', 'active', 'composing'])
  })
})

describe('several accounts', () => {
  const all = (...addresses: string[]) => addresses.map(address => ({ ...SIGNED_IN, address }))

  test.each([
    ['one alone', ['jonas@a.org'], undefined],
    ['by its name', ['jonas@a.org', 'work@a.org'], 'jonas'],
    ['by its server', ['jonas@a.org', 'jonas@b.org'], 'a.org'],
    ['in full', ['jonas@a.org', 'jonas@b.org', 'work@a.org'], 'jonas@a.org'],
  ])('are told apart as short as can be: %s', (_, addresses, label) => {
    expect(accountLabel(all(...addresses), 'jonas@a.org')).toBe(label)
  })

  test('each have their own connection, for which a message waits', () => {
    const accounts = [SIGNED_IN, { ...SIGNED_IN, address: OTHER, connection: 'reconnecting' as const }]
    expect([ME, OTHER, 'nobody@a.org'].map(address => isConnectedIn(accounts, address))).toEqual([
      true,
      false,
      false,
    ])
    expect(deliveryOf('sending', true)).toBe('Sending…')
    expect(deliveryOf('sending', false)).toBe('Waits for the connection')
    expect(deliveryOf('displayed', false)).toBe('Seen')
  })
})

test('a conversation knows where it is looked at', () => {
  const found = reduce(loaded(), view('b'))
  expect(found.conversation).toMatchObject({ target: { key: 'b' }, reading: 'new' })
  const elsewhere = reduce(doing(found, READING, page('around', 'abc')), view('c'))
  expect(elsewhere.conversation).toMatchObject({ target: { key: 'c' }, messages: [], reading: 'new' })
})
