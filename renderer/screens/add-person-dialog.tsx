import { type FormEvent, useRef, useState } from 'react'
import { BARE_JID, MAX_ADDRESS_LENGTH } from '../../shared/model/limits.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogButtons } from '../components/dialog.tsx'
import { TextField } from '../components/text-field.tsx'
import { currentState, dispatch } from '../state/store.ts'
import style from './dialog-parts.module.css'

/** Adds somebody by their address. */
export function AddPersonDialog({ address: given }: { readonly address: string }) {
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
      setComplaint('An address looks like name@example.org.')
      return
    }
    setBusy(true)
    const answer = await window.plumb.addPerson(wanted, name.trim() === '' ? null : name.trim())
    setBusy(false)
    if (!answer.ok) {
      setComplaint(answer.failure.message)
      return
    }
    // Whoever closed it meanwhile is somewhere else by now.
    if (currentState().dialog?.kind !== 'add-person') return
    close()
    dispatch({ type: 'view', address: wanted })
  }
  return (
    <Dialog
      title="Add a person"
      description="They are asked whether you may see when they are online."
      onClose={close}
      initialFocus={field}
    >
      <form className={style['form']} onSubmit={event => void submit(event)} noValidate>
        <TextField
          label="Address"
          placeholder="anna@example.org"
          value={address}
          onValueChange={setAddress}
          error={complaint}
          ref={field}
          maxLength={MAX_ADDRESS_LENGTH}
          spellCheck={false}
          inputMode="email"
        />
        <TextField label="Name" placeholder="optional" value={name} onValueChange={setName} maxLength={200} />
        <DialogButtons>
          <Button kind="quiet" onClick={close}>
            Cancel
          </Button>
          <Button kind="primary" type="submit" disabled={busy}>
            Add
          </Button>
        </DialogButtons>
      </form>
    </Dialog>
  )
}
