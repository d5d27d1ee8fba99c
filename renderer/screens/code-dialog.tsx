import { Button } from '../components/button.tsx'
import { Dialog, DialogButtons } from '../components/dialog.tsx'
import { nameOf } from '../state/selectors.ts'
import { dispatch, useView } from '../state/store.ts'
import style from './dialog-parts.module.css'

/** Six groups of digits that two people can compare. */
export function CodeDialog({ transfer: id }: { readonly transfer: string }) {
  const transfer = useView(state => state.known?.transfers.get(id))
  const name = useView(state => transfer && nameOf(state, transfer.person))
  const close = (): void => dispatch({ type: 'close-dialog' })
  const code = transfer?.receipt?.code
  if (transfer === undefined || code === undefined || code === null) return null
  return (
    <Dialog
      title="Verification code"
      description={`Read it to ${name} over the phone, or hold the two screens side by side. Both show the same digits only if nobody is in between.`}
      onClose={close}
    >
      <div className={style['code']}>
        {code.split(' ').map((group, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the groups never move
          <span key={index}>{group}</span>
        ))}
      </div>
      <p className={style['soft']}>
        For <bdi>{transfer.name}</bdi>. Each has its own while both programs run: compare it for the file that
        matters.
      </p>
      <DialogButtons>
        <Button kind="primary" onClick={close}>
          Done
        </Button>
      </DialogButtons>
    </Dialog>
  )
}
