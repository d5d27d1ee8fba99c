import { type FormEvent, useState } from 'react'
import type { AccountForm } from '../../shared/model/registration.ts'
import { Button } from '../components/button.tsx'
import { type Answers, toSend } from '../state/form-answers.ts'
import { say } from '../words/say.ts'
import { CheckedForm } from './checked-form.tsx'
import style from './dialog-parts.module.css'
import { FormFields } from './form-fields.tsx'
import { useQuestions } from './use-questions.ts'

interface AccountQuestionsProps {
  readonly address: string
  readonly form: AccountForm
  /** What need not be typed once more. */
  readonly known: Answers
  /** What the answers are for, as the button says it. */
  readonly action: string
  readonly danger?: boolean
  readonly onDone: () => void
  readonly onCancel: () => void
}

/** What the server wants to know before it changes or deletes an account. */
export function AccountQuestions(props: AccountQuestionsProps) {
  const { address, form, known, action, danger = false, onDone, onCancel } = props
  const questions = useQuestions(form, known)
  const [busy, setBusy] = useState(false)
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (busy || !questions.check()) return
    setBusy(true)
    const answer = await window.plumb.answerAccountForm(address, toSend(questions.answers))
    setBusy(false)
    if (!answer.ok) questions.setFailure(answer.failure.message)
    else if (answer.value.kind === 'done') onDone()
    else questions.askAgain(answer.value.form)
  }
  return (
    <CheckedForm busy={busy} invalid={questions.complaints} onSubmit={submit}>
      <FormFields questions={questions} disabled={busy} />
      <div className={style['line']}>
        <Button kind="quiet" onClick={onCancel} disabled={busy}>
          {say('account-form.cancel')}
        </Button>
        <Button kind={danger ? 'danger' : 'primary'} type="submit" disabled={busy}>
          {action}
        </Button>
      </div>
    </CheckedForm>
  )
}
