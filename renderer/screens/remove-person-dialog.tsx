import { useState } from 'react'
import { type PersonId, splitPersonId } from '../../shared/model/person-id.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogButtons } from '../components/dialog.tsx'
import { SwitchField } from '../components/switch-field.tsx'
import { attempt, dispatch, useView } from '../state/store.ts'

/** Asks before somebody is taken off the list. */
export function RemovePersonDialog({ person }: { readonly person: PersonId }) {
  const name = useView(state => state.known?.people.get(person)?.name ?? splitPersonId(person).address)
  const inContacts = useView(state => state.known?.people.get(person)?.inContacts ?? false)
  const [withHistory, setWithHistory] = useState(false)
  const close = (): void => dispatch({ type: 'close-dialog' })
  const remove = async (): Promise<void> => {
    close()
    await attempt(window.plumb.removePerson(person, withHistory || !inContacts))
  }
  return (
    <Dialog
      title={`Remove ${name}?`}
      description={
        inContacts
          ? 'Neither of you sees any more when the other is online. Files that arrived stay where they are.'
          : 'They leave this list, and what was said is deleted from this computer. Files that arrived stay where they are.'
      }
      onClose={close}
    >
      {inContacts && (
        <SwitchField
          label="Delete what was said"
          hint="From this computer only: your server and other devices may have a copy."
          checked={withHistory}
          onChange={setWithHistory}
        />
      )}
      <DialogButtons>
        <Button kind="quiet" onClick={close}>
          Keep
        </Button>
        <Button kind="danger" onClick={() => void remove()}>
          Remove
        </Button>
      </DialogButtons>
    </Dialog>
  )
}
