import type { PersonId } from '../../shared/model/person-id.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogButtons } from '../components/dialog.tsx'
import { nameOf } from '../state/selectors.ts'
import { attempt, dispatch, useView } from '../state/store.ts'
import { say } from '../words/say.ts'

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
      title={say('block-person.title', { name })}
      description={say('block-person.meaning')}
      onClose={close}
    >
      <DialogButtons>
        <Button kind="quiet" onClick={close}>
          {say('block-person.leave')}
        </Button>
        <Button kind="danger" onClick={block}>
          {say('block-person.block')}
        </Button>
      </DialogButtons>
    </Dialog>
  )
}
