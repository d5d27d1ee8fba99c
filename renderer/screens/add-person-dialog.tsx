import { type FormEvent, useRef, useState } from 'react'
import { BARE_JID, MAX_ADDRESS_LENGTH } from '../../shared/model/limits.ts'
import { personId } from '../../shared/model/person-id.ts'
import { Button } from '../components/button.tsx'
import { ChoiceField } from '../components/choice-field.tsx'
import { Dialog, DialogButtons } from '../components/dialog.tsx'
import { TextField } from '../components/text-field.tsx'
import { isOpen } from '../state/accounts.ts'
import { currentState, dispatch, useView } from '../state/store.ts'
import { say } from '../words/say.ts'
import style from './dialog-parts.module.css'

const NONE = [] as const

interface AddPersonDialogProps {
  readonly address: string
  /** Whose contact it is to be, where that is known. */
  readonly account: string | undefined
}

/** Adds somebody by their address. */
export function AddPersonDialog({ address: given, account: preferred }: AddPersonDialogProps) {
  const accounts = useView(state => state.known?.accounts ?? NONE).filter(isOpen)
  const [chosen, setChosen] = useState(preferred)
  const account = accounts.find(each => each.address === chosen) ?? accounts[0]
  const [address, setAddress] = useState(given)
  const [name, setName] = useState('')
  const [complaint, setComplaint] = useState<string>()
  const [busy, setBusy] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const close = (): void => dispatch({ type: 'close-dialog' })
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    const wanted = address.trim().toLowerCase()
    if (!BARE_JID.test(wanted)) {
      setComplaint(say('add-person.malformed'))
      return
    }
    if (account === undefined) return
    setBusy(true)
    const answer = await window.plumb.addPerson(
      account.address,
      wanted,
      name.trim() === '' ? null : name.trim(),
    )
    setBusy(false)
    if (!answer.ok) {
      setComplaint(answer.failure.message)
      return
    }
    // Whoever closed it meanwhile is somewhere else by now.
    if (currentState().dialog?.kind !== 'add-person') return
    close()
    dispatch({ type: 'view', person: personId(account.address, wanted) })
  }
  return (
    <Dialog
      title={say('add-person.title')}
      description={say('add-person.hint')}
      onClose={close}
      initialFocus={field}
    >
      <form className={style['form']} onSubmit={event => void submit(event)} noValidate>
        <TextField
          label={say('add-person.address')}
          placeholder={say('add-person.example')}
          value={address}
          onValueChange={setAddress}
          error={complaint}
          ref={field}
          maxLength={MAX_ADDRESS_LENGTH}
          spellCheck={false}
          inputMode="email"
          dir="ltr"
        />
        <TextField
          label={say('add-person.name')}
          placeholder={say('add-person.optional')}
          value={name}
          onValueChange={setName}
          maxLength={200}
        />
        {accounts.length > 1 && account !== undefined && (
          <ChoiceField
            label={say('add-person.account')}
            value={account.address}
            onChange={setChosen}
            choices={accounts.map(each => ({ value: each.address, label: each.address }))}
          />
        )}
        <DialogButtons>
          <Button kind="quiet" onClick={close}>
            {say('add-person.cancel')}
          </Button>
          <Button kind="primary" type="submit" disabled={busy}>
            {say('add-person.add')}
          </Button>
        </DialogButtons>
      </form>
    </Dialog>
  )
}
