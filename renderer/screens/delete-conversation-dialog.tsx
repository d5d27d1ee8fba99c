import type { PersonId } from '../../shared/model/person-id.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogButtons } from '../components/dialog.tsx'
import { nameOf } from '../state/selectors.ts'
import { attempt, dispatch, useView } from '../state/store.ts'

/** Asks before what was said with somebody is deleted. */
export function DeleteConversationDialog({ person }: { readonly person: PersonId }) {
  const name = useView(state => nameOf(state, person))
  const close = (): void => dispatch({ type: 'close-dialog' })
  const remove = async (): Promise<void> => {
    close()
    await attempt(window.plumb.deleteConversation(person))
  }
  return (
    <Dialog
      title={`Delete what was said with ${name}?`}
      description="It is deleted from this computer, and does not come back. Your server, your other devices and theirs may have a copy. Files that arrived stay where they are."
      onClose={close}
    >
      <DialogButtons>
        <Button kind="quiet" onClick={close}>
          Keep
        </Button>
        <Button kind="danger" onClick={() => void remove()}>
          Delete
        </Button>
      </DialogButtons>
    </Dialog>
  )
}
