import { type RefObject, useRef, useState } from 'react'
import type { ContactPolicy, Person } from '../../shared/model/person.ts'
import { type PersonId, splitPersonId } from '../../shared/model/person-id.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogButtons } from '../components/dialog.tsx'
import { SwitchField } from '../components/switch-field.tsx'
import { TextField } from '../components/text-field.tsx'
import { isOwn, selfOf } from '../state/selectors.ts'
import { attempt, dispatch, useView } from '../state/store.ts'
import { availabilityOf, deviceName, subscriptionLine } from '../words/person.ts'
import { say } from '../words/say.ts'
import { wholeNumber } from '../words/whole-number.ts'
import style from './dialog-parts.module.css'
import { GroupSection } from './group-section.tsx'
import { HistorySection } from './history-section.tsx'

const MB = 1_000_000
const FIRST_LIMIT = 100 * MB
const MAX_LIMIT_MB = 10_000_000

interface ContactDialogProps {
  readonly person: PersonId
  readonly rename: boolean
}

/** Everything about one person, and what was decided for them. */
export function ContactDialog({ person: id, rename }: ContactDialogProps) {
  const person = useView(state => state.known?.people.get(id))
  const { account, address } = splitPersonId(id)
  const name = useRef<HTMLInputElement>(null)
  const close = (): void => dispatch({ type: 'close-dialog' })
  if (person === undefined) return null
  return (
    <Dialog title={person.name} onClose={close} {...(rename ? { initialFocus: name } : {})}>
      <p className={style['address']}>
        <bdi dir="ltr">{address}</bdi>
      </p>
      {person.status !== '' && <p dir="auto">{person.status}</p>}
      {person.inContacts && <NameField person={person} field={name} />}
      {/* Of who is blocked it would be said, and not be so. */}
      {!person.blocked && (
        <section className={style['section']}>
          <p>{subscriptionLine(person)}</p>
          <Devices person={person} />
        </section>
      )}
      {person.inContacts && <GroupSection person={person} />}
      {person.inContacts && <PolicyForm person={person} />}
      <HistorySection person={id} />
      <Blocking person={person} />
      <DialogButtons>
        {person.inContacts ? (
          <Button
            kind="danger"
            onClick={() => dispatch({ type: 'open-dialog', dialog: { kind: 'remove-person', person: id } })}
          >
            {say('contact.remove')}
          </Button>
        ) : (
          <Button
            onClick={() =>
              dispatch({ type: 'open-dialog', dialog: { kind: 'add-person', address, account } })
            }
          >
            {say('contact.add')}
          </Button>
        )}
        <Button kind="primary" onClick={close}>
          {say('contact.done')}
        </Button>
      </DialogButtons>
    </Dialog>
  )
}

interface NameFieldProps {
  readonly person: Person
  readonly field: RefObject<HTMLInputElement | null>
}

/** Holds as soon as it is left, like everything else here. */
function NameField({ person, field }: NameFieldProps) {
  const [name, setName] = useState(person.name)
  const commit = (): void => {
    const wanted = name.trim()
    if (wanted === '') setName(person.name)
    else if (wanted !== person.name) void attempt(window.plumb.renamePerson(person.id, wanted))
  }
  return (
    <TextField
      label={say('contact.name')}
      ref={field}
      value={name}
      onValueChange={setName}
      onCommit={commit}
      maxLength={200}
    />
  )
}

/** Not for the own account, nor where the server can block nobody. */
function Blocking({ person }: { readonly person: Person }) {
  const { id, name, blocked } = person
  const { account, address } = splitPersonId(id)
  const canBlock = useView(state => (selfOf(state, account)?.blocked ?? null) !== null)
  if (isOwn(id) || (!canBlock && !blocked)) return null
  return (
    <section className={style['section']}>
      <div className={style['line']}>
        <p className={style['soft']}>
          {blocked ? say('contact.blocked', { name }) : say('contact.not-blocked')}
        </p>
        {blocked ? (
          <Button onClick={() => void attempt(window.plumb.unblock(account, address))}>
            {say('contact.unblock')}
          </Button>
        ) : (
          <Button
            onClick={() => dispatch({ type: 'open-dialog', dialog: { kind: 'block-person', person: id } })}
          >
            {say('contact.block')}
          </Button>
        )}
      </div>
    </section>
  )
}

function Devices({ person }: { readonly person: Person }) {
  if (person.devices.length === 0) return null
  return (
    <ul className={style['list']} aria-label={say('contact.devices')}>
      {person.devices.map(device => (
        <li key={device.address} className={style['entry']}>
          <div>
            <p>
              <bdi>{deviceName(device.address)}</bdi>
            </p>
            <p className={style['soft']}>
              {availabilityOf(device)} ·{' '}
              {device.direct === null
                ? say('contact.direct-asked')
                : device.direct
                  ? say('contact.direct')
                  : say('contact.not-direct')}
            </p>
          </div>
        </li>
      ))}
    </ul>
  )
}

function PolicyForm({ person: { id, name, policy } }: { readonly person: Person }) {
  const { autoAcceptBytes, allowUnencrypted } = policy
  const [limit, setLimit] = useState(String((autoAcceptBytes ?? FIRST_LIMIT) / MB))
  const megabytes = wholeNumber(limit)
  const valid = Number.isInteger(megabytes) && megabytes >= 1 && megabytes <= MAX_LIMIT_MB
  // Not at each key: on its way to another number it would be one that nobody means.
  const commit = (): void => {
    const bytes = megabytes * MB
    if (valid && autoAcceptBytes !== null && bytes !== autoAcceptBytes) change({ autoAcceptBytes: bytes })
  }
  const change = (patch: Partial<ContactPolicy>): void =>
    void attempt(window.plumb.changePolicy(id, { ...policy, ...patch }))
  return (
    <section className={style['section']}>
      <SwitchField
        label={say('contact.accept')}
        hint={say('contact.accept-hint', { name })}
        checked={autoAcceptBytes !== null}
        onChange={on => change({ autoAcceptBytes: on ? (valid ? megabytes * MB : FIRST_LIMIT) : null })}
      />
      {autoAcceptBytes !== null && (
        <div className={style['amount']}>
          <div>
            <TextField
              label={say('contact.accept-most')}
              inputMode="numeric"
              value={limit}
              onValueChange={setLimit}
              onCommit={commit}
              error={valid ? undefined : say('contact.accept-range', { least: 1, most: MAX_LIMIT_MB })}
            />
          </div>
          <span className={style['unit']}>{say('contact.megabytes')}</span>
        </div>
      )}
      <SwitchField
        label={say('contact.unencrypted')}
        hint={say('contact.unencrypted-hint')}
        checked={allowUnencrypted}
        onChange={on => change({ allowUnencrypted: on })}
      />
    </section>
  )
}
