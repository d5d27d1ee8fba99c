import { useState } from 'react'
import { type PersonId, splitPersonId } from '../../shared/model/person-id.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogButtons } from '../components/dialog.tsx'
import { SwitchField } from '../components/switch-field.tsx'
import { attempt, dispatch, useView } from '../state/store.ts'
import { say } from '../words/say.ts'

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
      title={say('remove-person.question', { name })}
      description={inContacts ? say('remove-person.contact') : say('remove-person.stranger')}
      onClose={close}
    >
      {inContacts && (
        <SwitchField
          label={say('remove-person.delete-said')}
          hint={say('remove-person.delete-said-hint')}
          checked={withHistory}
          onChange={setWithHistory}
        />
      )}
      <DialogButtons>
        <Button kind="quiet" onClick={close}>
          {say('remove-person.keep')}
        </Button>
        <Button kind="danger" onClick={() => void remove()}>
          {say('remove-person.remove')}
        </Button>
      </DialogButtons>
    </Dialog>
  )
}
