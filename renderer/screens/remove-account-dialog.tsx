import { Button } from '../components/button.tsx'
import { Dialog, DialogButtons } from '../components/dialog.tsx'
import { attempt, dispatch } from '../state/store.ts'

/** Asks before an account is taken off the list. */
export function RemoveAccountDialog({ address }: { readonly address: string }) {
  const close = (): void => dispatch({ type: 'close-dialog' })
  const remove = async (): Promise<void> => {
    close()
    await attempt(window.plumb.removeAccount(address))
  }
  return (
    <Dialog
      title={`Remove ${address}?`}
      description="What was said with it is deleted from this computer. The account itself stays on its server, and files that arrived stay where they are."
      onClose={close}
    >
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
