import { Dialog } from '../components/dialog.tsx'
import { dispatch, useView } from '../state/store.ts'
import style from './sign-in.module.css'
import { SignInForm } from './sign-in-form.tsx'

/** Signs in with a further account, or again with one that is known. */
export function AddAccountDialog({ address }: { readonly address: string | undefined }) {
  const account = useView(state => state.known?.accounts.find(each => each.address === address))
  const close = (): void => dispatch({ type: 'close-dialog' })
  return (
    <Dialog
      title={address === undefined ? 'Add an account' : 'Sign in'}
      description="Its people and conversations are shown beside those of your other accounts."
      onClose={close}
    >
      <div className={style['inDialog']}>
        <SignInForm account={account} onSignedIn={close} onCancel={close} />
      </div>
    </Dialog>
  )
}
