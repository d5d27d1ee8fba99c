import { type KeyboardEvent, use, useEffect, useMemo, useRef, useState } from 'react'
import { recentEmoji } from '../words/emoji.ts'
import {
  type EmojiGroup,
  type EmojiGroupName,
  emojiGroups,
  findEmoji,
  type NamedEmoji,
} from '../words/emoji-list.ts'
import { say } from '../words/say.ts'
import style from './emoji-picker.module.css'
import { type Move, moveInGrid } from './grid-moves.ts'

/** The style has as many. */
const COLUMNS = 8

const MOVES: Readonly<Record<string, Move>> = {
  ArrowRight: 'next',
  ArrowLeft: 'previous',
  ArrowUp: 'above',
  ArrowDown: 'below',
  Home: 'first',
  End: 'last',
}

interface PanelProps {
  readonly recent: readonly string[]
  readonly onPick: (emoji: string) => void
}

/** Only one emoji is a stop of the Tab key; the arrows lead from there to the others, and from the field to the first. */
export function EmojiPanel({ recent, onPick }: PanelProps) {
  const [typed, setTyped] = useState('')
  const [active, setActive] = useState(0)
  const field = useRef<HTMLInputElement>(null)
  const grid = useRef<HTMLDivElement>(null)
  const all = use(emojiGroups())
  const groups = useMemo(() => groupsFor(all, typed.trim(), recent), [all, typed, recent])
  const lengths = groups.map(({ emoji }) => emoji.length)
  const first = groups[0]?.emoji[0]

  // It comes a moment after what it is in.
  useEffect(() => field.current?.focus(), [])
  const goTo = (at: number): void => {
    setActive(at)
    grid.current?.querySelectorAll('button')[at]?.focus()
  }
  const onFieldKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing || first === undefined) return
    if (event.key === 'ArrowDown') goTo(0)
    else if (event.key === 'Enter' && typed.trim() !== '') onPick(first.emoji)
    else return
    event.preventDefault()
  }
  const onGridKeyDown = (event: KeyboardEvent): void => {
    const move = MOVES[mirrored(event)]
    if (move === undefined) return
    event.preventDefault()
    const to = moveInGrid(lengths, COLUMNS, active, move)
    if (to === undefined) field.current?.focus()
    else goTo(to)
  }
  return (
    <>
      <input
        ref={field}
        className={style['search']}
        type="search"
        aria-label={say('emoji.search')}
        placeholder={say('emoji.search')}
        value={typed}
        onChange={event => {
          setTyped(event.target.value)
          setActive(0)
        }}
        onKeyDown={onFieldKeyDown}
      />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: its buttons are what takes the keys */}
      <div ref={grid} className={style['groups']} onKeyDown={onGridKeyDown}>
        {groups.map((group, index) => (
          <Group
            key={group.name}
            {...group}
            start={lengths.slice(0, index).reduce((sum, length) => sum + length, 0)}
            active={active}
            onPick={onPick}
            onFocus={setActive}
          />
        ))}
        <p className={style['none']} role="status">
          {first === undefined && say('emoji.none')}
        </p>
      </div>
    </>
  )
}

interface ShownGroup {
  readonly name: EmojiGroupName | 'found' | 'recent'
  readonly emoji: readonly NamedEmoji[]
}

interface GroupProps extends ShownGroup {
  /** Of its first one, among all. */
  readonly start: number
  readonly active: number
  readonly onPick: (emoji: string) => void
  readonly onFocus: (at: number) => void
}

function Group({ name: group, emoji: all, start, active, onPick, onFocus }: GroupProps) {
  const title = say(`emoji-group.${group}`)
  return (
    <section aria-label={title}>
      <h3 className={style['title']}>{title}</h3>
      <div className={style['grid']}>
        {all.map(({ emoji, name }, index) => (
          <button
            key={emoji}
            type="button"
            className={style['emoji']}
            title={name}
            aria-label={name}
            tabIndex={start + index === active ? 0 : -1}
            onFocus={() => onFocus(start + index)}
            onClick={() => onPick(emoji)}
          >
            {emoji}
          </button>
        ))}
      </div>
    </section>
  )
}

function groupsFor(
  all: readonly EmojiGroup[],
  typed: string,
  recent: readonly string[],
): readonly ShownGroup[] {
  if (typed !== '') return withoutEmpty({ name: 'found', emoji: findEmoji(all, typed) })
  const names = new Map(all.flatMap(({ emoji }) => emoji.map(({ emoji, name }) => [emoji, name] as const)))
  // One of another list, which may have been picked elsewhere, is its own name.
  const lately = recentEmoji(recent).map(emoji => ({ emoji, name: names.get(emoji) ?? emoji }))
  return [...withoutEmpty({ name: 'recent', emoji: lately }), ...all]
}

function withoutEmpty(group: ShownGroup): readonly ShownGroup[] {
  return group.emoji.length === 0 ? [] : [group]
}

/** The key that leads to the same side where one reads from right to left. */
function mirrored({ key, currentTarget }: KeyboardEvent): string {
  if (getComputedStyle(currentTarget).direction !== 'rtl') return key
  if (key === 'ArrowLeft') return 'ArrowRight'
  return key === 'ArrowRight' ? 'ArrowLeft' : key
}
