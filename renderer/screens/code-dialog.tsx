import { Button } from '../components/button.tsx'
import { Dialog, DialogButtons } from '../components/dialog.tsx'
import { nameOf } from '../state/selectors.ts'
import { dispatch, useView } from '../state/store.ts'
import { draw, say } from '../words/say.ts'
import style from './dialog-parts.module.css'

/** Six groups of digits that two people can compare. */
export function CodeDialog({ transfer: id }: { readonly transfer: string }) {
  const transfer = useView(state => state.known?.transfers.get(id))
  const name = useView(state => (transfer === undefined ? '' : nameOf(state, transfer.person)))
  const close = (): void => dispatch({ type: 'close-dialog' })
  const code = transfer?.receipt?.code
  if (transfer === undefined || code === undefined || code === null) return null
  return (
    <Dialog title={say('code.title')} description={say('code.compare', { name })} onClose={close}>
      <div className={style['code']} dir="ltr">
        {code.split(' ').map((group, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the groups never move
          <span key={index}>{group}</span>
        ))}
      </div>
      <p className={style['soft']}>
        {draw('code.whose', { file: inner => <bdi>{inner}</bdi>, name: transfer.name })}
      </p>
      <DialogButtons>
        <Button kind="primary" onClick={close}>
          {say('code.done')}
        </Button>
      </DialogButtons>
    </Dialog>
  )
}
