import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ViewedNews } from '../../main/messenger/viewed-news.ts'
import type { PersonId } from '../../shared/model/person-id.ts'
import { message, of } from '../renderer/factories.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const ANNA = of('anna@example.org')
const BEN = of('ben@example.org')

function create() {
  const told: [name: string, value: unknown][] = []
  const screen: { viewing: PersonId | undefined } = { viewing: ANNA }
  const news = new ViewedNews({
    viewing: () => screen.viewing,
    push: (name, value) => told.push([name, value]),
  })
  return { news, told, screen }
}
const said = (id: string, text = id, person = ANNA) => message({ id, text, person })

test('what is said after a silence is told at once', () => {
  const { news, told } = create()
  news.changed([said('a')])
  vi.advanceTimersByTime(0)
  expect(told).toEqual([['messagesChanged', [said('a')]]])
})

test('a flood is told ten times a second, each message as it is by then, in the order in which it came', () => {
  const { news, told } = create()
  for (let number = 0; number < 1_000; number++) {
    news.changed([said(`${number}`)])
    vi.advanceTimersByTime(1)
  }
  news.changed([said('999', 'corrected')])
  vi.advanceTimersByTime(100)
  // The first, and ten in each of 1.1 seconds.
  expect(told.length).toBeLessThanOrEqual(12)
  const all = told.flatMap(([, value]) => value as { id: string; text: string }[])
  expect([...new Set(all.map(({ id }) => id))]).toEqual(
    Array.from({ length: 1_000 }, (_, index) => `${index}`),
  )
  expect(all.at(-1)?.text).toBe('corrected')
})

test('of another conversation than the one on the screen nothing is told', () => {
  const { news, told, screen } = create()
  news.changed([said('a', 'a', BEN)])
  news.changed([said('b')])
  // Somebody goes elsewhere before it was told.
  screen.viewing = BEN
  news.reordered(ANNA)
  vi.advanceTimersByTime(1_000)
  expect(told).toEqual([])
})

test('a conversation that is read anew is not told of once more', () => {
  const { news, told } = create()
  news.changed([said('a')])
  news.reordered(ANNA)
  vi.advanceTimersByTime(1_000)
  expect(told).toEqual([['conversationReordered', ANNA]])
  news.changed([said('b')])
  vi.advanceTimersByTime(1_000)
  expect(told.slice(1)).toEqual([['messagesChanged', [said('b')]]])
})

test('after the sign-out nothing is told', () => {
  const { news, told } = create()
  news.changed([said('a')])
  news.stop()
  vi.advanceTimersByTime(1_000)
  expect(told).toEqual([])
})
