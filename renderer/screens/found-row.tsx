import { memo } from 'react'
import { assertNever } from '../../shared/assert-never.ts'
import { splitPersonId } from '../../shared/model/person-id.ts'
import { Avatar } from '../components/avatar.tsx'
import { joined } from '../components/button.tsx'
import { FileName } from '../components/file-name.tsx'
import { type ListEntry, nameOf, targetOf } from '../state/selectors.ts'
import { dispatch, useView } from '../state/store.ts'
import { excerpt } from '../words/excerpt.ts'
import { draw } from '../words/say.ts'
import { shortTime } from '../words/time.ts'
import { AccountLabel } from './account-label.tsx'
import style from './people.module.css'

interface FoundRowProps {
  readonly entry: ListEntry & { readonly kind: 'message' | 'file' }
  /** What was looked for. */
  readonly search: string
  readonly index: number
  /** Whether Tab comes here. */
  readonly isCurrent: boolean
  readonly onFocus: (key: string) => void
}

/** A message or a file that was found: with whom, when, and the line. */
export const FoundRow = memo(function FoundRow({ entry, search, index, isCurrent, onFocus }: FoundRowProps) {
  const { person, direction, at } = entry.kind === 'message' ? entry.message : entry.transfer
  const { address } = splitPersonId(person)
  const name = useView(state => nameOf(state, person))
  const line = entry.kind === 'message' && <Excerpt text={entry.message.text} search={search} />
  return (
    <button
      type="button"
      className={joined(style['row'], style['hit'])}
      data-row={index}
      tabIndex={isCurrent ? 0 : -1}
      onFocus={() => onFocus(entry.key)}
      onClick={() => openEntry(entry)}
    >
      <Avatar name={name} address={address} />
      <span className={style['text']}>
        <span className={style['name']}>
          <b dir="auto">{name}</b>
          <AccountLabel person={person} />
          <time>{shortTime(at)}</time>
        </span>
        {entry.kind === 'file' ? (
          <span className={style['line']}>
            <FileName name={entry.transfer.name} isFolder={entry.transfer.files !== null} />
          </span>
        ) : (
          <span className={style['hits']} dir="auto">
            {direction === 'out' ? draw('found.you-said', { line: () => <bdi>{line}</bdi> }) : line}
          </span>
        )}
      </span>
    </button>
  )
})

function Excerpt({ text, search }: { readonly text: string; readonly search: string }) {
  let at = 0
  return excerpt(text, search).map(piece => {
    at += piece.text.length
    return piece.isFound ? (
      <mark key={at} className={style['found']}>
        {piece.text}
      </mark>
    ) : (
      piece.text
    )
  })
}

/** Shows who or what it is, in its place. */
export function openEntry(entry: ListEntry): void {
  switch (entry.kind) {
    case 'heading':
      break
    case 'person':
      dispatch({ type: 'view', person: entry.person.id })
      break
    case 'message':
      dispatch({ type: 'view', person: entry.message.person, target: targetOf(entry) })
      break
    case 'file':
      dispatch({ type: 'view', person: entry.transfer.person, target: targetOf(entry) })
      break
    default:
      assertNever(entry)
  }
}
