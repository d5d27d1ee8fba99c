import { type FormEvent, useState } from 'react'
import type { AccountForm } from '../../shared/model/registration.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogButtons } from '../components/dialog.tsx'
import { TextField } from '../components/text-field.tsx'
import { currentState, dispatch } from '../state/store.ts'
import { say } from '../words/say.ts'
import { AccountQuestions } from './account-questions.tsx'
import { CheckedForm } from './checked-form.tsx'
import style from './dialog-parts.module.css'

type Step = 'warning' | 'typing' | 'deleting' | AccountForm

/** Asks twice before an account is given up: that cannot be taken back by anybody. */
export function DeleteAccountDialog({ address }: { readonly address: string }) {
  const [step, setStep] = useState<Step>('warning')
  const [typed, setTyped] = useState('')
  const [complaint, setComplaint] = useState<string>()
  const [failure, setFailure] = useState<string>()
  const close = (): void => dispatch({ type: 'close-dialog' })
  const done = (): void => {
    // With its last account the whole window is another one by now.
    if (currentState().dialog?.kind === 'delete-account') close()
  }
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    const isSame = typed.trim().toLowerCase() === address
    setComplaint(isSame ? undefined : say('delete-account.other-address'))
    setFailure(undefined)
    if (!isSame || step === 'deleting') return
    setStep('deleting')
    const answer = await window.plumb.deleteAccount(address)
    if (!answer.ok) {
      setFailure(answer.failure.message)
      setStep('typing')
    } else if (answer.value.kind === 'form') setStep(answer.value.form)
    else done()
  }
  return (
    <Dialog title={say('delete-account.title', { address })} onClose={close}>
      <p>{say('delete-account.consequence')}</p>
      {step === 'warning' ? (
        <>
          <p className={style['soft']}>{say('delete-account.before')}</p>
          <DialogButtons>
            <Button kind="quiet" onClick={close}>
              {say('delete-account.keep')}
            </Button>
            <Button kind="danger" onClick={() => setStep('typing')}>
              {say('delete-account.go-on')}
            </Button>
          </DialogButtons>
        </>
      ) : typeof step === 'object' ? (
        <AccountQuestions
          address={address}
          form={step}
          known={new Map([['username', [address]]])}
          action={say('delete-account.delete')}
          danger
          onDone={done}
          onCancel={close}
        />
      ) : (
        <CheckedForm busy={step === 'deleting'} invalid={complaint ?? failure} onSubmit={submit}>
          <TextField
            label={say('delete-account.type-address')}
            value={typed}
            onValueChange={setTyped}
            error={complaint}
            spellCheck={false}
            dir="ltr"
            autoComplete="off"
            readOnly={step === 'deleting'}
          />
          {failure !== undefined && (
            <p className={style['bad']} role="alert">
              {failure}
            </p>
          )}
          <DialogButtons>
            <Button kind="quiet" onClick={close}>
              {say('delete-account.keep')}
            </Button>
            <Button kind="danger" type="submit" disabled={step === 'deleting'}>
              {step === 'deleting' ? say('delete-account.deleting') : say('delete-account.delete')}
            </Button>
          </DialogButtons>
        </CheckedForm>
      )}
    </Dialog>
  )
}
