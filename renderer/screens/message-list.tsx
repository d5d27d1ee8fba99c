import { ArrowDown } from 'lucide-react'
import { memo, useEffect, useMemo, useRef, useState } from 'react'
import { Virtuoso, type VirtuosoHandle } from 'react-virtuoso'
import { useShallow } from 'zustand/shallow'
import type { Message } from '../../shared/model/message.ts'
import type { Person } from '../../shared/model/person.ts'
import { joined } from '../components/button.tsx'
import hidden from '../components/hidden.module.css'
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
/** Pixels: more than a card grows at once. */
const AT_BOTTOM = 120
/** The list counts from here, so that older entries can come in front without moving the others. */
const FIRST_INDEX = 1_000_000

/** The messages and files of one conversation, the newest at the bottom. */
export function MessageList({ person }: { readonly person: Person }) {
  const { address, name } = person
  const messages = useView(state => state.conversations.get(address)?.messages ?? NO_MESSAGES)
  const reading = useView(state => state.conversations.get(address)?.reading ?? 'new')
  const more = useView(state => state.conversations.get(address)?.more ?? true)
  const isNew = reading === 'new'
  const files = useFiles(address)
  const today = useToday()
  const items = useMemo(() => flowOf(messages, files, more, today), [messages, files, more, today])
  useEffect(() => {
    if (isNew) void readOlder(address)
  }, [address, isNew])
  if (items.length === 0) {
    // Nobody knows yet whether there is anything.
    if (more && reading !== 'idle') return <div className={conversation['empty']} />
    return (
      <div className={conversation['empty']}>
        <h2>
          Nothing between you and <bdi>{name}</bdi> yet
        </h2>
        <p>Drop a file here, or write something.</p>
      </div>
    )
  }
  return (
    <div className={style['flow']}>
      <Flow address={address} name={name} items={items} />
      <Announcement messages={messages} name={name} />
    </div>
  )
}

interface FlowProps {
  readonly address: string
  readonly name: string
  readonly items: readonly FlowItem[]
}

function Flow({ address, name, items }: FlowProps) {
  const canReadMore = useView(state => {
    const talk = state.conversations.get(address)
    return talk?.more === true && talk.reading === 'idle'
  })
  const list = useRef<VirtuosoHandle>(null)
  const [atBottom, setAtBottom] = useState(true)
  // The first message that was there: older ones get lower numbers, so that nothing moves when they come. Not the
  // heading of a day, which goes up with older messages of the same day, and no file, which can be taken off the list.
  const [anchor] = useState(() => items.find(({ kind }) => kind === 'message')?.key)
  const before = items.findIndex(({ key }) => key === anchor)
  return (
    <>
      <Virtuoso
        ref={list}
        data={items}
        firstItemIndex={FIRST_INDEX - Math.max(before, 0)}
        initialTopMostItemIndex={{ index: 'LAST', align: 'end' }}
        computeItemKey={(_, { key }) => key}
        followOutput={isAtBottom => (isAtBottom || isOwn(items.at(-1)) ? 'auto' : false)}
        atBottomStateChange={setAtBottom}
        atBottomThreshold={AT_BOTTOM}
        // A card grows while its file moves: who is at the bottom stays there.
        totalListHeightChanged={() => list.current?.autoscrollToBottom()}
        startReached={() => {
          if (canReadMore) void readOlder(address)
        }}
        alignToBottom
        increaseViewportBy={400}
        components={{ Footer: Space }}
        itemContent={(_, item) => <Entry item={item} />}
        // What scrolls has to be reached without a pointer, too.
        tabIndex={0}
        aria-label={`Messages with ${name}`}
        role="region"
      />
      {!atBottom && (
        <button
          type="button"
          className={style['down']}
          onClick={() => list.current?.scrollToIndex({ index: 'LAST', align: 'end' })}
        >
          <ArrowDown size={14} aria-hidden />
          Newest
        </button>
      )}
    </>
  )
}

/** The files of one person's flow. Their progress does not change it: each card follows its own. */
function useFiles(address: string): readonly FlowFile[] {
  const keys = useView(
    useShallow(state => {
      const files = [...(state.known?.transfers.values() ?? [])].filter(({ person }) => person === address)
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

async function readOlder(address: string): Promise<void> {
  const { messages = [] } = currentState().conversations.get(address) ?? {}
  dispatch({ type: 'reading', address })
  const page = await attempt(window.plumb.readConversation(address, messages[0]?.id ?? null, PAGE))
  dispatch(page === undefined ? { type: 'reading-failed', address } : { type: 'read', address, ...page })
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
  const { id, direction, text, state, failure, at } = message
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
                onClick={() => void attempt(window.plumb.resendMessage(id))}
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

function Space() {
  return <div className={style['space']} />
}
