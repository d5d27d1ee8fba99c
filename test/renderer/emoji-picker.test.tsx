// @vitest-environment jsdom
import { act, render, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { Suspense, useRef } from 'react'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { EmojiPanel } from '../../renderer/components/emoji-panel.tsx'
import { EmojiPicker } from '../../renderer/components/emoji-picker.tsx'
import { moveInGrid } from '../../renderer/components/grid-moves.ts'
import { isEmoji } from '../../renderer/words/emoji.ts'
import { emojiGroups, findEmoji } from '../../renderer/words/emoji-list.ts'
import { speakIn } from '../../renderer/words/say.ts'
import { LANGUAGE_TAGS, type LanguageTag, speak } from '../../shared/words/language.ts'
import './in-jsdom.ts'

const ENGLISH = { tag: 'en', locale: 'en' } as const

async function groupsIn(tag: LanguageTag) {
  speak({ tag, locale: tag })
  return emojiGroups()
}

afterEach(() => speakIn(ENGLISH))

describe('the list', () => {
  test.each(LANGUAGE_TAGS)('has emoji, each of them once and with a name of its own, in %s', async tag => {
    const groups = await groupsIn(tag)
    const all = groups.flatMap(({ emoji }) => emoji)
    expect(all.filter(({ emoji }) => !isEmoji(emoji))).toEqual([])
    expect(new Set(all.map(({ emoji }) => emoji)).size).toBe(all.length)
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
    expect(all.filter(({ name }) => name.trim() === '')).toEqual([])
    expect(all.length).toBeGreaterThan(200)
    // The same in the same places.
    const source = await groupsIn('en')
    const order = (list: typeof groups) =>
      list.map(({ name, emoji }) => [name, emoji.map(each => each.emoji)])
    expect(order(groups)).toEqual(order(source))
  })

  test.each([
    ['en', 'thumbs', ['👍', '👎']],
    ['en', 'UP thumbs', ['👍']],
    ['en', 'hand ok', ['👌']],
    ['en', 'nothing of the kind', []],
    ['de', 'daumen', ['👍', '👎']],
    ['de', 'haus', ['🏠']],
    ['de', 'BAR', ['🐻']],
    ['de', 'thumbs', []],
    // Letters are found without their marks.
    ['ar', 'وردة', ['🌹']],
    ['ar', 'التحية', ['🫡']],
  ] as const)('is searched by name, in %s: %s', async (tag, typed, found) => {
    expect(findEmoji(await groupsIn(tag), typed).map(({ emoji }) => emoji)).toEqual(found)
  })
})

describe('the arrows', () => {
  // Two groups, in rows of three: 0 1 2 / 3 4, then 5 6 7 / 8.
  test.each([
    [0, 'next', 1],
    [4, 'next', 5],
    [8, 'next', 8],
    [0, 'previous', 0],
    [5, 'previous', 4],
    [1, 'below', 4],
    [2, 'below', 4],
    [4, 'below', 6],
    [6, 'below', 8],
    [8, 'below', 8],
    [8, 'above', 5],
    [7, 'above', 4],
    [4, 'above', 1],
    [2, 'above', undefined],
    [7, 'first', 0],
    [0, 'last', 8],
  ] as const)('from %s, %s lead to %s', (at, move, to) => {
    expect(moveInGrid([5, 0, 4], 3, at, move)).toBe(to)
  })
})

function Composer({ onPick, recent }: { onPick: (emoji: string) => void; recent: readonly string[] }) {
  const field = useRef<HTMLTextAreaElement>(null)
  return (
    <>
      <textarea ref={field} aria-label="Message" />
      <EmojiPicker recent={recent} onPick={onPick} finalFocus={field}>
        <button type="button">Emoji</button>
      </EmojiPicker>
    </>
  )
}

async function open(recent: readonly string[] = []) {
  const onPick = vi.fn()
  render(<Composer onPick={onPick} recent={recent} />)
  const user = userEvent.setup()
  const button = await screen.findByRole('button', { name: 'Emoji', expanded: false })
  button.focus()
  await user.keyboard('{Enter}')
  const field = await screen.findByRole('searchbox', { name: 'Search emoji' })
  await waitFor(() => expect(document.activeElement).toBe(field))
  return { user, onPick, picker: screen.getByRole('dialog', { name: 'Emoji' }), field }
}

const focused = (): string | null => document.activeElement?.getAttribute('aria-label') ?? null

describe('the picker', () => {
  test('is opened, used and left by the keyboard alone', async () => {
    const { user, onPick } = await open()
    await user.keyboard('{ArrowDown}')
    expect(focused()).toBe('grinning face')
    await user.keyboard('{ArrowDown}{ArrowRight}{End}{Home}{ArrowRight}')
    expect(focused()).toBe('grinning face with big eyes')
    await user.keyboard('{Enter}')
    expect(onPick).toHaveBeenCalledExactlyOnceWith('😃')
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    await waitFor(() => expect(focused()).toBe('Message'))
  })

  test('leads back to the field above its first row, and is closed by Escape without a choice', async () => {
    const { user, onPick, field } = await open()
    await user.keyboard('{ArrowDown}{ArrowRight}{ArrowUp}')
    expect(document.activeElement).toBe(field)
    await user.keyboard('{Escape}')
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(onPick).not.toHaveBeenCalled()
  })

  test('is one stop of the Tab key beside its field', async () => {
    const { user, picker } = await open()
    const stops = within(picker)
      .getAllByRole('button')
      .filter(({ tabIndex }) => tabIndex === 0)
    expect(stops).toHaveLength(1)
    await user.tab()
    expect(document.activeElement).toBe(stops[0])
  })

  test('finds by name, and Enter takes the first one', async () => {
    const { user, onPick, picker } = await open()
    await user.keyboard('thumbs')
    expect(
      within(picker)
        .getAllByRole('button')
        .map(({ textContent }) => textContent),
    ).toEqual(['👍', '👎'])
    await user.keyboard('{Enter}')
    expect(onPick).toHaveBeenCalledExactlyOnceWith('👍')
  })

  test('names and finds them in the language that is spoken', async () => {
    await speakIn({ tag: 'de', locale: 'de' })
    const onPick = vi.fn()
    await act(async () => {
      render(
        <Suspense>
          <EmojiPanel recent={[]} onPick={onPick} />
        </Suspense>,
      )
    })
    expect(screen.getByRole('button', { name: 'grinsendes Gesicht' }).textContent).toBe('😀')
    await userEvent.type(screen.getByRole('searchbox', { name: 'Emoji suchen' }), 'daumen hoch{Enter}')
    expect(onPick).toHaveBeenCalledExactlyOnceWith('👍')
  })

  test('says that none was found', async () => {
    const { user, onPick, picker } = await open()
    expect(within(picker).getByRole('status').textContent).toBe('')
    await user.keyboard('nothing of the kind{Enter}{ArrowDown}')
    expect(within(picker).getByRole('status').textContent).toBe('None found')
    expect(onPick).not.toHaveBeenCalled()
  })

  test('shows first what was picked lately, and only what is an emoji', async () => {
    const { user, onPick, picker } = await open(['🎉', 'rubbish', '🫏'])
    const recent = within(picker).getByRole('region', { name: 'Recent' })
    expect(
      within(recent)
        .getAllByRole('button')
        .map(({ textContent }) => textContent),
    ).toEqual(['🎉', '🫏'])
    await user.click(within(recent).getByRole('button', { name: 'party popper' }))
    expect(onPick).toHaveBeenCalledExactlyOnceWith('🎉')
  })

  test('takes the arrows to the side they point to where one reads from right to left', async () => {
    document.documentElement.style.direction = 'rtl'
    const { user } = await open()
    await user.keyboard('{ArrowDown}{ArrowLeft}')
    expect(focused()).toBe('grinning face with big eyes')
    await user.keyboard('{ArrowRight}')
    expect(focused()).toBe('grinning face')
    document.documentElement.style.direction = ''
  })
})
