import { type FormEvent, useState } from 'react'
import type { AccountForm } from '../../shared/model/registration.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogButtons } from '../components/dialog.tsx'
import { PasswordField } from '../components/password-field.tsx'
import type { OpenDialog } from '../state/state.ts'
import { attempt, dispatch } from '../state/store.ts'
import { say } from '../words/say.ts'
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
    <Dialog title={say('account-dialog.title')} onClose={close}>
      <p className={style['address']}>
        <bdi dir="ltr">{address}</bdi>
      </p>
      <PasswordSection address={address} />
      <section className={style['section']} aria-label={say('account-dialog.here')}>
        <h3>{say('account-dialog.here')}</h3>
        <div className={style['line']}>
          <div>
            <p>{say('account-dialog.what-is-exported')}</p>
            <p className={style['soft']} role="status">
              {exported && say('account-dialog.exported')}
            </p>
          </div>
          <Button onClick={() => void exportAll()}>{say('account-dialog.export')}</Button>
        </div>
        <div className={style['line']}>
          <p>{say('account-dialog.what-removing-does')}</p>
          <Button onClick={open({ kind: 'remove-account', address })}>{say('account-dialog.remove')}</Button>
        </div>
      </section>
      <section className={style['section']} aria-label={say('account-dialog.on-server')}>
        <h3>{say('account-dialog.on-server')}</h3>
        <div className={style['line']}>
          <p>{say('account-dialog.what-deleting-does')}</p>
          <Button kind="danger" onClick={open({ kind: 'delete-account', address })}>
            {say('account-dialog.delete')}
          </Button>
        </div>
      </section>
      <DialogButtons>
        <Button kind="primary" onClick={close}>
          {say('account-dialog.done')}
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
    setComplaint(password === '' ? say('account-dialog.no-password') : undefined)
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
    <section className={style['section']} aria-label={say('account-dialog.password')}>
      <h3>{say('account-dialog.password')}</h3>
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
          action={say('account-dialog.change-password')}
          onDone={done}
          onCancel={() => setState('idle')}
        />
      ) : (
        <form className={style['form']} onSubmit={event => void submit(event)} noValidate>
          <PasswordField
            label={say('account-dialog.new-password')}
            hint={say('account-dialog.new-password-hint')}
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
              {state === 'done' && say('account-dialog.password-changed')}
            </p>
            <Button type="submit" disabled={state === 'busy'}>
              {state === 'busy'
                ? say('account-dialog.changing-password')
                : say('account-dialog.change-password')}
            </Button>
          </div>
        </form>
      )}
    </section>
  )
}
