import { useState } from 'react'
import { Dialog } from '../components/dialog.tsx'
import { dispatch, useView } from '../state/store.ts'
import { say } from '../words/say.ts'
import { CreateAccount } from './create-account.tsx'
import style from './sign-in.module.css'
import { type NewAccount, SignInForm } from './sign-in-form.tsx'

/** Signs in with a further account, or again with one that is known, or gets one. */
export function AddAccountDialog({ address }: { readonly address: string | undefined }) {
  const account = useView(state => state.known?.accounts.find(each => each.address === address))
  const [creating, setCreating] = useState(false)
  const [created, setCreated] = useState<NewAccount>()
  const close = (): void => dispatch({ type: 'close-dialog' })
  const title = creating
    ? say('create-account.title')
    : address === undefined
      ? say('add-account.title')
      : say('add-account.sign-in')
  return (
    <Dialog title={title} description={say('add-account.description')} onClose={close}>
      <div className={style['inDialog']}>
        {creating ? (
          <CreateAccount
            onBack={made => {
              setCreated(made)
              setCreating(false)
            }}
            onSignedIn={close}
          />
        ) : (
          <SignInForm
            account={account}
            created={created}
            {...(address === undefined ? { onCreate: () => setCreating(true) } : {})}
            onSignedIn={close}
            onCancel={close}
          />
        )}
      </div>
    </Dialog>
  )
}
