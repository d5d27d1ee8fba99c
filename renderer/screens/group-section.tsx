import { X } from 'lucide-react'
import { type FormEvent, useId, useState } from 'react'
import { MAX_GROUPS } from '../../shared/model/limits.ts'
import type { Person } from '../../shared/model/person.ts'
import { Button, IconButton } from '../components/button.tsx'
import { TextField } from '../components/text-field.tsx'
import { groupsOf } from '../state/selectors.ts'
import { attempt, useView } from '../state/store.ts'
import { say } from '../words/say.ts'
import style from './dialog-parts.module.css'

const NOBODY: ReadonlyMap<string, Person> = new Map()

/** The groups that a contact is in: out of one, or into another. */
export function GroupSection({ person: { id, name, groups } }: { readonly person: Person }) {
  const people = useView(state => state.known?.people ?? NOBODY)
  const [wanted, setWanted] = useState('')
  const list = useId()
  const others = groupsOf(people.values()).filter(group => !groups.includes(group))
  const regroup = (into: readonly string[]) => attempt(window.plumb.regroupPerson(id, [...into]))
  const add = (event: FormEvent): void => {
    event.preventDefault()
    const group = wanted.trim()
    setWanted('')
    if (group !== '' && !groups.includes(group)) void regroup([...groups, group])
  }
  return (
    // It takes the focus over from a group that is removed.
    <section className={style['section']} aria-label={say('contact-groups.title')} tabIndex={-1}>
      <h3>{say('contact-groups.title')}</h3>
      {groups.length > 0 && (
        <ul className={style['tags']} aria-label={say('contact-groups.of', { name })}>
          {groups.map(group => (
            <li key={group} className={style['tag']}>
              <span dir="auto">{group}</span>
              <IconButton
                icon={X}
                label={say('contact-groups.remove-from', { group })}
                compact
                onClick={() => void regroup(groups.filter(each => each !== group))}
              />
            </li>
          ))}
        </ul>
      )}
      {groups.length < MAX_GROUPS && (
        <form className={style['adding']} onSubmit={add}>
          <TextField
            label={say('contact-groups.add-to')}
            dir="auto"
            value={wanted}
            onValueChange={setWanted}
            maxLength={200}
            list={list}
            autoComplete="off"
          />
          <datalist id={list}>
            {others.map(group => (
              <option key={group} value={group} />
            ))}
          </datalist>
          <Button type="submit" disabled={wanted.trim() === ''}>
            {say('contact-groups.add')}
          </Button>
        </form>
      )}
    </section>
  )
}
