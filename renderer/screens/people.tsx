import { Info, Search } from 'lucide-react'
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { Virtualizer, type VirtualizerHandle } from 'virtua'
import type { Person } from '../../shared/model/person.ts'
import { type PersonId, splitPersonId } from '../../shared/model/person-id.ts'
import { useAnswers } from '../components/answers.ts'
import { Button } from '../components/button.tsx'
import { groupsOf, peopleInOrder, strangersOffers } from '../state/selectors.ts'
import { attempt, currentState, dispatch, useView } from '../state/store.ts'
import { useFocusCommand } from '../state/use-command.ts'
import { Accounts } from './accounts.tsx'
import style from './people.module.css'
import { PersonRow } from './person-row.tsx'

const NOBODY: ReadonlyMap<PersonId, Person> = new Map()
const NONE = [] as const
/** Pixels, as people.module.css has it. */
const ROW_HEIGHT = 54

/** The left column: who we are, who asks, and everybody in order. */
export function People() {
  return (
    <nav className={style['people']} aria-label="People">
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
      const { known, group } = currentState()
      const [first] = peopleInOrder(known?.people.values() ?? [], search, group)
      if (first !== undefined) dispatch({ type: 'view', person: first.id })
    }
  }
  return (
    <search className={style['search']}>
      <Search size={16} strokeWidth={1.75} aria-hidden />
      <input
        ref={field}
        type="search"
        aria-label="Search people"
        placeholder="Search people"
        value={search}
        spellCheck={false}
        onChange={event => dispatch({ type: 'search', text: event.target.value })}
        onKeyDown={onKeyDown}
      />
    </search>
  )
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
      aria-label="Group"
      value={group === undefined ? '' : `in ${group}`}
      onChange={({ target }) =>
        dispatch({ type: 'group', name: target.value === '' ? undefined : target.value.slice('in '.length) })
      }
    >
      <option value="">Everybody</option>
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
    <section className={style['asking']} aria-label="Requests" tabIndex={-1}>
      <Request key={first.person} person={first.person} others={requests.length - 1} />
    </section>
  )
}

function Request({ person, others }: { readonly person: PersonId; readonly others: number }) {
  const answer = useAnswers()
  const { account, address } = splitPersonId(person)
  const several = useView(state => (state.known?.accounts.length ?? 0) > 1)
  const allow = (allowed: boolean) => answer(() => attempt(window.plumb.answerRequest(person, allowed)))
  return (
    <>
      <p>
        <b>
          <bdi>{address}</bdi>
        </b>{' '}
        wants to add {several ? <bdi>{account}</bdi> : 'you'} and see when you are online.
        {others > 0 && (others === 1 ? ' 1 more waits.' : ` ${others} more wait.`)}
      </p>
      <div className={style['answers']}>
        <Button kind="quiet" {...allow(false)}>
          Decline
        </Button>
        <Button {...allow(true)}>Allow</Button>
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
      {count === 1 ? 'A file from somebody' : `${count} files from people`} not in your contacts
    </button>
  )
}

function PeopleList() {
  const people = useView(state => state.known?.people ?? NOBODY)
  const search = useView(state => state.search)
  const group = useView(state => state.group)
  const viewing = useView(state => state.viewing)
  const listed = useMemo(() => peopleInOrder(people.values(), search, group), [people, search, group])
  const list = useRef<VirtualizerHandle>(null)
  const rows = useRef<HTMLDivElement>(null)
  /** The row that gets the focus as soon as it can have it, unless somebody goes elsewhere first. */
  const wanted = useRef<{ readonly index: number; readonly search: string; readonly from: Element | null }>(
    undefined,
  )
  /** Who has the row that Tab comes to, wherever that is by now; the arrow keys move it. */
  const [current, setCurrent] = useState<PersonId>()
  const reachable = Math.max(
    listed.findIndex(({ id }) => id === current),
    0,
  )
  const focusWanted = (): void => {
    const { current: asked } = wanted
    if (asked === undefined) return
    const { activeElement: before } = document
    const row = rows.current?.querySelector<HTMLElement>(`[data-person="${asked.index}"]`)
    const isElsewhere = asked.search !== search || (before !== asked.from && before !== document.body)
    // The list has scrolled to it: the browser would put it in the middle.
    if (!isElsewhere) row?.focus({ preventScroll: true })
    if (isElsewhere || row === document.activeElement) wanted.current = undefined
  }
  const focusRow = (index: number): void => {
    const to = Math.max(0, Math.min(index, listed.length - 1))
    setCurrent(listed[to]?.id)
    list.current?.scrollToIndex(to, { align: 'nearest' })
    wanted.current = { index: to, search, from: document.activeElement }
    focusWanted()
  }
  // It is there by now, unless it has to be measured first.
  useEffect(focusWanted)
  useFocusCommand('people', () => focusRow(0))
  const onKeyDown = (event: KeyboardEvent): void => {
    const to = stepOf(event.key, wanted.current?.index ?? reachable, listed.length)
    if (to === undefined) return
    event.preventDefault()
    focusRow(to)
  }

  if (listed.length === 0) return <Nobody searching={search.trim() !== ''} />
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the rows are the controls, their keys are handled for all
    <div ref={rows} className={style['list']} onKeyDown={onKeyDown} tabIndex={-1}>
      <Virtualizer
        ref={list}
        as="ul"
        item="li"
        data={listed}
        itemSize={ROW_HEIGHT}
        // Wherever the list is, Tab comes to it.
        keepMounted={[reachable]}
        // Measured, it can be seen, and have the focus.
        onResize={focusWanted}
      >
        {(person, index) => (
          <PersonRow
            key={person.id}
            person={person}
            index={index}
            isCurrent={index === reachable}
            isViewed={person.id === viewing}
            onFocus={setCurrent}
          />
        )}
      </Virtualizer>
    </div>
  )
}

function stepOf(key: string, from: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return from + 1
    case 'ArrowUp':
      return from - 1
    case 'PageDown':
      return from + 10
    case 'PageUp':
      return from - 10
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return undefined
  }
}

function Nobody({ searching }: { readonly searching: boolean }) {
  if (searching) {
    return (
      <div className={style['empty']}>
        <p>Nobody by that name.</p>
        <Button
          onClick={() => {
            dispatch({ type: 'search', text: '' })
            dispatch({ type: 'group', name: undefined })
          }}
        >
          Show everybody
        </Button>
      </div>
    )
  }
  return (
    <div className={style['empty']}>
      <p>Nobody here yet. Add somebody by their address to send them files.</p>
      <Button onClick={() => dispatch({ type: 'open-dialog', dialog: { kind: 'add-person', address: '' } })}>
        Add a person
      </Button>
    </div>
  )
}
