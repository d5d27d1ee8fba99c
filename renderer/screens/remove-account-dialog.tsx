import { Button } from '../components/button.tsx'
import { Dialog, DialogButtons } from '../components/dialog.tsx'
import { attempt, dispatch } from '../state/store.ts'
import { say } from '../words/say.ts'

/** Asks before an account is taken off the list. */
export function RemoveAccountDialog({ address }: { readonly address: string }) {
  const close = (): void => dispatch({ type: 'close-dialog' })
  const remove = async (): Promise<void> => {
    close()
    await attempt(window.plumb.removeAccount(address))
  }
  return (
    <Dialog
      title={say('remove-account.title', { address })}
      description={say('remove-account.consequence')}
      onClose={close}
    >
      <DialogButtons>
        <Button kind="quiet" onClick={close}>
          {say('remove-account.keep')}
        </Button>
        <Button kind="danger" onClick={() => void remove()}>
          {say('remove-account.remove')}
        </Button>
      </DialogButtons>
    </Dialog>
  )
}
