import { Info, Search } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef } from 'react'
import type { Person } from '../../shared/model/person.ts'
import { type PersonId, splitPersonId } from '../../shared/model/person-id.ts'
import { useAnswers } from '../components/answers.ts'
import { Button } from '../components/button.tsx'
import { groupsOf, listEntries, peopleInOrder, strangersOffers } from '../state/selectors.ts'
import { attempt, currentState, dispatch, useView } from '../state/store.ts'
import { useFocusCommand } from '../state/use-command.ts'
import { draw, say } from '../words/say.ts'
import { Accounts } from './accounts.tsx'
import { openEntry } from './found-row.tsx'
import style from './people.module.css'
import { PeopleList } from './people-list.tsx'

const NONE = [] as const
const NOBODY: ReadonlyMap<PersonId, Person> = new Map()

/** The left column: who we are, who asks, and everybody in order. */
export function People() {
  return (
    <nav className={style['people']} aria-label={say('people.title')}>
      <Accounts />
      <SearchField />
      <GroupField />
      <Requests />
      <Strangers />
      <PeopleList />
    </nav>
  )
}

function SearchField() {
  const search = useView(state => state.search)
  const field = useRef<HTMLInputElement>(null)
  useFocusCommand('search', () => field.current?.select())
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && search !== '') {
      event.preventDefault()
      dispatch({ type: 'search', text: '' })
    } else if (event.key === 'ArrowDown') {
      event.preventDefault()
      dispatch({ type: 'focus', on: 'people' })
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      openFirst()
    }
  }
  return (
    <search className={style['search']}>
      <Search size={16} strokeWidth={1.75} aria-hidden />
      <input
        ref={field}
        type="search"
        aria-label={say('people.search')}
        placeholder={say('people.search-short')}
        value={search}
        spellCheck={false}
        onChange={event => dispatch({ type: 'search', text: event.target.value })}
        onKeyDown={onKeyDown}
      />
    </search>
  )
}

/** What is at the top of the list. */
function openFirst(): void {
  const { known, search, found, group } = currentState()
  const people = peopleInOrder(known?.people.values() ?? [], search, group)
  const first = listEntries(people, found?.text === search ? found : undefined).find(
    ({ kind }) => kind !== 'heading',
  )
  if (first !== undefined) openEntry(first)
}

/** Which group of the contacts is listed, where there are any. */
function GroupField() {
  const people = useView(state => state.known?.people ?? NOBODY)
  const group = useView(state => state.group)
  const groups = useMemo(() => groupsOf(people.values()), [people])
  // The last of them may have left it.
  const isGone = group !== undefined && !groups.includes(group)
  useEffect(() => {
    if (isGone) dispatch({ type: 'group', name: undefined })
  }, [isGone])
  if (groups.length === 0) return null
  return (
    <select
      className={style['group']}
      aria-label={say('people.group')}
      value={group === undefined ? '' : `in ${group}`}
      onChange={({ target }) =>
        dispatch({ type: 'group', name: target.value === '' ? undefined : target.value.slice('in '.length) })
      }
    >
      <option value="">{say('people.everybody')}</option>
      {groups.map(name => (
        <option key={name} value={`in ${name}`}>
          {name}
        </option>
      ))}
    </select>
  )
}

/** Who wants to see when we are online. */
function Requests() {
  const requests = useView(state => state.known?.requests ?? NONE)
  const [first] = requests
  if (first === undefined) return null
  return (
    // It takes the focus over when an answer takes the question away.
    <section className={style['asking']} aria-label={say('people.requests')} tabIndex={-1}>
      <Request key={first.person} person={first.person} others={requests.length - 1} />
    </section>
  )
}

function Request({ person, others }: { readonly person: PersonId; readonly others: number }) {
  const answer = useAnswers()
  const { account, address } = splitPersonId(person)
  const several = useView(state => (state.known?.accounts.length ?? 0) > 1)
  const b = (inner: ReactNode) => <b>{inner}</b>
  const allow = (allowed: boolean) => answer(() => attempt(window.plumb.answerRequest(person, allowed)))
  return (
    <>
      <p>
        {several
          ? draw('request.asks-account', { b, address, account })
          : draw('request.asks', { b, address })}
        {others > 0 && ` ${say('request.more', { count: others })}`}
      </p>
      <div className={style['answers']}>
        <Button kind="quiet" {...allow(false)}>
          {say('request.decline')}
        </Button>
        <Button {...allow(true)}>{say('request.allow')}</Button>
      </div>
    </>
  )
}

function Strangers() {
  const offers = useView(state => state.known?.offers ?? NONE)
  const count = strangersOffers(offers).length
  if (count === 0) return null
  return (
    <button
      type="button"
      className={style['strangers']}
      onClick={() => dispatch({ type: 'open-dialog', dialog: { kind: 'strangers' } })}
    >
      <Info size={16} strokeWidth={1.75} aria-hidden />
      {say('people.strangers', { count })}
    </button>
  )
}
