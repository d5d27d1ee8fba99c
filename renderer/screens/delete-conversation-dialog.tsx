import type { PersonId } from '../../shared/model/person-id.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogButtons } from '../components/dialog.tsx'
import { nameOf } from '../state/selectors.ts'
import { attempt, dispatch, useView } from '../state/store.ts'
import { say } from '../words/say.ts'

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
      title={say('said.delete-question', { name })}
      description={say('said.delete-consequence')}
      onClose={close}
    >
      <DialogButtons>
        <Button kind="quiet" onClick={close}>
          {say('said.keep')}
        </Button>
        <Button kind="danger" onClick={() => void remove()}>
          {say('said.delete-now')}
        </Button>
      </DialogButtons>
    </Dialog>
  )
}
