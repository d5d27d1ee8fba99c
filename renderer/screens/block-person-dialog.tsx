import type { PersonId } from '../../shared/model/person-id.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogButtons } from '../components/dialog.tsx'
import { nameOf } from '../state/selectors.ts'
import { attempt, dispatch, useView } from '../state/store.ts'

/** Says what it means, and asks before somebody is blocked. */
export function BlockPersonDialog({ person }: { readonly person: PersonId }) {
  const name = useView(state => nameOf(state, person))
  const close = (): void => dispatch({ type: 'close-dialog' })
  const block = (): void => {
    close()
    void attempt(window.plumb.blockPerson(person))
  }
  return (
    <Dialog
      title={`Block ${name}?`}
      description="They can no longer write to you or send you files, and always see you offline. Files that are under way stop. They are not told."
      onClose={close}
    >
      <DialogButtons>
        <Button kind="quiet" onClick={close}>
          Don’t block
        </Button>
        <Button kind="danger" onClick={block}>
          Block
        </Button>
      </DialogButtons>
    </Dialog>
  )
}
