// @vitest-environment jsdom
import { render, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useRef } from 'react'
import { describe, expect, test, vi } from 'vitest'
import { EmojiPicker } from '../../renderer/components/emoji-picker.tsx'
import { moveInGrid } from '../../renderer/components/grid-moves.ts'
import { isEmoji } from '../../renderer/words/emoji.ts'
import { EMOJI_GROUPS, findEmoji } from '../../renderer/words/emoji-list.ts'
import './in-jsdom.ts'

const ALL = EMOJI_GROUPS.flatMap(({ emoji }) => emoji)

describe('the list', () => {
  test('has emoji, each of them once and with a name of its own', () => {
    expect(ALL.filter(({ emoji }) => !isEmoji(emoji))).toEqual([])
    expect(new Set(ALL.map(({ emoji }) => emoji)).size).toBe(ALL.length)
    expect(new Set(ALL.map(({ name }) => name)).size).toBe(ALL.length)
    expect(ALL.filter(({ name }) => name.trim() === '')).toEqual([])
    expect(ALL.length).toBeGreaterThan(200)
  })

  test.each([
    ['thumbs', ['👍', '👎']],
    ['UP thumbs', ['👍']],
    ['hand ok', ['👌']],
    ['nothing of the kind', []],
  ])('is searched by name: %s', (typed, found) => {
    expect(findEmoji(typed).map(({ emoji }) => emoji)).toEqual(found)
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
  screen.getByRole('button', { name: 'Emoji' }).focus()
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
