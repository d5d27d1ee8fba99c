import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { Virtualizer, type VirtualizerHandle } from 'virtua'
import type { Person } from '../../shared/model/person.ts'
import type { PersonId } from '../../shared/model/person-id.ts'
import { Button } from '../components/button.tsx'
import hidden from '../components/hidden.module.css'
import { useFinding } from '../state/find.ts'
import { listEntries, looksEverywhere, peopleInOrder } from '../state/selectors.ts'
import { dispatch, useView } from '../state/store.ts'
import { useFocusCommand } from '../state/use-command.ts'
import { foundLine } from '../words/found.ts'
import { say } from '../words/say.ts'
import { FoundRow } from './found-row.tsx'
import style from './people.module.css'
import { PersonRow } from './person-row.tsx'

const NOBODY: ReadonlyMap<PersonId, Person> = new Map()
/** Pixels, as people.module.css has it. */
const ROW_HEIGHT = 54

/** Everybody in order; while somebody searches, who and what was found. */
export function PeopleList() {
  const people = useView(state => state.known?.people ?? NOBODY)
  const search = useView(state => state.search)
  const found = useView(state => state.found)
  const group = useView(state => state.group)
  const viewing = useView(state => state.viewing)
  useFinding()
  const listed = useMemo(() => peopleInOrder(people.values(), search, group), [people, search, group])
  const entries = useMemo(() => listEntries(listed, found), [listed, found])
  /** Where the rows are among the entries: headings are passed over. */
  const rowsAt = useMemo(
    () => entries.flatMap(({ kind }, index) => (kind === 'heading' ? [] : [index])),
    [entries],
  )
  const list = useRef<VirtualizerHandle>(null)
  const rows = useRef<HTMLDivElement>(null)
  /** The row that gets the focus as soon as it can have it, unless somebody goes elsewhere first. */
  const wanted = useRef<{ readonly row: number; readonly search: string; readonly from: Element | null }>(
    undefined,
  )
  /** The key of the row that Tab comes to, wherever that is by now; the arrow keys move it. */
  const [current, setCurrent] = useState<string>()
  const reachable = Math.max(
    rowsAt.findIndex(index => entries[index]?.key === current),
    0,
  )
  const focusWanted = (): void => {
    const { current: asked } = wanted
    if (asked === undefined) return
    const { activeElement: before } = document
    const row = rows.current?.querySelector<HTMLElement>(`[data-row="${rowsAt[asked.row]}"]`)
    const isElsewhere = asked.search !== search || (before !== asked.from && before !== document.body)
    // The list has scrolled to it: the browser would put it in the middle.
    if (!isElsewhere) row?.focus({ preventScroll: true })
    if (isElsewhere || row === document.activeElement) wanted.current = undefined
  }
  const focusRow = (row: number): void => {
    const to = Math.max(0, Math.min(row, rowsAt.length - 1))
    const index = rowsAt[to] ?? 0
    setCurrent(entries[index]?.key)
    // With the heading above the first one.
    list.current?.scrollToIndex(to === 0 ? 0 : index, { align: 'nearest' })
    wanted.current = { row: to, search, from: document.activeElement }
    focusWanted()
  }
  // It is there by now, unless it has to be measured first.
  useEffect(focusWanted)
  useFocusCommand('people', () => focusRow(0))
  const onKeyDown = (event: KeyboardEvent): void => {
    const to = stepOf(event.key, wanted.current?.row ?? reachable, rowsAt.length)
    if (to === undefined) return
    event.preventDefault()
    focusRow(to)
  }

  const isAnswered = found?.text === search
  return (
    <>
      <p className={hidden['hidden']} role="status">
        {isAnswered && foundLine(listed.length, found.result)}
      </p>
      {entries.length === 0 ? (
        <Nobody isSearching={search.trim() !== ''} isLooking={looksEverywhere(search) && !isAnswered} />
      ) : (
        // biome-ignore lint/a11y/noStaticElementInteractions: the rows are the controls, their keys are handled for all
        <div ref={rows} className={style['list']} onKeyDown={onKeyDown} tabIndex={-1}>
          <Virtualizer
            ref={list}
            as="ul"
            item="li"
            data={entries}
            itemSize={ROW_HEIGHT}
            // Wherever the list is, Tab comes to it.
            keepMounted={[rowsAt[reachable] ?? 0]}
            // Measured, it can be seen, and have the focus.
            onResize={focusWanted}
          >
            {(entry, index) => {
              const common = { index, isCurrent: index === rowsAt[reachable], onFocus: setCurrent }
              switch (entry.kind) {
                case 'heading':
                  return (
                    <h2 key={entry.key} className={style['heading']}>
                      {entry.name}
                    </h2>
                  )
                case 'person':
                  return (
                    <PersonRow
                      key={entry.key}
                      person={entry.person}
                      isViewed={entry.person.id === viewing}
                      {...common}
                    />
                  )
                default:
                  return <FoundRow key={entry.key} entry={entry} search={found?.text ?? ''} {...common} />
              }
            }}
          </Virtualizer>
        </div>
      )}
    </>
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

interface NobodyProps {
  readonly isSearching: boolean
  /** Not everything was looked through yet. */
  readonly isLooking: boolean
}

function Nobody({ isSearching, isLooking }: NobodyProps) {
  if (isLooking) return <div className={style['empty']} />
  if (isSearching) {
    return (
      <div className={style['empty']}>
        <p>{say('found.nothing')}</p>
        <Button
          onClick={() => {
            dispatch({ type: 'search', text: '' })
            dispatch({ type: 'group', name: undefined })
          }}
        >
          {say('people.show-everybody')}
        </Button>
      </div>
    )
  }
  return (
    <div className={style['empty']}>
      <p>{say('people.none')}</p>
      <Button onClick={() => dispatch({ type: 'open-dialog', dialog: { kind: 'add-person', address: '' } })}>
        {say('people.add')}
      </Button>
    </div>
  )
}
