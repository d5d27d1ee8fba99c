import { ArrowDown } from 'lucide-react'
import { memo, useEffect, useLayoutEffect, useMemo, useState } from 'react'
import { Virtualizer } from 'virtua'
import { useShallow } from 'zustand/shallow'
import type { Message } from '../../shared/model/message.ts'
import type { Person } from '../../shared/model/person.ts'
import type { PersonId } from '../../shared/model/person-id.ts'
import { joined } from '../components/button.tsx'
import hidden from '../components/hidden.module.css'
import { useFollowEnd } from '../state/follow-end.ts'
import { type FlowFile, type FlowItem, flowOf } from '../state/selectors.ts'
import type { State } from '../state/state.ts'
import { attempt, currentState, dispatch, useView } from '../state/store.ts'
import { useToday } from '../state/today.ts'
import { withLinks } from '../words/links.ts'
import { clockTime } from '../words/time.ts'
import conversation from './conversation.module.css'
import style from './message-list.module.css'
import { TransferCard } from './transfer-card.tsx'

const NO_MESSAGES: readonly Message[] = []
const PAGE = 100
/** Pixels from the oldest that was read, where what is before it is read. */
const AHEAD = 400

/** The messages and files of one conversation, the newest at the bottom. */
export function MessageList({ person }: { readonly person: Person }) {
  const { id, name } = person
  const messages = useView(state => state.conversations.get(id)?.messages ?? NO_MESSAGES)
  const reading = useView(state => state.conversations.get(id)?.reading ?? 'new')
  const more = useView(state => state.conversations.get(id)?.more ?? true)
  const isNew = reading === 'new'
  const files = useFiles(id)
  const today = useToday()
  const items = useMemo(() => flowOf(messages, files, more, today), [messages, files, more, today])
  useEffect(() => {
    if (isNew) void readOlder(id)
  }, [id, isNew])
  if (items.length === 0) {
    // Nobody knows yet whether there is anything.
    if (more && reading !== 'idle') return <div className={conversation['empty']} />
    return (
      <div className={conversation['empty']}>
        <h2>
          Nothing between you and <bdi>{name}</bdi> yet
        </h2>
        <p>Drop a file or a folder here, or write something.</p>
      </div>
    )
  }
  return (
    <div className={style['flow']}>
      <Flow person={id} name={name} items={items} />
      <Announcement messages={messages} name={name} />
    </div>
  )
}

interface FlowProps {
  readonly person: PersonId
  readonly name: string
  readonly items: readonly FlowItem[]
}

function Flow({ person, name, items }: FlowProps) {
  const { scroller, isAtEnd, onScroll, follow, goToEnd } = useFollowEnd()
  // Older ones come in front: the list has to know, so that nothing moves.
  const [shown, setShown] = useState({ items, isOlder: false })
  if (shown.items !== items) setShown({ items, isOlder: cameInFront(shown.items, items) })
  const newest = items.at(-1)
  const newestKey = newest?.key
  const ownKey = isOwn(newest) ? newestKey : undefined
  useLayoutEffect(() => {
    if (newestKey === undefined) return
    // What one sent oneself is what one looks at.
    if (newestKey === ownKey) goToEnd()
    else follow()
  }, [newestKey, ownKey, follow, goToEnd])
  const readOn = (): void => {
    const talk = currentState().conversations.get(person)
    const top = scroller.current?.scrollTop ?? AHEAD
    if (top < AHEAD && talk?.more === true && talk.reading === 'idle') void readOlder(person)
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
        aria-label={`Messages with ${name}`}
        role="region"
      >
        <Virtualizer
          data={shown.items}
          shift={shown.isOlder}
          bufferSize={AHEAD}
          onResize={() => {
            // A card grows while its file moves: who is at the end stays there.
            follow()
            readOn()
          }}
        >
          {drawEntry}
        </Virtualizer>
      </div>
      {!isAtEnd && (
        <button type="button" className={style['down']} onClick={goToEnd}>
          <ArrowDown size={14} aria-hidden />
          Newest
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

function drawEntry(item: FlowItem) {
  return <Entry key={item.key} item={item} />
}

/** The files of one person's flow. Their progress does not change it: each card follows its own. */
function useFiles(wanted: PersonId): readonly FlowFile[] {
  const keys = useView(
    useShallow(state => {
      const files = [...(state.known?.transfers.values() ?? [])].filter(({ person }) => person === wanted)
      return files.map(({ at, direction, id }) => `${at} ${direction} ${id}`)
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

async function readOlder(person: PersonId): Promise<void> {
  const { messages = [] } = currentState().conversations.get(person) ?? {}
  dispatch({ type: 'reading', person })
  const page = await attempt(window.plumb.readConversation(person, messages[0]?.id ?? null, PAGE))
  dispatch(page === undefined ? { type: 'reading-failed', person } : { type: 'read', person, ...page })
}

function isOwn(item: FlowItem | undefined): boolean {
  return item?.kind === 'message'
    ? item.message.direction === 'out'
    : item?.kind === 'file' && item.direction === 'out'
}

const Entry = memo(function Entry({ item }: { readonly item: FlowItem }) {
  switch (item.kind) {
    case 'day':
      return <div className={style['day']}>{item.name}</div>
    case 'file':
      return <FileEntry item={item} />
    case 'message':
      return <MessageEntry message={item.message} joinedToLast={item.joined} timed={item.timed} />
  }
})

function FileEntry({ item }: { readonly item: FlowItem & { kind: 'file' } }) {
  const transfer = useView((state: State) => state.known?.transfers.get(item.transfer))
  if (transfer === undefined) return null
  return (
    <div
      className={joined(style['row'], style['apart'], item.direction === 'out' ? style['out'] : undefined)}
    >
      <TransferCard transfer={transfer} />
      <span className={style['meta']}>{clockTime(item.at)}</span>
    </div>
  )
}

interface MessageEntryProps {
  readonly message: Message
  readonly joinedToLast: boolean
  readonly timed: boolean
}

function MessageEntry({ message, joinedToLast, timed }: MessageEntryProps) {
  const { id, person, direction, text, state, failure, at } = message
  return (
    <div
      className={joined(
        style['row'],
        joinedToLast ? undefined : style['apart'],
        direction === 'out' ? style['out'] : undefined,
      )}
    >
      <div className={style['bubble']} dir="auto">
        {withLinks(text).map((piece, index) =>
          piece.kind === 'text' ? (
            piece.text
          ) : (
            <a
              // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text never move
              key={index}
              className={style['link']}
              // An address reads from left to right, whatever stands around it.
              dir="ltr"
              href={piece.url}
              onClick={event => {
                event.preventDefault()
                void attempt(window.plumb.openLink(piece.url))
              }}
            >
              {piece.text}
            </a>
          ),
        )}
      </div>
      {timed && (
        <span className={joined(style['meta'], state === 'failed' ? style['failed'] : undefined)}>
          {clockTime(at)}
          {direction === 'out' && ` · ${wordFor(state)}`}
          {state === 'failed' && (
            <>
              {failure !== null && <span>{failure}</span>}
              <button
                type="button"
                className={style['again']}
                onClick={() => void attempt(window.plumb.resendMessage(person, id))}
              >
                Try again
              </button>
            </>
          )}
        </span>
      )}
    </div>
  )
}

function wordFor(state: Message['state']): string {
  switch (state) {
    case 'sending':
      return 'Sending…'
    case 'failed':
      return 'Not sent'
    case 'delivered':
      return 'Delivered'
    default:
      return 'Sent'
  }
}

/** Says a new message to a screen reader, and never the old ones. */
function Announcement({ messages, name }: { readonly messages: readonly Message[]; readonly name: string }) {
  const newest = messages.at(-1)
  const [since] = useState(() => newest?.id)
  const text = newest?.direction === 'in' && newest.id !== since ? `${name}: ${newest.text}` : ''
  return (
    <span className={hidden['hidden']} role="log">
      {text}
    </span>
  )
}
