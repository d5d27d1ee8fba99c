import { Info, Pencil, UserMinus } from 'lucide-react'
import { memo } from 'react'
import type { Person } from '../../shared/model/person.ts'
import type { PersonId } from '../../shared/model/person-id.ts'
import { numberFormat } from '../../shared/words/language.ts'
import { Avatar } from '../components/avatar.tsx'
import { joined } from '../components/button.tsx'
import hidden from '../components/hidden.module.css'
import { RowMenu } from '../components/menu.tsx'
import { sendFiles } from '../state/files.ts'
import { waitingFiles } from '../state/selectors.ts'
import { dispatch, useView } from '../state/store.ts'
import { availabilityOf } from '../words/person.ts'
import { say } from '../words/say.ts'
import { shortTime } from '../words/time.ts'
import { waitingLine } from '../words/transfer.ts'
import { AccountLabel } from './account-label.tsx'
import { useFileDrop } from './file-drop.ts'
import style from './people.module.css'

/** Of messages that a badge has room for. */
const MOST = 99

interface PersonRowProps {
  readonly person: Person
  readonly index: number
  /** Whether Tab comes here. */
  readonly isCurrent: boolean
  readonly isViewed: boolean
  readonly onFocus: (person: PersonId) => void
}

/** One person of the list. Files can be dropped on it. */
export const PersonRow = memo(function PersonRow({
  person,
  index,
  isCurrent,
  isViewed,
  onFocus,
}: PersonRowProps) {
  const { id, address, name, last, unread, inContacts } = person
  const { over, handlers } = useFileDrop(files => sendFiles(id, files))
  const waiting = useView(({ known }) =>
    known === undefined ? 0 : (waitingFiles(known.transfers).get(id) ?? 0),
  )
  const openContact = (rename: boolean): void =>
    dispatch({ type: 'open-dialog', dialog: { kind: 'contact', person: id, rename } })
  return (
    <RowMenu
      entries={[
        { icon: Info, label: say('person.details'), act: () => openContact(false) },
        ...(inContacts ? [{ icon: Pencil, label: say('person.rename'), act: () => openContact(true) }] : []),
        {
          icon: UserMinus,
          label: say('person.remove'),
          danger: true,
          act: () => dispatch({ type: 'open-dialog', dialog: { kind: 'remove-person', person: id } }),
        },
      ]}
    >
      <button
        type="button"
        className={style['row']}
        data-row={index}
        data-over={over > 0 ? '' : undefined}
        aria-current={isViewed}
        tabIndex={isCurrent ? 0 : -1}
        onFocus={() => onFocus(id)}
        onClick={() => dispatch({ type: 'view', person: id })}
        {...handlers}
      >
        <Avatar name={name} address={address} picture={person.picture} availability={person.availability} />
        <span className={style['text']}>
          <span className={style['name']}>
            <b dir="auto">{name}</b>
            <AccountLabel person={id} />
          </span>
          {(last !== null || person.status !== '') && (
            <span className={hidden['hidden']}>{availabilityOf(person)}</span>
          )}
          <span className={joined(style['line'], person.typing ? style['typing'] : undefined)} dir="auto">
            {over > 0 ? say('person.drop') : lineOf(person, waiting)}
          </span>
        </span>
        <span className={style['side']}>
          {last !== null && <time>{shortTime(last.at)}</time>}
          {unread > 0 && (
            <span className={style['badge']} role="img" aria-label={say('person.unread', { count: unread })}>
              {unread > MOST ? say('person.over', { count: MOST }) : numberFormat().format(unread)}
            </span>
          )}
        </span>
      </button>
    </RowMenu>
  )
})

/** The last that was said; what waits for them comes before it, but not before what was not read yet. */
function lineOf(person: Person, waiting: number): string {
  const { last, asked, unread, typing, blocked, status } = person
  if (blocked) return say('person.blocked')
  if (typing) return say('person.writing')
  if (waiting > 0 && unread === 0) return waitingLine(waiting, person.name)
  if (last !== null) return last.direction === 'out' ? say('person.you-said', { text: last.text }) : last.text
  if (asked) return say('person.asked')
  return status === '' ? availabilityOf(person) : status
}
