import { Info, Pencil, UserMinus } from 'lucide-react'
import { memo } from 'react'
import type { Person } from '../../shared/model/person.ts'
import { Avatar } from '../components/avatar.tsx'
import hidden from '../components/hidden.module.css'
import { RowMenu } from '../components/menu.tsx'
import { sendFiles } from '../state/files.ts'
import { dispatch } from '../state/store.ts'
import { availabilityOf } from '../words/person.ts'
import { shortTime } from '../words/time.ts'
import { useFileDrop } from './file-drop.ts'
import style from './people.module.css'

interface PersonRowProps {
  readonly person: Person
  readonly index: number
  /** Whether Tab comes here. */
  readonly isCurrent: boolean
  readonly isViewed: boolean
  readonly onFocus: (address: string) => void
}

/** One person of the list. Files can be dropped on it. */
export const PersonRow = memo(function PersonRow({
  person,
  index,
  isCurrent,
  isViewed,
  onFocus,
}: PersonRowProps) {
  const { address, name, last, unread, inContacts } = person
  const { over, handlers } = useFileDrop(files => sendFiles(address, files))
  const openContact = (rename: boolean): void =>
    dispatch({ type: 'open-dialog', dialog: { kind: 'contact', address, rename } })
  return (
    <RowMenu
      entries={[
        { icon: Info, label: 'Details', act: () => openContact(false) },
        ...(inContacts ? [{ icon: Pencil, label: 'Rename…', act: () => openContact(true) }] : []),
        {
          icon: UserMinus,
          label: 'Remove…',
          danger: true,
          act: () => dispatch({ type: 'open-dialog', dialog: { kind: 'remove-person', address } }),
        },
      ]}
    >
      <button
        type="button"
        className={style['row']}
        data-person={index}
        data-over={over > 0 ? '' : undefined}
        aria-current={isViewed}
        tabIndex={isCurrent ? 0 : -1}
        onFocus={() => onFocus(address)}
        onClick={() => dispatch({ type: 'view', address })}
        {...handlers}
      >
        <Avatar name={name} address={address} availability={person.availability} />
        <span className={style['text']}>
          <b dir="auto">{name}</b>
          {last !== null && <span className={hidden['hidden']}>{availabilityOf(person)}</span>}
          <span className={style['line']} dir="auto">
            {over > 0 ? 'Drop to send' : lastLine(person)}
          </span>
        </span>
        <span className={style['side']}>
          {last !== null && <time>{shortTime(last.at)}</time>}
          {unread > 0 && (
            <span className={style['badge']} role="img" aria-label={`${unread} unread`}>
              {unread > 99 ? '99+' : unread}
            </span>
          )}
        </span>
      </button>
    </RowMenu>
  )
})

function lastLine(person: Person): string {
  const { last, asked } = person
  if (last !== null) return last.direction === 'out' ? `You: ${last.text}` : last.text
  return asked ? 'Waits for their answer' : availabilityOf(person)
}
