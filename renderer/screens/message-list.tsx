import { ArrowDown } from 'lucide-react'
import { memo, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { Virtualizer, type VirtualizerHandle } from 'virtua'
import { useShallow } from 'zustand/shallow'
import type { Message, PageWhere } from '../../shared/model/message.ts'
import type { Person } from '../../shared/model/person.ts'
import type { PersonId } from '../../shared/model/person-id.ts'
import { joined } from '../components/button.tsx'
import hidden from '../components/hidden.module.css'
import { useFollowEnd } from '../state/follow-end.ts'
import { type FlowFile, type FlowItem, flowOf } from '../state/selectors.ts'
import type { State } from '../state/state.ts'
import { attempt, currentState, dispatch, useView } from '../state/store.ts'
import { useToday } from '../state/today.ts'
import { say } from '../words/say.ts'
import { clockTime } from '../words/time.ts'
import conversation from './conversation.module.css'
import { MessageEntry } from './message-entry.tsx'
import style from './message-list.module.css'
import { TransferCard } from './transfer-card.tsx'

const NO_MESSAGES: readonly Message[] = []
const PAGE = 100
/** Pixels from the oldest that was read, where what is before it is read. */
const AHEAD = 400
/** How long what was looked for is marked. */
const MARKED_MS = 2_500

/** The messages and files of one conversation, the newest at the bottom. */
export function MessageList({ person }: { readonly person: Person }) {
  const { id, name } = person
  const messages = useView(state => state.conversation?.messages ?? NO_MESSAGES)
  const reading = useView(state => state.conversation?.reading ?? 'new')
  const older = useView(state => state.conversation?.older ?? true)
  const newer = useView(state => state.conversation?.newer ?? false)
  const target = useView(state => state.conversation?.target)
  const firstUnread = useView(state => state.conversation?.firstUnread)
  const isNew = reading === 'new'
  const files = useFiles(id)
  const today = useToday()
  const items = useMemo(
    () => flowOf(messages, files, { older, newer, firstUnread }, today),
    [messages, files, older, newer, firstUnread, today],
  )
  useEffect(() => {
    if (isNew) void read(id, target?.where ?? { kind: 'newest' })
  }, [id, isNew, target])
  if (items.length === 0) {
    // Nobody knows yet whether there is anything.
    if (older && reading !== 'idle') return <div className={conversation['empty']} />
    return (
      <div className={conversation['empty']}>
        <h2>{say('empty.unsaid', { name })}</h2>
        <p>{say('empty.unsaid-hint')}</p>
      </div>
    )
  }
  return (
    <div className={style['flow']}>
      {/* Looking somewhere else is another view. */}
      <Flow key={target?.key ?? ''} name={name} items={items} target={target?.key} />
      {!newer && <Announcement messages={messages} name={name} />}
    </div>
  )
}

interface FlowProps {
  readonly name: string
  readonly items: readonly FlowItem[]
  /** The key of what was looked for: it is in the middle at first. */
  readonly target: string | undefined
}

function Flow({ name, items, target }: FlowProps) {
  const { scroller, isAtEnd, onScroll, follow, goToEnd } = useFollowEnd(target === undefined)
  const newer = useView(state => state.conversation?.newer ?? false)
  const list = useRef<VirtualizerHandle>(null)
  // Older ones come in front: the list has to know, so that nothing moves.
  const [shown, setShown] = useState({ items, isOlder: false })
  if (shown.items !== items) setShown({ items, isOlder: cameInFront(shown.items, items) })
  const newest = items.at(-1)
  const newestKey = newest?.key
  const ownKey = isOwn(newest) ? newestKey : undefined
  useLayoutEffect(() => {
    if (newestKey === undefined) return
    // What one sent oneself is what one looks at.
    if (newestKey === ownKey && target === undefined) goToEnd()
    else follow()
  }, [newestKey, ownKey, target, follow, goToEnd])
  const targetIndex = target === undefined ? -1 : items.findIndex(({ key }) => key === target)
  const sought = useRef(false)
  useLayoutEffect(() => {
    if (targetIndex < 0 || sought.current) return
    sought.current = true
    list.current?.scrollToIndex(targetIndex, { align: 'center' })
  }, [targetIndex])
  const [marked, setMarked] = useState(target)
  const isThere = targetIndex >= 0
  useEffect(() => {
    if (!isThere) return
    const timer = setTimeout(() => setMarked(undefined), MARKED_MS)
    return () => clearTimeout(timer)
  }, [isThere])
  const drawEntry = useCallback(
    (item: FlowItem) => <Entry key={item.key} item={item} isMarked={item.key === marked} />,
    [marked],
  )
  const readOn = (): void => {
    const { conversation: talk } = currentState()
    const { current: element } = scroller
    if (talk?.reading !== 'idle' || element === null) return
    const [oldest, last] = [talk.messages[0], talk.messages.at(-1)]
    const below = element.scrollHeight - element.scrollTop - element.clientHeight
    if (element.scrollTop < AHEAD && talk.older && oldest !== undefined) {
      void read(talk.person, { kind: 'before', id: oldest.id })
    } else if (below < AHEAD && talk.newer && last !== undefined) {
      void read(talk.person, { kind: 'after', id: last.id })
    }
  }
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a section would say no more */}
      <div
        ref={scroller}
        className={style['scroller']}
        onScroll={() => {
          onScroll()
          readOn()
        }}
        // What scrolls has to be reached without a pointer, too.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
        tabIndex={0}
        aria-label={say('message.all', { name })}
        role="region"
      >
        <Virtualizer
          ref={list}
          data={shown.items}
          shift={shown.isOlder}
          bufferSize={AHEAD}
          onResize={() => {
            // A card grows while its file moves: who is at the end stays there.
            if (!newer) follow()
            // Where all of it fits, nothing is ever scrolled.
            if (target !== undefined) onScroll()
            readOn()
          }}
        >
          {drawEntry}
        </Virtualizer>
      </div>
      {(!isAtEnd || newer) && (
        <button
          type="button"
          className={style['down']}
          onClick={newer ? () => dispatch({ type: 'read-anew' }) : goToEnd}
        >
          <ArrowDown size={14} aria-hidden />
          {say('message.newest')}
        </button>
      )}
    </>
  )
}

/** Whether these are the same with older ones before them. */
function cameInFront(before: readonly FlowItem[], after: readonly FlowItem[]): boolean {
  const oldest = before.find(({ kind }) => kind === 'message')?.key
  return (
    after.length > before.length &&
    after.at(-1)?.key === before.at(-1)?.key &&
    after.find(({ kind }) => kind === 'message')?.key !== oldest
  )
}

/** The files of one person’s flow. Their progress does not change it: each card follows its own. */
function useFiles(wanted: PersonId): readonly FlowFile[] {
  const keys = useView(
    useShallow(state => {
      const listed = [...(state.known?.transfers.values() ?? [])].filter(({ person }) => person === wanted)
      const known = new Set(listed.map(({ id }) => id))
      const others = [...(state.conversation?.transfers.values() ?? [])].filter(({ id }) => !known.has(id))
      return [...listed, ...others].map(({ at, direction, id }) => `${at} ${direction} ${id}`)
    }),
  )
  return useMemo(
    () =>
      keys.map(key => {
        const [at, direction, id = ''] = key.split(' ')
        return { at: Number(at), direction: direction === 'in' ? 'in' : 'out', id }
      }),
    [keys],
  )
}

async function read(person: PersonId, where: PageWhere): Promise<void> {
  dispatch({ type: 'reading', person })
  const page = await attempt(window.plumb.readConversation(person, where, PAGE))
  dispatch(
    page === undefined
      ? { type: 'reading-failed', person }
      : { type: 'read', person, where: where.kind, page },
  )
}

function isOwn(item: FlowItem | undefined): boolean {
  return item?.kind === 'message'
    ? item.message.direction === 'out'
    : item?.kind === 'file' && item.direction === 'out'
}

interface EntryProps {
  readonly item: FlowItem
  /** It was looked for, and found right now. */
  readonly isMarked: boolean
}

const Entry = memo(function Entry({ item, isMarked }: EntryProps) {
  switch (item.kind) {
    case 'day':
      return <div className={style['day']}>{item.name}</div>
    case 'new':
      return <div className={style['new']}>{say('message.unread')}</div>
    case 'file':
      return <FileEntry item={item} isMarked={isMarked} />
    case 'message':
      return (
        <MessageEntry
          message={item.message}
          joinedToLast={item.joined}
          timed={item.timed}
          isMarked={isMarked}
        />
      )
  }
})

function FileEntry({ item, isMarked }: EntryProps & { readonly item: { kind: 'file' } }) {
  const transfer = useView(
    (state: State) =>
      state.known?.transfers.get(item.transfer) ?? state.conversation?.transfers.get(item.transfer),
  )
  if (transfer === undefined) return null
  return (
    <div
      className={joined(
        style['row'],
        style['apart'],
        item.direction === 'out' ? style['out'] : undefined,
        isMarked ? style['marked'] : undefined,
      )}
      aria-current={isMarked || undefined}
    >
      <TransferCard transfer={transfer} />
      <span className={style['meta']}>{clockTime(item.at)}</span>
    </div>
  )
}

/** Says a new message to a screen reader, and never the old ones. */
function Announcement({ messages, name }: { readonly messages: readonly Message[]; readonly name: string }) {
  const newest = messages.at(-1)
  const [since] = useState(() => newest?.id)
  const isNews = newest?.direction === 'in' && newest.id !== since
  return (
    <span className={hidden['hidden']} role="log">
      {isNews && say('message.announced', { name, text: newest.text })}
    </span>
  )
}
