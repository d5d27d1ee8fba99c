import { describe, expect, test } from 'vitest'
import { known, reduce, reduceEvent } from '../../renderer/state/reduce.ts'
import {
  flowOf,
  isSeenOffline,
  peopleInOrder,
  promptOf,
  transferGroups,
  waitingFiles,
} from '../../renderer/state/selectors.ts'
import { type Action, INITIAL, type OpenDialog, type State } from '../../renderer/state/state.ts'
import type { NumberedEvent } from '../../shared/ipc/events.ts'
import type { ShownTransfer } from '../../shared/model/shown-transfer.ts'
import type { WindowState } from '../../shared/model/window-state.ts'
import { DAY, ME, MINUTE, message, NOW, of, offer, person, transfer, windowState } from './factories.ts'

const ANNA = person({ address: 'anna@example.org' })
const loaded = (more: Partial<WindowState> = {}): State =>
  reduce(INITIAL, { type: 'loaded', known: known(windowState(more)) })
const told = (state: State, ...events: Omit<NumberedEvent, 'sequence'>[]): State =>
  events.reduce(
    (before, event, index) =>
      reduceEvent(before, { ...event, sequence: (before.known?.sequence ?? 0) + index + 1 } as NumberedEvent),
    state,
  )

describe('events', () => {
  test('change what was loaded', () => {
    const state = told(
      loaded({ people: [ANNA], transfers: [transfer({ id: 'a', name: 'a' })] }),
      { name: 'peopleChanged', value: { changed: [{ ...ANNA, unread: 3 }], removed: [] } },
      { name: 'transfersChanged', value: { changed: [transfer({ id: 'b', name: 'b' })], removed: ['a'] } },
    )
    expect(state.known?.people.get(ANNA.id)?.unread).toBe(3)
    expect([...(state.known?.transfers.keys() ?? [])]).toEqual(['b'])
  })

  test('that it already has change nothing', () => {
    const state = loaded({ sequence: 5, people: [ANNA] })
    const old: NumberedEvent = {
      sequence: 5,
      name: 'peopleChanged',
      value: { changed: [], removed: [ANNA.id] },
    }
    expect(reduceEvent(state, old)).toBe(state)
    expect(reduceEvent(INITIAL, { ...old, sequence: 6 })).toBe(INITIAL)
  })

  test('of an update change what is known of it, and nothing else', () => {
    const before = loaded({ people: [ANNA], update: { kind: 'checking' } })
    const update = { kind: 'ready', version: '1.2.0' } as const
    const after = told(before, { name: 'updateChanged', value: update })
    expect(after).toEqual({ ...before, known: { ...before.known, sequence: 1, update } })
    expect(after.known?.people).toBe(before.known?.people)
    const old: NumberedEvent = { sequence: 1, name: 'updateChanged', value: { kind: 'off' } }
    expect(reduceEvent(after, old)).toBe(after)
  })

  test('of signing out leave what is known of an update', () => {
    const update = { kind: 'ready', version: '1.2.0' } as const
    const after = told(loaded({ update }), {
      name: 'accountsChanged',
      value: [{ kind: 'signed-out', address: ME, server: null, failure: null }],
    })
    expect(after.known?.update).toEqual(update)
  })

  test('of signing out leave nothing of the person behind', () => {
    const before = reduce(reduce(loaded({ people: [ANNA] }), { type: 'view', person: ANNA.id }), {
      type: 'draft',
      person: ANNA.id,
      text: 'secret',
    })
    const after = told(before, {
      name: 'accountsChanged',
      value: [{ kind: 'signed-out', address: ME, server: null, failure: null }],
    })
    expect(after).toMatchObject({ viewing: undefined, dialog: undefined })
    expect(after.drafts.size).toBe(0)
  })

  test('that take away what a dialog is about close it', () => {
    const open = (dialog: OpenDialog): State =>
      reduce(loaded({ people: [ANNA], transfers: [transfer({ id: 'a', name: 'a' })] }), {
        type: 'open-dialog',
        dialog,
      })
    type Event = Omit<NumberedEvent, 'sequence'>
    const gone: Event = { name: 'peopleChanged', value: { changed: [], removed: [ANNA.id] } }
    const cleared: Event = { name: 'transfersChanged', value: { changed: [], removed: ['a'] } }
    expect(told(open({ kind: 'contact', person: ANNA.id }), gone).dialog).toBeUndefined()
    expect(told(open({ kind: 'code', transfer: 'a' }), cleared).dialog).toBeUndefined()
    expect(told(open({ kind: 'settings' }), gone, cleared).dialog).toEqual({ kind: 'settings' })
  })

  test('leave a question about files open, or waiting for what lies over it', () => {
    const question = (ticket: string): OpenDialog => ({
      kind: 'confirm-sending',
      question: { kind: 'confirm', ticket, sendable: [], refused: [] },
    })
    const [one, two] = [question('one'), question('two')]
    const asked = [one, two].reduce<State>(
      (state, dialog) => reduce(state, { type: 'open-dialog', dialog }),
      loaded({ people: [ANNA] }),
    )
    const elsewhere = told(asked, {
      name: 'command',
      value: { kind: 'show-conversation', person: ANNA.id, draft: null },
    })
    expect(elsewhere).toMatchObject({ viewing: ANNA.id, dialog: one, waitingDialogs: [two] })
    const settings = told(elsewhere, { name: 'command', value: { kind: 'open-settings' } })
    expect(settings).toMatchObject({ dialog: { kind: 'settings' }, waitingDialogs: [one, two] })
    const closed = reduce(settings, { type: 'close-dialog' })
    expect(closed).toMatchObject({ dialog: one, waitingDialogs: [two] })
    expect(reduce(closed, { type: 'close-dialog' })).toMatchObject({ dialog: two, waitingDialogs: [] })
  })

  test('of a link leave what was typed, and the settings are there before anybody is signed in', () => {
    const typed = reduce(loaded({ people: [ANNA] }), { type: 'draft', person: ANNA.id, text: 'Dear' })
    const linked = told(typed, {
      name: 'command',
      value: { kind: 'show-conversation', person: ANNA.id, draft: 'Buy this' },
    })
    expect(linked.drafts.get(ANNA.id)).toBe('Dear')
    const nobody = loaded({ accounts: [] })
    expect(told(nobody, { name: 'command', value: { kind: 'open-settings' } }).dialog).toEqual({
      kind: 'settings',
    })
    expect(told(nobody, { name: 'command', value: { kind: 'add-person', address: null } })).toMatchObject({
      dialog: undefined,
    })
  })

  test('put messages in their place, new ones last, and changed ones where they were', () => {
    const state = told(
      viewing(),
      { name: 'messagesChanged', value: [message({ id: 'a', text: 'a' }), message({ id: 'b', text: 'b' })] },
      { name: 'messagesChanged', value: [message({ id: 'a', text: 'A' }), message({ id: 'c', text: 'c' })] },
    )
    expect(state.conversation?.messages.map(({ text }) => text)).toEqual(['A', 'b', 'c'])
  })

  test('of a conversation that is not on the screen are not kept', () => {
    const state = told(viewing(), {
      name: 'messagesChanged',
      value: [message({ id: 'a', text: 'a', person: of('ben@example.org') })],
    })
    expect(state.conversation?.messages).toEqual([])
  })

  test('that put something elsewhere than at the end have the conversation read anew', () => {
    const read = reduce(viewing(), pageOf('newest', ['a', 'b']))
    expect(read.conversation?.reading).toBe('idle')
    expect(told(read, { name: 'conversationReordered', value: ANNA.id }).conversation?.reading).toBe('new')
    const other = of('ben@example.org')
    expect(told(read, { name: 'conversationReordered', value: other }).conversation?.reading).toBe('idle')
  })

  test('close the conversation of somebody who is gone', () => {
    const state = reduce(loaded({ people: [ANNA] }), { type: 'view', person: ANNA.id })
    const after = told(state, { name: 'peopleChanged', value: { changed: [], removed: [ANNA.id] } })
    expect(after.viewing).toBeUndefined()
  })
})

const viewing = (): State => reduce(loaded({ people: [ANNA] }), { type: 'view', person: ANNA.id })

function pageOf(
  where: 'newest' | 'before' | 'after' | 'around',
  ids: readonly string[],
  more: { readonly older?: boolean; readonly newer?: boolean } = {},
): Action & { readonly type: 'read' } {
  const messages = ids.map(id => message({ id, text: id }))
  const page = { messages, transfers: [], older: more.older ?? false, newer: more.newer ?? false }
  return { type: 'read', person: ANNA.id, where, page }
}

describe('pages of a conversation', () => {
  const ids = ({ conversation }: State) => conversation?.messages.map(({ id }) => id)

  test('that are older come in front, newer ones behind, and none is there twice', () => {
    const first = reduce(viewing(), pageOf('around', ['c', 'd'], { older: true, newer: true }))
    const older = reduce(first, pageOf('before', ['a', 'b', 'c']))
    const all = reduce(older, pageOf('after', ['d', 'e']))
    expect(ids(all)).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(all.conversation).toMatchObject({ older: false, newer: false, reading: 'idle' })
  })

  test('from long ago take nothing new in before it is read up to there', () => {
    const old = reduce(viewing(), pageOf('around', ['a', 'b'], { newer: true }))
    const value = [message({ id: 'z', text: 'z' }), message({ id: 'a', text: 'A' })]
    const after = told(old, { name: 'messagesChanged', value })
    expect(after.conversation?.messages.map(({ text }) => text)).toEqual(['A', 'b'])
    const anew = reduce(after, { type: 'read-anew' })
    expect(anew.conversation).toMatchObject({ messages: [], reading: 'new', newer: false })
  })

  test('that were read while something was said have it at the end, once', () => {
    const reading = reduce(viewing(), { type: 'reading', person: ANNA.id })
    const value = [message({ id: 'b', text: 'b' }), message({ id: 'c', text: 'c' })]
    const said = told(reading, { name: 'messagesChanged', value })
    expect(ids(reduce(said, pageOf('newest', ['a', 'b'])))).toEqual(['a', 'b', 'c'])
  })

  test('that are read anew leave nothing of before', () => {
    const before = told(reduce(viewing(), pageOf('newest', ['a', 'gone'])), {
      name: 'conversationReordered',
      value: ANNA.id,
    })
    const reading = reduce(before, { type: 'reading', person: ANNA.id })
    expect(ids(reduce(reading, pageOf('newest', ['x', 'a'])))).toEqual(['x', 'a'])
  })

  test('of somebody else come too late', () => {
    const elsewhere = reduce(viewing(), { type: 'view', person: undefined })
    expect(reduce(elsewhere, pageOf('newest', ['a'])).conversation).toBeUndefined()
  })
})

const ALL = { older: false, newer: false }

describe('people', () => {
  const at = (offset: number) => ({
    kind: 'message' as const,
    direction: 'in' as const,
    text: 'x',
    at: NOW - offset,
  })
  const people = [
    person({ address: 'zoe@example.org', name: 'Zoë' }),
    person({ address: 'ben@example.org', name: 'Ben', availability: 'offline' }),
    person({ address: 'carl@example.org', name: 'carl' }),
    person({ address: 'old@example.org', name: 'Old', last: at(DAY) }),
    person({ address: 'new@example.org', name: 'New', last: at(0) }),
  ]

  test('with whom one talked last are first, then who is there, then by name', () => {
    expect(peopleInOrder(people, '').map(({ name }) => name)).toEqual(['New', 'Old', 'carl', 'Zoë', 'Ben'])
  })

  test('are found by name and by address', () => {
    expect(peopleInOrder(people, ' ZO').map(({ name }) => name)).toEqual(['Zoë'])
    expect(peopleInOrder(people, 'ben@ex').map(({ name }) => name)).toEqual(['Ben'])
    expect(peopleInOrder(people, 'nobody')).toEqual([])
  })
})

describe('a flow', () => {
  test('has messages and files by time, days between them, and groups of one side', () => {
    const messages = [
      message({ id: 'a', text: 'a', at: NOW - DAY }),
      message({ id: 'b', text: 'b', at: NOW - 10 * MINUTE }),
      message({ id: 'c', text: 'c', at: NOW - 9 * MINUTE }),
      message({ id: 'd', text: 'd', at: NOW - 8 * MINUTE, direction: 'out' }),
    ]
    const files = [{ id: 'f', direction: 'in' as const, at: NOW - 9.5 * MINUTE }]
    const items = flowOf(messages, files, ALL, NOW)
    expect(items.map(item => (item.kind === 'day' ? item.name : item.key))).toEqual([
      'Yesterday',
      'a',
      'Today',
      'b',
      'file f',
      'c',
      'd',
    ])
    // Drawn once, a message that looks the same is the same item: it is not drawn anew.
    const message0 = items.find(item => item.key === 'a')
    expect(flowOf(messages, files, ALL, NOW).find(item => item.key === 'a')).toBe(message0)
    const joined = flowOf(messages, [], ALL, NOW).flatMap(item => (item.kind === 'message' ? [item] : []))
    expect(joined.map(({ joined: isJoined, timed }) => [isJoined, timed])).toEqual([
      [false, true],
      [false, false],
      [true, true],
      [false, true],
    ])
  })
})

test('a file waits for the messages of its time', () => {
  const messages = [message({ id: 'a', text: 'a', at: NOW })]
  const files = [{ id: 'f', direction: 'in' as const, at: NOW - DAY }]
  const keys = (older: boolean, newer = false): string[] =>
    flowOf(messages, files, { older, newer }, NOW).map(({ key }) => key)
  expect(keys(true)).not.toContain('file f')
  expect(keys(false)).toContain('file f')
  expect(flowOf([], files, { older: true, newer: false }, NOW)).toEqual([])
  const later = [{ id: 'l', direction: 'in' as const, at: NOW + DAY }]
  expect(flowOf(messages, later, { older: false, newer: true }, NOW).map(({ key }) => key)).not.toContain(
    'file l',
  )
})

test('transfers are in three groups, the newest of the finished first', () => {
  const over = { kind: 'done' as const, at: NOW, seconds: 1, sha256: '' }
  const failure = { code: 'connection-lost' as const, message: '' }
  const states: readonly ShownTransfer['state'][] = [
    over,
    { kind: 'connecting' },
    { kind: 'offered' },
    { kind: 'paused', bytes: 1, by: 'us' },
    { kind: 'failed', at: NOW, bytes: 0, failure },
    { kind: 'waiting' },
    { kind: 'interrupted', bytes: 1, failure },
  ]
  const groups = transferGroups(states.map((state, at) => transfer({ id: state.kind, name: 'a', state, at })))
  const ids = Object.entries(groups).map(([name, of]) => [name, ...of.map(({ id }: { id: string }) => id)])
  expect(ids).toEqual([
    // What rests stays where it was while it moved.
    ['now', 'connecting', 'paused', 'interrupted'],
    ['waiting', 'offered', 'waiting'],
    ['finished', 'failed', 'done'],
  ])
})

test('what waits is counted by whom it waits for, a folder with all that is in it', () => {
  const waiting = { direction: 'out', state: { kind: 'waiting' } } as const
  const transfers = new Map(
    [
      transfer({ id: 'a', name: 'a', ...waiting }),
      transfer({ id: 'b', name: 'b', ...waiting, files: 12 }),
      transfer({ id: 'c', name: 'c', ...waiting, files: 0, person: of('ben@example.org') }),
      transfer({ id: 'd', name: 'd', person: of('carl@example.org') }),
    ].map(one => [one.id, one]),
  )
  expect([...waitingFiles(transfers)]).toEqual([
    [ANNA.id, 13],
    [of('ben@example.org'), 1],
  ])
})

test.each([
  ['both', 'offline', true],
  ['to', 'offline', true],
  ['both', 'away', false],
  ['from', 'offline', false],
  ['none', 'offline', false],
] as const)('subscribed %s and %s: seen to be offline is %s', (subscription, availability, seen) => {
  expect(isSeenOffline({ ...ANNA, subscription, availability })).toBe(seen)
})

test('the prompt has the oldest offer of a contact; a stranger’s only while it is looked at', () => {
  const offers = [
    offer({ transfer: 's', name: 's', fromContact: false }),
    offer({ transfer: 'a', name: 'a' }),
    offer({ transfer: 'b', name: 'b' }),
  ]
  const state = loaded({ offers })
  expect(promptOf(state)).toMatchObject({ offer: { transfer: 'a' }, count: 2 })
  expect(promptOf(reduce(state, { type: 'review', transfer: 's' }))).toMatchObject({
    offer: { transfer: 's' },
  })
  expect(promptOf(loaded({ offers: offers.slice(0, 1) })).offer).toBeUndefined()
})
