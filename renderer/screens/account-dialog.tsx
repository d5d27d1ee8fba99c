import { type FormEvent, useState } from 'react'
import type { AccountForm } from '../../shared/model/registration.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogButtons } from '../components/dialog.tsx'
import { PasswordField } from '../components/password-field.tsx'
import type { OpenDialog } from '../state/state.ts'
import { attempt, dispatch } from '../state/store.ts'
import { AccountQuestions } from './account-questions.tsx'
import style from './dialog-parts.module.css'

/** What can be done with one account of ours that is signed in. */
export function AccountDialog({ address }: { readonly address: string }) {
  const [exported, setExported] = useState(false)
  const close = (): void => dispatch({ type: 'close-dialog' })
  const open = (dialog: OpenDialog) => () => dispatch({ type: 'open-dialog', dialog })
  const exportAll = async (): Promise<void> => {
    setExported(false)
    setExported((await attempt(window.plumb.exportAccount(address))) ?? false)
  }
  return (
    <Dialog title="Account" onClose={close}>
      <p className={style['address']}>{address}</p>
      <PasswordSection address={address} />
      <section className={style['section']} aria-label="On this computer">
        <h3>On this computer</h3>
        <div className={style['line']}>
          <div>
            <p>Everything that was said, and a list of the files, in one file of your own.</p>
            <p className={style['soft']} role="status">
              {exported && 'It is written.'}
            </p>
          </div>
          <Button onClick={() => void exportAll()}>Export…</Button>
        </div>
        <div className={style['line']}>
          <p>Take the account off this computer. It stays on its server.</p>
          <Button onClick={open({ kind: 'remove-account', address })}>Remove…</Button>
        </div>
      </section>
      <section className={style['section']} aria-label="On its server">
        <h3>On its server</h3>
        <div className={style['line']}>
          <p>Give the account up for good.</p>
          <Button kind="danger" onClick={open({ kind: 'delete-account', address })}>
            Delete…
          </Button>
        </div>
      </section>
      <DialogButtons>
        <Button kind="primary" onClick={close}>
          Done
        </Button>
      </DialogButtons>
    </Dialog>
  )
}

/** Another password, and what the server wants to know before. */
function PasswordSection({ address }: { readonly address: string }) {
  const [password, setPassword] = useState('')
  const [complaint, setComplaint] = useState<string>()
  const [state, setState] = useState<'idle' | 'busy' | 'done' | AccountForm>('idle')
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    setComplaint(password === '' ? 'Choose a password.' : undefined)
    if (password === '' || state === 'busy') return
    setState('busy')
    const answer = await window.plumb.changePassword(address, password)
    if (!answer.ok) {
      setComplaint(answer.failure.message)
      setState('idle')
    } else if (answer.value.kind === 'form') setState(answer.value.form)
    else done()
  }
  const done = (): void => {
    setPassword('')
    setState('done')
  }
  return (
    <section className={style['section']} aria-label="Password">
      <h3>Password</h3>
      {typeof state === 'object' ? (
        <AccountQuestions
          address={address}
          form={state}
          known={
            new Map([
              ['username', [address]],
              ['password', [password]],
            ])
          }
          action="Change the password"
          onDone={done}
          onCancel={() => setState('idle')}
        />
      ) : (
        <form className={style['form']} onSubmit={event => void submit(event)} noValidate>
          <PasswordField
            label="New password"
            hint="You stay signed in here. Other devices have to sign in again."
            value={password}
            onValueChange={text => {
              setPassword(text)
              if (state === 'done') setState('idle')
            }}
            error={complaint}
            readOnly={state === 'busy'}
          />
          <div className={style['line']}>
            <p className={style['soft']} role="status">
              {state === 'done' && 'The password is changed.'}
            </p>
            <Button type="submit" disabled={state === 'busy'}>
              {state === 'busy' ? 'Changing…' : 'Change the password'}
            </Button>
          </div>
        </form>
      )}
    </section>
  )
}
